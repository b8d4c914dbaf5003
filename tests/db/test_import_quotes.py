"""A newer release beside quotes that an analyst took out: which of several of the same words is meant."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from db import read
from db.formats.record import Options
from db.formats.registry import named
from db.importing import import_file
from db.store import Store


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.create(tmp_path / "store.db") as opened:
        yield opened


def release(store: Store, folder: Path, *speakers: Sequence[str]) -> None:
    """Import one incident in which each of these chains of speakers says the same words."""
    quotes = [{"exact": "It was a drone", "document": "D", "chain": list(chain)} for chain in speakers]
    own = {"key": "k", "kind": "incident", "title": "t", "date_edtf": "2021", "match": "certain", "quotes": quotes}
    feature = {"type": "Feature", "geometry": None, "properties": own}
    file = folder / "rows.geojson"
    file.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}), encoding="utf-8")
    import_file(store, file, named("geojson"), Options())


def told_by(store: Store) -> list[tuple[str, ...]]:
    (incident_id,) = store.connection.execute("SELECT id FROM incident").fetchone()
    found = read.incident(store.connection, incident_id)
    assert found is not None
    return sorted(tuple(step.name for step in quote.chain) for quote in found.quotes)


def take_out(store: Store, speaker: str) -> None:
    with store.write("by hand") as connection:
        connection.execute(
            "DELETE FROM quote WHERE id IN (SELECT x.quote_id FROM attribution AS x JOIN actor AS a"
            " ON a.id = x.actor_id WHERE a.name = ?)",
            (speaker,),
        )


@pytest.mark.parametrize("newer", [("Anna", "Berta anew"), ("Berta anew", "Anna")], ids=", ".join)
def test_the_one_that_was_taken_out_stays_out_when_the_source_changes_the_other(
    store: Store, tmp_path: Path, newer: Sequence[str]
) -> None:
    release(store, tmp_path, ["Anna"], ["Berta"])
    take_out(store, "Anna")
    release(store, tmp_path, *([speaker] for speaker in newer))
    assert told_by(store) == [("Berta anew",)]


@pytest.mark.parametrize("newer", [("Anna anew", "Berta"), ("Berta", "Anna anew")], ids=", ".join)
def test_the_one_that_was_taken_out_stays_out_when_the_source_changes_it(
    store: Store, tmp_path: Path, newer: Sequence[str]
) -> None:
    release(store, tmp_path, ["Anna"], ["Berta"])
    take_out(store, "Anna")
    release(store, tmp_path, *([speaker] for speaker in newer))
    assert told_by(store) == [("Berta",)]


def test_the_words_of_somebody_else_come_in(store: Store, tmp_path: Path) -> None:
    release(store, tmp_path, ["Anna"], ["Berta"])
    take_out(store, "Anna")
    release(store, tmp_path, ["Anna"], ["Berta"], ["Carla"])
    assert told_by(store) == [("Berta",), ("Carla",)]
