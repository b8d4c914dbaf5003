"""The card of one document: its grade, and what the store itself shows of it, counted and explained, never scored."""

from __future__ import annotations

import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from db import dates, terms
from db.dates import Dating
from db.disputes import Kinship, Said, relations
from db.edit import now
from db.errors import DateError, UsageError
from db.model import Document
from db.read import NAMED, ROOT, in_words
from db.source_list import COUNTED, document_id
from db.source_reader import ABOUT, QuoteFate, page
from db.store import Store

GRADES = tuple(terms.RELIABILITY)
"""A to F."""


@dataclass(frozen=True, slots=True)
class Named:
    """An incident (or aggregate, or context) that the document reports."""

    id: int
    key: str
    kind: str
    title: str
    date_edtf: str | None


@dataclass(frozen=True, slots=True)
class First:
    """An incident that no document reported earlier."""

    incident: Named
    documents: int
    """How many documents report it, this one among them."""
    certain: bool
    """False where another may have appeared on the same day, or at a date that is not known well enough."""


@dataclass(frozen=True, slots=True)
class Side:
    """One of two claims that cannot both be true."""

    value: str | None
    words: str
    """For people: "denies 2021-05-08", "drone"."""
    polarity: str
    speaker: str
    document: str


MOST_PAIRS = 1_000
"""Pairs of a kind that a card lists: 3,000 claims on one field of one incident can make millions."""


@dataclass(frozen=True, slots=True)
class Contradiction:
    """A claim of the document and one that cannot be true beside it."""

    incident: Named
    field: str
    own: Side
    other: Side


@dataclass(frozen=True, slots=True)
class Quoted:
    """A root of the document's quotes; `own` when it is the document's own voice, in some quote of it."""

    name: str
    own: bool
    quotes: int
    incidents: int
    """Rows of the timeline that the quotes belong to, aggregates and context among them."""


@dataclass(frozen=True, slots=True)
class Card:
    """What a store shows of one of its documents."""

    document: Document
    graded_at: str | None
    graded_because: str | None
    quotes: int
    incidents: int
    others: int
    fates: dict[QuoteFate, int]
    """What became of its quotes in its text; only what there is."""
    first: tuple[First, ...]
    unknown_first: int
    """Incidents of several documents of which it cannot be told, as this one's date is not known."""
    alone: tuple[Named, ...]
    contradicted: tuple[Contradiction, ...]
    """By other documents."""
    within: tuple[Contradiction, ...]
    """Between speakers that the document itself quotes."""
    more_contradicted: int
    """How many more than MOST_PAIRS there are of them."""
    more_within: int
    roots: tuple[Quoted, ...]


def card(connection: sqlite3.Connection, document: int, key: str | None = None) -> Card | None:
    """The card of a document, None when there is none with that id, or with a `key` when another has got the id."""
    found = connection.execute(
        f"SELECT {', '.join(ABOUT)}, text IS NOT NULL, reliability_at, reliability_reason FROM document"
        " WHERE id = ? AND key = coalesce(?, key)",
        (document, key),
    ).fetchone()
    if found is None:
        return None
    *about, has_text, at, because = found
    shown = page(connection, document)
    quotes, incidents, others = connection.execute(
        f"SELECT coalesce(max(quotes), 0), coalesce(max(incidents), 0), coalesce(max(others), 0) FROM ({COUNTED})"
        " WHERE document_id = ?",
        (document,),
    ).fetchone()
    named = _named(connection, document)
    firsts, unknown = _first(connection, document, named)
    others_pairs, more_others, own_pairs, more_own = _listed(_contradictions(connection, document, named))
    return Card(
        document=Document(*(*about, bool(has_text))),
        graded_at=at,
        graded_because=because,
        quotes=quotes,
        incidents=incidents,
        others=others,
        fates=dict(Counter(mark.fate for mark in shown.marks)) if shown else {},
        first=firsts,
        unknown_first=unknown,
        alone=tuple(first.incident for first in firsts if first.documents == 1),
        contradicted=others_pairs,
        within=own_pairs,
        more_contradicted=more_others,
        more_within=more_own,
        roots=_roots(connection, document),
    )


def _named(connection: sqlite3.Connection, document: int) -> dict[int, Named]:
    """Id → what it is of everything that the document reports, in timeline order."""
    return {
        row[0]: Named(*row)
        for row in connection.execute(
            "SELECT id, key, kind, title, date_edtf FROM incident"
            " WHERE id IN (SELECT incident_id FROM quote WHERE document_id = ?)"
            " ORDER BY date_earliest IS NULL, date_earliest, date_latest, id",
            (document,),
        )
    }


def _first(connection: sqlite3.Connection, document: int, named: dict[int, Named]) -> tuple[tuple[First, ...], int]:
    """What no other document reported earlier, and for how many incidents that cannot be told."""
    published: dict[int, dict[int, Dating | None]] = defaultdict(dict)
    for incident_id, reporter, edtf in connection.execute(
        "SELECT DISTINCT q.incident_id, d.id, d.published_edtf FROM quote AS q"
        " JOIN document AS d ON d.id = q.document_id"
        " WHERE q.incident_id IN (SELECT incident_id FROM quote WHERE document_id = ?)",
        (document,),
    ):
        published[incident_id][reporter] = _dating(edtf)
    firsts = []
    unknown = 0
    for incident_id, incident in named.items():
        reporters = published[incident_id]
        own = reporters[document]
        others = [dating for reporter, dating in reporters.items() if reporter != document]
        if others and own is None:
            unknown += 1
        elif not any(_before(other, own) for other in others):
            firsts.append(First(incident, len(reporters), all(_before(own, other) for other in others)))
    return tuple(firsts), unknown


def _dating(edtf: str | None) -> Dating | None:
    if edtf is None:
        return None
    try:
        return dates.parse(edtf)
    except DateError:
        return None


def _before(a: Dating | None, b: Dating | None) -> bool:
    """Whether `a` is certainly before `b`: its last possible day is before the other's first."""
    if a is None or b is None or a.latest is None or b.earliest is None:
        return False
    return a.latest < b.earliest


def _contradictions(
    connection: sqlite3.Connection, document: int, named: dict[int, Named]
) -> Iterator[tuple[Named, str, Side, Side]]:
    """Claims of the document with those that cannot be true beside them: of other documents, or of its own speakers.

    As (incident, field, own side, other side).
    """
    claims: dict[tuple[int, str], list[tuple[Said, Side, int]]] = defaultdict(list)
    for incident_id, of, key, speaker, name, *said in connection.execute(
        f"SELECT c.incident_id, q.document_id, d.key, {ROOT}, {NAMED}, c.field, c.value, c.polarity, c.rank"
        " FROM claim AS c JOIN quote AS q ON q.id = c.quote_id JOIN document AS d ON d.id = q.document_id"
        " WHERE c.rank <> 'deprecated' AND c.polarity <> 'declines' AND c.incident_id IN (SELECT incident_id FROM quote"
        " WHERE document_id = ?) ORDER BY c.incident_id, c.field, c.id",
        (document,),
    ):
        claim = Said(*said)
        words = in_words(claim.field, claim.value, name) or "anything"
        side = Side(claim.value, ("not " if claim.polarity == "denies" else "") + words, claim.polarity, speaker, key)
        claims[incident_id, claim.field].append((claim, side, of))
    related = Kinship(connection)
    for (incident_id, field), told in claims.items():
        seen: set[tuple[int, int]] = set()
        numbers: dict[Side, int] = {}
        known = [numbers.setdefault(side, len(numbers)) for _, side, _ in told]
        for at, relation in enumerate(relations([claim for claim, *_ in told], related)):
            _, side, of = told[at]
            if of != document:
                continue
            for later in relation.rivals:
                _, against, whose = told[later]
                if whose == document and (later <= at or side.speaker == against.speaker):
                    continue
                if (known[at], known[later]) not in seen:
                    seen.add((known[at], known[later]))
                    yield named[incident_id], field, side, against


def _listed(
    found: Iterator[tuple[Named, str, Side, Side]],
) -> tuple[tuple[Contradiction, ...], int, tuple[Contradiction, ...], int]:
    """Pairs with other documents, how many more of these there are, pairs within the document, and how many more."""
    pairs: dict[bool, list[Contradiction]] = {False: [], True: []}
    count = {False: 0, True: 0}
    for incident, field, own, other in found:
        within = own.document == other.document
        count[within] += 1
        if len(pairs[within]) < MOST_PAIRS:
            pairs[within].append(Contradiction(incident, field, own, other))
    others, ours = tuple(pairs[False]), tuple(pairs[True])
    return others, count[False] - len(others), ours, count[True] - len(ours)


def _roots(connection: sqlite3.Connection, document: int) -> tuple[Quoted, ...]:
    """Whom the document quotes, most quotes first."""
    return tuple(
        Quoted(name, bool(own), quotes, incidents)
        for name, own, quotes, incidents in connection.execute(
            f"SELECT {ROOT}, max(NOT EXISTS (SELECT 1 FROM attribution AS x WHERE x.quote_id = q.id)), count(*),"
            " count(DISTINCT q.incident_id) FROM quote AS q JOIN document AS d ON d.id = q.document_id"
            " WHERE q.document_id = ? GROUP BY 1 ORDER BY 3 DESC, 1",
            (document,),
        )
    )


def grade(store: Store, key: str, reliability: str | None, reason: str, *, seen: Card | None = None) -> None:
    """Set the reliability of a document (A to F; None takes the grade away) with its reason, in one logged write.

    Raises UsageError, with nothing written, for another letter, without a reason, for a key that is not there, or where
    another program has graded the document since the card `seen`.
    """
    if reliability is not None and reliability not in GRADES:
        raise UsageError(f"no reliability {reliability!r}; there are A to F, of the NATO Admiralty code")
    why = " ".join(reason.split())
    if not why:
        raise UsageError("say in a few words why: the card and the log keep the reason")
    sql = "SELECT reliability, reliability_at, reliability_reason FROM document WHERE id = ?"
    with store.write(f"grade {key} {reliability or 'no longer'}: {why}") as connection:
        document = document_id(connection, key)
        now_there = connection.execute(sql, (document,)).fetchone()
        if seen is not None and now_there != (seen.document.reliability, seen.graded_at, seen.graded_because):
            raise UsageError(f"another program has graded {key} meanwhile; look at it again")
        # In two steps: a trigger empties day and reason of a grade that is replaced.
        connection.execute("UPDATE document SET reliability = ? WHERE id = ?", (reliability, document))
        connection.execute(
            "UPDATE document SET reliability_at = ?, reliability_reason = ? WHERE id = ?", (now(), why, document)
        )
