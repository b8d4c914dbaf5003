"""What a screen shows of pairs while words on them are on their way to the store.

Shown is the last word that is still to be written, else what is known to stand.  Words are written one after another,
and each may be refused: then what it stood for is shown no longer, whatever came before or behind it.
"""

from __future__ import annotations

from bisect import insort
from dataclasses import dataclass


@dataclass(eq=False, slots=True)
class Word:
    """What the user says of a pair."""

    at: int
    """Index of the pair."""
    verdict: str
    shown: str | None
    """What the screen showed of the pair before."""
    before: str | None = None
    """What stood in the store by this screen's doing."""
    over: str | None = None
    """What was known to stand when this was written."""
    new: bool = False
    """Whether it was written, and did not stand there by another's doing."""
    number: int = 0
    """Where it comes among those that were said."""


class Verdicts:
    """The words on the pairs of one list."""

    def __init__(self) -> None:
        self._numbers = 0
        self.said: list[Word] = []
        """Words that `u` takes back, the last one last."""
        self.ours: dict[int, str | None] = {}
        """What stands in the store by this screen's doing; the thread that writes alone touches it."""
        self._known: dict[int, str | None] = {}
        self._pending: dict[int, dict[object, str | None]] = {}

    def shown(self, at: int) -> str | None:
        """What is to be shown of a pair."""
        pending = self._pending.get(at)
        return next(reversed(pending.values())) if pending else self._known.get(at)

    def say(self, word: Word) -> None:
        """Note a word as the last that was said."""
        self._numbers += 1
        word.number = self._numbers
        self.said.append(word)

    def stands_after_all(self, word: Word) -> None:
        """Taking a word back was refused: it has its old place among those that were said."""
        insort(self.said, word, key=lambda one: one.number)

    def expect(self, at: int, verdict: str | None) -> object:
        """Show a verdict until `written` or `refused` is told of it, by the token given."""
        token = object()
        self._pending.setdefault(at, {})[token] = verdict
        return token

    def written(self, token: object, word: Word) -> None:
        """A word stands now, be it by another's doing."""
        self._arrived(token, word.at)
        word.over = self._known.get(word.at)
        self._known[word.at] = word.verdict

    def taken_back(self, token: object, word: Word, done: bool) -> None:
        """A word was taken back, or, not `done`, was none of this screen's."""
        self._arrived(token, word.at)
        if done:
            self._known[word.at] = word.over

    def taken_elsewhere(self, at: int) -> None:
        """What was said of a pair here stands no longer, by another's doing."""
        self._known.pop(at, None)
        self.said = [word for word in self.said if word.at != at or not word.new]

    def refused(self, token: object, at: int) -> None:
        """Nothing was written."""
        self._arrived(token, at)

    def _arrived(self, token: object, at: int) -> None:
        self._pending.get(at, {}).pop(token, None)
