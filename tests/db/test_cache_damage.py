"""A cache that is damaged, cut short or of another version is made anew, and what is half written is never read."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from pathlib import Path

import pytest

from db.engine import container
from db.engine.columns import ColumnsEngine
from db.engine.plain import PlainEngine
from db.query import parse
from db.store import Store
from tests.support.cached_store import EVERY_WORD, check, files, same


@pytest.fixture
def store(of_forty: Path) -> Path:
    """A store of its own for each test."""
    return of_forty


def test_a_flipped_bit_anywhere_is_noticed(store: Path, cache_folder: Path, builds: list[object]) -> None:
    """A damaged cache is made anew, silently; the answers are right all the while."""
    check(store, cache_folder, gather=True)
    chance = random.Random(7)
    kept = {suffix: path.read_bytes() for suffix, path in files(cache_folder).items()}
    for suffix, content in kept.items():
        path = files(cache_folder)[suffix]
        places = {*range(0, 36, 2), len(content) - 1, *chance.sample(range(len(content)), 12)}
        for place in sorted(places):
            damaged = bytearray(content)
            damaged[place] ^= 1 << chance.randrange(8)
            path.write_bytes(damaged)
            builds.clear()
            with Store.open(store) as opened:
                engine = ColumnsEngine(opened, folder=cache_folder, thresholds=EVERY_WORD)
                same(engine, store, ("the", "is:starred"))
            assert len(builds) == (suffix == ".columns"), place
            path.write_bytes(content)


@pytest.mark.parametrize("content", [b"", b"DATELINE", b"\0" * 4_000, b"SQLite format 3\0" + b"x" * 99])
def test_a_file_that_is_no_cache(store: Path, cache_folder: Path, content: bytes) -> None:
    """Files cut short, empty or of another kind are made anew."""
    check(store, cache_folder, gather=True)
    kept = {path: path.read_bytes() for path in cache_folder.iterdir()}
    for path, whole in kept.items():
        for damaged in (content, whole[: len(whole) // 2], whole[:-1]):
            path.write_bytes(damaged)
            check(store, cache_folder)
        path.write_bytes(whole)


def test_a_cache_that_lies_is_no_error(store: Path, cache_folder: Path) -> None:
    """Whole by its checksums, but not what the engine writes: it is made anew all the same."""
    check(store, cache_folder, gather=True)
    lies: tuple[object, ...] = (None, [], {"seq": 0}, {"seq": "x", "log": 3, "samples": []})
    for about in lies:
        for path in list(cache_folder.iterdir()):
            with container.writing(path) as writer:
                writer.finish(about)
        check(store, cache_folder)


def test_another_version_is_not_read(
    store: Path, cache_folder: Path, builds: list[object], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What an older or newer program has kept is left alone until it is written over."""
    check(store, cache_folder)
    monkeypatch.setattr(container, "FORMAT", container.FORMAT + 1)
    check(store, cache_folder)
    assert len(builds) == 2
    check(store, cache_folder)
    assert len(builds) == 2


def test_no_folder_to_write_to(store: Path, tmp_path: Path) -> None:
    """Where nothing can be kept the engine works from memory, and without postings."""
    blocked = tmp_path / "a file"
    blocked.write_text("in the way")
    for folder in (blocked, blocked / "deeper"):
        engine = check(store, folder)
        assert not engine.gather_postings()
        assert not engine.searches_fast
        same(engine, store)


def test_work_that_is_stopped_leaves_nothing(store: Path, cache_folder: Path) -> None:
    """Progress goes up from 0 to 1; where it raises, no file is left behind, half-made or whole."""
    engine = check(store, cache_folder)
    told: list[float] = []

    class StoppedError(Exception):
        pass

    def stop(part: float) -> None:
        told.append(part)
        if len(told) == 5:
            raise StoppedError

    with pytest.raises(StoppedError):
        engine.gather_postings(stop)
    assert files(cache_folder).keys() == {".columns"}
    same(engine, store)
    told.clear()
    assert engine.gather_postings(lambda part: told.append(part))
    assert told == sorted(told)
    assert 0 <= told[0] < told[-1] == 1
    built: list[float] = []
    with Store.open(store) as opened:
        ColumnsEngine(opened, folder=cache_folder / "new", progress=lambda part: built.append(part))
    assert built == sorted(built)
    assert built[-1] == 1


def test_an_old_cache_is_cleared_away(store: Path, cache_folder: Path) -> None:
    """Caches that nobody has written for months go when another is written."""
    cache_folder.mkdir()
    old, young = cache_folder / "old.columns", cache_folder / "young.postings"
    for path in (old, young):
        path.write_bytes(b"x")
    os.utime(old, (0, 0))
    check(store, cache_folder)
    assert not old.exists()
    assert young.exists()


def test_two_programs_at_once(store: Path, cache_folder: Path) -> None:
    """Several processes that make the same cache at the same time all answer right, and leave a whole one."""
    script = (
        "import sys; from pathlib import Path; from db.engine.columns import ColumnsEngine;"
        "from db.engine.postings import Thresholds; from db.store import Store; from db.query import parse;"
        "store = Store.open(Path(sys.argv[1]));"
        "engine = ColumnsEngine(store, folder=Path(sys.argv[2]), thresholds=Thresholds(1, 1));"
        "[engine.gather_postings() for _ in range(5)];"
        "print(engine.answer(parse('the')).totals.rows, engine.searches_fast)"
    )
    root = Path(__file__).parent.parent.parent
    running = [
        subprocess.Popen(
            [sys.executable, "-c", script, store, cache_folder], cwd=root, stdout=subprocess.PIPE, text=True
        )
        for _ in range(3)
    ]
    said = {process.communicate(timeout=60)[0].strip() for process in running}
    assert all(process.returncode == 0 for process in running)
    with Store.open(store) as opened:
        rows = PlainEngine(opened.connection).answer(parse("the")).totals.rows
    assert said == {f"{rows} True"}
    assert files(cache_folder).keys() == {".columns", ".postings"}
    check(store, cache_folder)
