"""The foot line: the keys that matter where the focus is, from the registry."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from rich.cells import cell_len
from rich.segment import Segment
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from tui import commands
from tui.widgets.line_view import filtered


class Footer(Widget):
    """One line of keys and words; what does not fit is left out, help and quit last."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"footer--key"}
    DEFAULT_CSS = "Footer { height: 1; }"

    def __init__(self, *, id: str) -> None:
        super().__init__(id=id)
        self._scopes: tuple[str, ...] = ("timeline", "main", "app")
        self._keymap: dict[str, str] = {}
        self._fitting: dict[int, list[tuple[str, str]]] = {}
        """What was found to fit, by width: to look through all commands takes as long as to paint half a screen."""

    def show(self, scopes: tuple[str, ...], keymap: dict[str, str]) -> None:
        """Show the keys of these scopes, nearest first."""
        self._scopes = scopes
        self._keymap = keymap
        self._fitting.clear()
        self.refresh()

    def hints(self, width: int) -> list[tuple[str, str]]:
        """(key, word) pairs that fit in `width` cells."""
        if width not in self._fitting:
            self._fitting[width] = self._worked_out(width)
        return self._fitting[width]

    def _worked_out(self, width: int) -> list[tuple[str, str]]:
        wanted = [c for c in self._in_reach() if c.label]
        pairs = [(commands.key_names(c, self._keymap)[:1], c.label) for c in wanted]
        shown = [(keys[0], label) for keys, label in pairs if keys]
        while shown and sum(cell_len(key) + cell_len(label) + 3 for key, label in shown) > width:
            last = len(shown) - 1
            shown.pop(last - 2 if last >= 2 else last)
        return shown

    def _in_reach(self) -> Iterator[commands.Command]:
        """The commands of the scopes whose first key does nothing else in a nearer scope."""
        taken: set[str] = set()
        for scope in self._scopes:
            own = commands.in_scope(scope)
            yield from (c for c in own if not taken.intersection(commands.key_names(c, self._keymap)[:1]))
            taken.update(key for c in own for key in commands.key_names(c, self._keymap))

    def render_lines(self, crop: Region) -> list[Strip]:
        width = self.size.width
        base = self.rich_style
        key_style = base + self.get_component_rich_style("footer--key", partial=True)
        segments = []
        used = 0
        # Under a dialog none of the keys does what would stand here.
        for key, label in self.hints(width) if self.screen.is_active else ():
            segments += [Segment(f" {key}", key_style), Segment(f" {label} ", base)]
            used += cell_len(key) + cell_len(label) + 3
        segments.append(Segment(" " * max(0, width - used), base))
        strip = Strip(segments).adjust_cell_length(width, base)
        return filtered(self, [strip.crop(crop.x, crop.x + crop.width)] * crop.height)
