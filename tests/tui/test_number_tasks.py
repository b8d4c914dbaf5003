"""What a person does to see why a number stands there and to cite an incident, key by key."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.widgets import Input

from db import cite, citing
from db.engine import open_engine
from db.query import parse
from db.store import Store
from tests.support.pressing import Settle, on_top, opened, said, text_of
from tui.app import DatelineApp
from tui.screens.ask_line import AskLine
from tui.screens.cite import CiteScreen
from tui.screens.explain import ExplainScreen

VICTORY = "victory-drones-2021-06-21"


def screen_of(app: DatelineApp) -> object:
    """The screen on top, as mypy cannot narrow it."""
    return app.screen


async def test_the_count_of_a_facets_value_is_explained_and_taken(seeded: Path, settle: Settle) -> None:
    async with opened(seeded, settle, query="-type:drill") as (app, main, press):
        await press("f", "j")
        entry = main.facets.current
        assert entry is not None and entry.count is not None
        count = entry.count.certain + entry.count.possible
        await press("K")
        told = on_top(app, ExplainScreen).told
        assert told.count == count == len(told.matches or ())
        assert told.query == f"type:{entry.count.value} kind:incident" or told.query == f"type:{entry.count.value}"
        assert f"Why {count}?" in text_of(on_top(app, ExplainScreen)._head)
        with Store.open(seeded) as store:
            plain = store.connection.execute(
                "SELECT count(*) FROM incident WHERE kind = 'incident' AND event_type = ?", (entry.count.value,)
            ).fetchone()[0]
        assert plain == count
        await press("j", "y")
        assert app.clipboard == told.query
        wanted = on_top(app, ExplainScreen).rows.match
        await press("enter")
        assert screen_of(app) is main
        assert main.bar.text == main._query.text == told.query
        assert main._answer is not None
        assert main._answer.totals.certain + main._answer.totals.possible == count
        assert wanted is not None and main.timeline.match is not None and main.timeline.match.id == wanted.id
        await press("backspace")
        assert main._query.text == "-type:drill"


async def test_the_numbers_of_the_head_line_are_explained(seeded: Path, settle: Settle) -> None:
    async with opened(seeded, settle, query="date:2021-04-12..2021-04-16") as (app, main, press):
        assert main._answer is not None and main._facts is not None
        totals, documents = main._answer.totals, main._facts.facts.documents
        await press("K")
        screen = on_top(app, ExplainScreen)
        told = {number.label: number.count for number in screen._told}
        assert told == {
            "certain": totals.certain,
            "possible": totals.possible,
            "incidents in all": totals.of,
            "aggregates and context": totals.rows - totals.certain - totals.possible,
            "documents in the store": documents,
        }
        # Nothing certain to show: it begins with what there is.
        assert screen.told.label == "possible"
        assert screen.rows.line_count == totals.possible
        assert all("".join(text for text, _ in screen.rows.line(y)).startswith("~") for y in range(totals.possible))
        await press("h")
        assert screen.told.label == "certain" and "Nothing was counted" in text_of(screen.rows)
        await press("h")
        assert screen.told.label == "documents in the store"
        await press("j", "enter")
        assert main._query.text.startswith("document:")
        assert main._answer is not None and main._answer.totals.rows > 0


async def test_a_column_of_the_strip_is_explained(seeded: Path, settle: Settle) -> None:
    async with opened(seeded, settle) as (app, main, press):
        await press("G", "i")
        strip = main.density
        for _ in range(3):
            column = strip._column
            assert column is not None
            bar = strip._bars[column]
            await press("K")
            told = on_top(app, ExplainScreen).told
            assert (told.count, told.certain) == (sum(bar), bar[0])
            await press("escape", "b")
            assert strip.has_focus


async def test_two_roots_are_shown_with_their_quotes(seeded: Path, settle: Settle) -> None:
    async with opened(seeded, settle, query="victory") as (app, main, press):
        await press("enter", "K")
        screen = on_top(app, ExplainScreen)
        assert (screen.told.label, screen.told.count) == ("root speakers", 2)
        text = " ".join(text_of(screen.rows).split())
        assert "Sabereen News, by way of Press TV, in The Jerusalem Post" in text
        assert "it appears it happened on Monday" in text
        await press("j", "enter")
        assert main._query.text == 'speaker:"The Jerusalem Post"'
        await press("K", "escape")
        with Store.open(seeded) as store:
            found = open_engine(store).answer(parse(main._query.text)).totals.rows
        assert main.timeline.rows == found


async def test_a_quote_is_no_filter(seeded: Path, settle: Settle) -> None:
    async with opened(seeded, settle, query="victory") as (app, _, press):
        await press("enter", "K", "l")
        assert on_top(app, ExplainScreen).told.label == "quotes"
        await press("enter")
        assert "No query finds this" in said(app)[-1]
        await press("y")
        on_top(app, ExplainScreen)


async def test_a_facets_heading_has_no_number(seeded: Path, settle: Settle) -> None:
    async with opened(seeded, settle, query="nothing-like-it") as (app, main, press):
        await press("f", "K")
        assert screen_of(app) is main
        assert "Move to a value" in said(app)[-1]


async def test_the_incident_is_cited_in_every_style(
    seeded: Path, settle: Settle, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    async with opened(seeded, settle, query="hangar at Erbil") as (app, main, press):
        await press("C")
        screen = app.screen
        assert isinstance(screen, CiteScreen)
        incident, quote, document = main.detail.incident, main.detail.quote, main.detail.document
        assert incident is not None and quote is not None and document is not None
        assert len(incident.documents) == 2
        assert screen.text == cite.footnote(quote, document)
        await press("tab")
        assert screen.text == citing.cited(citing.of_document(incident, document), "footnote")
        await press("tab")
        for style in citing.STYLES:
            assert screen.text == citing.cited(citing.of_incident(incident), style)
            assert "".join(text_of(screen.view).split()) == "".join(screen.text.split())
            await press("y")
            assert app.clipboard == screen.text
            assert "Offered" in said(app)[-1]
            await press("l")
        await press("w")
        assert isinstance(app.screen, AskLine)
        assert app.screen.query_one("#ask", Input).value == f"{incident.key}.txt"
        await press("enter")
        assert screen_of(app) is screen
        assert (tmp_path / f"{incident.key}.txt").read_text(encoding="utf-8") == screen.text + "\n"
        await press("w", "enter")
        assert "nothing was overwritten" in said(app)[-1]
        await press("w", "escape", "C")
        assert screen_of(app) is main
