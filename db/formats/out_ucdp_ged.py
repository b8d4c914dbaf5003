"""UCDP GED as CSV, the current 49 columns: what was imported from GED comes back, the rest as far as GED can say it.

Columns and codes: Stina Högbladh, "UCDP GED Codebook", version 23.1 and later.  A column that the store has a place
for is written from the store, so that the analyst's corrections are in it; the others come from `incident.extra`, but
for what says something of the source's own value that has been changed since.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Container, Iterator, Mapping
from functools import lru_cache

from db import dates
from db.errors import DateError
from db.fields import fold
from db.formats import ucdp_ged
from db.formats.kept import (
    Parts,
    beside_row,
    columns_kept,
    is_made,
    is_point,
    near,
    outdated_there,
    pairs,
    place_told,
    places_told,
    standing,
    without,
)
from db.formats.particulars import (
    DAMAGE,
    GRADES,
    INJURED,
    KIND,
    LINKS,
    NOTES,
    PLACE_REST,
    REVIEWED,
    STARS,
    SUB_TYPE,
    SYSTEMS,
    TAGS,
    all_claims,
    foreign_to_rows,
)
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
    kept = columns_kept(incident, HEAD)
    kept = without(kept, _outdated(incident, kept))
    known: Cells = {
        **_sources(incident, kept),
        **kept,
        **_who(incident),
        **_where(incident, kept),
        **_when(incident, kept),
    }
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
    return came_so(incident.origin, incident.extra)


def came_so(origin: str | None, extra: Container[str]) -> bool:
    """The same by data set and the columns kept."""
    return origin == ORIGIN or ("conflict_name" in extra and "country" in extra)


def _outdated(incident: Incident, kept: Mapping[str, object]) -> set[str]:
    """Columns kept of the source that say something of what has another value by now: its codes, its parts."""
    found = outdated_there(incident, kept.get("country"), _same_place(incident, kept), _OF_COUNTRY, _OF_PLACE)
    side_a, side_b = _same_sides(incident, kept)
    for side, same in (("a", side_a), ("b", side_b)):
        if not same:
            found |= {f"side_{side}_dset_id", f"side_{side}_new_id", f"gwno{side}"}
    if not (side_a and side_b):
        found |= {name for name in HEAD if name.startswith(("conflict_", "dyad_"))} | {"active_year"}
    days, year = _days(incident), kept.get("year")
    if days is not None and isinstance(year, int) and not _given(incident, kept):
        first, last = (dates.civil(day)[0] for day in days)
        found |= set() if first <= year <= last else {"active_year"}
    deaths, best = ucdp_ged.deaths_of(kept), incident.killed.best
    if deaths is not None and (str(kept.get("best")) != str(best) if "best" in incident.extra else deaths != best):
        found |= set(ucdp_ged.DEATHS)
    return found | _outdated_sources(incident, kept)


_OF_COUNTRY = ("country", "country_id", "region")
_OF_PLACE = ("adm_2", "where_description", "geom_wkt", "priogrid_gid")


def _same_place(incident: Incident, kept: Mapping[str, object]) -> bool:
    """Whether an incident is still where GED has it: by GED's point, else by what the import called it."""
    place, wkt = incident.place, kept.get("geom_wkt")
    if place is None or place.latitude is None or place.longitude is None:
        if wkt is not None and _from_ged(incident):
            return not incident.extra.keys().isdisjoint(("latitude", "longitude"))
    elif kept.get("latitude") is not None and kept.get("longitude") is not None:
        return near(kept["latitude"], place.latitude) and near(kept["longitude"], place.longitude)
    elif wkt is not None:
        return is_point(wkt, place.latitude, place.longitude)
    return _standing(incident, kept)[1]


def _same_sides(incident: Incident, kept: Mapping[str, object]) -> tuple[bool, bool]:
    """Whether each side is still GED's: by the name of the dyad, else by what the import called the incident."""
    sides_a, sides_b = (called(incident, side) for side in _who(incident).values())
    dyad = kept.get("dyad_name")
    if dyad is None:
        return (_standing(incident, kept)[0],) * 2
    if not incident.extra.keys().isdisjoint(("side_a", "side_b")):
        return (kept.get("side_a") or "") in sides_a, (kept.get("side_b") or "") in sides_b
    name = str(dyad)
    return any(name.startswith(f"{side} - ") for side in sides_a), any(name.endswith(f" - {side}") for side in sides_b)


def _standing(incident: Incident, kept: Mapping[str, object]) -> list[bool]:
    """Whether the sides and the place are still those by which the import called the incident."""
    sides_a, sides_b = (called(incident, side) for side in _who(incident).values())
    where = place_told(incident, kept.get("country"))
    told = tuple(((", ",), *sides, (": ",)) for sides in _titled(sides_a, sides_b))
    return standing(incident.title, told, (f", {where}, ",) if where else (), (f": {incident.event_type}, ",))[:2]


def _titled(sides_a: Collection[str], sides_b: Collection[str]) -> Iterator[Parts]:
    """What the import called the sides."""
    yield from pairs(sides_a, sides_b)
    if "" in sides_a and "" in sides_b:
        yield (("unknown sides",),)


def _outdated_sources(incident: Incident, kept: Mapping[str, object]) -> set[str]:
    """GED's columns of sources where one that they name is not among the incident's documents any more."""
    article = kept.get("source_article")
    if not isinstance(article, str) or not _from_ged(incident):
        return set()
    documents = {(document.publisher, document.title) for document in incident.documents}
    named = ucdp_ged.sources(article)
    return set() if all((office, headline) in documents for office, _, headline in named) else set(_SOURCES)


_SOURCES = (
    "number_of_sources", "source_article", "source_office", "source_date", "source_headline", "source_original",
)  # fmt: skip


def _who(incident: Incident) -> Cells:
    """Both sides: attacker and target of one-sided violence, else the two parties in the order of the store."""
    attackers, targets, names = sides_and_parties(incident)
    if attackers or targets:
        return {"side_a": "; ".join(attackers) or None, "side_b": "; ".join(targets) or None}
    if len(names) == 1:
        # One actor on both sides is one row in the store; the name of the dyad tells it from a side that is unknown.
        dyad, side_b = incident.extra.get("dyad_name"), incident.extra.get("side_b")
        if side_b is not None and (side_a := incident.extra.get("side_a")) in (None, side_b):
            return {"side_a": side_a and names[0], "side_b": names[0]}
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
        return dict.fromkeys(("year", "date_start", "date_end", "date_prec"))
    (first, _, _), (last, _, _) = dates.civil(days[0]), dates.civil(days[1])
    year = kept.get("year")
    # A year that the days do not bear out is one of a date that the analyst has corrected since, or GED's own slip.
    if not isinstance(year, int) or not (first <= year <= last or _given(incident, kept)):
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
    """date_prec: that of the interval's length, unless GED's own is another and the days are still GED's.

    An event that lasted is known by its days (1); one on an unknown day of several is not.
    """
    own, edtf = kept.get("date_prec"), incident.date_edtf or ""
    day, lasted, choice = (form.fullmatch(edtf) is not None for form in (_DAY, _LASTED, _CHOICE))
    if own is not None and (day or choice) and _given(incident, kept):
        return own
    if day and own is None and _from_ged(incident):
        return None  # the 14-column form has days alone, and nothing says how sure they are
    dating = _dating(incident)
    if dating is not None and _days(incident) == (dating.earliest, dating.latest):
        return 1 if lasted else dating.precision
    return incident.date_prec


def _given(incident: Incident, kept: Mapping[str, object]) -> bool:
    """Whether the days are those that an import kept, as it does where date_prec or year are not what they bear out."""
    days = (incident.date_edtf or "").strip("[]")
    return kept.get("date_start") == days[:10] and kept.get("date_end") == days[-10:]


_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_LASTED = re.compile(rf"{_DAY.pattern}/{_DAY.pattern}")
_CHOICE = re.compile(rf"\[{_DAY.pattern}\.\.{_DAY.pattern}\]")


def _sources(incident: Incident, kept: Mapping[str, object]) -> Cells:
    """The documents as GED names sources: office, date and headline, in the form used since 2013.

    Nothing where GED itself has told, or left open, what an incident's sources are, and they are its documents still.
    """
    if "source_article" in kept or incident.extra.get("source_article", "") is None:
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
    yield from formulas_left(cells(incident))


def omits(incident: Incident) -> Iterator[str]:
    """What else GED has no column for.

    Of what came from GED, title and quotes are made of its own columns; what is not is told by `beside`.
    """
    own = _from_ged(incident)
    yield from all_claims(incident)
    if not own or incident.summary is not None:
        yield "titles and summaries"
    yield from parties_left_out(incident)
    if not own:
        yield from foreign_to_rows(incident)
    if incident.extra.keys() - _SAID:
        yield "columns that are not among GED's 49"


def beside(incident: Incident) -> Iterator[str]:
    """What an incident that came from GED has beside GED's own columns: somebody has added or changed it since."""
    if not _from_ged(incident):
        return
    kept = without(incident.extra, _outdated_sources(incident, incident.extra))
    sides = _titled(*(called(incident, side) for side in _who(incident).values()))
    places = {f", {place}" if place else "" for place in places_told(incident, incident.extra.get("country"))}
    made = (is_made(incident.title, *told, (f": {incident.event_type}",), places) for told in sides)
    # A lost title is told of together with the summary.
    if incident.summary is None and not any(made):
        yield "titles and summaries"
    article = kept.get("source_article") or _sources(incident, kept).get("source_article")
    named = {(_fold(office), _fold(headline)) for office, _, headline in ucdp_ged.sources(str(article or ""))}
    titles = {
        d.key: _fold(d.title or "")
        for d in incident.documents
        if (_fold(d.publisher or ""), _fold(d.title or "")) in named
    }
    yield from beside_row(incident, titles, _fold)


_fold = lru_cache(8192)(fold)


_SAID = {*HEAD, "start_year", "end_year", "iso3", "row_digest"}
"""Columns of other forms that say nothing which the 49 do not, and our own digest."""

DROPS = (KIND, SUB_TYPE, SYSTEMS, INJURED, DAMAGE, GRADES, REVIEWED, TAGS, STARS, NOTES, LINKS, PLACE_REST)

FORMAT = WrittenFormat(
    "ucdp-ged",
    "UCDP GED, CSV of the current 49 columns",
    ".csv",
    table(HEAD, cells),
    quirks,
    omits,
    DROPS,
    beside=beside,
)
