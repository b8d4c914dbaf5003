"""What a seed file may touch: rows of the tables that hold incidents, and nothing else in the store or outside it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from db.log import TABLES

WRITABLE = frozenset(TABLES)
"""Tables of a store that seed files may fill: those that the log captures.  ISO's countries are not for them."""

_ROW_NUMBERS = {"star": ("incident_id", "rowid")}
"""Columns that are a row's number, where it is not `id`."""

_SCHEMA = frozenset({"sqlite_master", "sqlite_temp_master"})
"""Tables that SQLite asks about when it declares a virtual table, as it does for a function that gives one."""

_ROW_CHANGES = frozenset({sqlite3.SQLITE_INSERT, sqlite3.SQLITE_UPDATE, sqlite3.SQLITE_DELETE})
_READS = frozenset({sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_RECURSIVE})


class Refusals:
    """What SQLite's authorizer refused while a statement was compiled, in words; empty when nothing was."""

    def __init__(self) -> None:
        self.words: list[str] = []

    def __call__(self, action: int, one: str | None, two: str | None, database: str | None, trigger: str | None) -> int:
        """Answer SQLite's question about one access (https://sqlite.org/c3ref/set_authorizer.html)."""
        if action in _READS or (action in _ROW_CHANGES and trigger is not None):
            return sqlite3.SQLITE_OK  # a trigger is the store's own: a seed file can make none
        if action in _ROW_CHANGES:
            if action == sqlite3.SQLITE_UPDATE and (two or "").lower() in _ROW_NUMBERS.get(one or "", ("id", "rowid")):
                self.words.append(
                    f"the {two} of a row of {one} is what the log knows it by, and not for seed files to change"
                )
                return sqlite3.SQLITE_DENY
            if database == "main" and one in WRITABLE:
                return sqlite3.SQLITE_OK
            also = ", nor are functions that give tables, but for json_each and json_tree" if one in _SCHEMA else ""
            self.words.append(f"the table {one} is not for seed files to write{also}")
        elif action == sqlite3.SQLITE_FUNCTION:
            if two != "load_extension":
                return sqlite3.SQLITE_OK
            self.words.append("load_extension is not for seed files")
        else:
            self.words.append("this statement is not for seed files")
        return sqlite3.SQLITE_DENY


@contextmanager
def guarded(connection: sqlite3.Connection) -> Iterator[Refusals]:
    """Answer SQLite's questions while the body compiles statements.

    Compile only (`EXPLAIN`): running a statement makes full-text search prepare writes of its own, which look like
    the file's.
    """
    refusals = Refusals()
    # Connecting a virtual table reads and declares tables, which is not the file's doing: have it done first.
    for table in ("incident_text", "json_each('[]')", "json_tree('[]')"):
        connection.execute(f"SELECT rowid FROM {table} LIMIT 0").close()
    connection.set_authorizer(refusals)
    try:
        yield refusals
    finally:
        connection.set_authorizer(None)
