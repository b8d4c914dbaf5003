"""A citation on the screen, to copy or to write to a file: the quote, the document or the incident, in a style."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from textual.app import ComposeResult
from textual.screen import Screen

from db import citing
from db.citing import Cited
from db.errors import UsageError
from db.model import Document, Incident, Quote
from tui import commands
from tui.safe_text import safe_lines, wrap
from tui.saying import offer, say
from tui.screens.ask_line import AskLine
from tui.screens.closing import close
from tui.screens.following import follow, same_incident
from tui.screens.moving import ScrollKeys
from tui.screens.show_lines import ReadView
from tui.session import Session
from tui.widgets.claim_grid import Fixed
from tui.widgets.footer import Footer
from tui.widgets.line_view import Line

ENDINGS = {"footnote": "txt", "markdown": "md", "bibtex": "bib", "csl-json": "json"}
"""Style → the ending that a file of it usually has."""

QUOTE, DOCUMENT, INCIDENT = "this quote", "this document", "the incident"
"""What can be cited."""


class CiteScreen(ScrollKeys, Screen[None]):
    """Shows a quote, its document or the whole incident in one of the styles, as the store has them."""

    BINDINGS = commands.bindings("cite")

    def __init__(
        self, session: Session, keymap: dict[str, str], incident: Incident, document: Document, quote: Quote | None
    ) -> None:
        super().__init__()
        self._session = session
        self._keymap = keymap
        self._incident = incident
        self._document = document
        self._quote = quote
        self._name_of_file = re.sub(r"[^\w.-]+", "-", incident.key)
        self._extents = self._found(incident)
        self._extent = next(iter(self._extents))
        self._style = next(iter(citing.STYLES))
        self._head = Fixed(id="cite-head")
        self.view = ReadView(self._lines)

    @property
    def text(self) -> str:
        """The citation as it is copied or written."""
        return citing.cited(self._extents[self._extent], self._style)

    def _found(self, incident: Incident) -> dict[str, Cited]:
        """What can be cited of the incident as it is now; without what is gone.

        Numbers are given out again: a document is known by its key, a quote by its words too.
        """
        extents = {}
        document = next((one for one in incident.documents if _same_document(one, self._document)), None)
        if document is not None:
            for quote in incident.quotes:
                if self._quote is not None and _same_quote(quote, self._quote):
                    extents[QUOTE] = citing.of_quote(quote, document)
            extents[DOCUMENT] = citing.of_document(incident, document)
        return {**extents, INCIDENT: citing.of_incident(incident)}

    def store_changed(self) -> None:
        """The store has changed: show the citation as it is now."""
        follow(self, self._session, lambda store: same_incident(store, self._incident), self._anew)

    def _anew(self, incident: Incident) -> None:
        self._extents = self._found(incident)
        if self._extent in self._extents:
            self._show_anew()
        else:
            changed = " or was changed" if self._extent == QUOTE else ""
            say(self.app, f"{self._extent.capitalize()} is gone from the incident{changed}.")
            close(self)

    def compose(self) -> ComposeResult:
        yield self._head
        yield self.view
        footer = Footer(id="footer")
        footer.show(self.scopes(), self._keymap)
        yield footer

    def on_mount(self) -> None:
        self._show()
        self.set_focus(self.view)

    def scopes(self) -> tuple[str, ...]:
        """The scopes whose keys are in reach, nearest first."""
        return ("cite", "app")

    def _show(self) -> None:
        self._show_anew()
        self.view.scroll_to(y=0, animate=False)

    def _show_anew(self) -> None:
        """Show the citation from where its lines are scrolled to."""
        self._head.show([_choices("Cite", self._extents, self._extent), _choices("Style", citing.STYLES, self._style)])
        self.view.resized()

    def _lines(self, width: int) -> list[Line]:
        lines: list[Line] = []
        for line in safe_lines(self.text):
            indent = line[: len(line) - len(line.lstrip(" "))][: width // 3]
            room = width - len(indent) - 2
            lines += [((f" {indent}{piece}", ""),) for piece in wrap(line.lstrip(" "), room)]
        return lines

    # -- keys ---------------------------------------------------------------------------------------------------

    @property
    def moved_view(self) -> ReadView:
        return self.view

    def action_next_style(self) -> None:
        self._style = _step(list(citing.STYLES), self._style, 1)
        self._show()

    def action_previous_style(self) -> None:
        self._style = _step(list(citing.STYLES), self._style, -1)
        self._show()

    def action_next_extent(self) -> None:
        self._extent = _step(list(self._extents), self._extent, 1)
        self._show()

    def action_previous_extent(self) -> None:
        self._extent = _step(list(self._extents), self._extent, -1)
        self._show()

    def action_copy(self) -> None:
        otherwise = commands.clause("{cite.write} writes it to a file", self._keymap)
        offer(self.app, "citation", self.text, otherwise, shown=True)

    def action_write(self) -> None:
        name = f"{self._name_of_file}.{ENDINGS[self._style]}"
        self.app.push_screen(AskLine("Write to", f"{self._extent}, as {self._style}", "A new file.", name), self._write)

    def _write(self, name: str | None) -> None:
        if name is None:
            return
        try:
            path = Path(name).expanduser()
            citing.write_file(path, self.text)
        except (UsageError, RuntimeError) as error:  # RuntimeError: a ~name whose home nobody knows
            say(self.app, str(error), severity="error")
        else:
            say(self.app, f"Wrote {path.absolute()}.")

    def action_close(self) -> None:
        self.dismiss(None)


def _same_document(one: Document, other: Document) -> bool:
    return (one.id, one.key) == (other.id, other.key)


def _same_quote(one: Quote, other: Quote) -> bool:
    return (one.id, one.document_key, one.exact) == (other.id, other.document_key, other.exact)


def _choices(label: str, names: Mapping[str, object], chosen: str) -> Line:
    """A label and the names beside it, the chosen one marked by a glyph too."""
    runs = [(f" {label:<6}", "dim")]
    runs += [(f" {'▸' if name == chosen else ' '}{name}", "mark" if name == chosen else "dim") for name in names]
    return tuple(runs)


def _step(names: list[str], name: str, step: int) -> str:
    return names[(names.index(name) + step) % len(names)]
