"""The main screen: facets, timeline, details and the query line; the query text is the one truth between them."""

from __future__ import annotations

from textual import on
from textual.app import ComposeResult
from textual.containers import Container, Horizontal, Vertical
from textual.content import Content
from textual.events import Resize
from textual.widgets import Input

from db import query_edit
from db.engine import Answer
from db.plural import counted, plural
from tui import commands
from tui.highlight import Marker
from tui.history import History
from tui.messages import Answered, Changed, Failed, Found, MoreCounts, Opened, Reading, Ready, Slow
from tui.safe_text import safe
from tui.screens.main_base import MEDIUM, WIDE
from tui.screens.main_claims import ClaimKeys
from tui.screens.main_explain import ExplainKeys
from tui.screens.main_filter import FilterKeys
from tui.screens.main_incident import IncidentKeys
from tui.screens.main_ledger import LedgerKeys
from tui.screens.main_live import LiveKeys
from tui.screens.main_move import MoveKeys
from tui.screens.main_output import OutputKeys
from tui.screens.main_panes import PaneKeys
from tui.screens.main_sources import SourceKeys
from tui.screens.main_what_if import WhatIfKeys
from tui.screens.main_work import WorkKeys
from tui.widgets.density import Density
from tui.widgets.detail import Detail
from tui.widgets.facet_search import FacetSearch
from tui.widgets.facets import PANEL, Facets
from tui.widgets.footer import Footer
from tui.widgets.header import Header
from tui.widgets.query_bar import QueryBar
from tui.widgets.timeline import Timeline


class MainScreen(
    WhatIfKeys,
    LedgerKeys,
    ExplainKeys,
    SourceKeys,
    PaneKeys,
    FilterKeys,
    MoveKeys,
    IncidentKeys,
    ClaimKeys,
    LiveKeys,
    WorkKeys,
    OutputKeys,
):
    """Wires the widgets: a message comes up, the query is edited, the session answers, the widgets show it."""

    BINDINGS = commands.bindings("main")
    HORIZONTAL_BREAKPOINTS = [  # noqa: RUF012
        (0, "-narrow"), (MEDIUM, "-medium"), (WIDE, "-wide"), (170, "-huge"),
    ]  # fmt: skip
    VERTICAL_BREAKPOINTS = [(0, "-low"), (20, "-high")]  # noqa: RUF012

    def compose(self) -> ComposeResult:
        yield Header(self.session.path.name, id="header")
        yield Density(id="density")
        with Horizontal(id="panes"):
            with Vertical(id="facets-pane", classes="pane") as facets_pane:
                facets_pane.border_title = Content("Facets")
                panel = Facets(id="facets")
                yield FacetSearch(panel, id="facet-search")
                yield panel
            with Container(id="reading"):
                with Vertical(id="timeline-pane", classes="pane") as timeline_pane:
                    timeline_pane.border_title = Content("Timeline")
                    yield Timeline(self.session.rows, lambda: self.session.unread, id="timeline")
                with Vertical(id="detail-pane", classes="pane") as detail_pane:
                    detail_pane.border_title = Content("Incident")
                    yield Detail(id="detail")
        yield QueryBar(History(), self.accept_query, self.leave_query, id="query-bar")
        yield Footer(id="footer")

    def on_mount(self) -> None:
        self.timeline = self.query_one(Timeline)
        self.detail = self.query_one(Detail)
        self.facets = self.query_one(Facets)
        search = self.query_one(FacetSearch)
        self.facets.find, self.facets.found = search.begin, search.end
        self.density = self.query_one(Density)
        self.bar = self.query_one(QueryBar)
        self.header = self.query_one(Header)
        self.footer = self.query_one(Footer)
        self.set_focus(self.timeline)
        self.watch(self, "focused", self._focus_moved)
        self.lay_out()

    def on_resize(self, event: Resize) -> None:
        self.lay_out()

    def _focus_moved(self) -> None:
        if self._half is not None and self.focused not in (None, self.bar.input):
            self.take_typed()  # left with the mouse, and not by its own keys
        self.footer.show(self.scopes(), self._keymap)

    def scopes(self) -> tuple[str, ...]:
        """The scopes whose keys are in reach, nearest first."""
        focused = self.focused
        if isinstance(focused, FacetSearch):
            return ("find",)
        if isinstance(focused, Input):
            return ("query",)
        panes: dict[type, str] = {Timeline: "timeline", Density: "density", Facets: "facets", Detail: "detail"}
        own = panes.get(type(focused))
        return (own, "main", "app") if own else ("main", "app")

    @on(Ready)
    def _ready(self, event: Ready) -> None:
        self._facts = event
        self.density.over(event.span, event.gaps)
        if self._first_text:
            self.bar.set_text(self._first_text)
            if not self._take(self._first_text):
                self.ask()
        else:
            self.ask()

    @on(Answered)
    def _answered(self, event: Answered) -> None:
        if event.generation != self._generation:
            return
        if self._half is not None and not event.answer.totals.rows and not self.bar.text.endswith(" "):
            # Half a word may match nothing yet: what was there stays until the word is done.
            self.bar.show_hint(f"Nothing matches so far{self.clause('; {query.accept} takes it as it is')}.")
            return
        self.bar.show_hint("")
        before, self._answer = self._answer, event.answer
        marker = Marker(event.answer.query.words)
        self.timeline.mark(marker)
        self.detail.mark(marker)
        # Whoever has moved since the question was asked stays where they have gone.
        here = self._anchor
        rank = event.rank if here is None or here == self._asked_at else event.answer.near(here)
        was = self.timeline.match
        wanted = self._want is not None and event.answer.rank(self._want) is not None
        if before is not None and was is not None and not wanted and before.query.text == event.answer.query.text:
            rank = _beside(was.id, before, self.timeline.cursor, event.answer, rank)
        # The rows may be there already, and only the counts have been waited for.
        if event.generation != self._rows_of or not event.complete:
            self.timeline.show(event.answer, rank, self._empty_words(event.answer))
        self._rows_of = event.generation
        if self._lands and self._half is None:
            # Typed at leisure, its letters have moved the cursor before Enter: taken back, it stays there either way.
            self._lands = False
            if self._anchor is not None:
                self._steps.landed(self._anchor)
        if event.complete:
            chosen = {name: query_edit.selected(self._query, name) for name in PANEL}
            self.facets.show(event.answer.facets, {k: (frozenset(a), frozenset(b)) for k, (a, b) in chosen.items()})
            if event.answer.histogram is not None and self._axis is not None:
                self.density.show(event.answer.histogram, self._axis)
        self._rows_came.set()
        self._look()
        self.show_header()
        self.count_without()
        self._hint(event.unknown)
        self.paint_now()
        if event.complete:
            self.session.painted()
        self.begin()

    @on(MoreCounts)
    def _more_counted(self, event: MoreCounts) -> None:
        if event.generation == self._generation:
            self.facets.show_more(event.counts)
            self.paint_now()

    def _empty_words(self, answer: Answer) -> tuple[str, ...]:
        if answer.complete and answer.totals.of == 0 and not self._query.text.strip():
            return ("This store has no incidents yet.", "dateline seed FILE.sql loads some; docs/seeding.md shows how.")
        clauses = (
            "{main.undo-filter} takes back the last filter",
            "{main.search} changes the query",
            "{main.suspend} suspends all filters",
        )
        keys = commands.hint(self._keymap, *clauses, between=", ")
        return ("Nothing matches.", f"{keys}.") if keys else ("Nothing matches.",)

    def _hint(self, unknown: list[tuple[str, str, str | None]]) -> None:
        """Where a filter finds nothing because its value exists nowhere, name the nearest that does."""
        for facet, value, close in unknown[:1]:
            hint = f"; did you mean “{close}”?" if close else ""
            self.bar.show_hint(f"no {facet} is called “{value}”{hint}")

    def show_header(self) -> None:
        if self._answer is None or self._facts is None:
            return
        totals, facts = self._answer.totals, self._facts.facts
        if not self._answer.complete:
            self.header.show([counted(totals.rows, "row")], [self._news or "reading"])
            return
        possible = f" + {totals.possible:,} possible" if totals.possible else ""
        of = f" of {totals.of:,}" if totals.certain + totals.possible != totals.of or totals.possible else ""
        long = (
            f"{totals.certain:,} certain{possible}{of}"
            if possible
            else f"{totals.certain:,}{of} {plural(totals.of, 'incident')}"
        )
        other = totals.rows - totals.certain - totals.possible
        longer = f"{long} + {other:,} context" if other else long
        short = f"{totals.certain:,}{f'+{totals.possible:,}?' if totals.possible else ''}{of}"
        docs = f"{longer} · {counted(facts.documents, 'document')}"
        if left_out := self.header_words():
            self.header.show(left_out, [])
            return
        self.header.show([docs, longer, long, short], self.live_states(facts))

    @on(Reading)
    def _reading(self, event: Reading) -> None:
        self._news = "" if event.done >= 1 else f"reading {event.done:.0%}"
        self.show_header()

    @on(Found)
    def _found(self, event: Found) -> None:
        event.tell(event.answer)

    @on(Opened)
    def _opened(self, event: Opened) -> None:
        match = self.timeline.match
        if match is not None and match.id == event.incident_id:
            self.detail.show(event.incident)
            self._detailed = event.incident_id
            self._details_came.set()

    @on(Changed)
    def _changed(self, event: Changed) -> None:
        self.session.forget_rows()
        if self._facts is not None:
            self._facts.facts = event.facts
        self.density.over(event.span, event.gaps)
        if not event.same:
            self._leave_store()
        self.take_news(event)
        self.timeline.reread()
        self.tell_screens()
        self.work_out_without()
        self.ask()
        if (match := self.timeline.match) is not None:
            self.session.open(match.id)

    def _leave_store(self) -> None:
        """Another store stands in the old one's place: what was chosen, opened or typed of that one goes."""

        drafts = self.leave_drafts()
        self._detailed = None  # its numbers are those of other incidents there
        dropped = []
        if self.app.screen is not self:
            from tui.screens.closing import uncover

            dropped.append("what was open over the timeline")
            uncover(self.app, self)
        self.session.leave_store()
        if self.end_what_if():
            dropped.append("the what-if")
        if drafts:
            dropped.append(f"{counted(drafts, 'unfinished note')} (printed at the end)")
        if dropped:
            self.say(f"Another store stands there now. Dropped with the old one: {', '.join(dropped)}.", "warning")

    @on(Slow)
    def _slow(self, event: Slow) -> None:
        self.say(event.text)

    @on(Failed)
    def _failed(self, event: Failed) -> None:
        if event.fatal:
            self.app.exit(return_code=3, message=safe(event.text))
        else:
            self._rows_came.set()
            self.say(event.text, severity="error")
            self.show_header()
            self.begin()

    @on(Timeline.Moved)
    def _moved(self, event: Timeline.Moved) -> None:
        self.leave_row(event.match)
        if event.match is None:
            self._detailed = None
            self.detail.show(None)
        else:
            self._want = event.match.id
            self.session.open(event.match.id)
        self._look()

    @on(Timeline.Scrolled)
    def _look(self) -> None:
        """Tell the density strip which days are in sight."""
        if self._answer is None:
            return
        ranks = self.timeline.in_sight()
        days = [day for rank in (ranks.start, ranks.stop - 1) if (day := self._answer.day(rank)) is not None]
        self.density.look(days[0] if days else None, days[-1] if days else None, self._answer.day(self.timeline.cursor))

    @on(Density.Went)
    def _density_went(self, event: Density.Went) -> None:
        if self._answer is not None:
            self.timeline.go_to(self._answer.at(event.day))

    def action_density(self) -> None:
        """To the strip, or from it back to the timeline; where there is little room it comes and goes."""
        if self.focused is self.density:
            self.focus_timeline()
        else:
            self._open_density()
            self._look()  # a move right before is told by a message that is still on its way
            self.set_focus(self.density)

    def _open_density(self) -> None:
        if not self.density.display:
            self._density_open = True
            self.lay_out()

    def action_zoom_in(self) -> None:
        self._open_density()
        self.density.zoom(0.5)

    def action_zoom_out(self) -> None:
        self._open_density()
        self.density.zoom(2)

    @on(Timeline.Chosen)
    def _chosen(self) -> None:
        self._detail_open = True
        self.lay_out()
        self.set_focus(self.detail)

    def action_back(self) -> None:
        """Esc: out of a pane first, then close what covers the timeline, then take back the last filter."""
        if self.focused is not self.timeline:
            self.focus_timeline()
            return
        if self.end_what_if():
            return
        narrow_detail = self._detail_open and self.app.size.width < MEDIUM
        narrow_facets = self._facets_open and self.app.size.width < WIDE
        if narrow_detail or narrow_facets:
            self._detail_open = None if narrow_detail else self._detail_open
            self._facets_open = None if narrow_facets else self._facets_open
            self.lay_out()
        elif self._query.text.strip():
            self.action_undo_filter()

    def action_compact(self) -> None:
        self.timeline.toggle_compact()


BESIDE = 100
"""Rows on each side of one that is gone, among which the cursor looks for one that is there still."""


def _beside(incident_id: int, before: Answer, cursor: int, now: Answer, otherwise: int) -> int:
    """Where the cursor goes when the row that it was on is gone: to the next that is there still, or the one before."""
    if now.rank(incident_id) is not None:
        return otherwise
    behind = before.window(cursor + 1, BESIDE)
    ahead = before.window(max(0, cursor - BESIDE), min(cursor, BESIDE))
    ranks = (now.rank(match.id) for match in [*behind, *reversed(ahead)])
    return next((rank for rank in ranks if rank is not None), otherwise)
