"""All documents of the store with what rests on them: read one, see its card, sort them."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.events import Resize

from db import source_list
from db.plural import counted
from db.source_list import Listed
from tui import commands
from tui.safe_text import fit, pad, safe
from tui.screens.moving import ListKeys
from tui.screens.reader import Shown, SourceScreen
from tui.session import Session
from tui.widgets.choice_view import ChoiceView
from tui.widgets.claim_grid import Fixed
from tui.widgets.footer import Footer
from tui.widgets.line_view import Line

QUOTES, INCIDENTS, OTHERS, GRADE, TEXT = 7, 10, 8, 3, 5
"""Cells of the columns of figures."""

DATE = 17
"""Cells of the date where there is room for it."""

ROOMY = 100
"""Columns from which date and publisher have columns of their own."""


class DocumentList(ChoiceView):
    """One line a document."""

    def __init__(self, listed: list[Listed]) -> None:
        super().__init__(id="documents")
        self.listed = listed

    @property
    def choices(self) -> int:
        return len(self.listed)

    def head(self) -> Line:
        """The names of the columns."""
        return self._columns("Document", "Publisher", "Published", "Grade", "Quotes", "Incidents", "Others", "Text")

    def line(self, y: int) -> Line:
        if not self.listed:
            return ((" The store has no documents yet.", "dim"),)
        listed = self.listed[y]
        document = listed.document
        return self._columns(
            safe(document.title or document.key),
            safe(document.publisher or ""),
            safe(source_list.published(document)),
            document.reliability or "–",
            f"{listed.quotes:,}",
            f"{listed.incidents:,}",
            f"{listed.others:,}",
            "yes" if document.has_text else "no",
        )

    def _columns(
        self,
        title: str,
        publisher: str,
        published: str,
        grade: str,
        quotes: str,
        incidents: str,
        others: str,
        text: str,
    ) -> Line:
        width = self.text_width or self.app.size.width - 1
        figures = f"{quotes:>{QUOTES}}{incidents:>{INCIDENTS}}{others:>{OTHERS}} "
        end = f"{grade:^7}{text:<{TEXT}}" if width >= 60 else f"{grade:^7}"
        room = width - len(figures) - len(end) - 1
        if width < ROOMY:
            return ((f" {pad(title, room)}", ""), (figures, "strong"), (end, "dim"))
        wide = max(12, room // 4)
        room -= wide + DATE + 2
        return (
            (f" {pad(title, room)} ", ""),
            (f"{pad(publisher, wide)} ", "speaker"),
            (pad(published, DATE), "date"),
            (figures, "strong"),
            (end, "dim"),
        )

    def show(self, listed: list[Listed], key: str | None) -> None:
        """Show other lines, with the cursor on the document of that key where it is among them."""
        self.listed = listed
        at = [i for i, one in enumerate(listed) if one.document.key == key]
        self.cursor = at[0] if at else min(self.cursor, max(0, len(listed) - 1))
        self.recount()
        self.show_lines(self.cursor)


class DocumentsScreen(ListKeys, SourceScreen):
    """The list of documents; it opens the reader and the card."""

    BINDINGS = commands.bindings("documents")

    def __init__(self, session: Session, keymap: dict[str, str], shown: Shown, listed: list[Listed]) -> None:
        super().__init__(session, keymap, shown)
        self.order = "date"
        self.list = DocumentList(listed)
        self._head = Fixed(id="documents-head")

    def compose(self) -> ComposeResult:
        yield self._head
        yield self.list
        footer = Footer(id="footer")
        footer.show(self.scopes(), self.keymap)
        yield footer

    def on_mount(self) -> None:
        self.set_focus(self.list)
        self.call_after_refresh(self._tell)

    def on_resize(self, event: Resize) -> None:
        self.call_after_refresh(self._tell)

    def scopes(self) -> tuple[str, ...]:
        """The scopes whose keys are in reach, nearest first."""
        return ("documents", "app")

    def _tell(self) -> None:
        listed = self.list.listed
        quotes = sum(one.quotes for one in listed)
        counts = f" {counted(len(listed), 'document')} · {counted(quotes, 'quote')}"
        title = fit(f"{counts} · sorted by {self.order}", self.app.size.width)
        self._head.show([((title, "strong"),), tuple((text, "dim") for text, _ in self.list.head())])

    @property
    def chosen(self) -> Listed | None:
        """The document under the cursor."""
        return self.list.listed[self.list.cursor] if self.list.listed else None

    def store_changed(self) -> None:
        self.session.look(self.anew, lambda store, _: source_list.documents(store.connection), self._anew)

    def _anew(self, listed: list[Listed]) -> None:
        if self.is_attached:
            self._show(listed)

    def _show(self, listed: list[Listed]) -> None:
        chosen = self.chosen
        key = chosen.document.key if chosen else None
        self.list.show(sorted(listed, key=source_list.ORDERS[self.order]), key)
        self._tell()

    # -- keys ---------------------------------------------------------------------------------------------------

    @property
    def list_view(self) -> DocumentList:
        return self.list

    def action_sort(self) -> None:
        """Sort by the next column."""
        orders = list(source_list.ORDERS)
        self.order = orders[(orders.index(self.order) + 1) % len(orders)]
        self._show(self.list.listed)

    def action_read(self) -> None:
        if self.chosen is not None:
            self.open_reader(self.chosen.document, [self.chosen.document])

    def action_card(self) -> None:
        if self.chosen is not None:
            self.open_card(self.chosen.document)

    def action_close(self) -> None:
        self.dismiss(None)
