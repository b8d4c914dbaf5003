"""Why a number: the count shown, the rows behind it and `dateline count` of its query are one."""

from __future__ import annotations

import json
import shlex
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

import main
from db import dates, explain, read
from db.engine import Engine, Histogram, Wants, open_engine
from db.explain import Explanation
from db.fields import FACET_NAMES
from db.query import parse
from db.store import Store

QUERIES = (
    "",
    "drone",
    "date:2021-04-12..2021-04-16",
    "type:drone-strike,rocket-fire -country:Syria",
    "(type:drone-strike OR place:erbil) kind:incident",
    "date:2021 killed:0..3",
    "injured:1..5",
    "-date:2021-05",
    "nothing-like-it",
)

Counted = Callable[[str], dict[str, int]]


@pytest.fixture
def ranged(seeded: Path) -> Path:
    """The bundled store with an incident whose injured are only possibly in a range, and double documents."""
    with closing(sqlite3.connect(seeded)) as connection, connection:
        connection.execute(
            "UPDATE incident SET injured_low = 2, injured_best = NULL, injured_high = 9 WHERE key LIKE 'victory%'"
        )
        connection.execute("INSERT INTO document (key, title) VALUES ('unused', 'Nobody quotes it')")
    return seeded


@pytest.fixture
def counted(ranged: Path, capsys: pytest.CaptureFixture[str]) -> Counted:
    """What `dateline count QUERY --json` says."""

    def count(query: str) -> dict[str, int]:
        capsys.readouterr()
        assert main.run(["count", query, "--json", "--store", str(ranged)]) == 0
        found: dict[str, int] = json.loads(capsys.readouterr().out)
        return found

    return count


def ids(told: Explanation) -> set[int]:
    assert told.matches is not None
    found = [match.id for match in told.matches.window(0, 10**6)]
    assert len(found) == len(set(found)) == told.count == told.rows == len(told.matches)
    for at in range(len(found)):
        assert [match.id for match in told.matches.window(at, 1)] == [found[at]]
    return set(found)


def engine_of(store: Store) -> Engine:
    return open_engine(store)


@pytest.mark.parametrize("text", QUERIES)
def test_every_facet_value_is_the_rows_behind_it(text: str, ranged: Path, counted: Counted) -> None:
    with Store.open(ranged) as store:
        engine = engine_of(store)
        facets = engine.answer(parse(text), Wants(facets=FACET_NAMES)).facets
        checked = 0
        for facet, values in facets.items():
            for value in values[:4]:
                told = explain.facet_value(engine, text, facet, value.value)
                assert told.count == value.certain + value.possible, (facet, value)
                assert told.certain == value.certain
                ids(told)
                assert told.query is not None
                if facet != "kind" and checked < 6:  # each runs the whole command line
                    checked += 1
                    total = counted(told.query)
                    assert (total["certain"], total["possible"]) == (value.certain, value.possible), told.query


SQL = {
    "type": "SELECT count(*) FROM incident WHERE kind = 'incident' AND event_type = ?",
    "grade": "SELECT count(*) FROM incident WHERE kind = 'incident' AND grade = ?",
    "kind": "SELECT count(*) FROM incident WHERE kind = ?",
    "publisher": "SELECT count(DISTINCT q.incident_id) FROM quote AS q JOIN document AS d ON d.id = q.document_id"
    " JOIN incident AS i ON i.id = q.incident_id WHERE i.kind = 'incident' AND d.publisher = ?",
    "document": "SELECT count(DISTINCT q.incident_id) FROM quote AS q JOIN document AS d ON d.id = q.document_id"
    " JOIN incident AS i ON i.id = q.incident_id WHERE i.kind = 'incident' AND d.title = ?",
    "attacker": "SELECT count(DISTINCT i.id) FROM incident AS i JOIN incident_actor AS x ON x.incident_id = i.id"
    " JOIN actor AS a ON a.id = x.actor_id WHERE i.kind = 'incident' AND x.role = 'attacker' AND a.name = ?",
}


@pytest.mark.parametrize("facet", sorted(SQL))
def test_facet_counts_are_what_plain_sql_counts(facet: str, ranged: Path) -> None:
    with Store.open(ranged) as store:
        engine = engine_of(store)
        values = engine.answer(parse(""), Wants(facets=(facet,))).facets[facet]
        assert values
        for value in values:
            plain = store.connection.execute(SQL[facet], (value.value,)).fetchone()[0]
            assert explain.facet_value(engine, "", facet, value.value).count == plain == value.certain


@pytest.mark.parametrize("text", QUERIES)
def test_the_numbers_of_the_head_line(text: str, ranged: Path, counted: Counted) -> None:
    with Store.open(ranged) as store:
        engine = engine_of(store)
        totals = engine.answer(parse(text)).totals
        told = {number.label: number for number in explain.totals(engine, store.connection, text)}
        assert told["certain"].count == totals.certain == len(ids(told["certain"]))
        assert told["certain"].query is not None
        assert counted(told["certain"].query)["certain"] == totals.certain
        assert ("possible" in told) == bool(totals.possible)
        if totals.possible:
            possible = told["possible"]
            assert possible.count == totals.possible == len(ids(possible))
            assert not ids(possible) & ids(told["certain"])
            assert possible.query is not None
            assert counted(possible.query)["possible"] == totals.possible
        plain = store.connection.execute("SELECT count(*) FROM incident WHERE kind = 'incident'").fetchone()[0]
        assert told["incidents in all"].count == totals.of == plain == len(ids(told["incidents in all"]))
        other = totals.rows - totals.certain - totals.possible
        assert ("aggregates and context" in told) == bool(other)
        if other:
            assert len(ids(told["aggregates and context"])) == other
        documents = told["documents in the store"]
        assert documents.count == store.connection.execute("SELECT count(*) FROM document").fetchone()[0] == 3
        assert [item.name for item in documents.items][-1] != ""


def test_a_document_of_the_head_line_filters_by_itself(ranged: Path) -> None:
    with Store.open(ranged) as store:
        engine = engine_of(store)
        for item in explain.documents(store.connection).items:
            assert item.query is not None
            rows = store.connection.execute(
                "SELECT count(DISTINCT q.incident_id) FROM quote AS q JOIN document AS d ON d.id = q.document_id WHERE d.title = ?",
                (item.name,),
            ).fetchone()[0]
            assert engine.answer(parse(item.query)).totals.rows == rows


def test_a_document_is_filtered_by_its_key_and_not_by_a_title_that_is_another_s_key(ranged: Path) -> None:
    with closing(sqlite3.connect(ranged)) as connection, connection:
        connection.execute(
            "INSERT INTO document (key, title) VALUES ('alpha', 'beta'), ('beta', 'Gamma'), ('one', 'Twin'), ('two', 'Twin')"
        )
        connection.execute(
            "INSERT INTO quote (incident_id, document_id, exact)"
            " SELECT d.id - 3, d.id, d.key FROM document AS d WHERE d.key IN ('alpha', 'beta', 'one', 'two')"
        )
    with Store.open(ranged) as store:
        items = {item.about.split(":")[0]: item for item in explain.documents(store.connection).items}
        queries = {key: item.query or "" for key, item in items.items()}
        found = engine_of(store).answer(parse(queries["alpha"]))
        assert [match.id for match in found.window(0, 9)] == [
            i for (i,) in store.connection.execute(
                "SELECT q.incident_id FROM quote AS q JOIN document AS d ON d.id = q.document_id WHERE d.key = 'alpha'"
            )
        ]  # fmt: skip
        assert "2 documents have this title" in items["one"].about
        assert "documents have this title" not in items["alpha"].about


@pytest.mark.parametrize("text", QUERIES)
def test_every_column_of_the_strip_is_the_rows_that_stand_there(text: str, ranged: Path) -> None:
    with Store.open(ranged) as store:
        engine = engine_of(store)
        span = engine.span()
        assert span is not None
        edges = tuple(range(span[0], span[1] + 92, 91))
        bars = engine.answer(parse(text), Wants(histogram=Histogram(edges))).histogram
        assert bars is not None
        total = 0
        for (certain, possible), first, end in zip(bars, edges, edges[1:], strict=False):
            if not (certain or possible) and total:
                continue
            told = explain.column(engine, text, first, end - 1)
            assert (told.count, told.certain) == (certain + possible, certain)
            for incident_id in ids(told):
                row = read.rows(store.connection, [incident_id])[0]
                day = row.date_earliest or row.date_latest
                assert day is not None and dates.iso(first) <= day <= dates.iso(end - 1)
            total += told.count
        assert total == sum(certain + possible for certain, possible in bars)


def test_a_command_in_the_words_is_one_that_runs(ranged: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with Store.open(ranged) as store:
        engine = engine_of(store)
        told = explain.facet_value(engine, "drone", "speaker", "The Jerusalem Post")
        assert told.how.startswith("`dateline count ")
        words = shlex.split(told.how.strip("`"))
        capsys.readouterr()
        assert main.run([*words[1:], "--json", "--store", str(ranged)]) == 0
        total = json.loads(capsys.readouterr().out)
        assert total["certain"] + total["possible"] == told.count


def test_roots_are_shown_with_their_quotes(ranged: Path) -> None:
    with Store.open(ranged) as store:
        connection = store.connection
        for incident_id, key in connection.execute("SELECT id, key FROM incident").fetchall():
            incident = read.incident(connection, incident_id)
            assert incident is not None
            roots, quotes, documents = explain.incident_numbers(incident)
            plain = connection.execute(
                "SELECT count(*), count(DISTINCT q.document_id), count(DISTINCT coalesce((SELECT a.name FROM attribution AS x"
                " JOIN actor AS a ON a.id = x.actor_id WHERE x.quote_id = q.id ORDER BY x.step DESC LIMIT 1),"
                " d.publisher, d.key)) FROM quote AS q JOIN document AS d ON d.id = q.document_id WHERE q.incident_id = ?",
                (incident_id,),
            ).fetchone()
            assert (quotes.count, documents.count, roots.count) == plain, key
            assert (quotes.rows, documents.rows, roots.rows) == plain
            assert sum(len(item.lines) for item in roots.items) == quotes.count


def test_what_a_query_filters_by_itself_is_left_out(ranged: Path) -> None:
    text = "drone type:drone-strike -type:drill,interception (type:drill OR grade:weak)"
    assert explain.without_facet(text, "type") == "drone (type:drill OR grade:weak)"
    assert explain.without_facet(text, "grade") == text
    with Store.open(ranged) as store:
        engine = engine_of(store)
        whole = engine.answer(parse("type:drone-strike"), Wants(facets=("type",))).facets["type"]
        other = next(count for count in whole if count.value != "drone-strike")
        told = explain.facet_value(engine, "type:drone-strike", "type", other.value)
        assert told.count == other.certain + other.possible > 0
