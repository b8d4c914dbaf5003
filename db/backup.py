"""Back a store up while others write to it, and restore it without losing what is there.

Both use SQLite's online backup API.  A backup is a file of its own, whole or not there.  A restore writes into the
present store as one transaction, for a file that is swapped under programs that have it open loses their writes.
"""

from __future__ import annotations

import os
import sqlite3
import stat
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from db import log, schema, soundness, store_file, verify
from db.connection import one_moment
from db.errors import StoreError, UsageError, first_line
from db.faults import FAULTS, as_store_error
from db.store import Store, put_whole, writer
from db.target import same
from db.whole_file import take_name

PAGES = 2_000
"""Pages to a step of a copy, between two words about the progress."""

WAIT_MS = 30_000
"""How long a restore waits for those who are writing, milliseconds."""

TRIES = 5
"""How often a restore keeps anew what others have written to since it was kept."""

RESTORE = "restore"
"""What stands for a table in the log entry of a restore."""

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


@dataclass(frozen=True, slots=True)
class Restored:
    """A restore: what the store holds now, and the copy of what it held before; None where there was no store."""

    incidents: int
    log_rows: int
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
        _copy(store, making, progress)
        incidents, log_rows, head = _check(making, store.path)
        aside = _set_aside(path) if os.path.lexists(path) else None
        try:
            put_whole(making, path)
        except FileExistsError as error:
            raise UsageError(f"{path} was made by another program in this moment; nothing was overwritten") from error
    return Copied(path, incidents, log_rows, head, aside)


def restore(path: Path, source: Path, *, progress: Progress | None = None) -> Restored:
    """Make the store at `path` what the backup `source` is; what was there is kept beside it under a dated name.

    Raises StoreError, with nothing changed, when the backup is no store, is newer than this program, or is damaged.
    """
    if same(path, source):
        raise UsageError(f"{source} is the store itself; name a backup of it")
    path = _restorable(path)
    with _reading(source) as connection:
        incidents, log_rows, head = _check_open(connection, source)
        _check_usable(connection, source, path)
        if not os.path.lexists(path):
            with being_made(path) as making:
                _copy_open(connection, source, making, progress)
                _check(making, source)
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
        _copy_open(connection, source, trial, None)
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
    """Raise StoreError where a part of the schema is missing, or the full text does not answer."""
    for finding in verify.schema_findings(connection):
        if not finding.wrong:
            continue
        raise StoreError(f"{source} is no whole store ({finding.where}: {finding.message}); see docs/recovery.md")
    try:
        connection.execute("SELECT rowid FROM incident_text WHERE incident_text MATCH 'a' LIMIT 1").fetchone()
    except sqlite3.Error as error:
        raise StoreError(f"{source}: its full text cannot be searched ({first_line(error)})") from error


@contextmanager
def _naming(aside: Path | None) -> Iterator[None]:
    """Have every error say where the copy is of what the store held before."""
    try:
        yield
    except StoreError as error:
        if aside is None:
            raise
        raise StoreError(f"{error}; what the store held before is kept as {aside}") from error


def _copy(store: Store, making: Path, progress: Progress | None) -> None:
    _copy_open(store.connection, store.path, making, progress)


def _copy_open(connection: sqlite3.Connection, source: Path, making: Path, progress: Progress | None) -> None:
    """Copy what a connection sees, in steps; a read transaction keeps it one moment, whatever others write."""
    try:
        with closing(sqlite3.connect(making)) as target:
            with one_moment(connection):
                connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
                connection.backup(target, pages=PAGES, progress=_told(progress), sleep=0.001)
            # One file, with nothing beside it: whoever copies it has all of it.
            target.execute("PRAGMA journal_mode = DELETE")
    except FAULTS as error:
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF
        at = making if code in (sqlite3.SQLITE_FULL, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY) else source
        if at is making:
            raise StoreError(f"cannot write {making.parent}: {as_store_error(making, error)}") from error
        raise as_store_error(source, error) from error
    with making.open("rb") as file:
        os.fsync(file.fileno())


def _told(progress: Progress | None) -> Callable[[int, int, int], None] | None:
    if progress is None:
        return None
    return lambda _, remaining, total: progress(total - remaining, total)


@contextmanager
def being_made(path: Path) -> Iterator[Path]:
    """A file to be made beside `path`, which gets its name when it is whole; gone whatever happens."""
    making = path.with_name(f".{path.name}.{os.getpid()}.new")
    try:
        making.unlink(missing_ok=True)
        yield making
    except StoreError as error:
        raise type(error)(str(error).replace(str(making), str(path))) from error
    except OSError as error:
        raise StoreError(f"cannot write {path}: {error.strerror or error}") from error
    finally:
        for suffix in ("", "-journal", "-wal", "-shm"):
            with suppress(OSError):
                making.with_name(making.name + suffix).unlink()


@contextmanager
def _reading(path: Path) -> Iterator[sqlite3.Connection]:
    """A connection that reads a backup and never changes it, not even to bring an older one up to date."""
    if not path.is_file():
        raise StoreError(f"no backup at {path}" if not os.path.lexists(path) else f"{path} is not a file")
    try:
        with closing(Store.reader(path)) as connection:
            yield connection
    except FAULTS as error:
        raise as_store_error(path, error) from error


def _check(making: Path, of: Path) -> tuple[int, int, str | None]:
    """What `_check_open` says of a copy under way, of which people only know what it is a copy of."""
    with _reading(making) as connection:
        return _check_open(connection, of)


def _check_open(connection: sqlite3.Connection, path: Path) -> tuple[int, int, str | None]:
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
    fault = one("PRAGMA quick_check(1)")
    if fault != "ok":
        raise StoreError(f"{path} is damaged ({fault}); see docs/recovery.md")
    for table, rowid, parent, _ in connection.execute("PRAGMA foreign_key_check"):
        raise StoreError(f"{path} is damaged ({table} {rowid} points to no {parent}); see docs/recovery.md")
    for row_id, what in log.broken_rows(connection):
        raise StoreError(f"{path}: log row {row_id} {what}; `dateline verify` says more")
    head = connection.execute("SELECT hash FROM log ORDER BY id DESC LIMIT 1").fetchone()
    counts = connection.execute("SELECT (SELECT count(*) FROM incident), (SELECT count(*) FROM log)").fetchone()
    return int(counts[0]), int(counts[1]), head[0] if head else None


def _set_aside(path: Path) -> Path:
    """Give a file, and what SQLite has beside it, a dated name."""
    aside = _dated(path)
    take_name(path, aside)
    path.unlink()
    for suffix in ("-wal", "-shm", "-journal"):
        beside = path.with_name(path.name + suffix)
        if beside.exists():
            beside.rename(aside.with_name(aside.name + suffix))
    return aside


def _dated(path: Path) -> Path:
    """A free name beside `path` that tells the moment."""
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
    free = path.with_name(f"{path.name}.before-{stamp}")
    number = 1
    while os.path.lexists(free):
        number += 1
        free = path.with_name(f"{path.name}.before-{stamp}-{number}")
    return free


_NOT_DAMAGE = (
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_NOMEM,
    sqlite3.SQLITE_READONLY,  # another program's journal stands beside it, which is to be taken back first
)
"""Codes of SQLite for what passes: a store that answers so is left where it is."""


def _keep(path: Path) -> Path:
    """Keep what is at `path` under a dated name: a copy of a store that can be read, the file itself of another."""
    aside = _dated(path)
    try:
        with closing(Store.reader(path)) as connection:
            sound = connection.execute("PRAGMA quick_check(1)").fetchone()[0] == "ok"
    except StoreError:
        sound = False
    except FAULTS as error:
        if getattr(error, "sqlite_errorcode", 0) & 0xFF in _NOT_DAMAGE:
            raise as_store_error(path, error) from error
        sound = False
    if not sound:
        # Damaged, or no store at all: nobody can work on it, so that it may be moved, with all that is beside it.
        return _set_aside(path)
    with closing(Store.reader(path)) as connection, being_made(aside) as making:
        _copy_open(connection, path, making, None)
        while True:
            try:
                put_whole(making, aside)
                return aside
            except FileExistsError:  # another restore has taken the name in the same second
                aside = _dated(path)


class _WrittenMeanwhileError(Exception):
    """Another program has written to the store since it was kept."""


def _replace(source: sqlite3.Connection, path: Path, progress: Progress | None) -> Path:
    """Keep what is at `path` and make it what the source is; returns where it is kept, every write among it."""
    for _ in range(TRIES):
        with _writes(path) as written:
            aside = _keep(path)
            try:
                with _naming(aside):
                    _write_over(source, path, written, progress)
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


def _write_over(source: sqlite3.Connection, path: Path, written: Callable[[], bool], progress: Progress | None) -> None:
    """Make the store at `path` what the source is, in one transaction; one that was moved aside is made anew.

    Raises _WrittenMeanwhileError, with nothing changed, where `written` says so once nobody else can write any more.
    """
    if not path.exists():
        with being_made(path) as making:
            _copy_open(source, path, making, progress)
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
            told = _told(progress)

            def step(status: int, remaining: int, total: int) -> None:
                # Called first when one part is copied: from then on the target is locked, and nothing is committed yet.
                if remaining and written():
                    raise _WrittenMeanwhileError
                if told is not None:
                    told(status, remaining, total)

            with one_moment(source):
                pages = source.execute("PRAGMA page_count").fetchone()[0]
                source.backup(target, pages=max(1, min(PAGES, pages // 2)), progress=step)
    except sqlite3.Error as error:
        raise as_store_error(path, error) from error


def _note(path: Path, source: Path, aside: Path | None, head: str | None) -> None:
    """Leave a row in the restored store's log: what it was restored from, and where the one before is."""
    told = {"from": source.name, "log_head": head, "before": aside.name if aside else None}
    with Store.open(path, write=True) as store:
        store.connection.execute("PRAGMA journal_mode = WAL")  # a backup is kept without
        with store.write(f"restore from {source.name}", writer()) as connection:
            connection.execute("INSERT INTO temp.capture VALUES (?, 0, NULL, ?)", (RESTORE, log.as_json(told)))
