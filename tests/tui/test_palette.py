"""The command palette: found by letters, done by one Enter, and no key pressed in haste ends the program."""

from __future__ import annotations

import random
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from textual import events
from textual.screen import ModalScreen

from tui import commands
from tui.app import DatelineApp
from tui.safe_text import safe
from tui.screens.go_to_date import GoToDate
from tui.screens.help import HelpScreen
from tui.screens.palette import Offers, Palette

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from textual.pilot import Pilot

SIZES = [(80, 24), (30, 5), (1, 1)]


@asynccontextmanager
async def _opened(path: Path, size: tuple[int, int]) -> AsyncIterator[tuple[DatelineApp, Pilot[None]]]:
    app = DatelineApp(path, live=False)
    async with app.run_test(size=size) as pilot:
        while not (app.begun and app.session is not None and app.session.idle):
            await pilot.pause(0.01)
        await pilot.pause()
        yield app, pilot


async def _burst(app: DatelineApp, pilot: Pilot[None], *keys: str) -> None:
    """Keys as a terminal sends them in one go: none waits for what the one before has done."""
    for key in keys:
        app.post_message(events.Key(key, key if len(key) == 1 else None))
    while app._message_queue.qsize():
        await pilot.pause(0.01)
    await pilot.pause()


async def test_all_commands_in_reach_are_offered_with_their_keys(seeded: Path) -> None:
    async with _opened(seeded, (120, 40)) as (app, pilot):
        await pilot.press("ctrl+p")
        assert isinstance(app.screen, Palette)
        offers = app.screen.query_one(Offers)
        shown = {(offer.words, offer.keys) for offer in offers.shown}
        for command in [*commands.in_scope("main"), *commands.in_scope("app")]:
            if command.id != "app.palette":
                assert (
                    commands.help_words(command, {}).rstrip("."),
                    " ".join(commands.key_names(command, {})),
                ) in shown
        await pilot.press(*"zzqx")
        assert (offers.current, offers.line_count) == (None, 1)
        await pilot.press("enter", "down", "pagedown")
        assert isinstance(app.screen, Palette)
        await pilot.press("ctrl+u", *"quitz", "backspace")
        assert offers.current is not None
        assert offers.current.words == "Quit; ^q does so out of dialogs and lines too"


async def test_page_keys_and_the_mouse_choose(seeded: Path) -> None:
    async with _opened(seeded, (80, 24)) as (app, pilot):
        await pilot.press("ctrl+p")
        offers = app.screen.query_one(Offers)
        page = offers.size.height - 1
        assert page > 4
        await pilot.press("pagedown", "pagedown", "down", "pageup", "up")
        assert offers.cursor == page
        await pilot.click(Offers, offset=(5, 1))
        assert offers.cursor == round(offers.scroll_y) + 1


HASTE = (
    ("ctrl+p", "enter", "enter"),
    ("ctrl+p", *"help", "enter", "enter"),
    ("ctrl+p", "pagedown", "pagedown", "pageup", "pageup", "down", "escape", "escape"),
    ("ctrl+p", "ctrl+p", "escape", "ctrl+p", "escape", "escape"),
    ("ctrl+p", "f1", "escape", "escape", "escape"),
    ("at", *"2021-06", "enter", "enter", "enter"),
)


@pytest.mark.parametrize("size", SIZES)
async def test_keys_in_haste(seeded: Path, size: tuple[int, int]) -> None:
    async with _opened(seeded, size) as (app, pilot):
        for keys in HASTE:
            await _burst(app, pilot, *keys)
            await _burst(app, pilot, "escape", "escape", "escape")
            while isinstance(app.screen, ModalScreen):
                await pilot.press("escape")
            assert app.screen is app.main, keys
            assert app.is_running


async def test_chance_keys_around_the_palette(seeded: Path) -> None:
    chance = random.Random(20210508)
    async with _opened(seeded, (80, 24)) as (app, pilot):
        for _ in range(40):
            await _burst(
                app, pilot, *chance.choices(("ctrl+p", "enter", "escape", "f1", "pagedown", "h", "e", "down"), k=5)
            )
            assert app.is_running
        while app.screen is not app.main:
            await pilot.press("escape")


async def test_letters_and_enter_in_one_go_do_what_the_letters_say(seeded: Path) -> None:
    async with _opened(seeded, (80, 24)) as (app, pilot):
        await _burst(app, pilot, "ctrl+p", *"every key", "enter")
        assert isinstance(app.screen, HelpScreen)
        await _burst(app, pilot, "escape", "ctrl+p", *"help", "enter")
        assert isinstance(app.screen, HelpScreen)
        await _burst(app, pilot, "escape", "ctrl+p", *"go to a date", "enter")
        assert isinstance(app.screen, GoToDate)


async def test_colours_are_chosen_from_a_list(seeded: Path) -> None:
    async with _opened(seeded, (80, 24)) as (app, pilot):
        await pilot.press("ctrl+p", *"colours", "enter")
        assert isinstance(app.screen, Palette)
        await pilot.press(*"high-con", "enter")
        assert app.theme == "high-contrast"
        assert len(app.screen_stack) == 2


@pytest.mark.parametrize(
    ("name", "there"),
    [("dl[/foo]", True), ("dl[/foo]", False), ("[@click=app.quit]x", True), ("dl\x1b]0;t\x07", True), ("[b]", False)],
)
async def test_a_picture_is_said_to_be_where_it_is_whatever_the_folder_is_called(
    tmp_path: Path, seeded: Path, name: str, there: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / name
    if there:
        folder.mkdir(parents=True)
    monkeypatch.setenv("XDG_DOWNLOAD_DIR", str(folder))
    async with _opened(seeded, (120, 40)) as (app, pilot):
        await pilot.press("ctrl+p", *"picture", "enter")
        while not app._notifications:
            await pilot.pause(0.01)
        (told,) = app._notifications
        if there:
            (saved,) = folder.iterdir()
            assert told.message == f"Saved the picture as {safe(str(saved))}"
            assert not told.markup
        else:
            assert told.message == "The picture was not saved: No such file or directory"
        await pilot.pause()
        assert app.is_running
