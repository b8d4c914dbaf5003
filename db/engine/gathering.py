"""Gathers the postings of words in a process of its own, so that it never holds up a key of the program that waits.

It takes half a minute of computing for a million incidents; a thread would hold the interpreter's lock for much of it.
Run as a program it is that process: it ends with the one that started it.
"""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

from db.errors import DatelineError

_ROOT = Path(__file__).resolve().parents[2]
_PROGRAM = "import sys; sys.path.insert(0, sys.argv.pop(1)); from db.engine.gathering import main; sys.exit(main())"
"""The very code that runs now, wherever it was imported from."""

_NICE = 10
_STEPS_BETWEEN_LOOKS = 100_000
"""Steps of SQLite's virtual machine between two looks whether the other program still runs."""


class Gatherer:
    """One process that gathers; what it makes is in the cache when it is `done`."""

    def __init__(self, path: Path) -> None:
        """Begin to gather for the store at `path`."""
        self._process = subprocess.Popen(
            # -P: else a sqlite3.py of the folder that the program was started in would be run, not Python's own.
            [sys.executable, "-P", "-c", _PROGRAM, str(_ROOT), str(path.resolve()), str(os.getpid())],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,  # the keys ^C and ^Z of the terminal are for the program alone
        )

    @property
    def done(self) -> bool:
        """Whether the process has ended, well or not."""
        return self._process.poll() is not None

    def stop(self) -> None:
        """End the process; what it has not finished is thrown away."""
        if not self.done:
            self._process.kill()
        self._process.wait()


class _AbandonedError(Exception):
    """The program that wanted the postings has ended."""


def main() -> int:
    """Gather for the store and on behalf of the process given as arguments; 1 when nothing could be kept."""
    path, parent = Path(sys.argv[1]), int(sys.argv[2])
    with suppress(OSError):
        os.nice(_NICE)

    def look(_: float = 0.0) -> None:
        if os.getppid() != parent:
            raise _AbandonedError

    # Only here: the program that waits has imported them already, or has no need of them.
    from db.engine import gather_postings
    from db.faults import FAULTS
    from db.store import Store

    try:
        with Store.open(path) as store:
            store.connection.set_progress_handler(lambda: os.getppid() != parent, _STEPS_BETWEEN_LOOKS)
            return 0 if gather_postings(store, look) else 1
    except (DatelineError, *FAULTS, _AbandonedError):
        return 1
