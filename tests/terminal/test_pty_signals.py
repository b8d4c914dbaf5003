"""Ends that nobody chose: signals, a closed window, a failing start.  The terminal is given back and nothing lives on."""

from __future__ import annotations

import signal
import time
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
import pytest

from bench.terminal import Terminal

if TYPE_CHECKING:
    from tests.terminal.conftest import Start


def assert_given_back(terminal: Terminal) -> None:
    """No alternate screen, no mouse, no paste marks; the cursor is shown; lines are edited and echoed again."""
    modes = terminal.modes
    assert {mode for mode, on in modes.items() if on} <= {25, 7}, modes
    assert modes[1049] is False
    assert modes[25] is True
    assert terminal.attributes == terminal.attributes_before


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_the_program_and_gives_the_terminal_back(
    start: Start, template: Path, number: signal.Signals
) -> None:
    terminal = start(template, 80, 24)
    terminal.send(number)
    status = terminal.wait_exit(timeout=5)
    # By the signal itself, or with the status that shells give it.
    assert status in (-number, 128 + number)
    assert_given_back(terminal)
    assert b"Traceback" not in terminal.raw
    assert b"Error" not in terminal.raw


def test_a_signal_while_a_key_is_being_answered_ends_it_too(start: Start, template: Path) -> None:
    terminal = start(template, 80, 24)
    terminal.press("/")
    terminal.wait("Enter results")
    terminal.press("dro")
    terminal.send(signal.SIGTERM)
    terminal.wait_exit(timeout=5)
    assert_given_back(terminal)


@pytest.mark.parametrize("wait", [0.02, 0.05])
@pytest.mark.parametrize("key", ["\x13", "a"])
def test_a_signal_while_a_dialog_opens_is_no_mistake(key: str, wait: float, start: Start, template: Path) -> None:
    """The dialog asks for its widgets when the end has taken them out already."""
    terminal = start(template, 80, 24)
    terminal.press(key)
    time.sleep(wait)
    terminal.send(signal.SIGTERM)
    assert terminal.wait_exit(timeout=5) in (-signal.SIGTERM, 128 + signal.SIGTERM)
    assert b"NoMatches" not in terminal.raw and b"Traceback" not in terminal.raw


def test_a_closed_window_ends_the_program(start: Start, template: Path) -> None:
    terminal = start(template, 80, 24)
    process = psutil.Process(terminal.pid)
    terminal.hang_up()
    terminal.wait_exit(timeout=5)
    assert not process.is_running()


def test_an_interrupt_from_outside_gives_the_terminal_back(start: Start, template: Path) -> None:
    terminal = start(template, 80, 24)
    terminal.send(signal.SIGINT)
    assert terminal.wait_exit() == 128 + signal.SIGINT
    assert_given_back(terminal)
    assert b"Traceback" not in terminal.raw


def test_a_program_that_ends_does_not_take_the_terminal_again(start: Start, template: Path) -> None:
    """The signal to go on comes with that of a closed terminal, and from whoever stops programs for a while."""
    terminal = start(template, 80, 24)
    terminal.press("q")
    until = time.perf_counter() + 10
    while terminal.alive and time.perf_counter() < until:
        terminal.send(signal.SIGCONT)
        time.sleep(0.0001)  # as close as it gets: the moments in which one did harm were short
    assert terminal.wait_exit(timeout=5) == 0
    assert b"Traceback" not in terminal.raw
    assert_given_back(terminal)


def test_a_program_that_was_stopped_unasked_goes_on_and_reads_each_key_once(start: Start, template: Path) -> None:
    terminal = start(template, 80, 24)
    for _ in range(3):
        terminal.send(signal.SIGSTOP)
        terminal.send(signal.SIGCONT)
        terminal.settle()
    time.sleep(0.3)
    terminal.press("/drone")
    terminal.wait("drone")
    terminal.press("\x1b")
    terminal.settle()
    terminal.press("q")
    assert terminal.wait_exit() == 0
    assert_given_back(terminal)


def test_a_suspended_program_gives_the_terminal_back_and_takes_it_again(start: Start, template: Path) -> None:
    terminal = start(template, 80, 24)
    process = psutil.Process(terminal.pid)
    terminal.send(signal.SIGTSTP)
    until = time.perf_counter() + 5
    while process.status() != psutil.STATUS_STOPPED and time.perf_counter() < until:
        time.sleep(0.02)
    terminal.settle()
    assert_given_back(terminal)
    terminal.send(signal.SIGCONT)
    terminal.press("G")
    terminal.wait("Militias show drones")
    terminal.press("q")
    assert terminal.wait_exit() == 0
    assert_given_back(terminal)


@pytest.mark.parametrize("kind", ["text", "other", "directory", "missing", "damaged"])
def test_what_is_no_store_is_one_line_and_status_three(start: Start, template: Path, tmp_path: Path, kind: str) -> None:
    path = tmp_path / "evil\x1b]0;owned\x07\x1b[2J.db"
    if kind == "text":
        path.write_text("date,title\n", encoding="utf-8")
    elif kind == "other":
        import sqlite3

        with sqlite3.connect(path) as connection:
            connection.execute("CREATE TABLE incident (id INTEGER)")
    elif kind == "directory":
        path.mkdir()
    elif kind == "damaged":
        path.write_bytes(template.read_bytes()[:100] + b"\xff" * 8_000)
    terminal = start(path, 100, 12, ready="")
    assert terminal.wait_exit() == 3
    raw = terminal.raw
    assert raw.startswith(b"dateline: ")
    assert raw.count(b"\n") == 1
    assert raw.endswith(b"\r\n")
    assert b"\x1b" not in raw
    assert b"\x07" not in raw
    assert b"Traceback" not in raw
    assert terminal.modes == {}
