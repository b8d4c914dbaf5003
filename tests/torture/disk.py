"""No room, no permission, no store any more: each command says so in one line, and the store is as it was or has all.

With root's rights a small tmpfs is the disk; without them the size of every file is limited (RLIMIT_FSIZE), which
fails in the same places with another error.
"""

from __future__ import annotations

import os
import random
import resource
import shutil
import sqlite3
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from db import edit
from db.store import Store
from tests.torture.child import Done, dateline
from tests.torture.child import run as in_child
from tests.torture.kills import whole
from tests.torture.material import full_store, mapping_file, older_store, seed_file, table_file, text
from tests.torture.outcome import Outcome

DISK_KB = 4096
TABLE_ROWS = 900
ROOM_KB = (0, 8, 24, 64, 120, 200, 350, 600, 1200)
"""How much is left on the disk."""

Work = Callable[[Path, Path], Done]
"""Carries out a command on the store (first) with files of the folder (second)."""


def _seed(store: Path, files: Path) -> Done:
    return dateline("seed", *sorted(files.glob("seed-*.sql")), "--store", store)


def _import(store: Path, files: Path) -> Done:
    return dateline("import", files / "table.csv", "--as", "csv", "--map", files / "map.toml", "--store", store)


def _attach(store: Path, files: Path) -> Done:
    return dateline("attach", files / "text.txt", "--document", "d0", "--store", store)


def _export(store: Path, files: Path) -> Done:
    return dateline("export", "--as", "jsonl", "-o", store.with_name("out.jsonl"), "--store", store)


def _star(store: Path, files: Path) -> Done:
    def work() -> int:
        with Store.open(store, write=True) as opened, opened.write("notes") as connection:
            connection.execute(
                "INSERT INTO note (incident_id, text, at) SELECT id, hex(zeroblob(4000)), ? FROM incident",
                (edit.now(),),
            )
        return 0

    return _told(work)


def _told(work: Callable[[], int]) -> Done:
    """Work in a child whose DatelineError is one line on stderr, as the command line has it."""
    import sys

    from db.errors import DatelineError

    def told() -> int:
        try:
            return work()
        except DatelineError as error:
            print(f"dateline: {error}", file=sys.stderr)
            return error.status

    return in_child(told)


def _new(store: Path, files: Path) -> Done:
    return dateline("seed", "--store", store.with_name("new.db"))


def _upgrade(store: Path, files: Path) -> Done:
    return dateline("list", "--store", store.with_name("older.db"))


def _verify(store: Path, files: Path) -> Done:
    # SQLite's temporary files lie on the full disk too.
    return in_child(
        lambda: __import__("main").run(["verify", "--store", str(store)]),
        before=lambda: os.environ.update(SQLITE_TMPDIR=str(store.parent), TMPDIR=str(store.parent)),
    )


WORKS: dict[str, Work] = {
    "seed": _seed,
    "import": _import,
    "attach": _attach,
    "export": _export,
    "edit": _star,
    "new store": _new,
    "upgrade": _upgrade,
    "verify": _verify,
}


def run(count: int, seed: int) -> Outcome:
    """Try `count` commands with too little room or none, the commands in turn."""
    outcome = Outcome("disk", "commands short of room")
    chance = random.Random(seed)
    with tempfile.TemporaryDirectory(prefix="dateline-torture-") as name, _disk(Path(name)) as (disk, limited):
        outcome.what += ", by a limit on the size of files" if limited else f", on a disk of {DISK_KB:,} KiB"
        files = Path(name) / "files"
        files.mkdir()
        _materials(files)
        works = list(WORKS.items())
        for number in range(count):
            kind, work = works[number % len(works)]
            room = chance.choice(ROOM_KB) + chance.randrange(8)
            _try(outcome, kind, work, disk, files, room, limited)
            outcome.tried += 1
    return outcome.end()


def _materials(files: Path) -> None:
    bench = full_store(files / "bench.db")
    seed_file(files / "first.sql", 0)
    done = dateline("seed", files / "first.sql", "--store", bench)
    assert done.status == 0, done.err
    older_store(files / "older.db", 400)
    for number in range(1, 60):
        seed_file(files / f"seed-{number}.sql", number)
    table_file(files / "table.csv", 0, TABLE_ROWS)
    mapping_file(files / "map.toml")
    (files / "text.txt").write_text(text(3) + "Filling. " * 60_000, encoding="utf-8")


@contextmanager
def _disk(folder: Path) -> Iterator[tuple[Path, bool]]:
    """A small tmpfs, or where that cannot be mounted a folder and True."""
    disk = folder / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={DISK_KB}k", "tmpfs", str(disk)]
    mounted = shutil.which("mount") is not None and subprocess.run(mount, capture_output=True).returncode == 0
    try:
        yield disk, not mounted
    finally:
        if mounted:
            subprocess.run(["umount", str(disk)], check=True)


def _errors(said: str) -> list[str]:
    """The lines on stderr but for the one that announces an upgrade."""
    return [line for line in said.splitlines() if ": upgrading it from " not in line]


def _try(outcome: Outcome, kind: str, work: Work, disk: Path, files: Path, room: int, limited: bool) -> None:
    store, older = disk / "bench.db", disk / "older.db"
    for name in ("bench.db", "older.db"):
        shutil.copyfile(files / name, disk / name)
    before = {path: rows_of(path) for path in (store, older)}
    if limited:
        largest = max(store.stat().st_size, older.stat().st_size)
        done = _limited(work, store, files, room * 1024 if kind in ("export", "new store") else largest + room * 1024)
    else:
        _fill(disk, room)
        done = work(store, files)
        (disk / "filling").unlink()
    where = f"{kind} with {room} KiB"
    if done.status == 0:
        outcome.counts["done all the same"] += 1
    elif done.status in (1, 2, 3) and (kind == "verify" or len(_errors(done.err)) == 1):
        outcome.counts["refused in one line"] += 1
        if (
            not any(
                word in done.err + done.out for word in ("disk is full", "No space left", "File too large", "disk full")
            )
            and not limited
        ):
            outcome.fault(f"{where}: does not say why: {done.err!r} {done.out[-200:]!r}")
    else:
        outcome.fault(f"{where}: status {done.status}, {done.err[-400:]!r}")
    for path in (store, older):
        kept = rows_of(path)
        if kept != before[path] and (done.status != 0 or path == older) and not (path == older and kind == "upgrade"):
            outcome.fault(f"{where}: {path.name} has changed, status {done.status}")
        for words in whole(path) if path == store or kind == "upgrade" else []:
            outcome.fault(f"{where}: {path.name}: {words}")
    if kind == "upgrade" and done.status == 0 and rows_of(older) == before[older]:
        outcome.fault(f"{where}: not upgraded")
    if kind == "new store" and (disk / "new.db").exists() != (done.status == 0):
        outcome.fault(f"{where}: a store is {'not ' if done.status == 0 else ''}there")
    if kind == "export" and done.status != 0 and (disk / "out.jsonl").exists():
        outcome.fault(f"{where}: a part of an export is there")
    left = [p.name for p in disk.iterdir() if p.name.startswith(".")]
    if left:
        outcome.fault(f"{where}: leaves {', '.join(left)}")
    for path in disk.iterdir():
        path.unlink()


def _limited(work: Work, store: Path, files: Path, size: int) -> Done:
    """The work in a grandchild that can make no file larger than `size` bytes."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        return work(store, files)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def _fill(disk: Path, room: int) -> None:
    free = os.statvfs(disk)
    size = max(0, free.f_bavail * free.f_frsize - room * 1024)
    with (disk / "filling").open("wb") as file:
        os.posix_fallocate(file.fileno(), 0, max(1, size))


def rows_of(path: Path) -> list[tuple[object, ...]]:
    """All rows of a store that Dateline writes, without what only tells of them."""
    with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as connection:
        tables = [row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        rows: list[tuple[object, ...]] = [connection.execute("PRAGMA user_version").fetchone()]
        for table in tables:
            rows += connection.execute(f'SELECT * FROM "{table}"').fetchall()
        return rows
