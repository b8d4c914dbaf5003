"""The session's thread: what it does next, and what it does when the store changes, is lost, or is still being read.

`Session` (tui/session.py) hands it work under `_wake` and never touches the store's reading connection itself.
"""

from __future__ import annotations

import sqlite3
import threading
from collections import OrderedDict, deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING

from textual.message import Message

from db import read
from db.engine import Counts, Engine, NotReadyError, Wants, finish_engine, start_engine
from db.errors import MISFITS, DatelineError, StoreError
from db.info import facts
from db.model import Row
from db.news import Span, Watch
from db.query import Query, parse
from db.store import FAULTS, Store, as_store_error
from tui.axis import FOLD_FROM
from tui.messages import Answered, Changed, Failed, MoreCounts, Opened, Reading, Ready, Suggested

if TYPE_CHECKING:
    from db.engine.columns import ColumnsEngine
    from db.engine.gathering import Gatherer

COUNT_LATER = 50_000
"""From this many incidents on, rows and totals are shown before the counts, where these take long."""

PATIENCE_S = 0.012
"""Counts that took no longer than this the last time are waited for: one frame is painted instead of two."""


class _StoppedError(Exception):
    """The session ends while a large store is still being read."""


STEPS_BETWEEN_LOOKS = 20_000
"""Steps of SQLite's virtual machine between two looks whether its work is still wanted."""


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


class SessionThread:
    """Owns the reading connection and the engine, and does one piece of work after another, the most urgent first."""

    def __init__(self, path: Path, post: Callable[[Message], object]) -> None:
        self.path = path
        self._post = post
        self._wake = threading.Condition()
        self._question: Question | None = None
        self._to_read: int | None = None
        self._suggestion: tuple[str, str, Query] | None = None
        self._looking: str | None = None
        """The kind of the look under way."""
        self._looks: dict[str, Callable[[Store, Engine], Message]] = {}
        self._writes: deque[tuple[Callable[[], None], str]] = deque()
        self._watch: Watch | None = None
        self._own: Span | None = None
        """Numbers of the change table that the write just made has taken."""
        self._told: list[Message] = []
        """What is posted once the screens have caught up with the write that it is about."""
        self._refresh = False
        self._anew = False
        self._stop = False
        self._busy = False
        self._opened = False
        self._generation = 0
        self._answering = False
        self._reader: Store | None = None
        self._rows_store: Store | None = None
        self._rows: OrderedDict[int, Row] = OrderedDict()
        self._engine: Engine | None = None
        self._moved = False
        """Whether the screens' own connection still reads the file that stood here before."""
        self._lost: str | None = None
        """What became of the store's file while it was open, told once."""
        self._finished: ColumnsEngine | None = None
        """The engine of a large store, read in a thread of its own and waiting to be taken over."""
        self._finisher: threading.Thread | None = None
        self._gatherer: Gatherer | None = None
        self._gathering = False
        self._rest: Rest | None = None
        self._warming: Iterator[None] | None = None
        self._counting_took = 0.0
        """Seconds that the counts of the last answer took."""
        self._thread = threading.Thread(target=self._run, name="dateline-session", daemon=True)

    def _write(self, work: Callable[[], None], what: str = "saved") -> None:
        with self._wake:
            self._writes.append((work, what))
            self._wake.notify_all()

    def _interrupt(self) -> None:
        if self._answering and self._reader is not None:
            self._reader.connection.interrupt()

    def _finish(self) -> None:
        """Read the columns of a large store on a connection of this thread's own, then hand them over."""
        told = [-1.0]

        def progress(done: float) -> None:
            if self._stop:
                raise _StoppedError
            if done - told[0] >= 0.01:
                told[0] = done
                self._post(Reading(done))

        try:
            with Store.open(self.path) as store:
                store.connection.set_progress_handler(lambda: self._stop, STEPS_BETWEEN_LOOKS)
                engine = finish_engine(store, progress)
                with self._wake:
                    self._finished = engine
                    self._wake.notify_all()
                    # The engine leaves this connection when the session's thread takes it over.
                    while self._finished is not None and not self._stop:
                        self._wake.wait()
        except _StoppedError:
            return
        except DatelineError as error:
            self._post(Failed(str(error)))
        except FAULTS as error:
            if not self._stop:
                self._post(Failed(str(as_store_error(self.path, error))))

    def _take_over(self) -> None:
        """Go on with the engine that has all columns, and have everything asked again."""
        assert self._reader is not None
        with self._wake:
            engine, self._finished = self._finished, None
            assert engine is not None
            engine.move_to(self._reader)
            self._engine = engine
            self._warming = engine.warm_up()
            self._wake.notify_all()
        self._post(Reading(1.0))
        self._post(Changed(facts(self._reader), "read", engine.span(), engine.gaps(FOLD_FROM)))

    def _superseded(self) -> bool:
        """Whether the SQL under way is for nobody any more."""
        if self._looking is not None and (self._question is not None or self._looking in self._looks):
            return True
        return self._stop or (self._answering and self._question is not None)

    def _run(self) -> None:
        try:
            self._reader = Store.open(self.path)
            # `interrupt` is lost on SQL that has not begun yet; this is asked every few thousand steps of it.
            self._reader.connection.set_progress_handler(self._superseded, STEPS_BETWEEN_LOOKS)
            self._engine = start_engine(self._reader)
            self._post(Ready(facts(self._reader), self._engine.span(), self._engine.gaps(FOLD_FROM)))
            self._begin()
        except DatelineError as error:
            self._post(Failed(str(error), fatal=True))
            return
        except FAULTS as error:
            self._post(Failed(str(as_store_error(self.path, error)), fatal=True))
            return
        except MISFITS as error:
            told = blamed(self.path, error)
            if told is None:
                raise
            self._post(Failed(str(told), fatal=True))
            return
        with self._wake:
            self._opened = True
        try:
            while self._turn():
                pass
        finally:
            self._reader.close()

    def _turn(self) -> bool:
        """Do the most urgent piece of work; False when it is time to stop."""
        with self._wake:
            self._busy = False
            while not (self._stop or self._waiting()):
                self._wake.wait()
            if self._stop and not self._writes:
                return False
            self._busy = True
            work = self._next()
        try:
            work()
        except NotReadyError:
            # Asked again when the columns are there; what is on the screen stays till then.
            return True
        except DatelineError as error:
            self._post(Failed(str(error)))
        except sqlite3.OperationalError as error:
            if getattr(error, "sqlite_errorcode", None) != sqlite3.SQLITE_INTERRUPT:
                self._post(Failed(str(as_store_error(self.path, error))))
        except FAULTS as error:
            self._post(Failed(str(as_store_error(self.path, error))))
        except MISFITS as error:
            told = blamed(self.path, error)
            if told is None:
                # A mistake of the program: without its thread it would only seem to live.
                self._post(Failed(f"{type(error).__name__}: {error}", fatal=True))
                raise
            self._post(Failed(str(told)))
        finally:
            with self._wake:
                self._answering = False
                self._looking = None
        return True

    def _waiting(self) -> bool:
        return bool(
            self._finished
            or self._writes
            or self._question
            or self._to_read is not None
            or self._suggestion
            or self._looks
            or self._refresh
            or self._anew
            or self._rest
            or self._warming
        )

    def _next(self) -> Callable[[], None]:
        """Take the most urgent piece of work: writes in order, then the newest of each kind of question."""
        if self._finished is not None:
            return self._take_over
        if self._writes:
            write, what = self._writes.popleft()
            return lambda: self._save(write, what)
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
        rest.counts[name] = self._engine.answer(rest.question.query, Wants((name,))).facets[name]
        if rest.left:
            with self._wake:
                self._rest = rest if self._question is None else None
        else:
            self._post(MoreCounts(rest.question.generation, rest.counts))

    def _warm_up(self) -> None:
        """A step of what a first question would wait for."""
        if self._warming is not None and next(self._warming, False) is False:
            self._warming = None

    def _save(self, write: Callable[[], None], what: str) -> None:
        assert self._reader is not None
        if (lost := self._reader.lost()) is not None:
            raise StoreError(f"{lost}; nothing was written")
        write()
        self._catch_up(what)
        told, self._told = self._told, []
        for message in told:
            self._post(message)

    def _look(self, kind: str, look: Callable[[Store, Engine], Message]) -> None:
        assert self._reader is not None
        assert self._engine is not None
        try:
            self._post(look(self._reader, self._engine))
        except sqlite3.OperationalError as error:
            if getattr(error, "sqlite_errorcode", None) != sqlite3.SQLITE_INTERRUPT:
                raise
            # A key came in between: it goes first, and what was looked for is looked for again.
            with self._wake:
                self._looks.setdefault(kind, look)

    def _read(self, incident_id: int) -> None:
        assert self._reader is not None
        self._post(Opened(incident_id, read.incident(self._reader.connection, incident_id)))

    def _suggest(self, text: str, facet: str, rest: Query) -> None:
        assert self._engine is not None
        answer = self._engine.answer(rest, Wants(facets=(facet,)))
        self._post(Suggested(text, answer.facets[facet]))

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
        self._post(Answered(question.generation, whole, rank, complete=True, unknown=unknown))
        if question.wants.later:
            self._rest = Rest(question, list(question.wants.later))

    def _catch_up(self, what: str | None) -> None:
        assert self._engine is not None
        assert self._reader is not None
        assert self._watch is not None
        back = self._say_if_lost()
        self._tend_postings()
        if not self._engine.refresh() and what is None and not back:
            return
        own, self._own = self._own, None
        news = self._watch.look(self._reader.connection, own, self._engine.answer(parse("")).totals.rows)
        self._post(Changed(facts(self._reader), what, self._engine.span(), self._engine.gaps(FOLD_FROM), news))

    def _tend_postings(self) -> None:
        """Have postings gathered, once, where words of a large store are not found fast; take them up when they are."""
        assert self._engine is not None
        if self._gatherer is None:
            if not self._stop and not self._engine.searches_fast:
                from db.engine.gathering import Gatherer

                self._gatherer, self._gathering = Gatherer(self.path), True
        elif self._gathering and self._gatherer.done:
            self._gathering = False
            self._engine.use_postings()

    def _say_if_lost(self) -> bool:
        """Tell once what became of the store's file; True when it stands again where it did not."""
        assert self._reader is not None
        before, self._lost = self._lost, self._reader.lost()
        if self._lost is not None and self._lost != before:
            self._post(Failed(self._lost))
        return before is not None and self._lost is None

    def _read_anew(self) -> None:
        """Catch up; where another file stands at the store's place, go over to that one."""
        assert self._reader is not None
        if self._reader.lost() is None:
            self._catch_up("read")
            return
        if self._finisher is not None and self._finisher.is_alive():
            raise StoreError(f"{self.path} is still being read; try again in a moment")
        fresh = Store.open(self.path)
        try:
            engine = start_engine(fresh)
        except BaseException:
            fresh.close()
            raise
        before, self._reader, self._engine = self._reader, fresh, engine
        before.close()
        self._lost, self._moved = None, True
        self._begin()
        self._post(Changed(facts(fresh), "reopened", engine.span(), engine.gaps(FOLD_FROM)))

    def _begin(self) -> None:
        """What every newly opened store needs: that its SQL can be stopped, its news told, its columns read."""
        assert self._reader is not None
        assert self._engine is not None
        # `interrupt` is lost on SQL that has not begun yet; this is asked every few thousand steps of it.
        self._reader.connection.set_progress_handler(self._superseded, STEPS_BETWEEN_LOOKS)
        whole = self._engine.answer(parse(""))
        self._watch = Watch(self._reader.connection, whole.totals.rows)
        self._warming = self._engine.warm_up()
        if not whole.complete:
            self._finisher = threading.Thread(target=self._finish, name="dateline-columns", daemon=True)
            self._finisher.start()


def blamed(path: Path, error: Exception) -> DatelineError | None:
    """The fault of a store that explains an error met while showing it; None where it is another's fault."""
    if not isinstance(error, MISFITS):
        return None
    try:
        with Store.open(path) as store:
            return store.blamed(error)
    except DatelineError as told:
        return told
