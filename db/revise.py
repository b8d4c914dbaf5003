"""Rewrite incidents whose source has a newer row, and take an import back; every change is captured for the log."""

from __future__ import annotations

import json
import pickle
import sqlite3

from db import bulk, log
from db.errors import UsageError
from db.formats.record import Record
from db.loading import COLUMNS, Loader
from db.names import Names
from db.settle import settle

_DERIVED = ("date_earliest", "date_latest", "date_prec")
"""Columns that follow from the date and the documents; `settle` fills them."""


class Revisions:
    """Records that differ from what the store has, set aside on disk until the triggers are back."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._count = 0
        connection.execute("CREATE TEMP TABLE IF NOT EXISTS revision (incident_id INTEGER PRIMARY KEY, digest, record)")
        connection.execute("DELETE FROM temp.revision")

    def __len__(self) -> int:
        return self._count

    def add(self, incident_id: int, record: Record) -> None:
        """Set a record aside for the incident that it rewrites."""
        self._count += 1
        # Our own bytes, read again before the transaction ends: pickle meets nothing from outside here.
        blob = pickle.dumps(record, pickle.HIGHEST_PROTOCOL)
        self._connection.execute("INSERT INTO temp.revision VALUES (?, ?, ?)", (incident_id, record.digest, blob))

    def digest(self, incident_id: int) -> str | None:
        """Digest of the record set aside for an incident; None when there is none."""
        found = self._connection.execute("SELECT digest FROM temp.revision WHERE incident_id = ?", (incident_id,))
        return next((str(digest) for (digest,) in found), None)

    def apply(self, names: Names, loader: Loader) -> int:
        """Rewrite the incidents and return how many had something to rewrite.

        What the analyst added stays: grade, credibility, status, tags, notes, stars, claims, and quotes with a place
        in their text.  Actors, systems and quotes without such a place are the source's, and become what it has now.
        """
        changed = 0
        for incident_id, blob in self._connection.execute("SELECT incident_id, record FROM temp.revision").fetchall():
            record: Record = pickle.loads(blob)
            changed += self._rewrite(incident_id, record, names, loader)
        self._connection.execute("DELETE FROM temp.revision")
        settle(self._connection, strict=False)
        return changed

    def _rewrite(self, incident_id: int, record: Record, names: Names, loader: Loader) -> bool:
        connection = self._connection
        settable = [name for name in COLUMNS if name not in _DERIVED]
        values = dict(zip(COLUMNS, loader.columns(record), strict=True))
        differs = " OR ".join(f"{name} IS NOT ?" for name in settable)
        new = [values[name] for name in settable]
        children = loader.children(incident_id, record)
        before = connection.total_changes  # counted from here: names that were made above are no change of the incident
        connection.execute(
            f"UPDATE incident SET {', '.join(f'{name} = ?' for name in settable)} WHERE id = ? AND ({differs})",
            (*new, incident_id, *new),
        )
        for table, thing, positionless in (
            ("incident_actor", "actor_id, role, attribution", ""),
            ("incident_system", "system_id, role, outcome, count_low, count_best, count_high", ""),
            ("quote", "document_id, exact", ' AND "start" IS NULL'),
        ):
            first = 2 if table == "quote" else 1
            keep = {row[first:]: row for row in children.get(table, [])}
            for row_id, *own in connection.execute(
                f"SELECT id, {thing} FROM {table} WHERE incident_id = ?{positionless}", (incident_id,)
            ).fetchall():
                known = keep.pop(tuple(own), None)
                if known is None:
                    connection.execute(f"DELETE FROM {table} WHERE id = ?", (row_id,))
                elif table == "quote":
                    # Standing already: its chain is told anew under its own id.
                    steps = [row for row in children["attribution"] if row[0] == known[0]]
                    children["attribution"] = [row for row in children["attribution"] if row[0] != known[0]]
                    self._rechain(row_id, [row[1:] for row in steps])
            children[table] = list(keep.values())
        loader.insert_children(children)
        return connection.total_changes > before

    def _rechain(self, quote_id: int, steps: list[tuple[object, ...]]) -> None:
        """Make a quote's chain of attribution what the source has now."""
        stored = self._connection.execute(
            "SELECT step, actor_id, verb FROM attribution WHERE quote_id = ? ORDER BY step", (quote_id,)
        ).fetchall()
        if stored != steps:
            self._connection.execute("DELETE FROM attribution WHERE quote_id = ?", (quote_id,))
            self._connection.executemany(
                "INSERT INTO attribution (quote_id, step, actor_id, verb) VALUES (?, ?, ?, ?)",
                [(quote_id, *step) for step in steps],
            )


def undo_import(connection: sqlite3.Connection, log_id: int) -> int:
    """Take an import back inside the caller's transaction: rewritten rows as they stood, loaded rows gone."""
    found = connection.execute("SELECT after FROM log WHERE id = ?", (log_id,)).fetchone()
    told = json.loads(found[0] or "[]") if found else []
    if not told or told[0]["table"] != bulk.IMPORT:
        raise UsageError(f"log row {log_id} tells of no import")
    loaded = told[0]["row"]["ids"]
    span = loaded.get("incident", [1, 0])
    count = connection.execute("SELECT count(*) FROM incident WHERE id BETWEEN ? AND ?", span).fetchone()[0]
    log.revert(connection, log.changes_of(connection, log_id))
    against = bulk.remove(connection, loaded)
    if against is not None:
        raise UsageError(f"{against}, so the import was not undone; undo or keep that change first")
    return int(count)
