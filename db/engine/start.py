"""The rows of a large store before its columns are read: the whole timeline in order, and nothing else.

An index of days gives all ids by day in a moment; rows of the same day are put in order when they are looked at.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from db.dates import Day
from db.disputes import disputed_incidents
from db.engine.answer import Answer, Engine, Flag, Match, NotReadyError, Totals, Wants
from db.engine.arrays import Ints
from db.engine.plain import sort_key, stored_day
from db.engine.reading import ids as read_ids
from db.engine.reading import listed
from db.query import Query, Value
from db.read import bounds
from db.store import Store

WORKED_OUT_AT_MOST = 2_000
"""With more intervals than this not filled in, those rows wait at the end of the timeline for the columns."""

_DETAILS = "SELECT id, key, date_edtf, date_earliest, date_latest, date_prec FROM incident WHERE "
_UNSETTLED = "date_edtf IS NOT NULL AND date_prec IS NULL"

Group = tuple[bool, Day, bool]
"""The head of a sort key: whether rows are undated, the day they stand at, whether it is their first possible one."""


class StartEngine(Engine):
    """Answers the empty query with rows but without counts; anything else raises NotReadyError."""

    def __init__(self, store: Store) -> None:
        self._connection = store.connection
        self._version = -1
        self._answer: StartAnswer | None = None
        self.refresh()

    def refresh(self) -> bool:
        version = int(self._connection.execute("PRAGMA data_version").fetchone()[0])
        if version == self._version:
            return False
        self._version = version
        self._answer = StartAnswer(self._connection)
        return True

    def answer(self, query: Query, wants: Wants | None = None) -> Answer:
        if query.node is not None or self._answer is None:
            raise NotReadyError("the store is still being read; the filter follows in a moment")
        return self._answer

    def span(self) -> tuple[Day, Day] | None:
        assert self._answer is not None
        days = self._answer.days
        return (days[0], days[-1]) if days else None

    def gaps(self, least: int) -> list[tuple[Day, Day]]:
        assert self._answer is not None
        days = self._answer.days
        return [(a + 1, b - 1) for a, b in pairwise(days) if b - a - 1 >= least]

    def values(self, facet: str) -> Sequence[str]:
        return ()

    def knows(self, facet: str, asked: Value) -> bool:
        return True


class StartAnswer(Answer):
    """All rows, grouped by the day they stand at; counts are not known, so its totals have only `rows`."""

    complete = False

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        groups = _groups(connection)
        self._keys = sorted(groups)
        self._ids: Ints = np.concatenate([*(groups[key] for key in self._keys), np.empty(0, np.int64)])
        self._starts = np.cumsum([0, *(len(groups[key]) for key in self._keys)])
        self._ordered: set[int] = set()
        self._flagged: dict[Flag, Ints] = {}
        super().__init__(Query(None), Totals(0, 0, 0, len(self._ids)), {}, None)

    @property
    def days(self) -> list[Day]:
        """The days that rows stand at, in order."""
        return [day for undated, day, _ in self._keys if not undated]

    def window(self, first: int, n: int) -> list[Match]:
        first, last = max(0, first), min(first + n, len(self._ids))
        if last <= first:
            return []
        for group in range(self._group(first), self._group(last - 1) + 1):
            self._order(group)
        return [Match(incident_id, True) for incident_id in self._ids[first:last].tolist()]

    def rank(self, incident_id: int) -> int | None:
        found = np.flatnonzero(self._ids == incident_id)
        if not len(found):
            return None
        group = self._group(int(found[0]))
        self._order(group)
        begin, end = self._starts[group], self._starts[group + 1]
        return int(begin + np.flatnonzero(self._ids[begin:end] == incident_id)[0])

    def near(self, incident_id: int) -> int:
        return self.rank(incident_id) or 0

    def at(self, day: Day) -> int:
        group = next((at for at, key in enumerate(self._keys) if key >= (False, day, False)), len(self._keys))
        return int(self._starts[group])

    def day(self, rank: int) -> Day | None:
        if not 0 <= rank < len(self._ids):
            return None
        undated, day, _ = self._keys[self._group(rank)]
        return None if undated else day

    def seek(self, rank: int, flag: Flag, step: int) -> int | None:
        if flag not in self._flagged:
            flagged = (
                read_ids(self._connection, "SELECT incident_id AS n FROM star")
                if flag == "starred"
                else np.array(list(disputed_incidents(self._connection)), np.int64)
            )
            for group in sorted({self._group(at) for at in np.flatnonzero(np.isin(self._ids, flagged)).tolist()}):
                self._order(group)
            self._flagged[flag] = np.flatnonzero(np.isin(self._ids, flagged))
        ranks = self._flagged[flag]
        at = int(np.searchsorted(ranks, rank + 1)) if step > 0 else int(np.searchsorted(ranks, rank)) - 1
        return int(ranks[at]) if 0 <= at < len(ranks) else None

    def _group(self, rank: int) -> int:
        return int(np.searchsorted(self._starts, rank, side="right")) - 1

    def _order(self, group: int) -> None:
        """Put the rows of a group in order; undated ones are by id already."""
        if group in self._ordered or self._keys[group][0]:
            return
        begin, end = self._starts[group], self._starts[group + 1]
        rows = self._connection.execute(f"{_DETAILS} id IN ({listed(self._ids[begin:end].tolist())})").fetchall()
        keys = {row[0]: sort_key(row[2], *_interval(self._connection, row), row[0]) for row in rows}
        # What was deleted meanwhile keeps its place until the next refresh.
        gone = [incident_id for incident_id in self._ids[begin:end].tolist() if incident_id not in keys]
        self._ids[begin:end] = [*sorted(keys, key=keys.__getitem__), *gone]
        self._ordered.add(group)


def _groups(connection: sqlite3.Connection) -> dict[Group, Ints]:
    """Ids by the day that rows stand at; each group by id."""
    groups: dict[Group, list[Ints]] = {}
    odd = [f"({_UNSETTLED})"] if _few_unsettled(connection) else []
    for text, ids in connection.execute("SELECT date_earliest, group_concat(id) FROM incident GROUP BY date_earliest"):
        day = stored_day(text)
        if day is None:
            odd.append(f"(date_earliest IS {'NULL' if text is None else _literal(text)} AND date_latest IS NOT NULL)")
        key = (True, 0, False) if day is None else (False, day, True)
        groups.setdefault(key, []).append(np.fromstring(ids, np.int64, sep=","))
    gathered = {key: np.sort(np.concatenate(parts)) for key, parts in groups.items()}
    # The index goes by the first day alone; what stands at its last one, or is not filled in, is looked at by itself.
    moved: dict[Group, list[int]] = {}
    for row in connection.execute(_DETAILS + " OR ".join(odd)).fetchall() if odd else ():
        first, last = _interval(connection, row)
        moved.setdefault(sort_key(row[2], first, last, row[0])[:3], []).append(row[0])
    elsewhere = np.array([incident_id for ids in moved.values() for incident_id in ids], np.int64)
    if len(elsewhere):
        gathered = {key: ids[~np.isin(ids, elsewhere)] for key, ids in gathered.items()}
    for key, incident_ids in moved.items():
        there = gathered.get(key, np.empty(0, np.int64))
        gathered[key] = np.sort(np.concatenate([there, np.array(incident_ids, np.int64)]))
    return {key: ids for key, ids in gathered.items() if len(ids)}


def _few_unsettled(connection: sqlite3.Connection) -> bool:
    found = connection.execute(
        f"SELECT count(*) FROM (SELECT 1 FROM incident WHERE {_UNSETTLED} LIMIT {WORKED_OUT_AT_MOST + 1})"
    ).fetchone()
    return int(found[0]) <= WORKED_OUT_AT_MOST


def _interval(connection: sqlite3.Connection, row: tuple[Any, ...]) -> tuple[Day | None, Day | None]:
    incident_id, key, edtf, earliest, latest, precision = row
    if edtf is not None and precision is None:
        earliest, latest, _ = bounds(connection, incident_id, key, edtf)
    return stored_day(earliest), stored_day(latest)


def _literal(text: str) -> str:
    """A text as SQL, byte for byte."""
    return f"CAST(x'{text.encode('utf-8', 'surrogateescape').hex()}' AS TEXT)"
