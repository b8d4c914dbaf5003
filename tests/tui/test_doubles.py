"""Likely doubles in the timeline: two incidents side by side, the analyst's word, and taking it back."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import AbstractAsyncContextManager, closing
from pathlib import Path

import pytest
from textual.events import Key
from textual.pilot import Pilot

from db import doubles, linking
from db.model import Incident, Span
from db.store import Store
from tests.support.pressing import Press, Settle, said, waited_for
from tui.app import DatelineApp
from tui.pair_lines import pair_lines, part_lines
from tui.screens.doubles import DoublesScreen
from tui.verdicts import Verdicts, Word

DATA = Path(__file__).resolve().parents[1] / "data"


def opened(
    path: Path, settle: Settle, query: str = "", size: tuple[int, int] = (100, 40)
) -> AbstractAsyncContextManager[tuple[DatelineApp, DoublesScreen, Press]]:
    """The doubles over the timeline of a store, and keys that wait until they are found."""

    async def quiet(pilot: Pilot[None], screen: DoublesScreen) -> None:
        async with asyncio.timeout(20):
            while screen.under_way:
                await asyncio.sleep(0.005)
                await pilot.pause()
        await settle(pilot)

    return waited_for(DatelineApp(path, query, live=False), settle, size, "M", DoublesScreen, quiet)


def words(path: Path) -> tuple[list[tuple[int, int, str]], list[str]]:
    """Links between imported incidents, and the keys that are denied to be the same."""
    with Store.open(path) as store:
        links = store.connection.execute(
            "SELECT from_id, to_id, x.kind FROM incident_link AS x JOIN incident AS i ON i.id = from_id"
            " WHERE origin IS NOT NULL ORDER BY x.id"
        ).fetchall()
        denied = store.connection.execute("SELECT value FROM claim WHERE field = 'same_as' AND polarity = 'denies'")
        return links, [value for (value,) in denied]


async def test_the_pairs_are_those_of_the_command_and_both_incidents_are_shown(twice: Path, settle: Settle) -> None:
    from db.doubles import find

    async with opened(twice, settle) as (_, screen, press):
        with Store.open(twice) as store:
            assert screen.list.pairs == find(store.connection).pairs
        assert len(screen.list.pairs) >= 13
        for pair in screen.list.pairs:
            assert screen.pair == pair
            assert screen.comparison.incidents is not None
            assert [i.id for i in screen.comparison.incidents] == [pair.first.id, pair.second.id]
            await press("j")
        await press("g")
        assert screen.list.cursor == 0
        await press("G")
        assert screen.list.cursor == len(screen.list.pairs) - 1


async def test_the_same_is_linked_and_taken_back(twice: Path, settle: Settle) -> None:
    before = words(twice)
    async with opened(twice, settle) as (app, screen, press):
        pair = screen.pair
        assert pair is not None
        await press("s")
        assert words(twice) == ([(pair.first.id, pair.second.id, "same_as")], [])
        assert screen.list.verdicts == {0: "same_as"}
        assert screen.list.cursor == 1
        await press("u")
        assert words(twice) == before == ([], [])
        assert screen.list.verdicts == {}
        assert screen.list.cursor == 0
        await press("u")
        assert any("Nothing said here yet" in n.message for n in app._notifications)


async def test_not_the_same_is_recorded_and_not_offered_again(twice: Path, settle: Settle) -> None:
    async with opened(twice, settle) as (app, screen, press):
        pairs = screen.list.pairs
        await press("x")
        assert words(twice) == ([], [pairs[0].second.key])
        await press("escape", "M")
        again = app.screen
        assert isinstance(again, DoublesScreen)
        assert again is not screen
        assert again.list.pairs == pairs[1:]


async def test_a_changed_mind_replaces_the_word_and_undo_brings_it_back(twice: Path, settle: Settle) -> None:
    async with opened(twice, settle) as (_, screen, press):
        pair = screen.pair
        assert pair is not None
        await press("x", "k", "s")
        assert words(twice) == ([(pair.first.id, pair.second.id, "same_as")], [])
        await press("k", "r")
        assert words(twice) == ([(pair.first.id, pair.second.id, "related")], [])
        await press("u")
        assert words(twice) == ([(pair.first.id, pair.second.id, "same_as")], [])
        await press("u")
        assert words(twice) == ([], [pair.second.key])
        await press("u")
        assert words(twice) == ([], [])


@pytest.mark.parametrize(
    ("keys", "linked"),
    [("rks", "same_as"), ("xkr", "related"), ("skxu", "same_as"), ("sujk", None), ("rksq", "same_as")],
)
@pytest.mark.parametrize("locked", [False, True])
async def test_words_typed_in_one_go_are_those_typed_at_leisure(
    locked: bool, keys: str, linked: str | None, twice: Path, settle: Settle
) -> None:
    async with opened(twice, settle) as (app, screen, press):
        pair = screen.pair
        assert pair is not None
        with closing(sqlite3.connect(twice, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE") if locked else None
            for key in keys:
                app.post_message(Key(key, key))
            async with asyncio.timeout(5):  # the screen goes on whoever holds the lock
                while screen.is_current if keys.endswith("q") else screen.list.verdicts.get(0) != linked:
                    await asyncio.sleep(0.005)
        await press("f5")
        assert words(twice) == ([] if linked is None else [(pair.first.id, pair.second.id, linked)], [])


async def test_a_refused_word_is_not_shown_as_said(twice: Path, settle: Settle) -> None:
    async with opened(twice, settle) as (_, screen, press):
        pair = screen.pair
        assert pair is not None
        with Store.open(twice, write=True) as store, store.write("delete") as connection:
            connection.execute("DELETE FROM incident WHERE id = ?", (pair.first.id,))
        await press("s")
        assert words(twice) == ([], [])
        assert not screen.list.verdicts and not screen._verdicts.said
        others = [n for n, p in enumerate(screen.list.pairs) if pair.first.id not in (p.first.id, p.second.id)]
        screen._go(others[0])
        await press("s")
        assert len(words(twice)[0]) == 1
        assert screen.list.verdicts == {others[0]: "same_as"}


async def test_both_stay_on_the_timeline_and_are_marked(twice: Path, settle: Settle) -> None:
    async with opened(twice, settle) as (app, screen, press):
        pair = screen.pair
        main = app.main
        assert pair is not None
        assert main is not None
        rows = main.timeline.rows
        await press("s", "escape")
        assert app.screen is main
        assert main.timeline.rows == rows
        assert main._answer is not None
        for side in (pair.first, pair.second):
            rank = main._answer.rank(side.id)
            assert rank is not None
            main.timeline.go_to(rank)
            await press("p", "p")
            assert main.timeline.row is not None
            assert main.timeline.row.same_as == 1
            lines = ["".join(text for text, _ in main.timeline.line(y)) for y in main.timeline.cursor_lines()]
            assert any("≈ same as" in line for line in lines), lines
            assert main.detail.incident is not None
            assert main.detail.incident.together is not None
            assert main.detail.incident.together.incidents == 2


async def test_only_pairs_of_what_is_shown(twice: Path, settle: Settle) -> None:
    async with opened(twice, settle, "actor:PKK") as (_, screen, press):
        shown = {match.id for match in screen._what.matches} if screen._what else set()
        assert screen.list.pairs
        assert all({pair.first.id, pair.second.id} & shown for pair in screen.list.pairs)
        await press("escape")
    async with opened(twice, settle, "zeppelin") as (_, screen, press):
        assert screen.list.pairs == ()
        assert screen.pair is None
        await press("s", "x", "u", "j", "space", "w")
        assert words(twice) == ([], [])


async def test_a_store_that_cannot_be_written_says_so_and_marks_nothing(
    twice: Path, settle: Settle, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with opened(twice, settle) as (app, screen, press):
        monkeypatch.setattr("db.store.os.access", lambda *_: False)
        await press("s")
        assert screen.list.verdicts == {}
        async with asyncio.timeout(10):
            while not any("cannot be written" in n.message for n in app._notifications):
                await asyncio.sleep(0.01)
        assert screen.list.verdicts == {}


@pytest.mark.parametrize("size", [(200, 50), (40, 10), (20, 5)])
async def test_every_size_shows_a_pair(size: tuple[int, int], twice: Path, settle: Settle) -> None:
    async with opened(twice, settle, size=size) as (_, screen, press):
        await press("j", "space", "b", "s")
        assert screen.list.verdicts == {1: "same_as"}


def test_fields_side_by_side_say_whether_they_are_equal() -> None:
    first = Incident(
        1,
        "a",
        "incident",
        "Drone hits depot",
        None,
        "drone-strike",
        None,
        "2021-05-08",
        "2021-05-08",
        "2021-05-08",
        1,
        None,
        Span(best=3),
        Span(),
        "a hangar",
        None,
        None,
        "draft",
        False,
    )
    second = Incident(
        2,
        "b",
        "incident",
        "Depot burns",
        None,
        "Drone Strike",
        None,
        "2021-05-08",
        "2021-05-08",
        "2021-05-08",
        1,
        None,
        Span(best=4),
        Span(),
        None,
        None,
        None,
        "draft",
        False,
    )
    lines = {}
    for line in pair_lines(first, second, 80):
        text = [run for run, _ in line]
        lines[text[0].strip()] = (text[1].strip(), text[2].strip(), text[3].strip())
    assert lines["Title"] == ("Drone hits depot", "≠", "Depot burns")
    assert lines["Type"] == ("drone-strike", "=", "Drone Strike")
    assert lines["When"][1] == "="
    assert lines["Killed"] == ("3", "≠", "4")
    assert lines["Damage"] == ("a hangar", "·", "–")
    assert "Injured" not in lines


async def test_controls_and_markup_in_a_store_are_harmless(twice: Path, settle: Settle) -> None:
    with Store.open(twice, write=True) as store, store.write("hostile") as connection:
        connection.execute("UPDATE incident SET title = '[/b]\x1b[2J' || title WHERE origin = 'two'")
    async with opened(twice, settle) as (_, screen, press):
        assert screen.pair is not None
        assert any("\x1b" in side.title for side in (screen.pair.first, screen.pair.second))
        painted = "".join(strip.text for strip in screen.list.render_lines(screen.list.size.region))
        painted += "".join(strip.text for strip in screen.comparison.render_lines(screen.comparison.size.region))
        assert "\x1b" not in painted
        assert "[/b]␛[2J" in painted
        await press("s")
        assert part_lines(screen.list.pairs[0], 60)


async def test_a_looking_that_fails_is_said_and_not_waited_for(
    twice: Path, settle: Settle, monkeypatch: pytest.MonkeyPatch
) -> None:
    def damaged(*_: object, **named: object) -> None:
        raise sqlite3.DatabaseError("database disk image is malformed")

    monkeypatch.setattr(doubles, "find", damaged)
    async with opened(twice, settle) as (app, screen, press):
        assert "not looked for" in "".join(text for text, _ in screen._head.line(0))
        assert "tries anew" in "".join(text for text, _ in screen.list.line(0))
        assert "malformed" in [n.message for n in app._notifications][-1]
        monkeypatch.undo()
        await press("w", "w")
        assert screen.found is not None and screen.list.pairs


def stood(path: Path) -> tuple[list[str], int]:
    """The kinds of links in the store, and how many pairs are told apart."""
    with closing(sqlite3.connect(path)) as connection:
        kinds = [kind for (kind,) in connection.execute("SELECT kind FROM incident_link WHERE id > 24 ORDER BY id")]
        return kinds, connection.execute("SELECT count(*) FROM claim WHERE field = 'same_as'").fetchone()[0]


async def test_a_word_that_stood_by_anothers_doing_is_not_replaced(twice: Path, settle: Settle) -> None:
    async with opened(twice, settle) as (app, screen, press):
        pair = screen.pair
        assert pair is not None
        with Store.open(twice, write=True) as store:
            linking.speak(store, pair.first.id, pair.second.id, None, "same_as")
        before = stood(twice)
        await press("s")
        assert any("said elsewhere" in text for text in said(app))
        await press("k", "x")
        assert stood(twice) == before, "a colleague's word is not this screen's to take"
        assert screen.list.verdicts.get(0) == "same_as"
        await press("k", "u")
        assert stood(twice) == before
        await press("g", "r")
        assert screen.list.verdicts.get(0) == "related"
        await press("u")
        assert stood(twice) == before and screen.list.verdicts.get(0) == "same_as"


async def test_of_two_words_on_a_pair_the_one_that_was_refused_is_not_shown(twice: Path, settle: Settle) -> None:
    async with opened(twice, settle) as (app, screen, press):
        pair = screen.pair
        assert pair is not None
        with Store.open(twice, write=True) as store:
            linking.speak(store, pair.first.id, pair.second.id, None, "same_as")
        for key in "xkr":  # in one go: x is refused, r is written
            app.post_message(Key(key, key))
        await press("f24")
        assert stood(twice)[0][-2:] == ["same_as", "related"]
        assert screen.list.verdicts.get(0) == "related"
        await press("u")
        assert stood(twice)[0][-1] == "same_as"
        assert screen.list.verdicts.get(0) is None


async def test_an_incident_that_has_got_the_number_of_one_of_the_two_is_not_compared(
    twice: Path, settle: Settle
) -> None:
    async with opened(twice, settle) as (app, screen, press):
        pair = screen.pair
        assert pair is not None and screen.comparison.incidents is not None
        with Store.open(twice, write=True) as store, store.write("replaced") as connection:
            connection.execute("DELETE FROM incident WHERE id = ?", (pair.second.id,))
            connection.execute("INSERT INTO incident (id, key, title) VALUES (?, 'other', 'Other')", (pair.second.id,))
        await press("j", "k")
        assert screen.pair is pair and screen.comparison.incidents is None
        assert said(app)[-1] == "One of the two is gone from the store; F5 looks anew."


def test_words_whose_taking_back_is_refused_have_their_old_places() -> None:
    verdicts = Verdicts()
    first, second, third = (Word(at, "same_as", None) for at in range(3))
    for word in (first, second, third):
        verdicts.say(word)
    assert [verdicts.said.pop(), verdicts.said.pop()] == [third, second]
    verdicts.stands_after_all(third)  # asked for first, refused first
    verdicts.stands_after_all(second)
    assert verdicts.said == [first, second, third]
