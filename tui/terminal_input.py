"""What comes from the terminal and makes no sense is left out, where Textual 8.2.8 would end or be kept busy by it.

Textual decodes strictly, so that one byte of a Latin-1 paste ends the program; a key whose number is no character
does so too, and a sequence too long to be one comes back as so many keys.  Its driver makes decoder and parser in the
midst of the method that reads, and takes both from its own module: those names are all that can be replaced.
"""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import signal
import sys
from codecs import IncrementalDecoder, getincrementaldecoder
from collections.abc import Callable, Iterable
from contextlib import suppress
from functools import partial
from threading import Thread
from typing import TYPE_CHECKING
from weakref import WeakSet

from textual import events
from textual._xterm_parser import XTermParser
from textual.drivers._writer_thread import WriterThread
from textual.message import Message

if TYPE_CHECKING:
    from textual.drivers.linux_driver import LinuxDriver

LONGEST = 32
"""Most characters of a control sequence that Textual looks at; longer ones mean nothing to it."""

LARGEST = 4_000
"""A screen of more columns or rows is taken for a wrong report."""

MOST_CELLS = 500_000
"""A screen of more cells is too; the largest display has them only in letters that nobody can read."""

LEAVE = "\x1b[?1049l"
"""Back from the alternate screen, as Textual's driver writes it."""

WIPE = "\x1b[0m\x1b[2J"
"""The screen empty, in the terminal's own colours."""

_SEQUENCE = re.compile(r"\x1b\[[0-?]*[ -/]*")
_BEGUN = re.compile(r"\[[0-?]*[ -/]*")
_GOING_ON = re.compile(r"[0-?]*[ -/]*")


def bear_odd_input() -> None:
    """Have the driver read on over what is not UTF-8 or means nothing, and end when its terminal has gone."""
    if sys.platform != "win32":
        from textual.drivers import linux_driver

        vars(linux_driver)["getincrementaldecoder"] = _forgiving
        vars(linux_driver)["XTermParser"] = Parser
        vars(linux_driver)["WriterThread"] = Writer
        # One that is left reading what has no end any more keeps nobody from ending.
        vars(linux_driver)["Thread"] = partial(Thread, daemon=True)
        setattr(linux_driver.LinuxDriver, "_get_terminal_size", _bounded)  # noqa: B010 - its type is another to mypy
        setattr(linux_driver.LinuxDriver, "_sigcont_application", _go_on)  # noqa: B010 - and so is this one's


def _go_on(driver: LinuxDriver, *_: object) -> None:
    """Take the terminal again after a stop.

    A program that ends does not: the system sends the same signal where a terminal is closed.
    """
    app = driver._app
    if app._exit or not app._running or not driver._auto_restart:
        return
    if driver._must_signal_resume:
        driver.resume_application_mode()
        return

    def anew() -> None:
        _ANEW.discard(driver)
        if not app._exit and app._running:
            driver.suspend_application_mode()
            driver.resume_application_mode()

    # Stopped by what nobody can hear of (SIGSTOP): what reads and writes still does, and must end first.
    if driver not in _ANEW:
        with suppress(RuntimeError):  # no loop: the program is not there yet, or not any more
            loop = asyncio.get_running_loop()
            loop.call_soon_threadsafe(loop.call_later, ANEW_S, anew)
            _ANEW.add(driver)


ANEW_S = 0.1
"""So long after such a stop the terminal is taken again, seconds: once for signals that come in a row."""

_ANEW: WeakSet[LinuxDriver] = WeakSet()
"""Those that are about to."""


def believable(width: int, height: int) -> bool:
    """Whether a screen can have so many columns and rows."""
    return 0 < width <= LARGEST and 0 < height <= LARGEST and width * height <= MOST_CELLS


def _bounded(_driver: object) -> tuple[int, int]:
    """Columns and rows as the system has them, no more than are believable: one that is too large shows a part."""
    width, height = shutil.get_terminal_size()
    width = min(width, LARGEST)
    return width, min(height, LARGEST, MOST_CELLS // width)


def drop_odd_sizes() -> None:
    """Take COLUMNS and LINES from the environment where no screen has so many: the terminal's own size stands then."""
    for name in ("COLUMNS", "LINES"):
        given = os.environ.get(name, "")
        if not (given.isascii() and given.isdigit() and len(given) <= 9 and believable(int(given), 1)):
            os.environ.pop(name, None)
    if not believable(*shutil.get_terminal_size()):
        os.environ.pop("COLUMNS", None)
        os.environ.pop("LINES", None)


def _forgiving(encoding: str) -> Callable[[], IncrementalDecoder]:
    return partial(Decoder, getincrementaldecoder(encoding)(errors="replace"))


class Decoder(IncrementalDecoder):
    """Decodes what the terminal sends, without control sequences of more than `LONGEST` characters."""

    def __init__(self, inner: IncrementalDecoder) -> None:
        super().__init__()
        self._inner = inner
        self._open = 0
        """Characters so far of a sequence that goes on with what comes next; 0 where there is none."""
        self._tail = 0
        """1 where the letter that ends the sequence looked at last is left out with it."""

    def decode(self, data: bytes, final: bool = False) -> str:  # type: ignore[override]
        """The text of the bytes; what has been given out of a sequence before it grew too long stays given out."""
        text = self._inner.decode(data, final)
        kept = []
        at = 0
        if self._open and text:
            match = (_BEGUN if self._open == 1 else _GOING_ON).match(text)
            if match is None:
                self._open = 0
            else:
                kept.append(self._part(match, text))
                at = match.end() + self._tail
        while (match := _SEQUENCE.search(text, at)) is not None:
            kept += text[at : match.start()], self._part(match, text)
            at = match.end() + self._tail
        kept.append(text[at:])
        if kept[-1].endswith("\x1b"):
            self._open = 1
        return "".join(kept)

    def _part(self, match: re.Match[str], text: str) -> str:
        """A sequence without its last letter, as far as it is not too long."""
        length = self._open + len(match.group())
        ends = match.end() < len(text)
        self._open = 0 if ends else length
        self._tail = int(ends and length > LONGEST)
        return match.group() if length <= LONGEST else ""


class Writer(WriterThread):
    """Textual's writer, which ends the program when the terminal has gone: others would wait for ever to write.

    The screen is wiped before it is left: tmux 3.3a gives back one that has grown meanwhile with rows of the timeline
    above the shell's.
    """

    def write(self, text: str) -> None:
        super().write(WIPE + text if text == LEAVE else text)

    def run(self) -> None:
        stopped = False
        try:
            while (text := self._queue.get()) is not None:
                self._file.write(text)
                if self._queue.empty():
                    self._file.flush()
            stopped = True
            self._file.flush()
        except (OSError, ValueError):
            if not stopped:
                os.kill(os.getpid(), signal.SIGHUP)
            while not stopped:
                stopped = self._queue.get() is None


class Parser(XTermParser):
    """Textual's parser, to which a number that is no character is no key, and a screen of a million columns none."""

    def feed(self, data: str) -> Iterable[Message]:
        for message in super().feed(data):
            if not isinstance(message, events.Resize) or believable(*message.size):
                yield message

    def parse_mouse_code(self, code: str) -> Message | None:
        try:
            event = super().parse_mouse_code(code)
        except (ValueError, OverflowError, ZeroDivisionError):
            return None
        far = isinstance(event, events.MouseEvent) and max(event.x, event.y) > LARGEST
        return None if far else event

    def _sequence_to_key_events(self, sequence: str, alt: bool = False) -> Iterable[events.Key]:
        try:
            keys = list(super()._sequence_to_key_events(sequence, alt))
        except (ValueError, OverflowError):
            return ()
        return [key for key in keys if not "\ud800" <= (key.character or "") <= "\udfff"]
