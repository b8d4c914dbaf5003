"""Reading in the real program through a real terminal, at four sizes, and what is left of the terminal afterwards."""

from __future__ import annotations

import re
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from bench.program import cursor_on, lacks
from bench.terminal import BACKSPACE, ENTER, ESCAPE, F5, Predicate, Terminal

if TYPE_CHECKING:
    from tests.terminal.conftest import Start

FIRST, SECOND, LAST = "EFPs kill hundreds", "US forces return", "Militias show drones"
VICTORY = "Two drones strike Victory base"
HELD_ON = {25, 7}
"""Modes that a terminal starts with: the cursor is shown, long lines wrap."""


def press(terminal: Terminal, keys: str, then: str | Predicate) -> None:
    """Press keys and wait for what they must lead to."""
    terminal.press(keys)
    terminal.wait(then)


def assert_restored(terminal: Terminal) -> None:
    """The terminal is as it was: main screen, no mouse, no paste marks, cursor shown, echo and line input on."""
    modes = terminal.modes
    assert modes[1049] is False
    assert {mode for mode, on in modes.items() if on} <= HELD_ON, modes
    assert modes[25] is True
    assert terminal.attributes == terminal.attributes_before
    assert b"\x1b[<u" in terminal.raw.partition(b"\x1b[>")[2], "the keyboard protocol was taken and not given back"
    assert b"Traceback" not in terminal.raw


@pytest.mark.parametrize(("columns", "rows"), [(200, 50), (120, 40), (80, 24), (60, 16)])
def test_a_reader_finds_victory_base_and_leaves(start: Start, template: Path, columns: int, rows: int) -> None:
    terminal = start(template, columns, rows)
    terminal.wait(cursor_on(FIRST))
    press(terminal, "j", cursor_on(SECOND))
    press(terminal, "k", cursor_on(FIRST))
    press(terminal, "G", cursor_on(LAST))
    press(terminal, "g", cursor_on(FIRST))
    press(terminal, "/", "Enter results")
    press(terminal, "victory", "1 of 20")
    terminal.wait(cursor_on(VICTORY))
    press(terminal, ENTER, "Enter open")
    press(terminal, ENTER, lacks("Enter open"))
    terminal.wait("≠ disputed")
    press(terminal, ENTER, "Tehran is likely")
    press(terminal, ESCAPE, "Enter open")
    press(terminal, "?", "─ Help ─")
    press(terminal, ESCAPE, lacks("─ Help ─"))
    press(terminal, BACKSPACE, lacks("1 of 20"))
    terminal.wait(cursor_on(VICTORY))
    press(terminal, "f", "Enter filter")
    terminal.wait("drone strike")
    press(terminal, ESCAPE, "Enter open")
    press(terminal, "@", "─ Go to date ─")
    press(terminal, "2021-05", "→")
    press(terminal, ENTER, lacks("─ Go to date ─"))
    terminal.wait(cursor_on("Operation Guardian"))
    terminal.settle()
    for line in terminal.lines[:-1]:
        assert len(line) == columns
    terminal.press("q")
    assert terminal.wait_exit() == 0
    assert_restored(terminal)


def test_escape_leads_back_to_everything_and_never_out(start: Start, template: Path) -> None:
    terminal = start(template, 80, 24, "-q", "victory type:drone-strike", ready="1 of 20")
    press(terminal, "f", "Enter filter")
    for _ in range(5):
        terminal.press(ESCAPE)
        terminal.settle(0.3)
    assert "Enter open" in terminal.text
    assert "20 incidents + 25" in terminal.text
    assert terminal.alive
    terminal.press("q")
    assert terminal.wait_exit() == 0


def test_keys_that_arrive_at_once_mean_what_they_mean_one_by_one(start: Start, template: Path) -> None:
    """A fast hand, a paste or a slow line delivers several keys in one read."""
    terminal = start(template, 80, 24)
    press(terminal, "jjj", cursor_on("Iran flies"))
    press(terminal, "/victory", "1 of 20")
    terminal.wait("/ victory")
    press(terminal, ENTER + "?", "─ Help ─")
    assert "victory?" not in terminal.text
    terminal.press("qq")  # the first closes the help, the second the program
    assert terminal.wait_exit() == 0


def test_sizes_may_change_at_any_time(start: Start, template: Path) -> None:
    terminal = start(template, 120, 40)
    for columns, rows in ((80, 24), (200, 50), (60, 16), (30, 8), (10, 3), (1, 1), (120, 40), (45, 30), (100, 12)):
        terminal.resize(columns, rows)
        terminal.press("j")
        time.sleep(0.05)
    terminal.resize(80, 24)
    terminal.wait(lambda lines: "20 incidents" in lines[0] and lines[0].rstrip().endswith("live"))
    press(terminal, "g", cursor_on(FIRST))
    terminal.resize(120, 40)
    terminal.wait("─ Incident ─")
    terminal.settle()
    assert all(len(line) == 120 for line in terminal.lines[:-1])
    assert terminal.lines[38].startswith(" /")
    terminal.press("q")
    assert terminal.wait_exit() == 0
    assert_restored(terminal)


def test_held_keys_do_not_pile_up(start: Start, template: Path) -> None:
    terminal = start(template, 120, 40)
    for _ in range(60):
        terminal.press("jjjkk")
        time.sleep(0.005)
    press(terminal, "g", cursor_on(FIRST))
    press(terminal, F5, "Read the store anew")
    terminal.press("q")
    assert terminal.wait_exit() == 0


def test_no_color_leaves_out_every_colour(start: Start, template: Path) -> None:
    terminal = start(template, 120, 40, NO_COLOR="1")
    press(terminal, "/", "Enter results")
    press(terminal, "victory", "1 of 20")
    press(terminal, ENTER, "Enter open")
    press(terminal, "?", "─ Help ─")
    press(terminal, ESCAPE, lacks("─ Help ─"))
    assert colours(terminal.raw) == set()
    terminal.press("q")
    assert terminal.wait_exit() == 0


def test_with_colours_there_are_some(start: Start, template: Path) -> None:
    terminal = start(template, 80, 24)
    assert colours(terminal.raw)


def colours(raw: bytes) -> set[bytes]:
    """Select Graphic Rendition parameters that choose a colour (ECMA-48, and 38, 48 of ITU T.416)."""
    found = set()
    for parameters in re.findall(rb"\x1b\[([0-9;:]*)m", raw):
        numbers = [int(part) if part.isdigit() else 0 for part in re.split(rb"[;:]", parameters)]
        at = 0
        while at < len(numbers):
            code = numbers[at]
            if code in (38, 48, 58):
                found.add(parameters)
                at += 5 if numbers[at + 1 : at + 2] == [2] else 3
                continue
            if 30 <= code <= 37 or 40 <= code <= 47 or 90 <= code <= 107:
                found.add(parameters)
            at += 1
    return found
