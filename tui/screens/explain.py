"""Why a number: the rows behind it, and the query that gives it, to take as the filter or to copy."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from rich.cells import cell_len
from textual.app import ComposeResult
from textual.events import Resize
from textual.screen import Screen

from db.engine import Engine
from db.explain import Explanation
from db.store import Store
from tui import commands
from tui.safe_text import fit, safe, wrap
from tui.saying import GONE, offer, say
from tui.screens.closing import close
from tui.screens.moving import ListKeys
from tui.session import Session
from tui.widgets.claim_grid import Fixed
from tui.widgets.counted_rows import CountedRows
from tui.widgets.footer import Footer
from tui.widgets.line_view import Line

Question = Callable[[Store, Engine], list[Explanation]]
"""What gives the numbers; none where the incident that they are of is gone."""


@dataclass(frozen=True, slots=True)
class Taken:
    """A query to filter by, and the incident to keep the cursor on."""

    query: str
    anchor: int | None


class ExplainScreen(ListKeys, Screen[Taken | None]):
    """Shows one of several numbers at a time; gives the query taken, or None."""

    BINDINGS = commands.bindings("explain")

    def __init__(self, session: Session, keymap: dict[str, str], told: list[Explanation], question: Question) -> None:
        """`told` is what `question` has given; it is put again when the store has changed."""
        super().__init__()
        self._session = session
        self._question = question
        self._keymap = keymap
        self._told = told
        self._at = next((at for at, number in enumerate(told) if number.count), 0)
        self._head = Fixed(id="explain-head")
        self.rows = CountedRows(session.rows, id="reasons")

    @property
    def told(self) -> Explanation:
        """The number shown."""
        return self._told[self._at]

    def compose(self) -> ComposeResult:
        yield self._head
        yield self.rows
        footer = Footer(id="footer")
        footer.show(self.scopes(), self._keymap)
        yield footer

    def on_mount(self) -> None:
        self._show()
        self.set_focus(self.rows)

    def on_resize(self, event: Resize) -> None:
        self._show_head()

    def scopes(self) -> tuple[str, ...]:
        """The scopes whose keys are in reach, nearest first."""
        return ("explain", "app")

    def store_changed(self) -> None:
        """The store has changed: show the numbers as they are now."""
        self._session.look("explain anew", self._question, self._anew)

    def _anew(self, told: list[Explanation]) -> None:
        if not self.is_attached:
            return
        if not told:
            say(self.app, GONE)
            close(self)
            return
        labels, label = [number.label for number in told], self.told.label
        same = label in labels or len(told) == len(self._told)
        self._at = labels.index(label) if label in labels else min(self._at, len(told) - 1)
        self._told = told
        if same:
            self.rows.show_anew(self.told)
        else:
            self.rows.show(self.told)
        self._show_head()

    def _show(self) -> None:
        self.rows.show(self.told)
        self._show_head()

    def _show_head(self) -> None:
        told, width = self.told, max(20, self.app.size.width)
        lines: list[Line] = [((fit(f" Why {told.count:,}? {safe(told.label)}", width), "strong"),)]
        if len(self._told) > 1:
            lines.append(self._tabs(width))
        if told.query is not None:
            lines += [
                ((f" {piece}", "accent"),) for piece in wrap(f"/ {safe(told.query) or '(everything)'}", width - 2)
            ]
        split = ""
        if told.certain is not None and told.certain != told.count:
            split = f"{told.certain:,} certain, {told.count - told.certain:,} possible (~); "
        lines += [((f" {piece}", "dim"),) for piece in wrap(safe(split + told.how), width - 2)]
        most = max(2, self.app.size.height // 2)
        self._head.styles.height = min(len(lines), most)
        self._head.show(lines[:most])

    def _tabs(self, width: int) -> Line:
        """All numbers in a line, the one shown marked; those that do not fit are only counted."""
        runs: list[tuple[str, str]] = []
        used = 0
        for at, told in enumerate(self._told):
            text = f" {'▸' if at == self._at else ' '}{told.count:,} {safe(told.label)}"
            if used + cell_len(text) > width - 6:
                runs.append((fit(f" +{len(self._told) - at}", max(1, width - used)), "dim"))
                break
            used += cell_len(text)
            runs.append((text, "mark" if at == self._at else "dim"))
        return tuple(runs)

    # -- keys ---------------------------------------------------------------------------------------------------

    @property
    def list_view(self) -> CountedRows:
        return self.rows

    def action_next_number(self) -> None:
        self._at = (self._at + 1) % len(self._told)
        self._show()

    def action_previous_number(self) -> None:
        self._at = (self._at - 1) % len(self._told)
        self._show()

    def _query(self) -> str | None:
        """The query that the key takes: that of the number, or of the thing under the cursor."""
        told = self.told
        if told.query is not None or not told.items:
            return told.query
        return told.items[self.rows.cursor].query

    def action_take(self) -> None:
        query = self._query()
        if query is None:
            say(self.app, "No query finds this: the rows here are the whole of it.")
        else:
            match = self.rows.match
            self.dismiss(Taken(query, match.id if match else None))

    def action_copy(self) -> None:
        query = self._query()
        if query is None:
            say(self.app, "No query finds this: the rows here are the whole of it.")
        else:
            offer(self.app, "query", query)

    def action_close(self) -> None:
        self.dismiss(None)
