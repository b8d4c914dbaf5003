"""An incident with very many who speak of it."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

_VICTORY = "victory-drones-2021-06-21"


def crowd(path: Path, n: int, *, some_killed: bool = False) -> None:
    """Give the Victory incident `n` more root speakers, each with a claim of the date, and every fifth of killed where `some_killed`."""
    with closing(sqlite3.connect(path)) as connection, connection:
        for number in range(n):
            connection.execute("INSERT INTO actor (key, name) VALUES (?, ?)", (f"w{number}", f"Witness {number:02}"))
            quote = connection.execute(
                "INSERT INTO quote (incident_id, document_id, exact) SELECT i.id, d.id, ? FROM incident AS i, document AS d"
                " WHERE i.key = ? AND d.key = 'jpost-2021-06-22'",
                (f"words of witness {number}", _VICTORY),
            ).lastrowid
            connection.execute(
                "INSERT INTO attribution (quote_id, step, actor_id, verb) SELECT ?, 1, id, 'said' FROM actor WHERE key = ?",
                (quote, f"w{number}"),
            )
            values = [
                ("date", f"2021-06-{21 + number % 3}"),
                *([("killed", "1")] if some_killed and number % 5 == 0 else []),
            ]
            connection.executemany(
                "INSERT INTO claim (incident_id, quote_id, field, value) SELECT id, ?, ?, ? FROM incident WHERE key = ?",
                [(quote, field, value, _VICTORY) for field, value in values],
            )
