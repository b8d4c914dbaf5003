"""The numbers of the change table, by which a reader knows what it has seen."""

from __future__ import annotations

import sqlite3


def last_seq(connection: sqlite3.Connection) -> int:
    """The last number that the change table has given out; 0 where SQLite's count of them was made no number."""
    count = "SELECT CAST(coalesce(max(seq), 0) AS INTEGER) FROM sqlite_sequence WHERE name = 'change'"
    found = connection.execute(count).fetchone()
    return int(found[0])
