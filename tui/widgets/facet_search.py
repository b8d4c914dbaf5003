"""The line in which the name of a facet's value is typed; the panel below shows only the values that fit."""

from __future__ import annotations

from textual import on
from textual.widgets import Input

from tui import commands
from tui.widgets.facets import Facets
from tui.widgets.field import Field


class FacetSearch(Field):
    """Shown while it is needed; what is typed narrows the facet under the panel's cursor at once."""

    BINDINGS = commands.bindings("find")

    def __init__(self, panel: Facets, *, id: str) -> None:
        super().__init__(id=id, select_on_focus=False, compact=True)
        self.display = False
        self._panel = panel

    def begin(self) -> None:
        """Take the focus, with what was typed before when the panel is narrowed still."""
        self._panel.narrow(self.value if self._panel.narrowed else "")
        if self._panel.narrowed is None:
            return
        self.placeholder = f"find in {self._panel.narrowed}"
        self.display = True
        self.screen.set_focus(self)

    def end(self) -> None:
        """Show all facets again and go away; the panel has the focus if this line had it."""
        had_focus = self.screen.focused is self  # `has_focus` is told by an event, and a key can be quicker
        self._panel.widen()
        with self.prevent(Input.Changed):
            self.value = ""
        self.display = False
        if had_focus:
            self.screen.set_focus(self._panel)

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        if self.display:
            self._panel.narrow(self.value)

    def _take_typed(self) -> None:
        """Narrow by what stands here now: Textual's message of it comes after keys pressed behind it."""
        self._panel.narrow(self.value)

    def action_toggle_value(self) -> None:
        self._take_typed()
        self._panel.action_toggle_value()

    def action_next(self) -> None:
        self._take_typed()
        self._panel.action_down()

    def action_previous(self) -> None:
        self._take_typed()
        self._panel.action_up()

    def action_page_down(self) -> None:
        self._take_typed()
        self._panel.action_page_down()

    def action_page_up(self) -> None:
        self._take_typed()
        self._panel.action_page_up()

    def action_to_list(self) -> None:
        self.screen.set_focus(self._panel)

    def action_clear(self) -> None:
        self.value = ""

    def action_leave(self) -> None:
        self.end()
