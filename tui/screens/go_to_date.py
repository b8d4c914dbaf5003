"""Go to a date: the timeline follows while the date is typed."""

from __future__ import annotations

from collections.abc import Callable

from textual import on
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Input, Static

from db import dates
from db.errors import DateError
from tui import commands
from tui.screens.dialog import Dialog
from tui.widgets.field import Field

HINT = ("Enter stays there", "{date.close} goes back")
"""What keys do, till a date is typed; Enter is the line's own."""


class GoToDate(Dialog[bool]):
    """Calls `went` with the first day of each date that what is typed so far can be read as; gives whether to stay."""

    TITLE_TEXT = "Go to date"
    BINDINGS = commands.bindings("date")

    def __init__(self, went: Callable[[dates.Day | None], None]) -> None:
        super().__init__()
        self._went = went
        self._over = False

    def body(self) -> list[Widget]:
        field = Field(placeholder="2021, 2021-05, 2021-05-08", id="date", compact=True)
        return [field, Static(Content(self.hint(*HINT)), id="date-words", classes="hint")]

    @on(Input.Changed, "#date")
    def _typed(self, event: Input.Changed) -> None:
        if not self._over:  # keys are quicker than this message
            self._follow(event.value)

    def _follow(self, text: str) -> None:
        words = self.query_one("#date-words", Static)
        if not text.strip():
            words.update(Content(self.hint(*HINT)))
            return
        try:
            dating = dates.parse(text)
        except DateError:
            words.update(Content("year, year-month or year-month-day"))
            return
        words.update(Content(f"→ {dates.words(dating)}"))
        self._went(dating.earliest)

    @on(Input.Submitted, "#date")
    def _done(self, event: Input.Submitted) -> None:
        self._follow(event.value)
        self._leave(True)

    def action_close(self) -> None:
        self._leave(False)

    def _leave(self, stay: bool) -> None:
        self._over = True
        self.dismiss(stay)
