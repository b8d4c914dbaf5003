"""The dialog that exports, opened and waited for."""

from __future__ import annotations

import asyncio
from contextlib import AbstractAsyncContextManager
from pathlib import Path

from textual.pilot import Pilot
from textual.widgets import Static

from db import exporting
from tests.support.pressing import Press, Settle, waited_for
from tui.app import DatelineApp
from tui.screens.export import ExportScreen

NAMES = [form.name for form in exporting.WRITTEN]


def dialog(
    path: Path, settle: Settle, query: str = "", size: tuple[int, int] = (100, 40)
) -> AbstractAsyncContextManager[tuple[DatelineApp, ExportScreen, Press]]:
    """The dialog over the timeline of a store, and keys that wait until it has counted and written."""
    return waited_for(DatelineApp(path, query, live=False), settle, size, "ctrl+s", ExportScreen, quiet)


async def quiet(pilot: Pilot[None], screen: ExportScreen) -> None:
    """Wait until the dialog has counted and written what it is at, and all it said has arrived."""
    async with asyncio.timeout(20):
        while screen.under_way or not screen.counted:
            await asyncio.sleep(0.005)
            await pilot.pause()
    await pilot.pause()


def words(screen: ExportScreen, which: str) -> str:
    return str(screen.query_one(f"#export-{which}", Static).render())


async def choose(screen: ExportScreen, press: Press, name: str) -> None:
    await press(*["j"] * (NAMES.index(name) - screen.formats.cursor))
    assert screen.formats.chosen.name == name
