"""Names that imports bring and many incidents share: what uses them, and which an undone import has left behind."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator

from db import bulk, log
from db.disputes import KEY_FIELDS
from db.handwork import loads
from db.history import History
from db.same_row import Lives, Place
from db.written_since import standing, written_over

USERS = {
    "document": (("quote", "document_id"),),
    "actor": (
        ("incident_actor", "actor_id"), ("attribution", "actor_id"), ("actor", "part_of"), ("actor_alias", "actor_id"),
    ),
    "place": (("incident", "place_id"), ("place", "part_of")),
    "system": (("incident_system", "system_id"), ("system", "part_of")),
    "tag": (("incident_tag", "tag_id"),),
}  # fmt: skip
"""Table of names → (table, column) that can point to it: a name that is still used stays."""

Spans = dict[str, list[int]]
"""Table → [first, last] id."""


Left = dict[int, set[Place]]
"""Import that is undone → the names that it has brought and that are still there, though nothing uses them."""


def left(connection: sqlite3.Connection, past: History) -> Left:
    """The names that imports which are undone have left."""
    found = {root: _left(connection, names) for root, names in _undone(connection, past)}
    return {root: names for root, names in found.items() if names}


def take_left(connection: sqlite3.Connection, past: History, of: int, before: Left) -> None:
    """Take out the names that an import had left because others used them, and that nothing uses any more.

    Those in `before` were left already before the write `of` was undone; the others go with it, and come back when it
    is done again.  What a later write has changed stays.
    """
    for root, names in _undone(connection, past):
        stays = before.get(root, set())
        written: set[Place] | None = None
        while going := _left(connection, names) - stays:
            if written is None:
                later = [seq for seq in standing(connection, past, root) if past.root(seq) not in (root, of)]
                written = set(written_over(connection, later, _named(connection, names)))
            lives = Lives(connection, going)  # the numbers of what an undo took out are given out again
            kept = {place for place in going if place in written or lives.now(place) != root}
            stays = stays | kept
            for table, rowid in sorted(going - kept):
                if table == "actor":
                    connection.execute("DELETE FROM actor_alias WHERE actor_id = ?", (rowid,))
                connection.execute(f'DELETE FROM main."{table}" WHERE id = ?', (rowid,))


def without_left(connection: sqlite3.Connection, root: int, changes: list[log.Change]) -> list[log.Change]:
    """What the redo of an import has put back, without the names that only its undo had taken out along with its own.

    They still bear the import's rows; `take_left` takes them out again when those are gone.
    """
    own = {(c.table, c.rowid) for c in log.changes_of(connection, root)}
    return [c for c in changes if c.before is not None or c.table not in USERS or (c.table, c.rowid) in own]


def _undone(connection: sqlite3.Connection, past: History) -> Iterator[tuple[int, Spans]]:
    """Each import that is undone, with the spans of the names that it has brought."""
    for root, told in loads(connection).items() if past.undone else ():
        if root in past.undone:
            spans = bulk.spans(told.get("ids"))
            yield root, {table: spans[table] for table in USERS if table in spans}


def _left(connection: sqlite3.Connection, names: Spans) -> set[Place]:
    """Names within spans that nothing uses."""
    return {
        (table, rowid)
        for table, span in names.items()
        for (rowid,) in connection.execute(
            f'SELECT id FROM main."{table}" WHERE id BETWEEN ? AND ? AND {unused(table, names)}', span
        )
    }


def _named(connection: sqlite3.Connection, names: Spans) -> set[Place]:
    """The rows within spans."""
    return {
        (table, rowid)
        for table, span in names.items()
        for (rowid,) in connection.execute(f'SELECT id FROM main."{table}" WHERE id BETWEEN ? AND ?', span)
    }


def unused(table: str, spans: Spans) -> str:
    """SQL for a name that nothing in the store uses any more."""
    tests = []
    for user, column in USERS[table]:
        own = spans.get(user, (1, 0)) if user == "actor_alias" else (1, 0)
        tests.append(
            f'NOT EXISTS (SELECT 1 FROM main.{user} AS u WHERE u."{column}" = {table}.id'
            f" AND u.rowid NOT BETWEEN {own[0]} AND {own[1]})"
        )
    # Claims name by keys.  Those of the import itself are gone by now.
    fields = ", ".join(f"'{field}'" for field, named in KEY_FIELDS.items() if named == table)
    if fields:
        tests.append(f"key NOT IN (SELECT value FROM main.claim WHERE field IN ({fields}) AND value IS NOT NULL)")
    if table == "system":
        tests.append("key NOT IN (SELECT substr(field, instr(field, ':') + 1) FROM main.claim WHERE instr(field, ':'))")
    return " AND ".join(tests)
