"""The claim matrix of an incident: who says what of each field, through whom, and which value is the pick."""

from __future__ import annotations

from rich.cells import cell_len
from textual import on
from textual.app import ComposeResult
from textual.events import Resize
from textual.screen import Screen

from db import cite, claims, known, picking
from db.claims import Matrix
from db.known import Known
from db.model import Claim
from db.plural import counted
from db.store import Store
from tui import commands
from tui.claim_lines import cell_lines
from tui.drafts import Reason
from tui.safe_text import fit, safe
from tui.saying import GONE, offer, say
from tui.screens.ask_line import AskLine
from tui.screens.closing import close
from tui.screens.show_lines import FollowingLines, Made
from tui.session import Session
from tui.widgets.claim_grid import ClaimGrid, Fixed
from tui.widgets.footer import Footer
from tui.widgets.line_view import Line
from tui.write_queue import Typed


class ClaimsScreen(Screen[None]):
    """Shows one incident's matrix, and lets the analyst pick a claim's value with a reason."""

    BINDINGS = commands.bindings("claims")

    def __init__(self, session: Session, keymap: dict[str, str], matrix: Matrix) -> None:
        super().__init__()
        self._session = session
        self._keymap = keymap
        self._first_matrix = matrix
        self.grid = ClaimGrid(id="claim-grid")
        self._head = Fixed(id="claim-head")
        self._strip = Fixed(id="claim-strip")
        self._strip_lines = 3

    def compose(self) -> ComposeResult:
        yield self._head
        yield self.grid
        yield self._strip
        footer = Footer(id="footer")
        footer.show(self.scopes(), self._keymap)
        yield footer

    def on_mount(self) -> None:
        self._lay_out()
        self.grid.show(self._first_matrix)
        self.set_focus(self.grid)

    def on_resize(self, event: Resize) -> None:
        self._lay_out()
        self._moved()

    def _lay_out(self) -> None:
        """The strip takes a part of the height, so that some rows are in sight wherever there is room for any."""
        self._strip_lines = max(3, min(8, self.app.size.height // 4))
        self._strip.styles.height = self._strip_lines

    def scopes(self) -> tuple[str, ...]:
        """The scopes whose keys are in reach, nearest first."""
        return ("claims", "app")

    @on(ClaimGrid.Moved)
    def _moved(self) -> None:
        width = self.app.size.width
        self._head.show([self._title(width), *self.grid.head()])
        self._strip.show(self.grid.strip(width, self._strip_lines))

    def _title(self, width: int) -> Line:
        matrix = self.grid.matrix
        if matrix is None:
            return ()
        disputed = sum(field.disputed for field in matrix.fields)
        fields, speakers = counted(len(matrix.fields), "field"), counted(len(matrix.speakers), "speaker")
        counts = f"{fields} · {speakers} · {disputed} disputed "
        title = fit(f" Claims: {safe(matrix.incident.title)}", max(12, width - len(counts) - 2))
        gap = " " * (width - len(counts) - cell_len(title))
        return ((title, "strong"), (gap + counts, "dim")) if gap else ((fit(title, width), "strong"),)

    def store_changed(self) -> None:
        """The store has changed: show the matrix as it is now."""
        incident_id = self._first_matrix.incident.id
        self._session.look("claims anew", lambda store, _: claims.matrix(store.connection, incident_id), self._read)

    def _read(self, matrix: Matrix | None) -> None:
        if not self.is_attached:
            return
        # Numbers are given out again: by its key one sees that it is the same incident.
        if matrix is None or matrix.incident.key != self._first_matrix.incident.key:
            say(self.app, GONE)
            close(self)
        else:
            self.grid.show(matrix)

    # -- keys ---------------------------------------------------------------------------------------------------

    def action_down(self) -> None:
        self.grid.move(rows=1)

    def action_up(self) -> None:
        self.grid.move(rows=-1)

    def action_right(self) -> None:
        self.grid.move(columns=1)

    def action_left(self) -> None:
        self.grid.move(columns=-1)

    def action_page_down(self) -> None:
        self.grid.move(rows=max(1, self.grid.size.height // 2 - 1))

    def action_page_up(self) -> None:
        self.grid.move(rows=-max(1, self.grid.size.height // 2 - 1))

    def action_first(self) -> None:
        self.grid.move(rows=-self.grid.line_count)

    def action_last(self) -> None:
        self.grid.move(rows=self.grid.line_count)

    def action_first_speaker(self) -> None:
        self.grid.move(columns=-1_000_000)

    def action_last_speaker(self) -> None:
        self.grid.move(columns=1_000_000)

    def action_disputed_next(self) -> None:
        if not self.grid.to_disputed(1):
            say(self.app, "No disputed field further on.")

    def action_disputed_previous(self) -> None:
        if not self.grid.to_disputed(-1):
            say(self.app, "No disputed field before this one.")

    def action_quote(self) -> None:
        matrix, field, speaker = self.grid.matrix, self.grid.field, self.grid.speaker
        if matrix is None or field is None or speaker is None:
            return
        incident, names = matrix.incident, (field.name, speaker.name)

        def anew(store: Store) -> Made | None:
            now = claims.matrix(store.connection, incident.id)
            return None if now is None or now.incident.key != incident.key else _said(now, *names)

        made, gone = _said(matrix, *names), "What was said here is gone from the store."
        if made is not None:
            self.app.push_screen(FollowingLines("Who says so", made, self._session, anew, gone))

    def action_pick(self) -> None:
        told, field = self.grid.told, self.grid.field
        if told is None or field is None:
            say(self.app, "Nobody says anything in this cell that could be picked.")
        elif told.claim.polarity != "asserts" or told.claim.value is None:
            say(self.app, "This claim gives no value to take over; pick one that asserts.")
        elif told.picked and told.claim.rank == "preferred":
            say(self.app, "This value is the pick already.")
        else:
            about = f"{field.label}: {told.words}, by {told.speaker}"
            leaves = commands.clause(", {ask.close} leaves", self._keymap)
            hint = f"Why? The log keeps the reason.  Enter picks{leaves}."
            what = f"the reason of a pick in {self._first_matrix.incident.key}"
            reason = Reason.asked(self._session.reasons, self._shown(told.claim), what)
            line = AskLine("Pick this value", about, hint, reason=reason)
            self.app.push_screen(line, lambda why: self._pick(told.claim, why, reason))

    def _shown(self, claim: Claim) -> tuple[Known, ...]:
        """The incident and a claim as they are shown."""
        of = self._first_matrix.incident
        return (known.incident(of.id, of.key), known.claim(of.id, claim))

    def _pick(self, claim: Claim, why: str | None, reason: Reason) -> None:
        if why is not None:
            reason.sent()
            self._session.write(
                lambda store: picking.pick(store, claim.id, why),
                "picked",
                known=self._shown(claim),
                refused=lambda: reason.refused(why),
                typed=Typed(reason.what, why),
            )

    def action_copy_quote(self) -> None:
        told = self.grid.told
        if told is None or told.quote is None:
            say(self.app, "No quote here to copy.")
        else:
            self._offer(told.quote.exact, "quote")

    def action_copy_citation(self) -> None:
        told = self.grid.told
        if told is None or told.quote is None or told.document is None:
            say(self.app, "No quote here to cite.")
        else:
            self._offer(cite.footnote(told.quote, told.document), "citation")

    def _offer(self, text: str, what: str) -> None:
        offer(self.app, what, text, "`dateline show KEY --claims` prints it")

    def action_reload(self) -> None:
        self.store_changed()

    def action_close(self) -> None:
        self.dismiss(None)


def _said(matrix: Matrix, field_name: str, speaker_name: str) -> Made | None:
    """The lines of a cell; None where nobody claims anything of its field, or its speaker anything, any more."""
    for field in matrix.fields:
        for speaker in matrix.speakers:
            if (field.name, speaker.name) == (field_name, speaker_name):
                cell = field.cell(speaker.name)
                return lambda width: cell_lines(matrix, field, speaker, cell, width)
    return None
