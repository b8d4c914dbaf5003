"""Rows of a CSV file: the header found and named, each row of the right width, faults named by line."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from decimal import Decimal
from itertools import islice
from typing import NoReturn

from db.formats.record import FormatError, PlaceRecord, Reject, RowError
from db.formats.source import MAX_LINE, Source
from db.plural import counted

FIELD_LIMIT = 1 << 20
"""Longest cell accepted, characters; a quotation mark that is never closed shows by it."""

MAX_COLUMNS = 16_384
"""Most columns accepted, those of the widest sheet of a spreadsheet."""

MAX_ABOVE = 100_000
"""Most empty rows above the header accepted."""

_DELIMITERS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}


class Table:
    """The rows below a header; `columns` are its names, stripped, `number` the line on which the current row begins."""

    def __init__(
        self, source: Source, needed: Collection[str], what: str, delimiter: str = ",", *, fold_case: bool = False
    ) -> None:
        """Read the header; raises FormatError naming the columns that `what` needs and the file lacks.

        `fold_case` takes the names of columns in small letters.
        """
        self.source = source
        self.what = what
        csv.field_size_limit(FIELD_LIMIT)
        assert FIELD_LIMIT < MAX_LINE
        self._reader = csv.reader(source.lines(), delimiter=delimiter)
        self._delimiter = delimiter
        header = next((row for row in islice(iter(self._next, None), MAX_ABOVE) if any(row)), None)
        if header is None and self._reader.line_num >= MAX_ABOVE:
            raise FormatError(f"{source.name} has {MAX_ABOVE:,} empty rows and no header; nothing was imported")
        if header is None:
            raise FormatError(f"{source.name} has no rows; nothing was imported")
        if len(header) > MAX_COLUMNS:
            raise FormatError(
                f"{source.name} has {len(header):,} columns, more than {MAX_COLUMNS:,} are not read: this is no table"
                " of incidents; nothing was imported"
            )
        self.columns = named(header, fold_case=fold_case)
        lacking = [name for name in needed if name not in self.columns]
        if lacking:
            raise FormatError(self._mismatch(lacking))
        refuse_doubled(source, self.columns)
        self.number = 1

    def rows(self) -> Iterator[list[str] | Reject]:
        """The rows as lists of cells; one of another width than the header comes as a Reject.

        Raises FormatError when the file ends within a row, or has a header and nothing below it.
        """
        width = len(self.columns)
        count = 0
        short: Reject | None = None
        while True:
            self.number = self._reader.line_num + 1
            row = self._next()
            if row is None:
                break
            if short is not None:
                yield short
                short = None
            if len(row) == width:
                count += 1
                yield row
            elif row:
                count += 1
                text = as_csv(row, self._delimiter)
                short = Reject(self.number, f"has {counted(len(row), 'column')}, the header has {width}", text)
                if len(row) > width:
                    yield short
                    short = None
        if short is not None:
            # The last row is short: a file that was cut, rather than one with a bad row in it.
            raise FormatError(
                f"{self.source.name} ends within the row on line {short.line} ({short.reason}): it was cut;"
                " nothing was imported"
            )
        if not count:
            raise FormatError(f"{self.source.name} has a header and no rows; nothing was imported")

    def lack(self, names: str) -> NoReturn:
        """Raise the FormatError that says which columns are missing."""
        raise FormatError(self._mismatch([names]))

    def _next(self) -> list[str] | None:
        try:
            return next(self._reader, None)
        except csv.Error as error:
            why = f"{error}; is a quotation mark not closed?"
            if "new-line character" in str(error):
                why = (
                    "lines end in several ways (CR, LF), or one ends in a cell without quotation marks;"
                    " save it with one kind of line end"
                )
            raise FormatError(f"{self.source.name}, line {self._reader.line_num}: {why}") from error

    def _mismatch(self, lacking: Sequence[str]) -> str:
        names = ", ".join(lacking[:4]) + (f" and {len(lacking) - 4} more" if len(lacking) > 4 else "")
        message = f"{self.source.name} is not {self.what}: it has no column {names}"
        if len(self.columns) == 1:
            for delimiter, words in _DELIMITERS.items():
                if delimiter != self._delimiter and self.columns[0].count(delimiter) >= 3:
                    own = _DELIMITERS.get(self._delimiter) or repr(self._delimiter)
                    return f"{message}; its columns are parted by {words}, not {own}"
        return message


def named(header: Sequence[str], *, fold_case: bool) -> list[str]:
    """Names of columns, stripped, in small letters when asked; one of several without a name has its number for one."""
    names = [name.strip().lower() if fold_case else name.strip() for name in header]
    if names.count("") > 1:
        names = [name or f"column {at}" for at, name in enumerate(names, 1)]
    return names


def refuse_doubled(source: Source, columns: Sequence[str]) -> None:
    """Raise FormatError when two columns have one name."""
    doubled = sorted(name for name, count in Counter(columns).items() if name and count > 1)
    if doubled:
        raise FormatError(f"{source.name} has two columns named {doubled[0]!r}; rename one of them")


def as_csv(row: Sequence[str], delimiter: str = ",") -> str:
    """A row as one CSV record, without a line end."""
    out = io.StringIO()
    # With a line end, which is cut off: without one a line break in a cell would not be quoted.
    csv.writer(out, delimiter=delimiter, lineterminator="\r\n").writerow(row)
    return out.getvalue().removesuffix("\r\n")


def digest(cells: Sequence[str]) -> str:
    """16 hexadecimal digits that differ when any cell of a row differs (BLAKE2b)."""
    text, person = _PARTED.join(cells), b""
    if text.count(_PARTED) >= max(len(cells), 1):
        # A cell holds what parts the cells. Another hash, since no text can be one that other cells do not join to.
        text, person = json.dumps(list(cells)), b"cells as JSON"
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8, person=person).hexdigest()


_PARTED = "\x1f"

MOST = 2**63 - 1
"""Largest whole number that a store holds."""

_NUMBER = re.compile(r"\s*[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d{1,6})?\s*", re.ASCII | re.IGNORECASE)


def decimal(text: str) -> Decimal:
    """The number that a cell is, exactly; raises ValueError for what is none: no digits but ASCII's, no separators."""
    if not _NUMBER.fullmatch(text):
        raise ValueError(f"{text[:40]!r} is not a number")
    return Decimal(text)


def whole(text: str, column: str, *, least: int | None = 0) -> int | None:
    """A whole number, also written 4.0; None for an empty cell; raises RowError for anything else."""
    if not text:
        return None
    if len(text) < 16 and text.isascii() and text.isdigit():
        number = int(text)
    else:
        try:
            exact = decimal(text)
        except ValueError:
            raise RowError(f"{column} is {text[:40]!r}, not a number") from None
        if not -MOST <= exact <= MOST:
            raise RowError(f"{column} is too {'large' if exact > 0 else 'small'} a number")
        if exact != exact.to_integral_value():
            raise RowError(f"{column} is {text[:40]!r}, not a whole number")
        number = int(exact)
    if least is not None and number < least:
        raise RowError(f"{column} is {number}, below {least}")
    return number


def degrees(latitude: str, longitude: str) -> tuple[float, float] | tuple[None, None]:
    """A pair of coordinates in degrees; (None, None) when one is missing, or both are 0, which stands for unknown."""
    if not latitude.strip() or not longitude.strip():
        return None, None
    try:
        lat, lon = float(decimal(latitude)), float(decimal(longitude))
    except ValueError:
        raise RowError(f"coordinates {latitude[:20]!r}, {longitude[:20]!r} are not numbers") from None
    if not (-90 <= lat <= 90 and -180 <= lon <= 180):
        raise RowError(f"coordinates {latitude[:20]}, {longitude[:20]} are not on the globe")
    return (None, None) if lat == lon == 0 else (lat, lon)


def unplaced(place: PlaceRecord | None, cells: Mapping[str, str]) -> dict[str, str]:
    """Column → cell of the coordinates that a place has not taken, for `extra`: one without the other, or both 0."""
    taken = place is not None and place.latitude is not None
    return {} if taken else {name: text for name, text in cells.items() if text}
