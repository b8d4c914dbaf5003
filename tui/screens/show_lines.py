"""A box of lines to read over a screen: a quote whole, a citation."""

from __future__ import annotations

from collections.abc import Callable

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen

from db.store import Store
from tui import commands
from tui.saying import keymap_of
from tui.screens.following import follow
from tui.screens.moving import ScrollKeys
from tui.session import Session
from tui.widgets.line_view import Line, LineView

Made = Callable[[int], list[Line]]
"""Gives lines for a width in cells."""


class ReadView(LineView):
    """Lines made for the width there is."""

    def __init__(self, made: Made) -> None:
        super().__init__(id="read")
        self._made = made
        self._lines: list[Line] = []

    def show(self, made: Made) -> None:
        """Show other lines, from where the ones before were scrolled to."""
        self._made = made
        self.resized()

    def resized(self) -> None:
        self._lines = self._made(max(10, self.text_width))
        self.recount()

    @property
    def line_count(self) -> int:
        return len(self._lines)

    def line(self, y: int) -> Line:
        return self._lines[y]


class ReadingBox(ScrollKeys, ModalScreen[None]):
    """A titled box of lines to read until it is closed; a subclass binds the keys."""

    CLOSED_BY = "{read.close} closes"

    def __init__(self, title: str, view: LineView) -> None:
        super().__init__()
        self._title = title
        self.view = view

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog read-box") as box:
            box.border_title = Content(self._title)
            box.border_subtitle = Content(commands.clause(self.CLOSED_BY, keymap_of(self.app)))
            yield self.view

    @property
    def moved_view(self) -> LineView:
        return self.view

    def on_mount(self) -> None:
        self.set_focus(self.view)

    def action_close(self) -> None:
        self.dismiss(None)


class ShowLines(ReadingBox):
    """Shows lines; `made` gives them for a width in cells."""

    BINDINGS = commands.bindings("read")

    def __init__(self, title: str, made: Made) -> None:
        super().__init__(title, ReadView(made))


class FollowingLines(ShowLines):
    """Shows lines of the store: `anew` reads what gives them by now, None where it is gone, which `gone` says."""

    def __init__(
        self, title: str, made: Made, session: Session, anew: Callable[[Store], Made | None], gone: str
    ) -> None:
        super().__init__(title, made)
        self._session = session
        self._anew = anew
        self._gone = gone

    def store_changed(self) -> None:
        """The store has changed: show the lines as they are now."""
        assert isinstance(self.view, ReadView)
        follow(self, self._session, self._anew, self.view.show, self._gone)
