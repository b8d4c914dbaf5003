"""What was typed of a note and not kept: it is never lost, and never taken for another note."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from textual import events
from textual.events import Paste

from db import edit, read
from db.store import Store
from tests.support.incidents import stored
from tests.support.pressing import Press, Settle, key_by_key, on_top, said
from tui.app import DatelineApp
from tui.screens.note import NoteScreen

VICTORY = "victory-drones-2021-06-21"


@asynccontextmanager
async def noting(path: Path, settle: Settle) -> AsyncIterator[tuple[DatelineApp, Callable[[], NoteScreen], Press]]:
    """The note dialog on an incident, opened by `a` and closed by escape."""
    async with key_by_key(path, settle, (80, 24), "victory drones") as (app, _, press):
        yield app, lambda: on_top(app, NoteScreen), press


def notes(path: Path) -> list[str]:
    return [note.text for note in stored(path, VICTORY).notes]


def numbers(store: Store) -> list[int]:
    return [number for (number,) in store.connection.execute("SELECT id FROM note ORDER BY id")]


def dialog_text(app: DatelineApp) -> str:
    return on_top(app, NoteScreen).text.text


def current(app: DatelineApp) -> str:
    assert isinstance(app.screen, NoteScreen) and app.screen.notes.current is not None
    return app.screen.notes.current.text


@pytest.fixture
def noted(seeded: Path) -> Path:
    """A store with two notes on one incident: "one", then "two"."""
    with Store.open(seeded, write=True) as store:
        for text in ("one", "two"):
            edit.add_note(store, read.incident_id(store.connection, VICTORY), text)
    return seeded


async def test_a_note_deleted_while_it_is_changed_goes_on_as_a_new_one(noted: Path, settle: Settle) -> None:
    async with noting(noted, settle) as (app, dialog, press):
        await press("a", "tab", "enter", "'more", "tab", "x")
        assert notes(noted) == ["one"] and [note.text for note in dialog().notes.notes] == ["one"]
        assert dialog().text.text == "twomore"
        assert said(app) == ["What was typed of that note goes on as a new note."]
        await press("tab", "ctrl+s")
        assert notes(noted) == ["one", "twomore"]
        await press("a")
        assert dialog().text.text == ""


async def test_a_note_deleted_unchanged_while_it_is_open_leaves_no_text(noted: Path, settle: Settle) -> None:
    async with noting(noted, settle) as (app, dialog, press):
        await press("a", "'new", "tab", "enter")
        assert dialog().text.text == "two"
        await press("tab", "x")
        assert dialog().text.text == "new" and said(app) == []
        await press("tab", "ctrl+s")
        assert notes(noted) == ["one", "new"]


async def test_deleting_another_note_leaves_the_text_where_it_is(noted: Path, settle: Settle) -> None:
    async with noting(noted, settle) as (_, dialog, press):
        await press("a", "tab", "enter", "'more", "tab", "j", "x")
        assert dialog().text.text == "twomore" and notes(noted) == ["two"]
        await press("tab", "ctrl+s")
        assert notes(noted) == ["twomore"]


async def test_a_draft_that_waits_is_not_lost_with_its_note(noted: Path, settle: Settle) -> None:
    async with noting(noted, settle) as (_, dialog, press):
        # Drafts of a new note and of an earlier one, then the earlier one is deleted.
        await press("a", "'new", "tab", "enter", "'more", "escape", "a")
        assert dialog().text.text == "new"
        await press("tab", "x")
        assert dialog().text.text == "new\n\ntwomore"
        await press("tab", "ctrl+s")
        assert notes(noted) == ["one", "new\n\ntwomore"]


async def test_a_draft_is_not_shown_in_another_note_that_got_its_number(noted: Path, settle: Settle) -> None:
    async with noting(noted, settle) as (app, dialog, press):
        await press("a", "tab", "enter", "'more", "escape")
        with Store.open(noted, write=True) as store:
            incident_id = read.incident_id(store.connection, VICTORY)
            (number,) = store.connection.execute("SELECT max(id) FROM note").fetchone()
            edit.delete_note(store, number)
            assert edit.add_note(store, incident_id, "elsewhere") == number
        app.main.poll()  # type: ignore[union-attr]
        await press("a")
        assert dialog().text.text == "twomore"
        assert said(app)[-1] == "A note was changed or deleted since; what was typed of it goes on as a new note."
        await press("tab", "enter")
        assert dialog().text.text == "elsewhere"


async def test_a_line_too_long_to_type_in_is_neither_pasted_nor_edited(noted: Path, settle: Settle) -> None:
    with Store.open(noted, write=True) as store:
        edit.add_note(store, read.incident_id(store.connection, VICTORY), "word " * 400_000)
    async with noting(noted, settle) as (app, dialog, press):
        await press("a")
        app.post_message(Paste("word\n" * 1_000))
        await press("left")
        kept = dialog().text.text
        assert kept == "word\n" * 1_000
        app.post_message(Paste("word " * 20_000))
        await press("left")
        assert (dialog().text.text, said(app)) == (kept, ["Too long to paste here: a line of 100,000 characters."])
        await press("tab", "enter")
        assert dialog().text.text == kept
        assert said(app)[-1] == "This note has a line of 2,000,000 characters, too long to be edited here."


async def test_the_key_that_quits_asks_once_where_a_note_is_not_kept(noted: Path, settle: Settle) -> None:
    async with noting(noted, settle) as (app, _, press):
        await press("a", "'typed", "escape", "q")
        assert app.is_running and said(app) == [f"1 unfinished note (a note on {VICTORY}): q again quits without it."]
        await press("a")
        assert dialog_text(app) == "typed"
        await press("escape", "q")
        assert app.is_running, "another key came in between"
        await press("q")
    assert app.return_code == 0 and not app.is_running


async def test_what_is_being_typed_is_asked_about_as_well(noted: Path, settle: Settle) -> None:
    async with noting(noted, settle) as (app, _, press):
        await press("a", "'new", "tab", "enter", "'more", "ctrl+q")
        of = f"a note on {VICTORY}, a change of a note on {VICTORY}"
        assert app.is_running and said(app) == [f"2 unfinished notes ({of}): ^q again quits without them."]
        assert dialog_text(app) == "twomore"
        await press("ctrl+q")
    assert app.return_code == 0 and not app.is_running


async def test_quitting_asks_nothing_where_every_note_is_kept(noted: Path, settle: Settle) -> None:
    async with noting(noted, settle) as (app, _, press):
        await press("a", "'new", "ctrl+s", "a", "tab", "enter", "escape", "q")
    assert not app.is_running and notes(noted) == ["one", "two", "new"]


async def test_a_note_that_was_just_kept_is_not_asked_about(noted: Path, settle: Settle) -> None:
    async with noting(noted, settle) as (app, _, press):
        await press("a", "'typed")
        for key in ("ctrl+s", "q"):
            app.post_message(events.Key(key, None))
        await press("f20")
    assert not app.is_running and said(app) == [] and notes(noted) == ["one", "two", "typed"]


async def test_a_draft_is_asked_about_while_its_dialog_opens(noted: Path, settle: Settle) -> None:
    async with noting(noted, settle) as (app, _, press):
        await press("a", "'typed", "escape")
        for key in ("a", "ctrl+q"):
            app.post_message(events.Key(key, None))
        await press("f20")
        assert app.is_running and dialog_text(app) == "typed"


async def test_a_signal_ends_the_program_at_once_with_a_note_unfinished(noted: Path, settle: Settle) -> None:
    async with noting(noted, settle) as (app, _, press):
        await press("a", "'typed")
        os.kill(os.getpid(), signal.SIGTERM)
        await press("f20")
    assert app.return_code == 128 + signal.SIGTERM


async def test_the_list_of_notes_follows_the_store_and_leaves_the_text_alone(noted: Path, settle: Settle) -> None:
    async with noting(noted, settle) as (app, dialog, press):
        await press("a", "'typed", "tab", "j")
        assert current(app) == "one"
        with Store.open(noted, write=True) as store:
            incident_id = read.incident_id(store.connection, VICTORY)
            edit.edit_note(store, numbers(store)[1], "two, by another")
            edit.add_note(store, incident_id, "three")
        app.main.poll()  # type: ignore[union-attr]
        await press("f20")
        assert [note.text for note in dialog().notes.notes] == ["three", "two, by another", "one"]
        assert current(app) == "one" and dialog().text.text == "typed"
        await press("x")
        assert notes(noted) == ["two, by another", "three"] and said(app) == []
        with Store.open(noted, write=True) as store:
            for number in numbers(store):
                edit.delete_note(store, number)
        app.main.poll()  # type: ignore[union-attr]
        await press("f20")
        assert dialog().notes.notes == [] and app.focused is dialog().text and dialog().text.text == "typed"


async def test_a_note_that_was_not_deleted_stays_in_the_list(noted: Path, settle: Settle) -> None:
    async with noting(noted, settle) as (app, dialog, press):
        await press("a", "tab")
        with Store.open(noted, write=True) as store:
            edit.edit_note(store, numbers(store)[1], "two, by another")
        await press("x")
        assert [note.text for note in dialog().notes.notes] == ["two, by another", "one"]
        assert notes(noted) == ["one", "two, by another"]
        assert said(app)[-1].startswith("that note is gone or was changed; nothing was written")


async def test_what_is_typed_stays_where_its_incident_has_gone(noted: Path, settle: Settle) -> None:
    async with noting(noted, settle) as (app, dialog, press):
        await press("a", "'typed")
        for _ in range(2):
            with Store.open(noted, write=True) as store, store.write("less") as connection:
                connection.execute("DELETE FROM incident WHERE key = ?", (VICTORY,))
                connection.execute("UPDATE incident SET summary = coalesce(summary, '') || '.' WHERE id = 1")
            app.main.poll()  # type: ignore[union-attr]
            await press("f20")
        assert dialog().text.text == "typed" and dialog().notes.notes == []
        assert said(app) == ["This incident is gone from the store."], "and that is said once"


async def test_the_end_right_behind_a_paste_asks_for_what_was_pasted(noted: Path, settle: Settle) -> None:
    async with noting(noted, settle) as (app, dialog, press):
        await press("a")
        app.post_message(Paste("pasted"))
        app.post_message(events.Key("ctrl+q", None))
        await press("f20")
        assert dialog().text.text == "pasted" and not app._exit
        assert said(app) == [f"1 unfinished note (a note on {VICTORY}): ^q again quits without it."]


async def test_the_end_waits_for_nothing_longer_than_a_moment(
    noted: Path, settle: Settle, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tui.key_taking.QUITS_S", 0.02)
    async with noting(noted, settle) as (app, _, press):
        await press("j")
        monkeypatch.setattr(type(app.key_order), "waiting", True)
        app.post_message(events.Key("ctrl+q", None))
        async with asyncio.timeout(5):
            while not app._exit:
                await asyncio.sleep(0.01)


async def test_a_note_whose_line_breaks_are_no_line_feeds_is_not_changed_unsaid(noted: Path, settle: Settle) -> None:
    with Store.open(noted, write=True) as store:
        edit.add_note(store, read.incident_id(store.connection, VICTORY), "a\u2028b\x0bc\x85d")
    async with noting(noted, settle) as (app, dialog, press):
        await press("a", "tab", "enter")
        told = "This note has line breaks that are no line feeds: if it is changed here they become such."
        assert dialog().text.text == "a\nb\nc\nd" and said(app) == [told]
        await press("ctrl+s")
        assert notes(noted)[-1] == "a\u2028b\x0bc\x85d"
        await press("a", "tab", "enter", "escape")
        assert app.main is not None and app.main.unfinished() == []
        await press("a", "tab", "enter", "'!", "ctrl+s")
        assert notes(noted)[-1] == "a\nb\nc\nd!"
