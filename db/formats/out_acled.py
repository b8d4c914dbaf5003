"""ACLED events as CSV, the current 31 columns: what was imported from ACLED comes back, the rest as far as it goes.

Columns and codes: "Armed Conflict Location & Event Data Project (ACLED) Codebook".  A column that the store has a place
for is written from the store, so that the analyst's corrections are in it; the others come from `incident.extra`, but
for what says something of the source's own value that has been changed since.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from db import dates
from db.errors import DateError
from db.formats import acled
from db.formats.day import Days
from db.formats.kept import names_country, standing, without
from db.formats.particulars import (
    DAMAGE,
    DATA_SET,
    DIGEST,
    DOCUMENTS,
    GRADES,
    INJURED,
    KILLED_RANGE,
    KIND,
    LINKS,
    NOTES,
    PLACE_REST,
    QUOTES,
    REVIEWED,
    STARS,
    SUMMARY,
    SYSTEMS,
    TAGS,
    WHO_THEY_ARE,
    rival_claims,
    undisputed_claims,
)
from db.formats.record import FormatError, RowError
from db.formats.writing import (
    Cells,
    WrittenFormat,
    bounds,
    called,
    coordinates,
    given_name,
    parties_left_out,
    runs_as_formula,
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
    own = {name: value for name, value in incident.extra.items() if name in HEAD and value is not None}
    kept: Mapping[str, object] = _upheld(incident, own) if _from_acled(incident) else {}
    # Who is a second actor is told by all that ACLED said, also where its codes are another's by now.
    who = _who(incident, own if kept else {})
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


def _from_acled(incident: Incident) -> bool:
    """Whether an incident came from ACLED, under its own name or one that the user gave (`--origin`)."""
    return incident.origin_id is not None and (incident.origin == ORIGIN or "event_date" in incident.extra)


def _upheld(incident: Incident, kept: Mapping[str, object]) -> dict[str, object]:
    """What is kept of ACLED's columns, without those that say something of what has another value by now.

    The title that the import made tells whether type, sides and place are still ACLED's.
    """
    gone: set[str] = set()
    place, country = incident.place, kept.get("country")
    what, sides, there = _standing(incident, kept)
    same_country = country is None or (
        place is not None and names_country(country, place) and (place.country_code is not None or there)
    )
    if not what:
        gone.add("disorder_type")
    if not sides:
        gone |= {"inter1", "inter2", "interaction", "civilian_targeting"}
    if not same_country:
        gone |= {"country", "iso", "region"}
    if not (same_country and there):
        gone |= {"admin2", "admin3", "geo_precision"}
    left = without(kept, gone)
    names = {name for actor in incident.actors for name in (actor.actor.name, *actor.actor.aliases)}
    for column in ("assoc_actor_1", "assoc_actor_2"):
        told = [name.strip() for name in str(left.get(column) or "").split(";")]
        if not names.issuperset(filter(None, told)):
            left[column] = "; ".join(name for name in told if name in names) or None
    return left


def _standing(incident: Incident, kept: Mapping[str, object]) -> list[bool]:
    """Whether type, sides and place are still those by which the import called the incident."""
    place = incident.place
    what, who, where = incident.sub_event_type or incident.event_type or "", _who(incident, kept), kept.get("country")
    first, second = called(incident, who["actor1"]), called(incident, who["actor2"])
    # An actor2 that is empty or an associate may be actor1 over again, or nobody: neither gives a code to anyone.
    pairs = ((a, b) for a in first for b in (*second, a, ""))
    if place is not None:
        where = given_name(place, True) or place.admin1 or where
    return standing(
        incident.title,
        (f", {what}: ", f", {what}, "),
        tuple(f": {told}, " for pair in pairs if (told := " – ".join(filter(None, pair)))) or (f", {what}, ",),
        (f", {where}, ", f": {where}, ") if where else (),
    )


def _who(incident: Incident, kept: Mapping[str, object]) -> Cells:
    """actor1 and actor2: attacker and target, or the first parties that are not there as somebody's associates."""
    names = {
        role: [a.actor.name for a in incident.actors if a.role == role] for role in ("attacker", "target", "affected")
    }
    associates = {name.strip() for side in ("1", "2") for name in str(kept.get(f"assoc_actor_{side}") or "").split(";")}
    if names["attacker"] or names["target"]:
        return {"actor1": "; ".join(names["attacker"]) or None, "actor2": "; ".join(names["target"]) or None}
    parties = names["affected"]
    if kept:
        # inter2 is empty, or 0 in older forms, where there is no second actor.
        second = str(kept.get("inter2") or "0") != "0" or not {*parties[1:2]} <= associates
        return {"actor1": parties[0] if parties else None, "actor2": "; ".join(parties[1:2]) if second else None}
    return {"actor1": parties[0] if parties else None, "actor2": "; ".join(parties[1:]) or None}


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


def quirks(incident: Incident) -> Iterator[str]:
    """Types, dates and places that ACLED has no code for, and cells that are not harmless everywhere."""
    row = cells(incident)
    if not _from_acled(incident):
        yield "no ACLED id (the key stands for it)"
    if "event_date" not in row:
        yield "dates wider than a month, left empty"
    elif incident.date_edtf != row["event_date"] and not _from_acled(incident):
        yield "uncertain dates, as day and time_precision"
    if (incident.event_type or "") not in EVENT_TYPES:
        yield "event types not ACLED's"
    if incident.place is not None and incident.place.where_prec not in (None, *GEO_PRECISION):
        yield "places less exact than geo_precision says"
    if any(runs_as_formula(cell) for cell in row.values()):
        yield "cells that a spreadsheet would run, left as they are"


def omits(incident: Incident) -> Iterator[str]:
    """What else ACLED has no column for.

    Of what came from ACLED, the title and the quote without a position are made of its own columns, and so are the
    actors who are affected beside the two sides: its associates.
    """
    own = _from_acled(incident)
    yield from rival_claims(incident)
    yield from undisputed_claims(incident)
    if own and incident.summary is not None:
        yield SUMMARY.words
    if not own and incident.summary:
        yield "titles, where the summary stands in notes"
    yield from (words for words in parties_left_out(incident) if not (own and words.startswith("affected")))
    if incident.quotes and (not own or any(quote.start is not None for quote in incident.quotes)):
        yield QUOTES.words
        yield DOCUMENTS.words
    if not own and (incident.actors or incident.systems):
        yield WHO_THEY_ARE.words
    if not own and incident.origin is not None:
        yield DATA_SET.words
    if own and incident.tags:
        yield TAGS.words
    if incident.extra.keys() - (_SAID if own else {DIGEST}):
        yield "columns that are not among ACLED's 31"


_SAID = {*HEAD, "row_digest", "data_id"}
"""Columns that are written, our own digest, and an older form's second id."""

DROPS = (KIND, SYSTEMS, INJURED, KILLED_RANGE, DAMAGE, GRADES, REVIEWED, STARS, NOTES, LINKS, PLACE_REST)

FORMAT = WrittenFormat(
    "acled", "ACLED, CSV of the current 31 columns", ".csv", table(HEAD, cells), quirks, omits, DROPS
)
