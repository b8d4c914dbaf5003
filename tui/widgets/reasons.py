"""What was counted, row by row: incidents, read as they come into sight, or other things with their lines."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from textual import events
from textual.geometry import Region
from textual.strip import Strip

from db import dates
from db.engine import Match
from db.errors import DateError
from db.explain import Explanation
from db.model import Row
from tui import event_types
from tui.safe_text import fit, pad, safe, wrap
from tui.widgets.line_view import Line, LineView

DATE = 13
"""Cells of a row's date."""


class Reasons(LineView):
    """The rows behind one number, with a cursor."""

    def __init__(self, rows: Callable[[Sequence[Match]], list[Row | None]], *, id: str) -> None:
        super().__init__(id=id)
        self._rows = rows
        self._told: Explanation | None = None
        self._lines: list[Line] = []
        self._spans: list[range] = []
        """Where each item stands among the lines; unused for incidents, which have a line each."""
        self.cursor = 0

    @property
    def told(self) -> Explanation | None:
        """What is shown."""
        return self._told

    @property
    def match(self) -> Match | None:
        """The incident under the cursor."""
        if self._told is None or self._told.matches is None:
            return None
        return next(iter(self._told.matches.window(self.cursor, 1)), None)

    def show(self, told: Explanation) -> None:
        """Show the rows of another number, from the first."""
        self._told = told
        self.cursor = 0
        self.scroll_to(y=0, animate=False)
        self.resized()

    def resized(self) -> None:
        self._lines, self._spans = [], []
        width = max(10, self.text_width)
        for item in self._told.items if self._told else ():
            first = len(self._lines)
            head = safe(item.name)
            self._lines += [((f" {piece}", "strong"),) for piece in wrap(head, width - 2)]
            if item.about:
                self._lines += [((f"   {piece}", "dim"),) for piece in wrap(safe(item.about), width - 4)]
            for line in item.lines:
                self._lines += [((f"   {piece}", "quote"),) for piece in wrap(safe(line), width - 4)]
            self._spans.append(range(first, len(self._lines)))
        self.recount()

    @property
    def line_count(self) -> int:
        if self._told is None or not self._told.rows:
            return 1
        return len(self._lines) if self._told.matches is None else len(self._told.matches)

    def cursor_lines(self) -> range:
        if self._told is None or not self._told.rows:
            return range(0)
        if self._told.matches is None:
            return self._spans[self.cursor] if self._spans else range(0)
        return range(self.cursor, self.cursor + 1)

    def render_lines(self, crop: Region) -> list[Strip]:
        if self._told is not None and self._told.matches is not None:
            # All rows in sight with one question to the store; `line` then finds each of them read.
            self._rows(self._told.matches.window(round(self.scroll_y) + crop.y, crop.height))
        return super().render_lines(crop)

    def line(self, y: int) -> Line:
        if self._told is None or not self._told.rows:
            return ((" Nothing was counted.", "dim"),)
        if self._told.matches is None:
            return self._lines[y]
        found = self._told.matches.window(y, 1)
        row = self._rows(found)[0] if found else None
        if row is None:
            return ((" gone from the store", "dim"),)
        mark = " " if found[0].certain else "~"
        room = max(4, self.text_width - DATE - 5)
        words = row.title if row.place is None else f"{row.title} · {row.place}"
        return (
            (f"{mark}", "warn"),
            (f"{pad(safe(_when(row)), DATE)} ", "date"),
            (f"{event_types.glyph(row.event_type, row.kind)} ", "accent"),
            (fit(safe(words), room), "" if found[0].certain else "dim"),
        )

    def move(self, step: int) -> None:
        """Move the cursor, clamped."""
        if self._told is None or not self._told.rows:
            return
        self.cursor = max(0, min(self.cursor + step, self._told.rows - 1))
        lines = self.cursor_lines()
        self.show_lines(lines.start, min(len(lines), max(1, self.size.height)))
        self.refresh()

    def on_click(self, event: events.Click) -> None:
        at = event.get_content_offset(self)
        if at is None or self._told is None or self.text_selection is not None:
            return
        y = round(self.scroll_y) + at.y
        if self._told.matches is not None:
            self.move(y - self.cursor)
        else:
            self.move(next((n for n, span in enumerate(self._spans) if y in span), self.cursor) - self.cursor)


def _when(row: Row) -> str:
    if row.date_edtf is None:
        return "undated"
    try:
        year, month, day = dates.short(dates.parse(row.date_edtf))
    except DateError:
        return row.date_edtf
    return f"{year:<5} {month:<3} {day}".rstrip()
