"""What-if, air-defence ledger and roots at three sizes: a picture, and what must be true of it whatever it looks like."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.support.pictures import SIZES, assert_no_two_alike, at_each_size, led
from tests.support.pressing import Settle, main_of
from tests.support.wire_copy import with_wire_copy
from tui.app import DatelineApp
from tui.screens.leave_out import LeaveOut
from tui.screens.ledger import BehindScreen, LedgerScreen
from tui.screens.main import MainScreen
from tui.screens.roots import RootsScreen

SECOND = ("X", *"2021-06-22", "enter")
"""Keys that leave out the second article."""


@dataclass(frozen=True)
class State:
    """Keys that lead to a state, and what holds there."""

    name: str
    keys: tuple[str, ...]
    holds: Callable[[DatelineApp, MainScreen], bool]
    query: str = ""
    contested: bool = False
    """Whether the store gets a wire copy, and a claim that C-RAM did stop it."""


def fate(main: MainScreen) -> str | None:
    row = main.timeline.row
    return main.difference.fate(row.id) if main.difference and row else None


STATES = [
    State("choose", ("X", *"press"), lambda app, main: isinstance(app.screen, LeaveOut) and app.screen.sources.line_count == 1),
    State("choose-none", ("X", *"zzz"), lambda app, main: isinstance(app.screen, LeaveOut) and not app.screen.sources.chosen),
    State("without-article", (*SECOND, "G"), lambda app, main: fate(main) == "vanishes" and "5 vanish" in words(main)),
    State(
        "without-speaker",
        ("X", *"press", "enter", "greater_than_sign", "greater_than_sign", "greater_than_sign", "greater_than_sign"),
        lambda app, main: main.difference is not None and fate(main) is not None,
    ),
    State(
        "without-filtered",
        SECOND,
        lambda app, main: fate(main) is not None and main._query.text == "type:drone-strike",
        query="type:drone-strike",
    ),
    State(
        "without-detail",
        ("X", *"press", "enter", "enter"),
        lambda app, main: main.detail.has_focus and main.detail.line(0)[1][0].startswith("Without Press TV"),
        query="place:victory-base kind:incident",
    ),
    State("back", (*SECOND, "escape", "G"), lambda app, main: main.difference is None and "without" not in main.header.text),
    State("ledger", ("L", "j", "l", "l"), lambda app, main: isinstance(app.screen, LedgerScreen) and app.screen.view.column == 2),
    State(
        "ledger-rivals",
        ("L", "l"),
        lambda app, main: (
            isinstance(app.screen, LedgerScreen) and app.screen.view.systems[0].cell("intercepted").rivals == 1
        ),
        query="weapon:drone outcome:missed",
        contested=True,
    ),
    State("ledger-empty", ("L",), lambda app, main: isinstance(app.screen, LedgerScreen) and not app.screen.view.systems, query="zeppelin"),
    State(
        "behind",
        ("L", "j", "l", "enter"),
        lambda app, main: isinstance(app.screen, BehindScreen) and app.screen.view.use.rival_in("intercepted"),
        query="place:victory-base system:c-ram",
        contested=True,
    ),
    State(
        "roots",
        ("r",),
        lambda app, main: isinstance(app.screen, RootsScreen) and app.screen.view.rests.incident.reports == 3,
        query="place:victory-base kind:incident",
    ),
    State(
        "suspected",
        ("r", "w"),
        lambda app, main: (
            isinstance(app.screen, RootsScreen)
            and app.screen.view.sides is not None
            and app.screen.view.sides[0].root == "Copy"
        ),
        query="place:victory-base kind:incident",
        contested=True,
    ),
]  # fmt: skip


def words(main: MainScreen) -> str:
    """The longest wording of the head line."""
    return main.header_words()[0] if main.header_words() else ""


def contest(path: Path) -> None:
    """Give the strike at Victory base a wire copy and a speaker for whom C-RAM did intercept."""
    with_wire_copy(path)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(
            "INSERT INTO claim (incident_id, quote_id, field, value) SELECT q.incident_id, q.id, 'outcome:c-ram',"
            " 'intercepted' FROM quote AS q JOIN document AS d ON d.id = q.document_id WHERE d.key = 'wire'"
        )
        connection.commit()


@at_each_size
@pytest.mark.parametrize("state", STATES, ids=lambda state: state.name)
def test_state(state: State, size: tuple[int, int], seeded: Path, settle: Settle, snap_compare: Any) -> None:
    if state.contested:
        contest(seeded)
    app = DatelineApp(seeded, state.query, live=False)

    lead = led(app, settle, state.keys, lambda: state.holds(app, main_of(app)))
    assert snap_compare(app, terminal_size=size, run_before=lead)


def test_no_two_pictures_are_alike() -> None:
    assert_no_two_alike(__file__, len(STATES) * len(SIZES))
