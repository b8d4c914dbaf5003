"""A list of which one line is chosen, by key or mouse."""

from __future__ import annotations

from textual import events

from tui.widgets.line_view import LineView


class ChoiceView(LineView):
    """Keeps its cursor on one of `choices` lines, and shows it."""

    def __init__(self, *, id: str) -> None:
        super().__init__(id=id)
        self.cursor = 0

    @property
    def choices(self) -> int:
        """How many lines can be chosen."""
        raise NotImplementedError

    @property
    def line_count(self) -> int:
        return self.choices or 1

    def cursor_lines(self) -> range:
        return range(self.cursor, self.cursor + 1) if self.choices else range(0)

    def move(self, step: int) -> None:
        """Move the cursor, clamped."""
        self.cursor = max(0, min(self.cursor + step, self.choices - 1))
        self.show_lines(self.cursor)
        self.refresh()

    def on_click(self, event: events.Click) -> None:
        at = event.get_content_offset(self)
        if at is not None:
            self.move(round(self.scroll_y) + at.y - self.cursor)
