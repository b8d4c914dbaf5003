"""The lines of an incident: nothing that is said of it runs over the pane's edge."""

from __future__ import annotations

from pathlib import Path

from rich.cells import cell_len

from db import read
from db.model import Document, Quote, Speaker
from db.store import Store
from tui.incident_lines import DISPUTED, chain, describe


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


def test_a_document_without_a_publisher_stands_in_a_chain_under_the_name_that_counts() -> None:
    document = Document(1, "report-7", "Weekly report")
    assert chain(Quote(1, "report-7", "w"), document) == "report-7"
    assert chain(Quote(1, "report-7", "w", chain=(Speaker("Police", "p"),)), document) == "Police ← report-7"
