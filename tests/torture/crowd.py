"""Many programs on one store at once: every write lands, nobody is told that the store is locked, readers never wait."""

from __future__ import annotations

import multiprocessing
import multiprocessing.connection
import os
import random
import shutil
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path

import main
from db import edit, read
from db.engine import open_engine
from db.errors import DatelineError
from db.query import parse
from db.store import Store
from tests.torture.child import dateline
from tests.torture.kills import silent, whole
from tests.torture.material import full_store, mapping_file, older_store, seed_file, table_file
from tests.torture.outcome import Outcome

WRITERS, READERS, LATECOMERS = 10, 3, 8

Tell = Callable[[str, int, float], None]
"""Tells what was done, its number, and how long it took in seconds."""


def _stars(path: Path, who: int, count: int, tell: Tell) -> None:
    """A timeline at work: a store opened and closed for each star."""
    for number in range(count):
        began = time.monotonic()
        with Store.open(path, write=True) as store:
            edit.star(store, 1 + (who * 7 + number) % 40, starred=number % 2 == 0)
        tell("write", number, time.monotonic() - began)


def _notes(path: Path, who: int, count: int, tell: Tell) -> None:
    """A program that keeps the store open for all its writes."""
    with Store.open(path, write=True) as store:
        for number in range(count):
            began = time.monotonic()
            with store.write("note") as connection:
                connection.execute(
                    "INSERT INTO note (incident_id, text, at) VALUES (1, ?, ?)", (f"{who} {number}", edit.now())
                )
            tell("note", number, time.monotonic() - began)


def _seeds(path: Path, who: int, count: int, tell: Tell) -> None:
    for number in range(max(1, count // 4)):
        began = time.monotonic()
        file = seed_file(path.with_name(f"seed-{who}-{number}.sql"), who * 1000 + number)
        _done(main.run(["seed", str(file), "--store", str(path)]))
        tell("seed", number, time.monotonic() - began)


def _imports(path: Path, who: int, count: int, tell: Tell) -> None:
    for number in range(max(1, count // 4)):
        began = time.monotonic()
        file = table_file(path.with_name(f"table-{who}-{number}.csv"), who * 1000 + number)
        mapping = str(path.with_name("map.toml"))
        _done(main.run(["import", str(file), "--as", "csv", "--map", mapping, "--store", str(path)]))
        tell("import", number, time.monotonic() - began)


def _reads(path: Path, who: int, count: int, tell: Tell) -> None:
    """A timeline that follows: what it sees is always of one moment."""
    with Store.open(path) as store:
        engine = open_engine(store)
        for number in range(count * 2):
            began = time.monotonic()
            engine.refresh()
            answer = engine.answer(parse("drone"))
            read.rows(store.connection, [match.id for match in answer.window(0, 40)])
            tell("read", number, time.monotonic() - began)


def _done(status: int) -> None:
    if status != 0:
        raise DatelineError(f"status {status}")


Work = Callable[[Path, int, int, Tell], None]

ROLES: tuple[Work, ...] = (_stars, _notes, _seeds, _imports)


def _member(work: Callable[[Path, int, int, Tell], None], path: Path, who: int, count: int, pipe: Connection) -> None:
    with silent():
        try:
            work(path, who, count, lambda what, number, took: pipe.send((what, number, took)))
        except DatelineError as error:
            pipe.send(("error", 0, f"{work.__name__} {who}: {error}"))
    pipe.close()


def run(count: int, seed: int) -> Outcome:
    """Let WRITERS programs write at once, `count` times each (loads a quarter of that), while READERS read."""
    outcome = Outcome("crowd", "writes by many at once")
    chance = random.Random(seed)
    with tempfile.TemporaryDirectory(prefix="dateline-torture-") as name:
        path = full_store(Path(name) / "crowd.db")
        mapping_file(path.with_name("map.toml"))
        works: list[Work] = [ROLES[n % len(ROLES)] for n in range(WRITERS)] + [_reads] * READERS
        chance.shuffle(works)
        done = _all_at_once(path, works, count)
        for kind, _, took in done:
            if kind == "error":
                outcome.fault(str(took))
            elif kind == "read":
                outcome.counts["reads meanwhile"] += 1
            else:
                outcome.tried += 1
        outcome.counts["programs writing"] = WRITERS
        outcome.counts["programs reading"] = READERS
        outcome.counts["ms the longest wait of a reader"] = _longest(done, {"read"})
        outcome.counts["ms the longest wait of a writer"] = _longest(done, {"write", "note", "seed", "import"})
        for words in whole(path):
            outcome.fault(words)
        with closing(sqlite3.connect(path)) as connection:
            notes = connection.execute("SELECT count(*) FROM note WHERE text GLOB '[0-9]* [0-9]*'").fetchone()[0]
            loads = connection.execute("SELECT count(*) FROM log WHERE what LIKE 'seed seed-%' OR what LIKE 'import%'")
            loaded = loads.fetchone()[0]
        told = {kind: sum(what == kind for what, _, _ in done) for kind in ("note", "seed", "import")}
        if notes != told["note"]:
            outcome.fault(f"{told['note']} notes were told of, {notes} are there")
        if loaded != told["seed"] + told["import"]:
            outcome.fault(f"{told['seed'] + told['import']} loads were told of, {loaded} are there")
        _at_the_door(outcome, Path(name), max(1, count // 10))
    return outcome.end()


def _longest(done: list[tuple[str, int, float]], kinds: set[str]) -> int:
    return round(max((took for kind, _, took in done if kind in kinds), default=0.0) * 1000)


def _all_at_once(path: Path, works: Sequence[Work], count: int) -> list[tuple[str, int, float]]:
    context = multiprocessing.get_context("fork")
    members = []
    for who, work in enumerate(works):
        ours, theirs = context.Pipe(duplex=False)
        process = context.Process(target=_member, args=(work, path, who, count, theirs))
        process.start()
        theirs.close()
        members.append((process, ours))
    done: list[tuple[str, int, float]] = []
    waiting = {ours: process for process, ours in members}
    while waiting:
        for ready in multiprocessing.connection.wait(list(waiting), timeout=120):
            assert isinstance(ready, Connection)
            try:
                done.append(ready.recv())
            except EOFError:
                process = waiting.pop(ready)
                process.join()
                if process.exitcode:
                    done.append(("error", 0, f"a program ended with {process.exitcode}"))  # type: ignore[arg-type]
    return done


def _at_the_door(outcome: Outcome, folder: Path, rounds: int) -> None:
    """Many that open an older store, or make a new one, at the same moment."""
    older = older_store(folder / "older.db", 300)
    for number in range(rounds):
        path = folder / f"older-{number}.db"
        shutil.copyfile(older, path)
        for words in _statuses(partial(main.run, ["count", "--store", str(path)]), (0,)):
            outcome.fault(f"upgrade by {LATECOMERS} at once: {words}")
        for words in whole(path):
            outcome.fault(f"upgrade by {LATECOMERS} at once: {words}")
        copies = [p for p in folder.glob(f"{path.name}.version-*") if not p.name.endswith(("-wal", "-shm"))]
        if len(copies) != 1:
            outcome.fault(f"upgrade by {LATECOMERS} at once left {len(copies)} copies")
        outcome.counts[f"upgrades by {LATECOMERS} at once"] += 1
        new = folder / f"new-{number}.db"
        for words in _statuses(partial(main.run, ["seed", "--store", str(new)]), (0, 3)):
            outcome.fault(f"new store by {LATECOMERS} at once: {words}")
        for words in whole(new):
            outcome.fault(f"new store by {LATECOMERS} at once: {words}")
        outcome.counts[f"new stores by {LATECOMERS} at once"] += 1
    if dateline("list", "--store", folder / "new-0.db").status != 0:
        outcome.fault("a store made by many cannot be listed")


def _statuses(work: Callable[[], int], allowed: tuple[int, ...]) -> list[str]:
    """The statuses that are not allowed, of LATECOMERS children that do the work at the same moment."""
    go, start = os.pipe()
    children = []
    errors = tempfile.TemporaryFile("a+", encoding="utf-8")  # noqa: SIM115 - the children hold it too
    for _ in range(LATECOMERS):
        child = os.fork()
        if child == 0:
            status = 70
            try:
                os.close(start)
                os.read(go, 1)
                sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115 - to the end of the child
                sys.stderr = errors
                status = work()
                errors.flush()
            finally:
                os._exit(status)
        children.append(child)
    os.close(go)
    os.close(start)
    ended = [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]
    errors.seek(0)
    said = errors.read().strip()
    return [f"status {status}: {said}" for status in ended if status not in allowed]
