"""EDTF (ISO 8601-2:2019, levels 0 to 2) as a syntax tree, with the bounds of every single date, before any padding.

Written here rather than taken from a library: a library costs start-up time, and none knows hours without minutes
(`2021-05-08T02`), which dispatches need.  Grammar and terms: https://www.loc.gov/standards/datetime/.

Where the standard leaves room, or this program narrows or widens it:
- a wholly unspecified year (`XXXX-12-25`) is read, and has no bounds; `-XXXX` is not read;
- seasons 21 to 24 are the northern meteorological ones; a winter begins in December of the year named;
- a time may stop at the hour, and may carry a mark; its offset is kept but moves no day: a day is the source's own;
- long years have five or six digits, so that day numbers fit 32 bits; exponents and significant digits are refused.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import TypeVar

from db.date_tree import (
    SEASONS,
    Choice,
    Edge,
    Expression,
    Interval,
    Mark,
    Point,
    Time,
    Unit,
    days_between,
    fitting,
    season_days,
)
from db.days import Day
from db.errors import DateError

_Part = TypeVar("_Part")

LONGEST = 1000
"""Characters of the longest text that is read, so that a hostile one costs nothing."""

_MARKS = "~?%"
_DIGITS = "0123456789"
_DIGITS_OR_X = "0123456789X"


@lru_cache(maxsize=1 << 14)
def expression(text: str) -> Expression:
    """Read `text` (blanks around it are left out); DateError says what is wrong, where, and how to write it."""
    if len(text) > LONGEST:
        raise DateError(f"a date of more than {LONGEST} characters is not read; write a shorter one", LONGEST)
    return _Reader(text).expression()


class _Reader:
    """A reader of one text, left to right; `at` is the code point that is read next."""

    def __init__(self, text: str) -> None:
        self.text = text.rstrip()
        self.at = len(self.text) - len(self.text.lstrip())
        self.marks: list[Mark] = []

    def expression(self) -> Expression:
        if self.at == len(self.text):
            raise DateError("there is no date here; write 2021-05-08, 2021-05 or 2021, for example", self.at)
        result: Expression
        if self.peek() in ("[", "{"):
            result = self.choice()
        elif "/" in self.text:
            result = self.interval()
        else:
            result = self.point()
        if self.at < len(self.text):
            raise self.leftover()
        return result

    def peek(self, length: int = 1) -> str:
        return self.text[self.at : self.at + length]

    def leftover(self) -> DateError:
        """What to say of a character that no date goes on with."""
        found = self.peek()
        if found == " " and self.text[self.at + 1 : self.at + 2].isdigit():
            return self.fault("a time follows the date after T, not after a blank", "2021-05-08T02:30")
        if found == "S":
            return self.fault("significant digits (S) are not read; say the range of years", "[1950..1959]")
        if found in (".", ",") and self.text[self.at - 3 : self.at - 2] == ":":
            return self.fault("fractions of a second are not read", "2021-05-08T02:30:00")
        if found == ".":
            return self.fault("only a set has two dots between dates", "[2021-05-01..2021-05-07]")
        if found == "T" and "T" not in self.text[: self.at]:
            return self.fault("a time needs a whole date before it", "2021-05-08T02")
        if found and found in _DIGITS:
            return self.fault("the parts of a date are a four-digit year, month and day, joined by -", "2021-05-08")
        return self.fault(f"a date cannot go on with {found!a}", "2021-05-08, 2021-04-15~ or 2021-05-01/2021-05-07")

    def fault(self, what: str, example: str, at: int | None = None) -> DateError:
        return DateError(f"{what}; write {example}", self.at if at is None else at)

    def interval(self) -> Interval:
        start_at = self.at
        start = self.edge(stop="/")
        if self.peek() != "/":
            raise self.leftover()
        self.at += 1
        end_at = self.at
        end = self.edge(stop="")
        if isinstance(start, Edge) and isinstance(end, Edge):
            raise self.fault("an interval needs at least one date", "2014/.. or ../2014", start_at)
        return self.in_order(Interval(start, end), end_at)

    def edge(self, stop: str) -> Point | Edge:
        """A date, `..` or nothing, up to the character `stop` (the end of the text when it is empty)."""
        if self.peek() == stop:
            return Edge.UNKNOWN
        if self.peek(2) == "..":
            self.at += 2
            return Edge.OPEN
        return self.point()

    def in_order(self, interval: Interval, end_at: int) -> Interval:
        start, end = interval.start, interval.end
        if isinstance(start, Edge) or isinstance(end, Edge) or start.first is None or end.last is None:
            return interval
        backward = start.first > end.last
        if start.first == start.last == end.first == end.last and start.time and end.time:
            given = [pair for pair in zip(start.time, end.time, strict=True) if None not in pair]
            backward = [s for s, _ in given] > [e for _, e in given]
        if backward:
            raise self.fault(
                "the second date lies before the first", "the earlier one first: 2021-05-01/2021-05-07", end_at
            )
        return interval

    def choice(self) -> Choice:
        every = self.peek() == "{"
        closing = "}" if every else "]"
        self.at += 1
        members: list[Point | Interval] = []
        while True:
            while self.peek() == " ":
                self.at += 1
            members.append(self.member(closing, leading=not members))
            if self.peek() == closing:
                self.at += 1
                return Choice(every, tuple(members))
            if self.peek() != ",":
                example = "{2021-05-01,2021-05-03}" if every else "[2021-05-01..2021-05-07] or [2021-06-21,2021-06-22]"
                raise self.fault(f"a set goes on with , or .. or ends with {closing}", example)
            self.at += 1

    def member(self, closing: str, leading: bool) -> Point | Interval:
        """A date or a range; open to the left only at the head of the set, to the right only at its end."""
        if self.peek(2) == ".." and leading:
            self.at += 2
            return Interval(Edge.OPEN, self.point())
        start = self.point()
        if self.peek(2) != "..":
            return start
        self.at += 2
        if self.peek() == closing:
            return Interval(start, Edge.OPEN)
        end_at = self.at
        return self.in_order(Interval(start, self.point()), end_at)

    def point(self) -> Point:
        self.marks = []
        year = self.component(Unit.YEAR, self.year)
        year_is_long = len(year.lstrip("-")) > 4
        month = day = time = None
        season: int | None = None
        offset = ""
        month_at = day_at = self.at
        if self.peek() == "-":
            if year_is_long:
                raise self.fault("a year of more than four digits stands alone", "Y12345")
            self.at += 1
            month_at = self.at
            month = self.component(Unit.MONTH, lambda: self.two("month", "2021-05"))
            if "X" not in month and int(month) in SEASONS:
                season, month = int(month), None
            elif not fitting(month, 1, 12):
                shown = f"there is no month {month}: months are 01 to 12, seasons 21 to 41"
                raise self.fault(shown, "2021-05", self.skip_mark(month_at))
        if self.peek() == "-":
            if season is not None:
                raise self.fault("a season, quarter or half has no days", "2021-21 or 2021-03-15")
            self.at += 1
            day_at = self.at
            day = self.component(Unit.DAY, lambda: self.two("day", "2021-05-08"))
            if not fitting(day, 1, 31):
                raise self.fault(f"there is no day {day}", "01 to 31, as in 2021-05-08", self.skip_mark(day_at))
        if self.peek() == "T" and day is not None and "X" not in f"{year}{month}{day}":
            self.at += 1
            time, offset = self.component(Unit.TIME, self.time)
        bounds = season_days(year, season) if season is not None else self.existing(year, month, day, day_at)
        first, last = (None, None) if year == "XXXX" else bounds
        return Point(year, month, season, day, time, offset, tuple(self.marks), first, last)

    def existing(self, year: str, month: str | None, day: str | None, day_at: int) -> tuple[Day, Day]:
        """The bounds of a date, refused when no such day exists (30 February)."""
        found = days_between(year, fitting(month or "XX", 1, 12), fitting(day or "XX", 1, 31))
        if found is None:
            raise self.fault(f"{year}-{month} has no day {day}", "a day of that month", self.skip_mark(day_at))
        return found

    def skip_mark(self, at: int) -> int:
        """Where a part begins that was read from `at`, after the mark that may stand before it."""
        return at + (self.text[at : at + 1] in tuple(_MARKS))

    def component(self, unit: Unit, read: Callable[[], _Part]) -> _Part:
        """One part of a date, read by `read`, with the mark before or after it put into `self.marks`."""
        before = self.mark(unit, before=True)
        value = read()
        after_at = self.at
        after = self.mark(unit, before=False)
        if after and (before or self.peek() in tuple(_MARKS)):
            raise self.fault("a part of a date carries one mark, and % is both ~ and ?", "2021-05-08%", after_at)
        return value

    def mark(self, unit: Unit, *, before: bool) -> bool:
        if self.peek() not in tuple(_MARKS):
            return False
        self.marks.append(Mark(unit, self.peek(), before))
        self.at += 1
        return True

    def year(self) -> str:
        """A year of four digits, X for the unspecified ones, or Y and five or six digits."""
        start = self.at
        if self.peek() == "Y":
            return self.long_year()
        if self.peek() == "-":
            self.at += 1
        digits = self.run(_DIGITS_OR_X)
        if len(digits) == 8 and digits.isdigit():
            year, month, day = digits[:4], digits[4:6], digits[6:]
            raise self.fault("the parts of a date are joined by -", f"{year}-{month}-{day}", start)
        if len(digits) != 4:
            raise self.not_four(digits, start)
        year = self.text[start : self.at]
        if year == "-0000":
            raise self.fault("there is no year -0000: 1 BC is 0000, 2 BC is -0001", "0000", start)
        if year == "-XXXX":
            raise self.fault("an unspecified year before year 0 is not read", "../0000 for any year BC", start)
        return year

    def not_four(self, digits: str, start: int) -> DateError:
        """What to say of a year that has not four digits; the position is where the fifth or missing one stands."""
        if len(digits) > 4:
            self.at -= len(digits) - 4
            return self.fault("a year has four digits, a longer one begins with Y", "2021-05-08 or Y12345")
        if self.peek() in ("x", "u", "U"):
            return self.fault("an unspecified digit is a capital X", "200X")
        if not digits:
            self.at = start
        return self.fault("a date begins with a year of four digits", "2021-05-08, 2021-05 or 2021")

    def long_year(self) -> str:
        self.at += 1
        sign = "-" if self.peek() == "-" else ""
        self.at += len(sign)
        start = self.at
        digits = self.run(_DIGITS)
        if self.peek() in ("E", "S"):
            raise self.fault(
                "exponents and significant digits of a year are not read", "the year in full, as in Y12345"
            )
        if not 5 <= len(digits) <= 6 or digits.startswith("0"):
            example = f"{sign}{digits}" if len(digits) == 4 else "Y12345"
            raise self.fault("after Y comes a year of five or six digits", example, start)
        return sign + digits

    def run(self, allowed: str) -> str:
        start = self.at
        while self.at < len(self.text) and self.text[self.at] in allowed:
            self.at += 1
        return self.text[start : self.at]

    def two(self, name: str, example: str, allowed: str = _DIGITS_OR_X) -> str:
        """Exactly two digits (or X where allowed) of the part called `name`."""
        digits = self.run(allowed)
        if len(digits) > 2:
            self.at -= len(digits) - 2
        if len(digits) != 2:
            article = "an" if name == "hour" else "a"
            raise self.fault(f"{article} {name} has two digits", example)
        return digits

    def time(self) -> tuple[Time, str]:
        """Hour, with or without minute and second, and the offset from UTC as written."""
        hour = self.clock("hour", 23)
        minute = second = None
        if self.peek() == ":":
            self.at += 1
            minute = self.clock("minute", 59)
            if self.peek() == ":":
                self.at += 1
                second = self.clock("second", 59)
        return (hour, minute, second), self.offset()

    def clock(self, name: str, highest: int) -> int:
        start = self.at
        value = int(self.two(name, "2021-05-08T02:30", _DIGITS))
        if value > highest:
            raise self.fault(f"there is no {name} {value}: it is 00 to {highest}", "2021-05-08T02:30", start)
        return value

    def offset(self) -> str:
        start = self.at
        if self.peek() == "Z":
            self.at += 1
        elif self.peek() in ("+", "-"):
            self.at += 1
            self.clock("hour", 23)
            if self.peek() == ":":
                self.at += 1
                self.clock("minute", 59)
        return self.text[start : self.at]
