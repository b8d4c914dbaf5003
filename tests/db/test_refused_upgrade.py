"""An older store whose upgrade is refused is as it was, with nothing beside it, and the line says what to do."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from sqlite_utils import Database

from db import schema, whole_file
from db.errors import StoreError
from db.restore import restore
from db.store import Store


def older(path: Path, stop_before: str = "s0006_replaced") -> Path:
    """A store of an older version, with one incident."""
    with closing(sqlite3.connect(path)) as connection:
        schema.upgrade(Database(connection), stop_before=stop_before)
        connection.execute("INSERT INTO incident (key, title) VALUES ('a', 'A')")
        connection.commit()
    return path


def refused(path: Path) -> str:
    with pytest.raises(StoreError) as told:
        Store.open(path)
    assert "\n" not in str(told.value)
    return str(told.value)


@pytest.mark.parametrize(
    ("sql", "named"),
    [
        (
            "CREATE TABLE mine (x); CREATE INDEX actor_by_whole ON mine (x)",
            "an index actor_by_whole (of the table mine)",
        ),
        (
            "CREATE TABLE mine (x); CREATE INDEX Actor_By_Whole ON mine (x)",
            "an index Actor_By_Whole (of the table mine)",
        ),
        ("CREATE TABLE system_by_whole (x)", "a table system_by_whole"),
    ],
    ids=["index", "letters", "table"],
)
def test_what_stands_in_the_way_is_named_and_no_copy_is_left(tmp_path: Path, sql: str, named: str) -> None:
    path = older(tmp_path / "older.db")
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(sql)
    for _ in range(2):
        assert f"has {named} of its owner's" in refused(path)
    assert [file.name for file in tmp_path.iterdir()] == ["older.db"]
    with pytest.raises(StoreError, match="rename or drop it"):
        restore(tmp_path / "new.db", path)
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript("DROP INDEX IF EXISTS actor_by_whole; DROP TABLE IF EXISTS system_by_whole")
    with Store.open(path) as store:
        assert store.connection.execute("SELECT key FROM incident").fetchall() == [("a",)]
    assert len(list(tmp_path.glob("older.db.version-5.*"))) == 1


def test_whatever_refuses_an_upgrade_leaves_no_copy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = older(tmp_path / "older.db")

    def fail(connection: sqlite3.Connection) -> None:
        connection.execute("PRAGMA user_version = 6")
        connection.execute("CREATE TABLE incident (x)")

    with monkeypatch.context() as patch:
        patch.setattr(schema, "upgrade_in_transaction", fail)
        assert "already exists" in refused(path)
    assert [file.name for file in tmp_path.iterdir()] == ["older.db"]
    with Store.open(path) as store:
        assert store.connection.execute("SELECT count(*) FROM incident").fetchone() == (1,)


def test_two_upgrades_in_one_second_keep_two_copies(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = older(tmp_path / "older.db")
    names = iter([path.with_name("one"), path.with_name("one"), path.with_name("two")])
    monkeypatch.setattr(whole_file, "dated", lambda path, mark: next(names))
    Store.open(path).close()
    path.unlink()
    older(path)
    Store.open(path).close()
    for kept in ("one", "two"):
        with closing(sqlite3.connect(tmp_path / kept)) as connection:
            assert connection.execute("PRAGMA user_version").fetchone() == (5,)


def test_a_dated_name_is_free(tmp_path: Path) -> None:
    names = []
    for _ in range(3):
        names.append(whole_file.dated(tmp_path / "s.db", "version-5."))
        names[-1].touch()
    assert len(set(names)) == 3
    assert all(name.name.startswith("s.db.version-5.2") for name in names)
