"""What was written after a row of the log and stands: what an undo of that row must not take along."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Collection, Iterable, Iterator

from db.history import History
from db.same_row import Place

_PLACE = re.compile(r'"table": "(\w+)", "id": (\d{1,19}),')
"""How a log row names a row: no unescaped quotation mark stands inside a JSON string."""


def standing(connection: sqlite3.Connection, past: History, seq: int) -> list[int]:
    """The log rows after `seq` by which the store is another than it was then, newest first.

    A later write and its undo are nothing together, and so are an undo and what did the write again.
    """
    last = {mark.of: mark.how for log_id, mark in past.marks.items() if log_id <= seq}
    undone_then = {root for root, how in last.items() if how == "undo"}

    def stands(log_id: int) -> bool:
        root = past.root(log_id)
        if past.hides(log_id):
            return False
        return root not in past.undone if root > seq else (root in past.undone) != (root in undone_then)

    later = connection.execute("SELECT id FROM log WHERE id > ? ORDER BY id DESC", (seq,)).fetchall()
    return [log_id for (log_id,) in later if stands(log_id)]


def written_over(connection: sqlite3.Connection, standing: Iterable[int], places: Collection[Place]) -> Iterator[Place]:
    """Yield those of the rows that one of the log rows has written, be it with the values that they had."""
    wanted = {(table, str(row)): (table, row) for table, row in places}
    for log_id in standing if wanted else ():
        (told,) = connection.execute("SELECT after || '' FROM log WHERE id = ?", (log_id,)).fetchone()
        for named in _PLACE.finditer(told or ""):
            if (place := wanted.pop((named[1], named[2]), None)) is not None:
                yield place
