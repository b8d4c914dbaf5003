"""Long work that reads the store in a thread and on a connection of its own, so that keys are answered meanwhile."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from textual.message import Message

from db.errors import MISFITS, DatelineError
from db.store import FAULTS, Store, as_store_error
from tui.messages import Failed, Found
from tui.session_thread import blamed

Tell = Callable[[Callable[[Any], None], Any], None]
"""Hands a value to a function in the screens' thread; raises what ends the errand once it is stopped."""

Work = Callable[[Store, Tell], None]


class StoppedError(Exception):
    """Nobody waits for the errand any more."""


class Errand:
    """Runs `work` at once; what it tells is posted as `Found`, what goes wrong as `Failed`."""

    def __init__(self, path: Path, work: Work, post: Callable[[Message], object]) -> None:
        self._path = path
        self._work = work
        self._post = post
        self._stopped = False
        self._thread = threading.Thread(target=self._run, name="dateline-errand", daemon=True)
        self._thread.start()

    @property
    def under_way(self) -> bool:
        """Whether it has not ended yet."""
        return self._thread.is_alive()

    def stop(self) -> None:
        """Have it end at its next word, and wait a little for that."""
        self._stopped = True
        self._thread.join(timeout=2)

    def _run(self) -> None:
        try:
            with Store.open(self._path) as store:
                self._work(store, self._tell)
        except StoppedError:
            return
        except DatelineError as error:
            self._post(Failed(str(error)))
        except FAULTS as error:
            self._post(Failed(str(as_store_error(self._path, error))))
        except MISFITS as error:
            told = blamed(self._path, error)
            if told is None:
                raise
            self._post(Failed(str(told)))

    def _tell(self, take: Callable[[Any], None], value: Any) -> None:
        if self._stopped:
            raise StoppedError
        self._post(Found(take, value))
