"""Leave one out in the timeline: what a person sees, and one key back."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path

from textual.events import Key
from textual.pilot import Pilot

from tests.support.pressing import Settle, opened
from tests.support.slow_without import Out, effects
from tui.app import DatelineApp
from tui.screens.explain import ExplainScreen
from tui.screens.leave_out import LeaveOut
from tui.screens.main import MainScreen

SECOND = "jpost-2021-06-22"


async def leave_out(pilot: Pilot[None], settle: Settle, typed: str) -> MainScreen:
    """Leave out the first source that has the letters typed."""
    await pilot.press("X")
    await settle(pilot)
    assert isinstance(pilot.app.screen, LeaveOut)
    for letter in typed:
        await pilot.press(letter)
    await pilot.press("enter")
    await settle(pilot)
    assert isinstance(pilot.app, DatelineApp)
    assert pilot.app.main is not None
    return pilot.app.main


def lines(main: MainScreen) -> list[str]:
    return ["".join(text for text, _ in main.timeline.line(y)) for y in range(main.timeline.line_count)]


async def test_without_the_second_article_rows_say_what_becomes_of_them(
    seeded: Path, tmp_path: Path, settle: Settle
) -> None:
    slow = effects(seeded, Out(documents=frozenset({SECOND})), tmp_path / "copy.db")
    app = DatelineApp(seeded, live=False)
    async with app.run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        main = await leave_out(pilot, settle, "2021-06-22")
        assert main.header_words()[0].endswith("5 vanish, 1 single-source, 0 change (+ 13 context) · Esc back")
        assert main.header.text.strip().endswith("5 vanish, 1 single-source, 0 change · Esc back")
        assert "without The Jerusalem Post 2021-06-22:" in main.header.text
        assert main._answer is not None
        rows = main.session.rows(main._answer.window(0, 99))
        shown = lines(main)
        for rank, row in enumerate(rows):
            assert row is not None
            words = shown[2 * rank + 1]
            fate = slow[row.key][0] if row.key in slow else None
            assert ("✕ vanishes" in words) == (fate == "vanishes"), row.key
            assert ("↓ single-source" in words) == (fate == "single-source"), row.key
            styles = [style for _, style in main.timeline.line(2 * rank)]
            assert ("off" in styles) == (fate == "vanishes"), "struck out, and said in words too"
        await pilot.press("escape")
        await settle(pilot)
        assert "without" not in main.header.text
        assert not any("vanishes" in line for line in lines(main))


async def test_a_filter_is_counted_for_itself_and_stays(seeded: Path, settle: Settle) -> None:
    app = DatelineApp(seeded, "type:drone-strike", live=False)
    async with app.run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        main = await leave_out(pilot, settle, "2021-06-22")
        with closing(sqlite3.connect(seeded)) as connection:
            (vanish,) = connection.execute(
                "SELECT count(*) FROM incident AS i WHERE kind = 'incident' AND event_type = 'drone-strike' AND NOT EXISTS"
                " (SELECT 1 FROM quote AS q JOIN document AS d ON d.id = q.document_id"
                " WHERE q.incident_id = i.id AND d.key <> ?)",
                (SECOND,),
            ).fetchone()
        assert f": {vanish} vanish, 1 single-source, 0 change" in main.header.text
        # Another filter while the source is left out: the head line counts anew.
        for key in ("slash", "ctrl+u", *"erbil", "enter"):
            await pilot.press(key)
            await settle(pilot)
        with closing(sqlite3.connect(seeded)) as connection:
            shown = {row.key for row in rows_of(main) if row.kind == "incident"}
            (vanish,) = connection.execute(
                "SELECT count(*) FROM incident AS i WHERE i.key IN (SELECT value FROM json_each(?)) AND NOT EXISTS"
                " (SELECT 1 FROM quote AS q JOIN document AS d ON d.id = q.document_id"
                " WHERE q.incident_id = i.id AND d.key <> ?)",
                (json.dumps(sorted(shown)), SECOND),
            ).fetchone()
        assert f": {vanish} vanish, 1 single-source, 0 change" in main.header.text
        await pilot.press("escape")
        await settle(pilot)
        assert main._query.text.strip() == "erbil"
        assert main.difference is None
        await pilot.press("escape")
        await settle(pilot)
        assert main._query.text.strip() == "type:drone-strike"


async def test_details_say_before_and_after_and_keys_go_from_row_to_row(seeded: Path, settle: Settle) -> None:
    app = DatelineApp(seeded, live=False)
    async with app.run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        main = await leave_out(pilot, settle, "press")
        touched: list[str] = []
        for _ in range(12):
            await pilot.press("greater_than_sign")
            await settle(pilot)
            row = main.timeline.row
            assert row is not None
            if touched[-1:] != [row.key]:
                touched.append(row.key)
        assert touched[-1] == "victory-drones-2021-06-21"
        text = " ".join("".join(run for run, _ in main.detail.line(y)) for y in range(4))
        assert text.startswith("Without Press TV: ↓ single-source: roots 2 → 1, quotes 4 → 2,")
        await pilot.press("less_than_sign")
        await settle(pilot)
        assert main.timeline.row is not None
        assert main.timeline.row.key == touched[-2]
        assert set(touched) == behind_press_tv(seeded)


def behind_press_tv(path: Path) -> set[str]:
    """The incidents that Press TV stands behind, by plain SQL."""
    with closing(sqlite3.connect(path)) as connection:
        found = connection.execute(
            "SELECT DISTINCT i.key FROM incident AS i JOIN quote AS q ON q.incident_id = i.id"
            " JOIN attribution AS x ON x.quote_id = q.id JOIN actor AS a ON a.id = x.actor_id WHERE a.name = 'Press TV'"
        )
        return {key for (key,) in found}


def rows_of(main: MainScreen) -> list:  # type: ignore[type-arg]
    assert main._answer is not None
    return [row for row in main.session.rows(main._answer.window(0, 99)) if row is not None]


async def test_a_store_that_changes_meanwhile_is_worked_out_anew(seeded: Path, settle: Settle) -> None:
    app = DatelineApp(seeded, live=False)
    async with app.run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        main = await leave_out(pilot, settle, "2021-06-22")
        assert "5 vanish" in main.header.text
        with closing(sqlite3.connect(seeded)) as connection:
            connection.execute(
                "INSERT INTO quote (incident_id, document_id, exact) SELECT i.id, d.id, 'said so too'"
                " FROM incident AS i, document AS d WHERE i.key = 'iron-dome-2021-05' AND d.key = 'jpost-2021-05-08'"
            )
            connection.commit()
        await pilot.press("f5")
        await settle(pilot)
        await settle(pilot)
        assert "4 vanish, 1 single-source, 1 change" in main.header.text


async def test_nothing_to_leave_out_is_said(tmp_path: Path, settle: Settle) -> None:
    from db.store import Store

    Store.create(tmp_path / "empty.db").close()
    app = DatelineApp(tmp_path / "empty.db", live=False)
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await pilot.press("X")
        await settle(pilot)
        assert app.screen is app.main
        await pilot.press("greater_than_sign")
        await settle(pilot)
        assert [n.message for n in app._notifications] == [
            "No incident of this store has a quote, so there is nothing to leave out.",
            "Nothing is left out; X chooses what to leave out.",
        ]


async def test_the_numbers_of_the_head_are_explained_as_they_are_shown(
    seeded: Path, tmp_path: Path, settle: Settle
) -> None:
    slow = effects(seeded, Out(documents=frozenset({SECOND})), tmp_path / "copy.db")
    app = DatelineApp(seeded, "-type:zeppelin", live=False)
    async with app.run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        main = await leave_out(pilot, settle, "2021-06-22")
        await pilot.press("K")
        await settle(pilot)
        screen = app.screen
        assert isinstance(screen, ExplainScreen)
        labels = [told.label for told in screen._told]
        assert labels == ["vanish", "single-source", "change", "context"]
        shown = f"{main.header.text}"
        assert ", ".join(f"{told.count} {told.label}" for told in screen._told[:3]) in shown
        kinds = {row.key: row.kind for row in rows_of(main)}
        for told in screen._told:
            assert told.matches is not None and told.query is None
            rows = main.session.rows(told.matches.window(0, 99))
            wanted = {
                key
                for key, (fate, *_) in slow.items()
                if (kinds[key] != "incident" if told.label == "context" else kinds[key] == "incident")
                and (told.label == "context" or fate.startswith(told.label.rstrip("s")[:6]))
            }
            assert {row.key for row in rows if row is not None} == wanted and told.count == len(wanted), told.label
        assert "`dateline without -type:zeppelin --document jpost-2021-06-22` lists them" in screen.told.how
        # Back in the timeline as it is, the head's own numbers again.
        await pilot.press("escape")
        await settle(pilot)
        await pilot.press("escape", "K")
        await settle(pilot)
        assert isinstance(app.screen, ExplainScreen)
        assert app.screen._told[0].label == "certain"


async def test_numbers_that_are_not_worked_out_yet_are_not_explained(seeded: Path, settle: Settle) -> None:
    app = DatelineApp(seeded, live=False)
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        main = await leave_out(pilot, settle, "2021-06-22")
        main._counted = None
        await pilot.press("K")
        await settle(pilot)
        assert app.screen is main
        assert [n.message for n in app._notifications][-1].startswith("The what-if is still being worked out")


async def test_effects_right_behind_a_choice_and_a_filter_are_those_of_the_rows_then(
    seeded: Path, settle: Settle
) -> None:
    found = []
    for in_one_go in (False, True):
        async with opened(seeded, settle) as (app, main, press):
            keys = ["X", *"press", "enter", "g", ">", "slash", *"after:2021-05", "enter", "g", ">"]
            if in_one_go:
                for key in keys:
                    named = {":": "colon", "-": "minus", ">": "greater_than_sign"}.get(key, key)
                    app.post_message(Key(named, "/" if key == "slash" else key if len(key) == 1 else None))
                await press("f24")
            else:
                await press(*keys)
            row = main.timeline.row
            found.append((row and row.key, [note.message for note in app._notifications]))
    assert found[0] == found[1] and found[0][0] is not None
