"""Kill the program with SIGKILL at random moments of its writes; then the store is whole and has all that was told.

Each victim is a child of this process that carries out real command lines, or the timeline's own edits, one after
another, and says on a pipe after each that it is done.  The kernel lives on: what a power cut does to a disk's
own cache is not tried here.
"""

from __future__ import annotations

import os
import random
import select
import shutil
import signal
import sqlite3
import struct
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import main
from db import edit, schema
from db.store import Store
from db.verify import findings
from tests.torture.material import PER_FILE, full_store, mapping_file, older_store, seed_file, table_file, text
from tests.torture.outcome import Outcome

ROUNDS = 100
"""More writes than a victim lives to do."""

LONGEST_S = 0.35
"""No victim lives longer than this after its first sign of life, seconds."""

Tell = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Bench:
    """What the victims of one run work on: a store to copy, an older one, and files to load."""

    folder: Path
    store: Path
    older: Path
    seeds: list[Path]
    tables: list[Path]
    mapping: Path
    texts: list[Path]

    @classmethod
    def make(cls, folder: Path) -> Bench:
        """Make everything once, before the first victim."""
        store = full_store(folder / "bench.db")
        first = seed_file(folder / "seed-0.sql", 0)
        _dateline("seed", first, "--store", store)
        texts = []
        for number in range(ROUNDS):
            texts.append(folder / f"text-{number}.txt")
            texts[-1].write_text(text(number), encoding="utf-8")
        return cls(
            folder,
            store,
            older_store(folder / "older.db"),
            [seed_file(folder / f"seed-{n}.sql", n) for n in range(1, ROUNDS)],
            [table_file(folder / f"table-{n}.csv", n) for n in range(ROUNDS)],
            mapping_file(folder / "map.toml"),
            texts,
        )


def _dateline(*arguments: str | Path) -> None:
    status = main.run([str(argument) for argument in arguments])
    if status != 0:
        raise RuntimeError(f"{arguments}: status {status}")


# -- victims: what is done over and over until the end --------------------------------------------------------------


def _seed(bench: Bench, path: Path, tell: Tell) -> None:
    for number, file in enumerate(bench.seeds, start=1):
        _dateline("seed", file, "--store", path)
        tell(number)


def _import(bench: Bench, path: Path, tell: Tell) -> None:
    for number, file in enumerate(bench.tables):
        _dateline("import", file, "--as", "csv", "--map", bench.mapping, "--store", path)
        tell(number)


def _attach(bench: Bench, path: Path, tell: Tell) -> None:
    for number, file in enumerate(bench.texts):
        _dateline("attach", file, "--document", "d0", "--store", path)
        tell(number)


def _edit(bench: Bench, path: Path, tell: Tell) -> None:
    for number in range(ROUNDS):
        with Store.open(path, write=True) as store:
            edit.star(store, 1 + number % 20, starred=number // 20 % 2 == 0)
            with store.write("note") as connection:
                connection.execute(
                    "INSERT INTO note (incident_id, text, at) VALUES (1, ?, ?)", (f"killed {number}", edit.now())
                )
        tell(number)


def _migration(bench: Bench, path: Path, tell: Tell) -> None:
    for number in range(ROUNDS):
        shutil.copyfile(bench.older, path.with_name(f"older-{number}.db"))
        Store.open(path.with_name(f"older-{number}.db")).close()
        tell(number)


def _new_store(bench: Bench, path: Path, tell: Tell) -> None:
    for number in range(ROUNDS):
        _dateline("seed", "--store", path.with_name(f"new-{number}.db"))
        tell(number)


def _export(bench: Bench, path: Path, tell: Tell) -> None:
    for number in range(ROUNDS):
        _dateline("export", "--as", "jsonl", "-o", path.with_name(f"out-{number % 3}.jsonl"), "--store", path)
        tell(number)


# -- afterwards -----------------------------------------------------------------------------------------------------


def whole(path: Path) -> list[str]:
    """What is wrong with a store: SQLite's own checks, and all of Dateline's."""
    wrong = []
    with Store.open(path) as store:
        wrong = [f"{f.what}: {f.where}: {f.message}" for f in findings(store.connection) if f.wrong]
    with closing(sqlite3.connect(path)) as connection:
        wrong += [str(row) for row in connection.execute("PRAGMA integrity_check") if row != ("ok",)]
        wrong += [str(row) for row in connection.execute("PRAGMA foreign_key_check")]
    return wrong


def _rows(path: Path, sql: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(sql).fetchall()


def _seeded(bench: Bench, path: Path, told: list[int]) -> list[str]:
    counts: dict[int, int] = dict(
        _rows(path, "SELECT substr(key, 2, instr(key, '-') - 2) + 0, count(*) FROM incident WHERE key GLOB 'f[0-9]*-[0-9]' GROUP BY 1")
    )  # fmt: skip
    lost = [f"seed {n} was told and is not there" for n in told if counts.get(n) != PER_FILE]
    return lost + [f"seed {n} is there in part" for n, count in counts.items() if count != PER_FILE]


def _imported(bench: Bench, path: Path, told: list[int]) -> list[str]:
    sql = f"SELECT origin_id / {PER_FILE}, count(*) FROM incident WHERE origin = 'torture' GROUP BY 1"
    counts: dict[int, int] = dict(_rows(path, sql))
    lost = [f"import {n} was told and is not there" for n in told if counts.get(n) != PER_FILE]
    return lost + [f"import {n} is there in part" for n, count in counts.items() if count != PER_FILE]


def _attached(bench: Bench, path: Path, told: list[int]) -> list[str]:
    last = told[-1] if told else -1
    ((stored,),) = _rows(path, "SELECT text FROM document WHERE key = 'd0'")
    allowed = {text(n) for n in (last, last + 1) if n >= 0} | ({None} if last < 0 else set())
    return [] if stored in allowed else [f"the text is not that of attach {last} or the next"]


def _edited(bench: Bench, path: Path, told: list[int]) -> list[str]:
    there = {row[0] for row in _rows(path, "SELECT text FROM note WHERE text LIKE 'killed %'")}
    return [f"note {n} was told and is not there" for n in told if f"killed {n}" not in there]


def _migrated(bench: Bench, path: Path, told: list[int]) -> list[str]:
    wrong = []
    for number in range(len(told) + 1):
        store = path.with_name(f"older-{number}.db")
        if not store.exists() or store.stat().st_size < bench.older.stat().st_size:
            continue  # our own copy was cut short
        wrong += [f"{store.name}: {words}" for words in whole(store)]
        if _rows(store, "PRAGMA user_version") != [(schema.VERSION,)]:
            wrong.append(f"{store.name} is not upgraded")
        if _rows(store, "SELECT count(*) FROM incident WHERE key LIKE 'old-%'") != [(30,)]:
            wrong.append(f"{store.name} lost incidents")
        kept = [
            file for file in store.parent.glob(f"{store.name}.version-*") if not file.name.endswith(("-wal", "-shm"))
        ]
        if not kept:
            wrong.append(f"{store.name} has no copy of its older self")
        for copy in kept:
            if _rows(copy, "PRAGMA integrity_check") != [("ok",)] or _rows(copy, "PRAGMA user_version") == [(0,)]:
                wrong.append(f"{copy.name} is not whole")
    return wrong


def _made(bench: Bench, path: Path, told: list[int]) -> list[str]:
    wrong = [f"new store {n} was told and is not there" for n in told if not path.with_name(f"new-{n}.db").exists()]
    for store in path.parent.glob("new-*.db"):
        wrong += [f"{store.name}: {words}" for words in whole(store)]
        if _rows(store, "SELECT count(*) > 20 FROM incident") != [(1,)]:
            wrong.append(f"{store.name} is half seeded")
    return wrong


def _exported(bench: Bench, path: Path, told: list[int]) -> list[str]:
    _dateline("export", "--as", "jsonl", "-o", path.with_name("whole.jsonl"), "--store", path)
    expected = path.with_name("whole.jsonl").read_bytes()
    files = list(path.parent.glob("out-*.jsonl"))
    lost = [
        f"out-{n}.jsonl is not there" for n in {n % 3 for n in told} if not path.with_name(f"out-{n}.jsonl").exists()
    ]
    return lost + [f"{file.name} is not whole" for file in files if file.read_bytes() != expected]


KINDS: dict[str, tuple[Callable[[Bench, Path, Tell], None], Callable[[Bench, Path, list[int]], list[str]]]] = {
    "seed": (_seed, _seeded),
    "import": (_import, _imported),
    "attach": (_attach, _attached),
    "edit": (_edit, _edited),
    "migration": (_migration, _migrated),
    "new store": (_new_store, _made),
    "export": (_export, _exported),
}
"""What is killed: the victim's work, and what must be there afterwards besides a store that is whole."""


def run(count: int, seed: int) -> Outcome:
    """Kill `count` victims, the kinds in turn."""
    outcome = Outcome("kills", "processes killed")
    outcome.counts["of them with the store open"] = 0
    outcome.counts["writes told of and found"] = 0
    chance = random.Random(seed)
    with tempfile.TemporaryDirectory(prefix="dateline-torture-") as name:
        with silent():
            bench = Bench.make(Path(name))
        kinds = list(KINDS)
        for number in range(count):
            kind = kinds[number % len(kinds)]
            work, check = KINDS[kind]
            folder = Path(name) / "victim"
            folder.mkdir()
            path = folder / "store.db"
            shutil.copyfile(bench.store, path)
            told, ended = killed(partial(work, bench, path), chance.random() * LONGEST_S)
            outcome.tried += 1
            outcome.counts[kind] += 1
            outcome.counts["writes told of and found"] += len(told)
            outcome.counts["of them with the store open"] += any(folder.glob("*-wal"))
            if ended:
                outcome.fault(f"{kind} {number}: {ended}")
            with silent():
                wrong = whole(path) + check(bench, path, told)
                _dateline("seed", bench.seeds[-1], "--store", path)
                wrong += whole(path)
            for words in dict.fromkeys(wrong):
                outcome.fault(f"{kind} {number}, after {len(told)} writes: {words}")
            shutil.rmtree(folder)
    return outcome.end()


def killed(work: Callable[[Tell], None], after: float) -> tuple[list[int], str]:
    """Fork a child that works, kill it `after` seconds; what it told of, and how it ended when not by us."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        status = 70
        try:
            os.close(reader)
            with silent():
                os.write(writer, struct.pack("i", -1))
                work(lambda number: void(os.write(writer, struct.pack("i", number))))
            status = 0
        finally:
            os._exit(status)
    os.close(writer)
    select.select([reader], [], [], 10)
    time.sleep(after)
    os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    raw = b""
    while piece := os.read(reader, 1 << 16):
        raw += piece
    os.close(reader)
    told = [number for (number,) in struct.iter_unpack("i", raw) if number >= 0]
    code = os.waitstatus_to_exitcode(status)
    return told, "" if code == -signal.SIGKILL else f"the child ended by itself with {code}"


def void(_: object) -> None:
    """Nothing, of anything."""


class silent:  # noqa: N801 - a context manager used like a function
    """Let what commands say go nowhere."""

    def __enter__(self) -> None:
        self._kept = sys.stdout, sys.stderr
        self._null = open(os.devnull, "w", encoding="utf-8")
        sys.stdout = sys.stderr = self._null

    def __exit__(self, *_: object) -> None:
        sys.stdout, sys.stderr = self._kept
        self._null.close()
