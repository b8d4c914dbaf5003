"""The fields of the query language and of the facet panel: one list for parser, engine, screens and help."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Field:
    """A field that can follow a word and a colon; `label` heads its facet, `help` is one line for people."""

    name: str
    label: str
    help: str


FACETS: tuple[Field, ...] = (
    Field("type", "Event type", "what happened: drone-strike, rocket-fire ..."),
    Field("country", "Country", "ISO code or name"),
    Field("place", "Place", "a place and everything that is part of it"),
    Field("actor", "Actor", "an actor in any role"),
    Field("attacker", "Attacker", "who attacked, suspected or known"),
    Field("target", "Target", "who was attacked"),
    Field("claimant", "Claimant", "who claims to have done it"),
    Field("weapon", "Weapon", "munition or platform, by name or family"),
    Field("system", "System", "any weapon or defence system, by name or family"),
    Field("outcome", "Outcome", "what became of a system: hit, intercepted, missed ..."),
    Field("speaker", "Speaker", "anyone in a chain of attribution"),
    Field("document", "Document", "a source document"),
    Field("publisher", "Publisher", "who published it"),
    Field("reliability", "Reliability", "of the document, Admiralty A to F"),
    Field("credibility", "Credibility", "of the incident, Admiralty 1 to 6"),
    Field("grade", "Grade", "confirmed, fair, weak, contested, discounted"),
    Field("status", "Status", "draft or reviewed"),
    Field("kind", "Kind", "incident, aggregate or context"),
    Field("tag", "Tag", "your own tags"),
    Field("disputed", "Disputed", "a field on which claims cannot both be true"),
)
FACET_NAMES: tuple[str, ...] = tuple(field.name for field in FACETS)

PERIODS: tuple[Field, ...] = (
    Field("year", "Year", "years in which something begins or ends, in order"),
    Field("month", "Month", "months in which something begins or ends, in order"),
)
"""Facets that are counted like the others, but asked for with `date:`."""
PERIOD_NAMES: tuple[str, ...] = tuple(field.name for field in PERIODS)

NUMBERS: tuple[Field, ...] = (
    Field("killed", "Killed", "people killed: killed:>0, killed:5..20"),
    Field("injured", "Injured", "people injured"),
    Field("quotes", "Quotes", "number of quotes"),
    Field("roots", "Roots", "number of distinct root speakers"),
)
DATES: tuple[Field, ...] = (
    Field("date", "Date", "EDTF or a range: date:2021-04, date:2021-05..2021-06"),
    Field("after", "After", "on or after: after:2021-05-01"),
    Field("before", "Before", "on or before the end of: before:2021"),
)
FLAGS: tuple[Field, ...] = (
    Field("disputed", "disputed", "claims that cannot both be true"),
    Field("starred", "starred", "starred by you"),
    Field("unverified", "unverified", "with a quote that no text has confirmed"),
    Field("single-source", "single-source", "resting on one root speaker"),
    Field("undated", "undated", "with no date at all"),
    Field("tagged", "tagged", "with a tag"),
    Field("noted", "noted", "with a note"),
)
FLAG_NAMES: tuple[str, ...] = tuple(flag.name for flag in FLAGS)

BY_NAME: dict[str, Field] = {field.name: field for field in (*FACETS, *NUMBERS, *DATES)}


_LIKE = str.maketrans(dict.fromkeys((0x2010, 0x2011), "-") | {"_": " ", "’": "'", "‘": "'", "ʼ": "'"})
"""Hyphens and apostrophes that are written for one another."""


def fold(value: str) -> str:
    """The form in which values are compared: case, accents, and space, hyphen or underscore do not count."""
    if value.isascii():  # most names, and there can be very many
        return "-".join(value.lower().replace("_", " ").replace("-", " ").split())
    decomposed = _decomposed(_decomposed(value).casefold())
    plain = "".join(c for c in decomposed if not unicodedata.combining(c))
    return "-".join(plain.translate(_LIKE).replace("-", " ").split())


_PIECE = 100
"""Characters decomposed at a time: sorting a run of combining marks takes the square of its length."""


def _decomposed(value: str) -> str:
    """`value` in the form NFKD, but for the order of combining marks in very long runs, which `fold` leaves out."""
    return "".join(unicodedata.normalize("NFKD", value[at : at + _PIECE]) for at in range(0, len(value), _PIECE))
