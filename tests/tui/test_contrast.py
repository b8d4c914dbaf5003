"""Every letter on a list can be told from its ground, hits under the cursor too, in each of Dateline's own themes."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.color import Color
from textual.geometry import Region

from tests.support.pressing import Settle
from tui.app import DatelineApp
from tui.settings import Settings
from tui.themes import OWN
from tui.widgets.line_view import LineView

LEAST = 2.5
"""Contrast by WCAG 2's formula below which a letter is lost; dim words are meant to be fainter than its 4.5."""


def luminance(color: Color) -> float:
    """Relative luminance, 0 to 1 (WCAG 2)."""
    linear = [v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4 for v in color.normalized]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(a: Color, b: Color) -> float:
    """WCAG 2 contrast of two colours, 1 to 21."""
    light, dark = sorted((luminance(a), luminance(b)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("theme", [theme.name for theme in OWN])
async def test_every_letter_stands_out_from_its_ground(seeded: Path, settle: Settle, theme: str) -> None:
    app = DatelineApp(seeded, "victory", Settings(theme=theme), live=False)
    async with app.run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        assert app.main is not None
        hits = 0
        for view in app.main.query(LineView):
            for strip in view.render_lines(Region(0, 0, view.size.width, view.size.height)):
                for text, style, _ in strip:
                    if text.strip() and style and style.color and style.bgcolor:
                        color, ground = Color.from_rich_color(style.color), Color.from_rich_color(style.bgcolor)
                        assert contrast(color, ground) >= LEAST, (view.id, text, color.hex, ground.hex)
                        hits += text.casefold() == "victory"
        assert hits >= 2
