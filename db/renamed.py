"""What people have called otherwise, or deleted, of what many incidents share: read from the log."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection

from db import bulk, log
from db.handwork import Row, came_again, loads, of_a_source
from db.history import read_mark

Named = list[tuple[str, int, Row]]
"""(table, id, row) each."""


def mended(connection: sqlite3.Connection, tables: Collection[str]) -> tuple[Named, Named]:
    """Rows of these tables as they stood before people changed those that are there still, and deleted the others.

    As they stood while a data set was imported: what nobody but people called them, no source goes on to say.
    """
    shared = _Shared(tables)
    imports = loads(connection)
    named = " OR ".join("instr(before, ?)" for _ in tables)
    for log_id, after, is_named in connection.execute(
        f"SELECT id, substr(after, 1, 200), {named} FROM log ORDER BY id",
        [f'"table": "{table}", "id":' for table in tables],
    ).fetchall():
        mark = read_mark(after)
        if (came := came_again(imports, log_id, mark)) is not None:
            shared.begin(log_id, bulk.spans(came.get("ids")), of_a_source(came))
        if is_named and not of_a_source(imports.get(log_id if mark is None else mark.of)):
            shared.take(log_id, log.changes_of(connection, log_id), again=mark is not None)
    there: Named = []
    gone: Named = []
    for named_rows, is_there, into in ((shared.found, True, there), (shared.deleted, False, gone)):
        for (table, row_id), rows in named_rows.items():
            found = connection.execute(f"SELECT 1 FROM {table} WHERE id = ?", (row_id,)).fetchone()
            if (found is not None) == is_there:
                into += [(table, row_id, row) for row in rows]
    return there, gone


def _same_name(rows: list[Row], row: Row) -> int | None:
    """Where among some rows one stands that says the same but for its key; None where none does."""
    own = {name: value for name, value in row.items() if name not in ("id", "key")}
    return next((at for at, other in enumerate(rows) if own.items() <= other.items()), None)


class _Shared:
    """What the log shows, row by row, of what many incidents share; what was done to a row ends with it."""

    def __init__(self, tables: Collection[str]) -> None:
        self._tables = tables
        self.found: dict[tuple[str, int], list[Row]] = {}
        self.deleted: dict[tuple[str, int], list[Row]] = {}
        self._graves: dict[tuple[str, int, object], list[Row]] = {}
        """(table, id, key) of rows that are deleted → what they were, which comes back where that is undone."""
        self._since: dict[tuple[str, int], int] = {}
        """The log row from which on a row is as it stands."""
        self._release = -1
        """The last import of a data set."""

    def begin(self, log_id: int, came: dict[str, list[int]], of_a_source: bool) -> None:
        """Rows of these numbers have come: others that had them before are no more."""

        def there(table: str, row_id: int) -> bool:
            first, last = came.get(table, (1, 0))
            return first <= row_id <= last

        self.found = {place: rows for place, rows in self.found.items() if not there(*place)}
        self._since = {place: since for place, since in self._since.items() if not there(*place)}
        self._graves = {grave: rows for grave, rows in self._graves.items() if not there(*grave[:2])}
        if of_a_source:
            self._release = log_id

    def take(self, log_id: int, changes: list[log.Change], *, again: bool) -> None:
        """Take the changes of one write by people; `again` says that it puts back what stood before."""
        for change in changes:
            place = (change.table, change.rowid)
            if change.table not in self._tables:
                continue
            if change.before is None:
                self.found.pop(place, None)
                self.deleted.pop(place, None)
                key = (change.after or {}).get("key")
                if again and (rows := self._graves.pop((*place, key), None)):
                    self.found[place] = rows
            elif change.after is None:
                rows = self.found.pop(place, [])
                self._graves[(*place, change.before.get("key"))] = rows
                self.deleted[place] = [change.before, *rows]
            elif change.another or (again and change.before.get("key") != change.after.get("key")):
                self._graves[(*place, change.before.get("key"))] = self.found.pop(place, [])
                if again and (rows := self._graves.pop((*place, change.after.get("key")), None)):
                    self.found[place] = rows
            elif (back := _same_name(self.found.get(place, []), change.after)) is not None:
                del self.found[place][back:]  # called again what it was: what came in between was a mistake
            elif not again and self._release >= self._since.get(place, 0):
                self.found.setdefault(place, []).append(change.before)
            self._since[place] = log_id
