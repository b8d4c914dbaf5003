"""What is being typed stays the question, whatever happens meanwhile, until the query line is left."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.widgets import Static

from db import edit, views
from db.query import LONGEST
from db.store import Store
from db.views import View
from tests.support.pressing import Settle, key_by_key, said

KEYS = ("slash", *"is", "colon", *"starred")


def starred(path: Path) -> None:
    with Store.open(path, write=True) as store:
        for incident_id in (1, 2, 3):
            edit.star(store, incident_id, True)


@pytest.mark.parametrize("what", ["another's write", "f5", "size"])
async def test_half_a_query_is_asked_again_and_not_the_one_before_it(what: str, seeded: Path, settle: Settle) -> None:
    starred(seeded)
    async with key_by_key(seeded, settle) as (_, main, press):
        everything = main.timeline.rows
        await press(*KEYS)
        assert (main.bar.text, main.timeline.rows) == ("is:starred", 3)
        if what == "another's write":
            with Store.open(seeded, write=True) as store:
                edit.star(store, 4, True)
            await press("poll")
        elif what == "f5":
            await press("f5")
        else:
            main.lay_out()
            main.ask()
            await press("left")
        assert main.bar.text == "is:starred"
        assert main.timeline.rows == (4 if what == "another's write" else 3) < everything


async def test_a_query_line_that_is_left_by_the_mouse_is_taken(seeded: Path, settle: Settle) -> None:
    starred(seeded)
    async with key_by_key(seeded, settle) as (_, main, press):
        await press(*KEYS)
        main.set_focus(main.facets)
        await press("poll")
        assert (main._query.text, main.bar.text, main.timeline.rows) == ("is:starred", "is:starred", 3)
        await press("slash", "space", "left_parenthesis")
        main.set_focus(main.timeline)
        await press("poll")
        assert (main._query.text, main.bar.text, main.timeline.rows) == ("is:starred", "is:starred", 3)


@pytest.mark.parametrize("keys", [("slash", "ctrl+u", "enter"), ("H", "k", "enter")], ids=["emptied", "step"])
async def test_an_empty_line_that_is_taken_ends_what_was_suspended(
    keys: tuple[str, ...], seeded: Path, settle: Settle
) -> None:
    starred(seeded)
    async with key_by_key(seeded, settle) as (_, main, press):
        everything = main.timeline.rows
        await press(*KEYS, "enter", "backslash")
        assert main.timeline.rows == everything
        await press(*keys)
        assert (main.bar.text, main._suspended, main.timeline.rows) == ("", None, everything)
        await press("backslash")
        assert (main.bar.text, main.timeline.rows) == ("", everything)


async def test_a_line_that_does_not_parse_leaves_what_was_suspended_in_it(seeded: Path, settle: Settle) -> None:
    starred(seeded)
    async with key_by_key(seeded, settle) as (_, main, press):
        everything = main.timeline.rows
        await press(*KEYS, "enter", "backslash", "slash", "space", "left_parenthesis", "escape")
        assert (main.bar.text, main.timeline.rows) == ("is:starred", everything)
        await press("backslash")
        assert (main.bar.text, main.timeline.rows) == ("is:starred", 3)


async def test_a_view_that_is_typed_is_one_step_of_the_filter_as_any_query_is(seeded: Path, settle: Settle) -> None:
    views.save(seeded, View("drones", "type:drone-strike"))
    async with key_by_key(seeded, settle) as (_, main, press):
        await press("slash", *"country:iraq", "enter")
        iraq = main.timeline.rows
        await press("slash", "ctrl+u", *"view:drones")
        drones = main.timeline.rows
        assert drones != iraq
        await press("enter")
        assert (main.bar.text, main.timeline.rows) == ("(type:drone-strike)", drones)
        await press("backspace")
        assert (main.bar.text, main.timeline.rows) == ("country:iraq", iraq)
        await press("R")
        assert (main.bar.text, main.timeline.rows) == ("(type:drone-strike)", drones)


async def test_what_was_suspended_comes_back_from_the_query_line_without_a_step_of_its_own(
    seeded: Path, settle: Settle
) -> None:
    starred(seeded)
    async with key_by_key(seeded, settle) as (_, main, press):
        everything = main.timeline.rows
        await press(*KEYS, "enter", "backslash", "slash", "enter")
        assert (main.bar.text, main._suspended, main.timeline.rows) == ("is:starred", None, 3)
        await press("backspace")
        assert (main.bar.text, main.timeline.rows) == ("", everything)


async def test_a_view_beyond_all_measure_is_refused_and_the_answer_stays(seeded: Path, settle: Settle) -> None:
    views.save(seeded, View("long", '"' + "the " * (LONGEST // 4) + '"', slot=1))
    async with key_by_key(seeded, settle) as (app, main, press):
        everything = main.timeline.rows
        await press("1")
        assert "characters" in said(app)[-1]
        assert (main.bar.text, main.timeline.rows) == ("", everything)
        await press("slash", *"view:long")
        assert "characters" in str(main.bar.query_one("#query-error", Static).render())
        await press("ctrl+u", "escape")
        assert (main.bar.text, main.timeline.rows) == ("", everything)
        await press("slash", *"is", "colon", *"undated", "enter")
        assert main.bar.text == "is:undated"
        main._take_half("the " * (LONGEST // 4) + "th")
        assert main._half is None


async def test_enter_on_a_line_that_does_not_parse_leaves_it_there_to_be_mended(seeded: Path, settle: Settle) -> None:
    async with key_by_key(seeded, settle) as (_, main, press):
        everything = main.timeline.rows
        await press("slash", *"type:drone-strike (", "enter")
        assert (main.bar.text, main.focused) == ("type:drone-strike (", main.bar.input)
        assert str(main.bar.query_one("#query-error", Static).render()).strip()
        await press("backspace", "enter")
        assert (main.bar.text.strip(), main.focused) == ("type:drone-strike", main.timeline)
        assert 0 < main.timeline.rows < everything
        await press("slash", *" (", "escape")
        assert (main.bar.text.strip(), main.focused) == ("type:drone-strike", main.timeline)
