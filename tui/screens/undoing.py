"""Take a write back or do it again, from whatever screen: one key, one step; a large one is asked about first."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from textual.screen import Screen

from db import history, undo
from db.history import How
from db.plural import counted
from db.store import Store
from db.undo import Undone
from tui.screens.confirm import Confirm
from tui.session import Session

if TYPE_CHECKING:
    from tui.app import DatelineApp

ASKED_FROM = 50
"""Rows from which an undo or redo is asked about first: an import, a seed."""

Find = Callable[[sqlite3.Connection], tuple[int, How] | None]
"""Which write to turn, and how; None when there is none.  What it raises (a DatelineError) is said."""


@dataclass(frozen=True, slots=True)
class Large:
    """A step that touches so much that it is asked about first."""

    root: int
    what: str
    how: How
    rows: int
    incidents: int

    @property
    def question(self) -> str:
        """What the user is asked, with the number of incidents where there are any."""
        much = f"{counted(self.rows, 'row')}"
        if self.incidents:
            much = f"{counted(self.incidents, 'incident')} ({much})"
        return f"Undo {much}?" if self.how == "undo" else f"Do {much} again?"


def step(store: Store, find: Find, who: str | None) -> Undone | Large | None:
    """Find a step and take it, or give it back to be asked about; `who` as in `undo.turn`.

    Runs as one piece of work in the session's thread, so that of keys that are held or quick each takes a step.
    """
    found = find(store.connection)
    if found is None:
        return None
    root, how = found
    tallies = history.tallies(store.connection, root)
    rows = {tally.table: tally.added + tally.changed + tally.removed for tally in tallies}
    if sum(rows.values()) < ASKED_FROM:
        return undo.turn(store, root, how, who=who)
    what = history.entry(store.connection, root).what
    return Large(root, what, how, sum(rows.values()), rows.get("incident", 0))


class Undoing:
    """Takes steps on behalf of a screen, whose keys without a number are for the writes of `who`, or of anyone."""

    def __init__(
        self,
        screen: Screen[None],
        session: Session,
        say: Callable[[str], None],
        done: Callable[[Undone], None],
        who: str | None = None,
    ) -> None:
        self._screen = screen
        self._session = session
        self._say = say
        self._done = done
        self._who = who

    def take(self, find: Find, nothing: str = "Nothing to undo.") -> None:
        """Take the step that `find` gives; say `nothing` where it gives none."""
        app = cast("DatelineApp", self._screen.app)
        typed = app.keys_taken

        def told(taken: Undone | Large | None) -> None:
            if taken is None:
                self._say(nothing)
            elif isinstance(taken, Undone):
                self._done(taken)
            elif app.keys_taken != typed:
                # It waited for another program's lock: the next key is not meant for a question that opens by itself.
                self._say(f"{taken.question} Not asked, since other keys came in between: press it again.")
            elif app.screen is self._screen:
                app.push_screen(Confirm(taken.question, taken.what), lambda yes: self._large(taken, yes))

        self._session.write(lambda store: step(store, find, self._who), tell=told, step=True)

    def _large(self, large: Large, yes: bool | None) -> None:
        """Say that it takes a while: a hundred thousand incidents take some ten seconds, and all else waits for it."""
        if yes:
            self._say(f"{'Undoing' if large.how == 'undo' else 'Doing again'}: {large.what} …")
            self._session.write(lambda store: undo.turn(store, large.root, large.how, who=self._who), tell=self._done)
