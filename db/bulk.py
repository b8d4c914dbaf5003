"""Load many rows in one transaction: the store's own triggers stand aside, and what they do is done once at the end.

Row by row the triggers fill the full text and the change table, which costs several times the rows themselves.
DDL is part of a transaction in SQLite, so that a load that fails leaves triggers, indexes and rows as they were.
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

from db import full_text, log, schema
from db.errors import StoreError
from db.row_numbers import LAST_ID, no_ids_left

IMPORT = "import"
"""What stands for a table in the log entry of a load."""

REINDEX_BELOW = 50_000
"""With fewer incidents in the store its plain indexes are dropped for the load and made again after it."""


@dataclass(frozen=True, slots=True)
class Suspended:
    """What was taken away: SQL that makes it again, and the highest id of each table before the load."""

    sql: tuple[str, ...]
    before: dict[str, int]


def suspend(connection: sqlite3.Connection, *, indexes: bool = True) -> Suspended:
    """Drop the store's triggers and this connection's capture, in a small store its plain indexes too if `indexes`."""
    for (name,) in connection.execute("SELECT name FROM temp.sqlite_master WHERE type = 'trigger'").fetchall():
        connection.execute(f'DROP TRIGGER temp."{name}"')
    incidents = connection.execute("SELECT count(*) FROM incident").fetchone()[0]
    kinds = "('trigger', 'index')" if indexes and incidents < REINDEX_BELOW else "('trigger')"
    # The index of keys and other UNIQUE constraints has no SQL of its own, and stays.
    found = [
        (kind, name, sql)
        for kind, name, table, sql in connection.execute(
            "SELECT type, name, tbl_name, sql FROM main.sqlite_master"
            f" WHERE type IN {kinds} AND sql IS NOT NULL ORDER BY rowid"
        )
        # An index of the owner's own table may compute: to make it again could take for ever.
        if str(table).lower() in schema.tables()
    ]
    for kind, name, _ in found:
        connection.execute(f'DROP {kind} main."{name}"')
    tables = {table: _highest(connection, table) for table in log.TABLES}
    return Suspended(tuple(sql for _, _, sql in found), tables)


def resume(connection: sqlite3.Connection, suspended: Suspended) -> dict[str, list[int]]:
    """Make again what was dropped and do its work for the rows loaded; returns table → [first, last] new id."""
    loaded = {
        table: span
        for table, before in suspended.before.items()
        if (span := _above(connection, table, before)) is not None
    }
    for sql in suspended.sql:
        if sql.lstrip()[:12].upper() == "CREATE INDEX":
            connection.execute(sql)
    if "incident" in loaded:
        full_text.fill(connection, *loaded["incident"])
    for sql in suspended.sql:
        if sql.lstrip()[:12].upper() != "CREATE INDEX":
            connection.execute(sql)
    if loaded:
        # Incident 0 tells a cache that much has changed: one row, not one for each incident.
        connection.execute("INSERT OR REPLACE INTO change (incident_id) VALUES (0)")
    return loaded


class Load:
    """A bulk load under way: rows go in by `connection`; after `resume` each change is captured again, row by row."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.connection = connection
        self.told: dict[str, object] = {}
        """What the log row shall say of the load, JSON."""
        self._suspended: Suspended | None = suspend(connection)
        for table, highest in self._suspended.before.items():
            if highest >= LAST_ID:
                raise StoreError(no_ids_left(table, highest))
        self._loaded: dict[str, list[int]] = {}

    def resume(self) -> dict[str, list[int]]:
        """Put the triggers back; returns table → [first, last] id loaded.  A second call changes nothing."""
        if self._suspended is not None:
            self._loaded = resume(self.connection, self._suspended)
            self._suspended = None
            log.install_capture(self.connection)
            log.forget(self.connection)
        return self._loaded

    def finish(self) -> list[log.Change]:
        """The log's entries: one of the table "import" with what was told and the ids, then each captured change."""
        loaded = self.resume()
        changes = log.captured(self.connection)
        if not loaded and not changes:
            return []
        if "incident" in loaded:
            # Left of incidents that had these numbers before: of those that came, nothing has changed since.
            self.connection.execute("DELETE FROM change WHERE incident_id BETWEEN ? AND ?", loaded["incident"])
        return [log.Change(IMPORT, 0, None, {**self.told, "ids": loaded}), *changes]


def spans(ids: object) -> dict[str, list[int]]:
    """Table → [first, last] id of what an import's log row says that it loaded, without what is no such pair."""
    return {
        table: pair
        for table, pair in (ids.items() if isinstance(ids, dict) else ())
        if table in log.TABLES and isinstance(pair, list) and len(pair) == 2 and all(map(log.value_fits, pair))
    }


def _above(connection: sqlite3.Connection, table: str, before: int) -> list[int] | None:
    """[first, last] of the ids above one; None where there are none.

    What people have deleted keeps its number, and may come back: the first that was given out need not be the next.
    """
    first, last = connection.execute(
        f"SELECT min(rowid), max(rowid) FROM {table} WHERE rowid > ?", (before,)
    ).fetchone()
    return None if first is None else [first, last]


def _highest(connection: sqlite3.Connection, table: str) -> int:
    return int(connection.execute(f"SELECT coalesce(max(rowid), 0) FROM {table}").fetchone()[0])
