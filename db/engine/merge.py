"""New columns from old ones and the rows of the incidents that changed."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

import numpy as np

from db.engine.arrays import NO_FIRST, NO_LAST, Ints, Splice, narrow_days, widen_days
from db.engine.build import build
from db.engine.facet_columns import Facet, Linked, Slots
from db.engine.snapshot import Estimate, Snapshot, sort_keys


def merged(connection: sqlite3.Connection, old: Snapshot, changed: Sequence[int]) -> Snapshot:
    """The columns of a store of which `old` are older ones, where only the incidents `changed` may differ since."""
    new = build(connection, base=old, among=changed)
    splice = _splice(old, new, np.array(changed, np.int64))
    place = splice.column(old.place, new.place)
    gone = np.isin(old.timed_ids, changed)
    timed = np.concatenate([old.timed_ids[~gone], new.timed_ids])
    order = np.argsort(timed)
    first = splice.column(widen_days(old.first, NO_FIRST), widen_days(new.first, NO_FIRST))
    last = splice.column(widen_days(old.last, NO_LAST), widen_days(new.last, NO_LAST))
    return Snapshot(
        ids=splice.column(old.ids, new.ids),
        first=narrow_days(first, NO_FIRST),
        last=narrow_days(last, NO_LAST),
        dated=splice.column(old.dated, new.dated),
        counted=splice.column(old.counted, new.counted),
        timed_ids=timed.take(order),
        timed_codes=np.concatenate([old.timed_codes[~gone], new.timed_codes]).take(order),
        numbers={name: _estimate(splice, numbers, new.numbers[name]) for name, numbers in old.numbers.items()},
        flags={name: splice.column(flags, new.flags[name]) for name, flags in old.flags.items()},
        facets={name: _facet(splice, facet, new.facets[name], new, place) for name, facet in old.facets.items()},
        place=place,
        places=new.places,
    )


def _estimate(splice: Splice, old: Estimate, new: Estimate) -> Estimate:
    low = splice.column(old.low, new.low)
    return Estimate(low, low if old.high is old.low else splice.column(old.high, new.high))


def _facet(splice: Splice, old: Facet, new: Facet, snapshot: Snapshot, place: np.ndarray) -> Facet:
    if isinstance(old, Slots) and isinstance(new, Slots):
        return old.spliced(splice, new)
    assert isinstance(new, Linked)
    return Linked(new.dictionary, place, new.owners, new.codes)


def _splice(old: Snapshot, new: Snapshot, changed: Ints) -> Splice:
    """Where the rows of `new` go among those of `old`, and which of those they replace."""
    at = old.lookup.positions(changed)
    replaced = np.sort(at[at >= 0])
    stand, last = sort_keys(old)
    new_stand, new_last = sort_keys(new)
    if np.array_equal(old.ids.take(replaced), new.ids) and (
        np.array_equal(stand.take(replaced), new_stand) and np.array_equal(last.take(replaced), new_last)
    ):
        return Splice(old.size, replaced, None, None)
    keep = np.ones(old.size, np.bool_)
    keep[replaced] = False
    kept = np.flatnonzero(keep)
    # Rows of equal stand keys are few, so a new row is put among those by comparing one by one.
    stand, last, ids = stand.take(kept), last.take(kept), old.ids.take(kept)
    begins, ends = np.searchsorted(stand, new_stand), np.searchsorted(stand, new_stand, side="right")
    places = np.array(
        [
            begin + np.searchsorted(_pairs(last[begin:end], ids[begin:end]), pair)
            for begin, end, pair in zip(begins.tolist(), ends.tolist(), _pairs(new_last, new.ids), strict=True)
        ],
        np.int64,
    )
    after = places + np.arange(len(places))
    rows = len(kept) + len(places)
    source = np.empty(rows, np.int64)
    fresh = np.zeros(rows, np.bool_)
    fresh[after] = True
    source[fresh] = old.size + np.arange(len(places))
    source[~fresh] = kept
    moved = np.full(old.size, -1, np.int32 if rows < np.iinfo(np.int32).max else np.int64)
    moved[kept] = np.flatnonzero(~fresh)
    return Splice(rows, after, source, moved)


def _pairs(last: Ints, ids: np.ndarray) -> np.ndarray:
    pairs = np.empty(len(last), [("last", np.int64), ("id", np.int64)])
    pairs["last"], pairs["id"] = last, ids
    return pairs
