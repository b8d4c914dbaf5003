"""How tests press keys in the timeline: in the app itself, without a terminal, and waiting for what each key asks for."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from textual.pilot import Pilot
from textual.widgets import Input

from tui.app import DatelineApp
from tui.screens.main import MainScreen

Settle = Callable[[Pilot[None]], Awaitable[None]]
Press = Callable[..., Awaitable[None]]


def main_of(app: DatelineApp) -> MainScreen:
    """The main screen, whatever lies over it."""
    assert app.main is not None
    return app.main


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


def said(app: DatelineApp) -> list[str]:
    """The messages that stand on the screen, the newest last."""
    return [notification.message for notification in app._notifications]
