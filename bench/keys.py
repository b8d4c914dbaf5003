"""Key to painted frame: the same keys in several runs, each timed to the screen that the first run ended in.

The first run is not timed.  After each key it waits until the program neither writes nor computes, and keeps the
screen.  The runs that are timed press the same keys and wait for the same screens, so a time is never that of
a half answer, and a screen that differs from run to run is a fault that is reported.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

from bench.figures import NONE, Figure, Target
from bench.program import LARGE, NAME, Shot, Size, dateline
from bench.stores import BenchStore, Material
from bench.terminal import BACKSPACE, DOWN, ENTER, ESCAPE, PAGE_DOWN, Terminal

MOVES = ("page down", "end", "go to date")
ANSWERS = ("letter typed", "letter erased", "facet on", "facet off")

_THINKING_S = 0.06
"""Between two keys of a timed run, so that each key finds the program at rest."""

_HELD_RATE, _HELD_S = 30, 3.0


@dataclass(frozen=True, slots=True)
class Step:
    """One key; `kind` names the figure that its time goes to, "" when it is only on the way."""

    keys: str
    kind: str = ""


@dataclass(slots=True)
class Times:
    """Times by kind in ms: to the totals and rows, and to the whole screen; `faults` names what did not come."""

    answered: dict[str, list[float]] = field(default_factory=dict)
    whole: dict[str, list[float]] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)


def steps(material: Material) -> list[Step]:
    """The keys of a run: paging, ends, dates, two words typed and erased, facets, facets under a word."""
    way: list[Step] = [Step(PAGE_DOWN, "page down")] * 12
    way += [Step("G", "end"), Step("g")] * 4
    for day in material.days:
        way += [Step("@"), *map(Step, day), Step(ENTER, "go to date")]
    way += [Step("g"), Step("/")]
    for word in (material.frequent, material.rare):
        way += [Step(letter, "letter typed") for letter in word]
        way += [Step(BACKSPACE, "letter erased")] * len(word)
    way += [Step(ESCAPE), Step("f")]
    toggles = [Step(DOWN), Step(ENTER, "facet on"), Step(ENTER, "facet off")]
    way += [*toggles, *toggles, Step("l"), *toggles, *toggles, Step("l"), *toggles]
    way += [Step(ESCAPE), Step("/"), *(Step(letter) for letter in material.frequent), Step(ENTER), Step("f"), Step("g")]
    return [*way, *toggles, Step("l"), *toggles]


def learn(main: Path, store: BenchStore, size: Size, way: Sequence[Step]) -> list[Shot]:
    """The screens that the program ends in, before the first key and after each."""
    with dateline(main, store, size) as terminal:
        terminal.wait(NAME, timeout=60)
        terminal.calm(timeout=900)
        shots = [Shot.of(terminal.lines)]
        for step in way:
            terminal.press(step.keys)
            # A lone Esc is known as such only when nothing has followed for a tenth of a second.
            terminal.calm(quiet=0.3 if step.keys == ESCAPE else 0.2)
            shots.append(Shot.of(terminal.lines))
    return shots


def run(
    main: Path,
    store: BenchStore,
    size: Size,
    way: Sequence[Step],
    shots: Sequence[Shot],
    times: Times,
    patience: float = 20.0,
) -> None:
    """Press the keys again and time each to its screen; what changes nothing on the screen is pressed but not timed.

    A screen that does not come within `patience` seconds is a fault, and ends the run.
    """
    with dateline(main, store, size) as terminal:
        terminal.wait(shots[0].whole, timeout=120)
        terminal.calm()
        for step, before, after in zip(way, shots, shots[1:], strict=False):
            seen = terminal.lines
            at = terminal.press(step.keys)
            if before == after:
                terminal.calm()
                continue
            try:
                answered = (
                    terminal.wait(after.answered, timeout=patience, since=at) if before.answer != after.answer else None
                )
                whole = terminal.wait(after.whole, timeout=patience, since=at)
            except TimeoutError:
                times.faults.append(_fault(store, size, step, after, terminal, seen))
                return
            # A letter that leaves the totals as they are asks less than one that does not: not counted.
            if step.kind in MOVES or (step.kind in ANSWERS and before.lines[0] != after.lines[0]):
                times.answered.setdefault(step.kind, []).append((whole if answered is None else answered) * 1e3)
                times.whole.setdefault(step.kind, []).append(whole * 1e3)
            time.sleep(_THINKING_S)


def _fault(store: BenchStore, size: Size, step: Step, after: Shot, terminal: Terminal, seen: list[str]) -> str:
    now = terminal.lines
    lines = [y + 1 for y, (is_, should) in enumerate(zip(now, after.lines, strict=False)) if is_ != should]
    stuck = ", nothing changed" if now == seen else ""
    y = lines[0] - 1 if lines else 0
    return (
        f"{store.label} {size}: after {step.kind or 'the key'} {step.keys!r} the screen is not what it was in the first"
        f" run{stuck}; {len(lines)} lines differ, line {y + 1} is {now[y].strip()!r}, was {after.lines[y].strip()!r}"
    )


def figures(times: Times, store: BenchStore, size: Size, echo: Figure) -> list[Figure]:
    """The figures of all runs on one store and screen; targets are those for a million incidents."""
    found = []
    for kind in (*MOVES, *ANSWERS):
        if kind in times.answered:
            target = _target(kind, size)
            label = f"key → rows and totals: {kind}"
            found.append(Figure(label, "ms", tuple(times.answered[kind]), store.label, str(size), target, echo))
    for kind in (*MOVES, *ANSWERS):
        if kind in times.whole:
            label = f"key → whole screen: {kind}"
            found.append(Figure(label, "ms", tuple(times.whole[kind]), store.label, str(size), NONE, echo))
    return found


def _target(kind: str, size: Size) -> Target:
    if kind in MOVES:
        return Target(median=16)
    return Target(median=40, p95=80) if size == LARGE else Target(median=25, p95=50)


def held(main: Path, store: BenchStore, size: Size) -> list[Figure]:
    """Page down held for three seconds at 30 a second: frames a second, longest gap, and lag of the last frame."""
    with dateline(main, store, size) as terminal:
        terminal.wait(NAME, timeout=60)
        terminal.calm(timeout=300)
        first = len(terminal.chunks)
        began = time.perf_counter()
        last = began
        for number in range(round(_HELD_RATE * _HELD_S)):
            time.sleep(max(0.0, began + number / _HELD_RATE - time.perf_counter()))
            last = terminal.press(PAGE_DOWN)
        terminal.calm()
        frames = [chunk.at for chunk in terminal.chunks[first:] if b"\x1b[?2026l" in chunk.data]
    if len(frames) < 2:
        return []
    gaps = tuple((b - a) * 1e3 for a, b in pairwise(frames))
    where = (store.label, str(size))
    return [
        Figure("page down held: between two frames", "ms", gaps, *where),
        Figure("page down held: last frame after the last key", "ms", ((frames[-1] - last) * 1e3,), *where),
    ]
