"""Letters that take two cells of the terminal, as Chinese ones, push nothing off the end of a line."""

from __future__ import annotations

from pathlib import Path

import pytest

from db import views
from db.store import Store
from db.views import View
from tests.support.pressing import Settle, opened, said
from tui.screens.claims import ClaimsScreen
from tui.screens.log import LogScreen


async def test_the_head_of_the_claims_says_how_many_are_disputed(seeded: Path, settle: Settle) -> None:
    with Store.open(seeded, write=True) as store, store.write("test") as connection:
        connection.execute("UPDATE incident SET title = '日本語の長い題名がここにあります無人機による攻撃'")
    async with opened(seeded, settle, (80, 24)) as (app, _, press):
        await press("c")
        assert isinstance(app.screen, ClaimsScreen)
        shown = app.screen._head.render_line(0).text
    assert shown.rstrip().endswith("disputed"), shown


@pytest.mark.parametrize("width", [80, 100, 120])
async def test_a_write_that_was_undone_says_so_whoever_made_it(
    width: int, seeded: Path, settle: Settle, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATELINE_USER", "山田太郎です")
    async with opened(seeded, settle, (width, 30)) as (app, _, press):
        await press("m", "ctrl+z", "W")
        assert isinstance(app.screen, LogScreen)
        shown = [app.screen.log_list.render_line(y).text.rstrip() for y in range(3)]
    assert sum(line.endswith(" undone") for line in shown) == 1, shown


async def test_a_view_that_another_deleted_is_not_said_to_be_renamed(seeded: Path, settle: Settle) -> None:
    views.save(seeded, View("v", "type:drone-strike"))
    async with opened(seeded, settle) as (app, _, press):
        await press("V")
        views.delete(seeded, "v")
        await press("r", "ctrl+u", *"w2", "enter")
        assert any("gone" in line for line in said(app)) and not any("is now" in line for line in said(app))
