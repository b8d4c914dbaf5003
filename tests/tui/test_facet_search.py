"""Finding a facet's value by its name, and years and months as facets."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from db.engine import Wants, open_engine
from db.query import parse
from db.store import Store
from tests.support.pressing import Press, Settle
from tui.app import DatelineApp
from tui.screens.main import MainScreen
from tui.widgets.facet_search import FacetSearch
from tui.widgets.facets import FEW
from tui.widgets.field import Field


@asynccontextmanager
async def opened(
    store: Path, settle: Settle, size: tuple[int, int] = (120, 40), query: str = ""
) -> AsyncIterator[tuple[MainScreen, Press]]:
    """The main screen with the facets under the keys, and a way to press keys that waits."""
    app = DatelineApp(store, query, live=False)
    async with app.run_test(size=size) as pilot:
        await settle(pilot)

        async def press(*keys: str) -> None:
            await pilot.press(*keys)
            await settle(pilot)

        await press("f")
        assert app.main is not None
        yield app.main, press


def shown(main: MainScreen, facet: str) -> list[str]:
    """The values of a facet in the panel, from the top."""
    return [entry.count.value for entry in main.facets._entries if entry.facet == facet and entry.count]


async def to(main: MainScreen, press: Press, facet: str) -> None:
    """Go on from facet to facet."""
    for _ in range(20):
        if main.facets.current is not None and main.facets.current.facet == facet:
            return
        await press("l")
    raise AssertionError(f"no facet {facet}")


async def test_typing_narrows_one_facet_to_the_values_so_called(seeded: Path, settle: Settle) -> None:
    with Store.open(seeded) as store:
        every = [c.value for c in open_engine(store).answer(parse(""), Wants(("place",))).facets["place"]]
    async with opened(seeded, settle) as (main, press):
        await to(main, press, "place")
        assert len(shown(main, "place")) == FEW < len(every)
        await press("slash")
        assert isinstance(main.focused, FacetSearch)
        assert shown(main, "place") == every
        assert {entry.facet for entry in main.facets._entries} == {"place"}
        await press(*"BASE v")
        wanted = [name for name in every if "base" in name.casefold() and "v" in name.casefold()]
        assert 0 < len(wanted) < len(every)
        assert shown(main, "place") == wanted
        assert main._query.text == ""
        await press("ctrl+u")
        assert shown(main, "place") == every


async def test_a_value_found_is_filtered_by_and_stays_in_sight(seeded: Path, settle: Settle) -> None:
    async with opened(seeded, settle) as (main, press):
        await to(main, press, "place")
        few = shown(main, "place")
        await press("slash", *"victory", "enter")
        found = main.facets.current
        assert found is not None and found.count is not None
        assert found.state == "on" and "Victory" in found.count.value and found.count.value not in few
        assert main._query.text == f'place:"{found.count.value}"'
        await press("enter")
        assert main._query.text == ""
        await press("escape")
        assert main.facets.has_focus and main.facets.narrowed is None
        assert not main.query_one(FacetSearch).display
        assert main.facets.current is not None and main.facets.current.count == found.count
        assert shown(main, "place")[:FEW] == few
        assert {entry.facet for entry in main.facets._entries} > {"type", "place"}
        await press("minus")
        assert main._query.text == f'-place:"{found.count.value}"'


async def test_keys_reach_the_list_and_nothing_else_while_a_name_is_typed(seeded: Path, settle: Settle) -> None:
    async with opened(seeded, settle) as (main, press):
        await to(main, press, "place")
        await press("slash", "q", "m", "j", "ctrl+u", "down", "down", "up")
        names = shown(main, "place")
        assert main.facets.current is not None and main.facets.current.count is not None
        assert main.facets.current.count.value == names[1]
        await press("tab")
        assert main.facets.has_focus and main.facets.narrowed == "Place"
        await press("j", "minus")
        assert main._query.text == f'-place:"{names[2]}"' or main._query.text == f"-place:{names[2]}"
        await press("slash")
        assert isinstance(main.focused, FacetSearch)
        await press("tab", "escape")
        assert main.facets.narrowed is None and main.facets.has_focus
        await press("escape")
        assert main.timeline.has_focus


async def test_what_nothing_is_called_is_said(seeded: Path, settle: Settle) -> None:
    async with opened(seeded, settle) as (main, press):
        await press("slash", *"zzz", "enter")
        assert main._query.text == ""
        assert [entry.words for entry in main.facets._entries] == ["", "nothing is called so"]
        assert "nothing is called so" in "".join(text for text, _ in main.facets.line(1))
        await press("escape")
        assert main.facets.has_focus and len(shown(main, "type")) == FEW


async def test_years_and_months_stand_in_order_and_filter_by_date(seeded: Path, settle: Settle) -> None:
    async with opened(seeded, settle) as (main, press):
        await to(main, press, "year")
        years = shown(main, "year")
        assert years == sorted(years)
        await press("slash", *"2021", "enter", "escape")
        assert main._query.text == "date:2021"
        assert main._answer is not None
        totals = main._answer.totals
        entry = main.facets.current
        assert entry is not None and entry.count is not None and entry.state == "on"
        assert (entry.count.certain, entry.count.possible) == (totals.certain, totals.possible)
        assert set(shown(main, "year")) > {"2021"}
        await to(main, press, "month")
        await press("slash", *"2020-01", "enter", "escape")
        assert main._query.text == "date:2021,2020-01"
        assert main._answer.totals.rows > totals.rows
        await press("space")
        assert main._query.text == "date:2021"


async def test_a_date_being_typed_is_offered_years_then_months(seeded: Path, settle: Settle) -> None:
    async with opened(seeded, settle) as (main, press):
        await press("escape", "slash", *"date:202")
        assert [offer.value for offer in main.bar.list._offers] == ["2020", "2021"]
        await press(*"1-0")
        offers = [offer.value for offer in main.bar.list._offers]
        assert offers and all(value.startswith("2021-0") for value in offers)
        await press("tab", "enter")
        assert main._query.text == f"date:{offers[0]}"
        assert main.timeline.rows > 0


async def test_why_a_year_has_its_number(seeded: Path, settle: Settle) -> None:
    async with opened(seeded, settle, query="date:2021-05 drone") as (main, press):
        await to(main, press, "year")
        entry = main.facets.current
        assert entry is not None and entry.count is not None
        await press("K")
        assert main.app.screen is not main
        await press("enter")
        assert main._query.text == f"drone date:{entry.count.value} kind:incident"
        assert main._answer is not None
        totals = main._answer.totals
        assert (totals.certain, totals.possible) == (entry.count.certain, entry.count.possible)


async def test_space_on_how_many_more_goes_on_to_the_first_of_them(seeded: Path, settle: Settle) -> None:
    async with opened(seeded, settle) as (main, press):
        await to(main, press, "place")
        first = shown(main, "place")
        await press(*["j"] * len(first))
        assert main.facets.current is not None and main.facets.current.more
        await press("space")
        entry = main.facets.current
        assert entry is not None and entry.count is not None
        assert shown(main, "place")[: len(first) + 1] == [*first, entry.count.value]
        await press("space")  # the counts come anew, and the cursor stays on the value
        assert main._query.text.startswith("place:")
        assert main.facets.current is not None and main.facets.current.count is not None
        assert main.facets.current.count.value == entry.count.value


async def test_the_cursor_stays_on_how_many_more_when_the_counts_change(seeded: Path, settle: Settle) -> None:
    async with opened(seeded, settle) as (main, press):
        await press(*["j"] * FEW)
        assert main.facets.current is not None and main.facets.current.more
        await press("escape", "e", "f")
        main.facets.show_more(main.facets._counts)
        assert main.facets.current.more


async def test_the_line_to_find_in_comes_with_its_key_and_goes_with_escape(seeded: Path, settle: Settle) -> None:
    async with opened(seeded, settle) as (main, press):
        line, top = main.query_one(FacetSearch), main.facets.region.y
        assert line not in main._compositor.visible_widgets
        for _ in range(2):
            await press("slash")
            region, _ = main._compositor.visible_widgets[line]
            assert (region.y, region.height, main.facets.region.y) == (top, 1, top + 1)
            await press("escape")
            assert line not in main._compositor.visible_widgets
            assert main.facets.region.y == top


@pytest.mark.parametrize("line", ["facet-search", "query"])
async def test_a_letter_asks_for_no_layout_pass(line: str, seeded: Path, settle: Settle) -> None:
    async with opened(seeded, settle) as (main, press):
        await press(*([] if line == "facet-search" else ["escape"]), "slash", "d")
        assert isinstance(main.focused, Field) and main.focused.id == line
        passes = main.focused._layout_updates
        await press(*"rone", "backspace")
        assert main.focused._layout_updates == passes
