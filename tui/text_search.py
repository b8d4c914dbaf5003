"""Find words in a long text, a slice of time at a time, so that no key waits for it."""

from __future__ import annotations

import re
import time
from array import array
from collections.abc import Callable

WINDOW = 100_000
"""Code points searched between two looks at the clock."""

OVER = 1_000
"""Code points behind a window in which a hit that begins in it may end."""


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
        self._pattern = re.compile(r"\s+".join(parts), re.IGNORECASE) if parts else None

    @property
    def done(self) -> bool:
        """Whether the whole text has been searched."""
        return self._pattern is None or self._at >= len(self._text)

    def extend(self, seconds: float) -> bool:
        """Search on for about `seconds`; True when all of the text has been searched."""
        until = time.perf_counter() + seconds
        while not self.done and self._pattern is not None:
            stop = min(self._at + WINDOW, len(self._text))
            reach = min(len(self._text), stop + max(OVER, 2 * len(self.words)))
            following = stop
            for number, found in enumerate(self._pattern.finditer(self._text, self._at, reach)):
                if found.start() >= stop:
                    break
                if not self._skipped(found.start()):
                    self.starts.append(found.start())
                    self.ends.append(found.end())
                following = max(stop, found.end())
                if number % 1000 == 999 and time.perf_counter() >= until:
                    following = found.end()
                    break
            self._at = following
            if time.perf_counter() >= until:
                break
        return self.done
