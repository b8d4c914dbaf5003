"""The stores that are measured: the seeds and generated ones, made once and kept in bench/data."""

from __future__ import annotations

import hashlib
import re
import sqlite3
import subprocess
import sys
from collections import Counter
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from bench.report import progress

ROOT = Path(__file__).resolve().parent.parent
DATA = ROOT / "bench" / "data"
HOME = DATA / "home"
"""The measured programs' home folder: no settings of the user's, and a cache that can be thrown away."""

SEEDS = "30"
"""Label of the store that holds the bundled seeds: 45 rows, of which 20 are incidents."""

_SIZE = re.compile(r"(\d+)([kM]?)")
_WORD = re.compile(r"[a-z]{4,}")


@dataclass(frozen=True, slots=True)
class BenchStore:
    """A store to measure; `rows` counts incidents, aggregates and context."""

    label: str
    path: Path
    rows: int

    @property
    def generated(self) -> bool:
        """Whether it came from the generator and not from the seeds."""
        return self.label != SEEDS


@dataclass(frozen=True, slots=True)
class Material:
    """What to type and where to go in a store: words of its titles, and days spread over its span.

    `frequent` is the word nearest to one incident in twenty, `rare` one of the rarest.
    """

    frequent: str
    rare: str
    days: tuple[str, ...]


def size(label: str) -> int:
    """The number of incidents that "10k", "1M" or "250" stands for; raises ValueError for anything else."""
    found = _SIZE.fullmatch(label)
    if found is None or int(found[1]) == 0:
        raise ValueError(f"{label!r} is no size; sizes are written 30, 10k, 100k, 1M")
    return int(found[1]) * {"": 1, "k": 1_000, "M": 1_000_000}[found[2]]


def prepare(label: str) -> BenchStore:
    """The store for a size, made if bench/data has none for the present schema, seeds and generator."""
    sources = [*sorted((ROOT / "db" / "sql").glob("*.sql")), ROOT / "db" / "schema.py"]
    generator = [ROOT / "bench" / "generate.py", ROOT / "bench" / "world.py"]
    sources += sorted((ROOT / "seed").glob("*.sql")) if label == SEEDS else generator
    digest = hashlib.sha256(b"".join(source.read_bytes() for source in sources)).hexdigest()[:10]
    path = DATA / f"{label}-{digest}.db"
    if not path.exists():
        HOME.mkdir(parents=True, exist_ok=True)
        for old in DATA.glob(f"{label}-*"):
            old.unlink()
        progress(f"making the store of {label} ...")
        making = DATA / f"making-{label}.db"
        for left in DATA.glob(f"{making.name}*"):
            left.unlink()
        if label == SEEDS:
            _seed(making)
        else:
            subprocess.run(
                [sys.executable, "-m", "bench.generate", str(size(label)), str(making)], cwd=ROOT, check=True
            )
        with closing(sqlite3.connect(making)) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        making.rename(path)
        for suffix in ("-wal", "-shm"):
            making.with_name(making.name + suffix).unlink(missing_ok=True)
    with closing(sqlite3.connect(path)) as connection:
        return BenchStore(label, path, int(connection.execute("SELECT count(*) FROM incident").fetchone()[0]))


def _seed(path: Path) -> None:
    from db.store import Store
    from seed.load import bundled, load

    with Store.create(path) as store:
        load(store, bundled())


def material(store: BenchStore) -> Material:
    """Words and days from the store itself, so that every store has some that fit."""
    with closing(sqlite3.connect(store.path)) as connection:
        step = max(1, store.rows // 2_000)
        titles = connection.execute("SELECT title FROM incident WHERE id % ? = 0", (step,)).fetchall()
        count = int(connection.execute("SELECT count(*) FROM incident WHERE date_earliest IS NOT NULL").fetchone()[0])
        days = [
            connection.execute(
                "SELECT date_earliest FROM incident WHERE date_earliest IS NOT NULL ORDER BY date_earliest"
                " LIMIT 1 OFFSET ?",
                (count * tenths // 10,),
            ).fetchone()[0]
            for tenths in (5, 1, 8, 3, 9)
        ]
        words = Counter(word for (title,) in titles for word in set(_WORD.findall(title.lower())))
        ordered = sorted(words, key=lambda word: (-words[word], word))
        frequent = min(ordered[:80], key=lambda word: abs(_hits(connection, word) - store.rows / 20))
    return Material(frequent, ordered[-1], tuple(str(day)[:10] for day in days))


def _hits(connection: sqlite3.Connection, word: str) -> int:
    found = connection.execute("SELECT count(*) FROM incident_text WHERE incident_text MATCH ?", (f'"{word}"',))
    return int(found.fetchone()[0])
