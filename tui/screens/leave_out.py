"""Choose what to leave out: a document, a speaker, or everything below a grade; letters typed narrow the list."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import on
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Input, Static

from db.fields import fold
from db.plural import counted
from tui import commands
from tui.safe_text import fit, pad, safe
from tui.screens.dialog import Dialog
from tui.widgets.choice_view import ChoiceView
from tui.widgets.field import Field
from tui.widgets.line_view import Line

if TYPE_CHECKING:
    from db.droppable import Choice

KIND = 9
"""Cells of the word that says what a choice is."""


class Sources(ChoiceView):
    """The choices that what was typed leaves."""

    def __init__(self, choices: list[Choice]) -> None:
        super().__init__(id="choices")
        self.can_focus = False
        self._all = [(fold(f"{choice.kind} {choice.words}"), choice) for choice in choices]
        self.listed = choices
        self._text = ""

    def narrow(self, text: str) -> None:
        """List those that have each word of a text, with the cursor on the first if that is another text."""
        if text == self._text:
            return
        self._text = text
        parts = [part for part in fold(text).split("-") if part]
        self.listed = [choice for form, choice in self._all if all(part in form for part in parts)]
        self.cursor = 0
        self.scroll_to(y=0, animate=False)
        self.recount()

    @property
    def chosen(self) -> Choice | None:
        """The choice under the cursor."""
        return self.listed[self.cursor] if self.listed else None

    @property
    def choices(self) -> int:
        return len(self.listed)

    def line(self, y: int) -> Line:
        if not self.listed:
            return ((" No source is called so.", "dim"),)
        choice = self.listed[y]
        count = f" {counted(choice.quotes, 'quote')}"
        room = max(4, self.text_width - KIND - 2 - len(count))
        return ((f" {pad(choice.kind, KIND)} ", "dim"), (pad(fit(safe(choice.words), room), room), ""), (count, "dim"))


class LeaveOut(Dialog["Choice | None"]):
    """Gives the choice made, or None."""

    TITLE_TEXT = "Leave out"
    BINDINGS = commands.bindings("leave-out")

    def __init__(self, choices: list[Choice]) -> None:
        super().__init__()
        self.sources = Sources(choices)
        self._field = Field(placeholder="type to narrow the list", id="ask", compact=True)

    def body(self) -> list[Widget]:
        typed = self._field
        hint = self.hint(
            "{leave-out.up} {leave-out.down} move",
            "{leave-out.choose} leaves it out, nothing is changed",
            "{leave-out.close} close",
        )
        return [typed, self.sources, Static(Content(hint), classes="hint")]

    @on(Input.Changed, "#ask")
    def _typed(self) -> None:
        self.sources.narrow(self._field.value)  # what stands there by now: keys are quicker than this message

    @on(Input.Submitted, "#ask")
    def action_choose(self) -> None:
        self.sources.narrow(self._field.value)
        if self.sources.chosen is not None:
            self.dismiss(self.sources.chosen)

    def _move(self, step: int) -> None:
        """Move in what stands in the line now: Textual's message of it comes after keys pressed behind it."""
        self.sources.narrow(self._field.value)
        self.sources.move(step)

    def action_down(self) -> None:
        self._move(1)

    def action_up(self) -> None:
        self._move(-1)

    def action_page_down(self) -> None:
        self._move(max(1, self.sources.size.height - 1))

    def action_page_up(self) -> None:
        self._move(-max(1, self.sources.size.height - 1))

    def action_close(self) -> None:
        self.dismiss(None)
