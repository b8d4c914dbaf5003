"""What the session tells the screens, as messages that its thread posts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from textual.message import Message

from db.engine import Answer, Counts
from db.info import Facts
from db.model import Incident
from db.news import News


@dataclass
class Answered(Message):
    """An answer, with the rank at which the anchor incident (or what is nearest to it) stands."""

    generation: int
    answer: Answer
    rank: int
    complete: bool
    """False when facet counts and histogram are still to come."""
    unknown: list[tuple[str, str, str | None]] = field(default_factory=list)
    """Where nothing matches: (facet, value, for the first the nearest that exists) for values that exist nowhere."""


@dataclass
class MoreCounts(Message):
    """The counts of those facets of an answer that could wait."""

    generation: int
    counts: dict[str, Counts]


@dataclass
class Suggested(Message):
    """The values of a facet under the rest of the query, most first, for completing `text`."""

    text: str
    counts: Counts


@dataclass
class Opened(Message):
    """One incident whole; None when it is gone."""

    incident_id: int
    incident: Incident | None


@dataclass
class Changed(Message):
    """The store has changed: another program wrote, or this one did (`what` says what)."""

    facts: Facts
    what: str | None
    span: tuple[int, int] | None
    gaps: list[tuple[int, int]]
    news: News = field(default_factory=News)
    """What others wrote, when the change is not all this program's own."""
    same: bool = True
    """False where another store stands in the place of the one that was read before: its numbers mean other things."""


@dataclass
class Ready(Message):
    """The store is open and its engine loaded."""

    facts: Facts
    span: tuple[int, int] | None
    gaps: list[tuple[int, int]]
    """Empty stretches long enough to fold in the density strip."""


@dataclass
class Reading(Message):
    """How far the columns of a large store are read, 0 to 1; its rows can be used meanwhile."""

    done: float


@dataclass
class Failed(Message):
    """Something went wrong that the user must know, in one line."""

    text: str
    fatal: bool = False


@dataclass
class Slow(Message):
    """What the session does now and takes more than a moment for, in one line."""

    text: str


@dataclass
class Begun(Message):
    """The first answer is on the screen: keys have something to work on."""


@dataclass
class Found(Message):
    """The answer to a `look`: the screens' thread hands it to whoever asked."""

    tell: Callable[[Any], object]
    answer: Any


def surface(error: BaseException) -> None:
    """Raise a thread's unexpected error in the screens' thread, as the `tell` of a `Found`: the app ends with it."""
    raise error
