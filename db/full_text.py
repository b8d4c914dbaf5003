"""The words of incidents and quotes in the full text, for writes of many."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

MANY = 200
"""From so many quotes on it is worth while to stop the triggers, which changes the schema for every reader."""


def fill(connection: sqlite3.Connection, first: int = -(2**63), last: int = 2**63 - 1) -> None:
    """Put the words of incidents into a full text that has none of them; `first` and `last` id are among them."""
    connection.execute(
        "INSERT INTO incident_text (rowid, title, summary, quotes)"
        " SELECT id, title, summary, quotes FROM incident_words WHERE id BETWEEN ? AND ?",
        (first, last),
    )


@contextmanager
def quotes_at_once(connection: sqlite3.Connection, incident_ids: Callable[[], Iterable[int]]) -> Iterator[None]:
    """Have the words of these incidents' quotes put into the full text once, after the body.

    Row by row each quote's trigger puts all quotes of its incident together anew: with thousands of them, minutes.
    Only inside a transaction that is rolled back where the body fails: the triggers are not put back then.
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
        [(incident_id,) for incident_id in sorted(set(incident_ids))],
    )
