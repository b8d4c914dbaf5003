"""The main screen's what-if: the timeline as it would be without a document, a speaker or all below a grade.

Nothing is written.  What vanishes stays in its place, struck out and marked, so that one sees what would go; filters go
on working, and the head line counts what they show.
"""

from __future__ import annotations

import asyncio
from bisect import bisect_left, bisect_right
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tui.safe_text import fit, safe
from tui.screens.main_base import PATIENCE_S
from tui.screens.main_explain import ExplainKeys
from tui.widgets.timeline import Remark

if TYPE_CHECKING:
    from db.droppable import Choice
    from db.engine import Answer, Engine
    from db.explain import Explanation
    from db.leave_out import Difference, Dropped, Effect, Tally
    from db.store import Store
    from tui.screens.explain import Question

GLYPHS = {"vanishes": ("✕", "bad"), "single-source": ("↓", "warn"), "changes": ("Δ", "accent")}
"""Fate → its glyph and style; the fate's word always stands beside it."""


LOOK_S = 0.005
"""Seconds between two looks whether the effects on the rows shown are counted."""


@dataclass(frozen=True, slots=True)
class Counted:
    """The tally over the rows of an answer, and the ranks of those that something becomes of, ascending."""

    answer: Answer
    difference: Difference
    tally: Tally
    ranks: list[int]


class WhatIfKeys(ExplainKeys):
    """Chooses what to leave out, marks the timeline, and comes back."""

    _dropped: Dropped | None = None
    _difference: Difference | None = None
    _counted: Counted | None = None

    @property
    def difference(self) -> Difference | None:
        """What is shown beside the timeline at present, None outside a what-if."""
        return self._difference

    def action_leave_out(self) -> None:
        def choices(store: Store) -> list[Choice]:
            from db import droppable

            return droppable.choices(store.connection)

        self.look("choices", lambda store, _: choices(store), self._choose_source)

    def _choose_source(self, choices: list[Choice]) -> None:
        if not choices:
            self.say("No incident of this store has a quote, so there is nothing to leave out.")
        elif self.app.screen is self:
            from tui.screens.leave_out import LeaveOut  # numpy comes with it

            self.app.push_screen(LeaveOut(choices), self._source_chosen)

    def _source_chosen(self, choice: Choice | None) -> None:
        if choice is not None:
            self._dropped = choice.dropped
            self.work_out_without()

    def work_out_without(self) -> None:
        """Work out the difference anew, after a choice or a change of the store; nothing outside a what-if."""
        dropped = self._dropped
        if dropped is None:
            return

        def difference(store: Store) -> Difference:
            from db.leave_out import without

            return without(store.connection, dropped)

        self.session.look("without", lambda store, _: difference(store), self._show_without)

    def _show_without(self, difference: Difference) -> None:
        if difference.dropped is not self._dropped:
            return
        self._difference = difference
        self._counted = None
        self.timeline.remark(self._remark)
        self._note_detail()
        self.count_without()

    def count_without(self) -> None:
        """Count over the rows that are shown; again with every answer."""
        answer, difference = self._answer, self._difference
        if difference is None or answer is None or not answer.complete:
            return

        def count() -> Counted:
            ids = answer.ids()
            return Counted(answer, difference, difference.tally(ids), difference.ranks(ids))

        self.session.look("tally", lambda store, _: count(), self._show_counted)

    def _show_counted(self, counted: Counted) -> None:
        if counted.difference is self._difference and counted.answer is self._answer:
            self._counted = counted
            self.show_header()

    def end_what_if(self) -> bool:
        """Back to the timeline as it is; False when it was so already."""
        if self._dropped is None:
            return False
        self._dropped = self._difference = self._counted = None
        self.timeline.remark(None)
        self._note_detail()
        self.show_header()
        return True

    def header_words(self) -> list[str]:
        """The head line of a what-if, longest first; none outside one."""
        if self._dropped is None:
            return []
        label = safe(self._dropped.words)
        if self._counted is None or self._counted.answer is not self._answer:
            return [f"without {label}: working it out …", f"without {fit(label, 20)} …"]
        tally, back = self._counted.tally, self.clause(" · {main.back} back")
        short = f"{tally.vanish:,} vanish, {tally.single_source:,} single-source, {tally.change:,} change"
        return [
            f"without {label}: {tally.words}{back}",
            f"without {label}: {short}{back}",
            f"without {fit(label, 30)}: {short}",
            f"without {fit(label, 12)}: {short.replace('single-source', 'single')}",
        ]

    def _effect(self, incident_id: int) -> Effect | None:
        return self._difference.effect(incident_id) if self._difference else None

    def _remark(self, incident_id: int) -> Remark | None:
        effect = self._effect(incident_id)
        if effect is None:
            return None
        glyph, style = GLYPHS[effect.fate]
        return Remark(f"{glyph} {effect.fate}", effect_words(effect), style, struck=effect.fate == "vanishes")

    def _note_detail(self) -> None:
        """Have the details say what becomes of their incident."""
        self.detail.note(self._detail_words if self._difference else None)

    def _detail_words(self, incident_id: int) -> str | None:
        effect = self._effect(incident_id)
        if self._difference is None or effect is None:
            return None
        return f"Without {self._difference.dropped.words}: {effect_words(effect)}"

    def _head_question(self, text: str) -> Question | None:
        dropped, counted = self._dropped, self._counted
        if dropped is None:
            return super()._head_question(text)
        if counted is None or counted.answer is not self._answer:
            self.say("The what-if is still being worked out; its numbers come after.")
            return None

        from db.explain_without import effects

        query = counted.answer.query
        known = [(counted.difference, counted.answer)]

        def numbers(store: Store, engine: Engine) -> list[Explanation]:
            """From what has been counted here; put again after a change of the store, from all anew."""
            from db.leave_out import without

            difference, answer = known.pop() if known else (without(store.connection, dropped), engine.answer(query))
            return effects(difference, answer)

        return numbers

    async def action_effect_next(self) -> None:
        await self._step_effect(1)

    async def action_effect_previous(self) -> None:
        await self._step_effect(-1)

    @property
    def _counted_now(self) -> Counted | None:
        """What was counted over the rows that are shown, None while it is not."""
        counted = self._counted
        return counted if counted is not None and counted.answer is self._answer else None

    async def _step_effect(self, step: int) -> None:
        if self._dropped is None:
            self.say(f"Nothing is left out{self.clause('; {main.leave-out} chooses what to leave out')}.")
            return
        with suppress(TimeoutError):
            async with asyncio.timeout(PATIENCE_S):
                while self._counted_now is None:
                    await asyncio.sleep(LOOK_S)
        counted = self._counted_now
        if counted is None:
            self.say("The what-if is still being worked out; try again in a moment.")
            return
        ranks = counted.ranks
        here = self.timeline.cursor
        at = bisect_right(ranks, here) if step > 0 else bisect_left(ranks, here) - 1
        if 0 <= at < len(ranks):
            self.timeline.go_to(ranks[at])
        else:
            self.say("Nothing becomes of any row further on." if step > 0 else "Nothing becomes of any row before.")


def effect_words(effect: Effect) -> str:
    """A glyph, the fate and what differs, in one line: "↓ single-source: roots 2 → 1, quotes 4 → 2"."""
    from db.leave_out import changes

    glyph, _ = GLYPHS[effect.fate]
    if effect.fate == "vanishes":
        quotes = effect.before.quotes
        fall = {1: "its only quote falls", 2: "both quotes fall"}.get(quotes, f"all {quotes:,} quotes fall")
        return f"{glyph} vanishes: {fall}"
    return f"{glyph} {effect.fate}: {', '.join(changes(effect))}"
