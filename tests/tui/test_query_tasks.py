"""What a person does with the query line, facets, steps back and saved views, key by key, and what must come of it."""

from __future__ import annotations

from pathlib import Path

from textual.widgets import Static

from db import views
from db.engine import open_engine
from db.query import parse
from db.store import Store
from db.views import View
from tests.support.pressing import Settle, key_of, opened, said


async def test_a_search_keeps_the_cursor_on_its_incident(seeded: Path, settle: Settle) -> None:
    async with opened(seeded, settle) as (_, main, press):
        await press(*"/victory", "enter")
        assert key_of(main) == "victory-drones-2021-06-21"
        await press("escape")
        assert main._query.text == ""
        assert key_of(main) == "victory-drones-2021-06-21"
        assert main.timeline.rows > 30


async def test_letters_typed_in_the_query_do_nothing_else(seeded: Path, settle: Settle) -> None:
    async with opened(seeded, settle) as (app, main, press):
        letters = "qgGjkdDeEmuUfpvyYoOnNb"
        await press("/", *letters, "question_mark", "comma", "at", "space", "right_curly_bracket")
        assert app.is_running
        assert main.bar.text.startswith(letters)
        assert main.bar.input.has_focus
        assert app.screen is main
        with Store.open(seeded) as store:
            assert store.connection.execute("SELECT count(*) FROM star").fetchone()[0] == 0


async def test_a_half_typed_query_never_clears_the_screen(seeded: Path, settle: Settle) -> None:
    async with opened(seeded, settle) as (_, main, press):
        await press("/")
        for key in "type:drone-strike place:asad":
            await press("space" if key == " " else key)
            assert main.timeline.rows > 0, main.bar.text
        assert main.bar.text == "type:drone-strike place:asad"


async def test_a_wrong_query_leaves_the_last_good_one(seeded: Path, settle: Settle) -> None:
    async with opened(seeded, settle, query="drone") as (_, main, press):
        everything = main.timeline.rows
        await press("/", "space", *"typ")
        rows = main.timeline.rows
        await press(":", "x")
        assert main.bar.query_one("#query-error").display
        assert main.timeline.rows == rows
        await press("escape")
        assert main.bar.text == "drone"
        assert main.timeline.rows == everything
        assert not main.bar.query_one("#query-error").display


async def test_a_facet_filters_and_lets_go(seeded: Path, settle: Settle) -> None:
    async with opened(seeded, settle) as (_, main, press):
        everything = main.timeline.rows
        await press("f", "j")
        entry = main.facets.current
        assert entry is not None and entry.count is not None
        await press("enter")
        assert main._query.text == f"type:{entry.count.value}"
        assert main._answer is not None
        assert main._answer.totals.certain + main._answer.totals.possible == entry.count.certain + entry.count.possible
        assert main.facets.current is not None and main.facets.current.state == "on"
        await press("enter")
        assert main._query.text == ""
        assert main.timeline.rows == everything
        await press("minus")
        assert main._query.text == f"-type:{entry.count.value}"
        assert main._answer.totals.certain < main._answer.totals.of


async def test_suspend_and_take_back_keep_the_place(seeded: Path, settle: Settle) -> None:
    async with opened(seeded, settle, query="drone") as (_, main, press):
        await press("j", "j")
        key = key_of(main)
        narrow = main.timeline.rows
        await press("backslash")
        assert key_of(main) == key
        assert main.timeline.rows > narrow
        assert main.bar.text == "drone"
        await press("backslash")
        assert key_of(main) == key
        assert main.timeline.rows == narrow


async def test_five_steps_taken_back_end_where_they_began(seeded: Path, settle: Settle) -> None:
    async with opened(seeded, settle) as (_, main, press):
        await press("j", "j", "j")
        key = key_of(main)
        rows = main.timeline.rows
        await press("f")
        for _ in range(5):
            await press("enter", "j")
        await press("escape")
        assert main._query.text
        for _ in range(5):
            await press("backspace")
        assert main._query.text == ""
        assert (main.timeline.rows, key_of(main)) == (rows, key)


async def test_steps_done_again_end_on_the_same_row(seeded: Path, settle: Settle) -> None:
    async with opened(seeded, settle) as (_, main, press):
        await press("f")
        for _ in range(5):
            await press("enter", "j")
        await press("escape", "G")
        there = (main._query.text, main.timeline.rows, key_of(main))
        for _ in range(5):
            await press("backspace")
        assert main._query.text == ""
        for _ in range(5):
            await press("R")
        assert (main._query.text, main.timeline.rows, key_of(main)) == there


async def test_completion_ends_in_the_value(seeded: Path, settle: Settle) -> None:
    async with opened(seeded, settle) as (_, main, press):
        await press("/", *"typ", "tab")
        assert main.bar.text == "type:"
        await press(*"dro")
        offer = main.bar.list.current
        assert offer is not None
        assert offer.value == "drone-strike"
        await press("tab", "enter")
        assert main._query.text == "type:drone-strike"
        assert main._answer is not None
        total = main._answer.totals.certain + main._answer.totals.possible
        assert offer.about.startswith(str(total)) or "possible" in offer.about


async def test_history_comes_back_in_the_next_run(seeded: Path, settle: Settle) -> None:
    for text in ("drone", "rockets"):
        async with opened(seeded, settle) as (_, _, press):
            await press("/", *text, "enter")
    async with opened(seeded, settle) as (_, main, press):
        await press("/", "up")
        assert main.bar.text == "rockets"
        await press("up")
        assert main.bar.text == "drone"
        await press("down", "enter")
        assert main._query.text == "rockets"


async def test_a_view_typed_in_the_query_line_is_put_in_place(seeded: Path, settle: Settle) -> None:
    with Store.open(seeded, write=True) as store:
        views.save(store.path, View("mine", "type:drone-strike"))
    async with opened(seeded, settle) as (_, main, press):
        await press("/", *"view:mi", "n", "e", "enter")
        assert main.bar.text == "(type:drone-strike)"
        drones = main.timeline.rows
        await press("/", "end", *" view:nothing", "enter", "escape")
        assert main.bar.text == "(type:drone-strike)"
        assert main.timeline.rows == drones
    with Store.open(seeded) as store:
        assert open_engine(store).answer(parse("type:drone-strike")).totals.rows == drones


async def test_a_view_comes_back_by_its_number_in_another_run(seeded: Path, settle: Settle) -> None:
    async with opened(seeded, settle) as (_, main, press):
        await press("/", *"type:drone-strike", "enter", "V", "s", *"Drones", "enter", "V", "3")
        assert main._query.text == "type:drone-strike"
    async with opened(seeded, settle) as (app, main, press):
        await press("4")
        assert "No view has the number 4" in said(app)[-1]
        await press("3")
        assert main._query.text == "type:drone-strike"
        await press("V", "x", "3")
        assert "No view has the number 3" in said(app)[-1]


async def test_a_view_is_replaced_by_another_query_only_when_that_was_said(seeded: Path, settle: Settle) -> None:
    with Store.open(seeded, write=True) as store:
        views.save(store.path, View("mine", "type:drone-strike"))
    async with opened(seeded, settle) as (app, main, press):
        await press("/", *"type:rocket-fire", "enter", "V", "s", *"mine", "enter")
        assert "Enter again replaces" in str(app.screen.query_one(".hint", Static).content)
        assert [view.query for view in main.session.views() or ()] == ["type:drone-strike"]
        await press("2", "enter")
        assert {view.name: view.query for view in main.session.views() or ()} == {
            "mine": "type:drone-strike",
            "mine2": "type:rocket-fire",
        }
        await press("V", "s", *"mine", "enter", "enter")
        assert {view.query for view in main.session.views() or ()} == {"type:rocket-fire"}
        # With the same query there is nothing to lose, and nothing is asked.
        await press("V", "s", *"mine", "enter")
        assert said(app)[-1] == "Saved the view mine."


async def test_a_view_that_does_not_parse_is_told_and_changes_nothing(seeded: Path, settle: Settle) -> None:
    views.save(seeded, View("bad", "typ:(x", 1, {"facets": False, "detail": False, "compact": True}))
    async with opened(seeded, settle, query="drone") as (app, main, press):
        rows, compact = main.timeline.rows, main.timeline.compact
        await press("1")
        assert said(app)[-1].startswith("The view bad is not taken: ")
        assert (main.bar.text, main._query.text, main.timeline.rows) == ("drone", "drone", rows)
        assert main.timeline.compact == compact
        assert not main.bar.query_one("#query-error", Static).display
