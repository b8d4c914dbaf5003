"""UCDP GED as CSV, the current 49 columns: what was imported from GED comes back, the rest as far as GED can say it.

Columns and codes: Stina Högbladh, "UCDP GED Codebook", version 23.1 and later.  A column that the store has a place
for is written from the store, so that the analyst's corrections are in it; the others come from `incident.extra`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from db import dates
from db.errors import DateError
from db.formats import ucdp_ged
from db.formats.particulars import (
    DAMAGE,
    DATA_SET,
    DOCUMENTS,
    GRADES,
    INJURED,
    KIND,
    LINKS,
    NOTES,
    PLACE_REST,
    QUOTES,
    REVIEWED,
    STARS,
    SUB_TYPE,
    SYSTEMS,
    TAGS,
    WHO_THEY_ARE,
    rival_claims,
    undisputed_claims,
)
from db.formats.writing import (
    Cells,
    WrittenFormat,
    bounds,
    coordinates,
    given_name,
    parties_left_out,
    runs_as_formula,
    speakers,
    table,
)
from db.model import Document, Incident

HEAD = (
    "id", "relid", "year", "active_year", "code_status", "type_of_violence", "conflict_dset_id", "conflict_new_id",
    "conflict_name", "dyad_dset_id", "dyad_new_id", "dyad_name", "side_a_dset_id", "side_a_new_id", "side_a",
    "side_b_dset_id", "side_b_new_id", "side_b", "number_of_sources", "source_article", "source_office",
    "source_date", "source_headline", "source_original", "where_prec", "where_coordinates", "where_description",
    "adm_1", "adm_2", "latitude", "longitude", "geom_wkt", "priogrid_gid", "country", "country_id", "region",
    "event_clarity", "date_prec", "date_start", "date_end", "deaths_a", "deaths_b", "deaths_civilians",
    "deaths_unknown", "best", "high", "low", "gwnoa", "gwnob",
)  # fmt: skip
"""The 49 columns, in GED's order."""

VIOLENCE = {words: code for code, words in ucdp_ged.VIOLENCE.items()}
"""Event type to type_of_violence."""

ORIGIN = "ucdp-ged"


def cells(incident: Incident) -> Cells:
    """Column → cell of one incident; what is unknown is left out."""
    kept = {name: value for name, value in incident.extra.items() if name in HEAD and value is not None}
    known: Cells = {**_sources(incident), **kept, **_who(incident), **_where(incident, kept), **_when(incident, kept)}
    known |= {
        "id": origin_id(incident) or "",
        "relid": kept.get("relid") or (None if origin_id(incident) else incident.key),
        "type_of_violence": VIOLENCE.get(incident.event_type or ""),
        "low": incident.killed.low,
        "best": incident.killed.best,
        "high": incident.killed.high,
    }
    return {name: value for name, value in known.items() if value is not None}


def origin_id(incident: Incident) -> str | None:
    """UCDP's own id of an incident; None where it is not from GED, whose ids are whole numbers."""
    text = incident.origin_id or ""
    return text if _from_ged(incident) and text.isascii() and text.isdigit() else None


def _from_ged(incident: Incident) -> bool:
    """Whether an incident came from GED, under its own name or one that the user gave (`--origin`)."""
    return incident.origin == ORIGIN or {"conflict_name", "country"} <= incident.extra.keys()


def _who(incident: Incident) -> Cells:
    """Both sides: attacker and target of one-sided violence, else the two parties in the order of the store."""
    names = [actor.actor.name for actor in incident.actors if actor.role == "affected"]
    attackers = [actor.actor.name for actor in incident.actors if actor.role == "attacker"]
    targets = [actor.actor.name for actor in incident.actors if actor.role == "target"]
    if attackers or targets:
        return {"side_a": "; ".join(attackers) or None, "side_b": "; ".join(targets) or None}
    if len(names) == 1:
        # One actor on both sides is one row in the store; the name of the dyad tells it from a side that is unknown.
        dyad = incident.extra.get("dyad_name")
        names = names * 2 if dyad == f"{names[0]} - {names[0]}" else names
    return {"side_a": names[0] if names else None, "side_b": "; ".join(names[1:]) or None}


def _where(incident: Incident, kept: Mapping[str, object]) -> Cells:
    place = incident.place
    found = coordinates(place, kept)
    if place is None:
        return found
    found |= {
        "where_prec": place.where_prec,
        "adm_1": place.admin1,
        "country": kept.get("country") or place.country,
        "where_coordinates": given_name(place, _from_ged(incident)),
    }
    if place.latitude is not None and place.longitude is not None:
        found["geom_wkt"] = kept.get("geom_wkt") or f"POINT ({place.longitude:f} {place.latitude:f})"
    return found


def _when(incident: Incident, kept: Mapping[str, object]) -> Cells:
    """First and last day with GED's precision of them; nothing where a bound is unknown."""
    days = _days(incident)
    if days is None:
        return {"year": None, "date_prec": None}
    (first, _, _), (last, _, _) = dates.civil(days[0]), dates.civil(days[1])
    year = kept.get("year")
    # A year that the days do not bear out is one of a date that the analyst has corrected since.
    if not isinstance(year, int) or not first <= year <= last:
        year = first if first == last else None
    return {
        "year": year,
        "date_start": dates.iso(days[0]),
        "date_end": dates.iso(days[1]),
        "date_prec": _precision(incident, kept),
    }


def _days(incident: Incident) -> tuple[dates.Day, dates.Day] | None:
    """First and last day; None where one is unknown, or of a year that has no four digits.

    Those of GED are what the date itself says, not cut off at the day on which a source appeared.
    """
    first, last = bounds(incident)
    dating = _dating(incident) if _from_ged(incident) else None
    if dating is not None and dating.earliest is not None and dating.latest is not None:
        first, last = dating.earliest, dating.latest
    if first is None or last is None:
        return None
    return (first, last) if all(0 < dates.civil(day)[0] <= 9999 for day in (first, last)) else None


def _dating(incident: Incident) -> dates.Dating | None:
    """What the date says; None where EDTF does not know it."""
    try:
        return dates.parse(incident.date_edtf or "")
    except DateError:
        return None


def _precision(incident: Incident, kept: Mapping[str, object]) -> object:
    """date_prec: GED's own where the date still has the form that it gave, else that of the interval's length.

    An event that lasted is known by its days (1); one on an unknown day of several is not, whatever GED had.
    """
    own, edtf = kept.get("date_prec"), incident.date_edtf or ""
    day, lasted, choice = (form.fullmatch(edtf) is not None for form in (_DAY, _LASTED, _CHOICE))
    if own is not None and (day or (lasted and own == 1) or (choice and own != 1)):
        return own
    if day and own is None and _from_ged(incident):
        return None  # the 14-column form has days alone, and nothing says how sure they are
    dating = _dating(incident)
    if lasted and dating is not None and _days(incident) == (dating.earliest, dating.latest):
        return 1
    return incident.date_prec


_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_LASTED = re.compile(rf"{_DAY.pattern}/{_DAY.pattern}")
_CHOICE = re.compile(rf"\[{_DAY.pattern}\.\.{_DAY.pattern}\]")


def _sources(incident: Incident) -> Cells:
    """The documents as GED names sources: office, date and headline, in the form used since 2013.

    Nothing where GED itself has told, or left open, what an incident's sources are.
    """
    if "source_article" in incident.extra:
        return {}
    told = [d for d in incident.documents if d.publisher and d.title and _day(d)]
    if not told:
        return {}
    whole = ";".join(f'"{d.publisher},{_day(d)},{d.title}"' for d in told)
    return {
        "number_of_sources": len(incident.documents),
        "source_article": whole,
        "source_office": ";".join(d.publisher or "" for d in told),
        "source_date": ";".join(_day(d) or "" for d in told),
        "source_headline": ";".join(d.title or "" for d in told),
        "source_original": speakers(incident) or None,
    }


def _day(document: Document) -> str | None:
    """The day on which a document appeared; None where it is not known to the day."""
    edtf = document.published_edtf or ""
    return edtf if _DAY.fullmatch(edtf) else None


def quirks(incident: Incident) -> Iterator[str]:
    """Types and dates that GED has no code for, and cells that are not harmless everywhere."""
    if origin_id(incident) is None:
        yield "no UCDP id (the key stands in relid)"
    if incident.event_type not in VIOLENCE:
        yield "event types not UCDP's, left empty"
    if _days(incident) is None:
        yield "no first and last day, left empty"
    elif not any(form.fullmatch(incident.date_edtf or "") for form in (_DAY, _LASTED, _CHOICE)):
        yield "dates that say more than days (hours, about, open ends)"
    if any(runs_as_formula(cell) for cell in cells(incident).values()):
        yield "cells that a spreadsheet would run, left as they are"


def omits(incident: Incident) -> Iterator[str]:
    """What else GED has no column for.

    Of what came from GED, the title and the quotes without a position are made of its own columns.
    """
    own = _from_ged(incident)
    yield from rival_claims(incident)
    yield from undisputed_claims(incident)
    if not own or incident.summary is not None:
        yield "titles and summaries"
    yield from parties_left_out(incident)
    if incident.quotes and (not own or any(quote.start is not None for quote in incident.quotes)):
        yield QUOTES.words
        yield DOCUMENTS.words
    if not own and (incident.actors or incident.systems):
        yield WHO_THEY_ARE.words
    if not own and incident.origin is not None:
        yield DATA_SET.words
    if incident.extra.keys() - _SAID:
        yield "columns that are not among GED's 49"


_SAID = {*HEAD, "start_year", "end_year", "iso3", "row_digest"}
"""Columns of other forms that say nothing which the 49 do not, and our own digest."""

DROPS = (KIND, SUB_TYPE, SYSTEMS, INJURED, DAMAGE, GRADES, REVIEWED, TAGS, STARS, NOTES, LINKS, PLACE_REST)

FORMAT = WrittenFormat(
    "ucdp-ged", "UCDP GED, CSV of the current 49 columns", ".csv", table(HEAD, cells), quirks, omits, DROPS
)
