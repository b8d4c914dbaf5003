"""The main screen's keys for the analyst's own work on the store: notes, tags, assessment, undo, redo, the log."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING, Any, cast

from textual.widgets import Input

from db import known, read
from db.errors import UsageError
from db.model import Incident
from db.store import Store, writer
from tui.drafts import Drafts, Typing, worded
from tui.saying import GONE
from tui.screens.main_base import MainBase
from tui.session import Session
from tui.write_queue import Typed

if TYPE_CHECKING:
    from db.edit import Tagging
    from db.history import How
    from db.undo import Undone
    from tui.key_taking import KeyTaking
    from tui.screens.assess import Assessment
    from tui.screens.note import NoteScreen
    from tui.screens.undoing import Undoing
    from tui.write_queue import Typed


class WorkKeys(MainBase):
    """Opens the dialogs on the incident under the cursor; undoes and redoes this user's writes."""

    def __init__(self, session: Session, query: str, keymap: dict[str, str]) -> None:
        super().__init__(session, query, keymap)
        self._drafts = Drafts()
        """Notes that were being typed."""
        self._noting: NoteScreen | None = None
        """The note dialog that was opened last."""

    @cached_property
    def _undoing(self) -> Undoing:
        from tui.screens.undoing import Undoing

        return Undoing(self, self.session, self.say, self._done, writer())

    def _with_incident(self, then: Callable[[Incident], None]) -> None:
        """Read the incident under the cursor as it is now, and go on with it."""
        meant = self.meant()
        if meant is None:
            return

        def found(incident: Incident | None) -> None:
            if incident is None or not meant.is_key(incident.key):
                self.say(GONE)
            elif self.app.screen is self:
                then(incident)

        self.look("work", lambda store, _: read.incident(store.connection, meant.id), found)

    def unfinished(self) -> list[Typed]:
        """The notes that were begun and not kept, with what is being typed now; reasons too."""
        noting = self._noting
        # One that has just been closed has no more to tell, and one that is about to open has not taken up its draft.
        if noting is not None and noting.is_mounted and noting in self.app.screen_stack:
            noting.remember()
        asking = [screen for screen in self.app.screen_stack if isinstance(screen, Typing)]
        ahead = cast("KeyTaking", self.app).typed_ahead
        waiting = [Typed("what was typed for what is still to open", ahead)] if ahead.strip() else []
        return [*self._drafts.typed(), *(typed for screen in asking for typed in screen.unfinished()), *waiting]

    def unreachable_notes(self) -> list[Typed]:
        """The notes whose incident is gone, or has another key, or was in another store: no dialog offers them."""
        gone = self.session.without_incident(key for key, _ in self._drafts)
        own = [worded(draft, text) for draft, text in self._drafts.items() if draft[0] in gone]
        return [*self._drafts.left, *own]

    def leave_drafts(self) -> int:
        """Another store is shown: what was being typed is told at the end; returns how many notes that are."""
        self.unfinished()  # takes up what stands in the open one
        return self._drafts.leave()

    def action_note(self) -> None:
        self._with_incident(self._open_note)

    def _open_note(self, incident: Incident) -> None:
        from tui.screens.note import NoteScreen

        self._noting = NoteScreen(self.session, incident, self._drafts)
        self.app.push_screen(self._noting)

    def action_tag(self) -> None:
        self._with_incident(self._open_tags)

    def _open_tags(self, incident: Incident) -> None:
        from db import edit
        from tui.screens.tag import TagScreen

        def tags(store: Store, _: object) -> list[Tagging] | None:
            there = known.stands(store.connection, known.incident(incident.id, incident.key))
            return edit.taggings(store.connection, incident.id) if there else None

        def found(tags: list[Tagging] | None) -> None:
            if tags is None:
                self.say(GONE)
            elif self.app.screen is self:
                # Only now: a name typed right behind the key must find the tags that it could be.
                self.app.push_screen(TagScreen(self.session, incident.id, incident.key, tags))

        self.look("tags", tags, found)

    def action_assess(self) -> None:
        self._with_incident(self._open_assessment)

    def _open_assessment(self, incident: Incident) -> None:
        from tui.screens.assess import AssessScreen

        dialog = AssessScreen(self.session, incident)

        def kept(chosen: Assessment | None) -> None:
            if chosen is not None:
                seen, shown = dialog.incident, [known.incident(incident.id, incident.key)]
                self.session.write(lambda store: _assess(store, seen, chosen), known=shown)

        self.app.push_screen(dialog, kept)

    def action_log(self) -> None:
        from tui.screens.log import LogScreen

        self.app.push_screen(LogScreen(self.session, self.say))

    def _typing(self) -> bool:
        """Whether a line is being typed in, where the key that undoes would be meant for that; says so."""
        typing = isinstance(self.app.focused, Input)
        if typing:
            self.say("That is for what was written to the store, not for what is typed; leave the line first.")
        return typing

    def action_undo(self) -> None:
        if self._typing():
            return
        self._undoing.take(lambda connection: _next(connection, "undo"), "Nothing of yours to undo.")

    def action_redo(self) -> None:
        if self._typing():
            return
        self._undoing.take(lambda connection: _next(connection, "redo"), "Nothing to do again.")

    def _done(self, undone: Undone) -> None:
        from tui.screens.log import undone_words

        back = "{main.undo}" if undone.next else "{log.undo} on its row of the log ({main.log})"
        self.say(undone_words(undone, self._keymap, "{main.redo}", back))


def _next(connection: sqlite3.Connection, how: How) -> tuple[int, How] | None:
    """This user's next write to undo or to do again."""
    from db import undo

    found = (undo.next_undo if how == "undo" else undo.next_redo)(connection, writer())
    return None if found is None else (found.seq, how)


def _assess(store: Store, incident: Incident, chosen: Assessment) -> None:
    """Write what was chosen, and leave alone what nobody touched; `incident` is what the dialog showed.

    Raises UsageError where another program has given one of these another value since.
    """
    from db import edit

    now = read.incident(store.connection, incident.id)
    wanted: dict[str, Any] = {}
    for name in ("grade", "credibility", "status"):
        before, after = getattr(incident, name), getattr(chosen, name)
        spoken = after != before or name in chosen.pressed
        wanted[name] = after if spoken else edit.KEEP
        if spoken and now is not None and getattr(now, name) not in (before, after):
            raise UsageError(f"another program has changed the {name} of {incident.key} meanwhile; look at it again")
    edit.assess(store, incident.id, **wanted)
