"""A document that quotes nobody speaks under one name, wherever that name stands and whatever asks for it."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from db import batch, claims, droppable, ledger, read, records, roots
from db.engine.answer import Count, Engine, Wants
from db.engine.columns import ColumnsEngine
from db.engine.plain import PlainEngine
from db.formats.writing import speakers
from db.leave_out import without
from db.model import Document
from db.query import Value, parse
from db.query_tree import value_text
from db.report import incident_lines
from db.store import Store
from tests.support.chance_store import empty_store

ROWS = """
INSERT INTO document (key, title, publisher) VALUES
 ('one', 'Weekly report', NULL), ('two', 'Weekly report', ''), ('three', NULL, NULL), ('four', 'Weekly report', 'The Post');
INSERT INTO actor (key, name) VALUES ('mayor', 'The mayor');
INSERT INTO system (key, name, class) VALUES ('gun', 'Gun', 'air_defence');
INSERT INTO incident (key, title) VALUES ('a', 'A'), ('b', 'B');
INSERT INTO incident_system (incident_id, system_id, role, outcome) VALUES (1, 1, 'air_defence', 'hit');
INSERT INTO quote (incident_id, document_id, exact) VALUES
 (1, 1, 'three died'), (1, 2, 'four died'), (1, 3, 'nobody died'), (1, 4, 'two died'), (1, 4, 'one died'), (2, 2, 'it fell');
INSERT INTO attribution (quote_id, step, actor_id) VALUES (5, 1, 1);
INSERT INTO claim (incident_id, quote_id, field, value) VALUES (1, 1, 'killed', '3'), (1, 2, 'killed', '4'),
 (1, 3, 'killed', '0'), (1, 4, 'killed', '2'), (1, 5, 'killed', '1'),
 (1, 1, 'outcome:gun', 'missed');
"""

VOICES = ["one", "two", "three", "The Post", "The mayor"]
"""Whose words the first incident rests on, in the order of its quotes."""


@pytest.fixture
def store(tmp_path: Path) -> Path:
    """A store in which two documents without a publisher have one title, and a third has none."""
    path = tmp_path / "voices.db"
    empty_store(path)
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(ROWS)
    return path


def test_the_voice_of_a_document_is_one_in_sql_and_out_of_it(store: Path) -> None:
    with Store.open(store) as opened:
        asked = f"SELECT d.id, d.key, d.title, d.publisher, {read.VOICE} FROM document AS d"
        for *columns, voice in opened.connection.execute(asked):
            assert Document(*columns).voice == voice


def test_every_reader_names_the_same_voices(store: Path) -> None:
    with Store.open(store) as opened:
        connection = opened.connection
        incident = read.incident(connection, 1)
        assert incident is not None and list(batch.incidents(connection, [1])) == [incident]
        assert [claim.speaker for claim in incident.claims] == [*VOICES, "one"]
        quotes: Any = records.record(incident)["quotes"]
        assert [quote["speaker"] for quote in quotes] == VOICES
        assert speakers(incident) == "; ".join(VOICES)
        matrix = claims.matrix(connection, 1)
        assert matrix is not None and {speaker.name for speaker in matrix.speakers} == set(VOICES)
        (corroboration,) = roots.corroborations(connection, [1])
        assert {root.name for root in corroboration.roots} == set(VOICES)
        assert incident.roots == len(VOICES)
        (system,) = ledger.ledger(connection)
        assert [told.speaker for use in system.uses for told in use.told] == ["one"]
        told = "\n".join(incident_lines(incident))
        assert "one, in its own voice" in told and "Weekly report, in" not in told


def test_a_speaker_that_is_counted_is_found_and_can_be_left_out(store: Path, tmp_path: Path) -> None:
    with Store.open(store) as one, Store.open(store) as other:
        engines: tuple[Engine, ...] = PlainEngine(one.connection), ColumnsEngine(other, folder=tmp_path)
        for engine in engines:
            counts = list(engine.answer(parse(""), Wants(facets=("speaker",))).facets["speaker"])
            assert set(counts) == {Count("two", 2, 0), *(Count(name, 1, 0) for name in VOICES if name != "two")}
            for count in counts:
                found = engine.answer(parse(f"speaker:{value_text(Value(count.value, quoted=True))}")).totals
                assert (found.certain, found.possible) == (count.certain, count.possible)
                left = without(one.connection, droppable.named(one.connection, [], [count.value], None))
                assert left.dropped.speakers == {count.value}
            assert engine.answer(parse("roots:5")).totals.certain == 1, "two roots of one title are two"
        offered = {choice.words for choice in droppable.choices(one.connection) if choice.kind == "speaker"}
        assert offered == set(VOICES)
