"""CSV for spreadsheets (RFC 4180): one row an incident; cells that a spreadsheet would run as a formula are defused."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TextIO

from db.formats.particulars import (
    COUNTS,
    DOCUMENTS,
    LINKS,
    NOTES,
    PLACE_REST,
    QUOTES,
    WHO_THEY_ARE,
    claims_and_columns,
)
from db.formats.writing import (
    Item,
    WrittenFormat,
    csv_row,
    date_words,
    names,
    runs_as_formula,
    speakers,
    systems,
    undated,
)
from db.model import Incident

HEAD = (
    "key", "kind", "title", "summary", "event_type", "sub_event_type", "date", "date_edtf", "date_earliest",
    "date_latest", "date_prec", "match", "place", "admin1", "country_code", "latitude", "longitude", "where_prec",
    "attacker", "target", "claimant", "weapons", "defences", "killed_low", "killed_best", "killed_high",
    "injured_low", "injured_best", "injured_high", "damage", "grade", "credibility", "status", "disputed", "roots",
    "speakers", "documents", "quotes", "tags", "starred", "host", "defender", "denier", "affected", "origin",
    "origin_id",
)  # fmt: skip


def write(items: Iterator[Item], out: TextIO, query: str) -> int:
    """Write a head and a row for every item."""
    del query
    out.write(csv_row(HEAD))
    count = 0
    for count, (incident, certain) in enumerate(items, 1):  # noqa: B007
        out.write(csv_row(f"'{cell}" if runs_as_formula(cell) else cell for cell in _cells(incident, certain)))
    return count


def quirks(incident: Incident) -> Iterator[str]:
    """No date, and cells that are not quite what the store has."""
    yield from undated(incident)
    if any(map(runs_as_formula, _cells(incident, True))):
        yield "cells with a ' put before them, so that no spreadsheet runs them"


def _cells(incident: Incident, certain: bool) -> list[object]:
    place, killed, injured = incident.place, incident.killed, incident.injured
    return [
        incident.key, incident.kind, incident.title, incident.summary, incident.event_type, incident.sub_event_type,
        date_words(incident) if incident.date_edtf else None, incident.date_edtf, incident.date_earliest,
        incident.date_latest, incident.date_prec, "certain" if certain else "possible",
        place and place.name, place and place.admin1, place and place.country_code, place and place.latitude,
        place and place.longitude, place and place.where_prec,
        names(incident, "attacker"), names(incident, "target"), names(incident, "claimant"),
        systems(incident, "munition", "platform"), systems(incident, "air_defence", "ew"),
        killed.low, killed.best, killed.high, injured.low, injured.best, injured.high, incident.damage,
        incident.grade, incident.credibility, incident.status, "; ".join(incident.disputed), incident.roots,
        speakers(incident), "; ".join(d.key for d in incident.documents), len(incident.quotes),
        "; ".join(incident.tags), 1 if incident.starred else 0,
        names(incident, "host"), names(incident, "defender"), names(incident, "denier"), names(incident, "affected"),
        incident.origin, incident.origin_id,
    ]  # fmt: skip


DROPS = (NOTES, LINKS, QUOTES, DOCUMENTS, COUNTS, WHO_THEY_ARE, PLACE_REST)

FORMAT = WrittenFormat(
    "csv", "one row an incident, safe in spreadsheets", ".csv", write, quirks, claims_and_columns, DROPS
)
