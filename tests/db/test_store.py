"""A store made, opened, and written to in logged transactions."""

from __future__ import annotations

import json
import os
import sqlite3
import threading
from contextlib import closing
from pathlib import Path

import pytest

from db import log, schema, store_file
from db import store as module
from db.errors import ReadOnlyError, StoreError, UsageError
from db.history import Tally, tallies
from db.log_rows import said
from db.put_back import put_back
from db.store import Store
from db.undo import undo


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """An empty store."""
    Store.create(tmp_path / "s.db").close()
    return tmp_path / "s.db"


def dump(path: Path) -> list[str]:
    with closing(sqlite3.connect(path)) as connection:
        return list(connection.iterdump())


# -- made and opened ----------------------------------------------------------------------------------------------


def test_a_new_store_is_stamped_and_whole(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA application_id").fetchone()[0] == schema.APPLICATION_ID
        assert connection.execute("PRAGMA user_version").fetchone()[0] == schema.VERSION
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        tables = connection.execute(
            "SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table' AND NOT strict"
            " AND name NOT LIKE 'sqlite%' AND name NOT LIKE '!_sqlite%' ESCAPE '!'"
        ).fetchall()
    assert tables == [], "every table is STRICT"
    assert [entry.name for entry in path.parent.iterdir()] == ["s.db"], "nothing else is left behind"


def test_create_overwrites_nothing(path: Path, tmp_path: Path) -> None:
    before = path.read_bytes()
    with pytest.raises(StoreError, match="exists already"):
        Store.create(path)
    other = tmp_path / "notes.txt"
    other.write_text("mine")
    with pytest.raises(StoreError, match="exists already"):
        Store.create(other)
    assert (path.read_bytes(), other.read_text()) == (before, "mine")


def test_a_reader_cannot_write(path: Path) -> None:
    with Store.open(path) as reader:
        assert not reader.writable
        with pytest.raises(ReadOnlyError), reader.write("x"):
            pass
        with pytest.raises(sqlite3.OperationalError, match="readonly"):
            reader.connection.execute("INSERT INTO tag (name) VALUES ('x')")


def test_a_store_with_another_s_trigger_is_read_but_not_written(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TRIGGER mine AFTER INSERT ON note BEGIN DELETE FROM quote; END")
    Store.open(path).close()
    with pytest.raises(StoreError, match=r"triggers, views, .* that are not Dateline's \(mine\)"):
        Store.open(path, write=True)


def test_text_that_is_not_utf_8_is_read_and_written_beside(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("INSERT INTO incident (key, title) VALUES ('i', CAST(x'61ff' AS TEXT))")
    with Store.open(path, write=True) as store:
        assert store.connection.execute("SELECT title FROM incident").fetchone() == ("a\udcff",)
        with store.write("summary \udcfe") as connection:
            connection.execute("UPDATE incident SET summary = 'S'")
        assert list(log.broken_rows(store.connection)) == []
        (row,) = store.connection.execute("SELECT id FROM log").fetchone()
        with store.write("undo") as connection:
            put_back(connection, log.changes_of(connection, row))
        assert store.connection.execute("SELECT title, summary FROM incident").fetchone() == ("a\udcff", None)
        assert store.connection.execute("SELECT hex(title) FROM incident").fetchone() == ("61FF",)


# -- written ------------------------------------------------------------------------------------------------------


def test_a_write_is_one_transaction_with_one_log_row(path: Path) -> None:
    with Store.open(path, write=True) as store:
        with store.write("two tags", who="me") as connection:
            connection.execute("INSERT INTO tag (name) VALUES ('a')")
            connection.execute("INSERT INTO tag (name) VALUES ('b')")
            connection.execute("UPDATE tag SET name = 'c' WHERE name = 'b'")
        rows = store.connection.execute("SELECT who, what, before, after FROM log").fetchall()
    ((who, what, before, after),) = rows
    assert (who, what) == ("me", "two tags")
    assert [row["row"] for row in json.loads(before)] == [None, None]
    assert [row["row"] for row in json.loads(after)] == [{"id": 1, "name": "a"}, {"id": 2, "name": "c"}]


def test_a_write_that_changes_nothing_leaves_no_log_row(path: Path) -> None:
    with Store.open(path, write=True) as store:
        with store.write("tag") as connection:
            connection.execute("INSERT INTO tag (name) VALUES ('a')")
        with store.write("nothing") as connection:
            connection.execute("UPDATE tag SET name = 'a'")
            connection.execute("INSERT INTO tag (name) VALUES ('b')")
            connection.execute("DELETE FROM tag WHERE name = 'b'")
        assert [row[0] for row in store.connection.execute("SELECT what FROM log")] == ["tag"]


@pytest.mark.parametrize("error", [ValueError("mine"), KeyboardInterrupt(), sqlite3.OperationalError("no")])
def test_a_write_that_fails_leaves_nothing(path: Path, error: BaseException) -> None:
    def fail(store: Store) -> None:
        with store.write("x") as connection:
            connection.execute("INSERT INTO tag (name) VALUES ('a')")
            raise error

    before = dump(path)
    with Store.open(path, write=True) as store:
        with pytest.raises(StoreError if isinstance(error, sqlite3.Error) else type(error)):
            fail(store)
        assert not store.connection.in_transaction
        assert dump(path) == before
        with store.write("afterwards") as connection:
            connection.execute("INSERT INTO tag (name) VALUES ('b')")
        assert [row[0] for row in store.connection.execute("SELECT what FROM log")] == ["afterwards"]


def test_plain_sql_dates_are_settled_by_the_next_writer(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("INSERT INTO incident (key, title, date_edtf) VALUES ('i', 'I', '2021-05')")
        connection.execute("INSERT INTO incident (key, title, date_edtf) VALUES ('bad', 'B', 'in May')")
    columns = "SELECT key, date_earliest, date_latest FROM incident ORDER BY key"
    with Store.open(path) as reader:
        assert reader.connection.execute(columns).fetchall() == [("bad", None, None), ("i", None, None)]
    with Store.open(path, write=True) as writer:
        assert writer.connection.execute(columns).fetchall() == [("bad", None, None), ("i", "2021-05-01", "2021-05-31")]
        assert [row[0] for row in writer.connection.execute("SELECT what FROM log")] == ["settle dates"]


def test_of_very_many_settled_dates_the_log_has_the_number_alone(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("db.store.SETTLED_EACH", 2)
    with closing(sqlite3.connect(path)) as connection, connection:
        rows = [(f"i{n}", f"I {n}", "in May" if n == 3 else f"2021-05-0{n}") for n in range(1, 6)]
        connection.executemany("INSERT INTO incident (key, title, date_edtf) VALUES (?, ?, ?)", rows)
    with Store.open(path, write=True) as writer:
        days = writer.connection.execute("SELECT key, date_earliest FROM incident ORDER BY key").fetchall()
        assert days == [(key, None if edtf == "in May" else edtf) for key, _, edtf in rows]
        assert tallies(writer.connection, 1) == [Tally("incident", added=0, changed=4, removed=0)]
        assert [line.sign for line in said(writer.connection, 1, 10)] == ["~"]
        assert not list(log.broken_rows(writer.connection))
        with pytest.raises(UsageError, match="changed no rows that could be put back"):
            undo(writer, 1)
        with writer.write("afterwards") as connection:  # what comes next is captured as ever
            connection.execute("UPDATE incident SET title = 'Other' WHERE key = 'i1'")
        undo(writer, None)
        assert writer.connection.execute("SELECT title FROM incident WHERE key = 'i1'").fetchone() == ("I 1",)
    with Store.open(path, write=True) as writer:  # what has no date is no reason for another row
        assert writer.connection.execute("SELECT what FROM log WHERE what = 'settle dates'").fetchall() == [
            ("settle dates",)
        ]


def test_writers_wait_their_turn(path: Path) -> None:
    def work(name: str) -> None:
        for n in range(10):
            with Store.open(path, write=True) as store, store.write(name) as connection:
                connection.execute("INSERT INTO tag (name) VALUES (?)", (f"{name} {n}",))

    threads = [threading.Thread(target=work, args=(name,)) for name in ("a", "b", "c")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    with Store.open(path) as store:
        assert store.connection.execute("SELECT count(*) FROM tag").fetchone() == (30,)
        assert store.connection.execute("SELECT count(*) FROM log").fetchone() == (30,)
        assert list(log.broken_rows(store.connection)) == []


def test_a_writer_that_waits_too_long_says_so(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "BUSY_MS", 50)
    with (
        Store.open(path, write=True) as first,
        Store.open(path, write=True) as second,
        first.write("long") as connection,
    ):
        connection.execute("INSERT INTO tag (name) VALUES ('a')")
        with pytest.raises(StoreError, match="locked by another program"), second.write("short"):
            pass
        with Store.open(path) as reader:
            assert reader.connection.execute("SELECT count(*) FROM tag").fetchone() == (0,), "readers never wait"


def test_data_version_tells_of_other_writers(path: Path) -> None:
    with Store.open(path) as reader, Store.open(path, write=True) as writer:
        before = reader.data_version()
        assert reader.data_version() == before
        with writer.write("x") as connection:
            connection.execute("INSERT INTO tag (name) VALUES ('a')")
        assert reader.data_version() != before


@pytest.mark.parametrize(
    ("raised", "told"),
    [
        (sqlite3.OperationalError("disk I/O error"), "disk I/O error"),
        (UnicodeDecodeError("utf-8", b"\xff", 0, 1, "invalid start byte"), "is damaged"),
    ],
)
@pytest.mark.parametrize("way", ["write", "bulk"])
def test_both_ways_of_writing_tell_a_fault_in_a_line_and_roll_back(
    path: Path, way: str, raised: Exception, told: str
) -> None:
    with Store.open(path, write=True) as store:
        before = list(store.connection.iterdump())

        def work() -> None:
            with getattr(store, way)("x"):
                store.connection.execute("INSERT INTO tag (name) VALUES ('a')")
                raise raised

        with pytest.raises(StoreError, match=told) as caught:
            work()
        assert "\n" not in str(caught.value)
        assert not store.connection.in_transaction
        assert list(store.connection.iterdump()) == before
        with store.write("after a rollback the next write is captured all the same") as connection:
            connection.execute("INSERT INTO tag (name) VALUES ('b')")
        assert store.connection.execute("SELECT count(*) FROM log").fetchone() == (1,)


def test_what_stands_beside_a_store_and_cannot_be_written_to_is_named(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    beside = path.with_name(f"{path.name}-shm")
    beside.touch(mode=0o444)
    allowed = os.access
    # Whoever runs the tests as root may write to anything.
    monkeypatch.setattr(os, "access", lambda file, mode: Path(file) != beside and allowed(file, mode))
    with pytest.raises(
        ReadOnlyError, match=rf"for {beside.name} beside it cannot.*first `chmod u\+w {beside.name}` there"
    ):
        Store.open(path, write=True)
    own = os.geteuid()
    monkeypatch.setattr(os, "geteuid", lambda: own + 1)
    with pytest.raises(ReadOnlyError, match=rf"another user has left it.*`rm -f {beside.name}` there"):
        Store.open(path, write=True)
    path.with_name(f"{path.name}-wal").write_bytes(b"x")
    assert "has writes of another user in it; copy all of them" in str(store_file.unwritable(path))
    monkeypatch.undo()
    path.with_name(f"{path.name}-wal").unlink()
    Store.open(path, write=True).close()
