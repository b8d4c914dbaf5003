"""Counts of a facet's values and of the days of a histogram, from masks."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import overload

import numpy as np

from db.engine.answer import Count, Counts, Histogram, holds, parts_of
from db.engine.arrays import Ints, Mask
from db.engine.dictionary import Dictionary
from db.engine.facet_columns import Rows
from db.engine.masks import Pair
from db.engine.snapshot import Snapshot, edges

FIRST_SORTED = 256
"""Values that are put in order at once; the rest waits until somebody reads that far."""


class CodedCounts(Counts):
    """The values of a dictionary that have a count, most first, then by name; put in order as far as they are read."""

    def __init__(self, dictionary: Dictionary, certain: Ints, possible: Ints, having: Ints | None = None) -> None:
        """`certain` and `possible` have a number for each value of the dictionary; `having` are indexes into it."""
        self._dictionary = dictionary
        self._certain = certain
        self._possible = possible
        self._having = np.flatnonzero(certain + possible) if having is None else having
        self._order: list[int] = []
        self._ordered(FIRST_SORTED)

    def __len__(self) -> int:
        return len(self._having)

    @overload
    def __getitem__(self, at: int) -> Count: ...
    @overload
    def __getitem__(self, at: slice) -> list[Count]: ...
    def __getitem__(self, at: int | slice) -> Count | list[Count]:
        if isinstance(at, slice):
            ranks = range(*at.indices(len(self)))
            order = self._ordered(max(ranks, default=-1) + 1)
            return [self._count(order[rank]) for rank in ranks]
        rank = range(len(self))[at]
        return self._count(self._ordered(rank + 1)[rank])

    def __iter__(self) -> Iterator[Count]:
        return map(self._count, self._ordered(len(self)))

    def named(self, text: str) -> Count | None:
        values = self._dictionary.named(text)
        return next((self._count(at) for at in values if self._certain[at] + self._possible[at]), None)

    def holding(self, text: str) -> Counts:
        parts = parts_of(text)
        if not parts:
            return self
        forms = self._dictionary.forms
        first, *rest = parts
        found = [at for at in self._having.tolist() if first in forms[at] and holds(forms[at], rest)]
        return CodedCounts(self._dictionary, self._certain, self._possible, np.array(found, np.int64))

    def _count(self, value: int) -> Count:
        return Count(self._dictionary.values[value], int(self._certain[value]), int(self._possible[value]))

    def _ordered(self, n: int) -> list[int]:
        """At least the first `n` values in order, as indexes into the dictionary."""
        n = min(n, len(self._having))
        if len(self._order) < n:
            # One number a value, no two alike: its count, and below that its place in the order of names, backwards.
            having = self._having
            totals = self._certain.take(having) + self._possible.take(having)
            keys = -totals * len(self._dictionary) + self._dictionary.ranks.take(having)
            if n <= FIRST_SORTED < len(keys):
                near = np.argpartition(keys, FIRST_SORTED)[:FIRST_SORTED]
                having, keys = having.take(near), keys.take(near)
            self._order = having.take(np.argsort(keys)).tolist()
        return self._order


class Counter:
    """Counts over one snapshot for one answer; facets without a filter of their own share their rows."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot
        self._rows: dict[tuple[int, int, bool], tuple[Mask, Rows]] = {}
        self._possible: tuple[Pair, Mask] | None = None

    def facet(self, name: str, pair: Pair) -> CodedCounts:
        """The counts of a facet's values over the rows of `pair`."""
        snapshot = self._snapshot
        column = snapshot.facets[name]
        total = self._count(name, pair.maybe)
        if pair.sure is pair.maybe:
            return CodedCounts(column.dictionary, total, np.zeros_like(total))
        possible = self._count(name, self._merely_possible(pair))
        return CodedCounts(column.dictionary, total - possible, possible)

    def _merely_possible(self, pair: Pair) -> Mask:
        if self._possible is None or self._possible[0] is not pair:
            self._possible = pair, pair.maybe & ~pair.sure
        return self._possible[1]

    def _count(self, name: str, mask: Mask) -> Ints:
        """For each value the number of counted rows in `mask`; of spellings of one value the head has them all."""
        counts, spellings = self._counted(name, mask), self._snapshot.spellings(name)
        return spellings.joined(counts, mask & self._snapshot.counted_rows(name).mask) if spellings else counts

    def _counted(self, name: str, mask: Mask) -> Ints:
        """For each value by itself the number of counted rows: those inside, or the rest, whichever are fewer."""
        universe = self._snapshot.counted_rows(name)
        if mask is self._snapshot.everything.mask:
            return self._snapshot.totals(name)[1]
        column = self._snapshot.facets[name]
        rows = self._among(mask, universe)
        if rows.size * 2 <= universe.size:
            return column.count(rows)
        return self._snapshot.totals(name)[1] - column.count(self._among(mask, universe, outside=True))

    def _among(self, mask: Mask, universe: Rows, *, outside: bool = False) -> Rows:
        """The rows of `universe` inside `mask`, or outside."""
        key = (id(mask), id(universe), outside)
        if key not in self._rows:
            rows = Rows(universe.mask & (~mask if outside else mask))
            self._rows[key] = mask, rows  # the mask too, so that no other can take its id
        return self._rows[key][1]

    def totals(self, pair: Pair) -> tuple[int, int]:
        """How many incidents match certainly, and how many possibly, the certain ones not among these."""
        incidents = self._snapshot.incidents
        certain = self._among(pair.sure, incidents).size
        return certain, self._among(pair.maybe, incidents).size - certain

    def histogram(self, wanted: Histogram, pair: Pair) -> list[tuple[int, int]]:
        """Certain and possible incidents for each bucket of days; rows lie in the order of their days."""
        stands = self._snapshot.stands
        low, high = edges(stands)
        days = np.array([min(max(day, low), high) for day in wanted.edges], stands.dtype)
        cuts = np.searchsorted(stands, days).tolist()
        incidents = self._snapshot.incidents
        maybe, sure = self._among(pair.maybe, incidents).mask, self._among(pair.sure, incidents).mask
        buckets = []
        for begin, end in pairwise(cuts):
            total = int(np.count_nonzero(maybe[begin:end]))
            certain = total if pair.sure is pair.maybe else int(np.count_nonzero(sure[begin:end]))
            buckets.append((certain, total - certain))
        return buckets
