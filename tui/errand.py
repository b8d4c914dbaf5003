"""Long work that reads the store in a thread and on a connection of its own, so that keys are answered meanwhile."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from textual.message import Message

from db.connection import one_moment
from db.errors import MISFITS, DatelineError, StoreError
from db.faults import FAULTS, as_store_error
from db.store import Store
from tui.messages import Found, surface
from tui.open_store import blamed

if TYPE_CHECKING:
    from tui.session import Session

Tell = Callable[[Callable[[Any], None], Any], None]
"""Hands a value to a function in the screens' thread; raises what ends the errand once it is stopped."""

Work = Callable[[Store, Tell], None]

PATIENCE_S = 2.0
"""How long `wait` waits, seconds."""


class StoppedError(Exception):
    """Nobody waits for the errand any more."""


class Errand:
    """Runs `work` at once.  All it tells comes as `Found`, and nothing of it once the errand is stopped."""

    def __init__(
        self,
        session: Session,
        work: Work,
        post: Callable[[Message], object],
        failed: Callable[[str], None],
        stopped: Callable[[None], None] | None = None,
    ) -> None:
        """`failed` hears in one line what went wrong; `stopped` that a stopped errand has come to its end."""
        self._path = session.path
        self._lost = session.fate
        self._work = work
        self._post = post
        self._failed = failed
        self._stopped = stopped
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name="dateline-errand", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Have it end at its next word; returns at once."""
        self._stopping = True

    @property
    def stopping(self) -> bool:
        """Whether it was stopped, and may not have ended yet."""
        return self._stopping

    def wait(self) -> None:
        """Wait a little for its end: never in the screens' thread."""
        self._thread.join(timeout=PATIENCE_S)

    def _run(self) -> None:
        try:
            self._do()
        except BaseException as error:
            # A mistake of the program: the screen would wait for its answer for ever.
            self._post(Found(surface, error))
            raise
        self._post(Found(self._ended, None))

    def _do(self) -> None:
        try:
            self._check_file()
            with Store.open(self._path) as store, one_moment(store.connection):
                self._check_file()  # it can have been replaced before it was open
                self._work(store, self._tell)
        except StoppedError:
            return
        except DatelineError as error:
            self._fail(str(error))
        except FAULTS as error:
            self._fail(str(as_store_error(self._path, error)))
        except MISFITS as error:
            told = blamed(self._path, error)
            if told is None:
                raise
            self._fail(str(told))

    def _check_file(self) -> None:
        """Raise StoreError where another file stands at the store's place: its numbers are not those on the screen."""
        if (lost := self._lost()) is not None:
            raise StoreError(f"{lost}; nothing was read from there")

    def _ended(self, _: None) -> None:
        """In the screens' thread, behind all that was told: a stop that came after the end has still stopped that."""
        if self._stopping and self._stopped is not None:
            self._stopped(None)

    def _fail(self, text: str) -> None:
        self._post(Found(self._unless_stopped(self._failed), text))

    def _tell(self, take: Callable[[Any], None], value: Any) -> None:
        if self._stopping:
            raise StoppedError
        self._post(Found(self._unless_stopped(take), value))

    def _unless_stopped(self, take: Callable[[Any], None]) -> Callable[[Any], None]:
        """For what was on its way when the errand was stopped: whoever stopped it has gone on to something else."""

        def taken(value: Any) -> None:
            if not self._stopping:
                take(value)

        return taken
