"""The query line, and under it what is wrong with the query and where."""

from __future__ import annotations

from dataclasses import dataclass

from rich.cells import cell_len
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import Input, Static

from db.query import QueryError
from tui import commands
from tui.safe_text import fit, safe


class QueryInput(Input):
    """One line of text that never blinks and gives its few keys to the registry."""

    BINDINGS = commands.bindings("query")

    @dataclass
    class Left(Message):
        """The user is done with the line: Enter, or Esc."""

    def action_accept(self) -> None:
        self.post_message(self.Left())

    def action_leave(self) -> None:
        self.post_message(self.Left())

    def action_clear(self) -> None:
        self.value = ""


class QueryBar(Vertical):
    """The query text with its error line; posts Input.Changed and QueryInput.Left."""

    _at_fault = False

    def compose(self) -> ComposeResult:
        with Horizontal(id="query-line"):
            yield Static(Content(" / "), id="query-slash")
            field = QueryInput(
                id="query",
                placeholder="words, type:…, place:…, after:2021-05, -weapon:…, is:disputed",
                select_on_focus=False,
                compact=True,
            )
            field.cursor_blink = False
            yield field
            yield Static(Content(""), id="query-state")
        yield Static(Content(""), id="query-error")

    @property
    def input(self) -> QueryInput:
        """The line itself."""
        return self.query_one(QueryInput)

    @property
    def text(self) -> str:
        """The query text."""
        return self.input.value

    def set_text(self, text: str) -> None:
        """Replace the text; Changed follows when it differs."""
        self.input.value = text
        self.input.cursor_position = len(text)

    def show_state(self, words: str) -> None:
        """A few words at the right end: suspended, or how to clear."""
        self.query_one("#query-state", Static).update(Content(words))

    def show_error(self, error: QueryError | None) -> None:
        """The fault under the query with a caret under the character, or nothing."""
        line = self.query_one("#query-error", Static)
        line.display = error is not None
        self._at_fault = error is not None
        if error is None:
            return
        column = cell_len(safe(self.text[: error.position]))
        carets = "^" * max(1, min(error.length, 40))
        message = safe(str(error))
        width = self.size.width - 4
        if column + len(carets) + 1 + cell_len(message) <= width:
            text = f"   {' ' * column}{carets} {message}"
        elif column < width - 1:
            text = f"   {' ' * column}^\n   {fit(message, width)}"
        else:
            text = f"   {fit(message, width)}"
        line.update(Content(text))

    def show_hint(self, words: str) -> None:
        """A hint in the error's place, or nothing; a fault that is shown there stays."""
        line = self.query_one("#query-error", Static)
        if self._at_fault:
            return
        line.display = bool(words)
        line.update(Content(f"   {fit(safe(words), self.size.width - 4)}"))
