"""Ask before something leaves the program: yes or no."""

from __future__ import annotations

from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from tui import commands
from tui.safe_text import safe
from tui.screens.dialog import Dialog


class Confirm(Dialog[bool]):
    """Shows a question and what it is about; y or Enter for yes, anything that closes for no."""

    BINDINGS = commands.bindings("confirm")

    def __init__(self, question: str, about: str) -> None:
        super().__init__()
        self.TITLE_TEXT = question
        self._about = about

    def body(self) -> list[Widget]:
        return [Static(Content(safe(self._about)), id="about"), Static(Content("y yes   n no"), classes="hint")]

    def action_answer(self, yes: bool) -> None:
        self.dismiss(yes)
