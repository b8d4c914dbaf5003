"""What a store holds, as frozen values in the field's own terms; unknown is None."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

Id = int
"""SQLite's row id: means something inside one store only; keys are for people."""


@dataclass(frozen=True, slots=True)
class Span:
    """A low, best and high estimate of a number of people or things."""

    low: int | None = None
    best: int | None = None
    high: int | None = None

    @property
    def known(self) -> bool:
        """Whether any of the three is known (0 is known, None is not)."""
        return not (self.low is self.best is self.high is None)


@dataclass(frozen=True, slots=True)
class Actor:
    """A state force, armed group, government, medium or person."""

    id: Id
    key: str
    name: str
    kind: str | None = None
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ActorRole:
    """An actor's part in an incident; `attribution` is known or suspected."""

    actor: Actor
    role: str
    attribution: str


@dataclass(frozen=True, slots=True)
class Place:
    """A place; `where_prec` is UCDP's 1 exact to 7 sea or air, `radius_m` metres, coordinates WGS 84 degrees."""

    id: Id
    key: str
    name: str
    kind: str | None = None
    country_code: str | None = None
    country: str | None = None
    admin1: str | None = None
    latitude: float | None = None
    longitude: float | None = None
    where_prec: int | None = None
    radius_m: int | None = None
    within: tuple[str, ...] = ()
    """Names of the places it is part of, nearest first."""


@dataclass(frozen=True, slots=True)
class SystemUse:
    """A weapon or defence system's part in an incident."""

    key: str
    name: str
    system_class: str | None
    role: str
    outcome: str | None
    count: Span


@dataclass(frozen=True, slots=True)
class Document:
    """A source document, without its text; `text_length` is in Unicode code points."""

    id: Id
    key: str
    title: str | None = None
    publisher: str | None = None
    author: str | None = None
    url: str | None = None
    archive_url: str | None = None
    published_edtf: str | None = None
    accessed_at: str | None = None
    language: str | None = None
    reliability: str | None = None
    text_sha256: str | None = None
    text_length: int | None = None
    has_text: bool = False

    @property
    def voice(self) -> str:
        """The name it speaks under where it quotes nobody; `read.VOICE` is the same in SQL.

        Without a publisher that is its key, for two documents of one title would be one root.
        """
        return self.publisher or self.key


@dataclass(frozen=True, slots=True)
class Speaker:
    """One step of a chain of attribution: who, and the verb that the text uses."""

    name: str
    key: str
    verb: str | None = None


@dataclass(frozen=True, slots=True)
class Quote:
    """A source's own words, with their place in the document's text (code points, end-exclusive)."""

    id: Id
    document_key: str
    exact: str
    start: int | None = None
    end: int | None = None
    prefix: str | None = None
    suffix: str | None = None
    translation: str | None = None
    chain: tuple[Speaker, ...] = ()
    """Step 1 (whom the document quotes) first, the root last; empty when the document speaks for itself."""
    verified: bool | None = None
    """True: equals the text there; False: it does not; None: the text is absent."""


def root_of(chain: Sequence[str], voice: str) -> str:
    """The root speaker, by the name that `roots:` counts: the last of a chain, or its document's voice.

    `read.ROOT` is the same in SQL, and `arrays.root_codes` for the columns of a whole store.
    """
    return chain[-1] if chain else voice


def root_name(quote: Quote, documents: Mapping[str, Document]) -> str:
    """The root speaker of a quote; a document that is not given speaks as its key."""
    document = documents.get(quote.document_key)
    return root_of([speaker.name for speaker in quote.chain], document.voice if document else quote.document_key)


@dataclass(frozen=True, slots=True)
class Claim:
    """What one speaker says of one field of an incident."""

    id: Id
    field: str
    value: str | None
    polarity: str
    rank: str
    quote_id: Id | None
    speaker: str | None
    """Name of the root speaker, or the document's own voice."""
    words: str | None
    """The value for people: a date in words, a name for a key."""


@dataclass(frozen=True, slots=True)
class Note:
    """The analyst's own words on an incident."""

    id: Id
    text: str
    at: str


@dataclass(frozen=True, slots=True)
class Link:
    """A link to another incident, seen from this one; `outward` is False when the other one points here."""

    kind: str
    key: str
    title: str
    outward: bool


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the timeline: what the list needs and no more."""

    id: Id
    key: str
    kind: str
    title: str
    event_type: str | None
    date_edtf: str | None
    date_earliest: str | None
    date_latest: str | None
    place: str | None
    country: str | None
    grade: str | None
    documents: int
    roots: int
    disputed: tuple[str, ...]
    starred: bool
    same_as: int = 0
    """How many others the analyst has linked with it as the same."""


@dataclass(frozen=True, slots=True)
class Together:
    """What stands behind an incident and all that are linked with it as the same; each counts once."""

    incidents: int
    documents: int
    roots: int


@dataclass(frozen=True, slots=True)
class Incident:
    """One incident whole, as the detail pane, `show` and the exports need it."""

    id: Id
    key: str
    kind: str
    title: str
    summary: str | None
    event_type: str | None
    sub_event_type: str | None
    date_edtf: str | None
    date_earliest: str | None
    date_latest: str | None
    date_prec: int | None
    place: Place | None
    killed: Span
    injured: Span
    damage: str | None
    grade: str | None
    credibility: int | None
    status: str
    starred: bool
    actors: tuple[ActorRole, ...] = ()
    systems: tuple[SystemUse, ...] = ()
    quotes: tuple[Quote, ...] = ()
    claims: tuple[Claim, ...] = ()
    documents: tuple[Document, ...] = ()
    tags: tuple[str, ...] = ()
    notes: tuple[Note, ...] = ()
    links: tuple[Link, ...] = ()
    disputed: tuple[str, ...] = ()
    roots: int = 0
    origin: str | None = None
    origin_id: str | None = None
    extra: dict[str, object] = field(default_factory=dict)
    together: Together | None = None
    """None where no other incident is linked with it as the same."""
