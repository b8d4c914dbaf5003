"""Turn records into rows of the store, a batch at a time: ids and keys given out here, statements run many at once."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import replace

from db import dates
from db.formats.record import QuoteRecord, Record
from db.names import Names, free_key, next_id, slug

COLUMNS = (
    "kind", "title", "summary", "event_type", "sub_event_type", "date_edtf", "date_earliest", "date_latest",
    "date_prec", "place_id", "killed_low", "killed_best", "killed_high", "injured_low", "injured_best", "injured_high",
    "damage", "extra",
)  # fmt: skip
"""The columns of `incident` that a source fills; the analyst's own (grade, credibility, status) are not among them."""

DIGEST = "row_digest"
"""Name in `incident.extra` of the digest of the source's row, by which a second import knows that nothing is new."""

CONFLICTS = "source_says"
"""Name in `incident.extra` of what the source has now for fields that the analyst has changed: column → value."""

_OWN = frozenset({DIGEST, CONFLICTS})


def own_names_free(record: Record) -> Record:
    """The record, a column of its source that is called as one of ours in `extra` is kept as "NAME (column)"."""
    if _OWN.isdisjoint(record.extra):
        return record
    kept: dict[str, object] = {}
    for name, value in record.extra.items():
        own = name
        while own in _OWN or (own != name and own in record.extra):
            own += " (column)"
        kept[own] = value
    return replace(record, extra=kept)


_CHILDREN = {
    "incident_actor": ("incident_id", "actor_id", "role", "attribution"),
    "incident_system": (
        "incident_id", "system_id", "role", "outcome", "count_low", "count_best", "count_high",
    ),
    "quote": ("id", "incident_id", "document_id", "exact"),
    "attribution": ("quote_id", "step", "actor_id", "verb"),
    "incident_tag": ("incident_id", "tag_id"),
}  # fmt: skip


class Loader:
    """Loads records of one data set; `next_id` is the id of the next incident."""

    def __init__(self, connection: sqlite3.Connection, names: Names, origin: str) -> None:
        self._connection = connection
        self._names = names
        self._origin = origin
        self.next_id = next_id(connection, "incident")
        self._next_quote = next_id(connection, "quote")
        self._doubles: dict[str, int] = {}
        self._insert = (
            f"INSERT INTO incident (id, key, origin, origin_id, {', '.join(COLUMNS)})"
            f" VALUES ({', '.join('?' * (len(COLUMNS) + 4))})"
        )

    def load(self, records: Sequence[Record]) -> None:
        """Insert records that the store does not have."""
        if not records:
            return
        keys = self._keys(records)
        rows: list[tuple[object, ...]] = []
        children: dict[str, list[tuple[object, ...]]] = {table: [] for table in _CHILDREN}
        for record, key in zip(records, keys, strict=True):
            incident_id = self.next_id
            self.next_id += 1
            rows.append((incident_id, key, self._origin, record.origin_id, *self.columns(record)))
            for table, found in self.children(incident_id, record).items():
                children[table] += found
        self._connection.executemany(self._insert, rows)
        self.insert_children(children)

    def columns(self, record: Record) -> tuple[object, ...]:
        """Values of COLUMNS for a record, the interval clipped to the day on which its first document appeared."""
        days = [
            day
            for quote in record.quotes
            if (day := self._names.published(self._names.document(quote.document))) is not None
        ]
        earliest, latest, precision = _interval(record.date_edtf, min(days, default=None))
        if record.of_document and any(self._names.told_otherwise(quote.document) for quote in record.quotes):
            record = own_names_free(replace(record, extra={**record.of_document, **record.extra}))
        killed, injured = record.killed, record.injured
        return (
            record.kind,
            record.title,
            record.summary,
            record.event_type,
            record.sub_event_type,
            record.date_edtf,
            earliest,
            latest,
            precision,
            None if record.place is None else self._names.place(record.place),
            killed.low,
            killed.best,
            killed.high,
            injured.low,
            injured.best,
            injured.high,
            record.damage,
            json.dumps({**record.extra, DIGEST: record.digest}, ensure_ascii=False, separators=(",", ":")),
        )

    def children(self, incident_id: int, record: Record) -> dict[str, list[tuple[object, ...]]]:
        """Table → rows that belong to one incident, doubles within the record left out."""
        names = self._names
        found: dict[str, list[tuple[object, ...]]] = {}
        if record.actors:
            actors = {(names.actor(a.name, a.kind), a.role): a.attribution for a in record.actors}
            found["incident_actor"] = [(incident_id, *who, how) for who, how in actors.items()]
        if record.systems:
            systems = {(names.system(s.name, s.system_class), s.role): s for s in record.systems}
            found["incident_system"] = [
                (incident_id, *what, s.outcome, s.count.low, s.count.best, s.count.high) for what, s in systems.items()
            ]
        if record.tags:
            found["incident_tag"] = [(incident_id, names.tag(tag)) for tag in dict.fromkeys(record.tags)]
        if record.quotes:
            quotes, chains = found["quote"], found["attribution"] = [], []
            # Two speakers may have said the same words in one document: those are two quotes.
            said = {(names.document(q.document), q.exact, self._chain(q)): None for q in record.quotes}
            for document_id, exact, chain in said:
                quotes.append((self._next_quote, incident_id, document_id, exact))
                chains += [(self._next_quote, *step) for step in chain]
                self._next_quote += 1
        return found

    def _chain(self, quote: QuoteRecord) -> tuple[tuple[int, int, str | None], ...]:
        return tuple((step, self._names.actor(name), verb) for step, (name, verb) in enumerate(quote.chain, 1))

    def insert_children(self, children: dict[str, list[tuple[object, ...]]]) -> None:
        """Insert rows that `children` made; those that stand already stay as they are."""
        for table, rows in children.items():
            if rows:
                columns = _CHILDREN[table]
                marks = ", ".join("?" * len(columns))
                self._connection.executemany(
                    f"INSERT OR IGNORE INTO {table} ({', '.join(columns)}) VALUES ({marks})", rows
                )

    def _keys(self, records: Sequence[Record]) -> list[str]:
        """A free key for each record: data set and id, with a number where that is taken.

        Counting goes on where it stopped, since thousands of ids may begin alike, as addresses do.
        """
        wanted = [slug(f"{self._origin} {record.origin_id}", "incident") for record in records]
        marks = ",".join("?" * len(wanted))
        taken = {key for (key,) in self._connection.execute(f"SELECT key FROM incident WHERE key IN ({marks})", wanted)}
        keys: list[str] = []
        for key in wanted:
            free, number = key, self._doubles.get(key, 1)
            while free in taken:
                free, number = free_key(self._connection, "incident", key, number + 1)
            if number > 1:
                self._doubles[key] = number
            taken.add(free)
            keys.append(free)
        return keys


def _interval(edtf: str | None, published: dates.Day | None) -> tuple[str | None, str | None, int | None]:
    if edtf is None:
        return None, None, None
    dating = dates.clip(dates.parse(edtf), published)
    return (
        None if dating.earliest is None else dates.iso(dating.earliest),
        None if dating.latest is None else dates.iso(dating.latest),
        dating.precision,
    )
