"""Values that differ in case, accents or hyphens alone are one: what a facet counts is what its filter finds."""

from __future__ import annotations

import shlex
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from db import droppable
from db.engine.answer import Count, Engine, Wants
from db.engine.columns import ColumnsEngine
from db.engine.plain import PlainEngine
from db.explain_without import effects
from db.fields import fold
from db.leave_out import without
from db.query import Value, parse
from db.query_edit import toggle
from db.query_tree import value_text
from db.store import Store
from tests.support.chance_store import empty_store

FACETS = ("type", "attacker", "actor", "place", "system", "speaker", "publisher")
QUERIES = (
    "",
    "kind:incident",
    "is:single-source",
    "type:raid",
    "-attacker:Alpha",
    "date:2021-05-08",
    "certain:date date:2021",
)

ROWS = """
INSERT INTO place (key, name, part_of) VALUES ('p1', 'El Ain', NULL), ('p2', 'El-Aïn', 1), ('p3', 'el ain', 2), ('p4', 'Erbil', 1);
INSERT INTO actor (key, name) VALUES ('a1', 'Press TV'), ('a2', 'press tv'), ('a3', 'Alpha'), ('a4', 'PRESS-TV'), ('a5', 'Beta');
INSERT INTO actor_alias (actor_id, alias) VALUES (5, 'press_tv');
INSERT INTO system (key, name, class, part_of) VALUES ('s1', 'Shahed 136', 'uas', NULL), ('s2', 'SHAHED-136', 'uas', 1);
INSERT INTO document (key, publisher) VALUES ('d1', 'Al Jazeera'), ('d2', 'al-jazeera'), ('d3', 'press tv');
INSERT INTO incident (key, title, event_type, place_id, kind, date_edtf) VALUES
 ('i1', 'one', 'Raid', 3, 'incident', '2021-05-08'), ('i2', 'two', 'raid', 2, 'incident', '2021-05'),
 ('i3', 'three', 'raid', 1, 'incident', '2021-05-08'), ('i4', 'four', 'RAID', 4, 'context', '2021-05-08'),
 ('i5', 'five', 'Ráid', NULL, 'incident', NULL), ('i6', 'six', 'shelling', 4, 'incident', '2021-06-01');
INSERT INTO incident_actor (incident_id, actor_id, role) VALUES
 (1, 1, 'attacker'), (1, 2, 'attacker'), (1, 4, 'attacker'), (2, 2, 'attacker'), (2, 3, 'attacker'), (3, 1, 'target'), (4, 4, 'attacker');
INSERT INTO incident_system (incident_id, system_id, role) VALUES (1, 1, 'munition'), (1, 2, 'platform'), (2, 2, 'munition');
INSERT INTO quote (incident_id, document_id, exact) VALUES (1, 1, 'a'), (1, 2, 'b'), (2, 2, 'c'), (3, 3, 'd'), (6, 3, 'e');
INSERT INTO attribution (quote_id, step, actor_id) VALUES (1, 1, 1), (1, 2, 2), (2, 1, 4), (3, 1, 3);
"""


@pytest.fixture
def store(tmp_path: Path) -> Path:
    """A store in which every facet has values that are spelt in several ways, some of them in one incident."""
    path = tmp_path / "spellings.db"
    empty_store(path)
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(ROWS)
    return path


def assert_held(engine: Engine, text: str, facet: str) -> None:
    """Each count of a facet is what the query and a filter by its value find, and no two lines mean one thing."""
    counts = list(engine.answer(parse(text).held(), Wants(facets=(facet,))).facets[facet])
    for count in counts:
        totals = engine.answer(parse(f"{text} {facet}:{value_text(Value(count.value, quoted=True))}")).totals
        assert (totals.certain, totals.possible) == (count.certain, count.possible), (text, facet, count)
    assert len({fold(count.value) for count in counts}) == len(counts)


@pytest.mark.parametrize("facet", FACETS)
def test_a_line_for_all_spellings_counts_what_its_filter_finds(store: Path, tmp_path: Path, facet: str) -> None:
    with Store.open(store) as one, Store.open(store) as other:
        plain, columns = PlainEngine(one.connection), ColumnsEngine(other, folder=tmp_path)
        for text in QUERIES:
            assert_held(plain, text, facet)
            assert_held(columns, text, facet)
            wants = Wants(facets=(facet,))
            expected = list(plain.answer(parse(text), wants).facets[facet])
            assert list(columns.answer(parse(text), wants).facets[facet]) == expected


def test_the_most_frequent_spelling_stands_for_all_until_another_is(store: Path, tmp_path: Path) -> None:
    with Store.open(store) as one, Store.open(store) as other:
        engines: tuple[Engine, ...] = PlainEngine(one.connection), ColumnsEngine(other, folder=tmp_path)
        types = [list(engine.answer(parse(""), Wants(facets=("type",))).facets["type"]) for engine in engines]
        assert types == [[Count("raid", 4, 0), Count("shelling", 1, 0)]] * 2
        with closing(sqlite3.connect(store)) as connection, connection:
            connection.execute("UPDATE incident SET event_type = 'Ráid' WHERE key IN ('i2', 'i3', 'i6')")
        for engine in engines:
            assert engine.refresh()
            assert list(engine.answer(parse(""), Wants(facets=("type",))).facets["type"]) == [Count("Ráid", 5, 0)]


def test_what_is_left_out_of_speakers_is_what_the_command_of_the_same_name_leaves_out(store: Path) -> None:
    with closing(sqlite3.connect(store)) as connection, connection:
        connection.execute("INSERT INTO attribution (quote_id, step, actor_id) VALUES (4, 1, 5)")  # Beta: "press_tv"
    with Store.open(store) as opened:
        connection = opened.connection
        speakers = {c.words: c for c in droppable.choices(connection) if c.kind == "speaker"}
        assert {name: choice.quotes for name, choice in speakers.items()} == {
            "press tv": 4, "Alpha": 1, "Beta": 1,
        }  # fmt: skip
        answer = PlainEngine(connection).answer(parse(""))
        for name, choice in speakers.items():
            assert choice.dropped.speakers == droppable.named(connection, [], [name], None).speakers
            difference = without(connection, choice.dropped)
            assert f"dateline without --speaker {shlex.quote(name)}`" in effects(difference, answer)[0].how


def test_a_query_that_a_facet_wrote_names_the_line_that_stands_for_all(store: Path, tmp_path: Path) -> None:
    with Store.open(store) as one, Store.open(store) as other:
        for engine in (PlainEngine(one.connection), ColumnsEngine(other, folder=tmp_path)):
            answer = engine.answer(parse("type:RAID"), Wants(facets=("type",)))
            named = answer.facets["type"].named("RAID")
            assert named == Count("raid", 4, 0)
            assert toggle("type:RAID", "type", named.value) == ""
