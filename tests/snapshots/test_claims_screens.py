"""Claims, numbers and citations at three sizes: a picture, and what must be true of it whatever it looks like."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from textual.widgets import Input

from tests.support.pictures import SIZES, assert_no_two_alike, at_each_size, led
from tests.support.pressing import Settle
from tui.app import DatelineApp
from tui.screens.ask_line import AskLine
from tui.screens.cite import CiteScreen
from tui.screens.claims import ClaimsScreen
from tui.screens.explain import ExplainScreen
from tui.screens.show_lines import ShowLines
from tui.settings import Settings


@dataclass(frozen=True)
class State:
    """A query and keys that lead to a state, and what holds there."""

    name: str
    query: str
    keys: tuple[str, ...]
    holds: Callable[[DatelineApp], bool]
    theme: str | None = None


def picked(app: DatelineApp) -> list[str]:
    """The speakers of the picked claims under the matrix's cursor."""
    screen = app.screen
    assert isinstance(screen, ClaimsScreen) and screen.grid.field is not None
    return [told.speaker for told in screen.grid.field.told if told.picked]


def label(app: DatelineApp) -> tuple[str, int]:
    assert isinstance(app.screen, ExplainScreen)
    return app.screen.told.label, app.screen.told.count


def facet_count(app: DatelineApp) -> tuple[str, int]:
    """The facet's value under the cursor, as an explanation calls it, with the count beside it."""
    entry = app.main.facets.current if app.main else None
    assert entry is not None and entry.count is not None and entry.count.certain > 0
    return f"{entry.facet} {entry.count.value}", entry.count.certain + entry.count.possible


def at(app: DatelineApp) -> tuple[str, str]:
    """Field and speaker under the matrix's cursor."""
    screen = app.screen
    assert isinstance(screen, ClaimsScreen) and screen.grid.field is not None and screen.grid.speaker is not None
    return screen.grid.field.name, screen.grid.speaker.name


def stances(app: DatelineApp) -> dict[str, str]:
    """Who is not silent on the field under the cursor, and how they stand to it."""
    screen = app.screen
    assert isinstance(screen, ClaimsScreen) and screen.grid.field is not None
    return {name: cell.stance for name, cell in screen.grid.field.cells.items()}


STATES = [
    State("asad-weapon", "damages", ("c", "e", "l"), lambda app: at(app) == ("weapon", "Press TV")),
    State("victory-date", "victory", ("c",), lambda app: picked(app) == ["The Jerusalem Post"]),
    State(
        "silence-and-denial",
        "colleague",
        ("c", "j", "j", "l"),
        lambda app: [*stances(app).values()] == ["denies"] and at(app)[1] not in stances(app),
    ),
    State(
        "quotes",
        "victory",
        ("c", "enter"),
        lambda app: isinstance(app.screen, ShowLines) and app.screen.view.line_count > 5,
    ),
    State(
        "reason",
        "victory",
        ("c", "p", *"it was first"),
        lambda app: isinstance(app.screen, AskLine) and app.screen.query_one("#ask", Input).value == "it was first",
    ),
    State(
        "picked",
        "victory",
        ("c", "p", *"it was first", "enter"),
        lambda app: picked(app) == ["Sabereen News"],
        theme="high-contrast",
    ),
    State("why-facet", "type:drone-strike", ("f", "j", "K"), lambda app: label(app) == facet_count(app)),
    State("why-possible", "date:2021-04-12..2021-04-16", ("K",), lambda app: label(app) == ("possible", 5)),
    State("why-roots", "victory", ("enter", "K"), lambda app: label(app) == ("root speakers", 2)),
    State(
        "cite-incident",
        "hangar at Erbil",
        ("C", "tab", "tab"),
        lambda app: isinstance(app.screen, CiteScreen) and "[2.1]" in app.screen.text,
    ),
    State(
        "cite-bibtex",
        "hangar at Erbil",
        ("C", "tab", "tab", "l", "l"),
        lambda app: isinstance(app.screen, CiteScreen) and app.screen.text.count("@misc") == 2,
    ),
]


def with_a_denial(path: Path) -> None:
    """An incident with a denial, a refusal to say, a claim set aside and one without a quote."""
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.executescript("""
            INSERT INTO incident (key, title, event_type, date_edtf) VALUES ('c', 'A colleague is heard', 'attack', '2021');
            INSERT INTO actor (key, name) VALUES ('col', 'A colleague');
            INSERT INTO quote (incident_id, document_id, exact) SELECT i.id, d.id, x.w FROM incident AS i, document AS d,
                (SELECT 'not a drone, no' AS w UNION ALL SELECT 'no comment') AS x WHERE i.key = 'c' AND d.id = 1;
            INSERT INTO attribution (quote_id, step, actor_id, verb)
                SELECT q.id, 1, a.id, 'said' FROM quote AS q, actor AS a WHERE q.exact = 'not a drone, no' AND a.key = 'col';
            INSERT INTO claim (incident_id, quote_id, field, value, polarity)
                SELECT incident_id, id, 'weapon', 'drone', 'denies' FROM quote WHERE exact = 'not a drone, no';
            INSERT INTO claim (incident_id, quote_id, field, value, polarity)
                SELECT incident_id, id, 'attacker', NULL, 'declines' FROM quote WHERE exact = 'no comment';
            INSERT INTO claim (incident_id, quote_id, field, value, rank)
                SELECT incident_id, id, 'date', '2020', 'deprecated' FROM quote WHERE exact = 'not a drone, no';
            INSERT INTO claim (incident_id, field, value) SELECT id, 'motive', 'none known' FROM incident WHERE key = 'c';
        """)


@at_each_size
@pytest.mark.parametrize("state", STATES, ids=lambda state: state.name)
def test_claims_state(state: State, size: tuple[int, int], seeded: Path, settle: Settle, snap_compare: Any) -> None:
    if state.query == "colleague":
        with_a_denial(seeded)
    app = DatelineApp(seeded, state.query, Settings(theme=state.theme), live=False)

    lead = led(app, settle, state.keys, lambda: state.holds(app))
    assert snap_compare(app, terminal_size=size, run_before=lead)


def test_no_two_pictures_of_claims_are_alike() -> None:
    assert_no_two_alike(__file__, len(STATES) * len(SIZES))
