"""Ask before something leaves the program: yes or no."""

from __future__ import annotations

from collections.abc import Sequence

from textual.containers import VerticalScroll
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from tui import commands
from tui.safe_text import safe
from tui.screens.dialog import Dialog


class Confirm(Dialog[bool]):
    """Shows a question and what it is about; y or Enter for yes, anything that closes for no."""

    BINDINGS = commands.bindings("confirm")

    def __init__(self, question: str, about: str, head: Sequence[str] = ()) -> None:
        """`head` are lines above what it is about, to be seen first."""
        super().__init__()
        self.TITLE_TEXT = question
        words: list[Widget] = [Static(Content(safe(about)), id="about")]
        if head:
            words.insert(0, Static(Content("\n".join(map(safe, head))), id="asked-head"))
        self._words = VerticalScroll(*words, id="asked")
        self._hint = Static(classes="hint")

    def body(self) -> list[Widget]:
        self._say_more()
        return [self._words, self._hint]

    def on_resize(self) -> None:
        self.call_after_refresh(self._say_more)

    def _say_more(self) -> None:
        # The arrows are the box's own: no command of the registry.
        more = ["↑ ↓ the rest"] if self._words.max_scroll_y else []
        self._hint.update(Content(self.hint("{confirm.yes} yes", "{confirm.no} no", *more, between="   ")))

    def action_answer(self, yes: bool) -> None:
        self.dismiss(yes)
