"""What others have written while the timeline was open: which rows are marked, and the words for it."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator

from db.news import News, Span
from db.plural import counted

NEW, CHANGED = "+", "*"
"""Glyphs in the gutter of a row."""


class Marks:
    """The incidents that others made or changed and that the cursor has not passed since."""

    def __init__(self) -> None:
        self.clear()

    def clear(self) -> None:
        """Take all marks away."""
        self._new: list[Span] = []
        self._changed: set[int] = set()
        self._passed: set[int] = set()
        self._back = 0
        """How many came back under an old id."""
        self._gone = 0
        self._names = False

    def add(self, news: News) -> None:
        """Take over what a look has found."""
        # A number that no incident has any more, or that was given out anew, has the marks of none before.
        for span in (*news.left, *news.new):
            self._new = [part for new in self._new for part in _without(new, span)]
        over = sorted((*news.left, *news.new))
        self._changed = {i for i in self._changed if not _within(over, i)}
        self._passed = {i for i in self._passed if not _within(over, i)}
        self._new = sorted([*self._new, *news.new])
        self._changed |= news.changed - {i for i in news.changed if self._is_new(i)}
        self._passed -= news.changed
        self._back += news.added - _count(news.new)
        self._gone += news.gone
        self._names = self._names or news.names

    def glyph(self, incident_id: int) -> str:
        """The mark of a row, "" for none."""
        if incident_id in self._passed:
            return ""
        if self._is_new(incident_id):
            return NEW
        return CHANGED if incident_id in self._changed else ""

    def pass_over(self, incident_id: int) -> bool:
        """The cursor has been on an incident and left it; True when a mark went."""
        if not self.glyph(incident_id):
            return False
        self._passed.add(incident_id)
        if not self.left:
            self.clear()
        return True

    @property
    def left(self) -> int:
        """How many rows are still marked."""
        return _count(self._new) + len(self._changed) - len(self._passed)

    def ids(self) -> Iterator[int]:
        """The incidents still marked."""
        for first, last in self._new:
            yield from (i for i in range(first, last + 1) if i not in self._passed)
        yield from self._changed - self._passed

    @property
    def words(self) -> str:
        """What is new, for the head line: "+3 incidents, 2 changed"; "" for nothing."""
        return words(*self._numbers)

    @property
    def signs(self) -> str:
        """The same where there is little room: "+3 *2"."""
        return signs(*self._numbers)

    @property
    def _numbers(self) -> tuple[int, int, int, bool]:
        new = self._back + _count(self._new) - sum(self._is_new(i) for i in self._passed)
        changed = len(self._changed - self._passed)
        return new, changed, self._gone, self._names

    def _is_new(self, incident_id: int) -> bool:
        return _within(self._new, incident_id)


def _within(spans: list[Span], number: int) -> bool:
    """Whether one of some spans, in order, has a number."""
    at = bisect_right(spans, (number, 1 << 62)) - 1
    return at >= 0 and spans[at][0] <= number <= spans[at][1]


def _without(span: Span, other: Span) -> Iterator[Span]:
    """What of a span stands before and behind another one."""
    for first, last in ((span[0], min(span[1], other[0] - 1)), (max(span[0], other[1] + 1), span[1])):
        if first <= last:
            yield first, last


def _count(spans: Iterable[Span]) -> int:
    return sum(last - first + 1 for first, last in spans)


def told(news: News, *, short: bool = False) -> str:
    """What a look has found, in the words of the head line."""
    return (signs if short else words)(news.added, len(news.changed), news.gone, news.names)


def signs(new: int, changed: int, gone: int, names: bool) -> str:
    """Numbers of incidents that are new, changed and gone with the signs of the gutter."""
    found = [f"{sign}{count:,}" for sign, count in ((NEW, new), (CHANGED, changed), ("-", gone)) if count]
    return " ".join(found) or ("names" if names else "")


def words(new: int, changed: int, gone: int, names: bool) -> str:
    """Numbers of incidents that are new, changed and gone in words; names count only where nothing else does."""
    parts = [f"+{counted(new, 'incident')}"] if new else []
    parts += [f"{changed:,} changed"] if changed else []
    parts += [f"{gone:,} gone"] if gone else []
    if names and not parts:
        parts.append("names changed")
    return ", ".join(parts)
