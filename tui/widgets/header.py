"""The head line: the store, how many incidents match, and its state."""

from __future__ import annotations

from rich.cells import cell_len
from rich.segment import Segment
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from tui.safe_text import fit, safe
from tui.widgets.line_view import filtered


class Header(Widget):
    """One line; what matters least gives way first when it is narrow."""

    DEFAULT_CSS = "Header { height: 1; }"

    def __init__(self, store: str, *, id: str) -> None:
        super().__init__(id=id)
        self._store = safe(store)
        self._counts: list[str] = ["opening …"]
        self._states: list[str] = []

    @property
    def text(self) -> str:
        """The line as it is shown, for tests and for copying."""
        return self._line(self.size.width)

    def show(self, counts: list[str], states: list[str]) -> None:
        """Show counts, longest wording first, and the states of the store, most important first."""
        if (counts, states) != (self._counts, self._states):
            self._counts, self._states = counts, states
            self.refresh()

    def _line(self, width: int) -> str:
        for states in (self._states, self._states[:1], []):
            for counts in self._counts:
                right = " · ".join([counts, *states]) + " "
                left = f" Dateline  {self._store}"
                if cell_len(left) + 2 + cell_len(right) <= width:
                    return left + " " * (width - cell_len(left) - cell_len(right)) + right
        right = f"{self._counts[-1]} "
        left = fit(f" {self._store}", max(0, width - cell_len(right) - 1))
        return left + " " * max(0, width - cell_len(left) - cell_len(right)) + fit(right, width)

    def render_lines(self, crop: Region) -> list[Strip]:
        width = self.size.width
        strip = Strip([Segment(self._line(width), self.rich_style)], width)
        return filtered(self, [strip.crop(crop.x, crop.x + crop.width)] * crop.height)
