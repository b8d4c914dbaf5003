"""The generator of synthetic stores: what it writes is a whole and true store, the same one each time."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from bench.generate import COMMON, PREFIX, RARE, generate
from db import schema
from db.invariants import CHECKS
from db.settle import unsettled
from db.store import Store

TABLES = (
    "incident", "actor", "place", "system", "document", "incident_actor", "incident_system", "quote", "attribution",
    "claim", "incident_tag", "star", "note", "incident_text",
)  # fmt: skip


def contents(path: Path) -> dict[str, list[tuple[object, ...]]]:
    """All rows of all tables."""
    with closing(sqlite3.connect(path)) as connection:
        return {table: connection.execute(f"SELECT * FROM {table}").fetchall() for table in TABLES}


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store of 2,000."""
    path = tmp_path_factory.mktemp("generate") / "store.db"
    generate(2_000, path)
    return path


def one(path: Path, sql: str) -> float:
    """The one number that a query gives."""
    with closing(sqlite3.connect(path)) as connection:
        return float(connection.execute(sql).fetchone()[0])


def test_the_store_keeps_all_invariants(store: Path) -> None:
    """Quotes stand in their texts, intervals follow from their dates, nothing points nowhere, nothing is unsettled."""
    with Store.open(store, write=True) as opened:
        connection = opened.connection
        wrong = [finding for _, check in CHECKS for finding in check(connection) if finding.wrong]
        assert wrong == []
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert schema.foreign_objects(connection) == []
        assert unsettled(connection) == 0


def test_the_full_text_is_what_the_triggers_would_have_made(store: Path) -> None:
    """Every incident's words are in the full text, and the change table knows of nothing."""
    with closing(sqlite3.connect(store)) as connection:
        words = connection.execute("SELECT id, title, summary, quotes FROM incident_words ORDER BY id").fetchall()
        text = connection.execute("SELECT rowid, title, summary, quotes FROM incident_text ORDER BY rowid").fetchall()
        assert text == words
        assert len(text) == 2_000
        assert connection.execute("SELECT count(*) FROM change").fetchone() == (0,)
        triggers = "SELECT count(*) FROM sqlite_master WHERE type = 'trigger'"
        assert connection.execute(triggers).fetchone()[0] > 30


def test_the_same_seed_makes_the_same_store(tmp_path: Path) -> None:
    """Equal row for row, replacing what was there; another seed makes another store."""
    first, second = tmp_path / "first.db", tmp_path / "deeper" / "second.db"
    generate(150, first, seed=3)
    generate(150, second, seed=4)
    assert contents(first) != contents(second)
    generate(150, second, seed=3)
    assert contents(first) == contents(second)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["deeper", "first.db"]


def test_it_has_what_large_stores_have(store: Path) -> None:
    """2.2 actors and 1.2 quotes an incident, uncertain dates, aggregates, skew, and the words to search for."""
    assert 2.0 < one(store, "SELECT count(*) / 2000.0 FROM incident_actor") < 2.4
    assert 1.0 < one(store, "SELECT count(*) / 2000.0 FROM quote") < 1.4
    assert 0.05 < one(store, "SELECT avg(date_prec > 1) FROM incident") < 0.3
    assert one(store, "SELECT count(*) FROM incident WHERE date_edtf IS NULL") > 0
    assert one(store, "SELECT count(*) FROM incident WHERE kind <> 'incident'") > 0
    counts = "(SELECT count(*) AS n FROM incident_actor GROUP BY actor_id)"
    assert one(store, f"SELECT max(n) * 1.0 / avg(n) FROM {counts}") > 3
    for word, low, high in ((COMMON, 60, 140), (RARE, 20, 20), (f"{PREFIX}*", 100, 300)):
        hits = one(store, f"SELECT count(*) FROM incident_text WHERE incident_text MATCH '{word}'")
        assert low <= hits <= high, word
    assert one(store, "SELECT count(DISTINCT event_type) FROM incident") == 12


@pytest.mark.parametrize("incidents", [1, 2, 9])
def test_the_smallest_stores(incidents: int, tmp_path: Path) -> None:
    """Even a store of one incident is whole; fewer are refused."""
    generate(incidents, tmp_path / "store.db")
    assert one(tmp_path / "store.db", "SELECT count(*) FROM incident") == incidents
    with pytest.raises(ValueError, match="at least one"):
        generate(0, tmp_path / "none.db")
    assert not (tmp_path / "none.db").exists()
