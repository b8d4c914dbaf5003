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

YES_NO = "y yes   n no"


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
        self._hint = Static(Content(YES_NO), classes="hint")

    def body(self) -> list[Widget]:
        return [self._words, self._hint]

    def on_resize(self) -> None:
        self.call_after_refresh(self._say_more)

    def _say_more(self) -> None:
        self._hint.update(Content(f"{YES_NO}   ↑ ↓ the rest" if self._words.max_scroll_y else YES_NO))

    def action_answer(self, yes: bool) -> None:
        self.dismiss(yes)
