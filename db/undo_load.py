"""Undo a whole import, or do it again: the rows that go are kept in the log, in parts that bound the memory.

An import leaves no row of its own in the log but the span of ids that it gave out.  Its undo writes every row that it
takes away into the log first, so that nothing is lost and the undo can be undone without the file.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Sequence
from itertools import groupby

from db import bulk, full_text, log
from db.errors import UsageError
from db.history import History, How, Mark, mark, marked
from db.same_row import Place
from db.shared_names import USERS, Spans, unused, without_left
from db.store import writer

PART_CHARACTERS = 4_000_000
"""Text of rows that one part of the log holds, about."""

_SLICE = 2_000
"""Rows read at a time."""


def is_load(connection: sqlite3.Connection, root: int) -> bool:
    """Whether a row of the log tells of an import."""
    return bool(_told(connection, root))


def turn(
    connection: sqlite3.Connection, past: History, root: int, how: How, rows: list[int]
) -> tuple[list[log.Change], set[int]]:
    """Take an import back or bring it again, inside `Store.write`; raises UsageError that says what stands against it.

    `rows` are the log rows that brought it into the state it is in.  Returns the changes that were put back beside the
    import's own rows, and the incidents whose intervals may have to follow from other documents now.
    """
    from db.undo import against, revert

    told = _told(connection, root)
    spans: Spans = bulk.spans(told.get("ids"))
    if how == "undo":
        # What the import changed in rows that it loaded itself goes with them; what it changed in others is put back.
        changes = [c for c in log.changes_of(connection, rows[-1]) if not _within(spans, c)]
        if rows[-1] != root:
            changes = without_left(connection, root, changes)
        revert(connection, past, rows[-1], changes)
        _refuse_if_worked_on(connection, past, root, rows[-1], spans)
        dated = _quoted_by(connection, spans, set())
        parts = _TakingOut(connection, root).run(spans)
        mark(connection, root, how, parts + 1)
    else:
        mark(connection, root, how)
        connection.execute("INSERT INTO temp.capture VALUES (?, 0, NULL, ?)", (bulk.IMPORT, log.as_json(told)))
        names = _bring_back(connection, rows[:-1], spans)
        changes = log.changes_of(connection, rows[-1])
        revert(connection, past, rows[-1], changes)
        for table, rowid in sorted(names):
            if connection.execute(f'SELECT 1 FROM main."{table}" WHERE rowid = ?', (rowid,)).fetchone() is None:
                raise UsageError(against(connection, past, rows[-1], table, rowid))
        dated = _quoted_by(connection, spans, {rowid for table, rowid in names if table == "document"})
    return changes, dated


def _told(connection: sqlite3.Connection, root: int) -> dict[str, object]:
    """What the log row of an import says of it, {} when it tells of none."""
    found = connection.execute(
        "SELECT json_extract(after, '$[0].row') FROM log WHERE id = ? AND json_extract(after, '$[0].table') = ?",
        (root, bulk.IMPORT),
    ).fetchone()
    return json.loads(found[0]) if found else {}


def _quoted_by(connection: sqlite3.Connection, spans: Spans, documents: set[int]) -> set[int]:
    """Incidents to which quotes of an import belong: others than its own, and those with quotes from some documents."""
    found = connection.execute(
        "SELECT DISTINCT incident_id FROM quote WHERE rowid BETWEEN ? AND ?"
        " AND (incident_id NOT BETWEEN ? AND ? OR document_id IN (SELECT value FROM json_each(?)))",
        (*spans.get("quote", (1, 0)), *spans.get("incident", (1, 0)), json.dumps(sorted(documents))),
    )
    return {incident_id for (incident_id,) in found}


def _within(spans: Spans, change: log.Change) -> bool:
    first, last = spans.get(change.table, (1, 0))
    return first <= change.rowid <= last


def _refuse_if_worked_on(connection: sqlite3.Connection, past: History, root: int, since: int, spans: Spans) -> None:
    """Raise UsageError when a row of the import was changed since, or something hangs on one that was not its own.

    `since` is the log row that brought it, or brought it again: what had its numbers before that, had them while it
    was out.
    """
    from db.undo import against

    for child in _loaded_tables(connection):
        for parent, column, _ in log.references(connection, child):
            if parent not in ("incident", "quote") or parent not in spans:
                continue
            found = connection.execute(
                f'SELECT rowid FROM main."{child}" WHERE "{column}" BETWEEN ? AND ?'
                " AND rowid NOT BETWEEN ? AND ? LIMIT 1",
                (*spans[parent], *spans.get(child, (1, 0))),
            ).fetchone()
            if found is not None:
                raise UsageError(against(connection, past, root, child, int(found[0])))
    explained: set[int] = set()
    redated: dict[int, frozenset[int]] = {}
    for seq, table, row_id, incident_id in _later(connection, past, root):
        first, last = spans.get(table, (1, 0))
        if seq > since and seq not in past.marks and not past.hides(seq) and first <= row_id <= last:
            raise UsageError(against(connection, past, root, table, row_id))
        explained.add(row_id if table == "incident" else incident_id)
        if table == "document":
            # Its day bounds those of the incidents that it reports, which are settled anew.
            if seq not in redated:
                redated[seq] = _redated(connection, seq)
            if row_id in redated[seq]:
                quoting = connection.execute("SELECT incident_id FROM quote WHERE document_id = ?", (row_id,))
                explained.update(incident_id for (incident_id,) in quoting)
    if "incident" in spans:
        for (incident_id,) in connection.execute(
            "SELECT incident_id FROM change WHERE incident_id BETWEEN ? AND ?", spans["incident"]
        ):
            if incident_id not in explained:
                raise UsageError(against(connection, past, root, "incident", incident_id))


def _redated(connection: sqlite3.Connection, seq: int) -> frozenset[int]:
    """The documents that have another day by a log row."""
    before, after = (
        {
            at: (document, day)
            for at, document, day in connection.execute(
                "SELECT key, value ->> '$.id', value ->> '$.row.published_edtf'"
                f" FROM json_each((SELECT {side} FROM log WHERE id = ?)) WHERE value ->> '$.table' = 'document'",
                (seq,),
            )
        }
        for side in ("before", "after")
    )
    return frozenset(document for at, (document, day) in before.items() if at in after and after[at][1] != day)


def _later(connection: sqlite3.Connection, past: History, root: int) -> Iterator[tuple[int, str, int, int]]:
    """(log row, table, row id, incident id or 0) of each row that the import's own log row, or a later one, changed."""
    for (seq,) in connection.execute("SELECT id FROM log WHERE id >= ? ORDER BY id", (root,)).fetchall():
        # The undo of an import has many rows, and all of them are its own.
        if seq in past.marks and (past.marks[seq].of == root or not past.marks[seq].last):
            continue
        for side in ("before", "after"):
            for table, row_id, incident_id, quote_id in connection.execute(
                "SELECT json_extract(value, '$.table'), json_extract(value, '$.id'),"
                " json_extract(value, '$.row.incident_id'), json_extract(value, '$.row.quote_id')"
                f" FROM json_each((SELECT {side} FROM log WHERE id = ?))",
                (seq,),
            ):
                if table not in log.TABLES:
                    continue
                if not log.value_fits(row_id) or not (incident_id is None or log.value_fits(incident_id)):
                    raise log.damaged(seq, f"has a row of {table} that is none")
                if incident_id is None and quote_id is not None:
                    found = connection.execute("SELECT incident_id FROM quote WHERE id = ?", (quote_id,)).fetchone()
                    incident_id = found[0] if found else None
                yield seq, table, row_id, incident_id or 0


def _loaded_tables(connection: sqlite3.Connection) -> list[str]:
    """Incidents and what hangs on them, children before parents; names and views are not among them."""
    left = [table for table in log.TABLES if table not in (*USERS, "actor_alias", "view")]
    ordered: list[str] = []
    while left:
        parents = {parent for table in left for parent, *_ in log.references(connection, table) if parent != table}
        free = [table for table in left if table not in parents]
        ordered += free
        left = [table for table in left if table in parents]
    return ordered


class _TakingOut:
    """Takes the rows of an import out of the store and into the log, a part at a time."""

    def __init__(self, connection: sqlite3.Connection, root: int) -> None:
        self._connection = connection
        self._root = root
        self._what = connection.execute("SELECT what FROM log WHERE id = ?", (root,)).fetchone()[0]
        self._batch: list[log.Change] = []
        self._deleted = 0
        """How many of the batch are deleted already."""
        self._characters = 0
        self._parts = 0

    def run(self, spans: Spans) -> int:
        """Take out the rows of these spans, names only where nothing else uses them; returns the number of parts."""
        connection = self._connection
        suspended = bulk.suspend(connection, indexes=False)
        for table in _loaded_tables(connection):
            if table in spans:
                self._take(table, "rowid BETWEEN ? AND ?", spans[table])
        self._delete()
        for table in USERS:
            # What was part of something that goes is left unused by it, and goes in the next round.
            while table in spans and self._take(
                table, f"rowid BETWEEN ? AND ? AND {unused(table, spans)}", spans[table]
            ):
                self._delete()
        self._flush()
        if "incident" in spans:
            connection.execute("DELETE FROM incident_text WHERE rowid BETWEEN ? AND ?", spans["incident"])
            connection.execute("DELETE FROM change WHERE incident_id BETWEEN ? AND ?", spans["incident"])
        _resume(connection, suspended)
        return self._parts

    def _take(self, table: str, where: str, values: Sequence[int]) -> int:
        """Set aside the rows of a table for which `where` holds; returns how many."""
        taken, last = 0, -(2**63)  # no import gives a row the lowest number
        while True:
            cursor = self._connection.execute(
                f'SELECT rowid, * FROM main."{table}" WHERE {where} AND rowid > ? ORDER BY rowid LIMIT {_SLICE}',
                (*values, last),
            )
            names = [column[0] for column in cursor.description[1:]]
            rows = cursor.fetchall()
            for rowid, *row in rows:
                if table == "actor":
                    self._take("actor_alias", "actor_id = ?", [rowid])
                self._add(log.Change(table, rowid, dict(zip(names, row, strict=True)), None))
            if not rows:
                return taken
            taken, last = taken + len(rows), rows[-1][0]

    def _add(self, change: log.Change) -> None:
        self._batch.append(change)
        self._characters += 200 + sum(len(v) for v in (change.before or {}).values() if isinstance(v, str))
        if self._characters >= PART_CHARACTERS:
            self._flush()

    def _flush(self) -> None:
        """Write what was set aside to the log and delete it."""
        if not self._batch:
            return
        self._delete()
        self._parts += 1
        said = marked(Mark(self._root, "undo", self._parts, last=False))
        what = f"undo {self._root}: {self._what} (part {self._parts})"
        log.append(self._connection, writer(), what, [said, *self._batch])
        self._batch, self._deleted, self._characters = [], 0, 0

    def _delete(self) -> None:
        """Delete the rows that were set aside."""
        for table, rows in groupby(self._batch[self._deleted :], key=lambda change: change.table):
            self._connection.executemany(f'DELETE FROM main."{table}" WHERE rowid = ?', [(c.rowid,) for c in rows])
        self._deleted = len(self._batch)


def _bring_back(connection: sqlite3.Connection, parts: list[int], spans: Spans) -> set[Place]:
    """Insert the rows that the parts of an undo hold, the last part first: parents before children.

    Returns what they point to and that did not come with them, (table, id) each: names that had stayed, and may be
    gone by now.
    """
    from db.undo import refuse_others

    suspended = bulk.suspend(connection, indexes=False)
    pointing = {table: log.references(connection, table) for table in log.TABLES}
    names: set[Place] = set()
    """What rows of the import point to, but for its own incidents and quotes, which always come with it."""
    brought: set[Place] = set()
    """Names that come back with it; others of its own may have stayed, and gone since."""
    try:
        for part in reversed(parts):
            for change in reversed(log.changes_of(connection, part)):
                if change.before is None:
                    continue
                log.insert(connection, change.table, change.before)
                if change.table in USERS:
                    brought.add((change.table, change.rowid))
                for parent, column, _ in pointing[change.table]:
                    value = change.before.get(column)
                    first, last = spans.get(parent, (1, 0))
                    own = isinstance(value, int) and first <= value <= last and parent not in USERS
                    if isinstance(value, int) and not own:
                        names.add((parent, value))
    except sqlite3.IntegrityError as error:
        raise UsageError(
            f"the import cannot come back: other rows have taken the place of its own ({error}); undo those first,"
            " or import the file again"
        ) from error
    if parts:
        refuse_others(connection, names - brought, parts[0])
    if "incident" in spans:
        full_text.fill(connection, *spans["incident"])
    _resume(connection, suspended)
    return names - brought


def _resume(connection: sqlite3.Connection, suspended: bulk.Suspended) -> None:
    """Put the triggers back and go on capturing; incident 0 tells caches that much has changed."""
    for sql in suspended.sql:
        connection.execute(sql)
    connection.execute("INSERT OR REPLACE INTO change (incident_id) VALUES (0)")
    log.install_capture(connection)
