"""What was typed of notes, or as a reason, and is not in the store."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from db.model import Note
from tui.write_queue import Typed

Draft = tuple[str, Note | None]
"""Of what a text is a draft: the incident's key, and the note as it was, None for a new one.

As it was, because ids are given out again, and because a note that was changed since is no longer what the draft was
made from.
"""


class Drafts(dict[Draft, str]):
    """The texts by what they are drafts of."""

    def __init__(self) -> None:
        super().__init__()
        self._refused: dict[Draft, str] = {}
        """What of a draft was refused: its beginning, unless it has been changed since."""
        self.left: list[Typed] = []
        """Those that were meant for a store which was left for another: no dialog offers them again."""

    def with_refused(self, draft: Draft, text: str, typed: str) -> str:
        """What was refused before what was typed of that draft since, and behind what was refused before it."""
        before = self._refused.get(draft)
        if before is not None and (typed == before or typed.startswith(f"{before}\n\n")):
            text = f"{before}\n\n{text}"
            typed = typed[len(before) :].removeprefix("\n\n")
        self._refused[draft] = text
        return f"{text}\n\n{typed}" if typed else text

    def leave(self) -> int:
        """Another store is shown; returns how many were meant for the one that is left."""
        many = len(self)
        self.left += [worded(draft, text) for draft, text in self.items()]
        self.clear()
        return many

    def typed(self) -> list[Typed]:
        """Each with what it is."""
        return [*self.left, *(worded(draft, text) for draft, text in self.items())]


class Reasons:
    """Reasons that were refused: each fills the next line that asks for one of the same, or is told at the end."""

    def __init__(self) -> None:
        self._of: dict[Hashable, Typed] = {}
        self._left: list[Typed] = []
        """Those that were meant for a store which was left for another."""

    def of(self, thing: Hashable) -> str:
        """What to fill the line with."""
        return self._of[thing].text if thing in self._of else ""

    def sent(self, thing: Hashable, filled: str) -> None:
        """The line that was filled so has been entered: what it was filled with is on its way again."""
        if self.of(thing) == filled:
            self._of.pop(thing, None)

    def refused(self, thing: Hashable, typed: Typed) -> None:
        """Keep one, behind what was refused of the same before."""
        before = self.of(thing)
        self._of[thing] = Typed(typed.what, f"{before}; {typed.text}") if before else typed

    def leave(self) -> None:
        """Another store is shown, where none of them is offered."""
        self._left += self._of.values()
        self._of.clear()

    def typed(self) -> list[Typed]:
        """Each with what it is."""
        return [*self._left, *self._of.values()]


@dataclass(frozen=True, slots=True)
class Reason:
    """A reason that a line asks for."""

    kept: Reasons
    of: Hashable
    """What it is a reason of: the next line that asks for that gets what became of none."""
    what: str
    """What it is, in words."""
    filled: str
    """What the line was filled with."""

    @classmethod
    def asked(cls, kept: Reasons, of: Hashable, what: str) -> Reason:
        """One whose line is filled with what was refused before."""
        return cls(kept, of, what, kept.of(of))

    def sent(self) -> None:
        """It is on its way to the store."""
        self.kept.sent(self.of, self.filled)

    def refused(self, text: str) -> None:
        """It was not written."""
        self.kept.refused(self.of, Typed(self.what, text))

    def typed(self, text: str) -> list[Typed]:
        """What was typed, if anything was."""
        return [Typed(self.what, text)] if text.strip() and text != self.filled else []


@runtime_checkable
class Typing(Protocol):
    """A screen in which a reason is being typed."""

    def unfinished(self) -> list[Typed]:
        """The reason, if there is anything of it."""

    def keep(self) -> None:
        """Keep it for the next line that asks for it: this one is taken away."""


def worded(draft: Draft, text: str) -> Typed:
    """What was typed of a note, and what it is."""
    key, note = draft
    return Typed(f"{'a note' if note is None else 'a change of a note'} on {key}", text)
