"""The saved views of a store: apply, save, rename, delete, and give one a number key."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from textual import on
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Input, Static

from db.views import View
from tui import commands
from tui.safe_text import fit, pad, safe
from tui.saying import keymap_of
from tui.screens.moving import ListDialog
from tui.widgets.choice_view import ChoiceView
from tui.widgets.field import Field
from tui.widgets.line_view import Line


@dataclass(frozen=True, slots=True)
class Order:
    """What the user wants done: "apply", "save", "rename", "number" or "delete" a view; `to` is a new name.

    `seen` are the views as they were listed then.
    """

    what: str
    view: View
    seen: Sequence[View]
    to: str = ""
    slot: int = 0


class ViewList(ChoiceView):
    """The views, one a line."""

    def __init__(self, views: list[View]) -> None:
        super().__init__(id="pick")
        self.views = views

    def show(self, views: list[View]) -> None:
        """Show them as they are by now, with the cursor on the view that it was on."""
        on = self.views[self.cursor].name if self.views else None
        at = next((at for at, view in enumerate(views) if view.name == on), self.cursor)
        self.views = views
        self.recount()
        self.move(at - self.cursor)

    @property
    def choices(self) -> int:
        return len(self.views)

    def line(self, y: int) -> Line:
        if not self.views:
            save = commands.clause(": {views.save} saves this query", keymap_of(self.app))
            return ((f" None yet{save}.", "dim"),)
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

    def __init__(self, views: list[View], present: View, read: Callable[[], list[View] | None]) -> None:
        """`read` gives the views as they are by now, None where that fails."""
        super().__init__()
        self._list = ViewList(views)
        self._present = present
        self._read = read
        self._naming = ""
        self._renamed: View | None = None
        self._taken: View | None = None
        """The view of a taken name that the user was told of; Enter on the name once more replaces it."""

    def body(self) -> list[Widget]:
        name = Field(id="view-name", compact=True)
        name.display = False
        return [self._list, name, Static(Content(self._keys()), classes="hint")]

    def _keys(self) -> str:
        """What the keys do, till there is something else to say."""
        slots = [f"{{views.slot-{n}}}" for n in range(1, 10)]
        moved = any(name in keymap_of(self.app) for name in (slot[1:-1] for slot in slots))
        return self.hint(
            "{views.choose} apply",
            "{views.save} save",
            "{views.rename} rename",
            "{views.delete} delete",
            f"{' '.join(slots) if moved else f'{slots[0]}–{slots[-1]}'} number",
            "{views.close} close",
        )

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
            self._order("apply", self.chosen)

    def action_save(self) -> None:
        self._ask_name("save", "")

    def action_rename(self) -> None:
        if self.chosen:
            self._renamed = self.chosen
            self._ask_name("rename", self.chosen.name)

    def action_delete(self) -> None:
        if self.chosen:
            self._order("delete", self.chosen)

    def action_slot(self, slot: int) -> None:
        if self.chosen:
            self._order("number", self.chosen, slot=slot)

    def action_close(self) -> None:
        self.dismiss(None)

    def store_changed(self) -> None:
        """The store has changed: list its views as they are now."""
        views = self._read()
        if views is not None:
            self._list.show(views)

    def _order(self, what: str, view: View, to: str = "", slot: int = 0) -> None:
        self.dismiss(Order(what, view, self._list.views, to, slot))

    def _ask_name(self, what: str, now: str) -> None:
        self._naming = what
        name = self.query_one("#view-name", Field)
        name.placeholder = "name of the view"
        name.display = True
        self.query_one(".dialog").add_class("naming")
        name.begin_with(now)

    @on(Input.Submitted, "#view-name")
    def _named(self, event: Input.Submitted) -> None:
        text = event.value.strip()
        if not text:
            return
        of_that_name = next((view for view in self._list.views if view.name == text), None)
        if self._naming == "save" and self._would_replace(of_that_name):
            self._taken = of_that_name
            words = f"{safe(text)} is the name of a view with another query: Enter again replaces that."
            self.query_one(".hint", Static).update(Content(words))
        elif self._naming == "save":
            self._order("save", replace(self._present, name=text))
        elif self._renamed:
            self._order("rename", self._renamed, text)

    def _would_replace(self, view: View | None) -> bool:
        """Whether saving in the place of `view` takes another query away of which the user was not told."""
        return view is not None and view.query != self._present.query and self._taken != view
