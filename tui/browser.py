"""Hand an address to a browser that runs apart: the timeline goes on meanwhile, and keeps its terminal to itself.

Python's `webbrowser` waits for a browser that draws in the terminal and lends it the timeline's, lets the others write
over it, and asks `xdg-settings` before.  The order here is the same: BROWSER, then what a desktop has.
"""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping

from textual.message import Message

from db.errors import reason
from tui.messages import Found, surface

IN_THE_TERMINAL = frozenset({"www-browser", "links", "links2", "elinks", "lynx", "w3m", "browsh", "carbonyl", "chawan"})
"""Browsers that draw in the terminal, by the names of their programs."""

OF_A_DESKTOP = (
    "xdg-open", "gio open -- %s", "x-www-browser", "firefox", "firefox-esr", "google-chrome", "chromium",
    "chromium-browser", "opera", "epiphany", "konqueror",
)  # fmt: skip
"""What opens an address where there is a display, the user's own choice of a browser first."""

SOON_S = 10.0
"""A browser that ends later has shown the address, whatever its status, seconds."""


class NoBrowserError(Exception):
    """No browser takes the address; the words say why."""


def hand_over(url: str, post: Callable[[Message], object], refused: Callable[[str], None]) -> None:
    """Have a browser open an address; returns at once.  `refused` hears, as a `Found`, why none does."""
    threading.Thread(target=_run, args=(url, post, refused), name="dateline-browser", daemon=True).start()


def _run(url: str, post: Callable[[Message], object], refused: Callable[[str], None]) -> None:
    try:
        command = found(url, os.environ)
        began = time.monotonic()
        status = _started(command).wait()
    except NoBrowserError as error:
        post(Found(refused, str(error)))
        return
    except BaseException as error:
        # A mistake of the program: the timeline would go on as if the address had been opened.
        post(Found(surface, error))
        raise
    if status and time.monotonic() - began < SOON_S:
        post(Found(refused, f"{os.path.basename(command[0])} did not open it (status {status})."))


def found(url: str, environment: Mapping[str, str]) -> list[str]:
    """The command that opens an address, its program by its whole path; raises NoBrowserError."""
    path = _path(environment)
    drawing = None
    for choice in _choices(environment, path):
        program = _program(choice[0], path)
        if program is None:
            continue
        if os.path.basename(choice[0]) in IN_THE_TERMINAL:
            drawing = drawing or os.path.basename(choice[0])
            continue
        arguments = choice[1:] if any("%s" in word for word in choice[1:]) else [*choice[1:], "%s"]
        return [program, *(word.replace("%s", url) for word in arguments)]
    if drawing is not None:
        raise NoBrowserError(f"{drawing} draws in the terminal, where the timeline is.")
    raise NoBrowserError("No browser was found.")


def _choices(environment: Mapping[str, str], path: str) -> Iterator[list[str]]:
    for choice in environment.get("BROWSER", "").split(os.pathsep):
        if _program(choice, path) is not None:
            yield [choice]  # a path may have blanks in it
            continue
        try:
            words = shlex.split(choice)
        except ValueError:
            continue
        if words and words[-1] == "&":
            words.pop()
        if words:
            yield words
    if sys.platform == "darwin":
        yield ["/usr/bin/open"]
    elif environment.get("DISPLAY") or environment.get("WAYLAND_DISPLAY"):
        yield from map(str.split, OF_A_DESKTOP)
    yield from ([name] for name in sorted(IN_THE_TERMINAL))


def _path(environment: Mapping[str, str]) -> str:
    """Where programs are looked for: never in the folder that one stands in, which may be a stranger's."""
    folders = environment.get("PATH", os.defpath).split(os.pathsep)
    return os.pathsep.join(folder for folder in folders if os.path.isabs(folder))


def _program(name: str, path: str) -> str | None:
    if os.path.dirname(name) and not os.path.isabs(name):
        return None
    return shutil.which(name, path=path) if name else None


def _started(command: list[str]) -> subprocess.Popen[bytes]:
    """The command as a process of its own session: without the terminal, and none that ends with it."""
    environment = {**os.environ, "PATH": _path(os.environ)}
    environment.pop("BROWSER", None)  # xdg-open would take the one that was left out, or has been tried
    nothing = subprocess.DEVNULL
    try:
        return subprocess.Popen(
            command, stdin=nothing, stdout=nothing, stderr=nothing, cwd="/", env=environment, start_new_session=True
        )
    except OSError as error:
        raise NoBrowserError(f"{os.path.basename(command[0])} cannot be started: {reason(error)}.") from error
