"""The timeline: one or two lines an incident, with a date gutter that names year, month and day once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from rich.cells import cell_len
from textual import events
from textual.message import Message

from db.engine import Answer, Match
from db.model import Row
from tui import commands, event_types
from tui.highlight import Marker
from tui.news import Marks
from tui.row_words import DAY, GUTTER, MONTH, YEAR, Cells, about, date_cells
from tui.safe_text import fit, pad, safe, wrap
from tui.widgets.line_view import Line, LineView, Run

TWO_LINES_FROM = 14
"""Height of the widget from which an incident gets two lines."""


@dataclass(frozen=True, slots=True)
class Remark:
    """What a what-if says of a row: in a word for one line, in full for two, and the style of both."""

    short: str
    long: str
    style: str
    struck: bool
    """Whether the title is struck out."""


AGAIN_S = 0.3
"""How long after rows could not be read they are asked for again, seconds."""


class Timeline(LineView):
    """Shows an `Answer`; only the rows in sight and a screen around them are ever read."""

    BINDINGS = commands.bindings("timeline")
    DEFAULT_CSS = "Timeline { min-width: 20; }"
    ALLOW_SELECT: ClassVar[bool] = True

    @dataclass
    class Moved(Message):
        """The cursor stands on another incident, or on none."""

        match: Match | None

    @dataclass
    class Chosen(Message):
        """Enter or a double click on an incident."""

        match: Match

    @dataclass
    class Scrolled(Message):
        """Other rows are in sight."""

        def can_replace(self, message: Message) -> bool:
            return isinstance(message, Timeline.Scrolled)

    def __init__(
        self, fetch: Callable[[Sequence[Match]], list[Row | None]], unread: Callable[[], bool], *, id: str
    ) -> None:
        super().__init__(id=id)
        self._fetch = fetch
        self._unread = unread
        self._waits = False
        """Whether the rows at hand could not all be read, and are asked for again."""
        self._answer: Answer | None = None
        self._cursor = 0
        self._lines_each = 0
        self._compact: bool | None = None
        self._first = 0
        """Rank of the first loaded row."""
        self._matches: list[Match] = []
        self._loaded: list[Row | None] = []
        self._empty: tuple[str, ...] = ("Reading the store …",)
        self._marker = Marker()
        self.marks: Marks | None = None
        """What others have written, to be marked in the gutter."""
        self._remark: Callable[[int], Remark | None] | None = None

    # -- what it shows ------------------------------------------------------------------------------------------

    @property
    def rows(self) -> int:
        """Number of rows of the answer."""
        return self._answer.totals.rows if self._answer else 0

    @property
    def cursor(self) -> int:
        """Rank of the incident under the cursor."""
        return self._cursor

    @property
    def match(self) -> Match | None:
        """The incident under the cursor."""
        found = self._answer.window(self._cursor, 1) if self._answer else []
        return found[0] if found else None

    @property
    def row(self) -> Row | None:
        """The row under the cursor."""
        match = self.match
        return self._fetch([match])[0] if match else None

    def in_sight(self) -> range:
        """The ranks of the rows on the screen."""
        first = round(self.scroll_y) // self._each
        return range(first, max(first, min(self.rows, first + self.size.height // self._each)))

    @property
    def cursor_in_sight(self) -> bool:
        """Whether the row under the cursor is shown, or its first line where there is room for no more."""
        top = round(self.scroll_y)
        return self._cursor * self._each in range(top, top + self.size.height)

    def show(self, answer: Answer, rank: int, empty: tuple[str, ...]) -> None:
        """Show an answer with the cursor on `rank`, at its height of the screen; without rows, `empty`."""
        height = self._cursor * self._each - round(self.scroll_y)
        before = self.match
        self._answer = answer
        self._empty = empty
        self._cursor = max(0, min(rank, self.rows - 1))
        self._matches = []
        self.recount()
        self.scroll_to(y=max(0, self._cursor * self._each - max(0, height)), animate=False)
        self.show_lines(self._cursor * self._each, self._each)
        self._load()
        if self.match != before or before is None:
            self.post_message(self.Moved(self.match))

    def mark(self, marker: Marker) -> None:
        """Mark the words of the query in titles from now on."""
        if marker != self._marker:
            self._marker = marker
            self.refresh()

    def remark(self, remark: Callable[[int], Remark | None] | None) -> None:
        """Say beside each row from now on what `remark` gives for its incident; None says nothing any more."""
        self._remark = remark
        self.refresh()

    def reread(self) -> None:
        """Read the rows in sight again."""
        self._matches = []
        self._load()
        self.refresh()

    def go_to(self, rank: int) -> None:
        """Put the cursor on a rank, clamped to what there is."""
        rank = max(0, min(rank, self.rows - 1))
        if rank == self._cursor and self._matches:
            self.show_lines(rank * self._each, self._each)
            return
        before, top = self._cursor, round(self.scroll_y)
        self._cursor = rank
        self.show_lines(rank * self._each, self._each)
        self._load()
        if round(self.scroll_y) == top:
            for moved in (before, rank):
                self.refresh_lines(moved * self._each, self._each)
        else:
            self.refresh()
        self.post_message(self.Moved(self.match))

    @property
    def _each(self) -> int:
        compact = self._compact if self._compact is not None else self.size.height < TWO_LINES_FROM
        return 1 if compact else 2

    @property
    def compact(self) -> bool:
        """Whether an incident has one line."""
        return self._each == 1

    def toggle_compact(self) -> None:
        """Change between one and two lines an incident."""
        self._compact = self._each == 2
        self._relayout()

    def _relayout(self) -> None:
        if self._lines_each and self._lines_each != self._each:
            height = self._cursor * self._lines_each - round(self.scroll_y)
            self.recount()
            self.scroll_to(y=max(0, self._cursor * self._each - height), animate=False)
        self._lines_each = self._each
        self.recount()
        self.show_lines(self._cursor * self._each, self._each)
        self._load()

    # -- lines --------------------------------------------------------------------------------------------------

    @property
    def line_count(self) -> int:
        if not self.rows:
            return len(self._empty) + 1
        # Room for the scroll position to stand on whole incidents at the end too.
        return self.rows * self._each + self.size.height % self._each

    def show_lines(self, first: int, count: int = 1) -> None:
        each, height, top = self._each, self.size.height, round(self.scroll_y)
        if first < top:
            top = first
        elif first + count > top + height:
            top = -(-(first + count - height) // each) * each
        if top != round(self.scroll_y):
            self.scroll_to(y=top, animate=False)

    def cursor_lines(self) -> range:
        first = self._cursor * self._each
        return range(first, first + self._each) if self.rows else range(0)

    def line(self, y: int) -> Line:
        if not self.rows:
            return ((f"  {self._empty[y - 1]}" if 0 < y <= len(self._empty) else "", "title" if y == 1 else "dim"),)
        rank, part = divmod(y, self._each)
        if rank >= self.rows:
            return ()
        row, match = self._row_at(rank)
        if row is None or match is None:
            words = "(not read yet)" if self._waits else "(gone)"
            return ((" " * GUTTER, ""), (words if part == 0 else "", "dim"))
        if part == 1:
            return self._second(rank, row, match)
        return self._head(rank, row, match)

    def _head(self, rank: int, row: Row, match: Match) -> Line:
        bar: Run = ("▌" if rank == self._cursor else " ", "mark")
        year, month, day = self._gutter(rank, row)
        new = (self.marks.glyph(row.id) if self.marks is not None else "") or " "
        gutter: Line = (f"{pad(year, YEAR)}{pad(month, MONTH)}", "date"), (new, "mark"), (f"{day:>{DAY}} ", "date")
        sign = event_types.glyph(row.event_type, row.kind)
        badges = self._badges(row, match)
        room = self._room(badges)
        title = safe(row.title)
        said = self._remark(row.id) if self._remark else None
        first = pad(title if self._each == 1 or said else wrap(title, room)[0], room)
        style = "off" if said and said.struck else "dim" if row.kind != "incident" else "title"
        return (bar, *gutter, (f"{sign} ", "accent"), *self._marker.runs(first, style), *badges)

    def _room(self, badges: list[Run]) -> int:
        """Cells left for the title."""
        return max(4, self.text_width - GUTTER - 2 - sum(cell_len(text) for text, _ in badges))

    def _badges(self, row: Row, match: Match) -> list[Run]:
        badges: list[Run] = []
        if self._each == 1 and self._remark and (said := self._remark(row.id)):
            badges.append((f" {said.short}", said.style))
        if row.starred:
            badges.append((" ★", "warn"))
        if self._each == 1:
            if not match.certain:
                badges.append((" ?", "warn"))
            if row.disputed:
                badges.append((" ≠", "bad"))
            if row.same_as:
                badges.append((" ≈", "accent"))
        return badges

    def _second(self, rank: int, row: Row, match: Match) -> Line:
        width = self.text_width - GUTTER - 2
        tail: list[Run] = []
        if row.disputed:
            fields = ", ".join(safe(name) for name in row.disputed[:2]) + (" …" if len(row.disputed) > 2 else "")
            tail.append((f" ≠ {fields}", "bad"))
        if not match.certain:
            tail.append((" ? possible", "warn"))
        if row.same_as:
            tail.append((" ≈ same as", "accent"))
        mark: Run = ("▌" if rank == self._cursor else " ", "mark")
        indent: Run = (" " * (GUTTER + 1), "")
        if self._remark and (said := self._remark(row.id)):
            # What becomes of the row takes the place of what is known of it.
            return (mark, indent, (fit(safe(said.long), width), said.style))
        room = width - sum(cell_len(text) for text, _ in tail)
        style = "dim" if row.kind != "incident" else "title"
        rest = wrap(safe(row.title), self._room(self._badges(row, match)))[1:]
        if rest:
            # A title that needs two lines has them; what room is left says the place.
            over = fit(" ".join(rest), room)
            after = room - cell_len(over) - 3
            place = safe(row.place or row.country or "")
            where = f" · {fit(place, after)}" if place and after >= 6 else ""
            return (mark, indent, *self._marker.runs(over, style), (where, "dim"), *tail)
        return (mark, indent, (about(row, room), "dim"), *tail)

    def _gutter(self, rank: int, row: Row) -> Cells:
        """Year, month and day, each only where it differs from the row above or the row is the first in sight."""
        own = date_cells(row)
        above = self._row_at(rank - 1)[0] if rank else None
        if above is None or rank * self._each <= round(self.scroll_y):
            return own
        before = date_cells(above)
        if own[0] != before[0]:
            return own
        if own[1] != before[1]:
            return ("", own[1], own[2])
        return ("", "", own[2] if own[2] != before[2] else "")

    # -- rows ---------------------------------------------------------------------------------------------------

    def _row_at(self, rank: int) -> tuple[Row | None, Match | None]:
        at = rank - self._first
        if not 0 <= at < len(self._matches):
            self._load(rank)
            at = rank - self._first
        if not 0 <= at < len(self._matches):
            return None, None
        return self._loaded[at], self._matches[at]

    def _load(self, rank: int | None = None) -> None:
        """Have the rows in sight and a screen before and after them at hand."""
        if self._answer is None:
            return
        page = self.size.height // self._each + 2
        top = round(self.scroll_y) // self._each if rank is None else rank
        first, last = max(0, top - page), min(self.rows, top + 2 * page)
        in_sight = range(max(0, top - 1), min(self.rows, top + page))
        have = range(self._first, self._first + len(self._matches))
        if (
            self._matches
            and in_sight
            and in_sight[0] in have
            and in_sight[-1] in have
            and (rank is None or rank in have)
        ):
            return
        self._first = first
        self._matches = self._answer.window(first, last - first)
        self._loaded = self._fetch(self._matches)
        if self._unread() and not self._waits:
            self.set_timer(AGAIN_S, self._again)
        self._waits = self._unread()

    def _again(self) -> None:
        self._waits = False
        self.reread()

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        self._load()
        super().watch_scroll_y(old_value, new_value)
        self.post_message(self.Scrolled())

    # -- keys and mouse -----------------------------------------------------------------------------------------

    def action_down(self) -> None:
        self.go_to(self._cursor + 1)

    def action_up(self) -> None:
        self.go_to(self._cursor - 1)

    def action_page_down(self) -> None:
        self._by_lines(self.size.height)

    def action_page_up(self) -> None:
        self._by_lines(-self.size.height)

    def action_half_down(self) -> None:
        self._by_lines(self.size.height // 2)

    def action_half_up(self) -> None:
        self._by_lines(-(self.size.height // 2))

    def action_first(self) -> None:
        self.go_to(0)

    def action_last(self) -> None:
        self.go_to(self.rows - 1)

    def action_open(self) -> None:
        if (match := self.match) is not None:
            self.tell(self.Chosen(match))

    def _by_lines(self, lines: int) -> None:
        step = lines // self._each if lines > 0 else -(-lines // self._each)
        self.scroll_to(y=round(self.scroll_y) + step * self._each, animate=False)
        self.go_to(self._cursor + step)

    def on_click(self, event: events.Click) -> None:
        at = event.get_content_offset(self)
        if at is None or not self.rows or self.text_selection is not None:
            return
        rank = (round(self.scroll_y) + at.y) // self._each
        if rank < self.rows:
            self.go_to(rank)
            if event.chain == 2 and (match := self.match) is not None:
                self.tell(self.Chosen(match))

    def resized(self) -> None:
        self._relayout()

    def on_focus(self) -> None:
        self.refresh()

    def on_blur(self) -> None:
        self.refresh()
