"""A document's page: its text broken into lines as time allows, the quotes of the store marked in it, and a gutter."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import ClassVar

from rich.cells import cell_len
from textual import events
from textual.message import Message
from textual.timer import Timer

from db.source_reader import FATE_WORDS, Mark, Page
from db.visible import visible
from tui.quote_cover import Cover
from tui.text_lines import TAB, TextLines
from tui.text_search import TextSearch
from tui.widgets.line_view import Line, LineView

GUTTER = 6
"""Cells before the text: a glyph, the number of the incident, a plus sign where several begin."""

SLICE_S = 0.005
"""Seconds of work on lines and hits between two looks for keys."""

PAUSE_S = 0.001
"""Seconds between two slices, in which keys are carried out."""

REST_S = 0.03
"""Seconds without slices after a key, in which what it did is painted: a key takes several turns of the event loop."""

_ODD = ("moved", "changed", "ambiguous", "gone", "cut")
"""Fates that the gutter shows by their glyph."""


class ReaderView(LineView):
    """Shows a page; `mark` is the quote gone to.

    Its keys are its screen's: a scroll view's own would come first, and move with an animation.
    """

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        f"line--{name}" for name in ("quoted", "quoted-deep", "quoted-here", "found", "found-here", "note")
    }

    @dataclass
    class Moved(Message):
        """What is in sight, the quote gone to or the hits have changed."""

        def can_replace(self, message: Message) -> bool:
            return isinstance(message, ReaderView.Moved)

    def __init__(self, page: Page, *, id: str) -> None:
        super().__init__(id=id)
        self.page = page
        self.at: int | None = None
        """Index of the quote gone to."""
        self.hit: int | None = None
        """Index of the hit gone to."""
        self.search: TextSearch | None = None
        self._search_from = 0
        self._laid = Cover(page.marks)
        self._begins = [mark.start for mark in page.marks]
        self.lines = TextLines(page.text, 1)
        self._goal: Callable[[], int] | None = None
        """The position to scroll to as soon as its line is made."""
        self._centred = False
        self._timer: Timer | None = None

    # -- lines, made as time allows -----------------------------------------------------------------------------

    @property
    def body_width(self) -> int:
        """Cells that the text has."""
        return max(2, self.text_width - GUTTER)

    def resized(self) -> None:
        if self.lines.width != self.body_width or self.lines.text is not self.page.text:
            top = self.position_in_sight()
            self.lines = TextLines(self.page.text, self.body_width)
            if self._goal is None:
                self._seek(lambda: top, centred=False)
        self._work()
        self.recount()

    def show(self, page: Page) -> None:
        """Show the page of the same document read anew, keeping the place and the quote gone to."""
        here, words = self.mark, self.search.words if self.search else ""
        changed = page.text != self.page.text
        if not changed:
            page = Page(page.source, self.page.text, page.marks, page.notes, page.parts)
        self.page = page
        self._laid = Cover(page.marks)
        self._begins = [mark.start for mark in page.marks]
        same = [i for i, mark in enumerate(page.marks) if here is not None and mark.quote_id == here.quote_id]
        self.at = same[0] if same else None
        if changed:
            self.find(words)
        self.resized()
        self.post_message(self.Moved())

    def open(self, page: Page, quote_id: int | None = None) -> None:
        """Show the page of another document, from its top or at a quote."""
        self.find("")
        self.page = page
        self._laid = Cover(page.marks)
        self._begins = [mark.start for mark in page.marks]
        self.at = None
        self.lines = TextLines(page.text, self.body_width)
        self._seek(lambda: 0, centred=False)
        if quote_id is not None:
            self.go_to_quote(quote_id)
        self.resized()
        self.post_message(self.Moved())

    def _work(self) -> None:
        """Make lines and find hits for one slice of time, and come back while there is more to do."""
        if self._timer is not None:
            self._timer.stop()
            self._timer = None
        lines, search = self.lines, self.search
        count = lines.count
        if not lines.done:
            lines.extend(SLICE_S)
        elif search is not None and not search.done:
            search.extend(SLICE_S)
            self._first_hit()
            self.refresh()
            self.post_message(self.Moved())
        if lines.done or count <= self._bottom() or lines.count > 2 * self._counted:
            # A scrollbar that moves with each slice would cost a paint each.
            self._counted = lines.count
            self.recount()
            self.post_message(self.Moved())
        self._reach()
        if self.is_attached and (not lines.done or (search is not None and not search.done)):
            self._timer = self.set_timer(PAUSE_S, self._work)

    _counted = 0

    def _wake(self) -> None:
        if self._timer is None:
            self._work()

    def _rest(self) -> None:
        """Put off the next slice until what a key did has been painted."""
        if self._timer is not None:
            self._timer.stop()
            self._timer = self.set_timer(REST_S, self._work)

    def _reach(self) -> None:
        """Scroll to the goal if its line is there."""
        if self._goal is None or not self.size.height:
            return
        line = self.lines.line_of(self._goal())
        if line is None or not (self.lines.done or self.lines.count > line + self.size.height):
            return
        self._goal = None
        self.recount()
        top = line - self.size.height // 3 if self._centred else line
        self.scroll_to(y=max(0, top), animate=False)
        self.post_message(self.Moved())

    def _seek(self, goal: Callable[[], int], *, centred: bool = True) -> None:
        self._goal, self._centred = goal, centred
        self._reach()

    @property
    def on_the_way(self) -> float | None:
        """How much of the text has its lines, 0 to 1, while the place to go to has none yet."""
        return None if self._goal is None else self.lines.starts[-1] / max(1, len(self.page.text))

    @property
    def line_count(self) -> int:
        return max(1, self.lines.count)

    def line(self, y: int) -> Line:
        if y >= self.lines.count:
            return ()
        start, end = self.lines.span(y)
        return (self._gutter(start, end), *self._runs(start, end))

    def _gutter(self, start: int, end: int) -> tuple[str, str]:
        """Glyph and number of the quotes that begin in a line, or a bar for those that go on."""
        marks = self.page.marks
        first, last = bisect_left(self._begins, start), bisect_left(self._begins, max(end, start + 1))
        here = self.mark
        if first == last:
            if here is not None and here.start < end and start < here.end:
                return "█".ljust(GUTTER), "mark"
            on = any(top is not None for _, _, top, _ in self._laid.stretches(start, end))
            return ("▌" if on else "").ljust(GUTTER), "accent"
        shown = self.at if self.at is not None and first <= self.at < last else first
        mark = marks[shown]
        glyph = FATE_WORDS[mark.fate][0] if mark.fate in _ODD else "▌"
        several = "+" if len({marks[i].incident_id for i in range(first, min(last, first + 50))}) > 1 else " "
        number = f"{mark.number}" if mark.number < 1000 else "…"
        if shown == self.at:
            glyph = glyph if mark.fate in _ODD else "▶"
        return f"{glyph}{number:>3}{several} ", "mark" if shown == self.at else "bad" if mark.fate in _ODD else "accent"

    def _runs(self, start: int, end: int) -> list[tuple[str, str]]:
        """The line's text in pieces: quotes, hits and notes each in their style."""
        here, search = self.mark, self.search
        cuts = {start, end}
        if here is not None:
            cuts.update(at for at in (here.start, here.end) if start < at < end)
        hits: list[tuple[int, int, int]] = []
        if search is not None:
            i = bisect_right(search.ends, start)
            while i < len(search.starts) and search.starts[i] < end:
                hits.append((max(start, search.starts[i]), min(end, search.ends[i]), i))
                i += 1
            cuts.update(at for hit in hits for at in hit[:2])
        runs: list[tuple[str, str]] = []
        for left, right, top, deep in self._laid.stretches(start, end):
            points = sorted({left, right} | {at for at in cuts if left < at < right})
            for a, b in pairwise(points):
                runs.append((self._shown(a, b), self._style_of(a, top, deep, here, hits)))
        return [run for run in runs if run[0]]

    def _shown(self, start: int, end: int) -> str:
        return visible(self.page.text[start:end]).replace("\n", " ").replace("\t", TAB)

    def _style_of(
        self, at: int, top: int | None, deep: int, here: Mark | None, hits: list[tuple[int, int, int]]
    ) -> str:
        for left, right, index in hits:
            if left <= at < right:
                return "found-here" if index == self.hit else "found"
        if here is not None and here.start <= at < here.end:
            return "quoted-here"
        if top is not None:
            return "quoted-deep" if deep > 1 else "quoted"
        return "note" if self.page.in_notes(at) else ""

    # -- where one is -------------------------------------------------------------------------------------------

    def _bottom(self) -> int:
        return round(self.scroll_y) + self.size.height

    def position_in_sight(self) -> int:
        """Where the first line in sight begins."""
        y = min(round(self.scroll_y), len(self.lines.starts) - 1)
        return self.lines.starts[y]

    @property
    def read(self) -> float:
        """How much of the page stands above the end of what is in sight, 0 to 1."""
        if not self.page.text:
            return 1.0
        return self.lines.starts[min(self._bottom(), len(self.lines.starts) - 1)] / len(self.page.text)

    @property
    def mark(self) -> Mark | None:
        """The quote gone to."""
        return None if self.at is None else self.page.marks[self.at]

    def _in_sight(self, start: int, end: int) -> bool:
        top, bottom = round(self.scroll_y), min(self._bottom(), len(self.lines.starts) - 1)
        top = min(top, len(self.lines.starts) - 1)
        return start < self.lines.starts[bottom] and end > self.lines.starts[top]

    # -- going somewhere ----------------------------------------------------------------------------------------

    def by(self, lines: int) -> None:
        """Scroll by lines."""
        self._goal = None
        self._rest()
        self.scroll_to(y=round(self.scroll_y) + lines, animate=False)

    def to_top(self) -> None:
        """To the first line."""
        self._goal = None
        self.scroll_to(y=0, animate=False)

    def to_end(self) -> None:
        """To the last line, as soon as it is made."""
        self._seek(lambda: len(self.page.text))

    def go_to_mark(self, index: int) -> None:
        """Go to a quote; where it goes from the store on the way there, to where it stood."""
        self.at = index
        start = self.page.marks[index].start
        self._show_place(lambda: start if self.mark is None else self.mark.start)

    def go_to_quote(self, quote_id: int) -> None:
        """Go to the quote with an id, if the page has it."""
        for index, mark in enumerate(self.page.marks):
            if mark.quote_id == quote_id:
                self.go_to_mark(index)

    def _show_place(self, place: Callable[[], int]) -> None:
        self._rest()
        line = self.lines.line_of(place())
        if line is None or not round(self.scroll_y) <= line < self._bottom() - 1:
            self._seek(place)
        self.refresh()
        self.post_message(self.Moved())

    def step_mark(self, step: int) -> bool:
        """Go to the next or previous quote, counted from what is in sight; False when there is none."""
        here = self.mark
        if here is not None and (self._goal is not None or self._in_sight(here.start, here.end)):
            to = (self.at or 0) + step
        elif step > 0:
            to = bisect_left(self._begins, self.position_in_sight())
        else:
            to = bisect_left(self._begins, self.position_in_sight()) - 1
        if not 0 <= to < len(self.page.marks):
            return False
        self.go_to_mark(to)
        return True

    # -- searching ----------------------------------------------------------------------------------------------

    def begin_search(self) -> None:
        """Note where a search begins: hits are gone to from here on."""
        self._search_from = self.position_in_sight()

    def find(self, words: str) -> None:
        """Mark other words from now on, and go to the first of them; nothing is marked where there are none."""
        self.search = TextSearch(self.page.text, words, self.page.in_notes) if words.strip() else None
        self.hit = None
        if self.search is not None:
            self.search.extend(SLICE_S / 2)
            self._first_hit()
        self._wake()
        self.refresh()
        self.post_message(self.Moved())

    def _first_hit(self) -> None:
        search = self.search
        if search is None or self.hit is not None or not search.starts:
            return
        at = bisect_left(search.starts, self._search_from)
        if at < len(search.starts):
            self._go_to_hit(at)
        elif search.done:
            self._go_to_hit(0)

    def _go_to_hit(self, index: int) -> None:
        search = self.search
        assert search is not None
        self.hit = index
        self._show_place(lambda: search.starts[index])

    def step_hit(self, step: int) -> bool:
        """Go to the next or previous hit; False when there is none."""
        if self.search is None:
            return False
        to = 0 if self.hit is None else self.hit + step
        if not 0 <= to < len(self.search.starts):
            return False
        self._go_to_hit(to)
        return True

    # -- mouse and events ---------------------------------------------------------------------------------------

    def on_click(self, event: events.Click) -> None:
        offset = event.get_content_offset(self)
        if offset is None:
            return
        y = round(self.scroll_y) + offset.y
        if y >= self.lines.count:
            return
        start, end = self.lines.span(y)
        at = start
        cells = GUTTER
        while at < end and cells + cell_len(self._shown(at, at + 1)) <= offset.x:
            cells += cell_len(self._shown(at, at + 1))
            at += 1
        top = self._laid.at(at) if at < end else None
        if top is not None:
            self.go_to_mark(top)

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        super().watch_scroll_y(old_value, new_value)
        self.post_message(self.Moved())
