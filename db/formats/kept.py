"""What an import kept of a source's row: whether it still says what the store says, and what the store has beside it.

The writers of that format (ACLED, UCDP GED) ask first.  What the analyst has changed is written from the store.  A code
that the source gave to the old value is not one of the new: it is left empty, as nobody has told the new one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Container, Iterator, Mapping
from functools import lru_cache

from db.fields import fold
from db.formats.countries import ALIASES
from db.formats.particulars import DOCUMENTS, QUOTES
from db.formats.writing import given_name
from db.model import Document, Incident, Place, Quote

_WKT = re.compile(r"\s*POINT\s*\(\s*([^\s()]+)\s+([^\s()]+)\s*\)\s*", re.IGNORECASE)

_NEAR = 1.5e-6
"""Degrees by which a point may be off that has been written with six decimals: a decimetre."""


def columns_kept(incident: Incident, head: Container[str]) -> dict[str, object]:
    """What is kept of a row with the columns of `head`: those that said something."""
    return {name: value for name, value in incident.extra.items() if name in head and value is not None}


def without(kept: Mapping[str, object], gone: Collection[str]) -> dict[str, object]:
    """What is kept but for some columns."""
    return {name: value for name, value in kept.items() if name not in gone}


def outdated_there(
    incident: Incident, country: object, there: bool, of_country: Collection[str], of_place: Collection[str]
) -> set[str]:
    """Those of a row's columns that say something of what was its country, or its place, and is not any more.

    `country` is the name that the row has for it, or None; `there` tells whether the rest of the place still stands.
    """
    place = incident.place
    same_country = country is None or (
        place is not None and _names_country(country, place) and (place.country_code is not None or there)
    )
    return {*(() if same_country else of_country), *(() if same_country and there else of_place)}


def _names_country(name: object, place: Place) -> bool:
    """Whether a source's name is that of a place's country; one that no code is known for names any without one."""
    return _names(str(name), place.country_code, place.country)


@lru_cache(4096)
def _names(name: str, code: str | None, country: str | None) -> bool:
    if code is None:
        return fold(name) not in _known()
    return name == code or _aliases().get(fold(name)) == code or (country is not None and fold(name) == fold(country))


@lru_cache(1)
def _aliases() -> dict[str, str]:
    return {fold(name): code for name, code in ALIASES.items()}


@lru_cache(1)
def _known() -> frozenset[str]:
    """Names and codes by which an import knows a country, as a store has them."""
    import pycountry

    found = {word for c in pycountry.countries for word in (c.alpha_2, getattr(c, "common_name", c.name))}
    return frozenset({*map(fold, found), *_aliases()})


def is_point(wkt: object, latitude: float | None, longitude: float | None) -> bool:
    """Whether a text in the form of WKT is this point, longitude first."""
    match = _WKT.fullmatch(str(wkt))
    if match is None or latitude is None or longitude is None:
        return False
    return near(match[2], latitude) and near(match[1], longitude)


def near(text: object, degrees: float) -> bool:
    """Whether a text is a number of degrees."""
    try:
        return abs(float(str(text)) - degrees) < _NEAR
    except ValueError:
        return False


Parts = tuple[Collection[str], ...]
"""Texts put together of parts in order, each in one of its forms; all of them, written out, might fill the memory."""


def pairs(first: Collection[str], second: Collection[str]) -> Iterator[Parts]:
    """What an import calls the sides of an incident, by all names of each; nothing where both are unknown ("")."""
    one, other = ([name for name in side if name] for side in (first, second))
    if one and other:
        yield one, (" – ",), other
    if one and "" in second:
        yield (one,)
    if other and "" in first:
        yield (other,)


def standing(title: str, *told: tuple[str | Parts, ...]) -> list[bool]:
    """Which parts of the title that an import made of a row still stand in it, each in one of the forms given.

    Where none does, it is somebody's own title and tells nothing: all are held to stand.  So is a part without a form.
    """
    framed = f", {title}, ".casefold()
    found = [
        any(
            form.casefold() in framed if isinstance(form, str) else bool(_ends(framed, set(range(len(framed))), form))
            for form in forms
        )
        for forms in told
    ]
    if not any(found):
        return [True] * len(told)
    return [stands or not forms for stands, forms in zip(found, told, strict=True)]


def is_made(title: str, *parts: Collection[str]) -> bool:
    """Whether a title is put together of parts in order, each in one of the forms given."""
    title = title.casefold()
    return len(title) in _ends(title, {0}, parts)


def _ends(text: str, starts: set[int], parts: Parts) -> set[int]:
    """Where parts in order may end in a text that begin at one of `starts`."""
    for forms in parts:
        folded = {form.casefold() for form in forms}
        starts = {at + len(form) for at in starts for form in folded if text.startswith(form, at)}
    return starts


def place_told(incident: Incident, country: object) -> object:
    """What an import called the place of an incident in its title, if it is still there; None for an unknown one."""
    place = incident.place
    return country if place is None else given_name(place, True) or place.admin1 or country


def places_told(incident: Incident, country: object) -> set[str]:
    """All that an import may have called it there, whatever is known of the place by now; "" for an unknown one."""
    place = incident.place
    if place is None:
        return {str(country or "")}
    names = {given_name(place, True) or place.admin1 or country or place.country or place.name}
    return {str(name) for name in (*names, country if place.kind == "country" else None) if name}


def beside_row(
    incident: Incident, given: Mapping[str, str | None], spelled: Callable[[str], str] = str
) -> Iterator[str]:
    """Says so where there are quotes or documents that the incident's row does not give.

    `given` has the key of each document that it gives → what it quotes from there, `spelled` as quotes are compared.
    """
    if any(spelled(q.exact) != given.get(q.document_key) or not _is_plain(q) for q in incident.quotes):
        yield QUOTES.words
    if any(d.key not in given or not _is_plain_document(d) for d in incident.documents):
        yield DOCUMENTS.words


def _is_plain(quote: Quote) -> bool:
    """Whether a quote has no more than an import gives one: words, and at most one whom they rest on."""
    around = (quote.start, quote.prefix, quote.suffix, quote.translation)
    return around == (None,) * len(around) and len(quote.chain) < 2


def _is_plain_document(document: Document) -> bool:
    """Whether a document has no more than title, publisher and day."""
    return document.author is document.url is document.archive_url is None
