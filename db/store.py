"""Open a store, read-only or for writing, and write to it in one logged transaction at a time."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from db import log, rules, schema, soundness, store_file, whole_file
from db.bulk import Load
from db.connection import connected, one_moment
from db.errors import MISFITS, ReadOnlyError, StoreError, UsageError, reason
from db.faults import FAULTS, as_store_error, damaged, held_back
from db.known import Known, check
from db.row_numbers import LAST_ROW
from db.seen import last_seq
from db.settle import SETTLE, SETTLED_EACH, settle, unsettled

BUSY_MS = 4_000
"""How long a reader waits for another program's lock before saying so, milliseconds."""

WRITERS_WAIT = 2.5
"""How many times as long a writer waits: SQLite gives the lock to whom chance favours, and many may want it."""

Tell = Callable[[str], object] | None
"""Who is told, in a line, before something takes long."""


class Store:
    """One incident store.  `connection` is in autocommit mode; `write()` is the way to change anything."""

    def __init__(self, path: Path, connection: sqlite3.Connection, *, writable: bool, frozen: bool = False) -> None:
        self.path = path
        self.connection = connection
        self.writable = writable
        self.frozen = frozen
        """True when the file was opened as immutable: changes by others will not be seen."""
        self.known: Sequence[Known] = ()
        """Rows that every write of this opening is meant for: refused where they are no longer as they were seen."""
        self.what = ""
        """What the log will call the write under way."""
        self.written = 0
        """Number of the log row that the last write of this opening has left."""
        self._capturing = False
        self._hasty = False
        """Whether the first write waits for less long than writers do."""
        self.taken: tuple[int, int] | None = None
        """First and last number of the change table that this opening's writes took; None while there are none."""
        self._taken_before = 0
        self._place = store_file.place(path)
        self._log_place = store_file.place(store_file.log_of(path))

    @classmethod
    def create(cls, path: Path) -> Store:
        """Make a new, empty store at `path` and open it for writing; nothing that exists is overwritten."""
        if os.path.lexists(path):
            raise StoreError(f"{path} exists already; nothing was overwritten")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            # Made whole beside its place and moved there, so that an interrupted start leaves no half-made store.
            with whole_file.unfinished_store(path) as making:
                schema.create(making)
                whole_file.put_whole(making, path)
        except FileExistsError as error:
            raise StoreError(f"{path} exists already; nothing was overwritten") from error
        except OSError as error:
            raise StoreError(f"cannot make a store at {path}: {reason(error)}") from error
        except sqlite3.Error as error:
            raise as_store_error(path, error) from error
        return cls.open(path, write=True)

    @classmethod
    def open(cls, path: Path, *, write: bool = False, tell: Tell = None, wait_ms: int | None = None) -> Store:
        """Open the store at `path`; raises StoreError in one line when it is none, is newer, or is damaged.

        An older store is upgraded first, after a copy was kept beside it, wherever the file can be written; where it is
        opened to write, dates that plain SQL left open are filled in.  `tell` is told so before it takes long.

        `wait_ms` is for who will try again: so long, and not `BUSY_MS`, another program's lock is waited for before
        LockedError, until something has been written; what is half written by then waits as every writer does.
        """
        store_file.check(path)
        try:
            reader = cls._connect(path, write=False, wait_ms=wait_ms)
            try:
                version = _version(reader)
                if version == schema.VERSION and not write:
                    return reader
            except BaseException:
                reader.close()
                raise
            reader.close()
            if version < schema.VERSION:
                _upgrade(path, version, tell, wait_ms)
            return cls._connect(path, write=write, tell=tell, wait_ms=wait_ms)
        except FAULTS as error:
            if getattr(error, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_NOTADB and not store_file.is_sqlite(path):
                raise StoreError(f"{path} is not a SQLite file, so it is not a Dateline store") from error
            raise as_store_error(path, error) from error

    @classmethod
    def reader(cls, path: Path) -> sqlite3.Connection:
        """A connection that reads a store as it is: nothing is upgraded, nothing is checked."""
        return cls._connect(path, write=False).connection

    @classmethod
    def _connect(cls, path: Path, *, write: bool, tell: Tell = None, wait_ms: int | None = None) -> Store:
        if write:
            if not store_file.writable(path):
                raise store_file.unwritable(path)
            store_file.check_one_name(path)
            store = cls(path, _connect(path, "mode=rw", wait_ms), writable=True)
            store._hasty = wait_ms is not None
            try:
                fault = soundness.looked_through(store.connection, path)
                if fault is not None:
                    raise damaged(path, soundness.first(fault))
                foreign = schema.foreign_objects(store.connection)
                if foreign:
                    raise StoreError(
                        f"{path} has {schema.FOREIGN} that are not Dateline's ({', '.join(foreign[:3])});"
                        " it can be read, but writing would run them (`dateline rescue` makes a sound one of its rows)"
                    )
                store.connection.execute("PRAGMA foreign_keys = ON")
                # Without it REPLACE deletes rows behind the triggers' backs: neither the log nor the full text hears.
                store.connection.execute("PRAGMA recursive_triggers = ON")
                store._settle(tell)
            except BaseException:
                store.close()
                raise
            return store
        try:
            return cls(path, _connect(path, "mode=ro", wait_ms), writable=False)
        except sqlite3.OperationalError:
            # A WAL store in a folder that cannot be written has nowhere to put its shared memory.
            if store_file.folder_writable(path):
                raise
            store_file.check_no_log(path)  # SQLite would leave out what is in it
            return cls(path, _connect(path, "immutable=1"), writable=False, frozen=True)

    def lost(self) -> str | None:
        """What became of the file while it was open, in one line: removed, or another in its place; None if it stands.

        SQLite goes on with a file that has no name any more, and what is written there is gone with its last reader.
        """
        place = store_file.place(self.path)
        if place == self._place:
            return None
        if place is None:
            return f"{self.path} was removed while it was open; what is shown is what it held then"
        told = f"{self.path} was replaced by another file while it was open"
        left = self.left_log()
        if left is None:
            return f"{told}; open it again to see that one"
        return f"{told}, with {left.name} of the old one still beside it: read neither before that is moved away"

    def left_log(self) -> Path | None:
        """The write-ahead log of this store, not empty, that now stands beside another file; None when there is none.

        SQLite takes a log for that of the file whose name it has: whoever opened the other file would read, and write,
        a mixture of both.
        """
        log_file = store_file.log_of(self.path)
        found = store_file.place(log_file)
        if found is None or store_file.place(self.path) in (None, self._place) or not store_file.size(log_file):
            return None
        # Where there was none when the store was opened, this may be another's: nobody can tell.
        return log_file if self._log_place in (None, found) else None

    def close(self) -> None:
        """Close the connection; safe to call twice."""
        self.connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def blamed(self, error: Exception) -> StoreError | None:
        """The fault of the store that may explain an error of reading it (one of MISFITS), None if sound.

        Values that the schema forbids stand in a damaged store, or in one that was edited past SQLite's checks; to
        test each as it is read would cost every reader of a sound one.
        """
        if not isinstance(error, MISFITS):
            return None
        fault = soundness.damage(self.connection)
        if fault is None:
            fault = next((f"{found.where} {found.message}" for found in rules.broken(self.connection)), None)
        return None if fault is None else damaged(self.path, fault)

    @contextmanager
    def write(self, what: str = "", who: str | None = None) -> Iterator[sqlite3.Connection]:
        """Run the body in one transaction and leave one log row, none when no row changed; roll back on any error.

        A body that finds out only under the lock what it does puts the log's words into `what`.
        """
        with self._transaction(capture=True) as connection:
            log.forget(connection)
            self.what = what
            yield connection
            changes = log.captured(connection)
            if changes:
                self._append(who, self.what, changes)
            connection.execute("COMMIT")

    @contextmanager
    def bulk(self, what: str, who: str | None = None) -> Iterator[Load]:
        """Load many rows in one transaction without capturing each; one log row says what came; any error rolls back.

        The body loads with `load.connection`, may call `load.resume()` to go on with captured writes, and leaves in
        `load.told` what the log shall say of it.
        """
        with self._transaction(capture=False) as connection:
            load = Load(connection)
            yield load
            changes = load.finish()
            if changes:
                self._append(who, what, changes)
                connection.execute("COMMIT")
                self._capturing = True

    @contextmanager
    def _transaction(self, *, capture: bool) -> Iterator[sqlite3.Connection]:
        """A transaction that the body commits; what it leaves open is rolled back, and SQLite's faults are said."""
        if not self.writable:
            raise ReadOnlyError(f"{self.path} is open for reading only")
        connection = self.connection
        try:
            if capture and not self._capturing:
                # Before the transaction, which would take the capture back with it.
                log.install_capture(connection)
                self._capturing = True
            connection.execute("BEGIN IMMEDIATE")
            try:
                # Only now is it sure that no number in between is another program's.
                self._taken_before = last_seq(connection)
                check(connection, self.known)
                yield connection
                self._take_time()
            except sqlite3.IntegrityError as error:
                if (held := held_back(connection, error)) is not None:
                    raise UsageError(f"nothing was changed: {held}") from error
                raise
            finally:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
        except FAULTS as error:
            if (counted := self._counted_out(error)) is not None:
                raise counted from error
            raise as_store_error(self.path, error) from error

    def _take_time(self) -> None:
        """Once something is written, wait as every writer does: who tried the whole again would do that part twice."""
        if self._hasty:
            self.connection.execute(f"PRAGMA busy_timeout = {writers_wait_ms()}")
            self._hasty = False

    def _counted_out(self, error: Exception) -> StoreError | None:
        """What SQLite calls a full disk where it has no more row numbers; None when that is not the fault."""
        if getattr(error, "sqlite_errorcode", 0) != sqlite3.SQLITE_FULL:
            return None
        found = self.connection.execute(
            "SELECT name FROM main.sqlite_sequence WHERE seq >= ? ORDER BY name LIMIT 1", (LAST_ROW,)
        ).fetchone()
        if found is None:
            return None
        return StoreError(
            f"{self.path}: the table {found[0]} has given out its last row number, so nothing was changed;"
            " `dateline rescue` makes a store of it that counts on from its rows"
        )

    def _append(self, who: str | None, what: str, changes: list[log.Change]) -> None:
        """Write the log's row; raises StoreError when the file has gone from its place meanwhile."""
        self.written = log.append(self.connection, who or writer(), what, changes)
        first = self._taken_before + 1 if self.taken is None else self.taken[0]
        self.taken = (first, last_seq(self.connection))
        self._check_place()

    def _check_place(self) -> None:
        lost = self.lost()
        if lost is not None:
            raise StoreError(f"nothing was written: {lost}")

    def data_version(self) -> int:
        """A number that differs after another connection has changed the store (SQLite's own, per connection)."""
        return int(self.connection.execute("PRAGMA data_version").fetchone()[0])

    def _settle(self, tell: Tell) -> None:
        """Fill intervals that plain SQL left open, as a logged write of its own; see `SETTLED_EACH` for very many."""
        open_ = unsettled(self.connection)
        if 0 < open_ <= SETTLED_EACH:
            with self.write(SETTLE) as connection:
                settle(connection, strict=False)
        elif open_:
            if tell is not None:
                tell(f"{self.path.name}: filling in the first and last days of {open_:,} incidents, once")
            with self._transaction(capture=False) as connection:
                filled = settle(connection, strict=False)
                if filled:
                    self._append(None, SETTLE, [log.Change(SETTLE, 0, None, {"incidents": filled})])
                connection.execute("COMMIT")


def writer() -> str:
    """The name that the log gives to who writes: DATELINE_USER, or the login name."""
    return (
        os.environ.get("DATELINE_USER") or os.environ.get("USER") or os.environ.get("LOGNAME") or f"uid {os.getuid()}"
    )


def writers_wait_ms() -> int:
    """How long a writer waits for another program's lock before saying so, milliseconds."""
    return round(BUSY_MS * WRITERS_WAIT)


def _connect(path: Path, mode: str, wait_ms: int | None = None) -> sqlite3.Connection:
    if wait_ms is None:
        wait_ms = writers_wait_ms() if mode == "mode=rw" else BUSY_MS
    return connected(path, mode, wait_ms)


def _version(store: Store) -> int:
    """The store's schema version; raises StoreError for another program's file or a newer store."""
    path, connection = store.path, store.connection
    with one_moment(connection):  # another program may be upgrading it
        application = connection.execute("PRAGMA application_id").fetchone()[0]
        version = _stamped(connection)
        if application != schema.APPLICATION_ID:
            raise StoreError(f"{path} is a SQLite file, but not a Dateline store")
        if version > schema.VERSION:
            raise StoreError(
                f"{path} was made by a newer Dateline (store version {version}, this program knows {schema.VERSION});"
                " update Dateline to open it"
            )
        reason = soundness.unsafe(connection)
        if reason is None and version < schema.VERSION:
            reason = soundness.unsafe_to_upgrade(connection, version)
        fault = soundness.looked_through(connection, path) if reason is None else None
        if fault is not None and soundness.endless(fault):
            reason = f"is damaged (it has pages in several places, so reading might not end: {soundness.first(fault)})"
    if reason is not None:
        raise StoreError(f"{path} {reason}; it is not opened (see docs/recovery.md)")
    return version


def _upgrade(path: Path, version: int, tell: Tell, wait_ms: int | None) -> None:
    """Upgrade an older store in place, keeping a copy beside it."""
    if not store_file.writable(path):
        raise StoreError(
            f"{path} is an older store (version {version}) and cannot be written to;"
            " copy it to a folder of your own, where Dateline can upgrade it"
        )
    store_file.check_one_name(path)
    if tell is not None:
        tell(f"{path}: upgrading it from store version {version} to {schema.VERSION}, with a copy kept beside it")
    with closing(_connect(path, "mode=rw", wait_ms)) as connection:
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("BEGIN IMMEDIATE")
        copy = None
        try:
            # Another Dateline may have been quicker.
            if _stamped(connection) < schema.VERSION:
                copy = _keep_copy(path, version)
                schema.upgrade_in_transaction(connection)
                connection.execute("COMMIT")
        finally:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            if copy is not None and _stamped(connection) < schema.VERSION:
                # The store is as it was, and each try would leave one more.
                with suppress(OSError):
                    copy.unlink()


def _stamped(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def _keep_copy(path: Path, version: int) -> Path:
    """Copy a store beside itself under a name of its own; the copy appears whole or not at all."""
    try:
        with whole_file.unfinished_store(path) as making:
            whole_file.begin_like(making, path)
            with closing(_connect(path, "mode=ro")) as source, closing(sqlite3.connect(making)) as target:
                source.backup(target)
            return whole_file.put_dated(making, path, f"version-{version}.")
    except OSError as error:
        raise StoreError(f"cannot keep a copy of {path} before upgrading it: {reason(error)}") from error
