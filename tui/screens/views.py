"""The saved views of a store: apply, save, rename, delete, and give one a number key."""

from __future__ import annotations

from dataclasses import dataclass, replace

from textual import on
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Input, Static

from db.views import View
from tui import commands
from tui.safe_text import fit, pad, safe
from tui.screens.list_dialog import ListDialog
from tui.widgets.choice_view import ChoiceView
from tui.widgets.field import Field
from tui.widgets.line_view import Line


@dataclass(frozen=True, slots=True)
class Order:
    """What the user wants done: "apply", "save", "rename", "number" or "delete" a view; `to` is a new name."""

    what: str
    view: View
    to: str = ""
    slot: int = 0


HINT = "Enter apply  s save  r rename  x delete  1–9 number  Esc close"
"""What the keys do, till there is something else to say."""


class ViewList(ChoiceView):
    """The views, one a line."""

    def __init__(self, views: list[View]) -> None:
        super().__init__(id="pick")
        self.views = views

    @property
    def choices(self) -> int:
        return len(self.views)

    def line(self, y: int) -> Line:
        if not self.views:
            return ((" No views yet: s saves the present query under a name.", "dim"),)
        view = self.views[y]
        left = min(20, self.text_width // 3)
        slot = str(view.slot or " ")
        return (
            (f" {slot} ", "key"),
            (f"{pad(safe(view.name), left)} ", ""),
            (fit(safe(view.query or "everything"), max(4, self.text_width - left - 4)), "dim"),
        )


class Views(ListDialog[Order | None]):
    """Gives what is to be done, or None."""

    TITLE_TEXT = "Saved views"
    BINDINGS = commands.bindings("views")

    def __init__(self, views: list[View], present: View) -> None:
        super().__init__()
        self._list = ViewList(views)
        self._present = present
        self._naming = ""
        self._taken = ""
        """The taken name that the user was told of; Enter on it once more replaces that view."""

    def body(self) -> list[Widget]:
        name = Field(id="view-name", compact=True)
        name.display = False
        return [self._list, name, Static(Content(HINT), classes="hint")]

    def on_mount(self) -> None:
        self.set_focus(self._list)

    @property
    def chosen(self) -> View | None:
        """The view under the cursor."""
        return self._list.views[self._list.cursor] if self._list.views else None

    @property
    def list_view(self) -> ViewList:
        return self._list

    def action_choose(self) -> None:
        if self.chosen:
            self.dismiss(Order("apply", self.chosen))

    def action_save(self) -> None:
        self._ask_name("save", "")

    def action_rename(self) -> None:
        if self.chosen:
            self._ask_name("rename", self.chosen.name)

    def action_delete(self) -> None:
        if self.chosen:
            self.dismiss(Order("delete", self.chosen))

    def action_slot(self, slot: int) -> None:
        if self.chosen:
            self.dismiss(Order("number", self.chosen, slot=slot))

    def action_close(self) -> None:
        self.dismiss(None)

    def _ask_name(self, what: str, now: str) -> None:
        self._naming = what
        name = self.query_one("#view-name", Field)
        name.placeholder = "name of the view"
        name.display = True
        name.begin_with(now)

    @on(Input.Submitted, "#view-name")
    def _named(self, event: Input.Submitted) -> None:
        text = event.value.strip()
        if not text:
            return
        if self._naming == "save" and self._would_replace(text):
            self._taken = text
            words = f"{safe(text)} is the name of a view with another query: Enter again replaces that."
            self.query_one(".hint", Static).update(Content(words))
        elif self._naming == "save":
            self.dismiss(Order("save", replace(self._present, name=text)))
        elif self.chosen:
            self.dismiss(Order("rename", self.chosen, text))

    def _would_replace(self, name: str) -> bool:
        """Whether saving under `name` takes another query away of which the user was not told."""
        of_that_name = next((view for view in self._list.views if view.name == name), None)
        return of_that_name is not None and of_that_name.query != self._present.query and self._taken != name
