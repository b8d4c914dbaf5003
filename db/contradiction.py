"""Whether any two of many claims on one field cannot both be true, without comparing each with each.

A store can hold thousands of claims on one field of one incident; compared in pairs they would keep every command
busy for minutes.  The answer is that of `disputes.rivals` for each pair.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from heapq import nlargest, nsmallest
from itertools import accumulate
from math import inf
from operator import itemgetter

from db import dates
from db.errors import DateError
from db.fields import fold

Line = Callable[[str], frozenset[str]]
"""A key → itself and the keys of what it is part of, a few dozen at most; nothing for what is no key."""

Span = tuple[float, float]
"""The first and last possible day of a date, without end where it is open."""


def meet(one: Sequence[str], other: Sequence[str], line: Line, *, dated: bool) -> bool:
    """Whether any value of one list is the same as one of the other."""
    if {fold(value) for value in one} & {fold(value) for value in other}:
        return True
    if dated:
        return _overlap(_spans(one), _spans(other))
    here, there = set(one), set(other)
    return any(line(value) & there for value in one) or any(line(value) & here for value in other)


def apart(values: Sequence[str], line: Line, *, dated: bool) -> bool:
    """Whether any two of the values are not the same."""
    groups: dict[str, list[str]] = defaultdict(list)
    for value in values:
        groups[fold(value)].append(value)
    if len(groups) < 2:
        return False
    if dated:
        return _any_apart(groups.values())
    # A line holds few keys, so only few values stand in the lines of all others: two that are apart are soon met.
    ordered = list(groups.values())
    return any(
        a not in line(b) and b not in line(a)
        for at, group in enumerate(ordered)
        for a in group
        for others in ordered[at + 1 :]
        for b in others
    )


def _any_apart(groups: Iterable[Sequence[str]]) -> bool:
    """Whether two dates of different spellings do not overlap; what is no date overlaps with none."""
    spans = [_spans(group) for group in groups]
    if any(len(found) < len(group) for found, group in zip(spans, groups, strict=True)):
        return True
    firsts = [(max(first for first, _ in found), at) for at, found in enumerate(spans)]
    lasts = [(min(last for _, last in found), at) for at, found in enumerate(spans)]
    return any(
        first > last and one != other
        for first, one in nlargest(2, firsts, itemgetter(0))
        for last, other in nsmallest(2, lasts, itemgetter(0))
    )


def _overlap(one: list[Span], other: list[Span]) -> bool:
    """Whether any span of one list has a day in common with one of the other."""
    ordered = sorted(other)
    firsts = [first for first, _ in ordered]
    farthest = list(accumulate((last for _, last in ordered), max))
    return any(
        (before := bisect_right(firsts, last)) and farthest[before - 1] >= first for first, last in one if first <= last
    )


def _spans(values: Iterable[str]) -> list[Span]:
    """The spans of those values that are dates."""
    spans = []
    for value in values:
        try:
            dating = dates.parse(value)
        except DateError:
            continue
        spans.append(
            (-inf if dating.earliest is None else dating.earliest, inf if dating.latest is None else dating.latest)
        )
    return spans
