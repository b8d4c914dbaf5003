"""Making the columns of a large store for the first time, without a screen: how long, and how often it says how far.

Run as a program it is the process that is measured: `python -m bench.builds STORE` prints one JSON object.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.figures import NONE, Figure, Target
from bench.stores import DATA, ROOT, BenchStore


def measure(store: BenchStore, repeat: int) -> list[Figure]:
    """Seconds to the columns and the longest silence of the progress, from an empty cache each time."""
    builds, silences, postings = [], [], []
    for _ in range(repeat):
        with TemporaryDirectory(dir=DATA) as home:
            found = json.loads(
                subprocess.run(
                    [sys.executable, "-m", "bench.builds", str(store.path)],
                    cwd=ROOT,
                    env={**os.environ, "HOME": home, "XDG_CACHE_HOME": f"{home}/cache"},
                    check=True,
                    capture_output=True,
                ).stdout
            )
        builds.append(found["build"])
        silences.append(found["silence"])
        postings.append(found["postings"])
    target = Target(median=30) if store.rows >= 1_000_000 else NONE
    return [
        Figure("cold build of the columns", "s", tuple(builds), store.label, "", target),
        Figure("longest time between two reports of its progress", "s", tuple(silences), store.label),
        Figure("gathering the postings of words, after that", "s", tuple(postings), store.label),
    ]


def _build(path: Path) -> dict[str, float]:
    """Build the columns of one store and gather its postings; seconds of both."""
    from db.engine import finish_engine, gather_postings
    from db.store import Store

    with Store.open(path) as store:
        began = time.perf_counter()
        told = [began]
        finish_engine(store, lambda _: told.append(time.perf_counter()))
        built = time.perf_counter()
        told.append(built)
        gather_postings(store)
        return {
            "build": built - began,
            "silence": max(later - earlier for earlier, later in pairwise(told)),
            "postings": time.perf_counter() - built,
        }


if __name__ == "__main__":
    print(json.dumps(_build(Path(sys.argv[1]))))
