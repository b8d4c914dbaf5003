"""The words of quotes in the full text, for writes of many quotes."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

MANY = 200
"""From so many quotes on it is worth while to stop the triggers, which changes the schema for every reader."""


@contextmanager
def quotes_at_once(connection: sqlite3.Connection, incident_ids: Callable[[], Iterable[int]]) -> Iterator[None]:
    """Have the words of these incidents' quotes put into the full text once, after the body.

    Row by row each quote's trigger puts all quotes of its incident together anew: with thousands of them, minutes.
    """
    found = connection.execute(
        "SELECT name, sql FROM main.sqlite_master WHERE type = 'trigger' AND name GLOB 'quote_text_*' ORDER BY name"
    ).fetchall()
    for name, _ in found:
        connection.execute(f'DROP TRIGGER main."{name}"')
    yield
    for _, sql in found:
        connection.execute(sql)
    refill(connection, incident_ids())


def refill(connection: sqlite3.Connection, incident_ids: Iterable[int]) -> None:
    """Give the full text the words of the quotes of these incidents, where it has others."""
    words = "(SELECT w.quotes FROM incident_words AS w WHERE w.id = incident_text.rowid)"
    connection.executemany(
        f"UPDATE incident_text SET quotes = {words} WHERE rowid = ? AND quotes IS NOT {words}",
        [(incident_id,) for incident_id in sorted(incident_ids)],
    )
