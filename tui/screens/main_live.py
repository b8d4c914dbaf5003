"""The main screen's keys for what other programs write: live reload, its pause, and the marks of what is new."""

from __future__ import annotations

import os

from db.engine import Match
from db.info import Facts
from db.news import News
from tui.messages import Changed
from tui.news import Marks, told
from tui.screens.main_base import MainBase
from tui.session import POLL_S, Session

LOOKED_UP_AT_MOST = 2_000
"""With more marks than this, the next one is looked for row by row: it is near."""

SCANNED = 100_000
"""Rows looked through for a mark before that is given up."""

SHORT_BELOW = 76
"""Columns below which signs stand for the words."""

SLICE = 500
"""Rows looked through at a time."""


class LiveKeys(MainBase):
    """Takes over what others write, or waits while paused, and says what is new."""

    def __init__(self, session: Session, query: str, keymap: dict[str, str]) -> None:
        super().__init__(session, query, keymap)
        self._news_marks = Marks()
        self._held = News()
        """What others have written while live reload is paused."""
        self._anew = False
        """Whether F5 was pressed and its answer is still to come."""
        self._was: int | None = None
        """The incident that the cursor was on before its last move."""

    def go_live(self) -> None:
        """Begin to look for what other programs write."""
        self.set_interval(POLL_S, self.poll)

    def poll(self) -> None:
        """Look for what other programs wrote; paused, only ask how much it is."""
        if self._paused:
            self.session.waiting(self._told_waiting)
        else:
            self.session.refresh()

    def _told_waiting(self, news: News) -> None:
        if self._paused and news != self._held:
            self._held = news
            self.show_header()

    def take_news(self, event: Changed) -> None:
        """Mark what others have made or changed; say so when it was asked for."""
        self._held = News()
        if event.what == "reopened":
            self._news_marks.clear()
        self._news_marks.add(event.news)
        self.timeline.marks = self._news_marks
        if self._anew and event.what in ("read", "reopened"):
            self._anew = False
            if event.what == "reopened":
                self.say("Read the file that stands there now.")
            else:
                self.say(f"Read the store anew: {told(event.news) or 'nothing new'}.")

    def leave_row(self, match: Match | None) -> None:
        """The cursor has come to `match`: the row that it left has been seen."""
        was, self._was = self._was, match.id if match else None
        if was is not None and was != self._was and self._news_marks.pass_over(was):
            self.timeline.refresh()
            self.show_header()

    def live_states(self, facts: Facts) -> list[str]:
        """The states of the store for the head line, most important first."""
        short = self.app.size.width < SHORT_BELOW
        if self.session.lost is not None:
            state = "removed"
            if os.path.lexists(self.session.path):
                state = f"replaced{self.clause(', {main.reload} reads it')}"
        elif facts.frozen:
            state = "frozen copy"
        elif self._paused:
            waiting = told(self._held, short=short)
            state = f"paused, {waiting} waiting" if waiting else "paused"
        else:
            state = "live"
        state = state if facts.writable else f"read-only · {state}"
        new = self._news_marks.signs if short else self._news_marks.words
        marked = [new] if new else []
        # What cannot be missed comes first, for the last words give way where it is narrow.
        first = [self._news] if self._news else []
        if self.session.lost is not None or (self._paused and told(self._held)):
            return [state, *first, *marked]
        return [*first, *marked, state]

    def action_reload(self) -> None:
        self._anew = True
        self.session.reload()

    def action_pause(self) -> None:
        self._paused = not self._paused
        if not self._paused:
            self._held = News()
            self.session.refresh()
        self.show_header()

    def action_news_clear(self) -> None:
        if not self._news_marks.words:
            self.say("Nothing is marked as new.")
            return
        self._news_marks.clear()
        self.timeline.refresh()
        self.show_header()

    def action_news_next(self) -> None:
        if self._answer is None:
            return
        if not self._news_marks.left:
            self.say("Nothing is marked as new.")
            return
        rank = self._next_marked()
        if rank is not None:
            self.timeline.go_to(rank)
            return
        shows = self.clause("; {main.suspend} shows what the filter leaves out")
        hint = shows if self._query.text.strip() else ""
        self.say(f"No other row here is new{hint}.")

    def _next_marked(self) -> int | None:
        """The rank of the next marked row after the cursor, around the end; None when no other one is marked."""
        assert self._answer is not None
        cursor = self.timeline.cursor
        if self._news_marks.left <= LOOKED_UP_AT_MOST:
            ranks = {rank for i in self._news_marks.ids() if (rank := self._answer.rank(i)) is not None} - {cursor}
            return min(ranks, key=lambda rank: (rank < cursor, rank), default=None)
        for first in (cursor + 1, 0):
            for at in range(first, first + SCANNED, SLICE):
                window = self._answer.window(at, SLICE)
                for rank, match in enumerate(window, at):
                    if rank != cursor and self._news_marks.glyph(match.id):
                        return rank
                if not window:
                    break
        return None
