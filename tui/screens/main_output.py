"""The main screen's keys that take what is shown out of the program, and find what stands in it twice."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui.screens.main_base import MainBase

if TYPE_CHECKING:
    from db.exporting import Shown

# What these keys need (numpy, all formats) is imported when they are pressed: a small store shall open light.


class OutputKeys(MainBase):
    """Opens the export dialog and the likely doubles."""

    def _in_place(self) -> bool:
        """Whether the file still stands that is shown: what these keys open reads it by its name, in its own thread."""
        if self.session.lost is not None:
            self.say(f"{self.session.lost}; nothing is read from there by the numbers of what is shown", "warning")
        return self.session.lost is None

    def action_export(self) -> None:
        answer = self._answer
        if not self._in_place():
            return
        if answer is None or not answer.totals.rows:
            self.say("Nothing is shown that could be exported.")
            return
        from db import exporting

        self.look("export", lambda store, _: exporting.shown(answer, store.connection), self._export)

    def _export(self, what: Shown) -> None:
        from tui.screens.export import ExportScreen

        if self.app.screen is self:
            self.app.push_screen(ExportScreen(self.session, what))

    def action_doubles(self) -> None:
        answer = self._answer
        if answer is None or not self._in_place():
            return
        from db import exporting
        from tui.screens.doubles import DoublesScreen

        if not answer.query.text.strip():
            self.app.push_screen(DoublesScreen(self.session, self._keymap, None))
            return
        self.look("doubles", lambda store, engine: exporting.shown(answer), self._doubles)

    def _doubles(self, what: Shown) -> None:
        from tui.screens.doubles import DoublesScreen

        if self.app.screen is self:
            self.app.push_screen(DoublesScreen(self.session, self._keymap, what))
