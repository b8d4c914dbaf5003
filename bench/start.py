"""From the start of the program to the first frame, to rows, and to all that belongs on the screen; and its memory."""

from __future__ import annotations

import shutil
from pathlib import Path

from bench.figures import NONE, Figure, Target
from bench.program import NAME, Shot, Size, dateline, script
from bench.stores import HOME, BenchStore

EMPTY, READY = "empty_app.py", "Ready"


def first_paint(main: Path, store: BenchStore, size: Size, repeat: int) -> list[Figure]:
    """First frame and memory of the seeds beside those of an empty Textual program, started in turn."""
    ours, empty = [], []
    our_memory, empty_memory = [], []
    for warm_up in (True, *[False] * repeat):  # the first start of each fills the disk's cache and compiles
        with script(EMPTY, size) as terminal:
            at = terminal.wait(READY) * 1e3
            terminal.calm()
            memory = terminal.memory().resident
        if not warm_up:
            empty.append(at)
            empty_memory.append(memory)
        with dateline(main, store, size) as terminal:
            at = terminal.wait(NAME) * 1e3
            terminal.calm()
            memory = terminal.memory().resident
        if not warm_up:
            ours.append(at)
            our_memory.append(memory)
    empty_start = Figure("empty app", "ms", tuple(empty), "", str(size))
    empty_size = Figure("empty app", "MiB", tuple(empty_memory), "", str(size))
    return [
        empty_start,
        Figure("start → first paint", "ms", tuple(ours), store.label, str(size), Target(ratio=1.2), empty_start),
        empty_size,
        Figure("memory at rest", "MiB", tuple(our_memory), store.label, str(size), Target(ratio=1.2), empty_size),
    ]


def cold(main: Path, store: BenchStore, size: Size) -> tuple[list[Figure], Shot]:
    """The first start on a store, with no cache: until rows are there, until everything is; and that last screen.

    The end screen must be known to be waited for, so an untimed start goes before, also without a cache.
    """
    forget_caches()
    with dateline(main, store, size) as terminal:
        terminal.wait(NAME, timeout=60)
        terminal.calm(quiet=0.5, timeout=1_800)
        shot = Shot.of(terminal.lines)
    forget_caches()
    with dateline(main, store, size) as terminal:
        rows = terminal.wait(shot.rows_shown, timeout=1_800)
        whole = terminal.wait(shot.whole, timeout=1_800)
        terminal.calm(quiet=0.5, timeout=1_800)
        peak = terminal.memory().peak
    where = (store.label, str(size))
    found = [
        Figure("cold start → rows", "s", (rows,), *where),
        Figure("cold start → whole screen", "s", (whole,), *where, _cold_target(store)),
    ]
    if peak is not None:
        found.append(Figure("peak memory of a cold start", "MiB", (peak,), *where))
    return found, shot


def _cold_target(store: BenchStore) -> Target:
    return Target(median=30) if store.rows >= 1_000_000 else NONE


def warm(main: Path, store: BenchStore, size: Size, shot: Shot, repeat: int, limit: Figure) -> list[Figure]:
    """Later starts, with what the first one kept: until rows and until the whole screen, and memory at rest."""
    rows, whole, memory = [], [], []
    for _ in range(repeat):
        with dateline(main, store, size) as terminal:
            rows.append(terminal.wait(shot.rows_shown, timeout=300))
            whole.append(terminal.wait(shot.whole, timeout=300))
            terminal.calm()
            memory.append(terminal.memory().resident)
    where = (store.label, str(size))
    full = Target(median=1.5) if store.rows >= 1_000_000 else NONE
    found = [
        Figure("start → rows", "s", tuple(rows), *where, NONE, limit),
        Figure("start → whole screen", "s", tuple(whole), *where, full, limit),
    ]
    if store.generated:
        small = Target(median=250 * 1e6 / 2**20) if store.rows >= 1_000_000 else NONE
        found.append(Figure("memory at rest", "MiB", tuple(memory), *where, small))
    return found


def forget_caches() -> None:
    """Remove what the measured programs keep in their home folder."""
    shutil.rmtree(HOME, ignore_errors=True)
    HOME.mkdir(parents=True)
