"""The claim matrix of an incident: fields by root speakers, with who agrees, who is at odds, and who is silent.

A speaker is a root: the last of a quote's chain, or the document's own voice, by the name that corroboration counts.
"""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from dataclasses import field as dataclass_field
from typing import Literal

from db import cite, read
from db.disputes import Kinship, Said, base, relations
from db.model import Claim, Document, Incident, Quote, root_name
from db.own_values import Own
from db.picking import Pick, picks
from db.roots import Route

Stance = Literal["asserts", "denies", "declines", "silent"]
Standing = Literal["agrees", "rival", "alone", "denies", "declines", "deprecated", "silent"]

NO_QUOTE = "no quote"
"""The column of claims that rest on no quote: nobody is known to have said them."""

LABELS = {
    "event_type": "Event type", "date": "Date", "place": "Place", "attacker": "Attacker", "claimant": "Claimant",
    "target": "Target", "weapon": "Weapon", "count": "Number", "outcome": "Outcome", "killed": "Killed",
    "injured": "Injured", "damage": "Damage",
}  # fmt: skip
"""Field → its name for people, in the order of the matrix; other fields follow by name."""

STANDING = {
    "agrees": "agrees", "rival": "rival", "alone": "alone", "denies": "denies", "declines": "declines",
    "deprecated": "set aside", "silent": "silent",
}  # fmt: skip
"""Standing → the word for it on screens and in plain text."""


@dataclass(frozen=True, slots=True)
class Speaker:
    """A column: one root speaker; `own` when a document speaks for itself; no `routes` for claims without a quote."""

    name: str
    routes: tuple[Route, ...]
    own: bool
    claims: int


@dataclass(frozen=True, slots=True)
class Told:
    """One claim in its cell; `agrees` and `rivals` are the ids of the other claims of its field."""

    claim: Claim
    words: str
    """The value for people; "any" where a claim names none."""
    speaker: str
    quote: Quote | None
    document: Document | None
    standing: Standing
    agrees: tuple[int, ...]
    rivals: tuple[int, ...]
    picked: bool
    """Whether this value is the analyst's pick."""


@dataclass(frozen=True, slots=True)
class Cell:
    """What one speaker says of one field: no claim at all is silence."""

    stance: Stance
    told: tuple[Told, ...] = ()


_SILENCE = Cell("silent")


@dataclass(frozen=True, slots=True)
class Field:
    """A row: a field that somebody claims something of."""

    name: str
    label: str
    cells: dict[str, Cell]
    """Speaker → cell, in the order of the matrix, of those who are not silent."""
    disputed: bool
    own: str | None
    """What the incident itself has for the field, in words; None where it has nothing, or nowhere to have it."""

    @property
    def told(self) -> tuple[Told, ...]:
        """All claims of the field, speaker by speaker."""
        return tuple(told for cell in self.cells.values() for told in cell.told)

    def cell(self, speaker: str) -> Cell:
        """What a speaker says of the field."""
        return self.cells.get(speaker, _SILENCE)


@dataclass(frozen=True, slots=True)
class Matrix:
    """Who says what of an incident."""

    incident: Incident
    speakers: tuple[Speaker, ...]
    fields: tuple[Field, ...]
    picks: dict[str, Pick] = dataclass_field(default_factory=dict)
    """Field → its newest pick in the log, which need not be the pick any more."""
    order: dict[int, tuple[int, str]] = dataclass_field(default_factory=dict, repr=False)
    """Claim id → its place among all claims in the order of fields and columns, and its speaker's name."""
    documents: dict[str, Document] = dataclass_field(default_factory=dict, repr=False)
    """The incident's documents by key."""

    def pick_of(self, told: Told) -> Pick | None:
        """Who picked a claim's value, and why; None where it is not the pick, or the log does not tell."""
        pick = self.picks.get(told.claim.field)
        return pick if pick is not None and told.picked and pick.claim_id == told.claim.id else None

    def speakers_of(self, ids: Iterable[int]) -> tuple[str, ...]:
        """The names of those who make the claims of these ids, each once, in the order of the columns."""
        return tuple(dict.fromkeys(name for _, name in sorted(self.order[i] for i in ids)))


def matrix(connection: sqlite3.Connection, incident_id: int) -> Matrix | None:
    """The claim matrix of one incident, None when it is gone; speakers with most claims first."""
    incident = read.incident(connection, incident_id)
    if incident is None:
        return None
    return replace(matrix_of(incident, Kinship(connection)), picks=picks(connection, incident.id))


def matrix_of(incident: Incident, related: Kinship) -> Matrix:
    """The claim matrix of an incident that was read before."""
    quotes = {quote.id: quote for quote in incident.quotes}
    documents = {document.key: document for document in incident.documents}
    speakers = _speakers(incident, quotes, documents)
    by_field: dict[str, list[Claim]] = defaultdict(list)
    for claim in incident.claims:
        by_field[claim.field].append(claim)
    own = Own(incident)
    columns = {speaker.name: at for at, speaker in enumerate(speakers)}
    fields = []
    for name in sorted(by_field, key=_place_of):
        claims = by_field[name]
        picked = own.picked(name, claims)
        sides = _sides(claims, related)
        told = [_told(own, claim, sides, claim.id in picked, quotes, documents) for claim in claims]
        by_speaker: dict[str, list[Told]] = defaultdict(list)
        for one in told:
            by_speaker[one.speaker].append(one)
        fields.append(
            Field(
                name,
                field_label(name, own.system_names),
                {name: _cell(by_speaker[name]) for name in sorted(by_speaker, key=columns.__getitem__)},
                any(t.rivals for t in told),
                own.words(name),
            )
        )
    told_all = (told for field in fields for told in field.told)
    order = {told.claim.id: (at, told.speaker) for at, told in enumerate(told_all)}
    return Matrix(incident, speakers, tuple(fields), order=order, documents=documents)


def _place_of(name: str) -> tuple[int, str]:
    order = list(LABELS)
    head = base(name)
    return (order.index(head) if head in order else len(order), name)


def field_label(name: str, systems: dict[str, str]) -> str:
    """A field for people: "Outcome of C-RAM" for outcome:c-ram; `systems` has the names behind keys."""
    head, _, key = name.partition(":")
    label = LABELS.get(head, head.replace("_", " ").capitalize())
    return f"{label} of {systems.get(key, key)}" if key else label


def document_words(document: Document) -> str:
    """A document in few words: its publisher and date, else its title or key."""
    return ", ".join(
        part for part in (document.publisher or document.title or document.key, cite.published(document)) if part
    )


def route_words(route: Route, documents: dict[str, Document]) -> str:
    """A speaker's way into the store in words: "via Press TV in The Jerusalem Post, 22 June 2021"."""
    via = f"via {', via '.join(route.by_way_of)} " if route.by_way_of else ""
    return f"{via}in {document_words(documents[route.document])}"


def _speakers(incident: Incident, quotes: dict[int, Quote], documents: dict[str, Document]) -> tuple[Speaker, ...]:
    """A column for each root of the incident's quotes, those who claim most first; last what rests on no quote."""
    routes: dict[str, dict[Route, None]] = {}
    own: dict[str, bool] = {}
    for quote in incident.quotes:
        name = root_name(quote, documents)
        route = Route.of([step.name for step in quote.chain], quote.document_key)
        routes.setdefault(name, {})[route] = None
        own[name] = own.get(name, False) or not quote.chain
    counts: dict[str, int] = defaultdict(int)
    for claim in incident.claims:
        counts[_speaker_of(claim, quotes, documents)] += 1
    names = sorted(routes, key=lambda name: -counts[name])
    found = [Speaker(name, tuple(routes[name]), own[name], counts[name]) for name in names]
    if counts[NO_QUOTE] and NO_QUOTE not in routes:
        found.append(Speaker(NO_QUOTE, (), False, counts[NO_QUOTE]))
    return tuple(found)


def _speaker_of(claim: Claim, quotes: dict[int, Quote], documents: dict[str, Document]) -> str:
    quote = quotes.get(claim.quote_id) if claim.quote_id is not None else None
    return NO_QUOTE if quote is None else root_name(quote, documents)


@dataclass(frozen=True, slots=True)
class _Side:
    """A value as it is said of a field: the claims that say it, and the others it fits or cannot stand beside."""

    claims: tuple[Claim, ...]
    agrees: tuple[Said, ...]
    rivals: tuple[Said, ...]


def _sides(claims: Sequence[Claim], related: Kinship) -> dict[Said, _Side]:
    """What is said of one field, each value compared with each other once, however many say it."""
    by_said: dict[Said, list[Claim]] = defaultdict(list)
    for claim in claims:
        if _takes_part(claim):
            by_said[_said(claim)].append(claim)
    order = list(by_said)
    return {
        said: _Side(
            tuple(by_said[said]),
            tuple(order[at] for at in relation.agrees),
            tuple(order[at] for at in relation.rivals),
        )
        for said, relation in zip(order, relations(order, related), strict=True)
    }


def _told(
    own: Own,
    claim: Claim,
    sides: dict[Said, _Side],
    picked: bool,
    quotes: dict[int, Quote],
    documents: dict[str, Document],
) -> Told:
    quote = quotes.get(claim.quote_id) if claim.quote_id is not None else None
    speaker = _speaker_of(claim, quotes, documents)
    against: tuple[int, ...] = ()
    alike: tuple[int, ...] = ()
    if _takes_part(claim):
        side = sides[_said(claim)]
        against = tuple(other.id for said in side.rivals for other in sides[said].claims)
        alike = tuple(
            other.id
            for said in side.agrees
            for other in sides[said].claims
            if _speaker_of(other, quotes, documents) != speaker
        )
    return Told(
        claim,
        own.value_words(claim.field, claim.value, claim.words),
        speaker,
        quote,
        documents.get(quote.document_key) if quote is not None else None,
        _standing(claim, against, alike),
        alike,
        against,
        picked,
    )


def _said(claim: Claim) -> Said:
    return Said(claim.field, claim.value, claim.polarity, claim.rank)


def _takes_part(claim: Claim) -> bool:
    """Whether a claim takes a side: one that was set aside, or that declines to say, does not."""
    return claim.rank != "deprecated" and claim.polarity != "declines"


def _standing(claim: Claim, against: tuple[int, ...], alike: tuple[int, ...]) -> Standing:
    if claim.rank == "deprecated":
        return "deprecated"
    if claim.polarity == "denies":
        return "denies"
    if claim.polarity == "declines":
        return "declines"
    return "rival" if against else "agrees" if alike else "alone"


def _cell(told: list[Told]) -> Cell:
    """A cell's stance: asserting goes before denying, and both before declining; set-aside claims count last."""
    live = [t.claim.polarity for t in told if t.claim.rank != "deprecated"] or [t.claim.polarity for t in told]
    for stance in ("asserts", "denies", "declines"):
        if stance in live:
            return Cell(stance, tuple(told))
    raise AssertionError(f"no such polarity: {live!r}")
