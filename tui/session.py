"""In whose thread all of tui/ calls the store (an Errand apart): it answers the newest question and writes in order.

A key edits the query; `ask` hands it over with a generation number and the thread answers.  A newer question
replaces an older one that has not been started, and interrupts the SQL of one that has; the screen drops
whatever still arrives late.  Writes are never interrupted; while another program's lock keeps them waiting, questions
are answered (tui/write_queue.py).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from time import perf_counter
from typing import TypeVar

from db import known, read, views
from db.engine import Engine, Match, Wants
from db.errors import DatelineError, StoreError
from db.faults import FAULTS, as_store_error, is_locked
from db.known import Known
from db.model import Row
from db.news import News
from db.query import Query
from db.store import Store
from db.views import View
from tui.messages import Failed, Found, Slow
from tui.session_thread import Look, Question, SessionThread
from tui.write_queue import AT_THE_END_S, TRY_MS, Asked, Typed

_T = TypeVar("_T")

POLL_S = 0.4
"""How often to look whether another program has written, seconds."""

LAST_TRY_S = 0.5
"""How long the thread may take to end when it has given up what it could not write, seconds."""

_ROWS_KEPT = 4_000


class Session(SessionThread):
    """Owns the store on behalf of the screens.  All methods return at once unless they say otherwise."""

    def start(self) -> None:
        """Begin to work; `Ready` or a fatal `Failed` follows."""
        self._thread.start()

    def leave(self) -> None:
        """Interrupt what runs, and let writes finish for a while: nobody sees any more what becomes of them."""
        with self._wake:
            self._stop = True
            self._writes.end()
            self._interrupt()
            self._wake.notify_all()

    def stop(self) -> None:
        """Leave, and wait for the thread to end; `unwritten` then says what could not be written."""
        self.leave()
        until = perf_counter() + AT_THE_END_S + LAST_TRY_S
        for thread in (self._thread, self._finisher):
            if thread is not None and thread.is_alive():
                thread.join(timeout=max(0.0, until - perf_counter()))
        if self._gatherer is not None:
            self._gatherer.stop()
        if self._rows_store is not None:
            self._rows_store.close()

    def unwritten(self) -> str | None:
        """After `stop`, how many writes were not made before it was time to end, and why, in a line; None for none."""
        with self._wake:
            left = len(self._writes)
            count, locked = left + self._missed, self._writes.locked
        if not count:
            return None
        writes = "1 write was" if count == 1 else f"{count:,} writes were"
        if left and not locked:
            return f"{writes} not finished when the program ended; `dateline log` shows what the store has"
        return f"{writes} not written: {f'{self.path} is locked by another program' if left else self._why}"

    def untaken(self) -> list[Typed]:
        """After `stop`, the words of those writes that a person would have to type again."""
        with self._wake:
            return [asked.typed for asked in self._typed if asked.typed is not None]

    def ask(self, query: Query, wants: Wants, anchor: int | None) -> int:
        """Ask for an answer; returns the generation that its `Answered` will carry."""
        with self._wake:
            self._generation += 1
            self._question = Question(self._generation, query, wants, anchor)
            self._interrupt()
            self._wake.notify_all()
            return self._generation

    def painted(self) -> None:
        """The answer is on the screen: what can wait may be counted now."""
        with self._wake:
            self._painted = True
            self._wake.notify_all()

    def suggest(self, text: str, facet: str, rest: Query) -> None:
        """Ask for the values that could complete `text`; `Suggested` follows."""
        with self._wake:
            self._suggestion = (text, facet, rest)
            self._wake.notify_all()

    def look(
        self,
        kind: str,
        question: Callable[[Store, Engine], _T],
        tell: Callable[[_T], object],
        failed: Callable[[], object] | None = None,
    ) -> None:
        """Put a question to the store in the session's thread; `tell` gets the answer in the screens' thread.

        A newer question of the same kind replaces an older one; a key that needs an answer goes first.  Where
        reading fails, or the columns that it takes are not read yet, `Failed` is posted and not `tell` but `failed`
        is called; so it is where a newer question has taken the place of this one.
        """
        with self._wake:
            self._drop(self._looks.pop(kind, None))
            self._looks[kind] = Look(lambda store, engine: Found(tell, question(store, engine)), failed)
            self._wake.notify_all()

    def write(
        self,
        work: Callable[[Store], _T],
        what: str = "saved",
        tell: Callable[[_T], None] | None = None,
        known: Sequence[Known] = (),
        refused: Callable[[], object] | None = None,
        typed: Typed | None = None,
        step: bool = False,
    ) -> None:
        """Have something written, on a connection that may; `Changed` with that `what`, or `Failed`, follows.

        `known` are the rows as the screen showed them: nothing is written where others have their numbers by now.

        After `Changed`, which does not come where nothing was written, `tell` gets in the screens' thread what the
        work returned; `refused` is called there where it failed.  Writes are done one after another in the order asked
        for, each whole before the next begins: what a work looks up is still so when it writes.  One that another
        program's lock keeps waiting is begun anew until it is done or has waited for as long as a writer does.
        What was `typed` for it is told when the program ends before that (`untaken`).  A `step` takes a write before it
        back, or does it again: it is refused where one that was still to be written when it was asked for was refused.
        """
        said = set[str]()

        def say(words: str) -> None:
            if words not in said:  # at the try before
                said.add(words)
                self._post(Slow(words))

        def write() -> _T:
            with Store.open(self.path, write=True, tell=say, wait_ms=TRY_MS) as store:
                store.known = known
                done = work(store)
                # With the dates that this opening has filled in: they are no news of another's either.
                self._own = store.taken
                return done

        self._put(write, tell, what, refused, typed, step)

    def _put(
        self,
        write: Callable[[], _T],
        tell: Callable[[_T], None] | None,
        what: str = "saved",
        refused: Callable[[], object] | None = None,
        typed: Typed | None = None,
        step: bool = False,
    ) -> None:
        """Have the thread write; `tell` hears of it when the screens have caught up, and not when it failed."""
        meant = self._stores_left

        def told() -> None:
            if meant != self._stores:
                raise StoreError(f"another store stands at {self.path} since that key; nothing was written")
            done = write()
            if tell is not None:
                self._told.append(Found(tell, done))

        self._write(Asked(told, what, refused, typed, step))

    def open(self, incident_id: int) -> None:
        """Ask for one incident whole."""
        with self._wake:
            self._to_read = incident_id
            self._wake.notify_all()

    def rows(self, matches: Sequence[Match]) -> list[Row | None]:
        """The timeline rows of some matches, None for what is gone.  Runs in the caller's thread: one indexed read.

        Where another program has all of the store locked, as it can without a write-ahead log, what is not known yet is
        None too, and `unread` says so: ask again.
        """
        missing = []
        for match in matches:
            if match.id in self._rows:
                self._rows.move_to_end(match.id)  # what is thrown out below are never rows that are asked for
            else:
                missing.append(match.id)
        unread = False
        if missing:
            try:
                for row in read.rows(self._for_rows().connection, missing):
                    self._rows[row.id] = row
            except (*FAULTS, DatelineError) as error:
                unread = is_locked(error)
                if not unread:
                    told = error if isinstance(error, DatelineError) else as_store_error(self.path, error)
                    self._post(Failed(str(told)))
                elif not self.unread:
                    self._post(Slow(f"{self.path.name} is locked by another program; rows wait to be read."))
            while len(self._rows) > max(_ROWS_KEPT, len(matches)):
                self._rows.popitem(last=False)
        self.unread = unread
        return [self._rows.get(match.id) for match in matches]

    def _for_rows(self) -> Store:
        """The screens' own read-only connection."""
        if self._rows_store is None:
            self._rows_store = Store.open(self.path, wait_ms=TRY_MS)
        return self._rows_store

    def without_incident(self, keys: Iterable[str]) -> set[str]:
        """Those keys that no incident has; all of them where that cannot be read.  Runs in the caller's thread."""
        keys = set(keys)
        try:
            return {key for key in keys if not known.has_key(self._for_rows().connection, key)}
        except (*FAULTS, DatelineError):
            return keys

    def forget_rows(self) -> None:
        """Read rows anew from now on: call it, in the screens' thread, after `Changed`."""
        self._rows.clear()
        if self._rows_store is not None and self._moved:
            self._rows_store.close()
            self._rows_store = None
            self._moved = False

    def leave_store(self) -> None:
        """What is asked and written from now on is meant for the store that has come in the old one's place.

        Call it, in the screens' thread, after a `Changed` that is not of the `same` store.
        """
        self._stores_left += 1
        self.reasons.leave()

    def refresh(self) -> None:
        """Look whether the store has changed; `Changed` follows if so."""
        with self._wake:
            self._refresh = True
            self._wake.notify_all()

    def reload(self) -> None:
        """Read the store anew, and the file that stands at its place now if it was replaced; `Changed` follows."""
        with self._wake:
            self._anew = True
            self._wake.notify_all()

    def waiting(self, tell: Callable[[News], None]) -> None:
        """Ask what others have written since the last refresh, without taking it over; `tell` gets it."""

        def ask(store: Store, engine: Engine) -> News:
            self._say_if_lost()
            assert self._watch is not None
            return self._watch.peek(store.connection)

        self.look("waiting", ask, tell)

    def views(self) -> list[View] | None:
        """The saved views, read in the caller's thread; None where they cannot be read, which `Failed` tells."""
        try:
            return views.listed(self._for_rows().connection, self.path)
        except FAULTS as error:
            self._post(Failed(str(as_store_error(self.path, error))))
        except DatelineError as error:
            self._post(Failed(str(error)))
        return None

    def save_view(self, view: View, seen: Sequence[View], tell: Callable[[None], None]) -> None:
        """Save a view; `tell` is called when it is saved, else `Failed` follows.

        `seen` are the views as they were listed, here and below: one that is another by now is not written over.
        """
        self._keep(lambda: views.save(self.path, view, TRY_MS, seen), tell)

    def number_view(self, name: str, slot: int, seen: Sequence[View], tell: Callable[[None], None]) -> None:
        """Give a view a number; `tell` is called when it has it, else `Failed` follows."""
        self._keep(lambda: views.number(self.path, name, slot, TRY_MS, seen), tell)

    def rename_view(self, name: str, to: str, seen: Sequence[View], tell: Callable[[None], None]) -> None:
        """Rename a view; `tell` is called when that is done, else `Failed` follows."""
        self._keep(lambda: views.rename(self.path, name, to, TRY_MS, seen), tell)

    def delete_view(self, name: str, seen: Sequence[View], tell: Callable[[None], None]) -> None:
        """Delete a view; `tell` is called when it is gone, else `Failed` follows."""
        self._keep(lambda: views.delete(self.path, name, TRY_MS, seen), tell)

    def _keep(self, write: Callable[[], tuple[int, int] | None], tell: Callable[[None], None]) -> None:
        def kept() -> None:
            self._own = write()

        def arrived() -> None:
            self.keeping -= 1

        def told(_: None) -> None:
            arrived()
            tell(None)

        self.keeping += 1
        self._put(kept, told, refused=arrived)

    def star(self, row: Row, starred: bool, done: Callable[..., None] | None = None) -> None:
        """Star the incident of a row or take the star away; `Changed` or `Failed` follows, and `done` is called."""
        from db import edit

        self.write(
            lambda store: edit.star(store, row.id, starred),
            tell=done,
            known=[known.incident(row.id, row.key)],
            refused=done,
        )

    @property
    def stores_left(self) -> int:
        """How many stores the screens have left for another that came in their place."""
        return self._stores_left

    @property
    def lost(self) -> str | None:
        """What became of the store's file while it is open, None while it stands."""
        return self._lost

    @property
    def fate(self) -> Callable[[], str | None]:
        """Tells, whenever and in whatever thread it is called, what became of the file that the screens show now."""
        if self._stores_left != self._stores:
            other = f"another store stands at {self.path} since that key"
            return lambda: other
        assert self._reader is not None
        return self._reader.lost

    @property
    def idle(self) -> bool:
        """Whether nothing is under way or waiting, be it for another program's lock: what a test waits for."""
        with self._wake:
            return self._opened and not (
                self._busy
                or self._writes
                or self._waiting()
                or (self._finisher is not None and self._finisher.is_alive())
            )
