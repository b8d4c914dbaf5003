"""The density strip: keys that go by its counts wait for them, and a part of the span goes with its days."""

from __future__ import annotations

from pathlib import Path

import pytest

from db.days import iso
from db.store import Store
from tests.support.pressing import Settle, opened
from tests.tui.test_key_order import send
from tui.widgets.density import Density


@pytest.mark.parametrize("keys", [("z", "b", "enter"), ("z", "z", "w", "enter"), ("z", "Z", "b", "b", "enter")])
async def test_bars_are_stepped_by_right_behind_a_zoom(keys: tuple[str, ...], seeded: Path, settle: Settle) -> None:
    found = []
    for hasty in (False, True):
        async with opened(seeded, settle) as (app, main, press):
            await press("G", "i", "z")
            if hasty:
                send(app, *keys)
                await press("f20")  # no key of any scope: waits as after one
            else:
                await press(*keys)
            found.append(main.bar.text)
    assert found[0] == found[1] != ""


async def test_a_part_of_the_span_goes_with_the_days_that_it_showed(seeded: Path, settle: Settle) -> None:
    async with opened(seeded, settle) as (_, main, press):
        await press("G", "z", "z", "z")
        density, first = main.density, main.density._whole
        assert first is not None and density._span is not None and density._span[0] > first[0]
        with Store.open(seeded, write=True) as store, store.write("thinned") as connection:
            connection.execute("DELETE FROM incident WHERE date_latest > ?", (iso(density._span[0]),))
        main.poll()
        await press("f20")
        assert density._span == density._whole
        assert density._whole is not None and density._whole[1] < first[1]
        assert density.axis is not None and any(certain for certain, _ in density._bars)


@pytest.mark.parametrize(
    ("span", "left"),
    [
        ((0, 3000), (1000, 1500)),
        ((1200, 3000), (1200, 1500)),
        ((1000, 1486), (1000, 1486)),
        ((1495, 3000), (1495, 3000)),
        ((2000, 2000), (2000, 2000)),
        (None, None),
    ],
)
def test_of_a_part_stays_what_the_store_still_has(span: tuple[int, int] | None, left: tuple[int, int] | None) -> None:
    density = Density(id="density")
    density.over((0, 4000), [])
    density._span = (1000, 1500)
    density.over(span, [])
    assert (density._whole, density._span) == (span, left)


async def test_the_strips_cursor_stays_on_its_day_where_one_zooms_far_from_the_timelines_row(
    seeded: Path, settle: Settle
) -> None:
    """One row is shown, at the end of the span; the strip's cursor goes where there is none."""
    async with opened(seeded, settle, query="victory") as (_, main, press):
        density = main.density
        await press("i", *["left"] * 60)
        for key in ("z", "z", "Z", "Z"):
            assert density.axis is not None and density._column is not None
            first, last = density.axis.days(density._column)
            assert density._at is not None and density._at > last
            await press(key)
            left, right = density.axis.days(density._column)
            assert left <= first <= right
