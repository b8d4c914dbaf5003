"""TimeMap (Forensic Architecture, Bellingcat) JSON: an array of events, or an object that has one beside its sources.

Members: TimeMap's schema of events and the export of Bellingcat's "Civilian Harm in Ukraine".  What becomes of each
is told in docs/formats.md.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from db.formats.day import Days, in_full
from db.formats.head import Head
from db.formats.headline import headline
from db.formats.json_parts import Object, check, mark, parts
from db.formats.mapped import cell
from db.formats.record import (
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
)
from db.formats.source import Source
from db.formats.table import degrees

WHAT = "TimeMap JSON"

_AT_HOME = frozenset(
    {"id", "title", "description", "date", "time", "location", "latitude", "longitude", "category", "type"}
)
_KNOWN = ("description", "date", "latitude")
"""Members of which TimeMap's schema asks for one at least."""

_TIME = re.compile(r"(?P<hour>[01]?\d|2[0-3]):(?P<minute>[0-5]\d)(?::(?P<second>[0-5]\d))?", re.ASCII)


def read(source: Source, options: Options, note: Note) -> Iterator[Record | Reject]:
    """Yield the events of a file in its order."""
    events = _Events(source, options)
    source.unit = "event"
    known = False
    left: list[str] = []
    for part in parts(source, ("", "events"), WHAT):
        if not part.number:
            if part.name == "events":
                raise FormatError(f"{source.name} is not {WHAT}: its events are no array; nothing was imported")
            if part.name != "sources":
                left.append(part.name)
            continue
        known = known or (isinstance(part.value, dict) and not part.value.keys().isdisjoint(_KNOWN))
        try:
            if not isinstance(part.value, dict):
                raise RowError("is no object")
            check(part.value, part.text)
            yield events.record(part.value, part.number, part.text)
        except RowError as error:
            yield Reject(part.number, str(error), part.text)
    if not known:
        raise FormatError(f"{source.name} is not {WHAT}, or has no events; nothing was imported")
    if left:
        note(f"what the file has beside its events and sources was left out: {', '.join(sorted(left)[:6])}")
    if events.nameless:
        note(
            f"sources named by an id alone, or without a word of description: {events.nameless:,};"
            " they stand in the incident's `sources` as they are"
        )


class _Events:
    """Makes records of events; `nameless` counts sources of which no words are known."""

    def __init__(self, source: Source, options: Options) -> None:
        self._path = source.path
        self._again = source.size is not None
        self._days = Days(source.name, options.dates, self._dates if self._again else None)
        self._known: Object | None = None
        self.nameless = 0

    def record(self, event: Object, number: int, text: str) -> Record:
        """One event as a record, read from `text`; raises RowError when it is none."""

        def word(name: str) -> str:
            return cell(event.get(name)).strip()

        description, where = word("description"), word("location")
        given = word("title")
        title, summary = (given, description or None) if given else headline(description)
        category, kind = word("category"), word("type")
        if not title:
            title = ", ".join(part for part in (category or kind, where) if part)
        if not title:
            raise RowError("has no description, type or location")
        date, untold = self._date(word("date"), word("time"))
        latitude, longitude = degrees(word("latitude"), word("longitude"))
        place = PlaceRecord(where or None, None, None, latitude, longitude) if where or latitude is not None else None
        home = _AT_HOME - untold
        if latitude is None:
            home -= {"latitude", "longitude"}
        marks = mark(event)
        return Record(
            origin_id=word("id") or marks,
            title=" ".join(title.split()),
            line=number,
            digest=marks,
            summary=summary,
            event_type=category or kind or None,
            sub_event_type=(kind or None) if category and kind != category else None,
            date_edtf=date,
            place=place,
            quotes=tuple(self._quotes(event.get("sources"))),
            tags=tuple(_tags(event)),
            extra={name: value for name, value in event.items() if name not in home},
            raw=text,
        )

    def _date(self, date: str, time: str) -> tuple[str | None, set[str]]:
        """EDTF of day and time of day, and which of `date` and `time` say more than it does."""
        more = {"time"} if time else set()
        if not date:
            return None, more
        day = self._days.edtf(date)
        untold = set() if in_full(date) else {"date"}
        match = _TIME.fullmatch(time)
        if "T" in day or not match:
            return day, untold | more
        second = f":{match['second']}" if match["second"] else ""
        return f"{day}T{int(match['hour']):02d}:{match['minute']}{second}", untold

    def _dates(self) -> Iterator[str]:
        with Source(self._path) as again:
            for part in parts(again, ("", "events"), WHAT):
                if part.number and isinstance(part.value, dict):
                    try:
                        check(part.value, part.text)
                    except RowError:
                        continue  # it is rejected, and says nothing of the others
                    yield cell(part.value.get("date"))

    def _quotes(self, sources: object) -> Iterator[QuoteRecord]:
        """The sources that have words of their own, each as a document and those words."""
        for source in sources if isinstance(sources, list) else ():
            found = self._named(source) if isinstance(source, str) else source
            if not isinstance(found, dict):
                self.nameless += source not in (None, "")
                continue
            words = cell(found.get("description")).strip() or cell(found.get("title")).strip()
            if not words:
                self.nameless += 1
                continue
            title = cell(found.get("title")).strip() or words
            yield QuoteRecord(DocumentRecord(title, url=_address(found)), words)

    def _named(self, identity: str) -> object:
        """A source by its id among the file's own `sources`; None when it is not there, or the file is a pipe.

        Raises FormatError when those cannot stand in a store.
        """
        if self._known is None:
            self._known = {}
            if self._again:
                with Source(self._path) as again:
                    for part in parts(again, ("", "events"), WHAT):
                        if part.name == "sources" and not part.number:
                            try:
                                check(part.value, part.text)
                            except RowError as error:
                                raise FormatError(
                                    f"{again.name}: its member `sources` {error}; nothing was imported"
                                ) from error
                            self._known = _by_id(part.value)
        return self._known.get(identity)


def _by_id(sources: object) -> Object:
    if isinstance(sources, dict):
        return sources
    rows = sources if isinstance(sources, list) else ()
    return {cell(row["id"]): row for row in rows if isinstance(row, dict) and row.get("id") is not None}


def _address(source: Mapping[str, object]) -> str | None:
    paths = source.get("paths")
    first = paths[0] if isinstance(paths, list) and paths else source.get("path") or source.get("url")
    return first.strip() or None if isinstance(first, str) else None


def _tags(event: Mapping[str, object]) -> Iterator[str]:
    """Associations, and filters as "key: value"."""
    for name in ("associations", "filters", "tags"):
        found = event.get(name)
        for item in found if isinstance(found, list) else ():
            if isinstance(item, dict):
                key, value = cell(item.get("key")).strip(), cell(item.get("value")).strip()
                text = f"{key}: {value}" if key and value else value or cell(item.get("title") or item.get("id"))
            else:
                text = cell(item)
            if text.strip():
                yield text.strip()


def _knows(head: Head) -> bool:
    return (
        head.shape == "json"
        and (not head.members or "events" in head.members)
        and "description" in head.names
        and bool({"sources", "associations", "filters"} & head.names)
        and bool({"date", "latitude"} & head.names)
    )


FORMAT = Format("timemap", "JSON of TimeMap (Forensic Architecture, Bellingcat)", None, read, sparse=True, knows=_knows)
