"""Paths that an attack gave to the commands: nothing named as output harms a store, and nothing hangs."""

from __future__ import annotations

import os
import shutil
import stat
import threading
from pathlib import Path

import pytest

from db import edit, whole_file
from db.own_store import own_store
from db.store import Store
from tests.cli.conftest import Dateline, lines, listed, state

pytestmark = pytest.mark.usefixtures("no_hanging")


# -- what is written to --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("how", ["itself", "hard link", "symbolic link", "-wal", "-shm", "-journal", "own", "own link"])
def test_no_text_is_written_over_a_store_or_a_part_of_it(
    how: str, dateline: Dateline, bad: Path, seeded: Path, tmp_path: Path
) -> None:
    store = seeded
    named: list[str | Path] = ["--store", store]
    if how.startswith("own"):
        store, named = own_store(), []
        store.parent.mkdir(parents=True)
        seeded.rename(store)
    target = tmp_path / "target.csv"
    if how in ("symbolic link", "own link"):
        target.symlink_to(store)
    elif how != "hard link":
        target = store.with_name(store.name + (how if how.startswith("-") else ""))
    with Store.open(store, write=True) as open_one:
        edit.star(open_one, 1, True)  # stands in the write-ahead log alone
        if how == "hard link":
            os.link(store, target)  # only now: a file of two names is not opened for writing
        before = state(store)
        runs = [
            dateline("import", bad, "--as", "csv", "--map", tmp_path / "m.toml", "--rejects", target, *named),
            dateline("export", "--as", "csv", "-o", target, *named),
            dateline("cite", "victory-drones-2021-06-21", "-o", target, *named),
            dateline("backup", target, "--force", *named),
            dateline("export", "--as", "sqlite", "-o", target, *named),
        ]
        for done in runs:
            assert done.status == 2, done
            assert lines(done.err) == 1
        assert state(store) == before
    if how == "hard link":
        target.unlink()
    assert dateline("verify", "--store", store).status == 0


def test_rejects_are_not_written_to_what_is_read_or_made(dateline: Dateline, bad: Path, tmp_path: Path) -> None:
    words = (tmp_path / "m.toml").read_text()
    new = tmp_path / "new.db"
    (tmp_path / "hard.toml").hardlink_to(tmp_path / "m.toml")
    for rejects, said in (
        (bad, "is read by this command"),
        (tmp_path / "m.toml", "is read by this command"),
        (tmp_path / "hard.toml", "is read by this command"),
        (new, "is the store itself"),
        (tmp_path / "new.db-wal", "is where SQLite keeps a part"),
        (tmp_path, "is a directory"),
    ):
        done = dateline(
            "import", bad, "--as", "csv", "--map", tmp_path / "m.toml", "--rejects", rejects, "--store", new
        )
        assert (done.status, lines(done.err)) == (2, 1) and said in done.err, done
        assert not new.exists()
    assert (tmp_path / "m.toml").read_text() == words
    done = dateline("import", bad, "--as", "csv", "--map", tmp_path / "m.toml", "--rejects", own_store())
    assert done.status == 2 and not own_store().exists(), "the store that would be made"


def test_rejects_replace_nothing_but_rejects(dateline: Dateline, bad: Path, story: Path, tmp_path: Path) -> None:
    rejects = tmp_path / "r.csv"
    rejects.write_text("precious words")
    arguments = ("import", bad, "--as", "csv", "--dates", "dmy", "--map", tmp_path / "m.toml", "--store", story)
    done = dateline(*arguments, "--rejects", rejects)
    assert (done.status, lines(done.err)) == (2, 1) and "holds no rejected rows" in done.err
    assert rejects.read_text() == "precious words"
    rejects.unlink()
    for _ in range(2):
        assert dateline(*arguments, "--rejects", rejects).status == 0
        assert rejects.read_text().splitlines()[1].startswith("3,")


def test_another_database_is_not_exported_over(dateline: Dateline, story: Path, seeded: Path) -> None:
    before = story.read_bytes()
    done = dateline("export", "--as", "csv", "-o", story, "--store", seeded)
    assert (done.status, lines(done.err)) == (2, 1) and "is a database" in done.err
    assert story.read_bytes() == before


def test_a_pipe_and_a_device_are_written_through(
    dateline: Dateline, seeded: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    monkeypatch.setattr(whole_file, "READER_WAIT_S", 0.1)
    done = dateline("export", "--as", "csv", "-o", pipe, "--store", seeded)
    assert (done.status, lines(done.err)) == (2, 1) and "nobody reads" in done.err
    monkeypatch.setattr(whole_file, "READER_WAIT_S", 10)
    got: list[bytes] = []
    reader = threading.Thread(target=lambda: got.append(pipe.read_bytes()))
    reader.start()
    assert dateline("export", "--as", "csv", "-o", pipe, "--store", seeded).status == 0
    reader.join(10)
    assert got[0].startswith(b"key,") or got[0].count(b"\n") > 40
    assert stat.S_ISFIFO(os.lstat(pipe).st_mode)
    (tmp_path / "null").symlink_to("/dev/null")
    assert dateline("export", "--as", "csv", "-o", tmp_path / "null", "--store", seeded).status == 0
    assert (tmp_path / "null").is_symlink() and stat.S_ISCHR(os.stat("/dev/null").st_mode)


@pytest.mark.parametrize("kind", ["pipe", "file"])
def test_a_descriptor_is_written_on_where_it_stands(
    kind: str, dateline: Dateline, seeded: Path, tmp_path: Path
) -> None:
    """`export -o /dev/fd/N >> log` goes on behind what is there; a process substitution is a pipe of that kind."""
    if kind == "pipe":
        reading, writing = os.pipe()
    else:
        writing = os.open(tmp_path / "log", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        os.write(writing, b"before\n")
    try:
        done = dateline("export", "date:1800", "--as", "csv", "-o", f"/dev/fd/{writing}", "--store", seeded)
        assert done.status in (0, 1), done
    finally:
        os.close(writing)
    if kind == "pipe":
        with open(reading, "rb") as file:
            assert file.read().startswith(b"key,")
    else:
        assert (tmp_path / "log").read_bytes().startswith(b"before\nkey,")


def test_rejects_through_a_pipe_that_nobody_reads_do_not_wait(
    dateline: Dateline, bad: Path, seeded: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    os.mkfifo(tmp_path / "pipe")
    monkeypatch.setattr(whole_file, "READER_WAIT_S", 0.1)
    before = state(seeded)
    done = dateline(
        "import", bad, "--as", "csv", "--map", tmp_path / "m.toml", "--rejects", tmp_path / "pipe", "--store", seeded
    )
    assert (done.status, lines(done.err)) == (2, 1) and state(seeded) == before


@pytest.mark.parametrize("kind", ["pipe", "directory", "link to nowhere", "link to a pipe"])
def test_backup_and_restore_leave_alone_what_is_no_file(
    kind: str, dateline: Dateline, seeded: Path, tmp_path: Path
) -> None:
    odd = tmp_path / "odd"
    if kind == "directory":
        odd.mkdir()
    elif kind == "pipe":
        os.mkfifo(odd)
    elif kind == "link to a pipe":
        os.mkfifo(tmp_path / "pipe")
        odd.symlink_to(tmp_path / "pipe")
    else:
        odd.symlink_to(tmp_path / "nowhere")
    there = listed(tmp_path)
    mode = os.lstat(odd).st_mode
    for done in (
        dateline("backup", odd, "--force", "--store", seeded),
        dateline("restore", seeded, "--store", odd),
        dateline("restore", odd, "--store", seeded),
        dateline("rescue", seeded, odd),
        dateline("rescue", odd, tmp_path / "rescued.db"),
        dateline("export", "--as", "sqlite", "-o", odd, "--store", seeded),
    ):
        assert done.status in (2, 3) and lines(done.err) == 1, done
    assert os.lstat(odd).st_mode == mode
    assert listed(tmp_path) == there


@pytest.mark.parametrize("side", ["-wal", "-journal"])
def test_no_new_store_takes_the_writes_that_another_left(
    side: str, dateline: Dateline, seeded: Path, tmp_path: Path
) -> None:
    left = tmp_path / f"gone.db{side}"
    left.write_bytes(b"acknowledged writes")
    gone = tmp_path / "gone.db"
    for done in (
        dateline("backup", gone, "--store", seeded),
        dateline("restore", seeded, "--store", gone),
        dateline("rescue", seeded, gone),
        dateline("seed", "--store", gone),
        dateline("export", "--as", "sqlite", "-o", gone, "--store", seeded),
    ):
        assert (done.status, lines(done.err)) == (2, 1) and left.name in done.err, done
    assert not gone.exists() and left.read_bytes() == b"acknowledged writes"


# -- what is read --------------------------------------------------------------------------------------------------


# -- backups that lie ----------------------------------------------------------------------------------------------


# -- what is said --------------------------------------------------------------------------------------------------


def test_nothing_is_imported_where_the_rejects_cannot_be_kept(
    dateline: Dateline, bad: Path, seeded: Path, tmp_path: Path
) -> None:
    bad.write_text("id,title,date\n1,A,2021-05-01\n2,B,no day\n")
    (tmp_path / "m.toml").write_text('origin = "o"\n[columns]\nid = "id"\ntitle = "title"\ndate = "date"\n')
    asked = ("import", bad, "--as", "csv", "--map", tmp_path / "m.toml", "--store", seeded)
    before = dateline("count", "--store", seeded).out
    done = dateline(*asked, "--rejects", "/dev/full")
    assert (done.status, lines(done.err)) == (2, 1) and "cannot write /dev/full" in done.err
    assert dateline("count", "--store", seeded).out == before
    assert dateline(*asked, "--rejects", tmp_path / "rejects.csv").status == 0


@pytest.mark.parametrize(
    "command", ["backup {}", "export --as sqlite -o {}", "restore {store} --store {}", "rescue {store} {}"]
)
def test_a_folder_that_is_not_there_leaves_nothing_elsewhere(
    command: str, dateline: Dateline, seeded: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of x/../y SQLite asks for no x."""
    monkeypatch.chdir(seeded.parent)
    names = set(os.listdir())
    words = [word.format("x/../y.db", store=seeded.name) for word in command.split()]
    done = dateline(*words, *(() if "{store}" in command else ("--store", seeded)))
    assert done.status in (2, 3) and "there is no folder x/.." in done.err and lines(done.err) == 1
    assert {name for name in os.listdir() if not name.endswith(("-wal", "-shm"))} == names


@pytest.mark.parametrize("name", ["nothere/..", "..", "nothere/../.."])
@pytest.mark.parametrize(
    "words",
    [
        ("backup", "{}", "--store", "store.db"),
        ("rescue", "store.db", "{}"),
        ("export", "--as", "csv", "-o", "{}", "--store", "store.db"),
        ("export", "--as", "sqlite", "-o", "{}", "--store", "store.db"),
        ("seed", "--store", "{}"),
        ("restore", "store.db", "--store", "{}"),
    ],
    ids=lambda words: " ".join(words[:3]),
)
def test_a_name_that_only_a_folder_can_have_is_refused(
    dateline: Dateline, story: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...], name: str
) -> None:
    folder = tmp_path / "here"
    folder.mkdir()
    shutil.copy(story, folder / "store.db")
    monkeypatch.chdir(folder)
    for path in (name, f"/{name}"):
        done = dateline(*(word.format(path) for word in words))
        assert done.status in (2, 3) and done.err.count("\n") == 1
        assert f"{path} " in done.err or f"{path}:" in done.err
    assert not [file for file in folder.iterdir() if not file.name.startswith("store.db")]
    assert not Path("/nothere").exists()
