"""What a store looked like when columns were read from it, and what has changed in it since.

The change table says which incidents were written to.  Beside it stand cheap checks that find most of what a program
without our triggers has done: numbers of rows, highest ids, the rows of a few incidents, the last link of the log.
What they cannot see is an old row changed in place by such a program.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from db.engine.arrays import Ints
from db.engine.reading import ids, listed

MERGED_AT_MOST = 20_000
"""With more incidents changed than this, or than a quarter of the store, all columns are read anew."""

_CHILDREN = ("incident_actor", "incident_system", "quote", "claim", "incident_tag", "note")
_SHARED = ("actor", "place", "system", "document", "tag")
_TABLES = ("incident", *_CHILDREN, "attribution", *_SHARED)
_NESTED = ("actor", "place", "system")
_SAMPLES = 48
_CLAIMED = "SELECT incident_id AS n FROM claim WHERE value IN (SELECT key FROM {0} WHERE id > {{0}})"
_POINTING = {
    "actor": (
        "SELECT incident_id AS n FROM incident_actor WHERE actor_id > {0}",
        _CLAIMED.format("actor"),
        "SELECT q.incident_id AS n FROM attribution AS x JOIN quote AS q ON q.id = x.quote_id WHERE x.actor_id > {0}",
    ),
    "place": ("SELECT id AS n FROM incident WHERE place_id > {0}", _CLAIMED.format("place")),
    "system": ("SELECT incident_id AS n FROM incident_system WHERE system_id > {0}", _CLAIMED.format("system")),
    "document": ("SELECT incident_id AS n FROM quote WHERE document_id > {0}",),
    "tag": ("SELECT incident_id AS n FROM incident_tag WHERE tag_id > {0}",),
}
"""Table of names → incidents that point at rows above a number: without foreign keys they can have done so before.

So can claims, which point by key; what the new row is part of makes or ends a dispute.
"""


@dataclass(frozen=True, slots=True)
class Stamp:
    """The state of a store at one moment."""

    seq: int
    """The last number that the change table has given out."""
    incidents: int
    highest: dict[str, int]
    """Table → highest rowid."""
    shared: dict[str, int]
    """Table of names → number of rows."""

    @classmethod
    def of(cls, connection: sqlite3.Connection) -> Stamp:
        """The state of a store now; in a transaction."""
        return cls(
            last_seq(connection),
            _one(connection, "SELECT count(*) FROM incident"),
            {table: _one(connection, f"SELECT coalesce(max(rowid), 0) FROM {table}") for table in _TABLES},
            {table: _one(connection, f"SELECT count(*) FROM {table}") for table in _SHARED},
        )

    @classmethod
    def of_json(cls, value: object) -> Stamp:
        """The stamp that `as_json` gave; raises ValueError for anything else."""
        match value:
            case {"seq": int(seq), "incidents": int(incidents), "highest": dict(highest), "shared": dict(shared)}:
                numbers = (seq, incidents, *highest.values(), *shared.values())
                if (set(highest), set(shared)) == (set(_TABLES), set(_SHARED)) and all(map(fits_sqlite, numbers)):
                    return cls(seq, incidents, highest, shared)
        raise ValueError("no stamp")

    def as_json(self) -> dict[str, Any]:
        """The stamp as JSON values."""
        return asdict(self)

    def changed(self, connection: sqlite3.Connection, starred: Ints) -> list[int] | None:
        """Ids of the incidents that were made, changed or deleted since; None when all must be read anew.

        `starred` are the incidents that had a star then.
        """
        seq = last_seq(connection)
        limit = max(100, min(MERGED_AT_MOST, self.incidents // 4))
        if seq < self.seq:
            return None
        written = [
            row[0]
            for row in connection.execute(
                "SELECT incident_id FROM change WHERE seq > ? ORDER BY seq LIMIT ?", (self.seq, limit + 1)
            )
        ]
        if 0 in written or len(written) > limit:
            return None
        longer = self._longer(connection)
        if longer is None:
            return None
        # A program may have gone without our triggers: rows newer than any seen count as well, and stars are compared.
        changed = set(written)
        queries = [f"SELECT id AS n FROM incident WHERE id > {self.highest['incident']}"]
        queries += [
            f"SELECT DISTINCT incident_id AS n FROM {table} NOT INDEXED WHERE id > {self.highest[table]}"
            for table in _CHILDREN
        ]
        queries.append(
            "SELECT DISTINCT q.incident_id AS n FROM attribution AS x NOT INDEXED JOIN quote AS q ON q.id = x.quote_id"
            f" WHERE x.id > {self.highest['attribution']}"
        )
        queries += [
            f"SELECT DISTINCT n FROM ({sql.format(self.highest[table])})"
            for table in longer
            for sql in _POINTING[table]
        ]
        for query in queries:
            changed.update(ids(connection, f"{query} LIMIT {limit + 1}").tolist())
        changed |= set(starred.tolist()) ^ set(ids(connection, "SELECT incident_id AS n FROM star").tolist())
        return sorted(changed) if len(changed) <= limit else None

    def _longer(self, connection: sqlite3.Connection) -> list[str] | None:
        """The tables of names that rows were added to; None when that is not all that has happened to them."""
        longer = []
        for table, rows in self.shared.items():
            highest = self.highest[table]
            added = _one(connection, f"SELECT count(*) FROM {table} WHERE rowid > {highest}")
            if _one(connection, f"SELECT count(*) FROM {table}") != rows + added:
                return None
            if added:
                longer.append(table)
                if table in _NESTED and _one(
                    connection, f"SELECT count(*) FROM {table} WHERE id <= {highest} AND part_of > {highest}"
                ):
                    return None
        return longer


def fits_sqlite(value: object) -> bool:
    """Whether a value is a whole number that SQLite has."""
    return isinstance(value, int) and -(2**63) <= value < 2**63


def last_seq(connection: sqlite3.Connection) -> int:
    """The last number that the change table has given out; 0 when it has given none."""
    return _one(connection, "SELECT coalesce(max(seq), 0) FROM sqlite_sequence WHERE name = 'change'")


def sample(snapshot_ids: Ints) -> list[int]:
    """Ids of a few incidents spread over all."""
    at = np.linspace(0, max(0, len(snapshot_ids) - 1), min(_SAMPLES, len(snapshot_ids))).astype(np.int64)
    return sorted({int(i) for i in snapshot_ids.take(at)})


def fingerprints(connection: sqlite3.Connection, incident_ids: Sequence[int]) -> dict[str, str]:
    """Id, as text, → a hash of the incident's row and of what hangs on it."""
    found = {}
    children = " || ' ' || ".join(
        f"(SELECT count(*) || ' ' || coalesce(sum(x.id), 0) FROM {table} AS x WHERE x.incident_id = i.id)"
        for table in ("incident_actor", "incident_system", "quote", "incident_tag")
    )
    for row in connection.execute(f"SELECT i.*, {children} FROM incident AS i WHERE i.id IN ({listed(incident_ids)})"):
        found[str(row[0])] = hashlib.sha256(repr(row).encode("utf-8", "surrogateescape")).hexdigest()[:16]
    return found


def last_entry(connection: sqlite3.Connection) -> tuple[int, str] | None:
    """Number and hash of the last entry of the store's log, None when it is empty."""
    row = connection.execute("SELECT id, hash FROM log ORDER BY id DESC LIMIT 1").fetchone()
    return None if row is None else (int(row[0]), str(row[1]))


def has_entry(connection: sqlite3.Connection, entry: tuple[int, str] | None) -> bool:
    """Whether the log still has an entry."""
    if entry is None:
        return True
    row = connection.execute("SELECT hash FROM log WHERE id = ?", (entry[0],)).fetchone()
    return row is not None and row[0] == entry[1]


def _one(connection: sqlite3.Connection, sql: str) -> int:
    return int(connection.execute(sql).fetchone()[0])
