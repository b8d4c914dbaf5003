"""What another program writes appears in every screen over the timeline, and no cursor leaves what it was on."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, closing
from pathlib import Path

import pytest

from db import edit
from db.formats.record import Options
from db.formats.registry import named
from db.importing import import_file
from db.store import Store
from tests.support.pressing import Press, Settle, main_of, on_top, opened, said
from tui.app import DatelineApp
from tui.screens.claims import ClaimsScreen
from tui.screens.documents import DocumentsScreen
from tui.screens.doubles import DoublesScreen
from tui.screens.explain import ExplainScreen
from tui.screens.ledger import BehindScreen, LedgerScreen
from tui.screens.log import LogScreen
from tui.screens.reader import ReaderScreen
from tui.screens.source_card import CardScreen
from tui.screens.tag import TagScreen

Write = Callable[[str], Awaitable[None]]


@asynccontextmanager
async def over(
    path: Path, settle: Settle, *keys: str, size: tuple[int, int] = (120, 40), query: str = ""
) -> AsyncIterator[tuple[DatelineApp, Press, Write]]:
    """The screen that some keys open, a way to press keys, and another program that writes SQL and is noticed."""
    async with opened(path, settle, size, query) as (app, main, press):
        await press(*keys)

        async def write(sql: str) -> None:
            with closing(sqlite3.connect(path)) as connection:
                connection.executescript(sql)
            main.poll()
            await press("f20")  # no key of any scope: waits as after one

        yield app, press, write


def starred(path: Path, first: int, count: int) -> None:
    with Store.open(path, write=True) as store:
        for number in range(first, first + count):
            edit.star(store, number, True)


def log_of(app: DatelineApp) -> LogScreen:
    assert isinstance(app.screen, LogScreen)
    return app.screen


async def test_the_log_shows_what_another_writes_and_its_cursor_keeps_its_row(seeded: Path, settle: Settle) -> None:
    starred(seeded, 1, 30)
    async with over(seeded, settle, "W", size=(80, 24)) as (app, press, write):
        view = log_of(app).log_list
        assert view.current is not None
        newest = view.current.entry.id
        starred(seeded, 31, 2)
        await write("")
        assert [one.entry.id for one in view.listed[:3]] == [newest + 2, newest + 1, newest]
        assert view.current.entry.id == newest and view.scroll_y == 0, "and what is new is in sight"
        await press("pagedown", "pagedown")
        stood, height = view.current, view.cursor - view.scroll_y
        starred(seeded, 33, 3)
        await write("")
        assert (view.current.entry.id, view.cursor - view.scroll_y) == (stood.entry.id, height) and view.scroll_y
        await press("u")
        assert view.current.entry.id == stood.entry.id and view.current.entry.undone
        assert view.listed[0].entry.what.startswith(f"undo {stood.entry.id}")


async def test_what_the_log_has_read_meanwhile_is_not_taken_away(seeded: Path, settle: Settle) -> None:
    starred(seeded, 1, 40)
    async with over(seeded, settle, "W") as (app, press, _):
        screen = log_of(app)
        lines, view = len(screen.log_list.listed), screen.log_list
        whole = list(view.listed)
        view.listed, view.whole = whole[:10], False
        view.recount()
        screen.store_changed()
        view.listed, view.cursor = whole, 30  # a page came before the answer
        stood = view.current
        await press("f20")
        assert stood is not None and view.current is not None and view.current.entry.id == stood.entry.id
        assert len(view.listed) == lines


BEFORE = """
INSERT INTO actor (key, name) VALUES ('aaa', 'Aaa');
INSERT INTO quote (incident_id, document_id, exact)
    SELECT i.id, 1, 'so it was' FROM incident AS i WHERE i.key = 'victory-drones-2021-06-21';
INSERT INTO attribution (quote_id, step, actor_id, verb)
    SELECT q.id, 1, a.id, 'said' FROM quote AS q, actor AS a WHERE q.exact = 'so it was' AND a.key = 'aaa';
INSERT INTO claim (incident_id, quote_id, field, value)
    SELECT incident_id, id, f.column1, 'x' FROM quote, (VALUES ('event_type'), ('damage'), ('motive'), ('aim'),
        ('number'), ('speed'), ('height'), ('sound'), ('colour')) AS f WHERE exact = 'so it was';
"""
"""A speaker with more to say than any, whose column is the first, and a field above all others."""


async def test_the_claims_follow_and_the_cursor_keeps_its_claim(seeded: Path, settle: Settle) -> None:
    async with over(seeded, settle, "c", "l", query="victory") as (app, press, write):
        grid = on_top(app, ClaimsScreen).grid
        while grid.told is None:
            await press("j")
        claim, speaker, column = grid.told.claim.id, grid.speaker, grid._column
        await write(BEFORE)
        assert grid.matrix is not None and grid.matrix.speakers[0].name == "Aaa"
        assert grid.told.claim.id == claim and grid.speaker is not None and speaker is not None
        assert grid.speaker.name == speaker.name and grid._column == column + 1
        await write("DELETE FROM incident WHERE key = 'victory-drones-2021-06-21';")
        assert app.screen is app.main and "gone from the store" in said(app)[-1]


EARLIER = "INSERT INTO incident (key, title, event_type, date_edtf) VALUES ('first', 'First', 'attack', '1900-01-01');"


async def test_an_explanation_counts_anew_and_keeps_its_row(seeded: Path, settle: Settle) -> None:
    async with over(seeded, settle, "K", "j", "j") as (app, press, write):
        screen = on_top(app, ExplainScreen)
        count, match = screen.told.count, screen.rows.match
        assert match is not None and screen.rows.cursor == 2
        await write(EARLIER)
        assert screen.told.count == count + 1
        now = screen.rows.match
        assert now is not None and (now.id, screen.rows.cursor) == (match.id, 3)
        await press("g")
        await write("DELETE FROM incident WHERE key = 'first';")
        assert (screen.told.count, screen.rows.cursor) == (count, 0)


async def test_the_numbers_of_an_incident_follow(seeded: Path, settle: Settle) -> None:
    async with over(seeded, settle, "tab", "K", query="victory drones") as (app, press, write):
        screen = on_top(app, ExplainScreen)
        await press("l", "j")
        count, item = screen.told.count, screen.told.items[screen.rows.cursor]
        assert screen.told.label == "quotes" and screen.rows.cursor == 1
        await write(BEFORE)
        assert (screen.told.label, screen.told.count) == ("quotes", count + 1)
        assert screen.told.items[screen.rows.cursor] == item
        await write("DELETE FROM incident WHERE key = 'victory-drones-2021-06-21';")
        assert app.screen is app.main


async def test_the_numbers_of_a_what_if_follow(seeded: Path, settle: Settle) -> None:
    async with over(seeded, settle, "X", *"2021-06-22", "enter", "K") as (app, _, write):
        screen = on_top(app, ExplainScreen)
        assert (screen.told.label, screen.told.count) == ("vanish", 5)
        await write(
            EARLIER + "INSERT INTO quote (incident_id, document_id, exact) SELECT i.id, d.id, 'so it was'"
            " FROM incident AS i, document AS d WHERE i.key = 'first' AND d.key = 'jpost-2021-06-22';"
        )
        assert (screen.told.label, screen.told.count) == ("vanish", 6)


async def test_the_facets_cursor_stays_on_a_value_that_is_shown_in_another_spelling(
    seeded: Path, settle: Settle
) -> None:
    with closing(sqlite3.connect(seeded)) as connection, connection:
        connection.execute(
            "UPDATE incident SET event_type = 'Night Raid' WHERE id IN (SELECT id FROM incident LIMIT 2)"
        )
        connection.execute("UPDATE incident SET event_type = 'night-raid', kind = 'incident' WHERE id = 9")
        connection.execute("UPDATE incident SET kind = 'incident' WHERE event_type = 'Night Raid'")
    async with over(seeded, settle, "f") as (app, press, write):
        facets = main_of(app).facets
        while facets.current is None or facets.current.count is None or facets.current.count.value != "Night Raid":
            await press("j")
        await write("UPDATE incident SET event_type = 'night-raid' WHERE event_type = 'Night Raid';")
        assert facets.current is not None and facets.current.count is not None
        assert (facets.current.count.value, facets.current.count.certain) == ("night-raid", 3)
        await press("space")
        assert main_of(app).bar.text == "type:night-raid"


@pytest.mark.parametrize("keys", [("c",), ("tab", "K"), ("r",)], ids=["claims", "numbers", "roots"])
async def test_an_incident_whose_number_another_has_got_is_gone(
    keys: tuple[str, ...], seeded: Path, settle: Settle
) -> None:
    async with over(seeded, settle, *keys, query="victory drones") as (app, _, write):
        assert app.screen is not app.main
        await write(
            "CREATE TEMP TABLE was AS SELECT id FROM incident WHERE key = 'victory-drones-2021-06-21';"
            "DELETE FROM incident WHERE id = (SELECT id FROM was);"
            "INSERT INTO incident (id, key, title) SELECT id, 'another', 'Another' FROM was;"
            "INSERT INTO quote (incident_id, document_id, exact) SELECT was.id, d.id, 'other words' FROM was, document AS d;"
            "INSERT INTO claim (incident_id, field, value) SELECT id, 'killed', '3' FROM was;"
        )
        assert app.screen is app.main
        assert "This incident is gone from the store." in said(app)


SWAP = """
CREATE TEMP TABLE was AS SELECT id FROM document WHERE key = 'old-paper';
DELETE FROM document WHERE key = 'old-paper';
INSERT INTO document (id, key, title) SELECT id, 'new-paper', 'New paper' FROM was;
"""


@pytest.fixture
def papers(seeded: Path) -> Path:
    """A store with a document that nothing quotes, first in the list by its title."""
    with closing(sqlite3.connect(seeded)) as connection, connection:
        connection.execute("INSERT INTO document (key, title) VALUES ('old-paper', 'Old paper')")
    return seeded


def to_paper(app: DatelineApp) -> None:
    screen = app.screen
    assert isinstance(screen, DocumentsScreen)
    at = [one.document.key for one in screen.list.listed].index("old-paper")
    screen.list.move(at - screen.list.cursor)


@pytest.mark.parametrize("key", ["I", "enter"], ids=["card", "reader"])
async def test_a_document_whose_number_another_has_got_is_gone(key: str, papers: Path, settle: Settle) -> None:
    async with over(papers, settle, "S") as (app, press, write):
        documents = app.screen
        to_paper(app)
        await press(key)
        assert isinstance(app.screen, CardScreen if key == "I" else ReaderScreen)
        await write(SWAP)
        assert app.screen is documents
        assert said(app) == ["This document is gone from the store."]


@pytest.mark.parametrize("key", ["I", "enter"], ids=["card", "reader"])
async def test_a_key_opens_no_other_document_that_has_got_the_number(key: str, papers: Path, settle: Settle) -> None:
    async with over(papers, settle, "S") as (app, press, _):
        documents = app.screen
        to_paper(app)
        with closing(sqlite3.connect(papers)) as connection:
            connection.executescript(SWAP)
        await press(key)  # the list has not heard of it yet
        assert app.screen is documents
        assert said(app) == ["This document is gone from the store."]


async def behind_most(app: DatelineApp, press: Press) -> BehindScreen:
    ledger = app.screen
    assert isinstance(ledger, LedgerScreen)
    most = max(ledger.view.systems, key=lambda system: len(system.uses))
    await press(*["j"] * ledger.view.systems.index(most), "enter")
    assert isinstance(app.screen, BehindScreen)
    return app.screen


async def test_the_incidents_behind_a_number_of_the_ledger_follow(seeded: Path, settle: Settle) -> None:
    async with over(seeded, settle, "L") as (app, press, write):
        ledger, box = app.screen, await behind_most(app, press)
        assert box.view.choices > 1
        await press("j")
        first, second = (use.incident for use in box.view._uses[:2])
        assert box.view.use.incident == second
        await write(f"DELETE FROM incident WHERE key = '{first}';")
        assert app.screen is box and box.view.use.incident == second
        assert first not in [use.incident for use in box.view._uses]
        assert len(box.view._made.uses) == box.view.choices
        await write(f"DELETE FROM incident WHERE key IN {tuple(use.incident for use in box.view._uses) * 2};")
        assert app.screen is ledger
        assert said(app) == ["No incident is behind this number any more."]


@pytest.mark.parametrize("query", ["", "kind:incident"])
async def test_an_incident_that_is_gone_is_not_taken_for_filtered_out(
    query: str, seeded: Path, settle: Settle, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with over(seeded, settle, "L", query=query) as (app, press, write):
        ledger, box = app.screen, await behind_most(app, press)
        main = main_of(app)
        gone = box.view.use
        monkeypatch.setattr(ledger, "store_changed", lambda: None)  # its answer is still to come
        await write(
            f"DELETE FROM incident WHERE key = '{gone.incident}';"
            f"INSERT INTO incident (id, key, kind, title) VALUES ({gone.incident_id}, 'another', 'context', 'Another');"
            if query
            else f"DELETE FROM incident WHERE key = '{gone.incident}';"
        )
        await press("enter")
        assert app.screen is ledger and main._suspended is None
        assert said(app)[-1] == "This incident is gone from the store."


async def test_the_tags_offered_are_those_that_the_store_has_by_now(seeded: Path, settle: Settle) -> None:
    with Store.open(seeded, write=True) as store:
        edit.tag(store, 1, ["cold", "hot"])
    async with over(seeded, settle, "number_sign", "h", "o") as (app, press, write):
        assert isinstance(app.screen, TagScreen)
        assert [tag.name for tag in app.screen.tags.shown] == ["ho", "hot"]
        await press("backspace", "backspace", "down")
        assert app.screen.tags.current is not None and app.screen.tags.current.name == "hot"
        await write("UPDATE tag SET name = 'warm' WHERE name = 'cold'; DELETE FROM incident_tag WHERE tag_id = 1")
        assert [tag.name for tag in app.screen.tags.shown] == ["hot"]
        assert app.screen.tags.current.name == "hot"


async def test_the_tag_dialog_closes_when_another_incident_has_its_number(seeded: Path, settle: Settle) -> None:
    async with over(seeded, settle, "G", "#") as (app, _, write):
        assert isinstance(app.screen, TagScreen)
        shown = app.screen._incident_id
        await write(
            f"PRAGMA foreign_keys = ON; DELETE FROM incident WHERE id = {shown};"
            f"INSERT INTO incident (id, key, title) VALUES ({shown}, 'other', 'Other')"
        )
        assert app.screen_stack[-1] is app.main and said(app)[-1] == "This incident is gone from the store."


@pytest.mark.parametrize(("keys", "step"), [(("g", "j", "j"), 0), (("G",), -1)])
async def test_the_cursor_goes_to_the_next_row_when_its_own_is_deleted(
    seeded: Path, settle: Settle, keys: tuple[str, ...], step: int
) -> None:
    async with over(seeded, settle, *keys) as (app, _, write):
        timeline = main_of(app).timeline
        at, gone = timeline.cursor, timeline.match
        assert gone is not None and at > 0
        await write(f"PRAGMA foreign_keys = ON; DELETE FROM incident WHERE id = {gone.id}")
        assert timeline.cursor == at + step


async def pairs_of(app: DatelineApp, press: Press) -> DoublesScreen:
    """The screen of doubles when it has found its pairs."""
    screen = app.screen
    assert isinstance(screen, DoublesScreen)
    async with asyncio.timeout(20):
        while screen.under_way:
            await asyncio.sleep(0.005)
            await press("f20")
    await press("f20")
    return screen


@pytest.fixture
def twice(seeded: Path) -> Path:
    """The seeds, and some rows as two data sets."""
    file = Path(__file__).resolve().parents[1] / "data" / "ged_iraq_hdx.csv"
    with Store.open(seeded, write=True) as store:
        for origin in ("one", "two"):
            import_file(store, file, named("ucdp-ged"), Options(origin=origin))
    return seeded


async def test_a_word_on_doubles_that_another_takes_back_is_shown_no_more(twice: Path, settle: Settle) -> None:
    async with over(twice, settle, "M") as (app, press, write):
        screen = await pairs_of(app, press)
        await press("s", "x")
        assert screen.list.verdicts == {0: "same_as", 1: "distinct"}
        await write("DELETE FROM incident_link WHERE id = (SELECT max(id) FROM incident_link)")
        assert screen.list.verdicts == {1: "distinct"}
        await press("u", "u")
        assert screen.list.verdicts == {} and said(app)[-1] == "Nothing said here yet that could be taken back."
        await press("g", "s")
        assert screen.list.verdicts == {0: "same_as"}


async def test_doubles_of_which_one_is_gone_are_marked_and_f5_looks_anew(twice: Path, settle: Settle) -> None:
    async with over(twice, settle, "M") as (app, press, write):
        screen = await pairs_of(app, press)
        gone, many = screen.list.pairs[0], len(screen.list.pairs)
        await write(f"DELETE FROM incident WHERE id = {gone.first.id}")
        marked = {at for at, pair in enumerate(screen.list.pairs) if gone.first.id in (pair.first.id, pair.second.id)}
        assert screen.list.gone == marked and len(screen.list.pairs) == many
        assert " gone " in "".join(text for text, _ in screen.list.line(0))
        assert screen.comparison.incidents is None
        await press("f5")
        screen = await pairs_of(app, press)
        assert (len(screen.list.pairs), screen.list.gone) == (many - len(marked), frozenset())
