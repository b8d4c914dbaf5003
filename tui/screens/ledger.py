"""The air-defence ledger: what each system did in the incidents that the timeline shows, and who says so."""

from __future__ import annotations

from collections.abc import Callable

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen

from db.ledger import System, Use
from tui import commands
from tui.ledger_lines import CELLS, Behind, behind, behind_lines, cell_words, head, row
from tui.safe_text import fit, safe
from tui.saying import keymap_of
from tui.screens.closing import close
from tui.screens.moving import ListKeys, PageKeys
from tui.screens.reader import Shown, SourceScreen
from tui.session import Session
from tui.widgets.choice_view import ChoiceView
from tui.widgets.claim_grid import Fixed
from tui.widgets.footer import Footer
from tui.widgets.line_view import Line

Reading = Callable[[Callable[[list[System]], None]], None]
"""Reads the ledger for the incidents that are shown, and gives it to what it is called with."""


class LedgerView(ChoiceView):
    """A system a line, with a cursor on one cell."""

    def __init__(self, moved: Callable[[], None]) -> None:
        super().__init__(id="ledger", moved=moved)
        self.systems: list[System] = []
        self.column = 0

    @property
    def system(self) -> System | None:
        """The system under the cursor."""
        return self.systems[self.cursor] if self.systems else None

    def show(self, systems: list[System]) -> None:
        """Show a ledger, with the cursor on the system where it stood."""
        before = self.system
        self.systems = systems
        keys = [system.key for system in systems]
        self.cursor = keys.index(before.key) if before and before.key in keys else 0
        self.recount()
        self.show_lines(self.cursor)
        self._moved()

    @property
    def choices(self) -> int:
        return len(self.systems)

    def line(self, y: int) -> Line:
        if not self.systems:
            return ((" None of these incidents has an air-defence system.", "dim"),)
        return row(self.systems[y], CELLS[self.column] if y == self.cursor else None, self.text_width)

    def across(self, columns: int) -> None:
        """Move the cursor to another column, clamped."""
        self.column = max(0, min(self.column + columns, len(CELLS) - 1))
        self.refresh()
        self._moved()

    def resized(self) -> None:
        self.recount()
        self._moved()


class LedgerScreen(ListKeys, SourceScreen):
    """Shows the ledger; gives where to go in the timeline, or None."""

    BINDINGS = commands.bindings("ledger")

    def __init__(
        self, session: Session, keymap: dict[str, str], shown: Shown, systems: list[System], of: str, read: Reading
    ) -> None:
        """`of` says in words which incidents are counted."""
        super().__init__(session, keymap, shown)
        self._first = systems
        self._of = of
        self._read = read
        self.view = LedgerView(self._moved)
        self.head = Fixed(id="ledger-head")
        self.strip = Fixed(id="ledger-strip")

    def compose(self) -> ComposeResult:
        yield self.head
        yield self.view
        yield self.strip
        footer = Footer(id="footer")
        footer.show(self.scopes(), self.keymap)
        yield footer

    def on_mount(self) -> None:
        self.view.show(self._first)
        self.set_focus(self.view)

    def scopes(self) -> tuple[str, ...]:
        """The scopes whose keys are in reach, nearest first."""
        return ("ledger", "app")

    def store_changed(self) -> None:
        self._read(self._take)

    def _take(self, systems: list[System]) -> None:
        if not self.is_attached:
            return
        before, column = self.view.system, CELLS[self.view.column]
        self.view.show(systems)
        system = self.view.system
        same = system is not None and before is not None and system.key == before.key
        uses = behind(system, column) if system is not None and same else []
        for screen in list(self.app.screen_stack):
            if not isinstance(screen, BehindScreen):
                continue
            if system is not None and uses:
                screen.show(cell_words(system, column), uses)
            else:
                self.say("No incident is behind this number any more.")
                close(screen)

    def _moved(self) -> None:
        width = self.view.text_width
        title = fit(f" Air defence: {safe(self._of)}", max(10, width))
        self.head.show([((title, "strong"),), head(width)])
        system = self.view.system
        words = cell_words(system, CELLS[self.view.column]) if system else ""
        self.strip.show([((fit(f" {safe(words)}", width), ""),)])

    @property
    def list_view(self) -> LedgerView:
        return self.view

    def action_right(self) -> None:
        self.view.across(1)

    def action_left(self) -> None:
        self.view.across(-1)

    def action_behind(self) -> None:
        system, column = self.view.system, CELLS[self.view.column]
        if system is None:
            return
        uses = behind(system, column)
        if not uses:
            self.say("No incident is behind this number.")
        else:
            self.app.push_screen(BehindScreen(cell_words(system, column), uses), self._chosen)

    def _chosen(self, use: Use | None) -> None:
        if use is not None:
            self.go_to_incident(use.incident_id, use.incident, use.title)

    def action_close(self) -> None:
        self.dismiss(None)


class BehindView(ChoiceView):
    """The incidents behind a cell; the cursor covers one of them whole."""

    def __init__(self, uses: list[Use]) -> None:
        super().__init__(id="behind")
        self._uses = uses
        self._made = Behind()

    def show(self, uses: list[Use]) -> None:
        """Show other incidents, with the cursor on the one where it stood."""
        if uses == self._uses:
            return  # and stay where it was scrolled to
        key = self.use.incident
        self._uses = uses
        self.cursor = next((n for n, use in enumerate(uses) if use.incident == key), min(self.cursor, len(uses) - 1))
        self.resized()

    def resized(self) -> None:
        self._made = behind_lines(self._uses, max(10, self.text_width))
        self.recount()
        self.show_cursor()

    @property
    def choices(self) -> int:
        return len(self._uses)

    @property
    def use(self) -> Use:
        """The incident under the cursor."""
        return self._uses[self.cursor]

    @property
    def line_count(self) -> int:
        return len(self._made.lines)

    def cursor_lines(self) -> range:
        return self._made.uses[self.cursor][1] if self._made.uses else range(0)

    def line(self, y: int) -> Line:
        line = self._made.lines[y]
        return (("▌" + line[0][0][1:], "mark"), *line[1:]) if line and y in self.cursor_lines() else line

    def choice_at(self, y: int) -> int:
        return next((n for n, (_, lines) in enumerate(self._made.uses) if y in lines), self.cursor)


class BehindScreen(PageKeys, ModalScreen["Use | None"]):
    """Gives the incident to go to, or None."""

    BINDINGS = commands.bindings("behind")

    def __init__(self, title: str, uses: list[Use]) -> None:
        super().__init__()
        self._title = title
        self._box = Vertical(classes="dialog read-box")
        self.view = BehindView(uses)

    def compose(self) -> ComposeResult:
        with self._box:
            self._box.border_title = Content(safe(self._title))
            clauses = "{behind.go} goes to the incident", "{behind.close} closes"
            self._box.border_subtitle = Content(commands.hint(keymap_of(self.app), *clauses, between=" · "))
            yield self.view

    def show(self, title: str, uses: list[Use]) -> None:
        """Show what is behind the number as it is now."""
        self._box.border_title = Content(safe(title))
        self.view.show(uses)

    def on_mount(self) -> None:
        self.set_focus(self.view)

    def scopes(self) -> tuple[str, ...]:
        """The scopes whose keys are in reach, nearest first."""
        return ("behind", "app")

    @property
    def list_view(self) -> BehindView:
        return self.view

    def action_go(self) -> None:
        self.dismiss(self.view.use)

    def action_close(self) -> None:
        self.dismiss(None)
