"""How the values of a facet lie in columns, and how rows are found and counted by them."""

from __future__ import annotations

from abc import ABC, abstractmethod

import numpy as np

from db.engine.arrays import Column, Ints, Mask, Splice, distinct, narrow
from db.engine.dictionary import Dictionary

_FEW = 3
"""Up to so many codes are compared one by one; for more a table by code is quicker."""


class Rows:
    """A set of rows: its mask, and their ordinals once somebody asks."""

    def __init__(self, mask: Mask) -> None:
        self.mask = mask
        self.size = int(np.count_nonzero(mask))
        self._ordinals: Ints | None = None

    @property
    def ordinals(self) -> Ints:
        """The ordinals of the rows, ascending."""
        if self._ordinals is None:
            self._ordinals = np.flatnonzero(self.mask)
        return self._ordinals


class Facet(ABC):
    """The values of one facet for all rows, as codes of a dictionary."""

    dictionary: Dictionary

    @abstractmethod
    def rows_with(self, codes: Ints) -> Mask:
        """A new mask of the rows that have any of the codes."""

    @abstractmethod
    def count(self, rows: Rows | None) -> Ints:
        """For each value of the dictionary how many of `rows` have it; None: of all rows."""

    @abstractmethod
    def again(self, heads: Ints) -> tuple[Ints, Ints]:
        """(ordinals, heads): a row once for every further value of it that has the same head, by value its index."""


class Slots(Facet):
    """Many values a row: a first, a second ... column of codes, and what does not fit in those in a sparse list."""

    def __init__(
        self, dictionary: Dictionary, rows: int, slots: tuple[Column, ...], spill_at: Column, spill_codes: Column
    ) -> None:
        """`spill_at` are ordinals, ascending, one for each of `spill_codes`; no row has the same code twice."""
        self.dictionary = dictionary
        self.rows = rows
        self.slots = slots
        self.spill_at = spill_at
        self.spill_codes = spill_codes

    @classmethod
    def single(cls, dictionary: Dictionary, codes: Ints) -> Slots:
        """The facet of a code for each row, 0 for none."""
        return cls(dictionary, len(codes), (narrow(codes),), np.empty(0, np.int32), np.empty(0, np.uint8))

    @classmethod
    def of_pairs(
        cls, dictionary: Dictionary, rows: int, ordinals: Ints, codes: Ints, slots: int | None = None
    ) -> Slots:
        """The facet of (ordinal, code) pairs in any order, repeated or not; pairs with the code 0 are no values.

        There are as many slot columns as one row in sixteen fills, or `slots` when that is given.
        """
        width = len(dictionary) + 1
        at, code = np.divmod(distinct(ordinals[codes > 0] * width + codes[codes > 0]), width)
        begins = np.flatnonzero(np.diff(at, prepend=-1))
        place = np.arange(len(at)) - np.repeat(begins, np.diff(begins, append=len(at)))
        if slots is None:
            filled = np.bincount(place)
            slots = int(np.count_nonzero(filled * 16 >= rows))
        columns = []
        for slot in range(slots):
            here = place == slot
            column = np.zeros(rows, np.min_scalar_type(len(dictionary)))
            column[at[here]] = code[here]
            columns.append(column)
        spilt = place >= slots
        return cls(dictionary, rows, tuple(columns), narrow_ordinals(at[spilt]), narrow(code[spilt]))

    def rows_with(self, codes: Ints) -> Mask:
        found = np.zeros(self.rows, np.bool_)
        for slot in self.slots:
            found |= among(slot, codes, len(self.dictionary))
        if len(self.spill_at):
            found[self.spill_at[among(self.spill_codes, codes, len(self.dictionary))]] = True
        return found

    def count(self, rows: Rows | None) -> Ints:
        size = len(self.dictionary) + 1
        counts = np.zeros(size, np.int64)
        for slot in self.slots:
            counts += np.bincount(slot if rows is None else slot.take(rows.ordinals), minlength=size)
        if len(self.spill_at):
            spilt = self.spill_codes if rows is None else self.spill_codes[rows.mask.take(self.spill_at)]
            counts += np.bincount(spilt, minlength=size)
        return counts[1:]

    def again(self, heads: Ints) -> tuple[Ints, Ints]:
        asked = _shared(heads)
        ordinals, codes = (
            [self.spill_at[asked.take(self.spill_codes)]],
            [self.spill_codes[asked.take(self.spill_codes)]],
        )
        for slot in self.slots:
            here = np.flatnonzero(asked.take(slot))
            ordinals.append(here)
            codes.append(slot.take(here))
        return _repeated(np.concatenate(ordinals), np.concatenate(codes), heads)

    def spliced(self, splice: Splice, new: Slots) -> Slots:
        """With the rows of `new` in it; `new` has as many slots, and a dictionary that extends this one."""
        stay, moved = splice.kept(self.spill_at)
        at = np.concatenate([moved, narrow_ordinals(splice.at.take(new.spill_at))])
        codes = np.concatenate([self.spill_codes[stay], new.spill_codes])
        order = np.argsort(at, kind="stable")
        slots = tuple(splice.column(mine, theirs) for mine, theirs in zip(self.slots, new.slots, strict=True))
        return Slots(new.dictionary, splice.rows, slots, at.take(order), codes.take(order))


class Linked(Facet):
    """The values of what a row points at: one entity a row (its place), each with any number of distinct values."""

    def __init__(self, dictionary: Dictionary, entities: Column, owners: Ints, codes: Ints) -> None:
        """`entities` has an entity's number for each row, 0 for none; entity `owners[i]` has the code `codes[i]`."""
        self.dictionary = dictionary
        self.entities = entities
        self.owners = owners
        self.codes = codes
        self._last = int(owners.max()) if len(owners) else 0

    def rows_with(self, codes: Ints) -> Mask:
        owners = distinct(self.owners[among(self.codes, codes, len(self.dictionary))])
        return among(self.entities, owners, max(self._last, int(self.entities.max(initial=0))))

    def count(self, rows: Rows | None) -> Ints:
        entities = self.entities if rows is None else self.entities.take(rows.ordinals)
        each = np.bincount(entities, minlength=self._last + 1)
        # Weights are added up as floats, which are exact far beyond any number of rows.
        counts = np.bincount(self.codes, each.take(self.owners), minlength=len(self.dictionary) + 1)
        return counts.astype(np.int64)[1:]

    def again(self, heads: Ints) -> tuple[Ints, Ints]:
        asked = _shared(heads).take(self.codes)
        owners, found = _repeated(self.owners[asked], self.codes[asked], heads)
        order = np.argsort(owners, kind="stable")
        owners, found = owners.take(order), found.take(order)
        rows = np.flatnonzero(
            among(self.entities, distinct(owners), max(self._last, int(self.entities.max(initial=0))))
        )
        entities = self.entities.take(rows)
        begin, end = np.searchsorted(owners, entities), np.searchsorted(owners, entities, side="right")
        many = end - begin
        # For each row the stretch of its entity: begin, begin + 1 ... end - 1.
        at = np.arange(int(many.sum())) + np.repeat(begin - np.cumsum(many) + many, many)
        return np.repeat(rows, many), found.take(at)


def _shared(heads: Ints) -> Mask:
    """By code whether a value's head stands for others too."""
    return np.append(False, np.bincount(heads, minlength=len(heads)).take(heads) > 1)


def _repeated(owners: Column, codes: Column, heads: Ints) -> tuple[Ints, Ints]:
    """(owner, head) once for every further code with the same head that an owner has; no owner has a code twice."""
    width = len(heads)
    keys = np.sort(owners.astype(np.int64) * width + heads.take(codes.astype(np.int64) - 1))
    owner, head = np.divmod(keys[1:][keys[1:] == keys[:-1]], max(1, width))
    return owner, head


def among(column: Column, codes: Ints, top: int) -> Mask:
    """Which elements of a column of numbers 0 to `top` are one of `codes`."""
    if not len(codes):
        return np.zeros(len(column), np.bool_)
    if len(codes) <= _FEW:
        found: Mask = column == codes[0]
        for code in codes[1:]:
            found |= column == code
        return found
    table = np.zeros(top + 1, np.bool_)
    table[codes] = True
    return table.take(column)


def narrow_ordinals(ordinals: Ints) -> Column:
    """Ordinals in 32 bits, the type of all sparse lists of rows."""
    return ordinals.astype(np.int32)
