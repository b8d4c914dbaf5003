"""Incidents as JSON objects: the contract of `list --json`, whose keys, order and shapes scripts rely on."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator

from db import batch
from db.engine.answer import Answer, Match
from db.model import Document, Incident, Quote, Span, root_name

Record = dict[str, object]
"""One incident as JSON has it; unknown is None."""


def windows(answer: Answer, limit: int | None = None, size: int = batch.SIZE) -> Iterator[list[Match]]:
    """Yield the rows of an answer in timeline order, at most `limit`, in lists of at most `size`."""
    rows = answer.totals.rows if limit is None else min(limit, answer.totals.rows)
    for first in range(0, rows, size):
        yield answer.window(first, min(size, rows - first))


def records(connection: sqlite3.Connection, found: Iterable[Match]) -> Iterator[Record]:
    """Yield each match as a record; those that another program has deleted since are left out."""
    certain: dict[int, bool] = {}

    def ids() -> Iterator[int]:
        for match in found:
            certain[match.id] = match.certain
            yield match.id

    for incident in batch.incidents(connection, ids()):
        yield record(incident, certain.pop(incident.id))


def record(incident: Incident, certain: bool = True) -> Record:
    """One incident as a record; `certain` is False where it matched a query only possibly."""
    place = incident.place
    documents = {document.key: document for document in incident.documents}
    return {
        "key": incident.key,
        "kind": incident.kind,
        "title": incident.title,
        "summary": incident.summary,
        "event_type": incident.event_type,
        "sub_event_type": incident.sub_event_type,
        "date_edtf": incident.date_edtf,
        "date_earliest": incident.date_earliest,
        "date_latest": incident.date_latest,
        "date_prec": incident.date_prec,
        "match": "certain" if certain else "possible",
        "place": place
        and {
            "name": place.name,
            "country_code": place.country_code,
            "latitude": place.latitude,
            "longitude": place.longitude,
            "where_prec": place.where_prec,
        },
        "actors": [{"name": a.actor.name, "role": a.role, "attribution": a.attribution} for a in incident.actors],
        "systems": [
            {"name": s.name, "class": s.system_class, "role": s.role, "outcome": s.outcome} for s in incident.systems
        ],
        "killed": _span(incident.killed),
        "injured": _span(incident.injured),
        "grade": incident.grade,
        "credibility": incident.credibility,
        "status": incident.status,
        "disputed": list(incident.disputed),
        "roots": incident.roots,
        "documents": [document.key for document in incident.documents],
        "tags": list(incident.tags),
        "starred": incident.starred,
        "quotes": [_quote(quote, documents) for quote in incident.quotes],
        "claims": [
            {"field": c.field, "value": c.value, "polarity": c.polarity, "speaker": c.speaker} for c in incident.claims
        ],
    }


def _span(span: Span) -> Record:
    return {"low": span.low, "best": span.best, "high": span.high}


def _quote(quote: Quote, documents: dict[str, Document]) -> Record:
    """`speaker` is the root; `chain` goes from whom the document quotes to the root, empty for its own voice."""
    return {
        "document": quote.document_key,
        "start": quote.start,
        "end": quote.end,
        "exact": quote.exact,
        "speaker": root_name(quote, documents),
        "chain": [speaker.name for speaker in quote.chain],
        "verified": quote.verified,
    }
