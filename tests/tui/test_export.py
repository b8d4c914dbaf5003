"""Exporting from the timeline: the dialog, what it says is lost, and a file equal to the command line's byte for byte."""

from __future__ import annotations

import csv
import io
import os
import sqlite3
from contextlib import closing, redirect_stdout
from pathlib import Path

import pytest
from textual.widgets import Input

import main as door
from db import exporting
from db.engine import open_engine
from db.query import parse
from db.store import Store
from tests.support.export_dialog import NAMES, choose, dialog, words
from tests.support.pressing import Settle
from tui.app import DatelineApp

pytestmark = pytest.mark.usefixtures("own_folder")


async def test_a_file_is_what_the_command_line_writes(seeded: Path, settle: Settle, own_folder: Path) -> None:
    query = "date:2021-04..2021-06"
    async with dialog(seeded, settle, query) as (_, screen, press):
        field = screen.query_one("#export-name", Input)
        for name in NAMES:
            if name == "sqlite":
                continue
            assert door.run(["export", query, "--as", name, "-o", "by-command", "--store", str(seeded)]) == 0
            await choose(screen, press, name)
            field.value = f"by-dialog-{name}"
            await press("enter", "enter")
            assert screen.written is not None
            assert f"by-dialog-{name}: {screen.written.rows} rows as {name}" in words(screen, "words")
            written = (own_folder / f"by-dialog-{name}").read_bytes()
            assert written == (own_folder / "by-command").read_bytes(), name
            assert len(written) > 300


async def test_a_name_is_proposed_from_store_and_query(seeded: Path, settle: Settle, own_folder: Path) -> None:
    async with dialog(seeded, settle, "type:drone-strike -is:disputed") as (_, screen, press):
        await choose(screen, press, "csv")
        await press("enter", "enter")
    assert (own_folder / "iraq-drones-type-drone-strike-is-disputed.csv").exists()


async def test_a_copy_is_what_the_command_line_makes(seeded: Path, settle: Settle, own_folder: Path) -> None:
    assert door.run(["export", "drone", "--as", "sqlite", "-o", "by-command.db", "--store", str(seeded)]) == 0
    async with dialog(seeded, settle, "drone") as (_, screen, press):
        await choose(screen, press, "sqlite")
        assert "with the documents' texts" in words(screen, "lost")
        await press("t")
        assert "without the documents' texts" in words(screen, "lost")
        await press("t", "enter", "enter")
        assert (own_folder / "iraq-drones-drone.db").exists()
        # A copy never takes the place of a file.
        await press("enter", "enter")
        assert "never overwritten" in words(screen, "words")

    def content(path: Path) -> list[str]:
        with closing(sqlite3.connect(path)) as connection:
            told = ('INSERT INTO "log"', 'INSERT INTO "_sqlite_migrations"')
            return [line for line in connection.iterdump() if not line.startswith(told)]

    assert content(own_folder / "iraq-drones-drone.db") == content(own_folder / "by-command.db")


async def test_what_the_query_no_longer_finds_is_left_out(seeded: Path, settle: Settle, own_folder: Path) -> None:
    """SQLite gives the number of an incident that is gone to the next one."""
    with closing(sqlite3.connect(seeded)) as another, another:
        another.execute("INSERT INTO incident (key, title) VALUES ('aaa', 'zeppelin over the drone park')")
    async with dialog(seeded, settle, "drone") as (_, screen, press):
        await choose(screen, press, "csv")
        rows = len(screen._what.matches)
        with closing(sqlite3.connect(seeded)) as another, another:
            another.execute("DELETE FROM incident WHERE key = 'aaa'")
            another.execute("INSERT INTO incident (key, title) VALUES ('zzz', 'a balloon')")
        await press("enter", "enter")
        assert f"{rows - 1} rows as csv, 1 left out" in words(screen, "words")
    keys = {row["key"] for row in csv.DictReader((own_folder / "iraq-drones-drone.csv").open(encoding="utf-8"))}
    assert len(keys) == rows - 1 and not keys & {"aaa", "zzz"}


@pytest.mark.parametrize("query", ["", "zeppelin"])
async def test_an_incident_that_was_not_shown_is_left_out_whatever_its_number(
    query: str, seeded: Path, settle: Settle, own_folder: Path
) -> None:
    """It has the number of one that was shown, and the query finds it too."""
    with closing(sqlite3.connect(seeded)) as another, another:
        another.executemany(
            "INSERT INTO incident (key, title) VALUES (?, 'a zeppelin')", [(f"shown-{n}",) for n in range(3)]
        )
    async with dialog(seeded, settle, query) as (_, screen, press):
        await choose(screen, press, "csv")
        rows = len(screen._what.matches)
        with closing(sqlite3.connect(seeded)) as another, another:
            another.execute("DELETE FROM incident WHERE key = 'shown-2'")
            another.execute("INSERT INTO incident (key, title) VALUES ('not-shown', 'a zeppelin')")
            another.execute("UPDATE incident SET title = 'one more zeppelin' WHERE key = 'shown-0'")
        await press("enter", "enter")
        assert f"{rows - 1} row{'s' * (rows > 2)} as csv, 1 left out" in words(screen, "words")
    (written,) = own_folder.glob("*.csv")
    keys = [row["key"] for row in csv.DictReader(written.open(encoding="utf-8"))]
    assert len(keys) == rows - 1 and [key for key in keys if "shown" in key] == ["shown-0", "shown-1"]


async def test_what_is_lost_is_said_before_as_it_is_after(seeded: Path, settle: Settle) -> None:
    with Store.open(seeded) as store:
        what = exporting.shown(open_engine(store).answer(parse("")))
    async with dialog(seeded, settle) as (_, screen, press):
        for form in exporting.WRITTEN:
            await choose(screen, press, form.name)
            if form.lossless:
                assert "Carries everything" in screen.lost_words()
                continue
            with Store.open(seeded) as store, redirect_stdout(io.StringIO()):
                after = exporting.loss_words(exporting.export(store, what, form, None).losses)
            assert screen.lost_words() == (
                f"Cannot carry everything: {after}." if after else "Nothing found that it cannot carry."
            )
        assert screen.formats.losses["timelinejs"]["rival claims"] == 2


async def test_it_asks_before_a_file_is_replaced(seeded: Path, settle: Settle, own_folder: Path) -> None:
    (own_folder / "m").write_text("precious")
    async with dialog(seeded, settle, "drone") as (_, screen, press):
        await choose(screen, press, "csv")
        await press("enter", "end", "ctrl+u", *"m", "enter")
        assert "m exists. Replace it?" in words(screen, "words")
        await press("n")
        assert (own_folder / "m").read_text() == "precious"
        assert screen.query_one("#export-name").has_focus
        await press("enter", "y")
        assert screen.written is not None
    rows = list(csv.DictReader((own_folder / "m").open(encoding="utf-8", newline="")))
    assert len(rows) == screen.written.rows > 5


async def test_a_name_that_was_typed_stays_when_the_format_changes(seeded: Path, settle: Settle) -> None:
    async with dialog(seeded, settle) as (_, screen, press):
        name = screen.query_one("#export-name", Input)
        assert name.value == "iraq-drones.jsonl"
        await choose(screen, press, "csv")
        assert name.value == "iraq-drones.csv"
        await press("tab", "end", "ctrl+u", *"own", "tab", "j")
        assert screen.formats.chosen.name == "ucdp-ged"
        assert name.value == "own"


async def test_a_place_that_cannot_be_written_is_said_and_the_store_is_never_the_target(
    seeded: Path, settle: Settle, own_folder: Path
) -> None:
    before = seeded.read_bytes()
    async with dialog(seeded, settle) as (app, screen, press):
        name = screen.query_one("#export-name", Input)
        await press("enter")
        name.value = "no/such/folder/out.jsonl"
        await press("enter")
        assert "cannot write no/such/folder/out.jsonl" in words(screen, "words")
        await press("enter") if not name.has_focus else None
        name.value = str(seeded)
        await press("enter", "y")
        assert "is the store itself" in words(screen, "words")
        await press("enter") if not name.has_focus else None
        name.value = f"{seeded}-journal"
        await press("enter")
        assert "is where SQLite keeps a part of" in words(screen, "words")
        name.value = "  "
        await press("enter") if not name.has_focus else None
        await press("enter")
        assert "Give the file a name." in words(screen, "words")
        await press("escape")
        assert app.screen is app.main
    assert seeded.read_bytes() == before
    assert list(own_folder.iterdir()) == []


async def test_no_file_is_written_to_the_terminal(seeded: Path, settle: Settle) -> None:
    master, slave = os.openpty()
    try:
        async with dialog(seeded, settle) as (_, screen, press):
            await press("enter")
            screen.query_one("#export-name", Input).value = os.ttyname(slave)
            await press("enter")
            assert "is a terminal" in words(screen, "words")
            assert screen.written is None
    finally:
        os.close(slave)
        os.close(master)


async def test_nothing_shown_is_nothing_to_export(seeded: Path, settle: Settle) -> None:
    app = DatelineApp(seeded, "zeppelin", live=False)
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await pilot.press("ctrl+s")
        await settle(pilot)
        assert app.screen is app.main
        assert [n.message for n in app._notifications] == ["Nothing is shown that could be exported."]


async def test_the_question_goes_with_the_name_that_it_was_about(
    seeded: Path, settle: Settle, own_folder: Path
) -> None:
    (own_folder / "there.jsonl").write_text("mine", encoding="utf-8")
    async with dialog(seeded, settle) as (_, screen, press):
        screen.query_one("#export-name", Input).value = "there.jsonl"
        await press("enter", "enter")
        assert "there.jsonl exists. Replace it?" in words(screen, "words")
        await press("tab", "end", "x", "tab", "y")
        assert "exists" not in words(screen, "words")
        assert [path.name for path in own_folder.iterdir()] == ["there.jsonl"]
        assert (own_folder / "there.jsonl").read_text(encoding="utf-8") == "mine"
