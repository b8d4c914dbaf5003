"""What a person does with the timeline, key by key, and what must come of it."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual import events

from db import cite
from db.store import Store
from tests.support.pressing import Settle, key_of, opened, said
from tui.app import DatelineApp
from tui.screens.chooser import Chooser
from tui.screens.confirm import Confirm
from tui.screens.help import HelpScreen


async def test_keys_pressed_before_the_first_answer_are_carried_out_in_order(seeded: Path, settle: Settle) -> None:
    app = DatelineApp(seeded, live=False)
    async with app.run_test(size=(120, 40)) as pilot:
        for key in ("G", "k", "slash", *"quiet", "escape", "g", "j"):
            app.post_message(events.Key(key, key if len(key) == 1 else None))
        await settle(pilot)
        assert app.main is not None
        assert app.main.bar.text == "quiet"
        assert app.main.timeline.rows == 0
    assert app.return_code in (0, None)


async def test_moving_reaches_every_incident(seeded: Path, settle: Settle) -> None:
    async with opened(seeded, settle) as (_, main, press):
        rows = main.timeline.rows
        seen = [key_of(main)]
        for _ in range(rows + 3):
            await press("j")
            seen.append(key_of(main))
        assert len(set(seen)) == rows
        assert main.timeline.cursor == rows - 1
        await press("g")
        assert main.timeline.cursor == 0
        await press("G")
        assert main.timeline.cursor == rows - 1
        await press("k", "up")
        assert main.timeline.cursor == rows - 3


@pytest.mark.parametrize(
    ("there", "back"), [("space", "b"), ("pagedown", "pageup"), ("ctrl+f", "ctrl+b"), ("ctrl+d", "ctrl+u")]
)
async def test_pages_go_there_and_back(there: str, back: str, seeded: Path, settle: Settle) -> None:
    async with opened(seeded, settle, (80, 24)) as (_, main, press):
        await press(there)
        assert main.timeline.cursor > 1
        await press(back)
        assert main.timeline.cursor == 0


async def test_hits_are_marked_and_walked(seeded: Path, settle: Settle) -> None:
    async with opened(seeded, settle, (120, 24), query="hangar") as (_, main, press):
        assert any(name == "found" for y in range(main.detail.line_count) for _, name in main.detail.line(y))
        await press("tab")
        assert main.detail.has_focus
        cursor = main.timeline.cursor
        for _ in range(len(main.detail._described.hits)):
            await press("n")
            assert main.timeline.cursor == cursor
        await press("n")
        assert main.timeline.cursor == cursor + 1


async def test_going_to_a_date_moves_while_it_is_typed(seeded: Path, settle: Settle) -> None:
    async with opened(seeded, settle) as (app, main, press):
        await press("at", *"2021-05")
        row = main.timeline.row
        assert row is not None
        assert (row.date_earliest or row.date_latest or "") >= "2021-05"
        await press("enter")
        assert app.screen is main


async def test_days_months_and_contested(seeded: Path, settle: Settle) -> None:
    async with opened(seeded, settle) as (_, main, press):
        await press("e")
        first = main.timeline.row
        assert first is not None and first.disputed
        await press("e")
        second = main.timeline.row
        assert second is not None and second.disputed and second.key != first.key
        await press("E")
        assert key_of(main) == first.key
        day = main._day()
        await press("d")
        later = main._day()
        assert day is not None and later is not None and later > day
        await press("D")
        assert main._day() == day
        await press("right_curly_bracket", "left_curly_bracket")
        month = main._day()
        assert month is not None and abs(month - day) < 31


async def test_a_star_is_kept_and_logged(seeded: Path, settle: Settle) -> None:
    async with opened(seeded, settle) as (_, main, press):
        await press("j", "m")
        row = main.timeline.row
        assert row is not None and row.starred
        await press("G", "U")
        assert key_of(main) == row.key
        with Store.open(seeded) as store:
            assert store.connection.execute("SELECT what FROM log ORDER BY id DESC").fetchone()[0] == f"star {row.key}"
        await press("m")
        assert main.timeline.row is not None and not main.timeline.row.starred


async def test_copying_claims_no_success(seeded: Path, settle: Settle) -> None:
    async with opened(seeded, settle) as (app, main, press):
        await press(*"/victory", "enter", "y")
        quote = main.detail.quote
        assert quote is not None
        assert app.clipboard == quote.exact
        assert "Offered" in said(app)[-1]
        await press("right_square_bracket", "Y")
        quote, document = main.detail.quote, main.detail.document
        assert quote is not None and document is not None
        assert app.clipboard == cite.footnote(quote, document)
        assert document.text_sha256 is not None and document.text_sha256[:12] in app.clipboard
        assert f"{quote.start}–{quote.end}" in app.clipboard


async def test_only_web_addresses_open_and_only_after_asking(
    seeded: Path, settle: Settle, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Store.open(seeded, write=True) as store, store.write("addresses") as connection:
        connection.execute("UPDATE document SET url = 'https://example.org/a', archive_url = 'javascript:alert(1)'")
    visited: list[str] = []
    monkeypatch.setattr(DatelineApp, "open_url", lambda self, url, **_: visited.append(url))
    async with opened(seeded, settle) as (app, _, press):
        await press("O")
        assert "Only http and https" in said(app)[-1]
        await press("o")
        assert isinstance(app.screen, Confirm)
        await press("n")
        assert visited == []
        await press("o", "y")
        assert visited == ["https://example.org/a"]


async def test_filter_by_a_value_of_the_incident(seeded: Path, settle: Settle) -> None:
    async with opened(seeded, settle) as (app, main, press):
        await press(*"/victory", "enter", "escape", "comma")
        assert isinstance(app.screen, Chooser)
        await press("enter")
        assert main._query.text == "type:drone-strike"
        assert key_of(main) == "victory-drones-2021-06-21"


async def test_help_lists_every_command_of_the_registry(seeded: Path, settle: Settle) -> None:
    from tui import commands

    async with opened(seeded, settle) as (app, _, press):
        await press("question_mark")
        assert isinstance(app.screen, HelpScreen)
        view = app.screen.view
        text = "\n".join("".join(run for run, _ in view.line(y)) for y in range(view.line_count))
        flat = " ".join(text.split())
        for command in commands.COMMANDS:
            assert " ".join(command.help.split()[:3]) in flat, command.id
        await press("escape")
        assert not isinstance(app.screen, HelpScreen)


async def test_the_palette_finds_commands(seeded: Path, settle: Settle) -> None:
    async with opened(seeded, settle) as (_, main, press):
        await press("ctrl+p", *"contested", "enter")
        row = main.timeline.row
        assert row is not None and row.disputed


async def test_mouse_chooses_an_incident_and_a_facet(seeded: Path, settle: Settle) -> None:
    app = DatelineApp(seeded, live=False)
    async with app.run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        main = app.main
        assert main is not None
        await pilot.click("#timeline", offset=(20, 6))
        await settle(pilot)
        assert main.timeline.cursor == 3
        await pilot.click("#facets", offset=(4, 1))
        await settle(pilot)
        assert main._query.text.startswith("type:")


async def test_text_can_be_selected_from_the_details(seeded: Path, settle: Settle) -> None:
    app = DatelineApp(seeded, "victory", live=False)
    async with app.run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        await pilot.mouse_down("#detail", offset=(0, 0))
        await pilot.hover("#detail", offset=(10, 1))
        await pilot.mouse_up("#detail", offset=(10, 1))
        await settle(pilot)
        selected = app.screen.get_selected_text()
        assert selected is not None and selected.startswith("Two drones strike Victory")


async def test_another_programs_change_appears(seeded: Path, settle: Settle) -> None:
    async with opened(seeded, settle) as (_, main, press):
        await press("G")
        key = key_of(main)
        rows = main.timeline.rows
        with Store.open(seeded, write=True) as store, store.write("add") as connection:
            connection.execute(
                "INSERT INTO incident (key, title, date_edtf) VALUES ('new-one', 'A new one', '2021-01-02')"
            )
        await press("f5")
        assert main.timeline.rows == rows + 1
        assert key_of(main) == key


async def test_panes_come_and_go(seeded: Path, settle: Settle) -> None:
    async with opened(seeded, settle, (80, 24)) as (_, main, press):
        assert not main.query_one("#detail-pane").display
        await press("enter")
        assert main.detail.has_focus and main.detail.region.height > 5
        await press("tab")
        assert main.timeline.has_focus
        await press("escape")
        assert not main.query_one("#detail-pane").display
        await press("f")
        assert main.facets.has_focus and main.facets.region.width > 20
        await press("f")
        assert not main.query_one("#facets-pane").display
        await press("p")
        assert main.query_one("#detail-pane").display and main.timeline.has_focus


@pytest.mark.parametrize("size", [(200, 50), (120, 40), (100, 30), (80, 24), (60, 16), (40, 10), (20, 5)])
async def test_every_size_reads_and_survives_a_resize(size: tuple[int, int], seeded: Path, settle: Settle) -> None:
    app = DatelineApp(seeded, live=False)
    async with app.run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        await pilot.press("G")
        assert app.main is not None
        key = key_of(app.main)
        await pilot.resize_terminal(*size)
        await settle(pilot)
        assert key_of(app.main) == key
        main = app.main
        assert main is not None
        assert main.timeline.region.bottom <= size[1]
        top = round(main.timeline.scroll_y)
        assert main.timeline.cursor_lines().start in range(top, top + main.timeline.size.height)


async def test_a_keymap_moves_a_command(seeded: Path, settle: Settle) -> None:
    from tui.settings import Settings

    app = DatelineApp(seeded, user=Settings(keymap={"main.star": "s"}), live=False)
    async with app.run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        await pilot.press("s")
        await settle(pilot)
        assert app.main is not None
        row = app.main.timeline.row
        assert row is not None and row.starred
        assert ("s", "star") in app.main.footer.hints(200)


async def test_quit_interrupts_what_is_under_way(seeded: Path, settle: Settle) -> None:
    app = DatelineApp(seeded, live=False)
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await pilot.press("q")
    assert app.return_code == 0
    assert app.session is not None
    assert not app.session._thread.is_alive()
