"""Whether SQLite has numbers for the next rows, and gives none out that others had before.

Where a table has come to the last number that there is, SQLite refuses each further row (AUTOINCREMENT), or gives it
one by chance below those that were there, while an import tells what it brought by what is above.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator

from db import log

LAST_ROW = 2**63 - 1
"""SQLite's highest row number."""

LAST_ID = 2**62
"""No rows are given ids from here on: there would soon be none left that SQLite has."""

COUNTED = ("log", "change")
"""The tables of which no number is given out twice (AUTOINCREMENT): sqlite_sequence has the last of each."""


def faults(connection: sqlite3.Connection) -> Iterator[tuple[str, str]]:
    """Yield (table, what is wrong) for each of a store's tables that cannot go on counting."""
    present = {name for (name,) in connection.execute("SELECT name FROM main.sqlite_master WHERE type = 'table'")}
    for table in (*log.TABLES, *COUNTED):
        if table not in present:
            continue
        (last,) = connection.execute(f"SELECT max(rowid) FROM main.{table}").fetchone()
        if table in COUNTED:
            given = [n for (n,) in connection.execute("SELECT seq FROM main.sqlite_sequence WHERE name = ?", (table,))]
            if len(given) > 1 or not all(isinstance(n, int) for n in given):
                yield table, "its last row number (sqlite_sequence) is no number"
                continue
            if last is not None and (not given or given[0] < last):
                yield table, "its last row number (sqlite_sequence) is below those of its rows, so some may come twice"
            last = max([last or 0, *given])
        if last is not None and last >= LAST_ID:
            yield table, f"its row numbers have come to {last}, so that none are left, or soon none"


def no_ids_left(table: str, highest: int) -> str:
    """What to say instead of an import into a table that has given out so many."""
    return f"{table} has a row with the id {highest}, and no ids are left after it; nothing was imported"
