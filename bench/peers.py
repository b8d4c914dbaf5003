"""Other programs on the same incidents, where they are installed: lnav and fzf on lines of text, VisiData on CSV.

What a peer's screen will show is not known beforehand, so a time is that of the last visible change before the
program neither wrote nor computed any more.  None of them counts facets, so fzf's letter is less work than ours.
"""

from __future__ import annotations

import csv
import shutil
import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path

from bench.figures import Figure
from bench.program import Size
from bench.report import progress
from bench.stores import DATA, HOME, BenchStore, Material
from bench.terminal import BACKSPACE, PAGE_DOWN, Terminal

PEERS = ("lnav", "fzf", "vd")
_PAGES = 12
_CALM_S = 600.0
_CLOCK_LINES = 1
"""lnav's first line has a clock, which changes by itself."""


def measure(store: BenchStore, material: Material, sizes: Sequence[Size]) -> tuple[list[Figure], list[str]]:
    """Figures of the peers that are there, and one note that names those that are not."""
    found: list[Figure] = []
    for name in PEERS:
        if (program := shutil.which(name)) is None:
            continue
        for size in sizes:
            progress(f"{name} {size} ...")
            found += _one(name, program, store, material, size)
    absent = [name for name in PEERS if shutil.which(name) is None]
    return found, [f"not installed, so not measured: {', '.join(absent)}"] if absent else []


def _one(name: str, program: str, store: BenchStore, material: Material, size: Size) -> list[Figure]:
    """One peer's start, paging, and for fzf its filter: until the last change, and memory when all is read."""
    where = (store.label, str(size))
    with _started(name, program, store, size) as terminal:
        time.sleep(1.0)
        terminal.calm(quiet=0.5, timeout=_CALM_S)
        changed = terminal.last_change(_CLOCK_LINES) or terminal.started
        found = [
            Figure(f"{name}: start → all read", "s", (changed - terminal.started,), *where),
            Figure(f"{name}: memory", "MiB", (terminal.memory().resident,), *where),
        ]
        # fzf begins at the end of its list; lnav's and VisiData's first pages are taken as they come.
        down = "\x1b[5~" if name == "fzf" else PAGE_DOWN
        if name == "lnav":
            _time(terminal, "g")
        pages = [took for _ in range(_PAGES) if (took := _time(terminal, down)) is not None]
        found.append(Figure(f"{name}: page down", "ms", tuple(pages), *where))
        if name == "fzf":
            words = (material.frequent, material.rare)
            keys = [key for word in words for key in (*word, *[BACKSPACE] * len(word))]
            times = [(key, _time(terminal, key)) for key in keys]
            typed = tuple(took for key, took in times if took is not None and key != BACKSPACE)
            found.append(Figure(f"{name}: letter typed", "ms", typed, *where))
    return [figure for figure in found if figure.samples]


def _time(terminal: Terminal, key: str) -> float | None:
    """Milliseconds from a key to the last visible change it led to; None when nothing changed."""
    terminal.last_change(_CLOCK_LINES)
    at = terminal.press(key)
    time.sleep(0.02)
    terminal.calm(quiet=0.15, timeout=_CALM_S)
    changed = terminal.last_change(_CLOCK_LINES)
    return (changed - at) * 1e3 if changed is not None else None


def _started(name: str, program: str, store: BenchStore, size: Size) -> Terminal:
    home = HOME / name
    home.mkdir(parents=True, exist_ok=True)
    stdin = None
    if name == "vd":
        argv = [program, str(_file(store, "csv"))]
    elif name == "fzf":
        argv, stdin = [program, "--no-mouse", "--exact"], _file(store, "log")
    else:
        argv = [program, str(_file(store, "log"))]
    return Terminal(argv, columns=size.columns, rows=size.rows, environment={"HOME": str(home)}, stdin=stdin)


def _file(store: BenchStore, kind: str) -> Path:
    """The store's dated incidents in order of time as lines with a time stamp, or as CSV; made once."""
    path = DATA / f"{store.path.stem}.{kind}"
    if not path.exists():
        making = path.with_suffix(f".{kind}.new")
        with making.open("w", encoding="utf-8", newline="") as file:
            if kind == "csv":
                csv.writer(file).writerow(("date", "type", "place", "title"))
                csv.writer(file).writerows(_rows(store))
            else:
                file.writelines(
                    f"{day} 00:00:00 {kind_} {place}: {title}\n" for day, kind_, place, title in _rows(store)
                )
        making.replace(path)
    return path


def _rows(store: BenchStore) -> Iterator[tuple[str, str, str, str]]:
    with closing(sqlite3.connect(store.path)) as connection:
        yield from connection.execute(
            "SELECT i.date_earliest, coalesce(i.event_type, ''), coalesce(p.name, ''), i.title FROM incident AS i"
            " LEFT JOIN place AS p ON p.id = i.place_id WHERE i.date_earliest GLOB '[0-9][0-9][0-9][0-9]-*'"
            " ORDER BY i.date_earliest, i.date_latest, i.id"
        )
