"""The incidents as `list --json` gives them, one object a line."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TextIO

from db.formats.writing import Item, WrittenFormat
from db.records import record
from db.visible import json_line


def write(items: Iterator[Item], out: TextIO, query: str) -> int:
    """Write one record a line, with the contract's keys and shapes."""
    del query
    count = 0
    for count, (incident, certain) in enumerate(items, 1):  # noqa: B007
        out.write(json_line(record(incident, certain)) + "\n")
    return count


FORMAT = WrittenFormat("json", "one object a line, as list --json gives it", ".ndjson", write)
