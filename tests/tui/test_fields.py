"""Lines to type in and the note's text: what is pasted and cut by key, and what becomes of the clipboard."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from textual.widgets import TextArea

from db import edit, read
from db.store import Store
from tests.support.pressing import Press, Settle, key_by_key, said
from tui.app import DatelineApp
from tui.screens import note
from tui.widgets.field import Field

VICTORY = "victory-drones-2021-06-21"


@asynccontextmanager
async def opened(
    path: Path, settle: Settle, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[tuple[DatelineApp, list[str], Press]]:
    """The timeline, and what reaches the terminal's clipboard."""
    copied: list[str] = []
    async with key_by_key(path, settle, (80, 24), "victory drones") as (app, _, press):
        write = app._driver.write  # type: ignore[union-attr]

        def noted(data: str) -> None:
            if data.startswith("\x1b]52;"):
                copied.append(data)
            write(data)

        monkeypatch.setattr(app._driver, "write", noted)
        yield app, copied, press


@pytest.mark.parametrize(
    "opens", [("slash",), ("number_sign",), ("at",), ("V", "s")], ids=["query", "tag", "date", "view"]
)
async def test_a_line_takes_the_first_line_of_what_was_copied(
    opens: tuple[str, ...], seeded: Path, settle: Settle, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with opened(seeded, settle, monkeypatch) as (app, _, press):
        await press(*opens)
        field = app.focused
        assert isinstance(field, Field)
        field.value = ""
        app._clipboard = "one line\nand another"
        await press("ctrl+v")
        assert field.value == "one line"
        app._clipboard = "a" * 2_000_000
        await press("ctrl+v")
        assert field.value == "one line"
        assert said(app)[-1] == "Too long to paste here: 2,000,000 characters."


async def test_nothing_selected_is_nothing_cut(seeded: Path, settle: Settle, monkeypatch: pytest.MonkeyPatch) -> None:
    async with opened(seeded, settle, monkeypatch) as (app, copied, press):
        app._clipboard = "mine"
        await press("slash", "end", "ctrl+x")
        assert isinstance(app.focused, Field) and app.focused.value == "victory drones"
        await press("escape", "escape", "a", "w", "o", "ctrl+x")
        assert isinstance(app.focused, TextArea) and app.focused.text == "wo"
        assert (app.clipboard, copied) == ("mine", [])
        await press("shift+home", "ctrl+x")
        assert app.focused.text == "" and app.clipboard == "wo"
        assert len(copied) == 1


async def test_a_note_of_very_many_lines_is_neither_pasted_nor_edited(
    seeded: Path, settle: Settle, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(note, "MOST_LINES", 50)
    with Store.open(seeded, write=True) as store:
        edit.add_note(store, read.incident_id(store.connection, VICTORY), "a\n" * 51)
    async with opened(seeded, settle, monkeypatch) as (app, _, press):
        await press("a")
        app._clipboard = "a\n" * 50
        await press("ctrl+v")
        assert isinstance(app.focused, TextArea) and app.focused.text == "a\n" * 50
        app._clipboard = "a\n" * 51
        await press("ctrl+v")
        assert app.focused.text == "a\n" * 50
        assert said(app)[-1] == "Too long to paste here: 51 lines."
        await press("tab", "enter")
        assert said(app)[-1] == "This note has 51 lines, too long to be edited here."
