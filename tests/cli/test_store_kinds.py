"""Stores that are none, are damaged, newer, older, read-only or locked: one clear line and status 3, or it works."""

from __future__ import annotations

import os
import random
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlite_utils import Database

import main
from db import schema, store

Dateline = Callable[..., Any]
Open = Callable[..., sqlite3.Connection]

READS = (["list"], ["list", "--json"], ["count", "--by", "type"], ["show", "first"], ["info"], ["verify"])
WRITES = (["seed"], ["attach", "{text}", "--document", "sol"])


def refused(
    dateline: Dateline, path: Path, text: Path, *words: str, commands: tuple[list[str], ...] = READS + WRITES
) -> None:
    """Every command on `path` ends with status 3 and one line with `words`, and changes nothing there."""
    before = path.read_bytes() if path.is_file() else None
    for command in commands:
        done = dateline(*(part.format(text=text) for part in command), "--store", path)
        assert (done.status, done.out) == (3, ""), (command, done)
        assert done.err.startswith("dateline: ")
        assert done.err.count("\n") == 1, done.err
        assert str(path) in done.err
        for word in words:
            assert word in done.err, done.err
    assert (path.read_bytes() if path.is_file() else None) == before


def test_not_a_store(dateline: Dateline, tmp_path: Path, text_file: Path) -> None:
    refused(dateline, text_file, text_file, "not a SQLite file")


def test_a_directory(dateline: Dateline, tmp_path: Path, text_file: Path) -> None:
    refused(dateline, tmp_path, text_file, "is a directory")


def test_a_missing_file_is_not_made_by_reading(dateline: Dateline, tmp_path: Path, text_file: Path) -> None:
    path = tmp_path / "none.db"
    refused(dateline, path, text_file, "no store at", "dateline seed", commands=(*READS, WRITES[1]))
    assert not path.exists()
    assert dateline("seed", "--store", path).status == 0
    assert dateline("list", "--store", path).status == 0


def test_a_place_where_no_store_can_be_made(dateline: Dateline, text_file: Path) -> None:
    done = dateline("seed", "--store", text_file / "below.db")
    assert (done.status, done.out, done.err.count("\n")) == (3, "", 1)


def test_an_empty_file(dateline: Dateline, tmp_path: Path, text_file: Path) -> None:
    path = tmp_path / "empty.db"
    path.touch()
    refused(dateline, path, text_file, "is empty")


def test_another_program_s_file(dateline: Dateline, tmp_path: Path, text_file: Path) -> None:
    path = tmp_path / "other.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE incident (id INTEGER PRIMARY KEY)")
    refused(dateline, path, text_file, "not a Dateline store")


def test_a_fifo_does_not_hang(dateline: Dateline, tmp_path: Path, text_file: Path) -> None:
    path = tmp_path / "pipe"
    os.mkfifo(path)
    refused(dateline, path, text_file, "not a regular file")


def test_a_newer_store(dateline: Dateline, story: Path, text_file: Path) -> None:
    with closing(sqlite3.connect(story)) as connection:
        connection.execute(f"PRAGMA user_version = {schema.VERSION + 1}")
        connection.execute("PRAGMA journal_mode = DELETE")
    refused(dateline, story, text_file, "newer Dateline", "update")


def test_an_older_store_is_upgraded_and_a_copy_kept(dateline: Dateline, tmp_path: Path) -> None:
    path = tmp_path / "older.db"
    with closing(sqlite3.connect(path)) as connection:
        schema.upgrade(Database(connection), stop_before="s0003_changes")
        connection.execute("INSERT INTO incident (key, title, date_edtf) VALUES ('old', 'Old', '2021-05')")
        connection.commit()
        assert connection.execute("PRAGMA user_version").fetchone()[0] == 2
    done = dateline("list", "--store", path)
    assert "old" in done.out
    assert "upgrading it from store version 2" in done.err
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA user_version").fetchone()[0] == schema.VERSION
        assert connection.execute("SELECT count(*) FROM sqlite_master WHERE name = 'change'").fetchone()[0] == 1
    (copy,) = tmp_path.glob("older.db.version-2.*")
    with closing(sqlite3.connect(copy)) as connection:
        assert connection.execute("PRAGMA user_version").fetchone()[0] == 2
        assert connection.execute("SELECT key FROM incident").fetchall() == [("old",)]
    assert dateline("verify", "--store", path).status == 0
    assert len(list(tmp_path.glob("older.db.version-*"))) == 1, "upgraded once"


# -- damage -------------------------------------------------------------------------------------------------------


def test_a_truncated_store(dateline: Dateline, story: Path, text_file: Path) -> None:
    whole = story.read_bytes()
    story.write_bytes(whole[: len(whole) // 2])
    refused(dateline, story, text_file, "damaged", commands=(["list"], ["count"], ["info"], ["seed"]))


def test_a_store_overwritten_from_its_second_page_on(dateline: Dateline, story: Path, text_file: Path) -> None:
    whole = story.read_bytes()
    story.write_bytes(whole[:4096] + b"\xa5" * (len(whole) - 4096))
    refused(dateline, story, text_file, "damaged", commands=(["list"], ["count"], ["info"], ["seed"]))
    assert dateline("verify", "--store", story).status in (1, 3)


def test_no_flipped_byte_makes_a_traceback_or_a_write(dateline: Dateline, story: Path) -> None:
    whole = story.read_bytes()
    chance = random.Random(20210508)
    statuses = set()
    for _ in range(60):
        damaged = bytearray(whole)
        for at in chance.sample(range(len(whole)), chance.choice((1, 20, 400))):
            damaged[at] ^= 1 << chance.randrange(8)
        story.write_bytes(damaged)
        for command in (["list", "--json"], ["show", "first"], ["verify"]):
            done = dateline(*command, "--store", story)
            statuses.add(done.status)
            assert done.status in (0, 1, 2, 3)
            assert done.err.count("\n") <= 1, done.err
        assert story.read_bytes() == damaged
    assert {0, 3} <= statuses, "some damage is harmless and some is not"


# -- read-only ----------------------------------------------------------------------------------------------------


@pytest.fixture
def elsewhere(story: Path) -> Iterator[Path]:
    """The story in a folder that every user can reach (a test's own folder is closed to others)."""
    folder = Path(tempfile.mkdtemp(prefix="dateline-"))
    folder.chmod(0o755)
    shutil.copyfile(story, folder / "story.db")
    (folder / "story.db").chmod(0o644)
    yield folder / "story.db"
    folder.chmod(0o755)
    shutil.rmtree(folder)


def as_plain_user(*arguments: str | Path) -> tuple[int, str, str]:
    """Run a command line in a child that is not root, whom no permission would stop: (status, stdout, stderr)."""
    main.run(["--version"])
    with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as err:
        child = os.fork()
        if child == 0:
            status = 70
            try:
                if os.geteuid() == 0:
                    os.setgid(65534)
                    os.setuid(65534)
                sys.stdout, sys.stderr = out, err
                status = main.run([str(argument) for argument in arguments])
                out.flush()
                err.flush()
            finally:
                os._exit(status)
        _, ended = os.waitpid(child, 0)
        out.seek(0)
        err.seek(0)
        return os.waitstatus_to_exitcode(ended), out.read(), err.read()


@pytest.fixture
def imported(dateline: Dateline, seeded: Path, text_file: Path) -> None:
    """Every module that a command needs, imported while this process may still read them all."""
    for command in READS:
        dateline(*command, "--store", seeded)
    dateline("seed", "--store", seeded)
    dateline("attach", text_file, "--store", seeded)


@pytest.mark.usefixtures("imported")
@pytest.mark.parametrize("what", ["file", "folder", "both"])
def test_a_read_only_store_is_read_and_refuses_to_be_written(elsewhere: Path, what: str) -> None:
    text = elsewhere.with_name("sol.txt")
    text.write_text("A drone struck the depot")
    text.chmod(0o644)
    if what != "folder":
        elsewhere.chmod(0o444)
    elif os.geteuid() == 0:
        os.chown(elsewhere, 65534, 65534)
    if what != "file":
        elsewhere.parent.chmod(0o555)
    elif os.geteuid() == 0:
        os.chown(elsewhere.parent, 65534, 65534)
    before = {entry.name: entry.read_bytes() for entry in elsewhere.parent.iterdir()}
    for command in READS:
        status, out, err = as_plain_user(*command, "--store", elsewhere)
        assert (status, err) == (0, ""), command
        assert out
    for command in WRITES:
        status, out, err = as_plain_user(*(part.format(text=text) for part in command), "--store", elsewhere)
        assert (status, out) == (3, ""), command
        assert err.count("\n") == 1
        assert "cannot be written" in err
    after = {entry.name: entry.read_bytes() for entry in elsewhere.parent.iterdir()}
    assert {name: raw for name, raw in after.items() if not name.endswith(("-shm", "-wal"))} == before


@pytest.mark.usefixtures("imported")
def test_a_store_that_may_not_be_read(elsewhere: Path) -> None:
    elsewhere.chmod(0o000)
    status, out, err = as_plain_user("list", "--store", elsewhere)
    assert (status, out, err.count("\n")) == (3, "", 1)
    assert "cannot read" in err


@pytest.mark.usefixtures("imported")
@pytest.mark.parametrize("command", [["list"], ["seed"]])
def test_a_folder_that_may_not_be_entered(elsewhere: Path, command: list[str]) -> None:
    elsewhere.parent.chmod(0o600)
    status, out, err = as_plain_user(*command, "--store", elsewhere)
    assert (status, out, err.count("\n")) == (3, "", 1)
    assert "Permission denied" in err


@pytest.mark.usefixtures("imported")
def test_an_older_store_that_cannot_be_written_says_so(elsewhere: Path) -> None:
    elsewhere.unlink()
    with closing(sqlite3.connect(elsewhere)) as connection:
        schema.upgrade(Database(connection), stop_before="s0003_changes")
    elsewhere.chmod(0o444)
    elsewhere.parent.chmod(0o555)
    status, out, err = as_plain_user("list", "--store", elsewhere)
    assert (status, out, err.count("\n")) == (3, "", 1)
    assert "older store" in err


# -- locked -------------------------------------------------------------------------------------------------------

HOLD = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("PRAGMA journal_mode = " + sys.argv[2])
connection.execute("PRAGMA locking_mode = " + sys.argv[3])
connection.execute("BEGIN EXCLUSIVE")
connection.execute("UPDATE incident SET summary = 'held'")
print("held", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def hold(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., None]]:
    """Lock a store from another process until the test ends: hold(path, journal mode, locking mode)."""
    monkeypatch.setattr(store, "BUSY_MS", 100)
    holders: list[subprocess.Popen[str]] = []

    def start(path: Path, journal: str, locking: str = "NORMAL") -> None:
        process = subprocess.Popen(
            [sys.executable, "-c", HOLD, path, journal, locking],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        holders.append(process)
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"

    yield start
    for process in holders:
        process.communicate(timeout=10)


def test_a_store_locked_in_rollback_mode(
    dateline: Dateline, story: Path, text_file: Path, hold: Callable[..., None]
) -> None:
    hold(story, "DELETE")
    refused(dateline, story, text_file, "locked by another program")


def test_a_store_locked_in_wal_mode_is_read_but_not_written(
    dateline: Dateline, story: Path, text_file: Path, hold: Callable[..., None]
) -> None:
    hold(story, "WAL")
    for command in READS:
        assert dateline(*command, "--store", story).status == 0, command
    assert "held" not in dateline("show", "first", "--store", story).out
    refused(dateline, story, text_file, "locked by another program", commands=WRITES)


def test_a_wal_store_in_exclusive_locking_mode(
    dateline: Dateline, story: Path, text_file: Path, hold: Callable[..., None]
) -> None:
    hold(story, "WAL", "EXCLUSIVE")
    refused(dateline, story, text_file, "locked by another program")
