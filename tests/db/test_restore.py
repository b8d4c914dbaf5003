"""What a restore leaves where it is, and what it does where a file system lacks hard links."""

from __future__ import annotations

import errno
import os
import resource
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from db import edit, undo
from db.backup import backup
from db.errors import StoreError
from db.restore import restore
from db.store import Store

ROOT = Path(__file__).parents[2]


@pytest.fixture
def copy(seeded: Path, tmp_path: Path) -> Path:
    """A backup of the seeded store."""
    path = tmp_path / "backups" / "b.db"
    path.parent.mkdir()
    with Store.open(seeded) as store:
        backup(store, path)
    return path


@pytest.fixture
def no_links(monkeypatch: pytest.MonkeyPatch) -> None:
    """A file system that has no hard links, as FAT."""

    def link(*_: object, **__: object) -> None:
        raise OSError(errno.EPERM, os.strerror(errno.EPERM))

    monkeypatch.setattr(os, "link", link)


def test_a_restore_is_no_step_to_undo(seeded: Path, copy: Path) -> None:
    with Store.open(seeded, write=True) as store:
        before = undo.next_undo(store.connection)
        edit.star(store, 1, True)
    restore(seeded, copy)
    with Store.open(seeded) as store:
        (what,) = store.connection.execute("SELECT what FROM log ORDER BY id DESC LIMIT 1").fetchone()
        assert what == "restore from b.db"
        assert before is not None and undo.next_undo(store.connection) == before


@pytest.mark.usefixtures("no_links")
def test_an_older_backup_is_kept_without_hard_links(seeded: Path, copy: Path) -> None:
    before = copy.read_bytes()
    with Store.open(seeded) as store:
        copied = backup(store, copy, force=True)
    assert copied.aside is not None and copied.aside.read_bytes() == before
    with Store.open(copy) as store:
        assert store.connection.execute("SELECT count(*) FROM incident").fetchone() == (copied.incidents,)


@pytest.mark.usefixtures("no_links")
def test_a_damaged_store_is_kept_and_restored_without_hard_links(copy: Path, tmp_path: Path) -> None:
    damaged = tmp_path / "damaged.db"
    damaged.write_bytes(b"garbage!" * 4096)
    done = restore(damaged, copy)
    assert done.aside is not None and done.aside.read_bytes() == b"garbage!" * 4096
    with Store.open(damaged) as store:
        assert store.connection.execute("SELECT count(*) FROM incident").fetchone() == (done.incidents,)


@pytest.mark.parametrize("code", [sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_PERM])
def test_a_store_that_merely_cannot_be_read_now_stays_where_it_is(
    code: int, seeded: Path, copy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reader = Store.reader

    def closed(path: Path) -> sqlite3.Connection:
        if path == seeded:
            error = sqlite3.OperationalError("unable to open database file")
            error.sqlite_errorcode = code
            raise error
        return reader(path)

    monkeypatch.setattr(Store, "reader", closed)
    names = sorted(os.listdir(seeded.parent))
    before = seeded.read_bytes()
    with pytest.raises(StoreError, match="unable to open"):
        restore(seeded, copy)
    assert seeded.read_bytes() == before
    assert sorted(os.listdir(seeded.parent)) == names


def test_few_file_descriptors_lose_no_store(seeded: Path, copy: Path, tmp_path: Path) -> None:
    with Store.open(seeded, write=True) as store:
        edit.add_note(store, 3, "kept")
    refused = 0

    def few(descriptors: int) -> Callable[[], None]:
        return lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (descriptors, descriptors))

    for descriptors in range(6, 14):
        path = tmp_path / str(descriptors) / "s.db"
        path.parent.mkdir()
        shutil.copyfile(seeded, path)
        done = subprocess.run(
            [sys.executable, ROOT / "main.py", "restore", copy, "--store", path],
            capture_output=True,
            text=True,
            env={**os.environ, "HOME": str(tmp_path)},
            preexec_fn=few(descriptors),
        )
        assert path.exists(), (descriptors, done.stderr)
        if done.returncode:
            refused += 1
            with Store.open(path) as store:
                assert store.connection.execute("SELECT text FROM note").fetchall() == [("kept",)]
    assert refused
