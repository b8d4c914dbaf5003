"""Tables and indexes of the owner's own that compute without end: nothing that opens, checks or copies a store runs them."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from sqlite_utils import Database

from db import schema, soundness
from db.backup import backup
from db.errors import StoreError
from db.finding import Finding
from db.restore import restore
from db.store import Store
from db.verify import findings

ENDLESS = "instr(hex(zeroblob(2000000)), hex(zeroblob(1000000)) || x)"
"""Takes minutes for each row, and SQLite cannot be stopped in it."""

OWN = {
    "generated": f"CREATE TABLE mine (x TEXT, y INT GENERATED ALWAYS AS ({ENDLESS}) VIRTUAL NOT NULL)",
    "strict": f"CREATE TABLE mine (x TEXT, y INT GENERATED ALWAYS AS ({ENDLESS}) VIRTUAL) STRICT",
    "pointing": f"CREATE TABLE mine (x TEXT, y INT GENERATED ALWAYS AS ({ENDLESS}) VIRTUAL REFERENCES incident (id))",
    "rule": f"CREATE TABLE mine (x TEXT, CHECK ({ENDLESS} = 0))",
    "index": f"CREATE INDEX mine_by_x ON mine ({ENDLESS})",
    "condition": f"CREATE INDEX mine_by_x ON mine (x) WHERE {ENDLESS}",
}
"""What is computed where → SQL that a table or an index of the owner's own is given once its row is there."""


def give(path: Path, sql: str) -> None:
    """Give a store a table of its owner's own with one row, computed by nobody yet."""
    name = "mine_by_x" if "INDEX" in sql else "mine"
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(f"CREATE TABLE mine (x TEXT){' STRICT' * sql.endswith('STRICT')}")
        connection.execute("CREATE INDEX mine_by_x ON mine (x)") if name == "mine_by_x" else None
        connection.execute("INSERT INTO mine VALUES ('a')")
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("PRAGMA writable_schema = ON")
        connection.execute("UPDATE sqlite_master SET sql = ? WHERE name = ?", (sql, name))


def said(path: Path) -> list[Finding]:
    with Store.open(path) as store:
        return list(findings(store.connection))


@pytest.mark.parametrize("what", OWN)
def test_verify_backup_and_restore_run_none_of_it(seeded: Path, template: Path, tmp_path: Path, what: str) -> None:
    give(seeded, OWN[what])
    assert [f.where for f in said(seeded) if f.wrong] == (["mine"] if what == "pointing" else [])
    with Store.open(seeded) as store:
        assert store.blamed(TypeError("ours")) is None
    if what == "pointing":
        with pytest.raises(StoreError, match="not Dateline's \\(mine\\)"):
            Store.open(seeded, write=True)
        return
    with Store.open(seeded, write=True) as store:
        assert store.blamed(TypeError("ours")) is None
        backup(store, tmp_path / "b.db")
    other = tmp_path / "other.db"
    shutil.copyfile(template, other)
    restore(other, seeded)
    restore(other, template)


@pytest.mark.parametrize("what", OWN)
def test_an_older_store_is_upgraded_without_it(tmp_path: Path, what: str) -> None:
    path = tmp_path / "older.db"
    with closing(sqlite3.connect(path)) as connection:
        schema.upgrade(Database(connection), stop_before="s0006_replaced")
        connection.execute("INSERT INTO incident (key, title) VALUES ('a', 'A')")
        connection.commit()
    give(path, OWN[what])
    if what == "pointing":
        with pytest.raises(StoreError, match="not Dateline's \\(mine\\)"):
            Store.open(path)
    else:
        with Store.open(path) as store:
            assert store.connection.execute("SELECT key FROM incident").fetchall() == [("a",)]


def test_a_load_makes_no_index_of_the_owner_s_own_again(seeded: Path) -> None:
    give(seeded, OWN["index"])
    with Store.open(seeded, write=True) as store:
        with store.bulk("import of nothing") as load:
            load.connection.execute("INSERT INTO incident (key, title) VALUES ('new', 'Zeppelin')")
        found = store.connection.execute("SELECT rowid FROM incident_text WHERE incident_text MATCH 'zeppelin'")
        assert len(found.fetchall()) == 1


@pytest.mark.parametrize("what", OWN)
def test_what_is_wrong_with_the_rest_is_named_all_the_same(seeded: Path, what: str) -> None:
    """An index that has lost its rows, beside a table that computes."""
    give(seeded, OWN[what])
    with closing(sqlite3.connect(seeded)) as connection, connection:
        connection.execute("PRAGMA writable_schema = ON")
        (sql,) = connection.execute("SELECT sql FROM sqlite_master WHERE name = 'claim_by_quote'").fetchone()
        partial = "UPDATE sqlite_master SET sql = ? WHERE name = 'claim_by_quote'"
        connection.execute(partial, (f"{sql} WHERE 0",))
    with closing(sqlite3.connect(seeded)) as connection, connection:
        connection.execute("REINDEX claim_by_quote")
        connection.execute("PRAGMA writable_schema = ON")
        connection.execute(partial, (sql,))
    wrong = [f for f in said(seeded) if f.wrong and f.what == "file"]
    assert any("claim_by_quote" in f.message for f in wrong)


def test_a_table_named_by_a_number_is_no_number_of_faults(seeded: Path) -> None:
    """`integrity_check("5")` would check all tables, and stop after five faults."""
    give(seeded, OWN["index"])
    with closing(sqlite3.connect(seeded)) as connection, connection:
        connection.execute('CREATE TABLE "5 things" (x)')
        connection.execute('CREATE TABLE "two ""words""" (x)')
        connection.execute("CREATE TABLE spelt (x)")
    with closing(sqlite3.connect(seeded)) as connection, connection:
        connection.execute("PRAGMA writable_schema = ON")
        in_latin = "CAST(replace(CAST(sql AS BLOB), 'spelt', x'73e9') AS TEXT)"
        connection.execute(
            f"UPDATE sqlite_master SET sql = {in_latin}, name = CAST(x'73e9' AS TEXT), tbl_name = CAST(x'73e9' AS TEXT)"
            " WHERE name = 'spelt'"
        )
    told = said(seeded)
    assert not any(f.wrong for f in told)
    assert "tables not looked at: 5 things, s\udce9, not Dateline's" in [f.message for f in told]
    with Store.open(seeded) as store:
        assert soundness.damage(store.connection) is None


def test_an_import_into_numbers_without_end_is_refused(seeded: Path) -> None:
    with closing(sqlite3.connect(seeded)) as connection, connection:
        connection.execute("INSERT INTO incident (id, key, title) VALUES (9223372036854775807, 'last', 'Last')")
    with Store.open(seeded, write=True) as store:
        with pytest.raises(StoreError, match="no ids are left"), store.bulk("import"):
            pytest.fail("its rows would not be found again")
        assert store.connection.execute("SELECT count(*) FROM log").fetchone() == (1,)
