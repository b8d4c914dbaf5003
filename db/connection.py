"""A connection to a store whose text need not be UTF-8: such text is read, and bound, as the bytes that it came as."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from db import store_file
from db.faults import FAULTS
from db.statements import TOKEN


class Connection(sqlite3.Connection):
    """sqlite3's, which by itself reads text that is not UTF-8 (PEP 383) but refuses to bind what it has read."""

    def execute(  # type: ignore[override]
        self, sql: str, parameters: Sequence[object] | Mapping[str, object] = (), /
    ) -> sqlite3.Cursor:
        """Carry out one statement; raises UnicodeEncodeError for half of a pair that stands for no byte."""
        try:
            return super().execute(sql, parameters)
        except UnicodeEncodeError:
            # Nothing was carried out: sqlite3 binds all values first.
            if isinstance(parameters, Mapping):
                raise
            return super().execute(*_with_bytes(sql, parameters))


def connected(path: Path, mode: str, wait_ms: int) -> Connection:
    """Open the file at `path` in a mode of SQLite's URIs, such as "mode=ro", and wait `wait_ms` for another's lock.

    Raises one of FAULTS where it cannot be read, StoreError where SQLite's own files cannot stand beside it.
    """
    store_file.check_sides(path)
    connection = sqlite3.connect(
        f"{path.absolute().as_uri()}?{mode}",
        uri=True,
        isolation_level=None,
        timeout=wait_ms / 1000,
        check_same_thread=False,
        factory=Connection,
    )
    try:
        # Text that is not UTF-8 must be readable, showable and exportable, never a crash.
        connection.text_factory = as_text
        # Reading fires no trigger, so nothing in the schema needs trust.  Writing fires ours, which fill the full
        # text: see `schema.foreign_objects` for what keeps another's triggers from running then.
        connection.execute(f"PRAGMA trusted_schema = {'ON' if mode == 'mode=rw' else 'OFF'}")
        connection.execute("PRAGMA cell_size_check = ON")
        _read_schema(connection)
    except FAULTS:
        connection.close()
        raise
    return connection


MOST_TURNS = 200
"""Times that reading the schema may take `_STEPS` of SQLite's machine: far more than that of any store does."""

_STEPS = 100_000


def _read_schema(connection: sqlite3.Connection) -> None:
    """Have SQLite read the schema, and the statistics with it; those of a damaged file may be without end."""
    turns = iter(range(MOST_TURNS))
    connection.set_progress_handler(lambda: next(turns, None) is None, _STEPS)
    try:
        connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    finally:
        connection.set_progress_handler(None, 0)


@contextmanager
def one_moment(connection: sqlite3.Connection) -> Iterator[None]:
    """All that the body reads is of one moment, whatever others write: of the caller's, if it is in a transaction."""
    if connection.in_transaction:
        yield
        return
    connection.execute("BEGIN")
    try:
        yield
    finally:
        if connection.in_transaction:
            connection.execute("ROLLBACK")


def as_text(raw: bytes) -> str:
    """The text of a column; a byte that is not UTF-8 is half of a surrogate pair (PEP 383)."""
    return raw.decode("utf-8", "surrogateescape")


def in_utf8(text: str) -> str:
    """The text with "?" for each byte that is not UTF-8: for names that must be text everywhere."""
    return text.encode("utf-8", "replace").decode()


def came_as_bytes(text: str) -> bool:
    """Whether a text could stand in a store: JSON can also spell halves of surrogate pairs, which nothing can."""
    try:
        text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return False
    return True


def _with_bytes(sql: str, parameters: Sequence[object]) -> tuple[str, tuple[bytes | object, ...]]:
    """The statement and its values, such that text which is not UTF-8 goes in as bytes."""
    values = iter(parameters)
    bound: list[object] = []

    def mark(found: re.Match[str]) -> str:
        if found[0] != "?":
            return found[0]
        value = next(values)
        if isinstance(value, str) and not _is_utf8(value):
            bound.append(value.encode("utf-8", "surrogateescape"))
            return "CAST(? AS TEXT)"
        bound.append(value)
        return "?"

    return TOKEN.sub(mark, sql), tuple(bound)


def _is_utf8(text: str) -> bool:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True
