"""The plain engine, which all others are measured against, held against SQL written by hand for each query."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from bench.generate import generate
from db.engine import Histogram, Wants, open_engine
from db.engine.plain import PlainEngine
from db.query import parse
from db.store import Store

INCIDENTS = 600
NONE = "SELECT 0 WHERE 0"
INSIDE = "date_earliest >= '{0}' AND date_latest <= '{1}'"
OVERLAPS = "date_edtf IS NOT NULL AND date_earliest <= '{1}' AND date_latest >= '{0}' AND NOT ({2})"


def around(first: str, last: str) -> tuple[str, str]:
    """SQL of the incidents certainly and merely possibly between two days; dates with no bounds are not in this store."""
    inside = INSIDE.format(first, last)
    overlapping = OVERLAPS.format(first, last, inside)
    return f"SELECT id FROM incident WHERE {inside}", f"SELECT id FROM incident WHERE {overlapping}"


QUERIES: dict[str, tuple[str, str]] = {
    "": ("SELECT id FROM incident", NONE),
    "type:ied": ("SELECT id FROM incident WHERE event_type = 'ied'", NONE),
    "-type:ied,raid": ("SELECT id FROM incident WHERE event_type NOT IN ('ied', 'raid')", NONE),
    "type:*-str*": ("SELECT id FROM incident WHERE event_type IN ('drone-strike', 'air-strike')", NONE),
    "grade:fair credibility:2": ("SELECT id FROM incident WHERE grade = 'fair' AND credibility = 2", NONE),
    "grade:fair OR credibility:2": ("SELECT id FROM incident WHERE grade = 'fair' OR credibility = 2", NONE),
    "-grade:fair": ("SELECT id FROM incident WHERE grade IS NOT 'fair'", NONE),
    "kind:aggregate,context": ("SELECT id FROM incident WHERE kind <> 'incident'", NONE),
    "actor:actor-1": (
        "SELECT incident_id FROM incident_actor AS x JOIN actor AS a ON a.id = x.actor_id WHERE a.key = 'actor-1'", NONE,
    ),
    "attacker:actor-1 -target:actor-2": (
        "SELECT incident_id FROM incident_actor WHERE actor_id = 1 AND role = 'attacker' EXCEPT"
        " SELECT incident_id FROM incident_actor WHERE actor_id = 2 AND role = 'target'", NONE,
    ),
    "weapon:system-2": (
        "SELECT incident_id FROM incident_system AS x JOIN system AS s ON s.id = x.system_id"
        " WHERE 2 IN (s.id, s.part_of) AND x.role IN ('munition', 'platform')", NONE,
    ),
    "outcome:hit,missed": ("SELECT incident_id FROM incident_system WHERE outcome IN ('hit', 'missed')", NONE),
    "place:place-6": (  # a province: it and the towns in it
        "SELECT i.id FROM incident AS i JOIN place AS p ON p.id = i.place_id WHERE 6 IN (p.id, p.part_of)", NONE,
    ),
    "country:iq OR -country:iq": ("SELECT id FROM incident", NONE),
    "reliability:B": (
        "SELECT incident_id FROM quote WHERE document_id IN (SELECT id FROM document WHERE reliability = 'B')", NONE,
    ),
    "speaker:actor-1": (
        "SELECT q.incident_id FROM quote AS q JOIN attribution AS x ON x.quote_id = q.id WHERE x.actor_id = 1", NONE,
    ),
    "quotes:2": ("SELECT incident_id FROM quote GROUP BY 1 HAVING count(*) = 2", NONE),
    "quotes:0": ("SELECT id FROM incident WHERE id NOT IN (SELECT incident_id FROM quote)", NONE),
    "is:starred": ("SELECT incident_id FROM star", NONE),
    "is:tagged -is:noted": ("SELECT incident_id FROM incident_tag EXCEPT SELECT incident_id FROM note", NONE),
    "is:undated": ("SELECT id FROM incident WHERE date_edtf IS NULL", NONE),
    "is:disputed": (
        "SELECT incident_id FROM claim WHERE polarity = 'asserts' GROUP BY 1 HAVING count(DISTINCT value) > 1", NONE,
    ),
    "killed:unknown": (
        "SELECT id FROM incident WHERE killed_low IS NULL AND killed_best IS NULL AND killed_high IS NULL", NONE,
    ),
    "killed:>=2": (
        "SELECT id FROM incident WHERE coalesce(killed_best, killed_low) >= 2",
        "SELECT id FROM incident WHERE killed_best IS NULL AND killed_low < 2 AND killed_high >= 2",
    ),
    "killed:1..3": (
        "SELECT id FROM incident WHERE killed_best BETWEEN 1 AND 3"
        " OR (killed_best IS NULL AND killed_low >= 1 AND killed_high <= 3)",
        "SELECT id FROM incident WHERE killed_best IS NULL AND killed_low <= 3 AND killed_high >= 1"
        " AND NOT (killed_low >= 1 AND killed_high <= 3)",
    ),
    "date:2015": around("2015-01-01", "2015-12-31"),
    "date:2018-03..2019-02-10": around("2018-03-01", "2019-02-10"),
    "certain:date date:2018-03": (around("2018-03-01", "2018-03-31")[0], NONE),
    "after:2020": (
        "SELECT id FROM incident WHERE date_earliest >= '2020-01-01'",
        "SELECT id FROM incident WHERE date_earliest < '2020-01-01' AND date_latest >= '2020-01-01'",
    ),
    "ambush": ("SELECT rowid FROM incident_text WHERE incident_text MATCH 'ambush'", NONE),
    "dro*": ("SELECT rowid FROM incident_text WHERE incident_text MATCH 'dro*'", NONE),
    '"in the"': ("SELECT rowid FROM incident_text WHERE incident_text MATCH '\"in the\"'", NONE),
    "zarbatana": (
        "SELECT i.id FROM incident AS i LEFT JOIN quote AS q ON q.incident_id = i.id"
        " WHERE i.title || ' ' || i.summary || ' ' || coalesce(q.exact, '') LIKE '%zarbatana%'", NONE,
    ),
}  # fmt: skip
"""Query → SQL of the incidents that certainly match, and of those that possibly do."""


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A generated store."""
    path = tmp_path_factory.mktemp("plain") / "store.db"
    generate(INCIDENTS, path, seed=11)
    return path


def found(connection: sqlite3.Connection, sql: str) -> set[int]:
    """The ids that a query gives."""
    return {row[0] for row in connection.execute(sql)}


@pytest.mark.parametrize("text", QUERIES)
def test_a_query_finds_what_sql_finds(store: Path, text: str) -> None:
    """Certain and possible matches are exactly those of the SQL, and are counted as incidents only."""
    with Store.open(store) as opened:
        connection = opened.connection
        certain, possible = (found(connection, sql) for sql in QUERIES[text])
        counted = found(connection, "SELECT id FROM incident WHERE kind = 'incident'")
        answer = PlainEngine(connection).answer(parse(text))
        rows = answer.window(0, INCIDENTS)
        assert {row.id for row in rows if row.certain} == certain
        assert {row.id for row in rows if not row.certain} == possible
        assert len(rows) == len(certain | possible) == answer.totals.rows
        assert (answer.totals.certain, answer.totals.possible) == (len(certain & counted), len(possible & counted))
        assert answer.totals.of == len(counted)


def test_these_queries_find_something(store: Path) -> None:
    """Nearly all queries above have matches, certain or possible: an empty answer would prove nothing."""
    with Store.open(store) as opened:
        empty = [
            text
            for text, (certain, _) in QUERIES.items()
            if not found(opened.connection, certain) and text != "is:starred"
        ]
        possible = [text for text, (_, sql) in QUERIES.items() if found(opened.connection, sql)]
    assert empty == []
    assert len(possible) >= 3


def test_rows_are_in_timeline_order(store: Path) -> None:
    """First possible day, time of day, last possible day, id; undated rows last."""
    with Store.open(store) as opened:
        expected = [
            row[0]
            for row in opened.connection.execute(
                "SELECT id FROM incident ORDER BY date_earliest IS NULL, date_earliest,"
                " CASE WHEN instr(date_edtf, 'T') THEN substr(date_edtf, 12, 2) ELSE '' END, date_latest, id"
            )
        ]
        assert [row.id for row in PlainEngine(opened.connection).answer(parse("")).window(0, INCIDENTS)] == expected


def test_facets_leave_their_own_filter_out(store: Path) -> None:
    """The counts of a facet are over what the rest of the query leaves."""
    with Store.open(store) as opened:
        answer = PlainEngine(opened.connection).answer(parse("type:ied grade:fair"), Wants(("type", "grade", "status")))
        for name, column, condition in (
            ("type", "event_type", "grade = 'fair'"),
            ("grade", "grade", "event_type = 'ied'"),
            ("status", "status", "event_type = 'ied' AND grade = 'fair'"),
        ):
            expected = opened.connection.execute(
                f"SELECT {column}, count(*) FROM incident WHERE {column} IS NOT NULL AND kind = 'incident' AND {condition}"
                " GROUP BY 1 ORDER BY 2 DESC, 1"
            ).fetchall()
            assert [(c.value, c.certain, c.possible) for c in answer.facets[name]] == [(v, n, 0) for v, n in expected]
            assert len(expected) > 1


def test_a_histogram_counts_by_the_day_a_row_stands_at(store: Path) -> None:
    """Incidents by year, of their first possible day."""
    years = range(2000, 2026)
    with Store.open(store) as opened:
        connection = opened.connection
        edges = tuple(
            int(connection.execute("SELECT julianday(? || '-01-01') - 2440587.5", (str(year),)).fetchone()[0])
            for year in (*years, 2026)
        )
        answer = open_engine(opened).answer(parse("-type:ied"), Wants(histogram=Histogram(edges)))
        counts = dict(
            connection.execute(
                "SELECT substr(date_earliest, 1, 4), count(*) FROM incident"
                " WHERE kind = 'incident' AND event_type <> 'ied' GROUP BY 1"
            )
        )
        assert answer.histogram == [(counts.get(str(year), 0), 0) for year in years]
        assert sum(certain for certain, _ in answer.histogram) > INCIDENTS / 3


def test_of_values_that_exist_nowhere_the_first_is_told_with_the_nearest(store: Path) -> None:
    """One search through all values, however many a query asks for in vain."""
    with Store.open(store) as opened:
        unknown = open_engine(opened).unknown(parse("type:drone-strik,droone-strike tag:none"))
    assert unknown == [("type", "drone-strik", "drone-strike"), ("type", "droone-strike", None), ("tag", "none", None)]
