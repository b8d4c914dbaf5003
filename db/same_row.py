"""Whether a number is still that of the row that it was: SQLite gives the numbers of rows that are gone to new ones.

Read from the log: a row is born where a write or an import inserts it, and one put back by an undo or redo is the one
that it was.  What programs that keep no log insert is not known here.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterable

from db import log
from db.bulk import spans
from db.handwork import loads
from db.history import read_mark

Place = tuple[str, int]
"""Table and number of a row."""

_HEAD = 200
"""Characters of a log row in which its mark stands."""


def replaced(connection: sqlite3.Connection, places: Collection[Place], since: int) -> tuple[Place, int] | None:
    """One of the places that another row has now than after the log row `since`, and where that was born; else None.

    Raises StoreError for a log row that cannot be read.
    """
    known = loads(connection)
    for place in _inserted(connection, set(places), since, known):
        now = _birth(connection, place, _last(connection), known)
        if now != _birth(connection, place, since, known):
            return place, now
    return None


def wanted(connection: sqlite3.Connection, changes: Iterable[log.Change]) -> set[Place]:
    """The places that must have the rows that they had for these changes to be put back.

    Those of the rows that are changed or taken out, and of those to which rows point that are put back.
    """
    changes = list(changes)
    pointing = {table: log.references(connection, table) for table in log.TABLES}
    places = {(change.table, change.rowid) for change in changes if change.after is not None}
    put_back = {(change.table, change.rowid) for change in changes if change.after is None}
    for change in changes:
        for parent, column, _ in pointing[change.table] if change.before is not None else ():
            value = (change.before or {}).get(column)
            if isinstance(value, int):
                places.add((parent, value))
    return places - put_back


def _inserted(
    connection: sqlite3.Connection, places: set[Place], since: int, known: dict[int, dict[str, object]]
) -> set[Place]:
    """Those of the places in which other rows came to stand after the log row `since`."""
    found: set[Place] = set()
    if not places:
        return found
    for log_id, after in connection.execute(
        "SELECT id, substr(after, 1, ?) FROM log WHERE id > ? ORDER BY id", (_HEAD, since)
    ).fetchall():
        mark = read_mark(after)
        load = log_id if mark is None else mark.of
        if load in known and (mark is None or mark.how == "redo"):
            found |= {place for place in places if _loads(known, load, place)}
        if load not in known or mark is None or mark.last:  # the parts of an import's undo take rows out alone
            found |= places & _insertions(connection, log_id)
    return found


def _insertions(connection: sqlite3.Connection, log_id: int) -> set[Place]:
    """The places in which a log row has put other rows than stood there."""
    return {
        (change.table, change.rowid)
        for change in log.changes_of(connection, log_id)
        if change.table in log.TABLES and change.after is not None and another(change)
    }


def another(change: log.Change) -> bool:
    """Whether a change puts another row in a place: the log tells of a row deleted and one inserted there as of one.

    A row that got another key or another name is the same; one that got both is taken for another.
    """
    if change.before is None or change.after is None:
        return change.after is not None
    names = _NAMED_BY.get(change.table, ())
    return bool(names) and all(change.before.get(name) != change.after.get(name) for name in names)


_NAMED_BY = {
    "incident": ("key", "title"),
    "document": ("key", "title"),
    **dict.fromkeys(("actor", "place", "system"), ("key", "name")),
    "tag": ("name",),
    "quote": ("exact",),
}
"""Table → the columns by which people know its rows."""


def _birth(connection: sqlite3.Connection, place: Place, upto: int, known: dict[int, dict[str, object]]) -> int:
    """The log row in which the row was born that a place had after the log row `upto`; 0 where no log row tells."""
    table, row_id = place
    needle = f'"table": "{table}", "id": {row_id},'
    while True:
        for log_id, after, named in connection.execute(
            "SELECT id, substr(after, 1, ?), instr(after, ?) FROM log WHERE id <= ? ORDER BY id DESC",
            (_HEAD, needle, upto),
        ):
            mark = read_mark(after)
            how = None if mark is None else mark.how
            loaded = how != "undo" and _loads(known, log_id if mark is None else mark.of, place)
            if not loaded and not (named and place in _insertions(connection, log_id)):
                continue
            if mark is None or how == "redo":
                return int(log_id) if mark is None else mark.of
            upto = mark.of - 1  # put back: it is the one that was there before that write
            break
        else:
            return 0


def _loads(known: dict[int, dict[str, object]], log_id: int, place: Place) -> bool:
    """Whether a log row is an import that brought the row of a place."""
    table, row_id = place
    entry = known.get(log_id)
    first, last = (spans(entry.get("ids")).get(table) if entry else None) or (1, 0)
    return first <= row_id <= last


def _last(connection: sqlite3.Connection) -> int:
    return int(connection.execute("SELECT coalesce(max(id), 0) FROM log").fetchone()[0])
