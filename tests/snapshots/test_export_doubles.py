"""The export dialog and the likely doubles at three sizes: a picture, and what must be true of it whatever it looks like."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.screen import Screen
from textual.widgets import Static

from db.formats.record import Options
from db.formats.registry import named
from db.importing import import_file
from db.store import Store
from tests.support.pictures import SIZES, assert_no_two_alike, at_each_size, led
from tests.support.pressing import Settle
from tui.app import DatelineApp
from tui.screens.doubles import DoublesScreen
from tui.screens.export import ExportScreen
from tui.screens.main import MainScreen

DATA = Path(__file__).resolve().parents[1] / "data"


@dataclass(frozen=True)
class State:
    """Keys that lead to a state, and what holds there."""

    name: str
    keys: tuple[str, ...]
    holds: Callable[[Screen[Any]], bool]
    query: str = ""


def said(screen: Screen[Any], which: str) -> str:
    return str(screen.query_one(f"#export-{which}", Static).render())


def marked(main: MainScreen) -> bool:
    """Whether the timeline has rows that are the same as another."""
    assert main._answer is not None
    return any(row.same_as for row in main.session.rows(main._answer.window(0, 99)) if row)


STATES = [
    State(
        "export",
        ("ctrl+s",),
        lambda s: isinstance(s, ExportScreen) and s.formats.has_focus and "Carries everything" in said(s, "lost"),
    ),
    State(
        "export-acled",
        ("ctrl+s", "j", "j", "j", "j", "j"),
        lambda s: isinstance(s, ExportScreen) and "no ACLED id (the key stands for it): 45" in s.lost_words(),
    ),
    State(
        "export-name",
        ("ctrl+s", "j", "j", "j", "tab"),
        lambda s: isinstance(s, ExportScreen) and s.query_one("#export-name").has_focus,
        "type:drone-strike",
    ),
    State(
        "export-replace",
        ("ctrl+s", "j", "j", "j", "enter", "end", "ctrl+u", *"h", "enter"),
        lambda s: isinstance(s, ExportScreen) and said(s, "words") == "h exists. Replace it?",
    ),
    State(
        "export-done",
        ("ctrl+s", "j", "j", "j", "enter", "enter"),
        lambda s: isinstance(s, ExportScreen) and s.written is not None and "rows as csv" in said(s, "words"),
        "drone",
    ),
    State(
        "export-refused",
        ("ctrl+s", "enter", "end", "ctrl+u", *"n/a", "enter"),
        lambda s: isinstance(s, ExportScreen) and "cannot write n/a" in said(s, "words"),
    ),
    State(
        "doubles",
        ("M",),
        lambda s: isinstance(s, DoublesScreen) and len(s.list.pairs) == 13 and s.comparison.incidents is not None,
    ),
    State(
        "doubles-said",
        ("M", "s", "x", "r"),
        lambda s: isinstance(s, DoublesScreen) and s.list.verdicts == {0: "same_as", 1: "distinct", 2: "related"},
    ),
    State(
        "doubles-scrolled",
        ("M", "G", "space"),
        lambda s: isinstance(s, DoublesScreen) and s.list.cursor == 12,
    ),
    State(
        "doubles-none",
        ("M",),
        lambda s: isinstance(s, DoublesScreen) and s.found is not None and not s.list.pairs,
        "zeppelin",
    ),
    State(
        "doubles-marked", ("M", "s", "escape", "G", "p"), lambda s: isinstance(s, MainScreen) and marked(s), "actor:PKK"
    ),
]


@pytest.fixture(scope="module")
def doubled(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The seeds, and the rows of Iraq as two data sets."""
    path = Path(shutil.copyfile(template, tmp_path_factory.mktemp("doubled") / "doubled.db"))
    with Store.open(path, write=True) as store:
        for origin in ("one", "two"):
            import_file(store, DATA / "ged_iraq_hdx.csv", named("ucdp-ged"), Options(origin=origin))
    return path


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder to write to, with something precious in it."""
    folder = tmp_path / "out"
    folder.mkdir()
    (folder / "h").write_text("precious")
    monkeypatch.chdir(folder)


@at_each_size
@pytest.mark.parametrize("state", STATES, ids=lambda state: state.name)
@pytest.mark.usefixtures("folder")
def test_state(
    state: State, size: tuple[int, int], seeded: Path, doubled: Path, settle: Settle, snap_compare: Any
) -> None:
    if state.name.startswith("doubles"):
        shutil.copyfile(doubled, seeded)
    app = DatelineApp(seeded, state.query, live=False)

    async def quiet(pilot: Pilot[None]) -> None:
        await settle(pilot)
        screen = app.screen
        async with asyncio.timeout(20):
            while (isinstance(screen, ExportScreen) and (screen.under_way or not screen.counted)) or (
                isinstance(screen, DoublesScreen) and screen.under_way
            ):
                await asyncio.sleep(0.005)
                await pilot.pause()
        await settle(pilot)

    lead = led(app, quiet, state.keys, lambda: state.holds(app.screen))
    assert snap_compare(app, terminal_size=size, run_before=lead)


def test_no_two_pictures_are_alike() -> None:
    assert_no_two_alike(__file__, len(STATES) * len(SIZES))
