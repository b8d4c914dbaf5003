"""What a person does with claims, numbers and citations, key by key."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from rich.cells import cell_len

from db import cite
from db.store import Store
from tests.support.pressing import Settle, on_top, opened, said, text_of
from tests.support.witnesses import crowd
from tui.app import DatelineApp
from tui.screens.ask_line import AskLine
from tui.screens.claims import ClaimsScreen
from tui.screens.show_lines import ShowLines

VICTORY = "victory-drones-2021-06-21"


def screen_of(app: DatelineApp) -> object:
    """The screen on top, as mypy cannot narrow it."""
    return app.screen


async def test_drone_against_rockets_with_who_and_through_whom(seeded: Path, settle: Settle) -> None:
    async with opened(seeded, settle, query="damages") as (app, _, press):
        await press("c", "e")
        screen = on_top(app, ClaimsScreen)
        field = screen.grid.field
        assert field is not None and field.name == "weapon"
        text = text_of(screen.grid)
        for word in (
            "≠ Drone",
            "≠ Rocket",
            "≠ Explosives-laden",
            "rival: Press TV",
            "rival: 3 others",
            "✓ picked",
            "· silent",
        ):
            assert word in text, word
        await press("l")
        assert screen.grid.speaker is not None and screen.grid.speaker.name == "Press TV"
        strip = text_of(screen._strip)
        assert "failed to intercept the rockets" in " ".join(strip.split())
        assert "Press TV ← The Jerusalem Post, Sat 8 May 2021" in strip
        await press("enter")
        assert isinstance(app.screen, ShowLines)
        whole = text_of(app.screen.view)
        assert "characters 2722 to 2853" in " ".join(whole.split())
        await press("enter")
        assert screen_of(app) is screen
        await press("escape")
        assert screen_of(app) is app.main


async def test_monday_against_tuesday_through_press_tv(seeded: Path, settle: Settle) -> None:
    async with opened(seeded, settle, (80, 24), query="victory") as (app, _, press):
        await press("c")
        screen = on_top(app, ClaimsScreen)
        assert "≠ Tue 22 Jun 2021" in text_of(screen.grid)
        assert "≠ Mon 21 Jun 2021" in text_of(screen.grid)
        assert "via Press TV in" in text_of(screen._head)
        assert "Sabereen News ← Press TV ← The Jerusalem Post" in text_of(screen._strip)


async def test_a_pick_is_changed_with_a_reason_and_shown_at_once(seeded: Path, settle: Settle) -> None:
    async with opened(seeded, settle, query="victory") as (app, main, press):
        await press("c", "p")
        assert isinstance(app.screen, AskLine)
        await press("enter")
        assert isinstance(app.screen, AskLine)
        assert "Type something" in str(app.screen.query_one("#ask-hint").render())
        await press(*"the channel was first", "enter")
        screen = on_top(app, ClaimsScreen)
        told = screen.grid.told
        assert told is not None
        assert (told.words, told.picked, told.claim.rank) == ("Tue 22 Jun 2021", True, "preferred")
        assert "picked by tester: the channel was first" in " ".join(text_of(screen._strip).split())
        with Store.open(seeded) as store:
            what, edtf = (
                store.connection.execute("SELECT what FROM log ORDER BY id DESC").fetchone()[0],
                store.connection.execute("SELECT date_edtf FROM incident WHERE key = ?", (VICTORY,)).fetchone()[0],
            )
        assert what == f"pick date 2021-06-22 of {VICTORY}: the channel was first"
        assert edtf == "2021-06-22"
        await press("p")
        assert "already" in said(app)[-1]
        await press("escape")
        row = main.timeline.row
        assert row is not None and row.date_edtf == "2021-06-22"
        assert main.detail.incident is not None and main.detail.incident.date_edtf == "2021-06-22"


async def test_leaving_the_reason_changes_nothing(seeded: Path, settle: Settle) -> None:
    async with opened(seeded, settle, query="victory") as (app, _, press):
        with Store.open(seeded) as store:
            before = list(store.connection.iterdump())
        await press("c", "p", *"no", "escape")
        on_top(app, ClaimsScreen)
        with Store.open(seeded) as store:
            assert list(store.connection.iterdump()) == before


async def test_silence_and_denials_cannot_be_picked(seeded: Path, settle: Settle) -> None:
    with closing(sqlite3.connect(seeded)) as connection, connection:
        connection.execute(
            "INSERT INTO claim (incident_id, quote_id, field, value, polarity)"
            " SELECT incident_id, id, 'weapon', 'drone', 'denies' FROM quote WHERE exact LIKE 'Tehran is likely%'"
        )
    async with opened(seeded, settle, query="victory") as (app, _, press):
        await press("c", "j", "l", "p")
        assert on_top(app, ClaimsScreen).grid.told is None
        assert "Nobody says anything" in said(app)[-1]
        await press("y")
        assert "No quote here" in said(app)[-1]
        await press("j", "j", "p")
        told = on_top(app, ClaimsScreen).grid.told
        assert told is not None and told.standing == "denies"
        assert "gives no value" in said(app)[-1]
        assert "¬ Drone" in text_of(on_top(app, ClaimsScreen).grid)


async def test_quotes_are_copied_from_the_matrix(seeded: Path, settle: Settle) -> None:
    async with opened(seeded, settle, query="victory") as (app, _, press):
        await press("c", "y")
        told = on_top(app, ClaimsScreen).grid.told
        assert told is not None and told.quote is not None and told.document is not None
        assert app.clipboard == told.quote.exact
        await press("Y")
        assert app.clipboard == cite.footnote(told.quote, told.document)
        assert "Offered" in said(app)[-1]


@pytest.mark.parametrize("size", [(200, 50), (80, 24), (60, 16), (14, 5)])
async def test_forty_speakers_scroll_by_whole_columns(size: tuple[int, int], seeded: Path, settle: Settle) -> None:
    crowd(seeded, 40)
    async with opened(seeded, settle, size, "victory") as (app, _, press):
        await press("c")
        screen = on_top(app, ClaimsScreen)
        grid = screen.grid
        assert grid.matrix is not None and len(grid.matrix.speakers) == 42
        await press("l")
        seen = []
        for column in range(42):  # the key's own action, without a frame for each of them
            assert grid._column == max(1, column)
            assert grid._column in grid.spread.columns
            seen.append(grid.speaker.name if grid.speaker else "")
            if column:
                screen.action_right()
        assert seen[1:] == [speaker.name for speaker in grid.matrix.speakers][1:]
        assert grid._column == 41
        await press("l")
        where = grid.spread
        assert where.names + where.shown * where.width <= max(grid.text_width, where.names + 4)
        for y in range(grid.line_count):
            assert sum(cell_len(text) for text, _ in grid.line(y)) <= max(grid.text_width, where.names + 4)
        # The name of the field stays beside whichever columns are in sight.
        assert "".join(text for text, _ in grid.line(0)).strip().startswith("Date"[: where.names - 2])
        if size[0] >= 60:
            assert f"◂ {where.first}" in text_of(screen._head)
        await press("0")
        assert grid._column == 0
        await press("dollar_sign", "G")
        top = round(grid.scroll_y)
        assert top <= grid._row * 2 < top + max(2, grid.size.height)


async def test_a_cell_with_several_claims_is_walked(seeded: Path, settle: Settle) -> None:
    with closing(sqlite3.connect(seeded)) as connection, connection:
        connection.execute(
            "INSERT INTO claim (incident_id, quote_id, field, value)"
            " SELECT incident_id, id, 'date', '2021-06-23' FROM quote WHERE exact LIKE 'two fixed-wing%'"
        )
    async with opened(seeded, settle, query="victory") as (app, _, press):
        await press("c")
        grid = on_top(app, ClaimsScreen).grid
        assert grid.told is not None and grid.told.words == "Tue 22 Jun 2021"
        await press("j")
        assert grid.told.words == "Wed 23 Jun 2021"
        assert "rival to itself" in " ".join(text_of(on_top(app, ClaimsScreen)._strip).split())
        await press("j")
        assert grid.field is not None and grid.field.name == "place"
        await press("k", "l")
        # The other speaker has one date only: the cursor is on it, not on an empty line.
        assert grid.told is not None and grid.told.words == "Mon 21 Jun 2021"


async def test_an_incident_without_claims_and_an_empty_store(tmp_path: Path, settle: Settle) -> None:
    path = tmp_path / "empty.db"
    with Store.create(path) as store, store.write("add") as connection:
        connection.execute("INSERT INTO incident (key, title) VALUES ('bare', 'Nothing said')")
    async with opened(path, settle) as (app, _, press):
        await press("c")
        assert "Nobody's claims" in text_of(on_top(app, ClaimsScreen).grid)
        await press("j", "l", "e", "enter", "p", "y", "G", "0", "dollar_sign", "escape")
        await press("C")
        assert "No document here" in said(app)[-1]
        await press("K", "l", "l", "escape")
        assert screen_of(app) is app.main
        with Store.open(path, write=True) as store, store.write("remove") as connection:
            connection.execute("DELETE FROM incident")
        await press("f5", "c", "K", "enter")


async def test_an_incident_that_goes_while_its_claims_are_read(seeded: Path, settle: Settle) -> None:
    async with opened(seeded, settle, query="victory") as (app, main, press):
        await press("c")
        with Store.open(seeded, write=True) as store, store.write("remove") as connection:
            connection.execute("DELETE FROM incident WHERE key = ?", (VICTORY,))
        await press("f5")
        assert screen_of(app) is main
        assert "gone" in said(app)[-1]


async def test_hostile_claims_are_drawn_without_controls(seeded: Path, settle: Settle) -> None:
    with closing(sqlite3.connect(seeded)) as connection, connection:
        connection.execute(
            "INSERT INTO claim (incident_id, field, value) SELECT id, ?, ? FROM incident WHERE key = ?",
            ("[/b]\x1b[2J", "[@click=app.quit]\x1b]52;c;eA==\x07\u202e", VICTORY),
        )
        connection.execute("UPDATE document SET publisher = '[/bad]' || char(27) || '[2J'")
    async with opened(seeded, settle, query="victory") as (app, _, press):
        await press("c", "G", "dollar_sign")
        text = (
            text_of(on_top(app, ClaimsScreen).grid)
            + text_of(on_top(app, ClaimsScreen)._head)
            + text_of(on_top(app, ClaimsScreen)._strip)
        )
        assert "\x1b" not in text and "\u202e" not in text and "\x07" not in text
        await press(
            "enter", "escape", "escape", "C", "tab", "tab", "l", "l", "l", "escape", "K", "l", "l", "l", "l", "escape"
        )
        assert app.is_running


# -- why a number ---------------------------------------------------------------------------------------------------


# -- citations ------------------------------------------------------------------------------------------------------
