"""ACLED events as CSV, the current 31 columns: what was imported from ACLED comes back, the rest as far as it goes.

Columns and codes: "Armed Conflict Location & Event Data Project (ACLED) Codebook".  A column that the store has a place
for is written from the store, so that the analyst's corrections are in it; the others come from `incident.extra`, but
for what says something of the source's own value that has been changed since.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterator, Mapping

from db import dates
from db.errors import DateError
from db.formats import acled
from db.formats.day import Days
from db.formats.kept import (
    Parts,
    beside_row,
    columns_kept,
    is_made,
    outdated_there,
    pairs,
    place_told,
    places_told,
    standing,
    without,
)
from db.formats.particulars import (
    DAMAGE,
    DIGEST,
    GRADES,
    INJURED,
    KILLED_RANGE,
    KIND,
    LINKS,
    NOTES,
    PLACE_REST,
    REVIEWED,
    STARS,
    SUMMARY,
    SYSTEMS,
    TAGS,
    all_claims,
    foreign_to_rows,
)
from db.formats.record import FormatError, RowError
from db.formats.writing import (
    Cells,
    WrittenFormat,
    bounds,
    called,
    coordinates,
    formulas_left,
    given_name,
    parties_left_out,
    sides_and_parties,
    speakers,
    table,
)
from db.model import Incident

HEAD = (
    "event_id_cnty", "event_date", "year", "time_precision", "disorder_type", "event_type", "sub_event_type", "actor1",
    "assoc_actor_1", "inter1", "actor2", "assoc_actor_2", "inter2", "interaction", "civilian_targeting", "iso",
    "region", "country", "admin1", "admin2", "admin3", "location", "latitude", "longitude", "geo_precision", "source",
    "source_scale", "notes", "fatalities", "tags", "timestamp",
)  # fmt: skip
"""The 31 columns, in ACLED's order."""

EVENT_TYPES = {
    name.lower(): name
    for name in (
        "Battles", "Explosions/Remote violence", "Protests", "Riots", "Strategic developments",
        "Violence against civilians",
    )
}  # fmt: skip
"""Event type as the store has it to ACLED's own spelling."""

GEO_PRECISION = {prec: code for code, prec in acled.WHERE_PREC.items()} | {3: 2}
"""UCDP where_prec to ACLED geo_precision; a district is ACLED's 2, a part of a region around a town."""

ORIGIN = "acled"


def cells(incident: Incident) -> Cells:
    """Column → cell of one incident; what is unknown is left out."""
    own = _own(incident)
    kept: Mapping[str, object] = _upheld(incident, own)
    # Who is a side is told by all that ACLED said, also where its codes are another's by now.
    who = _who(incident, own)
    known: Cells = {**kept, **who, **_where(incident, kept), **_when(incident, kept)}
    known |= {
        "event_id_cnty": incident.origin_id if _from_acled(incident) else incident.key,
        "event_type": EVENT_TYPES.get(incident.event_type or "", incident.event_type),
        "sub_event_type": incident.sub_event_type,
        "fatalities": incident.killed.best,
        "notes": _notes(incident),
        "source": kept.get("source") or (None if kept else speakers(incident) or None),
        "tags": kept.get("tags") if _from_acled(incident) else "; ".join(incident.tags) or None,
    }
    return {name: value for name, value in known.items() if value is not None}


def _own(incident: Incident) -> dict[str, object]:
    """What is kept of ACLED's columns; nothing of an incident that is not ACLED's."""
    return columns_kept(incident, HEAD) if _from_acled(incident) else {}


def _from_acled(incident: Incident) -> bool:
    """Whether an incident came from ACLED, under its own name or one that the user gave (`--origin`)."""
    return came_so(incident.origin, incident.origin_id, incident.extra)


def came_so(origin: str | None, origin_id: str | None, extra: Container[str]) -> bool:
    """The same by data set, id there and the columns kept."""
    return origin_id is not None and (origin == ORIGIN or "event_date" in extra)


def _upheld(incident: Incident, kept: Mapping[str, object]) -> dict[str, object]:
    """What is kept of ACLED's columns, without those that say something of what has another value by now.

    The title that the import made tells whether type, sides and place are still ACLED's.
    """
    what, sides, there = _standing(incident, kept)
    who = _who(incident, kept)
    gone = outdated_there(incident, kept.get("country"), there, _OF_COUNTRY, _OF_PLACE)
    if not what:
        gone.add("disorder_type")
    nobody_s = any(
        acled.is_code(kept.get(f"inter{n}")) and who[f"actor{n}"] is None and f"actor{n}" not in incident.extra
        for n in (1, 2)
    )
    if not sides or nobody_s:
        gone |= {"inter1", "inter2", "interaction", "civilian_targeting"}
    left = without(kept, gone)
    names = {name for actor in incident.actors for name in (actor.actor.name, *actor.actor.aliases)}
    for column in ("assoc_actor_1", "assoc_actor_2"):
        told = acled.named(str(left.get(column) or ""))
        if not names.issuperset(told):
            left[column] = "; ".join(name for name in told if name in names) or None
    return left


_OF_COUNTRY, _OF_PLACE = ("country", "iso", "region"), ("admin2", "admin3", "geo_precision")


def _standing(incident: Incident, kept: Mapping[str, object]) -> list[bool]:
    """Whether type, sides and place are still those by which the import called the incident."""
    what, who = incident.sub_event_type or incident.event_type or "", _who(incident, kept)
    where = place_told(incident, kept.get("country"))
    first, second = called(incident, who["actor1"]), called(incident, who["actor2"])
    # An actor2 that is empty may have been actor1 over again: that gives a code to nobody else.
    told: tuple[str | Parts, ...] = tuple(((": ",), *sides, (", ",)) for sides in pairs(first, second))
    if not who["actor2"]:
        told += tuple(f": {name} – {name}, " for name in first if name)
    return standing(
        incident.title,
        (f", {what}: ", f", {what}, "),
        told or (f", {what}, ",),
        (f", {where}, ", f": {where}, ") if where else (),
    )


def _who(incident: Incident, kept: Mapping[str, object]) -> Cells:
    """actor1 and actor2, with all who stand there."""
    first, second = _sides(incident, kept)
    return {"actor1": "; ".join(first) or None, "actor2": "; ".join(second) or None}


def _sides(incident: Incident, kept: Mapping[str, object]) -> tuple[list[str], list[str]]:
    """Attacker and target, else the parties."""
    attackers, targets, parties = sides_and_parties(incident)
    if attackers or targets:
        return attackers, targets
    if not kept:
        return parties[:1], parties[1:]
    return _parties(incident, kept)


def _parties(incident: Incident, kept: Mapping[str, object]) -> tuple[list[str], list[str]]:
    """Both sides of what came from ACLED: who is kept as one, else the next who is not somebody's associate."""
    named = {
        name: a.actor.name for a in incident.actors if a.role == "affected" for name in (*a.actor.aliases, a.actor.name)
    }
    told = [None if (name := kept.get(column)) is None else str(name) for column in ("actor1", "actor2")]
    found = {name: named[name] for name in told if name in named}
    taken = {*found.values(), *_associates(incident, kept)}
    others = [name for name in dict.fromkeys(named.values()) if name not in taken]
    # Who is there for a side that was another's name stands where that stood, on both sides where it did.
    for name in dict.fromkeys(told):
        if name is not None and name not in found and others:
            found[name] = others.pop(0)
    sides = [found.get(name) if name is not None else others.pop(0) if others else None for name in told]
    return [name for name in sides[:1] if name], [name for name in sides[1:] if name]


def _associates(incident: Incident, kept: Mapping[str, object]) -> set[str]:
    """The names of those whom ACLED gives as somebody's associates."""
    told = {name for n in (1, 2) for name in acled.named(str(kept.get(f"assoc_actor_{n}") or ""))}
    return {a.actor.name for a in incident.actors if not told.isdisjoint((a.actor.name, *a.actor.aliases))}


def _where(incident: Incident, kept: Mapping[str, object]) -> Cells:
    place = incident.place
    found = coordinates(place, kept)
    if place is None:
        return found
    precision: object = GEO_PRECISION.get(place.where_prec or 0)
    if place.where_prec is None and place.kind == "country":
        precision = kept.get("geo_precision")  # a country has none of ACLED's: one that ACLED gave all the same stands
    return found | {
        "country": kept.get("country") or place.country,
        "admin1": place.admin1,
        "geo_precision": precision,
        "location": given_name(place, _from_acled(incident)),
    }


def _when(incident: Incident, kept: Mapping[str, object]) -> Cells:
    """Day and time_precision, such that the day with its precision covers every day that the date allows.

    A date that neither a day, a week around one, nor a month covers has no form in ACLED: its year alone is written.
    """
    nothing: Cells = {"event_date": None, "time_precision": None, "year": None}
    first, last = bounds(incident)
    if first is None or last is None:
        return nothing
    (year, month, _), until = dates.civil(first), dates.civil(last)
    if not 0 < year <= until[0] <= 9999:
        return nothing
    if first == last:
        precision, day = 1, first
    elif last - first <= 2 * dates.APPROXIMATE_DAYS:
        precision, day = 2, (first + last) // 2
    elif (year, month) == until[:2]:
        precision, day = 3, first
    else:
        return {**nothing, "year": year if year == until[0] else None}
    given = _given_day(kept.get("event_date"))
    if given is not None and _covers(given, precision, first, last):
        day = given
    return {"event_date": dates.iso(day), "time_precision": precision, "year": dates.civil(day)[0]}


def _covers(day: dates.Day, precision: int, first: dates.Day, last: dates.Day) -> bool:
    """Whether a day of ACLED's with its precision allows each day from `first` to `last`."""
    if precision == 2:
        return day - dates.APPROXIMATE_DAYS <= first and last <= day + dates.APPROXIMATE_DAYS
    return first <= day <= last


def _given_day(text: object) -> dates.Day | None:
    """The day that ACLED itself gave; None where it can be read in two ways, or in none."""
    if text is None:
        return None
    found = set()
    for order in ("dmy", "mdy"):
        try:
            found.add(dates.parse(Days("", order, None).edtf(str(text or ""))).earliest)
        except (RowError, FormatError, DateError):
            continue
    return found.pop() if len(found) == 1 else None


def _notes(incident: Incident) -> str | None:
    """ACLED's notes as they were imported; else the summary, or the title, which says as much."""
    if _from_acled(incident):
        quotes = [quote.exact for quote in incident.quotes]
        publishers = {document.key: document.publisher for document in incident.documents}
        told = [quote.exact for quote in incident.quotes if publishers.get(quote.document_key) == "ACLED"]
        return next(iter(told or quotes), None)
    return incident.summary or incident.title


_OWN_DATE = re.compile(r"\d{4}-\d\d(-\d\d~?)?")
"""The dates that ACLED's own rows have: a month, a day, a day in a week that is known."""


def quirks(incident: Incident) -> Iterator[str]:
    """Types, dates and places that ACLED has no code for, and cells that are not harmless everywhere."""
    row, own = cells(incident), _from_acled(incident)
    if not own:
        yield "no ACLED id (the key stands for it)"
    if "event_date" not in row:
        yield "dates wider than a month, left empty"
    elif "T" in (incident.date_edtf or ""):
        yield "times of day"
    elif not _OWN_DATE.fullmatch(incident.date_edtf or "") if own else incident.date_edtf != row["event_date"]:
        yield "uncertain dates, as day and time_precision"
    if (incident.event_type or "") not in EVENT_TYPES:
        yield "event types not ACLED's"
    if incident.place is not None and incident.place.where_prec not in (None, *GEO_PRECISION):
        yield "places less exact than geo_precision says"
    yield from formulas_left(row)


def omits(incident: Incident) -> Iterator[str]:
    """What else ACLED has no column for.

    Of what came from ACLED, title, quote and associates are made of its own columns; what is not is told by `beside`.
    """
    own = _from_acled(incident)
    yield from all_claims(incident)
    if own and incident.summary is not None:
        yield SUMMARY.words
    if not own and incident.summary:
        yield "titles, where the summary stands in notes"
    yield from (words for words in parties_left_out(incident) if not (own and words.startswith("affected")))
    if not own:
        yield from foreign_to_rows(incident)
    if own and incident.tags:
        yield TAGS.words
    if incident.extra.keys() - (_SAID if own else {DIGEST}):
        yield "columns that are not among ACLED's 31"


def beside(incident: Incident) -> Iterator[str]:
    """What an incident that came from ACLED has beside ACLED's own columns: somebody has added or changed it since."""
    if not _from_acled(incident):
        return
    own = _own(incident)
    first, second = _sides(incident, own)
    who = _who(incident, own)
    what = incident.sub_event_type or incident.event_type or ""
    first_called, second_called = called(incident, who["actor1"]), called(incident, who["actor2"])
    made: list[Parts] = [((f"{what}: ",), *sides) for sides in pairs(first_called, second_called)]
    if "" in first_called and "" in second_called:
        made.append(((what,),))
    places = places_told(incident, own.get("country"))
    behind = {f", {place}" if place else "" for place in places}
    alone = {place or str(incident.origin_id) for place in places}
    if not any(is_made(incident.title, *parts, *([behind] if parts != (("",),) else [alone])) for parts in made):
        yield "titles"
    written = {*first, *second, *_associates(incident, own)}
    if any(a.role == "affected" and a.actor.name not in written for a in incident.actors):
        yield "affected besides both sides and their associates"
    own_documents = (d.key for d in incident.documents if d.publisher == acled.ACLED.publisher)
    yield from beside_row(incident, dict.fromkeys(own_documents, _notes(incident)))


_SAID = {*HEAD, "row_digest", "data_id"}
"""Columns that are written, our own digest, and an older form's second id."""

DROPS = (KIND, SYSTEMS, INJURED, KILLED_RANGE, DAMAGE, GRADES, REVIEWED, STARS, NOTES, LINKS, PLACE_REST)

FORMAT = WrittenFormat(
    "acled", "ACLED, CSV of the current 31 columns", ".csv", table(HEAD, cells), quirks, omits, DROPS, beside=beside
)
