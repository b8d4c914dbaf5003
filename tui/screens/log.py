"""The log: every write to the store, newest first; its rows before and after; undo any of it."""

from __future__ import annotations

from collections.abc import Callable

from rich.cells import cell_len
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from db import log_rows, undo
from db.log_rows import Listed, Said
from db.store import Store
from db.undo import Undone
from tui import commands
from tui.safe_text import fit, pad, safe, safe_lines, wrap
from tui.saying import keymap_of
from tui.screens.looking import look_for_key
from tui.screens.moving import ListDialog
from tui.screens.show_lines import FollowingLines, Made
from tui.screens.undoing import Undoing
from tui.session import Session
from tui.widgets.choice_view import ChoiceView
from tui.widgets.line_view import Line

PAGE = 200
"""Log rows read at a time."""

ROWS_SHOWN = 500
"""Rows of one write that are shown."""

_STYLES = {"+": "good", "-": "bad", "~": "warn", " ": ""}


class LogList(ChoiceView):
    """One write a line: number, moment, who, what, and whether it stands."""

    def __init__(self, more: Callable[[int], None], moved: Callable[[], None]) -> None:
        super().__init__(id="log", moved=moved)
        self.listed: list[Listed] = []
        self.whole = False
        """Whether the oldest row is among them."""
        self._asked: int | None = None
        """The number under which more has been asked for and is still to come."""
        self._more = more

    @property
    def current(self) -> Listed | None:
        """The write under the cursor."""
        return self.listed[self.cursor] if self.listed else None

    @property
    def choices(self) -> int:
        return len(self.listed)

    def line(self, y: int) -> Line:
        if not self.listed:
            return ((" Nothing was written yet." if self.whole else " Reading the log …", "dim"),)
        entry = self.listed[y].entry
        moment = safe(entry.at[:16]).replace("T", " ")
        who = pad(safe(entry.who), 10) if self.text_width >= 76 else ""
        left = f"{entry.id:>5} {moment} {who}"
        state = " undone" if entry.undone else ""
        room = max(4, self.text_width - cell_len(left) - len(state) - 1)
        what = pad(fit(safe(entry.what), room), room)
        return ((left, "dim"), (f" {what}", "off" if entry.undone else ""), (state, "warn"))

    def take(self, found: list[Listed], below: int | None, limit: int) -> None:
        """Take over the log rows under a number, None: all that are shown; fewer than `limit` are the oldest."""
        if below is not None and (not self.listed or self.listed[-1].entry.id != below):
            return  # what it would go on from is not the last row any more: it is asked for again when it is needed
        number, was = self.current.entry.id if self.current else None, self.cursor
        self._asked = None
        self.whole = len(found) < limit
        self.listed = found if below is None else [*self.listed, *found]
        if below is None and number is not None:
            at = (y for y, one in enumerate(self.listed) if one.entry.id <= number)
            self.cursor = next(at, max(0, len(self.listed) - 1))
        self.recount()
        if self.scroll_y:  # at the top what was written since comes into sight
            self.scroll_to(y=self.scroll_y + self.cursor - was, animate=False)
        self.show_lines(self.cursor)

    @property
    def oldest(self) -> int | None:
        """The number of the oldest write that is shown."""
        return self.listed[-1].entry.id if self.listed else None

    def move(self, step: int) -> None:
        """Move the cursor, clamped; at the end of what is read, read more."""
        super().move(step)
        last = self.oldest
        if self.whole or last is None:
            return
        if self.cursor < len(self.listed) - 1:
            self._asked = None  # a page that could not be read does not close the end for good
        elif self._asked != last:
            self._asked = last
            self._more(last)


class LogScreen(ListDialog[None]):
    """Reads the log a page at a time; stays open when something is undone."""

    TITLE_TEXT = "What was written"
    BINDINGS = commands.bindings("log")

    def __init__(self, session: Session, say: Callable[[str], None]) -> None:
        super().__init__()
        self._session = session
        self._say = say
        self.log_list = LogList(lambda below: self._read(below, by_key=True), self._say_rows)
        self._undoing = Undoing(self, session, say, self._done)

    def scopes(self) -> tuple[str, ...]:
        """The scopes whose keys are in reach."""
        return ("log",)

    def body(self) -> list[Widget]:
        hint = self.hint("{log.open} rows", "{log.undo} undo it, or its undoing", "{log.close} close")
        return [self.log_list, Static(Content(""), id="log-rows"), Static(Content(hint), classes="hint")]

    def on_mount(self) -> None:
        self.set_focus(self.log_list)
        self._read(None, by_key=True)

    def _read(self, below: int | None, *, by_key: bool = False) -> None:
        """Read a page of the log under a number; None reads what is shown anew.  `by_key`: keys wait for it."""
        oldest = self.log_list.oldest if below is None else None

        def page(store: Store, _: object) -> tuple[list[Listed], int]:
            # Down to the oldest row that is shown, however many were written since.
            limit = PAGE if oldest is None else max(PAGE, log_rows.count_from(store.connection, oldest))
            return log_rows.listed(store.connection, below, limit), limit

        def show(told: tuple[list[Listed], int]) -> None:
            if below is None and oldest != self.log_list.oldest:
                self._read(None)  # more has been shown meanwhile
            elif self.is_attached:
                found, limit = told
                self.log_list.take(found, below, limit)
                self._say_rows()

        kind = "log" if below is None else "log on"
        if by_key:
            look_for_key(self, f"{kind} for a key", page, show)  # no news of the store may take its place
        else:
            self._session.look(kind, page, show)

    def store_changed(self) -> None:
        """The store has changed: show the log as it is now."""
        self._read(None)

    def _say_rows(self) -> None:
        """The numbers of rows of the write under the cursor."""
        current = self.log_list.current
        words = ", ".join(map(log_rows.tally_words, current.tallies)) if current else ""
        whole = f"{safe(current.entry.what)}\n{safe(words) or 'no rows'}" if current else ""
        self.query_one("#log-rows", Static).update(Content(whole))

    @property
    def list_view(self) -> LogList:
        return self.log_list

    def action_open(self) -> None:
        current = self.log_list.current
        if current is None:
            return
        seq = current.entry.id

        def rows(store: Store) -> Made | None:
            found = list(log_rows.said(store.connection, seq, ROWS_SHOWN))
            # Whether it stands may be another by now; what the log says of it never is.
            listed = [one for one in log_rows.listed(store.connection, seq + 1, 1) if one.entry.id == seq]
            return (lambda width: lines(listed[0], found, width)) if listed else None

        gone = "This write is gone from the log."

        def show(made: Made | None) -> None:
            if made is None:
                self._say(gone)
            elif self.app.screen is self:
                self.app.push_screen(FollowingLines(f"Log {seq}", made, self._session, rows, gone))

        look_for_key(self, "log rows", lambda store, _: rows(store), show)

    def action_undo(self) -> None:
        current = self.log_list.current
        if current is not None:
            seq = current.entry.id
            self._undoing.take(lambda connection: undo.planned(connection, seq))

    def _done(self, undone: Undone) -> None:
        on_its_row = "`{log.undo}` on its row"
        self._say(undone_words(undone, keymap_of(self.app), on_its_row, on_its_row))

    def action_close(self) -> None:
        self.dismiss(None)


def undone_words(undone: Undone, keymap: dict[str, str], again: str, back: str) -> str:
    """What an undo or redo did, and which key turns it round, in words for `commands.clause`."""
    if undone.how == "undo":
        turns = commands.clause(f" {again} does it again.", keymap)
        return f"Undone: {undone.what} (log {undone.of}).{turns}"
    turns = commands.clause(f" {back} takes it back.", keymap)
    return f"Done again: {undone.what} (log {undone.of}).{turns}"


def lines(listed: Listed, found: list[Said], width: int) -> list[Line]:
    """A write as styled lines of a width in cells: when, who, what, then each row, before and after."""
    entry = listed.entry
    made: list[Line] = []
    for text, style in ((entry.what, "strong"), (f"{entry.at} · {entry.who}", "dim")):
        made += [((f" {piece}", style),) for piece in wrap(safe(text), width - 2)]
    if entry.undone:
        made.append(((" undone since", "warn"),))
    made.append(())
    for one in found:
        indent = " " if one.sign != " " else "     "
        first = True
        for text in safe_lines(one.text):
            for piece in wrap(text, max(4, width - len(indent) - 3)):
                sign = one.sign if first else " "
                made.append(((f"{indent}{sign} ", _STYLES[one.sign]), (piece, "strong" if one.sign != " " else "")))
                first = False
    if not found:
        made.append(((" No rows.", "dim"),))
    return made
