"""Files that the user names to be read: regular ones and pipes, and no more of them than memory bears."""

from __future__ import annotations

import stat
from pathlib import Path

from db.errors import UsageError
from db.store_file import kind

MOST_TEXT = 1_000_000_000
"""Largest text that is read whole, bytes: SQLite keeps none that is longer."""

MOST_SETTINGS = 1 << 20
"""Largest file of settings or of a mapping, bytes; those that people write have some thousand."""


def check_input(path: Path, *, pipes: bool = True) -> int:
    """Refuse with UsageError what is no file, or a pipe too unless `pipes`: a device has no end; raises OSError.

    Returns the bytes that the file has, 0 for a pipe.
    """
    found = path.stat()
    mode = found.st_mode
    if stat.S_ISDIR(mode):
        raise UsageError(f"{path} is a directory; name the file in it")
    if not stat.S_ISREG(mode) and not (pipes and stat.S_ISFIFO(mode)):
        raise UsageError(f"{path} is {kind(mode)}, which is not read; name a file")
    return found.st_size if stat.S_ISREG(mode) else 0


def read_whole(path: Path, most: int, *, pipes: bool = True) -> bytes:
    """All bytes of a file, `most` at the most; raises UsageError when it has more, or `check_input` refuses it."""
    content = b""
    large = check_input(path, pipes=pipes) > most
    if not large:
        with path.open("rb") as file:
            content = file.read(most + 1)
    if large or len(content) > most:
        raise UsageError(f"{path} is larger than {most:,} bytes, which is more than is read")
    return content
