"""What is typed for a dialog that is slow to open waits for it, however long that takes, and goes nowhere else."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event

import pytest
from textual.screen import Screen

from db import read
from db.errors import StoreError
from db.store import Store
from tests.support.pressing import Settle, main_of, opened
from tests.tui.test_key_order import send
from tui import settings
from tui.app import DatelineApp
from tui.screens import main_base
from tui.screens.log import LogScreen
from tui.screens.main import MainScreen
from tui.screens.note import NoteScreen
from tui.screens.show_lines import ShowLines


@pytest.fixture(autouse=True)
def soon_late(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(main_base, "LATE_S", 0.05)


@contextmanager
def busy(main: MainScreen) -> Iterator[None]:
    """A write that takes until the end of the block is ahead of all that is asked."""
    goes_on = Event()

    def write(_: Store) -> None:
        assert goes_on.wait(20)

    main.session.write(write)
    try:
        yield
    finally:
        goes_on.set()


async def until_late(main: MainScreen) -> None:
    async with asyncio.timeout(20):
        while not main.opens_late:
            await asyncio.sleep(0.005)


def told(app: DatelineApp) -> list[str]:
    return [note.message for note in app._notifications]


def written(path: Path) -> list[tuple[str]]:
    with Store.open(path) as store:
        return store.connection.execute("SELECT what FROM log WHERE id > 1 ORDER BY id").fetchall()


async def test_a_note_typed_ahead_is_kept_whole(seeded: Path, settle: Settle) -> None:
    async with opened(seeded, settle) as (app, main, press):
        here = main.timeline.match
        assert here is not None
        with busy(main):
            send(app, "a", "m", "o", "r", "e", "ctrl+s")
            await until_late(main)
            await asyncio.sleep(0.05)
            assert app.screen is main and "Esc gives it up" in told(app)[-1]
        await press("shift")
        await press("shift")
        with Store.open(seeded) as store:
            incident = read.incident(store.connection, here.id)
        assert incident is not None
        assert ([note.text for note in incident.notes], incident.starred) == (["more"], False)
        await press("m")
        assert len(written(seeded)) == 2, "keys are carried out as before"


async def test_escape_gives_up_what_is_slow_to_open_and_what_was_typed_for_it(seeded: Path, settle: Settle) -> None:
    async with opened(seeded, settle) as (app, main, press):
        with busy(main):
            send(app, "a", "m", "o", "escape")
            await until_late(main)
            assert main.opens, "an Esc from before is for the dialog, as what was typed is"
            send(app, "escape")
            async with asyncio.timeout(20):
                while main.opens:
                    await asyncio.sleep(0.005)
            assert told(app)[-1] == "Given up, with 3 keys typed behind it."
        await press("shift")
        assert app.screen is main and written(seeded) == []
        await press("a")
        assert isinstance(app.screen, NoteScreen)


async def test_the_key_that_gives_up_is_the_users(seeded: Path, settle: Settle, tmp_path: Path) -> None:
    file = settings.path()
    file.parent.mkdir(parents=True)
    file.write_text('[keys]\n"main.back" = "f9"\n', encoding="utf-8")
    app = DatelineApp(seeded, "", settings.load(), live=False)
    async with app.run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        main = main_of(app)
        with busy(main):
            send(app, "a", "m")
            await until_late(main)
            assert "f9 gives it up" in told(app)[-1]
            send(app, "escape", "f9")
            async with asyncio.timeout(20):
                while main.opens:
                    await asyncio.sleep(0.005)
        assert told(app)[-1] == "Given up, with 2 keys typed behind it."
        await settle(pilot)


async def test_what_a_key_of_a_dialog_opens_is_waited_for_too(seeded: Path, settle: Settle) -> None:
    async with opened(seeded, settle) as (app, main, press):
        await press("W")
        log: Screen[object] = app.screen
        assert isinstance(log, LogScreen)
        with busy(main):
            send(app, "enter", "u")  # u would undo it
            await until_late(main)
            assert app.screen is log
        await press("shift")
        assert isinstance(app.screen, ShowLines)
        assert written(seeded) == []


async def test_where_what_a_key_opens_cannot_be_read_the_keys_go_on(
    seeded: Path, settle: Settle, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unreadable(*_: object) -> None:
        raise StoreError("cannot be read")

    async with opened(seeded, settle) as (app, main, press):
        monkeypatch.setattr(read, "incident", unreadable)
        send(app, "a", "m")
        await press("shift")
        monkeypatch.undo()
        assert app.screen is main and not main.opens
        assert len(written(seeded)) == 1, "the star"
