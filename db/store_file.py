"""The file that a store is, and those that SQLite keeps beside it, as they stand on disk: looked at before it does."""

from __future__ import annotations

import os
import stat
import time
from pathlib import Path

from db.errors import ReadOnlyError, StoreError, UsageError, reason

_HEADER = b"SQLite format 3\x00"

LOG = "-wal"
"""What the name of a store's write-ahead log has at its end."""

_SIDES = (LOG, "-shm", "-journal")


def place(path: Path) -> tuple[int, int] | None:
    """Device and inode of a file, None when there is none that can be looked at."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def size(path: Path) -> int:
    """Bytes of a file, 0 when there is none that can be looked at."""
    try:
        return path.stat().st_size
    except OSError:
        return 0


def sides(path: Path) -> list[Path]:
    """Where SQLite keeps a store's write-ahead log, its index and the journal: beside the file, not beside a link."""
    real = Path(os.path.realpath(path))
    return [Path(f"{real}{side}") for side in _SIDES]


def writable(path: Path) -> bool:
    """Whether a store can be written to: the file, and the folder where SQLite keeps what stands beside it."""
    return os.access(path, os.W_OK) and folder_writable(path) and not _held_sides(path)


def unwritable(path: Path) -> ReadOnlyError:
    """Why a store cannot be written to, and what to do: for itself or its folder, or for what stands beside it."""
    held = _held_sides(path) if os.access(path, os.W_OK) else []
    if held:
        names = " ".join(side.name for side in held)
        if all(side.lstat().st_uid == os.geteuid() for side in held):
            remedy = f"as is left of a reading while the store could not be; first `chmod u+w {names}` there"
        elif size(log_of(path)):
            remedy = "which has writes of another user in it; copy all of them to a folder of your own first"
        else:
            remedy = f"as another user has left it who read the store; once nobody has it open, `rm -f {names}` there"
        return ReadOnlyError(f"{path} cannot be written to, for {held[0].name} beside it cannot, {remedy}")
    return ReadOnlyError(f"{path} cannot be written to; copy it to a folder of your own first")


def _held_sides(path: Path) -> list[Path]:
    """What stands beside a store and cannot be written to."""
    return [side for side in sides(path) if os.path.lexists(side) and not os.access(side, os.W_OK)]


def folder_writable(path: Path) -> bool:
    """Whether SQLite can keep files beside a store: beside the file, not beside a link to it."""
    return os.access(Path(os.path.realpath(path)).parent, os.W_OK)


def check_one_name(path: Path) -> None:
    """Refuse to write to a file that has several names (hard links): SQLite keeps a log for each, and mixes them up."""
    until = time.monotonic() + _NAMING_S
    while (names := os.stat(path).st_nlink) > 1:
        # A new store has two for a moment, that under which it was made and its own.
        if time.monotonic() >= until:
            raise ReadOnlyError(
                f"{path} is a file with {names} names (hard links), each of which would have writes of its own;"
                " copy it to a file of one name first"
            )
        time.sleep(_NAMING_S / 50)


_NAMING_S = 1.0


def check_no_log(path: Path) -> None:
    """Refuse a store that has writes in a log beside it, where that cannot be read."""
    log = log_of(path)
    if size(log):
        raise StoreError(
            f"{path} has writes in {log.name} beside it, which cannot be read where nothing can be written;"
            " copy both to a folder of your own first"
        )


def log_of(path: Path) -> Path:
    """Where the write-ahead log of a store is."""
    return sides(path)[0]


def side_of(path: Path) -> Path | None:
    """The file beside which SQLite would take `path` for its log, index or journal, None when there is no such file."""
    for named in (path, Path(os.path.realpath(path))):
        for side in _SIDES:
            name = named.name.removesuffix(side)
            if name and name != named.name and named.with_name(name).is_file():
                return named.with_name(name)
    return None


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


def check_sides(path: Path) -> None:
    """Refuse a store beside which a pipe, a device, a folder or a link stands where SQLite opens a file of its own.

    SQLite waits on a pipe without end; it follows no link there, but says of one only that it cannot open the store.
    """
    for side in sides(path):
        try:
            mode = os.lstat(side).st_mode
        except OSError:
            continue
        if not stat.S_ISREG(mode):
            raise StoreError(
                f"{side} is {kind(mode)} where SQLite keeps a file of its own beside {path}; move it away first"
            )


def check_name(path: Path) -> None:
    """Refuse a name that can only be a folder's, whatever is there: /, . and x/.., by way of links too."""
    if path.name in ("", "..") or not os.path.basename(os.path.realpath(path)):
        raise UsageError(f"{path} is a directory; name a file in it")


def check_folder(path: Path) -> None:
    """Refuse a name in a folder that is not there: of x/../y SQLite asks for no x, and all others do."""
    check_name(path)
    if not path.parent.is_dir():
        raise StoreError(f"cannot write {path}: there is no folder {path.parent}")


def check_free(path: Path) -> None:
    """Refuse a name for a new store that is a folder's, that SQLite takes for a part of another, or that has writes."""
    check_name(path)
    whose = side_of(path)
    if whose is not None:
        raise UsageError(f"{path} is where SQLite keeps a part of {whose}; name another file")
    for side in sides(path):
        try:
            found = os.lstat(side)
        except OSError:
            continue
        if not stat.S_ISREG(found.st_mode) or (found.st_size and not side.name.endswith("-shm")):
            raise UsageError(
                f"{side} is left of a store that stood there, and SQLite would take it for a part of a new {path};"
                " move it away first, or name another file"
            )


def kind(mode: int) -> str:
    """What a file that is no regular one is, from its `st_mode`, in words."""
    for is_it, words in (
        (stat.S_ISDIR, "a directory"),
        (stat.S_ISLNK, "a symbolic link"),
        (stat.S_ISFIFO, "a pipe"),
        (stat.S_ISSOCK, "a socket"),
    ):
        if is_it(mode):
            return words
    return "a device"


def is_sqlite(path: Path) -> bool:
    """Whether a regular file has SQLite's header, damaged or not.

    Asked of no store that this process has open: whoever opens and closes it beside SQLite loses all locks of the
    process on it (POSIX), and another process that closes it then takes itself for the last and deletes the
    write-ahead log.
    """
    try:
        with path.open("rb") as file:
            return file.read(len(_HEADER)) == _HEADER
    except OSError:
        return False
