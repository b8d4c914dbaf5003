"""Limits: what the parts under Dateline cost by themselves, measured in the same run on the same machine."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from functools import partial

from bench.figures import Figure
from bench.program import Size, script
from bench.stores import BenchStore

ECHO, READY = "echo_app.py", "Ready"


def imports(repeat: int) -> list[Figure]:
    """Start to end of the bare interpreter, and of one that imports textual, numpy, or both."""
    found = []
    for what, code in (
        ("interpreter", "pass"),
        ("interpreter + numpy", "import numpy"),
        ("interpreter + textual", "import textual.app"),
        ("interpreter + textual + numpy", "import textual.app, numpy"),
    ):
        argv = [sys.executable, "-c", code]
        subprocess.run(argv, check=True)
        found.append(Figure(what, "ms", _times(partial(subprocess.run, argv, check=True), repeat)))
    return found


def key_to_paint(size: Size, keys: int) -> Figure:
    """Key to painted frame of a program that shows the key and does nothing else."""
    samples = []
    with script(ECHO, size) as terminal:
        terminal.wait(READY)
        terminal.calm()
        for number in range(1, keys + 6):
            at = terminal.press("x")
            took = terminal.wait(f"key {number} x", since=at) * 1e3
            if number > 5:  # the first keys compile what the others only run
                samples.append(took)
            time.sleep(0.06)
    return Figure("trivial app, key → paint", "ms", tuple(samples), "", str(size))


def sql(store: BenchStore, repeat: int) -> list[Figure]:
    """Plain SQL on the store: the total, fifty rows in the middle, one facet, and reading four columns once."""
    found = []
    with closing(sqlite3.connect(f"{store.path.as_uri()}?mode=ro", uri=True)) as connection:
        middle = connection.execute(
            "SELECT date_earliest, date_latest, id FROM incident WHERE date_earliest IS NOT NULL"
            " ORDER BY date_earliest, date_latest LIMIT 1 OFFSET ?",
            (store.rows // 2,),
        ).fetchone()
        for what, statement, values in (
            ("SQL: count(*)", "SELECT count(*) FROM incident", ()),
            (
                "SQL: 50 rows by date",
                "SELECT id, key, title, date_edtf, event_type, place_id FROM incident"
                " WHERE (date_earliest, date_latest) >= (?, ?) ORDER BY date_earliest, date_latest LIMIT 50",
                middle[:2] if middle else ("", ""),
            ),
            ("SQL: one facet, GROUP BY", "SELECT event_type, count(*) FROM incident GROUP BY 1", ()),
            (
                "SQL: four columns read once",
                "SELECT sum(length(date_earliest)), sum(length(date_latest)), sum(length(event_type)), sum(place_id)"
                " FROM incident",
                (),
            ),
        ):
            fetch = partial(_fetch, connection, statement, values)
            fetch()
            found.append(Figure(what, "ms", _times(fetch, repeat), store.label))
    return found


def _fetch(connection: sqlite3.Connection, statement: str, values: Sequence[object]) -> None:
    connection.execute(statement, values).fetchall()


def _times(action: Callable[[], object], repeat: int) -> tuple[float, ...]:
    """Milliseconds of each of `repeat` calls."""
    samples = []
    for _ in range(repeat):
        began = time.perf_counter()
        action()
        samples.append((time.perf_counter() - began) * 1e3)
    return tuple(samples)
