"""What a fresh attack found in the store: each fault it made stays mended."""

from __future__ import annotations

import re
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from sqlite_utils import Database

import main
from db import schema, undo
from db.errors import StoreError
from db.store import Store
from db.verify import findings
from seed.load import load
from tests.support.logged import content

ROOT = Path(__file__).resolve().parents[2]
VICTORY = "victory-drones-2021-06-21"


REPLACING = {
    "the whole incident": f"REPLACE INTO incident (id, key, title) SELECT id, key, 'x' FROM incident WHERE key = '{VICTORY}';",
    "an incident under another id": f"REPLACE INTO incident (key, title) VALUES ('{VICTORY}', 'x');",
    "two incidents at once": "REPLACE INTO incident (id, key, title)"
    f" SELECT 900000 + id, key, 'x' FROM incident WHERE key IN ('{VICTORY}', 'efps-2000s');",
    "a star": "INSERT INTO star (incident_id, at) SELECT id, 'then' FROM incident LIMIT 3;"
    " INSERT OR REPLACE INTO star (incident_id, at) SELECT id, 'now' FROM incident LIMIT 2;",
    "one incident's key by another's": f"UPDATE OR REPLACE incident SET key = '{VICTORY}' WHERE key = 'efps-2000s';",
    "tags": "REPLACE INTO tag (name) SELECT name FROM tag;",
    "a document that nothing quotes": "INSERT INTO document (key, title) VALUES ('k', 'one');"
    " REPLACE INTO document (key, title) VALUES ('k', 'two');",
    "a document in place": "REPLACE INTO document (id, key, title) SELECT id, key, 'x' FROM document ORDER BY id LIMIT 3;",
    "quotes": "REPLACE INTO quote (id, incident_id, document_id, exact)"
    " SELECT id, incident_id, document_id, 'x' FROM quote ORDER BY id LIMIT 3;",
    "a conflict clause within the trigger's own tables": "INSERT OR REPLACE INTO note (id, incident_id, at, text)"
    " SELECT 1, id, 'now', 'x' FROM incident LIMIT 2;",
}

_SOUND = ("file", "schema", "rule", "foreign-key", "log", "full-text", "date", "part-of", "json")
"""Checks that no seed can fail; the seeds above take quotes from claims, which other checks say."""


@pytest.mark.parametrize("sql", REPLACING.values(), ids=REPLACING)
def test_replace_is_logged_and_undone(seeded: Path, tmp_path: Path, sql: str) -> None:
    """REPLACE deletes rows, and what hangs on them: the log, the full text and an undo have them all."""
    file = tmp_path / "my.sql"
    file.write_text(sql, encoding="utf-8")
    with Store.open(seeded, write=True) as store:
        with store.write("a tag") as connection:
            connection.execute("INSERT OR IGNORE INTO tag (name) VALUES ('red'), ('blue')")
            connection.execute(
                "INSERT OR IGNORE INTO incident_tag (incident_id, tag_id) SELECT i.id, t.id FROM incident AS i, tag AS t"
            )
        before = content(store)
        load(store, [file])
        after = content(store)
        assert after != before
        assert not [finding for finding in findings(store.connection) if finding.what in _SOUND]
        undo.undo(store)
        assert content(store) == before
        assert not [finding for finding in findings(store.connection) if finding.wrong]
        undo.redo(store)
        assert content(store) == after


def test_an_endless_statement_ends_with_ctrl_c(seeded: Path, tmp_path: Path) -> None:
    """SIGINT within one statement without end takes the whole seed back."""
    file = tmp_path / "my.sql"
    file.write_text(
        "INSERT INTO tag (name) VALUES ('mine');"
        " SELECT count(*) FROM (WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c) SELECT n FROM c);",
        encoding="utf-8",
    )
    before = _contents(seeded)
    # A shell has what it runs in the background ignore SIGINT, and a program passes that on to its children.
    begin = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler); import main; main.main()"
    command = [sys.executable, "-c", begin, "seed", str(file), "--store", str(seeded)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, cwd=ROOT) as seeding:
        try:
            _wait_for(lambda: _is_written_to(seeded))
            time.sleep(0.1)
            _wait_for(lambda: _interrupted(seeding))
        finally:
            seeding.kill()
        assert seeding.stderr is not None
        said = seeding.stderr.read()
    assert (seeding.returncode, said) == (130, "")
    assert _contents(seeded) == before


def _interrupted(program: subprocess.Popen[str]) -> bool:
    """Press Ctrl-C, again as a hand does it that gets no answer; whether the program has ended."""
    program.send_signal(signal.SIGINT)
    return program.poll() is not None


def _wait_for(done: Callable[[], bool], seconds: float = 30) -> None:
    until = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < until
        time.sleep(0.2)


def _contents(path: Path) -> dict[str, list[tuple[object, ...]]]:
    with Store.open(path) as store:
        return content(store)


def _is_written_to(path: Path) -> bool:
    """Whether a program has begun a write."""
    with closing(sqlite3.connect(path, isolation_level=None, timeout=0)) as connection:
        try:
            connection.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError:
            return True
        connection.execute("ROLLBACK")
        return False


def _rewritten(path: Path, old: str, new: str) -> None:
    """Edit the text of a store's schema past SQLite's own checks."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA writable_schema = ON")
        edited = connection.execute(
            "UPDATE sqlite_master SET sql = replace(sql, ?, ?) WHERE name = 'incident' AND instr(sql, ?)",
            (old, new, old),
        )
        assert edited.rowcount == 1
        connection.execute("PRAGMA writable_schema = RESET")


SMUGGLED = {
    "a conflict clause": (
        "key             TEXT NOT NULL UNIQUE CHECK",
        "key TEXT NOT NULL UNIQUE ON CONFLICT REPLACE CHECK",
    ),
    "a rule": ("title           TEXT NOT NULL,", "title TEXT NOT NULL CHECK (length(hex(zeroblob(9))) > 0),"),
    "a default": ("summary         TEXT,", "summary TEXT DEFAULT 'lies',"),
}


@pytest.mark.parametrize(("old", "new"), SMUGGLED.values(), ids=SMUGGLED)
def test_a_table_with_other_sql_is_named_and_not_written(seeded: Path, old: str, new: str) -> None:
    """A table whose SQL is not Dateline's word for word is read, named by verify, and not written to."""
    _rewritten(seeded, old, new)
    with Store.open(seeded) as store:
        said = [(f.where, f.message) for f in findings(store.connection) if f.wrong]
    assert said == [
        ("incident", "this table has other rules, defaults or columns than Dateline's, so the store is not written to")
    ]
    with pytest.raises(StoreError, match=r"tables that are not Dateline's \(incident\)"):
        Store.open(seeded, write=True)


@pytest.mark.parametrize("index", ["incident_by_place", "more"])
def test_an_index_that_computes_is_named_and_never_computed(seeded: Path, index: str) -> None:
    """An expression in an index is run by neither verify nor a write: here it would raise an error."""
    with closing(sqlite3.connect(seeded, isolation_level=None)) as connection:
        connection.execute(f"DROP INDEX IF EXISTS {index}")
        connection.create_function("evil", 1, lambda value: value, deterministic=True)
        connection.execute(f"CREATE INDEX {index} ON incident (place_id) WHERE evil(place_id)")
    with Store.open(seeded) as store:
        said = list(findings(store.connection))
    assert [(f.where, f.message) for f in said if f.wrong] == [
        (index, "this index is not Dateline's, so the store is not written to")
    ]
    assert any(index in f.message for f in said if f.what == "file" and not f.wrong)
    with pytest.raises(StoreError, match=f"not Dateline's \\({index}\\)"):
        Store.open(seeded, write=True)


def test_a_table_of_the_owner_s_own_is_no_matter(seeded: Path) -> None:
    """What stands beside Dateline's tables does not keep a store from being written."""
    with closing(sqlite3.connect(seeded, isolation_level=None)) as connection:
        connection.execute("CREATE TABLE mine (x TEXT UNIQUE CHECK (x <> ''))")
        connection.execute("CREATE INDEX mine_by_x ON mine (lower(x))")
        connection.execute("ANALYZE")
    with Store.open(seeded, write=True) as store:
        assert not [finding for finding in findings(store.connection) if finding.wrong]


def test_a_store_of_each_older_version_has_dateline_s_own_sql(tmp_path: Path) -> None:
    """What ALTER TABLE leaves of a table's text on the way up is known, from each version on."""
    for version, step in enumerate(("s0002_full_text", "s0003_changes", "s0004_same_root", "s0005_grading"), 1):
        path = tmp_path / f"{version}.db"
        with closing(sqlite3.connect(path)) as connection:
            schema.upgrade(Database(connection), stop_before=step)
            connection.commit()
            assert schema.foreign(connection) == []
        with Store.open(path, write=True) as store:
            assert not [finding for finding in findings(store.connection) if finding.wrong]


def test_an_index_of_bare_columns_of_the_owner_s_own_is_no_matter(seeded: Path) -> None:
    """It makes the owner's queries faster and runs nothing; a unique one would forbid rows, so it is none."""
    with closing(sqlite3.connect(seeded, isolation_level=None)) as connection:
        connection.execute('CREATE INDEX mine ON "incident" (status, [title] COLLATE NOCASE DESC)')
    with Store.open(seeded, write=True) as store:
        assert [f for f in findings(store.connection) if f.wrong] == []
        with store.write("a tag") as writing:
            writing.execute("INSERT INTO tag (name) VALUES ('red')")
    with closing(sqlite3.connect(seeded, isolation_level=None)) as connection:
        connection.execute("CREATE UNIQUE INDEX other ON quote (id, exact)")
    with pytest.raises(StoreError, match=r"not Dateline's \(other\)"):
        Store.open(seeded, write=True)


def test_an_index_at_odds_with_its_table_is_damage(seeded: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """An index that has a text for the number in its table: the command says so in one line."""
    index = "sqlite_autoindex_quote_1"

    def edited(*statements: tuple[str, tuple[object, ...]]) -> None:
        with closing(sqlite3.connect(seeded, isolation_level=None)) as connection:
            connection.execute("PRAGMA writable_schema = ON")
            for sql, values in statements:
                connection.execute(sql, values)

    with closing(sqlite3.connect(seeded)) as connection:
        find = "SELECT type, name, tbl_name, rootpage, sql FROM sqlite_master WHERE name = ?"
        (table,), (kept,) = (connection.execute(find, (name,)).fetchall() for name in ("quote", index))
    keyed = table[4].removesuffix(" STRICT")
    loose = re.sub(r",\s*UNIQUE \([^)]*\)\s*\)$", ")", keyed)
    assert loose != keyed != table[4]
    change = "UPDATE sqlite_master SET sql = ? WHERE name = 'quote'"
    edited((change, (keyed,)))
    edited(("UPDATE quote SET document_id = CAST(x'0AA2432D52' AS TEXT) WHERE id = 8", ()))
    edited(("DELETE FROM sqlite_master WHERE name = ?", (index,)), (change, (loose,)))
    edited(("UPDATE quote SET document_id = 1 WHERE id = 8", ()))
    edited(
        ("INSERT INTO sqlite_master (type, name, tbl_name, rootpage, sql) VALUES (?, ?, ?, ?, ?)", kept),
        (change, (table[4],)),
    )
    assert main.run(["list", "--json", "--store", str(seeded)]) == 3
    said = capsys.readouterr().err
    assert "is damaged" in said and said.count("\n") == 1
