"""The foot line: what it says is what the keys do."""

from __future__ import annotations

from pathlib import Path

from textual.geometry import Region

from tests.support.pressing import Settle, opened
from tui.screens.main import MainScreen


def foot_line(main: MainScreen) -> str:
    (strip,) = main.footer.render_lines(Region(0, 0, main.footer.size.width, 1))
    return strip.text


async def test_under_a_dialog_it_shows_none_of_the_keys_that_do_nothing_there(seeded: Path, settle: Settle) -> None:
    async with opened(seeded, settle) as (_, main, press):
        shown = foot_line(main)
        assert " q quit " in shown
        await press("a")
        assert foot_line(main) == " " * len(shown)
        await press("escape")
        assert foot_line(main) == shown
