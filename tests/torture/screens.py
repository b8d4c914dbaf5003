"""Hostile texts on every screen of the timeline and in every plain command, through a real pseudo-terminal."""

from __future__ import annotations

import codecs
import os
import sqlite3
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from bench.program import cursor_on
from bench.terminal import BACKSPACE, ENTER, ESCAPE, F5, TAB, Terminal
from tests.torture.outcome import Outcome
from tests.torture.strings import ATTACKS, CLIPBOARD_WORDS, FULL_SCREEN, PLAIN, copied, harmful, hostile_store, text

MAIN = Path(__file__).resolve().parent.parent.parent / "main.py"
CTRL_P, CTRL_S = "\x10", "\x13"

LONGEST = 40
"""No sequence of a full-screen program is longer, but those that copy."""

NAME = "evil\x1b[2J\x9b[foo]\udcff\u202e.db"
"""A store's file name is hostile too."""


@dataclass(frozen=True, slots=True)
class View:
    """A screen or dialog: the keys that lead to it from the timeline, and those that lead back."""

    name: str
    keys: tuple[str, ...]
    back: tuple[str, ...] = (ESCAPE,)
    each: bool = True
    """Whether it speaks of the incident under the cursor, so that every incident is shown in it."""


VIEWS: tuple[View, ...] = (
    View("timeline and details", (), ()),
    View("details, to the end", (ENTER, "G", "g", "]", "]")),
    View("one line an incident", ("v", "v"), ()),
    View("filter by a value", (",", "j", "j", "G")),
    View("leave out a value", ("-", "j", "G")),
    View("filtered by its type", (",", ENTER), (BACKSPACE,)),
    View("copy the quote", ("y",), ()),
    View("copy the citation", ("Y",), ()),
    View("open the address", ("o",)),
    View("open the archive", ("O",)),
    View("claim matrix", ("c", "j", "l", ENTER), (ESCAPE, ESCAPE)),
    View("claims: pick with a reason", ("c", "p"), (ESCAPE, ESCAPE)),
    View("source reader", ("s", "j", "G"), (ESCAPE, ESCAPE)),
    View("citation", ("C", "l", "l", TAB, "l"), (ESCAPE,)),
    View("why this number", ("K", "j", "l", "l"), (ESCAPE,)),
    View("star", ("m", "m"), ()),
    View("source card", ("I", "j", "G"), (ESCAPE, ESCAPE)),
    View("roots", ("r", "j", "G"), (ESCAPE, ESCAPE)),
    View("tags", ("#", "j"), (ESCAPE, ESCAPE)),
    View("notes", ("a", "j", "G"), (ESCAPE, ESCAPE)),
    View("assess", ("A", "j"), (ESCAPE, ESCAPE)),
    View("documents", ("S", "j", "G"), (ESCAPE, ESCAPE), each=False),
    View("leave out", ("X", "j", "j"), (ESCAPE, ESCAPE), each=False),
    View("air-defence ledger", ("L", "j", "G"), (ESCAPE, ESCAPE), each=False),
    View("likely doubles", ("M", "j", "G"), (ESCAPE, ESCAPE), each=False),
    View("log of writes", ("W", "j", ENTER), (ESCAPE, ESCAPE), each=False),
    View("facets", ("f", "j", "j", "+", "G", "g"), (ESCAPE, ESCAPE), each=False),
    View("steps of the filter", ("H", "j"), each=False),
    View("saved views", ("V", "j", "G"), each=False),
    View("a saved view applied", ("1",), (BACKSPACE,), each=False),
    View("another saved view", ("7",), (BACKSPACE,), each=False),
    View("rename a view", ("V", "r"), (ESCAPE, ESCAPE), each=False),
    View("delete a view", ("V", "d"), (ESCAPE, ESCAPE), each=False),
    View("query line with offers", ("/", "type:", TAB, TAB), ("\x15", ESCAPE), each=False),
    View("query that matches nothing", ("/", "tag:a1", ENTER), (BACKSPACE,), each=False),
    View("query with a fault", ("/", "type:(", ENTER), ("\x15", ESCAPE), each=False),
    View("density strip", ("i", "l", "l", "L"), (ESCAPE,), each=False),
    View("go to a date", ("@", "2021-05-03", ENTER), (ESCAPE,), each=False),
    View("command palette", (CTRL_P, "own"), each=False),
    View("help", ("?", "G"), each=False),
    View("export", (CTRL_S,), (ESCAPE, ESCAPE), each=False),
    View("read anew", (F5,), (), each=False),
)


def run(count: int, seed: int) -> Outcome:
    """Show the first `count` attacks (all, with 0) on every screen and in every plain command."""
    del seed  # nothing is left to chance
    chosen = range(1, (min(count, len(ATTACKS)) if count else len(ATTACKS)) + 1)
    outcome = Outcome("strings", "hostile texts shown on a screen or by a command")
    outcome.counts["texts"] = len(chosen)
    with tempfile.TemporaryDirectory(prefix="dateline-torture-") as name:
        folder = Path(name)
        store = hostile_store(folder / NAME, chosen)
        before = _texts(store)
        show(outcome, store, folder, chosen)
        _commands(outcome, store, folder, chosen)
        if any(_texts(store).get(place) != value for place, value in before.items()):
            outcome.fault("a text in the store has changed")
    return outcome.end()


def _texts(store: Path) -> dict[tuple[str, str, int], bytes]:
    """Every text of an incident and its quotes in the store, byte for byte."""
    found = {}
    with closing(sqlite3.connect(store)) as connection:
        connection.text_factory = bytes
        for table, columns in (
            ("incident", ("title", "summary", "event_type")),
            ("quote", ("exact",)),
            ("note", ("text",)),
        ):
            for column in columns:
                for rowid, value in connection.execute(f"SELECT rowid, {column} FROM {table}"):
                    found[table, column, rowid] = value
    return found


# -- the timeline ---------------------------------------------------------------------------------------------------


def _start(store: Path, home: Path, columns: int, rows: int) -> Terminal:
    home.mkdir(exist_ok=True)
    argv = [sys.executable, str(MAIN), "--store", os.fsdecode(os.fsencode(store))]
    terminal = Terminal(argv, columns=columns, rows=rows, environment={"HOME": str(home)})
    terminal.wait("incidents", timeout=30)
    terminal.settle()
    return terminal


def show(
    outcome: Outcome, store: Path, folder: Path, chosen: range, sizes: Sequence[tuple[int, int]] = ((140, 50), (80, 24))
) -> None:
    """Show the texts `chosen` of a store on every screen of VIEWS, at each size (columns, rows)."""
    for columns, rows in sizes:
        shown: dict[str, set[int]] = {view.name: set() for view in VIEWS}
        terminal = _start(store, folder / "home", columns, rows)
        read = 0
        try:
            for number in chosen:
                for view in VIEWS:
                    if not view.each and number != chosen[0]:
                        continue
                    if not cursor_on(f"a{number} ")(terminal.lines):
                        _walk(terminal, ("g", *"j" * (number - 1)), 0.03)
                    _walk(terminal, view.keys, 0.06)
                    shown[view.name] |= {n for n in chosen if f"a{n} " in terminal.text}
                    outcome.tried += len(chosen) if not view.each else 1
                    read = _judge(outcome, terminal, read, f"{view.name}, text {number}, {columns}x{rows}")
                    _walk(terminal, view.back, 0.06)
                    if not terminal.alive:
                        outcome.fault(
                            f"{view.name}, text {number}, {columns}x{rows}: the program ended\n{terminal.text}"
                        )
                        terminal = _start(store, folder / "home", columns, rows)
                        read = 0
            terminal.press("q")
            terminal.settle()
            _walk(terminal, (ESCAPE, ESCAPE), 0.1)
            for _ in range(2):  # notes were begun, of which the first asks
                if terminal.alive:
                    terminal.press("q")
                    terminal.settle()
            if terminal.wait_exit() != 0:
                outcome.fault(f"{columns}x{rows}: the timeline ended with {terminal.wait_exit()}")
        except TimeoutError as error:
            outcome.fault(f"{columns}x{rows}: {error}")
        finally:
            terminal.close()
        outcome.counts[f"screens at {columns}x{rows}"] = sum(bool(texts) for texts in shown.values())


def _walk(terminal: Terminal, keys: tuple[str, ...], quiet: float) -> None:
    """Press keys, each painted before the next."""
    for key in keys:
        if not terminal.alive:
            return
        terminal.press(key)
        terminal.settle(0.2 if key == ESCAPE else quiet)


def _judge(outcome: Outcome, terminal: Terminal, read: int, where: str) -> int:
    """Look at what has arrived since byte `read`; the number of bytes that have been looked at whole now."""
    raw = terminal.raw
    last = raw.rfind(b"\x1b")
    # What may go on with the bytes that come next is looked at with them.
    whole = len(raw) if last < 0 or FULL_SCREEN.match(raw, last) or len(raw) - last > LONGEST else last
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    decoder.decode(raw[read:whole])
    whole -= len(decoder.getstate()[0])  # a letter may be cut in two as well
    for found in harmful(raw[read:whole], FULL_SCREEN)[:3]:
        outcome.fault(f"{where}: {found}")
    if CLIPBOARD_WORDS in copied(raw[read:whole]):
        outcome.fault(f"{where}: the store's text has set the clipboard")
    return whole


# -- plain commands -------------------------------------------------------------------------------------------------


def _lines(store: Path, folder: Path, chosen: range) -> Iterator[tuple[str, ...]]:
    """Command lines over a hostile store, and with hostile arguments."""
    at = ("--store", os.fsdecode(os.fsencode(store)))
    yield from (("list", *at), ("list", "--json", *at), ("info", *at), ("verify", *at), ("verify", "--json", *at))
    for facet in ("type", "actor", "place", "weapon", "speaker", "document", "publisher", "tag", "outcome"):
        yield ("count", "--by", facet, *at)
    for form in ("jsonl", "json", "csv", "geojson", "markdown", "html", "timelinejs", "timesketch"):
        yield ("export", "--as", form, *at)
    yield from (("log", *at), ("log", "--json", *at), ("views", *at), ("sources", *at), ("systems", *at))
    for number in chosen:
        # Arguments cannot hold NUL; the rest of a key comes as the store has it.
        words = text(number).replace("\0", "")
        for command in (("show", words), ("show", "--json", words), ("claims", words), ("list", words)):
            yield (*command, *at)
        yield ("list", f"type:{words}", *at)
        yield ("count", f"view:{words}", *at)
        yield ("list", "--store", str(folder / words.replace("/", "_")[:60]))
        yield ("seed", str(folder / words.replace("/", "_")[:60]), *at)
        yield ("import", str(folder / words.replace("/", "_")[:60]), "--as", words, *at)
        yield ("attach", str(MAIN), "--document", words, *at)
        yield (words,)


def _commands(outcome: Outcome, store: Path, folder: Path, chosen: range) -> None:
    for arguments in _lines(store, folder, chosen):
        argv = [sys.executable, str(MAIN), *arguments]
        with Terminal(argv, columns=120, rows=40, environment={"HOME": str(folder / "home")}) as terminal:
            try:
                status = terminal.wait_exit(timeout=30)
            except TimeoutError as error:
                outcome.fault(f"{arguments!r}: {error}")
                continue
        outcome.counts["command lines"] += 1
        outcome.tried += 1
        if status not in (0, 1, 2, 3) or b"Traceback" in terminal.raw:
            outcome.fault(f"{arguments!r}: status {status}\n{terminal.text}")
        for found in harmful(terminal.raw, PLAIN)[:2]:
            outcome.fault(f"{arguments!r}: {found}")
