"""What a store holds, for tests that put it back, and what is wrong with it."""

from __future__ import annotations

import sqlite3

from db import log
from db.finding import Finding
from db.store import Store
from db.verify import findings

Content = dict[str, list[tuple[object, ...]]]


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
