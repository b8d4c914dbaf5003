"""A list of which one thing is chosen, by key or mouse."""

from __future__ import annotations

from collections.abc import Callable

from textual import events

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

    def on_click(self, event: events.Click) -> None:
        at = event.get_content_offset(self)
        if at is not None and self.text_selection is None:  # else the mouse has marked text
            self.move(self.choice_at(round(self.scroll_y) + at.y) - self.cursor)
