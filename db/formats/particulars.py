"""What an incident may have and some formats have no place for: words for it, and how to see it in a value and in SQL.

A format names those that it drops (`WrittenFormat.drops`).  The two ways to see one must agree: the writer asks the
incident that it has read, the export dialog asks the store without reading incidents whole.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from db.disputes import base
from db.model import Incident, Place, Quote


@dataclass(frozen=True, slots=True)
class Particular:
    """Something that an incident has or has not.  `sql` is 0 or 1, of incident `i` and its place `p` (or NULL)."""

    words: str
    has: Callable[[Incident], bool]
    sql: str


def _quotes(words: str, has: Callable[[Quote], bool], sql: str) -> Particular:
    """Of any quote `q` in a document `d`."""
    return Particular(
        words,
        lambda incident: any(map(has, incident.quotes)),
        "EXISTS (SELECT 1 FROM quote AS q JOIN document AS d ON d.id = q.document_id"
        f" WHERE q.incident_id = i.id AND ({sql}))",
    )


KIND = Particular("aggregates and context as such", lambda i: i.kind != "incident", "i.kind <> 'incident'")
KIND_BESIDE_TYPE = Particular(
    KIND.words,
    lambda i: i.kind != "incident" and bool(i.event_type),
    "i.kind <> 'incident' AND coalesce(i.event_type, '') <> ''",
)
"""For a format that has the kind where an event type is unknown."""
SUMMARY = Particular("summaries", lambda i: i.summary is not None, "i.summary IS NOT NULL")
SUB_TYPE = Particular("sub-event types", lambda i: i.sub_event_type is not None, "i.sub_event_type IS NOT NULL")
KILLED = Particular(
    "killed", lambda i: i.killed.known, "coalesce(i.killed_low, i.killed_best, i.killed_high) IS NOT NULL"
)
KILLED_RANGE = Particular(
    "lowest and highest estimates of killed",
    lambda i: not {i.killed.low, i.killed.high} <= {i.killed.best, None},
    "(i.killed_low IS NOT NULL AND i.killed_low IS NOT i.killed_best)"
    " OR (i.killed_high IS NOT NULL AND i.killed_high IS NOT i.killed_best)",
)
INJURED = Particular(
    "injured", lambda i: i.injured.known, "coalesce(i.injured_low, i.injured_best, i.injured_high) IS NOT NULL"
)
DAMAGE = Particular("damage", lambda i: i.damage is not None, "i.damage IS NOT NULL")
GRADES = Particular(
    "grades and credibility",
    lambda i: i.grade is not None or i.credibility is not None,
    "coalesce(i.grade, i.credibility) IS NOT NULL",
)
REVIEWED = Particular("review status", lambda i: i.status != "draft", "i.status <> 'draft'")
DATA_SET = Particular(
    "data set and id there",
    lambda i: i.origin is not None or i.origin_id is not None,
    "coalesce(i.origin, i.origin_id) IS NOT NULL",
)
STARS = Particular("stars", lambda i: i.starred, "EXISTS (SELECT 1 FROM star AS x WHERE x.incident_id = i.id)")
TAGS = Particular(
    "tags",
    lambda i: bool(i.tags),
    "EXISTS (SELECT 1 FROM incident_tag AS x JOIN tag AS t ON t.id = x.tag_id WHERE x.incident_id = i.id)",
)
NOTES = Particular("notes", lambda i: bool(i.notes), "EXISTS (SELECT 1 FROM note AS x WHERE x.incident_id = i.id)")
LINKS = Particular(
    "links to other incidents",
    lambda i: bool(i.links),
    "EXISTS (SELECT 1 FROM incident_link AS x JOIN incident AS o ON o.id = x.to_id WHERE x.from_id = i.id)"
    " OR EXISTS (SELECT 1 FROM incident_link AS x JOIN incident AS o ON o.id = x.from_id WHERE x.to_id = i.id)",
)

ACTORS = Particular(
    "actors",
    lambda i: bool(i.actors),
    "EXISTS (SELECT 1 FROM incident_actor AS x JOIN actor AS a ON a.id = x.actor_id WHERE x.incident_id = i.id)",
)
SYSTEMS = Particular(
    "weapons and defences",
    lambda i: bool(i.systems),
    "EXISTS (SELECT 1 FROM incident_system AS x JOIN system AS s ON s.id = x.system_id WHERE x.incident_id = i.id)",
)
COUNTS = Particular(
    "numbers of weapons",
    lambda i: any(use.count.known for use in i.systems),
    "EXISTS (SELECT 1 FROM incident_system AS x JOIN system AS s ON s.id = x.system_id WHERE x.incident_id = i.id"
    " AND coalesce(x.count_low, x.count_best, x.count_high) IS NOT NULL)",
)
WHO_THEY_ARE = Particular(
    "kinds, other names and parents of actors and systems",
    lambda i: bool(i.actors or i.systems),
    f"{ACTORS.sql} OR {SYSTEMS.sql}",
)
"""What `actor`, `actor_alias` and `system` have beside names; said of every incident that has any of these."""


def _somewhere(place: Place) -> bool:
    return place.kind is not None or place.radius_m is not None or bool(place.within)


_SOMEWHERE = "p.kind IS NOT NULL OR p.radius_m IS NOT NULL OR EXISTS (SELECT 1 FROM place AS w WHERE w.id = p.part_of)"


def _placed(place: Place) -> bool:
    known = (place.country_code, place.admin1, place.latitude, place.longitude, place.where_prec)
    return any(value is not None for value in known)


PLACES = Particular("places", lambda i: i.place is not None, "p.id IS NOT NULL")
ADMIN1 = Particular(
    "provinces (admin1)", lambda i: i.place is not None and i.place.admin1 is not None, "p.admin1 IS NOT NULL"
)
ALL_BUT_THE_NAME = Particular(
    "all of a place but its name",
    lambda i: i.place is not None and (_somewhere(i.place) or _placed(i.place)),
    "p.country_code IS NOT NULL OR p.admin1 IS NOT NULL OR p.latitude IS NOT NULL OR p.longitude IS NOT NULL"
    f" OR p.where_prec IS NOT NULL OR {_SOMEWHERE}",
)
PLACE_KINDS = Particular(
    "kinds of places", lambda i: i.place is not None and i.place.kind is not None, "p.kind IS NOT NULL"
)
PLACE_REST = Particular(
    "kinds, radii and parents of places", lambda i: i.place is not None and _somewhere(i.place), _SOMEWHERE
)

QUOTES = _quotes("quotes", lambda q: True, "1")
AFTER_THREE = Particular(
    "quotes after the third",
    lambda i: len(i.quotes) > 3,
    "(SELECT count(*) FROM quote AS q JOIN document AS d ON d.id = q.document_id WHERE q.incident_id = i.id) > 3",
)
TRANSLATIONS = _quotes("translations of quotes", lambda q: q.translation is not None, "q.translation IS NOT NULL")
AROUND_QUOTES = _quotes(
    "words around quotes, verbs of speakers",
    lambda q: q.prefix is not None or q.suffix is not None or any(speaker.verb is not None for speaker in q.chain),
    "q.prefix IS NOT NULL OR q.suffix IS NOT NULL OR EXISTS (SELECT 1 FROM attribution AS x"
    " JOIN actor AS a ON a.id = x.actor_id WHERE x.quote_id = q.id AND x.verb IS NOT NULL)",
)
CHAINS = _quotes("positions of quotes, their chains of speakers", lambda q: True, "1")
"""Said of every quote: whence it is, and by whose way it came there."""
RANKS = Particular(
    "ranks of claims",
    lambda i: any(claim.rank != "normal" for claim in i.claims),
    "EXISTS (SELECT 1 FROM claim AS x WHERE x.incident_id = i.id AND x.rank <> 'normal')",
)

DOCUMENTS = Particular("titles, dates and addresses of documents", lambda i: bool(i.documents), QUOTES.sql)
DOCUMENT_REST = Particular(
    "texts and languages of documents, when they were read, why they are graded so",
    lambda i: any(
        d.has_text
        or d.text_length is not None
        or d.language is not None
        or d.accessed_at is not None
        or d.reliability is not None
        for d in i.documents
    ),
    "EXISTS (SELECT 1 FROM quote AS q JOIN document AS d ON d.id = q.document_id WHERE q.incident_id = i.id"
    " AND (d.text IS NOT NULL OR coalesce(d.text_length, d.language, d.accessed_at, d.reliability) IS NOT NULL))",
)
"""What a citation does not say.  The reason for a grade of reliability goes with the grade, which the value has."""

ROOTS_APART = "quotes said to have roots of their own"
"""Counted by SQL alone (`db.losses`): an incident as it is read does not have it."""

DIGEST = "row_digest"
"""What an import puts among the columns kept: its own mark, not the source's."""


def kept_columns(incident: Incident) -> Iterator[str]:
    """Says so where an import kept columns that the store has no place for."""
    if incident.extra.keys() - {DIGEST}:
        yield "columns kept in extra"


def undisputed_claims(incident: Incident) -> Iterator[str]:
    """Says so where there are claims of fields that nobody disputes."""
    if any(base(claim.field) not in incident.disputed for claim in incident.claims):
        yield "undisputed claims"


def rival_claims(incident: Incident) -> Iterator[str]:
    """Says so where claims dispute a field."""
    if incident.disputed:
        yield "rival claims"


def all_claims(incident: Incident) -> Iterator[str]:
    """Claims of fields, disputed or not."""
    yield from rival_claims(incident)
    yield from undisputed_claims(incident)


def claims_and_columns(incident: Incident) -> Iterator[str]:
    """All claims, and the columns kept."""
    yield from all_claims(incident)
    yield from kept_columns(incident)


def foreign_to_rows(incident: Incident) -> Iterator[str]:
    """For the rows of a data set: what an incident that is not from there has, and they have no place for."""
    if incident.quotes:
        yield QUOTES.words
        yield DOCUMENTS.words
    if incident.actors or incident.systems:
        yield WHO_THEY_ARE.words
    if incident.origin is not None:
        yield DATA_SET.words
