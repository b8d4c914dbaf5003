"""The main screen: facets, timeline, details and the query line; the query text is the one truth between them."""

from __future__ import annotations

from textual import on
from textual.app import ComposeResult
from textual.containers import Container, Horizontal, Vertical
from textual.content import Content
from textual.events import Resize
from textual.screen import Screen
from textual.widgets import Input

from db import cite, dates, query_edit
from db.engine import Answer, Wants
from db.engine.answer import Flag
from db.fields import FACET_NAMES
from db.query import Query, QueryError, parse
from tui import commands
from tui.screens.chooser import Choice, Chooser, choices
from tui.screens.confirm import Confirm
from tui.screens.go_to_date import GoToDate
from tui.screens.pick_one import PickOne
from tui.history import History
from tui.session import Answered, Changed, Failed, Opened, Ready, Session, Suggested
from tui.steps import Steps
from tui.widgets.detail import Detail
from tui.widgets.facets import PANEL, Facets
from tui.widgets.footer import Footer
from tui.widgets.header import Header
from tui.widgets.query_bar import QueryBar
from tui.widgets.timeline import Timeline

WIDE = 120
"""Columns from which facets, timeline and details stand side by side."""

MEDIUM = 100
"""Columns from which the details stand beside the timeline."""


class MainScreen(Screen[None]):
    """Wires the widgets: a message comes up, the query is edited, the session answers, the widgets show it."""

    BINDINGS = commands.bindings("main")
    HORIZONTAL_BREAKPOINTS = [  # noqa: RUF012
        (0, "-narrow"), (MEDIUM, "-medium"), (WIDE, "-wide"), (170, "-huge"),
    ]  # fmt: skip
    VERTICAL_BREAKPOINTS = [(0, "-low"), (20, "-high")]  # noqa: RUF012

    def __init__(self, session: Session, query: str, keymap: dict[str, str]) -> None:
        super().__init__()
        self.session = session
        self._first_text = query
        self._keymap = keymap
        self._query: Query = parse("")
        self._text = ""
        self._suspended: str | None = None
        self._steps = Steps()
        self._generation = 0
        self._half: Query | None = None
        """What is asked while the query is being typed."""
        self._answer: Answer | None = None
        self._want: int | None = None
        """The incident to keep the cursor on."""
        self._facts: Ready | None = None
        self._facets_open: bool | None = None
        self._detail_open: bool | None = None
        self._paused = False
        self._news = ""

    def compose(self) -> ComposeResult:
        yield Header(self.session.path.name, id="header")
        with Horizontal(id="panes"):
            with Vertical(id="facets-pane", classes="pane") as facets_pane:
                facets_pane.border_title = Content("Facets")
                yield Facets(id="facets")
            with Container(id="reading"):
                with Vertical(id="timeline-pane", classes="pane") as timeline_pane:
                    timeline_pane.border_title = Content("Timeline")
                    yield Timeline(self.session.rows, id="timeline")
                with Vertical(id="detail-pane", classes="pane") as detail_pane:
                    detail_pane.border_title = Content("Incident")
                    yield Detail(id="detail")
        yield QueryBar(History(), id="query-bar")
        yield Footer(id="footer")

    def on_mount(self) -> None:
        self.timeline = self.query_one(Timeline)
        self.detail = self.query_one(Detail)
        self.facets = self.query_one(Facets)
        self.bar = self.query_one(QueryBar)
        self.header = self.query_one(Header)
        self.footer = self.query_one(Footer)
        self.timeline.focus()
        self.watch(self, "focused", self._focus_moved, init=False)
        self._arrange()

    # -- layout -------------------------------------------------------------------------------------------------

    def on_resize(self, event: Resize) -> None:
        self._arrange()

    def _arrange(self) -> None:
        """Show or hide the side panes for the width there is, and for what the user asked."""
        width, height = self.app.size
        facets = self._facets_open if self._facets_open is not None else width >= WIDE
        detail = self._detail_open if self._detail_open is not None else width >= MEDIUM
        # Too small for two: the pane that was opened covers the timeline.
        small = width < 60 or height < 20
        covers = small and width < MEDIUM and (detail or (facets and width < 60))
        self.query_one("#facets-pane").display = facets and not (covers and detail)
        self.query_one("#detail-pane").display = detail
        self.query_one("#timeline-pane").display = not covers
        self.query_one("#reading").display = not (covers and not detail)
        self._keep_focus_in_sight()

    def _keep_focus_in_sight(self) -> None:
        focused = self.focused
        if focused is None or not all(node.display for node in focused.ancestors_with_self if hasattr(node, "display")):
            for widget in (self.timeline, self.detail, self.facets):
                if all(node.display for node in widget.ancestors_with_self if hasattr(node, "display")):
                    widget.focus()
                    return

    def _focus_moved(self) -> None:
        self.footer.show(self.scopes(), self._keymap)

    def scopes(self) -> tuple[str, ...]:
        """The scopes whose keys are in reach, nearest first."""
        focused = self.focused
        if isinstance(focused, Input):
            return ("query",)
        own = {Timeline: "timeline", Facets: "facets", Detail: "detail"}.get(type(focused))  # type: ignore[arg-type]
        return (own, "main", "app") if own else ("main", "app")

    # -- the query ----------------------------------------------------------------------------------------------

    def wants(self) -> Wants:
        """What is on the screen and so must be counted."""
        return Wants(facets=PANEL if self.query_one("#facets-pane").display else ())

    def ask(self, anchor: int | None = None) -> None:
        """Ask for the answer to the present query, keeping the cursor's incident."""
        self._want = anchor if anchor is not None else self._anchor or self._want
        self._generation = self.session.ask(self._query, self.wants(), self._want)

    def set_query(self, text: str) -> None:
        """Take over a new query text as one step that can be taken back."""
        self.bar.set_text(text)
        self._take(text)

    def _take(self, text: str, *, step: bool = True, anchor: int | None = None) -> bool:
        """Parse and ask; False, with the fault shown and the last good result kept, when it does not parse."""
        try:
            query = parse(text)
        except QueryError as error:
            self.bar.show_error(error)
            return False
        self.bar.show_error(None)
        if query.text.strip() == self._query.text.strip() and self._answer is not None:
            return True
        if step:
            self._steps.push(query.text, self._anchor)
            self.bar.used(query.text)
        self._query = query
        self._suspended = None
        self._show_state()
        self.ask(anchor)
        return True

    def _take_half(self, text: str) -> None:
        """Ask for what a half-typed text will probably become: its last word goes on, an open quote is closed."""
        query = query_edit.lenient(text)
        if query is None:
            self._take(text, step=False)
            return
        self.bar.show_error(None)
        self._half = query
        self._generation = self.session.ask(query, self.wants(), self._anchor or self._want)

    @property
    def _anchor(self) -> int | None:
        """The incident under the cursor."""
        match = self.timeline.match
        return match.id if match else None

    def _show_state(self) -> None:
        if self._suspended is not None:
            self.bar.show_state("filters suspended · \\ brings them back ")
        else:
            self.bar.show_state("⌫ take back " if self._query.text.strip() else "")

    @on(QueryBar.Typed)
    def _typed(self, event: QueryBar.Typed) -> None:
        self._take_half(event.text)

    @on(QueryBar.Suggest)
    def _suggest(self, event: QueryBar.Suggest) -> None:
        self.session.suggest(event.text, event.facet, parse(event.rest))

    @on(Suggested)
    def _suggested(self, event: Suggested) -> None:
        self.bar.suggested(event.text, event.counts)

    @on(QueryBar.Left)
    def _left_query(self) -> None:
        self._half = None
        self.focus_timeline()
        asked = self._generation
        if not self._take(self.bar.text):
            self.bar.set_text(self._query.text)
            self.bar.show_error(None)
        if self._generation == asked:
            self.ask()

    @on(Facets.Toggled)
    def _facet_toggled(self, event: Facets.Toggled) -> None:
        self.set_query(query_edit.toggle(self._query.text, event.facet, event.value))

    @on(Facets.Excluded)
    def _facet_excluded(self, event: Facets.Excluded) -> None:
        self.set_query(query_edit.exclude(self._query.text, event.facet, event.value))

    # -- from the session ---------------------------------------------------------------------------------------

    @on(Ready)
    def _ready(self, event: Ready) -> None:
        self._facts = event
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
            self.bar.show_hint("Nothing matches so far; Enter takes it as it is.")
            return
        self.bar.show_hint("")
        self._answer = event.answer
        self.timeline.show(event.answer, event.rank, self._empty_words(event.answer))
        if event.complete:
            chosen = {name: query_edit.selected(self._query, name) for name in FACET_NAMES}
            self.facets.show(event.answer.facets, {k: (frozenset(a), frozenset(b)) for k, (a, b) in chosen.items()})
        self._show_header()
        self._hint(event.unknown)

    def _empty_words(self, answer: Answer) -> tuple[str, ...]:
        if answer.totals.of == 0 and not self._query.text.strip():
            return ("This store has no incidents yet.", "dateline seed FILE.sql loads some; docs/seeding.md shows how.")
        return ("Nothing matches.", "⌫ takes back the last filter, / changes the query, \\ suspends all filters.")

    def _hint(self, unknown: list[tuple[str, str, str | None]]) -> None:
        """Where a filter finds nothing because its value exists nowhere, name the nearest that does."""
        for facet, value, close in unknown[:1]:
            hint = f"; did you mean “{close}”?" if close else ""
            self.bar.show_hint(f"no {facet} is called “{value}”{hint}")

    def _show_header(self) -> None:
        if self._answer is None or self._facts is None:
            return
        totals, facts = self._answer.totals, self._facts.facts
        possible = f" + {totals.possible:,} possible" if totals.possible else ""
        of = f" of {totals.of:,}" if totals.certain + totals.possible != totals.of or totals.possible else ""
        long = f"{totals.certain:,} certain{possible}{of}" if possible else f"{totals.certain:,}{of} incidents"
        other = totals.rows - totals.certain - totals.possible
        longer = f"{long} + {other:,} context" if other else long
        short = f"{totals.certain:,}{f'+{totals.possible:,}?' if totals.possible else ''}{of}"
        docs = f"{longer} · {facts.documents} document{'s' * (facts.documents != 1)}"
        state = "frozen copy" if facts.frozen else "paused" if self._paused else "live"
        states = [self._news] if self._news else []
        self.header.show([docs, longer, long, short], [*states, state if facts.writable else f"read-only · {state}"])

    @on(Opened)
    def _opened(self, event: Opened) -> None:
        match = self.timeline.match
        if match is not None and match.id == event.incident_id:
            self.detail.show(event.incident)

    @on(Changed)
    def _changed(self, event: Changed) -> None:
        self.session.forget_rows()
        before = self._answer.totals.of if self._answer else 0
        if self._facts is not None:
            self._facts.facts = event.facts
        self._news = "" if event.what else f"updated, {before:,} before"
        self.timeline.reread()
        self.ask()
        if (match := self.timeline.match) is not None:
            self.session.open(match.id)

    @on(Failed)
    def _failed(self, event: Failed) -> None:
        if event.fatal:
            self.app.exit(return_code=3, message=event.text)
        else:
            self.say(event.text, severity="error")

    # -- the cursor ---------------------------------------------------------------------------------------------

    @on(Timeline.Moved)
    def _moved(self, event: Timeline.Moved) -> None:
        if event.match is None:
            self.detail.show(None)
        else:
            self._want = event.match.id
            self.session.open(event.match.id)

    @on(Timeline.Chosen)
    def _chosen(self) -> None:
        self._detail_open = True
        self._arrange()
        self.detail.focus()

    def focus_timeline(self) -> None:
        """Back to the timeline; a pane that covers it closes."""
        if not self.query_one("#timeline-pane").display:
            self._detail_open = False if self.app.size.width < MEDIUM else None
            self._facets_open = False if self.app.size.width < WIDE else self._facets_open
            self._arrange()
        self.timeline.focus()

    def action_back(self) -> None:
        """Esc: out of a pane first, then close what covers the timeline, then take back the last filter."""
        if self.focused is not self.timeline:
            self.focus_timeline()
            return
        narrow_detail = self._detail_open and self.app.size.width < MEDIUM
        narrow_facets = self._facets_open and self.app.size.width < WIDE
        if narrow_detail or narrow_facets:
            self._detail_open = None if narrow_detail else self._detail_open
            self._facets_open = None if narrow_facets else self._facets_open
            self._arrange()
        elif self._query.text.strip():
            self.action_undo_filter()

    def action_undo_filter(self) -> None:
        """Take back the last step of the filter; without a step, the last term of the query."""
        if self._suspended is not None:
            self.action_suspend()
        elif not self._step_to(self._steps.at - 1) and self._query.text.strip():
            self.set_query(query_edit.peel(self._query.text))

    def action_redo_filter(self) -> None:
        if not self._step_to(self._steps.at + 1):
            self.say("No step to do again.")

    def action_steps(self) -> None:
        """Choose one of the filter's steps to go back to."""
        listed = self._steps.listed
        names = [step.text or "everything" for step in listed]
        self.app.push_screen(
            PickOne("Steps of the filter", names, self._steps.at),
            lambda at: self._step_to(at) if at is not None else None,
        )

    def _step_to(self, at: int) -> bool:
        step = self._steps.go(at, self._anchor)
        if step is None:
            return False
        self.bar.set_text(step.text)
        self._take(step.text, step=False, anchor=step.anchor)
        return True

    def action_suspend(self) -> None:
        """Show everything with the place kept, and come back."""
        if self._suspended is None:
            if not self._query.text.strip():
                self.say("No filter to suspend.")
                return
            self._suspended = self._query.text
            self._query = parse("")
        else:
            self._query = parse(self._suspended)
            self._suspended = None
        self._show_state()
        self.ask()

    def action_search(self) -> None:
        self.bar.input.focus()
        self.bar.input.cursor_position = len(self.bar.text)

    def action_facets(self) -> None:
        """Open the facets and go to them; from the facets, close them."""
        shown = self.query_one("#facets-pane").display
        if shown and self.focused is self.facets:
            self._facets_open = False
            self._arrange()
            self.focus_timeline()
        else:
            self._facets_open = True
            self._arrange()
            self.facets.focus()
            self.ask()

    def action_toggle_detail(self) -> None:
        self._detail_open = not self.query_one("#detail-pane").display
        self._arrange()

    def action_compact(self) -> None:
        self.timeline.toggle_compact()

    def action_next_pane(self) -> None:
        self._step_pane(1)

    def action_previous_pane(self) -> None:
        self._step_pane(-1)

    def _step_pane(self, step: int) -> None:
        if self.app.size.width < MEDIUM and not self._detail_open and not self._facets_open:
            self._detail_open = True
            self._arrange()
        panes = (self.facets, self.timeline, self.detail)
        shown = [p for p in panes if all(n.display for n in p.ancestors_with_self if hasattr(n, "display"))]
        at = shown.index(self.focused) if self.focused in shown else 0
        shown[(at + step) % len(shown)].focus()

    # -- moving in time -----------------------------------------------------------------------------------------

    def _day(self) -> dates.Day | None:
        return self._answer.day(self.timeline.cursor) if self._answer else None

    def action_day_forward(self) -> None:
        day = self._day()
        if self._answer is not None and day is not None:
            self._jump(self._answer.at(day + 1), "No later day.")

    def action_day_back(self) -> None:
        day = self._day()
        if self._answer is None:
            return
        first = self._answer.at(day) if day is not None else self.timeline.rows
        before = self._answer.day(first - 1) if first > 0 else None
        self._jump(self._answer.at(before) if before is not None else -1, "No earlier day.")

    def action_period_next(self) -> None:
        day = self._day()
        if self._answer is not None and day is not None:
            year, month, _ = dates.civil(day)
            following = (year + month // 12, month % 12 + 1)
            self._jump(self._answer.at(dates.day_number(*following, 1)), "No later month.")

    def action_period_previous(self) -> None:
        day = self._day()
        if self._answer is None:
            return
        first = self.timeline.rows
        if day is not None:
            year, month, _ = dates.civil(day)
            first = self._answer.at(dates.day_number(year, month, 1))
        before = self._answer.day(first - 1) if first > 0 else None
        if before is None:
            self.say("No earlier month.")
            return
        year, month, _ = dates.civil(before)
        self._jump(self._answer.at(dates.day_number(year, month, 1)), "No earlier month.")

    def _jump(self, rank: int, otherwise: str) -> None:
        if 0 <= rank < self.timeline.rows:
            self.timeline.go_to(rank)
        else:
            self.say(otherwise)

    def _seek(self, flag: Flag, step: int, otherwise: str) -> None:
        rank = self._answer.seek(self.timeline.cursor, flag, step) if self._answer else None
        if rank is None:
            self.say(otherwise)
        else:
            self.timeline.go_to(rank)

    def action_contested_next(self) -> None:
        self._seek("disputed", 1, "No contested incident after this one.")

    def action_contested_previous(self) -> None:
        self._seek("disputed", -1, "No contested incident before this one.")

    def action_star_next(self) -> None:
        self._seek("starred", 1, "No starred incident after this one; m stars one.")

    def action_star_previous(self) -> None:
        self._seek("starred", -1, "No starred incident before this one; m stars one.")

    def action_hit_next(self) -> None:
        self._jump(self.timeline.cursor + 1 if self._query.text.strip() else -1, self._no_hit())

    def action_hit_previous(self) -> None:
        self._jump(self.timeline.cursor - 1 if self._query.text.strip() else -1, self._no_hit())

    def _no_hit(self) -> str:
        return "No further match." if self._query.text.strip() else "No query yet; / types one."

    def action_go_to_date(self) -> None:
        def went(day: dates.Day | None) -> None:
            if day is not None and self._answer is not None:
                self.timeline.go_to(min(self._answer.at(day), self.timeline.rows - 1))

        self.app.push_screen(GoToDate(went), None)

    # -- what a key does with the incident ----------------------------------------------------------------------

    def action_star(self) -> None:
        row = self.timeline.row
        if row is not None:
            self.session.star(row.id, not row.starred)

    def action_quote_next(self) -> None:
        self.detail.step_quote(1)

    def action_quote_previous(self) -> None:
        self.detail.step_quote(-1)

    def action_copy_quote(self) -> None:
        if (quote := self.detail.quote) is None:
            self.say("No quote here to copy.")
        else:
            self._copy(quote.exact, "quote")

    def action_copy_citation(self) -> None:
        quote, source = self.detail.quote, self.detail.document
        if quote is None or source is None:
            self.say("No quote here to cite.")
        else:
            self._copy(cite.footnote(quote, source), "citation")

    def _copy(self, text: str, what: str) -> None:
        self.app.copy_to_clipboard(text)
        # OSC 52 gives no answer, so success cannot be claimed.
        self.say(
            f"Offered the {what} to the terminal's clipboard. If it takes none, `dateline show KEY` prints it.\n{text}"
        )

    def action_open_url(self) -> None:
        source = self.detail.document
        self._visit(source.url if source else None, "No address is known for this document.")

    def action_open_archive(self) -> None:
        source = self.detail.document
        self._visit(source.archive_url if source else None, "No archived copy is known for this document.")

    def _visit(self, url: str | None, otherwise: str) -> None:
        if url is None:
            self.say(otherwise)
        elif not url.lower().startswith(("http://", "https://")):
            self.say(f"Only http and https addresses are opened; this one is {url}", severity="warning")
        else:
            self.app.push_screen(Confirm("Open this address in the browser?", url), lambda yes: self._browse(url, yes))

    def _browse(self, url: str, yes: bool | None) -> None:
        if yes:
            self.app.open_url(url)

    def action_filter_value(self) -> None:
        incident = self.detail.incident
        if incident is not None:
            self.app.push_screen(Chooser(choices(incident)), self._choice_made)

    def action_exclude_value(self) -> None:
        incident = self.detail.incident
        if incident is not None:
            self.app.push_screen(Chooser(choices(incident), exclude=True), self._choice_made)

    def _choice_made(self, choice: Choice | None) -> None:
        if choice is not None:
            edit = query_edit.exclude if choice.exclude else query_edit.toggle
            self.set_query(edit(self._query.text, choice.facet, choice.value))

    def action_reload(self) -> None:
        self.session.refresh()
        self.say("Read the store anew.")

    def action_pause(self) -> None:
        self._paused = not self._paused
        self._show_header()

    def poll(self) -> None:
        """Look for what other programs wrote, unless paused."""
        if not self._paused:
            self.session.refresh()

    def say(self, text: str, severity: str = "information") -> None:
        """A short message that goes away by itself; data in it is never markup."""
        self.app.notify(text, severity=severity, markup=False)  # type: ignore[arg-type]
