"""What a person does with the list of documents and with the card of a source, key by key."""

from __future__ import annotations

from pathlib import Path

from db.store import Store
from tests.support.pressing import Settle, go_to, on_top, opened, said
from tui.app import DatelineApp
from tui.screens.documents import DocumentsScreen
from tui.screens.reader import ReaderScreen
from tui.screens.source_card import CardScreen

SIZE = (100, 30)


def on_main(app: DatelineApp) -> bool:
    return app.screen is app.main


async def test_the_list_of_documents_counts_sorts_and_opens(story: Path, settle: Settle) -> None:
    async with opened(story, settle, (120, 30)) as (app, main, press):
        await press("S")
        assert isinstance(app.screen, DocumentsScreen)
        screen = app.screen
        with Store.open(story) as store:
            counts = {
                key: figures
                for key, *figures in store.connection.execute(
                    "SELECT d.key, count(*), count(DISTINCT CASE WHEN i.kind = 'incident' THEN i.id END) FROM quote AS q"
                    " JOIN incident AS i ON i.id = q.incident_id JOIN document AS d ON d.id = q.document_id GROUP BY d.id"
                )
            }
        listed = screen.list.listed
        assert {one.document.key: [one.quotes, one.incidents] for one in listed} == counts
        for y, one in enumerate(listed):
            line = "".join(text for text, _ in screen.list.line(y))
            assert [word for word in line.split() if word.isdigit()][-3:] == [
                str(n) for n in (one.quotes, one.incidents, one.others)
            ]
        assert [one.document.key for one in listed] == ["sol", "luna", "wire"]
        await press("o", "o", "o", "o")
        assert screen.order == "title"
        assert [one.document.key for one in screen.list.listed] == ["wire", "sol", "luna"]
        assert screen.chosen is not None and screen.chosen.document.key == "sol"
        await press("pagedown", "enter")
        assert on_top(app, ReaderScreen).page.source.key == "luna"
        assert on_top(app, ReaderScreen).view.mark is None
        await press("enter")
        assert "No quote chosen yet; n goes to the next." in said(app)
        await press("n", "n", "enter")
        assert on_main(app)
        assert main.timeline.row is not None
        assert main.timeline.row.key == "pier"


async def test_the_card_tells_what_the_store_shows_and_leads_to_its_incidents(story: Path, settle: Settle) -> None:
    async with opened(story, settle, SIZE) as (app, main, press):
        await go_to(main, press, "channel")
        await press("s", "i")
        assert isinstance(app.screen, CardScreen)
        text = app.screen.view.text
        # Of five, "depot" and "pier" are told by Luna too, which came a day later; "depot" also by an undated one.
        assert "First with: 4 incidents, 1 aggregate or context" in text
        assert "Two drones strike the fuel depot — no later than 2 other documents" in " ".join(text.split())
        assert "Lantern battery fires over the pier — earlier than 1 other document" in " ".join(text.split())
        assert "Alone with: 2 incidents, 1 aggregate or context" in text
        assert "Contradicted by others: 2" in text
        assert "weapon: Drone (The harbour master) ≠ Rocket (Luna Post, in luna)" in " ".join(text.split())
        assert "injured: 0 (The harbour master) ≠ 2 (Luna Post, in luna)" in " ".join(text.split())
        assert "✓ 7 verified" in text and "→ 1 moved" in text and "✗ 1 gone" in text
        assert "Radio Sol (own voice): 6 quotes in 5 entries of the timeline" in text
        await press("n", "n", "N", "enter")
        assert on_main(app)
        assert main.timeline.row is not None
        assert main.timeline.row.key == "depot"


async def test_a_grade_wants_a_reason_and_shows_at_once(story: Path, settle: Settle) -> None:
    async with opened(story, settle, SIZE) as (app, main, press):
        await go_to(main, press, "channel")
        await press("I", "r", "k", "k", "k", "k", "enter", "enter")
        assert not isinstance(app.screen, CardScreen), "a grade without a reason"
        await press(*"named", "enter")
        card = app.screen
        assert isinstance(card, CardScreen)
        assert "Reliability: C, fairly reliable" in card.view.text
        assert "because named" in card.view.text
        with Store.open(story) as store:
            assert store.connection.execute(
                "SELECT reliability, reliability_reason FROM document WHERE key = 'sol'"
            ).fetchone() == ("C", "named")
            assert store.connection.execute("SELECT what, who FROM log ORDER BY id DESC LIMIT 1").fetchone() == (
                "grade sol C: named",
                "tester",
            )
        await press("escape", "S")
        assert isinstance(app.screen, DocumentsScreen)
        assert [d.document.reliability for d in app.screen.list.listed] == ["C", None, None]
        await press("i", "s", "q", "escape", "escape")
        assert on_main(app)


async def test_every_list_stays_in_its_bounds(story: Path, settle: Settle) -> None:
    async with opened(story, settle, (60, 16)) as (app, _, press):
        await press("S", "G", "j", "b", "k", "k", "i", "G", "j", "space", "g", "k", "N", "b")
        assert isinstance(app.screen, CardScreen)
        assert app.screen.view.cursor == 0
        assert "No earlier incident on the card." in said(app)


async def test_a_store_without_documents_says_so(tmp_path: Path, settle: Settle) -> None:
    path = tmp_path / "empty.db"
    Store.create(path).close()
    async with opened(path, settle, SIZE) as (app, _, press):
        await press("s", "I", "S", "enter", "i", "o", "j", "G")
        assert isinstance(app.screen, DocumentsScreen)
        assert "no documents yet" in "".join(text for text, _ in app.screen.list.line(0))
