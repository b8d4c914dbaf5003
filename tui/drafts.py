"""What was typed of notes and is not in the store."""

from __future__ import annotations

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

    def with_refused(self, draft: Draft, text: str, typed: str) -> str:
        """What was refused before what was typed of that draft since, and behind what was refused before it."""
        before = self._refused.get(draft)
        if before is not None and (typed == before or typed.startswith(f"{before}\n\n")):
            text = f"{before}\n\n{text}"
            typed = typed[len(before) :].removeprefix("\n\n")
        self._refused[draft] = text
        return f"{text}\n\n{typed}" if typed else text

    def typed(self) -> list[Typed]:
        """Each with what it is."""
        return [worded(draft, text) for draft, text in self.items()]


def worded(draft: Draft, text: str) -> Typed:
    """What was typed of a note, and what it is."""
    key, note = draft
    return Typed(f"{'a note' if note is None else 'a change of a note'} on {key}", text)
