"""What the terms of a query mean, in words, days and distances: read anew from the documentation, not from db.

It imports nothing from db, so that no mistake there can be repeated here.
"""

from __future__ import annotations

import math
import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

Verdict = bool | None
"""Kleene's values: True certainly, None possibly, False not."""

Civil = tuple[int, int, int]
"""Year, month, day."""

EARTH_KM = 6371.0088


# -- terms ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Text:
    """A word or phrase, before it is cut into tokens; with `prefix` its last token may go on."""

    text: str
    prefix: bool = False


@dataclass(frozen=True)
class Facet:
    """Any of some values, each (text, whether * stands for anything)."""

    field: str
    asked: tuple[tuple[str, bool], ...]


@dataclass(frozen=True)
class Amount:
    """A number in low..high, or unknown."""

    field: str
    low: int | None = None
    high: int | None = None
    unknown: bool = False


@dataclass(frozen=True)
class During:
    """A date in first..last, either may be open."""

    first: Civil | None
    last: Civil | None
    field: str = "date"


@dataclass(frozen=True)
class Flag:
    """is:NAME."""

    name: str


@dataclass(frozen=True)
class NearPlace:
    """Within a distance of any place of a name or key."""

    place: str
    km: float


@dataclass(frozen=True)
class NearPoint:
    """Within a distance of a point in degrees."""

    latitude: float
    longitude: float
    km: float


@dataclass(frozen=True)
class Sure:
    """certain:FIELD,... of the whole query."""

    fields: tuple[str, ...]


@dataclass(frozen=True)
class Neg:
    """Not that."""

    term: Term


@dataclass(frozen=True)
class Every:
    """All of them."""

    terms: tuple[Term, ...]


@dataclass(frozen=True)
class Some:
    """Any of them."""

    terms: tuple[Term, ...]


Term = Text | Facet | Amount | During | Flag | NearPlace | NearPoint | Sure | Neg | Every | Some


# -- text -----------------------------------------------------------------------------------------------------------


@lru_cache(None)
def same(text: str) -> str:
    """A value without case, accents and the choice between space, hyphen and underscore."""
    letters = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    return " ".join(re.split(r"[\s_-]+", letters.casefold())).strip()


@lru_cache(None)
def tokens(text: str) -> list[str]:
    """The tokens of a text as SQLite documents unicode61 with remove_diacritics 2: runs of letters, digits, private use."""
    found: list[str] = []
    inside = False
    for character in text:
        if unicodedata.category(character)[0] in "LN" or unicodedata.category(character) == "Co":
            if not inside:
                found.append("")
            found[-1] += _folded(character)
            inside = True
        elif not (inside and "\u0300" <= character <= "\u036f"):  # combining accents neither end a token nor count
            inside = False
    return found


def _folded(character: str) -> str:
    """One character in lower case, a Latin one without its accents."""
    low = character.casefold() if len(character.casefold()) == 1 else character.lower()
    plain = unicodedata.normalize("NFD", low)[0]
    return plain if plain.isascii() else low


def holds(text: str | None, wanted: list[str], prefix: bool) -> bool:
    """Whether the wanted tokens follow one another in a text."""
    have = tokens(text or "")
    for at in range(len(have) - len(wanted) + 1):
        part = have[at : at + len(wanted)]
        if part[:-1] == wanted[:-1] and (part[-1].startswith(wanted[-1]) if prefix else part[-1] == wanted[-1]):
            return True
    return False


# -- places in time and space ---------------------------------------------------------------------------------------


@lru_cache(None)
def civil(iso: str | None) -> Civil | None:
    """An ISO 8601 day, also before year 0 and after 9999."""
    if iso is None:
        return None
    found = re.fullmatch(r"([+-]?\d+)-(\d\d)-(\d\d)", iso)
    assert found, iso
    return int(found[1]), int(found[2]), int(found[3])


def inside(low: Any, high: Any, first: Any, last: Any) -> Verdict:
    """Whether low..high lies in first..last: wholly, in part, not at all; all four are comparable, None has no place."""
    if high < first or last < low:
        return False
    return True if first <= low and high <= last else None


BEFORE_ALL: Civil = (-(10**9), 1, 1)
AFTER_ALL: Civil = (10**9, 1, 1)


@lru_cache(None)
def distance_km(a: tuple[float, float], b: tuple[float, float]) -> float:
    """Between two points in degrees along a great circle: the angle between their vectors from the Earth's centre."""
    x, y = _vector(*a), _vector(*b)
    cross = (x[1] * y[2] - x[2] * y[1], x[2] * y[0] - x[0] * y[2], x[0] * y[1] - x[1] * y[0])
    return EARTH_KM * math.atan2(math.hypot(*cross), sum(i * j for i, j in zip(x, y, strict=True)))


def _vector(latitude: float, longitude: float) -> tuple[float, float, float]:
    phi, theta = math.radians(latitude), math.radians(longitude)
    return math.cos(phi) * math.cos(theta), math.cos(phi) * math.sin(theta), math.sin(phi)
