"""What a person does with the sources, key by key: read a document, walk its quotes, find words, grade it, list all."""

from __future__ import annotations

from pathlib import Path

import pytest

from db.store import Store
from tests.support.pressing import Settle, go_to, on_top, opened, said
from tests.support.source_story import BEFORE, GONE, LATE, MOVED, NESTED, TEXT
from tui.app import DatelineApp
from tui.screens.confirm import Confirm
from tui.screens.help import HelpScreen
from tui.screens.reader import ReaderScreen
from tui.widgets import reader_view

SIZE = (100, 30)


def shown(app: DatelineApp) -> str:
    """What stands on the lines in sight, without the gutter."""
    view = on_top(app, ReaderScreen).view
    first = round(view.scroll_y)
    return "\n".join("".join(run for run, _ in view.line(y)[1:]) for y in range(first, first + view.size.height))


def foot(app: DatelineApp) -> str:
    return "\n".join("".join(run for run, _ in line) for line in on_top(app, ReaderScreen)._foot._lines)


def on_main(app: DatelineApp) -> bool:
    return app.screen is app.main


async def test_s_opens_the_document_at_the_quote_under_the_cursor(story: Path, settle: Settle) -> None:
    async with opened(story, settle, SIZE) as (app, main, press):
        await go_to(main, press, "channel")
        await press("s")
        mark = on_top(app, ReaderScreen).view.mark
        assert mark is not None
        assert mark.exact == LATE
        assert LATE in " ".join(shown(app).split())
        assert "quote 8 of 9" in foot(app)
        assert "Navy closes the channel" in foot(app)
        assert "✓ verified" in foot(app)


async def test_without_a_quote_there_is_nothing_to_read_and_that_is_said(story: Path, settle: Settle) -> None:
    with Store.open(story, write=True) as store, store.write("bare") as connection:
        connection.execute("INSERT INTO incident (key, title, date_edtf) VALUES ('bare', 'Bare', '2021-06')")
    async with opened(story, settle, SIZE) as (app, main, press):
        await go_to(main, press, "bare")
        await press("s", "I")
        assert on_main(app)
        assert said(app).count("No document here: the incident has no quote.") == 2


async def test_n_and_shift_n_walk_all_quotes_of_the_store_in_order(story: Path, settle: Settle) -> None:
    async with opened(story, settle, SIZE) as (app, main, press):
        await go_to(main, press, "pier")
        await press("s", "N")
        view = on_top(app, ReaderScreen).view
        walked = [view.mark.exact if view.mark else ""]
        for _ in range(8):
            await press("n")
            assert view.mark is not None
            walked.append(view.mark.exact)
            line = view.lines.line_of(view.mark.start)
            assert line is not None
            assert round(view.scroll_y) <= line < round(view.scroll_y) + view.size.height
        with Store.open(story) as store:
            stored = store.connection.execute("SELECT exact FROM quote WHERE document_id = 1").fetchall()
        assert sorted(walked) == sorted(exact for (exact,) in stored)
        placed = [TEXT.index(exact) for exact in walked if exact in TEXT]
        assert placed == sorted(placed)
        assert walked[-1] == GONE
        await press("n")
        assert "No further quote." in said(app)
        for exact in reversed(walked[:-1]):
            await press("N")
            assert view.mark is not None
            assert view.mark.exact == exact


async def test_after_scrolling_away_the_next_quote_is_the_next_from_there(story: Path, settle: Settle) -> None:
    async with opened(story, settle, (80, 24)) as (app, main, press):
        await go_to(main, press, "pier")
        await press("s", "space", "n")
        assert on_top(app, ReaderScreen).view.mark is not None
        assert on_top(app, ReaderScreen).view.mark.exact == LATE  # type: ignore[union-attr]


async def test_quotes_that_moved_or_are_gone_are_shown_as_such(story: Path, settle: Settle) -> None:
    async with opened(story, settle, SIZE) as (app, main, press):
        await go_to(main, press, "marsh")
        await press("s")
        view = on_top(app, ReaderScreen).view
        assert view.mark is not None
        at = TEXT.index(MOVED)
        assert (view.mark.exact, view.mark.source) == (MOVED, at)
        assert f"→ moved: stands at {at}, the store has 12" in foot(app)
        line = view.lines.line_of(view.mark.start)
        assert line is not None
        assert view.line(line)[0] == ("→  4  ", "mark")
        await press("G")
        assert "1 quote of the store with no place in this text" in shown(app)
        assert "✗ gone: not in the text; the store has 500" in shown(app)
        await press("N", "n", "n")
        assert view.mark.exact == GONE
        assert "✗ gone" in foot(app)


async def test_nested_and_overlapping_quotes_are_all_marked(story: Path, settle: Settle) -> None:
    async with opened(story, settle, (120, 40)) as (app, main, press):
        await go_to(main, press, "marsh")
        await press("s", "g")
        view = on_top(app, ReaderScreen).view
        line = view.lines.line_of(TEXT.index(BEFORE))
        assert line is not None
        gutter, *runs = view.line(line)
        assert gutter[0] == "▌  1+ "
        assert [(text, style) for text, style in runs if style.startswith("quoted")] == [
            ("Two drones struck ", "quoted"),
            ("the ", "quoted-deep"),
            ("fuel depot", "quoted-deep"),
            (NESTED.removeprefix("the fuel depot"), "quoted"),
        ]


async def test_enter_goes_to_the_incident_and_esc_back_to_where_one_was(story: Path, settle: Settle) -> None:
    async with opened(story, settle, SIZE) as (app, main, press):
        await go_to(main, press, "channel")
        await press("s", "escape")
        assert on_main(app)
        assert main.timeline.row is not None
        assert main.timeline.row.key == "channel"
        await press("s", "N", "N", "enter")
        assert on_main(app)
        assert main.timeline.row.key == "year"
        assert main.timeline.has_focus


async def test_an_incident_that_is_filtered_out_is_offered_and_nothing_is_cleared(story: Path, settle: Settle) -> None:
    async with opened(story, settle, SIZE, query="type:drone-strike") as (app, main, press):
        assert main.timeline.rows == 1
        await press("s", "right_curly_bracket", "n", "enter")
        assert isinstance(app.screen, Confirm)
        await press("n")
        assert isinstance(app.screen, ReaderScreen)
        await press("enter", "y")
        assert on_main(app)
        assert main.timeline.row is not None
        assert main.timeline.row.key == "pier"
        assert main._suspended == "type:drone-strike"
        await press("backslash")
        assert main._query.text == "type:drone-strike"
        assert main.timeline.rows == 1


async def test_a_search_marks_all_hits_and_n_walks_them_until_esc(story: Path, settle: Settle) -> None:
    async with opened(story, settle, (80, 24)) as (app, main, press):
        await go_to(main, press, "pier")
        await press("s", "N", "/", *"FERRIES")
        view = on_top(app, ReaderScreen).view
        assert view.search is not None
        assert len(view.search.starts) == TEXT.count("ferries") == 12
        assert any(style == "found-here" for y in range(view.line_count) for _, style in view.line(y))
        assert "ferries" in shown(app)
        await press("enter", "n", "n")
        assert "hit 3 of 12 for “FERRIES”" in foot(app)
        assert view.mark is not None and view.mark.exact == BEFORE
        await press("right_square_bracket")
        assert view.mark.exact != BEFORE
        await press("N", "escape")
        assert view.search is None
        assert isinstance(app.screen, ReaderScreen)
        await press("escape")
        assert on_main(app)


async def test_a_search_in_vain_says_so_and_letters_do_nothing_else(story: Path, settle: Settle) -> None:
    async with opened(story, settle, SIZE) as (app, _, press):
        await press("s", "/", *"qsiGy z")
        assert on_top(app, ReaderScreen)._words.value == "qsiGy z"
        await press("enter")
        assert "qsiGy z is not in this document." in said(app)
        await press("escape", "q")
        assert on_main(app)


async def test_paging_reaches_the_end_and_comes_back(story: Path, settle: Settle) -> None:
    async with opened(story, settle, (60, 16)) as (app, main, press):
        await go_to(main, press, "pier")
        await press("s", "g")
        view = on_top(app, ReaderScreen).view
        seen = set(range(round(view.scroll_y), round(view.scroll_y) + view.size.height))
        while view.read < 1:
            before = view.scroll_y
            await press("space")
            assert view.scroll_y > before
            seen |= set(range(round(view.scroll_y), round(view.scroll_y) + view.size.height))
        assert seen >= set(range(view.line_count))
        assert "· 100%" in foot(app)
        for there, back in (("b", "space"), ("ctrl+u", "ctrl+d"), ("k", "j"), ("pageup", "pagedown")):
            end = view.scroll_y
            await press(there)
            assert view.scroll_y < end
            await press(back)
            assert view.scroll_y == end
        await press("home")
        assert view.scroll_y == 0
        await press("end")
        assert view.read == 1


async def test_another_width_keeps_the_place_and_the_quote(story: Path, settle: Settle) -> None:
    app = DatelineApp(story, "", live=False)
    async with app.run_test(size=(120, 30)) as pilot:
        await settle(pilot)
        await pilot.press("s")
        await settle(pilot)
        await pilot.press("space")
        await settle(pilot)
        view = on_top(app, ReaderScreen).view
        mark, top = view.mark, view.position_in_sight()
        await pilot.resize_terminal(60, 20)
        await settle(pilot)
        assert view.mark == mark
        assert view.lines.width == 60 - 1 - 6
        line = view.lines.line_of(top)
        assert line is not None
        assert line == round(view.scroll_y)


async def test_documents_of_an_incident_can_be_switched_between(story: Path, settle: Settle) -> None:
    async with opened(story, settle, SIZE) as (app, main, press):
        await go_to(main, press, "depot")
        await press("s")
        with Store.open(story) as store:
            keys = store.connection.execute(
                "SELECT d.key FROM document AS d WHERE id IN (SELECT document_id FROM quote WHERE incident_id = 1)"
                " ORDER BY published_edtf, id"
            ).fetchall()
        assert [key for (key,) in keys] == ["wire", "sol", "luna"]
        assert on_top(app, ReaderScreen).page.source.key == "wire"
        await press("left_curly_bracket")
        assert "No earlier document of this incident." in said(app)
        await press("right_curly_bracket", "right_curly_bracket")
        assert on_top(app, ReaderScreen).page.source.key == "luna"
        mark = on_top(app, ReaderScreen).view.mark
        assert mark is not None
        assert mark.incident == "depot"
        assert "… 1,189 characters not in the store …" in shown(app)
        assert "1 quote at no known position" in shown(app)
        assert "○ unverified" in foot(app)
        await press("right_curly_bracket")
        assert "No further document of this incident." in said(app)


async def test_another_document_with_the_number_of_one_is_not_switched_to(story: Path, settle: Settle) -> None:
    async with opened(story, settle, SIZE) as (app, main, press):
        await go_to(main, press, "depot")
        await press("s")
        with Store.open(story, write=True) as store, store.write("another") as connection:
            connection.execute("UPDATE document SET key = 'another' WHERE key = 'sol'")
        await press("right_curly_bracket")
        assert on_top(app, ReaderScreen).page.source.key == "wire"
        assert said(app)[-1] == "This document is gone from the store."
        await press("left_curly_bracket")
        assert said(app)[-1] == "No earlier document of this incident."


async def test_what_another_program_writes_shows_and_the_place_is_kept(story: Path, settle: Settle) -> None:
    async with opened(story, settle, SIZE) as (app, main, press):
        await go_to(main, press, "channel")
        await press("s")
        view = on_top(app, ReaderScreen).view
        top = view.scroll_y
        with Store.open(story, write=True) as store, store.write("another quote") as connection:
            connection.execute(
                'INSERT INTO quote (incident_id, document_id, "start", "end", exact) VALUES (5, 1, 0, 12, ?)',
                (TEXT[:12],),
            )
        main.poll()
        await press("F24")
        assert "quote 9 of 10" in foot(app)
        assert view.scroll_y == top
        with Store.open(story, write=True) as store, store.write("gone") as connection:
            connection.execute("DELETE FROM quote WHERE document_id = 1")
            connection.execute("DELETE FROM document WHERE id = 1")
        main.poll()
        await press("F24")
        assert on_main(app)
        assert "This document is gone from the store." in said(app)


async def test_hostile_text_is_shown_as_glyphs_and_copied_without_controls(story: Path, settle: Settle) -> None:
    hostile = "\x1b[2J\x9b31m\u202eevil\x07[/b][@click=app.quit]x[/] \u0301\u0301\u0301\u0301\u0301\u0301 end"
    with Store.open(story, write=True) as store, store.write("hostile") as connection:
        connection.execute("UPDATE document SET text = ?, title = ? WHERE id = 1", (hostile, hostile))
        connection.execute('UPDATE quote SET "start" = 0, "end" = ?, exact = ? WHERE id = 9', (len(hostile), hostile))
    async with opened(story, settle, SIZE) as (app, main, press):
        await go_to(main, press, "channel")
        await press("s", "y")
        assert on_top(app, ReaderScreen).view.mark is not None
        # A paste into a shell must not end there, nor begin a sequence; all that is no control is as it stands.
        assert app.clipboard == hostile.replace("\x1b", "␛").replace("\x9b", "\ufffd").replace("\x07", "␇")
        text = shown(app) + foot(app)
        assert "␛[2J" in text
        assert not set(text) & set("\x1b\x9b\u202e\x07")
        await press("i", "escape", "question_mark")
        assert isinstance(app.screen, HelpScreen)


# -- the list and the card ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("others", [0, 3], ids=["the only one", "others left"])
async def test_the_way_to_a_quote_ends_where_it_stood_when_it_goes_from_the_store(
    others: int, tmp_path: Path, settle: Settle, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reader_view, "SLICE_S", 0.0)
    monkeypatch.setattr(reader_view, "PAUSE_S", 3600.0)
    text = "a line of words\n" * 20_000
    start = len(text) - 16_000
    path = tmp_path / "long.db"
    with Store.create(path) as store, store.write("long") as connection:
        connection.execute("INSERT INTO document (id, key, text) VALUES (1, 'long', ?)", (text,))
        connection.execute("INSERT INTO incident (id, key, title) VALUES (1, 'i', 'I')")
        connection.executemany(
            'INSERT INTO quote (id, incident_id, document_id, "start", "end", exact) VALUES (?, 1, 1, ?, ?, ?)',
            [(1, start, start + 6, "a line")]
            + [(2 + n, at, at + 6, "a line") for n, at in enumerate((0, 160, len(text) - 16)[:others])],
        )
    async with opened(path, settle, SIZE) as (app, main, press):
        await press("s")
        view = on_top(app, ReaderScreen).view
        view.go_to_quote(1)
        await press("F24")
        assert view.on_the_way is not None
        with Store.open(path, write=True) as store, store.write("gone") as connection:
            connection.execute("DELETE FROM quote WHERE id = 1")
        main.poll()
        await press("F24")
        assert len(view.page.marks) == others and view.on_the_way is not None
        monkeypatch.setattr(reader_view, "SLICE_S", 60.0)
        view._work()
        await press("F24")
        assert view._goal is None and view.mark is None
        line = view.lines.line_of(start)
        assert line is not None and view.scroll_y <= line < view.scroll_y + view.size.height


async def test_a_text_of_two_megabytes_takes_keys_while_its_lines_are_made(
    tmp_path: Path, settle: Settle, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reader_view, "SLICE_S", 0.0)
    monkeypatch.setattr(reader_view, "PAUSE_S", 3600.0)
    text = "無人機 drone e\u0301 " * 160_000
    path = tmp_path / "long.db"
    with Store.create(path) as store, store.write("long") as connection:
        connection.execute("INSERT INTO document (id, key, text) VALUES (1, 'long', ?)", (text,))
        connection.execute("INSERT INTO incident (id, key, title) VALUES (1, 'i', 'I')")
        connection.execute(
            'INSERT INTO quote (incident_id, document_id, "start", "end", exact) VALUES (1, 1, ?, ?, ?)',
            (len(text) - 14, len(text) - 1, text[-14:-1]),
        )
    assert len(text) >= 2_000_000
    async with opened(path, settle, SIZE) as (app, _, press):
        await press("s", "g")
        view = on_top(app, ReaderScreen).view
        assert view.scroll_y == 0
        for _ in range(9):
            view._work()
        assert not view.lines.done, "the lines were made while a key waited"
        assert view.lines.count < 1000
        await press("j", "j", "space")
        assert view.scroll_y == 2 + view.size.height - 1
        assert not view.lines.done
        await press("n")
        assert "on the way" in foot(app)
        monkeypatch.setattr(reader_view, "SLICE_S", 60.0)
        view._work()
        await press("F24")
        assert view._goal is None
        assert "quote 1 of 1" in foot(app)
        assert view.mark is not None
        line = view.lines.line_of(view.mark.start)
        assert line is not None and round(view.scroll_y) <= line < round(view.scroll_y) + view.size.height
