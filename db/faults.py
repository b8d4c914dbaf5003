"""What SQLite says of a store that cannot be read or written, in words of what the user can do."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from db import schema
from db.errors import LockedError, ReadOnlyError, StoreError, first_line
from db.store_file import unwritable

FAULTS = (sqlite3.Error, UnicodeDecodeError)
"""What reading a store can raise: SQLite's errors, and Python's own where an error message quotes damaged bytes."""

GREATEST = "1 GB"
"""What SQLite keeps in one value, unless it was built otherwise (SQLITE_MAX_LENGTH)."""

_UNWRITTEN = (
    sqlite3.SQLITE_IOERR_WRITE,
    sqlite3.SQLITE_IOERR_FSYNC,
    sqlite3.SQLITE_IOERR_TRUNCATE,
    sqlite3.SQLITE_IOERR_SHMSIZE,
)
_LOCKED = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
_UNFINISHED = (sqlite3.SQLITE_READONLY_ROLLBACK, sqlite3.SQLITE_READONLY_RECOVERY)


def as_store_error(path: Path, error: sqlite3.Error | UnicodeDecodeError) -> StoreError:
    """SQLite's own words for a fault (one of FAULTS), turned into what the user can do."""
    if isinstance(error, UnicodeDecodeError):
        return StoreError(f"{path} is damaged (its schema is not text); restore a copy, or see docs/recovery.md")
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code in _LOCKED:
        return LockedError(f"{path} is locked by another program; close it there or try again")
    if getattr(error, "sqlite_errorcode", 0) in _UNFINISHED:
        return ReadOnlyError(
            f"{path} was left in the middle of a write of another program, whose journal stands beside it;"
            " where you trust whoever gave you the files, open it once with that program, or with sqlite3, to take the"
            " write back: SQLite then deletes a file that a forged journal names"
        )
    if code == sqlite3.SQLITE_READONLY:
        return unwritable(path)
    if code == sqlite3.SQLITE_TOOBIG:
        return StoreError(
            f"{path}: this is more than one step of the log, or one text, can hold ({GREATEST}); nothing was changed;"
            " do it in several steps, or load large files with `dateline import`"
        )
    if code == sqlite3.SQLITE_FULL:
        return StoreError(f"{path}: the disk is full; nothing was changed")
    if code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
        return damaged(path, first_line(error))
    if getattr(error, "sqlite_errorcode", 0) in _UNWRITTEN:
        return StoreError(f"cannot write to {path}: {first_line(error)} (is the disk full, or a quota?)")
    if code in (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_IOERR):
        return StoreError(f"cannot read {path}: {first_line(error)}")
    return StoreError(f"{path}: {first_line(error)}")


def held_back(connection: sqlite3.Connection, error: BaseException) -> str | None:
    """Which tables of the owner's own stand against a write by their foreign keys, and what to do; None for none.

    Asked before the write is taken back: what is only looked at when it ends has left their rows pointing nowhere.
    """
    if not isinstance(error, sqlite3.IntegrityError) or "FOREIGN KEY" not in str(error):
        return None
    parents = schema.referring(connection)
    names = [name for name in parents if _dangles(connection, name)] or list(parents)
    if not names:
        return None
    return (
        f"the table {' or '.join(names[:3])}, which is not Dateline's, refers to rows of"
        f" {' or '.join(dict.fromkeys(parents[name] for name in names[:3]))} that would go; delete those rows of"
        f" {'it' if len(names) == 1 else 'them'} first, or have them refer to others"
    )


def _dangles(connection: sqlite3.Connection, table: str) -> bool:
    """Whether a row of a table points to one that is not there; False where SQLite cannot tell."""
    quoted = table.replace('"', '""')
    try:
        return connection.execute(f'PRAGMA main.foreign_key_check("{quoted}")').fetchone() is not None
    except sqlite3.Error:
        return False


def is_locked(error: BaseException) -> bool:
    """Whether an error, SQLite's own or the one made of it, says that another program holds the store's lock."""
    return isinstance(error, LockedError) or getattr(error, "sqlite_errorcode", 0) & 0xFF in _LOCKED


def damaged(path: Path, fault: str) -> StoreError:
    """The error for a store in which a fault was found."""
    return StoreError(f"{path} is damaged ({fault}); restore a copy, or see docs/recovery.md")
