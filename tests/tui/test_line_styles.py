"""The styles of lines are the app's, worked out once: a theme that is chosen later must reach every list all the same."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.pressing import Settle
from tui import settings
from tui.app import DatelineApp


async def painted(seeded: Path, settle: Settle, started: str, chosen: str) -> list[list[tuple[str, str]]]:
    app = DatelineApp(seeded, user=settings.Settings(theme=started), live=False)
    async with app.run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        app.theme = chosen
        await settle(pilot)
        assert app.main is not None
        views = (app.main.timeline, app.main.detail, app.main.facets)
        return [[(s.text, str(s.style)) for s in view.render_line(y)] for view in views for y in range(8)]


@pytest.mark.parametrize("theme", ["dateline-light", "high-contrast"])
async def test_a_theme_that_is_chosen_is_the_one_that_was_started_with(
    theme: str, seeded: Path, settle: Settle
) -> None:
    chosen = await painted(seeded, settle, "dateline", theme)
    assert chosen == await painted(seeded, settle, theme, theme)
    assert chosen != await painted(seeded, settle, "dateline", "dateline")
