"""What the beginning of a file shows of its format: the columns of a CSV file, the members of a JSON one."""

from __future__ import annotations

import codecs
import csv
import json
from dataclasses import dataclass

from db.formats.source import BOMS, Source

ZIP = b"PK\x03\x04"
"""The first bytes of a ZIP archive, which a workbook (.xlsx) is."""

DELIMITERS = ",;\t|"


@dataclass(frozen=True, slots=True)
class Head:
    """`shape` is csv, json (one document), lines (an object a line), book (ZIP) or other.

    `names` are the columns of CSV, or the names in the first object of the rows of JSON, in small letters; `members`
    those of a JSON document's outermost object, as far as the beginning shows them.
    """

    shape: str
    names: frozenset[str] = frozenset()
    members: frozenset[str] = frozenset()
    properties: frozenset[str] = frozenset()
    """Names in the `properties` of that first object, which a GeoJSON feature has."""
    delimiter: str = ","

    def has(self, *names: str) -> bool:
        """Whether all of these are among the names."""
        return self.names.issuperset(names)


def is_json(source: Source) -> bool:
    """Whether a file's first character that is no space opens a JSON object or array."""
    return _text(source.head()[:4096]).lstrip()[:1] in ("{", "[")


def look(source: Source) -> Head:
    """Look at the beginning of a source; nothing of it is used up."""
    raw = source.head()
    if raw.startswith(ZIP):
        return Head("book")
    text = _text(raw)
    if text.lstrip()[:1] in ("{", "["):
        return _json(text.lstrip())
    line = _first_line(text)
    if not line or (not line.isprintable() and not line.replace("\t", "").isprintable()):
        return Head("other")
    delimiter = max(DELIMITERS, key=line.count)
    if not line.count(delimiter):
        return Head("other")
    try:
        columns = next(csv.reader([line], delimiter=delimiter))
    except csv.Error:
        return Head("other")
    return Head("csv", frozenset(name.strip().lower() for name in columns), delimiter=delimiter)


def delimiter_of(source: Source) -> str:
    """What most likely parts the columns of a source that is CSV; nothing of it is used up."""
    return max(DELIMITERS, key=_first_line(_text(source.head())).count)


def _first_line(text: str) -> str:
    """The first line that is not blank; "" where there is none."""
    return next((line for line in text.splitlines() if line.strip()), "")


def _text(raw: bytes) -> str:
    for mark, encoding in BOMS:
        if raw.startswith(mark):
            return raw[len(mark) :].decode(encoding, "replace")
    return codecs.decode(raw, "utf-8", "replace")


def _json(text: str) -> Head:
    """The shape of JSON text that may break off anywhere."""
    try:
        value, end = json.JSONDecoder().raw_decode(text)
    except (ValueError, RecursionError):
        return _document(text)
    if isinstance(value, dict) and (text[end:].strip() or not _rows(value)):
        return Head("lines", _folded(value), _folded(value))
    if isinstance(value, dict):
        return _of_row(_rows(value), _folded(value))
    return _of_row(value[0] if isinstance(value, list) and value else None)


def _rows(value: dict[str, object]) -> object:
    """The first object of the first member that is an array of objects; None when there is none."""
    arrays = (item for item in value.values() if isinstance(item, list))
    return next((item[0] for item in arrays if item and isinstance(item[0], dict)), None)


def _document(text: str) -> Head:
    """The same of a document that goes on beyond the text: its members until the first row of an array."""
    decode = json.JSONDecoder().raw_decode
    members: set[str] = set()

    def skip(at: int) -> int:
        while at < len(text) and text[at] in " \t\r\n,":
            at += 1
        return at

    try:
        if text[0] == "[":
            return _of_row(decode(text, skip(1))[0])
        at = skip(1)
        while text[at] == '"':
            name, at = decode(text, at)
            members.add(name.lower())
            at = skip(text.index(":", at) + 1)
            if text[at] == "[" and text[skip(at + 1)] == "{":
                return _of_row(decode(text, skip(at + 1))[0], frozenset(members))
            at = skip(decode(text, at)[1])
    except (ValueError, IndexError, RecursionError):
        pass
    return Head("json", members=frozenset(members))


def _of_row(row: object, members: frozenset[str] = frozenset()) -> Head:
    properties = row.get("properties") if isinstance(row, dict) else None
    return Head("json", _folded(row), members, _folded(properties))


def _folded(value: object) -> frozenset[str]:
    return frozenset(name.lower() for name in value) if isinstance(value, dict) else frozenset()
