"""Another store in the place of the one that is open: nothing of the old one is taken for the new one's."""

from __future__ import annotations

import asyncio
import errno
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from textual.widgets import Static

from db import edit
from db.history import one_history
from db.store import Store
from seed.load import bundled, load
from tests.support.incidents import stored
from tests.support.pressing import Settle, key_by_key, said
from tui.screens.doubles import DoublesScreen
from tui.screens.export import ExportScreen
from tui.screens.leave_out import LeaveOut
from tui.screens.log import LogScreen
from tui.screens.note import NoteScreen
from tui.screens.reader import ReaderScreen

VICTORY = "victory-drones-2021-06-21"


def whole(store: Store) -> None:
    store.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


@pytest.fixture
def other(tmp_path: Path) -> Path:
    """A store of its own: the same incidents under other numbers, the ids of notes given out as in the first."""
    path = tmp_path / "other.db"
    with Store.create(path) as store:
        with store.write("one before all others") as connection:
            connection.execute("INSERT INTO incident (key, title, event_type) VALUES ('first', 'First', 'explosion')")
        load(store, bundled())
        whole(store)
    return path


@pytest.fixture
def later(seeded: Path, tmp_path: Path) -> Path:
    """What the store became elsewhere: the same one, with a star more."""
    path = tmp_path / "later.db"
    shutil.copyfile(seeded, path)
    with Store.open(path, write=True) as store:
        edit.star(store, 1, True)
        whole(store)
    return path


def test_a_store_is_known_by_its_log(seeded: Path, other: Path, later: Path, tmp_path: Path) -> None:
    empty = tmp_path / "empty.db"
    Store.create(empty).close()
    with Store.open(seeded) as a, Store.open(other) as b, Store.open(later) as c, Store.open(empty) as d:
        pairs = {(x, y): one_history(x.connection, y.connection) for x in (a, b, c, d) for y in (a, b, c, d)}
        assert pairs[a, a] and pairs[a, c] and pairs[c, a]
        assert not any(pairs[pair] for pair in ((a, b), (b, a), (c, b), (a, d), (d, a), (d, d)))
    with Store.open(seeded, write=True) as store:
        edit.star(store, 2, True)
    with Store.open(seeded) as a, Store.open(later) as c:
        assert not one_history(a.connection, c.connection), "each went its own way"


async def test_drafts_and_a_what_if_go_with_the_old_store(seeded: Path, settle: Settle, other: Path) -> None:
    async with key_by_key(seeded, settle, query="victory drones") as (app, main, press):
        await press("a", "d", "r", "a", "f", "t", "escape", "X")
        assert isinstance(app.screen, LeaveOut)
        await press("enter")
        assert main._drafts and main.difference is not None
        os.replace(other, seeded)
        await press("f5")
        assert said(app)[-2:] == [
            "Another store stands there now. Dropped with the old one: the what-if, 1 unfinished note (printed at the end).",
            "Read the file that stands there now.",
        ]
        assert main.difference is None and "without" not in main.header.text
        await press("a")
        assert isinstance(app.screen, NoteScreen) and app.screen.text.text == ""
        await press("escape")
        assert [(typed.what, typed.text) for typed in main.unreachable_notes()] == [
            ("a note on victory-drones-2021-06-21", "draft")
        ]


async def test_drafts_and_a_what_if_stay_with_the_same_store(seeded: Path, settle: Settle, later: Path) -> None:
    async with key_by_key(seeded, settle, query="victory drones") as (app, main, press):
        await press("a", "d", "r", "a", "f", "t", "escape", "X", "enter")
        os.replace(later, seeded)
        await press("f5")
        assert said(app)[-1] == "Read the file that stands there now." and "Another store" not in "".join(said(app))
        assert main.difference is not None and "without" in main.header.text
        await press("escape", "a")
        assert isinstance(app.screen, NoteScreen) and app.screen.text.text == "draft"


async def test_nothing_is_read_through_the_log_that_the_old_store_left(
    seeded: Path, settle: Settle, other: Path
) -> None:
    """SQLite would take it for the new file's, and read and write a mixture of both."""
    async with key_by_key(seeded, settle, query="victory drones") as (app, _, press):
        await press("m")
        whole_other = other.read_bytes()
        os.replace(other, seeded)
        left = seeded.with_name(f"{seeded.name}-wal")
        writes = left.read_bytes()
        await press("poll")
        assert "with iraq-drones.db-wal of the old one still beside it" in said(app)[-1]
        await press("f5")
        assert said(app)[-1].startswith("another file stands at") and left.name in said(app)[-1]
        await press("m")
        assert said(app)[-1].endswith("nothing was written")
        assert (seeded.read_bytes(), left.read_bytes()) == (whole_other, writes)
        left.rename(left.with_name("kept-wal"))
        await press("f5")
        assert said(app)[-1] == "Read the file that stands there now."
        await press("m")
        assert stored(seeded, VICTORY).starred
    assert left.with_name("kept-wal").read_bytes() == writes


async def test_screens_on_the_old_store_close(seeded: Path, settle: Settle, other: Path) -> None:
    async with key_by_key(seeded, settle, query="victory drones") as (app, main, press):
        await press("s")
        assert isinstance(app.screen, ReaderScreen)
        os.replace(other, seeded)
        main.session.reload()
        await press("poll")
        assert app.screen_stack[-1] is main
        assert "what was open over the timeline" in said(app)[-1]
        await press("W")
        assert isinstance(app.screen, LogScreen)
        assert app.screen.log_list.listed[-1].entry.what == "one before all others"


async def test_a_key_meant_for_the_old_store_writes_nothing_to_the_new(
    seeded: Path, settle: Settle, other: Path
) -> None:
    async with key_by_key(seeded, settle, query="victory drones") as (_, main, press):
        os.replace(other, seeded)
        taken: list[object] = []
        session = main.session
        post, session._post = session._post, taken.append
        session.reload()
        while not session.idle:
            await press()
        # The screens have not heard of it yet, and the cursor's number is the old store's.
        await main.action_star()
        while not session.idle:
            await press()
        assert [str(getattr(message, "text", "")) for message in taken][-1].endswith("nothing was written")
        session._post = post
        for message in taken:
            post(message)  # type: ignore[arg-type]
        await press("poll")
        with Store.open(seeded) as store:
            assert store.connection.execute("SELECT count(*) FROM star").fetchone() == (0,)
        await press("m")
        assert stored(seeded, VICTORY).starred


@pytest.mark.parametrize("key", ["ctrl+s", "M"])
async def test_a_replaced_store_is_not_read_by_the_numbers_of_the_old_one(
    key: str, seeded: Path, settle: Settle, other: Path
) -> None:
    async with key_by_key(seeded, settle) as (app, main, press):
        os.replace(other, seeded)
        await press("poll", key)
        assert app.screen_stack[-1] is main and "was replaced by another file" in said(app)[-1]
        assert "nothing is read from there" in said(app)[-1]
        await press("f5", key)
        assert app.screen_stack[-1] is not main, said(app)


@pytest.mark.parametrize("key", ["ctrl+s", "M"])
async def test_what_was_open_when_the_store_was_replaced_reads_nothing_by_its_name(
    key: str, seeded: Path, settle: Settle, other: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    async with key_by_key(seeded, settle) as (app, _, press):
        await press(key)
        screen = app.screen
        assert isinstance(screen, (ExportScreen, DoublesScreen))
        os.replace(other, seeded)
        there = sorted(tmp_path.iterdir())
        await press(*(["enter", "enter"] if key == "ctrl+s" else ["w"]))
        async with asyncio.timeout(10):
            while screen.under_way:
                await press()
        if isinstance(screen, ExportScreen):
            told = str(screen.query_one("#export-words", Static).render())
            assert sorted(tmp_path.iterdir()) == there and screen.written is None
        else:
            told = said(app)[-1]
            assert screen.failed and not screen.list.pairs
        assert "was replaced by another file" in told and told.endswith("nothing was read from there")


async def test_an_errand_of_a_store_that_the_screens_have_not_heard_of_reads_nothing(
    seeded: Path, settle: Settle, other: Path
) -> None:
    async with key_by_key(seeded, settle) as (_, main, press):
        before = main.session.fate
        assert before() is None
        os.replace(other, seeded)
        session = main.session
        post, session._post = session._post, lambda _: None
        session.reload()
        while not session.idle:
            await press()
        told = session.fate()
        assert before() is not None and told is not None and "another store stands at" in told
        session.leave_store()
        assert session.fate() is None and before() is not None
        session._post = post


class FakeProcess:
    """Stands for the process that gathers, and never ends of itself."""

    made: list[FakeProcess] = []  # noqa: RUF012

    def __init__(self, path: Path) -> None:
        self.place = path.stat().st_ino
        self.stopped = False
        self.made.append(self)

    @property
    def done(self) -> bool:
        return self.stopped

    def stop(self) -> None:
        self.stopped = True


@pytest.fixture
def gatherers(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[FakeProcess]]:
    from db.engine import gathering
    from db.engine.plain import PlainEngine

    monkeypatch.setattr(gathering, "Gatherer", FakeProcess)
    monkeypatch.setattr(PlainEngine, "searches_fast", False)
    FakeProcess.made.clear()
    yield FakeProcess.made
    FakeProcess.made.clear()


async def test_words_are_gathered_anew_for_the_new_store(
    seeded: Path, settle: Settle, other: Path, gatherers: list[FakeProcess]
) -> None:
    async with key_by_key(seeded, settle) as (_, _main, press):
        await press("poll")
        assert [one.place for one in gatherers] == [seeded.stat().st_ino]
        place = other.stat().st_ino
        os.replace(other, seeded)
        await press("f5", "poll")
        assert [one.stopped for one in gatherers] == [True, False]
        assert gatherers[1].place == place


async def test_a_folder_that_can_no_longer_be_entered_is_a_store_that_is_gone(
    seeded: Path, settle: Settle, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(path: Path) -> bool:
        raise PermissionError(errno.EACCES, "Permission denied", str(path))

    async with key_by_key(seeded, settle) as (app, main, press):
        monkeypatch.setattr(Path, "exists", refuse)  # as Python 3.11 does, and it depends on the folder
        seeded.rename(seeded.with_name("elsewhere.db"))
        await press("poll")
        assert main._facts is not None
        assert main.live_states(main._facts.facts)[0] == "removed"
        await press("j")
        assert app.is_running


@pytest.mark.parametrize("key", ["f5", "V", "1"])
async def test_a_folder_that_is_gone_from_under_the_timeline_is_no_error(
    seeded: Path, settle: Settle, monkeypatch: pytest.MonkeyPatch, key: str
) -> None:
    folder = seeded.parent / "folder"
    folder.mkdir()
    monkeypatch.chdir(folder)
    async with key_by_key(Path("..") / seeded.name, settle) as (app, _, press):
        folder.rmdir()
        await press(key)
        assert app.is_running
        assert app.main is not None and app.main.session.lost is None
    monkeypatch.chdir(seeded.parent)
