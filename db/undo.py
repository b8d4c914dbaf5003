"""Undo a write of the log, or do it again: a logged write of its own that puts every row back as it stood.

What a later write has touched is not undone: the refusal names that write, so that the person can decide.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from db import bulk, log, same_row, shared_names, undo_load
from db.errors import UsageError
from db.faults import held_back
from db.handwork import loads
from db.history import History, How, history, mark, size
from db.put_back import in_the_way, put_back
from db.settle import settle
from db.store import Store
from db.undo_checks import Later
from db.written_since import standing, written_over


@dataclass(frozen=True, slots=True)
class Undone:
    """What an undo or redo did: the write `of` stands no more, or again; `seq` is the log row that tells of it."""

    of: int
    what: str
    how: How
    seq: int
    next: bool
    """Whether it is next to undo, or to do again, by whoever gives no number."""


@dataclass(frozen=True, slots=True)
class Step:
    """A write that could be undone or done again."""

    seq: int
    what: str


def next_undo(connection: sqlite3.Connection, who: str | None = None) -> Step | None:
    """The last write that stands, of one person or of anyone; None when there is none."""
    return _last(connection, history(connection, who).done)


def next_redo(connection: sqlite3.Connection, who: str | None = None) -> Step | None:
    """The last write that was undone with no other written since; None when there is none."""
    return _last(connection, history(connection, who).back)


def _last(connection: sqlite3.Connection, steps: dict[int, None]) -> Step | None:
    return Step(seq := next(reversed(steps)), _what(connection, seq)) if steps else None


NOW = 2**62
"""A number behind every log row."""


def undo(store: Store, seq: int | None = None, who: str | None = None, reason: str = "") -> Undone:
    """Undo the write `seq`, or the last one that stands (of one person, or of anyone).

    An undo that is undone does the write again.  Raises UsageError, and nothing is changed, when there is nothing to
    undo, when it was undone already, or when a later write touched the same rows or rests on them.
    """
    root, how = planned(store.connection, seq, who)
    return turn(store, root, how, reason, who)


def planned(connection: sqlite3.Connection, seq: int | None = None, who: str | None = None) -> tuple[int, How]:
    """What `undo` would do: the write whose rows it would put back, and whether that undoes it or does it again."""
    past = history(connection, who)
    if seq is None:
        if not past.done:
            raise UsageError("there is nothing to undo" if who is None else f"there is no write of {who} to undo")
        return next(reversed(past.done)), "undo"
    what = _what(connection, seq)
    root = past.root(seq)
    if root not in past.undone and root == seq:
        if not size(connection, seq):
            raise UsageError(f"log {seq} ({what}) changed no rows that could be put back")
        return root, "undo"
    if root == seq or seq not in past.parts[root]:
        by = past.parts[root][-1]
        again = f"`dateline undo {by}` does it again" if root in past.undone else f"`dateline undo {root}` undoes it"
        raise UsageError(f"log {seq} was undone already, by log {by}; {again}")
    return root, "redo" if root in past.undone else "undo"


def redo(store: Store, who: str | None = None, reason: str = "") -> Undone:
    """Do again the write that was undone last; raises UsageError when there is none, or another was written since."""
    past = history(store.connection, who)
    if not past.back:
        raise UsageError("there is nothing to do again; `dateline undo NUMBER` undoes any undo that the log lists")
    return turn(store, next(reversed(past.back)), "redo", reason, who)


def turn(store: Store, root: int, how: How, reason: str = "", who: str | None = None) -> Undone:
    """Undo the write `root`, or do it again: put back the rows of what brought it into the state it is in.

    `who` is whose next step `Undone.next` tells of.
    """
    root_what = _what(store.connection, root)
    why = " ".join(reason.split())
    words = f"{how} {root}: {root_what}" + (f" (why: {why})" if why else "")
    with store.write(words) as connection:
        # Planned before the lock was taken: another program may have been quicker.
        past = history(connection)
        if (root in past.undone) == (how == "undo"):
            raise UsageError(f"log {root} was changed by another program in this moment; look at `dateline log`")
        rows = past.parts.get(root, [root])
        later = Later(connection, past, rows[-1])
        left = shared_names.left(connection, past) if how == "undo" else {}
        connection.execute("PRAGMA defer_foreign_keys = ON")
        if undo_load.is_load(connection, root):
            changes, dated = undo_load.turn(connection, past, root, how, rows)
        else:
            mark(connection, root, how)
            changes, dated = log.changes_of(connection, rows[-1]), set()
            revert(connection, past, rows[-1], changes)
        if how == "undo":
            shared_names.take_left(connection, past, root, left)
        later.date_anew(changes, dated)
        settle(connection, strict=False)
        broken = later.broken(changes)
        if broken is not None:
            raise UsageError(against(connection, past, rows[-1], *broken))
    following = (next_redo if how == "undo" else next_undo)(store.connection, who)
    return Undone(root, root_what, how, store.written, following is not None and following.seq == root)


def revert(connection: sqlite3.Connection, past: History, seq: int, changes: list[log.Change]) -> None:
    """Put back the changes of the log row `seq`; raises UsageError that names what stands against it."""
    for change in changes:
        if not log.same(log.current(connection, change.table, change.rowid), change.after):
            raise UsageError(against(connection, past, seq, change.table, change.rowid))
    refuse_others(connection, same_row.wanted(connection, changes), seq)
    # One that has its values again by a later write is that write's: what it says would be taken back unsaid.
    touched = {(c.table, c.rowid) for c in changes}
    over = next(written_over(connection, standing(connection, past, seq), touched), None)
    if over is not None:
        raise UsageError(against(connection, past, seq, *over))
    in_place = same_row.in_place(connection, past.root(seq))
    leaning = _leaning(connection, changes, in_place)
    if leaning is not None:
        raise UsageError(against(connection, past, seq, *leaning))
    try:
        put_back(connection, changes, looked_at=True)
    except sqlite3.IntegrityError as error:
        if (held := held_back(connection, error)) is not None:
            raise UsageError(f"log {seq} is not put back: {held}") from error
        other = in_the_way(connection, changes)
        if other is not None:
            raise UsageError(against(connection, past, seq, *other)) from error
        raise UsageError(f"log {seq} cannot be put back: another row has taken its place since ({error})") from error
    lost = _lost(connection, changes)
    if lost is not None:
        raise UsageError(against(connection, past, seq, *lost))


def refuse_others(connection: sqlite3.Connection, places: Collection[same_row.Place], seq: int) -> None:
    """Raise UsageError where one of the places has another row now than when the log row `seq` was written."""
    other = same_row.replaced(connection, places, seq)
    if other is not None:
        place, since = other
        told = f", since log {since} ({_what(connection, since)})" if since else ""
        raise UsageError(
            f"{_named(connection, *place, seq=NOW)} has the number of another that log {seq} was about{told}:"
            f" so log {seq} is not put back"
        )


def against(connection: sqlite3.Connection, past: History, seq: int, table: str, rowid: int) -> str:
    """Why `seq` is not put back: who changed a row since, and what to do."""
    name = _named(connection, table, rowid, seq)
    needle = f'"table": "{table}", "id": {rowid},'
    brought = _loaded_by(connection, past, table, rowid)
    later = connection.execute(
        "SELECT id, at, who, what FROM log WHERE id > ? AND (instr(before, ?) OR instr(after, ?)"
        " OR id IN (SELECT value FROM json_each(?))) ORDER BY id DESC",
        (seq, needle, needle, json.dumps(brought)),
    ).fetchall()
    stand = set(standing(connection, past, seq))
    later = [row for row in later if row[0] in stand and past.root(row[0]) != past.root(seq)]
    for number, at, who, what in sorted(later, key=lambda row: row[0] in past.marks):
        return f"{name} has been changed since by log {number} ({what}; {who}, {at[:16]}): undo that one first"
    for root in _loads_with(connection, table, rowid):
        if root in past.undone:
            came = f"came with log {root} ({_what(connection, root)}), which is undone"
            return f"{name} {came}, and stays because others use it, so log {seq} is not put back"
    return f"{name} has been changed since by a program that keeps no log, so log {seq} is not put back"


def _loaded_by(connection: sqlite3.Connection, past: History, table: str, rowid: int) -> list[int]:
    """The log rows that brought a row with an import that stands: they tell of its number alone."""
    found: list[int] = []
    for root in _loads_with(connection, table, rowid):
        if not past.hides(root):
            found += [root, *past.parts.get(root, ())]
    return found


def _loads_with(connection: sqlite3.Connection, table: str, rowid: int) -> Iterator[int]:
    """The imports that have brought a row of this number."""
    for root, told in loads(connection).items():
        first, last = bulk.spans(told.get("ids")).get(table, (1, 0))
        if first <= rowid <= last:
            yield root


def _named(connection: sqlite3.Connection, table: str, rowid: int, seq: int) -> str:
    """A row for people, as it was after a log row: by its key or name, or by the incident that it belonged to."""
    row = log.current(connection, table, rowid)
    if row is None:
        found = connection.execute(
            "SELECT json_extract(e.value, '$.row') FROM log AS l, json_each(l.before) AS e WHERE"
            " instr(l.before, ?) AND json_extract(e.value, '$.table') = ? AND json_extract(e.value, '$.id') = ?"
            # What took it out first since; where the number was given out again, others have gone from there later.
            " AND json_type(e.value, '$.row') = 'object' ORDER BY l.id > ? DESC, iif(l.id > ?, l.id, -l.id) LIMIT 1",
            (f'"table": "{table}", "id": {rowid},', table, rowid, seq, seq),
        ).fetchone()
        row = json.loads(found[0]) if found else {}
    words = table.replace("_", " ")
    for column in ("key", "name", "alias"):
        if row.get(column):
            return f"{words} {row[column]!r}"
    incident_id = row.get("incident_id")
    if isinstance(incident_id, int) and same_row.others(connection, [("incident", incident_id)], seq):
        return f"{words} {rowid}"  # of an incident whose number another has by now
    if incident_id is not None:
        key = connection.execute("SELECT key FROM incident WHERE id = ?", (incident_id,)).fetchone()
        if key is not None:
            return f"the {words} of incident {key[0]!r}"
    return f"{words} {rowid}"


def _leaning(
    connection: sqlite3.Connection, changes: Iterable[log.Change], in_place: set[same_row.Place]
) -> tuple[str, int] | None:
    """A row that would go, or be left hanging, with one that these changes had added: (table, rowid), or None.

    Those that stand in the place of another, `in_place`, go too: the other comes back under their number.
    """
    connection.execute("CREATE TEMP TABLE IF NOT EXISTS undoing (tab TEXT, row INTEGER, going, PRIMARY KEY (tab, row))")
    connection.execute("DELETE FROM temp.undoing")
    connection.executemany(
        "INSERT INTO temp.undoing VALUES (?, ?, ?)",
        [(c.table, c.rowid, c.before is None or (c.table, c.rowid) in in_place) for c in changes],
    )
    for child in log.TABLES:
        for parent, column, _ in log.references(connection, child):
            found = connection.execute(
                f'SELECT c.rowid FROM temp.undoing AS g JOIN main."{child}" AS c ON c."{column}" = g.row'
                " WHERE g.tab = ? AND g.going AND NOT EXISTS"
                " (SELECT 1 FROM temp.undoing AS o WHERE o.tab = ? AND o.row = c.rowid) LIMIT 1",
                (parent, child),
            ).fetchone()
            if found is not None:
                return child, int(found[0])
    return None


def _lost(connection: sqlite3.Connection, changes: Iterable[log.Change]) -> tuple[str, int] | None:
    """What a row that was put back points to and that is gone: (table, rowid), or None."""
    pointing = {table: log.references(connection, table) for table in log.TABLES}
    for change in changes:
        if change.before is None:
            continue
        for parent, column, key in pointing[change.table]:
            value = change.before.get(column)
            if isinstance(value, int) and (
                connection.execute(f'SELECT 1 FROM main."{parent}" WHERE "{key}" = ?', (value,)).fetchone() is None
            ):
                return parent, value
    return None


def _what(connection: sqlite3.Connection, seq: int) -> str:
    found = None
    if log.value_fits(seq):
        found = connection.execute("SELECT what FROM log WHERE id = ?", (seq,)).fetchone()
    if found is None:
        raise UsageError(f"the log has no row {seq}; `dateline log` lists them")
    return str(found[0])
