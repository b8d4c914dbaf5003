"""A scrolling view of styled lines, made when they are painted: the base of timeline, detail, facets and help."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.color import Color
from textual.filter import LineFilter
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.selection import Selection
from textual.strip import Strip
from textual.widget import Widget

from tui.key_order import keys_wait_for
from tui.safe_text import safe

Run = tuple[str, str]
"""A piece of text and the name of its style; "" is plain."""

Line = tuple[Run, ...]

STRIPS_KEPT = 2_000
"""Painted lines kept for the next paint."""


class Styles:
    """The styles of one view by name and cursor, as the app's filters (NO_COLOR, dim) leave them."""

    def __init__(self, base: Style, theme: str, filters: Sequence[LineFilter], ground: Color) -> None:
        self.base = base
        self.theme = theme
        self.shown: dict[tuple[str, str], Style] = {}
        self._filters = filters
        self._ground = ground

    def filtered(self, style: Style) -> Style:
        """A style as the app's filters let it through."""
        segments = [Segment("x", style)]
        for line_filter in self._filters:
            segments = line_filter.apply(segments, self._ground)
        return segments[0].style or Style()


class LineView(ScrollView, can_focus=True, inherit_bindings=False):
    """Shows `line_count` lines, each asked of `line` when it is painted.

    `render_lines` is overridden rather than `render_line`: Textual's style cache costs more than it saves here,
    so this widget must have no border or padding of its own (its parent has them).

    It has no keys but those of the registry: a scroll view's own would come before its screen's.
    """

    DEFAULT_CSS = (
        "LineView { width: 1fr; height: 1fr; overflow-x: hidden; overflow-y: scroll; scrollbar-size-vertical: 1; }"
    )

    def __init__(self, *, id: str) -> None:
        super().__init__(id=id)
        self._look: Styles | None = None
        self._strips: dict[tuple[int, str, Line], Strip] = {}
        self._painting: Size | None = None
        """The size while lines are painted: Textual looks it up in the layout each time, lines ask for it often."""

    @property
    def size(self) -> Size:
        """Columns and lines of the view."""
        return super().size if self._painting is None else self._painting

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

    def tell(self, message: Message) -> None:
        """Post what a key or a click has led to, and have the keys behind it wait until it was dealt with."""
        self.post_message(message)
        keys_wait_for(self)

    def by(self, lines: int) -> None:
        """Scroll by lines."""
        self.scroll_to(y=round(self.scroll_y) + lines, animate=False)

    def resized(self) -> None:
        """Make the lines anew for another width or height."""
        self.recount()

    def _size_updated(self, size: Size, virtual_size: Size, container_size: Size, layout: bool = True) -> bool:
        before = self._size
        if before == size and self._container_size == size - self.styles.gutter.totals:
            return False  # Textual would paint the scrollbar anew in a second frame after each layout.
        changed = super()._size_updated(size, virtual_size, container_size, layout)
        # A widget that is shown while its screen also scrolls gets a new size without a Resize event (textual 8.2.8).
        if before != size:
            self.call_later(self.resized)
        return changed

    def notify_style_update(self) -> None:
        """Forget the styles when theme or focus change."""
        super().notify_style_update()
        self._look = None

    def _styles(self) -> Styles:
        """Styles by name, made anew when the widget's ground changes; asking for it is dear, so once a paint."""
        base = self.rich_style
        if self._look is None or self._look.base is not base or self._look.theme != self.app.theme:
            self._look = Styles(base, self.app.theme, self.get_line_filters(), self.background_colors[1])
            self._strips.clear()
        return self._look

    def _style(self, styles: Styles, name: str, over: str) -> Style:
        """What a named run is painted with, on a line that the cursor (`over`: the name of its style) covers or not."""
        if (name, over) not in styles.shown:
            own = self._resolved(name) if name else Style()
            style = styles.base + own
            if over:
                # A hit keeps its own ground under the cursor: its letters are made for that.
                style += Style(bgcolor=own.bgcolor or self._resolved(over).bgcolor, bold=over == "cursor" or None)
            styles.shown[name, over] = styles.filtered(style)
        return styles.shown[name, over]

    def _resolved(self, name: str) -> Style:
        """A component style with its transparency resolved against the ground: a partial rich style drops it."""
        name = f"line--{name}"
        look = (self if name in self._get_component_classes() else self.app).get_component_styles(name)
        ground = self.background_colors[1]
        return Style(
            color=(ground + look.color).rich_color if look.has_rule("color") else None,
            bgcolor=(ground + look.background).rich_color if look.has_rule("background") else None,
        ) + (look.text_style if look.has_rule("text_style") else Style())

    def render_lines(self, crop: Region) -> list[Strip]:
        self._painting = super().size
        try:
            return self._rendered(crop)
        finally:
            self._painting = None

    def _rendered(self, crop: Region) -> list[Strip]:
        x, y, width, height = crop
        top = round(self.scroll_y) + y
        full = self.text_width
        wide = x + width
        styles = self._styles()
        cursor = self.cursor_lines()
        over = "cursor" if self.has_focus else "cursor-blurred"
        selection = self.text_selection
        count = self.line_count
        blank = self._painted((), full, "", styles)
        strips = []
        for at in range(top, top + height):
            strip = blank
            if at < count:
                strip = self._strip(at, full, over if at in cursor else "", styles)
                if selection is not None and (span := selection.get_span(at)) is not None:
                    strip = self._selected(strip, span, styles)
            # What the scrollbar covers need not be there.
            strips.append(strip if x == 0 and wide >= full else strip.crop(x, wide))
        return strips

    def render_line(self, y: int) -> Strip:
        """One line with the place of each character in the text: what the mouse needs to select."""
        at = round(self.scroll_y) + y
        strip = self.render_lines(Region(0, y, self.size.width, 1))[0]
        return strip.apply_offsets(0, at) if at < self.line_count else strip

    def _strip(self, y: int, width: int, over: str, styles: Styles) -> Strip:
        """The strip of a line, the very one of the last paint when nothing of it has changed."""
        runs = self.line(y)
        key = (width, over, runs)
        if (known := self._strips.get(key)) is None:
            if len(self._strips) > STRIPS_KEPT:
                self._strips.clear()
            known = self._strips[key] = self._painted(runs, width, over, styles)
        return known

    def _painted(self, runs: Line, width: int, over: str, styles: Styles) -> Strip:
        segments = []
        used = 0
        for text, name in runs:
            if not text.isprintable():
                text = safe(text)  # whoever made the line should have; nothing passes here that has not been
            size = cell_len(text)
            if used + size > width:
                text = _cut(text, width - used)
                size = cell_len(text)
            segments.append(Segment(text, self._style(styles, name, over)))
            used += size
        if used < width:
            segments.append(Segment(" " * (width - used), self._style(styles, "", over)))
        return Strip(segments, width)

    def _selected(self, strip: Strip, span: tuple[int, int], styles: Styles) -> Strip:
        """The strip with a selected span of characters marked."""
        start, end = span
        end = len(strip.text) if end == -1 else end
        mark = styles.filtered(self.screen.get_component_rich_style("screen--selection"))
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
