"""The air-defence ledger and the roots on the screen: numbers as plain SQL has them, and the way to the incident."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from db import edit, same_root
from db.store import Store
from tests.support.pressing import Settle, press_each
from tests.support.wire_copy import with_wire_copy
from tui.app import DatelineApp
from tui.screens.confirm import Confirm
from tui.screens.ledger import BehindScreen, LedgerScreen
from tui.screens.roots import Rests, RootsScreen
from tui.widgets.line_view import LineView

NUMBER = """
SELECT count(*) FROM incident_system AS x JOIN system AS s ON s.id = x.system_id JOIN incident AS i ON i.id = x.incident_id
WHERE s.name = ? AND x.role IN ('air_defence', 'ew') AND i.kind = 'incident' AND coalesce(x.outcome, 'unknown') IN (?, ?)
"""


def text(view: LineView) -> list[str]:
    return ["".join(run for run, _ in view.line(y)) for y in range(view.line_count)]


async def test_every_cell_is_a_plain_query_and_leads_to_its_quote_and_incident(seeded: Path, settle: Settle) -> None:
    app = DatelineApp(seeded, live=False)
    async with app.run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        await press_each(pilot, settle, "L")
        screen = app.screen
        assert isinstance(screen, LedgerScreen)
        head = "".join(run for run, _ in screen.head.line(1))
        assert head.split() == [
            "System", "all", "intercepted", "not", "stopped", "not", "engaged", "malfunctioned", "unknown", "number",
        ]  # fmt: skip
        with closing(sqlite3.connect(seeded)) as connection:
            for at, system in enumerate(screen.view.systems):
                shown = text(screen.view)[at].replace("▸", " ").split()[-7:]
                wanted = [
                    connection.execute(NUMBER, (system.name, *outcomes)).fetchone()[0]
                    for outcomes in (
                        ("intercepted", "hit"), ("missed", "fell_short"), ("not_engaged", ""), ("malfunctioned", ""),
                        ("unknown", ""),
                    )
                ]  # fmt: skip
                assert [0 if cell == "·" else int(cell) for cell in shown[1:6]] == wanted, system.name
        names = [system.name for system in screen.view.systems]
        assert len(names) == 6
        await press_each(pilot, settle, *["j"] * names.index("Patriot PAC-2"), "l", "l", "enter")
        behind = app.screen
        assert isinstance(behind, BehindScreen)
        assert any("failed to intercept the" in line for line in text(behind.view))
        await press_each(pilot, settle, "enter")
        assert app.main is not None
        assert app.main.is_current
        assert app.main.timeline.row is not None
        assert app.main.timeline.row.key == "asad-drone-2021-05-08"


async def test_the_ledger_counts_what_the_query_finds_and_says_so(seeded: Path, settle: Settle) -> None:
    app = DatelineApp(seeded, "place:victory-base", live=False)
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await press_each(pilot, settle, "L")
        screen = app.screen
        assert isinstance(screen, LedgerScreen)
        assert "what place:victory-base finds" in "".join(run for run, _ in screen.head.line(0))
        assert [system.name for system in screen.view.systems] == ["AN/TWQ-1 Avenger", "C-RAM"]
        await press_each(pilot, settle, "l", "enter")
        assert app.screen is screen, "an empty cell has nothing behind it"
        await press_each(pilot, settle, "L")
        assert app.main is not None
        assert app.main.is_current


async def test_an_empty_ledger_says_so(seeded: Path, settle: Settle) -> None:
    app = DatelineApp(seeded, "zeppelin", live=False)
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await press_each(pilot, settle, "L", "j", "l", "enter", "G", "g")
        assert isinstance(app.screen, LedgerScreen)
        assert text(app.screen.view) == [" None of these incidents has an air-defence system."]


def roots_now(path: Path) -> int:
    """The roots of the strike at Victory base by plain SQL."""
    with closing(sqlite3.connect(path)) as connection:
        (found,) = connection.execute(
            "SELECT count(DISTINCT coalesce((SELECT a.name FROM attribution AS x JOIN actor AS a ON a.id = x.actor_id"
            " WHERE x.quote_id = q.id ORDER BY x.step DESC LIMIT 1), d.publisher)) FROM quote AS q"
            " JOIN document AS d ON d.id = q.document_id JOIN incident AS i ON i.id = q.incident_id"
            " WHERE i.key = 'victory-drones-2021-06-21'"
        ).fetchone()
        return int(found)


async def test_a_suspected_copy_counts_apart_until_the_user_says_that_it_is_one(seeded: Path, settle: Settle) -> None:
    with_wire_copy(seeded)
    app = DatelineApp(seeded, "place:victory-base kind:incident", live=False)
    async with app.run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        await press_each(pilot, settle, "r")
        screen = app.screen
        assert isinstance(screen, RootsScreen)
        head = "".join(run for run, _ in screen.head.line(0))
        assert head.strip() == "Roots: 5 reports, 4 roots · 1 pair suspected in what is shown"
        assert roots_now(seeded) == 4
        await press_each(pilot, settle, "w")
        assert screen.view.sides is not None
        assert [side.root for side in screen.view.sides] == ["Copy", "Wire"]
        await press_each(pilot, settle, "w", "y")
        assert isinstance(app.screen, Confirm)
        await press_each(pilot, settle, "n")
        assert roots_now(seeded) == 4
        await press_each(pilot, settle, "y", "y")
        await settle(pilot)
        assert roots_now(seeded) == 3
        head = "".join(run for run, _ in screen.head.line(0))
        assert head.strip() == "Roots: 5 reports, 3 roots · 0 pairs suspected in what is shown"
        await press_each(pilot, settle, "backspace")
        await settle(pilot)
        assert roots_now(seeded) == 4
        await press_each(pilot, settle, "x")
        await settle(pilot)
        assert screen.view.suspicion is None
        assert roots_now(seeded) == 4
        await press_each(pilot, settle, "escape")
        assert app.main is not None
        assert app.main.is_current


async def test_the_roots_of_an_incident_name_the_way(seeded: Path, settle: Settle) -> None:
    app = DatelineApp(seeded, "place:victory-base kind:incident", live=False)
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await press_each(pilot, settle, "r")
        assert isinstance(app.screen, RootsScreen)
        shown = [line.strip() for line in text(app.screen.view)]
        assert "3 reports, 2 roots · 4 quotes" in shown
        assert "by way of Press TV, in jpost-2021-06-22" in shown
        assert "● Sabereen News · 2 quotes" in shown


def with_pairs(path: Path, names: str) -> None:
    """An incident for each letter, with two quotes alike in it."""
    with closing(sqlite3.connect(path)) as connection, connection:
        for paper in ("first", "second"):
            connection.execute(
                "INSERT INTO document (key, publisher, title) VALUES (?, ?, 'T')", (f"of-{paper}", paper)
            )
        for name in names:
            connection.execute(
                "INSERT INTO incident (key, title, event_type, date_edtf) VALUES (?, ?, 'attack', '2022-02-01')",
                (f"pair-{name}", f"Pair {name}"),
            )
            words = " ".join(f"word{name}{n}" for n in range(12))
            for paper in ("first", "second"):
                connection.execute(
                    "INSERT INTO quote (incident_id, document_id, exact) VALUES"
                    " ((SELECT id FROM incident WHERE key = ?), (SELECT id FROM document WHERE key = ?), ?)",
                    (f"pair-{name}", f"of-{paper}", words),
                )


async def test_the_cursor_stays_on_its_pair_whatever_is_written(seeded: Path, settle: Settle) -> None:
    with_pairs(seeded, "abcd")
    app = DatelineApp(seeded, "pair", live=False)
    async with app.run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        await press_each(pilot, settle, "g", "r")
        screen = app.screen
        assert isinstance(screen, RootsScreen)
        titles = [pair.title for pair in screen.view.rests.suspicions]
        assert len(titles) == 4
        await press_each(pilot, settle, "j", "j")
        with Store.open(seeded, write=True) as store:
            edit.star(store, 1, True)
        seen = list[str]()
        show = screen.view.show

        def watched(rests: Rests) -> None:
            show(rests)
            seen.append(screen.view.suspicion.title if screen.view.suspicion else "")

        screen.view.show = watched  # type: ignore[method-assign]
        screen.store_changed()
        await settle(pilot)
        assert seen and set(seen) == {titles[2]}, "in part, and then whole"
        await press_each(pilot, settle, "x")
        assert screen.view.suspicion is not None and screen.view.suspicion.title == titles[3]
        await press_each(pilot, settle, "x")
        assert screen.view.suspicion is not None and screen.view.suspicion.title == titles[1]
    with closing(sqlite3.connect(seeded)) as connection:
        dismissed = connection.execute(
            "SELECT DISTINCT i.title FROM root_dismissal AS d JOIN quote AS q ON q.id = d.quote_id"
            " JOIN incident AS i ON i.id = q.incident_id"
        ).fetchall()
    assert {title for (title,) in dismissed} == set(titles[2:])


async def test_what_a_colleague_said_of_a_pair_is_not_taken_back(seeded: Path, settle: Settle) -> None:
    with_pairs(seeded, "a")
    app = DatelineApp(seeded, "pair", live=False)
    async with app.run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        await press_each(pilot, settle, "g", "r")
        screen = app.screen
        assert isinstance(screen, RootsScreen) and screen.view.sides is not None
        one, other = (side.quote_id for side in screen.view.sides)
        with Store.open(seeded, write=True) as store:
            same_root.not_same(store, one, other)
        await press_each(pilot, settle, "x", "backspace")  # stood so already
        await settle(pilot)
        with Store.open(seeded, write=True) as store:
            assert store.connection.execute("SELECT count(*) FROM root_dismissal").fetchone() == (1,)
            same_root.take_back(store, one, other)
        screen.store_changed()
        await settle(pilot)
        await press_each(pilot, settle, "x")
        with Store.open(seeded, write=True) as store:
            same_root.same(store, one, other)
        await press_each(pilot, settle, "backspace")
        await settle(pilot)
        with Store.open(seeded) as store:
            assert store.connection.execute("SELECT count(*) FROM root_dismissal").fetchone() == (0,)
            steps = "SELECT count(*) FROM attribution WHERE quote_id = ?"
            assert store.connection.execute(steps, (other,)).fetchone() == (1,), "the colleague's own word"
