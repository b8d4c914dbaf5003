"""What other programs have written to a store while this one shows it: new incidents, changed ones, how many are gone.

The change table says which incident was touched, in order; what this program wrote itself is no news.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass

from db.seen import last_seq

Span = tuple[int, int]
"""First and last incident id, both included."""


@dataclass(frozen=True, slots=True)
class News:
    """What others wrote since the last look."""

    new: tuple[Span, ...] = ()
    changed: frozenset[int] = frozenset()
    added: int = 0
    """How many incidents are new: those of `new`, and any that came back under an old id."""
    gone: int = 0
    names: bool = False
    """Whether a name or document that many incidents share was changed."""
    left: tuple[Span, ...] = ()
    """Numbers that no incident has any more, as far as there is a trace of each; some may never have been seen."""

    @property
    def any(self) -> bool:
        """Whether there is anything to tell."""
        return bool(self.added or self.changed or self.gone or self.names)


@dataclass(frozen=True, slots=True)
class _Moment:
    """A store at the last look: the last number of the change table, the highest incident id, the incidents."""

    seq: int
    highest: int
    incidents: int


class Watch:
    """Remembers how far the news of a store were read."""

    def __init__(self, connection: sqlite3.Connection, incidents: int | None = None) -> None:
        self._seen = _moment(connection, incidents)

    def peek(self, connection: sqlite3.Connection, own: Span | None = None) -> News:
        """What came since the last `look`; `own` are numbers of the change table that this program's write took."""
        if last_seq(connection) == self._seen.seq:
            return News()
        return self._compare(connection, _moment(connection, None), own)

    def look(self, connection: sqlite3.Connection, own: Span | None = None, incidents: int | None = None) -> News:
        """The same, and it counts as read from now on; `incidents` is their number where the caller knows it."""
        now = _moment(connection, incidents)
        news = self._compare(connection, now, own)
        self._seen = now
        return news

    def _compare(self, connection: sqlite3.Connection, now: _Moment, own: Span | None) -> News:
        seen = self._seen
        if now == seen:
            return News()
        first, last = own or (1, 0)
        touched = {
            incident_id: first <= seq <= last
            for incident_id, seq in connection.execute(
                "SELECT incident_id, seq FROM change WHERE seq > ? AND seq <= ?", (seen.seq, now.seq)
            )
        }
        everything_own = touched.pop(0, None)
        mine = {incident_id for incident_id, is_own in touched.items() if is_own}
        others = {i for i in touched if i <= seen.highest} - mine
        there = _present(connection, set(touched))
        # A mass write leaves no trace of single incidents; what went at the end of the numbers is known all the same.
        left = _spans(i for i in sorted(touched) if i <= now.highest and i not in there)
        left += ((now.highest + 1, seen.highest),) if now.highest < seen.highest else ()
        if everything_own:
            return News(changed=there & others, left=left)
        new = _spans(
            i
            for (i,) in connection.execute("SELECT id FROM incident WHERE id > ? ORDER BY id", (seen.highest,))
            if i not in mine
        )
        fresh = sum(last - first + 1 for first, last in new)
        # The numbers of incidents tell what came back under an old id, and what went without a trace.
        here = there & mine
        own_shift = sum(i > seen.highest for i in here) - (len(mine) - len(here))
        missing = seen.incidents + fresh + own_shift - now.incidents
        return News(new, there & others, fresh + max(0, -missing), max(0, missing), everything_own is False, left)


def _moment(connection: sqlite3.Connection, incidents: int | None) -> _Moment:
    (highest,) = connection.execute("SELECT coalesce(max(id), 0) FROM incident").fetchone()
    if incidents is None:
        (incidents,) = connection.execute("SELECT count(*) FROM incident").fetchone()
    return _Moment(last_seq(connection), int(highest), int(incidents))


def _spans(ids: Iterable[int]) -> tuple[Span, ...]:
    """Ids in ascending order as spans without a gap."""
    found: list[Span] = []
    for i in ids:
        if found and found[-1][1] == i - 1:
            found[-1] = (found[-1][0], i)
        else:
            found.append((i, i))
    return tuple(found)


def _present(connection: sqlite3.Connection, ids: set[int]) -> frozenset[int]:
    """Those of some ids that are incidents."""
    ordered = sorted(ids)
    found: set[int] = set()
    for at in range(0, len(ordered), 500):
        marks = ",".join(map(str, map(int, ordered[at : at + 500])))
        found.update(i for (i,) in connection.execute(f"SELECT id FROM incident WHERE id IN ({marks})"))
    return frozenset(found)
