"""Make a store what a backup is, without losing what it holds: that is kept beside it under a dated name.

A restore writes into the present store as one transaction, through SQLite's online backup API, for a file that is
swapped under programs that have it open loses their writes.
"""

from __future__ import annotations

import os
import sqlite3
import stat
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from db import log, row_numbers, schema, soundness, store_file, text_index, verify
from db.backup import PAGES, Progress, being_made, check_copy, check_open, copy_open, reading, set_aside, told
from db.connection import one_moment
from db.errors import StoreError, UsageError, first_line
from db.faults import FAULTS, as_store_error
from db.store import Store, writer
from db.target import same
from db.whole_file import dated, put_dated, put_whole

WAIT_MS = 30_000
"""How long a restore waits for those who are writing, milliseconds."""

TRIES = 5
"""How often a restore keeps anew what others have written to since it was kept."""

RESTORE = "restore"
"""What stands for a table in the log entry of a restore."""


@dataclass(frozen=True, slots=True)
class Restored:
    """A restore: what the store holds now, and the copy of what it held before; None where there was no store."""

    incidents: int
    log_rows: int
    aside: Path | None


def restore(path: Path, source: Path, *, progress: Progress | None = None) -> Restored:
    """Make the store at `path` what the backup `source` is; what was there is kept beside it under a dated name.

    Raises StoreError, with nothing changed, when the backup is no store, is newer than this program, or is damaged.
    """
    if same(path, source):
        raise UsageError(f"{source} is the store itself; name a backup of it")
    path = _restorable(path)
    with reading(source) as connection:
        incidents, log_rows, head = check_open(connection, source)
        _check_usable(connection, source, path)
        if not os.path.lexists(path):
            with being_made(path) as making:
                copy_open(connection, source, making, progress)
                check_copy(making, source)
                put_whole(making, path)
            aside = None
        else:
            aside = _replace(connection, path, progress)
    with _naming(aside):
        _note(path, source, aside, head)
    return Restored(incidents, log_rows, aside)


def _restorable(path: Path) -> Path:
    """The file, by its own name, that a restore may write to or make; raises StoreError and UsageError."""
    whose = store_file.side_of(path)
    if whose is not None:
        raise UsageError(f"{path} is where SQLite keeps a part of {whose}; name the store itself")
    if os.path.lexists(path):
        if not path.exists():
            raise StoreError(f"{path} is a symbolic link that leads nowhere; remove it, or name the store itself")
        mode = path.stat().st_mode
        if not stat.S_ISREG(mode):
            raise StoreError(f"{path} is {store_file.kind(mode)}, not a store that could be restored")
        store_file.check_sides(path)
        store_file.check_one_name(path)
    else:
        store_file.check_free(path)
    return Path(os.path.realpath(path)) if path.is_symlink() else path


def _check_usable(connection: sqlite3.Connection, source: Path, path: Path) -> None:
    """Raise StoreError where a copy of the source could not be opened, written to and searched, without making one.

    What is older is upgraded for that, on trial, in a file beside `path`.
    """
    version = int(connection.execute("PRAGMA user_version").fetchone()[0])
    if version == schema.VERSION:
        _check_whole(connection, source)
        return
    fault = soundness.unsafe_to_upgrade(connection, version)
    if fault is not None:
        raise StoreError(f"{source} {fault}; it is not used (see docs/recovery.md)")
    with being_made(path) as trial:
        copy_open(connection, source, trial, None)
        try:
            with closing(sqlite3.connect(trial, isolation_level=None)) as tried:
                tried.execute("BEGIN IMMEDIATE")
                schema.upgrade_in_transaction(tried)
                _check_whole(tried, source)
                if tried.in_transaction:
                    tried.execute("ROLLBACK")
        except sqlite3.Error as error:
            raise StoreError(
                f"{source} is of store version {version} and cannot be upgraded ({first_line(error)}); it is not used"
            ) from error


def _check_whole(connection: sqlite3.Connection, source: Path) -> None:
    """Raise StoreError where a part of the schema is missing, no row can follow, or the full text does not answer."""
    for finding in verify.schema_findings(connection):
        if not finding.wrong:
            continue
        raise StoreError(f"{source} is no whole store ({finding.where}: {finding.message}); see docs/recovery.md")
    try:
        connection.execute("SELECT rowid FROM incident_text WHERE incident_text MATCH 'a' LIMIT 1").fetchone()
    except sqlite3.Error as error:
        raise StoreError(f"{source}: its full text cannot be searched ({first_line(error)})") from error
    numbers = (f"{table}: {why}" for table, why in row_numbers.faults(connection) if table in row_numbers.COUNTED)
    for fault in chain(numbers, (f"full text: {why}" for why in text_index.faults(connection))):
        raise StoreError(f"{source} cannot be written to or searched ({fault}); `dateline rescue` saves its rows")


@contextmanager
def _naming(aside: Path | None) -> Iterator[None]:
    """Have every error say where the copy is of what the store held before."""
    try:
        yield
    except StoreError as error:
        if aside is None:
            raise
        raise StoreError(f"{error}; what the store held before is kept as {aside}") from error


_DAMAGE = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_ERROR, sqlite3.SQLITE_FORMAT)
"""Codes of SQLite for what is no store, or one that nobody can work on.  With any other it may be sound and in use:
locked, closed to this user, out of reach for want of memory or file descriptors."""


def _keep(path: Path) -> Path:
    """Keep what is at `path` under a dated name: a copy of a store that can be read, the file itself of another."""
    try:
        with closing(Store.reader(path)) as connection:
            sound = next(soundness.faults(connection, quick=True), None) is None
    except sqlite3.Error as error:
        if getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF not in _DAMAGE:
            raise as_store_error(path, error) from error
        sound = False
    except UnicodeDecodeError:
        sound = False  # SQLite quotes a schema that is no text
    if not sound:
        # Damaged, or no store at all: nobody can work on it, so that it may be moved, with all that is beside it.
        return set_aside(path)
    with closing(Store.reader(path)) as connection, being_made(dated(path)) as making:
        copy_open(connection, path, making, None)
        return put_dated(making, path)


class _WrittenMeanwhileError(Exception):
    """Another program has written to the store since it was kept."""


def _replace(source: sqlite3.Connection, path: Path, progress: Progress | None) -> Path:
    """Keep what is at `path` and make it what the source is; returns where it is kept, every write among it."""
    for _ in range(TRIES):
        with _writes(path) as written:
            aside = _keep(path)
            try:
                with _naming(aside):
                    _write_over(source, path, aside, written, progress)
                return aside
            except _WrittenMeanwhileError:
                aside.unlink()
    raise StoreError(f"{path}: other programs go on writing to it, so it was not replaced; close them and try again")


@contextmanager
def _writes(path: Path) -> Iterator[Callable[[], bool]]:
    """Says whether anything was written to a store since; never, where it cannot be read and so is moved away."""
    try:
        connection = Store.reader(path)
    except (StoreError, *FAULTS):
        yield lambda: False
        return

    def version() -> int:
        return int(connection.execute("PRAGMA data_version").fetchone()[0])

    with closing(connection):
        try:
            before = version()
        except FAULTS:
            yield lambda: False
        else:
            yield lambda: version() != before


def _write_over(
    source: sqlite3.Connection, path: Path, aside: Path, written: Callable[[], bool], progress: Progress | None
) -> None:
    """Make the store at `path` what the source is, in one transaction; one that was moved aside is made anew.

    Raises _WrittenMeanwhileError, with nothing changed, where `written` says so once nobody else can write any more.
    """
    if not path.exists():
        with being_made(path) as making:
            copy_open(source, path, making, progress, like=aside)
            put_whole(making, path)
        return
    try:
        with closing(sqlite3.connect(path, timeout=WAIT_MS / 1000, isolation_level=None)) as target:
            sizes = [side.execute("PRAGMA page_size").fetchone()[0] for side in (source, target)]
            if sizes[0] != sizes[1]:
                raise StoreError(
                    f"{path} has pages of {sizes[1]} bytes, the backup of {sizes[0]}: move the store away and try again"
                )
            if target.execute("PRAGMA journal_mode").fetchone()[0] != "wal":
                # As backups are: with a rollback journal the lock would keep out the one who asks `written`, too.
                target.execute("PRAGMA journal_mode = WAL")
                raise _WrittenMeanwhileError
            tell = told(progress)

            def step(status: int, remaining: int, total: int) -> None:
                # Called first when one part is copied: from then on the target is locked, and nothing is committed yet.
                if remaining and written():
                    raise _WrittenMeanwhileError
                if tell is not None:
                    tell(status, remaining, total)

            with one_moment(source):
                pages = source.execute("PRAGMA page_count").fetchone()[0]
                source.backup(target, pages=max(1, min(PAGES, pages // 2)), progress=step)
    except sqlite3.Error as error:
        raise as_store_error(path, error) from error


def _note(path: Path, source: Path, aside: Path | None, head: str | None) -> None:
    """Leave a row in the restored store's log: what it was restored from, and where the one before is."""
    noted = {"from": source.name, "log_head": head, "before": aside.name if aside else None}
    with Store.open(path, write=True) as store:
        store.connection.execute("PRAGMA journal_mode = WAL")  # a backup is kept without
        with store.write(f"restore from {source.name}", writer()) as connection:
            connection.execute("INSERT INTO temp.capture VALUES (?, 0, NULL, ?)", (RESTORE, log.as_json(noted)))
