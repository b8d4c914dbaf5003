"""A key right behind a click or a paste is carried out after it."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from textual.events import AppBlur, AppFocus, Key, MouseDown, MouseUp, Paste, Resize
from textual.geometry import Size
from textual.widgets import Input

from db import edit, views
from db.store import Store
from db.views import View
from tests.support.pressing import Settle, opened
from tui.app import DatelineApp
from tui.screens.leave_out import LeaveOut
from tui.screens.log import LogScreen
from tui.screens.reader import ReaderScreen
from tui.screens.source_card import CardScreen


def click(app: DatelineApp, x: int, y: int) -> None:
    """Post what a terminal sends of a click, and wait for nothing."""
    for kind in (MouseDown, MouseUp):
        app.post_message(kind(None, x, y, 0, 0, 1, False, False, False, screen_x=x, screen_y=y, style=None))


async def test_a_star_behind_a_click_is_for_the_row_that_was_clicked_on(seeded: Path, settle: Settle) -> None:
    async with opened(seeded, settle) as (app, main, press):
        region = main.timeline.region
        first = main.timeline.row
        click(app, region.x + 20, region.y + 6)
        app.post_message(Key("m", "m"))
        await press("shift")
        row = main.timeline.row
        assert row is not None and first is not None and row.key != first.key
        with Store.open(seeded) as store:
            found = store.connection.execute("SELECT key FROM incident WHERE id IN (SELECT incident_id FROM star)")
            assert found.fetchall() == [(row.key,)]


async def test_an_undo_behind_a_click_is_of_the_write_that_was_clicked_on(seeded: Path, settle: Settle) -> None:
    async with opened(seeded, settle) as (app, main, press):
        await press("m", "j", "m", "j", "m", "W")
        screen = app.screen
        assert isinstance(screen, LogScreen)
        region = screen.log_list.region
        click(app, region.x + 5, region.y + 2)
        app.post_message(Key("u", "u"))
        await press("shift")
        with Store.open(seeded) as store:
            undone = store.connection.execute("SELECT what FROM log WHERE id = 5").fetchone()
        assert undone is not None and undone[0].startswith("undo 2:")
        assert main.is_attached


async def test_enter_behind_a_paste_is_for_what_was_pasted(seeded: Path, settle: Settle) -> None:
    async with opened(seeded, settle) as (app, main, press):
        await press("/")
        app.post_message(Paste("type:rocket-fire"))
        app.post_message(Key("enter", None))
        await press("shift")
        assert main._query.text == "type:rocket-fire"
        assert not main.bar.input.has_focus
        click(app, 0, 0)
        app.post_message(Key("slash", "/"))
        app.post_message(Key("x", "x"))
        await press("shift")
        assert main.bar.input.value.endswith("x")


CHARACTERS = {"number_sign": "#", "slash": "/", "colon": ":", "minus": "-", "space": " "}


def send(app: DatelineApp, *keys: str) -> None:
    """Keys in one go, with nothing waited for."""
    for key in keys:
        app.post_message(Key(key, CHARACTERS.get(key, key if len(key) == 1 else None)))


async def test_what_comes_behind_a_key_that_waits_waits_too(seeded: Path, settle: Settle) -> None:
    async with opened(seeded, settle) as (app, main, press):
        region = main.timeline.region
        click(app, region.x + 20, region.y + 2)
        send(app, "m")
        click(app, region.x + 20, region.y + 8)
        send(app, "m", "a", "x")
        app.post_message(Paste(" pasted "))
        send(app, "y", "ctrl+s")
        await press("shift")
        await press("shift")
    with Store.open(seeded) as store:
        assert store.connection.execute("SELECT count(*) FROM star").fetchone() == (2,)
        assert store.connection.execute("SELECT text FROM note").fetchall() == [("x pasted y",)]


async def test_letters_right_behind_rename_replace_the_old_name(seeded: Path, settle: Settle) -> None:
    with Store.open(seeded) as store:
        views.save(store.path, View("mine", "type:rocket-fire"))
    async with opened(seeded, settle) as (app, main, press):
        send(app, "V", "r", *"new", "enter")
        await press("shift")
        assert [view.name for view in main.session.views() or ()] == ["new"]
        send(app, "V", "s", *"other", "enter")
        await press("shift")
        assert [view.name for view in main.session.views() or ()] == ["new", "other"]


async def test_a_query_goes_on_after_the_terminal_had_no_focus(seeded: Path, settle: Settle) -> None:
    """As in tmux, whose split takes the focus away and changes the size."""
    async with opened(seeded, settle) as (app, main, press):
        await press("/", *"drone ")
        app.post_message(AppBlur())
        await press("shift")
        app.post_message(Resize(Size(100, 40), Size(100, 40)))
        await press("shift")
        app.post_message(AppFocus())
        await press("shift")
        await press(*"quds")
        assert main.bar.input.value == "drone quds"
    with Store.open(seeded) as store:
        assert store.connection.execute("SELECT count(*) FROM star").fetchone() == (0,)


async def test_keys_of_a_terminal_that_tells_nothing_of_its_focus_go_where_they_went(
    seeded: Path, settle: Settle
) -> None:
    async with opened(seeded, settle) as (app, main, press):
        await press("/", *"drone ")
        app.post_message(AppBlur())
        await settle_one(app)
        await press(*"quds")
        assert main.bar.input.value == "drone quds"


async def settle_one(app: DatelineApp) -> None:
    """Let one message be dealt with."""
    for _ in range(5):
        await asyncio.sleep(0)
    assert app.is_running


async def test_a_name_typed_right_behind_tab_replaces_the_proposed_one(seeded: Path, settle: Settle) -> None:
    async with opened(seeded, settle) as (app, main, press):
        await press("ctrl+s")
        name = app.screen.query_one("#export-name", Input)
        assert name.value.endswith(".jsonl")
        send(app, "tab", *"mine")
        await press("shift")
        assert name.value == "mine"
        app.post_message(AppBlur())
        await press("shift")
        app.post_message(AppFocus())
        await press(*".x")
        assert name.value == "mine.x"
        assert main.is_attached


async def test_what_is_pressed_behind_enter_is_for_what_it_leads_to(seeded: Path, settle: Settle) -> None:
    async with opened(seeded, settle) as (app, main, press):
        send(app, "V", "s", *"mine", "enter", "escape")
        await press("shift")
        assert [view.name for view in main.session.views() or ()] == ["mine"]
        before = set[object]()
        for keys in (["V", "s", *"more", "enter"], ["@", *"2021", "enter"], ["X", *"sab", "enter"]):
            send(app, *keys, "m")
            await press("shift")
            assert app.screen is main
            with Store.open(seeded) as store:
                starred = set(store.connection.execute("SELECT incident_id FROM star"))
            assert len(before ^ starred) == 1, keys
            before = starred


async def test_a_pick_is_kept_though_its_screen_is_left_in_the_same_moment(seeded: Path, settle: Settle) -> None:
    async with opened(seeded, settle, query="is:disputed") as (app, _, press):
        await press("c")
        send(app, "p", *"why", "enter", "escape")
        await press("shift")
        await press("shift")
    with Store.open(seeded) as store:
        assert any("why" in str(row[0]) for row in store.connection.execute("SELECT what FROM log"))


async def test_what_is_pressed_behind_a_new_filter_is_for_the_rows_that_it_leaves(seeded: Path, settle: Settle) -> None:
    async with opened(seeded, settle) as (app, main, press):
        await press("G")
        send(app, "slash", *"erbil", "enter", "g", "m", "a", *"hi", "ctrl+s")
        await press("shift")
        await press("shift")
        found = {match.id for match in main._answer.window(0, 99)} if main._answer else set()
        with Store.open(seeded) as store:
            starred = {row[0] for row in store.connection.execute("SELECT incident_id FROM star")}
            noted = {row[0] for row in store.connection.execute("SELECT incident_id FROM note")}
        assert starred and starred == noted and starred <= found
        assert len(found) < main._answer.totals.of if main._answer else False


async def test_a_star_given_and_taken_at_once_is_none(seeded: Path, settle: Settle) -> None:
    async with opened(seeded, settle) as (app, main, press):
        for keys, stars in (("mm", 0), ("mmm", 1), ("m", 0)):
            send(app, *keys)
            await press("shift")
            await press("shift")
            with Store.open(seeded) as store:
                assert store.connection.execute("SELECT count(*) FROM star").fetchone() == (stars,), keys
        assert not main._starring


async def test_a_paste_into_a_terminal_without_focus_goes_where_letters_go(seeded: Path, settle: Settle) -> None:
    """As `tmux paste-buffer -t PANE` from the pane beside."""
    async with opened(seeded, settle) as (app, main, press):
        await press("/", *"drone ")
        app.post_message(AppBlur())
        await settle_one(app)
        app.post_message(Paste("mortar"))
        await press("shift")
        assert main.bar.input.value == "drone mortar"


@pytest.mark.parametrize("between", range(0, 12, 2))
async def test_a_query_left_right_behind_its_last_letters_is_answered_whole(
    seeded: Path, settle: Settle, between: int
) -> None:
    """Whatever has been dealt with of the letters before by the time that Enter comes."""
    async with opened(seeded, settle) as (app, main, press):
        await press("/")
        for part in ("type:", "drone-strike ", "place:ir", "aq"):
            send(app, *({":": "colon", "-": "minus", " ": "space"}.get(letter, letter) for letter in part))
            for _ in range(between):
                await asyncio.sleep(0)
        send(app, "enter")
        await press("shift")
        assert main._half is None and main._query.text == "type:drone-strike place:iraq"
        assert main._answer is not None and main._answer.query.text == main._query.text


async def test_arrows_right_behind_letters_move_in_what_these_leave(seeded: Path, settle: Settle) -> None:
    with Store.open(seeded, write=True) as store:
        edit.tag(store, 1, ["ab1", "ab2", "cc"])
    async with opened(seeded, settle) as (app, main, press):
        here = main.timeline.match
        assert here is not None and here.id != 1
        send(app, "number_sign", "a", "b", "down", "enter", "escape")
        await press("shift")
        await press("shift")
        with Store.open(seeded) as store:
            given = "SELECT t.name FROM incident_tag AS x JOIN tag AS t ON t.id = x.tag_id WHERE x.incident_id = ?"
            assert "ab1" in {row[0] for row in store.connection.execute(given, (here.id,))}
            assert store.connection.execute("SELECT count(*) FROM tag WHERE name = 'ab'").fetchone() == (0,)
        slow = []
        for in_one_go in (False, True):
            await press("X")
            screen = app.screen
            assert isinstance(screen, LeaveOut)
            if in_one_go:
                send(app, "s", "p", "down", "down")
                await press("shift")
            else:
                await press("s", "p", "down", "down")
            assert screen.sources.chosen is not None
            slow.append(screen.sources.chosen.words)
            await press("escape")
        assert slow[0] == slow[1]


async def test_the_strip_keeps_its_cursor_when_something_is_written(seeded: Path, settle: Settle) -> None:
    async with opened(seeded, settle) as (app, main, press):
        await press("G", "i", "h", "h", "h", "h")
        chosen = main.density.selection
        assert chosen is not None
        await press("m")
        assert main.density.selection == chosen
        assert main.density.counted is not None
        with Store.open(seeded, write=True) as store, store.write("another's") as connection:
            connection.execute("INSERT INTO incident (key, title, date_edtf) VALUES ('later', 'T', '2023-01-01')")
        main.poll()
        await press("shift")
        kept = main.density.selection
        assert kept is not None and kept[0] <= chosen[0] <= kept[1], "on its days, though the strip is longer now"
        before = main.timeline.cursor
        await press("l")
        assert abs(main.timeline.cursor - before) <= 2
        await press("L")
        await app._press_keys(["m"])
        assert main.density.selection is not None


async def test_offers_are_those_for_what_stands_in_the_line(seeded: Path, settle: Settle) -> None:
    """Tab right behind letters must not put in an offer for fewer letters, nor an arrow a past query."""
    whole = {"type:dr": "type:drone-strike", "-weapon:r": "-weapon:Rocket"}  # and 2021 is one already
    for typed, tab in (("type:dr", "tab"), ("-weapon:r", "tab"), ("date:2021", "tab"), ("place:a", "down")):
        for pauses in (0, 3, 9):
            async with opened(seeded, settle) as (app, main, press):
                await press("slash")
                letters = [{":": "colon", "-": "minus"}.get(letter, letter) for letter in typed]
                for letter in letters:
                    send(app, letter)
                    for _ in range(pauses):
                        await asyncio.sleep(0)
                send(app, tab)
                await press("shift")
                now = main.bar.input.value
                assert now == typed or (typed in whole and now.startswith(whole[typed])), (typed, now)
                if typed in whole:
                    await press("ctrl+u", *letters, tab)
                    assert main.bar.input.value.startswith(whole[typed]), "with time, the offers are there"


async def test_keys_behind_one_that_opens_a_screen_over_another_are_for_that(seeded: Path, settle: Settle) -> None:
    async with opened(seeded, settle) as (app, main, press):
        await press("S")
        send(app, "enter", "n", "y")
        await press("shift")
        assert isinstance(app.screen, ReaderScreen)
        mark = app.screen.view.mark
        assert mark is not None and app.clipboard
        await press("escape", "escape", "m", "W")
        send(app, "enter", "escape", "escape", "m")
        await press("shift")
        assert main.is_current


async def test_the_details_stay_on_their_quote(seeded: Path, settle: Settle) -> None:
    async with opened(seeded, settle) as (_, main, press):
        while main.detail.incident is None or len(main.detail.incident.quotes) < 4:
            await press("j")
        await press("right_square_bracket", "right_square_bracket")
        stood = main.detail.quote
        match = main.timeline.match
        assert stood is not None and match is not None
        with Store.open(seeded, write=True) as store, store.write("another's") as connection:
            first = connection.execute("SELECT min(id) FROM quote WHERE incident_id = ?", (match.id,)).fetchone()[0]
            assert first != stood.id
            connection.execute("DELETE FROM attribution WHERE quote_id = ?", (first,))
            connection.execute("DELETE FROM claim WHERE quote_id = ?", (first,))
            connection.execute("DELETE FROM quote WHERE id = ?", (first,))
        main.poll()
        await press("shift")
        assert main.detail.quote is not None and main.detail.quote.id == stood.id


async def test_a_card_stays_on_its_incident(seeded: Path, settle: Settle) -> None:
    async with opened(seeded, settle) as (app, _, press):
        await press("S", "I", "n", "n", "n")
        screen = app.screen
        assert isinstance(screen, CardScreen)
        stood = screen.view.incident
        assert stood is not None
        await press("r", "k", "k", "enter", *"because", "enter")
        assert screen.view.incident is not None and screen.view.incident.id == stood.id
        app.post_message(Resize(Size(60, 30), Size(60, 30)))
        await press("shift")
        assert screen.view.incident is not None and screen.view.incident.id == stood.id


async def test_the_facets_stay_on_a_value_that_falls_out_of_the_first(seeded: Path, settle: Settle) -> None:
    async with opened(seeded, settle, size=(160, 50)) as (_, main, press):
        await press("f", "j", "j", "j")
        stood = main.facets.current
        assert stood is not None and stood.count is not None
        with Store.open(seeded, write=True) as store, store.write("others") as connection:
            for at in range(60):
                connection.execute(
                    "INSERT INTO incident (key, title, event_type, date_edtf) VALUES (?, 'T', ?, '2021')",
                    (f"o{at}", f"other-{at % 6}"),
                )
        main.poll()
        await press("shift")
        now = main.facets.current
        assert now is not None and now.count is not None
        assert (now.facet, now.count.value) == (stood.facet, stood.count.value)


async def test_the_strip_begins_at_the_row_to_which_the_key_before_has_gone(seeded: Path, settle: Settle) -> None:
    found = []
    async with opened(seeded, settle) as (app, main, press):
        for in_one_go in (False, True):
            await press("g")
            if in_one_go:
                send(app, "G", "i", "h", "h")
                await press("shift")
            else:
                await press("G", "i", "h", "h")
            found.append(main.density.selection)
            await press("i")
    assert found[0] == found[1] and found[0] is not None
