"""The pseudo-terminal of bench/ itself: what it reads, when it says so, how it ends."""

from __future__ import annotations

import signal
import sys

import pytest

from bench.figures import Figure, Target, percentile
from bench.screen import Screen
from bench.terminal import Terminal


def shown(*pieces: bytes, columns: int = 20, rows: int = 3) -> list[str]:
    screen = Screen(columns, rows)
    for piece in pieces:
        screen.feed(piece)
    return [line.rstrip() for line in screen.lines]


def python(code: str, columns: int = 40, rows: int = 5) -> Terminal:
    return Terminal([sys.executable, "-c", code], columns=columns, rows=rows)


STREAM = (
    "\x1b[2;3H\x1b[38;2;1;2;3mhé\x1b]52;c;eHg=\x1b\\l\x1b[>1ul\x1b]0;title\x07o\x1b[0m 你\x1bP1$r0m\x1b\\!".encode()
)


@pytest.mark.parametrize("at", range(len(STREAM) + 1))
def test_a_stream_cut_anywhere_reads_the_same(at: int) -> None:
    assert shown(STREAM[:at], STREAM[at:]) == ["", "  héllo 你!", ""]


def test_a_frame_counts_only_when_it_has_ended() -> None:
    screen = Screen(10, 2)
    screen.feed(b"\x1b[?2026hhalf")
    assert screen.in_frame
    screen.feed(b"\x1b[?20")
    assert screen.in_frame
    screen.feed(b"26l")
    assert not screen.in_frame


def test_wait_returns_the_time_of_the_bytes_and_not_of_the_look() -> None:
    code = "import time; print('one', flush=True); time.sleep(0.4); print('two', flush=True); time.sleep(9)"
    with python(code) as terminal:
        terminal.wait("two")
        first, second = (chunk.at for chunk in terminal.chunks[:2])
        assert 0.3 < second - first < 3
        assert terminal.wait(lambda lines: lines[1].startswith("two")) == pytest.approx(second - terminal.started)


def test_what_does_not_come_is_an_error_that_shows_the_screen() -> None:
    with python("print('here', flush=True); input()") as terminal:
        with pytest.raises(TimeoutError, match=r"(?s)not within 0.3 s: there.*here"):
            terminal.wait("there", timeout=0.3)
        terminal.press("\r")
        with pytest.raises(TimeoutError, match="the program ended: there"):
            terminal.wait("there")
        assert terminal.wait_exit() == 0


def test_size_change_and_signals_reach_the_program() -> None:
    code = """
import os, signal, time
# os.write, not print: a second signal may come while the first is still being answered.
say = lambda *_: os.write(1, b"%d %d\\n" % os.get_terminal_size())
signal.signal(signal.SIGWINCH, say)
say()
while True: time.sleep(0.05)
"""
    with python(code) as terminal:
        terminal.wait("40 5")
        terminal.resize(30, 8)
        terminal.wait("30 8")
        terminal.send(signal.SIGKILL)
        assert terminal.wait_exit() == -signal.SIGKILL


def test_calm_waits_for_a_silent_computation() -> None:
    code = """
import time
input()
until = time.process_time() + 0.8
while time.process_time() < until: pass
print('done', flush=True)
input()
"""
    with python(code) as terminal:
        terminal.settle()
        terminal.press("\r")
        terminal.calm()
        assert "done" in terminal.text


def test_percentile_is_a_sample_that_was_measured() -> None:
    assert percentile([3.0, 1.0, 2.0], 95) == 3.0
    assert percentile([float(x) for x in range(1, 101)], 95) == 95.0
    assert percentile([5.0], 95) == 5.0


def test_a_target_is_met_only_when_every_part_of_it_is() -> None:
    limit = Figure("limit", "ms", (10.0,))
    samples = (9.0, 10.0, 50.0)
    assert Figure("f", "ms", samples).met is None
    assert Figure("f", "ms", samples, target=Target(median=10)).met is True
    assert Figure("f", "ms", samples, target=Target(median=10, p95=49)).met is False
    assert Figure("f", "ms", samples, target=Target(ratio=1.0), limit=limit).met is True
    assert Figure("f", "ms", samples, target=Target(ratio=0.9), limit=limit).met is False
