"""What an engine is asked and what it answers: the one interface between the store and everything that shows it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, overload

from db.dates import Day
from db.errors import DatelineError
from db.fields import fold
from db.nearest import nearest
from db.query import AnyOf, Not, Query, Value

Flag = Literal["disputed", "starred"]


@dataclass(frozen=True, slots=True)
class Histogram:
    """Buckets of days: bucket i holds the days from edges[i] up to, not including, edges[i + 1]; two edges or more."""

    edges: tuple[Day, ...]

    def bucket(self, day: Day) -> int | None:
        """The bucket of a day, None outside all of them."""
        at = bisect_right(self.edges, day) - 1
        return at if 0 <= at < len(self.edges) - 1 else None


@dataclass(frozen=True, slots=True)
class Wants:
    """What the asker needs beside the totals: facets by name, and a histogram."""

    facets: tuple[str, ...] = ()
    histogram: Histogram | None = None
    later: tuple[str, ...] = ()
    """Facets that can wait: no part of the answer, but to be asked for when nothing else is."""


@dataclass(frozen=True, slots=True)
class Count:
    """How many incidents have a facet's value, among those that match without the facet's own filter."""

    value: str
    certain: int
    possible: int


class Counts(Sequence[Count]):
    """The values of a facet that have a count, in the facet's order; there can be very many, so read only some."""

    @abstractmethod
    def named(self, text: str) -> Count | None:
        """The count of the value that `text` names, whatever its case and accents; None when none has a count."""

    @abstractmethod
    def holding(self, text: str) -> Counts:
        """Those whose names have each word of `text` somewhere, case and accents aside; all for an empty one."""

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and len(self) == len(other) and all(map(Count.__eq__, self, other))

    __hash__ = None  # type: ignore[assignment]


class ListedCounts(Counts):
    """Counts that are there already, in their order: those of a small store, or of few values."""

    def __init__(self, counts: Sequence[Count]) -> None:
        self._counts = counts

    def __len__(self) -> int:
        return len(self._counts)

    @overload
    def __getitem__(self, at: int) -> Count: ...
    @overload
    def __getitem__(self, at: slice) -> Sequence[Count]: ...
    def __getitem__(self, at: int | slice) -> Count | Sequence[Count]:
        return self._counts[at]

    def __iter__(self) -> Iterator[Count]:
        return iter(self._counts)

    def __repr__(self) -> str:
        return repr(self._counts)

    def named(self, text: str) -> Count | None:
        form = fold(text)
        found = [count for count in self._counts if fold(count.value) == form]
        return next((count for count in found if count.value == text), found[0] if found else None)

    def holding(self, text: str) -> ListedCounts:
        parts = parts_of(text)
        return ListedCounts([c for c in self._counts if holds(fold(c.value), parts)]) if parts else self


def parts_of(text: str) -> list[str]:
    """The pieces of what was typed that a name has to have, longest first."""
    return sorted(set(fold(text).split("-")) - {""}, key=len, reverse=True)


def holds(form: str, parts: Sequence[str]) -> bool:
    """Whether a folded name has all the parts."""
    return all(part in form for part in parts)


@dataclass(frozen=True, slots=True)
class Totals:
    """Counts of incidents: aggregates and context stand on the timeline but are not counted."""

    certain: int
    possible: int
    of: int
    rows: int
    """How many rows the timeline has, aggregates and context among them."""


@dataclass(frozen=True, slots=True)
class Match:
    """One row of an answer."""

    id: int
    certain: bool


class NotReadyError(DatelineError):
    """The engine cannot answer this query yet; it will be able to when the store has been read."""


class Answer(ABC):
    """The answer to one query; ranks are 0-based positions in timeline order."""

    complete = True
    """False while only the rows are known: totals other than `rows`, facets and histogram are still to come."""

    def __init__(
        self,
        query: Query,
        totals: Totals,
        facets: Mapping[str, Counts],
        histogram: list[tuple[int, int]] | None,
    ) -> None:
        self.query = query
        self.totals = totals
        self.facets = facets
        """For each facet asked for, its values with a count: most first, then by name; periods in their order."""
        self.histogram = histogram
        """(certain, possible) incidents per bucket, each in the bucket of the day it stands at (see `day`)."""

    @abstractmethod
    def window(self, first: int, n: int) -> list[Match]:
        """At most `n` rows from rank `first`; shorter at the end, empty beyond it."""

    def ids(self) -> list[int]:
        """The incidents of all rows, in timeline order."""
        return [match.id for match in self.window(0, self.totals.rows)]

    @abstractmethod
    def rank(self, incident_id: int) -> int | None:
        """The rank of an incident, None when the answer has it not."""

    @abstractmethod
    def near(self, incident_id: int) -> int:
        """The rank of the incident, or else of the row nearest after it in time; 0 when there is none."""

    @abstractmethod
    def at(self, day: Day) -> int:
        """The rank of the first row that stands at `day` or later; of the first undated row when there is none."""

    @abstractmethod
    def day(self, rank: int) -> Day | None:
        """The day that a row stands at: its first possible one, else its last; None when it has neither."""

    @abstractmethod
    def seek(self, rank: int, flag: Flag, step: int) -> int | None:
        """The next (step 1) or previous (step -1) rank that has a flag, None when there is none."""


class Engine(ABC):
    """Answers queries over one store; made once, asked often, from one thread."""

    @abstractmethod
    def answer(self, query: Query, wants: Wants | None = None) -> Answer:
        """The answer to `query` as of the last refresh."""

    @abstractmethod
    def refresh(self) -> bool:
        """Catch up with what was written since; True when something changed."""

    def behind(self) -> bool:
        """Whether so much has changed that `refresh` would take seconds: better done in another thread."""
        return False

    @property
    def searches_fast(self) -> bool:
        """Whether words are found in a few milliseconds; if not, it is time to gather postings."""
        return True

    def use_postings(self) -> None:
        """Take up postings that were gathered meanwhile, if there are any: a large store's engine has use for them."""
        return

    def warm_up(self) -> Iterator[None]:
        """Work out, step by step, what a first question would wait for: for when nobody asks anything."""
        yield from ()

    @abstractmethod
    def span(self) -> tuple[Day, Day] | None:
        """The first and last day that any row stands at, None when none is dated."""

    @abstractmethod
    def gaps(self, least: int) -> list[tuple[Day, Day]]:
        """Stretches of at least `least` days on which no row of the store stands: (first, last) empty day, in order."""

    @abstractmethod
    def values(self, facet: str) -> Sequence[str]:
        """Every value that a facet has in the store, in any order: for completion and suggestions."""

    @abstractmethod
    def knows(self, facet: str, asked: Value) -> bool:
        """Whether any value of the facet is meant by what was asked."""

    def unknown(self, query: Query) -> list[tuple[str, str, str | None]]:
        """(facet, value, None) for each value that a top-level term asks for in vain.

        The first has the nearest value that exists in place of None, where one is near.
        """
        found: list[tuple[str, str]] = []
        for term in query.terms:
            bare = term.node if isinstance(term, Not) else term
            if isinstance(bare, AnyOf):
                missing = [asked for asked in bare.values if not self.knows(bare.field, asked)]
                found += [(bare.field, asked.text) for asked in missing]
        # A search through all values each: one that is told is help enough.
        return [
            (field, text, None if at else nearest(text, self.values(field))) for at, (field, text) in enumerate(found)
        ]
