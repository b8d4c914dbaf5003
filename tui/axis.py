"""The axis of the density strip: days to columns, with very long empty stretches folded."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from db.dates import Day, civil, day_number
from db.engine import Histogram
from db.periods import month, month_of

FOLD = 7
"""Columns of a folded gap."""

FOLD_FROM = 3 * 365
"""A gap shorter than this is never folded, days."""

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_YEARS = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000, 50000, 100000)


@dataclass(frozen=True, slots=True)
class Stretch:
    """Days first..last (inclusive) over columns left..left+width-1; folded when nothing happened in it."""

    first: Day
    last: Day
    left: int
    width: int
    folded: bool = False


class Axis:
    """Days first..last over `width` columns."""

    def __init__(self, first: Day, last: Day, width: int, gaps: Sequence[tuple[Day, Day]] = ()) -> None:
        self.first, self.last, self.width = first, max(first, last), max(1, width)
        self.stretches = _stretches(self.first, self.last, self.width, gaps)
        edges: list[Day] = []
        self._column_of_bucket: list[int] = []
        for stretch in self.stretches:
            days = stretch.last - stretch.first + 1
            columns = 1 if stretch.folded else stretch.width
            for column in range(columns):
                # The first day that `column` puts there, so that a bar holds the very days that a filter takes.
                edge = stretch.first + -(-days * column // columns)
                if edge <= stretch.last and (not edges or edge > edges[-1]):
                    edges.append(edge)
                    self._column_of_bucket.append(stretch.left + (edge - stretch.first) * columns // days)
        self.histogram = Histogram((*edges, self.last + 1))

    def column(self, day: Day) -> int:
        """The column of a day, clamped to the axis."""
        day = max(self.first, min(day, self.last))
        stretch = next(s for s in self.stretches if day <= s.last)
        return stretch.left + (day - stretch.first) * stretch.width // (stretch.last - stretch.first + 1)

    def days(self, column: int) -> tuple[Day, Day]:
        """The first and last day of a column."""
        column = max(0, min(column, self.width - 1))
        stretch = next(s for s in self.stretches if column < s.left + s.width)
        days = stretch.last - stretch.first + 1
        at = column - stretch.left
        first = stretch.first + -(-days * at // stretch.width)
        following = stretch.first + -(-days * (at + 1) // stretch.width)
        return min(first, stretch.last), max(min(first, stretch.last), following - 1)

    def bars(self, counts: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
        """(certain, possible) per column from the counts per bucket; a column without a bucket of its own has none."""
        bars = [(0, 0)] * self.width
        for column, count in zip(self._column_of_bucket, counts, strict=True):
            bars[column] = count
        return bars

    def bucket_days(self, left: int, right: int) -> tuple[Day, Day] | None:
        """First and last day of the buckets drawn in columns left..right; None where none is drawn there."""
        at = [bucket for bucket, column in enumerate(self._column_of_bucket) if left <= column <= right]
        return (self.histogram.edges[at[0]], self.histogram.edges[at[-1] + 1] - 1) if at else None

    def folded(self, column: int) -> bool:
        """Whether a column belongs to a folded stretch."""
        return any(s.folded and s.left <= column < s.left + s.width for s in self.stretches)

    def labels(self) -> str:
        """One line of year, month or day labels that never touch; a fold says how long it is."""
        line = [" "] * self.width
        for stretch in self.stretches:
            if stretch.folded:
                years = round((stretch.last - stretch.first) / 365.25)
                _put(line, stretch.left, f"⋯{years} y⋯"[:FOLD].center(FOLD))
        for day, text in self._ticks():
            column = self.column(day)
            if not self.folded(column):
                _put(line, column, text)
        return "".join(line)

    def _ticks(self) -> list[tuple[Day, str]]:
        """The finest ticks whose labels fit: years, else months, else days."""
        real = [s for s in self.stretches if not s.folded]
        days = sum(s.last - s.first + 1 for s in real)
        per_day = sum(s.width for s in real) / max(1, days)
        ticks: list[tuple[Day, str]] = []
        # Stretch by stretch: a fold can be of thousands of years, and has no tick.
        for stretch in real:
            if per_day >= 4:
                ticks += [(day, str(civil(day)[2])) for day in range(stretch.first, stretch.last + 1)]
            elif per_day * 365 >= 12 * 5:
                ticks += [
                    (month(at).first, f"{_MONTHS[at % 12]} {at // 12}" if at % 12 == 0 else _MONTHS[at % 12])
                    for at in range(month_of(stretch.first), month_of(stretch.last) + 1)
                ]
            else:
                step = next((s for s in _YEARS if per_day * 365 * s >= 6), _YEARS[-1])
                begin, end = civil(stretch.first)[0], civil(stretch.last)[0]
                ticks += [(day_number(y, 1, 1), str(y)) for y in range(-(-begin // step) * step, end + 1, step)]
        inside = [(day, text) for day, text in ticks if self.first <= day <= self.last]
        year, of_year, day = civil(self.first)
        head = f"{day} {_MONTHS[of_year - 1]} {year}" if per_day >= 4 else f"{_MONTHS[of_year - 1]} {year}"
        return [(self.first, head if per_day * 365 >= 12 * 5 else str(year)), *inside]


def _stretches(first: Day, last: Day, width: int, gaps: Sequence[tuple[Day, Day]]) -> list[Stretch]:
    """The axis in stretches: gaps that are long, and a large part of it, are folded while there is room."""
    span = last - first + 1
    within = [(max(first, a), min(last, b)) for a, b in gaps if a <= last and b >= first]
    long = [(a, b) for a, b in within if b - a + 1 >= max(FOLD_FROM, span // 6) and a > first and b < last]
    while long and width < FOLD * len(long) + 8 * (len(long) + 1):
        long.remove(min(long, key=lambda gap: gap[1] - gap[0]))
    kept_days = span - sum(b - a + 1 for a, b in long)
    columns = width - FOLD * len(long)
    out: list[Stretch] = []
    start, left, spent, used = first, 0, 0, 0
    for gap in [*long, None]:
        end = last if gap is None else gap[0] - 1
        spent += end - start + 1
        share = columns - used if gap is None else max(1, columns * spent // kept_days - used)
        share = max(1, min(share, columns - used - (len(long) - sum(s.folded for s in out))))
        out.append(Stretch(start, end, left, share))
        left, used = left + share, used + share
        if gap is not None:
            out.append(Stretch(gap[0], gap[1], left, FOLD, folded=True))
            left += FOLD
            start = gap[1] + 1
    return out


def _put(line: list[str], at: int, text: str) -> None:
    """Write a label where it fits with a blank on both sides, or not at all."""
    end = at + len(text)
    if at < 0 or end > len(line):
        return
    around = line[max(0, at - 1) : end + 1]
    if all(character == " " for character in around):
        line[at:end] = text
