"""What can be left out of a store's sources, for a chooser and for a command line."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from db import terms
from db.errors import UsageError
from db.fields import fold
from db.leave_out import SCALE, Dropped
from db.nearest import nearest
from db.read import VOICE


@dataclass(frozen=True, slots=True)
class Choice:
    """Something that can be left out, with the number of quotes that would fall."""

    kind: Literal["document", "speaker", "grade"]
    words: str
    quotes: int
    dropped: Dropped


def choices(connection: sqlite3.Connection) -> list[Choice]:
    """All that can be left out: grades, then documents and speakers, those with most quotes first."""
    documents = connection.execute(
        "SELECT d.key, coalesce(nullif(d.title, ''), d.key), d.publisher, d.published_edtf, d.reliability, count(q.id)"
        " FROM document AS d JOIN quote AS q ON q.document_id = d.id GROUP BY d.id ORDER BY 6 DESC, d.key"
    ).fetchall()
    found = []
    graded = [(grade, quotes) for *_, grade, quotes in documents]
    for at, grade in enumerate(SCALE[:-1]):
        below = sum(quotes for own, quotes in graded if own in tuple(SCALE[at + 1 :]))
        if below:
            words = f"everything below {terms.RELIABILITY[grade]}"
            found.append(Choice("grade", words, below, Dropped(below=grade, label=words)))
    ungraded = sum(quotes for own, quotes in graded if own is None or own not in SCALE)
    if ungraded:
        words = "everything not graded, or F"
        found.append(Choice("grade", words, ungraded, Dropped(ungraded=True, label=words)))
    for key, title, publisher, published, _, quotes in documents:
        words = ": ".join(part for part in (" ".join(p for p in (publisher, published) if p), title) if part)
        label = " ".join(part for part in (publisher or title, published) if part)
        found.append(Choice("document", words, quotes, Dropped(documents=frozenset([key]), label=label)))
    return [*found, *_speakers(connection)]


_SAID = (
    "SELECT a.name AS name, x.quote_id AS quote FROM attribution AS x"
    " JOIN actor AS a ON a.id = x.actor_id JOIN quote AS q ON q.id = x.quote_id"
    f" JOIN document AS d ON d.id = q.document_id UNION ALL SELECT {VOICE}, q.id FROM quote AS q"
    " JOIN document AS d ON d.id = q.document_id"
    " WHERE q.id NOT IN (SELECT x.quote_id FROM attribution AS x JOIN actor AS a ON a.id = x.actor_id)"
)
"""SQL of anyone in a chain with the quote, and of a document's own voice where it quotes nobody."""


def _speakers(connection: sqlite3.Connection) -> list[Choice]:
    """Who speaks in quotes; a name means all that it names, and counts a quote with several of them once."""
    counts: dict[str, int] = dict(
        connection.execute(f"SELECT name, count(DISTINCT quote) FROM ({_SAID}) GROUP BY name").fetchall()
    )
    meant = _meant(connection)
    several = {name for name in counts for other in meant[fold(name)] if other != name and other in counts}
    several |= {other for name in several for other in meant[fold(name)]}
    said: dict[str, set[int]] = defaultdict(set)
    if several:  # few names; the quotes of all would be millions
        for name, quote in connection.execute(f"SELECT name, quote FROM ({_SAID})"):
            if name in several:
                said[name].add(quote)
    found: dict[str, Choice] = {}
    for name in sorted(counts, key=lambda name: (-counts[name], name)):
        form = fold(name)
        if form not in found:  # else another spelling of it, which more quotes have
            names = frozenset(meant[form])
            quotes = (
                len(set().union(*(said[each] for each in names if each in said))) if name in several else counts[name]
            )
            found[form] = Choice("speaker", name, quotes, Dropped(speakers=names, label=name, asked=name))
    return sorted(found.values(), key=lambda choice: (-choice.quotes, choice.words))


def _meant(connection: sqlite3.Connection) -> dict[str, set[str]]:
    """Folded name, key or alias of an actor, or voice of a document → the names of all that it means."""
    meant: dict[str, set[str]] = defaultdict(set)
    for name, form in connection.execute(
        "SELECT name, name FROM actor UNION ALL SELECT name, key FROM actor UNION ALL"
        " SELECT a.name, l.alias FROM actor AS a JOIN actor_alias AS l ON l.actor_id = a.id UNION ALL"
        f" SELECT {VOICE}, {VOICE} FROM document AS d"
    ):
        meant[fold(form)].add(name)
    return meant


def named(
    connection: sqlite3.Connection,
    documents: Iterable[str],
    speakers: Iterable[str],
    below: str | None,
    ungraded: bool = False,
) -> Dropped:
    """What a command line names, as what is left out; raises UsageError for what the store does not have."""
    keys = {row[0] for row in connection.execute("SELECT key FROM document")}
    for key in documents:
        if key not in keys:
            close = nearest(key, keys)
            raise UsageError(f"no document {key!r}" + (f"; did you mean {close}?" if close else ""))
    forms = _meant(connection)
    meant: set[str] = set()
    for asked in speakers:
        if fold(asked) not in forms:
            close = nearest(asked, {name for names in forms.values() for name in names})
            raise UsageError(f"no speaker {asked!r}" + (f"; did you mean {close}?" if close else ""))
        meant |= forms[fold(asked)]
    if below is not None and below.upper() not in SCALE:
        raise UsageError(f"{below!r} is no grade of the scale; reliability goes from A to E, and F is on no scale")
    dropped = Dropped(frozenset(documents), frozenset(meant), below.upper() if below else None, ungraded)
    if dropped == Dropped():
        raise UsageError("name what to leave out: --document KEY, --speaker NAME, --below GRADE or --ungraded")
    return dropped
