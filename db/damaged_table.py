"""What can be read of a table of a damaged store, row by row and around the damaged pages."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import suppress

from db import schema
from db.faults import FAULTS
from db.row_numbers import LAST_ID

Gap = tuple[int, int | None]
"""A stretch of row numbers that could not be read: (after this one, up to this one; None: to the end)."""

LOWEST, HIGHEST = -(2**63), 2**63 - 1

MOST_JUMPS = 100_000
"""After so many places that cannot be read, the rest of a table is given up."""

_KINDS: dict[str, tuple[type, ...]] = {"TEXT": (str,), "INTEGER": (int,), "INT": (int,), "REAL": (int, float)}


def kinds(source: sqlite3.Connection, table: str, columns: list[str]) -> list[tuple[type, ...]]:
    """The types that the values of these columns can have, which a STRICT table keeps to; any in another."""
    try:
        strict = source.execute("SELECT 1 FROM pragma_table_list WHERE name = ? AND strict", (table,)).fetchone()
        declared = {name: kind.upper() for _, name, kind, *_ in source.execute(f'PRAGMA main.table_info("{table}")')}
    except FAULTS:
        strict, declared = None, {}
    return [_KINDS.get(declared.get(name, ""), (object,)) if strict else (object,) for name in columns]


def younger(source: sqlite3.Connection, table: str) -> bool:
    """Whether a table came with a later version than the store's, so that it has none and lost none.

    No version is 0: what says so has lost its number, and perhaps the table.
    """
    try:
        there = source.execute("SELECT 1 FROM main.sqlite_master WHERE name = ?", (table,)).fetchone()
        version = source.execute("PRAGMA user_version").fetchone()[0]
    except FAULTS:
        return False
    return there is None and schema.since(table) > int(version) > 0


def columns(source: sqlite3.Connection, table: str) -> set[str]:
    """The columns that a plain table keeps; none of a view or virtual table, whose rows are computed without end."""
    try:
        found = source.execute("SELECT type, sql FROM main.sqlite_master WHERE name = ?", (table,)).fetchone()
        if found is None or found[0] != "table" or not str(found[1]).lstrip().upper().startswith("CREATE TABLE"):
            return set()
        return {name for _, name, *_, hidden in source.execute(f'PRAGMA main.table_xinfo("{table}")') if not hidden}
    except FAULTS:
        return set()


def rows(source: sqlite3.Connection, table: str, columns: str, gaps: list[Gap]) -> Iterator[tuple[object, ...]]:
    """Yield the rows of a table in order, jumping over what cannot be read; the gaps are noted in `gaps`."""
    below = True
    try:
        # Numbers below 0 are few, if there are any: nobody but SQL by hand gives them.
        last = 0
        for rowid, *row in source.execute(
            f'SELECT rowid, {columns} FROM main."{table}" NOT INDEXED WHERE rowid < 0 ORDER BY rowid DESC'
        ):
            if rowid >= last:
                raise sqlite3.DatabaseError("row numbers that do not fall")
            last = rowid
            yield tuple(row)
    except FAULTS:
        below = False
    yield from _rows_from_0(source, table, columns, gaps)
    if not below and not gaps:
        gaps.append((LOWEST, 0))


def _rows_from_0(source: sqlite3.Connection, table: str, columns: str, gaps: list[Gap]) -> Iterator[tuple[object, ...]]:
    start, jumps = 0, 0
    # A row of the log that has come to the last numbers is none of this program's, and none could follow it.
    end = LAST_ID if table == "log" else HIGHEST
    # NOT INDEXED: an index may be damaged where the table is not.
    sql = f'SELECT rowid, {columns} FROM main."{table}" NOT INDEXED WHERE rowid BETWEEN ? AND {end} ORDER BY rowid'
    while True:
        try:
            for rowid, *row in source.execute(sql, (start,)):
                if rowid < start:
                    raise sqlite3.DatabaseError("row numbers that do not rise")
                start = rowid + 1
                yield tuple(row)
            return
        except FAULTS:
            jumps += 1
            after = None if jumps > MOST_JUMPS else _next_readable(source, table, columns, start - 1)
            after = None if after is not None and after > end else after
            if after != start:
                gaps.append((start - 1, after))
            if after is None:
                return
            # Alone: Python asks for the row after it before it gives this one, and that one may be the fault.
            rowid, *row = source.execute(f"{sql} LIMIT 1", (after,)).fetchone()
            start = rowid + 1
            yield tuple(row)


def _next_readable(source: sqlite3.Connection, table: str, columns: str, last: int) -> int | None:
    """The smallest row number after `last` from which a row can be read, None when there is none."""
    try:
        (top,) = source.execute(f'SELECT max(rowid) FROM main."{table}" NOT INDEXED').fetchone()
    except FAULTS:
        top = None

    def readable(start: int) -> int | None:
        try:
            found = source.execute(
                f'SELECT rowid, {columns} FROM main."{table}" NOT INDEXED WHERE rowid >= ? ORDER BY rowid LIMIT 1',
                (start,),
            ).fetchone()
        except FAULTS:
            return None
        if found is None:
            # A damaged page may pass for an empty one.
            return None if top is not None and start <= top else HIGHEST
        return int(found[0]) if found[0] >= start else None

    step, unreadable = 1, last
    while last + step < HIGHEST:
        if readable(last + step) is not None:
            break
        unreadable = last + step
        step *= 2
    else:
        return None
    # Between what cannot be read and what can lies the first that can.
    good = last + step
    while unreadable + 1 < good:
        middle = (unreadable + good) // 2
        if readable(middle) is None:
            unreadable = middle
        else:
            good = middle
    found = readable(good)
    return None if found in (None, HIGHEST) else found


def unlike(source: sqlite3.Connection, table: str, columns: Sequence[str]) -> int:
    """How many rows a table, all of whose pages can be read, has not as one of its indexes of these columns knows them.

    An older page in the place of a newer one, as a write that the disk has lost leaves it, reads like a sound one: only
    the indexes then know of the rows that it lacks, or still has.  Which of the two is the newer cannot be told.
    """
    most = 0
    with suppress(*FAULTS):
        for _, index, _, _, partial in source.execute(f'PRAGMA main.index_list("{table}")').fetchall():
            if not partial and _NAMED.fullmatch(index):
                most = max(most, _unlike_index(source, table, index, columns))
    return most


_NAMED = re.compile(r"[\w -]+", re.ASCII)
"""Names of indexes that SQL can name as they stand; Dateline gives no other."""


def _unlike_index(source: sqlite3.Connection, table: str, index: str, columns: Sequence[str]) -> int:
    """The rows that the table and one index know otherwise; 0 where the index is damaged: it says nothing then."""
    with suppress(*FAULTS):
        keys = [column for _, _, column, *_ in source.execute(f'PRAGMA main.index_info("{index}")')]
        both = ", ".join(["rowid", *(f'"{column}"' for column in keys if column in columns)])
        known = f'SELECT {both} FROM main."{table}" INDEXED BY "{index}"'
        found = f'SELECT {both} FROM main."{table}" NOT INDEXED'
        counts = [
            int(source.execute(f"SELECT count(*) FROM ({one} EXCEPT {other})").fetchone()[0])
            for one, other in ((known, found), (found, known))
        ]
        return max(counts)
    return 0
