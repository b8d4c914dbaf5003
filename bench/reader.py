"""`python -m bench.reader`: the source reader on texts of two megabytes, each key timed to its painted frame.

Every text is of 2,000,000 code points with 40 quotes.  Keys are pressed from the moment the reader is there, while it
still breaks the text into lines.  "opened" is from `s` to the first frame with text, "end" from `G` to the last line.
"turn" is the longest that the program's own thread computed (CPU time) between two chances to take a key, from `s` to
the end of all keys: what a key can wait for on a machine that does nothing else.
"""

from __future__ import annotations

import asyncio
import random
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from bench.figures import percentile
from bench.program import LARGE, SMALL, Size, lacks
from bench.stores import ROOT
from bench.terminal import PAGE_DOWN, Terminal
from db.store import Store

LENGTH = 2_000_000
"""Code points of each text."""

QUOTES = 40
QUOTED = 60
"""Code points of a quote."""

COLUMNS = ("opened", "end", "keys", "median", "p95", "largest", "turn")

KEYS = [*("j" * 8), *([PAGE_DOWN] * 8), *("n" * 8), *("b" * 4), *("N" * 8), *("k" * 4)]


def texts() -> Iterator[tuple[str, str]]:
    """Name and text, the same in every run."""
    chance = random.Random(5)
    words = ["drone", "attack", "the", "of", "coalition", "said", "—", "“base”", "hangar", "was", "Ain al-Asad", "in"]
    english = " ".join(chance.choice(words) for _ in range(LENGTH // 4))[:LENGTH]
    yield "English, one line", english
    yield "English, \\r\\n paragraphs", "\r\n".join(english[i : i + 700] for i in range(0, LENGTH, 702))[:LENGTH]
    yield "Han, one line", "".join(chr(chance.randrange(0x4E00, 0x9FFF)) for _ in range(LENGTH))
    parts = ["無人機", "drone ", "e\u0301", "\t", "攻撃", "a", "👨\u200d👩\u200d👧", " ", "ا\u064e"]
    yield "mixed scripts and marks", "".join(chance.choice(parts) for _ in range(LENGTH))[:LENGTH]
    controls = [0x1B, 0x9B, 0x202E, 7, 0x200B, 0x61, 0x20, 0x0D]
    yield "hostile controls", "".join(chr(chance.choice(controls)) for _ in range(LENGTH))
    yield "one letter, marks without end", "a" + "\u0301" * (LENGTH - 1)
    yield "empty lines", "\n" * (LENGTH - QUOTED) + "x" * QUOTED


def store(path: Path, text: str) -> None:
    """Make a store with one incident, one document of that text, and its quotes."""
    with Store.create(path) as made, made.write("a long text") as connection:
        connection.execute("INSERT INTO document (id, key, title, text) VALUES (1, 'long', 'A long text', ?)", (text,))
        connection.execute("INSERT INTO incident (id, key, title, date_edtf) VALUES (1, 'i', 'An incident', '2021')")
        step = (len(text) - QUOTED) // QUOTES
        connection.executemany(
            'INSERT INTO quote (incident_id, document_id, "start", "end", exact) VALUES (1, 1, ?, ?, ?)',
            [(at, at + QUOTED, text[at : at + QUOTED]) for at in range(0, step * QUOTES, step)],
        )


def measure(path: Path, size: Size) -> tuple[float, float, list[float]]:
    """Milliseconds to open, to reach the end, and of each key to the last frame that it changed."""
    argv = [sys.executable, str(ROOT / "main.py"), "--store", str(path)]
    home = {"HOME": str(path.parent)}
    with Terminal(argv, columns=size.columns, rows=size.rows, environment=home) as terminal:
        terminal.wait("An incident")
        terminal.calm()
        opened = terminal.wait("quote 1 of", since=terminal.press("s")) * 1e3
        times: list[float] = []
        for key in KEYS:
            pressed = terminal.press(key)
            terminal.settle(quiet=0.08)
            changed = terminal.last_change()
            if changed is not None:
                times.append((changed - pressed) * 1e3)
        terminal.calm()
        # Opened anew, the end has no lines yet.
        terminal.press("q")
        terminal.wait(lacks("quote 1 of"))
        terminal.calm()
        terminal.wait("quote 1 of", since=terminal.press("s"))
        end = terminal.wait("· 100%", since=terminal.press("G"), timeout=60) * 1e3
        terminal.press("q")
        terminal.wait(lacks("quote 1 of"))
        terminal.press("q")
        terminal.wait_exit()
    return opened, end, times


async def longest_turn(path: Path, size: Size) -> float:
    """Milliseconds of CPU time of the longest turn of the event loop while the reader opens and takes the keys."""
    from tui.app import DatelineApp
    from tui.screens.reader import ReaderScreen

    app = DatelineApp(path, "", live=False)
    longest = 0.0
    run = asyncio.events.Handle._run

    def timed(handle: asyncio.events.Handle) -> None:
        nonlocal longest
        began = time.thread_time()
        run(handle)
        longest = max(longest, time.thread_time() - began)

    async with app.run_test(size=(size.columns, size.rows)) as pilot:
        while app.main is None or not app.begun or app.main.detail.document is None:
            await asyncio.sleep(0.01)
        asyncio.events.Handle._run = timed  # type: ignore[method-assign, assignment]
        try:
            await pilot.press("s")
            while not (isinstance(app.screen, ReaderScreen) and app.screen.view.lines.count > size.rows):
                await asyncio.sleep(0.001)
            view = app.screen.view
            for key in (*"jjjj", "pagedown", "pagedown", *"nnnn", "b", "b", *"NN", "slash", *"dro", "enter", *"nnnG"):
                await pilot.press(key)
            while not view.lines.done:
                await asyncio.sleep(0.01)
            await pilot.press("G")
        finally:
            asyncio.events.Handle._run = run  # type: ignore[method-assign]
    return longest * 1e3


def main() -> None:
    """Measure every text on both screens and print a line for each."""
    print(f"{'text':32}{'screen':>8}", *(f"{name:>8}" for name in COLUMNS), "  (ms)", sep="")
    with tempfile.TemporaryDirectory() as folder:
        for number, (name, text) in enumerate(texts()):
            path = Path(folder) / f"{number}.db"
            store(path, text)
            for size in (SMALL, LARGE):
                opened, end, times = measure(path, size)
                turn = asyncio.run(longest_turn(path, size))
                middle, high, most = percentile(times, 50), percentile(times, 95), max(times)
                figures = (opened, end, len(times), middle, high, most, turn)
                print(f"{name:32}{size!s:>8}", *(f"{figure:>8.0f}" for figure in figures), sep="", flush=True)


if __name__ == "__main__":
    main()
