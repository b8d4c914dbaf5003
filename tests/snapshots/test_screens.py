"""Every screen and state at three sizes: a picture, and what must be true of it whatever it looks like."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from tests.support.pictures import SIZES, assert_no_two_alike, at_each_size, led
from tests.support.pressing import Settle, main_of
from tui.app import DatelineApp
from tui.screens.chooser import Chooser
from tui.screens.confirm import Confirm
from tui.screens.go_to_date import GoToDate
from tui.screens.help import HelpScreen
from tui.screens.main import MainScreen
from tui.settings import Settings

Check = Callable[[DatelineApp, MainScreen], bool]


@dataclass(frozen=True)
class State:
    """Keys that lead to a state, and what holds there."""

    name: str
    keys: tuple[str, ...]
    holds: Check
    query: str = ""
    theme: str | None = None


def row_key(main: MainScreen) -> str:
    row = main.timeline.row
    return row.key if row else ""


def error_text(main: MainScreen) -> str:
    line = main.bar.query_one("#query-error")
    return str(line.render()) if line.display else ""


STATES = [
    State("start", (), lambda app, main: main.timeline.cursor == 0 and main.timeline.has_focus),
    State("end", ("G",), lambda app, main: main.timeline.cursor == main.timeline.rows - 1),
    State("victory", (*"/victory", "enter"), lambda app, main: row_key(main) == "victory-drones-2021-06-21"),
    State(
        "detail",
        (*"/victory", "enter", "enter"),
        lambda app, main: (
            main.detail.has_focus and "date" in ((main.detail.incident and main.detail.incident.disputed) or ())
        ),
    ),
    State(
        "quote",
        (*"/victory", "enter", "enter", "right_square_bracket"),
        lambda app, main: main.detail.quote is not None and main.detail.quote is main.detail.incident.quotes[1],  # type: ignore[union-attr]
    ),
    State(
        "facets", ("f", "j", "space"), lambda app, main: main.facets.has_focus and main._query.text.startswith("type:")
    ),
    State("facets-out", ("f", "minus"), lambda app, main: main._query.text.startswith("-type:")),
    State("filtered", (), lambda app, main: 0 < main.timeline.rows < 10, query="type:drone-strike killed:unknown"),
    State(
        "possible",
        ("G",),
        lambda app, main: main.timeline.match is not None and any(not m.certain for m in main._answer.window(0, 99)),  # type: ignore[union-attr]
        query="date:2021-04-12..2021-04-16",
    ),
    State(
        "error",
        tuple("/typ:drone"),
        lambda app, main: "did you mean type" in error_text(main) and main.timeline.rows > 30,
    ),
    State("nothing", (), lambda app, main: main.timeline.rows == 0 and main.detail.incident is None, query="zeppelin"),
    State("unknown-value", (), lambda app, main: "did you mean" in error_text(main), query='actor:"Kataib Hizbollah"'),
    State(
        "completion",
        tuple('/actor:"Kat'),
        lambda app, main: main.bar.list.current is not None and main.bar.list.current.value == "Kataib Hezbollah",
    ),
    State(
        "fields",
        tuple("/typ"),
        lambda app, main: main.bar.list.current is not None and main.bar.list.current.value == "type",
    ),
    State(
        "views",
        (*"/drone", "enter", "V", "s", *"Drones", "enter", "V", "1", "V"),
        lambda app, main: [(v.name, v.query, v.slot) for v in main.session.views() or ()] == [("Drones", "drone", 1)],
    ),
    State("steps", (*"/drone", "enter", "H"), lambda app, main: [s.text for s in main._steps.listed] == ["", "drone"]),
    State(
        "span",
        ("G", "i", "L", "L", "L"),
        lambda app, main: main.density.has_focus and main.density.selection is not None,
    ),
    State(
        "zoomed",
        ("G", "z", "z", "z"),
        lambda app, main: main.density.axis is not None and main.density.axis.first > 17000,
    ),
    State(
        "suspended",
        ("backslash",),
        lambda app, main: main._suspended == "drone" and main.timeline.rows > 30,
        query="drone",
    ),
    State("starred", ("j", "m"), lambda app, main: bool(main.timeline.row and main.timeline.row.starred)),
    State("compact", ("v",), lambda app, main: main.timeline._each == (2 if app.size.height < 20 else 1)),
    State("help", ("question_mark",), lambda app, main: isinstance(app.screen, HelpScreen)),
    State("chooser", ("G", "comma", "j"), lambda app, main: isinstance(app.screen, Chooser)),
    State("date", ("at", *"2021-05"), lambda app, main: isinstance(app.screen, GoToDate) and main.timeline.cursor > 10),
    State("contrast", (*"/victory", "enter"), lambda app, main: app.theme == "high-contrast", theme="high-contrast"),
    State("light", ("G",), lambda app, main: app.theme == "dateline-light", theme="dateline-light"),
]


@at_each_size
@pytest.mark.parametrize("state", STATES, ids=lambda state: state.name)
def test_state(state: State, size: tuple[int, int], seeded: Path, settle: Settle, snap_compare: Any) -> None:
    app = DatelineApp(seeded, state.query, Settings(theme=state.theme), live=False)

    lead = led(app, settle, state.keys, lambda: state.holds(app, main_of(app)))
    assert snap_compare(app, terminal_size=size, run_before=lead)


@at_each_size
def test_empty_store(size: tuple[int, int], tmp_path: Path, settle: Settle, snap_compare: Any) -> None:
    from db.store import Store

    path = tmp_path / "empty.db"
    Store.create(path).close()
    app = DatelineApp(path, live=False)

    async def lead(pilot: Pilot[None]) -> None:
        await settle(pilot)
        assert app.main is not None
        assert app.main.timeline.rows == 0
        for key in ("j", "G", "enter", "e", "m", "y", "comma", "f", "escape", "backslash", "right_curly_bracket"):
            await pilot.press(key)
            await settle(pilot)
        app.clear_notifications()
        await pilot.press("escape")
        await settle(pilot)

    assert snap_compare(app, terminal_size=size, run_before=lead)


@at_each_size
def test_confirm_shows_where_a_link_leads(
    size: tuple[int, int], seeded: Path, settle: Settle, snap_compare: Any
) -> None:
    from db.store import Store

    with Store.open(seeded, write=True) as store, store.write("add an address") as connection:
        connection.execute("UPDATE document SET url = 'https://example.org/[/b]article?id=1'")
    app = DatelineApp(seeded, live=False)

    async def lead(pilot: Pilot[None]) -> None:
        await settle(pilot)
        await pilot.press("o")
        await settle(pilot)
        assert isinstance(app.screen, Confirm)

    assert snap_compare(app, terminal_size=size, run_before=lead)


def test_no_two_pictures_are_alike() -> None:
    assert_no_two_alike(__file__, (len(STATES) + 2) * len(SIZES))
