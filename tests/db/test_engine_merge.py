"""Columns with changes merged into them say what columns read anew would say."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from db.engine.build import build
from db.engine.facet_columns import Facet, Linked, Slots
from db.engine.merge import merged
from db.engine.snapshot import Snapshot
from db.store import Store
from tests.support.chance_store import ChanceStore


def rows_of(facet: Facet, size: int) -> list[set[str]]:
    """The values of each row."""
    found: list[set[str]] = [set() for _ in range(size)]
    for code, value in enumerate(facet.dictionary.values, 1):
        for ordinal in np.flatnonzero(facet.rows_with(np.array([code], np.int64))).tolist():
            found[ordinal].add(value)
    return found


def contents(snapshot: Snapshot) -> Iterator[tuple[str, object]]:
    """All that a snapshot says, however its columns are laid out."""
    yield "ids", snapshot.ids.tolist()
    yield "days", (snapshot.stands.tolist(), snapshot.dated.tolist(), snapshot.counted.tolist())
    yield "times", dict(zip(snapshot.timed_ids.tolist(), snapshot.timed_codes.tolist(), strict=True))
    yield "place", snapshot.places.ids.take(snapshot.place[snapshot.place > 0].astype(np.int64) - 1).tolist()
    for name, numbers in snapshot.numbers.items():
        yield name, (numbers.low.tolist(), numbers.high.tolist())
    for name, flags in snapshot.flags.items():
        yield name, flags.tolist()
    for name, facet in snapshot.facets.items():
        yield name, rows_of(facet, snapshot.size)
        present = facet.count(None)
        yield f"{name} counted", {v: int(n) for v, n in zip(facet.dictionary.values, present, strict=True) if n}


@pytest.mark.parametrize("seed", range(12))
def test_merging_equals_reading_anew(seed: int, tmp_path: Path) -> None:
    """After every change the merged columns say what columns read from the store say."""
    with closing(ChanceStore(tmp_path / "store.db", 1_000 + seed)) as made, Store.open(made.path) as opened:
        columns_now = build(opened.connection)
        for _ in range(8):
            made.change()
            changed = [row[0] for row in made.connection.execute("SELECT incident_id FROM change")]
            if 0 in changed:
                columns_now = build(opened.connection)
            elif changed:
                columns_now = merged(opened.connection, columns_now, sorted(changed))
            made.connection.execute("DELETE FROM change")
            assert dict(contents(columns_now)) == dict(contents(build(opened.connection)))


def test_merging_leaves_the_rest_alone(tmp_path: Path) -> None:
    """A merge keeps the columns that nothing has changed in, and shares what belongs together."""
    with closing(ChanceStore(tmp_path / "store.db", 5)) as made, Store.open(made.path) as opened:
        old = build(opened.connection)
        first = int(old.ids[3])
        made.execute("INSERT INTO note (incident_id, text, at) VALUES (?, 'x', '')", first)
        new = merged(opened.connection, old, [first])
    assert new.ids is old.ids
    assert new.flags["starred"] is old.flags["starred"]
    assert new.flags["noted"][3]
    place, country, actor = (new.facets[name] for name in ("place", "country", "actor"))
    assert isinstance(place, Linked)
    assert isinstance(country, Linked)
    assert isinstance(actor, Slots)
    assert place.entities is country.entities is new.place
    assert actor.slots == old.facets["actor"].slots  # type: ignore[attr-defined]
