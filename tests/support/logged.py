"""What a store holds, for tests that put it back, and what is wrong with it."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable

from db import log
from db.finding import Finding
from db.store import Store
from db.verify import findings
from seed.load import load

Content = dict[str, list[tuple[object, ...]]]

Seed = Callable[[str], int]
"""Runs SQL as a seed file and returns its number in the log."""


def seeding(store: Store, base: str) -> Seed:
    """A way to seed a store that has a base already, as its first write."""

    def run(sql: str) -> int:
        file = store.path.with_name("some.sql")
        file.write_text(sql, encoding="utf-8")
        load(store, [file])
        return last(store)

    run(base)
    return run


def last(store: Store) -> int:
    """The number of the last log row."""
    return int(store.connection.execute("SELECT max(id) FROM log").fetchone()[0])


def content(store: Store) -> Content:
    """Every row that the log keeps, and the full text."""
    return {
        table: store.connection.execute(f"SELECT rowid, * FROM {table} ORDER BY rowid").fetchall()
        for table in (*log.TABLES, "incident_text")
    }


def everything(connection: sqlite3.Connection) -> Content:
    """Every row of every table, and the schema: what must stay when nothing was imported."""
    tables = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    found: Content = {name: connection.execute(f'SELECT * FROM "{name}"').fetchall() for name in tables}
    found["schema"] = sorted(connection.execute("SELECT type, name, sql FROM sqlite_master").fetchall(), key=repr)
    return found


def faults(store: Store) -> list[Finding]:
    """What is wrong in a store."""
    return [finding for finding in findings(store.connection) if finding.wrong]
