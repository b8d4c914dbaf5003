"""Saved views that others change too: the list follows the store, and what is another by now is not written over."""

from __future__ import annotations

from pathlib import Path

import pytest

from db import views
from db.store import Store
from db.views import View
from tests.support.pressing import Settle, opened, said
from tui.screens.views import Views


def queries(path: Path) -> dict[str, str]:
    with Store.open(path) as store:
        return {view.name: view.query for view in views.listed(store.connection, path)}


@pytest.mark.parametrize("keys", [["x"], ["3"], ["r", "s", "enter"]])
async def test_a_view_that_a_colleague_has_changed_stays(keys: list[str], seeded: Path, settle: Settle) -> None:
    views.save(seeded, View("week", "drone"))
    async with opened(seeded, settle) as (app, _, press):
        await press("V")
        views.save(seeded, View("week", "rocket"))
        await press(*keys)
        assert said(app)[-1] == "the view 'week' has another query by now: rocket; nothing was written"
        assert queries(seeded) == {"week": "rocket"}
        await press("V", "x")
        assert said(app)[-1] == "Deleted the view week."


async def test_a_view_that_a_colleague_has_deleted_is_gone(seeded: Path, settle: Settle) -> None:
    views.save(seeded, View("week", "drone"))
    async with opened(seeded, settle) as (app, _, press):
        await press("V")
        views.delete(seeded, "week")
        await press("4")
        assert said(app)[-1] == "the view 'week' is gone; nothing was written"


async def test_a_name_that_a_colleague_has_taken_meanwhile_is_not_written_over(seeded: Path, settle: Settle) -> None:
    async with opened(seeded, settle, query="killed:>0") as (app, _, press):
        await press("V")
        views.save(seeded, View("mine", "erbil"))
        await press("s", *"mine", "enter")
        assert said(app)[-1] == "the view 'mine' has another query by now: erbil; nothing was written"
        assert queries(seeded) == {"mine": "erbil"}
        await press("V", "s", *"mine", "enter", "enter")
        assert queries(seeded) == {"mine": "killed:>0"}


async def test_a_number_that_a_colleague_has_given_meanwhile_is_not_taken(seeded: Path, settle: Settle) -> None:
    views.save(seeded, View("a", "drone"))
    async with opened(seeded, settle) as (app, _, press):
        await press("V")
        views.save(seeded, View("b", "rocket", slot=3))
        await press("3")
        assert said(app)[-1] == "the view 'b' has the number 3 by now; nothing was written"


async def test_the_list_follows_the_store_with_the_cursor_on_its_view(seeded: Path, settle: Settle) -> None:
    for name in ("b", "d"):
        views.save(seeded, View(name, "drone"))
    async with opened(seeded, settle) as (app, main, press):
        await press("V", "down")
        dialog = app.screen
        assert isinstance(dialog, Views) and dialog.chosen == View("d", "drone")
        views.save(seeded, View("a", "rocket"))
        views.save(seeded, View("d", "erbil"))
        main.tell_screens()
        assert dialog.chosen == View("d", "erbil")
        assert [view.name for view in dialog.list_view.views] == ["a", "b", "d"]
        await press("r")
        for name in ("a", "b", "d"):
            views.delete(seeded, name)
        main.tell_screens()
        assert dialog.list_view.views == []
        await press("e", "enter")
        assert said(app)[-1] == "the view 'd' is gone"


async def test_who_was_told_of_one_query_does_not_replace_the_next(seeded: Path, settle: Settle) -> None:
    views.save(seeded, View("mine", "drone"))
    async with opened(seeded, settle, query="killed:>0") as (app, main, press):
        await press("V", "s", *"mine", "enter")
        views.save(seeded, View("mine", "rocket"))
        main.tell_screens()
        await press("enter")
        assert isinstance(app.screen, Views) and queries(seeded) == {"mine": "rocket"}
        await press("enter")
        assert queries(seeded) == {"mine": "killed:>0"}
