"""How much text a load may make: a few letters of SQL can make gigabytes, and the log keeps all of it in memory."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from db.errors import ScriptError

TEXT_BYTES = 100_000_000
"""Bytes of a text, or of a row, from which on SQLite refuses it to a seed file; without this, 1 GB."""

ROWS_BYTES = 300_000_000
"""Bytes that the rows which a load touches may have before and after, as JSON.

Some 1.5 GB of memory: they are read, compared and written to the log at once.
"""


@contextmanager
def bounded(connection: sqlite3.Connection) -> Iterator[None]:
    """Have statements of the body refused that make too long a text; ScriptError where it has changed too much."""
    before = connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, TEXT_BYTES)
    try:
        yield
    finally:
        connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, before)
    (size,) = connection.execute(
        "SELECT total(length(CAST(old AS BLOB))) + total(length(CAST(new AS BLOB))) FROM temp.capture"
    ).fetchone()
    if size > ROWS_BYTES:
        raise ScriptError(
            f"these files change rows of {size / 1e6:,.0f} MB in all, and one load takes {ROWS_BYTES / 1e6:,.0f} MB:"
            " load them in parts, or large files with `dateline import`; nothing was changed"
        )
