"""Global Terrorism Database as CSV or XLSX: 135 or 134 columns, or fewer.

Columns and codes: START, "Global Terrorism Database Codebook: Methodology, Inclusion Criteria, and Variables".  What
becomes of each column is told in docs/formats.md.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import lru_cache

from db import dates
from db.errors import DateError
from db.formats.book import Book, is_book
from db.formats.day import Days
from db.formats.head import Head, look
from db.formats.record import (
    ActorRecord,
    DocumentRecord,
    Format,
    FormatError,
    Note,
    Options,
    PlaceRecord,
    QuoteRecord,
    Record,
    Reject,
    RowError,
    SystemRecord,
)
from db.formats.source import Source
from db.formats.table import MOST, Table, as_csv, decimal, degrees, digest, whole
from db.model import Span

WHAT = "GTD"
NEEDED = ("eventid", "iyear", "imonth", "iday", "country_txt")

WHERE_PREC = {2: 3, 3: 3, 4: 4, 5: 6}
"""GTD specificity to UCDP where_prec: 2 and 3 the smallest region known (district), 4 the province, 5 not even that.

1 is the place itself: UCDP's 1, or its 2 (near it) where `vicinity` does not say that it was in the place.
"""

CLASSES = {
    "1": "biological", "2": "chemical", "3": "radiological", "4": "nuclear", "5": "firearm", "6": "explosive",
    "8": "incendiary", "9": "melee", "10": "vehicle", "11": "sabotage",
}  # fmt: skip
"""weaptype1 to 4, where the code says what the weapon is, to a class of systems."""

UNKNOWN_NUMBERS = frozenset({"-99", "-9", "-99.0", "-9.0"})
"""Codes for unknown; an empty cell says the same."""

_UNKNOWN_WORDS = frozenset({"", "unknown", ".", "not applicable"})
_AT_HOME = frozenset({
    "eventid", "iyear", "imonth", "iday", "latitude", "longitude", "summary", "city", "provstate", "attacktype1_txt",
    "gname", "gname2", "gname3",
})  # fmt: skip
"""Columns that the store has a place for, besides those whose row says so; all others are kept in `extra`."""

_CITATION = re.compile(
    r"\s*(?:(?P<author>[^\"“”]{2,120}?),\s*)?[\"“](?P<title>[^\"”]{3,}?),?[\"”],?\s*(?P<publisher>[^,]{2,80}?),\s*(?P<date>[^,]+(?:,\s*\d{4})?)\.?\s*"
)
"""A citation as GTD writes it: Author, "Title," Publisher, Month day, year.  Many have no author."""

_Cell = Callable[[str], str]


def read(source: Source, options: Options, note: Note) -> Iterator[Record | Reject]:
    """Yield the attacks of a GTD file in its order."""
    table = (
        Book(source, NEEDED, WHAT, fold_case=True)
        if is_book(source)
        else Table(source, NEEDED, WHAT, look(source).delimiter, fold_case=True)
    )
    attack = _Attack(table.columns)
    for row in table.rows():
        if isinstance(row, Reject):
            yield row
            continue
        try:
            yield attack.record(row, table.number)
        except RowError as error:
            yield Reject(table.number, str(error), as_csv(row))
    if attack.early_sources:
        note(
            f"sources dated before the attack that they report: {attack.early_sources:,}; their dates are left open"
            " and stand in the incident's scite1 to scite3 as they are"
        )
    if attack.fractions:
        note(
            f"numbers of casualties that are fractions, parts of a total that was shared out: {attack.fractions:,};"
            " low and high are the whole numbers beside them, and best is unknown"
        )


class _Attack:
    """Makes records of rows with one set of columns."""

    def __init__(self, columns: list[str]) -> None:
        self._at = {name: index for index, name in enumerate(columns)}
        self.early_sources = 0
        self.fractions = 0

    def record(self, row: list[str], line: int) -> Record:
        """One attack; raises RowError when a cell is not what its column says."""
        at = self._at

        def cell(name: str) -> str:
            index = at.get(name)
            return "" if index is None else row[index].strip()

        edtf = _date(cell)
        kind = _known(cell("attacktype1_txt"))
        city, country = _known(cell("city")), _known(cell("country_txt"))
        by, target = _known(cell("gname")), _target(cell, "1")
        sides = " – ".join(side for side in (by, target) if side)
        what = ": ".join(part for part in (kind, sides) if part) or "Attack"
        where = city or _known(cell("provstate")) or country
        home = set(_AT_HOME)
        killed, injured = (self._casualties(cell(name), name, home) for name in ("nkill", "nwound"))
        place = _place(cell, city, country)
        if place is None or place.latitude is None:
            home -= {"latitude", "longitude"}
        if whole(cell("iday"), "iday") and not whole(cell("imonth"), "imonth"):
            home.discard("iday")  # the date is a year, and has no place for it
        for name in ("city", "provstate", "attacktype1_txt", "gname", "gname2", "gname3"):
            if not _known(cell(name)):
                home.discard(name)
        return Record(
            origin_id=_id(cell("eventid")),
            title=", ".join(part for part in (what, where) if part),
            line=line,
            digest=digest(row),
            summary=cell("summary") or None,
            event_type=kind.lower() or None,
            date_edtf=edtf,
            place=place,
            killed=killed,
            injured=injured,
            actors=_actors(cell, target),
            systems=_weapons(cell),
            quotes=self._quotes(cell, edtf),
            extra={name: row[index] or None for name, index in at.items() if name not in home},
            raw=row,
        )

    def _casualties(self, text: str, column: str, home: set[str]) -> Span:
        """Killed or wounded; `home` gets the column when the span says all that it says."""
        if not text or text in UNKNOWN_NUMBERS:
            return Span()
        try:
            number = decimal(text)
        except ValueError:
            raise RowError(f"{column} is {text[:40]!r}, not a number") from None
        if 0 <= number < MOST and number != number.to_integral_value():
            self.fractions += 1
            return Span(math.floor(number), None, math.ceil(number))
        home.add(column)
        return Span(best=whole(text, column))

    def _quotes(self, cell: _Cell, edtf: str) -> tuple[QuoteRecord, ...]:
        """The works cited, each with its title, or the citation itself, as the words that are known of it."""
        earliest = _first_day(edtf)
        found = []
        for column in ("scite1", "scite2", "scite3"):
            text = " ".join(cell(column).split())
            if text.lower() in _UNKNOWN_WORDS:
                continue
            document = _citation(text)
            if document.published_edtf is not None and earliest is not None and document.published_edtf < earliest:
                self.early_sources += 1
                document = replace(document, published_edtf=None)
            found.append(QuoteRecord(document, document.title or text))
        return tuple(found)


def _id(text: str) -> str:
    """The twelve digits of an attack; raises RowError for what a spreadsheet has rounded."""
    digits = text.removesuffix(".0")
    if not re.fullmatch(r"[0-9]{12}", digits):
        rounded = "; a spreadsheet has rounded it" if "e+" in text.lower() else ""
        raise RowError(f"eventid is {text[:30]!r}, not twelve digits{rounded}" if text else "has no eventid")
    return digits


def _date(cell: _Cell) -> str:
    """EDTF: month 0 leaves the year, day 0 the month; "~" where `approxdate` says that it is only about then."""
    year, month, day = (whole(cell(name), name) for name in ("iyear", "imonth", "iday"))
    if not year:
        raise RowError("has no year")
    if month and month > 12:
        raise RowError(f"imonth is {month}, not 0 to 12")  # EDTF has seasons and quarters there
    text = f"{year:04d}"
    if month:
        text += f"-{month:02d}"
        if day:
            text += f"-{day:02d}"
    return text + ("~" if cell("approxdate").lower() not in _UNKNOWN_WORDS else "")


@lru_cache(4096)
def _first_day(edtf: str) -> str | None:
    """ISO day on which a date begins at the earliest; None where there is none, and for what is no date."""
    try:
        earliest = dates.parse(edtf).earliest
    except DateError:
        return None  # the importer rejects the row for it
    return None if earliest is None else dates.iso(earliest)


def _place(cell: _Cell, city: str, country: str) -> PlaceRecord | None:
    latitude, longitude = degrees(cell("latitude"), cell("longitude"))
    specificity = whole(cell("specificity"), "specificity", least=None)
    if specificity not in (None, -9, -99, 0, 1, 2, 3, 4, 5):
        raise RowError(f"specificity is {specificity}, not 1 to 5")
    precision = WHERE_PREC.get(specificity or 0)
    if specificity == 1:
        precision = 1 if cell("vicinity") in ("0", "0.0") else 2
    province = _known(cell("provstate"))
    if city:
        return PlaceRecord(city, country or None, province or None, latitude, longitude, precision)
    if province:
        return PlaceRecord(province, country or None, province, latitude, longitude, precision, kind="province")
    if latitude is not None:
        return PlaceRecord(None, country or None, None, latitude, longitude, precision)
    return PlaceRecord(country, country, where_prec=precision, kind="country") if country else None


def _actors(cell: _Cell, target: str) -> tuple[ActorRecord, ...]:
    """Perpetrators, suspected where GTD doubts it; those who claimed the attack; and the first targets."""
    found = []
    for number in ("", "2", "3"):
        name = _known(cell(f"gname{number}"))
        if not name:
            continue
        doubted = cell(f"guncertain{number or '1'}") in ("1", "1.0")
        found.append(ActorRecord(name, "attacker", "suspected" if doubted else "known"))
        if cell("claimed" if not number else f"claim{number}") in ("1", "1.0"):
            found.append(ActorRecord(name, "claimant"))
    targets = [target, *(_target(cell, number) for number in ("2", "3"))]
    found += [ActorRecord(name, "target") for name in targets if name]
    return tuple(found)


def _target(cell: _Cell, number: str) -> str:
    """Who or what was attacked: itself, else whom it belongs to; "" when neither is known."""
    return _known(cell(f"target{number}")) or _known(cell(f"corp{number}"))


def _weapons(cell: _Cell) -> tuple[SystemRecord, ...]:
    found = []
    for number in ("1", "2", "3", "4"):
        kind, subtype = _known(cell(f"weaptype{number}_txt")), _known(cell(f"weapsubtype{number}_txt"))
        if not kind:
            continue
        # "Vehicle" alone may be a car bomb or a car driven into people: the subtype means something with its type only.
        name = kind if not subtype or subtype.lower().startswith("unknown") else f"{kind}: {subtype}"
        code = cell(f"weaptype{number}").removesuffix(".0")
        found.append(SystemRecord(name, "munition", CLASSES.get(code)))
    return tuple(found)


@lru_cache(4096)
def _citation(text: str) -> DocumentRecord:
    """The work that a citation names; the citation itself is the title where its form is another."""
    match = _CITATION.fullmatch(text)
    if not match:
        return DocumentRecord(text)
    try:
        day = Days("", None, None).edtf(match["date"].rstrip("."))
        dates.parse(day)
    except (RowError, FormatError, DateError):
        return DocumentRecord(text)
    author = match["author"]
    return DocumentRecord(match["title"].strip(), match["publisher"].strip(), day, author=author and author.strip())


def _known(text: str) -> str:
    """`text`, or "" where it says that nothing is known."""
    return "" if text.lower() in _UNKNOWN_WORDS else text


def _knows(head: Head) -> bool:
    return head.shape == "csv" and head.has(*NEEDED)


FORMAT = Format(
    "gtd",
    "Global Terrorism Database, CSV or XLSX (135 or 134 columns)",
    "gtd",
    read,
    knows=_knows,
    at_home=lambda options: _AT_HOME | {"nkill", "nwound"},
)
