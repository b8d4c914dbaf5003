"""While another program holds the store's lock: questions are answered, writes wait in order, and none is lost unsaid."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from textual.message import Message

from db import edit
from db.engine import Match, Wants
from db.model import Row
from db.query import parse
from db.store import Store
from db.views import View
from tests.support.pressing import Settle, main_of, said
from tui import app as app_module
from tui import write_queue
from tui.app import DatelineApp
from tui.messages import Answered, Changed, Failed, Found, Opened, Ready, Slow
from tui.session import Session

SOON_S = 1.0
"""Before this many seconds a question is answered; a writer waits ten for the lock."""


class Locked:
    """A session whose store another connection can lock, and what it posts."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.messages: list[Message] = []
        self.session = Session(path, self.messages.append)
        self.another = sqlite3.connect(path, isolation_level=None)

    def lock(self) -> None:
        self.another.execute("BEGIN IMMEDIATE")

    def unlock(self) -> None:
        self.another.execute("ROLLBACK")

    def wait(self, kind: type[Message], count: int = 1, within: float = 10.0) -> list[Message]:
        until = time.monotonic() + within
        while len(found := [m for m in self.messages if isinstance(m, kind)]) < count:
            assert time.monotonic() < until, f"no {kind.__name__} came; there is {self.messages}"
            time.sleep(0.002)
        return found

    def settle(self) -> None:
        until = time.monotonic() + 10
        while not self.session.idle:
            assert time.monotonic() < until
            time.sleep(0.002)

    def star(self, incident_id: int, refused: Callable[[], None] | None = None) -> None:
        self.session.write(lambda store: edit.star(store, incident_id, True), refused=refused)

    def row(self, incident_id: int) -> Row:
        (row,) = self.session.rows([Match(incident_id, True)])
        assert row is not None
        return row

    def failures(self) -> list[str]:
        return [m.text for m in self.messages if isinstance(m, Failed)]

    def steps(self) -> list[str]:
        """What the log says was written."""
        with Store.open(self.path) as store:
            return [what for (what,) in store.connection.execute("SELECT what FROM log ORDER BY id")]


@pytest.fixture
def locked(seeded: Path) -> Iterator[Locked]:
    """A store that another program has locked, open in a session that is at rest."""
    made = Locked(seeded)
    made.session.start()
    made.wait(Ready)
    made.settle()
    made.lock()
    yield made
    made.another.close()
    made.session.stop()


def test_questions_are_answered_while_writes_wait(locked: Locked) -> None:
    for incident_id in (1, 2, 3, 4):
        locked.session.star(locked.row(incident_id), True)
    began = time.monotonic()
    for word in ("drone", "rocket"):
        generation = locked.session.ask(parse(word), Wants(), None)
        answers = locked.wait(Answered, len([m for m in locked.messages if isinstance(m, Answered)]) + 1)
        assert isinstance(answers[-1], Answered) and answers[-1].generation == generation
    locked.session.look("count", lambda store, engine: engine.answer(parse("")).totals.rows, lambda rows: None)
    locked.session.open(1)
    locked.wait(Found)
    locked.wait(Opened)
    assert time.monotonic() - began < SOON_S
    assert not locked.session.idle and not locked.failures()


def test_writes_land_in_order_when_the_lock_goes(locked: Locked) -> None:
    before = len(locked.steps())
    locked.session.star(locked.row(1), True)
    locked.session.save_view(View("mine", "drone"), [], lambda _: None)
    locked.session.write(lambda store: edit.tag(store, 1, ["seen"]))
    locked.session.star(locked.row(1), False)
    locked.session.ask(parse("drone"), Wants(), None)
    locked.wait(Answered)
    assert len(locked.steps()) == before
    locked.unlock()
    locked.wait(Changed, 4)
    locked.settle()
    key = locked.row(1).key
    assert locked.steps()[before:] == [
        f"star {key}",
        "save view mine",
        "new tag seen",
        f"tag {key}: seen",
        f"unstar {key}",
    ]
    assert not locked.failures()


def test_a_write_asked_for_later_does_not_overtake(locked: Locked) -> None:
    before = len(locked.steps())
    locked.star(1)
    time.sleep(0.1)
    locked.unlock()
    locked.star(2)
    locked.settle()
    assert locked.steps()[before:] == [f"star {locked.row(i).key}" for i in (1, 2)]


def test_writes_that_wait_in_vain_fail_together_and_are_refused(
    locked: Locked, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("db.store.BUSY_MS", 160)
    before = len(locked.steps())
    began = time.monotonic()
    refused: list[int] = []
    for incident_id in (1, 2, 3):
        locked.star(incident_id, lambda: refused.append(1))
    locked.wait(Failed, 3)
    # Not three times as long as a writer waits, which is 0.4 s here.
    assert 0.4 <= time.monotonic() - began < 1.0
    assert all("is locked by another program" in text for text in locked.failures())
    for found in locked.wait(Found, 3):
        assert isinstance(found, Found)
        found.tell(found.answer)
    assert refused == [1, 1, 1]
    locked.unlock()
    # One that is asked for after that has a patience of its own, and finds the store free.
    locked.star(4)
    locked.wait(Changed)
    locked.settle()
    assert locked.steps()[before:] == [f"star {locked.row(4).key}"]


def test_one_that_is_asked_for_late_does_not_fail_with_the_first(
    locked: Locked, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("db.store.BUSY_MS", 160)
    before = len(locked.steps())
    locked.star(1)
    time.sleep(0.25)
    locked.star(2)
    locked.wait(Failed)
    locked.unlock()
    locked.wait(Changed)
    assert len(locked.failures()) == 1
    assert locked.steps()[before:] == [f"star {locked.row(2).key}"]


def test_a_write_that_waits_is_told_of_once(locked: Locked, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(write_queue, "TOLD_AFTER_S", 0.2)
    locked.star(1)
    locked.star(2)
    time.sleep(0.1)
    assert not [m for m in locked.messages if isinstance(m, Slow)]
    locked.wait(Slow)
    time.sleep(0.3)
    told = [m.text for m in locked.messages if isinstance(m, Slow)]
    assert told == ["iraq-drones.db is locked by another program; 2 writes wait."]
    locked.star(3)
    assert isinstance(again := locked.wait(Slow, 2)[-1], Slow) and "3 writes wait" in again.text
    locked.unlock()
    locked.settle()


def test_other_faults_are_said_at_once_though_the_store_was_locked(locked: Locked) -> None:
    def wrong(store: Store) -> None:
        edit.tag(store, 1, [""])

    locked.session.write(wrong)
    locked.wait(Failed, within=SOON_S)
    locked.unlock()
    locked.settle()
    assert len(locked.failures()) == 1


def test_what_a_tag_makes_first_is_not_made_twice(locked: Locked) -> None:
    """The tag is new: two writes of the log, one piece of work, tried anew for as long as the store is locked."""
    before = len(locked.steps())
    locked.session.write(lambda store: edit.tag(store, 1, ["fresh"]))
    time.sleep(0.3)
    locked.unlock()
    locked.settle()
    assert [step.split(" ")[0] for step in locked.steps()[before:]] == ["new", "tag"]


def test_stopping_tries_for_a_while_and_says_what_was_lost(locked: Locked, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(write_queue, "AT_THE_END_S", 0.3)
    before = len(locked.steps())
    locked.star(1)
    locked.star(2)
    began = time.monotonic()
    locked.session.stop()
    assert 0.3 <= time.monotonic() - began < SOON_S
    assert not locked.session._thread.is_alive()
    assert locked.session.unwritten() == f"2 writes were not written: {locked.path} is locked by another program"
    assert len(locked.steps()) == before


def test_stopping_writes_what_can_be_written_in_time(locked: Locked) -> None:
    before = len(locked.steps())
    locked.star(1)
    locked.star(2)
    time.sleep(0.1)
    locked.unlock()
    locked.session.stop()
    assert locked.session.unwritten() is None
    assert len(locked.steps()) == before + 2


def test_what_fails_for_another_reason_when_the_program_ends_is_said_too(locked: Locked) -> None:
    locked.star(1)
    locked.session.write(lambda store: edit.tag(store, 999, ["x"]))
    with locked.session._wake:  # what the thread would do by itself is done when it is told to stop
        locked.unlock()
        locked.session.leave()
    locked.session.stop()
    told = locked.session.unwritten()
    assert told is not None and told.startswith("1 write was not written: ") and "locked" not in told


async def test_keys_are_answered_while_a_star_waits(
    seeded: Path, settle: Settle, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(write_queue, "TOLD_AFTER_S", 0.1)
    app = DatelineApp(seeded, live=False)
    async with app.run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        main = main_of(app)
        with closing(sqlite3.connect(seeded, isolation_level=None)) as another:
            another.execute("BEGIN IMMEDIATE")
            began = time.monotonic()
            await pilot.press("m", "j", "m", "slash", *"drone", "enter")
            while main._query.text != "drone" or main._answer is None or main.timeline.rows == 45:
                assert time.monotonic() - began < 2 * SOON_S
                await pilot.pause(0.01)
            while not said(app):
                assert time.monotonic() - began < 2 * SOON_S
                await pilot.pause(0.01)
            assert "locked by another program" in said(app)[0] and "2 writes wait" in said(app)[0]
            assert app.session is not None and not app.session.idle
            another.execute("ROLLBACK")
        await settle(pilot)
        with Store.open(seeded) as store:
            assert store.connection.execute("SELECT count(*) FROM star").fetchone() == (2,)


@pytest.mark.parametrize(("return_code", "status"), [(0, 3), (143, 143)])
def test_what_was_lost_is_one_line_and_a_status(
    return_code: int, status: int, seeded: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(write_queue, "AT_THE_END_S", 0.1)
    monkeypatch.setattr(app_module, "_check_variables", lambda: None)

    def locked_meanwhile(app: DatelineApp) -> None:
        made = Locked(seeded)
        app.session = made.session
        made.session.start()
        made.wait(Ready)
        made.lock()
        made.star(1)
        made.session.stop()
        made.another.close()
        app._return_code = return_code

    monkeypatch.setattr(DatelineApp, "run", locked_meanwhile)
    assert app_module.run(seeded) == status
    told = capsys.readouterr().err
    assert told == f"dateline: 1 write was not written: {seeded} is locked by another program\n"
