"""The incidents as `list --json` gives them, one object a line."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TextIO

from db.formats.writing import Item, Losses, WrittenFormat
from db.records import record
from db.visible import json_line


def write(items: Iterator[Item], out: TextIO, query: str) -> Losses:
    """Write one record a line, with the contract's keys and shapes."""
    del query
    out.writelines(json_line(record(incident, certain)) + "\n" for incident, certain in items)
    return Losses()


FORMAT = WrittenFormat("json", "one object a line, as list --json gives it", write)
