"""The queries of earlier runs, one JSON text a line, newest last."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path

import platformdirs

from db.connection import came_as_bytes
from db.errors import LockedError, UsageError
from db.input_file import check_input
from db.turns import turn
from db.whole_file import whole

KEPT = 500

MOST = 64 << 20
"""Largest file that can be one of queries, bytes; what is larger is another's, and left alone."""

WAIT_MS = 200
"""How long another timeline may be writing its queries before this one keeps its own to itself, milliseconds."""

TAIL = 1 << 20
"""Bytes at its end that are read: two thousand for each query that is kept."""


def path() -> Path:
    """Where the history is kept."""
    return Path(platformdirs.user_state_dir("dateline")) / "history.jsonl"


class History:
    """Walks back and forth through past queries; a file that cannot be read or written is no reason to stop."""

    def __init__(self, file: Path | None = None) -> None:
        self._file = file or path()
        self._past: list[str] | None = None
        """The queries, newest last; None until they are asked for, and no file need be read before the first rows."""
        self._at = 0
        self._draft = ""

    def add(self, text: str) -> None:
        """Note a query that was used; the same one twice in a row is noted once."""
        text = text.strip()
        if self._past is not None:
            self._at = len(self._past)
        if not text or (self._past and self._past[-1] == text):
            return
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            with turn(self._file.parent, WAIT_MS):
                self._note(text)
        except (OSError, LockedError):
            self._past = [*(self._past or [])[-KEPT + 1 :], text]
            self._at = len(self._past)

    def _note(self, text: str) -> None:
        kept = self._read()  # another timeline may have noted some, too
        if kept and kept[-1] == text and self._past is None:
            return
        past = (self._past or []) if kept is None else kept
        self._past = [*past[-KEPT + 1 :], text]
        self._at = len(self._past)
        if kept is None:
            return  # what cannot be read is not written over
        with suppress(OSError, UsageError), whole(self._file) as out:
            out.writelines(json.dumps(past) + "\n" for past in self._past)

    def step(self, step: int, now: str) -> str | None:
        """The query before (-1) or after (1) the one shown; None at the ends.  What was being typed comes back last."""
        if self._past is None:
            self._past = self._read() or []
            self._at = len(self._past)
        if self._at == len(self._past):
            self._draft = now
        to = self._at + step
        if not 0 <= to <= len(self._past):
            return None
        self._at = to
        return self._draft if to == len(self._past) else self._past[to]

    def _read(self) -> list[str] | None:
        """The queries that the file has, without lines that are none; None where it cannot be read."""
        try:
            size = check_input(self._file, pipes=False)
            if size > MOST:
                return None
            with self._file.open("rb") as file:
                file.seek(max(0, size - TAIL))
                lines = file.read(TAIL).splitlines()[size > TAIL :]  # the first is cut where it is not the file's
        except FileNotFoundError:
            return []
        except (OSError, UsageError):
            return None
        past = []
        for line in lines[-KEPT:]:
            try:
                text = json.loads(line.decode("utf-8"))
            except (ValueError, RecursionError):
                continue
            if isinstance(text, str) and came_as_bytes(text):
                past.append(text)
        return past
