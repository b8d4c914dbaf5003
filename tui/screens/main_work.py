"""The main screen's keys for the analyst's own work on the store: notes, tags, assessment, undo, redo, the log."""

from __future__ import annotations

from collections.abc import Callable

from db import edit, history, read, undo
from db.engine import Engine
from db.history import How
from db.model import Incident
from db.store import Store, writer
from db.undo import Step, Undone
from tui import commands
from tui.screens.assess import Assessment, AssessScreen
from tui.screens.confirm import Confirm
from tui.screens.log import LogScreen, undone_words
from tui.screens.main_base import MainBase
from tui.screens.note import Drafts, NoteScreen
from tui.screens.tag import TagScreen
from tui.session import Session

ASKED_FROM = 50
"""Rows from which an undo or redo is asked about first: an import, a seed."""


class WorkKeys(MainBase):
    """Opens the dialogs on the incident under the cursor; undoes and redoes this user's writes."""

    def __init__(self, session: Session, query: str, keymap: dict[str, str]) -> None:
        super().__init__(session, query, keymap)
        self._drafts: Drafts = {}
        """Notes that were being typed."""

    def _with_incident(self, then: Callable[[Incident], None]) -> None:
        """Read the incident under the cursor as it is now, and go on with it."""
        match = self.timeline.match
        if match is None:
            self.say("No incident here.")
            return

        def found(incident: Incident | None) -> None:
            if incident is None:
                self.say("This incident is gone from the store.")
            elif self.app.screen is self:
                then(incident)

        self.session.look("work", lambda store, _: read.incident(store.connection, match.id), found)

    def action_note(self) -> None:
        self._with_incident(self._open_note)

    def _open_note(self, incident: Incident) -> None:
        self.app.push_screen(NoteScreen(self.session, incident, self._drafts))

    def action_tag(self) -> None:
        self._with_incident(self._open_tags)

    def _open_tags(self, incident: Incident) -> None:
        self.app.push_screen(TagScreen(self.session, incident.id, incident.key))

    def action_assess(self) -> None:
        self._with_incident(self._open_assessment)

    def _open_assessment(self, incident: Incident) -> None:
        def kept(chosen: Assessment | None) -> None:
            if chosen is not None:
                self.session.write(lambda store: _assess(store, incident, chosen))

        self.app.push_screen(AssessScreen(incident), kept)

    def action_log(self) -> None:
        self.app.push_screen(LogScreen(self.session, self.say))

    def action_undo(self) -> None:
        self._turn("undo")

    def action_redo(self) -> None:
        self._turn("redo")

    def _turn(self, how: How) -> None:
        """Find this user's next write to undo or redo, ask where it is a large one, and do it."""

        def find(store: Store, _: Engine) -> tuple[Step | None, int]:
            step = (undo.next_undo if how == "undo" else undo.next_redo)(store.connection, writer())
            return step, history.size(store.connection, step.seq) if step else 0

        def found(answer: tuple[Step | None, int]) -> None:
            step, rows = answer
            if step is None:
                self.say("Nothing of yours to undo." if how == "undo" else "Nothing to do again.")
            elif rows < ASKED_FROM:
                self._do(step, how)
            elif self.app.screen is self:
                question = f"Undo {rows:,} rows?" if how == "undo" else f"Do {rows:,} rows again?"
                self.app.push_screen(Confirm(question, step.what), lambda yes: self._do_much(step, how, yes))

        self.session.look("undo", find, found)

    def _do_much(self, step: Step, how: How, yes: bool | None) -> None:
        """Say that it takes a while: a hundred thousand incidents take some ten seconds, and all else waits for it."""
        if yes:
            self.say(f"{'Undoing' if how == 'undo' else 'Doing again'}: {step.what} …")
            self._do(step, how)

    def _do(self, step: Step, how: How) -> None:
        self.session.write(lambda store: undo.turn(store, step.seq, how), tell=self._done)

    def _done(self, undone: Undone) -> None:
        keys = [" ".join(commands.key_names(commands.BY_ID[f"main.{name}"], self._keymap)) for name in ("redo", "undo")]
        self.say(undone_words(undone, *keys))


def _assess(store: Store, incident: Incident, chosen: Assessment) -> None:
    """Write what was chosen differently from what the incident had when the dialog was opened."""
    edit.assess(
        store,
        incident.id,
        grade=edit.KEEP if chosen.grade == incident.grade else chosen.grade,
        credibility=edit.KEEP if chosen.credibility == incident.credibility else chosen.credibility,
        status=edit.KEEP if chosen.status == incident.status else chosen.status,
    )
