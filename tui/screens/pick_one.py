"""Pick one of a list of lines."""

from __future__ import annotations

from textual.widget import Widget

from tui import commands
from tui.safe_text import fit, safe
from tui.screens.moving import ListDialog
from tui.widgets.choice_view import ChoiceView
from tui.widgets.line_view import Line


class PickList(ChoiceView):
    """The list inside the dialog; `present` is marked."""

    def __init__(self, listed: list[str], present: int) -> None:
        super().__init__(id="pick")
        self._listed = listed
        self._present = present
        self.cursor = present

    @property
    def choices(self) -> int:
        return len(self._listed)

    def line(self, y: int) -> Line:
        mark = " ▸ " if y == self._present else "   "
        return ((mark, "mark"), (fit(safe(self._listed[y]), max(4, self.text_width - 3)), ""))


class PickOne(ListDialog[int | None]):
    """Gives the index of the line picked, or None."""

    BINDINGS = commands.bindings("pick")

    def __init__(self, title: str, listed: list[str], present: int) -> None:
        super().__init__()
        self.TITLE_TEXT = title
        self._list = PickList(listed, present)

    def body(self) -> list[Widget]:
        return [self._list]

    def on_mount(self) -> None:
        self.set_focus(self._list)

    @property
    def list_view(self) -> PickList:
        return self._list

    def action_choose(self) -> None:
        self.dismiss(self._list.cursor)

    def action_close(self) -> None:
        self.dismiss(None)
