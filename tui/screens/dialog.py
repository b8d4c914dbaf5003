"""The common frame of small dialogs over the main screen."""

from __future__ import annotations

from typing import Generic, TypeVar

from textual.app import ComposeResult
from textual.await_complete import AwaitComplete
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widget import Widget

from tui import commands
from tui.painter import Painter
from tui.saying import keymap_of

Result = TypeVar("Result")


class Dialog(ModalScreen[Result], Generic[Result]):
    """A titled box; subclasses give its widgets in `body`."""

    TITLE_TEXT = ""
    VERTICAL_BREAKPOINTS = [(0, "-low"), (20, "-middle"), (34, "-high")]  # noqa: RUF012

    def __init__(self) -> None:
        super().__init__()
        self._compositor = Painter()

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog") as box:
            box.border_title = Content(self.TITLE_TEXT)
            yield from self.body()

    def dismiss(self, result: Result | None = None) -> AwaitComplete:
        """Close the dialog.  One that has gone already, by the first of two Enters, would close what was below it."""
        return super().dismiss(result) if self.app.screen is self else AwaitComplete()

    def clause(self, words: str) -> str:
        """Words that name keys, as `commands.clause` makes them."""
        return commands.clause(words, keymap_of(self.app))

    def hint(self, *clauses: str, between: str = "  ") -> str:
        """What keys do here, as `commands.hint` makes it."""
        return commands.hint(keymap_of(self.app), *clauses, between=between)

    def body(self) -> list[Widget]:
        """The widgets inside the box."""
        raise NotImplementedError
