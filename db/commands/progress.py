"""A line on stderr that tells how far long work is, where stderr is a terminal."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from db import output

REDRAW_S = 0.2
"""Seconds between two drawings of the line."""

Counting = Callable[[int, int], None]
"""Takes how many of how many are done."""


@contextmanager
def part_done() -> Iterator[Callable[[float], None] | None]:
    """Give what draws which part of the work is done; None where stderr is no terminal."""
    if not sys.stderr.isatty():
        yield None
        return
    drawn = time.monotonic()

    def draw(done: float) -> None:
        nonlocal drawn
        if time.monotonic() - drawn >= REDRAW_S:
            drawn = time.monotonic()
            sys.stderr.write(f"\r\x1b[K{done:.0%}")
            sys.stderr.flush()

    try:
        yield draw
    finally:
        sys.stderr.write("\r\x1b[K")
        sys.stderr.flush()


@contextmanager
def counting(target: Path | None) -> Iterator[Counting | None]:
    """Give what draws the line for a file that is written; None for a pipe, or where the result itself is shown."""
    if target is None or not sys.stderr.isatty():
        yield None
        return
    began = drawn = time.monotonic()

    def draw(done: int, of: int) -> None:
        nonlocal drawn
        now = time.monotonic()
        if now - drawn < REDRAW_S or not done:
            return
        drawn = now
        left = (now - began) * (of - done) / done
        sys.stderr.write(f"\r\x1b[K{output.line(target.name)}: {done:,} of {of:,}, {left:,.0f} s left")
        sys.stderr.flush()

    try:
        yield draw
    finally:
        sys.stderr.write("\r\x1b[K")
        sys.stderr.flush()
