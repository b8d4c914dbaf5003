"""Which quotes count as verified: the same in lists, exports, filters and on the screen."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from db.batch import incidents
from db.engine.columns import ColumnsEngine
from db.engine.plain import PlainEngine
from db.query import parse
from db.read import incident as read_incident
from db.store import Store
from db.verified import verdicts

TEXT = "Rain fell.\U0001f6a9 A drone struck.\0 Nobody was hurt."

QUOTES: dict[str, tuple[int, str, int | None, bool | None]] = {
    "right": (1, "Rain fell.", 0, True),
    "behind-a-wide-letter": (1, "A drone struck.", 12, True),
    "behind-a-nul": (1, "Nobody", 29, True),
    "to-the-end": (1, "hurt.", 40, True),
    "elsewhere": (1, "A drone struck.", 11, False),
    "past-the-end": (1, "hurt.", 41, False),
    "without-a-place": (1, "Rain fell.", None, False),
    "no-text": (2, "Rain fell.", 0, None),
}
"""By the incident's key: document, words, position, and the verdict; None where the text is not in the store."""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "store.db"
    with Store.create(path) as store, store.write("quotes") as connection:
        connection.execute("INSERT INTO document (id, key, text, text_length) VALUES (1, 'd', ?, ?)", (TEXT, len(TEXT)))
        connection.execute("INSERT INTO document (id, key) VALUES (2, 'e')")
        for number, (key, (document, exact, start, _)) in enumerate(QUOTES.items(), 1):
            connection.execute("INSERT INTO incident (id, key, title) VALUES (?, ?, ?)", (number, key, key))
            end = None if start is None else start + len(exact)
            connection.execute(
                'INSERT INTO quote (incident_id, document_id, exact, "start", "end") VALUES (?, ?, ?, ?, ?)',
                (number, document, exact, start, end),
            )
    return path


def test_each_reading_has_the_same_verdict(path: Path) -> None:
    expected = {key: verdict for key, (*_, verdict) in QUOTES.items()}
    with Store.open(path) as store:
        ids = range(1, len(QUOTES) + 1)
        by_ones = [read_incident(store.connection, number) for number in ids]
        assert {one.key: one.quotes[0].verified for one in by_ones if one is not None} == expected
        together = incidents(store.connection, ids)
        assert {one.key: one.quotes[0].verified for one in together} == expected
        doubted = {number for number, verdict in zip(ids, expected.values(), strict=True) if not verdict}
        for engine in (PlainEngine(store.connection), ColumnsEngine(store, folder=path.parent / "cache")):
            assert {*engine.answer(parse("is:unverified")).ids()} == doubted


def test_some_quotes_are_asked_for_alone(path: Path) -> None:
    with Store.open(path) as store:
        found = list(verdicts(store.connection, "incident_id IN (2, 5, 8)"))
    assert [(incident, right) for _, incident, right in found] == [(2, True), (5, False)]


def test_a_text_that_is_taken_away_meanwhile_is_no_traceback(path: Path) -> None:
    """A reading outside a transaction: between the quotes and the text another program may write."""
    with Store.open(path, write=True) as store:

        def take_away(sql: str) -> None:
            if sql.startswith("SELECT CAST(text"):
                store.connection.set_trace_callback(None)
                with closing(sqlite3.connect(path)) as other, other:
                    other.execute("UPDATE document SET text = NULL, text_length = NULL")

        store.connection.set_trace_callback(take_away)
        assert len(list(verdicts(store.connection, "incident_id = 1"))) <= 1
        assert list(verdicts(store.connection)) == []
