"""Whether any two of many claims on one field cannot both be true, without comparing each with each.

A store can hold thousands of claims on one field of one incident; compared in pairs they would keep every command
busy for minutes.  The answer is that of `disputes.rivals` for each pair.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from itertools import accumulate
from math import inf
from typing import NamedTuple

from db import dates
from db.errors import DateError
from db.fields import fold

Line = Callable[[str], frozenset[str]]
"""A key → itself and the keys of what it is part of, a few dozen at most; nothing for what is no key."""

Span = tuple[float, float]
"""The first and last possible day of a date, without end where it is open."""


def meet(one: Sequence[str], other: Sequence[str], line: Line, *, dated: bool) -> bool:
    """Whether any value of one list is the same as one of the other."""
    if dated:
        here, there = _dates(one), _dates(other)
        return bool(
            _folds(here.words) & _folds(other) or _folds(there.words) & _folds(one) or _overlap(here.spans, there.spans)
        )
    if _folds(one) & _folds(other):
        return True
    ours, theirs = set(one), set(other)
    return any(line(value) & theirs for value in one) or any(line(value) & ours for value in other)


def apart(values: Sequence[str], line: Line, *, dated: bool) -> bool:
    """Whether any two of the values are not the same."""
    if dated:
        found = _dates(values)
        if found.words and len(_folds(values)) > 1:
            return True
        # Any two of some spans overlap where all of them do.
        return bool(found.spans) and max(first for first, _ in found.spans) > min(last for _, last in found.spans)
    groups: dict[str, list[str]] = defaultdict(list)
    for value in values:
        groups[fold(value)].append(value)
    # A line holds few keys, so only few values stand in the lines of all others: two that are apart are soon met.
    ordered = list(groups.values())
    return any(
        a not in line(b) and b not in line(a)
        for at, group in enumerate(ordered)
        for a in group
        for others in ordered[at + 1 :]
        for b in others
    )


def fits(values: Sequence[str | None], line: Line, *, dated: bool) -> list[set[int]]:
    """For each value the places of those that are the same, its own among them; none for None."""
    by_fold: dict[str, set[int]] = defaultdict(set)
    places: dict[str, set[int]] = defaultdict(set)
    for at, value in enumerate(values):
        if value is not None:
            by_fold[fold(value)].add(at)
            places[value].add(at)
    if dated:
        spans = {value: found.spans[0] for value in places if (found := _dates([value])).spans}
        known = [(at, spans[value]) for value, own in places.items() if value in spans for at in own]
        words = {at for value, own in places.items() if value not in spans for at in own}
        return [
            set()
            if value is None
            else by_fold[fold(value)]
            if (span := spans.get(value)) is None
            else {at for at, (first, last) in known if first <= span[1] and last >= span[0]}
            | (by_fold[fold(value)] & words)
            for value in values
        ]
    lines = {value: line(value) for value in places}
    within: dict[str, set[int]] = defaultdict(set)
    for value, keys in lines.items():
        for key in keys & places.keys():
            within[key] |= places[value]
    return [
        set()
        if value is None
        else by_fold[fold(value)].union(within[value], *(places.get(k, ()) for k in lines[value]))
        for value in values
    ]


class _Dates(NamedTuple):
    """Values of a field of dates: the spans of those that are some, and the others."""

    spans: list[Span]
    words: list[str]


def _dates(values: Iterable[str]) -> _Dates:
    found = _Dates([], [])
    for value in values:
        try:
            dating = dates.parse(value)
        except DateError:
            found.words.append(value)
        else:
            first = -inf if dating.earliest is None else dating.earliest
            found.spans.append((first, inf if dating.latest is None else dating.latest))
    return found


def _folds(values: Iterable[str]) -> set[str]:
    return {fold(value) for value in values}


def _overlap(one: list[Span], other: list[Span]) -> bool:
    """Whether any span of one list has a day in common with one of the other."""
    ordered = sorted(other)
    firsts = [first for first, _ in ordered]
    farthest = list(accumulate((last for _, last in ordered), max))
    return any((before := bisect_right(firsts, last)) and farthest[before - 1] >= first for first, last in one)
