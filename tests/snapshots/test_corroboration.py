"""What-if, air-defence ledger and roots at three sizes: a picture, and what must be true of it whatever it looks like."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Awaitable, Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from tui.app import DatelineApp
from tui.screens.leave_out import LeaveOut
from tui.screens.ledger import BehindScreen, LedgerScreen
from tui.screens.main import MainScreen
from tui.screens.roots import RootsScreen

Settle = Callable[[Pilot[None]], Awaitable[None]]
SIZES = [(80, 24), (120, 40), (60, 16)]
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
    exact = "Two fixed-wing combat drones laden with explosives hit the base at night"
    with closing(sqlite3.connect(path)) as connection:
        for key, name, day in (("wire", "Wire", "2021-06-24"), ("copy", "Copy", "2021-06-25")):
            connection.execute(
                "INSERT INTO document (key, publisher, published_edtf) VALUES (?, ?, ?)", (key, name, day)
            )
            connection.execute(
                "INSERT INTO quote (incident_id, document_id, exact) SELECT i.id, d.id, ? FROM incident AS i, document AS d"
                " WHERE i.key = 'victory-drones-2021-06-21' AND d.key = ?",
                (exact, key),
            )
        connection.execute(
            "INSERT INTO claim (incident_id, quote_id, field, value) SELECT q.incident_id, q.id, 'outcome:c-ram',"
            " 'intercepted' FROM quote AS q JOIN document AS d ON d.id = q.document_id WHERE d.key = 'wire'"
        )
        connection.commit()


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("state", STATES, ids=lambda state: state.name)
def test_state(state: State, size: tuple[int, int], seeded: Path, settle: Settle, snap_compare: Any) -> None:
    if state.contested:
        contest(seeded)
    app = DatelineApp(seeded, state.query, live=False)

    async def lead(pilot: Pilot[None]) -> None:
        await settle(pilot)
        for key in state.keys:
            await pilot.press(key)
            await settle(pilot)
        main = app.main
        assert main is not None
        assert state.holds(app, main), f"{state.name}: {main._query.text!r} {fate(main)!r} {app.screen!r}"
        app.clear_notifications()
        await settle(pilot)

    assert snap_compare(app, terminal_size=size, run_before=lead)


def test_no_two_pictures_are_alike() -> None:
    """A key that does nothing would leave a picture of the state before it."""
    folder = Path(__file__).parent / "__snapshots__" / "test_corroboration"
    seen: dict[str, str] = {}
    files = sorted(folder.glob("*.raw")) + sorted(folder.glob("*.svg"))
    assert len(files) == len(STATES) * len(SIZES)
    for file in files:
        text = re.sub(r"terminal-\d+", "terminal", file.read_text(encoding="utf-8"))
        assert text not in seen, f"{file.name} shows the same as {seen[text]}"
        seen[text] = file.name
