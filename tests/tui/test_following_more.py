"""What another program writes appears in the doubles, the citation, the assessment and the boxes over a screen."""

from __future__ import annotations

from pathlib import Path

import pytest

from db import edit
from db.formats.record import Options
from db.formats.registry import named
from db.importing import import_file
from db.store import Store
from tests.support.pressing import Settle, main_of, said
from tests.tui.test_following import over, pairs_of
from tui.app import DatelineApp
from tui.screens.assess import AssessScreen
from tui.screens.chooser import Chooser
from tui.screens.cite import CiteScreen
from tui.screens.doubles import DoublesScreen
from tui.screens.show_lines import FollowingLines

VICTORY = "victory-drones-2021-06-21"

ANOTHER = f"""
CREATE TEMP TABLE was AS SELECT id FROM incident WHERE key = '{VICTORY}';
DELETE FROM incident WHERE id = (SELECT id FROM was);
INSERT INTO incident (id, key, title) SELECT id, 'another', 'Another' FROM was;
"""
"""Another incident gets the number."""


@pytest.fixture
def twice(seeded: Path) -> Path:
    """The seeds, and some rows as two data sets."""
    file = Path(__file__).resolve().parents[1] / "data" / "ged_iraq_hdx.csv"
    with Store.open(seeded, write=True) as store:
        for origin in ("one", "two"):
            import_file(store, file, named("ucdp-ged"), Options(origin=origin))
    return seeded


def text_of(screen: DoublesScreen, y: int) -> str:
    return "".join(text for text, _ in screen.list.line(y))


def compared(screen: DoublesScreen) -> str:
    view = screen.comparison
    return "\n".join("".join(text for text, _ in view.line(y)) for y in range(view.line_count))


async def test_titles_and_the_comparison_follow_and_keep_their_place(twice: Path, settle: Settle) -> None:
    async with over(twice, settle, "M", size=(80, 24)) as (app, press, write):
        screen = await pairs_of(app, press)
        pair = screen.pair
        assert pair is not None
        await press("space")
        stood = screen.comparison.scroll_y
        assert stood > 0
        await write(f"UPDATE incident SET title = 'Zzz', damage = 'a fence' WHERE id = {pair.second.id}")
        assert "Zzz" in text_of(screen, 0)
        assert "Zzz" in compared(screen) and "a fence" in compared(screen)
        assert screen.comparison.scroll_y == stood and screen.pair is pair
        await press("j")
        assert screen.comparison.scroll_y == 0


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE incident SET date_edtf = '2019-01-01', date_earliest = '2019-01-01', date_latest = '2019-01-01'"
        " WHERE id = {}",
        "UPDATE incident SET place_id = (SELECT id FROM place LIMIT 1) WHERE id = {}",
        "UPDATE place SET latitude = 1, longitude = 1 WHERE id = (SELECT place_id FROM incident WHERE id = {})",
        "DELETE FROM incident_actor WHERE incident_id = {}",
        "UPDATE incident SET killed_low = 90, killed_best = 91, killed_high = 92 WHERE id = {}",
    ],
    ids=["date", "place", "point", "actors", "numbers"],
)
async def test_a_pair_that_is_not_what_it_was_weighed_by_is_marked_until_it_is_weighed_anew(
    change: str, twice: Path, settle: Settle
) -> None:
    async with over(twice, settle, "M") as (app, press, write):
        screen = await pairs_of(app, press)
        pair = screen.pair
        assert pair is not None and " changed " not in text_of(screen, 0)
        await write(change.format(pair.second.id))
        assert 0 in screen.list.changed and " changed " in text_of(screen, 0)
        assert "changed since it was weighed" in str(screen._head.line(0))
        untouched = set(range(len(screen.list.pairs))) - screen.list.changed
        assert untouched and " changed " not in text_of(screen, min(untouched))
        await press("f5")
        screen = await pairs_of(app, press)
        assert screen.list.changed == frozenset() and "changed since" not in str(screen._head.line(0))


async def test_a_pair_that_is_again_what_it_was_weighed_by_is_marked_no_more(twice: Path, settle: Settle) -> None:
    async with over(twice, settle, "M") as (app, press, write):
        screen = await pairs_of(app, press)
        pair = screen.pair
        assert pair is not None
        with Store.open(twice) as store:
            (was,) = store.connection.execute("SELECT place_id FROM incident WHERE id = ?", (pair.first.id,)).fetchone()
        await write(f"UPDATE incident SET place_id = NULL WHERE id = {pair.first.id}")
        assert 0 in screen.list.changed
        await write(f"UPDATE incident SET place_id = {was} WHERE id = {pair.first.id}")
        assert screen.list.changed == frozenset()


async def test_what_the_analyst_says_of_a_pair_is_no_change_of_it_and_is_shown_of_a_changed_one(
    twice: Path, settle: Settle
) -> None:
    async with over(twice, settle, "M") as (app, press, write):
        screen = await pairs_of(app, press)
        pair = screen.pair
        assert pair is not None
        await press("s")
        assert screen.list.changed == frozenset()
        await press("u")
        await write(f"UPDATE incident SET title = 'Zzz' WHERE id = {pair.first.id}")
        await press("s")
        assert 0 in screen.list.changed and "≈ same" in text_of(screen, 0)


async def test_the_title_of_another_with_the_number_of_one_that_is_gone_is_not_shown(
    twice: Path, settle: Settle
) -> None:
    async with over(twice, settle, "M") as (app, press, write):
        screen = await pairs_of(app, press)
        pair = screen.pair
        assert pair is not None
        await write(
            f"DELETE FROM incident WHERE id = {pair.first.id};"
            f"INSERT INTO incident (id, key, title) VALUES ({pair.first.id}, 'another', 'Another');"
        )
        assert 0 in screen.list.gone and 0 not in screen.list.changed
        assert " gone " in text_of(screen, 0) and "Another" not in text_of(screen, 0)
        told = [text for text in said(app) if "gone from the store" in text]
        await write("UPDATE incident SET title = 'Yet another' WHERE key = 'another'")
        assert len(told) == 1 and [text for text in said(app) if "gone from the store" in text] == told


async def test_a_change_while_the_pairs_were_looked_for_is_seen(
    twice: Path, settle: Settle, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = DoublesScreen._found_pairs

    def late(self: DoublesScreen, told: tuple) -> None:  # type: ignore[type-arg]
        with Store.open(twice, write=True) as store, store.write("a title") as connection:
            connection.execute("UPDATE incident SET title = 'Zzz' WHERE id = ?", (told[0].pairs[0].first.id,))
        shown(self, told)

    monkeypatch.setattr(DoublesScreen, "_found_pairs", late)
    async with over(twice, settle, "M") as (app, press, _):
        screen = await pairs_of(app, press)
        assert 0 in screen.list.changed and "Zzz" in text_of(screen, 0)


def citation(app: DatelineApp) -> CiteScreen:
    assert isinstance(app.screen, CiteScreen)
    return app.screen


PUBLISHER = """
UPDATE document SET publisher = 'The Corrected Paper' WHERE id IN
    (SELECT document_id FROM quote AS q JOIN incident AS i ON i.id = q.incident_id
     WHERE i.key = 'victory-drones-2021-06-21')
"""


async def test_a_citation_follows_and_keeps_its_style_and_place(seeded: Path, settle: Settle) -> None:
    async with over(seeded, settle, "C", "tab", "tab", "l", size=(50, 8), query="victory drones") as (
        app,
        press,
        write,
    ):
        screen = citation(app)
        assert (screen._extent, screen._style) == ("the incident", "markdown")
        await press("j")
        stood = screen.view.scroll_y
        assert stood == 1
        await write(PUBLISHER)
        assert "The Corrected Paper" in screen.text
        assert (screen._extent, screen._style, screen.view.scroll_y) == ("the incident", "markdown", stood)


@pytest.mark.parametrize("keys", [(), ("tab",), ("tab", "tab")], ids=["quote", "document", "incident"])
async def test_every_citation_has_the_document_as_it_is_now(
    keys: tuple[str, ...], seeded: Path, settle: Settle
) -> None:
    async with over(seeded, settle, "C", *keys, query="victory drones") as (app, _, write):
        assert "The Corrected Paper" not in citation(app).text
        await write(PUBLISHER)
        assert "The Corrected Paper" in citation(app).text


QUOTES = f"quote WHERE incident_id = (SELECT id FROM incident WHERE key = '{VICTORY}')"


@pytest.mark.parametrize(
    ("keys", "sql", "told"),
    [
        ((), f"DELETE FROM {QUOTES}", "This quote is gone from the incident or was changed."),
        (
            (),
            "UPDATE quote SET exact = 'other words', start = NULL, \"end\" = NULL" + QUOTES.removeprefix("quote"),
            "This quote is gone from the incident or was changed.",
        ),
        (
            ("tab",),
            f"DELETE FROM document WHERE id IN (SELECT document_id FROM {QUOTES})",
            "This document is gone from the incident.",
        ),
        (("tab", "tab"), ANOTHER, "This incident is gone from the store."),
    ],
    ids=["quote gone", "quote changed", "document gone", "incident gone"],
)
async def test_a_citation_of_what_is_gone_closes(
    keys: tuple[str, ...], sql: str, told: str, seeded: Path, settle: Settle
) -> None:
    async with over(seeded, settle, "C", *keys, query="victory drones") as (app, _, write):
        assert len(keys) == list(citation(app)._extents).index(citation(app)._extent)
        await write(sql)
        assert app.screen is app.main
        assert said(app)[-1] == told


async def test_a_citation_of_the_incident_stays_when_its_quote_is_gone(seeded: Path, settle: Settle) -> None:
    async with over(seeded, settle, "C", "tab", "tab", query="victory drones") as (app, press, write):
        assert "this quote" in citation(app)._extents
        await write(f"DELETE FROM {QUOTES}")
        assert "this quote" not in citation(app)._extents and citation(app)._extent == "the incident"
        await press("tab", "tab")
        assert citation(app)._extent == "the incident", "with two kinds left, two steps lead back"


def assessed(path: Path) -> tuple[str | None, int | None, str]:
    with Store.open(path) as store:
        found = store.connection.execute(
            "SELECT grade, credibility, status FROM incident WHERE key = ?", (VICTORY,)
        ).fetchone()
        return tuple(found)


ASSESSED = f"UPDATE incident SET grade = 'confirmed', credibility = 2, status = 'reviewed' WHERE key = '{VICTORY}'"


async def test_an_assessment_follows_and_what_was_chosen_stays(seeded: Path, settle: Settle) -> None:
    async with over(seeded, settle, "A", "5", query="victory drones") as (app, press, write):
        screen = app.screen
        assert isinstance(screen, AssessScreen)
        assert screen.options.chosen["grade"] != "confirmed"
        await write(ASSESSED)
        assert screen.options.chosen == {"grade": "confirmed", "credibility": 5, "status": "reviewed"}
        await press("enter")
        assert assessed(seeded) == ("confirmed", 2, "reviewed"), "another's credibility is not written over unseen"
        assert "meanwhile" in said(app)[-1]


async def test_what_is_chosen_behind_the_change_of_another_is_kept_and_nothing_else(
    seeded: Path, settle: Settle
) -> None:
    async with over(seeded, settle, "A", query="victory drones") as (app, press, write):
        await write(ASSESSED)
        await press("t", "enter")
        assert app.screen is app.main and assessed(seeded) == ("contested", 2, "reviewed")
        assert not [text for text in said(app) if "meanwhile" in text]


async def test_an_assessment_of_an_incident_that_is_gone_closes(seeded: Path, settle: Settle) -> None:
    async with over(seeded, settle, "A", "5", query="victory drones") as (app, _, write):
        await write(ANOTHER)
        assert app.screen is app.main
        assert said(app)[-1] == "This incident is gone from the store."


def box_text(app: DatelineApp) -> str:
    box = app.screen
    assert isinstance(box, FollowingLines)
    return "\n".join("".join(text for text, _ in box.view.line(y)) for y in range(box.view.line_count))


async def test_who_says_so_follows_and_closes_when_nobody_does(seeded: Path, settle: Settle) -> None:
    async with over(seeded, settle, "c", query="victory drones") as (app, press, write):
        claims = app.screen
        await press("enter")
        assert "other words" not in box_text(app)
        await write("UPDATE claim SET value = 'other words', polarity = 'asserts'")
        assert "other words" in box_text(app)
        await write("DELETE FROM claim")
        assert app.screen is claims
        assert said(app)[-1] == "What was said here is gone from the store."


async def test_who_says_so_closes_with_its_incident_and_one_word(seeded: Path, settle: Settle) -> None:
    async with over(seeded, settle, "c", "enter", query="victory drones") as (app, _, write):
        assert box_text(app)
        await write(ANOTHER)
        assert app.screen is app.main
        assert [text for text in said(app) if "gone" in text] == ["This incident is gone from the store."]


async def test_the_rows_of_a_write_say_that_it_was_undone_elsewhere(seeded: Path, settle: Settle) -> None:
    from db import undo

    with Store.open(seeded, write=True) as store:
        edit.star(store, 1, True)
    async with over(seeded, settle, "W", "enter") as (app, _, write):
        assert "undone since" not in box_text(app)
        with Store.open(seeded, write=True) as store:
            undo.undo(store, 2)
        await write("")
        assert "undone since" in box_text(app)


async def test_the_chooser_offers_what_the_incident_has_by_now(seeded: Path, settle: Settle) -> None:
    async with over(seeded, settle, "comma", query="victory drones") as (app, press, write):
        screen = app.screen
        assert isinstance(screen, Chooser)
        await press("G")
        stood = screen._choices.listed[screen._choices.cursor]
        await write(f"UPDATE incident SET event_type = 'night-raid' WHERE key = '{VICTORY}'")
        assert "night-raid" in [choice.value for choice in screen._choices.listed]
        assert screen._choices.listed[screen._choices.cursor] == stood
        await write(ANOTHER)
        assert app.screen is main_of(app)
        assert said(app)[-1] == "This incident is gone from the store."
