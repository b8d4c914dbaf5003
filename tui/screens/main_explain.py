"""The main screen's key that says why a number is what it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui.saying import GONE
from tui.screens.main_filter import FilterKeys

if TYPE_CHECKING:
    from db.engine import Engine
    from db.explain import Explanation
    from db.store import Store
    from tui.screens.explain import Question, Taken


class ExplainKeys(FilterKeys):
    """Finds out which number is meant by where the focus is, and shows what is behind it."""

    def action_explain(self) -> None:
        if self._answer is None or not self._answer.complete:
            self.say("The store is still being read; the numbers come after.")
            return
        question = self._question(self._answer.query.text)
        if question is None:
            return

        def show(told: list[Explanation]) -> None:
            from tui.screens.explain import ExplainScreen

            if not told:
                self.say(GONE)
            elif self.app.screen is self:
                self.app.push_screen(ExplainScreen(self.session, self._keymap, told, question), self._explained)

        self.look("explain", question, show)

    def _question(self, text: str) -> Question | None:
        """What to ask for the pane that has the focus; None, and the user told, where there is no number."""
        from db import explain, read

        if self.focused is self.facets:
            entry = self.facets.current
            if entry is None or entry.count is None:
                self.say("Move to a value of a facet first.")
                return None
            facet, value = entry.facet, entry.count.value
            return lambda _, engine: [explain.facet_value(engine, text, facet, value)]
        if self.focused is self.density:
            days = self.density.counted
            if days is None:
                self.say("No days are counted in this column.")
                return None
            return lambda _, engine: [explain.column(engine, text, *days)]
        if self.focused is self.detail and self.detail.incident is not None:
            incident_id, key = self.detail.incident.id, self.detail.incident.key

            def numbers(store: Store, _: Engine) -> list[Explanation]:
                incident = read.incident(store.connection, incident_id)
                # Numbers are given out again: by its key one sees that it is the same incident.
                return [] if incident is None or incident.key != key else explain.incident_numbers(incident)

            return numbers
        return self._head_question(text)

    def _head_question(self, text: str) -> Question | None:
        """What to ask for the numbers of the head line."""
        from db import explain

        return lambda store, engine: explain.totals(engine, store.connection, text)

    def _explained(self, taken: Taken | None) -> None:
        if taken is not None:
            self.bar.set_text(taken.query)
            self._take(taken.query, anchor=taken.anchor)
            self.focus_timeline()
