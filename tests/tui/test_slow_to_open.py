"""What is typed for a dialog that is slow to open waits for it, however long that takes, and goes nowhere else."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from textual.events import Paste
from textual.screen import Screen

from db import doubles, read
from db.errors import StoreError
from db.store import Store
from tests.support.pressing import Settle, main_of, opened
from tests.tui.test_key_order import click, send
from tui import settings
from tui.app import DatelineApp
from tui.screens import main_base
from tui.screens.doubles import DoublesScreen
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


async def test_what_is_pasted_for_what_is_slow_to_open_comes_into_it(seeded: Path, settle: Settle) -> None:
    async with opened(seeded, settle) as (app, main, press):
        here = main.timeline.match
        assert here is not None
        for text, waits in (("one ", False), ("two ", True)):
            with busy(main) if waits else nullcontext():
                send(app, "a")
                app.post_message(Paste(text))
                send(app, "x", "ctrl+s")
                if waits:
                    await until_late(main)
            await press("shift")
            await press("shift")
        with Store.open(seeded) as store:
            incident = read.incident(store.connection, here.id)
        assert incident is not None and {note.text for note in incident.notes} == {"one x", "two x"}


async def test_a_click_gives_up_what_is_slow_to_open_and_is_for_what_stands_there(seeded: Path, settle: Settle) -> None:
    async with opened(seeded, settle) as (app, main, press):
        first = main.timeline.row
        with busy(main):
            send(app, "number_sign", "h")
            await until_late(main)
            app.post_message(Paste("ot"))
            region = main.timeline.region
            click(app, region.x + 20, region.y + 6)
            send(app, "m")
            async with asyncio.timeout(20):
                while main.opens:
                    await asyncio.sleep(0.005)
        await press("shift")
        row = main.timeline.row
        assert app.screen is main and row is not None and first is not None and row.key != first.key
        assert "Given up, with what was typed and pasted behind it." in told(app)
        assert written(seeded) == [(f"star {row.key}",)]


async def test_what_was_typed_for_what_is_slow_to_open_is_told_when_one_quits(seeded: Path, settle: Settle) -> None:
    async with opened(seeded, settle) as (app, main, _):
        with busy(main):
            send(app, "a", "s", "o", "enter")
            app.post_message(Paste("it is"))
            await until_late(main)
            send(app, "ctrl+q")
            async with asyncio.timeout(20):
                while "unfinished note" not in told(app)[-1]:
                    await asyncio.sleep(0.005)
            assert "what was typed for what is still to open" in told(app)[-1]
            assert [typed.text for typed in main.unfinished()] == ["so\nit is"]
            send(app, "ctrl+q")
            async with asyncio.timeout(20):
                while not app._exit:
                    await asyncio.sleep(0.005)


async def test_that_the_store_is_busy_is_said_until_it_is_not(
    seeded: Path, settle: Settle, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(DatelineApp, "NOTIFICATION_TIMEOUT", 0.05)
    async with opened(seeded, settle) as (app, main, press):
        said: list[str] = []
        monkeypatch.setattr(main, "say", said.append)
        with busy(main):
            send(app, "a")
            async with asyncio.timeout(20):
                while len(said) < 3:
                    await asyncio.sleep(0.005)
        await press("shift")
        assert isinstance(app.screen, NoteScreen) and len(set(said)) == 1


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


@pytest.mark.parametrize("leaves", [False, True])
async def test_a_word_on_a_pair_waits_until_the_pairs_are_there(
    twice: Path, settle: Settle, monkeypatch: pytest.MonkeyPatch, leaves: bool
) -> None:
    """Else the step before it would be lost, and the word would be for another pair."""
    found, goes_on = doubles.find, Event()

    def slow(*about: Any, **options: Any) -> doubles.Doubles:
        assert goes_on.wait(20)
        return found(*about, **options)

    monkeypatch.setattr(doubles, "find", slow)
    links = "SELECT from_id, to_id FROM incident_link"
    with Store.open(twice) as store:
        before = store.connection.execute(links).fetchall()
    async with opened(twice, settle) as (app, main, press):
        send(app, "M", "j", "s", *(["escape"] if leaves else []))
        if leaves:
            async with asyncio.timeout(20):
                while not told(app):
                    await asyncio.sleep(0.005)
            await press("shift")
            assert told(app)[-1] == "Given up, with 2 keys typed behind it."
            assert app.screen is main
            goes_on.set()
            assert len(written(twice)) == 2, "the imports"
            return
        await until_late(main)
        await asyncio.sleep(0.02)
        screen: Screen[object] = app.screen
        assert isinstance(screen, DoublesScreen) and "Esc leaves" in told(app)[-1]
        goes_on.set()
        async with asyncio.timeout(20):
            while main.opens:
                await asyncio.sleep(0.005)
        await press("shift")
        second = screen.list.pairs[1]
        with Store.open(twice) as store:
            linked = store.connection.execute(links).fetchall()
        assert [set(pair) for pair in linked if pair not in before] == [{second.first.id, second.second.id}]


async def test_a_question_whose_place_another_takes_is_told(seeded: Path, settle: Settle) -> None:
    async with opened(seeded, settle) as (_, main, press):
        heard: list[str] = []
        with busy(main):
            main.session.look("kind", lambda *_: "first", heard.append, lambda: heard.append("first not"))
            main.session.look("kind", lambda *_: "second", heard.append, lambda: heard.append("second not"))
        await press("shift")
        assert heard == ["first not", "second"]
