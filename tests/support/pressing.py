"""How tests press keys in the timeline: in the app itself, without a terminal, and waiting for what each key asks for."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, TypeVar

from textual.pilot import Pilot
from textual.screen import Screen
from textual.widgets import Input

from tui.app import DatelineApp
from tui.screens.main import MainScreen
from tui.widgets.line_view import LineView

Settle = Callable[[Pilot[None]], Awaitable[None]]
Press = Callable[..., Awaitable[None]]

_S = TypeVar("_S", bound=Screen[Any])


def main_of(app: DatelineApp) -> MainScreen:
    """The main screen, whatever lies over it."""
    assert app.main is not None
    return app.main


def on_top(app: DatelineApp, kind: type[_S]) -> _S:
    """The screen on top, which is to be of this kind."""
    assert isinstance(app.screen, kind)
    return app.screen


async def press(
    app: DatelineApp,
    pilot: Pilot[None],
    settle: Settle,
    keys: Sequence[str],
    deeds: Mapping[str, Callable[[], object]] | None = None,
) -> None:
    """Press keys and wait after each, but within a word: letters that go into one line are typed in one go.

    What begins with "'" is typed in one go too, wherever it goes; what `deeds` names is no key, but done.
    """
    deeds = deeds or {}
    for key, after in zip(keys, (*keys[1:], ""), strict=False):
        if key in deeds:
            deeds[key]()
        else:
            await pilot.press(*(key[1:] if len(key) > 1 and key.startswith("'") else (key,)))
        if not (len(key) == len(after) == 1 and isinstance(app.focused, Input)):
            await settle(pilot)


@asynccontextmanager
async def opened(
    path: Path, settle: Settle, size: tuple[int, int] = (120, 40), query: str = ""
) -> AsyncIterator[tuple[DatelineApp, MainScreen, Press]]:
    """The timeline of a store, its main screen, and a way to press keys in it."""
    app = DatelineApp(path, query, live=False)
    async with app.run_test(size=size) as pilot:
        await settle(pilot)

        async def pressed(*keys: str) -> None:
            await press(app, pilot, settle, keys)

        yield app, main_of(app), pressed


async def press_each(pilot: Pilot[None], settle: Settle, *keys: str) -> None:
    """Press keys and wait after each, the letters of a word too; "poll" is no key: it looks for others' writes.

    What begins with "'" is typed in one go.
    """
    for key in keys:
        if key == "poll":
            assert isinstance(pilot.app, DatelineApp)
            main_of(pilot.app).poll()
        else:
            await pilot.press(*(key[1:] if len(key) > 1 and key.startswith("'") else (key,)))
        await settle(pilot)


@asynccontextmanager
async def key_by_key(
    path: Path, settle: Settle, size: tuple[int, int] = (120, 40), query: str = ""
) -> AsyncIterator[tuple[DatelineApp, MainScreen, Press]]:
    """As `opened`, with keys that are pressed as `press_each` does it."""
    app = DatelineApp(path, query, live=False)
    async with app.run_test(size=size) as pilot:
        await settle(pilot)

        async def pressed(*keys: str) -> None:
            await press_each(pilot, settle, *keys)

        yield app, main_of(app), pressed


@asynccontextmanager
async def waited_for(
    app: DatelineApp,
    settle: Settle,
    size: tuple[int, int],
    key: str,
    kind: type[_S],
    quiet: Callable[[Pilot[None], _S], Awaitable[None]],
) -> AsyncIterator[tuple[DatelineApp, _S, Press]]:
    """A screen that a key opens over the timeline, and keys that wait until it is quiet, while it is open."""
    async with app.run_test(size=size) as pilot:
        await settle(pilot)

        async def pressed(*keys: str) -> None:
            for each in keys:
                await pilot.press(each)
                await settle(pilot)
                if isinstance(app.screen, kind):
                    await quiet(pilot, app.screen)

        await pressed(key)
        yield app, on_top(app, kind), pressed


def key_of(main: MainScreen) -> str:
    """The key of the incident under the cursor."""
    row = main.timeline.row
    assert row is not None
    return row.key


async def go_to(main: MainScreen, press: Press, key: str) -> None:
    """Walk down from the first row to the incident with this key."""
    await press("g")
    for _ in range(main.timeline.rows):
        if main.timeline.row is not None and main.timeline.row.key == key:
            return
        await press("j")
    raise AssertionError(f"no row {key}")


def text_of(view: LineView) -> str:
    """All lines of a view, as they are drawn."""
    return "\n".join("".join(text for text, _ in view.line(y)) for y in range(view.line_count))


def said(app: DatelineApp) -> list[str]:
    """The messages that stand on the screen, the newest last."""
    return [notification.message for notification in app._notifications]
