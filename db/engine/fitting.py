"""Whether columns read from a file fit together: lengths, types, and that every code and number points at something.

A file whose checksums are right may still hold anything; what is let in here would be an error at some later question.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from db.engine.arrays import Column
from db.engine.container import DamagedError
from db.engine.facet_columns import Linked, Slots
from db.engine.snapshot import Snapshot
from db.fields import FACET_NAMES, FLAG_NAMES, NUMBERS


def check(snapshot: Snapshot) -> None:
    """Raise DamagedError when a snapshot is none that `build` could have made."""
    for name, fits in _tests(snapshot):
        if not fits:
            raise DamagedError(name)


def _tests(snapshot: Snapshot) -> Iterator[tuple[str, bool]]:
    rows = snapshot.size
    yield "facets", snapshot.facets.keys() == set(FACET_NAMES)
    yield "flags", snapshot.flags.keys() == set(FLAG_NAMES)
    yield "numbers", snapshot.numbers.keys() == {field.name for field in NUMBERS}
    for name in ("ids", "first", "last"):
        yield name, _whole(getattr(snapshot, name), rows, kinds="i")
    for name in ("dated", "counted"):
        yield name, _flags(getattr(snapshot, name), rows)
    for name, flags in snapshot.flags.items():
        yield name, _flags(flags, rows)
    for name, estimate in snapshot.numbers.items():
        yield name, _whole(estimate.low, rows) and _whole(estimate.high, rows)
    yield "timed", _whole(snapshot.timed_ids, None) and _whole(snapshot.timed_codes, len(snapshot.timed_ids))
    if len(snapshot.timed_ids):
        yield "timed", rows > 0 and bool((snapshot.lookup.positions(snapshot.timed_ids) >= 0).all())
    places = snapshot.places
    yield "places", _whole(places.ids, None)
    for column in (places.latitude, places.longitude, places.slack):
        yield "places", column.dtype == np.float64 and len(column) == len(places.ids)
    yield "place", _whole(snapshot.place, rows, top=len(places.ids))
    for name, facet in snapshot.facets.items():
        yield name, all(isinstance(value, str) for value in facet.dictionary.values)
        values = len(facet.dictionary)
        if isinstance(facet, Slots):
            yield name, all(_whole(slot, rows, top=values) for slot in facet.slots)
            yield name, _whole(facet.spill_at, None, top=rows - 1)
            yield name, _whole(facet.spill_codes, len(facet.spill_at), top=values)
        elif isinstance(facet, Linked):
            yield name, _whole(facet.owners, None, top=len(places.ids))
            yield name, _whole(facet.codes, len(facet.owners), top=values)


def _whole(column: Column, length: int | None, *, kinds: str = "iu", top: int | None = None) -> bool:
    """Whether a column holds whole numbers, so many if that is given, and from 0 to `top` if that is."""
    if column.dtype.kind not in kinds or length not in (None, len(column)):
        return False
    return top is None or not len(column) or (int(column.min()) >= 0 and int(column.max()) <= top)


def _flags(column: Column, length: int) -> bool:
    return bool(column.dtype == np.bool_) and len(column) == length
