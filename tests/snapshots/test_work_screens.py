"""Tags, notes, assessment, the log, and what others write, at three sizes: a picture, and what must be true of it."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, tzinfo
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from db import edit, read
from db.store import Store
from tui.app import DatelineApp
from tui.screens.assess import AssessScreen
from tui.screens.confirm import Confirm
from tui.screens.log import LogScreen
from tui.screens.main import MainScreen
from tui.screens.note import NoteScreen
from tui.screens.show_lines import ShowLines
from tui.screens.tag import TagScreen

Settle = Callable[[Pilot[None]], Awaitable[None]]
SIZES = [(80, 24), (120, 40), (60, 16)]
VICTORY = "victory-drones-2021-06-21"


class Noon(datetime):
    """A clock that stands still, so that pictures with moments in them stay alike."""

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> Noon:
        return cls(2026, 3, 4, 12, 0, 0, 123000, tz)


@dataclass(frozen=True)
class State:
    """Keys that lead to a state ("'" types what follows, "poll" looks for others' writes), and what holds there."""

    name: str
    keys: tuple[str, ...]
    holds: Callable[[DatelineApp, MainScreen], bool]
    others: bool = False
    """Whether another connection writes before the keys."""


def others_write(path: Path) -> None:
    with Store.open(path, write=True) as store:
        edit.tag(store, read.incident_id(store.connection, VICTORY), ["seen"])
        with store.write("more", who="somebody") as connection:
            connection.execute(
                "INSERT INTO incident (key, title, event_type, date_edtf, date_earliest, date_latest, date_prec) VALUES"
                " ('depot', 'Fire at a depot', 'explosion', '2021-06-19', '2021-06-19', '2021-06-19', 1)"
            )


def screen(app: DatelineApp, kind: type) -> Any:
    assert isinstance(app.screen, kind), app.screen
    return app.screen


STATES = [
    State("tags", ("number_sign", "'night"), lambda app, main: screen(app, TagScreen).tags.current.name == "night"),
    State(
        "tags-given",
        ("number_sign", "'night", "enter", "'raid", "enter", "down"),
        lambda app, main: [tag.own for tag in screen(app, TagScreen).tags.shown][:2] == [True, True],
    ),
    State(
        "note",
        ("a", "'seen by two,", "enter", "'says the mayor"),
        lambda app, main: screen(app, NoteScreen).text.text == "seen by two,\nsays the mayor",
    ),
    State("notes", ("a", "'first", "ctrl+s", "a", "tab"), lambda app, main: screen(app, NoteScreen).notes.has_focus),
    State("assess", ("A", "t", "5"), lambda app, main: screen(app, AssessScreen).options.chosen["credibility"] == 5),
    State(
        "marked",
        ("a", "'a word", "ctrl+s", "number_sign", "'x", "enter", "escape", "A", "f", "enter", "enter"),
        lambda app, main: main.detail.incident is not None and main.detail.incident.grade == "fair",
    ),
    State(
        "log",
        ("m", "A", "x", "enter", "ctrl+z", "quiet", "m", "W", "j"),
        lambda app, main: [one.entry.undone for one in screen(app, LogScreen).log_list.listed] == [False] * 2 + [True, False, False],
    ),
    State("log-rows", ("A", "x", "1", "enter", "W", "enter"), lambda app, main: screen(app, ShowLines).view.line_count > 4),
    State("ask", ("ctrl+z",), lambda app, main: screen(app, Confirm) is not None),
    State("news", ("poll", "w"), lambda app, main: "+1 incident" in main._news_marks.words and main.timeline.cursor > 0, True),
    State("paused", ("equals_sign", "others", "poll"), lambda app, main: ("paused, +1 incident, 1 changed waiting" if main.size.width > 76 else "paused, +1 *1 waiting") in main.header.text),
    State("removed", ("remove", "poll"), lambda app, main: "removed" in main.header.text),
]  # fmt: skip


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
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
    with Store.open(seeded, write=True) as store:
        store.connection.execute("UPDATE log SET at = '2026-03-03T09:00:00.000+00:00'")
    query = "" if state.name in ("news", "paused", "removed", "ask") else "victory drones"
    app = DatelineApp(seeded, query, live=False)

    async def lead(pilot: Pilot[None]) -> None:
        await settle(pilot)
        main = app.main
        assert main is not None
        if state.others:
            others_write(seeded)
        for key in state.keys:
            if key == "poll":
                main.poll()
            elif key == "others":
                others_write(seeded)
            elif key == "quiet":
                app.clear_notifications()
            elif key == "remove":
                seeded.rename(seeded.with_name("elsewhere"))
            elif key.startswith("'"):
                await pilot.press(*({" ": "space", ",": "comma"}.get(letter, letter) for letter in key[1:]))
            else:
                await pilot.press(key)
            await settle(pilot)
        assert state.holds(app, main), (state.name, app.screen, main.header.text)
        app.clear_notifications()
        await settle(pilot)

    assert snap_compare(app, terminal_size=size, run_before=lead)


def test_no_two_of_these_pictures_are_alike() -> None:
    folder = Path(__file__).parent / "__snapshots__" / "test_work_screens"
    seen: dict[str, str] = {}
    files = sorted(folder.glob("*.raw")) + sorted(folder.glob("*.svg"))
    assert len(files) == len(STATES) * len(SIZES)
    for file in files:
        text = re.sub(r"terminal-\d+", "terminal", file.read_text(encoding="utf-8"))
        assert text not in seen, f"{file.name} shows the same as {seen[text]}"
        seen[text] = file.name
