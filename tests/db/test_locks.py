"""Opening a store again must not let go of the locks that this process holds on it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from db.store import Store

ROOT = Path(__file__).parents[2]
WRITE = """
import sys; sys.path.insert(0, sys.argv[1])
from pathlib import Path; from db import edit; from db.store import Store
with Store.open(Path(sys.argv[2]), write=True) as store: edit.star(store, 1, True)
"""


def write_elsewhere(path: Path) -> None:
    subprocess.run([sys.executable, "-c", WRITE, ROOT, path], check=True, capture_output=True)


@pytest.mark.parametrize("again", ["open", "nothing", "plainly"])
def test_another_process_never_takes_itself_for_the_last(again: str, seeded: Path) -> None:
    """The last to close a store deletes its write-ahead log; under those who still use it, writes would be lost."""
    wal = seeded.with_name(seeded.name + "-wal")
    with Store.open(seeded) as reader:
        reader.connection.execute("SELECT count(*) FROM incident").fetchone()
        before = wal.stat().st_ino
        if again == "open":
            Store.open(seeded).close()
            Store.open(seeded, write=True).close()
        elif again == "plainly":
            seeded.read_bytes()  # what SQLite's own documents warn of: this shows that the test would see it
        write_elsewhere(seeded)
        kept = wal.exists() and wal.stat().st_ino == before
        assert kept == (again != "plainly")
        if kept:
            assert reader.connection.execute("SELECT count(*) FROM star").fetchone() == (1,)
