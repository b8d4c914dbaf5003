"""An incident as `list --json` gives it, which is what Dateline's GeoJSON has for properties, back into a record."""

from __future__ import annotations

from collections.abc import Mapping

from db import terms
from db.formats.json_parts import Object
from db.formats.record import ActorRecord, DocumentRecord, PlaceRecord, QuoteRecord, Record, RowError, SystemRecord
from db.formats.table import degrees
from db.model import Span

KINDS = ("incident", "aggregate", "context")
ROLES = ("attacker", "target", "host", "claimant", "denier", "defender", "affected")
SYSTEM_ROLES = ("munition", "platform", "air_defence", "ew")
OUTCOMES = tuple(terms.OUTCOME)

_AT_HOME = frozenset({
    "key", "kind", "title", "summary", "event_type", "sub_event_type", "date_edtf", "place", "actors", "systems",
    "killed", "injured", "tags", "quotes", "documents",
})  # fmt: skip
"""What becomes part of the record; the analyst's own (grade, status, claims ...) is kept in `extra` as it is."""


def listed(row: Mapping[str, object], line: int, digest: str) -> Record:
    """The record of one object, whose digest is given; raises RowError when it is not as `list --json` gives it."""
    title, key = _text(row, "title"), _text(row, "key")
    if not title or not key:
        raise RowError("has no title or no key")
    return Record(
        origin_id=key,
        title=title,
        line=line,
        digest=digest,
        kind=_one_of(row, "kind", KINDS) or "incident",
        summary=_text(row, "summary"),
        event_type=_text(row, "event_type"),
        sub_event_type=_text(row, "sub_event_type"),
        date_edtf=_text(row, "date_edtf"),
        place=_place(row),
        killed=_span(row, "killed"),
        injured=_span(row, "injured"),
        actors=tuple(
            ActorRecord(
                _named(actor), _one_of(actor, "role", ROLES) or "affected",
                _one_of(actor, "attribution", ("known", "suspected")) or "known",
            )
            for actor in _objects(row, "actors")
        ),
        systems=tuple(
            SystemRecord(
                _named(system), _one_of(system, "role", SYSTEM_ROLES) or "munition", _text(system, "class"),
                _one_of(system, "outcome", OUTCOMES),
            )
            for system in _objects(row, "systems")
        ),
        quotes=tuple(_quote(quote) for quote in _objects(row, "quotes")),
        tags=tuple(tag for tag in _list(row, "tags") if isinstance(tag, str) and tag),
        extra={name: value for name, value in row.items() if name not in _AT_HOME},
    )  # fmt: skip


def _place(row: Mapping[str, object]) -> PlaceRecord | None:
    place = row.get("place")
    if place is None:
        return None
    if not isinstance(place, dict):
        raise RowError("its place is no object")
    latitude, longitude = (_number(place, name) for name in ("latitude", "longitude"))
    lat, lon = degrees(*("" if number is None else repr(number) for number in (latitude, longitude)))
    precision = place.get("where_prec")
    if precision is not None and (type(precision) is not int or not 1 <= precision <= 7):
        raise RowError("its where_prec is not 1 to 7")
    name = _text(place, "name")
    if name is None and lat is None:
        return None
    return PlaceRecord(name, _text(place, "country_code"), None, lat, lon, precision)


def _quote(quote: Object) -> QuoteRecord:
    exact, document = _text(quote, "exact"), _text(quote, "document")
    if not exact or not document:
        raise RowError("a quote has no words or no document")
    chain = tuple((name, None) for name in _list(quote, "chain") if isinstance(name, str) and name)
    return QuoteRecord(DocumentRecord(document), exact, chain)


def _span(row: Mapping[str, object], name: str) -> Span:
    value = row.get(name)
    if value is None:
        return Span()
    if not isinstance(value, dict):
        raise RowError(f"{name} is no object")
    found = []
    for part in ("low", "best", "high"):
        number = value.get(part)
        if number is not None and (type(number) is not int or not 0 <= number < 2**63):
            raise RowError(f"{name}: {part} is no number of people")
        found.append(number)
    return Span(*found)


def _named(row: Mapping[str, object]) -> str:
    name = _text(row, "name")
    if name is None:
        raise RowError("an actor or a system has no name")
    return name


def _one_of(row: Mapping[str, object], name: str, known: tuple[str, ...]) -> str | None:
    value = _text(row, name)
    if value is not None and value not in known:
        raise RowError(f"{name} is {value[:30]!r}, not one of {', '.join(known)}")
    return value


def _text(row: Mapping[str, object], name: str) -> str | None:
    value = row.get(name)
    if value is not None and not isinstance(value, str):
        raise RowError(f"{name} is no text")
    return value or None


def _number(row: Mapping[str, object], name: str) -> float | None:
    value = row.get(name)
    if value is not None and type(value) not in (int, float):
        raise RowError(f"{name} is no number")
    return value  # type: ignore[return-value]


def _list(row: Mapping[str, object], name: str) -> list[object]:
    value = row.get(name)
    if value is not None and not isinstance(value, list):
        raise RowError(f"{name} is no list")
    return value or []


def _objects(row: Mapping[str, object], name: str) -> list[Object]:
    found: list[Object] = []
    for value in _list(row, name):
        if not isinstance(value, dict):
            raise RowError(f"{name} has something that is no object")
        found.append(value)
    return found
