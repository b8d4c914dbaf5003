"""Give a document its text, and find the place of each of its quotes in it."""

from __future__ import annotations

import hashlib
import sqlite3
from dataclasses import dataclass

from db.anchor import Anchor, AnchorText, Fate
from db.errors import UsageError
from db.nearest import nearest
from db.store import Store

NAMED = 6
"""How many documents an error names before it only counts the rest."""


@dataclass(frozen=True, slots=True)
class Placed:
    """What became of one quote; `old` and `new` are where it began and begins, code points, None where unknown."""

    incident: str
    exact: str
    fate: Fate
    old: int | None
    new: int | None

    @property
    def verified(self) -> bool:
        """Whether the text now has the quote's words at the position that the store has for it."""
        return self.fate in ("stands", "moved")


@dataclass(frozen=True, slots=True)
class Attached:
    """A document that has its text now, and its quotes in the text's order."""

    document: str
    other_text: bool
    """Whether the text is not the one whose hash the document had."""
    quotes: tuple[Placed, ...]


def attach(store: Store, content: bytes, key: str | None = None) -> Attached:
    """Make `content` (UTF-8, kept as it is) the text of document `key`, or of the one with its hash; one logged write.

    Quotes that the text has elsewhere get their new position; those that it has not keep theirs, so that `verify`
    names them.  Raises UsageError when `content` is no text, or when no document or no single one is meant.
    """
    text = _decoded(content)
    sha256 = hashlib.sha256(content).hexdigest()
    with store.write() as connection:
        found = key or _document_with(connection, sha256)
        store.what = f"attach text to {found}"
        document_id, had = _document(connection, found)
        connection.execute(
            "UPDATE document SET text = ?, text_sha256 = ?, text_length = ? WHERE id = ?",
            (text, sha256, len(text), document_id),
        )
        quotes = _placed(connection, document_id, AnchorText(text), same=had == sha256)
    return Attached(found, had not in (None, sha256), quotes)


def _decoded(content: bytes) -> str:
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise UsageError(
            f"the file is not UTF-8 text (byte {error.start} is 0x{content[error.start]:02x}); convert it first"
        ) from error
    if not text:
        raise UsageError("the file is empty, so it is no document's text")
    if "\0" in text:
        # SQLite's own functions end a text at NUL, so positions behind one could not be checked with plain SQL.
        raise UsageError(f"the file has a NUL character at position {text.index(chr(0))}, so it is not a text")
    return text


def _document_with(connection: sqlite3.Connection, sha256: str) -> str:
    """The key of the one document that the text belongs to."""
    keys = [
        row[0]
        for row in connection.execute("SELECT key FROM document WHERE lower(text_sha256) = ? ORDER BY id", (sha256,))
    ]
    if len(keys) == 1:
        return str(keys[0])
    if keys:
        raise UsageError(f"{len(keys)} documents have this text: say which with --document: {_some(keys)}")
    lacking = [row[0] for row in connection.execute("SELECT key FROM document WHERE text IS NULL ORDER BY id")]
    if lacking:
        raise UsageError(f"no document has this text's hash; say with --document whose text it is: {_some(lacking)}")
    raise UsageError(
        "no document has this text's hash, and none lacks a text; --document KEY replaces the text that one has"
    )


def _some(keys: list[str]) -> str:
    more = f" and {len(keys) - NAMED} more" if len(keys) > NAMED else ""
    return ", ".join(keys[:NAMED]) + more


def _document(connection: sqlite3.Connection, key: str) -> tuple[int, str | None]:
    """Id and text hash of the document `key`, the hash in small letters."""
    found = connection.execute("SELECT id, lower(text_sha256) FROM document WHERE key = ?", (key,)).fetchone()
    if found is None:
        keys = [row[0] for row in connection.execute("SELECT key FROM document ORDER BY id")]
        close = nearest(key, keys)
        hint = f"did you mean {close}?" if close else f"the store has {_some(keys)}" if keys else "the store has none"
        raise UsageError(f"no document {key!r}; {hint}")
    return int(found[0]), found[1]


_Spot = tuple[int, str, int]
"""An incident's id, words, and their position: two quotes of one incident cannot have one (a rule of the table)."""


def _placed(connection: sqlite3.Connection, document_id: int, text: AnchorText, *, same: bool) -> tuple[Placed, ...]:
    """Find every quote of the document in `text` and store the positions that changed.

    `same` says that it is the text in which the quotes had their positions.
    """
    taken: set[_Spot] = set()
    quotes = connection.execute(
        'SELECT q.id, q.incident_id, i.key, q.exact, q."start", q.prefix, q.suffix FROM quote AS q'
        ' JOIN incident AS i ON i.id = q.incident_id WHERE q.document_id = ? ORDER BY q."start", q.id',
        (document_id,),
    ).fetchall()
    find = text.anchor if same else text.reanchor
    anchors = [find(exact, start, prefix, suffix) for _, _, _, exact, start, prefix, suffix in quotes]
    # Those that stand come first.
    taken.update(
        (q[1], q[3], a.start)
        for q, a in zip(quotes, anchors, strict=True)
        if a.fate == "stands" and a.start is not None
    )
    # Those that are nowhere now keep the place that they had.
    taken.update(
        (q[1], q[3], q[4])
        for q, a in zip(quotes, anchors, strict=True)
        if a.fate not in ("stands", "moved") and q[4] is not None
    )
    moving: dict[_Spot, int] = {}
    refused = []
    for at, (quote, anchor) in enumerate(zip(quotes, anchors, strict=True)):
        if anchor.fate == "moved" and anchor.start is not None:
            spot = quote[1], quote[3], anchor.start
            if spot in taken or spot in moving:
                refused.append(at)
            else:
                moving[spot] = at
    # One that finds its place taken keeps its own, which another may just have been going to.
    while refused:
        at = refused.pop()
        _, incident_id, _, exact, start, *_ = quotes[at]
        stands = start is not None and text.text.startswith(exact, start)
        anchors[at] = Anchor("stands", start) if stands else Anchor("gone")
        if start is not None:
            taken.add((incident_id, exact, start))
            if (other := moving.pop((incident_id, exact, start), None)) is not None:
                refused.append(other)
    moves = [(spot[2], spot[2] + len(spot[1]), quotes[at][0]) for spot, at in moving.items()]
    placed = tuple(
        Placed(incident, exact, anchor.fate, start, anchor.start)
        for (_, _, incident, exact, start, *_), anchor in zip(quotes, anchors, strict=True)
    )
    # Emptied first, so that a quote can move to where a like one has been until now.
    connection.executemany('UPDATE quote SET "start" = NULL, "end" = NULL WHERE id = ?', [(move[2],) for move in moves])
    connection.executemany('UPDATE quote SET "start" = ?, "end" = ? WHERE id = ?', moves)
    return placed
