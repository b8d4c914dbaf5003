"""The lines of an incident: nothing that is said of it runs over the pane's edge."""

from __future__ import annotations

from pathlib import Path

from rich.cells import cell_len

from db import read
from db.store import Store
from tui.incident_lines import DISPUTED, describe


def test_the_mark_of_a_dispute_is_whole_at_every_width(template: Path) -> None:
    with Store.open(template) as store:
        incidents = [
            read.incident(store.connection, read.incident_id(store.connection, key))
            for key in ("asad-drone-2021-05-08", "victory-drones-2021-06-21")
        ]
    for incident in incidents:
        assert incident is not None and incident.disputed
        for width in range(24, 121):
            lines = describe(incident, width).lines
            marked = [line for line in lines if any(words == DISPUTED or words.endswith(DISPUTED) for words, _ in line)]
            assert len(marked) == len(incident.disputed), width
            assert all(sum(cell_len(words) for words, _ in line) <= width for line in marked), width
