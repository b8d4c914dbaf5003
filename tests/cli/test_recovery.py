"""docs/recovery.md: every command in it, run as it stands there on a store with the trouble that it is for."""

from __future__ import annotations

import re
import shlex
import shutil
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path

import pytest

import main
from tests.cli.conftest import TEXT, Dateline

DOCS = (Path(__file__).parents[2] / "docs" / "recovery.md").read_text(encoding="utf-8")
COMMANDS = [
    line.partition("#")[0].strip() for block in re.findall(r"```sh\n(.*?)```", DOCS, re.DOTALL) for line in block.splitlines()
]  # fmt: skip
COPY = "mkdir evidence && cp -p store.db* evidence/"


@pytest.fixture
def here(story: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, dateline: Dateline) -> Path:
    """A working directory with store.db, on which some work was done."""
    folder = tmp_path / "work"
    folder.mkdir()
    shutil.copyfile(story, folder / "store.db")
    monkeypatch.chdir(folder)
    for words in (("star", "first"), ("note", "first", "a word"), ("tag", "second", "x")):
        assert dateline(*words, "--store", "store.db").status == 0
    with closing(sqlite3.connect("store.db")) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return folder


def run(dateline: Dateline, command: str, status: int = 0, **values: str) -> str:
    """Run one of the document's commands and return what it printed."""
    assert command in COMMANDS, command
    words = [values.get(word, word) for word in shlex.split(command)]
    assert words[0] == "dateline"
    done = dateline(*words[1:])
    assert done.status == status, (command, done)
    return done.out + done.err


def damage(path: Path) -> None:
    """Break the table of quotes."""
    with closing(sqlite3.connect(path)) as connection:
        (page,) = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = 'note'").fetchone()
    raw = bytearray(path.read_bytes())
    raw[(page - 1) * 4096 : page * 4096] = b"\xee" * 4096
    path.write_bytes(raw)


def test_a_wrong_write(here: Path, dateline: Dateline) -> None:
    assert "nothing is wrong" in run(dateline, "dateline verify --store store.db")
    assert "tag second: x" in run(dateline, "dateline log --store store.db")
    assert "+ incident tag of second" in run(dateline, "dateline log --rows --limit 1 --store store.db")
    assert "undone: tag second" in run(dateline, "dateline undo --store store.db")
    assert "done again" in run(dateline, "dateline redo --store store.db")
    assert "undone: star first" in run(dateline, 'dateline undo 2 --reason "wrong incident" --store store.db')


def test_backup_and_restore(here: Path, dateline: Dateline) -> None:
    printed = run(dateline, "dateline backup backup.db --store store.db")
    (head,) = re.findall(r"\b[0-9a-f]{64}\b", printed)
    assert run(dateline, "dateline log --has HASH --store store.db", HASH=head)
    damage(here / "store.db")
    assert dateline("verify", "--store", "store.db").status == 1
    assert "store.db.before-" in run(dateline, "dateline restore backup.db --store store.db")
    assert "nothing is wrong" in run(dateline, "dateline verify --store store.db")
    run(dateline, "dateline log --has HASH --store store.db", HASH=head)
    (before,) = here.glob("store.db.before-*[0-9Z]")
    assert len(dateline("list", "--store", before).out.splitlines()) == 2


def test_rescue(here: Path, dateline: Dateline) -> None:
    dateline("export", "--as", "jsonl", "-o", "older.jsonl", "--store", "store.db")
    assert COPY in COMMANDS
    subprocess.run(COPY, shell=True, check=True)
    assert (here / "evidence" / "store.db").read_bytes() == (here / "store.db").read_bytes()
    damage(here / "store.db")
    raw = (here / "store.db").read_bytes()
    assert "note: 0 rows saved; unreadable" in run(dateline, "dateline rescue store.db saved.db", status=1)
    assert (here / "store.db").read_bytes() == raw
    assert "nothing is wrong" in run(dateline, "dateline verify --store saved.db")
    assert "rescue from store.db" in run(dateline, "dateline log --limit 5 --store saved.db")
    run(dateline, "dateline export --as jsonl -o saved.jsonl --store saved.db")
    older = {line for line in Path("older.jsonl").read_text().splitlines() if '"incident"' in line}
    assert older - set(Path("saved.jsonl").read_text().splitlines()), "the note was lost"
    run(dateline, "dateline import older.jsonl --as jsonl --store saved.db")
    assert "a word" in dateline("show", "first", "--store", "saved.db").out
    assert dateline("undo", "--store", "saved.db").status == 0


def test_a_text_that_was_changed(here: Path, dateline: Dateline) -> None:
    (here / "article.txt").write_bytes(TEXT.encode())
    assert dateline("attach", "article.txt", "--document", "sol", "--store", "store.db").status == 0
    with closing(sqlite3.connect("store.db")) as connection:
        connection.execute("UPDATE document SET text = replace(text, 'Nobody', 'Somebody')")
        connection.commit()
    assert "WRONG" in run(dateline, "dateline verify --store store.db", status=1)
    run(dateline, "dateline attach article.txt --store store.db")
    assert "nothing is wrong" in run(dateline, "dateline verify --store store.db")


def test_no_command_of_the_page_is_untried() -> None:
    tried = Path(__file__).read_text(encoding="utf-8")
    assert [command for command in COMMANDS if command and command not in tried] == []


def test_the_page_that_messages_point_to_is_there() -> None:
    said = Path(main.__file__).with_name("db").joinpath("store.py").read_text(encoding="utf-8")
    assert "docs/recovery.md" in said and DOCS.startswith("# When a store is damaged")
