"""Days as numbers in the proleptic Gregorian calendar, for any year, without the limits of `datetime.date`.

Day 0 is 1970-01-01; year 0 is 1 BC (astronomical years).  The two conversions are Howard Hinnant's
`days_from_civil` and `civil_from_days` ("chrono-Compatible Low-Level Date Algorithms", 2013): years that begin
in March, so that the leap day comes last, in eras of 400 years.
"""

from __future__ import annotations

import re

from db.errors import DateError

Day = int
"""A day's number: 0 is 1970-01-01, negative before."""

WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_DAYS_IN_ERA = 146_097  # 400 Gregorian years
_EPOCH_SHIFT = 719_468  # days from 0000-03-01 to 1970-01-01
_MONTH_LENGTHS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_YEAR_TEXT = "[0-9]{4}|-(?!0000)[0-9]{4}|[+-][1-9][0-9]{4,8}"
_ISO = re.compile(f"(?:{_YEAR_TEXT})-([0-9]{{2}})-([0-9]{{2}})")
_YEAR = re.compile(f"(?:{_YEAR_TEXT})(?![0-9])|[0-9]{{4}}")
_DIGITS = re.compile("[0-9]*")
_TWO_DIGITS = re.compile("[0-9]{0,2}")
_DASH = re.compile("-")


def day_number(year: int, month: int, day: int) -> Day:
    """The number of a day; `month` 1 to 12 and `day` 1 to 31 are taken as given, not checked (Hinnant)."""
    if month <= 2:
        year -= 1
        month += 9
    else:
        month -= 3
    era, year_of_era = divmod(year, 400)
    day_of_year = (153 * month + 2) // 5 + day - 1
    return era * _DAYS_IN_ERA + year_of_era * 365 + year_of_era // 4 - year_of_era // 100 + day_of_year - _EPOCH_SHIFT


def civil(day: Day) -> tuple[int, int, int]:
    """Year, month and day of month of a day's number: the inverse of `day_number` (Hinnant)."""
    era, day_of_era = divmod(day + _EPOCH_SHIFT, _DAYS_IN_ERA)
    year_of_era = (day_of_era - day_of_era // 1460 + day_of_era // 36_524 - day_of_era // 146_096) // 365
    day_of_year = day_of_era - (365 * year_of_era + year_of_era // 4 - year_of_era // 100)
    from_march = (5 * day_of_year + 2) // 153
    month = from_march + 3 if from_march < 10 else from_march - 9
    year = year_of_era + era * 400 + (month <= 2)
    return year, month, day_of_year - (153 * from_march + 2) // 5 + 1


def month_length(year: int, month: int) -> int:
    """The number of days of a month, 28 to 31."""
    if month == 2 and year % 4 == 0 and (year % 100 != 0 or year % 400 == 0):
        return 29
    return _MONTH_LENGTHS[month - 1]


def weekday(day: Day) -> str:
    """The English name of a day's weekday, in three letters."""
    return WEEKDAYS[(day + 3) % 7]  # 1970-01-01 was a Thursday


def add_months(day: Day, months: int) -> Day:
    """The same day of month `months` later, or the last of that month when it is shorter."""
    year, month, day_of_month = civil(day)
    later, month_index = divmod(year * 12 + month - 1 + months, 12)
    return day_number(later, month_index + 1, min(day_of_month, month_length(later, month_index + 1)))


def iso(day: Day) -> str:
    """A day as ISO 8601: `YYYY-MM-DD`, outside the years 0 to 9999 expanded: `+12345-01-01`, `-0044-03-15`."""
    year, month, day_of_month = civil(day)
    if year < 0:
        return f"-{-year:04d}-{month:02d}-{day_of_month:02d}"
    sign = "+" if year > 9999 else ""
    return f"{sign}{year:04d}-{month:02d}-{day_of_month:02d}"


def day_of_iso(text: str) -> Day:
    """The day that `iso` writes as `text` (years of up to nine digits); anything else is a DateError."""
    found = _ISO.fullmatch(text)
    if found is None:
        raise DateError("this is not an ISO 8601 day; write 2021-05-08, for example", _unreadable(text))
    year, month, day = int(text[: found.start(1) - 1]), int(found[1]), int(found[2])
    if not 1 <= month <= 12:
        raise DateError(f"there is no month {found[1]}; write 01 to 12, as in 2021-05-08", found.start(1))
    if not 1 <= day <= month_length(year, month):
        longest = month_length(year, month)
        raise DateError(f"there is no day {found[2]} in that month; write 01 to {longest}", found.start(2))
    return day_number(year, month, day)


def _unreadable(text: str) -> int:
    """Where `text` stops being an ISO day: its first wrong character, or its end when it is cut short."""
    year = _YEAR.match(text)
    if year is None:
        # A signed year is wrong as a whole (+2021, -0000), an unsigned one at the character that is no digit.
        return 0 if text.startswith(("+", "-")) else _length(_DIGITS, text, 0)
    at = year.end()
    for part, whole in ((_DASH, 1), (_TWO_DIGITS, 2), (_DASH, 1), (_TWO_DIGITS, 2)):
        length = _length(part, text, at)
        at += length
        if length < whole:
            break
    return at


def _length(part: re.Pattern[str], text: str, at: int) -> int:
    found = part.match(text, at)
    return 0 if found is None else found.end() - at
