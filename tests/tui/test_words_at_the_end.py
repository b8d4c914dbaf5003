"""Words that a person typed and the store has not when the program ends: told whole, never lost, and told once."""

from __future__ import annotations

import os
import signal
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from textual.app import App
from textual.message import Message
from textual.pilot import Pilot

from db.errors import UsageError
from db.store import Store
from tests.support.pressing import Settle, main_of
from tui import app as app_module
from tui import write_queue
from tui.app import DatelineApp
from tui.messages import Found
from tui.session import Session
from tui.write_queue import Typed

Told = Callable[[DatelineApp], tuple[int, str]]
VICTORY = "victory-drones-2021-06-21"
THERE = "israel-laser-2021-06-21"
WORDS = Typed("a note on here", "typed")


@pytest.fixture
def another(seeded: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[sqlite3.Connection]:
    """Another program that can lock the store; the timeline tries for less than a second when it ends."""
    monkeypatch.setattr(write_queue, "AT_THE_END_S", 0.2)
    with closing(sqlite3.connect(seeded, isolation_level=None)) as connection:
        yield connection


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Told:
    """What `run` gives back and says of an app that has ended."""

    def status_and_words(app: DatelineApp) -> tuple[int, str]:
        monkeypatch.setattr(app_module, "_check_variables", lambda: None)
        monkeypatch.setattr(app_module, "DatelineApp", lambda *_: app)
        monkeypatch.setattr(app, "run", lambda: None)
        return app_module.run(app.path), capsys.readouterr().err

    return status_and_words


async def type_(app: DatelineApp, pilot: Pilot[None], settle: Settle, *keys: str) -> None:
    for key in keys:
        await pilot.press(key)
        if key in ("a", "c", "p"):
            await settle(pilot)


async def test_a_note_that_waits_for_the_lock_is_told_whole_when_one_quits(
    seeded: Path, settle: Settle, another: sqlite3.Connection, told: Told
) -> None:
    app = DatelineApp(seeded, "victory drones", live=False)
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await type_(app, pilot, settle, "a", *"one", "enter", *"two")
        another.execute("BEGIN IMMEDIATE")
        for key in ("ctrl+s", "q"):
            await pilot.press(key)
    assert told(app) == (
        3,
        f"dateline: 1 write was not written: {seeded} is locked by another program\n"
        f"dateline: not in the store, a note on {VICTORY}:\none\ntwo\n",
    )


async def test_a_note_that_was_written_in_time_is_not_told(
    seeded: Path, settle: Settle, another: sqlite3.Connection, told: Told
) -> None:
    app = DatelineApp(seeded, "victory drones", live=False)
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await type_(app, pilot, settle, "a", *"one", "ctrl+s", "q")
    assert told(app) == (0, "")


async def test_notes_that_were_being_typed_are_told_when_a_signal_ends_the_program(
    seeded: Path, settle: Settle, told: Told
) -> None:
    app = DatelineApp(seeded, "victory drones", live=False)
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await type_(app, pilot, settle, "a", *"kept", "ctrl+s")
        await settle(pilot)
        await type_(app, pilot, settle, "a", "tab", "enter", *"more", "tab", "escape", "a", *"n")
        app.screen.text.text += "\x1b[2J"  # type: ignore[attr-defined]
        for _ in range(2):
            os.kill(os.getpid(), signal.SIGTERM)
        await pilot.pause(0)
    assert told(app) == (
        143,
        f"dateline: not in the store, a change of a note on {VICTORY}:\nkeptmore\n"
        f"dateline: not in the store, a note on {VICTORY}:\nn␛[2J\n",
    )


async def test_notes_that_were_being_typed_are_told_when_an_error_ends_the_program(
    seeded: Path, settle: Settle, told: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = DatelineApp(seeded, "victory drones", live=False)
    # Textual's own part, which prints the traceback.
    monkeypatch.setattr(App, "_handle_exception", lambda app, _: App.exit(app, return_code=1))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await type_(app, pilot, settle, "a", *"typed")
        app._handle_exception(ZeroDivisionError())
    assert told(app) == (1, f"dateline: not in the store, a note on {VICTORY}:\ntyped\n")


async def test_what_one_has_agreed_to_lose_is_not_told(seeded: Path, settle: Settle, told: Told) -> None:
    app = DatelineApp(seeded, "victory drones", live=False)
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await type_(app, pilot, settle, "a", *"typed", "escape", "q", "q")
    assert told(app) == (0, "")


async def test_the_reason_of_a_pick_is_told_too(
    seeded: Path, settle: Settle, another: sqlite3.Connection, told: Told
) -> None:
    app = DatelineApp(seeded, "victory drones", live=False)
    async with app.run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        await type_(app, pilot, settle, "c", "p", *"because")
        another.execute("BEGIN IMMEDIATE")
        for key in ("enter", "ctrl+q"):
            await pilot.press(key)
    status, words = told(app)
    assert status == 3 and words.endswith(f"not in the store, the reason of a pick in {VICTORY}:\nbecause\n")


async def test_a_reason_that_is_being_typed_is_asked_about_and_told(seeded: Path, settle: Settle, told: Told) -> None:
    for end, status in ((signal.SIGTERM, 143), (None, 0)):
        app = DatelineApp(seeded, "victory drones", live=False)
        async with app.run_test(size=(120, 40)) as pilot:
            await settle(pilot)
            await type_(app, pilot, settle, "c", "p", *"because")
            if end is None:
                await pilot.press("ctrl+q")
                said = [notification.message for notification in app._notifications]
                assert said[-1].startswith(f"1 unfinished note (the reason of a pick in {VICTORY}): ^q again quits")
                await pilot.press("ctrl+q")
            else:
                os.kill(os.getpid(), end)
            await pilot.pause(0)
        words = f"dateline: not in the store, the reason of a pick in {VICTORY}:\nbecause\n"
        assert told(app) == (status, words if end else "")


async def test_a_reason_whose_incident_goes_while_it_is_typed_is_told_at_the_end(
    seeded: Path, settle: Settle, another: sqlite3.Connection, told: Told
) -> None:
    app = DatelineApp(seeded, "victory drones", live=False)
    async with app.run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        await type_(app, pilot, settle, "c", "p", *"because")
        another.execute("PRAGMA foreign_keys = ON")
        another.execute("DELETE FROM incident WHERE key = ?", (VICTORY,))
        main_of(app).poll()
        await settle(pilot)
        assert app.screen is app.main
        await pilot.press("q")
    assert told(app) == (0, f"dateline: not in the store, the reason of a pick in {VICTORY}:\nbecause\n")


async def test_a_reason_that_was_refused_is_told_at_the_end(
    seeded: Path, settle: Settle, another: sqlite3.Connection, told: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("db.store.BUSY_MS", 100)
    app = DatelineApp(seeded, "victory drones", live=False)
    async with app.run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        await type_(app, pilot, settle, "c", "p", *"becus")
        another.execute("BEGIN IMMEDIATE")
        await pilot.press("enter")
        await settle(pilot)
        another.execute("ROLLBACK")
        await pilot.press("ctrl+q")
    assert told(app) == (0, f"dateline: not in the store, the reason of a pick in {VICTORY}:\nbecus\n")


@pytest.mark.parametrize("gone", ["DELETE FROM incident", "UPDATE incident SET key = 'renamed'"])
async def test_a_note_that_no_dialog_offers_any_more_is_named_and_told(
    gone: str, seeded: Path, settle: Settle, told: Told
) -> None:
    app = DatelineApp(seeded, "victory drones", live=False)
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await type_(app, pilot, settle, "a", *"typed", "escape")
        main_of(app)._drafts[THERE, None] = "of one that stays"
        with Store.open(seeded, write=True) as store, store.write("less") as connection:
            connection.execute(f"{gone} WHERE key = ?", (VICTORY,))
        main_of(app).poll()
        await settle(pilot)
        await pilot.press("q")
        await settle(pilot)
        (words,) = [notification.message for notification in app._notifications]
        assert words.startswith(f"2 unfinished notes (a note on {VICTORY}, a note on {THERE}): ")
        assert words.endswith("q again quits without them. What is on an incident that is gone is printed then.")
        await pilot.press("q")
    assert told(app) == (0, f"dateline: not in the store, a note on {VICTORY}:\ntyped\n")


async def test_of_many_unfinished_notes_some_are_named(seeded: Path, settle: Settle) -> None:
    app = DatelineApp(seeded, "", live=False)
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        with Store.open(seeded) as store:
            keys = [key for (key,) in store.connection.execute("SELECT key FROM incident LIMIT 5")]
        for key in keys:
            main_of(app)._drafts[key, None] = "typed"
        await pilot.press("j")
        await pilot.press("q")
        await settle(pilot)
        named = ", ".join(f"a note on {key}" for key in keys[:3])
        assert [notification.message for notification in app._notifications] == [
            f"5 unfinished notes ({named} and 2 more): q again quits without them."
        ]


def refused(_: Store) -> None:
    raise UsageError("not so")


def found(messages: list[Message]) -> list[Found]:
    return [message for message in messages if isinstance(message, Found)]


@pytest.mark.parametrize("seen", [True, False])
def test_words_are_told_unless_a_screen_has_them_back(seeded: Path, seen: bool) -> None:
    """A refusal that comes when the program is about to end is handed to no screen that could keep the words."""
    messages: list[Message] = []
    kept: list[str] = []
    session = Session(seeded, messages.append)
    session.start()
    session.write(refused, refused=lambda: kept.append("back"), typed=WORDS)
    while not found(messages):
        pass
    (message,) = found(messages)
    if seen:
        message.tell(message.answer)
    session.stop()
    message.tell(message.answer)
    assert kept == ["back"] * (1 + seen) and session.untaken() == ([] if seen else [WORDS])


async def test_notes_that_were_refused_stand_in_their_order_before_what_was_typed_since(
    seeded: Path, settle: Settle, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = DatelineApp(seeded, "victory drones", live=False)
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        asked: list[Any] = []
        monkeypatch.setattr(Session, "write", lambda self, work, **said: asked.append(said["refused"]))
        for word in ("one", "two", "three"):
            await type_(app, pilot, settle, "a", *word, "ctrl+s")
        asked.pop(0)()
        await type_(app, pilot, settle, "a", "enter", "enter", *"since")
        asked.pop(0)()
        assert app.screen.text.text == "one\n\ntwo\n\nsince"  # type: ignore[attr-defined]
        await type_(app, pilot, settle, "escape")
        asked.pop(0)()
        (draft,) = main_of(app).unfinished()
        assert draft.text == "one\n\ntwo\n\nthree\n\nsince"
