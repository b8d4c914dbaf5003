"""Two papers that print the same words of an agency, so that they look like one source."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

WORDS = "Two fixed-wing combat drones laden with explosives hit the base at night"


def with_wire_copy(path: Path, *, later_first: bool = False) -> None:
    """Two papers with the same words on the strike at Victory base; the later one may be the first in the store."""
    papers = [("wire", "Wire", "2021-06-24"), ("copy", "Copy", "2021-06-25")]
    with closing(sqlite3.connect(path)) as connection:
        for key, name, day in reversed(papers) if later_first else papers:
            connection.execute(
                "INSERT INTO document (key, publisher, published_edtf) VALUES (?, ?, ?)", (key, name, day)
            )
            connection.execute(
                "INSERT INTO quote (incident_id, document_id, exact) SELECT i.id, d.id, ? FROM incident AS i, document AS d"
                " WHERE i.key = 'victory-drones-2021-06-21' AND d.key = ?",
                (WORDS, key),
            )
        connection.commit()
