"""The common frame of small dialogs over the main screen."""

from __future__ import annotations

from typing import Generic, TypeVar

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widget import Widget

from tui.painter import Painter

Result = TypeVar("Result")


class Dialog(ModalScreen[Result], Generic[Result]):
    """A titled box; subclasses give its widgets in `body`."""

    TITLE_TEXT = ""

    def __init__(self) -> None:
        super().__init__()
        self._compositor = Painter()

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog") as box:
            box.border_title = Content(self.TITLE_TEXT)
            yield from self.body()

    def body(self) -> list[Widget]:
        """The widgets inside the box."""
        raise NotImplementedError
