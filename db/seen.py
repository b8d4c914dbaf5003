"""The numbers of the change table, by which a reader knows what it has seen."""

from __future__ import annotations

import sqlite3


def last_seq(connection: sqlite3.Connection) -> int:
    """The last number that the change table has given out."""
    found = connection.execute("SELECT coalesce(max(seq), 0) FROM sqlite_sequence WHERE name = 'change'").fetchone()
    return int(found[0])
