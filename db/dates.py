"""EDTF in; interval, precision, sort key and words for people out.

Nothing outside the standard library is imported: reading dates is on the way to the first frame, and EDTF libraries
do not know an hour without minutes (`2021-05-08T02`).  The package `edtf` is the oracle of the tests instead.

What `~` (and `%`) adds, on each side, is a convention of this program: see the constants.  `?` alone adds nothing:
the source gives that date, somebody doubts it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache

from db.date_grammar import expression
from db.date_gutter import short
from db.date_tree import Edge, Expression, Interval, Point, Time, Unit
from db.date_words import words, words_or_text
from db.days import Day, add_months, civil, day_number, day_of_iso, iso, month_length, weekday

__all__ = [
    "Dating",
    "Day",
    "Time",
    "civil",
    "clip",
    "day_number",
    "day_of_iso",
    "iso",
    "parse",
    "short",
    "weekday",
    "words",
    "words_or_text",
]

APPROXIMATE_DAYS = 5
"""Days that an approximate day reaches to each side: "mid-April", `2021-04-15~`, is 10 to 20 April."""

APPROXIMATE_MONTHS = 1
"""Months that an approximate month, season or quarter reaches to each side: `2021-04~` is March to May."""

APPROXIMATE_YEARS = 1
"""Years that an approximate year reaches to each side; ten for a decade (`200X~`), a hundred for a century."""

NEVER: Day = 2**31 - 1
"""Stands for a missing bound in sort keys: after any day that a date can have (they fit 32 bits)."""

SortKey = tuple[Day, int, Day]


@dataclass(frozen=True, slots=True)
class Dating:
    """What an EDTF text says of when: bounds as day numbers, both inclusive, None where unbounded or unknown.

    `time` is the time of day at `earliest` (hour, minute, second; None where not given); `precision` is UCDP's
    date_prec of the interval's length: 1 one day, 2 two to six days, 3 seven, 4 eight to 31, 5 longer or open.
    """

    edtf: str
    earliest: Day | None
    latest: Day | None
    time: Time | None
    approximate: bool
    uncertain: bool
    precision: int

    @property
    def sort_key(self) -> SortKey:
        """Earliest day, second of that day (-1 when no time is given), latest day; what is missing comes last."""
        second_of_day = -1
        if self.time is not None:
            hour, minute, second = self.time
            second_of_day = hour * 3600 + (minute or 0) * 60 + (second or 0)
        return (
            NEVER if self.earliest is None else self.earliest,
            second_of_day,
            NEVER if self.latest is None else self.latest,
        )


@lru_cache(maxsize=1 << 16)
def parse(text: str) -> Dating:
    """Read an EDTF date; DateError says in one line what is wrong and what to write, and at which code point."""
    day = _plain_day(text)
    if day is not None:
        return Dating(text, day, day, None, False, False, 1)
    read = expression(text)
    earliest, latest = _bounds(read)
    signs = {mark.sign for point in _points(read) for mark in point.marks}
    return Dating(
        text.strip(),
        earliest,
        latest,
        _time(read),
        approximate=not signs.isdisjoint("~%"),
        uncertain=not signs.isdisjoint("?%"),
        precision=_precision(earliest, latest),
    )


def clip(dating: Dating, not_after: Day | None) -> Dating:
    """`dating` with its late bound at most the day of publication `not_after` (None: unknown).

    An open end becomes `not_after`: a report knows nothing of the time after it.  A date that lies wholly after its
    report contradicts it, and is left as it is: no bound could be given that the source supports.
    """
    if not_after is None or (dating.earliest is not None and dating.earliest > not_after):
        return dating
    latest = not_after if dating.latest is None else min(dating.latest, not_after)
    return replace(dating, latest=latest, precision=_precision(dating.earliest, latest))


def _plain_day(text: str) -> Day | None:
    """The day of `YYYY-MM-DD`, by far the most frequent form; None leaves any other text to the grammar."""
    if len(text) != 10 or text[4] != "-" or text[7] != "-" or not text.isascii():
        return None
    digits = text[:4] + text[5:7] + text[8:]
    if not digits.isdigit():
        return None
    year, month, day = int(text[:4]), int(text[5:7]), int(text[8:])
    if 1 <= month <= 12 and 1 <= day <= month_length(year, month):
        return day_number(year, month, day)
    return None


def _precision(earliest: Day | None, latest: Day | None) -> int:
    if earliest is None or latest is None:
        return 5
    length = latest - earliest + 1
    if length == 1:
        return 1
    if length <= 6:
        return 2
    if length == 7:
        return 3
    return 4 if length <= 31 else 5


def _points(read: Expression) -> list[Point]:
    """Every single date of an expression, in the order in which they are written."""
    if isinstance(read, Point):
        return [read]
    if isinstance(read, Interval):
        return [end for end in (read.start, read.end) if not isinstance(end, Edge)]
    return [point for member in read.members for point in _points(member)]


def _bounds(read: Expression) -> tuple[Day | None, Day | None]:
    """The first and last day that an expression can mean, its approximate dates padded outward."""
    if isinstance(read, Point):
        return _padded(read)
    if isinstance(read, Interval):
        return (
            None if isinstance(read.start, Edge) else _padded(read.start)[0],
            None if isinstance(read.end, Edge) else _padded(read.end)[1],
        )
    first, last = zip(*map(_bounds, read.members), strict=True)
    return (
        None if None in first else min(day for day in first if day is not None),
        None if None in last else max(day for day in last if day is not None),
    )


def _time(read: Expression) -> Time | None:
    """The time of day that goes with the earliest bound."""
    if isinstance(read, Point):
        return read.time
    if isinstance(read, Interval):
        return None if isinstance(read.start, Edge) else read.start.time
    return _time(min(read.members, key=_begins))


def _begins(member: Point | Interval) -> SortKey:
    earliest, latest = _bounds(member)
    return Dating("", earliest, latest, _time(member), False, False, 5).sort_key


def _padded(point: Point) -> tuple[Day | None, Day | None]:
    """The bounds of one date with what its widest `~` or `%` adds."""
    if point.first is None or point.last is None:
        return None, None
    units = [_padding_unit(point, mark.unit) for mark in point.marks if mark.sign != "?"]
    unit = max(units, default=Unit.TIME)  # an approximate hour moves no day
    if unit is Unit.TIME:
        return point.first, point.last
    if unit is Unit.DAY:
        return point.first - APPROXIMATE_DAYS, point.last + APPROXIMATE_DAYS
    months = APPROXIMATE_MONTHS
    if unit is Unit.YEAR:
        months = 12 * APPROXIMATE_YEARS * 10 ** (len(point.year) - len(point.year.rstrip("X")))
    return add_months(point.first, -months), _later(point.last, months)


def _padding_unit(point: Point, marked: Unit) -> Unit:
    """The unit that a mark widens by: for a part that is wholly unspecified (XX) the next coarser one."""
    if marked is Unit.DAY and point.day == "XX":
        marked = Unit.MONTH
    if marked is Unit.MONTH and point.month == "XX":
        marked = Unit.YEAR
    return marked


def _later(day: Day, months: int) -> Day:
    """`add_months`, but the last day of a month goes to the last day of the other: a bound stays whole months away."""
    year, month, day_of_month = civil(day)
    if day_of_month == month_length(year, month):
        return add_months(day + 1, months) - 1
    return add_months(day, months)
