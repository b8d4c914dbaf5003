"""The log as a history: which writes stand, which are undone, and what is next to undo or to do again.

An undo is a write like any other, so nothing ever leaves the log.  Its row begins with a mark of the table "undo",
which says whose rows it put back and whether that was an undo or a redo; an undo of an undo is a redo.
"""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from typing import Literal

from db import log
from db.bulk import IMPORT, spans
from db.edit import NEW_TAG
from db.errors import UsageError
from db.settle import SETTLE

How = Literal["undo", "redo"]

MARK = "undo"
"""What stands for a table in the log entry of an undo or redo."""

_MARKED = "what GLOB 'undo [0-9]*' OR what GLOB 'redo [0-9]*'"
"""SQL: cheap enough for every row; the mark itself decides."""

_MARK_LENGTH = 200
"""Characters of `after` that surely hold the mark."""

_JSON = json.JSONDecoder()
"""Made once: a long log has thousands of marks."""

NO_STEP = (SETTLE, "restore ", "rescue ", "copy of ", NEW_TAG)
"""Beginnings of what the program writes of itself: never the next to undo; by its number, where it changed rows.

So the words of every other write begin with a verb, never with a name that people have given.
"""


@dataclass(frozen=True, slots=True)
class Mark:
    """What an undo or redo says of itself: the write `of` whose rows it put back; one import's undo has many parts."""

    of: int
    how: How
    part: int
    last: bool


@dataclass(frozen=True, slots=True)
class Entry:
    """One row of the log, without the rows it changed; `undone` says that what it wrote does not stand now."""

    id: int
    at: str
    who: str
    what: str
    prev: str
    hash: str
    mark: Mark | None
    undone: bool


@dataclass(frozen=True, slots=True)
class Tally:
    """How many rows of one table a write added, changed and removed."""

    table: str
    added: int
    changed: int
    removed: int


@dataclass
class History:
    """Where each write of the log stands; `done` and `back` hold the writes of one person, or of everyone."""

    done: dict[int, None] = field(default_factory=dict)
    """Writes that stand, by number: the last is the next to undo.

    What was done again takes its old place, so that whoever must do an earlier write again before a later one can be
    undone comes to that later one next, and not to the earlier one again.
    """
    back: dict[int, None] = field(default_factory=dict)
    """Writes undone and not written over since, in the order of their undoing: the last is the next to redo."""
    undone: set[int] = field(default_factory=set)
    parts: dict[int, list[int]] = field(default_factory=dict)
    """Write → the log rows that brought it into the state it is in, for every write that was ever undone."""
    marks: dict[int, Mark] = field(default_factory=dict)

    def root(self, seq: int) -> int:
        """The write that a log row is about: itself, or the one that it undid or did again."""
        return self.marks[seq].of if seq in self.marks else seq

    def hides(self, seq: int) -> bool:
        """Whether what a log row wrote does not stand now: undone, or an undo or redo that a later one replaced."""
        root = self.root(seq)
        return root in self.undone if root == seq else seq not in self.parts[root]


def history(connection: sqlite3.Connection, who: str | None = None) -> History:
    """Replay the log; `who` keeps `done` and `back` to the writes of one person."""
    found = History()
    owners: dict[int, str] = {}
    for seq, by, what, head in connection.execute(
        f"SELECT id, who, what, CASE WHEN {_MARKED} THEN substr(after, 1, {_MARK_LENGTH}) END FROM log ORDER BY id"
    ):
        mark = read_mark(head)
        if mark is None or mark.of not in owners:
            owners[seq] = by
            if not what.startswith(NO_STEP) and who in (None, by):
                found.done[seq] = None
                found.back.clear()
            continue
        found.marks[seq] = mark
        if mark.part == 1:
            found.parts[mark.of] = []
        found.parts.setdefault(mark.of, []).append(seq)
        if not mark.last:
            continue
        if mark.how == "undo":
            found.undone.add(mark.of)
            found.done.pop(mark.of, None)
            if who in (None, by):
                found.back[mark.of] = None
        else:
            found.undone.discard(mark.of)
            found.back.pop(mark.of, None)
            if who in (None, owners[mark.of]):
                found.done[mark.of] = None
    found.done = dict.fromkeys(sorted(found.done))
    return found


def read_mark(head: str | None) -> Mark | None:
    """The mark with which the `after` of a log row begins, None when it begins with something else."""
    if not head or not head.startswith(f'[{{"table": "{MARK}"'):
        return None
    try:
        first, _ = _JSON.raw_decode(head, 1)
    except json.JSONDecodeError:
        return None
    match first:
        case {"row": {"of": int(of), "how": "undo" | "redo" as how, "part": int(part), "last": bool(last)}}:
            return Mark(of, how, part, last)
    return None


def mark(connection: sqlite3.Connection, of: int, how: How, part: int = 1, *, last: bool = True) -> None:
    """Have the write under way say whose rows it puts back; the mark comes before every row that was captured."""
    row = json.dumps(asdict(Mark(of, how, part, last)))
    connection.execute(
        "INSERT INTO temp.capture (rowid, tab, row, old, new) VALUES (0, ?, ?, NULL, ?)", (MARK, of, row)
    )


def marked(mark: Mark) -> log.Change:
    """A mark as the entry of a log row."""
    return log.Change(MARK, mark.of, None, asdict(mark))


def entries(connection: sqlite3.Connection, *, below: int | None = None, limit: int | None = None) -> Iterator[Entry]:
    """Yield log rows, newest first; `below` begins under that number."""
    past = history(connection)
    for seq, at, who, what, prev, own in connection.execute(
        "SELECT id, at, who, what, prev_hash, hash FROM log WHERE id < ? ORDER BY id DESC LIMIT ?",
        (2**62 if below is None else below, -1 if limit is None else limit),
    ):
        yield Entry(seq, at, who, what, prev, own, past.marks.get(seq), past.hides(seq))


def tallies(connection: sqlite3.Connection, seq: int) -> list[Tally]:
    """How many rows of which tables one log row added, changed and removed, tables in the order touched."""
    counts: dict[str, Counter[str]] = {}
    sides = (
        connection.execute(
            "SELECT json_extract(value, '$.table'), json_type(value, '$.row'),"
            " json_extract(value, '$.row.ids', '$.row.incidents')"
            f" FROM json_each((SELECT {side} FROM log WHERE id = ?))",
            (seq,),
        )
        for side in ("before", "after")
    )
    for (table, before, _), (_, after, told) in zip(*sides, strict=False):
        # A row that was changed by hand can tell nothing, or numbers of thousands of digits.
        ids, incidents = (None, 0)
        if told is not None:
            with suppress(ValueError, RecursionError):
                ids, incidents = json.loads(told)
        if table == IMPORT:
            for name, (first, last) in spans(ids).items():
                counts.setdefault(name, Counter())["added"] += last - first + 1
        elif table == SETTLE and isinstance(incidents, int) and incidents:
            counts.setdefault("incident", Counter())["changed"] += incidents
        elif table in log.TABLES:
            kind = "added" if before == "null" else "removed" if after == "null" else "changed"
            counts.setdefault(table, Counter())[kind] += 1
    return [Tally(table, c["added"], c["changed"], c["removed"]) for table, c in counts.items()]


def size(connection: sqlite3.Connection, seq: int) -> int:
    """How many rows of any table a log row changed and can put back."""
    (head,) = connection.execute("SELECT json_extract(after, '$[0].table') FROM log WHERE id = ?", (seq,)).fetchone()
    return 0 if head == SETTLE else sum(t.added + t.changed + t.removed for t in tallies(connection, seq))


def entry(connection: sqlite3.Connection, seq: int) -> Entry:
    """One row of the log; raises UsageError when there is none of that number."""
    found = next(entries(connection, below=seq + 1, limit=1), None) if log.value_fits(seq + 1) else None
    if found is None or found.id != seq:
        raise UsageError(f"the log has no row {seq}; `dateline log` lists them")
    return found


def one_history(one: sqlite3.Connection, other: sqlite3.Connection) -> bool:
    """Whether one store's log goes on from the other's, so that what both know has one number; False without a log."""
    (last,) = one.execute("SELECT coalesce(max(id), 0) FROM log").fetchone()
    (other_last,) = other.execute("SELECT coalesce(max(id), 0) FROM log").fetchone()
    # The hash of a row vouches for all rows before it.
    hashes = [c.execute("SELECT hash FROM log WHERE id = ?", (min(last, other_last),)).fetchone() for c in (one, other)]
    return hashes[0] is not None and hashes[0] == hashes[1]
