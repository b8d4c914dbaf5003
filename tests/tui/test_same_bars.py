"""A query always shows the same bars, whatever came before it; a dialog that goes has the screen painted once."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.pilot import Pilot

from db.engine import Wants, open_engine
from db.query_edit import lenient
from db.store import Store
from tui import session_thread
from tui.app import DatelineApp
from tui.painter import Painter


async def _settle(pilot: Pilot[None]) -> None:
    app = pilot.app
    assert isinstance(app, DatelineApp)
    while True:
        await pilot.pause(0.01)
        if app.begun and app.session is not None and app.session.idle:
            await pilot.pause()
            if app.session.idle:
                return


@pytest.mark.parametrize("in_two_steps", [False, True])
async def test_the_same_query_always_shows_the_same_bars(
    seeded: Path, in_two_steps: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if in_two_steps:  # rows and totals first, counts and bars in the next frame: as in a store of a million
        monkeypatch.setattr(session_thread, "COUNT_LATER", 0)
        monkeypatch.setattr(session_thread, "PATIENCE_S", -1.0)
    app = DatelineApp(seeded, live=False)
    seen: dict[str, set[object]] = {}
    async with app.run_test(size=(120, 40)) as pilot:
        await _settle(pilot)
        assert app.main is not None
        density = app.main.density
        axis = density.axis
        assert axis is not None
        await pilot.press("slash")
        for keys in ("dro", "rock", "dro"):
            for key in (*keys, *["backspace"] * len(keys)):
                await pilot.press(key)
                await _settle(pilot)
                assert density.axis is axis, "the axis moved"
                seen.setdefault(app.main.bar.text, set()).add(tuple(density._bars))
    assert set(seen) == {"", "d", "dr", "dro", "r", "ro", "roc", "rock"}
    with Store.open(seeded) as store:
        engine = open_engine(store)
        for text, bars in seen.items():
            query = lenient(text)
            assert query is not None
            histogram = engine.answer(query, Wants(histogram=axis.histogram)).histogram
            assert histogram is not None
            assert bars == {tuple(axis.bars(histogram))}, text
    assert len({frozenset(bars) for bars in seen.values()}) > 3


async def test_a_dialog_that_goes_has_the_screen_painted_once(seeded: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = []
    painted = Painter.render_full_update

    def counted(self: Painter, simplify: bool = False) -> object:
        whole.append(self)
        return painted(self, simplify)

    app = DatelineApp(seeded, live=False)
    async with app.run_test(size=(120, 40)) as pilot:
        await _settle(pilot)
        assert app.main is not None
        await pilot.press("at", *"2020")
        await _settle(pilot)
        assert app.screen is not app.main
        monkeypatch.setattr(Painter, "render_full_update", counted)
        await pilot.press("enter")
        await _settle(pilot)
        await pilot.pause(0.2)
        assert app.screen is app.main
        assert whole == [app.main._compositor]
