"""Damaged copies of a store through every way of reading one: refused with a reason or read, and never written to."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import io
import multiprocessing
import os
import random
import shutil
import sqlite3
import struct
import tempfile
import time
from collections.abc import Callable, Coroutine
from contextlib import closing
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from textual.app import App

import main
from db.errors import StoreError
from db.store import Store
from tests.torture.material import full_store
from tests.torture.outcome import Outcome
from tui.app import DatelineApp

if TYPE_CHECKING:
    from multiprocessing.context import ForkProcess

    from textual.pilot import Pilot

WATCHDOG_S = 10.0
"""A command on a small store that takes longer hangs."""

TUI_EVERY = 10
"""Every so many copies is opened in the timeline too."""

COMMANDS = (
    ("list", "--json"),
    ("list", "drone"),
    ("count", "--by", "type"),
    ("show", "victory-drones-2021-06-21"),
    ("info",),
    ("verify",),
)

HEADER = (16, 18, 19, 20, 21, 22, 23, 24, 28, 32, 36, 40, 44, 47, 48, 52, 56, 60, 64, 68, 92, 96)
"""Offsets of the fields of SQLite's file header (https://sqlite.org/fileformat2.html, section 1.3)."""


class Damage(NamedTuple):
    """What was done to a copy: in words, the file's bytes, and those of its write-ahead log where it has one."""

    words: str
    store: bytes
    wal: bytes | None = None


def _flip(chance: random.Random, raw: bytes, most: int) -> bytes:
    damaged = bytearray(raw)
    for _ in range(chance.randint(1, most)):
        damaged[chance.randrange(len(damaged))] ^= 1 << chance.randrange(8)
    return bytes(damaged)


def _flipped(chance: random.Random, whole: bytes) -> Damage:
    return Damage("bits flipped", _flip(chance, whole, chance.choice((1, 8, 200, 2000))))


def _cut(chance: random.Random, whole: bytes) -> Damage:
    return Damage("cut", whole[: chance.randrange(1, len(whole))])


def _pages_lost(chance: random.Random, whole: bytes) -> Damage:
    damaged = bytearray(whole)
    for _ in range(chance.randint(1, 6)):
        at = chance.randrange(len(whole) // 4096) * 4096
        filling = bytes(4096) if chance.random() < 0.6 else chance.randbytes(4096)
        damaged[at : at + 4096] = filling
    return Damage("pages lost", bytes(damaged))


def _pages_moved(chance: random.Random, whole: bytes) -> Damage:
    damaged = bytearray(whole)
    one, other = (chance.randrange(1, len(whole) // 4096) * 4096 for _ in range(2))
    damaged[one : one + 4096] = whole[other : other + 4096]
    return Damage("pages moved", bytes(damaged))


def _header(chance: random.Random, whole: bytes) -> Damage:
    damaged = bytearray(whole)
    for _ in range(chance.randint(1, 3)):
        at = chance.choice(HEADER)
        size = 1 if 18 <= at < 24 else 2 if at == 16 else 4
        value = chance.choice((0, 1, 2, 3, 127, 255, 2 ** (8 * size) - 1, chance.randrange(2 ** (8 * size))))
        damaged[at : at + size] = struct.pack(">I", value % 2 ** (8 * size))[4 - size :]
    return Damage("header", bytes(damaged))


def _btree(chance: random.Random, whole: bytes) -> Damage:
    """Page headers and cell pointers: where a wrong number leads the reader astray."""
    damaged = bytearray(whole)
    for _ in range(chance.randint(1, 4)):
        page = chance.randrange(len(whole) // 4096) * 4096 + (0 if chance.random() < 0.9 else 100)
        at = min(page + chance.randrange(40), len(whole) - 1)
        damaged[at] = chance.randrange(256)
    return Damage("pages' headers", bytes(damaged))


def _schema_text(chance: random.Random, whole: bytes) -> Damage:
    """The SQL of tables and triggers: words changed in place."""
    at = chance.choice([whole.find(word) for word in (b"CREATE TABLE", b"CREATE TRIGGER", b"CREATE VIEW", b"fts5")])
    span = whole[at : at + 400]
    return Damage("schema's text", whole[:at] + _flip(chance, span, 5) + whole[at + 400 :])


def _wal(chance: random.Random, store: bytes, wal: bytes) -> Damage:
    kind = chance.randrange(4)
    if kind == 0:
        return Damage("log flipped", store, _flip(chance, wal, chance.choice((1, 50))))
    if kind == 1:
        return Damage("log cut", store, wal[: chance.randrange(len(wal))])
    if kind == 2:
        return Damage("log of nothing", store, chance.randbytes(chance.choice((1, 32, 5000))))
    return Damage("store flipped beside its log", _flip(chance, store, 50), wal)


def damages(chance: random.Random, whole: bytes, beside: tuple[bytes, bytes]) -> Damage:
    """One damaged copy of a store, or of a store and its write-ahead log (`beside`)."""
    ways: tuple[Callable[[random.Random, bytes], Damage], ...] = (
        _flipped, _flipped, _cut, _pages_lost, _pages_moved, _header, _btree, _schema_text,
    )  # fmt: skip
    if chance.random() < 0.15:
        return _wal(chance, *beside)
    return chance.choice(ways)(chance, whole)


class Said(NamedTuple):
    """What a command came to, from a worker."""

    command: str
    status: int
    err: str


def _worker(pipe: Connection, errors: Path) -> None:
    """Carry out commands on each store whose path comes; an exception ends the worker and leaves its traceback."""
    os.dup2(os.open(errors, os.O_WRONLY | os.O_CREAT | os.O_TRUNC), 2)
    while (task := pipe.recv()) is not None:
        path, with_screen = task
        for command in COMMANDS:
            out, err = io.StringIO(), io.StringIO()
            with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
                status = main.run([*command, "--store", path])
            pipe.send(Said(command[0], status, err.getvalue()))
        if with_screen:
            pipe.send(Said("open", asyncio.run(_timeline(Path(path))), ""))
        pipe.send(None)


async def _timeline(path: Path) -> int:
    """Open the timeline without a terminal, move about in it, and raise what it raises."""
    try:
        Store.open(path).close()
    except StoreError:
        return 3
    raised: list[Exception] = []
    original = App._handle_exception

    def note(app: App[Any], error: Exception) -> None:
        raised.append(error)
        original(app, error)

    setattr(App, "_handle_exception", note)  # noqa: B010 - what Textual's snapshots hide is to be seen
    app = DatelineApp(path, live=False)
    async with app.run_test(size=(120, 40)) as pilot:
        for keys in (("j", "j", "enter"), ("escape", "G", "p"), ("slash", "d", "r", "enter")):
            await _settled(pilot)
            await _pressed(pilot, keys)
    if raised:
        raise raised[0]
    return 0


async def _pressed(pilot: Pilot[None], keys: tuple[str, ...]) -> None:
    await _while_running(pilot, pilot.press(*keys))


async def _settled(pilot: Pilot[None]) -> None:
    """Wait until the session has answered, or has given up on the store."""
    app = pilot.app
    assert isinstance(app, DatelineApp)
    while app.is_running and (
        not app.begun or app.session is None or not (app.session.idle or not app.session._thread.is_alive())
    ):
        await _while_running(pilot, pilot.pause())
        await asyncio.sleep(0.005)
    await _while_running(pilot, pilot.pause())


async def _while_running(pilot: Pilot[None], doing: Coroutine[Any, Any, None]) -> None:
    """Wait for the pilot; where the program ends meanwhile, as it may, its widgets would be waited for in vain."""
    task = asyncio.ensure_future(doing)
    while not task.done() and pilot.app.is_running:
        await asyncio.sleep(0.005)
    if task.done():
        task.result()
    else:
        task.cancel()


class _Pool:
    """One worker that is put in the place of another when that dies or hangs."""

    def __init__(self, folder: Path) -> None:
        self._errors = folder / "stderr"
        self._context = multiprocessing.get_context("fork")
        self._start()

    def _start(self) -> None:
        self.pipe, theirs = self._context.Pipe()
        self._process: ForkProcess = self._context.Process(target=_worker, args=(theirs, self._errors), daemon=True)
        self._process.start()
        theirs.close()

    def restart(self) -> str:
        """Kill the worker and start another; the last line that it left on stderr."""
        self._process.kill()
        self._process.join()
        left = self._errors.read_text(encoding="utf-8", errors="replace").strip().splitlines() or ["ended in silence"]
        self._start()
        return " / ".join(line.strip() for line in left[-3:])

    def stop(self) -> None:
        self.pipe.send(None)
        self._process.join(timeout=5)


def run(count: int, seed: int, keep: Path | None = None) -> Outcome:
    """Try `count` damaged copies; a copy that leads to a fault is kept in the folder `keep`."""
    outcome = Outcome("flips", "damaged copies")
    for name in ("read throughout", "refused with a reason", "read in part", "timelines opened"):
        outcome.counts[name] = 0
    chance = random.Random(seed)
    with tempfile.TemporaryDirectory(prefix="dateline-torture-") as name:
        folder = Path(name)
        whole = full_store(folder / "whole.db").read_bytes()
        beside = _store_with_log(folder / "whole.db", folder / "logged.db")
        pool = _Pool(folder)
        try:
            for number in range(count):
                damage = damages(chance, whole, beside)
                if damage == (damage.words, whole, None):
                    continue
                _try(outcome, pool, folder / f"copy-{number}", damage, number % TUI_EVERY == 0, keep)
        finally:
            pool.stop()
    return outcome.end()


def _store_with_log(whole: Path, path: Path) -> tuple[bytes, bytes]:
    """A store and its write-ahead log, as they stand while a program that has written is still at work."""
    shutil.copyfile(whole, path)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("UPDATE incident SET summary = summary || ' and more' WHERE id % 2")
        connection.execute("INSERT INTO tag (name) VALUES ('in the log')")
        connection.commit()
        return path.read_bytes(), path.with_name(path.name + "-wal").read_bytes()


def _try(outcome: Outcome, pool: _Pool, folder: Path, damage: Damage, with_screen: bool, keep: Path | None) -> None:
    folder.mkdir()
    path = folder / "damaged.db"
    path.write_bytes(damage.store)
    if damage.wal is not None:
        path.with_name("damaged.db-wal").write_bytes(damage.wal)
    before = hashes(folder)
    statuses: list[int] = []
    fault = None
    pool.pipe.send((str(path), with_screen))
    until = time.monotonic() + WATCHDOG_S
    while fault is None:
        if not pool.pipe.poll(max(0.0, until - time.monotonic())):
            outcome.counts["hangs"] += 1
            fault = f"no answer within {WATCHDOG_S:.0f} s; {pool.restart()}"
            break
        try:
            said: Said | None = pool.pipe.recv()
        except EOFError:
            outcome.counts["tracebacks"] += 1
            fault = pool.restart()
            break
        if said is None:
            break
        until = time.monotonic() + WATCHDOG_S
        if said.command == "open":
            outcome.counts["timelines opened"] += 1
            continue
        statuses.append(said.status)
        if said.status not in (0, 1, 2, 3) or (said.status == 3 and not said.err.startswith("dateline: ")):
            fault = f"{said.command}: status {said.status}, {said.err!r}"
        elif said.err.count("\n") > (1 if said.command != "list" else 2):
            fault = f"{said.command}: more than a line: {said.err!r}"
    outcome.tried += 1
    if fault is None and (changed := _changed(folder, before)):
        outcome.counts["written to"] += 1
        fault = f"written to: {changed}"
    if fault is not None:
        outcome.fault(f"{folder.name} ({damage.words}, after {len(statuses)} commands): {fault}")
        if keep is not None:
            shutil.copytree(folder, keep / folder.name, dirs_exist_ok=True)
            (keep / folder.name / "damaged.db").write_bytes(damage.store)
    elif all(status in (0, 1) for status in statuses):
        outcome.counts["read throughout"] += 1
    elif all(status == 3 for status in statuses):
        outcome.counts["refused with a reason"] += 1
    else:
        outcome.counts["read in part"] += 1
    shutil.rmtree(folder)


def hashes(folder: Path) -> dict[str, str]:
    """Names and SHA-256 of what stands in a folder, without the shared memory that SQLite makes for any reader."""
    return {
        entry.name: hashlib.sha256(entry.read_bytes()).hexdigest()
        for entry in folder.iterdir()
        if not entry.name.endswith("-shm")
    }


def _changed(folder: Path, before: dict[str, str]) -> str:
    """What differs from `before`, in words; an empty write-ahead log that a reader made is nothing."""
    after = {n: h for n, h in hashes(folder).items() if n in before or (folder / n).stat().st_size}
    return ", ".join(sorted(n for n in before.keys() | after.keys() if before.get(n) != after.get(n)))
