"""Every key of the registry does, on every screen with its own focus, what the registry says: nothing takes it before."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from textual.widgets import Input, TextArea

from db import edit, views
from db.store import Store
from db.views import View
from tests.support.pressing import Settle, opened
from tui import commands
from tui.app import DatelineApp
from tui.widgets.line_view import LineView

SCREENS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "timeline": ((), ("timeline", "main", "app")),
    "detail": (("tab",), ("detail", "main", "app")),
    "facets": (("f",), ("facets", "main", "app")),
    "density": (("i",), ("density", "main", "app")),
    "views": (("V",), ("views",)),
    "chooser": (("G", "comma"), ("chooser",)),
    "pick": (("slash", *"drone", "enter", "slash", *" iraq", "enter", "H", "k", "k"), ("pick",)),
    "claims": (("c",), ("claims", "app")),
    "explain": (("K",), ("explain", "app")),
    "cite": (("G", "C"), ("cite", "app")),
    "reader": (("G", "s"), ("reader", "app")),
    "documents": (("S",), ("documents", "app")),
    "card": (("G", "I"), ("card", "app")),
    "roots": (("G", "r"), ("roots", "app")),
    "ledger": (("L",), ("ledger", "app")),
    "doubles": (("M",), ("doubles", "app")),
    "export": (("ctrl+s",), ("export",)),
    "assess": (("A",), ("assess",)),
    "notes": (("g", "a", "tab"), ("notes", "note")),
    "log": (("W",), ("log",)),
    "help": (("question_mark",), ("help",)),
    "behind": (("L", "enter"), ("behind",)),
}


@pytest.fixture(scope="module")
def busy_template(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with notes, views and writes to list, made once."""
    path = Path(shutil.copy(template, tmp_path_factory.mktemp("busy")))
    for number in range(30):
        views.save(path, View(f"v{number:02}", "drone"))
    with Store.open(path, write=True) as store:
        first = store.connection.execute(
            "SELECT id FROM incident ORDER BY date_earliest IS NULL, date_earliest LIMIT 1"
        ).fetchone()[0]
        for number in range(9):
            edit.add_note(store, first, f"note {number}")
        store.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return path


@pytest.fixture
def busy(busy_template: Path, tmp_path: Path) -> Path:
    """A copy of it for one test."""
    return Path(shutil.copy(busy_template, tmp_path))


def taken(app: DatelineApp, scopes: tuple[str, ...]) -> dict[str, tuple[str, str | None]]:
    """Each key of the scopes whose first binding in reach is another's: key → (command, what has it)."""
    expected: dict[str, str] = {}
    for scope in scopes:
        for command in commands.in_scope(scope):
            for key in command.keys.split(","):
                expected.setdefault(key, command.id)
    active = app.screen.active_bindings
    found = {key: (active[key].binding.id if key in active else None) for key in expected}
    return {key: (wanted, found[key]) for key, wanted in expected.items() if found[key] != wanted}


def assert_not_taken(app: DatelineApp, name: str) -> None:
    """No key of the registry is taken by a widget of the screen that is shown."""
    _, scopes = SCREENS[name]
    assert commands.in_scope(scopes[0])[0].id in {active.binding.id for active in app.screen.active_bindings.values()}
    assert taken(app, scopes) == OTHERWISE.get(name, {})


OTHERWISE: dict[str, dict[str, tuple[str, str | None]]] = {"facets": {"escape": ("facets.widen", "main.back")}}
"""Keys that mean something else in the state that is looked at: no facet's value is looked for by its name."""


NO_LINES = ("density", "help")
"""Screens without a cursor on a line."""


@pytest.mark.parametrize("name", NO_LINES)
async def test_no_key_of_the_registry_is_taken_by_a_widget(name: str, busy: Path, settle: Settle) -> None:
    async with opened(busy, settle, (120, 40)) as (app, _, press):
        await press(*SCREENS[name][0])
        assert_not_taken(app, name)


@pytest.mark.parametrize("name", [name for name in SCREENS if name not in NO_LINES])
async def test_no_key_of_the_registry_is_taken_by_a_widget_and_arrows_and_letters_move_alike(
    name: str, busy: Path, settle: Settle
) -> None:
    keys, _ = SCREENS[name]

    def stands(app: DatelineApp) -> tuple[object, ...]:
        view = app.focused
        assert isinstance(view, LineView)
        return (
            view.cursor_lines(),
            round(view.scroll_y),
            *(getattr(view, at, None) for at in ("cursor", "_row", "_cursor")),
        )

    reached = []
    for moves in (("j", "j", "k", "j"), ("down", "down", "up", "down")):
        async with opened(busy, settle, (80, 24)) as (app, _, press):
            await press(*keys)
            assert_not_taken(app, name)
            assert app.focused is not None and not isinstance(app.focused, Input | TextArea)
            before = stands(app)
            await press(*moves)
            reached.append((before, stands(app)))
    assert reached[0] == reached[1]
    assert name in STILL or reached[0][0] != reached[0][1]


STILL = ("cite", "behind", "roots", "explain", "doubles")
"""Screens that have not more than one line to stand on with the seeds."""


@pytest.mark.parametrize("keys", [("L",), ("G", "r"), ("L", "enter"), ("c",), ("W",), ("M",)])
async def test_q_goes_back_and_does_not_end_the_program(keys: tuple[str, ...], busy: Path, settle: Settle) -> None:
    async with opened(busy, settle, (120, 40)) as (app, main, press):
        await press(*keys)
        opened_screens = len(app.screen_stack)
        assert app.screen is not main
        await press("q")
        assert len(app.screen_stack) == opened_screens - 1 and not app._exit


async def test_escape_takes_back_the_way_to_a_date_and_enter_stays(seeded: Path, settle: Settle) -> None:
    async with opened(seeded, settle) as (_, main, press):
        await press("G", "k")
        before = main.timeline.cursor
        await press("at", *"2021-05", "escape")
        assert main.timeline.cursor == before
        await press("at", *"2021-05", "enter")
        assert main.timeline.cursor != before
        there = main.timeline.cursor
        await press("at", *"no date", "escape")
        assert main.timeline.cursor == there


@pytest.mark.parametrize("keys", [(), ("slash", "d"), ("W",), ("V", "s"), ("at", "2"), ("G", "s", "slash")])
async def test_ctrl_q_ends_the_program_from_wherever_one_is(
    keys: tuple[str, ...], seeded: Path, settle: Settle
) -> None:
    async with opened(seeded, settle) as (app, _, press):
        await press(*keys)
        assert not app._exit
        await app._press_keys(["ctrl+q"])
        assert app._exit
