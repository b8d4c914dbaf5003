"""Days as data sets write them, to ISO 8601; the order of day and month is the file's or the user's, never a guess."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from db.formats.record import FormatError, RowError

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_NAME = r"(?P<name>[a-z]{3,9})\.?"
_ISO = re.compile(r"(?P<y>\d{4})[-/.](?P<m>\d{1,2})[-/.](?P<d>\d{1,2})(?:[ T]\d\d:\d\d.*)?")
_PACKED = re.compile(r"(?P<y>(?:19|20)\d\d)(?P<m>\d\d)(?P<d>\d\d)")
_NAMED = (
    re.compile(rf"(?P<d>\d{{1,2}})[ -]{_NAME}[ -](?P<y>\d{{4}}|\d\d)", re.IGNORECASE),
    re.compile(rf"{_NAME} (?P<d>\d{{1,2}}),? (?P<y>\d{{4}})", re.IGNORECASE),
)
_NUMBERS = re.compile(r"(?P<a>\d{1,2})[-/.](?P<b>\d{1,2})[-/.](?P<y>\d{4}|\d\d)(?: \d\d?:\d\d.*)?")

CENTURY_FROM = 69
"""Two-digit years from here on are of the 20th century, the others of the 21st (POSIX strptime %y)."""


class Days:
    """Reads one column of days.  `rescan` gives all its cells again; None where a file can be read only once."""

    def __init__(self, name: str, order: str | None, rescan: Callable[[], Iterable[str]] | None) -> None:
        self._name = name
        self._order = order
        self._rescan = rescan

    def iso(self, text: str) -> str:
        """YYYY-MM-DD of a cell; raises RowError when it is no day, FormatError when its order of numbers is open."""
        text = text.strip()
        match = _ISO.fullmatch(text) or _PACKED.fullmatch(text)
        if match:
            return _written(match["y"], int(match["m"]), int(match["d"]))
        for pattern in _NAMED:
            match = pattern.fullmatch(text)
            if match and match["name"][:3].lower() in _MONTHS:
                return _written(match["y"], _MONTHS.index(match["name"][:3].lower()) + 1, int(match["d"]))
        match = _NUMBERS.fullmatch(text)
        if not match:
            raise RowError(f"date {text[:40]!r} is no day that is known here")
        a, b = int(match["a"]), int(match["b"])
        if self._order is None:
            self._order = self._found(text)
        day, month = (a, b) if self._order == "dmy" else (b, a)
        return _written(match["y"], month, day)

    def _found(self, text: str) -> str:
        """The order that the file settles: a first number above 12 is a day, and so is a second one."""
        seen = {"dmy": False, "mdy": False}
        for cell in self._rescan() if self._rescan is not None else ():
            match = _NUMBERS.fullmatch(cell.strip())
            if match:
                seen["dmy"] |= int(match["a"]) > 12
                seen["mdy"] |= int(match["b"]) > 12
        if seen["dmy"] == seen["mdy"]:
            why = "both orders occur" if seen["dmy"] else "nothing in the file settles it"
            raise FormatError(
                f"{self._name}: in dates such as {text} day or month may come first ({why});"
                " say --dates dmy or --dates mdy"
            )
        return "dmy" if seen["dmy"] else "mdy"


def _written(year: str, month: int, day: int) -> str:
    if len(year) == 2:
        year = ("19" if int(year) >= CENTURY_FROM else "20") + year
    return f"{year}-{month:02d}-{day:02d}"
