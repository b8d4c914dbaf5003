"""Tags, notes, assessment, the log, and what others write, at three sizes: a picture, and what must be true of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, tzinfo
from pathlib import Path
from typing import Any

import pytest

from db import edit, read
from db.store import Store
from tests.support.pictures import SIZES, assert_no_two_alike, at_each_size, led
from tests.support.pressing import Settle, main_of
from tui.app import DatelineApp
from tui.screens.assess import AssessScreen
from tui.screens.confirm import Confirm
from tui.screens.log import LogScreen
from tui.screens.main import MainScreen
from tui.screens.note import NoteScreen
from tui.screens.show_lines import ShowLines
from tui.screens.tag import TagScreen

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
    with Store.open(seeded, write=True) as store:
        store.connection.execute("UPDATE log SET at = '2026-03-03T09:00:00.000+00:00'")
    query = "" if state.name in ("news", "paused", "removed", "ask") else "victory drones"
    app = DatelineApp(seeded, query, live=False)

    deeds: dict[str, Callable[[], object]] = {
        "poll": lambda: main_of(app).poll(),
        "others": lambda: others_write(seeded),
        "quiet": app.clear_notifications,
        "remove": lambda: seeded.rename(seeded.with_name("elsewhere")),
    }
    keys = ("others", *state.keys) if state.others else state.keys
    lead = led(app, settle, keys, lambda: state.holds(app, main_of(app)), deeds)
    assert snap_compare(app, terminal_size=size, run_before=lead)


def test_no_two_of_these_pictures_are_alike() -> None:
    assert_no_two_alike(__file__, len(STATES) * len(SIZES))
