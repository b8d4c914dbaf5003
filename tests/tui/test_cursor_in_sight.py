"""Keys work on what is in sight: the cursor of a list comes along when it is scrolled, and a pair is shown before."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual import events

from db import edit
from db.store import Store
from tests.support.pressing import Settle, opened, said
from tui.screens.log import LogScreen
from tui.screens.roots import RootsScreen
from tui.widgets.choice_view import ChoiceView


def in_sight(view: ChoiceView) -> set[int]:
    top = round(view.scroll_y)
    return set(range(top, top + view.size.height))


async def test_the_wheel_takes_the_cursor_along(seeded: Path, settle: Settle) -> None:
    with Store.open(seeded, write=True) as store:
        for number in range(1, 31):
            edit.star(store, number, True)
    async with opened(seeded, settle, (100, 20)) as (app, _, press):
        await press("W")
        assert isinstance(app.screen, LogScreen)
        view = app.screen.log_list
        for turn, lines in ((events.MouseScrollDown, 1), (events.MouseScrollUp, -1)):
            before = view.cursor
            for _ in range(12):
                view.post_message(turn(view, 3, 2, 0, 0, 0, False, False, False))
                await press("f20")
            assert set(view.cursor_lines()) <= in_sight(view) and (view.cursor - before) * lines > 0


async def test_a_page_of_pairs_takes_the_cursor_along(rooty: Path, settle: Settle) -> None:
    async with opened(rooty, settle, (80, 24)) as (app, _, press):
        await press("G", "r")
        screen = app.screen
        assert isinstance(screen, RootsScreen) and len(screen.view.rests.suspicions) == 6
        for _ in range(6):
            await press("space")
        if not screen.view.cursor_in_sight:
            await press("x")  # shows it
        assert screen.view.cursor > 0 and in_sight(screen.view).intersection(screen.view.cursor_lines())
        sides = screen.view.sides
        assert sides is not None
        await press("x")
        with Store.open(rooty) as store:
            said_of = store.connection.execute("SELECT quote_id, other_id FROM root_dismissal").fetchall()
        assert [set(pair) for pair in said_of] == [{sides[0].quote_id, sides[1].quote_id}]


async def test_a_pair_that_is_out_of_sight_is_shown_before_a_key_works_on_it(rooty: Path, settle: Settle) -> None:
    async with opened(rooty, settle, (80, 12)) as (app, _, press):
        await press("G", "r")
        screen = app.screen
        assert isinstance(screen, RootsScreen)
        screen.view.scroll_to(y=0, animate=False)
        assert not screen.view.cursor_in_sight
        await press("x")
        assert screen.view.cursor_in_sight and said(app)[-1].startswith("This is the pair that is meant")
        with Store.open(rooty) as store:
            assert store.connection.execute("SELECT count(*) FROM root_dismissal").fetchone() == (0,)


async def test_a_star_is_given_to_what_is_in_sight(seeded: Path, settle: Settle) -> None:
    async with opened(seeded, settle, (80, 24)) as (app, main, press):
        for _ in range(8):
            main.timeline.post_message(events.MouseScrollDown(main.timeline, 3, 2, 0, 0, 0, False, False, False))
            await press("f20")
        assert not main.timeline.cursor_in_sight
        await press("m")
        assert main.timeline.cursor_in_sight and said(app)[-1].endswith("m again stars it.")
        with Store.open(seeded) as store:
            assert store.connection.execute("SELECT count(*) FROM star").fetchone() == (0,)
        await press("m")
        with Store.open(seeded) as store:
            assert store.connection.execute("SELECT count(*) FROM star").fetchone() == (1,)


@pytest.mark.parametrize("key", ["slash", "f"])
async def test_the_key_that_undoes_writes_leaves_them_while_a_line_is_typed_in(
    seeded: Path, settle: Settle, key: str
) -> None:
    async with opened(seeded, settle, (120, 40)) as (app, _, press):
        await press("m", key, *("/" if key == "f" else ""), "d", "r", "ctrl+z", "ctrl+y")
        with Store.open(seeded) as store:
            assert store.connection.execute("SELECT count(*) FROM star").fetchone() == (1,)
        assert "leave the line first" in said(app)[-1]
