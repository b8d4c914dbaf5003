"""A click moves the cursor of every list to what was clicked, and what stands beside the list follows."""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from textual.widgets import Input, Static

from db import edit, views
from db.formats.record import Options
from db.formats.registry import named
from db.importing import import_file
from db.store import Store
from db.views import View
from tests.support.pressing import Settle, press
from tui.app import DatelineApp
from tui.screens.doubles import DoublesScreen
from tui.screens.export import ExportScreen
from tui.screens.log import LogScreen
from tui.widgets.choice_view import ChoiceView

DATA = Path(__file__).parents[1] / "data"

LISTS: dict[str, tuple[tuple[str, ...], str]] = {
    "views": (("V",), "#pick"),
    "chooser": (("G", "comma"), "#choices"),
    "leave-out": (("X",), "#choices"),
    "export": (("ctrl+s",), "#formats"),
    "notes": (("g", "a"), "#notes"),
    "tags": (("number_sign",), "#tags"),
    "log": (("W",), "#log"),
    "documents": (("S",), "#documents"),
    "card": (("G", "I"), "#card"),
    "ledger": (("L",), "#ledger"),
    "behind": (("L", "enter"), "#behind"),
    "explain": (("K",), "#reasons"),
    "explained documents": (("K", "H", "h"), "#reasons"),
    "doubles": (("M",), "#doubles-list"),
    "roots": (("G", "r"), "#roots"),
}

PAIRS = """
INSERT INTO incident (key, title, event_type, date_edtf) VALUES ('pairs', 'Pairs', 'attack', '2030-01-01');
INSERT INTO document (key, publisher) VALUES ('p1', 'P1'), ('p2', 'P2'), ('p3', 'P3');
INSERT INTO quote (incident_id, document_id, exact) SELECT i.id, d.id,
    'one two three four five six seven eight nine ten eleven twelve thirteen'
    FROM incident AS i, document AS d WHERE i.key = 'pairs' AND d.key IN ('p1', 'p2', 'p3');
INSERT INTO tag (name) VALUES ('a'), ('b');
INSERT INTO incident_tag (incident_id, tag_id) SELECT i.id, t.id FROM incident AS i, tag AS t WHERE i.key = 'pairs';
INSERT INTO system (key, name, class) VALUES ('zz', 'ZZ', 'air_defence');
INSERT INTO incident_system (incident_id, system_id, role, outcome) SELECT i.id, s.id, 'air_defence', 'hit'
    FROM incident AS i, system AS s WHERE s.key = 'zz' AND i.id < 5;
"""


@pytest.fixture(scope="module")
def full_template(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store in which every list has several lines, made once."""
    path = Path(shutil.copy(template, tmp_path_factory.mktemp("full")))
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(PAIRS)
    with Store.open(path, write=True) as store:
        for origin in ("one", "two"):
            import_file(store, DATA / "ged_iraq_hdx.csv", named("ucdp-ged"), Options(origin=origin))
        first = store.connection.execute(
            "SELECT id FROM incident ORDER BY date_earliest IS NULL, date_earliest, id LIMIT 1"
        ).fetchone()[0]
        for number in range(3):
            edit.add_note(store, first, f"note {number}")
            views.save(path, View(f"v{number}", "drone"))
        store.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return path


@pytest.fixture
def full(full_template: Path, tmp_path: Path) -> Path:
    """A copy of it for one test."""
    return Path(shutil.copy(full_template, tmp_path))


@pytest.mark.parametrize("name", LISTS)
async def test_a_click_moves_the_cursor(name: str, full: Path, settle: Settle) -> None:
    keys, wanted = LISTS[name]
    app = DatelineApp(full, live=False)
    async with app.run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        await press(app, pilot, settle, keys)
        view = app.screen.query_one(wanted, ChoiceView)
        async with asyncio.timeout(20):
            while view.choices < 2:
                await pilot.pause(0.01)
        assert view.cursor == 0
        y = next(y for y in range(view.line_count) if view.choice_at(y) == 1)
        await pilot.click(view, offset=(3, y))
        await settle(pilot)
        assert view.cursor == 1 and y in view.cursor_lines()
        follows(app)


def follows(app: DatelineApp) -> None:
    """What a screen says of the line under the cursor is of the one that was clicked."""
    screen = app.screen
    if isinstance(screen, LogScreen):
        current = screen.log_list.current
        assert current is not None and current.entry.what in str(screen.query_one("#log-rows", Static).content)
    elif isinstance(screen, ExportScreen):
        assert screen.query_one("#export-name", Input).value.endswith(screen.formats.chosen.suffix)
    elif isinstance(screen, DoublesScreen):
        shown, pair = screen.comparison.incidents, screen.pair
        assert shown is not None and pair is not None
        assert [one.id for one in shown] == [pair.first.id, pair.second.id]


async def test_a_mark_over_several_lines_moves_no_cursor(full: Path, settle: Settle) -> None:
    app = DatelineApp(full, live=False)
    async with app.run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        await press(app, pilot, settle, ("S",))
        view = app.screen.query_one("#documents", ChoiceView)
        await pilot.mouse_down(view, offset=(3, 0))
        await pilot.hover(view, offset=(20, 2))
        await pilot.mouse_up(view, offset=(20, 2))
        await settle(pilot)
        assert view.text_selection is not None and view.cursor == 0
