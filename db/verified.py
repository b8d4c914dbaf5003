"""Which quotes have their words at their place in their document's text."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from itertools import groupby
from operator import itemgetter

_QUOTES = (
    'SELECT document_id, id, incident_id, exact, CAST("start" AS INTEGER), CAST("end" AS INTEGER) FROM quote'
    " WHERE {restriction} AND document_id IN (SELECT id FROM document WHERE text IS NOT NULL) ORDER BY document_id"
)


def verdicts(connection: sqlite3.Connection, restriction: str = "TRUE") -> Iterator[tuple[int, int, bool]]:
    """Quotes whose document's text is in the store: id, incident's id, whether the text has the words at their place.

    `restriction` is SQL on columns of the table quote.  Each text is taken once: SQLite looks for a place from the
    beginning of the text, for each quote anew.
    """
    rows = connection.execute(_QUOTES.format(restriction=restriction))
    for document_id, quotes in groupby(rows, itemgetter(0)):
        found = connection.execute("SELECT CAST(text AS TEXT) FROM document WHERE id = ?", (document_id,)).fetchone()
        if found is None or (text := found[0]) is None:
            continue  # taken away meanwhile, where the caller reads in no transaction
        for _, quote_id, incident_id, exact, start, end in quotes:
            placed = start is not None and end is not None and start >= 0
            yield quote_id, incident_id, placed and text[start:end] == exact
