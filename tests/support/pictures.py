"""What the tests of pictures share: three sizes, the way to a state, and that no two pictures are alike."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path

import pytest
from textual.pilot import Pilot

from tests.support.pressing import Settle, press
from tui.app import DatelineApp

Check = Callable[[], bool]

SIZES = [(80, 24), (120, 40), (60, 16)]

at_each_size = pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")


def led(
    app: DatelineApp,
    settle: Settle,
    keys: Sequence[str],
    holds: Check,
    deeds: Mapping[str, Callable[[], object]] | None = None,
    *,
    said: bool = False,
) -> Callable[[Pilot[None]], Awaitable[None]]:
    """What leads an app to the state that `holds`; what was said belongs to its picture only with `said`.

    A toast's place depends on timing: pictures show the screen under it.
    """

    async def lead(pilot: Pilot[None]) -> None:
        await settle(pilot)
        await press(app, pilot, settle, keys, deeds)
        assert app.main is not None
        assert holds(), (keys, app.screen, app.main._query.text, app.main.header.text)
        if not said:
            app.clear_notifications()
        await settle(pilot)

    return lead


def assert_no_two_alike(module: str, count: int) -> None:
    """A key that does nothing would leave a picture of the state before it; `module` is the test's `__file__`."""
    folder = Path(module).parent / "__snapshots__" / Path(module).stem
    files = sorted([*folder.glob("*.raw"), *folder.glob("*.svg")])
    assert len(files) == count
    seen: dict[str, str] = {}
    for file in files:
        text = re.sub(r"terminal-\d+", "terminal", file.read_text(encoding="utf-8"))
        assert text not in seen, f"{file.name} shows the same as {seen[text]}"
        seen[text] = file.name
