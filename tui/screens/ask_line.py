"""Ask for one line of text: a reason, the name of a file."""

from __future__ import annotations

from textual import on
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Input, Static

from tui import commands
from tui.safe_text import safe
from tui.screens.dialog import Dialog
from tui.widgets.field import Field


class AskLine(Dialog[str | None]):
    """Gives what was typed, never blank, or None."""

    BINDINGS = commands.bindings("ask")

    def __init__(self, title: str, about: str, hint: str, value: str = "", *, replace: bool = True) -> None:
        """A letter typed first takes the place of `value`, or without `replace` goes behind it."""
        super().__init__()
        self.TITLE_TEXT = title
        self._about = about
        self._hint = hint
        self._value = value
        self._replace = replace

    def body(self) -> list[Widget]:
        field = Field(self._value, id="ask", compact=True, select_on_focus=self._replace)
        return [
            Static(Content(safe(self._about)), id="about", classes="above-line"),
            field,
            Static(Content(self._hint), id="ask-hint", classes="hint"),
        ]

    def on_mount(self) -> None:
        self.set_focus(self.query_one("#ask", Input))

    @on(Input.Submitted, "#ask")
    def _submitted(self, event: Input.Submitted) -> None:
        text = " ".join(event.value.split())
        if text:
            self.dismiss(text)
        else:
            self.query_one("#ask-hint", Static).update(Content(f"Type something first. {self._hint}"))

    def action_close(self) -> None:
        self.dismiss(None)
