"""EDTF as a syntax tree: single dates, intervals and sets, with the bounds of a single date before any padding."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, IntEnum
from functools import lru_cache

from db.days import Day, day_number, month_length

Time = tuple[int, int | None, int | None]
"""Hour, minute, second; None is "not given" (`T02` is (2, None, None))."""

SEASONS: dict[int, tuple[int, int]] = {
    21: (3, 3), 22: (6, 3), 23: (9, 3), 24: (12, 3),
    25: (3, 3), 26: (6, 3), 27: (9, 3), 28: (12, 3),
    29: (9, 3), 30: (12, 3), 31: (3, 3), 32: (6, 3),
    33: (1, 3), 34: (4, 3), 35: (7, 3), 36: (10, 3),
    37: (1, 4), 38: (5, 4), 39: (9, 4), 40: (1, 6), 41: (7, 6),
}  # fmt: skip
"""First month and length in months of the codes of ISO 8601-2: seasons (25 to 28 northern, 29 to 32 southern),
quarters, quadrimesters, semestrals."""


class Unit(IntEnum):
    """A component of a date, finest first."""

    TIME = 0
    DAY = 1
    MONTH = 2
    YEAR = 3


@dataclass(frozen=True, slots=True)
class Mark:
    """A qualifier at a component: `~` approximate, `?` uncertain, `%` both; before it, it means that one alone."""

    unit: Unit
    sign: str
    before: bool


@dataclass(frozen=True, slots=True)
class Point:
    """One date as written, its marks apart; `first` and `last` are its bounds without padding, or None."""

    year: str
    """Digits with X where unspecified and a leading `-` before year 0: `2021`, `200X`, `-0044`, `12345`."""
    month: str | None
    season: int | None
    day: str | None
    time: Time | None
    offset: str
    """Offset from UTC as written: `Z`, `+03:00`, or nothing."""
    marks: tuple[Mark, ...]
    first: Day | None
    last: Day | None


class Edge(Enum):
    """An end of an interval that is no date."""

    OPEN = ".."
    UNKNOWN = ""


@dataclass(frozen=True, slots=True)
class Interval:
    """`start/end`, or `start..end` inside a set; at least one of the two is a date."""

    start: Point | Edge
    end: Point | Edge


@dataclass(frozen=True, slots=True)
class Choice:
    """A set: one of its members (`[...]`), or all of them (`{...}`) when `every`."""

    every: bool
    members: tuple[Point | Interval, ...]


Expression = Point | Interval | Choice


def unspecified(digits: str) -> tuple[str, str]:
    """The lowest and highest reading of digits in which X stands for any: `1X` is (`10`, `19`)."""
    return digits.replace("X", "0"), digits.replace("X", "9")


def year_bounds(year: str) -> tuple[int, int]:
    """The first and last year that a year such as `200X` or `-004X` can mean."""
    low, high = unspecified(year.lstrip("-"))
    return (-int(high), -int(low)) if year.startswith("-") else (int(low), int(high))


def fitting(digits: str, low: int, high: int) -> list[int]:
    """The numbers from `low` to `high` whose two digits fit `digits`, where X stands for any digit."""
    if "X" not in digits:
        return [int(digits)] if low <= int(digits) <= high else []
    if digits == "XX":
        return list(range(low, high + 1))
    return [
        number
        for number in range(low, high + 1)
        if all(d in ("X", n) for d, n in zip(digits, f"{number:02d}", strict=True))
    ]


@lru_cache(maxsize=1 << 7)
def _years(year: str) -> tuple[int, ...]:
    """Every year that fits `year`, in order; for one that is wholly unspecified a leap year stands in."""
    if year == "XXXX":
        return (2000,)
    years = [0]
    for digit in year.lstrip("-"):
        years = [y * 10 + d for y in years for d in (range(10) if digit == "X" else (int(digit),))]
    return tuple(sorted(-y for y in years) if year.startswith("-") else years)


def days_between(year: str, months: list[int], days: list[int]) -> tuple[Day, Day] | None:
    """The first and last day among those that exist of a year, `months` and `days` of month; None when none does."""
    years = _years(year)
    first = next((day_number(y, m, d) for y in years for m in months for d in days if d <= month_length(y, m)), None)
    if first is None:
        return None
    backward = (
        day_number(y, m, d)
        for y in reversed(years)
        for m in reversed(months)
        for d in reversed(days)
        if d <= month_length(y, m)
    )
    return first, next(backward)


def season_days(year: str, season: int) -> tuple[Day, Day]:
    """The first and last day of a season, quarter, quadrimester or semestral (a key of SEASONS) of a year."""
    start, length = SEASONS[season]
    low, high = (2000, 2000) if year == "XXXX" else year_bounds(year)
    later, month_index = divmod(start + length - 2, 12)
    end_year, end_month = high + later, month_index + 1
    return day_number(low, start, 1), day_number(end_year, end_month, month_length(end_year, end_month))
