"""What a screen says of a write, it says when the write is in the store; what it asks for anew takes no key away."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from db import edit, same_root, source_card, source_reader, views
from db.ledger import System
from db.model import Document
from db.store import Store
from db.views import View
from tests.support.pressing import Settle, press_each, said
from tests.support.wire_copy import with_wire_copy
from tui.app import DatelineApp
from tui.screens.claims import ClaimsScreen
from tui.screens.confirm import Confirm
from tui.screens.documents import DocumentsScreen
from tui.screens.ledger import LedgerScreen
from tui.screens.reader import ReaderScreen
from tui.screens.roots import RootsScreen
from tui.screens.source_card import CardScreen


def document(path: Path, document_id: int) -> Document:
    with Store.open(path) as store:
        page = source_reader.page(store.connection, document_id)
    assert page is not None
    return page.source


@pytest.mark.parametrize(("key", "words"), [("x", "Deleted the view mine."), ("5", "The view mine has number 5.")])
async def test_a_view_is_said_to_be_saved_when_it_is(
    key: str, words: str, seeded: Path, settle: Settle, monkeypatch: pytest.MonkeyPatch
) -> None:
    views.save(seeded, View("mine", "type:drone-strike"))
    app = DatelineApp(seeded, live=False)
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        with closing(sqlite3.connect(seeded, isolation_level=None)) as another:
            # Another program writes, and is not done when this one's patience is.
            monkeypatch.setattr("db.store.BUSY_MS", 40)
            another.execute("BEGIN IMMEDIATE")
            await press_each(pilot, settle, "V", key)
            assert len(said(app)) == 1 and "is locked by another program" in said(app)[0]
            another.execute("ROLLBACK")
        await press_each(pilot, settle, "V", key)
        assert said(app)[1:] == [words]
        with Store.open(seeded) as store:
            slots = [view.slot for view in views.listed(store.connection, seeded)]
        assert slots == ([] if key == "x" else [5])


async def test_a_renamed_view_is_said_too(seeded: Path, settle: Settle) -> None:
    views.save(seeded, View("mine", "type:drone-strike"))
    app = DatelineApp(seeded, live=False)
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await press_each(pilot, settle, "V", "r", "s", "enter")
        assert said(app) == ["The view mine is now s."]


def words_on(path: Path) -> int:
    with closing(sqlite3.connect(path)) as connection:
        return int(connection.execute("SELECT count(*) FROM root_dismissal").fetchone()[0])


async def test_what_was_not_written_of_a_pair_is_not_taken_back(
    seeded: Path, settle: Settle, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_wire_copy(seeded)
    app = DatelineApp(seeded, "place:victory-base kind:incident", live=False)
    async with app.run_test(size=(100, 30)) as pilot:
        await settle(pilot)
        await press_each(pilot, settle, "r")
        screen = app.screen
        assert isinstance(screen, RootsScreen)
        with closing(sqlite3.connect(seeded, isolation_level=None)) as another:
            monkeypatch.setattr("db.store.BUSY_MS", 40)
            another.execute("BEGIN IMMEDIATE")
            await press_each(pilot, settle, "x")
            another.execute("ROLLBACK")
        assert words_on(seeded) == 0 and "is locked by another program" in said(app)[-1]
        await press_each(pilot, settle, "backspace")
        assert said(app)[-1].startswith("Nothing was said of a pair here")
        # Quick keys: the word, said twice, and its taking back, before the first of them is written.
        monkeypatch.undo()
        screen.action_not_same()
        screen.action_not_same()
        screen.action_take_back()
        screen.action_take_back()
        await settle(pilot)
        assert words_on(seeded) == 0 and said(app)[-1].startswith("Nothing was said of a pair here")
        assert len(screen.view.rests.suspicions) == 1


async def test_a_word_taken_back_elsewhere_does_not_stop_the_key(seeded: Path, settle: Settle) -> None:
    with_wire_copy(seeded)
    app = DatelineApp(seeded, "place:victory-base kind:incident", live=False)
    async with app.run_test(size=(100, 30)) as pilot:
        await settle(pilot)
        await press_each(pilot, settle, "r", "x")
        with closing(sqlite3.connect(seeded)) as connection:
            connection.execute("DELETE FROM root_dismissal")
            connection.commit()
        await press_each(pilot, settle, "backspace", "backspace")
        assert "has been changed since" in said(app)[-2] and said(app)[-1].startswith("Nothing was said of a")


@pytest.mark.parametrize("first", [True, False], ids=["behind one's own word", "the same word before it"])
async def test_what_a_colleague_writes_in_that_moment_is_not_taken_back(
    first: bool, seeded: Path, settle: Settle, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_wire_copy(seeded)
    not_same = same_root.not_same

    def meanwhile(store: Store, one: int, other: int) -> None:
        if first:
            not_same(store, one, other)
        with Store.open(seeded, write=True) as colleague:
            if first:
                edit.add_note(colleague, 1, "a colleague's")
            else:
                not_same(colleague, one, other)
        if not first:
            not_same(store, one, other)

    monkeypatch.setattr(same_root, "not_same", meanwhile)
    app = DatelineApp(seeded, "place:victory-base kind:incident", live=False)
    async with app.run_test(size=(100, 30)) as pilot:
        await settle(pilot)
        await press_each(pilot, settle, "r", "x", "backspace")
    with closing(sqlite3.connect(seeded)) as connection:
        notes = connection.execute("SELECT count(*) FROM note").fetchone()[0]
    assert (words_on(seeded), notes) == ((0, 1) if first else (1, 0))


async def test_a_ledger_that_was_closed_takes_no_late_answer(seeded: Path, settle: Settle) -> None:
    app = DatelineApp(seeded, live=False)
    async with app.run_test(size=(100, 30)) as pilot:
        await settle(pilot)
        await press_each(pilot, settle, "L")
        screen = app.screen
        assert isinstance(screen, LedgerScreen)
        late: list[Callable[[list[System]], None]] = []
        screen._read = late.append
        screen.store_changed()
        systems = screen.view.systems
        await press_each(pilot, settle, "escape")
        late[0]([])
        assert screen.view.systems == systems, "what is closed is left alone"
        await settle(pilot)


class Kinds:
    """The kinds of the looks that a session was asked for, in order."""

    def __init__(self, app: DatelineApp) -> None:
        assert app.session is not None
        self.asked: list[str] = []
        self._look = app.session.look
        app.session.look = self._count  # type: ignore[method-assign]

    def _count(self, kind: str, question: Any, tell: Any, failed: Any = None) -> None:
        self.asked.append(kind)
        self._look(kind, question, tell, failed)


async def test_a_live_reload_takes_no_key_away(seeded: Path, settle: Settle, monkeypatch: pytest.MonkeyPatch) -> None:
    app = DatelineApp(seeded, "victory drones", live=False)
    async with app.run_test(size=(100, 30)) as pilot:
        await settle(pilot)
        await press_each(pilot, settle, "s")
        reader = app.screen
        assert isinstance(reader, ReaderScreen)
        first = reader.page.source
        other = document(seeded, 3 - first.id)
        reader._documents = [first, other]
        # The key's look is not begun when word of a change comes.
        reader.action_document_next()
        reader.store_changed()
        await settle(pilot)
        assert reader.page.source == other
        reader.action_card()
        reader.store_changed()
        await settle(pilot)
        card = app.screen
        assert isinstance(card, CardScreen)
        # A reader over the card, whose page is another's: each follows the store for itself.
        card.open_reader(first, [first])
        card.store_changed()
        await settle(pilot)
        above = app.screen
        assert isinstance(above, ReaderScreen) and above is not reader and above.page.source == first
        shown: list[int] = []
        monkeypatch.setattr(reader.view, "show", lambda page: shown.append(page.source.id))
        monkeypatch.setattr(above.view, "show", lambda page: shown.append(page.source.id))
        assert app.main is not None
        app.main.tell_screens()
        await settle(pilot)
        assert sorted(shown) == sorted([reader.page.source.id, first.id])


async def test_each_screen_asks_anew_under_a_kind_of_its_own(seeded: Path, settle: Settle) -> None:
    app = DatelineApp(seeded, "victory drones", live=False)
    async with app.run_test(size=(100, 30)) as pilot:
        await settle(pilot)
        with Store.open(seeded) as store:
            (document,) = store.connection.execute("SELECT min(id) FROM document").fetchone()
            page, card = source_reader.page(store.connection, document), source_card.card(store.connection, document)
        assert page is not None and card is not None and app.session is not None and app.main is not None
        shown = app.main.shown
        screens = [
            ReaderScreen(app.session, {}, shown, page),
            ReaderScreen(app.session, {}, shown, page),
            CardScreen(app.session, {}, shown, card),
            DocumentsScreen(app.session, {}, shown, []),
        ]
        kinds = Kinds(app)
        for screen in screens:
            screen.store_changed()
        await settle(pilot)
        assert len(set(kinds.asked)) == 4 and not {"source", "card", "documents"} & set(kinds.asked)
        kinds.asked.clear()
        await press_each(pilot, settle, "c")
        assert isinstance(app.screen, ClaimsScreen)
        app.screen.store_changed()
        assert len(set(kinds.asked)) == len(kinds.asked) == 2
        await settle(pilot)


async def test_one_speaker_is_one_speaker(seeded: Path, settle: Settle) -> None:
    with closing(sqlite3.connect(seeded)) as connection:
        connection.execute("DELETE FROM claim WHERE incident_id = 1")
        connection.execute(
            "INSERT INTO claim (incident_id, quote_id, field, value)"
            " SELECT 1, min(id), 'killed', '1' FROM quote WHERE incident_id = 1"
        )
        (key,) = connection.execute("SELECT key FROM incident WHERE id = 1").fetchone()
        connection.commit()
    app = DatelineApp(seeded, f"key:{key}", live=False)
    async with app.run_test(size=(100, 30)) as pilot:
        await settle(pilot)
        await press_each(pilot, settle, "c")
        screen = app.screen
        assert isinstance(screen, ClaimsScreen)
        assert " · 1 speaker · " in "".join(text for text, _ in screen._title(100))


@pytest.mark.parametrize("which", ["card", "reader"])
async def test_what_was_asked_for_does_not_open_over_a_question(which: str, seeded: Path, settle: Settle) -> None:
    app = DatelineApp(seeded, "victory drones", live=False)
    async with app.run_test(size=(100, 30)) as pilot:
        await settle(pilot)
        await press_each(pilot, settle, "s")
        reader = app.screen
        assert isinstance(reader, ReaderScreen)
        if which == "card":
            reader.open_card(reader.page.source)
        else:
            reader.open_reader(reader.page.source, [])
        question = Confirm("Really?", "something else was begun meanwhile")
        app.push_screen(question)
        await settle(pilot)
        assert app.screen_stack[-1] is question


async def test_the_head_line_counts_one_incident_as_one(tmp_path: Path, settle: Settle) -> None:
    path = tmp_path / "one.db"
    with Store.create(path) as store, store.write("one") as connection:
        connection.execute("INSERT INTO incident (key, title, event_type) VALUES ('only', 'The only one', 'explosion')")
    app = DatelineApp(path, live=False)
    async with app.run_test(size=(100, 30)) as pilot:
        await settle(pilot)
        assert app.main is not None and " 1 incident · 0 documents · live" in app.main.header.text


async def test_what_is_gone_closes_with_what_is_over_it_and_nothing_else(seeded: Path, settle: Settle) -> None:
    app = DatelineApp(seeded, "victory drones", live=False)
    async with app.run_test(size=(100, 30)) as pilot:
        await settle(pilot)
        await press_each(pilot, settle, "s")
        reader = app.screen
        assert isinstance(reader, ReaderScreen)
        gone = reader.page.source
        # A card of the other document over the reader, and a question over that.
        reader.open_card(document(seeded, 3 - gone.id))
        await settle(pilot)
        card = app.screen
        assert isinstance(card, CardScreen)
        app.push_screen(Confirm("Really?", "a question"))
        await settle(pilot)
        reader._anew(gone, None)
        await settle(pilot)
        assert app.screen_stack[-1] is app.main
        assert said(app)[-1] == "This document is gone from the store."
        reader._anew(gone, None)
        await settle(pilot)
        assert app.screen_stack[-1] is app.main, "what is closed closes nothing"


async def test_dates_of_very_many_incidents_are_said_to_be_filled_in_before_the_first_write(
    seeded: Path, settle: Settle, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("db.store.SETTLED_EACH", 10)
    with closing(sqlite3.connect(seeded)) as another, another:
        another.execute("UPDATE incident SET date_prec = NULL")
    app = DatelineApp(seeded, live=False)
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await press_each(pilot, settle, "m", "m")
        assert [text for text in said(app) if "filling in" in text] == [
            f"{seeded.name}: filling in the first and last days of 45 incidents, once"
        ]
        with Store.open(seeded) as store:
            assert store.connection.execute("SELECT count(*) FROM incident WHERE date_prec IS NULL").fetchone() == (0,)
