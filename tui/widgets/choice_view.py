"""A list of which one thing is chosen, by key or mouse."""

from __future__ import annotations

from collections.abc import Callable

from textual import events, on
from textual.scrollbar import ScrollDown, ScrollTo, ScrollUp

from tui.widgets.line_view import LineView


class ChoiceView(LineView):
    """Keeps its cursor on one of `choices`, a line each unless a subclass says otherwise, and shows it."""

    def __init__(self, *, id: str, moved: Callable[[], None] | None = None) -> None:
        """`moved` is called when the cursor has gone to another choice."""
        super().__init__(id=id)
        self.cursor = 0
        self._moved = moved or (lambda: None)

    @property
    def choices(self) -> int:
        """How many things can be chosen."""
        raise NotImplementedError

    @property
    def line_count(self) -> int:
        return self.choices or 1

    def cursor_lines(self) -> range:
        return range(self.cursor, self.cursor + 1) if self.choices else range(0)

    def choice_at(self, y: int) -> int:
        """The choice that a line is of; behind the last line the last."""
        return y

    def move(self, step: int) -> None:
        """Move the cursor, clamped."""
        before, self.cursor = self.cursor, max(0, min(self.cursor + step, self.choices - 1))
        self.show_cursor()
        self.refresh()
        if self.cursor != before:
            self._moved()

    def show_cursor(self) -> None:
        """Scroll as little as needed to have the cursor's lines in sight, or as many of them as there is room for."""
        lines = self.cursor_lines()
        if lines:
            self.show_lines(lines.start, min(len(lines), max(1, self.size.height)))

    def by(self, lines: int) -> None:
        """Scroll by lines; the cursor comes along, as keys work on what it is on."""
        super().by(lines)
        self._into_sight()

    @on(events.MouseScrollDown)
    @on(events.MouseScrollUp)
    @on(ScrollDown)
    @on(ScrollUp)
    @on(ScrollTo)
    def _scrolled(self) -> None:
        self.call_later(self._into_sight)  # the view itself takes the event after this

    def _into_sight(self) -> None:
        """Put a cursor that is out of sight on the nearest choice that is not, if there is one."""
        top = round(self.scroll_target_y)
        sight = range(top, min(top + self.size.height, self.line_count))
        lines = self.cursor_lines()
        if not lines or not sight or (lines.start < sight.stop and sight.start < lines.stop):
            return
        before = self.cursor
        for y in sight if lines.start < sight.start else reversed(sight):
            self.cursor = self.choice_at(y)
            if y in self.cursor_lines():
                self.refresh()
                self._moved()
                return
        self.cursor = before

    @property
    def cursor_in_sight(self) -> bool:
        """Whether what the cursor is on is shown from its first line on."""
        top = round(self.scroll_y)
        return self.cursor_lines().start in range(top, top + self.size.height)

    def on_click(self, event: events.Click) -> None:
        at = event.get_content_offset(self)
        if at is not None and self.text_selection is None:  # else the mouse has marked text
            self.move(self.choice_at(round(self.scroll_y) + at.y) - self.cursor)
