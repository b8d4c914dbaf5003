"""The painter shows what Textual's own compositor would: frame by frame, on a screen that is only ever patched."""

from __future__ import annotations

import gc
import random
import re
import weakref
from pathlib import Path
from typing import Any

import pytest
from rich.cells import cell_len
from textual._compositor import Compositor
from textual.screen import Screen
from textual.strip import Strip
from textual.widget import Widget

from tests.support.pressing import Settle, opened
from tui.app import DatelineApp
from tui.painter import Painter, Pieces

KEYS = (
    "j", "k", "G", "g", "space", "b", "f", "slash", "d", "r", "o", "backspace", "escape", "enter", "tab", "p", "v", "i",
    "z", "Z", "right", "at", "2", "0", "question_mark", "minus", "comma", "l", "plus", "backslash", "e",
)  # fmt: skip


class Glass:
    """A screen that shows what has been painted on it, and nothing else."""

    def __init__(self) -> None:
        self.cells: dict[tuple[int, int], tuple[str, object]] = {}

    def paint(self, y: int, x: int, strip: Strip) -> None:
        for text, style, _ in strip:
            for character in text:
                self.cells[y, x] = character, style and (style.color, style.bgcolor, style.bold, style.italic)
                x += cell_len(character)

    def line(self, y: int, width: int) -> list[tuple[str, object] | None]:
        return [self.cells.get((y, x)) for x in range(width)]


def whole(screen: Screen[Any]) -> Glass:
    """What Textual's own compositor makes of a screen."""
    glass = Glass()
    for y, strip in enumerate(Compositor.render_strips(screen._compositor)):
        glass.paint(y, 0, strip)
    return glass


@pytest.mark.parametrize("size", [(80, 24), (121, 30), (44, 11)], ids=lambda size: f"{size[0]}x{size[1]}")
async def test_what_is_painted_is_what_is_there(
    size: tuple[int, int], seeded: Path, settle: Settle, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = DatelineApp(seeded, live=False)
    glass = Glass()
    partial = 0

    def display(self: DatelineApp, screen: Screen[Any], painted: object) -> None:
        nonlocal partial
        if self._batch_count or screen is not app.main:
            return
        if painted is not None:
            assert isinstance(painted, Pieces), "all of the main screen's frames are the painter's"
            partial += 1
            for y, x, strip in painted.pieces:
                glass.paint(y, x, strip)

    monkeypatch.setattr(DatelineApp, "_display", display)
    chance = random.Random(sum(size))
    async with app.run_test(size=size) as pilot:
        await settle(pilot)
        assert app.main is not None
        assert isinstance(app.main._compositor, Painter)
        for step in range(40):
            key = chance.choice(KEYS)
            await pilot.press(key)
            await settle(pilot)
            if step % 7 == 6:
                await pilot.press("escape")
                await settle(pilot)
            if app.screen is not app.main:
                continue
            await pilot.pause()
            expected = whole(app.main)
            for y in range(size[1]):
                assert glass.line(y, size[0]) == expected.line(y, size[0]), (step, key, y)
    assert partial > 30


async def test_a_frame_costs_what_has_changed(seeded: Path, settle: Settle) -> None:
    """Two lines of the timeline are painted as these two lines."""
    app = DatelineApp(seeded, live=False)
    async with app.run_test(size=(160, 48)) as pilot:
        await settle(pilot)
        main = app.main
        assert main is not None
        main._compositor.render_full_update()
        main.timeline.refresh_lines(0, 2)
        main._compositor.update_widgets({main.timeline})
        painted = main._compositor.render_partial_update()
        assert isinstance(painted, Pieces)
        region = main.timeline.region
        bar = region.right - 1  # the scrollbar stands in the timeline's lines
        assert {(y, x) for y, x, _ in painted.pieces} == {(region.y + n, x) for n in (0, 1) for x in (region.x, bar)}


async def test_a_saved_picture_shows_the_screen(seeded: Path, settle: Settle) -> None:
    """The command palette's picture and those of the README are made from frames that the painter painted."""
    app = DatelineApp(seeded, live=False)
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        whole, plain = (app.export_screenshot(title="Dateline", simplify=simplify) for simplify in (False, True))
        assert words_of(whole) == words_of(plain)
        assert "20 incidents + 25 context" in words_of(whole)


def words_of(picture: str) -> str:
    """The letters of an SVG picture of a terminal, line after line."""
    return " ".join("".join(re.findall(r"<text[^>]*>([^<]*)</text>", picture)).replace("&#160;", " ").split())


async def test_a_screen_that_is_closed_keeps_nothing(seeded: Path, settle: Settle) -> None:
    async with opened(seeded, settle) as (app, _, press):
        await press("?")
        lines = [weakref.ref(widget._styles_cache) for widget in app.screen.walk_children(Widget)]
        await press("escape")
        gc.collect()  # what the app froze at its start was there before this screen
        assert lines and not [kept for kept in lines if kept() is not None]
