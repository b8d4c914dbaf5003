"""The query line, what the word being typed may become, and under it what is wrong with the query and where."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from rich.cells import cell_len
from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import Input, Static

from db import query_edit
from db.engine import Counts, ListedCounts
from db.fields import FACET_NAMES, PERIOD_NAMES
from db.query import QueryError
from db.query_edit import Completion
from tui import commands
from tui.history import History
from tui.safe_text import fit, safe
from tui.widgets.completions import Completions, Offer, offers
from tui.widgets.field import Field

ROOMY = 76
"""Columns from which room is kept for the state beside the query."""


class QueryInput(Field):
    """One line of text that never blinks and gives its few keys to the registry."""

    BINDINGS = commands.bindings("query")

    def __init__(self, pressed: Callable[[str], None], placeholder: str) -> None:
        super().__init__(id="query", placeholder=placeholder, select_on_focus=False, compact=True)
        self._pressed = pressed

    def action_accept(self) -> None:
        self._pressed("accept")

    def action_complete(self) -> None:
        self._pressed("complete")

    def action_next(self) -> None:
        self._pressed("next")

    def action_previous(self) -> None:
        self._pressed("previous")

    def action_leave(self) -> None:
        self._pressed("leave")

    def action_clear(self) -> None:
        self.value = ""


def _period(typed: str) -> str:
    """What a date being typed is completed by: years until one is there, then its months."""
    return "month" if "-" in typed[1:] else "year"


class QueryBar(Vertical):
    """The query text with its completions and its error line."""

    @dataclass
    class Typed(Message):
        """The text was changed by typing."""

        text: str

    @dataclass
    class Suggest(Message):
        """Values of a facet are wanted, counted under the rest of the query."""

        text: str
        facet: str
        rest: str

    _at_fault = False
    _state = ""

    def __init__(self, history: History, accept: Callable[[], None], leave: Callable[[], None], *, id: str) -> None:
        super().__init__(id=id)
        self._history = history
        # Called at once, not posted: the next key must find the focus moved.
        self._accept = accept
        self._leave = leave
        self._completion: Completion | None = None
        self._offered: tuple[str, int] | None = None
        """The text and the place in it that the list's offers are for; None while they are still to come."""

    def compose(self) -> ComposeResult:
        yield Completions(id="completions")
        with Horizontal(id="query-line"):
            yield Static(Content(" / "), id="query-slash")
            yield QueryInput(self._key, "words, type:…, place:…, after:2021-05, is:disputed")
            yield Static(Content(""), id="query-state")
        yield Static(Content(""), id="query-error")

    def on_mount(self) -> None:
        self.list = self.query_one(Completions)
        self.list.show([])
        self.show_error(None)

    @property
    def input(self) -> QueryInput:
        """The line itself."""
        return self.query_one(QueryInput)

    @property
    def text(self) -> str:
        """The query text."""
        return self.input.value

    def set_text(self, text: str) -> None:
        """Replace the text."""
        self.input.value = text
        self.input.cursor_position = len(text)

    def used(self, text: str) -> None:
        """Note a query in the history."""
        self._history.add(text)

    # -- typing -------------------------------------------------------------------------------------------------

    @on(Input.Changed, "#query")
    def _changed(self, event: Input.Changed) -> None:
        event.stop()
        if self.input.has_focus:
            self.post_message(self.Typed(event.value))
            self._complete()

    def _complete(self) -> None:
        place = self.text, self.input.cursor_position
        self._completion = completion = query_edit.completion_at(*place)
        facet = _period(completion.typed) if completion.field == "date" else completion.field
        if completion.kind == "value" and (facet in FACET_NAMES or facet in PERIOD_NAMES):
            self._offered = None
            self.post_message(self.Suggest(self.text, facet, completion.rest))
        else:
            self._offered = place
            self.list.show(offers(completion, ListedCounts(())))

    def suggested(self, text: str, counts: Counts) -> None:
        """The values asked for with `Suggest`; dropped when the text has changed since."""
        if text == self.text and self._completion is not None and self.input.has_focus:
            listed = offers(self._completion, counts)
            # A value that stands there whole needs no offer.
            done = len(listed) == 1 and listed[0].value == self._completion.typed
            self.list.show([] if done else listed)
            self._offered = self.text, self.input.cursor_position

    def _take(self, offer: Offer) -> None:
        if self._completion is not None:
            text, cursor = query_edit.apply_completion(self.text, self._completion, offer.value)
            self.input.value = text
            self.input.cursor_position = cursor
            self.call_after_refresh(self._complete)

    @on(Completions.Chosen)
    def _clicked(self, event: Completions.Chosen) -> None:
        self._take(event.offer)

    def _key(self, name: str) -> None:
        """One of the line's own keys: accept, complete, next, previous or leave."""
        if self._offered != (self.text, self.input.cursor_position) and name in ("complete", "next", "previous"):
            self._complete()  # Textual's message of what was typed comes after keys pressed behind it
            if self._offered is None:
                return  # the offers for what stands there are on their way
        offer = self.list.current if self._offered == (self.text, self.input.cursor_position) else None
        match name:
            case "complete" if offer:
                self._take(offer)
            case "accept" if offer and self.list.touched:
                self._take(offer)
            case "accept" | "leave":
                self.list.show([])
                (self._accept if name == "accept" else self._leave)()
            case "next" | "previous":
                step = 1 if name == "next" else -1
                if offer:
                    self.list.move(step)
                elif (past := self._history.step(step, self.text)) is not None:
                    self.set_text(past)

    # -- beside and under the line ------------------------------------------------------------------------------

    def show_state(self, words: str, usual: str) -> None:
        """A few words at the right end: suspended, or how to clear; `usual` are those that are there most often."""
        if not words and self.app.size.width >= ROOMY:
            words = " " * cell_len(usual)  # so that what comes there with the first filter moves nothing
        if words != self._state:
            same = cell_len(words) == cell_len(self._state)
            self._state = words
            self.query_one("#query-state", Static).update(Content(words), layout=not same)

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
        if self._at_fault or (not words and not line.display):
            return
        line.display = bool(words)
        line.update(Content(f"   {fit(safe(words), self.size.width - 4)}"))
