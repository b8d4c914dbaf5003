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
from db.rescue import Saved, rescue
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
    asked: list[sqlite3.Connection] = []
    fault = soundness.page_fault

    def counted(connection: sqlite3.Connection) -> str | None:
        asked.append(connection)
        return fault(connection)

    monkeypatch.setattr(soundness, "page_fault", counted)
    for _ in range(2):
        Store.open(path, write=True).close()
    assert len(asked) == 1
    make_endless(path, "note_by_incident")
    with pytest.raises(StoreError, match="pages in several places"):
        Store.open(path)


def test_a_table_below_0_ends(template: Path, tmp_path: Path) -> None:
    """The numbers of such rows must fall as they are read, as those of others must rise."""
    path = Path(shutil.copyfile(template, tmp_path / "s.db"))
    with Store.open(path, write=True) as store, store.write("a note") as connection:
        connection.execute("INSERT INTO note (id, incident_id, text, at) VALUES (-5, 1, 'low', '2024-01-01T00:00:00Z')")
    make_endless(path, "note")
    saved: list[Saved] = []
    soon(lambda: saved.extend(rescue(path, tmp_path / "saved.db")))
    assert next(one for one in saved if one.table == "note").gaps


def test_statistics_and_numbers_without_end_do_not_hold_up_a_rescue(template: Path, tmp_path: Path) -> None:
    path = Path(shutil.copyfile(template, tmp_path / "s.db"))
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("ANALYZE")
    for name in ("sqlite_sequence", "sqlite_stat1"):  # the test itself opens it in between
        make_endless(path, name)
    for write in (False, True):
        with pytest.raises(StoreError, match="pages in several places"):
            Store.open(path, write=write)
    soon(lambda: rescue(path, tmp_path / "saved.db"))


def test_a_schema_without_end_is_refused(template: Path, tmp_path: Path) -> None:
    """SQLite takes an automatic index any number of times, and reads the schema before all else."""
    path = Path(shutil.copyfile(template, tmp_path / "s.db"))
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode = DELETE").fetchone()
        connection.execute("CREATE TABLE own (x UNIQUE)")
        connection.commit()
        (row,) = connection.execute(
            "SELECT rowid FROM sqlite_master WHERE name LIKE 'sqlite_autoindex_own%'"
        ).fetchone()
        (last,) = connection.execute("SELECT max(rowid) FROM sqlite_master").fetchone()
    assert row == last
    raw = bytearray(path.read_bytes())
    leaf = bytearray(page_of(bytes(raw), struct.unpack(">I", raw[108:112])[0]))
    struct.pack_into(">H", leaf, 8, struct.unpack(">H", leaf[6 + 2 * struct.unpack(">H", leaf[3:5])[0] :][:2])[0])
    struct.pack_into(">H", leaf, 3, 1)  # of its last leaf, that row alone
    number = len(raw) // PAGE
    pages = [bytes(leaf), *(leading(number + level, 5, b"\x01") for level in range(1, LEVELS))]
    struct.pack_into(">I", raw, 108, number + LEVELS)
    raw += b"".join(pages)
    struct.pack_into(">I", raw, 28, len(raw) // PAGE)
    path.write_bytes(raw)

    def refused() -> None:
        with pytest.raises(StoreError):
            Store.open(path)
        with pytest.raises(StoreError):
            rescue(path, tmp_path / "saved.db")

    soon(refused)


def test_a_store_whose_pages_are_damaged_is_read_and_not_written_to(template: Path, tmp_path: Path) -> None:
    """Its list of free pages names one that is in use, which the next write would take."""
    path = Path(shutil.copyfile(template, tmp_path / "s.db"))
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode = DELETE").fetchone()
        (used,) = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = 'note'").fetchone()
    raw = bytearray(path.read_bytes())
    trunk = len(raw) // PAGE + 1
    raw += struct.pack(">III", 0, 1, used).ljust(PAGE, b"\0")
    struct.pack_into(">III", raw, 28, trunk, trunk, 2)
    path.write_bytes(raw)
    with pytest.raises(StoreError, match="damaged"):
        Store.open(path, write=True)
    soon(lambda: rescue(path, tmp_path / "saved.db"))
    with Store.open(tmp_path / "saved.db") as saved:
        assert saved.connection.execute("SELECT count(*) FROM incident").fetchone() == (45,)


def test_a_file_that_vanishes_while_it_is_opened_is_no_fault_of_its_pages(template: Path, tmp_path: Path) -> None:
    path = Path(shutil.copyfile(template, tmp_path / "s.db"))
    with Store.open(path) as store:
        path.unlink()
        assert soundness.looked_through(store.connection, path) is None
