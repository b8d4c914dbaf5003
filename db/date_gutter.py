"""EDTF dates in three narrow cells, year, month and day, for the gutter of the timeline.

Cells are at most five, three and six characters wide and are chosen to fit, never cut.  Marks stand in the day's cell,
so that rows of one year keep one and the same year cell: `~` about, `?` possibly, `–` lasts to, `≤` `≥` at the latest
and earliest, `21/22` either, `21+22` both.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from db.date_grammar import expression
from db.date_tree import SEASONS, Choice, Edge, Expression, Interval, Point, Unit, fitting, year_bounds
from db.date_words import MONTHS, QUARTERS, finest, follow, is_plain
from db.days import month_length

if TYPE_CHECKING:
    from db.dates import Dating

YEAR_WIDTH, MONTH_WIDTH, DAY_WIDTH = 5, 3, 6

Cells = tuple[str, str, str]


def short(date: Dating | str) -> Cells:
    """Year, month and day of a date for the gutter, such as ("2021", "Apr", "~15") or ("2000s", "", "")."""
    return _short(date if isinstance(date, str) else date.edtf)


@lru_cache(maxsize=1 << 14)
def _short(edtf: str) -> Cells:
    read = expression(edtf)
    year, month, day = _cells(read)
    points = [read] if isinstance(read, Point) else _ends(read)
    signs = {mark.sign for point in points for mark in point.marks}
    about = any(m.sign in "~%" and m.unit is not Unit.TIME for point in points for m in point.marks)
    before, after = ("~" if about else ""), ("?" if not signs.isdisjoint("?%") else "")
    if day.startswith(("≤", "≥")):
        return year, month, _fitting(day[0] + before + day[1:] + after, day[0] + before + day[1:])
    return year, month, _fitting(before + day + after, before + day[:3] + after if day.isalpha() else "", before + day)


def _fitting(*texts: str) -> str:
    """The first of `texts` that is not empty and fits the day's cell, or nothing."""
    return next((text for text in texts if text and len(text) <= DAY_WIDTH), "")


def _cells(read: Expression) -> Cells:
    if isinstance(read, Point):
        return _point_cells(read)
    if isinstance(read, Interval):
        return _interval_cells(read, one_of=False)
    return _choice_cells(read)


def _ends(read: Interval | Choice) -> list[Point]:
    if isinstance(read, Interval):
        return [end for end in (read.start, read.end) if isinstance(end, Point)]
    return [p for member in read.members for p in ([member] if isinstance(member, Point) else _ends(member))]


def _point_cells(point: Point) -> Cells:
    year = _year_cell(point.year)
    if point.season is not None:
        return _season_cells(year, point.season)
    if point.month is None:
        return year, "", _later_year(point.year)
    months = fitting(point.month, 1, 12)
    if point.day is not None and point.day != "XX":
        month = MONTHS[months[0] - 1][:3] if len(months) == 1 else "?"
        return year, month, _day_cell(point, months)
    if point.month == "XX":
        return year, "", _later_year(point.year)
    if len(months) == 1:
        return year, MONTHS[months[0] - 1][:3], _later_year(point.year)
    if months[-1] - months[0] == len(months) - 1:
        return year, MONTHS[months[0] - 1][:3], f"–{MONTHS[months[-1] - 1][:3]}"
    return year, "?", ""


def _day_cell(point: Point, months: list[int]) -> str:
    """The day of month, or the range of those that an X leaves open."""
    digits = point.day or ""
    if "X" not in digits:
        return str(int(digits))
    leap_or_own = 2000 if "X" in point.year else int(point.year)
    days = fitting(digits, 1, max(month_length(leap_or_own, month) for month in months))
    return f"{days[0]}–{days[-1]}" if days[-1] - days[0] == len(days) - 1 else digits


def _season_cells(year: str, season: int) -> Cells:
    if 33 <= season <= 36:
        return year, "", f"Q{season - 32}"
    if season >= 40:
        return year, "", f"H{season - 39}"
    if season >= 37:
        start, length = SEASONS[season]
        return year, MONTHS[start - 1][:3], f"–{MONTHS[start + length - 2][:3]}"
    return year, "", QUARTERS[(season - 21) % 4]


def _year_cell(year: str) -> str:
    """A year in five characters; from 100,000 years on in thousands, and before 999 BC as the astronomical year."""
    if year == "XXXX":
        return "?"
    low, high = year_bounds(year)
    if "X" in year and low >= 1000 and high - low == 9:
        return f"{low}s"
    if low > 0:
        return str(low) if low <= 99_999 else f"{low // 1000}k"
    bc = 1 - low
    if bc <= 99:
        return f"{bc} BC"
    if bc <= 999:
        return f"{bc}BC"
    return str(low) if low >= -9999 else f"-{-low // 1000}k"


def _later_year(year: str) -> str:
    """The last year that an unspecified year can mean, where the year's cell does not say it."""
    low, high = year_bounds(year)
    if year == "XXXX" or low == high or (low >= 1000 and high - low == 9 and "X" in year):
        return ""
    return f"–{_year_cell(str(high))}"


def _interval_cells(interval: Interval, *, one_of: bool) -> Cells:
    start, end = interval.start, interval.end
    if isinstance(start, Edge):
        if isinstance(end, Edge):
            return "?", "", ""
        year, month, day = _point_cells(end)
        return year, month, _fitting(f"?–{day}", "?–") if start is Edge.UNKNOWN else _fitting(f"≤{day}", "≤")
    if isinstance(end, Edge):
        year, month, day = _point_cells(start)
        if end is Edge.UNKNOWN:
            return year, month, _fitting(f"{day}–?", "–?")
        return year, month, _fitting(f"≥{day}", "≥") if one_of else _fitting(f"{day}–", "–")
    return _range_cells(start, end, between="–")


def _range_cells(start: Point, end: Point, *, between: str) -> Cells:
    """From `start` to `end`: what both share stands once, the end follows `between` where it fits."""
    year, month, day = _point_cells(start)
    end_year, end_month, end_day = _point_cells(end)
    if (year, month, day) == (end_year, end_month, end_day):
        return year, month, day
    if year == end_year and month == end_month and day.isdigit() and end_day.isdigit():
        return year, month, f"{day}{between}{end_day}"
    if year == end_year and month and end_month and not day and not end_day:
        return year, month, f"–{end_month}"
    if not (month or day or end_month or end_day):
        return year, "", _fitting(f"–{end_year}", "–")
    return year, month, _fitting(f"{day}–", "–")


def _choice_cells(choice: Choice) -> Cells:
    members = choice.members
    if len(members) == 1:
        only = members[0]
        if isinstance(only, Interval) and isinstance(only.start, Point) and isinstance(only.end, Point):
            either = not choice.every and _plain_days(only.start, only.end) and follow(only.start, only.end)
            return _range_cells(only.start, only.end, between="/" if either else "–")
        return _point_cells(only) if isinstance(only, Point) else _interval_cells(only, one_of=not choice.every)
    one, two = members[0], members[-1]
    if len(members) == 2 and isinstance(one, Point) and isinstance(two, Point) and _plain_days(one, two):
        # "21/22" holds for days that are apart as well: it is one of the two.
        return _range_cells(one, two, between="+" if choice.every else "/")
    opens = isinstance(one, Interval) and isinstance(one.start, Edge)
    closes = not (isinstance(two, Interval) and isinstance(two.end, Edge))
    points = _ends(choice)
    start = Edge.OPEN if opens else min(points, key=lambda p: (p.first is None, p.first or 0))
    end = max(points, key=lambda p: (p.last is None, p.last or 0)) if closes else Edge.OPEN
    return _interval_cells(Interval(start, end), one_of=not choice.every)


def _plain_days(*points: Point) -> bool:
    return all(is_plain(point) and finest(point) is Unit.DAY for point in points)
