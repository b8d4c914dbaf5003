"""How much text a load may make: a few letters of SQL can make gigabytes, and the log keeps all of it in memory."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from db.errors import ScriptError

TEXT_BYTES = 100_000_000
"""Bytes of a text, or of a row, from which on SQLite refuses it to a seed file; without this, 1 GB."""

LONG_ROW = 1_000_000
"""Bytes of a row, as JSON, from which on it counts as a long one."""

LONG_ROWS_BYTES = 300_000_000
"""Bytes that the long rows may have together, before and after: some 1.5 GB of memory, for the log is made at once."""


@contextmanager
def bounded(connection: sqlite3.Connection) -> Iterator[None]:
    """Have statements of the body refused that make too long a text; ScriptError where they change too much."""
    before = connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, TEXT_BYTES)
    try:
        yield
    except MemoryError as error:
        raise ScriptError(
            "a statement takes more memory than there is: shorten the texts that it makes; nothing was changed"
        ) from error
    finally:
        connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, before)
    length = "coalesce(length(CAST({} AS BLOB)), 0)"
    sizes = f"SELECT {length.format('old')} + {length.format('new')} AS size FROM temp.capture"
    (size,) = connection.execute(f"SELECT total(size) FROM ({sizes}) WHERE size >= ?", (LONG_ROW,)).fetchone()
    if size > LONG_ROWS_BYTES:
        raise ScriptError(
            f"these files change {size / 1e6:,.0f} MB of rows with long texts, and one load takes"
            f" {LONG_ROWS_BYTES / 1e6:,.0f} MB: load them in parts; nothing was changed"
        )
