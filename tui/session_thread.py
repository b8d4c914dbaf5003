"""The session's thread: what waits for it, which piece of that it does next, and what it says of it.

`Session` (tui/session.py) hands it work under `_wake` and never touches the store's reading connection itself; what
becomes of the store while it is open is in tui/open_store.py.
"""

from __future__ import annotations

import sqlite3
import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter

from textual.message import Message

from db import read
from db.engine import Counts, Engine, NotReadyError, Wants
from db.errors import MISFITS, DatelineError, StoreError
from db.faults import FAULTS, as_store_error, is_locked
from db.model import Row
from db.query import Query
from db.store import Store
from tui.drafts import Reasons
from tui.messages import Answered, Failed, Found, MoreCounts, Opened, Slow, Suggested, surface
from tui.open_store import OpenStore, StoppedError, blamed
from tui.write_queue import Asked, WriteQueue

COUNT_LATER = 50_000
"""From this many incidents on, rows and totals are shown before the counts, where these take long."""

PAINTED_WITHIN_S = 0.05
"""What can wait is counted after so long even where no screen says that it has painted the answer."""

PATIENCE_S = 0.012
"""Counts that took no longer than this the last time are waited for: one frame is painted instead of two."""


@dataclass(frozen=True)
class Question:
    generation: int
    query: Query
    wants: Wants
    anchor: int | None


@dataclass
class Rest:
    """What of a question is counted when nothing else waits: the facets left, and the counts so far."""

    question: Question
    left: list[str]
    counts: dict[str, Counts] = field(default_factory=dict)


@dataclass(frozen=True)
class Look:
    """A question of one kind: what answers it, and what is called in the screens' thread where nothing does."""

    answer: Callable[[Store, Engine], Message]
    failed: Callable[[], object] | None = None


class SessionThread(OpenStore):
    """Does one piece of work after another, the most urgent first."""

    def __init__(self, path: Path, post: Callable[[Message], object]) -> None:
        super().__init__(path, post)
        self._question: Question | None = None
        self._to_read: int | None = None
        self._suggestion: tuple[str, str, Query] | None = None
        self._put_off: tuple[str, str, Query] | None = None
        """A suggestion asked for before the columns were there."""
        self._looking: str | None = None
        """The kind of the look under way."""
        self._looks: dict[str, Look] = {}
        self._writes = WriteQueue()
        self._missed = 0
        """How many writes have failed since the program ends, when nobody sees a `Failed` any more."""
        self._why = ""
        """Why the first of them did."""
        self._typed: list[Asked] = []
        """Those with words that a person typed, until these are in the store or the screens have them back."""
        self.reasons = Reasons()
        """Those that were refused."""
        self._told: list[Message] = []
        """What is posted once the screens have caught up with the write that it is about."""
        self._refresh = False
        self._anew = False
        self._busy = False
        self._opened = False
        self._generation = 0
        self._answering = False
        self.keeping = 0
        """How many changes of saved views the screens have not heard of yet."""
        self._stores_left = 0
        """How many stores the screens have left for another."""
        self._rows_store: Store | None = None
        self._rows: OrderedDict[int, Row] = OrderedDict()
        self.unread = False
        """Whether the rows asked for last could not be read, for another program's lock."""
        self._rest: Rest | None = None
        self._painted = True
        """Whether the last answer is on the screen."""
        self._counting_took = 0.0
        """Seconds that the counts of the last answer took."""
        self._thread = threading.Thread(target=self._run, name="dateline-session", daemon=True)

    def _write(self, asked: Asked) -> None:
        with self._wake:
            self._writes.put(asked)
            if asked.typed is not None:
                self._typed.append(asked)
            self._wake.notify_all()

    def _interrupt(self) -> None:
        if self._answering and self._reader is not None:
            self._reader.connection.interrupt()

    def _superseded(self) -> bool:
        """Whether the SQL under way is for nobody any more."""
        if self._looking is not None and (self._question is not None or self._looking in self._looks):
            return True
        return self._stop or (self._answering and self._question is not None)

    def _run(self) -> None:
        try:
            if self._begun():
                while self._turn():
                    pass
        except BaseException as error:
            # A mistake of the program: without its thread it would only seem to live, so it ends with this.
            self._post(Found(surface, error))
            raise
        finally:
            if self._reader is not None:
                self._reader.close()

    def _begun(self) -> bool:
        """Open the store; False, and the reason told, where that cannot be."""
        try:
            self._open()
        except DatelineError as error:
            self._post(Failed(str(error), fatal=True))
            return False
        except FAULTS as error:
            self._post(Failed(str(as_store_error(self.path, error)), fatal=True))
            return False
        except MISFITS as error:
            told = blamed(self.path, error)
            if told is None:
                raise
            self._post(Failed(str(told), fatal=True))
            return False
        with self._wake:
            self._opened = True
        return True

    def _turn(self) -> bool:
        """Do the most urgent piece of work; False when it is time to stop."""
        with self._wake:
            self._busy = False
            if not self._wait_for_work():
                return False
            self._busy = True
            if self._rest is not None:
                # Both threads would share one interpreter: what can wait is counted when the answer is on the screen.
                self._wake.wait_for(lambda: self._painted or self._stop or self._urgent(), PAINTED_WITHIN_S)
                if self._stop and not self._writes.due:
                    return True
            work = self._next()
        try:
            work()
        except NotReadyError:
            # Asked again when the columns are there; what is on the screen stays till then.
            return True
        except StoppedError:
            # The program ends while the columns are read anew: nobody will see them, and there may be writes that wait.
            return True
        except DatelineError as error:
            self._fail(error)
        except sqlite3.OperationalError as error:
            if getattr(error, "sqlite_errorcode", None) != sqlite3.SQLITE_INTERRUPT:
                self._fail(as_store_error(self.path, error))
        except FAULTS as error:
            self._fail(as_store_error(self.path, error))
        except MISFITS as error:
            told = blamed(self.path, error)
            if told is None:
                raise
            self._fail(told)
        finally:
            with self._wake:
                self._answering = False
                self._looking = None
        return True

    def _wait_for_work(self) -> bool:
        """Wait until there is something that can be done now; False when it is time to stop.  Under `_wake`."""
        while not (self._writes.due or (self._waiting() and not self._stop)):
            if self._stop and (not self._writes or self._writes.given_up):
                return False
            self._wake.wait(self._writes.till_due)
        return True

    def _fail(self, error: DatelineError) -> None:
        """Say what went wrong, now or when the program has ended."""
        if self._missed and not self._why:
            self._why = str(error)
        self._post(Failed(str(error)))

    def _waiting(self) -> bool:
        """Whether there is work that can be done now: not a write that another program's lock keeps waiting."""
        return bool(self._urgent() or self._rest or self._warming)

    def _urgent(self) -> bool:
        return bool(
            self._finished
            or self._writes.due
            or self._question
            or self._to_read is not None
            or self._suggestion
            or self._looks
            or self._refresh
            or self._anew
        )

    def _next(self) -> Callable[[], None]:
        """Take the most urgent piece of work: writes in order, then the newest of each kind of question."""
        if self._finished is not None:
            return self._take_over
        if self._writes.due:
            asked = self._writes.first()
            return lambda: self._save(asked)
        if self._question is not None:
            question, self._question = self._question, None
            self._rest = None
            self._answering = True
            return lambda: self._answer(question)
        if self._to_read is not None:
            incident_id, self._to_read = self._to_read, None
            return lambda: self._read(incident_id)
        if self._suggestion is not None:
            suggestion, self._suggestion = self._suggestion, None
            return lambda: self._suggest(*suggestion)
        if self._looks:
            kind = next(iter(self._looks))
            look = self._looks.pop(kind)
            self._looking = kind
            return lambda: self._look(kind, look)
        if self._anew:
            self._anew = False
            return self._read_anew
        if self._refresh:
            self._refresh = False
            return lambda: self._catch_up(None)
        if self._rest is not None:
            rest = self._rest
            self._answering = True
            return lambda: self._count_more(rest)
        return self._warm_up

    def _count_more(self, rest: Rest) -> None:
        """Count one more facet of those that could wait; all are told at once, when they are there."""
        assert self._engine is not None
        self._rest = None  # where this is interrupted, a newer question is there
        name = rest.left.pop(0)
        answer = self._engine.answer(rest.question.query, Wants((name,)))
        if not answer.complete:
            return  # the store is being read anew, and all is asked again when it has been
        rest.counts[name] = answer.facets[name]
        if rest.left:
            with self._wake:
                self._rest = rest if self._question is None else None
        else:
            self._post(MoreCounts(rest.question.generation, rest.counts))

    def _warm_up(self) -> None:
        """A step of what a first question would wait for."""
        if self._warming is not None and next(self._warming, False) is False:
            self._warming = None

    def _save(self, asked: Asked) -> None:
        """Do the first of the writes, and show what came of it."""
        assert self._reader is not None
        before = self._try(asked)
        if before is None:
            return
        try:
            # A step that there was none of, or that is asked about first, has written nothing that must be shown.
            self._catch_up(asked.what if self._reader.data_version() != before else None)
        finally:
            # What is written is written, whatever becomes of showing it.
            told, self._told = self._told, []
            for message in told:
                self._post(message)

    def _try(self, asked: Asked) -> int | None:
        """Write; the reader's data version from before, or None where another program's lock puts the write off."""
        assert self._reader is not None
        began = perf_counter()
        try:
            if (lost := self._reader.lost()) is not None:
                raise StoreError(f"{lost}; nothing was written")
            before = self._reader.data_version()
            if any(one.failed for one in asked.behind):
                # Else it would take back, or do again, what stood before that one.
                raise StoreError("nothing was taken back or done again: a write before that was refused")
            asked.behind = ()
            asked.work()
        except BaseException as error:
            locked = is_locked(error)
            with self._wake:
                put_off = locked and self._writes.put_off(began)
                if not put_off:
                    self._missed += self._stop
                    self._writes.done(locked=locked)
                    asked.failed = True
                waiting = self._writes.to_tell() if put_off else None
            if waiting is not None:
                waits = "1 write waits" if waiting == 1 else f"{waiting:,} writes wait"
                self._post(Slow(f"{self.path.name} is locked by another program; {waits}."))
            if put_off:
                return None
            if asked.refused is not None or asked.typed is not None:
                self._post(Found(lambda _: self._hand_back(asked), None))
            raise
        with self._wake:
            self._writes.done()
            if asked in self._typed:
                self._typed.remove(asked)
        return before

    def _hand_back(self, asked: Asked) -> None:
        """In the screens' thread: nothing came of a write.  When the program ends no screen keeps its words."""
        if asked.refused is not None:
            asked.refused()
        with self._wake:
            if asked in self._typed and not self._stop:
                self._typed.remove(asked)

    def _look(self, kind: str, look: Look) -> None:
        assert self._reader is not None
        assert self._engine is not None
        settled = False
        try:
            self._post(look.answer(self._reader, self._engine))
            settled = True
        except sqlite3.OperationalError as error:
            if getattr(error, "sqlite_errorcode", None) != sqlite3.SQLITE_INTERRUPT:
                raise
            # A key came in between: it goes first, and what was looked for is looked for again.
            settled = True
            with self._wake:
                if self._looks.setdefault(kind, look) is not look:
                    self._drop(look)
        except NotReadyError as error:
            # Said, for nobody would ask again when the store has been read.
            raise DatelineError("the store is still being read; try again in a moment") from error
        finally:
            if not settled:
                self._drop(look)

    def _drop(self, look: Look | None) -> None:
        """Have whoever looked know, in the screens' thread, that no answer comes."""
        if look is not None and (failed := look.failed) is not None:
            self._post(Found(lambda _: failed(), None))

    def _read(self, incident_id: int) -> None:
        assert self._reader is not None
        self._post(Opened(incident_id, read.incident(self._reader.connection, incident_id)))

    def _suggest(self, text: str, facet: str, rest: Query) -> None:
        assert self._engine is not None
        answer = self._engine.answer(rest, Wants(facets=(facet,)))
        if answer.complete:
            self._post(Suggested(text, answer.facets[facet]))
        else:
            self._put_off = (text, facet, rest)

    def _take_over(self) -> None:
        super()._take_over()
        with self._wake:
            self._suggestion, self._put_off = self._suggestion or self._put_off, None

    def _answer(self, question: Question) -> None:
        assert self._engine is not None
        quick = self._engine.answer(question.query)
        rank = quick.near(question.anchor) if question.anchor is not None else 0
        if not quick.complete:
            self._post(Answered(question.generation, quick, rank, complete=False))
            return
        if quick.totals.of > COUNT_LATER and self._counting_took > PATIENCE_S:
            self._post(Answered(question.generation, quick, rank, complete=False))
            with self._wake:
                if self._question is not None:
                    return
        began = perf_counter()
        whole = self._engine.answer(question.query, question.wants)
        self._counting_took = perf_counter() - began
        unknown = [] if whole.totals.rows else self._engine.unknown(question.query)
        self._painted = False
        self._post(Answered(question.generation, whole, rank, complete=True, unknown=unknown))
        if question.wants.later:
            self._rest = Rest(question, list(question.wants.later))
