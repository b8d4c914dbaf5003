"""Work and live reload in the real program: ^z is undo and does not suspend, a second process shows by itself."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from bench.program import cursor_on, lacks
from bench.terminal import ENTER, ESCAPE, Predicate, Terminal
from db import read
from db.store import Store

if TYPE_CHECKING:
    from tests.terminal.conftest import Start

MAIN = Path(__file__).resolve().parents[2] / "main.py"
VICTORY = "victory-drones-2021-06-21"
UNDO, REDO, KEEP = "\x1a", "\x19", "\x13"


def dateline(store: Path, *words: str) -> None:
    subprocess.run([sys.executable, str(MAIN), *words, "--store", str(store)], check=True, capture_output=True)


def press(terminal: Terminal, keys: str, then: str | Predicate) -> None:
    terminal.press(keys)
    terminal.wait(then)


def test_work_is_done_undone_and_redone(start: Start, seeded: Path) -> None:
    terminal = start(seeded, 120, 40, "-q", "victory drones", ready="1 of 20")
    press(terminal, "m", "★")
    press(terminal, UNDO, "Undone: star")
    assert terminal.alive
    press(terminal, REDO, "Done again: star")
    press(terminal, "#", "─ Tags of")
    press(terminal, "night raid" + ENTER, "■ night raid")
    press(terminal, ESCAPE, lacks("─ Tags of"))
    press(terminal, "a", "─ Note on")
    press(terminal, "q and a?" + ENTER + "second line", "second line")
    press(terminal, KEEP, lacks("─ Note on"))
    press(terminal, "W", "note on victory")
    press(terminal, "u", "Undone: note")
    press(terminal, ESCAPE, lacks("─ What was written"))
    terminal.press("q")
    assert terminal.wait_exit() == 0
    with Store.open(seeded) as store:
        incident = read.incident(store.connection, read.incident_id(store.connection, VICTORY))
    assert incident is not None and incident.starred and incident.tags == ("night raid",) and incident.notes == ()


def test_a_second_process_shows_by_itself(start: Start, seeded: Path) -> None:
    terminal = start(seeded, 120, 40)
    dateline(seeded, "note", VICTORY, "from elsewhere")
    terminal.wait("1 changed")
    press(terminal, "w", cursor_on("Two drones strike Victory base"))
    press(terminal, "=", "paused")
    dateline(seeded, "star", "us-return-2014")
    terminal.wait("paused, 1 changed waiting")
    press(terminal, "=", "2 changed · live")
    press(terminal, "!", "documents · live")
    terminal.press("q")
    assert terminal.wait_exit() == 0
