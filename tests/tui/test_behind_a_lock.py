"""What a person does while another program holds the store's lock, and what must come of it when the lock is given up."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
from textual.widgets import Input

from db import edit, views
from db.claims import Told
from db.store import Store
from db.views import View
from tests.support.pressing import Settle, opened, said
from tui.drafts import Reason, Reasons
from tui.screens.claims import ClaimsScreen
from tui.screens.confirm import Confirm
from tui.screens.note import NoteScreen
from tui.screens.tag import TagScreen
from tui.session import Session
from tui.write_queue import Typed


@contextmanager
def locked(path: Path, how: str = "IMMEDIATE") -> Iterator[None]:
    """Another program writes to the store."""
    with closing(sqlite3.connect(path, isolation_level=None, timeout=10)) as another:
        another.execute(f"BEGIN {how}")
        yield
        another.execute("ROLLBACK")


async def until(holds: Callable[[], object], seconds: float = 5) -> None:
    async with asyncio.timeout(seconds):
        while not holds():
            await asyncio.sleep(0.005)


async def test_rows_that_cannot_be_read_are_not_gone_and_come_by_themselves(seeded: Path, settle: Settle) -> None:
    """Without a write-ahead log a writer keeps readers out, too: a backup is such a store."""
    with closing(sqlite3.connect(seeded)) as connection:
        assert connection.execute("PRAGMA journal_mode = DELETE").fetchone() == ("delete",)
    async with opened(seeded, settle, size=(80, 12)) as (app, main, press):
        main.session.forget_rows()
        with locked(seeded, "EXCLUSIVE"):
            started = asyncio.get_running_loop().time()
            main.timeline.go_to(main.timeline.rows - 1)
            assert asyncio.get_running_loop().time() - started < 2, "a key waits for the lock"
            line = main.timeline.line((main.timeline.rows - 1) * (1 if main.timeline.compact else 2))
            assert ("(not read yet)", "dim") in line
            await until(lambda: any("rows wait to be read" in text for text in said(app)))
        await until(lambda: main.timeline.row is not None)
        await press("k")
        assert not any("gone" in text for text in said(app))


async def test_a_note_begun_while_another_waits_is_kept(seeded: Path, settle: Settle) -> None:
    async with opened(seeded, settle) as (app, main, press):
        with locked(seeded):
            for key in ("a", *"first", "ctrl+s"):
                await press(key) if key == "a" else await type_one(app, key)
            await until(lambda: app.screen is main)
            await type_one(app, "a")
            await until(lambda: app.screen is not main and app.screen.query("#note-text"))
            assert app.screen.query_one("#note-text").text == "", "what is on its way is no draft"  # type: ignore[attr-defined]
            for key in "second":
                await type_one(app, key)
            await type_one(app, "escape")
            await until(lambda: app.screen is main)
        await press("a")
        assert app.screen.query_one("#note-text").text == "second"  # type: ignore[attr-defined]
        await press("ctrl+s")
    with Store.open(seeded) as store:
        assert [t for (t,) in store.connection.execute("SELECT text FROM note ORDER BY id")] == ["first", "second"]


async def type_one(app: object, key: str) -> None:
    """A key without waiting for what it asks for: that waits for the lock."""
    await app._press_keys([key])  # type: ignore[attr-defined]


async def test_a_note_that_was_refused_is_a_draft_again(
    seeded: Path, settle: Settle, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("db.store.BUSY_MS", 100)
    async with opened(seeded, settle) as (app, _, press):
        with locked(seeded):
            await press("a", *"first", "ctrl+s")
            assert "locked" in said(app)[-1]
        await press("a")
        assert app.screen.query_one("#note-text").text == "first"  # type: ignore[attr-defined]


async def test_a_note_that_is_refused_while_its_dialog_opens_stands_in_that(
    seeded: Path, settle: Settle, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Any] = []
    monkeypatch.setattr(Session, "write", lambda self, work, **said: asked.append(said["refused"]))
    async with opened(seeded, settle) as (app, main, press):
        await press("a", "'first", "ctrl+s", "a")
        assert isinstance(app.screen, NoteScreen)
        of = app.screen._incident
        await press("escape")
        again = NoteScreen(main.session, of, main._drafts)
        opening = app.push_screen(again)
        assert app.screen is again and not again.is_mounted
        asked.pop()()
        await opening
        await press()
        assert again.text.text == "first"
        await press("escape", "a")
        assert app.screen.query_one("#note-text").text == "first"  # type: ignore[attr-defined]


CLAIMS = ("c", "p")
CARD = ("s", "i", "r", "j", "enter")


@pytest.mark.parametrize("keys", [CLAIMS, CARD])
async def test_a_reason_that_was_refused_stands_in_the_next_line_that_asks_for_it(
    keys: tuple[str, ...], seeded: Path, settle: Settle, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("db.store.BUSY_MS", 100)
    async with opened(seeded, settle, query="victory drones") as (app, main, press):
        with locked(seeded):
            await press(*keys, "'because", "enter")
            assert "locked" in said(app)[-1]
        again = keys[-1:] if keys == CLAIMS else keys[-3:]
        await press(*again)
        assert app.screen.query_one("#ask", Input).value == "because"
        await press("escape", *again)
        assert app.screen.query_one("#ask", Input).value == "because", "it stays till it is entered"
        await press("'!", "enter")
        with Store.open(seeded) as store:
            (after,) = store.connection.execute("SELECT what FROM log ORDER BY id DESC LIMIT 1").fetchone()
        assert "because!" in after and main.session.reasons.typed() == []


def test_of_several_reasons_none_is_lost_and_none_goes_to_another_store() -> None:
    reasons = Reasons()
    for words in ("one", "two"):
        reasons.refused("thing", Typed("a reason", words))
    assert reasons.of("thing") == "one; two" and reasons.of("other") == ""
    reasons.sent("thing", "one")
    assert reasons.of("thing") == "one; two", "that line was filled before the second was refused"
    reasons.leave()
    assert reasons.of("thing") == "" and reasons.typed() == [Typed("a reason", "one; two")]


async def test_a_pick_that_waited_is_shown(seeded: Path, settle: Settle) -> None:
    async with opened(seeded, settle, query="type:drone-strike disputed:weapon") as (app, _, press):
        await press("c")
        screen = app.screen
        assert isinstance(screen, ClaimsScreen)
        of = screen._first_matrix.incident.id
        with Store.open(seeded) as store:
            (claim,) = store.connection.execute(
                "SELECT id FROM claim WHERE incident_id = ? AND field = 'weapon' AND rank <> 'preferred'"
                " AND value IS NOT NULL ORDER BY id LIMIT 1",
                (of,),
            ).fetchone()
        told = next(told.claim for told in all_told(screen) if told.claim.id == claim)
        with locked(seeded):
            screen._pick(told, "because", Reason.asked(screen._session.reasons, told.id, "a reason"))
            await asyncio.sleep(0.2)
        await settle_on(screen, claim)


async def settle_on(screen: ClaimsScreen, claim: int) -> None:
    """Wait until the matrix shows a claim as preferred."""

    await until(lambda: any(t.claim.id == claim and t.claim.rank == "preferred" for t in all_told(screen)))


def all_told(screen: ClaimsScreen) -> list[Told]:
    assert screen.grid.matrix is not None
    return [told for field in screen.grid.matrix.fields for told in field.told]


async def test_a_question_that_comes_late_is_not_put_to_the_next_key(seeded: Path, settle: Settle) -> None:
    async with opened(seeded, settle) as (app, main, press):
        rows = main.timeline.rows
        with Store.open(seeded, write=True) as store:
            store.connection.execute("UPDATE log SET who = 'tester'")
        with locked(seeded):
            for key in ("m", "ctrl+z", "ctrl+z", "j"):  # the writes before the question wait for the lock
                await type_one(app, key)
            await asyncio.sleep(0.15)
        await press("j")
        assert not isinstance(app.screen, Confirm)
        assert any("press it again" in text for text in said(app))
        await press("y", "enter")
        assert main.timeline.rows == rows
        await press("escape", "ctrl+z")
        assert isinstance(app.screen, Confirm)


async def test_a_note_that_is_refused_while_another_is_typed_joins_it(
    seeded: Path, settle: Settle, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("db.store.BUSY_MS", 200)
    async with opened(seeded, settle) as (app, main, press):
        with locked(seeded):
            await press("a")
            for key in ("f", "ctrl+s"):
                await type_one(app, key)
            await until(lambda: app.screen is main)
            await type_one(app, "a")
            await until(lambda: app.screen is not main and app.screen.query("#note-text"))
            await type_one(app, "s")
            await until(lambda: any("locked" in text for text in said(app)))
            assert app.screen.query_one("#note-text").text == "f\n\ns"  # type: ignore[attr-defined]
        await press("escape", "a")
        assert app.screen.query_one("#note-text").text == "f\n\ns"  # type: ignore[attr-defined]


async def test_views_that_cannot_be_read_are_not_none(seeded: Path, settle: Settle) -> None:
    with Store.open(seeded) as store:
        views.save(store.path, View("mine", "type:rocket-fire", 1))
    with closing(sqlite3.connect(seeded)) as connection:
        assert connection.execute("PRAGMA journal_mode = DELETE").fetchone() == ("delete",)
    async with opened(seeded, settle) as (app, main, _):
        with locked(seeded, "EXCLUSIVE"):
            for key in ("V", "1"):
                await type_one(app, key)
                await until(lambda: any("locked" in text for text in said(app)))
                assert app.screen is main
                assert not any("No view has" in text for text in said(app))
            await type_one(app, "/")
            for key in "view:mine":
                await type_one(app, key)
            await type_one(app, "enter")
            assert main._query.text == ""


async def test_the_cursor_stays_on_its_tag_when_an_earlier_one_has_been_written(seeded: Path, settle: Settle) -> None:
    """Whoever types on is quicker than the store: the next Enter is for the tag on which the cursor was put."""
    with Store.open(seeded, write=True) as store:
        other = store.connection.execute("SELECT max(id) FROM incident").fetchone()[0]
        for name in ("aa", "bb", "cc", "dd"):
            edit.tag(store, other, [name])
    async with opened(seeded, settle) as (app, main, press):
        here = main.timeline.match
        assert here is not None and here.id != other
        await press("#")
        screen = app.screen
        assert isinstance(screen, TagScreen)
        with locked(seeded):
            for key in (*"aa", "enter"):
                await type_one(app, key)
            at = [tag.name for tag in screen.tags.shown].index("cc")
            for key in ["down"] * at:
                await type_one(app, key)
        await press("shift")
        assert screen.tags.current is not None and screen.tags.current.name == "cc"
        await press("enter")
    with Store.open(seeded) as store:
        names = "SELECT t.name FROM incident_tag AS x JOIN tag AS t ON t.id = x.tag_id WHERE x.incident_id = ?"
        assert {row[0] for row in store.connection.execute(names, (here.id,))} >= {"aa", "cc"}
