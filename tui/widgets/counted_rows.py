"""What was counted, row by row: incidents, read as they come into sight, or other things with their lines."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from textual.geometry import Region
from textual.strip import Strip

from db.engine import Match
from db.explain import Explanation, Item
from db.model import Row
from db.report import gutter
from tui import event_types
from tui.safe_text import fit, pad, safe, wrap
from tui.widgets.choice_view import ChoiceView
from tui.widgets.line_view import Line

DATE = 13
"""Cells of a row's date."""


class CountedRows(ChoiceView):
    """The rows behind one number, with a cursor."""

    def __init__(self, rows: Callable[[Sequence[Match]], list[Row | None]], *, id: str) -> None:
        super().__init__(id=id)
        self._rows = rows
        self._told: Explanation | None = None
        self._lines: list[Line] = []
        self._spans: list[range] = []
        """Where each item stands among the lines; unused for incidents, which have a line each."""

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

    def show_anew(self, told: Explanation) -> None:
        """Show the rows of the same number as they are now, with the cursor on the one that it was on."""
        found: int | None = None
        if (match := self.match) is not None:
            found = told.matches.find(match.id) if told.matches is not None else None
        elif self._told is not None and self._told.items:
            here = _identity(self._told.items[self.cursor])
            found = next((at for at, item in enumerate(told.items) if _identity(item) == here), None)
        self._told = told
        self.cursor = max(0, min(self.cursor, told.rows - 1)) if found is None else found
        self.resized()
        self.move(0)

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
    def choices(self) -> int:
        return self._told.rows if self._told else 0

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
            (f"{pad(safe(gutter(row.date_edtf).rstrip()), DATE)} ", "date"),
            (f"{event_types.glyph(row.event_type, row.kind)} ", "accent"),
            (fit(safe(words), room), "" if found[0].certain else "dim"),
        )

    def choice_at(self, y: int) -> int:
        if self._told is not None and self._told.matches is not None:
            return y
        return next((n for n, span in enumerate(self._spans) if y in span), self.cursor)


def _identity(item: Item) -> tuple[object, ...]:
    """What an item is told by: the query that finds it, or else its name and words."""
    return (item.query,) if item.query is not None else (item.name, item.lines)
