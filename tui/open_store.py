"""The store that the session's thread has open: opened, read whole, caught up with, and left for another file.

What it does next is in tui/session_thread.py; nothing here is called from another thread unless it says so.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from textual.message import Message

from db.engine import Engine, finish_engine, start_engine
from db.errors import MISFITS, DatelineError, StoreError
from db.faults import FAULTS, as_store_error
from db.info import facts
from db.news import Span, Watch
from db.query import parse
from db.store import Store
from tui.axis import FOLD_FROM
from tui.messages import Changed, Failed, Found, Reading, Ready, surface

if TYPE_CHECKING:
    from db.engine.columns import ColumnsEngine
    from db.engine.gathering import Gatherer

STEPS_BETWEEN_LOOKS = 20_000
"""Steps of SQLite's virtual machine between two looks whether its work is still wanted."""


class StoppedError(Exception):
    """The session ends while a large store is still being read."""


class OpenStore:
    """Owns the reading connection and the engine on it, and posts what becomes of the store."""

    def __init__(self, path: Path, post: Callable[[Message], object]) -> None:
        self.path = path
        self._post = post
        self._wake = threading.Condition()
        """Held by whoever touches what the threads share."""
        self._stop = False
        self._reader: Store | None = None
        self._engine: Engine | None = None
        self._watch: Watch | None = None
        self._own: Span | None = None
        """Numbers of the change table that the write just made has taken."""
        self._moved = False
        """Whether the screens' own connection still reads the file that stood here before."""
        self._stores = 0
        """How many other stores have been found in this one's place so far."""
        self._lost: str | None = None
        """What became of the store's file while it was open, told once."""
        self._finished: ColumnsEngine | None = None
        """The engine of a large store, read in a thread of its own and waiting to be taken over."""
        self._finisher: threading.Thread | None = None
        self._gatherer: Gatherer | None = None
        self._gathering = False
        self._warming: Iterator[None] | None = None

    def _superseded(self) -> bool:
        """Whether the SQL under way is for nobody any more; asked in the middle of it."""
        raise NotImplementedError

    def _open(self) -> None:
        """Open the store, say that it is ready, and begin."""
        self._reader = Store.open(self.path)
        self._reader.connection.set_progress_handler(self._superseded, STEPS_BETWEEN_LOOKS)
        self._engine = start_engine(self._reader)
        self._post(Ready(facts(self._reader), self._engine.span(), self._engine.gaps(FOLD_FROM)))
        self._begin()

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

    def _finish(self) -> None:
        """Read the columns of a large store on a connection of this thread's own, then hand them over."""
        told = [-1.0]

        def progress(done: float) -> None:
            if self._stop:
                raise StoppedError
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
        except StoppedError:
            return
        except DatelineError as error:
            self._post(Failed(str(error)))
        except FAULTS as error:
            if not self._stop:
                self._post(Failed(str(as_store_error(self.path, error))))
        except BaseException as error:
            # A mistake of the program, or of the store: without this thread its columns would be waited for in vain.
            self._post(Found(surface, error))
            raise

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
            # Not while another file stands there, of which a process of its own would know nothing.
            if not (self._stop or self._lost is not None or self._engine.searches_fast):
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
        if (left := self._reader.left_log()) is not None:
            raise StoreError(
                f"another file stands at {self.path}, and beside it {left.name} with writes of the old store, which"
                " SQLite would mix into it: close every program that has the old store open, move that file away, and"
                " open the store anew (docs/recovery.md)"
            )
        from db.history import one_history

        fresh = Store.open(self.path)
        try:
            engine = start_engine(fresh)
            same = one_history(self._reader.connection, fresh.connection)
        except BaseException:
            fresh.close()
            raise
        before, self._reader, self._engine = self._reader, fresh, engine
        before.close()
        self._lost, self._moved = None, True
        self._stores += not same
        if self._gatherer is not None:
            # It gathers, or has gathered, the words of the file that stood here.
            self._gatherer.stop()
            self._gatherer, self._gathering = None, False
        self._begin()
        self._post(Changed(facts(fresh), "reopened", engine.span(), engine.gaps(FOLD_FROM), same=same))
        self._tend_postings()


def blamed(path: Path, error: Exception) -> DatelineError | None:
    """The fault of a store that explains an error met while showing it; None where it is another's fault."""
    if not isinstance(error, MISFITS):
        return None
    try:
        with Store.open(path) as store:
            return store.blamed(error)
    except DatelineError as told:
        return told
