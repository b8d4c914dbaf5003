"""The rows that a write of the log changed, before and after, in plain words."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from db import log, same_row
from db.bulk import IMPORT, spans
from db.errors import MISFITS
from db.history import Entry, Tally, entries, tallies
from db.settle import SETTLE

Sign = Literal["+", "~", "-", " "]

LONGEST = 400
"""Characters of a value that are shown; the log has all of them."""


@dataclass(frozen=True, slots=True)
class Said:
    """One line: a row added (+), changed (~) or removed (-), or a column of it (" ")."""

    sign: Sign
    text: str


@dataclass(frozen=True, slots=True)
class Listed:
    """A log row with its numbers of rows, for a list."""

    entry: Entry
    tallies: list[Tally]


def listed(connection: sqlite3.Connection, below: int | None = None, limit: int | None = None) -> list[Listed]:
    """Log rows, newest first, under the number `below`."""
    return [Listed(e, tallies(connection, e.id)) for e in entries(connection, below=below, limit=limit)]


def count_from(connection: sqlite3.Connection, seq: int) -> int:
    """How many log rows there are from a number on."""
    return int(connection.execute("SELECT count(*) FROM log WHERE id >= ?", (seq,)).fetchone()[0])


def tally_words(tally: Tally) -> str:
    """One table of a write in words: "incident tag +2 -1"."""
    signs = (("+", tally.added), ("~", tally.changed), ("-", tally.removed))
    return " ".join([tally.table.replace("_", " "), *(f"{sign}{count:,}" for sign, count in signs if count)])


def said(connection: sqlite3.Connection, seq: int, limit: int, names: Names | None = None) -> Iterator[Said]:
    """Yield the lines of at most `limit` rows of a write: each row by its table and name, then what is other in it.

    Whoever asks for several gives the `names` of the one before.

    Raises StoreError where the log's row has been changed into what no write leaves.
    """
    try:
        yield from _said(connection, seq, limit, names or Names(connection))
    except MISFITS as error:
        raise log.damaged(seq, "does not have rows as a write leaves them") from error


def _said(connection: sqlite3.Connection, seq: int, limit: int, names: Names) -> Iterator[Said]:
    sides = (
        connection.execute(
            "SELECT json_extract(value, '$.table'), json_extract(value, '$.id'), json_extract(value, '$.row')"
            f" FROM json_each((SELECT {side} FROM log WHERE id = ?))",
            (seq,),
        )
        for side in ("before", "after")
    )
    told: list[tuple[str, int, dict[str, object] | None, dict[str, object] | None]] = []
    for (table, rowid, old), (_, _, new) in zip(*sides, strict=False):
        if table == IMPORT:
            yield from _loaded(json.loads(new))
        if table == SETTLE:
            yield Said("~", "the first and last day and the precision of each, from its date and its documents")
        if table not in log.TABLES:
            continue
        told.append((table, rowid, old and json.loads(old), new and json.loads(new)))
        if len(told) > limit:
            break
    for row in told[:limit]:
        yield from _row(names, seq, *row)
    if len(told) > limit:
        yield Said(" ", "… and more; `dateline log --json` tells how many")


def _loaded(told: dict[str, object]) -> Iterator[Said]:
    """What an import says of itself: its rows are told by their ids alone."""
    for name in ("file", "format", "sha256"):
        if told.get(name):
            yield Said(" ", f"{name}: {told[name]}")
    for table, (first, last) in spans(told.get("ids")).items():
        yield Said("+", f"{table.replace('_', ' ')} {first:,} to {last:,}")


class Names:
    """How the rows that log rows changed are called; made once for as many log rows as are told."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._born_with: dict[tuple[int, int], str | None] = {}

    @cached_property
    def _keys(self) -> dict[int, str]:
        return dict(self._connection.execute("SELECT id, key FROM incident"))

    @cached_property
    def _lives(self) -> same_row.Lives:
        return same_row.Lives(self._connection, [("incident", number) for number in self._keys])

    def of(self, seq: int, rowid: int, row: dict[str, object]) -> str:
        """A row of a log row by its key, or by the incident that it belonged to."""
        if row.get("key"):
            return str(row["key"])
        number = row.get("incident_id")
        if not isinstance(number, int):
            return str(rowid)
        key = self._keys.get(number)
        if key is not None and (birth := self._lives.after(("incident", number), seq)) != self._lives.now(
            ("incident", number)
        ):
            # Another has the number by now.
            if (number, birth) not in self._born_with:
                self._born_with[number, birth] = same_row.key_then(self._connection, number, birth)
            key = self._born_with[number, birth]
        return f"of {f'incident {number}' if key is None else key}"


def _row(
    names: Names,
    seq: int,
    table: str,
    rowid: int,
    old: dict[str, object] | None,
    new: dict[str, object] | None,
) -> Iterator[Said]:
    row = new or old or {}
    sign: Sign = "+" if old is None else "-" if new is None else "~"
    yield Said(sign, f"{table.replace('_', ' ')} {names.of(seq, rowid, row)}")
    for column in row:
        before, after = ((side or {}).get(column) for side in (old, new))
        if column == "id" or before == after:
            continue
        if old is not None and new is not None:
            yield Said(" ", f"{column}: {_value(before)} → {_value(after)}")
        elif column not in ("key", "incident_id"):
            yield Said(" ", f"{column}: {_value(after if old is None else before)}")


def _value(value: object) -> str:
    if value is None:
        return "unknown"
    text = str(value)
    return f"{text[:LONGEST]} …" if len(text) > LONGEST else text
