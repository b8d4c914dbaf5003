"""Load seed files into a store: plain SQL, all files of a call in one transaction, safe to repeat."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import cast

from db import full_text, log
from db.errors import ScriptError
from db.settle import settle
from db.store import Store
from seed.bounds import bounded
from seed.check import Checker
from seed.explain import explain
from seed.guard import guarded
from seed.keys import check_keys
from seed.passage import Passage
from seed.script import Script, bundled, read_all

__all__ = ["Loaded", "bundled", "load"]


@dataclass(frozen=True, slots=True)
class Loaded:
    """What a load did: the files in order, and how many incidents and quotes there were before and after."""

    files: tuple[Path, ...]
    incidents_before: int
    incidents_after: int
    quotes_before: int
    quotes_after: int
    rows_changed: int
    """Rows of any table that differ now; 0 when everything was there already."""


def load(store: Store, paths: Sequence[Path], tell: Callable[[str], None] | None = None) -> Loaded:
    """Run seed files (a directory stands for its *.sql in order of name) in one transaction with one log row.

    Statements may INSERT, UPDATE, DELETE, REPLACE and SELECT; BEGIN and COMMIT are skipped.  Raises ScriptError, one
    line with file, line, fault and remedy, and nothing is loaded; StoreError when the store cannot be written.
    A load that changes nothing leaves no log row.  `tell` gets a word where a statement takes long.
    """
    scripts = read_all(paths)
    if not scripts:
        raise ScriptError("no seed file was named; name a .sql file, or a directory that holds some")
    with store.write(_what(scripts)) as connection:
        incidents, quotes = _counts(connection)
        _compile(connection, scripts)
        watch = _Watch(tell)
        with _text_at_once(connection, scripts), _interruptible(connection, watch), bounded(connection):
            _run(connection, scripts, watch)
        changes = log.captured(connection)
        Checker(connection, scripts).check(changes)
        _redate(connection, changes)
        # Not strict: a bad date of these files was named above, and one that stood here before is for `verify`.
        settle(connection, strict=False)
        changes = log.captured(connection)
        return Loaded(
            tuple(script.path for script in scripts),
            incidents,
            _counts(connection)[0],
            quotes,
            _counts(connection)[1],
            len(changes),
        )


def _compile(connection: sqlite3.Connection, scripts: Sequence[Script]) -> None:
    """Compile every statement before the first one runs, so that what is not allowed never runs."""
    for script in scripts:
        for statement in script.statements:
            failure: sqlite3.Error | None = None
            with guarded(connection) as refusals:
                try:
                    connection.execute("EXPLAIN " + statement.sql).close()
                except sqlite3.Error as error:
                    failure = error
            if failure is not None:  # explained unguarded: an explanation reads what a seed file may not
                passage = Passage(script.path, statement, connection)
                if refusals.words:
                    raise passage.fault(f"{refusals.words[0]}; remove it") from failure
                raise explain(passage, failure) from failure
        if script.fault is not None:
            raise script.fault


def _run(connection: sqlite3.Connection, scripts: Sequence[Script], watch: _Watch) -> None:
    for script in scripts:
        for statement in script.statements:
            passage = Passage(script.path, statement, connection)
            check_keys(passage)
            watch.begin(passage)
            try:
                with closing(connection.execute(statement.sql)) as cursor:
                    cursor.fetchone()  # a RETURNING clause ends its statement only when a row was read
            except sqlite3.Error as error:
                raise explain(passage, error) from error


@contextmanager
def _text_at_once(connection: sqlite3.Connection, scripts: Sequence[Script]) -> Iterator[None]:
    """Put the words of quotes into the full text once for all statements, where there are many and none searches it."""
    statements = [statement.sql for script in scripts for statement in script.statements]
    if sum(map(len, statements)) < LARGE or any("incident_text" in sql.lower() for sql in statements):
        yield
        return

    with full_text.quotes_at_once(connection, lambda: _reported(log.captured(connection))):
        yield


def _reported(changes: Sequence[log.Change]) -> Iterator[int]:
    """The incidents whose quotes are others now."""
    for change in changes:
        if change.table == "incident":
            yield change.rowid
        elif change.table == "quote":
            yield from (cast(int, side["incident_id"]) for side in (change.before, change.after) if side is not None)


LARGE = 100_000
"""Characters of statements from which on some may have hundreds of quotes of one incident."""


class _Watch:
    """Is asked now and then while a statement runs, and says once of one that takes long where it stands."""

    def __init__(self, tell: Callable[[str], None] | None) -> None:
        self._tell = tell
        self._passage: Passage | None = None
        self._began = 0.0

    def begin(self, passage: Passage) -> None:
        """The statement that runs from now on."""
        self._passage, self._began = passage, monotonic()

    def __call__(self) -> int:
        if self._tell is not None and self._passage is not None and monotonic() - self._began > PATIENCE_S:
            where = f"{self._passage.path}:{self._passage.statement.line}"
            self._tell(f"{where}: this statement takes long, and nobody else can write meanwhile; Ctrl-C ends it")
            self._passage = None
        return 0


@contextmanager
def _interruptible(connection: sqlite3.Connection, watch: _Watch) -> Iterator[None]:
    """Let Ctrl-C end a statement of the body: Python hears of it only where SQLite calls it in between."""
    connection.set_progress_handler(watch, STEPS_BETWEEN)
    try:
        yield
    except sqlite3.Error as error:
        if getattr(error, "sqlite_errorcode", 0) != sqlite3.SQLITE_INTERRUPT:
            raise
        # The exception that the signal raised within the call ended the statement, and is gone.
        raise KeyboardInterrupt from error
    finally:
        connection.set_progress_handler(None, 0)


PATIENCE_S = 3.0
"""After so many seconds a statement is said to take long."""

STEPS_BETWEEN = 100_000
"""Steps of SQLite's virtual machine between two calls: a few milliseconds, so that the calls cost nothing."""


def _redate(connection: sqlite3.Connection, changes: Sequence[log.Change]) -> None:
    """Have incidents settled anew whose document REPLACE gave another day: it fires no trigger of an UPDATE."""
    for change in changes:
        if change.table != "document" or change.before is None or change.after is None:
            continue
        if change.before["published_edtf"] != change.after["published_edtf"]:
            connection.execute(
                "UPDATE incident SET date_prec = NULL WHERE date_prec IS NOT NULL"
                " AND id IN (SELECT incident_id FROM quote WHERE document_id = ?)",
                (change.rowid,),
            )


def _counts(connection: sqlite3.Connection) -> tuple[int, int]:
    incidents, quotes = connection.execute(
        "SELECT (SELECT count(*) FROM incident), (SELECT count(*) FROM quote)"
    ).fetchone()
    return int(incidents), int(quotes)


def _what(scripts: Sequence[Script]) -> str:
    """The log's word for the load: its one file, or how many and from which to which."""
    names = [script.path.name for script in scripts]
    return f"seed {names[0]}" if len(names) == 1 else f"seed {len(names)} files, {names[0]} to {names[-1]}"
