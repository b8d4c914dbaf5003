"""Paints what has changed: Textual's compositor renders every widget between two changes, this one does not.

Textual 8.2.8 takes one rectangle around all that is dirty and renders all widgets in it, hidden ones too, before it
leaves out what has not changed.  At 200x50 that costs more than the widgets themselves (docs/performance.md).  Here
each widget is asked only for those lines of it that are dirty and that no widget before it has covered.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import groupby, pairwise
from typing import Generic, TypeVar

from rich.console import Console, ConsoleOptions, RenderResult
from rich.segment import Segment
from textual._compositor import Compositor, CompositorUpdate
from textual._styles_cache import StylesCache
from textual.color import Color
from textual.geometry import Region, Size
from textual.screen import Screen
from textual.strip import Strip
from textual.style import Style
from textual.widget import Widget

Result = TypeVar("Result")

_inner_outer = StylesCache.get_inner_outer.__wrapped__


@lru_cache(256)
def _inner_outer_of(base: Color, background: Color) -> tuple[Style, Style]:
    return _inner_outer(None, base, background)


# Textual 8.2.8 remembers these styles by the widget's cache too, and with them the last 1,024 caches with all their
# lines: each screen that was opened would keep some 200 kB.
StylesCache.get_inner_outer = lambda _, base, background: _inner_outer_of(base, background)  # type: ignore[assignment]

Piece = tuple[int, int, Strip]
"""Line, column and what stands there, 0-based cells of the screen."""


class Pieces(CompositorUpdate):
    """Pieces of lines to write, from the top left."""

    def __init__(self, pieces: list[Piece]) -> None:
        self.pieces = sorted(pieces, key=lambda piece: piece[:2])

    def render_segments(self, console: Console) -> str:
        """The pieces with the sequences that move the cursor (CUP) to where it is not already."""
        written: list[str] = []
        at = (-1, -1)
        for y, x, strip in self.pieces:
            if (y, x) != at:
                written.append(f"\x1b[{y + 1};{x + 1}H")
            written.append(strip.render(console))
            at = (y, x + strip.cell_length)
        return "".join(written)

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """The pieces line by line: the whole screen, when Textual's own command saves a picture of it."""
        for y, line in groupby(self.pieces, key=lambda piece: piece[0]):
            if y:
                yield Segment.line()
            for *_, strip in line:
                yield from strip


class Painter(Compositor):
    """A compositor whose updates cost what has changed and can be seen."""

    def render_partial_update(self) -> Pieces | None:  # type: ignore[override]
        """What is dirty, None when nothing is."""
        screen = self.size.region
        dirty = [inside for region in self._dirty_regions if (inside := region.intersection(screen))]
        self._dirty_regions.clear()
        return Pieces(self._painted(dirty)) if dirty else None

    def render_full_update(self, simplify: bool = False) -> CompositorUpdate:  # type: ignore[override]
        """The whole screen; a picture of it (`simplify`) is left to Textual."""
        if simplify:
            return super().render_full_update(simplify)
        self._dirty_regions.clear()
        return Pieces(self._painted([self.size.region]))

    def render_strips(self, size: Size | None = None) -> list[Strip]:
        """The lines of the screen, for a dialog that lies over it."""
        if size is not None and size != self.size:
            return super().render_strips(size)
        pieces = sorted(self._painted([self.size.region]), key=lambda piece: piece[:2])
        lines = {
            y: Strip.join([strip for *_, strip in line]) for y, line in groupby(pieces, key=lambda piece: piece[0])
        }
        return [lines.get(y) or Strip.blank(self.size.width) for y in range(self.size.height)]

    def _painted(self, dirty: list[Region]) -> list[Piece]:
        """What is to be seen in some regions of the screen, in no order."""
        wanted = self._wanted(dirty)
        pieces: list[Piece] = []
        for widget, (region, clip) in self.visible_widgets.items():  # those in front come first
            if not wanted:
                break
            area = region.intersection(clip)
            if lines := [y for y in range(area.y, area.bottom) if y in wanted and _begins_in(area, wanted[y])]:
                pieces += _pieces(widget, region, area, lines, wanted)
        return pieces

    def _wanted(self, dirty: list[Region]) -> dict[int, dict[int, int]]:
        """Line → first column → end of each part of it to paint; edges of widgets part lines, as in Textual's cuts."""
        wanted: dict[int, dict[int, int]] = {}
        for y, begin, end in self._regions_to_spans(dirty):
            parts = wanted.setdefault(y, {})
            parts.update((left, right) for left, right in pairwise(self.cuts[y]) if left < end and right > begin)
        return wanted


class PaintedScreen(Screen[Result], Generic[Result]):
    """A screen with a painter, which can paint at once."""

    def __init__(self) -> None:
        super().__init__()
        self._compositor = Painter()

    def paint_now(self) -> None:
        """Paint what its widgets have asked for, without the way over their queues and the frame timer (5 to 10 ms)."""
        if not self.is_current or self.app._batch_count:
            return
        for widget in self._compositor.visible_widgets:
            if widget._layout_required:
                return
            if widget._repaint_required:
                widget._repaint_required = False
                self._dirty_widgets.add(widget)
        if self._layout_required:
            # Left to the frame timer, the answer would wait for a frame of its own behind that of the layout.
            self._layout_required = self._scroll_required = False
            self._refresh_layout()
            return
        self._compositor.update_widgets(self._dirty_widgets)
        self._compositor_refresh()


def _begins_in(area: Region, parts: dict[int, int]) -> bool:
    return any(area.x <= left < area.right for left in parts)


def _pieces(
    widget: Widget, region: Region, area: Region, lines: list[int], wanted: dict[int, dict[int, int]]
) -> list[Piece]:
    """What a widget shows of the parts that are still wanted on `lines`, taken out of `wanted`."""
    top = lines[0]
    strips = widget.render_lines(Region(area.x - region.x, top - region.y, area.width, lines[-1] + 1 - top))
    pieces = []
    for y in lines:
        parts, strip = wanted[y], strips[y - top]
        for left in [left for left in parts if area.x <= left < area.right]:
            begin, end = left - area.x, parts.pop(left) - area.x
            whole = begin == 0 and end == strip.cell_length
            pieces.append((y, left, strip if whole else strip.crop(begin, end)))
        if not parts:
            del wanted[y]
    return pieces
