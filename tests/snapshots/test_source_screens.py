"""The source reader, the list of documents and the source card at three sizes: a picture, and what must be true of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from db import source_card
from tests.support.pictures import SIZES, assert_no_two_alike, at_each_size, led
from tests.support.pressing import Settle, main_of
from tests.support.source_story import GONE, MOVED, make
from tui.app import DatelineApp
from tui.screens.confirm import Confirm
from tui.screens.documents import DocumentsScreen
from tui.screens.reader import ReaderScreen
from tui.screens.source_card import CardScreen
from tui.settings import Settings
from tui.widgets.reader_view import ReaderView


def view(app: DatelineApp) -> ReaderView:
    assert isinstance(app.screen, ReaderScreen)
    return app.screen.view


@dataclass(frozen=True)
class State:
    """Keys that lead to a state from the incident that `query` finds, and what holds there."""

    name: str
    keys: tuple[str, ...]
    holds: Callable[[DatelineApp], bool]
    query: str = "pier"
    theme: str | None = None
    bundled: bool = False


STATES = [
    State("text", ("s", "g"), lambda app: view(app).page.source.key == "sol" and view(app).at == 1),
    State("moved", ("s",), lambda app: view(app).mark is not None and view(app).mark.exact == MOVED, query="marsh"),  # type: ignore[union-attr]
    State("gone", ("s", "n", "n"), lambda app: view(app).mark is not None and view(app).mark.exact == GONE, query="marsh"),  # type: ignore[union-attr]
    State("search", ("s", "/", *"on the"), lambda app: view(app).search is not None and len(view(app).search.starts) > 12),  # type: ignore[union-attr]
    State("excerpts", ("s", "right_curly_bracket"), lambda app: view(app).page.source.key == "luna" and view(app).mark is not None),
    State("filtered-out", ("s", "n", "N", "N", "enter"), lambda app: isinstance(app.screen, Confirm)),
    State("contrast", ("s", "n"), lambda app: app.theme == "high-contrast" and view(app).at == 2, theme="high-contrast"),
    State("bundled", ("s", "n"), lambda app: view(app).mark is not None and view(app).mark.fate == "unverified", "strike victory", bundled=True),  # type: ignore[union-attr]
    State("documents", ("S", "j"), lambda app: isinstance(app.screen, DocumentsScreen) and app.screen.list.cursor == 1),
    State("card", ("I",), lambda app: isinstance(app.screen, CardScreen) and len(app.screen.card.contradicted) == 2),
    State("card-rivals", ("I", "n", "n", "n", "n", "n"), lambda app: isinstance(app.screen, CardScreen) and app.screen.view.incident is not None),
    State("grade", ("I", "r"), lambda app: type(app.screen).__name__ == "PickOne"),
    State(
        "graded",
        ("I", "r", "k", "k", "k", "enter", *"why", "enter"),
        lambda app: isinstance(app.screen, CardScreen) and app.screen.card.document.reliability == "D",
    ),
]  # fmt: skip


@at_each_size
@pytest.mark.parametrize("state", STATES, ids=lambda state: state.name)
def test_state(
    state: State, size: tuple[int, int], tmp_path: Path, seeded: Path, settle: Settle, snap_compare: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr(source_card, "now", lambda: "2021-07-01T12:00:00+00:00")
    path = seeded if state.bundled else make(tmp_path / "harbour.db")
    app = DatelineApp(path, state.query, Settings(theme=state.theme), live=False)

    def one_is_found() -> None:
        assert main_of(app).timeline.rows == 1

    lead = led(app, settle, ("found", *state.keys), lambda: state.holds(app), {"found": one_is_found})
    assert snap_compare(app, terminal_size=size, run_before=lead)


def test_no_two_pictures_are_alike() -> None:
    assert_no_two_alike(__file__, len(STATES) * len(SIZES))
