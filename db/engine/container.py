"""A file of named blobs under checksums: the form of both caches.  Whatever is wrong with such a file, it is no error
but a reason to make it anew.

    offset  length
    0       8       DATELINE
    8       4       version of the format, little-endian as all numbers
    12      8       where the directory begins
    20      8       its length
    28      4       its CRC-32
    32      4       the CRC-32 of the 32 bytes before
    36      ...     blobs, then the directory: JSON {"about": ..., "blobs": {name: [offset, length, CRC-32]}}
"""

from __future__ import annotations

import json
import os
import stat
import struct
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from db.whole_file import unfinished

FORMAT = 3
"""Raised with every change of what caches hold; a file of another format is not read."""

_MAGIC = b"DATELINE"
_HEAD = struct.Struct("<8sIQQI")
_SUM = struct.Struct("<I")


class DamagedError(Exception):
    """A file is not, or no longer, what a container writes; never shown, the file is made anew."""


class Writer:
    """Takes blobs in any order; see `writing`."""

    def __init__(self, descriptor: int) -> None:
        self._file = os.fdopen(descriptor, "wb")
        self._file.write(b"\0" * (_HEAD.size + _SUM.size))
        self._at = _HEAD.size + _SUM.size
        self._blobs: dict[str, tuple[int, int, int]] = {}

    def add(self, name: str, blob: bytes | bytearray | memoryview) -> None:
        """Write a blob under a name of its own."""
        view = memoryview(blob).cast("B")
        self._blobs[name] = (self._at, len(view), zlib.crc32(view))
        self._file.write(view)
        self._at += len(view)

    def alias(self, name: str, other: str) -> None:
        """Give a blob a second name."""
        self._blobs[name] = self._blobs[other]

    def finish(self, about: Any) -> None:
        """Write the directory, with what the file says about itself (JSON), and close it."""
        directory = json.dumps({"about": about, "blobs": self._blobs}, separators=(",", ":")).encode()
        self._file.write(directory)
        head = _HEAD.pack(_MAGIC, FORMAT, self._at, len(directory), zlib.crc32(directory))
        self._file.seek(0)
        self._file.write(head + _SUM.pack(zlib.crc32(head)))
        self._file.close()

    def abandon(self) -> None:
        """Close the file as it is."""
        self._file.close()


@contextmanager
def writing(path: Path) -> Iterator[Writer]:
    """Write a container that only its owner can read; it takes the place of `path` when whole, else nothing is left.

    Raises OSError where that cannot be done.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    making = unfinished(path)
    try:
        writer = Writer(os.open(making, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        try:
            yield writer
        finally:
            writer.abandon()
        making.replace(path)
    finally:
        making.unlink(missing_ok=True)


def json_of(blob: bytes | bytearray) -> object:
    """The value of a blob of JSON; raises DamagedError."""
    try:
        return json.loads(blob)
    except (ValueError, RecursionError) as error:
        raise DamagedError("JSON") from error


class Container:
    """An open file of blobs; another program may put a new one in its place meanwhile, this one stays readable."""

    def __init__(self, path: Path) -> None:
        """Open and check everything but the blobs; raises DamagedError, or OSError when it cannot be read at all."""
        # Without waiting for a writer, as opening a pipe would.
        self._file = os.fdopen(os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC), "rb")
        try:
            status = os.fstat(self._file.fileno())
            if not stat.S_ISREG(status.st_mode):
                raise DamagedError("no file")
            self._size = status.st_size
            head = self._file.read(_HEAD.size + _SUM.size)
            if head[_HEAD.size :] != _SUM.pack(zlib.crc32(head[: _HEAD.size])):
                raise DamagedError("head")
            magic, version, begin, length, checksum = _HEAD.unpack(head[: _HEAD.size])
            if magic != _MAGIC or version != FORMAT:
                raise DamagedError("format")
            if begin + length > self._size:
                raise DamagedError("directory")
            self._file.seek(begin)
            directory = self._file.read(length)
            if len(directory) != length or zlib.crc32(directory) != checksum:
                raise DamagedError("directory")
            match json_of(directory):
                case {"about": dict(about), "blobs": dict(blobs)}:
                    self.about: dict[str, Any] = about
                    self._blobs: dict[str, object] = blobs
                case _:
                    raise DamagedError("directory")
        except BaseException:
            self._file.close()
            raise

    def __contains__(self, name: str) -> bool:
        return name in self._blobs

    def __iter__(self) -> Iterator[str]:
        return iter(self._blobs)

    def read(self, name: str) -> bytearray:
        """A blob, checked; raises DamagedError."""
        match self._blobs.get(name):
            case [int(offset), int(length), int(checksum)] if (
                0 <= offset <= offset + length <= self._size and length >= 0
            ):
                pass
            case _:
                raise DamagedError(name)
        blob = bytearray(length)
        self._file.seek(offset)
        if self._file.readinto(blob) != length or zlib.crc32(blob) != checksum:
            raise DamagedError(name)
        return blob

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def __del__(self) -> None:
        if hasattr(self, "_file"):  # it is not there when the file could not be opened
            self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
