"""CSV for spreadsheets (RFC 4180): one row an incident; cells that a spreadsheet would run as a formula are defused."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from typing import TextIO

from db.formats.writing import Item, Losses, WrittenFormat, date_words, names, note_losses, speakers, systems
from db.model import Incident

RISKY = ("=", "+", "-", "@", "\t", "\r")
"""First characters that make a spreadsheet take a cell for a formula (OWASP: CSV injection)."""

HEAD = (
    "key", "kind", "title", "summary", "event_type", "sub_event_type", "date", "date_edtf", "date_earliest",
    "date_latest", "date_prec", "match", "place", "admin1", "country_code", "latitude", "longitude", "where_prec",
    "attacker", "target", "claimant", "weapons", "defences", "killed_low", "killed_best", "killed_high",
    "injured_low", "injured_best", "injured_high", "damage", "grade", "credibility", "status", "disputed", "roots",
    "speakers", "documents", "quotes", "tags", "starred",
)  # fmt: skip


def write(items: Iterator[Item], out: TextIO, query: str) -> Losses:
    """Write a head and a row for every item."""
    del query
    losses = Losses()
    rows = csv.writer(out, lineterminator="\r\n")
    rows.writerow(HEAD)
    for incident, certain in items:
        note_losses(losses, incident, uncertain=False)
        cells = [_defused(cell) for cell in _cells(incident, certain)]
        if any(changed for _, changed in cells):
            losses["cells with a ' put before them, so that no spreadsheet runs them"] += 1
        rows.writerow([text for text, _ in cells])
    return losses


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
    ]  # fmt: skip


def _defused(cell: object) -> tuple[str, bool]:
    """The cell as text; a text (never a number) that begins like a formula gets a ' before it."""
    if cell is None:
        return "", False
    text = str(cell)
    risky = isinstance(cell, str) and text.startswith(RISKY)
    return (f"'{text}", True) if risky else (text, False)


FORMAT = WrittenFormat("csv", "one row an incident, safe in spreadsheets", write)
