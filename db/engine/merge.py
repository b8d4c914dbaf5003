"""New columns from old ones and the rows of the incidents that changed."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

import numpy as np

from db.engine.arrays import NO_FIRST, NO_LAST, Column, Ints, Splice, distinct, narrow_days, widen_days
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


def _facet(splice: Splice, old: Facet, new: Facet, snapshot: Snapshot, place: Column) -> Facet:
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
    order = _order(
        np.concatenate([stand.take(kept), new_stand]),
        np.concatenate([last.take(kept), new_last]),
        np.concatenate([old.ids.take(kept), new.ids]),
        new_stand,
    )
    rows = len(order)
    fresh = order >= len(kept)
    after = np.flatnonzero(fresh)
    source = np.append(kept, old.size + np.arange(new.size)).take(order)
    moved = np.full(old.size, -1, np.int32)
    moved[kept] = np.flatnonzero(~fresh)
    return Splice(rows, after, source, moved)


def _order(stand: Ints, last: Ints, ids: Column, fresh: Ints) -> Ints:
    """The order by stand key, last day and id of rows that are in order but for those with the stand keys `fresh`."""
    order = np.argsort(stand, kind="stable")
    ordered, keys = stand.take(order), distinct(fresh)
    steps = np.zeros(len(order) + 1, np.int8)
    steps[np.searchsorted(ordered, keys)] += 1
    steps[np.searchsorted(ordered, keys, side="right")] -= 1
    disturbed = np.flatnonzero(np.cumsum(steps)[:-1])
    rows = order.take(disturbed)
    order[disturbed] = rows.take(np.lexsort((ids.take(rows), last.take(rows), stand.take(rows))))
    return order
