"""The command palette at three sizes: pictures, and what must hold."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.support.pictures import SIZES, assert_no_two_alike, at_each_size, led
from tests.support.pressing import Settle
from tui.app import DatelineApp
from tui.screens.palette import Offers, Palette


@dataclass(frozen=True)
class State:
    """Keys that lead to a state, and what holds of the list there."""

    name: str
    keys: tuple[str, ...]
    holds: Callable[[Offers], bool]


STATES = [
    State("all", ("ctrl+p",), lambda offers: offers.cursor == 0 and len(offers.shown) > 40),
    State(
        "found",
        ("ctrl+p", *"contested", "down"),
        lambda offers: offers.cursor == 1 and "contested" in offers.shown[0].words,
    ),
    State("nothing-found", ("ctrl+p", *"zeppelin"), lambda offers: offers.shown == []),
    State("further-down", ("ctrl+p", "pagedown", "pagedown"), lambda offers: offers.cursor > offers.size.height),
    State(
        "colours",
        ("ctrl+p", *"colours", "enter", *"date"),
        lambda offers: {"dateline", "dateline-light"} <= {offer.words for offer in offers.shown},
    ),
]


@at_each_size
@pytest.mark.parametrize("state", STATES, ids=lambda state: state.name)
def test_palette_state(state: State, size: tuple[int, int], seeded: Path, settle: Settle, snap_compare: Any) -> None:
    app = DatelineApp(seeded, live=False)

    def holds() -> bool:
        return isinstance(app.screen, Palette) and state.holds(app.screen.query_one(Offers))

    assert snap_compare(app, terminal_size=size, run_before=led(app, settle, state.keys, holds))


def test_no_two_pictures_of_the_palette_are_alike() -> None:
    assert_no_two_alike(__file__, len(STATES) * len(SIZES))
