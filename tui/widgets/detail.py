"""The detail pane: one incident whole, with a cursor that walks its quotes."""

from __future__ import annotations

from collections.abc import Callable

from db.model import Document, Incident, Quote
from tui import commands
from tui.highlight import Marker
from tui.incident_lines import Described, describe
from tui.widgets.line_view import Line, LineView


class Detail(LineView):
    """Shows an incident; the quote under the cursor is the one that is copied or cited."""

    BINDINGS = commands.bindings("detail")

    def __init__(self, *, id: str) -> None:
        super().__init__(id=id)
        self._incident: Incident | None = None
        self._described = Described()
        self._quote = 0
        self._marker = Marker()
        self._note: Callable[[int], str | None] | None = None
        self._hit: int | None = None
        """The line of the marked word that n or N went to last."""

    @property
    def incident(self) -> Incident | None:
        """The incident shown."""
        return self._incident

    @property
    def quote(self) -> Quote | None:
        """The quote under the cursor."""
        if self._incident is None or not self._incident.quotes:
            return None
        return self._incident.quotes[self._quote]

    @property
    def document(self) -> Document | None:
        """The document of the quote under the cursor, or the incident's first."""
        if self._incident is None or not self._incident.documents:
            return None
        quote = self.quote
        by_key = {document.key: document for document in self._incident.documents}
        return by_key[quote.document_key] if quote else self._incident.documents[0]

    def show(self, incident: Incident | None) -> None:
        """Show an incident, from its top unless it is the one already shown."""
        same = self._incident is not None and incident is not None and incident.id == self._incident.id
        stood_on = self.quote.id if same and self.quote is not None else None
        self._incident = incident
        quotes = [quote.id for quote in incident.quotes] if incident is not None else []
        if stood_on in quotes:
            self._quote = quotes.index(stood_on)
        else:
            self._quote = min(self._quote, max(0, len(quotes) - 1)) if same else 0
        self._hit = self._hit if same else None
        self._describe()
        if not same:
            self.scroll_to(y=0, animate=False)

    def mark(self, marker: Marker) -> None:
        """Mark other words from now on."""
        if marker != self._marker:
            self._marker = marker
            self._describe()

    def note(self, note: Callable[[int], str | None] | None) -> None:
        """Have what `note` gives for an incident stand above it from now on; None for nothing any more."""
        self._note = note
        self._describe()

    def step_hit(self, step: int) -> bool:
        """Scroll to the next or previous line with a marked word; False when there is none further on."""
        hits = self._described.hits
        if step > 0:
            further = [y for y in hits if self._hit is None or y > self._hit]
        else:
            further = [y for y in reversed(hits) if self._hit is None or y < self._hit]
        if not further:
            return False
        self._hit = further[0]
        self.scroll_to(y=max(0, self._hit - self.size.height // 2), animate=False)
        self.refresh()
        return True

    def step_quote(self, step: int) -> None:
        """Move to the next or previous quote, around the ends."""
        if self._incident is None or not self._incident.quotes:
            return
        self._quote = (self._quote + step) % len(self._incident.quotes)
        self._show_quote()

    def _show_quote(self) -> None:
        lines = self._described.quotes[self._quote]
        # Long quotes: their first line matters most.
        self.show_lines(lines.start, min(len(lines), max(1, self.size.height)))
        self.refresh()

    def _describe(self) -> None:
        width = max(10, self.text_width)
        incident = self._incident
        note = self._note(incident.id) if self._note and incident else None
        self._described = describe(incident, width, self._marker, note) if incident else Described()
        self.recount()

    @property
    def line_count(self) -> int:
        return len(self._described.lines) or 1

    def line(self, y: int) -> Line:
        if self._incident is None:
            return ((" No incident.", "dim"),)
        line = self._described.lines[y]
        if self._described.quotes and y in self._described.quotes[self._quote] and line:
            (_, style), *rest = line
            return (("▌" + line[0][0][1:], "mark" if self.has_focus else style), *rest)
        return line

    def action_down(self) -> None:
        self._by(1)

    def action_up(self) -> None:
        self._by(-1)

    def action_page_down(self) -> None:
        self._by(max(1, self.size.height - 1))

    def action_page_up(self) -> None:
        self._by(-max(1, self.size.height - 1))

    def action_half_down(self) -> None:
        self._by(max(1, self.size.height // 2))

    def action_half_up(self) -> None:
        self._by(-max(1, self.size.height // 2))

    def action_first(self) -> None:
        self.scroll_to(y=0, animate=False)

    def action_last(self) -> None:
        self.scroll_to(y=self.line_count, animate=False)

    def action_next_quote(self) -> None:
        self.step_quote(1)

    def _by(self, lines: int) -> None:
        self.scroll_to(y=round(self.scroll_y) + lines, animate=False)

    def resized(self) -> None:
        self._describe()

    def on_focus(self) -> None:
        self.refresh()

    def on_blur(self) -> None:
        self.refresh()
