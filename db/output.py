"""What the plain commands write: results to stdout, messages to stderr, both safe for whatever reads them."""

from __future__ import annotations

import errno
import io
import os
import shutil
import sys
from collections.abc import Iterable
from typing import TextIO, cast

from db.visible import json_line, visible

NARROWEST, WIDEST = 20, 1_000
"""Columns between which plain output is laid out, whatever COLUMNS says."""


def prepare() -> None:
    """Make the streams bear any text: what their encoding lacks is printed escaped.

    Where the shell has closed stdout a result is an error, and where it has closed stderr messages are lost.
    """
    for number in range(3):
        # A file opened later would get the number of a closed stream, and what is written to /dev/stdout.
        _hold(number)
    if sys.stdout is None:
        sys.stdout = cast("TextIO", _Closed())
    if sys.stderr is None:
        sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")


def _hold(number: int) -> None:
    try:
        os.fstat(number)
    except OSError:
        # The lowest number that is free is this one.  Neither end takes what is meant for the other.
        os.open(os.devnull, os.O_WRONLY if number == 0 else os.O_RDONLY)


class _Closed(io.TextIOBase):
    """Stands for a stdout that the shell has closed."""

    encoding = "utf-8"

    def write(self, text: str) -> int:
        """Raise OSError: there is nobody who could read the result."""
        raise OSError(errno.EBADF, "standard output is closed")

    def fileno(self) -> int:
        """Its number, which `prepare` holds."""
        return 1


def abandon() -> None:
    """Let what is left for stdout go nowhere: nobody takes it, and Python would complain of that at exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


class OnTerminal(io.TextIOBase):
    """Writes to a terminal, with whatever it would obey made visible; `stdout` tells when one is needed."""

    def __init__(self, terminal: TextIO) -> None:
        self._terminal = terminal

    def write(self, text: str) -> int:
        """Write text, its line ends as they are."""
        self._terminal.write(visible(text.replace("\r\n", "\n")))
        return len(text)


def stdout() -> TextIO:
    """Where results go: as they are to a file or a pipe, and safe to look at on a terminal."""
    return cast("TextIO", OnTerminal(sys.stdout)) if sys.stdout.isatty() else sys.stdout


def data() -> TextIO:
    """Where a file's content goes that is written to stdout: in UTF-8 as into a file, whatever the locale says."""
    if not sys.stdout.isatty() and isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8", errors="surrogateescape")
    return stdout()


def write(lines: Iterable[str]) -> None:
    """Write lines of a result to stdout; lines that hold text from a store have been made safe before (`line`)."""
    out = stdout()
    for text in lines:
        out.write(text + "\n")


def write_json(values: Iterable[object]) -> None:
    """Write values to stdout as JSON, one a line, in the letters that its encoding has."""
    encoding = (sys.stdout.encoding or "").lower().replace("-", "").replace("_", "")
    # Python's own escapes for letters that an encoding lacks would not be JSON.
    write(json_line(value, ascii_only=encoding != "utf8") for value in values)


def say(message: str) -> None:
    """Write one line for the person to stderr."""
    tell(f"dateline: {line(message)}")


def tell(text: str) -> None:
    """Write text to stderr; where that is full, or its reader gone, nobody can be told, and the work goes on."""
    try:
        print(text, file=sys.stderr)
        sys.stderr.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stderr.fileno())


def line(text: str) -> str:
    """`text` as one line that is safe on a terminal."""
    return visible(text, newline=" ", tab=" ")


def width() -> int | None:
    """Columns of the terminal that stdout is; None for a pipe or a file, where nothing need be cut."""
    if not sys.stdout.isatty():
        return None
    return min(max(shutil.get_terminal_size().columns, NARROWEST), WIDEST)
