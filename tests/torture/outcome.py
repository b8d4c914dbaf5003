"""What one part of the torture came to: how often it was tried, what happened, and what must not have happened."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass, field

FAULTS_SHOWN = 20
"""How many faults of a part are told before the rest is only counted."""


@dataclass(slots=True)
class Outcome:
    """One part's figures; `counts` in the order in which they are told, `faults` empty when nothing was lost."""

    part: str
    what: str
    tried: int = 0
    counts: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)
    begun: float = field(default_factory=time.monotonic)
    seconds: float = 0.0

    def end(self) -> Outcome:
        """Note how long it took, and return itself."""
        self.seconds = time.monotonic() - self.begun
        return self

    def fault(self, words: str) -> None:
        """Note something that must not happen."""
        self.faults.append(words)

    def lines(self) -> list[str]:
        """The figures for people: one line, then the faults."""
        counts = ", ".join(f"{number:,} {name}" for name, number in self.counts.items())
        found = [f"{self.part}: {self.tried:,} {self.what} in {self.seconds:,.0f} s: {counts or 'nothing'};"]
        found[0] += f" {len(self.faults)} faults" if self.faults else " no fault"
        found += [f"  fault: {words}" for words in self.faults[:FAULTS_SHOWN]]
        if len(self.faults) > FAULTS_SHOWN:
            found.append(f"  and {len(self.faults) - FAULTS_SHOWN} more")
        return found
