"""Whether rows are still those that were shown: SQLite gives the number of a row that is gone to the next one."""

from __future__ import annotations

import sqlite3
from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from db.errors import UsageError
from db.model import Claim, Note

_AT_ONCE = 500
"""Incidents whose keys are read with one query."""


@dataclass(frozen=True, slots=True)
class Known:
    """A row that a write is meant for: its table and number, and what was seen in some of its columns."""

    table: str
    id: int
    seen: tuple[tuple[str, object], ...]


def incident(incident_id: int, key: str) -> Known:
    """An incident, which is known by its key."""
    return Known("incident", incident_id, (("key", key),))


def note(incident_id: int, note: Note) -> Known:
    """A note on an incident, with the text that was read."""
    return Known("note", note.id, (("incident_id", incident_id), ("text", note.text)))


def claim(incident_id: int, claim: Claim) -> Known:
    """A claim about an incident, with what it claims."""
    seen = (("incident_id", incident_id), ("field", claim.field), ("value", claim.value), ("quote_id", claim.quote_id))
    return Known("claim", claim.id, seen)


def quote(quote_id: int, document_id: int, exact: str) -> Known:
    """A quote, with its words and its document."""
    return Known("quote", quote_id, (("document_id", document_id), ("exact", exact)))


def stands(connection: sqlite3.Connection, row: Known) -> bool:
    """Whether a row is there as it was seen."""
    same = "".join(f' AND "{column}" IS ?' for column, _ in row.seen)
    values = [value for _, value in row.seen]
    found = connection.execute(f"SELECT 1 FROM {row.table} WHERE id = ?{same}", (row.id, *values)).fetchone()
    return found is not None


def has_key(connection: sqlite3.Connection, key: str) -> bool:
    """Whether an incident has this key."""
    return connection.execute("SELECT 1 FROM incident WHERE key = ?", (key,)).fetchone() is not None


def marks(connection: sqlite3.Connection, ids: Sequence[int]) -> Sequence[int]:
    """For each incident a number that its key gives, 0 where it is gone: by these very many are known again.

    They hold within a run of the program only.
    """
    found = array("q")
    for at in range(0, len(ids), _AT_ONCE):
        some = ids[at : at + _AT_ONCE]
        numbers = ",".join(str(int(i)) for i in some)
        keys = dict(connection.execute(f"SELECT id, key FROM incident WHERE id IN ({numbers})").fetchall())
        found.extend(hash(keys[i]) if i in keys else 0 for i in some)
    return found


def check(connection: sqlite3.Connection, rows: Iterable[Known]) -> None:
    """Raise UsageError for the first row that is gone, changed, or another's by now; in the write's transaction."""
    for row in rows:
        if not stands(connection, row):
            changed = "" if row.table == "incident" else " or was changed"
            raise UsageError(f"that {row.table} is gone{changed}; nothing was written: read the store anew")
