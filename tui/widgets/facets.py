"""The facet panel: values with live counts; a key filters by one, or leaves it out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rich.cells import cell_len
from textual import events
from textual.message import Message

from db.engine import Count
from db.fields import FACETS, fold
from tui import commands
from tui.safe_text import fit, safe
from tui.widgets.line_view import Line, LineView

FEW = 5
"""Values of a facet shown until it is opened."""

LABELS = {field.name: field.label for field in FACETS}
PANEL = (
    "type", "country", "place", "attacker", "target", "weapon", "system", "outcome", "speaker", "document",
    "disputed", "grade", "kind", "tag",
)  # fmt: skip
"""The facets of the panel, in its order."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the panel: a facet's heading, one of its values, or how many more there are."""

    facet: str
    count: Count | None = None
    more: int = 0
    state: str = ""
    """"on" when filtered by, "out" when left out."""


class Facets(LineView):
    """Shows counts; the query text decides which values are on, so this widget keeps no filter of its own."""

    BINDINGS = commands.bindings("facets")

    @dataclass
    class Toggled(Message):
        """The user wants a value filtered by (or no longer)."""

        facet: str
        value: str

    @dataclass
    class Excluded(Message):
        """The user wants a value left out (or no longer)."""

        facet: str
        value: str

    def __init__(self, *, id: str) -> None:
        super().__init__(id=id)
        self._counts: Mapping[str, Sequence[Count]] = {}
        self._chosen: Mapping[str, tuple[frozenset[str], frozenset[str]]] = {}
        self._open: set[str] = set()
        self._entries: list[Entry] = []
        self._cursor = 0

    def show(
        self,
        counts: Mapping[str, Sequence[Count]],
        chosen: Mapping[str, tuple[frozenset[str], frozenset[str]]],
    ) -> None:
        """Show counts by facet, and for each facet the values (included, excluded) that the query names."""
        self._counts = counts
        self._chosen = chosen
        self._arrange()

    def _arrange(self) -> None:
        at = self._entries[self._cursor] if self._cursor < len(self._entries) else None
        entries: list[Entry] = []
        for facet in PANEL:
            counts = list(self._counts.get(facet, ()))
            included, excluded = self._chosen.get(facet, (frozenset(), frozenset()))
            known = {fold(count.value): count.value for count in counts}
            included = frozenset(known.get(fold(value), value) for value in included)
            excluded = frozenset(known.get(fold(value), value) for value in excluded)
            # A value that is filtered by stays in sight even when nothing else leaves it a count.
            counts += [Count(value, 0, 0) for value in sorted((included | excluded) - set(known.values()))]
            if not counts:
                continue
            named = included | excluded
            shown = counts if facet in self._open else [c for i, c in enumerate(counts) if i < FEW or c.value in named]
            entries.append(Entry(facet))
            entries += [
                Entry(facet, c, state="on" if c.value in included else "out" if c.value in excluded else "")
                for c in shown
            ]
            if len(shown) < len(counts):
                entries.append(Entry(facet, more=len(counts) - len(shown)))
        self._entries = entries
        self._cursor = self._find(at)
        self.recount()

    def _find(self, wanted: Entry | None) -> int:
        """Where the entry that the cursor was on stands now, or else the heading of its facet, or the first value."""
        if wanted is not None:
            value = wanted.count.value if wanted.count else None
            for at, entry in enumerate(self._entries):
                if entry.facet == wanted.facet and value is not None and entry.count and entry.count.value == value:
                    return at
            for at, entry in enumerate(self._entries):
                if entry.facet == wanted.facet and entry.count:
                    return at
        return min(1, max(0, len(self._entries) - 1))

    @property
    def current(self) -> Entry | None:
        """The entry under the cursor."""
        return self._entries[self._cursor] if self._entries else None

    @property
    def line_count(self) -> int:
        return len(self._entries) or 1

    def cursor_lines(self) -> range:
        return range(self._cursor, self._cursor + 1) if self._entries else range(0)

    def line(self, y: int) -> Line:
        if not self._entries:
            return ((" Nothing to count.", "dim"),)
        entry = self._entries[y]
        if entry.more:
            return ((f"   + {entry.more} more", "dim"),)
        if entry.count is None:
            return ((f" {LABELS[entry.facet]}", "heading"),)
        count = entry.count
        box, style = {"on": ("■", "strong"), "out": ("−", "off")}.get(entry.state, ("□", ""))
        number = f"{count.certain:,}" + (f"+{count.possible:,}?" if count.possible else "")
        room = self.text_width - 3 - len(number) - 2
        words = safe(count.value).replace("-", " ") if entry.facet == "type" else safe(count.value)
        name = fit(words, max(3, room))
        gap = " " * max(1, self.text_width - 3 - cell_len(name) - len(number) - 1)
        return ((f" {box} ", "accent"), (name, style), (gap, ""), (number, "dim" if not entry.state else style))

    def _go(self, at: int, step: int) -> None:
        """Put the cursor on the nearest line that is no heading, from `at` in the direction of `step`."""
        at = max(0, min(at, len(self._entries) - 1))
        while 0 <= at < len(self._entries) and self._entries[at].count is None and not self._entries[at].more:
            at += step
        if 0 <= at < len(self._entries):
            self._cursor = at
        heading = self._cursor - 1 if self._cursor and self._entries[self._cursor - 1].count is None else self._cursor
        self.show_lines(heading, self._cursor - heading + 1)
        self.refresh()

    def action_down(self) -> None:
        self._go(self._cursor + 1, 1)

    def action_up(self) -> None:
        self._go(self._cursor - 1, -1)

    def action_page_down(self) -> None:
        self._go(self._cursor + self.size.height - 1, -1)

    def action_page_up(self) -> None:
        self._go(self._cursor - self.size.height + 1, 1)

    def action_first(self) -> None:
        self._go(0, 1)

    def action_last(self) -> None:
        self._go(len(self._entries) - 1, -1)

    def action_next_facet(self) -> None:
        self._to_facet(1)

    def action_previous_facet(self) -> None:
        self._to_facet(-1)

    def _to_facet(self, step: int) -> None:
        headings = [at for at, entry in enumerate(self._entries) if entry.count is None and not entry.more]
        if not headings:
            return
        here = max((n for n, at in enumerate(headings) if at <= self._cursor), default=0)
        self._go(headings[(here + step) % len(headings)] + 1, 1)

    def action_toggle_value(self) -> None:
        entry = self.current
        if entry is None:
            return
        if entry.more:
            self.action_more()
        elif entry.count:
            self.post_message(self.Toggled(entry.facet, entry.count.value))

    def action_exclude(self) -> None:
        entry = self.current
        if entry is not None and entry.count:
            self.post_message(self.Excluded(entry.facet, entry.count.value))

    def action_more(self) -> None:
        """Open the facet under the cursor to all its values, or close it."""
        entry = self.current
        if entry is not None:
            self._open ^= {entry.facet}
            self._arrange()
            self._go(self._cursor, 1)

    def on_click(self, event: events.Click) -> None:
        at = event.get_content_offset(self)
        if at is None or self.text_selection is not None:
            return
        y = round(self.scroll_y) + at.y
        if y < len(self._entries):
            entry = self._entries[y]
            if entry.count is None and not entry.more:
                self._cursor = min(y + 1, len(self._entries) - 1)
                self.action_more()
                return
            self._cursor = y
            self.refresh()
            self.action_toggle_value()

    def on_focus(self) -> None:
        self.refresh()

    def on_blur(self) -> None:
        self.refresh()
