"""Roots, not reports: how many tellings of an incident there are, and from how few mouths they come.

A report is one telling: a document that is quoted, or a speaker that stands in a chain of attribution, each once by
name.  A root is where a chain ends: its last speaker, or the document's own voice.  Corroboration counts roots.
"""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Self

from db.model import Incident, root_of
from db.plural import counted
from db.read import VOICE

BATCH = 400
"""Incidents read at a time."""


@dataclass(frozen=True, slots=True)
class Route:
    """A way from a root to the store: the document, and who stands between, nearest to the root first."""

    by_way_of: tuple[str, ...]
    document: str

    @classmethod
    def of(cls, chain: Sequence[str], document: str) -> Self:
        """The way of a quote, by its chain from whom the document quotes to the root."""
        return cls(tuple(chain[-2::-1]), document)

    @property
    def words(self) -> str:
        """The way in words: "by way of Press TV, in jpost-2021-06-22"."""
        return f"{''.join(f'by way of {name}, ' for name in self.by_way_of)}in {self.document}"


@dataclass(frozen=True, slots=True)
class Root:
    """One root of an incident; `quotes` counts those that come from it, `own` is True for a document's own voice."""

    name: str
    quotes: int
    own: bool
    through: tuple[Route, ...]


@dataclass(frozen=True, slots=True)
class Corroboration:
    """What an incident rests on; the roots with most quotes come first."""

    id: int
    key: str
    kind: str
    title: str
    reports: int
    quotes: int
    documents: int
    roots: tuple[Root, ...]


@dataclass(frozen=True, slots=True)
class Summary:
    """Totals over incidents; aggregates and context are left out, as in every count."""

    incidents: int
    unquoted: int
    single_source: int
    reports: int
    roots: int
    """Sum of the incidents' roots."""
    names: int
    """Different roots by name."""
    suspected: int


@dataclass(frozen=True, slots=True)
class _Telling:
    """A quote as corroboration sees it: its document, and its chain from whom the document quotes to the root."""

    document: str
    voice: str
    chain: tuple[str, ...]

    @property
    def root(self) -> str:
        return root_of(self.chain, self.voice)


def corroborations(connection: sqlite3.Connection, ids: Iterable[int]) -> Iterator[Corroboration]:
    """What each incident rests on, in the order of `ids`; ids that are gone are left out."""
    waiting: list[int] = []
    for incident_id in ids:
        waiting.append(incident_id)
        if len(waiting) == BATCH:
            yield from _batch(connection, waiting)
            waiting = []
    if waiting:
        yield from _batch(connection, waiting)


def chains(connection: sqlite3.Connection, where: str = "") -> dict[int, tuple[str, ...]]:
    """Quote → the names of its chain, from whom the document quotes to the root; none of one that quotes nobody.

    `where` is a condition in SQL on quote `q`; without one, all are read.
    """
    found: dict[int, list[str]] = defaultdict(list)
    for quote_id, name in connection.execute(
        "SELECT x.quote_id, a.name FROM attribution AS x JOIN actor AS a ON a.id = x.actor_id"
        + (f" JOIN quote AS q ON q.id = x.quote_id WHERE {where}" if where else "")
        + " ORDER BY x.quote_id, x.step"
    ):
        found[quote_id].append(name)
    return {quote_id: tuple(names) for quote_id, names in found.items()}


def _batch(connection: sqlite3.Connection, ids: Sequence[int]) -> Iterator[Corroboration]:
    marks = ",".join(str(int(i)) for i in ids)
    said = chains(connection, f"q.incident_id IN ({marks})")
    told: dict[int, list[_Telling]] = defaultdict(list)
    for incident_id, quote_id, key, voice in connection.execute(
        f"SELECT q.incident_id, q.id, d.key, {VOICE}"
        f" FROM quote AS q JOIN document AS d ON d.id = q.document_id WHERE q.incident_id IN ({marks})"
        ' ORDER BY d.published_edtf, d.id, q."start", q.id'
    ):
        told[incident_id].append(_Telling(key, voice, said.get(quote_id, ())))
    found = {
        incident_id: (key, kind, title)
        for incident_id, key, kind, title in connection.execute(
            f"SELECT id, key, kind, title FROM incident WHERE id IN ({marks})"
        )
    }
    for incident_id in ids:
        if incident_id in found:
            yield _corroboration(incident_id, *found[incident_id], told[incident_id])


def _corroboration(incident_id: int, key: str, kind: str, title: str, told: list[_Telling]) -> Corroboration:
    by_root: dict[str, list[_Telling]] = defaultdict(list)
    for telling in told:
        by_root[telling.root].append(telling)
    roots = [
        Root(
            name,
            len(tellings),
            any(not telling.chain for telling in tellings),
            tuple(dict.fromkeys(Route.of(t.chain, t.document) for t in tellings)),
        )
        for name, tellings in by_root.items()
    ]
    roots.sort(key=lambda root: (-root.quotes, root.name))
    documents = {telling.document: telling.voice for telling in told}
    speakers = {name for telling in told for name in telling.chain}
    return Corroboration(
        incident_id, key, kind, title, _reports(documents, speakers), len(told), len(documents), tuple(roots)
    )


def _reports(documents: dict[str, str], speakers: set[str]) -> int:
    """Documents, and speakers who are not the voice of one of them."""
    return len(documents) + len(speakers - set(documents.values()))


def reports(incident: Incident) -> int:
    """How many tellings of an incident that was read whole there are."""
    voices = {document.key: document.voice for document in incident.documents}
    documents = {quote.document_key: voices.get(quote.document_key, quote.document_key) for quote in incident.quotes}
    return _reports(documents, {speaker.name for quote in incident.quotes for speaker in quote.chain})


def words(reports: int, roots: int) -> str:
    """Both numbers in words: "6 reports, 2 roots"."""
    return f"{counted(reports, 'report')}, {counted(roots, 'root')}"


def summary(found: Iterable[Corroboration], suspected: int) -> Summary:
    """Totals over what was found."""
    incidents = unquoted = single = told = roots = 0
    names: set[str] = set()
    for each in found:
        if each.kind != "incident":
            continue
        incidents += 1
        unquoted += not each.quotes
        single += len(each.roots) == 1
        told += each.reports
        roots += len(each.roots)
        names.update(root.name for root in each.roots)
    return Summary(incidents, unquoted, single, told, roots, len(names), suspected)
