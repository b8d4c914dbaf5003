"""The session's thread: the newest question wins, a slow one is interrupted, writes are never lost, faults are said."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from textual.message import Message

import db.engine as engines
from db import edit
from db.engine import Engine, Match, NotReadyError, Wants
from db.engine.columns import ColumnsEngine
from db.engine.plain import PlainEngine
from db.model import Row
from db.query import Query, parse
from db.store import Store
from tui import open_store as module
from tui.messages import Answered, Changed, Failed, Found, Opened, Ready, Suggested
from tui.open_store import StoppedError
from tui.session import Session


class Box:
    """Collects what a session posts, and waits for it."""

    def __init__(self) -> None:
        self.messages: list[Message] = []
        self._more = threading.Condition()

    def post(self, message: Message) -> None:
        with self._more:
            self.messages.append(message)
            self._more.notify_all()

    def wait(self, kind: type[Message], count: int = 1) -> list[Message]:
        deadline = time.monotonic() + 20
        with self._more:
            while len(found := [m for m in self.messages if isinstance(m, kind)]) < count:
                left = deadline - time.monotonic()
                assert left > 0, f"no {kind.__name__} came; there is {self.messages}"
                self._more.wait(left)
            return found


class SlowEngine(PlainEngine):
    """Runs SQL without end for the word "slow", as a hard question on a large store would."""

    started = threading.Event()

    def answer(self, query: Query, wants: Wants | None = None):  # type: ignore[no-untyped-def]
        if query.text == "slow":
            self.started.set()
            endless = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"
            self._connection.execute(endless).fetchone()
        return super().answer(query, wants)


@pytest.fixture
def box() -> Box:
    return Box()


@pytest.fixture
def session(seeded: Path, box: Box, monkeypatch: pytest.MonkeyPatch) -> Iterator[Session]:
    def engine(store: Store, *args: object, **kwargs: object) -> Engine:
        return SlowEngine(store.connection)

    SlowEngine.started.clear()
    monkeypatch.setattr(module, "start_engine", engine)
    session = Session(seeded, box.post)
    session.start()
    box.wait(Ready)
    yield session
    session.stop()


def test_a_newer_question_interrupts_a_slow_one(session: Session, box: Box) -> None:
    session.ask(parse("slow"), Wants(), None)
    assert SlowEngine.started.wait(10)
    newest = session.ask(parse("drone"), Wants(), None)
    answers = box.wait(Answered)
    assert [a.generation for a in answers if isinstance(a, Answered)][-1] == newest
    # An interrupted question is no fault that anyone must hear of.
    assert not [m for m in box.messages if isinstance(m, Failed)]


def test_quitting_does_not_wait_for_the_question(seeded: Path, box: Box, session: Session) -> None:
    session.ask(parse("slow"), Wants(), None)
    assert SlowEngine.started.wait(10)
    session.stop()
    assert not session._thread.is_alive()


def test_questions_that_pile_up_are_dropped_but_the_last(session: Session, box: Box) -> None:
    session.ask(parse("slow"), Wants(), None)
    assert SlowEngine.started.wait(10)
    generations = [session.ask(parse(word), Wants(), None) for word in ("a", "b", "c", "drone") * 50]
    box.wait(Answered)
    while not session.idle:
        time.sleep(0.01)
    answered = [m.generation for m in box.messages if isinstance(m, Answered)]
    assert answered[-1] == generations[-1]
    assert len(answered) < 20


def row_of(session: Session, incident_id: int = 1) -> Row:
    """An incident as the timeline shows it."""
    (row,) = session.rows([Match(incident_id, True)])
    assert row is not None
    return row


def test_writes_are_done_in_order_and_never_interrupted(session: Session, box: Box, seeded: Path) -> None:
    for starred in (True, False) * 5 + (True,):
        session.star(row_of(session), starred)
        session.ask(parse("drone"), Wants(), None)
    session.stop()
    with Store.open(seeded) as store:
        assert store.connection.execute("SELECT incident_id FROM star").fetchall() == [(1,)]
        assert store.connection.execute("SELECT count(*) FROM log WHERE what GLOB '*star *'").fetchone()[0] == 11


def test_a_change_by_another_program_is_seen(session: Session, box: Box, seeded: Path) -> None:
    session.refresh()
    while not session.idle:
        time.sleep(0.01)
    assert not [m for m in box.messages if isinstance(m, Changed)]
    connection = sqlite3.connect(seeded)
    connection.execute("UPDATE incident SET title = 'Renamed elsewhere' WHERE id = 1")
    connection.commit()
    connection.close()
    session.refresh()
    box.wait(Changed)
    session.open(1)
    opened = box.wait(Opened)[-1]
    assert isinstance(opened, Opened)
    assert opened.incident is not None
    assert opened.incident.title == "Renamed elsewhere"


def test_rows_that_are_asked_for_are_never_thrown_out_to_make_room(
    session: Session, seeded: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tui.session._ROWS_KEPT", 6)
    with Store.open(seeded) as store:
        ids = [row[0] for row in store.connection.execute("SELECT id FROM incident ORDER BY id LIMIT 8")]
    for begin in range(5):
        session.rows([Match(i, True) for i in ids[begin : begin + 4]])
    for begin in (3, 2, 1, 0):  # one row is read anew in each, and others have stood here longer than those beside it
        shown = session.rows([Match(i, True) for i in ids[begin : begin + 4]])
        assert [row.id if row else None for row in shown] == ids[begin : begin + 4]


def test_a_store_that_cannot_be_opened_is_said_once(tmp_path: Path, box: Box) -> None:
    session = Session(tmp_path / "none.db", box.post)
    session.start()
    failed = box.wait(Failed)
    assert [m.fatal for m in failed if isinstance(m, Failed)] == [True]
    session.stop()


def test_a_write_to_a_store_that_cannot_be_written_is_said(
    session: Session, box: Box, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("db.store.os.access", lambda *_: False)
    session.star(row_of(session), True)
    failed = box.wait(Failed)[-1]
    assert isinstance(failed, Failed)
    assert "cannot be written" in failed.text
    assert not failed.fatal


def endless(store: Store, engine: Engine) -> int:
    """A look that would never end."""
    SlowEngine.started.set()
    sql = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"
    return int(store.connection.execute(sql).fetchone()[0])


def test_a_look_tells_what_it_found(session: Session, box: Box) -> None:
    told: list[int] = []
    session.look("count", lambda store, engine: engine.answer(parse("")).totals.rows, told.append)
    (found,) = box.wait(Found)
    assert isinstance(found, Found)
    found.tell(found.answer)
    assert told == [45]


def test_a_newer_look_of_its_kind_replaces_one_under_way(session: Session, box: Box) -> None:
    session.look("count", endless, lambda found: None)
    assert SlowEngine.started.wait(20)
    session.look("count", lambda store, engine: 1, lambda found: None)
    (found,) = box.wait(Found)
    assert isinstance(found, Found)
    assert found.answer == 1


def test_a_question_goes_before_a_look_under_way(session: Session, box: Box) -> None:
    session.look("count", endless, lambda found: None)
    assert SlowEngine.started.wait(20)
    session.ask(parse("drone"), Wants(), None)
    box.wait(Answered)
    session.look("count", lambda store, engine: 2, lambda found: None)
    (found,) = box.wait(Found)
    assert isinstance(found, Found)
    assert found.answer == 2


def test_what_is_written_is_seen(session: Session, box: Box) -> None:
    def rename(store: Store) -> None:
        with store.write("rename") as connection:
            connection.execute("UPDATE incident SET title = 'Renamed' WHERE id = 1")

    session.write(rename, "renamed")
    (changed,) = box.wait(Changed)
    assert isinstance(changed, Changed)
    assert changed.what == "renamed"
    session.open(1)
    (opened,) = box.wait(Opened)
    assert isinstance(opened, Opened)
    assert opened.incident is not None
    assert opened.incident.title == "Renamed"


def test_a_look_at_columns_that_are_not_read_yet_is_said(session: Session, box: Box) -> None:
    def early(store: Store, engine: Engine) -> int:
        raise NotReadyError

    session.look("count", early, lambda found: None)
    failed = box.wait(Failed)[-1]
    assert isinstance(failed, Failed)
    assert failed.text == "the store is still being read; try again in a moment" and not failed.fatal
    session.look("count", lambda store, engine: 1, lambda found: None)
    assert box.wait(Found)


def test_a_write_that_changes_nothing_is_no_change(session: Session, box: Box) -> None:
    told: list[int] = []
    session.write(lambda store: 7, tell=told.append)
    (found,) = box.wait(Found)
    assert isinstance(found, Found) and found.answer == 7
    session.star(row_of(session), True)
    assert len(box.wait(Changed)) == 1


@pytest.mark.parametrize("where", ["look", "write"])
def test_a_mistake_of_the_program_reaches_the_screens_thread(
    where: str, session: Session, box: Box, monkeypatch: pytest.MonkeyPatch
) -> None:
    traced: list[type[BaseException]] = []
    monkeypatch.setattr(threading, "excepthook", lambda arguments: traced.append(arguments.exc_type))

    def broken(*_: object) -> None:
        raise AssertionError("it cannot be")

    if where == "look":
        session.look("count", broken, lambda found: None)
    else:
        session.write(broken)
    (found,) = box.wait(Found)
    assert isinstance(found, Found)
    with pytest.raises(AssertionError, match="it cannot be"):
        found.tell(found.answer)
    session._thread.join(20)
    assert not session._thread.is_alive() and traced == [AssertionError]


def test_a_mistake_while_a_store_is_opened_reaches_the_screens_thread(
    seeded: Path, box: Box, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> Engine:
        raise NotImplementedError("no engine")

    monkeypatch.setattr(threading, "excepthook", lambda arguments: None)
    monkeypatch.setattr(module, "start_engine", broken)
    session = Session(seeded, box.post)
    session.start()
    (found,) = box.wait(Found)
    assert isinstance(found, Found)
    with pytest.raises(NotImplementedError, match="no engine"):
        found.tell(found.answer)
    session.stop()


def test_a_write_is_told_though_what_follows_it_cannot_be_shown(
    session: Session, box: Box, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unreadable(*_: object) -> None:
        raise sqlite3.DatabaseError("database disk image is malformed")

    monkeypatch.setattr(module, "facts", unreadable)
    session.write(lambda store: edit.star(store, 1, True), tell=lambda _: None)
    assert box.wait(Found) and box.wait(Failed)


def test_values_asked_for_before_the_columns_are_there_come_with_them(
    seeded: Path, box: Box, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Asked in haste while a large store is read, they ended the program."""
    go_on = threading.Event()

    def held(*given: Any) -> ColumnsEngine:
        assert go_on.wait(20)
        return engines.finish_engine(*given)

    monkeypatch.setattr(engines, "LARGE", 10)
    monkeypatch.setattr(module, "finish_engine", held)
    session = Session(seeded, box.post)
    session.start()
    box.wait(Ready)
    session.suggest("type:dro", "type", parse(""))
    while session._put_off is None:
        assert not [m for m in box.messages if isinstance(m, Suggested | Found)]
        time.sleep(0.01)
    go_on.set()
    suggested = box.wait(Suggested)[0]
    assert isinstance(suggested, Suggested)
    assert (suggested.text, bool(suggested.counts)) == ("type:dro", True)
    session.stop()


def test_dates_that_the_first_write_fills_in_are_no_news_of_others(seeded: Path, box: Box) -> None:
    with Store.open(seeded, write=True) as store:
        store.connection.execute("UPDATE incident SET date_prec = NULL WHERE date_edtf IS NOT NULL")
    session = Session(seeded, box.post)
    session.start()
    box.wait(Ready)
    session.write(lambda store: edit.star(store, 1, True))
    changed = box.wait(Changed)[-1]
    assert isinstance(changed, Changed)
    assert (changed.news.new, changed.news.changed) == ((), frozenset())
    session.stop()


def test_what_another_writes_right_before_or_behind_ones_own_write_is_news(
    session: Session, box: Box, seeded: Path
) -> None:
    def star(number: int) -> None:
        with Store.open(seeded, write=True) as another:
            edit.star(another, number, True)

    def work(store: Store) -> None:
        star(2)
        edit.star(store, 3, True)
        star(4)

    session.write(work)
    changed = box.wait(Changed)[-1]
    assert isinstance(changed, Changed)
    assert changed.news.changed == {2, 4}


def test_writes_that_wait_are_done_though_the_columns_are_being_read_anew_when_the_program_ends(
    seeded: Path, box: Box, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The engine of a large store asks while it reads whether the program ends; that ended the session's thread."""
    monkeypatch.setattr(engines, "LARGE", 10)
    session = Session(seeded, box.post)
    session.start()
    box.wait(Changed)  # the columns have come
    engine, reads = session._engine, threading.Event()
    assert isinstance(engine, ColumnsEngine)

    def read_anew() -> bool:
        """Goes on until the program ends, as the reading of a large store does."""
        reads.set()
        while not session._stop:
            time.sleep(0.01)
        raise StoppedError

    monkeypatch.setattr(engine, "refresh", read_anew)
    session.write(lambda store: edit.star(store, 1, True))
    assert reads.wait(20)
    session.write(lambda store: edit.star(store, 2, True))
    session.stop()
    assert session.unwritten() is None
    assert not [message for message in box.messages if isinstance(message, Found)], "nothing was raised"
    with Store.open(seeded) as store:
        assert store.connection.execute("SELECT incident_id FROM star ORDER BY 1").fetchall() == [(1,), (2,)]
