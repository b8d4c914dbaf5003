"""Years and months as facets: the values of what `date:` can ask for, and counts that say what it would answer.

The values of `year` (and `month`) are the years (months) in which the date of a row of the store begins or ends, in
the order of time.  A row has a value certainly when its whole interval lies in it, possibly when the two overlap.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from dataclasses import dataclass

from db.days import Day, civil, day_number, iso
from db.query import And, Node, Not, Or, Query, When

YEAR, MONTH = "year", "month"
NAMES = (YEAR, MONTH)

LONGEST = {YEAR: 999_999, MONTH: 9_999}
"""The years, before and after 0, that a date of a query can name, and those whose months it can; others have none."""

_TEXTS = {YEAR: re.compile(r"-?[0-9]{4}|Y-?[1-9][0-9]{4,5}"), MONTH: re.compile(r"-?[0-9]{4}-(0[1-9]|1[0-2])")}


@dataclass(frozen=True, slots=True)
class Period:
    """A year or a month: its EDTF text, first and last day."""

    text: str
    first: Day
    last: Day


def is_text(name: str, text: str) -> bool:
    """Whether an EDTF text is a plain year (`name` "year") or month."""
    return _TEXTS[name].fullmatch(text) is not None


def year_text(year: int) -> str:
    """A year as EDTF: `0794`, `2021`, `-0044`, and `Y12345` beyond four digits."""
    if abs(year) > 9999:
        return f"Y{year}"
    return f"-{-year:04d}" if year < 0 else f"{year:04d}"


def day_text(day: Day) -> str:
    """A day as a query says it; of a year beyond four digits EDTF has the year alone."""
    year, _, _ = civil(day)
    return year_text(year) if abs(year) > 9999 else iso(day)


def month_of(day: Day) -> int:
    """The number of a day's month: twelve times its year, and 0 to 11."""
    year, month, _ = civil(day)
    return year * 12 + month - 1


def month(number: int) -> Period:
    """The period of a month's number."""
    year, index = divmod(number, 12)
    following = day_number(year + (index == 11), (index + 1) % 12 + 1, 1)
    return Period(f"{year_text(year)}-{index + 1:02d}", day_number(year, index + 1, 1), following - 1)


def periods(name: str, months: Iterable[int]) -> list[Period]:
    """The values of a facet for the months in which something begins or ends, in order."""
    known = [number for number in sorted(set(months)) if abs(number // 12) <= LONGEST[name]]
    if name == MONTH:
        return [month(number) for number in known]
    return [
        Period(year_text(year), day_number(year, 1, 1), day_number(year, 12, 31))
        for year in dict.fromkeys(number // 12 for number in known)
    ]


def overlapping(among: list[Period], first: Day | None, last: Day | None) -> list[int]:
    """The indexes of the periods, which are in order, that days from `first` to `last` (None: open) can fall in."""
    begin = 0 if first is None else bisect_left(among, first, key=lambda period: period.last)
    end = len(among) if last is None else bisect_right(among, last, key=lambda period: period.first)
    return list(range(begin, end))


def without_dates(query: Query) -> Node | None:
    """The query without its top-level `date:` terms: what years and months are counted over."""
    rest = tuple(term for term in query.terms if not is_date(term.node if isinstance(term, Not) else term))
    if len(rest) == len(query.terms):
        return query.node
    return And(rest) if len(rest) > 1 else rest[0] if rest else None


def is_date(node: Node) -> bool:
    """Whether a term is of `date:`, or alternatives that all are."""
    if isinstance(node, Or):
        return all(map(is_date, node.nodes))
    return isinstance(node, When) and node.field == "date"
