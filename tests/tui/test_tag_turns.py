"""Turns of one tag behind one another: each goes by what the one before it leaves, written and read or not."""

from __future__ import annotations

import asyncio
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from textual.widgets import Input

from db import edit
from db.errors import StoreError
from db.store import Store
from tests.support.pressing import Settle, opened
from tests.tui.test_key_order import send
from tui.screens.tag import TagScreen

GIVEN = "SELECT count(*) FROM incident_tag AS x JOIN tag AS t ON t.id = x.tag_id WHERE t.name = 'zz'"


async def test_a_tag_given_and_taken_before_it_is_written_is_taken(seeded: Path, settle: Settle) -> None:
    async with opened(seeded, settle) as (app, _, press):
        for times, left in ((2, 0), (3, 1)):
            send(app, "number_sign", *["z", "z", "enter"] * times, "escape")
            await press("shift")
            await press("shift")
            with Store.open(seeded) as store:
                assert store.connection.execute(GIVEN).fetchone() == (left,), times


async def test_a_turn_between_the_write_of_another_and_its_reading_goes_by_that(
    seeded: Path, settle: Settle, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a large store the tags take a while to read; the list must not fall back meanwhile on what stood before."""
    may_read, taggings = Event(), edit.taggings

    def slow(*about: Any) -> list[edit.Tagging]:
        assert may_read.wait(20)
        return taggings(*about)

    async with opened(seeded, settle) as (app, _, press):
        await press("number_sign")
        screen = app.screen
        assert isinstance(screen, TagScreen)
        monkeypatch.setattr(edit, "taggings", slow)
        for left in (1, 0, 1):
            may_read.clear()
            send(app, "z", "z", "enter")
            turns = screen.tags.turning
            async with asyncio.timeout(20):
                while not (turns.get("zz") and turns["zz"][-1].written):
                    await asyncio.sleep(0.005)
            screen.query_one("#tag-name", Input).value = "zz"
            assert screen.tags.as_meant(edit.Tagging("zz", 0, not left)).own == bool(left)
            send(app, "enter")
            may_read.set()
            await press("shift")
            await press("shift")
            with Store.open(seeded) as store:
                assert store.connection.execute(GIVEN).fetchone() == (1 - left,)
            send(app, "z", "z", "enter")
            await press("shift")
            await press("shift")
            assert not turns["zz"]
            with Store.open(seeded) as store:
                assert store.connection.execute(GIVEN).fetchone() == (left,)


async def test_a_turn_that_is_refused_is_shown_no_longer(
    seeded: Path, settle: Settle, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: object) -> list[str]:
        raise StoreError("the disk is full; nothing was changed")

    async with opened(seeded, settle) as (app, _, press):
        await press("number_sign")
        screen = app.screen
        assert isinstance(screen, TagScreen)
        monkeypatch.setattr(edit, "tag", refused)
        await press("z", "z", "enter")
        await press("shift")
        assert not screen.tags.turning["zz"]
        assert not screen.tags.as_meant(edit.Tagging("zz", 0, False)).own
        with Store.open(seeded) as store:
            assert store.connection.execute(GIVEN).fetchone() == (0,)
