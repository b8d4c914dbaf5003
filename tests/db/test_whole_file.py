"""Files appear whole under their name or not at all, and nothing is left beside them."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest

from db import citing, whole_file
from db.errors import UsageError
from db.whole_file import growing, whole, write_new


class StoppedError(Exception):
    """Ends a body in the middle."""


def stopped(path: Path) -> None:
    with whole(path) as file:
        file.write("half")
        assert [p for p in path.parent.iterdir() if p.name.startswith(f".{path.name}.") and p.suffix == ".new"]
        raise StoppedError


@pytest.mark.parametrize("before", [None, "old"])
def test_a_body_that_ends_early_leaves_what_was_there(tmp_path: Path, before: str | None) -> None:
    path = tmp_path / "out.txt"
    if before is not None:
        path.write_text(before)
    with pytest.raises(StoppedError):
        stopped(path)
    assert [p.name for p in tmp_path.iterdir()] == ([] if before is None else ["out.txt"])
    if before is not None:
        assert path.read_text() == before


def test_while_it_is_written_nobody_sees_a_part(tmp_path: Path) -> None:
    path = tmp_path / "out.txt"
    path.write_text("old")
    with whole(path) as file:
        file.write("new")
        file.flush()
        assert path.read_text() == "old"
    assert path.read_text() == "new"
    assert [p.name for p in tmp_path.iterdir()] == ["out.txt"]


def growing_until_it_stops(path: Path) -> None:
    with growing(path) as under_way:
        under_way.file.write("first é\n")
        under_way.keep()
        under_way.file.write("second\n")
        raise StoppedError


def test_what_was_kept_stands_when_the_rest_fails(tmp_path: Path) -> None:
    with pytest.raises(StoppedError):
        growing_until_it_stops(tmp_path / "r.csv")
    assert (tmp_path / "r.csv").read_text(encoding="utf-8") == "first é\n"
    assert [p.name for p in tmp_path.iterdir()] == ["r.csv"]


def test_a_name_taken_meanwhile_is_not_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "out.txt"
    with pytest.raises(UsageError, match="another program"), whole(path, replace=False):
        path.write_text("theirs")
    assert path.read_text() == "theirs"
    assert [p.name for p in tmp_path.iterdir()] == ["out.txt"]
    with pytest.raises(UsageError, match="exists already"):
        write_new(path, "mine")


def test_a_citation_that_cannot_be_written_leaves_no_part(tmp_path: Path) -> None:
    """Half of a pair is no text that a file can hold: the fault comes after the first words."""
    with pytest.raises(UnicodeEncodeError):
        citing.write_file(tmp_path / "cite.txt", "words " * 10_000 + "\ud800")
    assert list(tmp_path.iterdir()) == []


def test_a_link_is_followed_and_a_pipe_stays_a_pipe(tmp_path: Path) -> None:
    (tmp_path / "link.txt").symlink_to(tmp_path / "out.txt")
    with whole(tmp_path / "link.txt") as file:
        file.write("new")
    assert (tmp_path / "link.txt").is_symlink()
    assert (tmp_path / "out.txt").read_text() == "new"
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    got: list[str] = []
    reading = threading.Thread(target=lambda: got.append(pipe.read_text()))
    reading.start()
    with whole(pipe) as file:
        file.write("through")
    reading.join(10)
    assert got == ["through"]
    assert pipe.is_fifo()


def test_a_folder_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="No such file"), whole(tmp_path / "no" / "no"):
        pass


def test_what_goes_to_a_terminal_by_its_name_is_made_visible(tmp_path: Path) -> None:
    master, slave = os.openpty()
    try:
        with whole(Path(os.ttyname(slave))) as out:
            out.write("title\x1b]0;owned\x07\x1b]52;c;UFdORUQ=\x07\r\n")
        seen = os.read(master, 4096)
    finally:
        os.close(slave)
        os.close(master)
    assert seen.startswith(b"title") and b"owned" in seen
    assert not set("\x1b\x07\x9b") & set(seen.decode())


@pytest.mark.parametrize("prepared", ["link", "pipe"])
def test_what_stands_under_the_hidden_name_is_neither_written_through_nor_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, prepared: str
) -> None:
    """Should a stranger guess it after all: the file is opened as a new one only."""
    hidden, others, path = tmp_path / "hidden", tmp_path / "others.txt", tmp_path / "out.txt"
    others.write_text("precious")
    if prepared == "link":
        hidden.symlink_to(others)
    else:
        os.mkfifo(hidden)
    monkeypatch.setattr(whole_file, "unfinished", lambda _: hidden)
    with pytest.raises(UsageError, match="nothing was overwritten"), whole(path) as file:
        file.write("new")
    assert others.read_text() == "precious" and not path.exists()


def test_hidden_names_cannot_be_guessed(tmp_path: Path) -> None:
    names = {whole_file.unfinished(tmp_path / "out.txt").name for _ in range(50)}
    assert len(names) == 50 and all(str(os.getpid()) not in name.split(".") for name in names)


@pytest.mark.parametrize("rights", [0o600, 0o640, 0o664])
def test_what_is_written_over_keeps_its_rights(tmp_path: Path, rights: int) -> None:
    path = tmp_path / "out.txt"
    path.write_text("old")
    path.chmod(rights)
    with whole(path) as file:
        (making,) = (p for p in tmp_path.iterdir() if p != path)
        assert making.stat().st_mode & 0o777 == rights, "nor can be read while it is made"
        file.write("new")
    assert (path.read_text(), path.stat().st_mode & 0o777) == ("new", rights)
