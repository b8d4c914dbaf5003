"""What a terminal sends and makes no sense neither ends the timeline nor keeps it busy."""

from __future__ import annotations

import errno
import io
import os
import signal
import threading
from codecs import getincrementaldecoder
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from textual import constants, events

from db.errors import UsageError
from tui import settings
from tui.app import run
from tui.terminal_input import (
    LARGEST,
    LEAVE,
    LONGEST,
    MOST_CELLS,
    WIPE,
    Decoder,
    Parser,
    Writer,
    bear_odd_input,
    drop_odd_sizes,
)

LONG = b"\x1b[" + b"1;" * 5000 + b"m"


def _decoded(*parts: bytes) -> str:
    decoder = Decoder(getincrementaldecoder("utf-8")(errors="replace"))
    return "".join(decoder.decode(part) for part in parts)


def test_a_sequence_too_long_to_mean_anything_is_left_out() -> None:
    assert _decoded(b"a\x1b[A", LONG, b"b\x1b[B") == "a\x1b[Ab\x1b[B"
    assert _decoded(b"a\x1b[A" + LONG + b"b" + LONG + b"\x1b[B") == "a\x1b[Ab\x1b[B"


@pytest.mark.parametrize("at", [1, 2, 3, 20, 40, 5000, len(LONG) - 1])
def test_so_is_one_that_comes_in_two_reads(at: int) -> None:
    """What was read before it was too long has gone on already."""
    text = _decoded(LONG[:at], LONG[at:], b"\x1b[B")
    assert text.endswith("\x1b[B")
    assert len(text) <= LONGEST + 3


def test_what_is_not_utf_8_is_a_mark_of_its_own() -> None:
    assert _decoded(b"caf\xe9", b"\xc3", b"\xa9") == "caf�é"


@given(st.lists(st.text(st.sampled_from("\x1b[;1Ax~é"), max_size=8), max_size=6))
def test_all_else_passes_as_it_came(parts: list[str]) -> None:
    text = "".join(parts)
    assume(all(len(run) < LONGEST for run in text.split("\x1b")))
    assert _decoded(*(part.encode() for part in parts)) == text


@pytest.mark.parametrize(
    "sequence",
    [
        "\x1b[99999999999u",  # a key whose number is no character
        "\x1b[55296u",  # half of a surrogate pair
        f"\x1b[48;{LARGEST + 1};80;1;1t",  # a screen of so many lines
        f"\x1b[48;{LARGEST};{LARGEST};1;1t",  # and of so many cells
        "\x1b[48;0;0;1;1t",
        "\x1b[<0;99999999999999;3M",  # a mouse far away
    ],
)
def test_numbers_beyond_sense_are_no_event(sequence: str) -> None:
    parser = Parser()
    got = list(parser.feed(sequence))
    assert not [event for event in got if isinstance(event, events.Resize | events.MouseEvent)]
    assert all(not isinstance(event, events.Key) or event.key.isprintable() for event in got)
    # A key comes through only once the parser knows that the sequence before it has ended.
    assert [event.key for event in parser.feed("\x1b[A") if isinstance(event, events.Key)][-1] == "up"


def test_a_mouse_in_a_window_said_to_have_no_size_is_no_event() -> None:
    parser = Parser()
    list(parser.feed("\x1b[48;0;0;1;1t"))
    assert list(parser.feed("\x1b[<0;3;3M")) == []
    assert [type(event) for event in parser.feed("\x1b[48;24;80;480;800t")] == [events.Resize]
    assert [type(event) for event in parser.feed("\x1b[<0;3;3M")] == [events.MouseDown]


@pytest.mark.parametrize(
    ("name", "value", "word"),
    [
        ("COLOR_SYSTEM", "xx", "TEXTUAL_COLOR_SYSTEM=xx: not one of auto"),
        ("DRIVER", "no_such_module:Driver", "TEXTUAL_DRIVER=no_such_module:Driver: No module"),
        ("DRIVER", "os:path", "TEXTUAL_DRIVER=os:path: Unable"),
        ("DRIVER", ":", "TEXTUAL_DRIVER=:: Empty module name"),
        ("LOG_FILE", "/dev/null/x", "TEXTUAL_LOG=/dev/null/x: Not a directory"),
    ],
)
def test_a_variable_of_textual_that_it_cannot_use_is_named(
    seeded: Path, monkeypatch: pytest.MonkeyPatch, name: str, value: str, word: str
) -> None:
    monkeypatch.setattr(constants, name, value)
    monkeypatch.setattr(settings, "load", lambda: None)
    with pytest.raises(UsageError) as told:
        run(seeded)
    assert str(told.value).startswith(word)
    assert "\n" not in str(told.value)


class _Gone(io.StringIO):
    def write(self, text: str) -> int:
        raise OSError(errno.EIO, os.strerror(errno.EIO))


def test_a_terminal_that_has_gone_ends_the_program_and_nobody_waits_to_write(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[int] = []
    monkeypatch.setattr("tui.terminal_input.os.kill", lambda _, number: told.append(number))
    writer = Writer(_Gone())
    writer.start()

    def write() -> None:
        for _ in range(200):
            writer.write("x")

    writing = threading.Thread(target=write, daemon=True)
    writing.start()
    writing.join(timeout=20)
    assert not writing.is_alive()
    writer.stop()
    assert told == [signal.SIGHUP]


class _GoneAtTheEnd(_Gone):
    """A terminal that goes behind the last word, so that it fails where that is given out."""

    def write(self, text: str) -> int:
        return len(text)

    def flush(self) -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO))


def test_a_terminal_that_goes_at_the_end_keeps_nobody_waiting() -> None:
    writer = Writer(_GoneAtTheEnd())
    writer._queue.put(None)
    writer.start()
    writer.join(timeout=20)
    assert not writer.is_alive()


def test_the_screen_is_empty_before_it_is_left_so_that_none_of_it_comes_back_between_the_lines_of_the_shell() -> None:
    out = io.StringIO()
    writer = Writer(out)
    writer.start()
    writer.write("a row")
    writer.write(LEAVE)
    writer.stop()
    assert out.getvalue() == "a row" + WIPE + LEAVE


@pytest.mark.parametrize("size", ["0", "-5", "", "abc", "²", "1e3", " 80", "99999999999999999999", "9" * 5000, "4001"])
def test_columns_and_lines_beyond_sense_are_as_none(size: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", size)
    monkeypatch.setenv("LINES", "24")
    drop_odd_sizes()
    assert (os.environ.get("COLUMNS"), os.environ.get("LINES")) == (None, "24")
    monkeypatch.setenv("LINES", size)
    drop_odd_sizes()
    assert "LINES" not in os.environ


def test_so_are_both_where_the_screen_would_have_too_many_cells(monkeypatch: pytest.MonkeyPatch) -> None:
    for columns, lines, left in ((100, 30, True), (1000, MOST_CELLS // 1000, True), (LARGEST, LARGEST, False)):
        monkeypatch.setenv("COLUMNS", str(columns))
        monkeypatch.setenv("LINES", str(lines))
        drop_odd_sizes()
        assert ("COLUMNS" in os.environ, "LINES" in os.environ) == (left, left)


def test_a_screen_that_the_system_says_is_too_large_is_drawn_in_part(monkeypatch: pytest.MonkeyPatch) -> None:
    from textual.drivers.linux_driver import LinuxDriver

    bear_odd_input()
    for told, drawn in (
        ((120, 40), (120, 40)),
        ((65_535, 30), (LARGEST, 30)),
        ((100, 65_535), (100, LARGEST)),
        ((65_535, 65_535), (LARGEST, MOST_CELLS // LARGEST)),
    ):
        monkeypatch.setattr("shutil.get_terminal_size", lambda told=told: os.terminal_size(told))
        assert LinuxDriver._get_terminal_size(LinuxDriver.__new__(LinuxDriver)) == drawn
