"""Find words in a long text, a slice of time at a time, so that no key waits for it."""

from __future__ import annotations

import re
import time
from array import array
from collections.abc import Callable

WINDOW = 100_000
"""Code points searched between two looks at the clock."""

TRIED = 100_000
"""Characters compared between two looks at the clock, at most once more those of a line."""

BEGINNING = 50
"""Characters of the first word that are looked for before the others are compared."""


class TextSearch:
    """The places of some words in a text, case aside; a space among them stands for any white space.

    Hits that begin where `skipped` says so are left out.
    """

    def __init__(self, text: str, words: str, skipped: Callable[[int], bool] = lambda _: False) -> None:
        self.words = words
        self.starts = array("q")
        self.ends = array("q")
        self._text = text
        self._skipped = skipped
        self._at = 0
        parts = [re.escape(part) for part in words.split()]
        self._first = re.compile(re.escape(words.split()[0][:BEGINNING]), re.IGNORECASE) if parts else None
        self._pattern = re.compile(r"\s++".join(parts), re.IGNORECASE) if parts else None

    @property
    def done(self) -> bool:
        """Whether the whole text has been searched."""
        return self._pattern is None or self._at >= len(self._text)

    def extend(self, seconds: float) -> bool:
        """Search on for about `seconds`; True when all of the text has been searched."""
        until = time.perf_counter() + seconds
        while not self.done and self._first is not None and self._pattern is not None:
            stop = min(self._at + WINDOW, len(self._text))
            tried = 0
            while self._at < stop and tried < TRIED:
                # Where its beginning is the rest is compared, which may be thousands of letters that are nearly there.
                begun = self._first.search(self._text, self._at, min(len(self._text), stop + len(self.words)))
                if begun is None or begun.start() >= stop:
                    self._at = stop
                    break
                tried += len(self.words)
                found = self._pattern.match(self._text, begun.start())
                self._at = begun.start() + 1 if found is None else found.end()
                if found is not None and not self._skipped(found.start()):
                    self.starts.append(found.start())
                    self.ends.append(found.end())
            if time.perf_counter() >= until:
                break
        return self.done
