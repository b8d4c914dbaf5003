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
def drawn_line(*, at_once: bool = False) -> Iterator[Callable[[Callable[[float], str]], None]]:
    """Give what draws the words that a function makes of the seconds gone by, where it is time; cleared in the end."""
    began = time.monotonic()
    drawn = began - REDRAW_S if at_once else began

    def draw(words: Callable[[float], str]) -> None:
        nonlocal drawn
        now = time.monotonic()
        if now - drawn >= REDRAW_S:
            drawn = now
            sys.stderr.write(f"\r\x1b[K{words(now - began)}")
            sys.stderr.flush()

    try:
        yield draw
    finally:
        sys.stderr.write("\r\x1b[K")
        sys.stderr.flush()


@contextmanager
def part_done() -> Iterator[Callable[[float], None] | None]:
    """Give what draws which part of the work is done; None where stderr is no terminal."""
    if not sys.stderr.isatty():
        yield None
        return
    with drawn_line() as line:
        yield lambda done: line(lambda _: f"{done:.0%}")


@contextmanager
def counting(target: Path | None) -> Iterator[Counting | None]:
    """Give what draws the line for a file that is written; None for a pipe, or where the result itself is shown."""
    if target is None or not sys.stderr.isatty():
        yield None
        return
    name = target.name
    with drawn_line() as line:

        def draw(done: int, of: int) -> None:
            if done:
                line(lambda gone: f"{output.line(name)}: {done:,} of {of:,}, {gone * (of - done) / done:,.0f} s left")

        yield draw
