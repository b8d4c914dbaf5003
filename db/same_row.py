"""Whether a number is still that of the row that it was: SQLite gives the numbers of rows that are gone to new ones.

Read from the log: a row is born where a write or an import inserts it, and one put back by an undo or redo is the one
that it was.  What programs that keep no log insert is not known here.
"""

from __future__ import annotations

import sqlite3
from bisect import bisect_right
from collections.abc import Collection, Iterable, Iterator

from db import log
from db.bulk import spans
from db.handwork import loads
from db.history import Mark, read_mark

Place = tuple[str, int]
"""Table and number of a row."""

_HEAD = 200
"""Characters of a log row in which its mark stands."""

_FEW = 16
"""Places up to which it is quicker to look for each in the text of a log row than to parse that."""


def replaced(connection: sqlite3.Connection, places: Collection[Place], since: int) -> tuple[Place, int] | None:
    """One of the places that another row has now than after the log row `since`, and where that was born; else None.

    Raises StoreError for a log row that cannot be read.
    """
    found = others(connection, places, since)
    for table, rowid in sorted(found):
        if log.current(connection, table, rowid) is not None:  # the other may be gone again
            return (table, rowid), found[table, rowid][1]
    return None


def others(connection: sqlite3.Connection, places: Collection[Place], since: int) -> dict[Place, tuple[int, int]]:
    """The places that another row has now than after the log row `since` → in which log rows that and this were born.

    0 where no log row tells.  Raises StoreError for a log row that cannot be read.
    """
    known = loads(connection)
    doubtful = _inserted(connection, set(places), since, known)
    births = _births(connection, doubtful, known) if doubtful else {}
    lives = {place: (_at(births[place], since), births[place][-1][1]) for place in doubtful}
    return {place: (then, now) for place, (then, now) in lives.items() if then != now}


class Lives:
    """Which of the rows that some numbers have had a log row speaks of."""

    def __init__(self, connection: sqlite3.Connection, places: Collection[Place]) -> None:
        self._births = _births(connection, set(places), loads(connection))

    def now(self, place: Place) -> int:
        """In which log row the row was born that has a number now, or had it last; 0 where none tells."""
        return self.after(place, 2**62)

    def after(self, place: Place, log_id: int) -> int:
        """The same of the row that had it after a log row."""
        return _at(self._births[place], log_id)

    def speaks_of(self, log_id: int, place: Place, birth: int) -> bool:
        """Whether a log row that names a number means the row of a birth: it had the number before or after it."""
        return birth in (self.after(place, log_id - 1), self.after(place, log_id))


def key_then(connection: sqlite3.Connection, incident_id: int, birth: int) -> str | None:
    """The key with which an incident was born, where the log row of its birth tells it."""
    for change in log.changes_of(connection, birth) if birth else ():
        if (change.table, change.rowid) == ("incident", incident_id) and change.after is not None:
            return str(change.after.get("key"))
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
    for _, _, there in _rows(connection, places, since, known) if places else ():
        found |= there
    return found


def _rows(
    connection: sqlite3.Connection, places: set[Place], since: int, known: dict[int, dict[str, object]]
) -> Iterator[tuple[int, Mark | None, set[Place]]]:
    """(id, mark, places) of each log row after `since` that put rows in some of the places."""
    loaded = {log_id: own for log_id, told in known.items() if (own := _within(spans(told.get("ids")), places))}
    needles = [f'"table": "{table}", "id": {rowid},' for table, rowid in places] if len(places) <= _FEW else []
    names = " OR ".join(["instr(after, ?)"] * len(needles)) or "1"
    for log_id, after, named in connection.execute(
        f"SELECT id, substr(after, 1, ?), {names} FROM log WHERE id > ? ORDER BY id", (_HEAD, *needles, since)
    ).fetchall():
        # What is not in the log's own writing was changed by hand: to parse it tells what is wrong with it.
        parsed = named or not str(after).startswith(log.BEGINS)
        if not (parsed or loaded):
            continue
        mark = read_mark(after)
        there: set[Place] = set()
        if mark is None or mark.how == "redo":
            there |= loaded.get(log_id if mark is None else mark.of, set())
        if parsed and (mark is None or mark.last):  # the other parts of an import's undo take rows out alone
            there |= _insertions(connection, log_id, places)
            if mark is not None:  # it names whatever it puts back in place
                there |= in_place(connection, mark.of, places)
        if there:
            yield log_id, mark, there


def _within(ids: dict[str, list[int]], places: set[Place]) -> set[Place]:
    """Those of the places whose numbers an import gave out."""
    return {(table, rowid) for table, rowid in places if table in ids and ids[table][0] <= rowid <= ids[table][1]}


def _changes(connection: sqlite3.Connection, log_id: int, places: Collection[Place] | None) -> list[log.Change]:
    """What a log row changed in some places, or in all."""
    if places is not None and len(places) <= _FEW:
        return log.changes_at(connection, log_id, places)
    changes = log.changes_of(connection, log_id)
    return changes if places is None else [c for c in changes if (c.table, c.rowid) in places]


def _insertions(connection: sqlite3.Connection, log_id: int, places: set[Place]) -> set[Place]:
    """Those of the places in which a log row has put other rows than stood there."""
    return {(change.table, change.rowid) for change in _changes(connection, log_id, places) if change.another}


def in_place(connection: sqlite3.Connection, log_id: int, places: set[Place] | None = None) -> set[Place]:
    """The places, of some or of all, where a log row put another row for one.

    What takes that back, or does it again, changes it there.
    """
    return {
        (change.table, change.rowid)
        for change in _changes(connection, log_id, places)
        if change.before is not None and change.another
    }


Births = list[tuple[int, int]]
"""(log row, log row in which the row was born that a place has from then on), in their order."""


def _births(
    connection: sqlite3.Connection, places: set[Place], known: dict[int, dict[str, object]]
) -> dict[Place, Births]:
    """What the whole log tells of the rows that these places have had."""
    births: dict[Place, Births] = {place: [] for place in places}
    for log_id, mark, there in _rows(connection, places, 0, known):
        for place in there:
            if mark is None:
                birth = log_id
            elif mark.how == "undo":  # put back: it is the one that was there before that write
                birth = _at(births[place], mark.of - 1)
            elif any(at == mark.of for at, _ in births[place]):
                birth = mark.of
            else:  # what only the undo had taken out, along with its own
                birth = _at(births[place], _undone_by(connection, mark.of, log_id) - 1)
            births[place].append((log_id, birth))
    return births


def _undone_by(connection: sqlite3.Connection, root: int, below: int) -> int:
    """The last log row of the undo of a write before another log row; 0 where there is none."""
    for log_id, after in connection.execute(
        "SELECT id, substr(after, 1, ?) FROM log WHERE id < ? AND id > ? AND what GLOB 'undo [0-9]*' ORDER BY id DESC",
        (_HEAD, below, root),
    ):
        mark = read_mark(after)
        if mark is not None and mark.of == root:
            return int(log_id)
    return 0


def _at(births: Births, log_id: int) -> int:
    """In which log row the row was born that a place has after another; 0 where no log row tells."""
    at = bisect_right(births, log_id, key=lambda birth: birth[0])
    return births[at - 1][1] if at else 0
