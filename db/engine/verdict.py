"""Kleene's three values for what is only partly known: dates that are intervals, numbers that are estimates."""

from __future__ import annotations

from db.dates import Day

Verdict = bool | None
"""True certainly, None possibly, False not."""

Interval = tuple[Day | None, Day | None]
"""First and last possible day; None where it is open."""


def during(known: Interval | None, earliest: Day | None, latest: Day | None) -> Verdict:
    """Whether an interval lies in a range: inside it certainly, overlapping it possibly; undated (None), not."""
    if known is None:
        return False
    first, last = known
    if (earliest is not None and last is not None and last < earliest) or (
        latest is not None and first is not None and first > latest
    ):
        return False
    starts = earliest is None or (first is not None and first >= earliest)
    ends = latest is None or (last is not None and last <= latest)
    return True if starts and ends else None


def in_range(known: tuple[int | None, int | None] | None, low: int | None, high: int | None) -> Verdict:
    """Whether an estimate lies in a range; unknown is never in one."""
    if known is None:
        return False
    least, most = known
    least = least or 0  # nobody counts less than none: "at most 3" lies in 0..5
    if (low is not None and most is not None and most < low) or (high is not None and least > high):
        return False
    inside = (low is None or least >= low) and (high is None or (most is not None and most <= high))
    return True if inside else None


def certainly(verdict: Verdict, strict: bool, negated: bool) -> Verdict:
    """A term's verdict when possible matches do not count: under a minus sign what is possible counts as held."""
    return negated if strict and verdict is None else verdict


def all_of(verdicts: list[Verdict]) -> Verdict:
    """And."""
    return False if False in verdicts else None if None in verdicts else True


def any_of(verdicts: list[Verdict]) -> Verdict:
    """Or."""
    return True if True in verdicts else None if None in verdicts else False


def opposite(verdict: Verdict) -> Verdict:
    """Not."""
    return None if verdict is None else not verdict
