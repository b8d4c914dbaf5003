"""A store under several names, behind a link, and where nothing can be written: never an answer without its last writes."""

from __future__ import annotations

import os
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from sqlite_utils import Database

from db import edit, schema, store_file
from db import store as store_module
from db.backup import backup
from db.errors import ReadOnlyError, StoreError
from db.rescue import rescue
from db.restore import restore
from db.store import Store


def test_a_file_with_two_names_is_read_but_not_written_to(
    seeded: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store_file, "_NAMING_S", 0.0)
    copy = tmp_path / "backup.db"
    with Store.open(seeded) as store:
        backup(store, copy)
    before = seeded.read_bytes()
    other = seeded.with_name("other.db")
    os.link(seeded, other)
    for path in (seeded, other):
        with pytest.raises(ReadOnlyError, match="is a file with 2 names"):
            Store.open(path, write=True)
        with pytest.raises(ReadOnlyError, match="is a file with 2 names"):
            restore(path, copy)
        with Store.open(path) as store:
            assert store.connection.execute("SELECT count(*) FROM incident").fetchone() == (45,)
    assert seeded.read_bytes() == before
    other.unlink()
    with Store.open(seeded, write=True) as store:
        edit.star(store, 1, starred=True)


def test_an_older_file_with_two_names_is_not_upgraded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not even by a command that reads: the other name may have a write-ahead log of its own, as in a snapshot."""
    monkeypatch.setattr(store_file, "_NAMING_S", 0.0)
    path, other = tmp_path / "older.db", tmp_path / "other.db"
    with closing(sqlite3.connect(path)) as connection:
        schema.upgrade(Database(connection), stop_before="s0003_changes")
    os.link(path, other)
    before = path.read_bytes()
    with pytest.raises(ReadOnlyError, match="is a file with 2 names"):
        Store.open(other)
    assert path.read_bytes() == before
    assert {file.name for file in tmp_path.iterdir()} == {"older.db", "other.db"}


def test_a_store_that_is_just_getting_its_name_is_waited_for(seeded: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    making = seeded.with_name(".making")
    os.link(seeded, making)
    waited: list[float] = []

    def wait(seconds: float) -> None:
        waited.append(seconds)
        making.unlink(missing_ok=True)

    monkeypatch.setattr("db.store_file.time.sleep", wait)
    store_file.check_one_name(seeded)
    assert len(waited) == 1


@pytest.fixture
def unwritable(monkeypatch: pytest.MonkeyPatch) -> None:
    """As it is for a user who is not root: SQLite cannot make the log's index, so it opens nothing but what never changes."""
    connect = store_module._connect

    def refusing(path: Path, mode: str, wait_ms: int | None = None) -> sqlite3.Connection:
        if mode == "mode=ro":
            raise sqlite3.OperationalError("attempt to write a readonly database")
        return connect(path, mode)

    monkeypatch.setattr(store_module, "_connect", refusing)
    monkeypatch.setattr(store_file, "folder_writable", lambda path: False)


@pytest.mark.usefixtures("unwritable")
def test_writes_in_a_log_that_cannot_be_read_are_not_left_out(seeded: Path, tmp_path: Path) -> None:
    folder = tmp_path / "read-only"
    folder.mkdir()
    with closing(sqlite3.connect(seeded)) as connection:
        connection.execute("UPDATE incident SET summary = 'in the log'")
        connection.commit()
        shutil.copyfile(seeded, folder / "a.db")
        shutil.copyfile(f"{seeded}-wal", folder / "a.db-wal")
    for read in (Store.open, Store.reader):
        with pytest.raises(StoreError, match=r"has writes in a\.db-wal beside it, which cannot be read") as told:
            read(folder / "a.db")
        assert "\n" not in str(told.value)
    (folder / "a.db-wal").unlink()
    with Store.open(folder / "a.db") as store:
        assert store.frozen


def test_the_folder_of_a_store_is_that_of_the_file_and_not_of_a_link(
    seeded: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    link = tmp_path / "links" / "link.db"
    link.parent.mkdir()
    link.symlink_to(seeded)
    asked: list[Path] = []

    def access(path: Path, mode: int) -> bool:
        asked.append(Path(path))
        return True

    monkeypatch.setattr(os, "access", access)
    assert store_file.writable(link)
    assert seeded.parent in asked
    assert link.parent not in asked


def test_what_is_kept_of_a_private_store_is_as_private(seeded: Path, tmp_path: Path) -> None:
    """A backup, what a restore keeps and makes, what is rescued, and the copy of an older store before its upgrade."""

    def rights(path: Path) -> int:
        return path.stat().st_mode & 0o777

    seeded.chmod(0o600)
    copy = tmp_path / "copy.db"
    with Store.open(seeded) as store:
        backup(store, copy)
    aside = restore(seeded, copy).aside
    assert aside is not None
    rescue(seeded, tmp_path / "saved.db")
    restore(tmp_path / "anew.db", copy)
    for path in (copy, seeded, aside, tmp_path / "saved.db", tmp_path / "anew.db"):
        assert rights(path) == 0o600, path
    older = tmp_path / "older.db"
    with closing(sqlite3.connect(older)) as connection:
        schema.upgrade(Database(connection), stop_before="s0003_changes")
    older.chmod(0o600)
    with Store.open(older):
        pass
    (kept,) = tmp_path.glob("older.db.version-2.*")
    assert rights(kept) == 0o600
