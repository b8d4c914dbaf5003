"""What the parts of the main screen share."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import wraps
from typing import TYPE_CHECKING, TypeVar, cast

from textual.timer import Timer
from textual.widgets import Input

from db.engine import Answer, Engine
from db.query import Query, parse
from db.store import Store
from tui import commands
from tui.axis import Axis
from tui.messages import Begun, Ready
from tui.painter import PaintedScreen
from tui.saying import say
from tui.session import Session
from tui.steps import Steps
from tui.widgets.density import Density
from tui.widgets.detail import Detail
from tui.widgets.facets import Facets
from tui.widgets.footer import Footer
from tui.widgets.header import Header
from tui.widgets.query_bar import QueryBar
from tui.widgets.timeline import Timeline

if TYPE_CHECKING:
    from textual.notifications import SeverityLevel

    from tui.key_taking import KeyTaking

WIDE = 120
"""Columns from which facets, timeline and details stand side by side."""

MEDIUM = 100
"""Columns from which the details stand beside the timeline."""

NARROW = 76
"""Columns below which the facets cover the timeline."""


LATE_S = 1.0
"""After so long it is said that what a key opens is still on its way, seconds."""

PATIENCE_S = 2.0
"""How long a key waits for the details of the incident under the cursor, or for the rows that it works on, seconds."""

_Keys = TypeVar("_Keys", bound="MainBase")
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Meant:
    """The incident of the row under the cursor when a key was pressed: `key` None where the row is not read yet."""

    id: int
    key: str | None

    def is_key(self, key: str | None) -> bool:
        """Whether what was read is that incident; None is none, and another may have the number of one that is gone."""
        return key is not None and self.key in (None, key)


def with_details(action: Callable[[_Keys], None]) -> Callable[[_Keys], Awaitable[None]]:
    """Let an action begin when the details are those of the incident under the cursor: a key can be quicker."""

    @wraps(action)
    async def begun(self: _Keys) -> None:
        if await self.details_read():
            action(self)

    return begun


class MainBase(PaintedScreen[None]):
    """State of the main screen; its keys are in the classes built on this one."""

    timeline: Timeline
    detail: Detail
    density: Density
    facets: Facets
    bar: QueryBar
    header: Header
    footer: Footer

    def __init__(self, session: Session, query: str, keymap: dict[str, str]) -> None:
        super().__init__()
        self.session = session
        self._first_text = query
        self._keymap = keymap
        self._query: Query = parse("")
        self._half: Query | None = None
        """What is asked while the query is being typed."""
        self._suspended: str | None = None
        self._steps = Steps()
        self._generation = 0
        self._rows_of = 0
        """The generation of the answer whose rows are shown."""
        self._answer: Answer | None = None
        self._axis: Axis | None = None
        """The axis that the present question counts for."""
        self._want: int | None = None
        """The incident to keep the cursor on."""
        self._lands = False
        """Whether a query that was typed is still to put the cursor on one of its hits."""
        self._asked_at: int | None = None
        """The incident that the cursor stood on when the present question was asked."""
        self._facts: Ready | None = None
        self._facets_open: bool | None = None
        self._detail_open: bool | None = None
        self._density_open = False
        """Whether the density strip was opened where there is no room for it."""
        self._paused = False
        self._begun = False
        self._detailed: int | None = None
        """The incident that the details are of, be it gone or not."""
        self._details_came = asyncio.Event()
        self._opens: object = None
        """What stands for the look of a key whose answer has not come yet; None where none is awaited."""
        self._leave: Callable[[], None] | None = None
        """How to leave the screen whose keys wait for it; None where it is what opens a screen."""
        self.given_up_by = "main.back"
        """The command whose keys end the wait."""
        self._told_late: Timer | None = None
        self._opens_late = False
        """Whether it was said that this takes long, and how to give it up."""
        self._rows_came = asyncio.Event()
        self._rows_came.set()
        self._laid_out = asyncio.Event()
        """Whether the panes have the sizes that were last asked for."""
        self._laid_out.set()
        self._news = ""

    def begin(self) -> None:
        """There is an answer, or a fault, on the screen: let the keys come."""
        if not self._begun:
            self._begun = True
            self.post_message(Begun())

    def look(self, kind: str, question: Callable[[Store, Engine], _T], tell: Callable[[_T], None]) -> None:
        """`Session.look` for what a key opens: the keys behind it wait for that, until the user gives it up."""
        release = self.hold_keys("The store is busy. What you type waits for what opens", "; {main.back} gives it up")

        def told(answer: _T) -> None:
            if release():
                tell(answer)  # may look on, and have keys wait for that

        self.session.look(kind, question, told, release)

    def hold_keys(
        self, late: str, ends: str, leave: Callable[[], None] | None = None, by: str = "main.back"
    ) -> Callable[[], bool]:
        """Have the keys wait for what is on its way; the returned function ends that, and says if it is still wanted.

        `late` is said after a while, with `ends` (for `commands.clause`); from then on the keys of the command `by` end
        the wait.  With `leave` there is a screen already, whose keys wait: one of these among them then leaves it.
        """
        asked = self._opens = object()
        self._opens_late = False
        self._leave, self.given_up_by = leave, by
        app = cast("KeyTaking", self.app)

        def is_late() -> None:
            if self._opens is asked:
                self._opens_late = True
                if not (leave is not None and app.give_up_if_asked()):
                    self.say(f"{late}{self.clause(ends)}.")
                    self._told_late = self.set_timer(app.NOTIFICATION_TIMEOUT, is_late)  # said until it is there

        def release() -> bool:
            if self._opens is not asked:
                return False
            self._close_wait()
            app.carry_on()
            return True

        self._close_told()
        self._told_late = self.set_timer(LATE_S, is_late)
        return release

    @property
    def opens(self) -> bool:
        """Whether what a key opens is on its way: letters typed behind it are meant for that, and not for this."""
        return self._opens is not None

    @property
    def fills(self) -> bool:
        """Whether that is for a screen that has opened already."""
        return self.opens and self._leave is not None

    @property
    def opens_late(self) -> bool:
        """Whether that takes so long that the user can give it up."""
        return self.opens and self._opens_late

    def give_up(self, words: str, *, leave: bool) -> None:
        """Wait no longer for what is on its way, and say so; `leave` the screen that waits for it, too."""
        leaves = self._leave if leave else None
        self._close_wait()
        self.say(words)
        if leaves is not None:
            leaves()

    def _close_wait(self) -> None:
        """Nothing is on its way any more."""
        self._opens = self._leave = None
        self._close_told()

    def _close_told(self) -> None:
        if self._told_late is not None:
            self._told_late.stop()

    async def rows_answered(self, key: str) -> None:
        """Have a key that works on the timeline's rows wait a little for those that the key before it has asked for."""
        focused = self.focused
        if not self._laid_out.is_set():
            # A screen forward is as many rows as the timeline will have, and it may just have come back into sight.
            with suppress(TimeoutError):
                await asyncio.wait_for(self._laid_out.wait(), PATIENCE_S)
        if isinstance(focused, Density) and focused.goes_by_bars(key):
            with suppress(TimeoutError):
                await asyncio.wait_for(focused.bars_came.wait(), PATIENCE_S)
        if self.session.keeping:
            await self.written_shown()  # keys that list or apply views go by those that stand then
        if commands.quits(key, self._keymap) or isinstance(focused, Input):
            return
        if isinstance(focused, Density) and key in focused._bindings.key_to_bindings:
            return
        with suppress(TimeoutError):
            await asyncio.wait_for(self._rows_came.wait(), PATIENCE_S)
            if isinstance(focused, Facets):
                await asyncio.wait_for(focused.whole.wait(), PATIENCE_S)  # those out of sight are counted last
        self._rows_came.set()  # what is in sight is what there is to work on

    async def written_shown(self) -> None:
        """Wait a little until the answer knows what was written by the keys before; not for another program's lock."""
        caught_up = asyncio.Event()
        # Behind the writes in the session's thread, and behind what they have told in this screen's queue.
        self.session.look("written", lambda *_: None, lambda _: caught_up.set(), caught_up.set)
        with suppress(TimeoutError):
            await asyncio.wait_for(caught_up.wait(), PATIENCE_S)
            if self._rows_of != self._generation:
                self._rows_came.clear()
                await asyncio.wait_for(self._rows_came.wait(), PATIENCE_S)
        self._rows_came.set()

    async def details_read(self) -> bool:
        """Wait for the details of the incident under the cursor, if a key was quicker; False when they stay away."""
        match = self.timeline.match
        if match is None and self._detailed is not None:
            self._detailed = None
            self.detail.show(None)  # the message that nothing is left to show is on its way
        if match is None or match.id == self._detailed:
            return True
        self._details_came.clear()
        try:
            await asyncio.wait_for(self._details_came.wait(), PATIENCE_S)
        except TimeoutError:
            self.say("This incident is still being read; try again in a moment.")
            return False
        return True

    def meant(self) -> Meant | None:
        """The incident under the cursor; None, which is said, where there is none."""
        match, row = self.timeline.match, self.timeline.row
        if match is None:
            self.say("No incident here.")
            return None
        return Meant(match.id, None if row is None else row.key)

    def clause(self, words: str) -> str:
        """Words that name keys, as `commands.clause` makes them."""
        return commands.clause(words, self._keymap)

    def say(self, text: str, severity: SeverityLevel = "information") -> None:
        """A short message that goes away by itself."""
        say(self.app, text, severity)

    def focus_timeline(self) -> None:
        """Back to the timeline."""
        raise NotImplementedError

    def show_header(self) -> None:
        """Show the head line anew."""
        raise NotImplementedError

    def lay_out(self) -> None:
        """Show or hide the side panes for the width there is, and for what the user asked."""
        raise NotImplementedError
