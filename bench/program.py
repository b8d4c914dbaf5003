"""The program under measurement, and how to read its screen: the parts that tell whether an answer is there."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.stores import HOME, BenchStore
from bench.terminal import Lines, Predicate, Terminal

NAME = "Dateline"
"""Stands in the first line from the first frame on."""

FRAME_RATE = {"TEXTUAL_FPS": "240"}
"""What Dateline sets for itself; the trivial programs get it too, or they would wait for a slower frame timer."""


@dataclass(frozen=True, slots=True)
class Size:
    """Columns and rows of a screen."""

    columns: int
    rows: int

    def __str__(self) -> str:
        return f"{self.columns}x{self.rows}"


SMALL, LARGE = Size(80, 24), Size(200, 50)


def dateline(main: Path, store: BenchStore, size: Size) -> Terminal:
    """Start Dateline (the `main.py` given) on a store, with a home folder that holds its cache and no settings."""
    argv = [sys.executable, str(main), "--store", str(store.path)]
    return Terminal(argv, columns=size.columns, rows=size.rows, environment={"HOME": str(HOME)})


def script(name: str, size: Size) -> Terminal:
    """Start one of the trivial programs of bench/."""
    argv = [sys.executable, str(Path(__file__).with_name(name))]
    return Terminal(
        argv, columns=size.columns, rows=size.rows, environment={"HOME": str(HOME), **FRAME_RATE}
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Shot:
    """A screen as it should be in the end; `answered` ignores what may come a frame later (facets, details)."""

    lines: tuple[str, ...]

    @classmethod
    def of(cls, lines: Lines) -> Shot:
        """The shot of a screen."""
        return cls(tuple(lines))

    @property
    def answer(self) -> tuple[str, ...]:
        """The first line, the timeline's rows and the two last lines: totals, rows, query and keys."""
        return _region(self.lines).answer(self.lines)

    @property
    def answered(self) -> Predicate:
        """Whether a screen shows the same totals, rows and query."""
        region = _region(self.lines)
        expected = region.answer(self.lines)

        def same_answer(lines: Lines) -> bool:
            return region.answer(lines) == expected

        return same_answer

    @property
    def rows_shown(self) -> Predicate:
        """Whether a screen shows the same rows in the timeline; totals and the scrollbar may still come."""
        region = _region(self.lines)
        expected = region.rows(self.lines)

        def same_rows(lines: Lines) -> bool:
            return region.rows(lines) == expected

        return same_rows

    @property
    def whole(self) -> Predicate:
        """Whether a screen is the same in every cell."""
        expected = list(self.lines)

        def same_screen(lines: Lines) -> bool:
            return lines == expected

        return same_screen


def cursor_on(title: str) -> Predicate:
    """Whether the row that the cursor's bar marks has the beginning of a title; narrow screens cut the rest."""

    def predicate(lines: Lines) -> bool:
        return any(title[:9] in line[line.index("▌") :] for line in lines if "▌" in line)

    predicate.__name__ = f"the cursor on {title!r}"
    return predicate


def lacks(text: str) -> Predicate:
    """Whether the screen does not have the text (any more)."""

    def predicate(lines: Lines) -> bool:
        return not any(text in line for line in lines)

    predicate.__name__ = f"no {text!r}"
    return predicate


@dataclass(frozen=True, slots=True)
class _Region:
    """Where a screen has the timeline: lines from `top` to two before the last, columns `left` to `right`."""

    top: int
    left: int
    right: int

    def answer(self, lines: Sequence[str]) -> tuple[str, ...]:
        return (lines[0], *(line[self.left : self.right] for line in lines[self.top : -2]), *lines[-2:])

    def rows(self, lines: Sequence[str]) -> tuple[str, ...]:
        """The text of the pane, without what may be its frame and its scrollbar."""
        return tuple(line[self.left + 1 : self.right - 2] for line in lines[self.top : -3])


def _region(lines: Sequence[str]) -> _Region:
    """Framed where there is room, else below the density strip and right of the line beside the facets."""
    for top, line in enumerate(lines):
        if (left := line.find("╭─ Timeline")) >= 0:
            return _Region(top + 1, left, line.find("╮", left) + 1 or len(line))
    # The strip is a line of bars and dashes, and a line of years under it.
    bars = [y for y in range(1, min(4, len(lines))) if lines[y].strip() and not any(map(str.isalnum, lines[y]))]
    top = bars[-1] + 2 if bars else 1
    body = lines[top:-2]
    width = len(lines[0])
    left = next((x for x in range(width) if body and all(line[x] == "│" for line in body)), 0)
    return _Region(top, left, width)
