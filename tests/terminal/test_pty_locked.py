"""Another program holds the store's lock: the real program answers, and ends in time with a word of what was lost."""

from __future__ import annotations

import signal
import sqlite3
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from bench.terminal import ENTER, Terminal
from tui.session import LAST_TRY_S
from tui.write_queue import AT_THE_END_S

if TYPE_CHECKING:
    from tests.terminal.conftest import Start


ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def another(seeded: Path) -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(seeded, isolation_level=None, check_same_thread=False)
    yield connection
    connection.close()


def stars(connection: sqlite3.Connection) -> int:
    return int(connection.execute("SELECT count(*) FROM star").fetchone()[0])


def test_questions_are_answered_and_quitting_waits_for_the_lock(
    start: Start, seeded: Path, another: sqlite3.Connection
) -> None:
    terminal = start(seeded, 120, 40)
    another.execute("BEGIN IMMEDIATE")
    terminal.press("mjm/drone" + ENTER)
    terminal.wait("another program; 2 writes", timeout=5)
    assert stars(another) == 0 and " 45 of 45" not in terminal.text
    terminal.press("q")
    terminal.wait(lambda lines: terminal.modes.get(1049) is False, timeout=3)
    assert terminal.alive
    another.execute("ROLLBACK")
    assert terminal.wait_exit(timeout=3) == 0
    assert stars(another) == 2 and b"dateline:" not in terminal.raw


HASTY = f"""
import sys; sys.path.insert(0, {str(ROOT)!r})
from tui import write_queue
write_queue.AT_THE_END_S, write_queue.TOLD_AFTER_S = 0.4, 0.2
import main
main.main()
"""
"""The program with less patience, so that the test need not have it either."""


def end(terminal: Terminal, how: str | signal.Signals) -> None:
    """End the program by a key or a signal."""
    if isinstance(how, signal.Signals):
        terminal.send(how)
    else:
        terminal.press(how)


@pytest.mark.parametrize(("how", "status"), [("q", 3), (signal.SIGTERM, 143), (signal.SIGHUP, 129)])
def test_what_is_lost_by_ending_is_said(
    seeded: Path, tmp_path: Path, another: sqlite3.Connection, how: str | signal.Signals, status: int
) -> None:
    argv = [sys.executable, "-c", HASTY, "--store", str(seeded)]
    with Terminal(argv, columns=120, rows=40, environment={"HOME": str(tmp_path)}) as terminal:
        terminal.wait("live")
        another.execute("BEGIN IMMEDIATE")
        terminal.press("mjmjm")
        terminal.wait("another program; ")
        end(terminal, how)
        assert terminal.wait_exit(timeout=3) == status
        told = terminal.raw.rpartition(b"\x1b[?1049l")[2]
        assert f"dateline: 3 writes were not written: {seeded} is locked by another program\r\n".encode() in told
        assert told.count(b"dateline:") == 1 and b"Traceback" not in terminal.raw
    another.execute("ROLLBACK")
    assert stars(another) == 0


@pytest.mark.parametrize(("how", "status"), [("q", 3), (signal.SIGTERM, 143)])
def test_a_note_that_is_lost_by_ending_is_printed_whole(
    seeded: Path, tmp_path: Path, another: sqlite3.Connection, how: str | signal.Signals, status: int
) -> None:
    argv = [sys.executable, "-c", HASTY, "--store", str(seeded)]
    with Terminal(argv, columns=120, rows=40, environment={"HOME": str(tmp_path)}) as terminal:
        terminal.wait("live")
        another.execute("BEGIN IMMEDIATE")
        terminal.press("a")
        terminal.wait("Note on")
        terminal.press("first" + ENTER + "second\x13")
        terminal.wait("another program; ")
        end(terminal, how)
        assert terminal.wait_exit(timeout=3) == status
        told = terminal.raw.rpartition(b"\x1b[?1049l")[2]
        assert b"1 write was not written: " in told and b"dateline: not in the store, a note on " in told
        assert told.rstrip(b"\r\n").endswith(b":\r\nfirst\r\nsecond")


def test_the_end_is_in_time_for_whoever_sends_a_signal_and_waits() -> None:
    assert AT_THE_END_S + LAST_TRY_S < 5
