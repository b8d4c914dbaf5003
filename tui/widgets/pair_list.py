"""The pairs of likely doubles as a list, and the two incidents of one of them side by side."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from db import linking
from db.doubles import Pair
from db.doubles_weighed import Weighed
from db.model import Incident
from tui.pair_lines import pair_lines
from tui.safe_text import fit, pad, safe
from tui.widgets.choice_view import ChoiceView
from tui.widgets.line_view import Line, LineView

VERDICTS = {"same_as": ("≈ same", "good"), linking.DISTINCT: ("✗ not same", "bad"), "related": ("~ related", "accent")}
"""Verdict → its glyph with a word, and its style."""

GONE = ("gone", "dim")
"""What stands for the verdict on a pair of which an incident is gone."""

CHANGED = ("changed", "warn")
"""What stands there until something is said of a pair that is not what it was weighed by."""

VERDICT = 10
"""Width of the column of verdicts."""


class PairList(ChoiceView):
    """The pairs, one a line: score, verdict, both titles."""

    def __init__(self, moved: Callable[[], None]) -> None:
        super().__init__(id="doubles-list", moved=moved)
        self.pairs: tuple[Pair, ...] = ()
        self.verdicts: dict[int, str] = {}
        """Index of a pair → what the analyst has said of it since the screen was opened."""
        self.gone: frozenset[int] = frozenset()
        """Indices of the pairs of which an incident is gone."""
        self.changed: frozenset[int] = frozenset()
        """Indices of those that are not what they were weighed by."""
        self._weighed: Mapping[int, Weighed] = {}
        self._titles: dict[int, str] = {}
        """Number of an incident → its title by now."""
        self.empty = "Looking for pairs …"

    def take(self, pairs: tuple[Pair, ...], weighed: Mapping[int, Weighed]) -> None:
        """Take over the pairs that were found, and what they were weighed by; nothing is said of them yet."""
        self.pairs, self._weighed = pairs, weighed
        self.verdicts, self._titles = {}, {}
        self.gone = self.changed = frozenset()
        self.recount()

    def follow(self, now: Mapping[int, Weighed]) -> None:
        """Show the titles of by now, and mark the pairs that are gone or changed."""
        was = self._weighed
        there = {number for number, one in now.items() if one.key == was[number].key}
        same = {number for number in there if now[number].by == was[number].by}
        sides = [{pair.first.id, pair.second.id} for pair in self.pairs]
        self.gone = frozenset(at for at, both in enumerate(sides) if not both <= there)
        self.changed = frozenset(at for at, both in enumerate(sides) if not both <= same) - self.gone
        self._titles = {number: now[number].title for number in there}
        self.refresh()

    @property
    def choices(self) -> int:
        return len(self.pairs)

    def line(self, y: int) -> Line:
        if not self.pairs:
            return ((f" {self.empty}", "dim"),)
        pair = self.pairs[y]
        unsaid = CHANGED if y in self.changed else ("", "dim")
        verdict, style = GONE if y in self.gone else VERDICTS.get(self.verdicts.get(y, ""), unsaid)
        room = max(8, self.text_width - VERDICT - 7)
        half = (room - 3) // 2
        first, second = (safe(self._titles.get(side.id, side.title)) for side in (pair.first, pair.second))
        return (
            (f" {pair.score:.2f} ", "key"),
            (pad(verdict, VERDICT) + " ", style),
            (pad(first, half), ""),
            (" ≈ ", "dim"),
            (fit(second, half), ""),
        )


class Comparison(LineView):
    """The two incidents of a pair, field by field."""

    def __init__(self) -> None:
        super().__init__(id="doubles-comparison")
        self.can_focus = False
        self.incidents: tuple[Incident, Incident] | None = None
        self._lines: list[Line] = []

    def show(self, incidents: tuple[Incident, Incident] | None) -> None:
        """Show a pair from its top, the one that is shown already from where it is; None: nothing."""
        if _keys(incidents) != _keys(self.incidents):
            self.scroll_to(y=0, animate=False)
        self.incidents = incidents
        self.resized()

    def resized(self) -> None:
        self._lines = [] if self.incidents is None else pair_lines(*self.incidents, self.text_width)
        self.recount()

    @property
    def line_count(self) -> int:
        return len(self._lines)

    def line(self, y: int) -> Line:
        return self._lines[y]


def _keys(incidents: tuple[Incident, Incident] | None) -> list[str]:
    return [incident.key for incident in incidents or ()]
