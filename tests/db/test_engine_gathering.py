"""Postings gathered by a process of their own: there afterwards, and nothing left when it is stopped or alone."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from db.engine import gathering
from db.engine.cache import Place
from db.engine.columns import ColumnsEngine
from db.engine.gathering import Gatherer
from db.engine.postings import Thresholds
from db.query import parse
from db.store import Store
from tests.support.chance_store import ChanceStore


def wait(for_what: Callable[[], bool]) -> None:
    """Wait until something holds, for twenty seconds at most."""
    until = time.monotonic() + 20
    while not for_what():
        assert time.monotonic() < until
        time.sleep(0.01)


def test_what_another_process_gathers_is_taken_up(tmp_path: Path) -> None:
    with closing(ChanceStore(tmp_path / "store.db", 3)) as made, Store.open(made.path) as store:
        engine = ColumnsEngine(store, thresholds=Thresholds(1, 1))
        assert not engine.searches_fast
        before = engine.answer(parse("drone*"))
        gatherer = Gatherer(made.path)
        wait(lambda: gatherer.done)
        assert Place.of(made.path).postings.exists()
        engine.use_postings()
        assert engine.searches_fast
        after = engine.answer(parse("drone*"))
        assert after.totals == before.totals
        assert after.window(0, 50) == before.window(0, 50)
        gatherer.stop()


def test_stopping_ends_the_process(tmp_path: Path) -> None:
    with closing(ChanceStore(tmp_path / "store.db", 4)) as made:
        gatherer = Gatherer(made.path)
        gatherer.stop()
        assert gatherer.done


def test_without_the_program_that_wanted_them_nothing_is_gathered(tmp_path: Path) -> None:
    with closing(ChanceStore(tmp_path / "store.db", 5)) as made:
        nobody = str(os.getpid() + 1)
        arguments = [sys.executable, "-c", gathering._PROGRAM, str(gathering._ROOT), str(made.path), nobody]
        assert subprocess.run(arguments, check=False, timeout=20).returncode == 1
        assert not Place.of(made.path).postings.exists()


def test_nothing_of_the_folder_it_was_started_in_is_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A stranger's folder may hold modules named as Python's own beside the store."""
    folder = tmp_path / "strangers"
    folder.mkdir()
    for name in ("sqlite3", "json", "numpy", "subprocess", "db"):
        (folder / f"{name}.py").write_text(f"open({str(folder / 'RAN')!r}, 'w').close()")
    with closing(ChanceStore(folder / "store.db", 3)) as made:
        monkeypatch.chdir(folder)
        gatherer = Gatherer(made.path)
        wait(lambda: gatherer.done)
        assert not (folder / "RAN").exists()
        assert Place.of(made.path).postings.exists()
