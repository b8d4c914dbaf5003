"""EDTF dates in English words for people: "about mid-April 2021", "early 2000s", "Sat 8 May 2021, about 02:00".

The words follow the text as it was written, not its bounds, so that they claim what the source claims.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from db.date_grammar import expression
from db.date_tree import Choice, Edge, Expression, Interval, Point, Unit, fitting, year_bounds
from db.days import day_number, month_length, weekday
from db.errors import DateError

if TYPE_CHECKING:
    from db.dates import Dating

MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August",
    "September", "October", "November", "December",
)  # fmt: skip
QUARTERS = ("spring", "summer", "autumn", "winter")
GREGORIAN = 1583
"""The first whole year of the Gregorian calendar in use; before it a proleptic weekday would mislead."""

_EARLY = {(0, 3), (0, 4)}
_MIDDLE = {(3, 6), (3, 7), (4, 6)}
_LATE = {(5, 9), (6, 9)}


def words(date: Dating | str) -> str:
    """A date in words for people, never empty; an EDTF text that cannot be read is a DateError."""
    return _words(date if isinstance(date, str) else date.edtf)


def words_or_text(edtf: str) -> str:
    """A date in words for people; a text that EDTF does not know, as it stands: a store made by hand may have one."""
    try:
        return _words(edtf)
    except DateError:
        return edtf


def year_words(year: int) -> str:
    """A year for people: `2021`, `AD 476`, `44 BC` (year 0 is 1 BC, astronomical -43 is 44 BC)."""
    if year <= 0:
        return f"{1 - year} BC"
    return str(year) if year >= 1000 else f"AD {year}"


def is_plain(point: Point) -> bool:
    """Whether a date is a year, month or day and nothing else: no mark, no X, no time, no season."""
    return not (point.marks or point.time or point.season) and "X" not in f"{point.year}{point.month}{point.day}"


def finest(point: Point) -> Unit:
    """The finest part that a date has, its time of day aside."""
    if point.day is not None:
        return Unit.DAY
    return Unit.YEAR if point.month is None and point.season is None else Unit.MONTH


def follow(first: Point, second: Point) -> bool:
    """Whether two plain dates of one kind come one right after the other."""
    return first.last is not None and second.first == first.last + 1


@lru_cache(maxsize=1 << 14)
def _words(edtf: str) -> str:
    return _expression_words(expression(edtf))


def _expression_words(read: Expression) -> str:
    if isinstance(read, Point):
        return _point_words(read)
    if isinstance(read, Interval):
        return _interval_words(read)
    return _choice_words(read)


def _point_words(point: Point, *, with_weekday: bool = True) -> str:
    """One date with its marks: "about" and "possibly" for the whole, a note in brackets for a part of it."""
    unit = finest(point)
    whole = [mark for mark in point.marks if mark.unit is unit]
    timed = [mark.sign for mark in point.marks if mark.unit is Unit.TIME]
    about = any(mark.sign in "~%" for mark in whole)
    possibly = any(mark.sign in "?%" for mark in whole) or any(sign in "?%" for sign in timed)
    notes = _notes(point)
    part = "" if point.time or notes else _part_of_month(point)
    if point.season is not None:
        text = _season_words(point)
    elif "X" in f"{point.year}{point.month}{point.day}":
        text = _unspecified_words(point, about=about)
    elif about and part:
        text = f"{part}-{_month(point)} {_year(point)}" if part == "mid" else f"{part} {_month(point)} {_year(point)}"
    else:
        text = _given_words(point, with_weekday=with_weekday and not about and not notes)
    text = ("possibly " if possibly else "") + ("about " + _the(text) if about else text)
    if point.time is not None:
        text += f", {_time_words(point, about=any(sign in '~%' for sign in timed))}"
    return text + notes


def _given_words(point: Point, *, with_weekday: bool) -> str:
    """A year, month or day of which every digit is given."""
    if point.month is None:
        return _year(point)
    if point.day is None:
        return f"{_month(point)} {_year(point)}"
    number, year = int(point.day), int(point.year)
    text = f"{number} {_month(point)[:3]} {_year(point)}"
    if with_weekday and year >= GREGORIAN:
        return f"{weekday(day_number(year, int(point.month), number))} {text}"
    return text


def _part_of_month(point: Point) -> str:
    """What a day around the 5th, 15th or 25th stands for when it is approximate; nothing for other days."""
    if point.day is None or "X" in point.day or point.month is None:
        return ""
    day = int(point.day)
    return {5: "early", 15: "mid", 25: "late"}.get(next((d for d in (5, 15, 25) if abs(d - day) <= 1), 0), "")


def _notes(point: Point) -> str:
    """What the marks say that stand at a coarser part than the finest: " (year and month uncertain)"."""
    names = {Unit.YEAR: "year", Unit.MONTH: "month", Unit.DAY: "day"}
    kinds = {"~": "approximate", "?": "uncertain", "%": "approximate and uncertain"}
    notes = []
    for mark in point.marks:
        if mark.unit <= finest(point):
            continue
        # After a part a mark means all parts to its left as well, before it that part alone.
        covered = [mark.unit] if mark.before else [unit for unit in names if unit >= mark.unit]
        notes.append(f"{' and '.join(names[unit] for unit in covered)} {kinds[mark.sign]}")
    return f" ({', '.join(notes)})" if notes else ""


def _time_words(point: Point, *, about: bool) -> str:
    """The time of day; an hour alone is never exact."""
    assert point.time is not None
    hour, minute, second = point.time
    clock = f"{hour:02d}:{minute or 0:02d}" + ("" if second is None else f":{second:02d}")
    offset = " UTC" if point.offset == "Z" else f" {point.offset}" if point.offset else ""
    return ("about " if about or minute is None else "") + clock + offset


def _season_words(point: Point) -> str:
    season = point.season or 0
    year = _year(point)
    of_year = f", {year}" if "X" in point.year else f" {year}"
    if 33 <= season <= 36:
        return f"{('first', 'second', 'third', 'fourth')[season - 33]} quarter{_of(point)}"
    if 37 <= season <= 39:
        return f"{('January–April', 'May–August', 'September–December')[season - 37]}{of_year}"
    if season >= 40:
        return f"{('first', 'second')[season - 40]} half{_of(point)}"
    name = QUARTERS[(season - 21) % 4]
    if season in (24, 28, 30) and "X" not in point.year and int(point.year) >= 1000:
        of_year += f"–{(int(point.year) + 1) % 100:02d}"  # begins in December, ends in February
    return name + of_year + (" (southern)" if 29 <= season <= 32 else "")


def _of(point: Point) -> str:
    return f", {_year(point)}" if point.year == "XXXX" else f" of {_the(_year(point))}"


def _unspecified_words(point: Point, *, about: bool) -> str:
    """A date with X in it: "2000s", "May 2021, day unknown", "between 10 and 19 May 2021"."""
    year, month, day = _year(point), point.month, point.day
    join = ", " if "X" in point.year else " "
    if month is None:
        return year
    if month == "XX":
        if day is not None and day != "XX":
            return f"day {day.lstrip('0') or day} of a month of {_the(year)}"
        unknown = "month" if day is None else "month and day"
        return f"year, {unknown} unknown" if point.year == "XXXX" else f"{year}, {unknown} unknown"
    months = _either([MONTHS[m - 1] for m in fitting(month, 1, 12)], fitting(month, 1, 12), about=about)
    if day is None:
        return f"{months}{join}{year}"
    if day == "XX":
        return f"{months}{join}{year}, day unknown"
    if "X" in month:
        return f"day {day.lstrip('0') or day} of a month {months}{join}{year}"
    leap_or_own = 2000 if "X" in point.year else int(point.year)
    numbers = fitting(day, 1, month_length(leap_or_own, int(month)))
    return f"{_either([str(n) for n in numbers], numbers, about=about)} {_month(point)[:3]}{join}{year}"


def _either(names: list[str], numbers: list[int], *, about: bool) -> str:
    """One of several days or months: a range when they follow one another, else a list."""
    if len(names) > 2 and numbers[-1] - numbers[0] == len(numbers) - 1:
        return f"{names[0]}–{names[-1]}" if about else f"between {names[0]} and {names[-1]}"
    return _listed(names, "or")


def _listed(names: list[str], joint: str) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} {joint} {names[-1]}"


def _year(point: Point) -> str:
    """A year in words; a decade is "2000s", a century "2000–2099", since the 21st is 2001 to 2100."""
    year = point.year
    if "X" not in year:
        return year_words(int(year))
    if year == "XXXX":
        return "year unknown"
    if "X" in year.rstrip("X"):
        return f"{year} (X unknown)"
    low, high = year_bounds(year)
    if low >= 1000 and high - low == 9:
        return f"{low}s"
    return _year_range(low, high)


def _year_range(low: int, high: int) -> str:
    left, right, tight = _year_pair(low, high)
    return f"{left}–{right}" if tight else f"{left} – {right}"


def _year_pair(low: int, high: int) -> tuple[str, str, bool]:
    """Two years for one range: the first, the second, and whether they share what is written once."""
    if high <= 0:
        return str(1 - low), year_words(high), True
    if low > 0 and high < 1000:
        return year_words(low), str(high), True
    return year_words(low), year_words(high), low >= 1000


def _month(point: Point) -> str:
    return MONTHS[int(point.month or 1) - 1]


def _the(text: str) -> str:
    """A decade takes the article: "the 2000s", "the early 2000s"."""
    decade = text.endswith("0s") and (text[:1].isdigit() or text.startswith(("early ", "mid-", "late ")))
    return f"the {text}" if decade else text


def _brief(point: Point) -> str:
    return _the(_point_words(point, with_weekday=False))


def _interval_words(interval: Interval) -> str:
    """`start/end`: something that lasted from one to the other."""
    start, end = interval.start, interval.end
    if isinstance(start, Edge):
        assert isinstance(end, Point)
        return f"until {_brief(end)}" + (", start unknown" if start is Edge.UNKNOWN else "")
    if isinstance(end, Edge):
        return f"from {_brief(start)}, end unknown" if end is Edge.UNKNOWN else f"since {_brief(start)}"
    return _range_words(start, end)


def _range_words(start: Point, end: Point) -> str:
    if start == end:
        return _point_words(start)
    decade = _part_of_decade(start, end)
    if decade:
        return decade
    if start.time and end.time and _same_day(start, end) and not (start.marks or end.marks):
        return f"{_point_words(start)} to {_time_words(end, about=False)}"
    left, right, tight = _pair(start, end)
    return f"{left}–{right}" if tight else f"{left} – {right}"


def _same_day(start: Point, end: Point) -> bool:
    return (start.year, start.month, start.day) == (end.year, end.month, end.day)


def _pair(start: Point, end: Point) -> tuple[str, str, bool]:
    """Both ends of a range in words, what they share said once, and whether the first is then a bare part."""
    if is_plain(start) and is_plain(end) and finest(start) is finest(end):
        unit = finest(start)
        if unit is Unit.YEAR:
            return _year_pair(int(start.year), int(end.year))
        if start.year == end.year and unit is Unit.MONTH:
            return _month(start), _brief(end), True
        if start.year == end.year and start.month == end.month:
            return str(int(start.day or 0)), _brief(end), True
        if start.year == end.year:
            return f"{int(start.day or 0)} {_month(start)[:3]}", _brief(end), False
    return _brief(start), _brief(end), False


def _part_of_decade(start: Point, end: Point) -> str:
    """ "early 2000s" and the like for years that are the first, middle or last four or five of a decade, else ""."""
    if not (is_plain(start) and is_plain(end) and finest(start) is finest(end) is Unit.YEAR):
        return ""
    low, high = int(start.year), int(end.year)
    decade = low - low % 10
    if low < 1000:
        return ""
    span = (low - decade, high - decade)
    if span == (0, 9):
        return f"{decade}s"
    if span in _EARLY:
        return f"early {decade}s"
    if span in _MIDDLE:
        return f"mid-{decade}s"
    return f"late {decade}s" if span in _LATE else ""


def _choice_words(choice: Choice) -> str:
    """`[...]` as one of its members, `{...}` as all of them."""
    first = choice.members[0]
    if len(choice.members) == 1:
        if isinstance(first, Point):
            return _point_words(first)
        return f"all {_all_words(first)}" if choice.every else _one_of_words(first)
    joint = "and" if choice.every else "or"
    points = [member for member in choice.members if isinstance(member, Point)]
    if len(points) == len(choice.members) and all(is_plain(p) and finest(p) is finest(points[0]) for p in points):
        return _series(points, joint)
    said = [_brief(m) if isinstance(m, Point) else _member_range(m) for m in choice.members]
    return _listed(said, joint)


def _series(points: list[Point], joint: str) -> str:
    """Plain dates of one kind, the month and year that all share said once: "21 or 22 Jun 2021"."""
    last = points[-1]
    same_year = all(p.year == last.year for p in points)
    same_month = same_year and all(p.month == last.month for p in points)
    unit = finest(last)
    if unit is Unit.DAY and same_month:
        return f"{_listed([str(int(p.day or 0)) for p in points], joint)} {_month(last)[:3]} {_year(last)}"
    if unit is Unit.DAY and same_year:
        return f"{_listed([f'{int(p.day or 0)} {_month(p)[:3]}' for p in points], joint)} {_year(last)}"
    if unit is Unit.MONTH and same_year:
        return f"{_listed([_month(p) for p in points], joint)} {_year(last)}"
    return _listed([_brief(p) for p in points], joint)


def _one_of_words(interval: Interval) -> str:
    """`[a..b]`: one time between the two, not all of it."""
    start, end = interval.start, interval.end
    if isinstance(start, Edge):
        assert isinstance(end, Point)
        if not is_plain(end):
            return f"by {_brief(end)}" if end.marks or end.time else f"by the end of {_brief(end)}"
        return f"on or before {_brief(end)}" if finest(end) is Unit.DAY else f"by the end of {_brief(end)}"
    if isinstance(end, Edge):
        return f"{_brief(start)} or later"
    if start == end:
        return _point_words(start)
    decade = _part_of_decade(start, end)
    if decade:
        return decade
    left, right, _tight = _pair(start, end)
    if is_plain(start) and is_plain(end) and finest(start) is finest(end) and follow(start, end):
        return f"{left} or {right}"
    return f"between {left} and {right}"


def _member_range(interval: Interval) -> str:
    """A range among other members of a set."""
    if isinstance(interval.start, Edge):
        return f"any time until {_brief_end(interval)}"
    if isinstance(interval.end, Edge):
        return f"any time since {_brief(interval.start)}"
    return _range_words(interval.start, interval.end)


def _all_words(interval: Interval) -> str:
    if isinstance(interval.start, Edge):
        return f"until {_brief_end(interval)}"
    if isinstance(interval.end, Edge):
        return f"since {_brief(interval.start)}"
    return f"of {_the(_range_words(interval.start, interval.end))}"


def _brief_end(interval: Interval) -> str:
    assert isinstance(interval.end, Point)
    return _brief(interval.end)
