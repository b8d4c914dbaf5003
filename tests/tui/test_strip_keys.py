"""Keys of the density strip that go by its counts wait for them, however quickly they follow what changes the strip."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.pressing import Settle, opened
from tests.tui.test_key_order import send


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
