"""SQLite gives the number of a row that is gone to the next one: what a key is meant for is known by more than that."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from textual.events import Key

from db import edit, known, linking, picking, read
from db.errors import UsageError
from db.known import Known
from db.model import Note
from db.store import Store
from tests.support.pressing import Settle, key_by_key, said
from tui.app import DatelineApp
from tui.screens.claims import ClaimsScreen
from tui.screens.roots import RootsScreen

ONE = """
INSERT INTO incident (key, title, date_edtf) VALUES ('aaa-one', 'AAA one', '2030-01-01'), ('aaa-two', 'AAA two', '2030-01-01');
INSERT INTO claim (incident_id, field, value, polarity) SELECT id, 'killed', '5', 'asserts' FROM incident WHERE key = 'aaa-one';
"""
OTHER = ONE.replace("aaa-", "zzz-").replace("AAA", "ZZZ").replace("'5'", "'99'")


@pytest.fixture
def first(seeded: Path) -> Path:
    """A store whose newest incidents are aaa-one and aaa-two."""
    _run(seeded, ONE)
    return seeded


def _run(path: Path, sql: str) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(f"PRAGMA foreign_keys = ON; {sql}")
    Store.open(path, write=True).close()  # settles dates


def swap(path: Path) -> None:
    """Another program takes the first incidents away, and writes others, which get their numbers."""
    before = _ids(path)
    _run(path, f"DELETE FROM incident WHERE key GLOB 'aaa-*'; {OTHER}")
    assert {key.replace("zzz", "aaa"): at for key, at in _ids(path).items()} == before


def _ids(path: Path) -> dict[str, int]:
    with closing(sqlite3.connect(path)) as connection:
        return dict(connection.execute("SELECT key, id FROM incident WHERE key GLOB '[az][az][az]-*'").fetchall())


def _touched(path: Path) -> list[object]:
    with closing(sqlite3.connect(path)) as connection:
        return [
            connection.execute(f"SELECT count(*) FROM {table}").fetchone()
            for table in ("star", "note", "incident_tag", "incident_link", "log")
        ] + connection.execute("SELECT grade, killed_best FROM incident WHERE key GLOB 'zzz-*'").fetchall()


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ((), ("m",)),
        (("a", *"mine"), ("ctrl+s",)),
        (("number_sign", "x"), ("enter",)),
        (("A", "x", "6"), ("enter",)),
        (("a", *"mine"), ("escape", "a")),
        ((), ("c",)),
        ((), ("r",)),
    ],
    ids=["star", "note", "tag", "assess", "reopened", "claims", "roots"],
)
async def test_a_key_never_lands_on_another_incident(
    before: tuple[str, ...], after: tuple[str, ...], first: Path, settle: Settle
) -> None:
    async with key_by_key(first, settle) as (app, main, press):
        assert main._answer is not None
        ids = _ids(first)
        rank = main._answer.rank(ids["aaa-one"])
        assert rank is not None
        main.timeline.go_to(rank)
        await press("equals_sign", *before)
        swap(first)
        untouched = _touched(first)
        await press(*after)
        assert _touched(first) == untouched
        assert any("gone" in text for text in said(app)), said(app)
        assert not isinstance(app.screen, ClaimsScreen | RootsScreen)


def test_each_kind_of_write_is_refused_where_another_has_the_number(first: Path) -> None:
    ids = _ids(first)
    with Store.open(first, write=True) as store:
        note_id = edit.add_note(store, ids["aaa-one"], "mine")
        ((claim_id,),) = store.connection.execute("SELECT id FROM claim WHERE value = '5'").fetchall()
    swap(first)
    with Store.open(first, write=True) as store:
        assert edit.add_note(store, ids["aaa-two"], "another's") == note_id
        mine = known.note(ids["aaa-one"], Note(note_id, "mine", ""))
        one, two = (known.incident(ids[key], key) for key in ("aaa-one", "aaa-two"))
        claim = Known("claim", claim_id, (("field", "killed"), ("value", "5")))
        attempts = (
            (mine, lambda: edit.delete_note(store, note_id)),
            (mine, lambda: edit.edit_note(store, note_id, "changed")),
            (claim, lambda: picking.pick(store, claim_id, "because")),
            (two, lambda: linking.link(store, ids["aaa-one"], ids["aaa-two"], "same_as")),
            (one, lambda: edit.star(store, ids["aaa-one"], True)),
        )
        untouched = _touched(first)
        for row, attempt in attempts:
            store.known = [row]
            with pytest.raises(UsageError, match="is gone"):
                attempt()
        assert _touched(first) == untouched
        store.known = [known.incident(ids["aaa-one"], "zzz-one")]
        edit.star(store, ids["aaa-one"], True)
        assert _touched(first) != untouched


@pytest.mark.parametrize("size", [(160, 45), (80, 24)])
async def test_a_key_behind_a_move_is_for_the_incident_that_was_moved_to(
    size: tuple[int, int], seeded: Path, settle: Settle
) -> None:
    app = DatelineApp(seeded, live=False)
    async with app.run_test(size=size) as pilot:
        await settle(pilot)
        main = app.main
        assert main is not None
        wanted = []
        with Store.open(seeded) as store:
            for key in "jyjyjjyky":  # typed ahead, with nothing waited for
                await app.on_event(Key(key, key))
                if key == "y":
                    match = main.timeline.match
                    assert match is not None
                    incident = read.incident(store.connection, match.id)
                    assert incident is not None
                    wanted.append(incident.quotes[0].exact if incident.quotes else None)
                    if incident.quotes:
                        assert app.clipboard == incident.quotes[0].exact
        assert len({text for text in wanted if text}) > 2


@pytest.mark.parametrize(
    ("keys", "sql", "expected"),
    [
        (("a", *"quick words", "ctrl+s"), "SELECT text FROM note", [("quick words",)]),
        (("number_sign", *"quicktag", "enter"), "SELECT name FROM tag WHERE name = 'quicktag'", [("quicktag",)]),
        (
            ("number_sign", *"alpha", "enter", *"beta", "enter"),
            "SELECT name FROM tag WHERE name IN ('alpha', 'beta') ORDER BY 1",
            [("alpha",), ("beta",)],
        ),
        (("A", "x", "6", "enter"), "SELECT count(*) FROM log WHERE what GLOB 'assess *'", [(1,)]),
        (("f", "slash", *"rocket", "enter"), "SELECT 1", [(1,)]),
    ],
    ids=["note", "tag", "two tags", "assess", "facet"],
)
async def test_keys_behind_one_that_opens_something_are_meant_for_that(
    keys: tuple[str, ...], sql: str, expected: list[tuple[object, ...]], seeded: Path, settle: Settle
) -> None:
    app = DatelineApp(seeded, live=False)
    async with app.run_test(size=(130, 40)) as pilot:
        await settle(pilot)
        main = app.main
        assert main is not None
        for key in keys:  # in one go, as a slow line or a paste brings them
            app.post_message(Key(key, key if len(key) == 1 else {"slash": "/", "number_sign": "#"}.get(key)))
        for _ in range(40):
            await pilot.pause(0.05)
            await settle(pilot)
            if keys[0] == "f":
                found = [(1,)] if main.bar.text else []
            else:
                with closing(sqlite3.connect(seeded)) as connection:
                    found = connection.execute(sql).fetchall()
            if found == expected:
                break
        assert found == expected
        if keys[0] == "f":
            assert main.bar.text == "type:rocket-fire"
