"""Days as data sets write them, to EDTF; the order of day and month is the file's or the user's, never a guess.

A cell says one day, with or without a time of day behind it, and nothing else: what says more is no day.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from db.formats.record import FormatError, RowError

_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "january jan", "february feb", "march mar", "april apr", "may", "june jun", "july jul", "august aug",
            "september sept sep", "october oct", "november nov", "december dec",
        ),
        1,
    )
    for name in names.split()
}  # fmt: skip
_NAME = r"(?P<name>[a-z]{3,9})\.?"
_TIME = (
    r"(?P<time>(?P<hour>\d\d?):(?P<minute>\d\d)(?::(?P<second>\d\d)(?:[.,](?P<fraction>\d+))?)?"
    r"(?: ?(?P<half>[ap])\.?m\.?)? ?(?P<zone>Z|UTC|[+-]\d\d(?::?\d\d)?)?)"
)
"""A time of day on the clock of 24 hours, or of 12 with AM or PM, and the zone that it is of."""


def _form(day: str, before_time: str = " ") -> re.Pattern[str]:
    """The pattern of a cell that is such a day, and may have its time of day behind it.  Digits are ASCII's."""
    return re.compile(rf"{day}(?:{before_time}{_TIME})?", re.IGNORECASE | re.ASCII)


_ISO = _form(r"(?P<y>\d{4})[-/.](?P<m>\d{1,2})[-/.](?P<d>\d{1,2})", "[ T]")
_PACKED = _form(r"(?P<y>(?:19|20)\d\d)(?P<m>\d\d)(?P<d>\d\d)")
_NAMED = (
    _form(rf"(?P<d>\d{{1,2}})[ -]{_NAME}[ -](?P<y>\d{{4}}|\d\d)"),
    _form(rf"{_NAME} (?P<d>\d{{1,2}}),? (?P<y>\d{{4}})"),
)
_NUMBERS = _form(r"(?P<a>\d{1,2})[-/.](?P<b>\d{1,2})[-/.](?P<y>\d{4}|\d\d)")

CENTURY_FROM = 69
"""Two-digit years from here on are of the 20th century, the others of the 21st (POSIX strptime %y)."""


class Days:
    """Reads one column of days.  `rescan` gives all its cells again; None where a file can be read only once."""

    def __init__(self, name: str, order: str | None, rescan: Callable[[], Iterable[str]] | None) -> None:
        self._name = name
        self._order = order
        self._rescan = rescan

    def edtf(self, text: str) -> str:
        """YYYY-MM-DD of a cell, with Thh:mm, seconds and zone where it tells the time of day.

        Raises RowError when it is no day, FormatError when its order of numbers is open.  Midnight to the second, of no
        zone or of UTC, is how databases and spreadsheets write a day alone: it is no time of day.  A fraction of a
        second is left out: `in_full` tells.
        """
        text = text.strip()
        match = _ISO.fullmatch(text) or _PACKED.fullmatch(text)
        if match:
            return _written(text, match, int(match["m"]), int(match["d"]))
        for pattern in _NAMED:
            match = pattern.fullmatch(text)
            if match and match["name"].lower() in _MONTHS:
                return _written(text, match, _MONTHS[match["name"].lower()], int(match["d"]))
        match = _NUMBERS.fullmatch(text)
        if not match:
            raise RowError(f"date {text[:40]!r} is no day that is known here")
        a, b = int(match["a"]), int(match["b"])
        if self._order is None:
            self._order = self._found(text)
        day, month = (a, b) if self._order == "dmy" else (b, a)
        return _written(text, match, month, day)

    def _found(self, text: str) -> str:
        """The order that the file settles."""
        seen = {order for cell in (self._rescan() if self._rescan is not None else ()) for order in orders(cell)}
        if len(seen) != 1:
            why = "both orders occur" if seen else "nothing in the file settles it"
            if self._rescan is None:
                why = "what comes through a pipe is read once, and cannot settle it"
            raise FormatError(
                f"{self._name}: in dates such as {text} day or month may come first ({why});"
                " say --dates dmy or --dates mdy"
            )
        return seen.pop()


def orders(text: str) -> tuple[str, ...]:
    """The orders that a cell settles for its column: a first number above 12 is a day, and so is a second one."""
    match = _NUMBERS.fullmatch(text.strip())
    if not match:
        return ()
    return tuple(order for order, number in (("dmy", match["a"]), ("mdy", match["b"])) if int(number) > 12)


_FRACTION = re.compile(r":\d\d[.,]0*[1-9]", re.ASCII)


def in_full(text: str) -> bool:
    """Whether the EDTF of a cell says all that the cell says: it does not have a fraction of a second."""
    return _FRACTION.search(text) is None


def plain_day(text: str, column: str) -> str:
    """YYYY-MM-DD of a cell of a column that has days alone; raises RowError for one that says anything else."""
    if len(text) == 10 and text[4] == text[7] == "-" and text.isascii() and (text[:4] + text[5:7] + text[8:]).isdigit():
        return text  # by far the most frequent; whether there is such a day is the importer's to ask
    match = _ISO.fullmatch(text)
    if match:
        day = _written(text, match, int(match["m"]), int(match["d"]))
        if len(day) == 10 and in_full(text):
            return day
    raise RowError(f"{column} is {text[:40]!r}, not a day alone (YYYY-MM-DD)")


def _written(text: str, match: re.Match[str], month: int, day: int) -> str:
    year = match["y"]
    if len(year) == 2:
        year = ("19" if int(year) >= CENTURY_FROM else "20") + year
    time = _time_of_day(text, match) if match["time"] else ""
    return f"{year}-{month:02d}-{day:02d}{time}"


def _time_of_day(text: str, match: re.Match[str]) -> str:
    """Thh:mm of a cell, with the seconds and the zone that it gives; "" for the midnight that stands for a day."""
    hour, minute, second = int(match["hour"]), int(match["minute"]), int(match["second"] or 0)
    half = (match["half"] or "").lower()
    if hour > 23 or minute > 59 or second > 59 or (half and not 1 <= hour <= 12):
        raise RowError(f"date {text[:40]!r} has a time that no day has (00:00 to 23:59:59)")
    if half:
        hour = hour % 12 + (12 if half == "p" else 0)
    zone = (match["zone"] or "").upper().replace("UTC", "Z")
    if len(zone) == 5:
        zone = f"{zone[:3]}:{zone[3:]}"
    if zone in ("+00:00", "+00", "-00:00", "-00"):
        zone = "Z"
    if hour == minute == second == 0 and zone in ("", "Z") and in_full(text):
        return ""
    return f"T{hour:02d}:{minute:02d}{'' if match['second'] is None else f':{second:02d}'}{zone}"
