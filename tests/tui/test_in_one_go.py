"""Keys that come in one go, as from a fast hand or over a slow line, do what the same keys do one by one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from db import edit, views
from db.store import Store
from db.views import View
from tests.support.pressing import Settle, key_by_key, key_of
from tests.tui.test_key_order import send

WIDE, NARROW = (120, 40), (80, 24)

GOES: dict[str, tuple[tuple[int, int], list[str]]] = {
    "behind the way from the ledger to its incident": (
        WIDE,
        ["L enter enter enter j m"],
    ),
    "behind a star and an undo": (
        WIDE,
        ["m j U m", "m ctrl+z m", "g m m m u"],
    ),
    "in the log, before its rows are read": (
        NARROW,
        ["W enter escape escape", "W j j u escape", "m end ctrl+d W u escape"],
    ),
    "in a list of tags that were given by the keys before": (
        WIDE,
        ["number_sign z z enter down enter escape", "j number_sign z y enter enter up enter escape"],
    ),
    "in the strip, before it has the focus": (
        WIDE,
        ["i enter", "escape escape i w w L enter"],
    ),
    "in panes that have just come into sight": (
        NARROW,
        ["G enter escape pagedown m", "G tab escape b m", "g f j enter escape end m"],
    ),
    "in facets that are being counted, and their search": (
        NARROW,
        ["f left space escape m", "f right slash escape m escape escape", "slash i r a n s enter I escape"],
    ),
    "behind what was said to a list of views": (
        WIDE,
        ["V j 2 2 m", "V x V enter m"],
    ),
    "behind a query that was typed and taken back": (
        WIDE,
        ["slash v i c t o r y enter escape m", "slash s o l e i m a n i escape escape m"],
    ),
}


async def after(path: Path, settle: Settle, size: tuple[int, int], keys: list[str], *, in_one_go: bool) -> list[Any]:
    """What stands where after each of some runs of keys: the cursor, the focus, the query, and all that was written."""
    with Store.open(path, write=True) as store:
        for incident in (4, 8, 12):
            edit.add_note(store, incident, "a small write")
    views.save(path, View("one", "drone"))
    views.save(path, View("two", "rocket", slot=2))
    found: list[Any] = []
    async with key_by_key(path, settle, size) as (app, main, press):
        for run in keys:
            if in_one_go:
                send(app, *run.split())
                await press("shift")
                await press("shift")
            else:
                await press(*run.split())
            found.append((key_of(main), app.focused and app.focused.id, main._query.text, len(app.screen_stack)))
    with Store.open(path) as store:
        found.append(store.connection.execute("SELECT what FROM log WHERE id > 1 ORDER BY id").fetchall())
    return found


@pytest.mark.parametrize("where", GOES)
async def test_keys_in_one_go_do_what_they_do_one_by_one(
    where: str, template: Path, seeded: Path, tmp_path: Path, settle: Settle
) -> None:
    size, keys = GOES[where]
    other = tmp_path / "other.db"
    other.write_bytes(seeded.read_bytes())
    at_leisure = await after(seeded, settle, size, keys, in_one_go=False)
    assert await after(other, settle, size, keys, in_one_go=True) == at_leisure


async def test_words_on_pairs_in_one_go_are_for_the_pairs_that_the_same_keys_reach_one_by_one(
    rooty: Path, tmp_path: Path, settle: Settle
) -> None:
    """A pair of which something was said is gone, and one taken back is there, for the very next key."""
    keys = ["G r x j x escape", "r x backspace x j backspace j x escape"]
    other = tmp_path / "other.db"
    other.write_bytes(rooty.read_bytes())
    at_leisure = await after(rooty, settle, WIDE, keys, in_one_go=False)
    assert await after(other, settle, WIDE, keys, in_one_go=True) == at_leisure
    said = "SELECT quote_id, other_id FROM root_dismissal ORDER BY 1, 2"
    with Store.open(rooty) as one, Store.open(other) as two:
        dismissed = one.connection.execute(said).fetchall()
        assert len(dismissed) == 3 and two.connection.execute(said).fetchall() == dismissed


async def test_pairs_looked_for_behind_a_word_are_those_that_are_left(
    twice: Path, tmp_path: Path, settle: Settle
) -> None:
    keys = ["M r escape M s f5 x escape"]
    other = tmp_path / "other.db"
    other.write_bytes(twice.read_bytes())
    at_leisure = await after(twice, settle, WIDE, keys, in_one_go=False)
    assert await after(other, settle, WIDE, keys, in_one_go=True) == at_leisure
    said = "SELECT from_id, to_id, kind FROM incident_link ORDER BY 1, 2, 3"
    with Store.open(twice) as one, Store.open(other) as two:
        assert one.connection.execute(said).fetchall() == two.connection.execute(said).fetchall()
