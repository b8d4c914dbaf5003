"""The density strip: when things happened, over the whole span, with the rows in sight and the cursor marked."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from textual import events
from textual.message import Message

from db.dates import Day
from tui import commands
from tui.axis import Axis
from tui.widgets.line_view import Line, LineView

EIGHTHS = " ▁▂▃▄▅▆▇█"
POSSIBLE = "░"
FOLDED = "┄"
SHORTEST = 14
"""Days that the closest zoom shows at least."""


class Density(LineView):
    """Bars in eighths (certain), with ░ on top where there are possible ones, over a line of labels."""

    BINDINGS = commands.bindings("density")
    DEFAULT_CSS = "Density { height: 3; overflow-y: hidden; scrollbar-size-vertical: 0; }"

    @dataclass
    class Zoomed(Message):
        """Another span is shown and must be counted."""

    @dataclass
    class Went(Message):
        """The strip's cursor stands on another day."""

        day: Day

    @dataclass
    class Picked(Message):
        """A span was chosen to filter by, both days inclusive."""

        first: Day
        last: Day

    def __init__(self, *, id: str) -> None:
        super().__init__(id=id)
        self._whole: tuple[Day, Day] | None = None
        self._gaps: list[tuple[Day, Day]] = []
        self._span: tuple[Day, Day] | None = None
        self._axis: Axis | None = None
        self._made_of: object = None
        """What the axis is made of: span, width and gaps."""
        self._bars: list[tuple[int, int]] = []
        self.bars_came = asyncio.Event()
        """Set while there are the counts of the axis that is shown."""
        self._counted: Axis | None = None
        self._sight: tuple[Day, Day] | None = None
        self._at: Day | None = None
        self._start: int | None = None
        self._column: int | None = None

    @property
    def axis(self) -> Axis | None:
        """The axis to count for, None when nothing is dated or the strip is not shown."""
        return self._axis if self.display else None

    @property
    def selection(self) -> tuple[Day, Day] | None:
        """The days selected with the strip's cursor, None without one."""
        if self._axis is None or self._column is None:
            return None
        start = self._column if self._start is None else self._start
        left, right = sorted((start, self._column))
        return self._axis.days(left)[0], self._axis.days(right)[1]

    @property
    def counted(self) -> tuple[Day, Day] | None:
        """First and last day of the buckets that the bars under the strip's cursor or selection count, if any."""
        axis = self._counted
        if axis is None or axis is not self._axis or self._column is None:
            return None
        start = self._column if self._start is None else self._start
        return axis.bucket_days(min(start, self._column), max(start, self._column))

    def over(self, span: tuple[Day, Day] | None, gaps: list[tuple[Day, Day]]) -> None:
        """Show a store whose rows stand on `span`, with these empty stretches; of a part of it what is left."""
        part = self._span if self._span != self._whole else None
        self._whole, self._gaps = span, gaps
        self._span = span if part is None or span is None else _left_of(part, span)
        self._make_axis(keep=True)

    def show(self, counts: Sequence[tuple[int, int]], axis: Axis) -> None:
        """Show the counts per bucket of an axis; those of an axis of before are dropped."""
        if axis is self._axis:
            self._bars = axis.bars(counts)
            self.bars_came.set()
            self._counted = axis
            self.refresh()

    def look(self, first: Day | None, last: Day | None, at: Day | None) -> None:
        """Mark the days of the rows in sight, and of the row under the timeline's cursor."""
        sight = None if first is None or last is None else (first, last)
        if (sight, at) != (self._sight, self._at):
            self._sight, self._at = sight, at
            self.refresh()

    def resized(self) -> None:
        self._make_axis(keep=True)
        super().resized()
        self.post_message(self.Zoomed())

    def _make_axis(self, *, keep: bool = False) -> None:
        """Make the axis anew; with `keep` the cursor and the selection stay on their days."""
        before, made_of = self._axis, (self._span, self.text_width, tuple(self._gaps))
        if keep and made_of == self._made_of:
            return
        self._made_of = made_of
        span, width, _ = made_of
        axis = Axis(*span, width, self._gaps) if span is not None and width > 0 else None

        def moved(column: int | None) -> int | None:
            return axis.column(before.days(column)[0]) if keep and axis and before and column is not None else None

        self._start, self._column = moved(self._start), moved(self._column)
        self._axis = axis
        self._bars = []
        self.bars_came.clear()
        self.refresh()

    @property
    def line_count(self) -> int:
        return self.size.height

    def line(self, y: int) -> Line:
        axis = self._axis
        if axis is None:
            return ((" No dates yet." if y == 0 else "", "dim"),)
        if y == self.size.height - 1:
            return self._label_line(axis)
        upper = y < self.size.height - 2
        bars = self._bars or [(0, 0)] * axis.width
        most = max((certain for certain, _ in bars), default=0)
        chosen, seen = self._marked(axis)
        cells = [
            ("found" if c in chosen else "accent" if c in seen else "date", self._glyph(axis, c, bar, most, upper))
            for c, bar in enumerate(bars)
        ]
        return tuple(
            ("".join(sign for _, sign in run), style) for style, run in groupby(cells, key=lambda cell: cell[0])
        )

    def _glyph(self, axis: Axis, column: int, bar: tuple[int, int], most: int, upper: bool) -> str:
        certain, possible = bar
        if upper:
            return POSSIBLE if possible and certain else " "
        if certain:
            return EIGHTHS[max(1, round(8 * certain / most))]
        if possible:
            return POSSIBLE
        return FOLDED if axis.folded(column) else EIGHTHS[0]

    def _marked(self, axis: Axis) -> tuple[range, range]:
        """The columns that are selected, and those of the rows in sight."""
        chosen = seen = range(0)
        if self._column is not None:
            left, right = sorted((self._column if self._start is None else self._start, self._column))
            chosen = range(left, right + 1)
        if self._sight is not None:
            seen = range(axis.column(self._sight[0]), axis.column(self._sight[1]) + 1)
        return chosen, seen

    def _label_line(self, axis: Axis) -> Line:
        """Labels, with └ ┘ around the days in sight and ▴ under the cursor's."""
        line = list(axis.labels())
        if self._sight is not None:
            left, right = axis.column(self._sight[0]), axis.column(self._sight[1])
            if right > left:
                for at, sign in ((left, "└"), (right, "┘")):
                    if line[at] == " ":
                        line[at] = sign
        runs: list[tuple[str, str]] = [("".join(line), "dim")]
        if self._at is not None:
            at = axis.column(self._at)
            _clear_word(line, at)
            text = "".join(line)
            runs = [(text[:at], "dim"), ("▴", "mark"), (text[at + 1 :], "dim")]
        return tuple(runs)

    # -- keys and mouse -----------------------------------------------------------------------------------------

    @property
    def _place(self) -> int:
        """The column of the strip's cursor; before its first move that of the timeline's: a key can be quicker."""
        if self._column is not None or self._axis is None:
            return self._column or 0
        return self._axis.column(self._at if self._at is not None else self._axis.first)

    @property
    def _day(self) -> Day | None:
        """The day that the strip's cursor stands on: of its column's the timeline's, if that is one, else the first."""
        if self._column is None or self._axis is None:
            return None
        first, last = self._axis.days(self._column)
        return self._at if self._at is not None and first <= self._at <= last else first

    def on_focus(self) -> None:
        if self._axis is not None:
            self._column = self._place
        self.refresh()

    def on_blur(self) -> None:
        self._start = self._column = None
        self.refresh()

    def _go(self, column: int, *, select: bool) -> None:
        if self._axis is None:
            return
        before = self._place
        self._start = (self._start if self._start is not None else before) if select else None
        self._column = max(0, min(column, self._axis.width - 1))
        self.refresh()
        self.tell(self.Went(self._axis.days(self._column)[0]))

    def action_right(self) -> None:
        self._go(self._place + 1, select=False)

    def action_left(self) -> None:
        self._go(self._place - 1, select=False)

    def action_select_right(self) -> None:
        self._go(self._place + 1, select=True)

    def action_select_left(self) -> None:
        self._go(self._place - 1, select=True)

    def goes_by_bars(self, key: str) -> bool:
        """Whether a key goes by the counts, which after a change of the axis are still on their way."""
        if self.axis is None:
            return False
        own = self._bindings.key_to_bindings.get(key)
        return own is None or any(binding.action in ("next_bar", "previous_bar") for binding in own)

    def action_next_bar(self) -> None:
        self._go(
            next((c for c in range(self._place + 1, len(self._bars)) if any(self._bars[c])), self._place),
            select=False,
        )

    def action_previous_bar(self) -> None:
        self._go(
            next(
                (c for c in range(self._place - 1, -1, -1) if any(self._bars[c : c + 1] and self._bars[c])),
                self._place,
            ),
            select=False,
        )

    def action_pick(self) -> None:
        if self._axis is not None:
            self._column = self._place  # a key can be quicker than the focus
        if (span := self.selection) is not None:
            self.tell(self.Picked(*span))

    def zoom(self, factor: float) -> None:
        """Show a part (factor < 1) of the span around the cursor, or more of it."""
        if self._span is None or self._whole is None:
            return
        first, last = self._span
        stays = self._day
        chosen = self.selection if self._start is not None and factor < 1 else None
        if chosen is not None and chosen[1] - chosen[0] >= SHORTEST:
            self._span = chosen
        else:
            middle = self._at if self._at is not None else (first + last) // 2
            if self._column is not None and self._axis is not None:
                middle = self._axis.days(self._column)[0]
            half = max(SHORTEST, round((last - first) * factor)) // 2
            low = max(self._whole[0], min(middle - half, self._whole[1] - 2 * half))
            self._span = (low, min(self._whole[1], low + 2 * half))
        self._make_axis()
        if self.screen.focused is self:
            self.on_focus()
            if stays is not None and self._axis is not None:
                self._column = self._axis.column(stays)
        self.post_message(self.Zoomed())

    def on_mouse_down(self, event: events.MouseDown) -> None:
        self.capture_mouse()
        self._go(event.x, select=False)
        self._start = self._column

    def on_mouse_move(self, event: events.MouseMove) -> None:
        if self.app.mouse_captured is self:
            self._go(event.x, select=True)

    def on_mouse_up(self) -> None:
        self.release_mouse()
        if self._start == self._column:
            self._start = None


def _left_of(part: tuple[Day, Day], span: tuple[Day, Day]) -> tuple[Day, Day]:
    """What of a part the span still has; all of the span where that is too little to show."""
    first, last = max(part[0], span[0]), min(part[1], span[1])
    return (first, last) if last - first >= SHORTEST else span


def _clear_word(line: list[str], at: int) -> None:
    """Blank the label that stands at a column: half a year would be read as another."""
    for step in (-1, 1):
        x = at if step < 0 else at + 1
        while 0 <= x < len(line) and line[x] != " ":
            line[x] = " "
            x += step
