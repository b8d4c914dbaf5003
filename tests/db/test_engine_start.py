"""How an engine is chosen, what can be shown before a large store is read, and how the finished engine takes over."""

from __future__ import annotations

import subprocess
import sys
import threading
from contextlib import closing
from pathlib import Path

import pytest

import db.engine
from db.engine import NotReadyError, Wants, finish_engine, gather_postings, open_engine, start_engine
from db.engine.answer import Flag
from db.engine.columns import ColumnsEngine
from db.engine.plain import PlainEngine
from db.engine.start import StartEngine
from db.query import parse
from db.store import Store
from tests.support.chance_store import ChanceStore

FLAGS: tuple[Flag, ...] = ("disputed", "starred")


@pytest.fixture
def large(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A store that counts as large."""
    monkeypatch.setattr(db.engine, "LARGE", 10)
    path = tmp_path / "large.db"
    with closing(ChanceStore(path, 2)) as made:
        assert len(made.ids("incident")) >= 10
    return path


@pytest.mark.parametrize("seed", range(24))
def test_the_first_rows_are_those_of_the_whole_engine(seed: int, tmp_path: Path) -> None:
    """The timeline without a filter is row for row the one that follows, before and after changes."""
    with (
        closing(ChanceStore(tmp_path / "store.db", 500 + seed)) as made,
        Store.open(made.path) as one,
        Store.open(made.path) as other,
    ):
        start, plain = StartEngine(one), PlainEngine(other.connection)
        for _ in range(3):
            answer, expected = start.answer(parse("")), plain.answer(parse(""))
            rows = expected.totals.rows
            assert not answer.complete
            assert answer.totals.rows == rows
            assert answer.window(rows // 2, 3) == expected.window(rows // 2, 3)
            for flag in FLAGS:
                for rank in (-1, 0, rows // 3, rows - 1, rows, rows + 4):
                    for step in (1, -1):
                        assert answer.seek(rank, flag, step) == expected.seek(rank, flag, step)
            assert answer.window(-2, rows + 5) == expected.window(-2, rows + 5)
            for incident_id in (*made.ids("incident"), -7):
                assert answer.rank(incident_id) == expected.rank(incident_id)
                assert answer.near(incident_id) == expected.near(incident_id)
            assert [answer.day(rank) for rank in range(-1, rows + 2)] == [
                expected.day(rank) for rank in range(-1, rows + 2)
            ]
            for day in (-(10**9), -735_000, 18_755, 18_756, 60_000, 10**9):
                assert answer.at(day) == expected.at(day)
            assert start.span() == plain.span()
            assert start.gaps(30) == plain.gaps(30)
            made.change()
            assert start.refresh() == plain.refresh()


def test_a_filter_has_to_wait(large: Path) -> None:
    """Before the columns are there a filter is refused in one clear line, whatever it is."""
    with Store.open(large) as opened:
        engine = start_engine(opened)
        assert isinstance(engine, StartEngine)
        with pytest.raises(NotReadyError, match="still being read"):
            engine.answer(parse("type:ied"))
        assert engine.answer(parse(""), Wants(("type",))).facets == {}


def test_the_finished_engine_takes_over(large: Path) -> None:
    """Columns are made in a thread with a connection of its own, and go on with that of the screen."""
    finished: list[ColumnsEngine] = []

    def work() -> None:
        with Store.open(large) as own:
            engine = finish_engine(own)
            engine.move_to(opened)
            finished.append(engine)
            assert gather_postings(own)

    with Store.open(large) as opened:
        first = start_engine(opened).answer(parse(""))
        thread = threading.Thread(target=work)
        thread.start()
        thread.join()
        answer = finished[0].answer(parse(""))
        assert answer.complete
        assert answer.window(0, 99) == first.window(0, 99)
        assert answer.totals == PlainEngine(opened.connection).answer(parse("")).totals
        words = finished[0].answer(parse("the"))
        finished[0].use_postings()
        assert finished[0].answer(parse("the")).window(0, 99) == words.window(0, 99)
        assert words.totals.rows > 0
        assert isinstance(start_engine(opened), ColumnsEngine)


def test_the_engine_goes_by_size(large: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A small store is held in plain Python, a large one in columns, one row making the difference."""
    with Store.open(large) as opened:
        assert isinstance(open_engine(opened), ColumnsEngine)
        incidents = opened.connection.execute("SELECT count(*) FROM incident").fetchone()[0]
        monkeypatch.setattr(db.engine, "LARGE", incidents)
        assert isinstance(open_engine(opened), ColumnsEngine)
        monkeypatch.setattr(db.engine, "LARGE", incidents + 1)
        for engine in (open_engine(opened), start_engine(opened)):
            assert isinstance(engine, PlainEngine)
            assert engine.answer(parse("")).complete


def test_a_small_store_imports_no_numpy(tmp_path: Path) -> None:
    """Opening a small store costs neither the time nor the memory of numpy and pyroaring."""
    with closing(ChanceStore(tmp_path / "store.db", 2)):
        pass
    script = (
        "import sys; from pathlib import Path; from db.engine import open_engine, start_engine; from db.store import Store;"
        "store = Store.open(Path(sys.argv[1])); open_engine(store); start_engine(store);"
        "print(sorted({'numpy', 'pyroaring', 'textual'} & sys.modules.keys()))"
    )
    root = Path(__file__).parent.parent.parent
    done = subprocess.run(
        [sys.executable, "-c", script, tmp_path / "store.db"], cwd=root, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


SHARED = """
import sys, threading
from pathlib import Path
import db.engine
db.engine.LARGE = 10
from db.engine.start import StartEngine
from db.query import parse
from db.store import Store

with Store.open(Path(sys.argv[1])) as store:
    store.connection.set_progress_handler(lambda: False, 10)
    answer = StartEngine(store).answer(parse(""))
    done = threading.Event()

    def read():
        while not done.is_set():
            store.connection.execute("SELECT count(*) FROM incident AS a, incident AS b WHERE a.title < b.title").fetchone()

    thread = threading.Thread(target=read, daemon=True)
    thread.start()
    for _ in range(150):
        for step in (1, -1):
            answer.seek(20, "disputed", step)
            answer.window(0, 40)
    done.set()
    thread.join()
print("done")
"""


def test_the_screen_and_the_session_never_wait_for_each_other(seeded: Path) -> None:
    """One thread held the interpreter and waited for the connection, the other the reverse: only a process can tell."""
    done = subprocess.run(
        [sys.executable, "-c", SHARED, str(seeded)],
        capture_output=True,
        text=True,
        timeout=60,
        cwd=Path(__file__).resolve().parents[2],
    )
    assert (done.stdout, done.stderr) == ("done\n", "")
