"""What `dateline info` tells of a store: its place, its size, its versions, and how much is in it."""

from __future__ import annotations

import os
import sqlite3

from db import log, schema, store_file
from db.info import facts
from db.store import Store


def inventory(store: Store, program: str) -> dict[str, object]:
    """Name → fact, in the order to show them; "rows" is table → number of rows.  `program` is Dateline's version."""
    connection = store.connection

    def one(sql: str) -> object:
        return connection.execute(sql).fetchone()[0]

    first, last = connection.execute("SELECT min(date_earliest), max(date_latest) FROM incident").fetchone()
    return {
        "path": str(store.path.absolute()),
        "bytes": _bytes(store),
        "read_only": not facts(store).writable,
        "dateline_version": program,
        "store_version": one("PRAGMA user_version"),
        "newest_store_version": schema.VERSION,
        "sqlite_version": sqlite3.sqlite_version,
        "journal_mode": one("PRAGMA journal_mode"),
        "first_day": first,
        "last_day": last,
        "documents_with_text": one("SELECT count(*) FROM document WHERE text IS NOT NULL"),
        "rows": {table: one(f"SELECT count(*) FROM {table}") for table in (*log.TABLES, "log")},
    }


def inventory_lines(found: dict[str, object]) -> list[str]:
    """The inventory as "name: value" lines, tables indented."""
    lines = []
    for name, value in found.items():
        words = name.replace("_", " ")
        if isinstance(value, dict):
            lines.append(f"{words}:")
            lines += [f"  {table.replace('_', ' ')}: {count:,}" for table, count in value.items()]
        else:
            lines.append(f"{words}: {_words(value)}")
    return lines


def _words(value: object) -> str:
    if value is None:
        return "unknown"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:,}" if isinstance(value, int) else str(value)


def _bytes(store: Store) -> int:
    """Size of the store on disk, bytes, with what its write-ahead log holds."""
    return os.path.getsize(store.path) + store_file.size(store_file.log_of(store.path))
