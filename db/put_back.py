"""Putting rows back as they stood before a write: all of them, or none.

Numbers and unique values may have been given out anew within the write, and rows hang on one another, so that the order
in which they go and come matters.
"""

from __future__ import annotations

import sqlite3
from contextlib import nullcontext

from db import full_text, log
from db.errors import UsageError

_EMPTIED = {
    "incident": ("date_earliest", "date_latest", "date_prec"),
    "document": ("reliability_at", "reliability_reason"),
}
"""Columns that a trigger of the store's empties when another column changes alone; no trigger goes by them."""

_UNIQUE = {
    **dict.fromkeys(("document", "actor", "place", "system"), ("key",)),
    "incident": ("key", "origin", "origin_id"),
    "tag": ("name",),
    "quote": ("incident_id", "document_id", "start", "exact"),
}
"""Table to which others refer → the columns whose values no two rows have together."""

_ASIDE = {
    "incident": "key = char(57344) || 'undoing ' || id, origin_id = NULL",
    "tag": "name = char(57344) || 'undoing ' || id",
    "quote": '"start" = NULL, "end" = NULL',
}
"""SQL that gives a row what none has in these, where it is not a key alone; U+E000 is in no text."""


def put_back(connection: sqlite3.Connection, changes: list[log.Change], *, looked_at: bool = False) -> None:
    """Put every row back as it stood before `changes`.

    Raises UsageError, and the caller rolls back, when a row has been changed again since (unless the caller has
    `looked_at` all), or is not as it was then.
    """
    connection.execute("PRAGMA defer_foreign_keys = ON")
    # All are looked at before the first is touched: the store's own triggers change rows along with others.
    for change in () if looked_at else changes:
        if not log.same(log.current(connection, change.table, change.rowid), change.after):
            raise UsageError(f"{change.table} {change.rowid} has been changed since: undo the later change first")
    # Numbers and unique values may have been given out anew within the write.  So rows that nothing refers to go first
    # and come again last; rows that others hang on stay where they are, let go of what goes, and change after that.
    leaves = _leaves(connection)
    stay = [c for c in reversed(changes) if c.table not in leaves and c.before is not None and c.after is not None]
    pointing = {
        table: {column for _, column, _ in log.references(connection, table)} for table in {c.table for c in stay}
    }
    words = _with_words(changes)
    many = sum(change.table == "quote" for change in changes) >= full_text.MANY
    with full_text.quotes_at_once(connection, lambda: words) if many else nullcontext():
        for change in reversed(changes):
            if change.table in leaves and change.after is not None:
                connection.execute(f"DELETE FROM {change.table} WHERE rowid = ?", (change.rowid,))
        aside = _step_aside(connection, stay)
        for change in stay:
            _set(connection, change, {n: v for n, v in _differing(change).items() if n in pointing[change.table]})
        for change in reversed(changes):
            if change.before is None:
                connection.execute(f"DELETE FROM {change.table} WHERE rowid = ?", (change.rowid,))
        for change in stay:
            whole = (change.table, change.rowid) in aside
            _set(connection, change, (change.before or {}) if whole else _differing(change))
        for change in reversed(changes):
            if change.before is not None and log.current(connection, change.table, change.rowid) is None:
                log.insert(connection, change.table, change.before)
    # The triggers that empty these fire here too, after the old values were put back: put them back again.
    for change in changes:
        if change.before is not None and (stale := _EMPTIED.get(change.table)):
            _set(connection, change, {name: change.before[name] for name in stale if name in change.before})
    # Quotes that came back before their incident found no place for their words.
    full_text.refill(connection, words)
    for change in changes:
        if not log.same(log.current(connection, change.table, change.rowid), change.before):
            raise UsageError(f"{change.table} {change.rowid} cannot be put back as it was; nothing was changed")


def in_the_way(connection: sqlite3.Connection, changes: list[log.Change]) -> tuple[str, int] | None:
    """(table, rowid) of a row that has what only one of the rows before `changes` may have; None where none has."""
    for change in changes:
        before = change.before or {}
        for columns in _unique_columns(connection, change.table):
            values = [before.get(name) for name in columns]
            if None in values:
                continue
            marks, bound = zip(*map(log.bound, values), strict=True)
            test = " AND ".join(f'"{name}" = {mark}' for name, mark in zip(columns, marks, strict=True))
            found = connection.execute(
                f"SELECT rowid FROM {change.table} WHERE {test} AND rowid <> ?", (*bound, change.rowid)
            ).fetchone()
            if found is not None:
                return change.table, int(found[0])
    return None


def _unique_columns(connection: sqlite3.Connection, table: str) -> list[list[str]]:
    """The columns of each rule of a table that no two rows may have the same."""
    indexes = connection.execute(f'PRAGMA main.index_list("{table}")').fetchall()
    rules = [connection.execute(f'PRAGMA main.index_info("{index[1]}")').fetchall() for index in indexes if index[2]]
    return [[str(column[2]) for column in rule] for rule in rules if all(column[2] is not None for column in rule)]


def _step_aside(connection: sqlite3.Connection, changes: list[log.Change]) -> set[tuple[str, int]]:
    """Take from rows, until they are put back, what no two may have and what differs: they may have swapped it.

    Returns the (table, rowid) of those rows.
    """
    moved: set[tuple[str, int]] = set()
    for change in changes:
        old, new = change.before or {}, change.after or {}
        if any(old.get(name) != new.get(name) for name in _UNIQUE.get(change.table, ())):
            aside = _ASIDE.get(change.table, "key = char(57344) || 'undoing ' || id")
            connection.execute(f"UPDATE {change.table} SET {aside} WHERE rowid = ?", (change.rowid,))
            moved.add((change.table, change.rowid))
    return moved


def _differing(change: log.Change) -> dict[str, object]:
    """Column → value before, of the columns of a row that stays in which it differs."""
    after = change.after or {}
    return {n: v for n, v in (change.before or {}).items() if n not in after or not _equal(after[n], v)}


def _equal(one: object, other: object) -> bool:
    return type(one) is type(other) and one == other


def _set(connection: sqlite3.Connection, change: log.Change, row: dict[str, object]) -> None:
    """Give the row of a change these values, column → value."""
    if row:
        marks, values = zip(*map(log.bound, row.values()), strict=True)
        sets = ", ".join(f'"{name}" = {mark}' for name, mark in zip(row, marks, strict=True))
        connection.execute(f"UPDATE {change.table} SET {sets} WHERE rowid = ?", [*values, change.rowid])


def _leaves(connection: sqlite3.Connection) -> set[str]:
    """The tables to which no other refers."""
    return set(log.TABLES) - {parent for table in log.TABLES for parent, *_ in log.references(connection, table)}


def _with_words(changes: list[log.Change]) -> set[int]:
    """The incidents whose quotes, or themselves, are among some changes."""
    ids = {change.rowid for change in changes if change.table == "incident"}
    sides = (side for change in changes if change.table == "quote" for side in (change.before, change.after))
    return ids | {of for side in sides if side is not None and isinstance(of := side.get("incident_id"), int)}
