"""A key right behind a click or a paste is carried out after it."""

from __future__ import annotations

from pathlib import Path

from textual.events import Key, MouseDown, MouseUp, Paste

from db.store import Store
from tests.support.pressing import Settle, opened
from tui.app import DatelineApp
from tui.screens.log import LogScreen


def click(app: DatelineApp, x: int, y: int) -> None:
    """Post what a terminal sends of a click, and wait for nothing."""
    for kind in (MouseDown, MouseUp):
        app.post_message(kind(None, x, y, 0, 0, 1, False, False, False, screen_x=x, screen_y=y, style=None))


async def test_a_star_behind_a_click_is_for_the_row_that_was_clicked_on(seeded: Path, settle: Settle) -> None:
    async with opened(seeded, settle) as (app, main, press):
        region = main.timeline.region
        first = main.timeline.row
        click(app, region.x + 20, region.y + 6)
        app.post_message(Key("m", "m"))
        await press("shift")
        row = main.timeline.row
        assert row is not None and first is not None and row.key != first.key
        with Store.open(seeded) as store:
            found = store.connection.execute("SELECT key FROM incident WHERE id IN (SELECT incident_id FROM star)")
            assert found.fetchall() == [(row.key,)]


async def test_an_undo_behind_a_click_is_of_the_write_that_was_clicked_on(seeded: Path, settle: Settle) -> None:
    async with opened(seeded, settle) as (app, main, press):
        await press("m", "j", "m", "j", "m", "W")
        screen = app.screen
        assert isinstance(screen, LogScreen)
        region = screen.log_list.region
        click(app, region.x + 5, region.y + 2)
        app.post_message(Key("u", "u"))
        await press("shift")
        with Store.open(seeded) as store:
            undone = store.connection.execute("SELECT what FROM log WHERE id = 5").fetchone()
        assert undone is not None and undone[0].startswith("undo 2:")
        assert main.is_attached


async def test_enter_behind_a_paste_is_for_what_was_pasted(seeded: Path, settle: Settle) -> None:
    async with opened(seeded, settle) as (app, main, press):
        await press("/")
        app.post_message(Paste("type:rocket-fire"))
        app.post_message(Key("enter", None))
        await press("shift")
        assert main._query.text == "type:rocket-fire"
        assert not main.bar.input.has_focus
        click(app, 0, 0)
        app.post_message(Key("slash", "/"))
        app.post_message(Key("x", "x"))
        await press("shift")
        assert main.bar.input.value.endswith("x")
