"""A pseudo-terminal with a program in it: keys go in, the screen can be read, every byte has the time it arrived.

A thread does nothing but read, so that a slow reader never slows the program; it also answers the questions that
programs ask a terminal and wait for.  The screen is worked out only when someone looks, chunk by chunk, so a time is
that of the arrival of the bytes that made the difference and not of our noticing.  POSIX only.
"""

from __future__ import annotations

import fcntl
import os
import re
import select
import signal
import struct
import sys
import termios
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Self

import psutil

from bench.screen import Screen

ENTER, ESCAPE, TAB, BACKSPACE = "\r", "\x1b", "\t", "\x7f"
UP, DOWN, RIGHT, LEFT = "\x1b[A", "\x1b[B", "\x1b[C", "\x1b[D"
HOME, END, PAGE_UP, PAGE_DOWN, F5 = "\x1b[H", "\x1b[F", "\x1b[5~", "\x1b[6~", "\x1b[15~"

Lines = list[str]
Predicate = Callable[[Lines], bool]

_ANSWERS: tuple[tuple[re.Pattern[bytes], bytes], ...] = (
    (re.compile(rb"\x1b\[0?c"), b"\x1b[?62;22c"),  # primary device attributes: a VT220 with colour
    (re.compile(rb"\x1b\[5n"), b"\x1b[0n"),  # status: fine
    (re.compile(rb"\x1b\[6n"), b"\x1b[1;1R"),  # cursor position
    (re.compile(rb"\x1b\[\?2026\$p"), b"\x1b[?2026;2$y"),  # synchronized output: there, and off
    (re.compile(rb"\x1b\[\?2048\$p"), b"\x1b[?2048;0$y"),  # sizes in the stream: unknown, so SIGWINCH it is
    (re.compile(rb"\x1b\[\?u"), b"\x1b[?0u"),  # kitty keyboard flags: none
    (re.compile(rb"\x1b\]10;\?(?:\x07|\x1b\\)"), b"\x1b]10;rgb:d0d0/d0d0/d0d0\x1b\\"),  # foreground
    (re.compile(rb"\x1b\]11;\?(?:\x07|\x1b\\)"), b"\x1b]11;rgb:0000/0000/0000\x1b\\"),  # background
)
_MODE = re.compile(rb"\x1b\[\?([0-9;]+)([hl])")


class Chunk(NamedTuple):
    """Bytes as one read returned them; `at` is in seconds of time.perf_counter."""

    at: float
    data: bytes


@dataclass(frozen=True, slots=True)
class Memory:
    """Memory of a program and its children in MiB; `peak` is the largest resident size of the program itself."""

    resident: float
    proportional: float
    peak: float | None


class Terminal:
    """A program running in a terminal of `columns` by `rows` cells."""

    def __init__(
        self,
        argv: Sequence[str],
        *,
        columns: int = 80,
        rows: int = 24,
        environment: Mapping[str, str] | None = None,
        stdin: Path | None = None,
        stderr: Path | None = None,
    ) -> None:
        """Start `argv`; `environment` adds to a small one of our own, `stdin` and `stderr` stand for files instead."""
        self.columns, self.rows = columns, rows
        self.chunks: list[Chunk] = []
        self._screen = Screen(columns, rows)
        self._fed = 0
        self._arrived = threading.Condition()
        self._ended = False
        self._status: int | None = None
        self._stopped, self._stop = os.pipe()
        self._master, slave = os.openpty()
        name = os.ttyname(slave)
        self._set_size()
        self.attributes_before = self.attributes
        actions: list[tuple[int, ...] | tuple[int, int, str, int, int]] = [
            # Opened by the leader of a new session, it becomes the controlling terminal: no code of ours in the child.
            (os.POSIX_SPAWN_OPEN, 0, name, os.O_RDWR, 0),
            (os.POSIX_SPAWN_DUP2, 0, 1),
            (os.POSIX_SPAWN_DUP2, 0, 2),
        ]
        if stdin is not None:
            actions.append((os.POSIX_SPAWN_OPEN, 0, str(stdin), os.O_RDONLY, 0))
        if stderr is not None:
            actions.append((os.POSIX_SPAWN_OPEN, 2, str(stderr), os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600))
        self.started = time.perf_counter()
        try:
            self.pid = os.posix_spawn(
                argv[0], list(argv), _environment(environment or {}), file_actions=actions, setsid=True
            )
        except OSError:
            for end in (self._master, self._stopped, self._stop):
                os.close(end)
            raise
        finally:
            os.close(slave)
        self._thread = threading.Thread(target=self._read, name="terminal", daemon=True)
        self._thread.start()

    # -- reading ------------------------------------------------------------------------------------------------

    def _read(self) -> None:
        """Stamp and keep what arrives; Linux ends a terminal with EIO, others with nothing."""
        asked = b""
        ready = select.poll()
        ready.register(self._master, select.POLLIN)
        ready.register(self._stopped, select.POLLIN)
        while True:
            data = b""
            if self._stopped not in (fd for fd, _ in ready.poll()):
                with suppress(OSError):
                    data = os.read(self._master, 1 << 16)
            now = time.perf_counter()
            with self._arrived:
                if data:
                    self.chunks.append(Chunk(now, data))
                else:
                    self._ended = True
                self._arrived.notify_all()
            if not data:
                return
            asked = self._answer(asked + data)

    def _answer(self, asked: bytes) -> bytes:
        """Answer the questions in `asked`; the end of it that may be the beginning of one comes back."""
        done = 0
        for question, answer in _ANSWERS:
            for found in question.finditer(asked):
                done = max(done, found.end())
                with suppress(OSError):
                    os.write(self._master, answer)
        rest = asked[max(done, len(asked) - 16) :]
        start = rest.find(b"\x1b")
        return rest[start:] if start >= 0 else b""

    def _wait_for_more(self, have: int, until: float) -> bool:
        """Whether there are more than `have` chunks before the time `until`, or the end of the program."""
        with self._arrived:
            while len(self.chunks) <= have and not self._ended:
                left = until - time.perf_counter()
                if left <= 0:
                    return False
                self._arrived.wait(left)
            return len(self.chunks) > have

    def _feed_one(self) -> float:
        """Give the next chunk to the screen; the time it arrived."""
        chunk = self.chunks[self._fed]
        self._fed += 1
        self._screen.feed(chunk.data)
        return chunk.at

    @property
    def lines(self) -> Lines:
        """The screen as of now, from the top; each line has the full width."""
        while self._fed < len(self.chunks):
            self._feed_one()
        return self._screen.lines

    @property
    def text(self) -> str:
        """The screen as of now, with trailing spaces removed."""
        return "\n".join(line.rstrip() for line in self.lines)

    @property
    def raw(self) -> bytes:
        """Every byte the program has written to the terminal."""
        return b"".join(chunk.data for chunk in self.chunks)

    @property
    def modes(self) -> dict[int, bool]:
        """DEC private modes that the program has set or reset, by number, as they stand now."""
        return {
            int(number): verb == b"h"
            for numbers, verb in _MODE.findall(self.raw)
            for number in numbers.split(b";")
            if number
        }

    @property
    def attributes(self) -> list[int]:
        """The terminal's input, output, control and local flags (termios), without the special characters."""
        return [int(flags) for flags in termios.tcgetattr(self._master)[:4]]

    # -- keys and time ------------------------------------------------------------------------------------------

    def press(self, keys: str | bytes) -> float:
        """Write keys to the program; the time just before."""
        data = keys.encode() if isinstance(keys, str) else keys
        now = time.perf_counter()
        while data:
            data = data[os.write(self._master, data) :]
        return now

    def wait(self, what: str | Predicate, *, timeout: float = 20.0, since: float | None = None) -> float:
        """Seconds from `since` (default: the start) until a shown frame has the text, or meets the predicate.

        Raises TimeoutError with the screen, also when the program ends before.
        """
        predicate = _contains(what) if isinstance(what, str) else what
        until = time.perf_counter() + timeout
        at = self.chunks[self._fed - 1].at if self._fed else self.started
        while True:
            if not self._screen.in_frame and predicate(self._screen.lines):
                return at - (self.started if since is None else since)
            if self._fed == len(self.chunks) and not self._wait_for_more(self._fed, until):
                why = "the program ended" if self._ended else f"not within {timeout} s"
                raise TimeoutError(f"{why}: {what if isinstance(what, str) else what.__name__}\n{self.text}")
            at = self._feed_one()

    def settle(self, quiet: float = 0.15, timeout: float = 20.0) -> None:
        """Wait until nothing has arrived for `quiet` seconds."""
        until = time.perf_counter() + timeout
        while time.perf_counter() < until:
            if not self._wait_for_more(len(self.chunks), time.perf_counter() + quiet):
                return
        raise TimeoutError(f"the program still writes after {timeout} s\n{self.text}")

    def calm(self, quiet: float = 0.25, timeout: float = 120.0) -> None:
        """Wait until the program has neither written nor computed (a tenth of a core or more) for `quiet` seconds.

        Silence alone would not do: a slow answer is silent too while it is being worked out.
        """
        until = time.perf_counter() + timeout
        while time.perf_counter() < until:
            seen, used, then = len(self.chunks), self.cpu_seconds(), time.perf_counter()
            time.sleep(quiet)
            elapsed = time.perf_counter() - then
            if seen == len(self.chunks) and self.cpu_seconds() - used < max(0.021, elapsed / 10):
                return
        raise TimeoutError(f"the program still works after {timeout} s\n{self.text}")

    def last_change(self, top: int = 0) -> float | None:
        """When the screen from line `top` on last changed, of what has come since somebody last looked; or None."""
        changed = None
        shown = self._screen.lines[top:]
        while self._fed < len(self.chunks):
            at = self._feed_one()
            if not self._screen.in_frame and (lines := self._screen.lines[top:]) != shown:
                changed, shown = at, lines
        return changed

    def resize(self, columns: int, rows: int) -> None:
        """Change the size of the terminal; the kernel tells the program (SIGWINCH)."""
        assert self.lines is not None  # what came at the old size belongs to the old size
        self.columns, self.rows = columns, rows
        self._screen.resize(columns, rows)
        self._set_size()

    def _set_size(self) -> None:
        fcntl.ioctl(self._master, termios.TIOCSWINSZ, struct.pack("HHHH", self.rows, self.columns, 0, 0))

    # -- the process --------------------------------------------------------------------------------------------

    @property
    def alive(self) -> bool:
        """Whether the program is still running."""
        if self._status is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            self._status = os.waitstatus_to_exitcode(status) if pid else None
        return self._status is None

    def send(self, number: signal.Signals) -> None:
        """Send a signal to the program."""
        if self.alive:
            os.kill(self.pid, number)

    def hang_up(self) -> None:
        """Close our side, as a terminal window does when it is closed; nothing can be read any more."""
        if self._master >= 0:
            os.write(self._stop, b"x")  # a read that waits would keep the terminal open
            self._thread.join()
            for end in (self._master, self._stopped, self._stop):
                os.close(end)
            self._master = -1

    def wait_exit(self, timeout: float = 10.0) -> int:
        """The exit status, negative for a signal, after all output was read; raises TimeoutError with the screen."""
        until = time.perf_counter() + timeout
        while self.alive:
            if time.perf_counter() > until:
                raise TimeoutError(f"the program has not ended within {timeout} s\n{self.text}")
            time.sleep(0.005)
        if self._master >= 0:
            self._thread.join(timeout=2)
        assert self._status is not None
        return self._status

    def cpu_seconds(self) -> float:
        """CPU time of the program and its children so far, user and system."""
        total = 0.0
        for process in self._family():
            with suppress(psutil.Error):
                times = process.cpu_times()
                total += times.user + times.system
        return total

    def memory(self) -> Memory:
        """Memory of the program and its children now."""
        resident = proportional = 0
        for process in self._family():
            with suppress(psutil.Error):
                full = process.memory_full_info()
                resident += full.rss
                proportional += getattr(full, "pss", full.uss)
        return Memory(resident / 2**20, proportional / 2**20, _peak(self.pid))

    def _family(self) -> list[psutil.Process]:
        with suppress(psutil.Error):
            root = psutil.Process(self.pid)
            return [root, *root.children(recursive=True)]
        return []

    def close(self) -> None:
        """End the program if it has not ended, harder each time, and close the terminal."""
        for number in (signal.SIGTERM, signal.SIGKILL):
            if not self.alive:
                break
            self.send(number)
            with suppress(TimeoutError):
                self.wait_exit(timeout=3)
        if self._master >= 0:
            self._thread.join(timeout=2)  # the end of the program ends the reading, with all it wrote
        self.hang_up()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _contains(text: str) -> Predicate:
    def predicate(lines: Lines) -> bool:
        return any(text in line for line in lines)

    return predicate


def _environment(more: Mapping[str, str]) -> dict[str, str]:
    """A small environment that is the same everywhere: nothing of the user's settings, themes or sizes."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR") if name in os.environ}
    fixed = {"TERM": "xterm-256color", "COLORTERM": "truecolor", "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8"}
    return {**kept, **fixed, **more}


def _peak(pid: int) -> float | None:
    """Largest resident size in MiB as Linux counts it; None elsewhere."""
    if not sys.platform.startswith("linux"):
        return None
    with suppress(OSError):
        found = re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text(encoding="utf-8"))
        return int(found[1]) / 1024 if found else None
    return None
