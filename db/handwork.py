"""What the analyst has changed in imported incidents since they came: read from the log, which has every write."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field

from db import log
from db.bulk import IMPORT
from db.history import read_mark

OWN_TABLES = ("incident_actor", "incident_system", "quote")
"""Tables whose rows a source has for an incident, and the analyst may have too."""

_ASIDE = frozenset({"id", "key", "extra", "date_earliest", "date_latest", "date_prec"})
"""Columns that no analyst edits, or that follow from others."""

Row = dict[str, object]


@dataclass(slots=True)
class Handwork:
    """The analyst's hand in one incident."""

    columns: Row = field(default_factory=dict)
    """Column of `incident` changed → what stood there before."""
    rows: dict[str, set[int]] = field(default_factory=lambda: {table: set() for table in OWN_TABLES})
    """Table → ids of rows made or changed."""
    gone: dict[str, dict[int, Row]] = field(default_factory=lambda: {table: {} for table in OWN_TABLES})
    """Table → id → row as it stood before it was changed or deleted."""
    chains: set[int] = field(default_factory=set)
    """Ids of quotes whose chain of attribution was changed."""

    def _column(self, name: str, before: object, after: object) -> None:
        if name in self.columns:
            if self.columns[name] == after:
                del self.columns[name]
        elif before != after:
            self.columns[name] = before

    def _child(self, change: log.Change) -> None:
        rows, gone = self.rows[change.table], self.gone[change.table]
        if change.before is None:
            if gone.get(change.rowid) == change.after:
                del gone[change.rowid]  # deleted, and put back by undo
            else:
                rows.add(change.rowid)
            return
        if change.rowid not in rows:
            gone.setdefault(change.rowid, change.before)
        if change.after is None:
            rows.discard(change.rowid)
        elif gone.get(change.rowid) == change.after:
            del gone[change.rowid]  # changed back
            rows.discard(change.rowid)
        else:
            rows.add(change.rowid)


def handwork(connection: sqlite3.Connection, ids: Collection[int]) -> dict[int, Handwork]:
    """Incident id → the analyst's hand in it, for those of `ids` that show one.

    Imports and their undoing are the source's doing and do not count; neither does what was taken back.
    """
    wanted = set(ids)
    found: dict[int, Handwork] = {}
    if not wanted:
        return found
    quotes: dict[object, int] = {}
    for log_id in _by_hand(connection):
        for change in log.changes_of(connection, log_id):
            row = change.after or change.before or {}
            if change.table == "incident" and change.rowid in wanted:
                if change.before is not None and change.after is not None:
                    hand = found.setdefault(change.rowid, Handwork())
                    for name, after in change.after.items():
                        if name not in _ASIDE:
                            hand._column(name, change.before.get(name), after)
            elif change.table in OWN_TABLES and row.get("incident_id") in wanted:
                incident_id = int(str(row["incident_id"]))
                found.setdefault(incident_id, Handwork())._child(change)
            elif change.table == "attribution":
                quote_id = row.get("quote_id")
                if quote_id not in quotes:
                    of = connection.execute("SELECT incident_id FROM quote WHERE id = ?", (quote_id,)).fetchone()
                    quotes[quote_id] = of[0] if of else 0
                if quotes[quote_id] in wanted:
                    found.setdefault(quotes[quote_id], Handwork()).chains.add(int(str(quote_id)))
    return found


def _by_hand(connection: sqlite3.Connection) -> Iterator[int]:
    """Ids of the log's rows, oldest first, that are neither imports nor the undoing or redoing of one."""
    loads: set[int] = set()
    for log_id, before, after in connection.execute(
        # Beginnings only: to parse every load for its first entry would cost more than all the rest.
        "SELECT id, substr(before, 1, 200), substr(after, 1, 200) FROM log ORDER BY id"
    ).fetchall():
        mark = read_mark(after)
        if (before or "").startswith(f'[{{"table": "{IMPORT}"') or (mark is not None and mark.of in loads):
            loads.add(log_id)
        else:
            yield log_id
