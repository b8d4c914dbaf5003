"""Which quote shows at each position of a page where quotes nest and overlap: the shortest one lies on top."""

from __future__ import annotations

import heapq
from bisect import bisect_right
from collections.abc import Iterator, Sequence

from db.source_reader import Mark


class Cover:
    """The marks of a page laid over one another, flattened once into stretches."""

    def __init__(self, marks: Sequence[Mark] = ()) -> None:
        self._bounds: list[int] = [0]
        self._tops: list[tuple[int | None, int]] = [(None, 0)]
        """For each stretch that begins at a bound: the index of the mark on top, and how many lie there."""
        begins = sorted(range(len(marks)), key=lambda i: marks[i].start)
        ends = sorted(mark.end for mark in marks)
        open_: list[tuple[int, int, int]] = []  # (length, index, end), shortest first
        begun = ended = 0
        for at in sorted({mark.start for mark in marks} | set(ends)):
            while begun < len(begins) and marks[begins[begun]].start == at:
                mark = marks[begins[begun]]
                heapq.heappush(open_, (mark.end - mark.start, begins[begun], mark.end))
                begun += 1
            while ended < len(ends) and ends[ended] <= at:
                ended += 1
            while open_ and open_[0][2] <= at:
                heapq.heappop(open_)
            top = open_[0][1] if open_ else None
            if at == self._bounds[-1]:
                self._tops[-1] = (top, begun - ended)
            else:
                self._bounds.append(at)
                self._tops.append((top, begun - ended))

    def at(self, position: int) -> int | None:
        """The index of the mark on top at a position, None where there is none."""
        return self._tops[bisect_right(self._bounds, position) - 1][0]

    def stretches(self, start: int, end: int) -> Iterator[tuple[int, int, int | None, int]]:
        """(start, end, mark on top, how many lie there) of each stretch between two positions."""
        i = bisect_right(self._bounds, start) - 1
        while start < end:
            stop = min(end, self._bounds[i + 1]) if i + 1 < len(self._bounds) else end
            yield (start, stop, *self._tops[i])
            start = stop
            i += 1
