"""Tags that came by plain SQL or JSON lines under names that nobody can type are turned as any other."""

from __future__ import annotations

from pathlib import Path

import pytest

from db import read
from db.store import Store
from tests.support.pressing import Settle, opened


@pytest.mark.parametrize("name", ["#hot", "##x", "a\x1b[2Jb", "two  blanks"])
async def test_enter_takes_away_the_very_tag_under_the_cursor(name: str, seeded: Path, settle: Settle) -> None:
    with Store.open(seeded, write=True) as store, store.write("tags") as connection:
        connection.execute("INSERT INTO tag (id, name) VALUES (1, ?), (2, 'hot')", (name,))
        connection.execute(
            "INSERT INTO incident_tag (incident_id, tag_id) SELECT i.id, t.id FROM incident AS i, tag AS t"
        )

    def tags(incident_id: int) -> tuple[str, ...]:
        with Store.open(seeded) as store:
            incident = read.incident(store.connection, incident_id)
        assert incident is not None
        return incident.tags

    async with opened(seeded, settle) as (_, main, press):
        assert main.timeline.match is not None
        here = main.timeline.match.id
        await press("g", "number_sign")
        screen = main.app.screen
        while screen.tags.current.name != name:  # type: ignore[attr-defined]
            await press("down")
        await press("enter")
        assert tags(here) == ("hot",)
        while screen.tags.current.name != name:  # type: ignore[attr-defined]
            await press("down")
        await press("enter")
        assert set(tags(here)) == {"hot", name}
