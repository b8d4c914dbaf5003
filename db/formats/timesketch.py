"""Timesketch events, CSV or JSON lines: message, datetime (ISO 8601), timestamp_desc, tag, and columns of one's own.

Columns: Timesketch's guide to importing CSV and JSONL.  What becomes of each is told in docs/formats.md.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta

from db import dates
from db.errors import DateError
from db.formats.head import Head, is_json, look
from db.formats.headline import headline
from db.formats.json_parts import check, loads, mark
from db.formats.mapped import cell, objects
from db.formats.record import Format, FormatError, Note, Options, PlaceRecord, Record, Reject, RowError
from db.formats.source import Source
from db.formats.table import Table, as_csv, whole

WHAT = "Timesketch events"

_AT_HOME = frozenset({"message", "datetime", "timestamp", "tag", "key", "date_edtf", "event_type", "place"})
"""Columns that the store has a place for; `timestamp` says what `datetime` says and stays out only where they agree."""

_FITS: dict[str, type | tuple[type, ...]] = {"place": str, "tag": (str, list)}
"""Columns at home of which only such values fit there."""

_INSTANT = re.compile(
    r"(?P<day>\d{4}-\d\d-\d\d)[T ](?P<time>\d\d:\d\d:\d\d)(?:[.,]\d+)?\s*(?P<zone>Z|UTC|[+-]\d\d:?\d\d)?",
    re.ASCII,
)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def read(source: Source, options: Options, note: Note) -> Iterator[Record | Reject]:
    """Yield the events of a file in its order."""
    yield from (_lines if is_json(source) else _table)(source)


def _table(source: Source) -> Iterator[Record | Reject]:
    table = Table(source, ("message",), WHAT, look(source).delimiter)
    if "datetime" not in table.columns and "timestamp" not in table.columns:
        table.lack("datetime")
    for row in table.rows():
        if isinstance(row, Reject):
            yield row
            continue
        values: dict[str, object] = {name: value or None for name, value in zip(table.columns, row, strict=True)}
        try:
            yield _event(values, table.number, row)
        except RowError as error:
            yield Reject(table.number, str(error), as_csv(row))


def _lines(source: Source) -> Iterator[Record | Reject]:
    known = False
    for line, value, text in objects(source):
        if isinstance(value, Reject):
            yield value
            continue
        known = known or "message" in value
        try:
            yield _event(value, line, text)
        except RowError as error:
            yield Reject(line, str(error), text)
    if not known:
        raise FormatError(f"{source.name} is not {WHAT}: no line has a message; nothing was imported")


def _event(row: Mapping[str, object], line: int, raw: str | list[str]) -> Record:
    message = cell(row.get("message")).strip()
    if not message:
        raise RowError("has no message")
    title, summary = headline(message)
    # An empty cell says what a member does that is left out.
    marks = mark({name: value for name, value in row.items() if value is not None})
    edtf, told = _date(row)
    place = row.get("place")
    home = _AT_HOME if told else _AT_HOME - {"timestamp", "datetime"}
    return Record(
        origin_id=_first(row, "key", "_id") or marks,
        title=title,
        line=line,
        digest=marks,
        summary=summary,
        event_type=_first(row, "event_type", "data_type") or None,
        date_edtf=edtf,
        place=PlaceRecord(place.strip()) if isinstance(place, str) and place.strip() else None,
        tags=tuple(_tags(row.get("tag"))),
        extra={name: value for name, value in row.items() if name not in home or not _held(name, value)},
        raw=raw,
    )


def _first(row: Mapping[str, object], *names: str) -> str:
    """The first of some columns that says anything: 0 does, `false` and an empty object do not."""
    return next((text for name in names if _says(row.get(name)) and (text := cell(row[name]).strip())), "")


def _says(value: object) -> bool:
    return not (value is None or value is False or value == {})


def _held(name: str, value: object) -> bool:
    """Whether a column that has a home holds what fits there."""
    if value is None:
        return True
    return isinstance(value, _FITS[name]) if name in _FITS else _says(value) or name not in ("key", "event_type")


def _as_exported(dating: dates.Dating, text: str) -> bool:
    """Whether a datetime is what our own export makes of a date: midnight of its first day, else of its last."""
    start = dating.latest if dating.earliest is None else dating.earliest
    return start is not None and text == f"{dates.iso(start)}T00:00:00+00:00"


def _date(row: Mapping[str, object]) -> tuple[str | None, bool]:
    """EDTF, and whether it says all that the row's columns of time say."""
    own = cell(row.get("date_edtf")).strip()
    text, stamp = cell(row.get("datetime")).strip(), cell(row.get("timestamp")).strip()
    if own:
        try:
            dating = dates.parse(own)
        except DateError as error:
            raise RowError(f"date_edtf {own[:40]!r}: {error}") from error
        return dating.edtf, not stamp and (not text or _as_exported(dating, text))
    if text:
        match = _INSTANT.fullmatch(text)
        if match:
            zone = (match["zone"] or "").replace("UTC", "Z")
            if len(zone) == 5:
                zone = f"{zone[:3]}:{zone[3:]}"
            told = "." not in text and "," not in text and not stamp
            return f"{match['day']}T{match['time']}{'Z' if zone == '+00:00' else zone}", told
        try:
            return dates.parse(text).edtf, not stamp
        except DateError:
            raise RowError(f"datetime is {text[:40]!r}, not ISO 8601") from None
    # 0 stands for a time that is not set, as plaso and others write it; nothing of a case happened in that moment.
    if not stamp or stamp in ("0", "0.0"):
        raise RowError("has neither datetime nor timestamp")
    try:
        instant = _EPOCH + timedelta(microseconds=whole(stamp, "timestamp", least=None) or 0)
    except (ValueError, OverflowError):
        raise RowError(f"timestamp is {stamp[:40]!r}, not microseconds since 1970") from None
    return instant.strftime("%Y-%m-%dT%H:%M:%SZ").rjust(20, "0"), False


def _tags(value: object) -> Iterator[str]:
    """Tags in a list, in the text of a list as exports have it, or parted by commas, as is what no store can hold."""
    if isinstance(value, str):
        text = value.strip()
        if text.startswith("[") and text.endswith("]"):
            try:
                value = loads(text)
                check(value, text)
            except ValueError:
                value = [part.strip().strip("'\"") for part in text[1:-1].split(",")]
        else:
            value = text.split(",")
    for tag in value if isinstance(value, list) else ():
        name = cell(tag).strip()
        if name:
            yield name


def _knows(head: Head) -> bool:
    return (
        head.shape in ("csv", "lines")
        and head.has("message", "timestamp_desc")
        and (head.has("datetime") or head.has("timestamp"))
    )


FORMAT = Format("timesketch", "Timesketch events, CSV or JSON lines", None, read, sparse=True, knows=_knows)
