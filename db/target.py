"""Whether a path may be written to: asked of every file that a command or a dialog names for text."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable
from pathlib import Path

from db import store_file
from db.errors import UsageError, first_line, reason


def check_target(path: Path, *, stores: Iterable[Path] = (), read: Iterable[Path] = ()) -> None:
    """Raise UsageError, in one line, where writing a text to `path` would harm a store or what is read meanwhile.

    `stores` are those in use, there or not: neither they, under whatever name, nor what SQLite keeps beside them may be
    written to; nor any other database, nor a directory or a disk.  `read` are the files that the command reads.
    """
    try:
        for store in stores:
            if same(path, store):
                raise UsageError(f"{path} is the store itself; name another file")
            if any(same(path, side) for side in store_file.sides(store)):
                raise UsageError(f"{path} is where SQLite keeps a part of the store {store}; name another file")
        for file in read:
            if same(path, file):
                raise UsageError(f"{path} is read by this command; name another file to write to")
        store_file.check_name(path)
        whose = store_file.side_of(path)
        if whose is not None:
            raise UsageError(f"{path} is where SQLite keeps a part of {whose}, if that is a store; name another file")
        if not path.exists():
            return
        mode = path.stat().st_mode
        if stat.S_ISDIR(mode):
            raise UsageError(f"{path} is a directory; name a file in it")
        if stat.S_ISBLK(mode) or stat.S_ISSOCK(mode):
            raise UsageError(f"{path} is {'a disk' if stat.S_ISBLK(mode) else 'a socket'}; name a file")
        if stat.S_ISREG(mode) and (_in_use(path) or store_file.is_sqlite(path)):
            raise UsageError(f"{path} is a database, which no text is written over; name another file")
    except OSError as error:
        raise UsageError(f"cannot write {path}: {reason(error)}") from error
    except ValueError as error:  # a NUL character
        raise UsageError(f"cannot write {path}: {first_line(error)}") from error


def is_terminal(path: Path) -> bool:
    """Whether what is written to `path` appears on a terminal; False also where that cannot be told."""
    try:
        if not path.is_char_device():
            return False
        descriptor = os.open(path, os.O_WRONLY | os.O_NOCTTY | os.O_NONBLOCK)
    except (OSError, ValueError):
        return False
    try:
        return os.isatty(descriptor)
    finally:
        os.close(descriptor)


def same(one: Path, other: Path) -> bool:
    """Whether two paths are one file, by way of links too, or would be one if they were there; raises OSError."""
    if os.path.realpath(one) == os.path.realpath(other):
        return True
    return one.exists() and other.exists() and one.samefile(other)


def _in_use(path: Path) -> bool:
    """Whether SQLite has something beside the file, so that it need not, and must not, be opened to know it."""
    return any(os.path.lexists(side) for side in store_file.sides(path))
