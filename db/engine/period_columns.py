"""Counts of years and months over columns: how many rows begin and end in each month says how many overlap it.

A row overlaps a month when it begins in it or before, and does not end before it; so the overlaps of all months are
the running sum of beginnings less that of the ends before.  Everything counted here adds up over rows, so the counts
of a large mask are those of all rows less those of the rest.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from db.engine.answer import Count, ListedCounts
from db.engine.arrays import Column, Ints, Mask, distinct, narrow
from db.engine.facet_columns import Rows
from db.engine.snapshot import Snapshot, edges
from db.periods import LONGEST, MONTH, YEAR, Period, periods

_TABLE_DAYS = 100_000
"""Months are looked up by day in a table when the days are spread over so many at most, or over no more than there are
dates; else they are worked out for each date."""


@dataclass(frozen=True, slots=True)
class Tally:
    """What some rows add up to: beginnings and ends by month code, rows inside a month, and inside a year."""

    starts: Ints
    ends: Ints
    in_month: Ints
    in_year: Ints
    backward: Ints
    """Rows by year that end before they begin, in the same year: `date:` finds those in the year, but in no month."""

    def less(self, other: Tally) -> Tally:
        """What the rest of the rows add up to."""
        return Tally(
            self.starts - other.starts,
            self.ends - other.ends,
            self.in_month - other.in_month,
            self.in_year - other.in_year,
            self.backward - other.backward,
        )


class PeriodColumns:
    """The months of one snapshot's dates; known month number i has the code i + 1, and 0 is open, before all."""

    def __init__(self, snapshot: Snapshot) -> None:
        first, last, dated = snapshot.first, snapshot.last, snapshot.dated
        begins, ends = dated & (first != edges(first)[0]), dated & (last != edges(last)[1])
        self._months = self._known(first[begins], last[ends])
        self._open = len(self._months) + 1
        codes = np.zeros(snapshot.size, np.int32)
        codes[begins] = self._coded(first[begins])
        until = np.full(snapshot.size, self._open, np.int32)
        until[ends] = self._coded(last[ends])
        loose = np.flatnonzero(dated & (codes < until))
        backward = np.flatnonzero(dated & (codes > until))
        self._loose, self._loose_from, self._loose_to = loose.astype(np.int32), codes[loose], until[loose]
        self._backward, self._backward_from, self._backward_to = backward, codes[backward], until[backward]
        codes[~dated] = codes[backward] = self._open  # the last bucket: neither begins nor ends anywhere
        self._codes: Column = narrow(codes.astype(np.int64))
        self._years = np.array([month // 12 for month in self._months], np.int64)
        self._year_begins = np.flatnonzero(np.diff(self._years, prepend=self._years[:1] - 1))
        year_of = np.zeros(self._open + 1, np.int64)
        year_of[1:-1] = np.repeat(
            np.arange(len(self._year_begins)), np.diff(self._year_begins, append=len(self._months))
        )
        year_of[0], year_of[-1] = -1, -2  # open ends are in no year
        self._year_of = year_of
        self.periods: dict[str, list[Period]] = {name: periods(name, self._months) for name in (YEAR, MONTH)}
        self._all: dict[int, tuple[Rows, Tally]] = {}

    def _known(self, first: Column, last: Column) -> list[int]:
        """The numbers of the months that something begins or ends in, ascending; remembers how to find them."""
        days = [int(d) for column in (first, last) if len(column) for d in (column.min(), column.max())]
        self._low = min(days, default=0)
        self._table: Ints | None = None
        if max(days, default=0) - self._low < max(_TABLE_DAYS, len(first) + len(last)):
            self._table = _months(np.arange(self._low, max(days, default=0) + 1))
        both = [self._month(column) for column in (first, last)]
        self._numbers = distinct(np.concatenate([distinct(numbers) for numbers in both]))
        known: list[int] = self._numbers.tolist()
        return known

    def _month(self, days: Column) -> Ints:
        if self._table is not None:
            return self._table.take(days.astype(np.int64) - self._low)
        return _months(days.astype(np.int64))

    def _coded(self, days: Column) -> Ints:
        if self._table is not None and len(self._numbers):
            table = np.searchsorted(self._numbers, self._table) + 1
            return table.take(days.astype(np.int64) - self._low)
        return np.searchsorted(self._numbers, self._month(days)) + 1

    def count(self, name: str, maybe: Mask, sure: Mask, universe: Rows, *, strict: bool) -> ListedCounts:
        """The counts of the years or months among the rows of `universe` that match the rest of a query.

        `strict` says that what is only possibly in the period does not count.
        """
        total = self._tally(maybe, universe)
        inside = total if sure is maybe else self._tally(sure, universe)
        certain = self._certain(name, inside)
        every = self._certain(name, total) if strict else self._overlapping(name, total)
        known = self.periods[name]
        wanted = np.flatnonzero(every).tolist()
        return ListedCounts([Count(known[at].text, int(certain[at]), int(every[at] - certain[at])) for at in wanted])

    def _certain(self, name: str, tally: Tally) -> Ints:
        return (tally.in_year if name == YEAR else tally.in_month)[self._named(name)]

    def _overlapping(self, name: str, tally: Tally) -> Ints:
        begun, ended = np.cumsum(tally.starts), np.cumsum(tally.ends)
        if name == MONTH:
            overlaps = begun[1 : self._open] - ended[: self._open - 1]
        else:
            last = np.append(self._year_begins[1:], len(self._months))
            overlaps = begun[last] - ended[self._year_begins] + tally.backward
        return overlaps[self._named(name)]

    def _named(self, name: str) -> Mask:
        """Which of the known years or months are values: those that a query can name."""
        years = self._years if name == MONTH else self._years[self._year_begins]
        named: Mask = np.abs(years) <= LONGEST[name]
        return named

    def _tally(self, mask: Mask, universe: Rows) -> Tally:
        """What the rows of `universe` in `mask` add up to: counted, or all but the rest, whichever are fewer."""
        inside = Rows(universe.mask & mask)
        if inside.size * 2 <= universe.size:
            return self._added(inside)
        if id(universe) not in self._all:
            self._all[id(universe)] = universe, self._added(universe)  # the rows too, so that no other takes their id
        whole = self._all[id(universe)][1]
        return whole if inside.size == universe.size else whole.less(self._added(Rows(universe.mask & ~mask)))

    def _added(self, rows: Rows) -> Tally:
        size, years = self._open + 1, len(self._year_begins)
        codes = self._codes if rows.size == len(self._codes) else self._codes.take(rows.ordinals)
        tight = np.bincount(codes, minlength=size)[:size]
        tight[self._open] = 0
        loose = rows.mask.take(self._loose)
        begins, ends = self._loose_from[loose], self._loose_to[loose]
        # Their beginnings are among the codes, so those that end elsewhere are taken out of what lies in one month.
        starts = tight.copy()
        tight = tight - np.bincount(begins, minlength=size)
        in_month = tight[1 : self._open]
        in_year = np.add.reduceat(in_month, self._year_begins) if years else np.zeros(0, np.int64)
        begin_years = self._year_of.take(begins)
        same = begin_years[begin_years == self._year_of.take(ends)]
        odd = rows.mask.take(self._backward)
        back_from, back_to = self._year_of.take(self._backward_from[odd]), self._year_of.take(self._backward_to[odd])
        backward = np.bincount(back_from[back_from == back_to], minlength=years)
        in_year = in_year + np.bincount(same, minlength=years) + backward
        return Tally(starts, tight + np.bincount(ends, minlength=size), in_month, in_year, backward)


def _months(days: Ints) -> Ints:
    """The numbers of the months of days, as `periods.month_of`: Hinnant's formula of db.days, for arrays."""
    era, of_era = np.divmod(days + 719_468, 146_097)
    year_of_era = (of_era - of_era // 1460 + of_era // 36_524 - of_era // 146_096) // 365
    day_of_year = of_era - (365 * year_of_era + year_of_era // 4 - year_of_era // 100)
    from_march = (5 * day_of_year + 2) // 153
    months: Ints = (year_of_era + era * 400) * 12 + from_march + 2  # March is month 2 of the twelve
    return months
