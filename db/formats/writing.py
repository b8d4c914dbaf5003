"""What a format's writer is given, and what it says of what it could not carry."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TextIO

from db import dates
from db.errors import DateError
from db.model import Incident

Item = tuple[Incident, bool]
"""An incident, and whether it matched the query certainly."""

Losses = Counter[str]
"""What a format could not carry, in words, and of how many incidents: "rival claims", "no date" ..."""

Writer = Callable[[Iterator[Item], TextIO, str], Losses]
"""Writes every item, in order, to a text stream; the text is the query that gave them."""


@dataclass(frozen=True, slots=True)
class WrittenFormat:
    """A format that can be written: its name for `--as`, a line about it, and its writer (None: from the store)."""

    name: str
    label: str
    write: Writer | None = None
    lossless: bool = False


def date_words(incident: Incident) -> str:
    """The incident's date for people; "no date" when there is none."""
    if incident.date_edtf is None:
        return "no date"
    try:
        return dates.words(incident.date_edtf)
    except DateError:
        return incident.date_edtf


def note_losses(losses: Losses, incident: Incident, *, claims: bool = True, uncertain: bool = True) -> None:
    """Count what a flat format cannot say of an incident."""
    if claims and incident.disputed:
        losses["rival claims"] += 1
    if uncertain and incident.date_edtf is not None and incident.date_prec != 1:
        losses["uncertain dates given as their first and last day"] += 1
    if incident.date_edtf is None:
        losses["no date"] += 1


def names(incident: Incident, role: str) -> str:
    """The actors of a role, joined by "; "; suspected ones say so."""
    return "; ".join(
        a.actor.name + (" (suspected)" if a.attribution == "suspected" else "")
        for a in incident.actors
        if a.role == role
    )


def systems(incident: Incident, *roles: str) -> str:
    """The systems of some roles with their outcomes, joined by "; "."""
    return "; ".join(
        s.name + (f" ({s.outcome.replace('_', ' ')})" if s.outcome else "") for s in incident.systems if s.role in roles
    )


def speakers(incident: Incident) -> str:
    """The root speakers of the quotes, each once, joined by "; "."""
    voices = {d.key: d.publisher or d.title or d.key for d in incident.documents}
    roots = (q.chain[-1].name if q.chain else voices[q.document_key] for q in incident.quotes)
    return "; ".join(dict.fromkeys(roots))
