"""Small pieces that all columns are made of: array types, lookups by id, and the splicing of changed rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Column = NDArray[Any]
"""A column of any integer type: the smallest that holds its values."""
Mask = NDArray[np.bool_]

NO_FIRST = np.iinfo(np.int64).min
"""Stands for a missing first day, before all days; narrowed, the smallest number of the type."""
NO_LAST = np.iinfo(np.int64).max
"""Stands for a missing last day, after all days; narrowed, the largest number of the type."""

_DENSE = 4
"""Ids may be spread over this many times their number before a table by id would waste memory."""


def narrow(values: Column) -> Column:
    """`values`, none of them negative, in the smallest unsigned type that holds them."""
    top = int(values.max()) if len(values) else 0
    return values.astype(np.min_scalar_type(top))


def narrow_signed(values: Ints) -> Column:
    """`values` in the smallest signed type that holds them."""
    low, high = int(values.min(initial=0)), int(values.max(initial=0))
    for kind in (np.int8, np.int16, np.int32):
        if np.iinfo(kind).min <= low and high <= np.iinfo(kind).max:
            return values.astype(kind)
    return values


def narrow_days(days: Ints, missing: int) -> Column:
    """Days in 32 bits where they fit; `missing` (NO_FIRST or NO_LAST) becomes the outermost number of the type."""
    edge = np.iinfo(np.int32)
    real = days[days != missing]
    if len(real) and not (edge.min < int(real.min()) and int(real.max()) < edge.max):
        return days
    return np.where(days == missing, edge.min if missing == NO_FIRST else edge.max, days).astype(np.int32)


def widen_days(days: Column, missing: int) -> Ints:
    """The inverse of `narrow_days`."""
    if days.dtype == np.int64:
        return days
    edge = np.iinfo(np.int32)
    return np.where(days == (edge.min if missing == NO_FIRST else edge.max), missing, days.astype(np.int64))


def distinct(numbers: Column) -> Column:
    """The distinct ones of `numbers`, ascending: by sorting, which `numpy.unique` has given up for something slower."""
    ordered = np.sort(numbers)
    first = np.ones(len(ordered), np.bool_)
    np.not_equal(ordered[1:], ordered[:-1], out=first[1:])
    return ordered[first]


def root_codes(voices: Ints, quotes: Ints, steps: Ints, speakers: Ints) -> Ints:
    """The code of each quote's root: of whom its chain ends at, or its document's voice, as `model.root_of` has it.

    `quotes`, `steps` and `speakers` are the columns of all chains: index into `voices`, step, and code of the name.
    """
    order = np.lexsort((steps, quotes))
    ends = order.take(np.flatnonzero(np.diff(quotes.take(order), append=-1)))
    roots = voices.copy()
    roots[quotes.take(ends)] = speakers.take(ends)
    return roots


class Lookup:
    """Positions of ids in an array: a table by id where ids are dense, else a binary search."""

    def __init__(self, ids: Ints) -> None:
        """`ids` are distinct, in any order."""
        self._low = int(ids.min()) if len(ids) else 0
        self._high = int(ids.max()) if len(ids) else -1
        self._table: Column | None = None
        if self._high - self._low < _DENSE * len(ids) + 4096:
            self._table = np.full(self._high - self._low + 1, -1, np.int32)
            self._table[ids - self._low] = np.arange(len(ids), dtype=np.int32)
        else:
            self._order = np.argsort(ids)
            self._sorted = ids.take(self._order)

    def positions(self, ids: Ints) -> Ints:
        """The position of each id, -1 for those that are not there."""
        inside = (ids >= self._low) & (ids <= self._high)
        if self._table is not None:
            if inside.all():
                return self._table.take(ids - self._low).astype(np.int64)
            found = np.full(len(ids), -1, np.int64)
            found[inside] = self._table.take(ids[inside] - self._low)
            return found
        at = np.minimum(np.searchsorted(self._sorted, ids), len(self._sorted) - 1)
        return np.where(self._sorted.take(at) == ids, self._order.take(at), -1).astype(np.int64)

    def position(self, wanted: int) -> int | None:
        """The position of one id, or None."""
        if not self._low <= wanted <= self._high:
            return None
        at = int(self.positions(np.array([wanted], np.int64))[0])
        return None if at < 0 else at


@dataclass(frozen=True, slots=True)
class Splice:
    """How rows that changed go into columns: what stays, where it moves, where the new rows stand."""

    rows: int
    """How many rows there are afterwards."""
    at: Ints
    """The new rows' ordinals afterwards, ascending; the new rows' columns are in this order."""
    source: Ints | None
    """For each row afterwards its index into the old column followed by the new; None: only rows at `at` change."""
    moved: Column | None
    """For each old ordinal the one afterwards, -1 when it is gone or replaced; None: as they were, but for `at`."""

    def column(self, old: Column, new: Column) -> Column:
        """A column with the new rows in it; the old array itself when nothing in it differs."""
        if self.source is not None:
            joined: Column = np.concatenate([old, new])
            return joined.take(self.source)
        if np.array_equal(old[self.at], new):
            return old
        changed = old.astype(np.result_type(old, new))
        changed[self.at] = new
        return changed

    def kept(self, ordinals: Column) -> tuple[Mask, Column]:
        """Of sparse rows at old `ordinals`: which stay, and where those stand afterwards."""
        if self.moved is None:
            stay = ~np.isin(ordinals, self.at)
            return stay, ordinals[stay]
        moved: Column = self.moved[ordinals]
        stays: Mask = moved >= 0
        return stays, moved[stays]
