"""Text files that appear under their name whole, or not at all: written beside it under another, then moved there.

A pipe, a device or an open descriptor (/dev/stdout, /dev/fd/3) is written through as it comes and never replaced.
"""

from __future__ import annotations

import errno
import os
import re
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TextIO, cast

from db import store_file
from db.errors import UsageError, reason
from db.output import OnTerminal
from db.target import check_target

READER_WAIT_S = 3.0
"""How long a pipe may be without a reader, seconds, before that is said: its reader may just be starting."""

_LOOK_S = 0.05
_MOST_LINKS = 40
_DESCRIPTORS = re.compile(r"/dev/fd|/proc/(self|\d+)(/task/\d+)?/fd")
_NO_LINKS = (errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK)


class Growing:
    """A file under way; what was written before the last `keep` is what the file will have."""

    def __init__(self, file: TextIO) -> None:
        self.file = file
        self.kept: int | None = None
        """Where it ends, as `tell` says; None where it shall not appear."""

    def keep(self) -> None:
        """Say that all that was written so far shall stand."""
        self.kept = self.file.tell()


@contextmanager
def growing(path: Path, *, replace: bool = True, newline: str = "") -> Iterator[Growing]:
    """A file that has, when the body ends or is left by an error, what was kept; without that it is as it was before.

    A link is followed to its file.  Raises UsageError when it cannot be written or `check_target` refuses it, or
    without `replace` when there is one of its name by then.
    """
    check_target(path)
    goal = Path(os.path.realpath(path))
    making = unfinished(goal)
    try:
        through = _through(path)
        if through is not None:
            with open(through, "w", encoding="utf-8", errors="surrogateescape", newline=newline) as file:
                # What a terminal would obey is made visible, whichever of its names it was called by.
                yield _Passing(cast("TextIO", OnTerminal(file)) if file.isatty() else file)
            return
        try:
            # Whoever could not read what stands there cannot read in what takes its place, either.
            rights = stat.S_IMODE(goal.stat().st_mode) if goal.exists() else None
            new = os.open(making, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666 if rights is None else rights)
            with open(new, "w", encoding="utf-8", errors="surrogateescape", newline=newline) as file:
                if rights is not None:
                    os.fchmod(new, rights)
                under_way = Growing(file)
                try:
                    yield under_way
                finally:
                    if under_way.kept is not None:
                        file.truncate(under_way.kept)
                        file.close()
                        if replace:
                            making.replace(goal)
                        else:
                            take_name(making, goal)
        finally:
            making.unlink(missing_ok=True)
    except FileExistsError as error:
        raise UsageError(f"{path} was made by another program in this moment; nothing was overwritten") from error
    except OSError as error:
        raise UsageError(f"cannot write {path}: {reason(error)}") from error


def _through(path: Path) -> int | None:
    """A descriptor of what must be written through, since nothing may take its place; None for a file or a new name.

    Raises OSError, and UsageError for a pipe that nobody reads.
    """
    for _ in range(_MOST_LINKS):
        folder = Path(os.path.realpath(path.parent))
        if _DESCRIPTORS.fullmatch(str(folder)) and path.name.isdecimal():
            # Opened anew a file would be written from its beginning, over what others have written to it.
            return os.dup(int(path.name)) if _own(folder) else os.open(path, os.O_WRONLY | os.O_APPEND)
        if not path.is_symlink():
            break
        path = folder / os.readlink(path)
    if not path.exists() or path.is_file():
        return None
    pipe = stat.S_ISFIFO(path.stat().st_mode)
    until = time.monotonic() + READER_WAIT_S
    while True:
        try:
            descriptor = os.open(path, os.O_WRONLY | os.O_NONBLOCK | os.O_NOCTTY)
        except OSError as error:
            if not pipe or error.errno != errno.ENXIO:
                raise
            if time.monotonic() >= until:
                raise UsageError(f"{path} is a pipe that nobody reads; start its reader first") from error
            time.sleep(_LOOK_S)
            continue
        os.set_blocking(descriptor, True)
        return descriptor


def _own(folder: Path) -> bool:
    """Whether a folder of descriptors is that of this process."""
    return str(folder) == "/dev/fd" or folder.samefile("/dev/fd")


class _Passing(Growing):
    """What takes each word as it comes and gives none back."""

    def keep(self) -> None:
        """Nothing is to be kept."""


@contextmanager
def whole(path: Path, *, replace: bool = True, newline: str = "") -> Iterator[TextIO]:
    """A file that appears when the body ends, or not at all; raises UsageError as `growing` does."""
    with growing(path, replace=replace, newline=newline) as under_way:
        yield under_way.file
        under_way.keep()


def write_new(path: Path, text: str) -> None:
    """Write a text, its line ends as they are, to a file that is not there yet; raises UsageError when it is."""
    if os.path.lexists(path):
        raise UsageError(f"{path} exists already; nothing was overwritten")
    with whole(path, replace=False) as file:
        file.write(text)


def unfinished(path: Path) -> Path:
    """A hidden name beside `path` for what is not whole yet.

    Nobody can have prepared a link under it, which would be written through, or a pipe, which would be waited for.
    """
    return path.with_name(f".{path.name}.{os.urandom(6).hex()}.new")


@contextmanager
def unfinished_store(path: Path) -> Iterator[Path]:
    """A hidden name beside `path` for a store to be made; what still stands there in the end goes, with its log."""
    making = unfinished(path)
    try:
        yield making
    finally:
        for each in (making, *store_file.sides(making)):
            with suppress(OSError):
                each.unlink()


def dated(path: Path, mark: str = "before-") -> Path:
    """A free name beside `path` that tells the moment."""
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
    free = path.with_name(f"{path.name}.{mark}{stamp}")
    number = 1
    while os.path.lexists(free):
        number += 1
        free = path.with_name(f"{path.name}.{mark}{stamp}-{number}")
    return free


def begin_like(making: Path, like: Path) -> None:
    """Make an empty file that nobody can read who cannot read another, of which it will be a copy; raises OSError."""
    rights = stat.S_IMODE(os.stat(like).st_mode) & 0o777 | stat.S_IRUSR | stat.S_IWUSR
    os.close(os.open(making, os.O_WRONLY | os.O_CREAT | os.O_EXCL, rights))


def take_name(making: Path, path: Path) -> None:
    """Move a finished file to a name that must be free; raises FileExistsError and OSError."""
    try:
        os.link(making, path)
    except FileExistsError:
        raise
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        # A file system without hard links (FAT): take the name with an empty file, then move the whole one over it.
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o666))
        making.replace(path)
    else:
        making.unlink()


def put_whole(making: Path, path: Path) -> None:
    """Give a finished store, closed by all, its name, which must be free; raises FileExistsError and OSError.

    Raises UsageError where SQLite would take the name, or what stands beside it, for a part of another store.
    """
    store_file.check_free(path)
    if store_file.size(store_file.log_of(making)):
        # What closing could not move into the file would be lost with the other name.
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    take_name(making, path)


def put_dated(making: Path, path: Path, mark: str = "before-") -> Path:
    """Give a finished store, closed by all, a free name beside `path` that tells the moment; raises OSError."""
    while True:
        free = dated(path, mark)
        try:
            put_whole(making, free)
            return free
        except FileExistsError:
            continue  # another program has taken the name in the same second
