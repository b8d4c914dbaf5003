"""A command line carried out in a child of this process: status, stdout and stderr, under limits of its own."""

from __future__ import annotations

import os
import signal
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import main

LONGEST_S = 60
"""SIGALRM ends a child that takes longer."""


class Done(NamedTuple):
    """What a command line came to; a negative status is a signal."""

    status: int
    out: str
    err: str


def dateline(*arguments: str | Path, before: Callable[[], None] | None = None) -> Done:
    """Run a command line in a forked child, `before` first; an exception ends it with status 70 and its traceback."""
    return run(lambda: main.run([str(argument) for argument in arguments]), before=before)


def run(work: Callable[[], int | None], *, before: Callable[[], None] | None = None) -> Done:
    """Run `work` in a forked child with stdout and stderr in files elsewhere than the child may be short of room."""
    with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as err:
        child = os.fork()
        if child == 0:
            status = 70
            try:
                os.dup2(out.fileno(), 1)
                os.dup2(err.fileno(), 2)
                import sys
                import traceback

                sys.stdout, sys.stderr = os.fdopen(1, "w", errors="backslashreplace"), os.fdopen(2, "w")
                signal.alarm(LONGEST_S)
                try:
                    if before is not None:
                        before()
                    status = work() or 0
                    sys.stdout.flush()
                finally:
                    if status == 70:
                        traceback.print_exc()
                    sys.stderr.flush()
            finally:
                os._exit(status)
        _, ended = os.waitpid(child, 0)
        texts: Sequence[str] = [_read(file.fileno()) for file in (out, err)]
        return Done(os.waitstatus_to_exitcode(ended), texts[0], texts[1])


def _read(descriptor: int) -> str:
    os.lseek(descriptor, 0, os.SEEK_SET)
    raw = b""
    while piece := os.read(descriptor, 1 << 16):
        raw += piece
    return raw.decode("utf-8", "replace")
