"""The values of a facet and their codes: value number i of the list has the code i + 1; 0 is no value."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from db.engine.arrays import Ints
from db.fields import fold


class Dictionary:
    """Distinct values in the order they were met; never changed, only extended into a new one."""

    def __init__(self, values: Sequence[str] = ()) -> None:
        self.values = tuple(values)
        self._codes: dict[str, int] | None = None
        self._ranks: Ints | None = None
        self._forms: list[str] | None = None
        self._by_form: dict[str, list[int]] | None = None
        self._alike: list[list[int]] | None = None

    def __len__(self) -> int:
        return len(self.values)

    @property
    def codes(self) -> dict[str, int]:
        """Value → code."""
        if self._codes is None:
            self._codes = {value: code for code, value in enumerate(self.values, 1)}
        return self._codes

    @property
    def ranks(self) -> Ints:
        """For each value its place in the order of names."""
        if self._ranks is None:
            order = sorted(range(len(self.values)), key=self.values.__getitem__)
            self._ranks = np.empty(len(order), np.int64)
            self._ranks[order] = np.arange(len(order))
        return self._ranks

    @property
    def forms(self) -> list[str]:
        """For each value its folded form."""
        if self._forms is None:
            self._forms = [fold(value) for value in self.values]
        return self._forms

    @property
    def alike(self) -> list[list[int]]:
        """The indexes of values that one form names, where it names several: case, accents and hyphens apart."""
        if self._alike is None:
            forms = self.forms
            if len(set(forms)) == len(forms):
                self._alike = []
            else:
                by_form: dict[str, list[int]] = {}
                for at, form in enumerate(forms):
                    by_form.setdefault(form, []).append(at)
                self._alike = [group for group in by_form.values() if len(group) > 1]
        return self._alike

    def named(self, text: str) -> list[int]:
        """The indexes of the values that a text names, the very text first."""
        code = self.codes.get(text)
        if self._by_form is None and code is not None and not self.alike:
            return [code - 1]  # what was chosen from a list is written as it stands there
        if self._by_form is None:
            self._by_form = {}
            for at, form in enumerate(self.forms):
                self._by_form.setdefault(form, []).append(at)
        found = self._by_form.get(fold(text), [])
        return sorted(found, key=lambda at: self.values[at] != text)

    def extended(self, values: Iterable[str | None]) -> Dictionary:
        """A dictionary that has these values too; this one when it has them already."""
        codes = self.codes
        new = [value for value in dict.fromkeys(values) if value is not None and value not in codes]
        return Dictionary((*self.values, *new)) if new else self

    def encode(self, values: Iterable[str | None]) -> Ints:
        """The codes of values that are all in the dictionary; 0 for None."""
        codes = self.codes
        return np.array([0 if value is None else codes[value] for value in values], np.int64)

    def recode(self, values: Sequence[str], codes: Ints) -> Ints:
        """The codes here of a column whose codes are 1 + an index into `values`, 0 for none."""
        return np.append(0, self.encode(values)).take(codes)
