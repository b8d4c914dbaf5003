"""A store whose pages lead to the same pages again holds rows without end: it is refused, and what is sound is saved."""

from __future__ import annotations

import shutil
import sqlite3
import struct
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from db import soundness
from db.errors import StoreError
from db.rescue import rescue
from db.store import Store
from db.verify import findings

PAGE = 4096
LEVELS = 4
"""So many times over each other a page leads to some hundreds of times the same one."""


def page_of(raw: bytes, number: int) -> bytes:
    return raw[(number - 1) * PAGE : number * PAGE]


def leading(child: int, kind: int, cell: bytes) -> bytes:
    """A page inside a tree all of whose cells, and its end, lead to one page."""
    cell = struct.pack(">I", child) + cell
    count = (PAGE - 12) // (len(cell) + 2)
    start = PAGE - count * len(cell)
    head = struct.pack(">BHHHBI", kind, 0, count, start, 0, child)
    pointers = b"".join(struct.pack(">H", start + at * len(cell)) for at in range(count))
    return (head + pointers).ljust(start, b"\0") + cell * count


def make_endless(path: Path, name: str) -> None:
    """Have the tree of a table or index lead LEVELS times to what was its first leaf."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode = DELETE").fetchone()
        (root,) = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = ?", (name,)).fetchone()
    raw = path.read_bytes()
    leaf = page_of(raw, root)
    while leaf[0] in (2, 5):  # inside a tree: on to its last child
        leaf = page_of(raw, struct.unpack(">I", leaf[8:12])[0])
    if leaf[0] == 13:
        kind, cell = 5, b"\x01"  # a row number
    else:
        (first,) = struct.unpack(">H", leaf[8:10])
        kind, cell = 2, leaf[first : first + 1 + leaf[first]]  # an entry of the index
    number = len(raw) // PAGE
    pages = [leaf, *(leading(number + level, kind, cell) for level in range(1, LEVELS))]
    raw = raw[: (root - 1) * PAGE] + leading(number + LEVELS, kind, cell) + raw[root * PAGE :] + b"".join(pages)
    path.write_bytes(raw[:28] + struct.pack(">I", len(raw) // PAGE) + raw[32:])


@pytest.fixture(params=["incident", "claim_by_quote", "sqlite_autoindex_incident_1", "log"])
def endless(request: pytest.FixtureRequest, template: Path, tmp_path: Path) -> Path:
    path = Path(shutil.copyfile(template, tmp_path / "endless.db"))
    make_endless(path, request.param)
    return path


def soon(do: Callable[[], object]) -> None:
    began = time.process_time()
    do()
    assert time.process_time() - began < 5


def test_it_is_refused_and_its_sound_rows_are_saved(endless: Path, tmp_path: Path) -> None:
    for write in (False, True):
        with pytest.raises(StoreError, match="pages in several places"):
            Store.open(endless, write=write)
    soon(lambda: rescue(endless, tmp_path / "saved.db"))
    with Store.open(tmp_path / "saved.db") as saved:
        assert saved.connection.execute("SELECT count(*) FROM quote").fetchone() == (67,)


def test_verify_of_a_large_one_ends(endless: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(soundness, "LOOKED_THROUGH", 0)
    with Store.open(endless) as store:
        soon(lambda: list(findings(store.connection)))
        assert "2nd reference" in next(found.message for found in findings(store.connection) if found.what == "file")


def test_a_file_is_looked_through_once(template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = Path(shutil.copyfile(template, tmp_path / "s.db"))
    asked: list[str] = []

    def shares(_: sqlite3.Connection, table: str) -> bool:
        asked.append(table)
        return False

    monkeypatch.setattr(soundness, "shares_pages", shares)
    Store.open(path).close()
    first = len(asked)
    Store.open(path).close()
    assert len(asked) == first > 20
    monkeypatch.undo()
    make_endless(path, "note_by_incident")
    with pytest.raises(StoreError, match="pages in several places"):
        Store.open(path)
