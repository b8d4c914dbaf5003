"""Which quotes stood beside a document's text before as an undo has left them: what was wrong then may be wrong again.

A text may be attached in which a quote's words do not stand; the quote keeps its place, and `verify` names it.  Undo
goes back to such a state as to any other, by whatever way: were it held against the undo, the write that stands in
its way would be one whose own undo is refused for the same reason.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable

from db import bulk, log
from db.handwork import loads
from db.same_row import Place

Row = dict[str, object]

_TEXT = ("text", "text_length")
_POSITION = ("document_id", "start", "end", "exact")


def stood_beside(
    connection: sqlite3.Connection, changes: Iterable[log.Change], document_id: int, quotes: Iterable[int]
) -> set[int]:
    """Those of the quotes that the log has beside the document's text, both as they are now, after one of its rows.

    `changes` are those that the undo under way has just put back, and that no row of the log tells of yet.  The log is
    read backwards; where it does not tell of what stands now, it vouches for nothing.
    """
    document = ("document", document_id)
    now = {place: log.current(connection, *place) for place in (document, *(("quote", at) for at in quotes))}
    then = now | {(c.table, c.rowid): c.after for c in changes if (c.table, c.rowid) in now}
    came = {seq: bulk.spans(told.get("ids")) for seq, told in loads(connection).items()}
    found: set[int] = set()
    for (seq,) in connection.execute("SELECT id FROM log ORDER BY id DESC").fetchall():
        touched = [c for c in _changes(connection, seq) if (c.table, c.rowid) in then]
        brought = [place for place in then if _within(came.get(seq, {}), place)]
        if not (touched or brought):
            continue
        if _alike(now[document], then[document], _TEXT):
            found.update(p[1] for p in then if p != document and _alike(now[p], then[p], _POSITION))
        for change in touched:
            place = change.table, change.rowid
            if place in then and log.same(then[place], change.after):
                then[place] = change.before
            else:
                then.pop(place, None)
        for place in brought:
            then.pop(place, None)
        if document not in then or len(then) == 1:
            break
    return found


def _changes(connection: sqlite3.Connection, seq: int) -> list[log.Change]:
    """What a log row tells, if it tells of a document or quote."""
    (meant,) = connection.execute(
        """SELECT instr(after, '"table": "document"') OR instr(after, '"table": "quote"') FROM log WHERE id = ?""",
        (seq,),
    ).fetchone()
    return log.changes_of(connection, seq) if meant else []


def _within(spans: dict[str, list[int]], place: Place) -> bool:
    first, last = spans.get(place[0], (1, 0))
    return first <= place[1] <= last


def _alike(one: Row | None, other: Row | None, columns: tuple[str, ...]) -> bool:
    return one is not None and other is not None and all(one.get(name) == other.get(name) for name in columns)
