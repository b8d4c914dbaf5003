"""The main screen's keys that lead to the sources: the reader, the list of documents, a document's card."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, runtime_checkable

from tui.screens.main_base import with_details
from tui.screens.main_filter import FilterKeys

if TYPE_CHECKING:
    from db.source_card import Card
    from db.source_list import Listed
    from db.source_reader import Page
    from tui.screens.reader import Going


@runtime_checkable
class Following(Protocol):
    """A screen that is told of every change of the store."""

    def store_changed(self) -> None:
        """Show the store as it is now, with the cursor on what it was on."""


class SourceKeys(FilterKeys):
    """Opens them over the main screen, and goes to the incident that they come back with."""

    @with_details
    def action_source(self) -> None:
        """The reader on the document of the quote under the cursor."""
        from db import source_reader
        from tui.screens.reader import ReaderScreen

        incident, document, quote = self.detail.incident, self.detail.document, self.detail.quote
        if incident is None or document is None:
            self.say("No document here: the incident has no quote.")
            return
        documents, quote_id = incident.documents, quote.id if quote else None

        def show(page: Page | None) -> None:
            if page is None:
                self.say("This document is gone from the store.")
            elif self.app.screen is self:
                reader = ReaderScreen(self.session, self._keymap, self.shown, page, documents, quote_id)
                self.app.push_screen(reader, self._went)

        self.look("source", lambda store, _: source_reader.page(store.connection, document.id, document.key), show)

    def action_documents(self) -> None:
        """All documents of the store."""
        from db import source_list
        from tui.screens.documents import DocumentsScreen

        def show(listed: list[Listed]) -> None:
            if self.app.screen is self:
                documents = DocumentsScreen(self.session, self._keymap, self.shown, listed)
                self.app.push_screen(documents, self._went)

        self.look("documents", lambda store, _: source_list.documents(store.connection), show)

    @with_details
    def action_source_card(self) -> None:
        """The card of the document of the quote under the cursor."""
        from db import source_card
        from tui.screens.source_card import CardScreen

        document = self.detail.document
        if document is None:
            self.say("No document here: the incident has no quote.")
            return

        def show(card: Card | None) -> None:
            if card is None:
                self.say("This document is gone from the store.")
            elif self.app.screen is self:
                self.app.push_screen(CardScreen(self.session, self._keymap, self.shown, card), self._went)

        self.look("card", lambda store, _: source_card.card(store.connection, document.id, document.key), show)

    def shown(self, incident_id: int) -> bool:
        """Whether the timeline, as it is filtered, has an incident."""
        return self._answer is not None and self._answer.rank(incident_id) is not None

    def _went(self, going: Going | None) -> None:
        """Back from the sources, perhaps to another incident."""
        if going is None:
            return
        if going.suspend:
            self.suspend_for(going.incident_id)
        elif self._answer is not None and (rank := self._answer.rank(going.incident_id)) is not None:
            self.timeline.go_to(rank)
        self.focus_timeline()

    def suspend_for(self, incident_id: int) -> None:
        """Suspend the filters and go to an incident that they left out."""
        if self._suspended is None and self._query.text.strip():
            self.action_suspend()
        self.ask(incident_id)

    def tell_screens(self) -> None:
        """Have the screens over this one show the store as it is now."""
        for screen in list(self.app.screen_stack):
            if isinstance(screen, Following):
                screen.store_changed()
