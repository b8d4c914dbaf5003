"""Break a long text into lines of a width in cells, a slice of time at a time, so that no key waits for it.

Each line is a range of code points of the text, and together they are the whole of it: what is shown of a line is made
only when it is painted.  Two megabytes of plain English take some 0.1 s in all, of mixed scripts about one second.
"""

from __future__ import annotations

import re
import time
from array import array
from bisect import bisect_right

from rich.cells import cell_len

from db.visible import MARKS_KEPT, visible

TAB = "    "
"""What a tab is shown as."""

HANG = 400
"""Spaces that may stand beyond the end of a line, unseen."""

LONGEST = 4
"""A line has at most this many code points for each of its cells (and some more): marks without end are broken too."""

_LINES_BETWEEN_LOOKS = 32
"""Lines made between two looks at the clock."""

_CELLS_KEPT = 20_000

# Letters and signs that take one cell and that no other character changes: what most texts are made of.
_NARROW = (
    r" -~\xa1-\xac\xae-\u02ff\u0370-\u0377\u0384-\u0481\u05d0-\u05ea\u0621-\u063a\u0641-\u064a"
    r"\u2010-\u2015\u2018-\u2022\u2026\u20ac"
)
# Han, kana and Hangul syllables: two cells each, and a line may end after any of them.
_WIDE = r"\u3041-\u3096\u30a1-\u30fa\u4e00-\u9fff\uac00-\ud7a3"
# Two cells too, but none of these may begin a line.
_CLOSING = r"\u3001\u3002\uff0c\uff1a\uff1b\uff01\uff1f\uff09\u300d\u300f\u3011\u3009\u300b\u30fc"
_IS_CLOSING = re.compile(f"[{_CLOSING}]")
_END = r"(?:\r?\n|\Z)"


class _Cells(dict[str, int]):
    """Cells that a character takes where it is shown."""

    def __missing__(self, character: str) -> int:
        if len(self) > _CELLS_KEPT:
            self.clear()
        # A variation selector may widen the sign before it.
        cells = 1 if character == "\ufe0f" else cell_len(visible(character, tab=TAB))
        self[character] = cells
        return cells


_cells = _Cells()


class TextLines:
    """The lines of `text` at `width` cells, as far as they are made: line i is text[starts[i]:starts[i + 1]]."""

    def __init__(self, text: str, width: int) -> None:
        self.text = text
        self.width = max(2, width)
        self.starts = array("q", [0])
        """Where the lines begin; the last is where the next begins that is yet to be made."""
        w = self.width
        half = w // 2
        self._quick = re.compile(
            f"[{_NARROW}]{{0,{w}}}{_END}"
            f"|(?=[{_NARROW}]{{{w + 1}}})(?:[{_NARROW}]{{0,{w}}} {{1,{HANG}}}(?:\r?\n)?|[{_NARROW}]{{{w}}})"
            f"|[{_WIDE}{_CLOSING}]{{0,{half}}}{_END}"
            f"|[{_WIDE}{_CLOSING}]{{{half}}}(?=[{_WIDE}])"
        )

    @property
    def done(self) -> bool:
        """Whether all lines are made."""
        return self.starts[-1] >= len(self.text)

    @property
    def count(self) -> int:
        """Number of lines made; an empty text has one, and so has what follows a last line break."""
        more = self.done and (not self.text or self.text.endswith("\n"))
        return len(self.starts) - 1 + more

    def extend(self, seconds: float) -> bool:
        """Make more lines for about `seconds`; True when all are made."""
        until = time.perf_counter() + seconds
        while not self.done:
            self.starts.extend(self._ends())
            if time.perf_counter() >= until:
                break
        return self.done

    def _ends(self) -> list[int]:
        """Where the next lines end, one look's worth of them."""
        text, quick, at, size = self.text, self._quick, self.starts[-1], len(self.text)
        ends: list[int] = []
        while at < size and len(ends) < _LINES_BETWEEN_LOOKS:
            found = quick.match(text, at)
            at = found.end() if found is not None and found.end() > at else self._slow_end(at)
            ends.append(at)
        return ends

    def _slow_end(self, begin: int) -> int:
        """Where the line that begins at `begin` ends, character by character."""
        text, width = self.text, self.width
        used = marks = 0
        last = before = begin  # the last places where the line may be broken
        at = begin
        end = min(len(text), begin + LONGEST * width + HANG)
        while at < end:
            character = text[at]
            if character == "\n":
                return at + 1
            if character == "\r" and text.startswith("\n", at + 1):
                return at + 2
            cells = _cells[character]
            # A variation selector takes room by the sign before it, and is a mark all the same.
            marks = 0 if cells and character != "\ufe0f" else marks + 1
            if marks == MARKS_KEPT + 1:
                cells = 1  # an ellipsis is shown for it and all that follow it
            if used + cells > width:
                return self._broken(begin, at, last, before)
            used += cells
            at += 1
            if character in " \t":
                before, last = last, at
            elif last == at - 1 and last > begin and (not cells or _IS_CLOSING.match(character)):
                last = at  # belongs to what stands before it
            elif cells == 2:
                before, last = last, at
        return at

    def _broken(self, begin: int, at: int, last: int, before: int) -> int:
        """Where a line that is full at `at` ends: behind spaces that follow, else at the last place where it may."""
        text = self.text
        if text[at] == " ":
            stop = min(len(text), at + HANG)
            while at < stop and text[at] == " ":
                at += 1
            for line_break in ("\n", "\r\n"):
                if text.startswith(line_break, at):
                    return at + len(line_break)
            return at
        if last == at and _IS_CLOSING.match(text[at]):
            last = before
        return last if last > begin else max(at, begin + 1)

    def line_of(self, position: int) -> int | None:
        """The line that has a position; None when it is not made yet."""
        if position >= self.starts[-1]:
            return self.count - 1 if self.done else None
        return bisect_right(self.starts, position) - 1

    def span(self, line: int) -> tuple[int, int]:
        """Where a line begins and ends, its line break left out."""
        if line + 1 >= len(self.starts):
            return self.starts[-1], self.starts[-1]
        start, end = self.starts[line], self.starts[line + 1]
        if end > start and self.text[end - 1] == "\n":
            end -= 1
            if end > start and self.text[end - 1] == "\r":
                end -= 1
        return start, end
