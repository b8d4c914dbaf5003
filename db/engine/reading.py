"""Whole columns out of SQLite at once: aggregated into one text a column, a slice at a time, and parsed by numpy.

A cursor would make a Python object of every number.  Here SQLite does the work without holding Python's lock, and
what is done with the lock held is short, so that a screen beside it stays quick.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from db.engine.arrays import Ints

SLICE = 100_000
"""Rows read at a time."""

Among = Sequence[int] | None
"""Ids that a reading is restricted to; None for everything."""


class Coded(NamedTuple):
    """A column of texts: the distinct ones, and for each row 1 + the index of its own, 0 for none."""

    values: list[str]
    codes: Ints


def listed(ids: Sequence[int]) -> str:
    """Ids as SQL text for IN."""
    return ",".join(str(int(i)) for i in ids)


def read(
    connection: sqlite3.Connection,
    table: str,
    numbers: Sequence[str],
    texts: Sequence[str] = (),
    *,
    where: str = "",
    whole: bool = True,
) -> tuple[list[Ints], list[Coded]]:
    """Columns of a table in the order of its rowids: `numbers` are SQL of integers, none NULL, `texts` of text or NULL.

    `where` is a condition.  When it leaves few rows (not `whole`), they are read at one go.
    """
    gathered: list[list[Ints]] = [[] for _ in numbers]
    known: list[dict[str | None, int]] = [{None: 0} for _ in texts]
    coded: list[list[Ints]] = [[] for _ in texts]
    for row in _slices(connection, table, numbers, texts, where, whole):
        for column, text in zip(gathered, row, strict=False):
            column.append(np.fromstring(text, np.int64, sep=","))
        for codes, column, text in zip(known, coded, row[len(numbers) :], strict=True):
            values = json.loads(text)
            for value in dict.fromkeys(values):
                codes.setdefault(value, len(codes))
            column.append(np.fromiter(map(codes.__getitem__, values), np.int64, len(values)))
    columns = [np.concatenate(column) if column else np.empty(0, np.int64) for column in (*gathered, *coded)]
    lengths = {*map(len, columns)}
    if len(lengths) > 1:
        raise sqlite3.DataError(f"columns of {table} have different lengths: {sorted(lengths)}")
    of_texts = [
        Coded([value for value in codes if value is not None], column)
        for codes, column in zip(known, columns[len(numbers) :], strict=True)
    ]
    return columns[: len(numbers)], of_texts


def _slices(
    connection: sqlite3.Connection, table: str, numbers: Sequence[str], texts: Sequence[str], where: str, whole: bool
) -> Iterator[tuple[str, ...]]:
    names = [f"c{i}" for i in range(len(numbers) + len(texts))]
    inner = ", ".join(f"{sql} AS {name}" for sql, name in zip((*numbers, *texts), names, strict=True))
    outer = [f"group_concat({name})" for name in names[: len(numbers)]]
    outer += [f"json_group_array({name})" for name in names[len(numbers) :]]
    last: int | None = None
    while True:
        conditions = [f"({where})"] if where else []
        if last is not None:
            conditions.append(f"rowid > {last}")
        clause = f"WHERE {' AND '.join(conditions)}" if conditions else ""
        limit = f"ORDER BY rowid LIMIT {SLICE}" if whole else ""
        *row, count, last = connection.execute(
            f"SELECT {', '.join(outer)}, count(*), max(r)"
            f" FROM (SELECT rowid AS r, {inner} FROM {table} {clause} {limit})"
        ).fetchone()
        if count:
            yield tuple(row)
        if not whole or count < SLICE:
            return


def ids(connection: sqlite3.Connection, sql: str) -> Ints:
    """The integers that a query of one column gives; NULLs are left out."""
    (text,) = connection.execute(f"SELECT group_concat(n) FROM (SELECT n FROM ({sql}))").fetchone()
    return np.empty(0, np.int64) if text is None else np.fromstring(text, np.int64, sep=",")
