"""Backup and restore: whole or not at all, consistent while others write, and never without a copy of what was there."""

from __future__ import annotations

import errno
import os
import shutil
import sqlite3
import subprocess
import sys
import threading
from contextlib import closing
from pathlib import Path

import pytest

from db import backup as backup_module
from db import edit, history, log, schema
from db import restore as module
from db.backup import backup
from db.errors import StoreError, UsageError
from db.restore import restore
from db.store import Store
from db.verify import findings

ROOT = Path(__file__).parents[2]


def rows(path: Path) -> dict[str, list[tuple[object, ...]]]:
    with Store.open(path) as store:
        return {
            table: store.connection.execute(f"SELECT * FROM {table} ORDER BY 1").fetchall()
            for table in (*log.TABLES, "incident_text")
        }


def beside(path: Path) -> list[str]:
    """Names of the files in a store's folder that are no side files of SQLite."""
    return sorted(p.name for p in path.parent.iterdir() if p.is_file() and not p.name.endswith(("-wal", "-shm")))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "backups"
    path.mkdir()
    return path


def test_a_backup_is_the_store_in_one_file(seeded: Path, folder: Path) -> None:
    with Store.open(seeded, write=True) as store:
        edit.star(store, 3, True)  # stands in the write-ahead log alone
        told: list[tuple[int, int]] = []
        copied = backup(store, folder / "b.db", progress=lambda done, of: told.append((done, of)))
        head = store.connection.execute("SELECT hash FROM log ORDER BY id DESC").fetchone()[0]
    assert (copied.incidents, copied.log_rows, copied.head, copied.aside) == (45, 2, head, None)
    assert told and told[-1][0] == told[-1][1] > 0
    assert os.listdir(folder) == ["b.db"]
    assert rows(folder / "b.db") == rows(seeded)


def test_nothing_is_overwritten(seeded: Path, folder: Path) -> None:
    target = folder / "b.db"
    target.write_text("my own words")
    with Store.open(seeded) as store:
        with pytest.raises(UsageError, match="exists already"):
            backup(store, target)
        assert target.read_text() == "my own words" and os.listdir(folder) == ["b.db"]
        copied = backup(store, target, force=True)
        assert copied.aside is not None and copied.aside.read_text() == "my own words"
        again = backup(store, target, force=True)
        assert again.aside not in (None, copied.aside)
        with pytest.raises(UsageError, match="is the store itself"):
            backup(store, seeded, force=True)
        (folder / "dir").mkdir()
        with pytest.raises(UsageError, match="is a directory"):
            backup(store, folder / "dir", force=True)
        with pytest.raises(StoreError, match="cannot write"):
            backup(store, folder / "nowhere" / "b.db")
    assert rows(target) == rows(seeded)


def test_a_backup_that_fails_leaves_nothing(seeded: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(making: Path, path: Path) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(backup_module, "put_whole", full)
    with Store.open(seeded) as store, pytest.raises(StoreError, match="No space left"):
        backup(store, folder / "b.db")
    assert os.listdir(folder) == []


def test_a_backup_is_one_moment_while_others_write(seeded: Path, folder: Path) -> None:
    """A writer adds an incident and its tag in one write, on and on; no backup may have one without the other."""
    stop = threading.Event()
    written = [0]

    def write() -> None:
        with Store.open(seeded, write=True) as store:
            while not stop.is_set():
                number = written[0]
                with store.write(f"pair {number}") as connection:
                    connection.execute("INSERT INTO incident (key, title) VALUES (?, 'T')", (f"pair-{number}",))
                    connection.execute("INSERT INTO tag (name) VALUES (?)", (f"pair-{number}",))
                written[0] += 1

    thread = threading.Thread(target=write)
    thread.start()
    try:
        seen = set()
        with Store.open(seeded) as store:
            for number in range(12):
                before = written[0]
                copied = backup(store, folder / f"{number}.db")
                assert copied.incidents >= 45 + before
                with Store.open(folder / f"{number}.db") as copy:
                    pairs = copy.connection.execute("SELECT count(*) FROM incident WHERE key LIKE 'pair-%'").fetchone()
                    assert pairs == copy.connection.execute("SELECT count(*) FROM tag").fetchone()
                    assert [f for f in findings(copy.connection) if f.wrong] == []
                    seen.add(pairs[0])
    finally:
        stop.set()
        thread.join()
    assert len(seen) > 1, "nobody wrote meanwhile"


def test_a_restore_keeps_what_was_there(seeded: Path, folder: Path) -> None:
    with Store.open(seeded) as store:
        backup(store, folder / "b.db")
    saved = rows(seeded)
    with Store.open(seeded, write=True) as store:
        edit.add_note(store, 3, "since the backup")
    since = rows(seeded)
    restored = restore(seeded, folder / "b.db")
    assert rows(seeded) == saved
    assert restored.aside is not None and rows(restored.aside) == since
    assert (restored.incidents, restored.log_rows) == (45, 1)
    with Store.open(seeded) as store:
        newest = history.entry(store.connection, 2)
        assert (newest.what, newest.who) == ("restore from b.db", "tester")
        told = store.connection.execute(
            "SELECT json_extract(after, '$[0].row.before') FROM log WHERE id = 2"
        ).fetchone()
        assert told == (restored.aside.name,)
        assert [f for f in findings(store.connection) if f.wrong] == []
        assert store.connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert os.listdir(folder) == ["b.db"]


def test_a_restore_reaches_those_who_have_the_store_open(seeded: Path, folder: Path) -> None:
    """Swapping the file would leave them with one that has no name; here it is a change like any other."""
    with Store.open(seeded) as store:
        backup(store, folder / "b.db")
    with Store.open(seeded, write=True) as open_one, Store.open(seeded) as reader:
        edit.add_note(open_one, 3, "since the backup")
        version = reader.data_version()
        restore(seeded, folder / "b.db")
        assert reader.data_version() != version and reader.lost() is None
        assert reader.connection.execute("SELECT count(*) FROM note").fetchone() == (0,)
        edit.add_note(open_one, 3, "after it")
    with Store.open(seeded) as store:
        assert [text for (text,) in store.connection.execute("SELECT text FROM note")] == ["after it"]
        assert [f for f in findings(store.connection) if f.wrong] == []


def test_a_restore_to_where_nothing_is(seeded: Path, folder: Path) -> None:
    with Store.open(seeded) as store:
        backup(store, folder / "b.db")
    assert restore(folder / "new.db", folder / "b.db").aside is None
    assert rows(folder / "new.db") == rows(seeded)


def test_a_damaged_store_is_moved_aside_whole(seeded: Path, folder: Path) -> None:
    with Store.open(seeded) as store:
        backup(store, folder / "b.db")
    damaged = bytearray(seeded.read_bytes())
    damaged[5000:9000] = b"\xff" * 4000
    seeded.write_bytes(damaged)
    restored = restore(seeded, folder / "b.db")
    assert restored.aside is not None and restored.aside.read_bytes() == bytes(damaged)
    assert rows(seeded) == rows(folder / "b.db")


@pytest.mark.parametrize(
    "kind", ["newer", "other program", "no database", "damaged", "forged log", "trigger", "absent", "itself"]
)
def test_what_is_no_good_backup_changes_nothing(kind: str, seeded: Path, folder: Path) -> None:
    source = folder / "b.db"
    shutil.copyfile(seeded, source)
    with closing(sqlite3.connect(source)) as connection:
        if kind == "newer":
            connection.execute(f"PRAGMA user_version = {schema.VERSION + 1}")
        elif kind == "other program":
            connection.execute("PRAGMA application_id = 7")
        elif kind == "forged log":
            connection.execute("UPDATE log SET who = 'nobody'")
        elif kind == "trigger":
            connection.execute("CREATE TRIGGER t AFTER INSERT ON star BEGIN DELETE FROM note; END")
        connection.commit()
    for suffix in ("-wal", "-shm"):
        Path(str(source) + suffix).unlink(missing_ok=True)
    if kind == "no database":
        source.write_text("words")
    elif kind == "damaged":
        raw = bytearray(source.read_bytes())
        raw[8192:60000] = b"\xee" * (60000 - 8192)
        source.write_bytes(raw)
    elif kind == "absent":
        source.unlink()
    words = {
        "newer": "newer Dateline", "other program": "not a Dateline store", "no database": "damaged", "damaged": "damaged|malformed",
        "forged log": "log row 1 was changed", "trigger": "triggers, views", "absent": "no backup at", "itself": "is the store itself",
    }  # fmt: skip
    before = seeded.read_bytes()
    with pytest.raises((StoreError, UsageError), match=words[kind]):
        restore(seeded, seeded if kind == "itself" else source)
    assert seeded.read_bytes() == before
    assert beside(seeded) == [seeded.name]


def test_an_older_backup_is_brought_up_to_date_and_itself_left_alone(tmp_path: Path, seeded: Path) -> None:
    from sqlite_utils import Database

    old = tmp_path / "old.db"
    with closing(sqlite3.connect(old)) as connection:
        schema.upgrade(Database(connection), stop_before="s0003_changes")
        connection.commit()
    raw = old.read_bytes()
    restore(seeded, old)
    assert old.read_bytes() == raw
    with Store.open(seeded) as store:
        assert store.connection.execute("PRAGMA user_version").fetchone() == (schema.VERSION,)
        assert [f for f in findings(store.connection) if f.wrong] == []


def test_a_restore_that_is_killed_leaves_the_old_or_the_new_store(seeded: Path, folder: Path) -> None:
    with Store.open(seeded) as store:
        backup(store, folder / "b.db")
    with Store.open(seeded, write=True) as store:
        edit.add_note(store, 3, "since the backup")
    code = f"""
import sqlite3, os, sys
sys.path.insert(0, {str(ROOT)!r})
from pathlib import Path
from db import restore as module
from db import backup as backup_module
def die(*_): os.kill(os.getpid(), 9)
module._note = die if sys.argv[1] == "after" else module._note
if sys.argv[1] == "before":
    module._write_over = die
module.restore(Path({str(seeded)!r}), Path({str(folder / "b.db")!r}))
"""
    for moment, notes in (("before", 1), ("after", 0)):
        done = subprocess.run([sys.executable, "-c", code, moment], capture_output=True)
        assert done.returncode == -9, done.stderr
        with Store.open(seeded) as store:
            assert store.connection.execute("SELECT count(*) FROM note").fetchone() == (notes,)
            assert [f for f in findings(store.connection) if f.wrong] == []
    kept = [name for name in beside(seeded) if ".before-" in name]
    assert len(kept) == 2


@pytest.mark.parametrize("writes", [1, 3, 10**6])
def test_what_others_write_while_it_is_replaced_is_kept_or_nothing_is_replaced(
    writes: int, seeded: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Store.open(seeded) as store:
        backup(store, folder / "b.db")
    keep = module._keep
    written: list[int] = []

    def kept(path: Path) -> Path:
        aside = keep(path)
        if len(written) < writes:  # another program, after the copy was made and before the store is locked
            with Store.open(path, write=True) as store:
                written.append(edit.add_note(store, 1, f"note {len(written)}"))
        return aside

    monkeypatch.setattr(module, "_keep", kept)
    notes = "SELECT text FROM note ORDER BY id"
    if writes > module.TRIES:
        with pytest.raises(StoreError, match="go on writing"):
            restore(seeded, folder / "b.db")
        held = seeded
        assert beside(seeded) == [seeded.name]
    else:
        restored = restore(seeded, folder / "b.db")
        assert restored.aside is not None
        held = restored.aside
        assert beside(seeded) == sorted([seeded.name, held.name])
        with Store.open(seeded) as store:
            assert store.connection.execute(notes).fetchall() == []
    with Store.open(held) as store:
        assert store.connection.execute(notes).fetchall() == [(f"note {n}",) for n in range(len(written))]


def test_a_backup_that_was_taken_into_use_is_restored_too(seeded: Path, folder: Path) -> None:
    """A backup is one file, without a write-ahead log; so is its copy, and stays so while it is written to."""
    with Store.open(seeded) as store:
        backup(store, folder / "b.db")
    path = folder / "used.db"
    shutil.copyfile(folder / "b.db", path)
    with Store.open(path, write=True) as store:
        edit.add_note(store, 1, "mine")
        assert store.connection.execute("PRAGMA journal_mode").fetchone() == ("delete",)
    restored = restore(path, folder / "b.db")
    assert restored.aside is not None
    notes = "SELECT text FROM note"
    with Store.open(path) as store, Store.open(restored.aside) as before:
        assert store.connection.execute(notes).fetchall() == []
        assert before.connection.execute(notes).fetchall() == [("mine",)]
    assert [name for name in beside(path) if "before" in name] == [restored.aside.name]
