"""All that the engine for large stores holds of a store at one moment: columns in timeline order, never changed."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from db.dates import Day
from db.engine.arrays import NO_FIRST, NO_LAST, Column, Ints, Lookup, Mask, widen_days
from db.engine.facet_columns import Facet, Rows
from db.engine.plain import Key

_TIME_BITS = 17
"""Bits of a time of day in a stand key; see `time_code`."""
_UNDATED = 1 << 62


@dataclass(frozen=True)
class Estimate:
    """Two columns of numbers, low and high: a low of -1 where nothing is known, a high of -1 where it has no bound."""

    low: Column
    high: Column


@dataclass(frozen=True)
class Places:
    """The places that incidents can stand at; place number i has its data at index i - 1.

    Latitude and longitude are degrees, NaN where unknown; slack is how far off the point may be, metres.
    """

    ids: Ints
    latitude: np.ndarray[tuple[int], np.dtype[np.float64]]
    longitude: np.ndarray[tuple[int], np.dtype[np.float64]]
    slack: np.ndarray[tuple[int], np.dtype[np.float64]]


class Spellings:
    """Values that differ in case, accents or hyphens alone: each counts as its head, the most frequent spelling."""

    def __init__(self, column: Facet, totals: Ints) -> None:
        """`totals` has for each value how many counted rows of the store have it."""
        values = column.dictionary.values
        heads = np.arange(len(values))
        for group in column.dictionary.alike:
            heads[group] = min(group, key=lambda at: (-int(totals[at]), values[at]))
        self._others = np.flatnonzero(heads != np.arange(len(values)))
        self._heads = heads.take(self._others)
        self._rows, self._again = column.again(heads)

    def joined(self, counts: Ints, rows: Mask) -> Ints:
        """Counts over `rows` of each value by itself → those of heads; a row with two spellings counts once."""
        counts = counts.copy()
        np.add.at(counts, self._heads, counts.take(self._others))
        counts[self._others] = 0
        np.subtract.at(counts, self._again[rows.take(self._rows)], 1)
        return counts


@dataclass(frozen=True)
class Snapshot:
    """Columns of all rows in timeline order; a row's index in them is its ordinal."""

    ids: Column
    first: Column
    """First possible days, the smallest number of the type where there is none."""
    last: Column
    """Last possible days, the largest number of the type where there is none."""
    dated: Mask
    counted: Mask
    """Incidents, that is neither aggregates nor context."""
    timed_ids: Ints
    """Incidents with a time of day, ascending, and `timed_codes` for each: see `time_code`."""
    timed_codes: Ints
    numbers: dict[str, Estimate]
    flags: dict[str, Mask]
    facets: dict[str, Facet]
    place: Column
    """The number of each row's place, 0 for none."""
    places: Places

    @property
    def size(self) -> int:
        """How many rows there are."""
        return len(self.ids)

    @cached_property
    def lookup(self) -> Lookup:
        """From an incident's id to its ordinal."""
        return Lookup(self.ids.astype(np.int64))

    @cached_property
    def stands(self) -> Column:
        """The days that rows stand at, ascending: the first possible one, else the last; undated rows are left out."""
        first, last = edges(self.first), edges(self.last)
        bounded = self.first != first[0]
        standing = int(np.count_nonzero(bounded | (self.last != last[1])))
        if bounded[:standing].all():
            return self.first[:standing]
        return np.where(bounded, self.first, self.last)[:standing]

    @cached_property
    def everything(self) -> Rows:
        """All rows."""
        return Rows(np.ones(self.size, np.bool_))

    @cached_property
    def incidents(self) -> Rows:
        """The rows that are counted."""
        return Rows(self.counted)

    def counted_rows(self, facet: str) -> Rows:
        """The rows among which a facet's values are counted: incidents, but for the kind, which all rows have."""
        return self.everything if facet == "kind" else self.incidents

    @cached_property
    def _totals(self) -> dict[str, tuple[Ints, Ints]]:
        return {}

    def totals(self, facet: str) -> tuple[Ints, Ints]:
        """For each value of a facet how many rows have it, and how many of those that are counted; worked out once."""
        if facet not in self._totals:
            column, rows = self.facets[facet], self.counted_rows(facet)
            present = column.count(None)
            if rows.size == self.size:
                self._totals[facet] = present, present
            else:
                self._totals[facet] = present, present - column.count(Rows(~rows.mask))
        return self._totals[facet]

    @cached_property
    def _spellings(self) -> dict[str, Spellings | None]:
        return {}

    def spellings(self, facet: str) -> Spellings | None:
        """The values of a facet that are one but for their spelling, None where no two are; worked out once."""
        if facet not in self._spellings:
            column = self.facets[facet]
            self._spellings[facet] = Spellings(column, self.totals(facet)[1]) if column.dictionary.alike else None
        return self._spellings[facet]

    def day(self, ordinal: int) -> Day | None:
        """The day that a row stands at, None for an undated one."""
        return int(self.stands[ordinal]) if ordinal < len(self.stands) else None

    def at(self, day: Day) -> int:
        """The ordinal of the first row that stands at `day` or later, or else of the first undated one."""
        low, high = edges(self.stands)
        return int(np.searchsorted(self.stands, self.stands.dtype.type(min(max(day, low), high))))


def edges(days: Column) -> tuple[int, int]:
    """The numbers of a column of days that stand for a missing first and a missing last day."""
    info = np.iinfo(days.dtype)
    return int(info.min), int(info.max)


def time_code(key: Key) -> int:
    """A time of day as one number in the order of sort keys: what is less exact comes before all that it may mean."""
    time = (*key[3], -1, -1, -1)
    return ((time[0] + 1) * 62 + time[1] + 1) * 62 + time[2] + 1


def sort_columns(first: Ints, last: Ints, times: Ints) -> tuple[Ints, Ints]:
    """The two columns, before the id, that rows are sorted by; together they order rows as `plain.sort_key` does.

    The first packs the day a row stands at (an undated row's after all others), whether it is the first possible
    one, and the time of day; the second is the last possible day.  Days are in 64 bits.
    """
    bounded = first != NO_FIRST
    stands = np.where(bounded, first, last)
    undated = ~bounded & (last == NO_LAST)
    packed = ((stands * 2 + bounded) << _TIME_BITS) + times
    return np.where(undated, _UNDATED + times, packed), last


def sort_keys(snapshot: Snapshot) -> tuple[Ints, Ints]:
    """`sort_columns` of all rows of a snapshot."""
    times = np.zeros(snapshot.size, np.int64)
    times[snapshot.lookup.positions(snapshot.timed_ids)] = snapshot.timed_codes
    return sort_columns(widen_days(snapshot.first, NO_FIRST), widen_days(snapshot.last, NO_LAST), times)
