"""Importing: `dateline import` of a file in UCDP GED form beside `sqlite-utils insert` of the same columns.

The two take turns.  `sqlite-utils` puts the columns as they are into one bare table; Dateline reads and checks them,
makes places, actors, documents, quotes and claims of them, full text, indexes and a log row.
"""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

from bench import ged
from bench.figures import Figure, Target
from bench.stores import DATA


def measure(main: Path, rows: int, repeat: int) -> list[Figure]:
    """Seconds and rows a second of both, and the largest resident size of each, in MiB."""
    DATA.mkdir(parents=True, exist_ok=True)
    ours: list[tuple[float, float]] = []
    bare: list[tuple[float, float]] = []
    with TemporaryDirectory(dir=DATA) as folder:
        events = Path(folder) / "events.csv"
        ged.write(events, rows)
        for turn in range(repeat):
            plain, store = Path(folder) / f"bare-{turn}.db", Path(folder) / f"store-{turn}.db"
            insert = ("-m", "sqlite_utils", "insert", str(plain), "ged", str(events), "--csv", "--silent")
            bare.append(_run(folder, *insert))
            ours.append(_run(folder, str(main), "import", str(events), "--as", "ucdp-ged", "--store", str(store)))
            for path in (plain, store):
                _check(path, "ged" if path == plain else "incident", rows)
                path.unlink()
    label = f"{rows // 1000}k"
    limit = Figure("sqlite-utils insert", "s", tuple(seconds for seconds, _ in bare), label)
    limit_size = Figure("sqlite-utils insert", "MiB", tuple(size for _, size in bare), label)
    return [
        limit,
        Figure("import of UCDP GED", "s", tuple(s for s, _ in ours), label, "", Target(ratio=2), limit),
        Figure("sqlite-utils insert: rate", "rows/s", tuple(rows / s for s, _ in bare), label),
        Figure("import of UCDP GED: rate", "rows/s", tuple(rows / s for s, _ in ours), label),
        limit_size,
        Figure("import of UCDP GED: peak memory", "MiB", tuple(size for _, size in ours), label, "", limit=limit_size),
    ]


def _run(folder: str, *arguments: str) -> tuple[float, float]:
    """Seconds and the largest resident size in MiB of a Python program; its exit status must be 0."""
    home = dict.fromkeys(("HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME"), folder)
    began = time.perf_counter()
    with subprocess.Popen(
        [sys.executable, *arguments], env={**os.environ, **home}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        _, status, used = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - began
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"{' '.join(arguments)} ended with the status {process.returncode}")
    kibibytes = used.ru_maxrss / (1024 if sys.platform == "darwin" else 1)
    return seconds, kibibytes / 1024


def _check(path: Path, table: str, rows: int) -> None:
    """Hold a file to having every row, so that no half-done import is timed."""
    with closing(sqlite3.connect(path)) as connection:
        found = connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
    if found != rows:
        raise RuntimeError(f"{path.name} has {found:,} rows of {rows:,}")
