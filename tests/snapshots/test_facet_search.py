"""Finding a facet's value, years and months, and offers for a date, at three sizes: pictures, and what must hold."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.support.pictures import SIZES, assert_no_two_alike, at_each_size, led
from tests.support.pressing import Settle, main_of
from tui.app import DatelineApp
from tui.screens.main import MainScreen
from tui.settings import Settings
from tui.widgets.facet_search import FacetSearch


@dataclass(frozen=True)
class State:
    """Keys that lead to a state, and what holds there."""

    name: str
    keys: tuple[str, ...]
    holds: Callable[[MainScreen], bool]
    query: str = ""


def shown(main: MainScreen) -> list[str]:
    """The values in the panel."""
    return [entry.count.value for entry in main.facets._entries if entry.count]


STATES = [
    State(
        "found",
        ("f", "l", "l", "slash", *"base"),
        lambda main: (
            isinstance(main.focused, FacetSearch)
            and main.facets.narrowed == "Place"
            and len(shown(main)) > 1
            and all("base" in value.casefold() for value in shown(main))
        ),
    ),
    State(
        "nothing-found",
        ("f", "slash", *"zeppelin"),
        lambda main: main.facets.narrowed == "Event type" and shown(main) == [],
    ),
    State(
        "filtered-by-what-was-found",
        ("f", "l", "l", "slash", *"victory", "enter", "escape"),
        lambda main: main.facets.has_focus and "Victory" in main._query.text and main.facets.narrowed is None,
    ),
    State(
        "years",
        ("f", "l", "l", "l", "slash", *"202", "down", "enter", "tab"),
        lambda main: main._query.text == "date:2021" and shown(main) == ["2020", "2021"],
    ),
    State(
        "months",
        ("f", "l", "l", "l", "l", "plus"),
        lambda main: [m for m in shown(main) if m.startswith("2021-")] == ["2021-01", "2021-04", "2021-05", "2021-06"],
    ),
    State(
        "date-offers",
        ("slash", *"date:2021-0"),
        lambda main: all(offer.value.startswith("2021-0") for offer in main.bar.list._offers) and main.bar.list.display,
    ),
]


@at_each_size
@pytest.mark.parametrize("state", STATES, ids=lambda state: state.name)
def test_facet_search_state(
    state: State, size: tuple[int, int], seeded: Path, settle: Settle, snap_compare: Any
) -> None:
    app = DatelineApp(seeded, state.query, Settings(), live=False)

    lead = led(app, settle, state.keys, lambda: state.holds(main_of(app)), said=True)
    assert snap_compare(app, terminal_size=size, run_before=lead)


def test_no_two_pictures_of_facets_are_alike() -> None:
    assert_no_two_alike(__file__, len(STATES) * len(SIZES))
