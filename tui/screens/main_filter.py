"""The main screen's keys that edit the query: the one truth that facets, keys and views all change."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from textual import on

from db import query_edit, views
from db.engine import Wants
from db.periods import day_text
from db.query import LONGEST, QueryError, asked, parse
from db.views import View
from tui.messages import Suggested
from tui.screens.main_base import MEDIUM, MainBase, with_details
from tui.widgets.density import Density
from tui.widgets.facets import PANEL, Facets
from tui.widgets.query_bar import QueryBar

if TYPE_CHECKING:
    from tui.screens.chooser import Choice
    from tui.screens.views import Order


class FilterKeys(MainBase):
    """Edits the query and asks for its answer."""

    def wants(self) -> Wants:
        """What is on the screen and so must be counted."""
        self._axis = self.density.axis
        seen = self.facets.in_sight if self.query_one("#facets-pane").display else ()
        return Wants(
            facets=seen,
            histogram=self._axis.histogram if self._axis else None,
            later=tuple(name for name in PANEL if name not in seen) if seen else (),
        )

    def ask(self, anchor: int | None = None) -> None:
        """Ask for the answer to what is being typed, or else to the present query, keeping the cursor's incident."""
        self._want = anchor if anchor is not None else self._anchor or self._want
        self._asked_at = self._anchor
        query = self._query if self._half is None else self._half
        self._generation = self.session.ask(query, self.wants(), self._want)

    def set_query(self, text: str) -> None:
        """Take over a new query text as one step that can be taken back."""
        self.bar.set_text(text)
        self._take(text)

    def _take(self, text: str, *, step: bool = True, anchor: int | None = None) -> bool:
        """Parse and ask; False, with the fault shown and the last good result kept, when it does not parse.

        A view:NAME in it is put in place by what the view stands for, so that every later edit sees the whole query.
        """
        try:
            query = asked(self._with_views(text))
        except QueryError as error:
            self.bar.show_error(error)
            return False
        self.bar.show_error(None)
        self._half = None
        if step and query.text != text:
            self.bar.set_text(query.text)
        if query.text.strip() == self._query.text.strip() and self._answer is not None:
            # An empty line that was taken is a filter of its own: what was suspended does not come back behind it.
            self._suspended = None
            self._show_state()
            return True
        if step and query.text != self._steps.text:  # else it was suspended, and comes back
            self._steps.push(query.text, self._anchor)
            self.bar.used(query.text)
        self._query = query
        self._suspended = None
        self._show_state()
        self._rows_came.clear()
        self.ask(anchor)
        return True

    def _with_views(self, text: str) -> str:
        if "view:" not in text.casefold():
            return text
        found = self.session.views()
        if found is None:
            raise QueryError("the saved views cannot be read now", 0, len(text))
        return views.expand(text, found)

    def _take_half(self, text: str) -> None:
        """Ask for what a half-typed text will probably become: its last word goes on, an open quote is closed."""
        query = query_edit.lenient(text) if len(text) <= LONGEST else None
        if query is None:
            try:
                query = asked(self._with_views(text))
            except QueryError as error:
                self.bar.show_error(error)
                return
        self.bar.show_error(None)
        self._half = query
        self._asked_at = self._anchor
        self._generation = self.session.ask(query, self.wants(), self._anchor or self._want)

    @property
    def _anchor(self) -> int | None:
        """The incident under the cursor."""
        match = self.timeline.match
        return match.id if match else None

    def _show_state(self) -> None:
        take_back = self.clause("{main.undo-filter} take back ")
        if self._suspended is not None:
            self.bar.show_state(f"filters suspended{self.clause(' · {main.suspend} brings them back')} ", take_back)
        else:
            self.bar.show_state(take_back if self._query.text.strip() else "", take_back)

    @on(QueryBar.Typed)
    def _typed(self, event: QueryBar.Typed) -> None:
        # Keys are quicker than this message: more may have been typed, or the line left with what stands in it.
        if event.text == self.bar.text and self.focused in (None, self.bar.input):
            self._take_half(event.text)

    @on(QueryBar.Suggest)
    def _suggest(self, event: QueryBar.Suggest) -> None:
        self.session.suggest(event.text, event.facet, parse(event.rest))

    @on(Suggested)
    def _suggested(self, event: Suggested) -> None:
        self.bar.suggested(event.text, event.counts)

    def accept_query(self) -> None:
        """From the query line to the results; what does not parse stays there to be mended, and so does the focus."""
        try:
            asked(self._with_views(self.bar.text))
        except QueryError as error:
            self.bar.show_error(error)
        else:
            self.leave_query()

    def leave_query(self) -> None:
        """From the query line to the results, with what was typed, or with the last query that parses."""
        self._half = None
        self.focus_timeline()
        self.take_typed()

    def take_typed(self) -> None:
        """Take what stands in the query line for the query; where it does not parse, the last one that did stays."""
        self._half = None
        asked = self._generation
        if self._take(self.bar.text):
            self._lands = self._generation != asked
        else:
            self.bar.set_text(self._query.text if self._suspended is None else self._suspended)
            self.bar.show_error(None)
        if self._generation == asked:
            self.ask()

    @on(Facets.Toggled)
    def _facet_toggled(self, event: Facets.Toggled) -> None:
        self._edit(query_edit.toggle, event.facet, event.value)

    @on(Facets.Excluded)
    def _facet_excluded(self, event: Facets.Excluded) -> None:
        self._edit(query_edit.exclude, event.facet, event.value)

    @on(Density.Zoomed)
    def _density_zoomed(self) -> None:
        if self._answer is not None:
            self.ask()

    @on(Density.Picked)
    def _density_picked(self, event: Density.Picked) -> None:
        first, last = day_text(event.first), day_text(event.last)
        try:
            self.set_query(query_edit.set_dates(self._query.text, first, last))
        except QueryError as error:  # a store made by hand can hold years that EDTF has no form for
            self.say(f"{first}..{last}: {error}", "warning")

    def action_undo_filter(self) -> None:
        """Take back the last step of the filter; without a step, the last term of the query."""
        if self._suspended is not None:
            self.action_suspend()
        elif not self._step_to(self._steps.at - 1) and self._query.text.strip():
            self.set_query(query_edit.peel(self._query.text))

    def action_redo_filter(self) -> None:
        if not self._step_to(self._steps.at + 1):
            self.say("No step to do again.")

    def action_steps(self) -> None:
        """Choose one of the filter's steps to go back to."""
        from tui.screens.pick_one import PickOne

        listed = self._steps.listed
        names = [step.text or "everything" for step in listed]
        self.app.push_screen(
            PickOne("Steps of the filter", names, self._steps.at),
            self._step_picked,
        )

    def _step_picked(self, at: int | None) -> None:
        if at is not None:
            self._step_to(at)

    def _step_to(self, at: int) -> bool:
        step = self._steps.go(at, self._anchor)
        if step is None:
            return False
        self.bar.set_text(step.text)
        self._take(step.text, step=False, anchor=step.anchor)
        return True

    def action_suspend(self) -> None:
        """Show everything with the place kept, and come back."""
        if self._suspended is None:
            if not self._query.text.strip():
                self.say("No filter to suspend.")
                return
            self._suspended = self._query.text
            self._half = None
            self._query = parse("")
        else:
            self._query = parse(self._suspended)
            self._suspended = None
        self._show_state()
        self._rows_came.clear()
        self.ask()

    def action_search(self) -> None:
        self.set_focus(self.bar.input)
        self.bar.input.cursor_position = len(self.bar.text)

    @with_details
    def action_filter_value(self) -> None:
        from tui.screens.chooser import Chooser

        incident = self.detail.incident
        if incident is not None:
            self.app.push_screen(Chooser(self.session, incident), self._choice_made)

    @with_details
    def action_exclude_value(self) -> None:
        from tui.screens.chooser import Chooser

        incident = self.detail.incident
        if incident is not None:
            self.app.push_screen(Chooser(self.session, incident, exclude=True), self._choice_made)

    def _choice_made(self, choice: Choice | None) -> None:
        if choice is not None:
            self._edit(query_edit.exclude if choice.exclude else query_edit.toggle, choice.facet, choice.value)

    def _edit(self, edit: Callable[[str, str, str], str], facet: str, value: str) -> None:
        """Narrow or widen the query by a value; one that no query can hold (bytes that are not UTF-8) is told."""
        try:
            text = edit(self._query.text, facet, value)
        except QueryError as error:
            self.say(f"{value}: {error}, so no query can name it", severity="warning")
        else:
            self.set_query(text)

    def _present_view(self) -> View:
        shown = {"facets": "#facets-pane", "detail": "#detail-pane"}
        layout = {name: bool(self.query_one(pane).display) for name, pane in shown.items()}
        return View("", self._query.text, layout={**layout, "compact": self.timeline.compact})

    def action_views(self) -> None:
        from tui.screens.views import Views

        found = self.session.views()
        if found is not None:
            self.app.push_screen(Views(found, self._present_view(), self.session.views), self._view_ordered)

    def _view_ordered(self, order: Order | None) -> None:
        from tui.screens.views import Order

        match order:
            case Order("apply", view):
                self._apply(view)
            case Order("save", view, seen):
                self.session.save_view(view, seen, lambda _: self.say(f"Saved the view {view.name}."))
            case Order("rename", view, seen, to):
                self.session.rename_view(view.name, to, seen, lambda _: self.say(f"The view {view.name} is now {to}."))
            case Order("number", view, seen, slot=slot):
                self.session.number_view(
                    view.name, slot, seen, lambda _: self.say(f"The view {view.name} has number {slot}.")
                )
            case Order("delete", view, seen):
                self.session.delete_view(view.name, seen, lambda _: self.say(f"Deleted the view {view.name}."))

    def action_view(self, slot: int) -> None:
        found = self.session.views()
        if found is None:
            return
        view = next((view for view in found if view.slot == slot), None)
        if view is None:
            self.say(f"No view has the number {slot}{self.clause('; {main.views} saves and numbers views')}.")
        else:
            self._apply(view)

    def _apply(self, view: View) -> None:
        try:
            asked(self._with_views(view.query))
        except QueryError as error:
            self.say(f"The view {view.name} is not taken: {error}", "warning")
            return
        wide = self.app.size.width >= MEDIUM
        if wide and view.layout:
            self._facets_open, self._detail_open = view.layout.get("facets"), view.layout.get("detail")
            if self.timeline.compact != view.layout.get("compact", self.timeline.compact):
                self.timeline.toggle_compact()
            self.lay_out()
        self.set_query(view.query)
