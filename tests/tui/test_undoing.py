"""Undo and redo: one key, one step, however quick the keys come; what is large is asked about, from every screen."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from textual.pilot import Pilot

from db import edit
from db.errors import StoreError
from db.store import Store
from tests.support.pressing import Settle, main_of, opened, said
from tui.app import DatelineApp
from tui.screens import log as log_module
from tui.screens.confirm import Confirm
from tui.screens.log import LogScreen


def starred(path: Path) -> list[int]:
    with Store.open(path) as store:
        return [i for (i,) in store.connection.execute("SELECT incident_id FROM star ORDER BY 1")]


async def test_quick_keys_each_take_one_step(seeded: Path, settle: Settle) -> None:
    with Store.open(seeded, write=True) as store:
        for incident_id in (1, 2, 3, 4):
            edit.star(store, incident_id, True)
    app = DatelineApp(seeded, live=False)
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        main = main_of(app)
        # All three before the session's thread has had time for the first.
        for _ in range(3):
            main.action_undo()
        await settle(pilot)
        assert starred(seeded) == [1]
        assert [text.split(" (")[0] for text in said(app)[-3:]] == [
            f"Undone: star {key}" for key in keys(seeded, (4, 3, 2))
        ]
        for _ in range(5):
            main.action_redo()
        await settle(pilot)
        assert starred(seeded) == [1, 2, 3, 4]
        assert said(app)[-2:] == ["Nothing to do again."] * 2
        # One of each: what the first did is what the second finds.
        main.action_undo()
        main.action_redo()
        main.action_undo()
        await settle(pilot)
        assert starred(seeded) == [1, 2, 3]


def keys(path: Path, ids: tuple[int, ...]) -> list[str]:
    with Store.open(path) as store:
        by_id = dict(store.connection.execute("SELECT id, key FROM incident").fetchall())
    return [by_id[i] for i in ids]


async def test_held_undo_stops_at_what_is_large_and_asks_once(seeded: Path, settle: Settle) -> None:
    with Store.open(seeded, write=True) as store:
        edit.star(store, 1, True)
    app = DatelineApp(seeded, live=False)
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        main = main_of(app)
        rows = main.timeline.rows
        for _ in range(4):
            main.action_undo()
        await settle(pilot)
        assert starred(seeded) == [] and main.timeline.rows == rows
        assert isinstance(app.screen, Confirm) and app.screen_stack[-2] is main
        with Store.open(seeded) as store:
            (incidents,) = store.connection.execute("SELECT count(*) FROM incident").fetchone()
        assert app.screen.TITLE_TEXT.startswith(f"Undo {incidents:,} incidents (")
        await pilot.press("y")
        await settle(pilot)
        assert main.timeline.rows == 0


async def test_the_log_asks_before_it_undoes_an_import(seeded: Path, settle: Settle) -> None:
    with Store.open(seeded, write=True) as store:
        edit.star(store, 1, True)
    app = DatelineApp(seeded, live=False)
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        main = main_of(app)
        rows = main.timeline.rows
        await pilot.press("W")
        await settle(pilot)
        assert isinstance(app.screen, LogScreen)
        screen: LogScreen = app.screen
        # What is small is not asked about.
        await pilot.press("u")
        await settle(pilot)
        assert app.screen_stack[-1] is screen and starred(seeded) == []
        await pilot.press("G", "u")
        await settle(pilot)
        assert isinstance(app.screen, Confirm) and main.timeline.rows == rows
        question = app.screen.TITLE_TEXT
        assert question.startswith("Undo ") and " incidents (" in question and question.endswith(" rows)?")
        await pilot.press("n")
        await settle(pilot)
        assert (
            app.screen_stack[-1] is screen
            and main.timeline.rows == rows
            and not screen.log_list.listed[-1].entry.undone
        )
        await pilot.press("u")
        await settle(pilot)
        await pilot.press("y")
        await settle(pilot)
        assert main.timeline.rows == 0 and screen.log_list.listed[-1].entry.undone and app.screen_stack[-1] is screen
        await pilot.press("g", "u")
        await settle(pilot)
        assert isinstance(app.screen, Confirm)
        assert question.replace("Undo", "Do").replace("?", " again?") == app.screen.TITLE_TEXT
        await pilot.press("y")
        await settle(pilot)
        assert main.timeline.rows == rows


async def test_nothing_is_told_of_a_step_that_wrote_nothing(seeded: Path, settle: Settle) -> None:
    app = DatelineApp(seeded, live=False)
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        main = main_of(app)
        asked = main._generation
        main.action_redo()
        await settle(pilot)
        assert said(app) == ["Nothing to do again."]
        assert main._generation == asked, "no change, so nothing is asked anew"


@asynccontextmanager
async def long_log(path: Path, settle: Settle, writes: int) -> AsyncIterator[tuple[Pilot[None], LogScreen]]:
    """The log of a store after so many more writes, as it stands when it is opened."""
    with Store.open(path, write=True) as store:
        for at in range(writes):
            edit.star(store, 1, at % 2 == 0)
    app = DatelineApp(path, live=False)
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await pilot.press("W")
        await settle(pilot)
        assert isinstance(app.screen, LogScreen)
        yield pilot, app.screen


async def test_a_held_key_at_the_end_of_the_log_reads_each_page_once(
    seeded: Path, settle: Settle, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log_module, "PAGE", 10)
    async with long_log(seeded, settle, 34) as (pilot, screen):
        asked: list[int] = []
        more = screen.log_list._more

        def count(below: int) -> None:
            asked.append(below)
            more(below)

        screen.log_list._more = count
        for _ in range(8):
            for _ in range(12):
                screen.action_down()
            await settle(pilot)
        numbers = [one.entry.id for one in screen.log_list.listed]
        assert numbers == list(range(35, 0, -1))
        assert len(asked) == len(set(asked)), "each page is asked for once"
        # Two answers to one question (the first was late) are one page.
        screen.log_list.take(screen.log_list.listed[10:20], 26, 10)
        assert [one.entry.id for one in screen.log_list.listed] == numbers


async def test_a_page_of_the_log_that_could_not_be_read_is_asked_for_again(
    seeded: Path, settle: Settle, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log_module, "PAGE", 10)
    async with long_log(seeded, settle, 14) as (pilot, screen):
        more = screen.log_list._more
        screen.log_list._more = lambda below: None
        await pilot.press("G")
        screen.log_list._more = more
        await pilot.press("k", "j")
        await settle(pilot)
        assert [one.entry.id for one in screen.log_list.listed] == list(range(15, 0, -1))


async def test_the_log_is_read_anew_down_to_the_row_under_the_cursor(
    seeded: Path, settle: Settle, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However many rows others have written since: the next `u` is for the row on which the cursor stands."""
    monkeypatch.setattr(log_module, "PAGE", 4)
    with Store.open(seeded, write=True) as store:
        for at in range(5):
            edit.star(store, at + 1, True)
    async with opened(seeded, settle) as (app, _, press):
        await press("W", "G", "G", "G", "k", "k")
        screen = app.screen
        assert isinstance(screen, log_module.LogScreen)
        stood = screen.log_list.current
        assert stood is not None
        with Store.open(seeded, write=True) as store:
            for at in range(8):
                edit.star(store, at + 10, True)
        await press("u")
        now = screen.log_list.current
        assert now is not None and now.entry.id == stood.entry.id and now.entry.undone


async def test_a_step_behind_a_write_that_is_refused_takes_nothing_else(seeded: Path, settle: Settle) -> None:
    """What it was meant for is not there: what stood before that is not to be taken back in its place."""

    def refused(_: Store) -> None:
        raise StoreError("locked for too long")

    async with opened(seeded, settle) as (app, main, press):
        await press("m", "j", "m")
        stars = starred(seeded)
        await press("W")
        log = app.screen
        assert isinstance(log, LogScreen)
        for step in (main.action_undo, main.action_redo, log.action_undo):
            main.session.write(refused)
            step()
            await press("shift")
            assert starred(seeded) == stars and said(app)[-1].startswith("nothing was taken back"), step
        main.action_undo()
        await press("shift")
        assert len(starred(seeded)) == 1
