"""A scrolling view of styled lines, made when they are painted: the base of timeline, detail, facets and help."""

from __future__ import annotations

from typing import ClassVar

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.geometry import Region, Size
from textual.scroll_view import ScrollView
from textual.selection import Selection
from textual.strip import Strip
from textual.widget import Widget

Run = tuple[str, str]
"""A piece of text and the name of its style; "" is plain."""

Line = tuple[Run, ...]

STYLES = (
    "title", "dim", "date", "place", "heading", "quote", "speaker", "good", "bad", "warn", "accent", "strong",
    "key", "mark", "off",
)  # fmt: skip
"""Style names; each is the component class "line--NAME", coloured in app.tcss."""


STRIPS_KEPT = 2_000
"""Painted lines kept for the next paint."""


class LineView(ScrollView, can_focus=True):
    """Shows `line_count` lines, each asked of `line` when it is painted.

    `render_lines` is overridden rather than `render_line`: Textual's style cache costs more than it saves here,
    so this widget must have no border or padding of its own (its parent has them).
    """

    COMPONENT_CLASSES: ClassVar[set[str]] = {f"line--{name}" for name in (*STYLES, "cursor", "cursor-blurred", "found")}
    DEFAULT_CSS = (
        "LineView { width: 1fr; height: 1fr; overflow-x: hidden; overflow-y: scroll; scrollbar-size-vertical: 1; }"
    )

    def __init__(self, *, id: str) -> None:
        super().__init__(id=id)
        self._look: tuple[object, dict[str, Style]] | None = None
        self._strips: dict[tuple[int, int, Style | None, Line], Strip] = {}

    @property
    def line_count(self) -> int:
        """Number of lines."""
        raise NotImplementedError

    def line(self, y: int) -> Line:
        """The runs of line `y`, 0-based; they need not fill the width."""
        raise NotImplementedError

    def cursor_lines(self) -> range:
        """The lines that the cursor covers."""
        return range(0)

    @property
    def text_width(self) -> int:
        """Cells that a line has: Textual paints the scrollbar over the last of a scroll view's own."""
        return max(0, self.size.width - self.scrollbar_size_vertical)

    def recount(self) -> None:
        """Take over a new number of lines without a layout pass: the scrollbar is always there."""
        size = Size(self.size.width, self.line_count)
        if size != self.virtual_size:
            self.set_reactive(Widget.virtual_size, size)
            self._scroll_update(size)
        self.refresh()

    def show_lines(self, first: int, count: int = 1) -> None:
        """Scroll as little as needed to have these lines on the screen."""
        height = self.size.height
        top = round(self.scroll_y)
        if first < top:
            top = first
        elif first + count > top + height:
            top = min(first, first + count - height)
        if top != round(self.scroll_y):
            self.scroll_to(y=top, animate=False)

    def resized(self) -> None:
        """Make the lines anew for another width or height."""
        self.recount()

    def _size_updated(self, size: Size, virtual_size: Size, container_size: Size, layout: bool = True) -> bool:
        # A widget that is shown while its screen also scrolls gets a new size without a Resize event (textual 8.2.8).
        before = self._size
        changed = super()._size_updated(size, virtual_size, container_size, layout)
        if before != size:
            self.call_later(self.resized)
        return changed

    def notify_style_update(self) -> None:
        """Forget the styles when theme or focus change."""
        super().notify_style_update()
        self._look = None

    def _styles(self) -> dict[str, Style]:
        """Styles by name, made anew when the widget's ground changes; asking for it is dear, so once a paint."""
        base = self.rich_style
        if self._look is None or self._look[0] is not base:
            self._look = (base, {"": base})
            self._strips.clear()
        return self._look[1]

    def _style(self, styles: dict[str, Style], name: str) -> Style:
        if name not in styles:
            styles[name] = styles[""] + self._resolved(name)
        return styles[name]

    def _resolved(self, name: str) -> Style:
        """A component style with its transparency resolved against the ground: a partial rich style drops it."""
        look = self.get_component_styles(f"line--{name}")
        ground = self.background_colors[1]
        return Style(
            color=(ground + look.color).rich_color if look.has_rule("color") else None,
            bgcolor=(ground + look.background).rich_color if look.has_rule("background") else None,
        ) + (look.text_style if look.has_rule("text_style") else Style())

    def _cursor_style(self, styles: dict[str, Style]) -> Style:
        """What lies over the style of each run on the cursor's lines."""
        name = "cursor" if self.has_focus else "cursor-blurred"
        if f"over-{name}" not in styles:
            styles[f"over-{name}"] = Style(bgcolor=self._resolved(name).bgcolor, bold=self.has_focus or None)
        return styles[f"over-{name}"]

    def render_lines(self, crop: Region) -> list[Strip]:
        x, y, width, height = crop
        top = round(self.scroll_y) + y
        full = self.text_width
        wide = x + width
        cursor = self.cursor_lines()
        over = self._cursor_style(self._styles()) if cursor else None
        selection = self.text_selection
        count = self.line_count
        styles = self._styles()
        base = styles[""]
        blank = Strip([Segment(" " * full, base)], full)
        strips = []
        for at in range(top, top + height):
            strip = blank
            if at < count:
                strip = self._strip(at, full, over if at in cursor else None, styles)
                if selection is not None and (span := selection.get_span(at)) is not None:
                    strip = self._selected(strip, span).apply_offsets(0, at)
            strip = strip if wide <= full else strip.adjust_cell_length(wide, base)
            strips.append(strip if x == 0 and width == strip.cell_length else strip.crop(x, wide))
        return filtered(self, strips)

    def _strip(self, y: int, width: int, over: Style | None, styles: dict[str, Style]) -> Strip:
        """The strip of a line, the very one of the last paint when nothing of it has changed."""
        runs = self.line(y)
        key = (y, width, over, runs)
        if (known := self._strips.get(key)) is not None:
            return known
        segments = []
        used = 0
        for text, name in runs:
            size = cell_len(text)
            if used + size > width:
                text = _cut(text, width - used)
                size = cell_len(text)
            style = self._style(styles, name)
            segments.append(Segment(text, style + over if over else style))
            used += size
        if used < width:
            segments.append(Segment(" " * (width - used), styles[""] + over if over else styles[""]))
        if len(self._strips) > STRIPS_KEPT:
            self._strips.clear()
        strip = self._strips[key] = Strip(segments, width).apply_offsets(0, y)
        return strip

    def _selected(self, strip: Strip, span: tuple[int, int]) -> Strip:
        """The strip with a selected span of characters marked."""
        start, end = span
        end = len(strip.text) if end == -1 else end
        mark = self.screen.get_component_rich_style("screen--selection")
        segments = []
        at = 0
        for text, style, _ in strip:
            base = style or Style()
            left, right = max(0, start - at), max(0, min(len(text), end - at))
            if left >= right:
                segments.append(Segment(text, base))
            else:
                pieces = ((text[:left], base), (text[left:right], base + mark), (text[right:], base))
                segments += [Segment(piece, style) for piece, style in pieces if piece]
            at += len(text)
        return Strip(segments, strip.cell_length)

    def get_selection(self, selection: Selection) -> tuple[str, str] | None:
        """The text of the selected lines; only those are made."""
        first = selection.start.y if selection.start else 0
        last = min(selection.end.y if selection.end else self.line_count - 1, self.line_count - 1)
        texts = []
        for y in range(first, last + 1):
            text = "".join(run for run, _ in self.line(y))
            start, end = selection.get_span(y) or (0, -1)
            texts.append((text[start:] if end == -1 else text[start:end]).rstrip())
        return "\n".join(texts), "\n"

    def selection_updated(self, selection: Selection | None) -> None:
        self.refresh()


def _cut(text: str, width: int) -> str:
    """The start of `text` that fits in `width` cells."""
    while text and cell_len(text) > width:
        text = text[:-1] if len(text) < 2 * width + 8 else text[: 2 * width + 4]
    return text


def filtered(widget: Widget, strips: list[Strip]) -> list[Strip]:
    """The strips after the app's filters (NO_COLOR, dim): what Textual does where `render_lines` is its own."""
    filters = widget.get_line_filters()
    if filters:
        ground = widget.background_colors[1]
        for line_filter in filters:
            strips = [strip.apply_filter(line_filter, ground) for strip in strips]
    return strips
