"""Ask for one line of text: a reason, the name of a file."""

from __future__ import annotations

from textual import on
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Input, Static

from tui import commands
from tui.drafts import Reason
from tui.safe_text import safe
from tui.screens.dialog import Dialog
from tui.widgets.field import Field
from tui.write_queue import Typed


class AskLine(Dialog[str | None]):
    """Gives what was typed, never blank, or None."""

    BINDINGS = commands.bindings("ask")

    def __init__(self, title: str, about: str, hint: str, value: str = "", *, reason: Reason | None = None) -> None:
        """A letter typed first takes the place of `value`; what fills the line of a `reason` it goes behind."""
        super().__init__()
        self._reason = reason
        value = value if reason is None else reason.filled
        self.TITLE_TEXT = title
        self._about = about
        self._hint = hint
        self._field = Field(value, id="ask", compact=True, select_on_focus=reason is None)

    def body(self) -> list[Widget]:
        return [
            Static(Content(safe(self._about)), id="about", classes="above-line"),
            self._field,
            Static(Content(self._hint), id="ask-hint", classes="hint"),
        ]

    def on_mount(self) -> None:
        self.set_focus(self._field)

    def unfinished(self) -> list[Typed]:
        """The reason that is being typed, if it is one."""
        return [] if self._reason is None else self._reason.typed(self._field.value)

    def keep(self) -> None:
        """Keep the reason that is being typed for the next line that asks for it: this one is taken away."""
        if self._reason is not None and self.unfinished():
            self._reason.sent()
            self._reason.refused(self._field.value)

    @on(Input.Submitted, "#ask")
    def _submitted(self, event: Input.Submitted) -> None:
        text = " ".join(event.value.split())
        if text:
            self.dismiss(text)
        else:
            self.query_one("#ask-hint", Static).update(Content(f"Type something first. {self._hint}"))

    def action_close(self) -> None:
        self.dismiss(None)
