"""The source reader: a document's text, or its excerpts, with every quote of the store marked where it stands."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from rich.cells import cell_len
from textual import on
from textual.app import ComposeResult
from textual.events import Resize
from textual.widgets import Input

from db import cite, known, source_card, source_reader
from db.model import Document
from db.plural import counted
from db.source_reader import Mark, Page
from tui import commands
from tui.painter import PaintedScreen
from tui.safe_text import fit, safe
from tui.saying import GONE, offer, say
from tui.screens.closing import close
from tui.screens.confirm import Confirm
from tui.screens.looking import look_for_key
from tui.session import Session
from tui.widgets.claim_grid import Fixed
from tui.widgets.field import Field
from tui.widgets.footer import Footer
from tui.widgets.line_view import Line
from tui.widgets.reader_view import ReaderView

LOW = 20
"""Screen lines below which the foot has one line instead of two."""


@dataclass(frozen=True, slots=True)
class Going:
    """Where to go in the timeline; `suspend` when its filters leave the incident out."""

    incident_id: int
    suspend: bool = False


Shown = Callable[[int], bool]
"""Whether the timeline, as it is filtered, has an incident."""


class SourceScreen(PaintedScreen[Going | None]):
    """What the screens on sources share: the way to an incident, and word of a changed store."""

    def __init__(self, session: Session, keymap: dict[str, str], shown: Shown) -> None:
        super().__init__()
        self.session = session
        self.keymap = keymap
        self.shown = shown

    def say(self, text: str) -> None:
        """A short message that goes away by itself; data in it is never markup nor control."""
        say(self.app, text)

    def go_to_incident(self, incident_id: int, key: str, title: str) -> None:
        """Leave for an incident of the timeline; where its filters leave it out, offer to suspend them."""
        if self.shown(incident_id):
            self.dismiss(Going(incident_id))
            return
        row = known.incident(incident_id, key)

        def ask(stands: bool) -> None:
            if not stands:
                self.say(GONE)
            elif self.is_current:
                question = "Filtered out: suspend the filters and go there?"
                self.app.push_screen(Confirm(question, title), lambda yes: self._suspended(incident_id, yes))

        # What the timeline does not have may be left out by its filters, or be gone.
        look_for_key(self, "incident there", lambda store, _: known.stands(store.connection, row), ask)

    def _suspended(self, incident_id: int, yes: bool | None) -> None:
        if yes:
            self.dismiss(Going(incident_id, suspend=True))

    def passed_on(self, going: Going | None) -> None:
        """What a screen over this one came back with: whoever goes to the timeline goes through this one too."""
        if going is not None:
            self.dismiss(going)

    def open_card(self, document: Document) -> None:
        """Show the card of a document over this screen."""
        from tui.screens.source_card import CardScreen

        def show(card: source_card.Card | None) -> None:
            if card is None:
                self.say("This document is gone from the store.")
            elif self.is_active:
                self.app.push_screen(CardScreen(self.session, self.keymap, self.shown, card), self.passed_on)

        look_for_key(self, "card", lambda store, _: source_card.card(store.connection, document.id, document.key), show)

    def open_reader(self, document: Document, documents: Sequence[Document], quote_id: int | None = None) -> None:
        """Show a document over this screen; `documents` are those that one may switch between."""

        def show(page: Page | None) -> None:
            if page is None:
                self.say("This document is gone from the store.")
            elif self.is_active:
                reader = ReaderScreen(self.session, self.keymap, self.shown, page, documents, quote_id)
                self.app.push_screen(reader, self.passed_on)

        self._look_for_page(document, show)

    def _look_for_page(self, document: Document, show: Callable[[Page | None], None]) -> None:
        # Numbers are given out again: by its key one sees that it is the same document.
        look_for_key(
            self, "source", lambda store, _: source_reader.page(store.connection, document.id, document.key), show
        )

    def store_changed(self) -> None:
        """The store has changed: show it as it is now."""
        raise NotImplementedError

    @property
    def anew(self) -> str:
        """The kind of look with which this very screen follows the store: no key's look gives way to it."""
        return f"{type(self).__name__} {id(self)} anew"


class ReaderScreen(SourceScreen):
    """Shows the page of one document; another of the same incident takes its place."""

    BINDINGS = commands.bindings("reader")

    def __init__(
        self,
        session: Session,
        keymap: dict[str, str],
        shown: Shown,
        page: Page,
        documents: Sequence[Document] = (),
        quote_id: int | None = None,
    ) -> None:
        super().__init__(session, keymap, shown)
        self._documents = list(documents) or [page.source]
        self.view = ReaderView(page, id="reader")
        if quote_id is not None:
            self.view.go_to_quote(quote_id)
        self._head = Fixed(id="reader-head")
        self._foot = Fixed(id="reader-foot")
        self._words = Field(id="reader-words", placeholder="words to find in this document", compact=True)

    def compose(self) -> ComposeResult:
        yield self._head
        yield self.view
        yield self._foot
        yield self._words
        footer = Footer(id="footer")
        footer.show(self.scopes(), self.keymap)
        yield footer

    def on_mount(self) -> None:
        self._words.display = False
        self.set_focus(self.view)
        self._lay_out()

    def on_resize(self, event: Resize) -> None:
        self._lay_out()

    def _lay_out(self) -> None:
        self._foot.styles.height = 1 if self.app.size.height < LOW else 2
        self._tell()

    def scopes(self) -> tuple[str, ...]:
        """The scopes whose keys are in reach, nearest first."""
        return ("reader", "app")

    @property
    def page(self) -> Page:
        """The page shown."""
        return self.view.page

    @property
    def _at(self) -> int:
        """Which of the documents that one may switch between is shown."""
        return [document.key for document in self._documents].index(self.page.source.key)

    # -- what stands above and below the text -------------------------------------------------------------------

    @on(ReaderView.Moved)
    def _tell(self) -> None:
        if not self.is_attached:
            return
        width = self.app.size.width
        self._head.show([self._title(width)])
        self._foot.show(self._position(width)[: 1 if self.app.size.height < LOW else 2])

    def _title(self, width: int) -> Line:
        source = self.page.source
        number = self._at + 1
        many = f" {{ {number} of {len(self._documents)} }} " if len(self._documents) > 1 else " "
        about = " · ".join(part for part in (source.publisher, cite.published(source), _graded(source)) if part)
        title = fit(safe(source.title or source.key), max(10, width - len(many) - 2))
        rest = fit(safe(about), max(0, width - len(many) - cell_len(title) - 5))
        return ((many, "mark"), (title, "strong"), (f"   {rest}", "dim"))

    def _position(self, width: int) -> list[Line]:
        """Two lines: where one is, and of which incident the quote is; who says it, and whether it stands."""
        view, mark = self.view, self.view.mark
        marks = len(self.page.marks)
        if view.on_the_way is not None:
            return [((f" on the way: {view.on_the_way:.0%} of the text has its lines ", "warn"),), ()]
        where = f"quote {view.at + 1:,} of {marks:,}" if view.at is not None else counted(marks, "quote")
        search = view.search
        if search is not None:
            count = f"{len(search.starts):,}{'' if search.done else '+'}"
            hit = f"hit {view.hit + 1:,} of {count}" if view.hit is not None else f"{count} hit{'s' * (count != '1')}"
            where = f"{hit} for “{safe(search.words)}” · {where}"
        where = fit(f" {where} · {view.read:.0%}", width - 1)
        if mark is None:
            clauses = "{reader.next} goes to the next quote", "{reader.go} to its incident"
            keys = commands.hint(self.keymap, *clauses, between=", ")
            return [((where, "strong"),), ((fit(f" {keys}", width), "dim"),)]
        fate, style = _fate(mark)
        low = self.app.size.height < LOW
        glyph = f" · {fate.split()[0]}" if low else ""
        title = fit(f" · {mark.number} {safe(mark.title)}", max(0, width - len(where) - len(glyph) - 1))
        place = f" · {_place(mark)} · "
        speaker = fit(f" {safe(mark.speaker)}", max(8, width - len(place) - cell_len(fate)))
        return [
            ((where, "strong"), (title, ""), (glyph, style)),
            ((speaker, "speaker"), (place, "dim"), (fit(fate, max(0, width - len(place) - cell_len(speaker))), style)),
        ]

    # -- the store ----------------------------------------------------------------------------------------------

    def store_changed(self) -> None:
        was = self.page.source
        self.session.look(
            self.anew,
            lambda store, _: source_reader.page(store.connection, was.id, was.key),
            lambda page: self._anew(was, page),
        )

    def _anew(self, was: Document, page: Page | None) -> None:
        if not self.is_attached or was.key != self.page.source.key:
            return
        if page is None:
            self.say("This document is gone from the store.")
            close(self)
        else:
            self.view.show(page)

    def _switch(self, step: int) -> None:
        to = self._at + step
        if not 0 <= to < len(self._documents):
            more = "further" if step > 0 else "earlier"
            self.say(f"No {more} document of this incident." if len(self._documents) > 1 else "There is one document.")
            return
        mark = self.view.mark

        def show(page: Page | None) -> None:
            if page is None:
                self.say("This document is gone from the store.")
            elif self.is_current:
                # The first quote there of the same incident is what one wants to compare.
                same = [m.quote_id for m in page.marks if mark is not None and m.incident_id == mark.incident_id]
                self.view.open(page, same[0] if same else None)

        self._look_for_page(self._documents[to], show)

    # -- keys ---------------------------------------------------------------------------------------------------

    def action_down(self) -> None:
        self.view.by(1)

    def action_up(self) -> None:
        self.view.by(-1)

    def action_page_down(self) -> None:
        self.view.by(max(1, self.view.size.height - 1))

    def action_page_up(self) -> None:
        self.view.by(-max(1, self.view.size.height - 1))

    def action_half_down(self) -> None:
        self.view.by(max(1, self.view.size.height // 2))

    def action_half_up(self) -> None:
        self.view.by(-max(1, self.view.size.height // 2))

    def action_first(self) -> None:
        self.view.to_top()

    def action_last(self) -> None:
        self.view.to_end()

    def action_next(self) -> None:
        self._step(1)

    def action_previous(self) -> None:
        self._step(-1)

    def _step(self, step: int) -> None:
        if self.view.search is None:
            self._step_quote(step)
        elif not self.view.step_hit(step):
            ends = commands.clause("; {reader.back} ends the search", self.keymap)
            self.say(f"No further hit{ends}." if self.view.search.starts else "Nothing is found.")

    def _step_quote(self, step: int) -> None:
        if not self.view.step_mark(step):
            self.say("No further quote." if self.page.marks else "The store has no quote of this document.")

    def action_quote_next(self) -> None:
        self._step_quote(1)

    def action_quote_previous(self) -> None:
        self._step_quote(-1)

    def action_document_next(self) -> None:
        self._switch(1)

    def action_document_previous(self) -> None:
        self._switch(-1)

    def action_go(self) -> None:
        mark = self.view.mark
        if mark is None:
            self._say_none_chosen()
        else:
            self.go_to_incident(mark.incident_id, mark.incident, mark.title)

    def action_copy_quote(self) -> None:
        mark = self.view.mark
        if mark is None:
            self._say_none_chosen()
            return
        offer(self.app, "quote", mark.exact, f"`dateline show {mark.incident}` prints it")

    def _say_none_chosen(self) -> None:
        goes = commands.clause("; {reader.next} goes to the next", self.keymap)
        self.say(f"No quote chosen yet{goes}.")

    def action_card(self) -> None:
        self.open_card(self.page.source)

    def action_search(self) -> None:
        self.view.begin_search()
        self._words.display = True
        self._words.value = ""
        self.set_focus(self._words)

    @on(Input.Changed, "#reader-words")
    def _typed(self, event: Input.Changed) -> None:
        if self._words.display:
            self.view.find(event.value)

    @on(Input.Submitted, "#reader-words")
    def _taken(self) -> None:
        self._end_typing()
        if self.view.search is not None and self.view.search.done and not self.view.search.starts:
            self.say(f"{self._words.value} is not in this document.")

    def _end_typing(self) -> None:
        self._words.display = False
        self.set_focus(self.view)

    def action_back(self) -> None:
        """Esc: out of the search line, then out of the search, then back to where one was."""
        if self._words.display:
            self._end_typing()
            self.view.find("")
        elif self.view.search is not None:
            self.view.find("")
        else:
            self.dismiss(None)

    def action_close(self) -> None:
        self.dismiss(None)


def _graded(source: Document) -> str:
    return f"reliability {source.reliability}" if source.reliability else "not graded"


def _fate(mark: Mark) -> tuple[str, str]:
    style = {"stands": "good", "unverified": "dim"}.get(mark.fate, "bad")
    return mark.fate_words(), style


def _place(mark: Mark) -> str:
    if mark.source is None:
        return "no position"
    return f"characters {mark.source:,}–{mark.source + mark.end - mark.start:,}"
