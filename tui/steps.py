"""The steps of the filter: each query with the incident that the cursor stood on, to go back and forth between."""

from __future__ import annotations

from dataclasses import dataclass

KEPT = 200


@dataclass(slots=True)
class Step:
    """A query text, and the incident under the cursor when it was left."""

    text: str
    anchor: int | None = None


class Steps:
    """A line of steps with a present one; a new step drops what had been taken back."""

    def __init__(self, text: str = "") -> None:
        self._steps = [Step(text)]
        self._at = 0

    @property
    def listed(self) -> list[Step]:
        """All steps, oldest first."""
        return list(self._steps)

    @property
    def text(self) -> str:
        """The query of the present step."""
        return self._steps[self._at].text

    @property
    def at(self) -> int:
        """The index of the present step."""
        return self._at

    def push(self, text: str, anchor: int | None) -> None:
        """Take a new step from the present one, which was left at `anchor`."""
        self._steps[self._at].anchor = anchor
        self._steps = [*self._steps[max(0, self._at + 2 - KEPT) : self._at + 1], Step(text)]
        self._at = len(self._steps) - 1

    def landed(self, anchor: int | None) -> None:
        """The present step has put the cursor on an incident, which the one before it then comes back to."""
        if self._at:
            self._steps[self._at - 1].anchor = anchor

    def go(self, to: int, anchor: int | None) -> Step | None:
        """Go to another step, leaving the present one at `anchor`; None when there is none there."""
        if not 0 <= to < len(self._steps) or to == self._at:
            return None
        self._steps[self._at].anchor = anchor
        self._at = to
        return self._steps[to]
