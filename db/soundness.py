"""Whether a store may be read at all, and upgraded: asked of its schema, before a row of it is.

SQLite runs what a schema says: a view in the place of a table, or a generated column, can be a computation without
end, and a virtual table can reach outside the file.  So each table that Dateline reads must be a plain one.
"""

from __future__ import annotations

import sqlite3

from db import log, schema
from db.errors import first_line

_TABLES = (*log.TABLES, "country", "log", "change")
_FULL_TEXT = "incident_text"
_SHADOWS = tuple(f"{_FULL_TEXT}_{part}" for part in ("data", "idx", "content", "docsize", "config"))
_NAMES = ", ".join(f"'{name}'" for name in (*_TABLES, *_SHADOWS))


def unsafe(connection: sqlite3.Connection) -> str | None:
    """Why the store must not be read, in words that follow its path; None when it may.  Raises sqlite3.Error."""
    for name, kind, strict in connection.execute(
        f"SELECT name, type, strict FROM pragma_table_list WHERE schema = 'main' AND lower(name) IN ({_NAMES})"
    ):
        if kind not in ("table", "shadow"):
            return f"has a {'view' if kind == 'view' else f'{kind} table'} in the place of its table {name}"
        if kind == "table" and not strict and name in _TABLES:
            return f"has a table {name} that is not STRICT, so its values may be of any type"
    found = connection.execute(
        "SELECT m.name, c.name FROM main.sqlite_master AS m, pragma_table_xinfo(m.name, 'main') AS c"
        f" WHERE m.type = 'table' AND lower(m.name) IN ({_NAMES}) AND c.hidden > 1 LIMIT 1"
    ).fetchone()
    if found:
        return f"computes the column {found[1]} of its table {found[0]} instead of keeping it"
    found = connection.execute("SELECT sql FROM main.sqlite_master WHERE lower(name) = ?", (_FULL_TEXT,)).fetchone()
    if found and schema.spaced(found[0] or "") != schema.full_text_table():
        return f"has another {_FULL_TEXT} than Dateline's, so searching could read anything"
    return None


def unsafe_to_upgrade(connection: sqlite3.Connection, version: int) -> str | None:
    """Why an older store must not be upgraded, in words that follow its path; None when it may.

    An upgrade writes, so nothing but Dateline's own triggers and rules may run; and what is damaged must stay as it
    is, since the number that tells the version may itself be what the damage has changed.
    """
    foreign = schema.foreign_objects(connection)
    if foreign:
        return f"has {schema.FOREIGN} that are not Dateline's ({', '.join(foreign[:3])})"
    try:
        steps = connection.execute(
            "SELECT count(*) FROM main._sqlite_migrations WHERE migration_set = 'dateline'"
        ).fetchone()[0]
    except sqlite3.OperationalError:
        steps = None
    if steps != version:
        return f"is damaged (it says that it is of version {version}, its record of upgrades does not)"
    fault = damage(connection)
    return None if fault is None else f"is damaged ({fault})"


def damage(connection: sqlite3.Connection) -> str | None:
    """The first thing that SQLite finds wrong with the file, None if sound: its quick check first, then the whole one.

    The quick one does not hold rows against indexes, and what is read from an index may not be what its table has.
    """
    try:
        for check in ("quick_check", "integrity_check"):
            found = connection.execute(f"PRAGMA main.{check}(1)").fetchone()
            if found != ("ok",):
                return str(found[0]).splitlines()[-1]
    except (sqlite3.Error, UnicodeDecodeError) as error:
        return first_line(error)
    return None
