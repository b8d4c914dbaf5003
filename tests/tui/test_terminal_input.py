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
from hypothesis import given
from hypothesis import strategies as st
from textual import constants, events

from db.errors import UsageError
from tui import settings
from tui.app import run
from tui.terminal_input import LARGEST, LEAVE, LONGEST, WIPE, Decoder, Parser, Writer

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
    if all(len(run.lstrip("[;1")) or len(run) <= LONGEST for run in text.split("\x1b")) and len(text) <= LONGEST:
        assert _decoded(*(part.encode() for part in parts)) == text


@pytest.mark.parametrize(
    "sequence",
    [
        "\x1b[99999999999u",  # a key whose number is no character
        "\x1b[55296u",  # half of a surrogate pair
        f"\x1b[48;{LARGEST + 1};80;1;1t",  # a screen of so many lines
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


def test_the_screen_is_empty_before_it_is_left_so_that_none_of_it_comes_back_between_the_lines_of_the_shell() -> None:
    out = io.StringIO()
    writer = Writer(out)
    writer.start()
    writer.write("a row")
    writer.write(LEAVE)
    writer.stop()
    assert out.getvalue() == "a row" + WIPE + LEAVE
