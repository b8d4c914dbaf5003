"""The file that a store is, as it stands on disk: looked at before SQLite sees it."""

from __future__ import annotations

from pathlib import Path

from db.errors import StoreError, reason

_HEADER = b"SQLite format 3\x00"


def place(path: Path) -> tuple[int, int] | None:
    """Device and inode of a file, None when there is none that can be looked at."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def check(path: Path) -> None:
    """Refuse what is plainly no store before SQLite sees it: SQLite would make or overwrite files."""
    try:
        if path.is_dir():
            raise StoreError(f"{path} is a directory, not a store; name the file in it")
        if not path.exists():
            if path.is_symlink():
                raise StoreError(f"{path} is a symbolic link that leads nowhere; remove it, or name the store itself")
            raise StoreError(f"no store at {path}; `dateline seed --store {path}` makes one with the bundled incidents")
        if not path.is_file():
            raise StoreError(f"{path} is not a regular file, so it is not a store")
        size = path.stat().st_size
    except OSError as error:
        raise StoreError(f"cannot read {path}: {reason(error)}") from error
    if not size:
        raise StoreError(f"{path} is empty, not a Dateline store; remove it and run `dateline seed --store {path}`")


def is_sqlite(path: Path) -> bool:
    """Whether a file that SQLite does not take has SQLite's header all the same, so that it is a damaged store.

    Asked of no other file: whoever opens and closes a store beside SQLite loses all locks of this process on it
    (POSIX), and another process that closes it then takes itself for the last and deletes the write-ahead log.
    """
    try:
        with path.open("rb") as file:
            return file.read(len(_HEADER)) == _HEADER
    except OSError:
        return False
