"""Exporting from the timeline while others write, and an export that is stopped, quit or fails: no half of a file."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from pathlib import Path

import pytest

from db import exporting
from db.store import Store
from tests.support.export_dialog import NAMES, dialog, quiet, words
from tests.support.pressing import Settle
from tui.app import DatelineApp
from tui.screens.export import ExportScreen

pytestmark = pytest.mark.usefixtures("own_folder")


async def test_what_is_shown_is_written_though_others_write_meanwhile(
    seeded: Path, settle: Settle, own_folder: Path
) -> None:
    async with dialog(seeded, settle, "drone") as (_, screen, press):
        rows = len(screen._what.matches)
        with Store.open(seeded, write=True) as store, store.write("add") as connection:
            connection.execute("INSERT INTO incident (key, title) VALUES ('late', 'A drone that came late')")
        await press("enter", "enter")
    keys = [json.loads(line).get("incident", {}).get("key") for line in (own_folder / "iraq-drones-drone.jsonl").open()]
    assert "late" not in keys
    assert sum(key is not None for key in keys) == rows


async def test_esc_stops_what_is_being_written(
    seeded: Path, settle: Settle, own_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exporting, "TELL_EVERY", 1)
    monkeypatch.setattr("tui.screens.export.TOLD_EVERY_S", 0)
    app = DatelineApp(seeded, live=False)
    async with app.run_test(size=(100, 40)) as pilot:
        await settle(pilot)
        await pilot.press("ctrl+s")
        await settle(pilot)
        screen = app.screen
        assert isinstance(screen, ExportScreen)
        await quiet(pilot, screen)
        stopped = asyncio.Event()

        def stop(done: int) -> None:
            if not stopped.is_set():
                stopped.set()
                screen.action_close()

        monkeypatch.setattr(screen, "_progress", stop)
        # Slow enough that it is still at it when Esc comes.
        original = exporting._items

        def slow(*arguments: object) -> object:
            for item in original(*arguments):  # type: ignore[arg-type]
                yield item
                time.sleep(0.02)

        monkeypatch.setattr(exporting, "_items", slow)
        screen.formats.move(NAMES.index("csv"))
        screen._propose()
        await pilot.press("enter")
        await pilot.press("enter")
        async with asyncio.timeout(20):
            while not stopped.is_set():
                await pilot.pause()
        await quiet(pilot, screen)
        assert "Stopped; no file was written." in words(screen, "words")
        assert list(own_folder.iterdir()) == []
        await pilot.press("escape")
        await settle(pilot)
        assert app.screen is app.main


async def test_esc_does_not_wait_for_what_it_stops(
    seeded: Path, settle: Settle, own_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    at_it, go_on = threading.Event(), threading.Event()
    original = exporting._items

    def held(*arguments: object) -> object:
        """Hold in the middle of the first row, and go on no sooner than the keys have been answered."""
        for item in original(*arguments):  # type: ignore[arg-type]
            at_it.set()
            assert go_on.wait(20)
            yield item

    monkeypatch.setattr(exporting, "TELL_EVERY", 1)
    monkeypatch.setattr("tui.screens.export.TOLD_EVERY_S", 0)
    app = DatelineApp(seeded, live=False)
    async with app.run_test(size=(100, 40)) as pilot:
        await settle(pilot)
        await pilot.press("ctrl+s")
        await settle(pilot)
        screen = app.screen
        assert isinstance(screen, ExportScreen)
        await quiet(pilot, screen)
        monkeypatch.setattr(exporting, "_items", held)
        screen.formats.move(NAMES.index("csv"))
        screen._propose()
        await pilot.press("enter", "enter")
        assert await asyncio.to_thread(at_it.wait, 20)
        await pilot.press("escape")
        assert words(screen, "words") == "Stopping …" and screen.under_way and not go_on.is_set()
        go_on.set()
        await quiet(pilot, screen)
        assert words(screen, "words") == "Stopped; no file was written."
    assert list(own_folder.iterdir()) == []


async def test_quitting_in_the_middle_leaves_no_half_file(
    seeded: Path, settle: Settle, own_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    at_it = threading.Event()
    original = exporting._items

    def slow(*arguments: object) -> object:
        for item in original(*arguments):  # type: ignore[arg-type]
            at_it.set()
            time.sleep(0.02)
            yield item

    monkeypatch.setattr(exporting, "TELL_EVERY", 1)
    monkeypatch.setattr("tui.screens.export.TOLD_EVERY_S", 0)
    async with dialog(seeded, settle) as (app, screen, _):
        monkeypatch.setattr(exporting, "_items", slow)
        screen.formats.move(NAMES.index("csv"))
        screen._write(Path("out.csv"), replace=False)
        assert await asyncio.to_thread(at_it.wait, 20)
        assert len(list(own_folder.iterdir())) == 1
        app.exit()
    assert list(own_folder.iterdir()) == []


async def test_a_file_that_another_program_makes_meanwhile_is_not_replaced(
    seeded: Path, settle: Settle, own_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = own_folder / "iraq-drones.csv"
    original = exporting._items

    def beaten(*arguments: object) -> object:
        """Another program makes the file after the dialog has looked for it."""
        target.write_text("theirs")
        yield from original(*arguments)  # type: ignore[arg-type]

    async with dialog(seeded, settle) as (_, screen, press):
        monkeypatch.setattr(exporting, "_items", beaten)
        screen.formats.move(NAMES.index("csv"))
        screen._propose()
        await press("enter", "enter")
        assert "nothing was overwritten" in words(screen, "words")
        assert target.read_text() == "theirs" and list(own_folder.iterdir()) == [target]
        # Now it is there to be asked about.
        await press("enter")
        assert "Replace it?" in words(screen, "words")
        await press("y")
        assert target.read_text().startswith("key,")


async def test_a_mistake_in_the_thread_ends_the_program_and_not_in_silence(
    seeded: Path, settle: Settle, monkeypatch: pytest.MonkeyPatch
) -> None:
    raised: list[Exception] = []
    monkeypatch.setattr(DatelineApp, "_handle_exception", lambda self, error: raised.append(error))
    monkeypatch.setattr(threading, "excepthook", lambda arguments: None)

    def broken(*arguments: object, **named: object) -> None:
        raise NotImplementedError("no such thing")

    async with dialog(seeded, settle) as (_, screen, _press):
        monkeypatch.setattr(exporting, "export", broken)
        screen._write(Path("out.csv"), replace=False)
        async with asyncio.timeout(20):
            while not raised:
                await asyncio.sleep(0.005)
    assert [repr(error) for error in raised] == ["NotImplementedError('no such thing')"]
