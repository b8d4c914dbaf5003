"""A key that is quicker than the details of the incident under the cursor waits for them, and takes no others."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
from textual import events

from db.store import Store
from tests.support.pressing import Settle, opened, said
from tui.screens import main_base


@pytest.mark.parametrize("key", ["y", "C", "s"])
async def test_a_key_right_behind_one_that_fills_an_empty_timeline_finds_the_details(
    key: str, seeded: Path, settle: Settle
) -> None:
    async with opened(seeded, settle) as (app, main, press):
        await press("slash", *"zzqx", "enter")
        assert main.timeline.rows == 0 and main.detail.incident is None
        for one in ("backspace", key):
            app.post_message(events.Key(one, one if one == key else None))
        await press("f20")
        assert main.timeline.rows
        if key == "y":
            assert said(app)[-1].startswith("Offered the quote")
        else:
            assert app.screen is not main and said(app) == []


async def test_a_key_right_behind_another_store_takes_no_details_of_the_one_before(
    seeded: Path, tmp_path: Path, settle: Settle, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = tmp_path / "other.db"
    shutil.copyfile(seeded, other)
    with Store.open(other, write=True) as store:
        # Its log parts from that of the first store.
        with store.write("words of its own") as connection:
            connection.execute("UPDATE quote SET translation = 'other words'")
        store.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    with Store.open(seeded, write=True) as store, store.write("other words") as connection:
        connection.execute("UPDATE quote SET translation = 'words'")
    async with opened(seeded, settle, query="victory drones") as (app, main, press):
        match = main.timeline.match
        monkeypatch.setattr(main_base, "PATIENCE_S", 0.01)
        monkeypatch.setattr(app.session, "open", lambda _: None)  # they are still being read
        for side in ("-wal", "-shm"):
            Path(f"{seeded}{side}").unlink(missing_ok=True)
        os.replace(other, seeded)
        await press("f5", "y")
        assert main.timeline.match == match
        assert "This incident is still being read; try again in a moment." in said(app)
        assert not any("Offered" in words for words in said(app))
