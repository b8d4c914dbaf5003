"""What is to be written, in the order asked for; while another program has locked the store, the first is tried again.

A try waits for the lock only as long as a question may wait behind it, and between two tries the session's thread does
what else there is to do.  Whoever calls anything here holds the session's `_wake`.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from time import perf_counter

from db.store import writers_wait_ms

TRY_MS = 50
"""How long one try waits for another program's lock, milliseconds."""

BETWEEN_TRIES_S = 0.05
"""How long after one try comes the next, seconds: what else there is to do is done then."""

TOLD_AFTER_S = 1.0
"""A write that has waited so long is told of."""

AT_THE_END_S = 4.0
"""How long all that is not written yet is still tried when the program ends: below the 5 s that others give it."""


@dataclass(frozen=True, slots=True)
class Typed:
    """Words that a person typed, and what they are: "a note on KEY"."""

    what: str
    text: str


@dataclass(eq=False)
class Asked:
    """One piece of work that writes; `what` says what came of it, `refused` is called where nothing did."""

    work: Callable[[], None]
    what: str
    refused: Callable[[], object] | None
    typed: Typed | None = None
    """What of it the person would have to type again."""
    step: bool = False
    """Whether it turns a write before it: then it is not done where one that it was asked for behind was not."""
    at: float = field(default_factory=perf_counter)
    """When it was asked for, seconds of `perf_counter`."""
    behind: tuple[Asked, ...] = ()
    """For a step: what was still to be written when it was asked for."""
    failed: bool = False


class WriteQueue:
    """Writes that never overtake each other, and how long they have waited for another program's lock."""

    def __init__(self) -> None:
        self._asked: deque[Asked] = deque()
        self._locked_at: float | None = None
        """When a write first met the lock, since one last went through."""
        self._again_at = 0.0
        """When the first may be tried again."""
        self._told_at = 0.0
        """What was asked for before has been told of."""
        self._end: float | None = None
        """When the program gives up what is left."""

    def __len__(self) -> int:
        """How many there are, with the one under way."""
        return len(self._asked)

    @property
    def due(self) -> bool:
        """Whether the first can be tried now."""
        return bool(self._asked) and perf_counter() >= self._again_at and not self.given_up

    @property
    def till_due(self) -> float | None:
        """Seconds until then, None where there is nothing to try."""
        return max(0.0, self._again_at - perf_counter()) if self._asked else None

    @property
    def given_up(self) -> bool:
        """Whether the program ends and has tried for long enough."""
        return self._end is not None and perf_counter() >= self._end

    @property
    def locked(self) -> bool:
        """Whether the last try met another program's lock."""
        return self._locked_at is not None

    def put(self, asked: Asked) -> None:
        """Add one at the end."""
        if asked.step:
            asked.behind = tuple(self._asked)
        self._asked.append(asked)

    def first(self) -> Asked:
        """The one whose turn it is; it stays the first until it is `done`."""
        return self._asked[0]

    def end(self) -> None:
        """The program ends: what is left has `AT_THE_END_S` in all."""
        if self._end is None:
            self._end = perf_counter() + AT_THE_END_S

    def done(self, *, locked: bool = False) -> None:
        """The first is written, or has failed; where that was for the lock, those behind it have waited as long."""
        self._asked.popleft()
        self._again_at = 0.0
        if not locked:
            self._locked_at = None

    def put_off(self, began: float) -> bool:
        """The first met the lock at the try that began then: try it again later; False when it has waited in vain.

        Each has the patience of a writer from when it was asked for, or from when the first of them met the lock: those
        that were asked for together fail together.
        """
        now = perf_counter()
        if self._locked_at is None:
            self._locked_at = began
        since = max(self._locked_at, self.first().at)
        if self._end is None and now - since >= writers_wait_ms() / 1000:
            return False
        self._again_at = now + BETWEEN_TRIES_S
        return True

    def to_tell(self) -> int | None:
        """How many writes wait for the lock, where one has for a while and nobody was told of that; else None."""
        untold = next((asked for asked in self._asked if asked.at > self._told_at), None)
        if untold is None or self._locked_at is None:
            return None
        now = perf_counter()
        if now - max(self._locked_at, untold.at) < TOLD_AFTER_S:
            return None
        self._told_at = now
        return len(self._asked)
