"""Any CSV or JSON lines through a mapping: a TOML file that says which column is what, drafted by `--guess`."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import islice
from pathlib import Path

from db import dates
from db.errors import DateError
from db.formats.columns import Columns, asked_of, draft
from db.formats.day import Days, in_full
from db.formats.head import delimiter_of
from db.formats.json_parts import Object, check, loads, mark
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
from db.formats.table import Table, as_csv, degrees, digest, unplaced, whole
from db.model import Span

Cells = dict[str, str]


def read_csv(source: Source, options: Options, note: Note) -> Iterator[Record | Reject]:
    """Yield an incident for each row of a CSV file."""
    asked = asked_of(options)
    table = Table(source, asked.named, f"what {options.mapping} describes", asked.delimiter)
    make = Rows(source, asked, options, lambda: _csv_again(source, asked))
    for row in table.rows():
        if isinstance(row, Reject):
            yield row
        else:
            cells = dict(zip(table.columns, row, strict=True))
            yield make.record(
                cells, cells, digest([part for pair in cells.items() for part in pair]), table.number, row
            )


def _csv_again(source: Source, asked: Columns) -> Iterator[Cells]:
    with Source(source.path) as again:
        table = Table(again, asked.named, "the same file", asked.delimiter)
        for row in table.rows():
            if not isinstance(row, Reject):
                yield dict(zip(table.columns, row, strict=True))


def read_jsonl(source: Source, options: Options, note: Note) -> Iterator[Record | Reject]:
    """Yield an incident for each line of a file of JSON objects; what is no text in them is kept as it is."""
    asked = asked_of(options)
    make = Rows(source, asked, options, lambda: (_cells(value) for _, value, _ in _objects(source.path)))
    known = False
    with_any = False
    for line, value, text in objects(source):
        with_any = True
        if isinstance(value, Reject):
            yield value
            continue
        cells = _cells(value)
        known = known or any(column in cells for column in asked.named)
        yield make.record(cells, value, mark(value), line, text)
    if not with_any:
        raise FormatError(f"{source.name} has no lines; nothing was imported")
    if not known:
        raise FormatError(f"{source.name}: no line has any of the columns that {options.mapping} names")


def _objects(path: Path) -> Iterator[tuple[int, Object, str]]:
    with Source(path) as again:
        for line, value, text in objects(again):
            if not isinstance(value, Reject):
                yield line, value, text


def objects(source: Source) -> Iterator[tuple[int, Object | Reject, str]]:
    """(line, object or why it is none, text) of each line of a file; raises FormatError for one that is cut."""
    for number, line in enumerate(source.lines(), 1):
        text = line.strip()
        if not text:
            continue
        try:
            value = loads(text)
            if not isinstance(value, dict):
                raise RowError("is no JSON object")
            check(value, text)
            yield number, value, text
        except RowError as error:
            yield number, Reject(number, str(error), text), text
        except ValueError as error:
            if source.ends_open:
                raise FormatError(
                    f"{source.name} ends within the object on line {number}: it was cut; nothing was imported"
                ) from error
            yield number, Reject(number, "is no JSON object", text), text


def _cells(value: Mapping[str, object]) -> Cells:
    """An object's values as cells: lists of texts joined by semicolons, None as an empty one."""
    return {name: cell(item) for name, item in value.items()}


def cell(value: object) -> str:
    """A JSON value as a cell of a table has it: "" for null, what is in a list parted by semicolons."""
    if isinstance(value, list):
        value = ";".join(text for part in value if (text := cell(part)))
    return "" if value is None else value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _items(values: Iterable[object]) -> Iterator[str]:
    """What is in a JSON list, and in lists within it, each as a cell."""
    for value in values:
        if isinstance(value, list):
            yield from _items(value)
        else:
            yield cell(value)


class Rows:
    """Makes records of rows of cells, as a mapping says; `again` gives all rows once more, to settle dates by."""

    def __init__(self, source: Source, asked: Columns, options: Options, again: Callable[[], Iterator[Cells]]) -> None:
        self._asked = asked
        # A country's name is kept beside its code, as every reader does: a name that is not known has none.
        self._home = frozenset(asked.named) - {asked.columns.get("country")}
        column = asked.columns.get("date")
        rescan = None
        if source.size is not None:
            rescan = lambda: ("" if column is None else cells.get(column, "") for cells in again())  # noqa: E731
        self._days = Days(source.name, options.dates or asked.dates, rescan)

    @property
    def column_of_id(self) -> str | None:
        """The column that has the rows' ids, None where there is none."""
        return self._asked.columns.get("id")

    def record(
        self, cells: Cells, values: Mapping[str, object], marks: str, line: int, raw: str | list[str]
    ) -> Record | Reject:
        """One incident, or the reason why the row is none; `values` are the cells as they stand, `marks` their digest.

        `raw` is the row as it was read.
        """
        try:
            return self._record(cells, values, marks, line, raw)
        except RowError as error:
            return Reject(line, str(error), raw if isinstance(raw, str) else as_csv(raw))

    def _record(
        self, cells: Cells, values: Mapping[str, object], marks: str, line: int, raw: str | list[str]
    ) -> Record:
        asked = self._asked

        def cell(name: str) -> str:
            # A column can have no name, and is not that of a field which the mapping leaves out.
            return cells.get(asked.columns[name], "").strip() if name in asked.columns else ""

        def given(*names: str) -> set[str]:
            """The columns that have something in this row to say of these fields."""
            return {asked.columns[name] for name in names if cell(name)}

        place, country, event = cell("place"), cell("country"), cell("event_type")
        title = cell("title") or ", ".join(part for part in (event, place or cell("admin1") or country) if part)
        if not title:
            raise RowError("has no title, and no type or place to make one from")
        where, quotes, date = _place(cell), self._quotes(cell), self._date(cell("date"), cell("date_end"))
        coordinates = unplaced(where, {name: cell(name) for name in ("latitude", "longitude")})
        kept = given(*coordinates)
        if not quotes:
            kept |= given("publisher", "document", "url", "published", "quote")
        if date is None:
            kept |= given("date_end")
        kept |= {name for name in given("date", "date_end", "published") if not in_full(cells[name])}
        return Record(
            origin_id=cell("id") or marks,
            title=title,
            line=line,
            digest=marks,
            summary=cell("summary") or None,
            event_type=event or None,
            sub_event_type=cell("sub_event_type") or None,
            date_edtf=date,
            place=where,
            killed=_span(cell, "killed"),
            injured=_span(cell, "injured"),
            damage=cell("damage") or None,
            actors=tuple(
                ActorRecord(name, role)
                for role, column in asked.actors.items()
                for name in self._names(cells, values, column)
            ),
            systems=tuple(
                SystemRecord(name, role)
                for role, column in asked.systems.items()
                for name in self._names(cells, values, column)
            ),
            quotes=quotes,
            tags=tuple(self._names(cells, values, asked.columns["tags"]) if "tags" in asked.columns else ()),
            extra={name: value for name, value in values.items() if name not in self._home - kept},
            of_document={
                name: values[name] for name in given("publisher", "document", "published") if quotes and cell("url")
            },
            raw=raw,
        )

    def _names(self, cells: Cells, values: Mapping[str, object], column: str) -> list[str]:
        """The names in a column: the items of a JSON list, each as it is, or what the separator parts in a text."""
        value = values.get(column)
        parts = list(_items(value)) if isinstance(value, list) else cells.get(column, "").split(self._asked.separator)
        return [part.strip() for part in parts if part.strip()]

    def _date(self, text: str, end: str) -> str | None:
        first = self._one_date(text)
        last = self._one_date(end)
        if first is None or last is None or first == last:
            return first
        return f"{first}/{last}"

    def _one_date(self, text: str) -> str | None:
        """EDTF of a cell that is EDTF already, or of a day in one of the usual forms; None for an empty one."""
        if not text:
            return None
        try:
            return dates.parse(text).edtf
        except DateError:
            return self._days.edtf(text)

    def _quotes(self, cell: Callable[[str], str]) -> tuple[QuoteRecord, ...]:
        """A quote where the row has words of a source: the quote itself, else the source's title."""
        words = cell("quote") or cell("document")
        if not words or not (cell("publisher") or cell("url") or cell("document")):
            return ()
        published = self._one_date(cell("published"))
        document = DocumentRecord(cell("document") or None, cell("publisher") or None, published, cell("url") or None)
        return (QuoteRecord(document, words),)


def _place(cell: Callable[[str], str]) -> PlaceRecord | None:
    latitude, longitude = degrees(cell("latitude"), cell("longitude"))
    place, country, admin1 = cell("place"), cell("country"), cell("admin1")
    if not place and latitude is None:
        if admin1:
            return PlaceRecord(admin1, country or None, admin1, kind="province")
        return PlaceRecord(country, country, kind="country") if country else None
    return PlaceRecord(place or None, country or None, admin1 or None, latitude, longitude)


def _span(cell: Callable[[str], str], name: str) -> Span:
    return Span(*(whole(cell(column), column) for column in (f"{name}_low", name, f"{name}_high")))


def guess_csv(source: Source) -> Iterator[str]:
    """Yield the lines of a first mapping of a CSV file: the columns known by name, the others as comments."""
    delimiter = delimiter_of(source)
    yield from draft(source.name, Table(source, (), "CSV", delimiter).columns, delimiter)


def guess_jsonl(source: Source) -> Iterator[str]:
    """Yield the lines of a first mapping of JSON lines, from the names in the first hundred objects."""
    names: dict[str, None] = {}
    found = (value for _, value, _ in objects(source) if not isinstance(value, Reject))
    for value in islice(found, 100):
        names |= dict.fromkeys(value)
    yield from draft(source.name, list(names), None)


CSV = Format(
    "csv",
    "any CSV, through a mapping file (--map, --guess)",
    "csv",
    read_csv,
    guess=guess_csv,
    mapped=True,
    at_home=lambda options: frozenset(asked_of(options).named),
)
NDJSON = Format(
    "ndjson",
    "any JSON lines, through a mapping file (--map, --guess)",
    "ndjson",
    read_jsonl,
    guess=guess_jsonl,
    sparse=True,
    mapped=True,
)
