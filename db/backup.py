"""Back a store up while others write to it, through SQLite's online backup API: a file of its own, whole or not there.

What a restore (`db.restore`) needs of that too is public here.
"""

from __future__ import annotations

import os
import sqlite3
import stat
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from db import log, schema, soundness, store_file
from db.connection import one_moment
from db.errors import StoreError, UsageError, first_line
from db.faults import FAULTS, as_store_error
from db.store import Store
from db.target import same
from db.whole_file import begin_like, dated, put_whole, take_name, unfinished_store

PAGES = 2_000
"""Pages to a step of a copy, between two words about the progress."""

Progress = Callable[[int, int], None]
"""Told how many pages of how many are copied."""


@dataclass(frozen=True, slots=True)
class Copied:
    """A backup: where it is, what it holds, and where the file went that had its name."""

    path: Path
    incidents: int
    log_rows: int
    head: str | None
    """Hash of the last log row."""
    aside: Path | None


def backup(store: Store, path: Path, *, force: bool = False, progress: Progress | None = None) -> Copied:
    """Copy an open store to `path` as it stands at this moment, check the copy, and only then give it its name.

    A file that has the name is never lost: without `force` it is an error, with it the file gets a dated name.
    """
    if same(path, store.path):
        raise UsageError(f"{path} is the store itself; name another file for the backup")
    if os.path.lexists(path):
        if not force:
            raise UsageError(f"{path} exists already; name another file, or --force keeps it under another name first")
        if path.is_dir():
            raise UsageError(f"{path} is a directory; name a file in it")
        mode = os.lstat(path).st_mode
        if not stat.S_ISREG(mode):
            raise UsageError(f"{path} is {store_file.kind(mode)}, which no backup takes the place of; name a file")
    store_file.check_free(path)
    with being_made(path) as making:
        copy_open(store.connection, store.path, making, progress)
        incidents, log_rows, head = check_copy(making, store.path)
        aside = set_aside(path) if os.path.lexists(path) else None
        try:
            put_whole(making, path)
        except FileExistsError as error:
            raise UsageError(f"{path} was made by another program in this moment; nothing was overwritten") from error
    return Copied(path, incidents, log_rows, head, aside)


def copy_open(
    connection: sqlite3.Connection, source: Path, making: Path, progress: Progress | None, like: Path | None = None
) -> None:
    """Copy what a connection sees, in steps; a read transaction keeps it one moment, whatever others write.

    The copy can be read by those who can read the source, or the file that it is to be `like`.
    """
    begin_like(making, like or source)
    try:
        with closing(sqlite3.connect(making)) as target:
            with one_moment(connection):
                connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
                connection.backup(target, pages=PAGES, progress=told(progress), sleep=0.001)
            # One file, with nothing beside it: whoever copies it has all of it.
            target.execute("PRAGMA journal_mode = DELETE")
    except FAULTS as error:
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF
        at = making if code in (sqlite3.SQLITE_FULL, sqlite3.SQLITE_READONLY) else source
        if code == sqlite3.SQLITE_CANTOPEN:
            # What SQLite keeps beside a file is called after it, too.
            raise StoreError(f"cannot write {making}: {first_line(error)} (a shorter name may do)") from error
        if at is making:
            raise StoreError(f"cannot write {making.parent}: {as_store_error(making, error)}") from error
        raise as_store_error(source, error) from error
    with making.open("rb") as file:
        os.fsync(file.fileno())


def told(progress: Progress | None) -> Callable[[int, int, int], None] | None:
    """What SQLite's backup is to call after each step, so that `progress` is told of the pages done."""
    if progress is None:
        return None
    return lambda _, remaining, total: progress(total - remaining, total)


@contextmanager
def being_made(path: Path) -> Iterator[Path]:
    """A file to be made beside `path`, which gets its name when it is whole; gone whatever happens."""
    store_file.check_folder(path)
    with unfinished_store(path) as making:
        try:
            yield making
        except StoreError as error:
            raise type(error)(str(error).replace(str(making), str(path))) from error
        except OSError as error:
            raise StoreError(f"cannot write {path}: {error.strerror or error}") from error


@contextmanager
def reading(path: Path) -> Iterator[sqlite3.Connection]:
    """A connection that reads a backup and never changes it, not even to bring an older one up to date."""
    if not path.is_file():
        raise StoreError(f"no backup at {path}" if not os.path.lexists(path) else f"{path} is not a file")
    try:
        with closing(Store.reader(path)) as connection:
            yield connection
    except FAULTS as error:
        raise as_store_error(path, error) from error


def check_copy(making: Path, of: Path) -> tuple[int, int, str | None]:
    """What `check_open` says of a copy under way, of which people only know what it is a copy of."""
    with reading(making) as connection:
        return check_open(connection, of)


def check_open(connection: sqlite3.Connection, path: Path) -> tuple[int, int, str | None]:
    """Numbers of incidents and log rows and the last hash of a sound store; raises StoreError where it is not one."""

    def one(sql: str) -> object:
        return connection.execute(sql).fetchone()[0]

    if one("PRAGMA application_id") != schema.APPLICATION_ID:
        raise StoreError(f"{path} is not a Dateline store")
    version = one("PRAGMA user_version")
    if not isinstance(version, int) or version > schema.VERSION:
        raise StoreError(
            f"{path} was made by a newer Dateline (store version {version}, this program knows {schema.VERSION});"
            " update Dateline to use it"
        )
    unsafe = soundness.unsafe(connection)
    if unsafe is not None:
        raise StoreError(f"{path} {unsafe}; it is not used (see docs/recovery.md)")
    foreign = schema.foreign_objects(connection)
    if foreign:
        raise StoreError(f"{path} has {schema.FOREIGN} that are not Dateline's ({', '.join(foreign[:3])})")
    fault = next(soundness.faults(connection, quick=True), None)
    if fault is not None:
        raise StoreError(f"{path} is damaged ({fault}); see docs/recovery.md")
    for table, rowid, parent in soundness.orphans(connection):
        raise StoreError(f"{path} is damaged ({table} {rowid} points to no {parent}); see docs/recovery.md")
    for row_id, what in log.broken_rows(connection):
        raise StoreError(f"{path}: log row {row_id} {what}; `dateline verify` says more")
    head = connection.execute("SELECT hash FROM log ORDER BY id DESC LIMIT 1").fetchone()
    counts = connection.execute("SELECT (SELECT count(*) FROM incident), (SELECT count(*) FROM log)").fetchone()
    return int(counts[0]), int(counts[1]), head[0] if head else None


def set_aside(path: Path) -> Path:
    """Give a file, and what SQLite has beside it, a dated name."""
    aside = dated(path)
    take_name(path, aside)
    for suffix in ("-wal", "-shm", "-journal"):
        beside = path.with_name(path.name + suffix)
        if beside.exists():
            beside.rename(aside.with_name(aside.name + suffix))
    return aside
