"""Rows of the one sheet of a workbook (.xlsx, ISO/IEC 29500) that has the columns asked for, as CSV would have them.

openpyxl reads it, row by row.  Before it does, the archive is looked at: one that swells beyond all measure, and XML
that declares a document type (the way in for entities that multiply), are refused.
"""

from __future__ import annotations

import datetime
import re
import warnings
import zlib
from collections.abc import Collection, Iterator
from itertools import count as count_from
from typing import IO, Any
from xml.etree.ElementTree import ParseError
from xml.parsers import expat
from zipfile import BadZipFile, ZipFile

from db.formats.head import ZIP
from db.formats.record import FormatError, Reject
from db.formats.source import BOMB_FROM, BOMB_RATIO, Source
from db.formats.table import FIELD_LIMIT, MAX_ABOVE, as_csv, named, refuse_doubled

MAX_UNPACKED = 4 << 30
"""Most bytes that the parts of a workbook may unpack to; the whole of GTD has about 600 million."""

MAX_PARTS = 10_000
MAX_ROWS = 1_048_576
"""Rows of a sheet (ISO/IEC 29500, 18.3.1.73)."""

MAX_COLUMNS = 2_000
"""Columns accepted in a row; a cell said to stand far out is filled up to with empty ones."""

MAX_EMPTY = 30_000_000
"""Empty cells accepted beyond 100 for each that is filled: a few bytes make a row of 2,000, zipped hardly any."""

MAX_SHEETS = 1_000
"""Sheets accepted; many can name one part, and each takes its time."""

MAX_LIST = 2 << 20
"""Bytes of the part that lists the sheets: tens of thousands."""

MAX_LOOKED_AT = 3_000_000
"""Rows and cells looked at in all further sheets together; some bytes make a row of thousands."""

_PIECE = 1 << 16

_NO_DATE = "outside the limits for dates"
"""openpyxl's words for a number that it cannot take for the date that its cell's style says; it gives "#VALUE!"."""

_ESCAPED = re.compile(r"_x(00(?!00)[01][0-9A-Fa-f]|005[Ff])_")
"""A control character in a cell's text, or the underscore of what would look like one (ISO/IEC 29500, ST_Xstring)."""

DAMAGE = (
    BadZipFile, ParseError, expat.ExpatError, zlib.error, EOFError, KeyError, ValueError, TypeError, AttributeError,
    IndexError, NotImplementedError, RuntimeError, OSError, OverflowError,
)  # fmt: skip
"""What openpyxl and zipfile raise for files that are damaged or no workbooks at all."""


def is_book(source: Source) -> bool:
    """Whether a file is a ZIP archive, as a workbook is."""
    return source.head().startswith(ZIP)


class Book:
    """The rows below the header of a workbook's sheet, in the manner of `table.Table`; `number` is the sheet's row."""

    def __init__(self, source: Source, needed: Collection[str], what: str, *, fold_case: bool = False) -> None:
        """Find the sheet; raises FormatError when there is none with the columns that `what` needs."""
        self.source = source
        self.number = 1
        source.unit = "row"
        self._file = source.whole()
        try:
            _refuse_bomb(self._file, source.name)
            self._rows = self._sheet(needed, what, fold_case)
        except BaseException:
            self._file.close()
            raise

    def rows(self) -> Iterator[list[str] | Reject]:
        """The rows as lists of cells; one with cells beyond the header comes as a Reject; empty ones are left out."""
        width = len(self.columns)
        count = empty = 0
        try:
            for number in count_from(self._header + 1):
                with warnings.catch_warnings(record=True) as doubts:
                    warnings.simplefilter("always")
                    cells = next(self._rows, None)
                if cells is None:
                    break
                self.number = number
                if len(cells) > MAX_COLUMNS:
                    raise FormatError(
                        f"{self.source.name}, row {number}: has {len(cells):,} columns; this is no table of incidents"
                    )
                row = [_text(value) for value in cells]
                filled = len(row) - row.count("")
                empty += len(row) - 101 * filled
                if empty > MAX_EMPTY:
                    raise FormatError(
                        f"{self.source.name} has tens of millions of empty cells; save the sheet as CSV;"
                        " nothing was imported"
                    )
                while len(row) > width and not row[-1]:
                    row.pop()
                if not filled:
                    continue
                count += 1
                if len(row) > width:
                    yield Reject(self.number, f"has {len(row)} columns, the header has {width}", as_csv(row))
                elif any(_NO_DATE in str(doubt.message) for doubt in doubts):
                    yield Reject(self.number, "has a number in the style of a date that is no date", as_csv(row))
                elif any(len(cell) > FIELD_LIMIT for cell in row):
                    yield Reject(self.number, "has a cell that is too long", as_csv(row))
                else:
                    yield row + [""] * (width - len(row))
        except DAMAGE as error:
            raise _damaged(self.source.name, error) from error
        finally:
            self._file.close()
        if not count:
            raise FormatError(f"{self.source.name} has a header and no rows; nothing was imported")

    def _sheet(self, needed: Collection[str], what: str, fold_case: bool) -> Iterator[tuple[Any, ...]]:
        try:
            from openpyxl import load_workbook
        except ImportError as error:
            raise FormatError(
                f"{self.source.name}: reading workbooks needs openpyxl (pip install 'dateline[xlsx]');"
                " or save the sheet as CSV"
            ) from error
        first: list[str] | None = None
        found: list[tuple[str, Iterator[tuple[Any, ...]]]] = []
        above = 0
        self._looked_at = 0
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # of styles and the like, which say nothing of the rows
                book = load_workbook(self._file, read_only=True, data_only=True, keep_links=False)
            if len(book.worksheets) > MAX_SHEETS:
                raise FormatError(
                    f"{self.source.name} has more than {MAX_SHEETS:,} sheets; save the one that counts as CSV;"
                    " nothing was imported"
                )
            for sheet in book.worksheets:
                sheet.reset_dimensions()  # what a file says of its own size need not be true
                rows = sheet.iter_rows(max_row=MAX_ROWS, values_only=True)
                number = 0
                for cells in rows:
                    number += 1
                    texts = [_text(value) for value in cells]
                    while texts and not texts[-1]:
                        texts.pop()
                    if texts:
                        break
                    above += 1
                    if above > MAX_ABOVE:
                        raise FormatError(
                            f"{self.source.name} has more than {MAX_ABOVE:,} empty rows above its headers;"
                            " nothing was imported"
                        )
                else:
                    continue
                header = named(texts, fold_case=fold_case)
                first = first or header
                if not set(needed) <= set(header):
                    continue
                if not found:
                    refuse_doubled(self.source, header)
                    self.columns, self._header = header, number
                elif self._is_begun_only(rows):
                    continue
                found.append((str(sheet.title), rows))
        except DAMAGE as error:
            raise _damaged(self.source.name, error) from error
        if len(found) > 1:
            names = ", ".join(name for name, _ in found[:4])
            raise FormatError(
                f"{self.source.name} is {what} on {len(found)} sheets ({names}): save each as a file of its own;"
                " nothing was imported"
            )
        if found:
            return found[0][1]
        if first is None:
            raise FormatError(f"{self.source.name} has no rows; nothing was imported")
        lacking = [name for name in needed if name not in first]
        raise FormatError(f"{self.source.name} is not {what}: its first sheet has no column {', '.join(lacking[:4])}")

    def _is_begun_only(self, rows: Iterator[tuple[Any, ...]]) -> bool:
        """Whether the rows below a further sheet's header are empty: nothing that could be missed."""
        for cells in rows:
            if any(map(_text, cells)):
                return False
            self._looked_at += 1 + len(cells)
            if self._looked_at > MAX_LOOKED_AT:
                raise FormatError(
                    f"{self.source.name} has sheets of millions of empty cells; save the one that counts as CSV;"
                    " nothing was imported"
                )
        return True


def _damaged(name: str, error: BaseException) -> FormatError:
    words = " ".join(str(error).split())[:60] or type(error).__name__
    return FormatError(f"{name} is no workbook, or a damaged one ({words}); nothing was imported")


def _refuse_bomb(file: IO[bytes], name: str) -> None:
    """Raise FormatError for an archive that unpacks beyond measure, or XML with a document type; rewinds the file.

    zipfile never unpacks more of a part than its directory entry says, so that the sizes there can be relied on.
    """
    try:
        with ZipFile(file) as archive:
            parts = archive.infolist()
            packed, unpacked = (
                sum(sizes) for sizes in zip(*((p.compress_size, p.file_size) for p in parts), strict=True)
            )
            if len(parts) > MAX_PARTS or unpacked > MAX_UNPACKED or unpacked > max(BOMB_FROM, BOMB_RATIO * packed):
                raise FormatError(f"{name} unpacks to far more than a workbook has; nothing was imported")
            for part in parts:
                with archive.open(part) as xml:  # whatever it is called: a relationship can name any part
                    declared, element = _prologue(xml)
                    if declared:
                        raise FormatError(f"{name} declares entities, as no workbook does; nothing was imported")
                    if element.rpartition(":")[2] == "workbook" and part.file_size > MAX_LIST:
                        raise FormatError(f"{name} lists far more sheets than a workbook has; nothing was imported")
    except DAMAGE as error:
        raise _damaged(name, error) from error
    file.seek(0)


class _PrologueEnds(Exception):  # noqa: N818 - it is no error
    """What stands before a document's first element is read: whether it has a document type, and the element's name."""

    def __init__(self, declared: bool, element: str = "") -> None:
        super().__init__()
        self.declared = declared
        self.element = element


def _prologue(xml: IO[bytes]) -> tuple[bool, str]:
    """Whether a document type is declared, which can only stand before the first element; else that element's name.

    What is no XML declares none: pictures, and what is found to be damaged when it is read.
    """

    def stop_at_type(*_: object) -> None:
        raise _PrologueEnds(declared=True)

    def stop_at_element(name: str, _: object) -> None:
        raise _PrologueEnds(declared=False, element=name)

    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = stop_at_type
    parser.StartElementHandler = stop_at_element
    try:
        while piece := xml.read(_PIECE):
            parser.Parse(piece, False)
    except _PrologueEnds as end:
        return end.declared, end.element
    except expat.ExpatError:
        return False, ""
    return False, ""


def _text(value: object) -> str:
    """A cell as CSV has it: whole numbers without a point, days and times in ISO 8601, durations as "84:00:00"."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 2**53 else repr(value)
    if isinstance(value, datetime.datetime):
        return value.date().isoformat() if value.time() == datetime.time() else value.isoformat(" ")
    if isinstance(value, datetime.date | datetime.time):
        return value.isoformat()
    if isinstance(value, datetime.timedelta):
        seconds = round(value.total_seconds())
        return f"{'-' * (seconds < 0)}{abs(seconds) // 3600}:{abs(seconds) // 60 % 60:02}:{abs(seconds) % 60:02}"
    return _ESCAPED.sub(lambda match: chr(int(match[1], 16)), str(value)).strip()
