"""The facet panel: values with live counts; a key filters by one, or leaves it out."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from rich.cells import cell_len
from textual import events
from textual.message import Message

from db.engine import Count, Counts, ListedCounts
from db.fields import FACETS, PERIOD_NAMES, PERIODS
from tui import commands
from tui.safe_text import fit, safe
from tui.widgets.line_view import Line, LineView

FEW = 5
"""Values of a facet shown until it is opened."""

MANY = 500
"""Values of an opened facet that are listed at most: the rest is found by its name."""

LABELS = {field.name: field.label for field in (*FACETS, *PERIODS)}
PANEL = (
    "type", "country", "place", "year", "month", "attacker", "target", "weapon", "system", "outcome", "speaker",
    "document", "disputed", "grade", "kind", "tag",
)  # fmt: skip
"""The facets of the panel, in its order."""

Chosen = Mapping[str, tuple[frozenset[str], frozenset[str]]]
"""For each facet the values (included, excluded) that the query names, as they stand there."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the panel: a facet's heading, one of its values, or how many more there are."""

    facet: str
    count: Count | None = None
    more: int = 0
    state: str = ""
    """"on" when filtered by, "out" when left out."""
    words: str = ""
    """Said in place of a value."""

    @property
    def still(self) -> bool:
        """Whether the cursor passes over it."""
        return self.count is None and not self.more


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
        self._counts: Mapping[str, Counts] = {}
        self._stale: set[str] = set()
        """Facets whose counts are those of the answer before."""
        self.whole = asyncio.Event()
        """Whether all facets have the counts of the present answer."""
        self._chosen: Chosen = {}
        self._open: set[str] = set()
        self._kept: dict[str, str] = {}
        """The value of a facet that was found by its name and stays in sight."""
        self._held: tuple[str, str] | None = None
        """Facet and value under the cursor while keys come here."""
        self._entries: list[Entry] = []
        self._cursor = 0
        self._narrowed: tuple[str, str] | None = None
        """The one facet whose values are shown, and what was typed of their names."""
        # Called at once, not posted: the next key must find the focus moved.
        self.find: Callable[[], None] = lambda: None
        self.found: Callable[[], None] = self.widen
        """Begin and end the typing of a name: the line for it is another widget."""

    def show(self, counts: Mapping[str, Counts], chosen: Chosen) -> None:
        """Show counts by facet, and for each facet the values (included, excluded) that the query names."""
        self._counts = {**self._counts, **counts}
        self._stale = set(self._counts) - set(counts)
        self._chosen = chosen
        self._arrange()
        self._tell_whole()

    def show_more(self, counts: Mapping[str, Counts]) -> None:
        """Show the counts of the facets that could wait."""
        self._counts = {**self._counts, **counts}
        self._stale -= set(counts)
        self._arrange()
        self._tell_whole()

    def _tell_whole(self) -> None:
        if self._stale or not all(name in self._counts for name in PANEL):
            self.whole.clear()
        else:
            self.whole.set()

    @property
    def in_sight(self) -> tuple[str, ...]:
        """The facets to count first: those on the screen and the one under the cursor, at the start some at the top."""
        top = round(self.scroll_y)
        seen = {entry.facet for entry in self._entries[top : top + self.size.height]}
        seen |= {self.current.facet} if self.current else set(PANEL[: 1 + self.size.height // FEW])
        return tuple(facet for facet in PANEL if facet in seen)

    @property
    def narrowed(self) -> str | None:
        """The label of the facet whose values are being looked for by name."""
        return LABELS[self._narrowed[0]] if self._narrowed else None

    def narrow(self, text: str) -> None:
        """Show only those values of the facet under the cursor that have the words typed; the first one is it now."""
        facet = self._narrowed[0] if self._narrowed else (self.current.facet if self.current else None)
        if facet is None or self._narrowed == (facet, text):
            return
        self._narrowed = (facet, text)
        self._entries = []
        self._arrange()
        self.show_lines(0)

    def widen(self) -> None:
        """Show all facets again, with the cursor on the value that was found."""
        at = self.current
        if self._narrowed is None:
            return
        facet, self._narrowed = self._narrowed[0], None
        if at is not None and at.count is not None:
            self._kept[facet] = at.count.value
        self._entries = [at or Entry(facet)]
        self._cursor = 0
        self._arrange()
        self._go(self._cursor, 1)

    def _arrange(self) -> None:
        at = self._entries[self._cursor] if self._cursor < len(self._entries) else None
        self._held = (
            (at.facet, at.count.value)
            if self.screen.focused is self and at is not None and at.count is not None
            else None
        )
        if self._narrowed is not None:
            self._entries = self._found(*self._narrowed)
        else:
            self._entries = [entry for facet in PANEL for entry in self._listed(facet)]
        self._cursor = self._find(at)
        self.recount()

    def _states(self, facet: str, counts: Counts) -> dict[str, tuple[Count, str]]:
        """What the query names of a facet, and what was found by its name: value → count, and on, out or nothing."""
        included, excluded = self._chosen.get(facet, (frozenset(), frozenset()))
        kept = [self._kept[facet]] if facet in self._kept else []
        states: dict[str, tuple[Count, str]] = {}
        under_cursor = [self._held[1]] if self._held is not None and self._held[0] == facet else []
        for values, state in ((kept, ""), (under_cursor, ""), (included, "on"), (excluded, "out")):
            for value in values:
                # A value that is filtered by stays in sight even when nothing else leaves it a count; so does the one
                # under the cursor, or the next key would be for another.
                stays = bool(state) or values is under_cursor
                count = counts.named(value) or (Count(value, 0, 0) if stays else None)
                if count is not None:
                    states[count.value] = count, state
        return states

    def _listed(self, facet: str) -> list[Entry]:
        """The lines of a facet: its first values, all that are named, and how many more there are."""
        counts = self._counts.get(facet) or ListedCounts(())
        states = self._states(facet, counts)
        if not counts and not states:
            return []
        first = self._first(facet, counts, MANY if facet in self._open else FEW)
        shown = {count.value for count in first}
        others = sorted(
            (count for count, _ in states.values() if count.value not in shown),
            key=lambda count: (-count.certain - count.possible, count.value),
        )
        values = [*first, *others]
        if facet in PERIOD_NAMES:
            places = {count.value: place for place, count in enumerate(counts)} if others else {}
            values.sort(key=lambda count: places.get(count.value, len(places)))
        entries = [Entry(facet), *(Entry(facet, c, state=states.get(c.value, (c, ""))[1]) for c in values)]
        more = len(counts) - sum(1 for count in values if count.certain or count.possible)
        return [*entries, Entry(facet, more=more)] if more else entries

    def _first(self, facet: str, counts: Counts, n: int) -> list[Count]:
        """At most `n` values, those with the most; years and months in the order of time."""
        if facet not in PERIOD_NAMES or len(counts) <= n:
            return list(counts[:n])
        most = sorted(range(len(counts)), key=lambda at: (-counts[at].certain - counts[at].possible, -at))[:n]
        return [counts[at] for at in sorted(most)]

    def _found(self, facet: str, text: str) -> list[Entry]:
        """The lines of the one facet whose values are being looked for."""
        counts = self._counts.get(facet) or ListedCounts(())
        states, found = self._states(facet, counts), counts.holding(text)
        entries = [Entry(facet), *(Entry(facet, c, state=states.get(c.value, (c, ""))[1]) for c in found[:MANY])]
        if not found:
            return [*entries, Entry(facet, words="nothing is called so")]
        # No line to step on: what is beyond has to be typed.
        return [*entries, Entry(facet, words=f"and {len(found) - MANY:,} more")] if len(found) > MANY else entries

    def _find(self, wanted: Entry | None) -> int:
        """Where the entry that the cursor was on stands now, or else the first value of its facet, or of them all."""
        if wanted is not None:
            if wanted.more:
                last = [at for at, entry in enumerate(self._entries) if entry.facet == wanted.facet and not entry.still]
                if last:
                    return last[-1]
            value = wanted.count.value if wanted.count else None
            counts = self._counts.get(wanted.facet)
            if value is not None and counts is not None and (now := counts.named(value)) is not None:
                value = now.value  # another spelling of it may have become the most frequent
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
        if entry.words:
            return ((f"   {entry.words}", "dim"),)
        if entry.more:
            return ((f"   + {entry.more:,} more", "dim"),)
        if entry.count is None:
            return ((f" {LABELS[entry.facet]}", "heading"),)
        count = entry.count
        box, style = {"on": ("■", "strong"), "out": ("−", "off")}.get(entry.state, ("□", ""))
        number = f"{count.certain:,}" + (f"+{count.possible:,}?" if count.possible else "")
        if entry.facet in self._stale:
            number = "…"
        room = self.text_width - 3 - len(number) - 2
        words = safe(count.value).replace("-", " ") if entry.facet == "type" else safe(count.value)
        name = fit(words, max(3, room))
        gap = " " * max(1, self.text_width - 3 - cell_len(name) - len(number) - 1)
        return ((f" {box} ", "accent"), (name, style), (gap, ""), (number, "dim" if not entry.state else style))

    def _go(self, at: int, step: int) -> None:
        """Put the cursor on the nearest line that is no heading, from `at` in the direction of `step`."""
        before, top = self._cursor, round(self.scroll_y)
        at = max(0, min(at, len(self._entries) - 1))
        while 0 <= at < len(self._entries) and self._entries[at].still:
            at += step
        if 0 <= at < len(self._entries):
            self._cursor = at
        heading = self._cursor - 1 if self._cursor and self._entries[self._cursor - 1].still else self._cursor
        self.show_lines(heading, self._cursor - heading + 1)
        if round(self.scroll_y) == top:
            for line in {before, self._cursor}:
                self.refresh_lines(line)
        else:
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
        headings = [at for at, entry in enumerate(self._entries) if entry.still and not entry.words]
        if not headings:
            return
        here = max((n for n, at in enumerate(headings) if at <= self._cursor), default=0)
        self._go(headings[(here + step) % len(headings)] + 1, 1)

    def action_find(self) -> None:
        """Go to the line in which a value's name is typed."""
        if self.current is not None:
            self.find()

    def action_widen(self) -> None:
        self.found()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Esc is this widget's own only while it shows one facet."""
        return self._narrowed is not None if action == "widen" else super().check_action(action, parameters)

    def action_toggle_value(self) -> None:
        entry = self.current
        if entry is None:
            return
        if entry.more:
            self.action_more()
        elif entry.count:
            self.tell(self.Toggled(entry.facet, entry.count.value))

    def action_exclude(self) -> None:
        entry = self.current
        if entry is not None and entry.count:
            self.tell(self.Excluded(entry.facet, entry.count.value))

    def action_more(self) -> None:
        """Open the facet under the cursor to all its values, or close it."""
        entry = self.current
        if entry is not None and self._narrowed is None:
            at = self._cursor
            self._open ^= {entry.facet}
            self._arrange()
            # From "+ 7 more" on to the first of the seven, which stands in its place.
            self._go(at if entry.more and entry.facet in self._open else self._cursor, 1)

    def on_click(self, event: events.Click) -> None:
        at = event.get_content_offset(self)
        if at is None or self.text_selection is not None:
            return
        y = round(self.scroll_y) + at.y
        if y < len(self._entries):
            entry = self._entries[y]
            if entry.words:
                return
            if entry.still:
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
