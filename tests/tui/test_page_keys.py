"""Page keys move a box of lines at once: Textual's own would take a third of a second."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.screen import ModalScreen

from tui.app import DatelineApp
from tui.screens.help import HelpScreen
from tui.screens.show_lines import ShowLines
from tui.widgets.line_view import Line, LineView


def _lines(width: int) -> list[Line]:
    return [((f"line {number}", ""),) for number in range(500)]


@pytest.mark.parametrize("box", [lambda: HelpScreen(("timeline", "main", "app"), {}), lambda: ShowLines("Box", _lines)])
async def test_page_keys_scroll_at_once(seeded: Path, box: object) -> None:
    app = DatelineApp(seeded, live=False)
    async with app.run_test(size=(80, 24)) as pilot:
        while not (app.begun and app.session is not None and app.session.idle):
            await pilot.pause(0.01)
        screen = box()  # type: ignore[operator]
        assert isinstance(screen, ModalScreen)
        await app.push_screen(screen)
        await pilot.pause()
        view = screen.query_one(LineView)
        page = view.size.height - 1
        assert page > 5
        for key, top in (
            ("pagedown", page),
            ("pagedown", 2 * page),
            ("pageup", page),
            ("down", page + 1),
            ("up", page),
            ("end", view.line_count - view.size.height),
            ("home", 0),
        ):
            # Straight after the key, with no time for an animation to come to its end.
            await app._check_bindings(key)
            assert view.scroll_y == top, key
