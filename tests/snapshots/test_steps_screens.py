"""What is asked before much is undone, a what-if's numbers, a note that goes on, another store: at three sizes."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from db import edit, read
from db.store import Store
from tests.snapshots.test_work_screens import Noon, screen
from tests.support.pictures import SIZES, assert_no_two_alike, at_each_size, led
from tests.support.pressing import Settle, main_of
from tui.app import DatelineApp
from tui.screens.confirm import Confirm
from tui.screens.explain import ExplainScreen
from tui.screens.log import LogScreen
from tui.screens.main import MainScreen
from tui.screens.note import NoteScreen


@dataclass(frozen=True)
class State:
    """Keys that lead to a state ("'" types what follows, "replace" puts another store there), and what holds there."""

    name: str
    keys: tuple[str, ...]
    holds: Callable[[DatelineApp, MainScreen], bool]
    said: bool = False
    """Whether what was said belongs to the picture."""


STATES = [
    State(
        "log-asks",
        ("m", "W", "G", "u"),
        lambda app, main: screen(app, Confirm).TITLE_TEXT.startswith("Undo 45 incidents (") and isinstance(app.screen_stack[-2], LogScreen),
    ),
    State(
        "what-if-why",
        ("X", "'2021-06-22", "enter", "K"),
        lambda app, main: [told.label for told in screen(app, ExplainScreen)._told][:3] == ["vanish", "single-source", "change"],
    ),
    State(
        "note-goes-on",
        ("a", "tab", "enter", "'more", "tab", "x"),
        lambda app, main: screen(app, NoteScreen).text.text == "twomore" and len(screen(app, NoteScreen).notes.notes) == 1,
        said=True,
    ),
    State(
        "other-store",
        ("a", "'draft", "escape", "X", "'2021-06-22", "enter", "quiet", "replace", "f5"),
        lambda app, main: app.screen_stack[-1] is main and main.difference is None,
        said=True,
    ),
]  # fmt: skip


def another(seeded: Path) -> Path:
    """A store with the same incidents and a history of its own."""
    path = seeded.with_name("another.db")
    shutil.copyfile(seeded, path)
    with Store.open(path, write=True) as store:
        store.connection.execute("UPDATE log SET hash = 'of another'")
        store.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return path


@at_each_size
@pytest.mark.parametrize("state", STATES, ids=lambda state: state.name)
def test_state(
    state: State,
    size: tuple[int, int],
    seeded: Path,
    settle: Settle,
    snap_compare: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("db.log.datetime", Noon)
    monkeypatch.setattr("db.edit.datetime", Noon)
    other = another(seeded)
    with Store.open(seeded, write=True) as store:
        store.connection.execute("UPDATE log SET at = '2026-03-03T09:00:00.000+00:00'")
        for text in ("one", "two"):
            edit.add_note(store, read.incident_id(store.connection, "victory-drones-2021-06-21"), text)
    app = DatelineApp(seeded, "" if state.name == "what-if-why" else "victory drones", live=False)

    deeds: dict[str, Callable[[], object]] = {
        "quiet": app.clear_notifications,
        "replace": lambda: os.replace(other, seeded),
    }
    lead = led(app, settle, state.keys, lambda: state.holds(app, main_of(app)), deeds, said=state.said)
    assert snap_compare(app, terminal_size=size, run_before=lead)


def test_no_two_of_these_pictures_are_alike() -> None:
    assert_no_two_alike(__file__, len(STATES) * len(SIZES))
