"""Measured figures: samples with a unit, what they should be, and the limit that they are held against."""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Target:
    """What is asked of a figure (docs/performance.md): at most these, in the figure's unit; None asks nothing."""

    median: float | None = None
    p95: float | None = None
    ratio: float | None = None
    """Of the median to the limit's median."""

    @property
    def words(self) -> str:
        """The target as the table shows it."""
        parts = [
            f"{name}{value:g}" for name, value in (("≤", self.median), ("p95 ≤", self.p95)) if value is not None
        ] + ([f"≤{self.ratio:g}×"] if self.ratio is not None else [])
        return " ".join(parts)


NONE = Target()


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured quantity; `samples` holds every repetition in `unit` ("ms", "s", "MiB", "×", "/s")."""

    what: str
    unit: str
    samples: tuple[float, ...]
    store: str = ""
    """Label of the store, "" where there is none."""
    screen: str = ""
    """Columns x rows, "" where there is no screen."""
    target: Target = NONE
    limit: Figure | None = None
    """What nothing of this kind can be faster or smaller than, measured in the same run."""

    @property
    def median(self) -> float:
        """The middle sample."""
        return statistics.median(self.samples)

    @property
    def p95(self) -> float:
        """The sample that 95 in 100 do not exceed (nearest rank: the largest one when there are fewer than 20)."""
        return percentile(self.samples, 95)

    @property
    def ratio(self) -> float | None:
        """Median to the limit's median; None without a limit."""
        return self.median / self.limit.median if self.limit is not None and self.limit.median else None

    @property
    def met(self) -> bool | None:
        """Whether all that the target asks holds; None when it asks nothing."""
        asked = [
            (self.target.median, self.median), (self.target.p95, self.p95), (self.target.ratio, self.ratio),
        ]  # fmt: skip
        answers = [is_ <= at_most for at_most, is_ in asked if at_most is not None and is_ is not None]
        return all(answers) if answers else None


def percentile(samples: Sequence[float], percent: float) -> float:
    """Nearest-rank percentile: the smallest sample that `percent` of 100 samples do not exceed."""
    ordered = sorted(samples)
    return ordered[max(0, math.ceil(percent / 100 * len(ordered)) - 1)]
