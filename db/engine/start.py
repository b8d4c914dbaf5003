"""The rows of a large store before its columns are read: the whole timeline in order, and nothing else.

An index of days gives all ids by day in a moment; rows of the same day are put in order when they are looked at.
"""

from __future__ import annotations

import sqlite3
from bisect import bisect_left
from collections.abc import Sequence
from itertools import pairwise
from threading import RLock
from typing import Any

import numpy as np

from db.dates import Day
from db.disputes import disputed_incidents
from db.engine.answer import Answer, Engine, Flag, Match, NotReadyError, Totals, Wants
from db.engine.arrays import Ints, Lookup
from db.engine.plain import sort_key, stored_day
from db.engine.reading import ids as read_ids
from db.engine.reading import listed
from db.query import Query, Value
from db.read import bounds
from db.store import Store

WORKED_OUT_AT_MOST = 2_000
"""With more intervals than this not filled in, those rows wait at the end of the timeline for the columns."""

UNDATED_AT_MOST = 20_000
"""With more undated rows than this, the few of them that have a time of day but no day are not put in their order."""

_DETAILS = "SELECT id, key, date_edtf, date_earliest, date_latest, date_prec FROM incident WHERE "
_UNSETTLED = "date_edtf IS NOT NULL AND date_prec IS NULL"

_UNDATED = 1 << 62
"""The code of the group of undated rows; see `_code`."""


class StartEngine(Engine):
    """Answers the empty query with rows but without counts; anything else raises NotReadyError."""

    def __init__(self, store: Store) -> None:
        self._connection = store.connection
        # Answers are asked by whoever shows them, from another thread.  On the store's own connection, whose
        # progress handler waits for the interpreter while SQLite holds the connection, and the interpreter for SQLite
        # while a value is bound, the two would wait for each other for ever.
        self._own = Store.reader(store.path)
        self._version = -1
        self._answer: StartAnswer | None = None
        self.refresh()

    def refresh(self) -> bool:
        version = int(self._connection.execute("PRAGMA data_version").fetchone()[0])
        if version == self._version:
            return False
        self._answer = StartAnswer(self._own)
        self._version = version  # last, so that what fails before is done again
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
    """All rows, grouped by the day they stand at; counts are not known, so its totals have only `rows`.

    It may be asked from several threads: the connection must have no progress handler.
    """

    complete = False

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._one_at_a_time = RLock()
        self._ids, codes = _rows(connection)
        self._starts = np.append(np.flatnonzero(np.diff(codes, prepend=_UNDATED + 1)), len(codes))
        self._codes: list[int] = codes.take(self._starts[:-1]).tolist()
        self._ordered: set[int] = set()
        self._starred: Ints | None = None
        super().__init__(Query(None), Totals(0, 0, 0, len(self._ids)), {}, None)

    @property
    def days(self) -> list[Day]:
        """The days that rows stand at, in order."""
        return [code // 2 for code in self._codes if code != _UNDATED]

    def window(self, first: int, n: int) -> list[Match]:
        first, last = max(0, first), min(first + n, len(self._ids))
        if last <= first:
            return []
        with self._one_at_a_time:
            for group in range(self._group(first), self._group(last - 1) + 1):
                self._order(group)
        return [Match(incident_id, True) for incident_id in self._ids[first:last].tolist()]

    def rank(self, incident_id: int) -> int | None:
        with self._one_at_a_time:
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
        return int(self._starts[bisect_left(self._codes, day * 2)])

    def day(self, rank: int) -> Day | None:
        if not 0 <= rank < len(self._ids):
            return None
        code = self._codes[self._group(rank)]
        return None if code == _UNDATED else code // 2

    def seek(self, rank: int, flag: Flag, step: int) -> int | None:
        with self._one_at_a_time:
            return self._sought(rank, flag, step)

    def _sought(self, rank: int, flag: Flag, step: int) -> int | None:
        # Group by group, and then more and more at once: what is sought is most often near.
        group = self._group(min(max(rank, 0), len(self._ids) - 1)) if len(self._ids) else 0
        count, last = 1, len(self._codes)
        while 0 <= group < last:
            groups = range(group, min(group + count, last)) if step > 0 else range(max(0, group - count + 1), group + 1)
            begin, end = int(self._starts[groups[0]]), int(self._starts[groups[-1] + 1])
            flagged = self._flagged(flag, self._ids[begin:end])
            near = begin + np.flatnonzero(np.isin(self._ids[begin:end], flagged))
            for each in sorted({self._group(at) for at in near.tolist()}, reverse=step < 0):
                self._order(each)
                first, behind = int(self._starts[each]), int(self._starts[each + 1])
                ranks = first + np.flatnonzero(np.isin(self._ids[first:behind], flagged))
                ranks = ranks[ranks > rank] if step > 0 else ranks[ranks < rank]
                if len(ranks):
                    return int(ranks[0] if step > 0 else ranks[-1])
            group, count = (group + count if step > 0 else group - count), count * 2
        return None

    def _flagged(self, flag: Flag, among: Ints) -> Ints:
        """The incidents that have a flag, of those among these at least."""
        if flag == "disputed":
            return np.array(list(disputed_incidents(self._connection, among.tolist())), np.int64)
        if self._starred is None:
            self._starred = read_ids(self._connection, "SELECT incident_id AS n FROM star")
        return self._starred

    def _group(self, rank: int) -> int:
        return int(np.searchsorted(self._starts, rank, side="right")) - 1

    def _order(self, group: int) -> None:
        """Put the rows of a group in order; very many undated ones stay by id, which all but a few go by."""
        begin, end = self._starts[group], self._starts[group + 1]
        if group in self._ordered or (self._codes[group] == _UNDATED and end - begin > UNDATED_AT_MOST):
            return
        rows = self._connection.execute(f"{_DETAILS} id IN ({listed(self._ids[begin:end].tolist())})").fetchall()
        keys = {row[0]: sort_key(row[2], *_interval(self._connection, row), row[0]) for row in rows}
        # What was deleted meanwhile keeps its place until the next refresh.
        gone = [incident_id for incident_id in self._ids[begin:end].tolist() if incident_id not in keys]
        self._ids[begin:end] = [*sorted(keys, key=keys.__getitem__), *gone]
        self._ordered.add(group)


def _rows(connection: sqlite3.Connection) -> tuple[Ints, Ints]:
    """All ids in the order of their groups, undated ones by id, and for each the code of its group."""
    texts, counts, codes = [], [], []
    odd = [_UNSETTLED] if _few_unsettled(connection) else []
    for text, count, ids in connection.execute(
        "SELECT date_earliest, count(*), group_concat(id) FROM incident GROUP BY date_earliest"
    ):
        day = stored_day(text)
        if day is None:
            odd.append(f"date_earliest IS {'NULL' if text is None else _literal(text)} AND date_latest IS NOT NULL")
        texts.append(ids)
        counts.append(count)
        codes.append(_code(day, None))
    rows = np.fromstring(",".join(texts), np.int64, sep=",") if texts else np.empty(0, np.int64)
    code = np.repeat(np.array(codes, np.int64), counts)
    # The index goes by the first day alone; what stands at its last one, or is not filled in, is looked at by itself.
    elsewhere = {
        row[0]: _code(*_interval(connection, row))
        for condition in odd  # one by one: together they would be read from the whole table, without an index
        for row in connection.execute(_DETAILS + condition).fetchall()
    }
    if elsewhere:
        at = Lookup(rows).positions(np.array(list(elsewhere), np.int64))
        code[at[at >= 0]] = np.array(list(elsewhere.values()), np.int64)[at >= 0]
    order = np.argsort(code, kind="stable")
    undated = np.searchsorted(code.take(order), _UNDATED)
    order[undated:] = order[undated:][np.argsort(rows.take(order[undated:]))]
    return rows.take(order), code.take(order)


def _code(first: Day | None, last: Day | None) -> int:
    """The head of a sort key as one number: the day a row stands at, twice, and one more for a first possible day."""
    if first is not None:
        return first * 2 + 1
    return _UNDATED if last is None else last * 2


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
