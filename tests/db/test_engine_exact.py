"""The engine for large stores answers exactly as the plain one: thousands of queries over stores made by chance."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from db.engine.answer import Answer, Flag, Histogram, Wants
from db.engine.columns import ColumnsEngine
from db.engine.plain import PlainEngine
from db.engine.postings import Thresholds
from db.errors import DatelineError
from db.fields import FACET_NAMES, PERIOD_NAMES
from db.near import great_circle_m, slack_m
from db.query import Near, Query, parse
from db.store import Store
from tests.support.chance_store import ChanceQuery, ChanceStore

STORES = 24
QUERIES = 24
"""Queries over each store, a quarter of them after changes: 1,152 pairs of store and query in all."""


@contextmanager
def engines(store: ChanceStore, folder: Path) -> Iterator[tuple[PlainEngine, ColumnsEngine]]:
    """Both engines on one store; for the fast one even rare words have postings."""
    with Store.open(store.path) as one, Store.open(store.path) as other:
        columns = ColumnsEngine(other, folder=folder, thresholds=Thresholds(1, 1))
        if store.random.random() < 0.7:
            columns.gather_postings()
        yield PlainEngine(one.connection), columns


def queries(chance: random.Random, number: int) -> Iterator[Query]:
    """So many queries that parse."""
    writer = ChanceQuery(chance)
    while number:
        text = writer.text()
        try:
            query = parse(text)
        except DatelineError as error:
            raise AssertionError(f"{text}: {error}") from error
        number -= 1
        yield query


def histograms(chance: random.Random) -> Histogram:
    """Buckets of days, equal or not, around today or over the ages."""
    first = chance.choice([18_700, 18_754, -800_000, -5_000_000])
    step = chance.choice([1, 7, 30_000, 4_000_000])
    return Histogram(tuple(sorted({first + step * i * chance.choice([1, 1, 2]) for i in range(chance.randint(2, 40))})))


def compare(expected: Answer, answer: Answer, known: list[int], chance: random.Random) -> None:
    """Hold one answer against the other, in every way that an answer can be asked."""
    assert answer.totals == expected.totals
    assert answer.facets.keys() == expected.facets.keys()
    for name, counts in expected.facets.items():
        assert list(answer.facets[name]) == list(counts), name
        assert answer.facets[name] == counts
        assert answer.facets[name][:2] == list(counts)[:2]
        assert len(answer.facets[name]) == len(counts)
    assert answer.histogram == expected.histogram
    rows = expected.totals.rows
    assert answer.window(0, rows + 5) == expected.window(0, rows + 5)
    for first, n in ((-3, 2), (0, 0), (rows // 2, 4), (rows - 1, 9), (rows, 1), (rows + 9, 3)):
        assert answer.window(first, n) == expected.window(first, n)
    for incident_id in (*known, 4, -1, 2**62):
        assert answer.rank(incident_id) == expected.rank(incident_id)
        assert answer.near(incident_id) == expected.near(incident_id)
    for rank in range(-2, rows + 3):
        assert answer.day(rank) == expected.day(rank)
    for day in (-(10**11), -4_000_000, -735_000, 0, 18_754, 18_755, chance.randint(-800_000, 60_000), 10**7, 10**12):
        assert answer.at(day) == expected.at(day)
    flags: tuple[Flag, ...] = ("disputed", "starred")
    for flag in flags:
        for rank in (-1, 0, rows // 2, rows - 1, rows, rows + 5):
            for step in (1, -1):
                assert answer.seek(rank, flag, step) == expected.seek(rank, flag, step)


@pytest.mark.parametrize("seed", range(STORES))
def test_every_answer_is_that_of_the_plain_engine(seed: int, tmp_path: Path) -> None:
    """Totals, all facets, histograms, windows, ranks, days and steps, before and after changes to the store."""
    with (
        closing(ChanceStore(tmp_path / "store.db", seed)) as made,
        engines(made, tmp_path / "cache") as (plain, columns),
    ):
        for turn, query in enumerate(queries(made.random, QUERIES)):
            if turn >= QUERIES * 3 // 4:
                made.change()
                assert columns.refresh() == plain.refresh()
            known = made.ids("incident")
            wants = Wants((*FACET_NAMES, *PERIOD_NAMES), histograms(made.random))
            try:
                compare(plain.answer(query, wants), columns.answer(query, wants), known, made.random)
            except AssertionError as error:
                raise AssertionError(f"turn {turn}: {query.text}\n{error}") from error
            assert columns.span() == plain.span()
            assert columns.gaps(1) == plain.gaps(1)
            assert columns.gaps(3_650) == plain.gaps(3_650)
            assert columns.unknown(query) == plain.unknown(query)
        for name in (*FACET_NAMES, *PERIOD_NAMES):
            assert columns.values(name) == plain.values(name)
        assert not columns.refresh()


def test_what_is_asked_for_makes_no_difference_to_the_rest(tmp_path: Path) -> None:
    """An answer without facets or histogram has the same totals and rows."""
    with closing(ChanceStore(tmp_path / "store.db", 5)) as made, engines(made, tmp_path / "cache") as (_, columns):
        query = parse("-type:drone-strike")
        bare, whole = columns.answer(query), columns.answer(query, Wants(FACET_NAMES, Histogram((0, 30_000))))
        assert bare.facets == {}
        assert bare.histogram is None
        assert bare.totals == whole.totals
        assert bare.totals.rows > 0
        assert bare.window(0, 100) == whole.window(0, 100)


def test_an_answer_stands_while_the_store_changes(tmp_path: Path) -> None:
    """What was answered before a refresh is still answered in the same way after it."""
    with closing(ChanceStore(tmp_path / "store.db", 8)) as made, engines(made, tmp_path / "cache") as (_, columns):
        answer = columns.answer(parse("is:starred OR killed:>0"))
        window = answer.window(0, 100)
        ranks = [answer.rank(match.id) for match in window]
        assert window
        for _ in range(6):
            made.change()
            columns.refresh()
        assert answer.window(0, 100) == window
        assert [answer.rank(match.id) for match in window] == ranks == list(range(len(window)))


def test_distances_agree_to_the_last_digit(tmp_path: Path) -> None:
    """A limit that is exactly the distance to a place, give or take its slack, is judged as Python judges it."""
    chance = random.Random(4)
    with closing(ChanceStore(tmp_path / "store.db", 5)) as made:
        made.connection.execute("BEGIN")
        for n in range(120):
            latitude, longitude = chance.uniform(-90, 90), chance.uniform(-180, 180)
            made.execute(
                "INSERT INTO place (id, key, name, latitude, longitude, where_prec) VALUES (?, ?, 'x', ?, ?, ?)",
                1_000 + n, f"exact-{n}", latitude, longitude, chance.choice([1, 2, 6]),
            )  # fmt: skip
            made.execute("INSERT INTO incident (key, title, place_id) VALUES (?, 'x', ?)", f"near-{n}", 1_000 + n)
        made.connection.execute("COMMIT")
        points = made.connection.execute(
            "SELECT latitude, longitude, where_prec FROM place WHERE name = 'x'"
        ).fetchall()
        with engines(made, tmp_path / "cache") as (plain, columns):
            for latitude, longitude, precision in points:
                for north, east in ((10.0, 20.0), (-latitude + 1e-9, longitude + 180 - 360 * (longitude > 0))):
                    exact = great_circle_m(latitude, longitude, north, east)
                    for metres in (exact, exact + slack_m(precision, None), abs(exact - slack_m(precision, None))):
                        query = Query(Near(None, north, east, metres))
                        expected, answer = plain.answer(query), columns.answer(query)
                        assert answer.totals == expected.totals
                        assert answer.window(0, 999) == expected.window(0, 999)


def test_postings_are_used_and_are_what_fts5_finds(tmp_path: Path) -> None:
    """Every word and beginning of a store made by chance has postings here, equal to what FTS5 finds for it."""
    with closing(ChanceStore(tmp_path / "store.db", 6)) as made, Store.open(made.path) as store:
        columns = ColumnsEngine(store, folder=tmp_path / "cache", thresholds=Thresholds(1, 1))
        assert not columns.searches_fast
        assert columns.gather_postings()
        assert columns.searches_fast
        postings = columns._text.postings
        assert postings is not None
        made.connection.execute("CREATE VIRTUAL TABLE temp.vocabulary USING fts5vocab (main, incident_text, row)")
        terms = [row[0] for row in made.connection.execute("SELECT term FROM vocabulary")]
        assert len(terms) > 10
        for term in terms:
            for prefix, token in [(False, term), *((True, term[:n]) for n in range(1, len(term) + 1))]:
                stored = postings.ids(token, prefix=prefix)
                assert stored is not None, token
                assert sorted(stored.tolist()) == matched(made.connection, f'"{token}"' + "*" * prefix)


def matched(connection: sqlite3.Connection, expression: str) -> list[int]:
    """What FTS5 finds."""
    rows = connection.execute("SELECT rowid FROM incident_text WHERE incident_text MATCH ?", (expression,))
    return sorted(row[0] for row in rows)
