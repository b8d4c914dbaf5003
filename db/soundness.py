"""Whether a store may be read at all, and upgraded: asked of its schema, before a row of it is.

SQLite runs what a schema says: a view in the place of a table, or a generated column, can be a computation without
end, and a virtual table can reach outside the file.  So each table that Dateline reads must be a plain one.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from pathlib import Path

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
        if kind == "table" and not strict and name.lower() in _TABLES:
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


LOOKED_THROUGH = 16_000_000
"""Bytes of a file up to which all its pages are looked at when it is opened."""

_looked_at: dict[tuple[int, ...], str | None] = {}
"""What this process found in files: device, inode, size and time of change → `page_fault`."""


def page_fault(connection: sqlite3.Connection) -> str | None:
    """What SQLite finds wrong with the pages of the file, in its words, line by line; None for nothing.

    Its quick check goes to each page once, and says what it found before it goes through the rows, which might never
    end and may compute what a schema pleases.  It is stopped there, unless it has found as many faults as were asked
    for; so that number is what is looked for.
    """
    found = _page_faults(connection, 1)
    if found is None:
        return None
    least, most = 1, _MOST_FAULTS + 1
    while most - least > 1:
        middle = (least + most) // 2
        told = _page_faults(connection, middle)
        if told is None:
            most = middle
        else:
            least, found = middle, told
    return found


def _page_faults(connection: sqlite3.Connection, count: int) -> str | None:
    """So many faults of pages, line by line; None where there are not so many."""
    longest = connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _NO_LONGER)
    connection.set_progress_handler(lambda: 1, _STEPS)
    try:
        told = str(connection.execute(f"PRAGMA main.quick_check({count})").fetchone()[0])
    except sqlite3.DatabaseError as error:
        code = getattr(error, "sqlite_errorcode", None)
        if code not in (sqlite3.SQLITE_INTERRUPT, sqlite3.SQLITE_TOOBIG, sqlite3.SQLITE_CORRUPT):
            raise
        return first_line(error) if code == sqlite3.SQLITE_CORRUPT else None
    finally:
        connection.set_progress_handler(None, 0)
        connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, longest)
    return told.partition("\n")[2] if told.startswith("***") else None


_STEPS = 200
"""Of SQLite's machine: more than the check takes before it has gone to the pages, and few rows' worth."""

_NO_LONGER = 1_000_000
"""Bytes of a value, while the check runs: it keeps none, but what a schema computes could be long."""


def looked_through(connection: sqlite3.Connection, path: Path) -> str | None:
    """`page_fault` of a small file, asked once of each of its states; None for a large one."""
    try:
        about = path.stat()
    except OSError:
        return None  # it is gone just now: whoever reads on is told so
    seen = (about.st_dev, about.st_ino, about.st_size, about.st_mtime_ns)
    if about.st_size > LOOKED_THROUGH:
        return None
    if seen not in _looked_at:
        _looked_at[seen] = page_fault(connection)
    return _looked_at[seen]


def first(fault: str) -> str:
    """The first line of a fault, cut to what is shown."""
    return fault.partition("\n")[0][:_SHOWN]


def endless(fault: str) -> bool:
    """Whether a fault of pages is such that reading might never end: they lead to the same pages again.

    A few levels of that hold more rows than any machine can read.  So it may be where SQLite stopped naming faults.
    """
    return SHARED in fault or fault.count("\n") >= _MOST_FAULTS - 1


def shares_pages(connection: sqlite3.Connection) -> bool:
    """Whether it may be so in a file of any size."""
    fault = page_fault(connection)
    return fault is not None and endless(fault)


SHARED = "2nd reference to page"
"""What SQLite says of a page that it comes to a second time."""

_SHOWN = 200
"""Characters of a fault that are shown."""

_MOST_FAULTS = 100
"""So many faults of pages are looked for at most."""


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
    coming = schema.made_after(version)
    for name, table, kind in connection.execute(
        "SELECT name, tbl_name, type FROM main.sqlite_master WHERE type IN ('table', 'index') ORDER BY name"
    ):
        if str(name).lower() in coming:
            own = f"a table {name}" if kind == "table" else f"an index {name} (of the table {table})"
            return (
                f"has {own} of its owner's, and an upgrade makes one of that name: rename or drop it with sqlite3 first"
            )
    fault = damage(connection)
    return None if fault is None else f"is damaged ({fault})"


def damage(connection: sqlite3.Connection) -> str | None:
    """The first thing that SQLite finds wrong with the file, None if sound: its quick check first, then the whole one.

    The quick one does not hold rows against indexes, and what is read from an index may not be what its table has.
    """
    try:
        for quick in (True, False):
            for found in faults(connection, quick=quick):
                return found.splitlines()[-1][:_SHOWN]
    except (sqlite3.Error, UnicodeDecodeError) as error:
        return first_line(error)
    return None


def faults(connection: sqlite3.Connection, *, quick: bool = False) -> Iterator[str]:
    """What SQLite finds wrong with pages, rows and, unless `quick`, indexes; nothing that a schema computes is run.

    Its check reads every column of every table and makes every entry of an index anew, as long as whoever made a
    generated column or an index of expressions pleases.  Where there are such, each other table is checked alone.
    """
    fault = page_fault(connection)
    if fault is not None and endless(fault):
        yield fault
        return
    left = unchecked(connection)
    computing = set() if quick else {table.lower() for table, _ in schema.computing_indexes(connection)}
    checks = [f"{'quick' if quick else 'integrity'}_check"]
    if left or computing:
        checks = [
            f"{'quick' if quick or name.lower() in computing else 'integrity'}_check({_quoted(name)})"
            for name, kind in _tables(connection)
            if kind != "virtual" and name not in left
        ]
    (ignored,) = connection.execute("PRAGMA ignore_check_constraints").fetchone()
    # Where a store is open to be written to, the check would ask them of each row.
    connection.execute("PRAGMA ignore_check_constraints = ON")
    try:
        for check in checks:
            for (line,) in connection.execute(f"PRAGMA main.{check}"):
                if line != "ok":
                    yield str(line)
    finally:
        connection.execute(f"PRAGMA ignore_check_constraints = {ignored}")


def unchecked(connection: sqlite3.Connection) -> list[str]:
    """Names of the tables that `faults` does not look at: virtual ones, and those that compute columns."""
    generated = _generated(connection)
    left = [
        name
        for name, kind in _tables(connection)
        if name in generated or (kind == "virtual" and name.lower() != _FULL_TEXT)
    ]
    if left or schema.computing_indexes(connection):
        left += [name for name, _ in _tables(connection) if _NO_NAME.match(name) and name not in left]
    return left


_NO_NAME = re.compile(r"[+-]?[0-9]|.*[\ud800-\udfff]", re.DOTALL)
"""Names by which no table is checked alone: what is not UTF-8, and what begins as a number, which the check takes for
the number of faults after which to stop checking all tables."""


def orphans(connection: sqlite3.Connection) -> Iterator[tuple[str, int | None, str]]:
    """(table, row number, table pointed to) of each row that points to one that is not there; computes nothing."""
    generated = _generated(connection)
    checks = [""]
    if generated:
        left = generated | set(unchecked(connection))
        names = [name for name, _ in _tables(connection) if name not in left and name.lower() != _FULL_TEXT]
        checks = [f"({_quoted(name)})" for name in names]
    for check in checks:
        for table, rowid, parent, _ in connection.execute(f"PRAGMA main.foreign_key_check{check}"):
            yield table, rowid, parent


def _tables(connection: sqlite3.Connection) -> list[tuple[str, str]]:
    """(name, kind) of each table of the file: "table", "shadow" or "virtual"."""
    return connection.execute(
        "SELECT name, type FROM pragma_table_list WHERE schema = 'main' AND type <> 'view' ORDER BY name"
    ).fetchall()


def _generated(connection: sqlite3.Connection) -> set[str]:
    """Names of the tables that have generated columns."""
    found = connection.execute(
        "SELECT DISTINCT t.name FROM pragma_table_list AS t, pragma_table_xinfo(t.name, 'main') AS c"
        " WHERE t.schema = 'main' AND t.type IN ('table', 'shadow') AND c.hidden > 1"
    )
    return {name for (name,) in found}


def _quoted(name: str) -> str:
    return '"{}"'.format(name.replace('"', '""'))
