"""The incidents as `list --json` gives them, one object a line."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TextIO

from db.formats.particulars import (
    ADMIN1,
    AROUND_QUOTES,
    COUNTS,
    DAMAGE,
    DATA_SET,
    DOCUMENTS,
    LINKS,
    NOTES,
    PLACE_REST,
    RANKS,
    TRANSLATIONS,
    WHO_THEY_ARE,
    kept_columns,
)
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


DROPS = (
    DAMAGE, NOTES, LINKS, DATA_SET, TRANSLATIONS, AROUND_QUOTES, RANKS, DOCUMENTS, COUNTS, WHO_THEY_ARE, ADMIN1,
    PLACE_REST,
)  # fmt: skip
"""What the contract has no key for."""

FORMAT = WrittenFormat(
    "json", "one object a line, as list --json gives it", ".ndjson", write, omits=kept_columns, drops=DROPS
)
