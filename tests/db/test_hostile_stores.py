"""Stores made to hurt: read safely, or refused with a reason; `verify` names what is wrong, and nothing is written."""

from __future__ import annotations

import errno
import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from db import rules, schema
from db.errors import StoreError
from db.store import Store
from db.verify import findings
from db.whole_file import put_whole
from tests.torture import stores
from tests.torture.material import full_store, older_store
from tests.torture.outcome import Outcome


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A sound store with rows in every table."""
    return full_store(tmp_path_factory.mktemp("sound") / "sound.db").read_bytes()


@pytest.mark.parametrize("trap", stores.TRAPS, ids=lambda trap: trap.name.replace(" ", "-"))
def test_a_trap_is_refused_or_read(trap: stores.Trap, sound: bytes, tmp_path: Path) -> None:
    path = tmp_path / "trap.db"
    path.write_bytes(sound)
    outcome = Outcome("stores", "traps")
    stores.attempt(outcome, trap, path, (("list", "--json"), ("verify",)))
    assert outcome.faults == []


def test_every_rule_of_the_tables_is_found_in_their_text() -> None:
    found = list(rules.rules())
    assert ("place", "latitude BETWEEN -90 AND 90") in found
    assert ("claim", "polarity IN ('asserts', 'denies', 'declines')") in found
    with closing(sqlite3.connect(":memory:")) as connection:
        for sql in schema.table_statements():
            connection.execute(sql)
        expected = sum(
            sql.upper().count("CHECK (")
            for (sql,) in connection.execute("SELECT sql FROM sqlite_master WHERE type = 'table' AND sql IS NOT NULL")
        )
        assert len(found) == expected
        assert list(rules.broken(connection)) == []


# -- upgraded ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("version", [-7, 0, 1, 2])
def test_a_version_that_damage_has_changed_is_not_upgraded(sound: bytes, tmp_path: Path, version: int) -> None:
    path = tmp_path / "s.db"
    path.write_bytes(sound)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(f"PRAGMA user_version = {version}")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    before = path.read_bytes()
    with pytest.raises(StoreError, match=r"is damaged.*its record of upgrades does not"):
        Store.open(path)
    assert path.read_bytes() == before
    assert not list(tmp_path.glob("*version*"))


def test_an_older_store_that_is_damaged_is_not_upgraded(tmp_path: Path) -> None:
    path = older_store(tmp_path / "older.db", 300)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        page = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = 'incident_by_date'").fetchone()[0]
    damaged = bytearray(path.read_bytes())
    damaged[(page - 1) * 4096 : page * 4096] = bytes(4096)
    path.write_bytes(damaged)
    with pytest.raises(StoreError, match="is damaged"):
        Store.open(path)
    assert path.read_bytes() == damaged


def test_an_upgrade_that_fails_leaves_the_store_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = older_store(tmp_path / "older.db")

    def fail(connection: sqlite3.Connection) -> None:
        connection.execute("CREATE TABLE half (x)")
        raise sqlite3.OperationalError("no more")

    with monkeypatch.context() as patch:
        patch.setattr(schema, "upgrade_in_transaction", fail)
        with pytest.raises(StoreError, match="no more"):
            Store.open(path)
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT count(*) FROM sqlite_master WHERE name = 'half'").fetchone() == (0,)
        assert connection.execute("PRAGMA user_version").fetchone() == (2,)
    Store.open(path).close()
    assert not [entry for entry in tmp_path.iterdir() if entry.name.startswith(".")]


# -- made ----------------------------------------------------------------------------------------------------------


def test_a_store_is_made_where_there_are_no_hard_links(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_links(*_: object) -> None:
        raise OSError(errno.EPERM, os.strerror(errno.EPERM))

    monkeypatch.setattr(os, "link", no_links)
    Store.create(tmp_path / "s.db").close()
    assert [entry.name for entry in tmp_path.iterdir()] == ["s.db"]
    mine = tmp_path / "mine.db"
    mine.write_text("mine")
    (tmp_path / "making").write_text("other")
    with pytest.raises(FileExistsError):
        put_whole(tmp_path / "making", mine)
    assert mine.read_text() == "mine"


def test_a_store_whose_last_writes_are_not_in_its_file_gets_no_name(tmp_path: Path) -> None:
    """What a full disk leaves: the write-ahead log could not be moved into the file on closing."""
    making = tmp_path / "making"
    making.write_text("half")
    (tmp_path / "making-wal").write_text("the other half")
    with pytest.raises(OSError, match="No space left"):
        put_whole(making, tmp_path / "s.db")
    assert not (tmp_path / "s.db").exists()


# -- gone or replaced while open ---------------------------------------------------------------------------------


def _removed(path: Path) -> None:
    path.unlink()


def _replaced(path: Path) -> None:
    other = path.with_name("other.db")
    Store.create(other).close()
    other.replace(path)


@pytest.mark.parametrize(("change", "words"), [(_removed, "was removed"), (_replaced, "was replaced")])
def test_nothing_is_written_to_a_file_that_is_gone(change: Callable[[Path], None], words: str, tmp_path: Path) -> None:
    path = tmp_path / "s.db"
    with Store.create(path) as store:
        assert store.lost() is None
        change(path)
        assert words in (store.lost() or "")
        with pytest.raises(StoreError, match=f"nothing was written: .*{words}"), store.write("tag") as connection:
            connection.execute("INSERT INTO tag (name) VALUES ('a')")
        assert store.connection.execute("SELECT count(*) FROM tag").fetchone() == (0,)


# -- wrong despite the schema --------------------------------------------------------------------------------------


def test_an_error_is_blamed_on_the_store_only_when_the_store_is_damaged(sound: bytes, tmp_path: Path) -> None:
    path = tmp_path / "s.db"
    path.write_bytes(sound)
    with Store.open(path) as store:
        assert store.blamed(TypeError("ours")) is None
    next(trap for trap in stores.TRAPS if trap.name == "numbers for texts").make(path)
    with Store.open(path) as store:
        told = store.blamed(TypeError("its own"))
        assert "non-TEXT value in incident" in str(told)
        assert store.blamed(OSError("not of this kind")) is None


def test_verify_names_rows_that_break_a_rule_in_a_file_opened_for_reading(sound: bytes, tmp_path: Path) -> None:
    path = tmp_path / "s.db"
    path.write_bytes(sound)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("PRAGMA ignore_check_constraints = ON")
        connection.execute("UPDATE incident SET grade = 'certain' WHERE id = 2")
    with Store.open(path) as store:
        wrong = [(f.what, f.where) for f in findings(store.connection) if f.wrong]
    assert wrong == [("rule", "incident 2")]
