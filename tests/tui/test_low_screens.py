"""Screens of few lines: a line to type in is in sight while it has the focus, whatever stands before it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.pressing import Settle, opened
from tui.widgets.field import Field

LINES_TO_TYPE_IN = {
    "view-name": ("V", "s"),
    "export-name": ("ctrl+s", "enter"),
    "ask": ("C", "w"),
    "facet-search": ("f", "slash"),
}
"""The id of a line to type in, and keys that lead to it."""


@pytest.mark.parametrize("size", [(60, 16), (40, 12), (40, 10), (20, 5)], ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("name", LINES_TO_TYPE_IN)
async def test_a_line_to_type_in_is_in_sight(name: str, size: tuple[int, int], seeded: Path, settle: Settle) -> None:
    async with opened(seeded, settle, size) as (app, _, press):
        await press(*LINES_TO_TYPE_IN[name])
        assert isinstance(app.focused, Field) and app.focused.id == name
        region, clip = app.screen._compositor.visible_widgets[app.focused]
        assert region.intersection(clip).height == 1


async def test_on_a_low_screen_it_is_said_that_a_view_would_be_replaced(seeded: Path, settle: Settle) -> None:
    async with opened(seeded, settle, (40, 10)) as (app, _, press):
        await press("slash", *"drone", "enter", "V", "s", *"mine", "enter", "slash", *"s", "enter", "V", "s", *"mine")
        await press("enter")
        hint = app.screen.query_one(".hint")
        assert "Enter again replaces" in str(hint.render())
        region, clip = app.screen._compositor.visible_widgets[hint]
        assert region.intersection(clip) == region
