"""Live reload: what a second process writes shows, is marked, waits while paused, and moves nothing."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from db import edit
from db.backup import backup
from db.restore import restore
from db.store import Store
from tests.support.pressing import Settle, key_by_key, key_of, said
from tui.screens.main import MainScreen

ROOT = Path(__file__).parents[2]
NEW = """
INSERT INTO incident (key, title, event_type, date_edtf) VALUES
    ('depot-fire', 'Fire at a depot', 'explosion', '2021-05-09'), ('far-fire', 'Fire far away', 'explosion', '2019-01-02');
"""


def dateline(store: Path, *words: str | Path) -> None:
    """Run a command in a process of its own."""
    subprocess.run([sys.executable, ROOT / "main.py", *words, "--store", store], check=True, capture_output=True)


def glyphs(main: MainScreen) -> dict[str, str]:
    """Key → mark of the rows of the timeline that have one."""
    assert main._answer is not None
    rows = main.session.rows(main._answer.window(0, main.timeline.rows))
    found = {row.key: main._news_marks.glyph(row.id) for row in rows if row is not None}
    return {key: glyph for key, glyph in found.items() if glyph}


@pytest.fixture
def new(tmp_path: Path) -> Path:
    path = tmp_path / "new.sql"
    path.write_text(NEW)
    return path


async def test_what_another_process_writes_is_counted_and_marked(seeded: Path, settle: Settle, new: Path) -> None:
    async with key_by_key(seeded, settle) as (_, main, press):
        await press("G", "k", "k", "k")
        here, rows = key_of(main), main.timeline.rows
        height = main.timeline.cursor * 2 - main.timeline.scroll_y
        dateline(seeded, "seed", new)
        dateline(seeded, "tag", "victory-drones-2021-06-21", "x")
        await press("poll")
        assert main.timeline.rows == rows + 2
        assert key_of(main) == here
        assert main.timeline.cursor * 2 - main.timeline.scroll_y == height
        assert "+2 incidents, 1 changed · live" in main.header.text
        assert glyphs(main) == {"depot-fire": "+", "far-fire": "+", "victory-drones-2021-06-21": "*"}
        painted = ["".join(run for run, _ in main.timeline.line(y)) for y in range(main.timeline.line_count)]
        assert next(line for line in painted if "Fire at a depot" in line)[9] == "+"


async def test_marks_go_when_the_cursor_has_passed(seeded: Path, settle: Settle, new: Path) -> None:
    async with key_by_key(seeded, settle) as (app, main, press):
        dateline(seeded, "seed", new)
        dateline(seeded, "star", "victory-drones-2021-06-21")
        await press("poll", "w")
        assert key_of(main) == "far-fire" and len(glyphs(main)) == 3
        await press("w")
        assert key_of(main) == "depot-fire" and "far-fire" not in glyphs(main)
        assert "+1 incident, 1 changed" in main.header.text
        await press("w", "w")
        assert said(app)[-1] == "No other row here is new."
        assert key_of(main) == "victory-drones-2021-06-21"
        await press("k")
        assert glyphs(main) == {} and "incident," not in main.header.text
        await press("w")
        assert said(app)[-1] == "Nothing is marked as new."


async def test_a_key_takes_all_marks_away(seeded: Path, settle: Settle, new: Path) -> None:
    async with key_by_key(seeded, settle) as (app, main, press):
        dateline(seeded, "seed", new)
        await press("poll", "!")
        assert glyphs(main) == {} and "+2" not in main.header.text
        await press("!")
        assert said(app)[-1] == "Nothing is marked as new."


async def test_a_filter_and_its_place_stay(seeded: Path, settle: Settle, new: Path) -> None:
    async with key_by_key(seeded, settle, query="type:drone-strike") as (app, main, press):
        await press("j", "j")
        here, rows = key_of(main), main.timeline.rows
        dateline(seeded, "seed", new)
        await press("poll")
        assert (key_of(main), main.timeline.rows, main._query.text) == (here, rows, "type:drone-strike")
        assert "+2 incidents" in main.header.text
        await press("w")
        assert said(app)[-1] == "No other row here is new; \\ shows what the filter leaves out."
        await press("backslash", "w")
        assert key_of(main) == "depot-fire"


async def test_ones_own_writes_are_not_marked(seeded: Path, settle: Settle) -> None:
    async with key_by_key(seeded, settle) as (_, main, press):
        await press("m", "poll", "ctrl+z", "poll")
        assert glyphs(main) == {} and main._news_marks.words == ""
        dateline(seeded, "star", "victory-drones-2021-06-21")
        await press("m")
        assert glyphs(main) == {"victory-drones-2021-06-21": "*"}


@pytest.mark.parametrize("keys", [("m",), ("V", "s", "w", "enter")])
async def test_dates_that_ones_own_write_fills_in_are_not_marked(
    keys: tuple[str, ...], seeded: Path, settle: Settle
) -> None:
    with closing(sqlite3.connect(seeded)) as connection, connection:
        connection.execute("UPDATE incident SET date_prec = NULL WHERE id < 4 AND date_edtf IS NOT NULL")
    async with key_by_key(seeded, settle) as (_, main, press):
        await press(*keys, "poll")
        assert glyphs(main) == {} and main._news_marks.words == ""
    with closing(sqlite3.connect(seeded)) as connection:
        unsettled = "SELECT count(*) FROM incident WHERE date_prec IS NULL AND date_edtf IS NOT NULL"
        assert connection.execute(unsettled).fetchone() == (0,)


async def test_paused_says_how_much_waits_and_shows_it_on_demand(seeded: Path, settle: Settle, new: Path) -> None:
    async with key_by_key(seeded, settle) as (app, main, press):
        rows = main.timeline.rows
        await press("=")
        assert main.header.text.rstrip().endswith("paused")
        dateline(seeded, "seed", new)
        await press("poll")
        assert main.timeline.rows == rows and "paused, +2 incidents waiting" in main.header.text
        dateline(seeded, "star", "victory-drones-2021-06-21")
        await press("poll")
        assert "paused, +2 incidents, 1 changed waiting" in main.header.text
        await press("f5")
        assert main.timeline.rows == rows + 2 and "waiting" not in main.header.text and "paused" in main.header.text
        assert said(app)[-1] == "Read the store anew: +2 incidents, 1 changed."
        dateline(seeded, "unstar", "victory-drones-2021-06-21")
        await press("poll")
        assert "1 changed waiting" in main.header.text
        await press("=")
        assert main.header.text.rstrip().endswith("· live") and main.timeline.rows == rows + 2


async def test_the_opened_details_follow(seeded: Path, settle: Settle) -> None:
    async with key_by_key(seeded, settle, query="victory drones") as (_, main, press):
        await press("enter")
        dateline(seeded, "note", key_of(main), "from elsewhere")
        await press("poll")
        assert main.detail.incident is not None
        assert [note.text for note in main.detail.incident.notes] == ["from elsewhere"]
        assert main.detail.has_focus


async def test_incidents_that_go_are_counted(seeded: Path, settle: Settle, new: Path) -> None:
    dateline(seeded, "seed", new)
    async with key_by_key(seeded, settle) as (_, main, press):
        rows = main.timeline.rows
        dateline(seeded, "undo")
        await press("poll")
        assert main.timeline.rows == rows - 2 and "2 gone" in main.header.text


async def test_a_number_that_is_given_out_again_is_new_again(seeded: Path, settle: Settle, new: Path) -> None:
    async with key_by_key(seeded, settle) as (_, main, press):
        dateline(seeded, "seed", new)
        await press("poll", "w", "w")
        assert "+1 incident ·" in main.header.text
        dateline(seeded, "undo")
        await press("poll")
        assert "· 2 gone ·" in main.header.text and main._news_marks.left == 0
        dateline(seeded, "redo")
        await press("poll")
        assert glyphs(main) == {"depot-fire": "+", "far-fire": "+"} and "+2 incidents" in main.header.text


async def test_a_removed_store_is_said_and_what_was_read_stays(seeded: Path, settle: Settle) -> None:
    async with key_by_key(seeded, settle) as (app, main, press):
        rows = main.timeline.rows
        kept = seeded.with_name("kept.db")
        os.rename(seeded, kept)
        await press("poll")
        assert "was removed while it was open" in said(app)[-1] and "removed" in main.header.text
        await press("G", "k", "j", "f5")
        assert main.timeline.rows == rows and "no store at" in said(app)[-1]
        await press("m")
        assert "nothing was written" in said(app)[-1]
        os.rename(kept, seeded)
        await press("poll")
        assert "removed" not in main.header.text


async def test_a_replaced_store_is_read_on_demand(seeded: Path, settle: Settle, tmp_path: Path, new: Path) -> None:
    other = tmp_path / "other.db"
    shutil.copyfile(seeded, other)
    dateline(other, "seed", new)
    with Store.open(other, write=True) as store:
        store.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    async with key_by_key(seeded, settle) as (app, main, press):
        rows = main.timeline.rows
        os.replace(other, seeded)
        await press("poll")
        assert "was replaced by another file" in said(app)[-1] and "replaced, F5 reads it" in main.header.text
        assert main.timeline.rows == rows
        await press("m")
        assert "nothing was written" in said(app)[-1]
        await press("f5")
        assert main.timeline.rows == rows + 2 and "live" in main.header.text
        assert said(app)[-1] == "Read the file that stands there now."
        await press("m")
        with Store.open(seeded) as store:
            assert store.connection.execute("SELECT count(*) FROM star").fetchone() == (1,)
        dateline(seeded, "tag", "depot-fire", "x")
        await press("poll")
        assert glyphs(main) == {"depot-fire": "*"}


async def test_a_restore_shows_like_any_change(seeded: Path, settle: Settle, tmp_path: Path, new: Path) -> None:
    with Store.open(seeded) as store:
        backup(store, tmp_path / "b.db")
    dateline(seeded, "seed", new)
    async with key_by_key(seeded, settle) as (app, main, press):
        rows = main.timeline.rows
        restore(seeded, tmp_path / "b.db")
        await press("poll")
        assert main.timeline.rows == rows - 2 and main.session.lost is None and said(app) == []


async def test_many_writers_at_once_lose_nothing(seeded: Path, settle: Settle) -> None:
    async with key_by_key(seeded, settle) as (app, _, press):
        code = (
            "import sys; sys.path.insert(0, sys.argv[1])\n"
            "from pathlib import Path; from db import edit; from db.store import Store\n"
            "for n in range(10):\n"
            "    with Store.open(Path(sys.argv[2]), write=True) as store: edit.add_note(store, int(sys.argv[3]), f'n{n}')\n"
        )
        writers = [
            subprocess.Popen([sys.executable, "-c", code, str(ROOT), str(seeded), str(i)], stderr=subprocess.PIPE)
            for i in (1, 2, 3)
        ]
        while any(writer.poll() is None for writer in writers):
            await press("m", "poll")
        assert [writer.communicate()[1] for writer in writers] == [b""] * 3
        await press("poll")
        assert said(app) == []
        with Store.open(seeded, write=True) as store:
            assert store.connection.execute("SELECT count(*) FROM note").fetchone() == (30,)
            edit.star(store, 1, False)
