"""All documents of a store with what rests on them."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass

from db import cite
from db.errors import UsageError
from db.model import Document
from db.nearest import nearest
from db.plural import counted
from db.source_reader import ABOUT

NAMED = 6
"""How many documents an error names before it only counts the rest."""


@dataclass(frozen=True, slots=True)
class Listed:
    """A document and the counts of its quotes, of the incidents that it reports, and of aggregates and context."""

    document: Document
    quotes: int
    incidents: int
    others: int
    """Aggregates and context: they stand on the timeline, but are not counted as incidents."""


COUNTED = (
    "SELECT q.document_id, count(*) AS quotes,"
    " count(DISTINCT iif(i.kind = 'incident', i.id, NULL)) AS incidents,"
    " count(DISTINCT iif(i.kind = 'incident', NULL, i.id)) AS others"
    " FROM quote AS q JOIN incident AS i ON i.id = q.incident_id GROUP BY q.document_id"
)
"""SQL of the counts by document."""


def documents(connection: sqlite3.Connection) -> list[Listed]:
    """Every document, those without a quote too, by publication date and then by key; undated ones last."""
    names = ", ".join(f"d.{name}" for name in ABOUT)
    return [
        Listed(Document(*(*about, bool(has_text))), quotes, incidents, others)
        for *about, has_text, quotes, incidents, others in connection.execute(
            f"SELECT {names}, d.text IS NOT NULL,"
            " coalesce(n.quotes, 0), coalesce(n.incidents, 0), coalesce(n.others, 0)"
            f" FROM document AS d LEFT JOIN ({COUNTED}) AS n ON n.document_id = d.id"
            " ORDER BY d.published_edtf IS NULL, d.published_edtf, d.key"
        )
    ]


ORDERS: dict[str, Callable[[Listed], tuple[object, ...]]] = {
    "date": lambda d: (d.document.published_edtf is None, d.document.published_edtf or "", d.document.key),
    "quotes": lambda d: (-d.quotes, d.document.key),
    "incidents": lambda d: (-d.incidents, -d.quotes, d.document.key),
    "publisher": lambda d: (d.document.publisher is None, (d.document.publisher or "").casefold(), d.document.key),
    "title": lambda d: ((d.document.title or d.document.key).casefold(), d.document.key),
    "reliability": lambda d: (d.document.reliability is None, d.document.reliability or "", d.document.key),
}
"""What the list can be sorted by → the sort key."""


def document_id(connection: sqlite3.Connection, key: str) -> int:
    """The id behind a document's key; raises UsageError with the nearest key that exists."""
    found = connection.execute("SELECT id FROM document WHERE key = ?", (key,)).fetchone()
    if found is not None:
        return int(found[0])
    keys = [str(row[0]) for row in connection.execute("SELECT key FROM document ORDER BY id LIMIT 100000")]
    close = nearest(key, keys)
    more = f" and {len(keys) - NAMED:,} more" if len(keys) > NAMED else ""
    known = f"the store has {', '.join(keys[:NAMED])}{more}" if keys else "the store has none"
    raise UsageError(f"no document {key!r}; " + (f"did you mean {close}?" if close else known))


def record(listed: Listed) -> dict[str, object]:
    """One document as JSON: what `dateline sources --json` writes for it."""
    document = listed.document
    return {
        "key": document.key,
        "title": document.title,
        "publisher": document.publisher,
        "author": document.author,
        "published_edtf": document.published_edtf,
        "language": document.language,
        "reliability": document.reliability,
        "text": document.has_text,
        "text_sha256": document.text_sha256,
        "text_length": document.text_length,
        "quotes": listed.quotes,
        "incidents": listed.incidents,
        "others": listed.others,
    }


def words(listed: Listed) -> str:
    """The counts in words: "39 quotes, 24 incidents, 3 aggregates or context"."""
    parts = [counted(listed.quotes, "quote"), counted(listed.incidents, "incident")]
    parts += [f"{counted(listed.others, 'aggregate')} or context"] if listed.others else []
    return ", ".join(parts)


def published(document: Document) -> str:
    """The publication date in words, or that none is known."""
    return cite.published(document) or "undated"
