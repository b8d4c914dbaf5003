"""The card of a document: its grade, what it was first and alone with, who contradicts it, whom it quotes."""

from __future__ import annotations

from rich.cells import cell_len
from textual.app import ComposeResult
from textual.events import Resize

from db import source_card, source_text
from db.source_card import Card, Named
from tui import commands
from tui.drafts import Reason
from tui.safe_text import fit, pad, safe, safe_lines, wrap
from tui.screens.ask_line import AskLine
from tui.screens.closing import close
from tui.screens.moving import ListKeys
from tui.screens.pick_one import PickOne
from tui.screens.reader import Shown, SourceScreen
from tui.session import Session
from tui.widgets.choice_view import ChoiceView
from tui.widgets.claim_grid import Fixed
from tui.widgets.footer import Footer
from tui.widgets.line_view import Line
from tui.write_queue import Typed

MOST = 200
"""Entries of a section that are shown; `dateline source KEY` prints all."""


class CardView(ChoiceView):
    """The lines of a card with a cursor; a line may be about an incident."""

    def __init__(self, card: Card) -> None:
        super().__init__(id="card")
        self._lines: list[Line] = []
        self._about: list[Named | None] = []
        self.card = card

    def show(self, card: Card) -> None:
        """Show a card, the cursor staying on what it is about."""
        self.card = card
        self.resized()

    @property
    def incident(self) -> Named | None:
        """What the line under the cursor is about."""
        return self._about[self.cursor] if self.cursor < len(self._about) else None

    @property
    def text(self) -> str:
        """All of it, for tests."""
        return "\n".join("".join(run for run, _ in line) for line in self._lines)

    def resized(self) -> None:
        here, line, cursor = self.incident, self.line(self.cursor), self.cursor
        nth = len({id(about) for about in self._about[:cursor] if _same(about, here) and about is not here})
        self._lines, self._about = [], []
        width = max(20, self.text_width)
        for number, text in enumerate(source_text.head(self.card)):
            self._add(text, "strong" if number == 0 else "dim", " ", " ", width)
        for section in source_text.sections(self.card):
            self._line(())
            self._add(section.heading, "heading", " ", " ", width)
            self._add(section.how, "dim", " ", " ", width)
            for entry in section.entries[:MOST]:
                self._add(entry.text, "", "   ", "     ", width, entry.incident)
            if len(section.entries) > MOST:
                more = f"… and {len(section.entries) - MOST:,} more: dateline source {self.card.document.key}"
                self._add(more, "dim", "   ", "   ", width)
        # An incident may stand in several sections: it is the same one of its places.
        places = [
            y
            for y, about in enumerate(self._about)
            if _same(about, here) and (not y or about is not self._about[y - 1])
        ]
        if here is None:
            places = [y for y, other in enumerate(self._lines) if line and other == line]
            nth = min(range(len(places)), key=lambda n: abs(places[n] - cursor), default=0)
        self.cursor = places[min(nth, len(places) - 1)] if places else min(cursor, len(self._lines) - 1)
        self.recount()

    def _line(self, line: Line, about: Named | None = None) -> None:
        self._lines.append(line)
        self._about.append(about)

    def _add(self, text: str, style: str, first: str, rest: str, width: int, about: Named | None = None) -> None:
        lead = first
        for line in safe_lines(text):
            for piece in wrap(line, width - cell_len(rest) - 1):
                self._line(((lead, ""), (piece, style)), about)
                lead = rest

    @property
    def choices(self) -> int:
        return len(self._lines)

    def line(self, y: int) -> Line:
        return self._lines[y] if y < len(self._lines) else ()

    def step_incident(self, step: int) -> bool:
        """Move to the next or previous incident; False when there is none."""
        here = self.incident
        at = self.cursor + step
        while 0 <= at < len(self._about):
            about = self._about[at]
            if about is not None and (about is not here or self._about[at - 1] is not about):
                first = at
                while first > 0 and self._about[first - 1] is about:
                    first -= 1
                self.move(first - self.cursor)
                return True
            at += step
        return False


def _same(about: Named | None, other: Named | None) -> bool:
    return about is not None and other is not None and about.id == other.id


class CardScreen(ListKeys, SourceScreen):
    """Shows a card; r grades the document with a reason."""

    BINDINGS = commands.bindings("card")

    def __init__(self, session: Session, keymap: dict[str, str], shown: Shown, card: Card) -> None:
        super().__init__(session, keymap, shown)
        self.view = CardView(card)
        self._head = Fixed(id="card-head")

    def compose(self) -> ComposeResult:
        yield self._head
        yield self.view
        footer = Footer(id="footer")
        footer.show(self.scopes(), self.keymap)
        yield footer

    def on_mount(self) -> None:
        self.set_focus(self.view)
        self._tell()

    def on_resize(self, event: Resize) -> None:
        self._tell()

    def scopes(self) -> tuple[str, ...]:
        """The scopes whose keys are in reach, nearest first."""
        return ("card", "app")

    @property
    def card(self) -> Card:
        """The card shown."""
        return self.view.card

    def _tell(self) -> None:
        width = self.app.size.width
        grade = self.card.document.reliability
        right = f" reliability {grade} " if grade else " not graded "
        left = fit(f" Source card: {safe(self.card.document.title or self.card.document.key)}", width - len(right))
        self._head.show([((pad(left, width - len(right)), "strong"), (right, "mark" if grade else "dim"))])

    def store_changed(self) -> None:
        document = self.card.document
        # Numbers are given out again: by its key one sees that it is the same document.
        self.session.look(
            self.anew, lambda store, _: source_card.card(store.connection, document.id, document.key), self._anew
        )

    def _anew(self, card: Card | None) -> None:
        if not self.is_attached:
            return
        if card is None:
            self.say("This document is gone from the store.")
            close(self)
        else:
            self.view.show(card)
            self._tell()

    # -- keys ---------------------------------------------------------------------------------------------------

    @property
    def list_view(self) -> CardView:
        return self.view

    def action_half_down(self) -> None:
        self.view.move(max(1, self.view.size.height // 2))

    def action_half_up(self) -> None:
        self.view.move(-max(1, self.view.size.height // 2))

    def action_next(self) -> None:
        if not self.view.step_incident(1):
            self.say("No further incident on the card.")

    def action_previous(self) -> None:
        if not self.view.step_incident(-1):
            self.say("No earlier incident on the card.")

    def action_go(self) -> None:
        named = self.view.incident
        if named is None:
            goes = commands.clause("; {card.next} goes to the next that is", self.keymap)
            self.say(f"This line is about no incident{goes}.")
        else:
            self.go_to_incident(named.id, named.key, named.title)

    def action_read(self) -> None:
        """To the document's text: back to the reader under this screen, or a new one over it."""
        from tui.screens.reader import ReaderScreen

        below = self.app.screen_stack[-2] if self.is_current and len(self.app.screen_stack) > 1 else None
        if isinstance(below, ReaderScreen) and below.page.source.key == self.card.document.key:
            self.dismiss(None)
        else:
            self.open_reader(self.card.document, [self.card.document])

    def action_grade(self) -> None:
        """Choose a grade, then say why."""
        from db import terms

        seen = self.card  # what is asked about, whatever the screen shows when the answer comes
        document = seen.document
        grades: list[str | None] = [*source_card.GRADES, None]
        words = [terms.RELIABILITY.get(grade or "", "not graded") for grade in grades]

        def chosen(at: int | None) -> None:
            if at is None:
                return
            about = f"{document.title or document.key}: {words[at]}"
            leaves = commands.clause(", {ask.close} leaves", self.keymap)
            hint = f"Why? The card and the log keep the reason.  Enter grades{leaves}."
            reason = Reason.asked(self.session.reasons, document.key, f"the reason of a grade of {document.key}")
            line = AskLine("Grade this source", about, hint, reason=reason)
            self.app.push_screen(line, lambda why: self._grade(seen, grades[at], why, reason))

        self.app.push_screen(PickOne("Reliability", words, grades.index(document.reliability)), chosen)

    def _grade(self, seen: Card, grade: str | None, why: str | None, reason: Reason) -> None:
        if why is not None:

            def refused() -> None:
                reason.refused(why)
                self.store_changed()

            reason.sent()
            self.session.write(
                lambda store: source_card.grade(store, seen.document.key, grade, why, seen=seen),
                "graded",
                lambda _: self.store_changed(),
                refused=refused,
                typed=Typed(reason.what, why),
            )

    def action_close(self) -> None:
        self.dismiss(None)
