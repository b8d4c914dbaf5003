"""The analyst's own work in the timeline, key by key: tags, notes, assessment, undo, redo, the log."""

from __future__ import annotations

import os
from functools import partial
from pathlib import Path

import pytest
from textual import events

from db import edit, read
from db.model import Incident
from db.store import Store
from tests.support.incidents import stored
from tests.support.pressing import Settle, key_by_key, said
from tui.screens.assess import AssessScreen
from tui.screens.confirm import Confirm
from tui.screens.log import LogScreen
from tui.screens.main import MainScreen
from tui.screens.note import NoteScreen
from tui.screens.show_lines import ShowLines
from tui.screens.tag import TagScreen

opened = partial(key_by_key, query="victory drones")
VICTORY = "victory-drones-2021-06-21"


def under_cursor(main: MainScreen) -> Incident:
    assert main.detail.incident is not None
    return main.detail.incident


def has_tag(path: Path) -> None:
    """Have the tag x in a store, for a new one would be a write of its own."""
    with Store.open(path, write=True) as store:
        store.connection.execute("INSERT INTO tag (name) VALUES ('x')")


async def test_a_tag_is_typed_shown_everywhere_and_taken_away(seeded: Path, settle: Settle) -> None:
    async with opened(seeded, settle) as (app, main, press):
        key = under_cursor(main).key
        await press("#", "'#Base Attacks", "enter")
        assert isinstance(app.screen, TagScreen)
        assert app.screen.query_one("#tag-name").value == ""  # type: ignore[attr-defined]
        assert [(tag.name, tag.own) for tag in app.screen.tags.shown] == [("Base Attacks", True)]
        await press("escape")
        assert under_cursor(main).tags == ("Base Attacks",)
        assert stored(seeded, key).tags == ("Base Attacks",)
        await press("escape", "/", "'tag:base-attacks", "enter")
        assert main.timeline.rows == 1 and under_cursor(main).key == key
        assert {count.value for count in main._answer.facets.get("tag", ())} <= {"Base Attacks"}  # type: ignore[union-attr]
        # The name as the store has it, whatever is typed.
        await press("#", "'base-at")
        assert app.screen.tags.current is not None and app.screen.tags.current.name == "base-at"
        await press("tab")
        assert app.screen.query_one("#tag-name").value == "Base Attacks"  # type: ignore[attr-defined]
        await press("enter", "escape")
        assert main.timeline.rows == 0
        assert stored(seeded, key).tags == ()


async def test_tags_of_the_store_are_offered_most_used_first(seeded: Path, settle: Settle) -> None:
    with Store.open(seeded, write=True) as store:
        for number, name in ((1, "rare"), (2, "often"), (3, "often"), (4, "own")):
            edit.tag(store, number, [name])
        edit.tag(store, read.incident_id(store.connection, VICTORY), ["own"])
    async with opened(seeded, settle) as (app, main, press):
        await press("#")
        screen = app.screen
        assert isinstance(screen, TagScreen)
        assert [tag.name for tag in screen.tags.shown] == ["own", "often", "rare"]
        await press("down", "enter")
        assert stored(seeded, VICTORY).tags == ("often", "own")
        await press("'r")
        assert [tag.name for tag in screen.tags.shown] == ["r", "rare"]
        await press("down", "up", "down", "enter", "escape")
        assert under_cursor(main).tags == ("often", "own", "rare")


async def test_a_name_that_no_tag_can_have_is_said(seeded: Path, settle: Settle) -> None:
    async with opened(seeded, settle) as (app, main, press):
        await press("#")
        app.screen.query_one("#tag-name").value = "x" * 101  # type: ignore[attr-defined]
        await press("enter")
        assert "at most 100 characters" in str(app.screen.query_one("#tag-hint").render())
        assert under_cursor(main).tags == ()


async def test_a_note_of_several_lines_is_written_changed_and_deleted(seeded: Path, settle: Settle) -> None:
    async with opened(seeded, settle) as (app, main, press):
        key = under_cursor(main).key
        await press("a", "'two q?", "enter", "'lines #1", "ctrl+s")
        assert app.screen is main
        assert [note.text for note in under_cursor(main).notes] == ["two q?\nlines #1"]
        await press("a", "'second", "ctrl+s", "a", "tab")
        screen = app.screen
        assert isinstance(screen, NoteScreen)
        assert [note.text for note in screen.notes.notes] == ["second", "two q?\nlines #1"]
        await press("j", "enter")
        assert screen.text.text == "two q?\nlines #1" and screen.text.has_focus
        await press("'more", "ctrl+s")
        assert [note.text for note in stored(seeded, key).notes] == ["two q?\nlines #1more", "second"]
        await press("a", "tab", "x")
        assert [note.text for note in stored(seeded, key).notes] == ["two q?\nlines #1more"]
        await press("x")
        assert isinstance(app.screen, NoteScreen) and app.screen.text.has_focus
        await press("escape")
        assert under_cursor(main).notes == ()
        await press("ctrl+z")
        assert [note.text for note in under_cursor(main).notes] == ["two q?\nlines #1more"]


async def test_what_was_typed_of_a_note_is_not_lost_by_leaving(seeded: Path, settle: Settle) -> None:
    async with opened(seeded, settle) as (app, main, press):
        await press("a", "'half a thou", "escape")
        assert app.screen is main and under_cursor(main).notes == ()
        await press("a")
        assert app.screen.query_one("#note-text").text == "half a thou"  # type: ignore[attr-defined]
        await press("'ght", "ctrl+s")
        assert [note.text for note in under_cursor(main).notes] == ["half a thought"]
        await press("a")
        assert app.screen.query_one("#note-text").text == ""  # type: ignore[attr-defined]
        await press("ctrl+s")
        assert isinstance(app.screen, NoteScreen)
        # In the text ^z is the text's own.
        await press("'abc", "ctrl+z")
        assert app.screen.text.text == "" and [note.text for note in under_cursor(main).notes] == ["half a thought"]


async def test_control_characters_of_a_note_are_drawn_and_kept(seeded: Path, settle: Settle) -> None:
    hostile = "a\x1b[2J\u202eb\x9b\tc"
    with Store.open(seeded, write=True) as store:
        edit.add_note(store, read.incident_id(store.connection, VICTORY), hostile)
    async with opened(seeded, settle, query="is:noted") as (app, _, press):
        await press("a", "tab", "enter")
        screen = app.screen
        assert isinstance(screen, NoteScreen)
        drawn = screen.text.get_line(0).plain
        assert drawn.isprintable() and len(drawn) == len(hostile)
        painted = "".join(
            segment.text for strip in screen.text.render_lines(screen.text.size.region) for segment in strip
        )
        assert not set(painted) & set("\x1b\x9b\u202e")
        await press("z", "ctrl+s")
        assert stored(seeded, VICTORY).notes[0].text == hostile + "z"


async def test_an_assessment_is_one_write_and_unknown_can_come_back(seeded: Path, settle: Settle) -> None:
    async with opened(seeded, settle) as (app, main, press):
        before = under_cursor(main)
        await press("A")
        assert isinstance(app.screen, AssessScreen)
        await press("t", "5", "d", "enter")
        after = under_cursor(main)
        assert (after.grade, after.credibility, after.status) == ("contested", 5, "draft")
        with Store.open(seeded) as store:
            assert store.connection.execute("SELECT count(*) FROM log").fetchone() == (2,)
        await press("A", "g", "u", "0", "r", "escape")
        assert stored(seeded, before.key).grade == "contested"
        await press("A", "u", "0", "enter")
        assert (under_cursor(main).grade, under_cursor(main).credibility) == (None, None)
        await press("A", "enter")
        with Store.open(seeded) as store:
            assert store.connection.execute("SELECT count(*) FROM log").fetchone() == (3,)
        await press("ctrl+z", "ctrl+z")
        assert under_cursor(main) == before


async def test_the_options_can_be_walked(seeded: Path, settle: Settle) -> None:
    async with opened(seeded, settle, size=(60, 16)) as (app, main, press):
        await press("A", "'jjjjj", "space")
        screen = app.screen
        assert isinstance(screen, AssessScreen)
        assert screen.options.chosen["grade"] is None
        await press("j", "space", *("j" * 30), "space", "enter")
        found = stored(seeded, under_cursor(main).key)
        assert (found.grade, found.credibility, found.status) == (None, 1, "reviewed")


async def test_undo_and_redo_in_the_timeline(seeded: Path, settle: Settle) -> None:
    has_tag(seeded)
    async with opened(seeded, settle) as (app, main, press):
        key = under_cursor(main).key
        await press("m", "#", "'x", "enter", "escape", "ctrl+z")
        assert under_cursor(main).tags == () and said(app)[-1] == f"Undone: tag {key}: x (log 3). ^y does it again."
        await press("ctrl+z")
        assert main.timeline.row is not None and not main.timeline.row.starred
        await press("ctrl+y", "ctrl+y")
        assert under_cursor(main).tags == ("x",) and stored(seeded, key).starred
        assert said(app)[-1] == f"Done again: tag {key}: x (log 3). ^z takes it back."
        await press("ctrl+y")
        assert said(app)[-1] == "Nothing to do again."


async def test_a_large_undo_is_asked_about_first(seeded: Path, settle: Settle) -> None:
    async with opened(seeded, settle, query="") as (app, main, press):
        rows = main.timeline.rows
        await press("ctrl+z")
        assert isinstance(app.screen, Confirm)
        await press("n")
        assert main.timeline.rows == rows
        await press("ctrl+z", "y")
        assert main.timeline.rows == 0 and "0 incidents" in main.header.text
        await press("ctrl+y", "y")
        assert main.timeline.rows == rows


async def test_the_writes_of_others_are_not_undone_by_the_key(seeded: Path, settle: Settle) -> None:
    with Store.open(seeded, write=True) as store, store.write("tag of another", who="somebody") as connection:
        connection.execute("INSERT INTO tag (name) VALUES ('theirs')")
        connection.execute("UPDATE log SET who = 'somebody'")
        connection.execute("INSERT INTO tag (name) VALUES ('more')")
    async with opened(seeded, settle) as (app, _, press):
        await press("ctrl+z")
        assert said(app)[-1] == "Nothing of yours to undo."


async def test_what_stands_against_an_undo_is_named(seeded: Path, settle: Settle) -> None:
    async with opened(seeded, settle) as (app, main, press):
        await press("A", "x", "enter")
        with Store.open(seeded, write=True) as store:
            edit.assess(store, under_cursor(main).id, credibility=6)
            store.connection.execute("UPDATE log SET who = 'somebody' WHERE id = 3")
        await press("ctrl+z")
        assert "has been changed since by log 3 (assess" in said(app)[-1] and "somebody" in said(app)[-1]
        assert stored(seeded, under_cursor(main).key).grade == "discounted"


async def test_a_grade_that_another_program_gave_meanwhile_is_not_replaced(seeded: Path, settle: Settle) -> None:
    async with opened(seeded, settle) as (app, main, press):
        await press("A", "x")
        with Store.open(seeded, write=True) as store:
            edit.assess(store, under_cursor(main).id, grade="confirmed")
        await press("enter")
        assert "another program has changed the grade" in said(app)[-1]
        assert stored(seeded, under_cursor(main).key).grade == "confirmed"
        await press("A", "x", "enter")
        assert stored(seeded, under_cursor(main).key).grade == "discounted"


async def test_the_log_lists_shows_rows_and_undoes_any(seeded: Path, settle: Settle) -> None:
    has_tag(seeded)
    async with opened(seeded, settle) as (app, main, press):
        key = under_cursor(main).key
        await press("m", "A", "x", "6", "enter", "#", "'x", "enter", "escape", "W")
        screen = app.screen
        assert isinstance(screen, LogScreen)
        assert [one.entry.id for one in screen.log_list.listed] == [4, 3, 2, 1]
        assert "incident tag +1" in str(screen.query_one("#log-rows").render())
        await press("j", "enter")
        assert isinstance(app.screen, ShowLines)
        text = "\n".join("".join(run for run, _ in app.screen.view.line(y)) for y in range(app.screen.view.line_count))
        assert f"assess {key}" in text and "~ incident " + key in text and "→ discounted" in text and "→ 6" in text
        await press("escape", "j", "u")
        assert not stored(seeded, key).starred and screen.log_list.current is not None
        assert screen.log_list.current.entry.undone and screen.log_list.current.entry.id == 2
        assert [one.entry.id for one in screen.log_list.listed] == [5, 4, 3, 2, 1]
        # Its undoing is undone at its own row.
        await press("g", "u")
        assert stored(seeded, key).starred
        await press("j", "j", "j", "u", "escape")
        assert main.timeline.row is not None and not main.timeline.row.starred
        assert [n for n in said(app) if n.startswith("Undone: star")] != []


async def test_a_long_log_is_read_as_it_is_walked(
    seeded: Path, settle: Settle, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tui.screens import log as module

    monkeypatch.setattr(module, "PAGE", 10)
    with Store.open(seeded, write=True) as store:
        for number in range(25):
            edit.add_note(store, 1, f"n{number}")
    async with opened(seeded, settle) as (app, _, press):
        await press("W")
        screen = app.screen
        assert isinstance(screen, LogScreen) and len(screen.log_list.listed) == 10
        await press("G", "G", "G")
        assert [one.entry.id for one in screen.log_list.listed] == list(range(26, 0, -1))
        await press("j", "G")
        assert screen.log_list.current is not None and screen.log_list.current.entry.id == 1


@pytest.mark.parametrize("key", ["a", "#", "A", "W"])
async def test_nothing_goes_wrong_where_there_is_no_incident(key: str, tmp_path: Path, settle: Settle) -> None:
    path = tmp_path / "empty.db"
    Store.create(path).close()
    async with opened(path, settle, query="") as (app, _, press):
        await press(key, "ctrl+z", "escape")
        assert app.is_running
        assert key == "W" or "No incident here." in said(app)


async def test_a_store_that_cannot_be_written_says_so_and_loses_no_word(
    seeded: Path, settle: Settle, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = os.access
    with Store.open(seeded, write=True) as store:
        edit.add_note(store, read.incident_id(store.connection, VICTORY), "before")
    async with opened(seeded, settle) as (app, main, press):
        monkeypatch.setattr(os, "access", lambda path, mode: mode != os.W_OK and real(path, mode))
        await press("m", "a", "'new", "ctrl+s", "a", "tab", "enter", "'!", "ctrl+s")
        assert all("cannot be written to" in text for text in said(app)) and len(said(app)) == 3
        assert [note.text for note in stored(seeded, VICTORY).notes] == ["before"]
        monkeypatch.setattr(os, "access", real)
        await press("a", "tab", "enter", "ctrl+s", "a", "ctrl+s", "a", "escape")
        assert [note.text for note in stored(seeded, VICTORY).notes] == ["before!", "new"]
        assert main._drafts == {}


async def test_a_dialog_may_be_closed_before_its_answer_comes(seeded: Path, settle: Settle) -> None:
    async with opened(seeded, settle) as (app, main, press):
        key = under_cursor(main).key
        await press("m")
        for first, *rest in (("#", "x", "enter", "escape"), ("W", "u", "escape"), ("a", "n", "ctrl+s")):
            await press(first)
            assert app.screen is not main
            for pressed in rest:  # none waits for what the one before leads to
                await app.on_event(events.Key(pressed, pressed if len(pressed) == 1 else None))
            await press("f12")
            assert app.screen is main
        found = stored(seeded, key)
        assert found.tags == () and [note.text for note in found.notes] == ["n"]


async def test_a_grade_chosen_as_it_was_shown_is_refused_where_it_is_another_by_now(
    seeded: Path, settle: Settle
) -> None:
    async with opened(seeded, settle) as (app, main, press):
        await press("A", "f", "enter")
        await press("A", "f", "6")
        with Store.open(seeded, write=True) as store:
            edit.assess(store, under_cursor(main).id, grade="weak")
        await press("enter")
        assert "another program has changed the grade" in said(app)[-1]
        assert stored(seeded, under_cursor(main).key).grade == "weak"
        assert stored(seeded, under_cursor(main).key).credibility == 3
