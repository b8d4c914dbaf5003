"""Two incidents side by side as styled lines, field by field, each with whether they say the same."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import zip_longest

from db import same_as
from db.doubles import Pair
from db.fields import fold
from db.model import Incident
from db.plural import counted
from db.report import ROLES, date_words, span_words, use_words
from tui.safe_text import fit, pad, safe, wrap
from tui.widgets.line_view import Line

LABEL = 9
"""Width of the column of names."""

BAR = 8
"""Cells of the bar of a score."""

EQUAL, UNEQUAL, ONE_SIDED = "=", "≠", "·"
"""Both incidents say the same, say different things, or one of them alone says anything."""


def part_lines(pair: Pair, width: int) -> list[Line]:
    """The parts of a score: name, bar, number and words."""
    lines: list[Line] = []
    for part in pair.parts:
        full = round((part.score or 0) * BAR)
        number = "   ?" if part.score is None else f"{part.score:.2f}"
        head = f" {pad(part.name, LABEL)}{'█' * full}{'░' * (BAR - full)} {number}  "
        lines.append(((head, "dim"), (fit(safe(part.words), max(4, width - len(head))), "")))
    return lines


def facts(incident: Incident) -> Iterator[tuple[str, str]]:
    """(name, text) of each field, always the same names in the same order; "" where nothing is known."""
    place = incident.place
    yield "Title", incident.title
    yield "Type", ", ".join(part for part in (incident.event_type, incident.sub_event_type) if part)
    yield "When", "" if incident.date_edtf is None else date_words(incident.date_edtf)
    yield "Where", "" if place is None else ", ".join(dict.fromkeys([place.name, *place.within, place.country or ""]))
    for role in ROLES:
        yield role.capitalize(), ", ".join(a.actor.name for a in incident.actors if a.role == role)
    yield "Weapons", "; ".join(use_words(s) for s in incident.systems if s.role in ("munition", "platform"))
    yield "Defences", "; ".join(use_words(s) for s in incident.systems if s.role in ("air_defence", "ew"))
    yield "Killed", span_words(incident.killed)
    yield "Injured", span_words(incident.injured)
    yield "Damage", incident.damage or ""
    yield "Summary", incident.summary or ""
    rests = ((len(incident.quotes), "quote"), (incident.roots, "root speaker"), (len(incident.documents), "document"))
    yield "Rests on", ", ".join(counted(n, noun) for n, noun in rests)
    yield "Together", same_as.words(incident.together)
    yield "Says", " … ".join(f"❝{quote.exact}❞" for quote in incident.quotes[:3])
    yield "From", " ".join(part for part in (incident.origin, incident.origin_id) if part) or "entered here"
    yield "Key", incident.key


def pair_lines(first: Incident, second: Incident, width: int) -> list[Line]:
    """Both incidents in two columns at a width in cells; what neither says is left out."""
    column = max(8, (width - LABEL - 4) // 2)
    lines: list[Line] = []
    for (name, left), (_, right) in zip(facts(first), facts(second), strict=True):
        if not left and not right:
            continue
        mark = EQUAL if fold(left) == fold(right) else UNEQUAL if left and right else ONE_SIDED
        style = {EQUAL: "good", UNEQUAL: "bad", ONE_SIDED: "dim"}[mark]
        rows = zip_longest(wrap(safe(left) or "–", column), wrap(safe(right) or "–", column), fillvalue="")
        for at, (mine, theirs) in enumerate(rows):
            label = pad(name if at == 0 else "", LABEL)
            sign = f" {mark} " if at == 0 else "   "
            plain = "strong" if name == "Title" else ""
            lines.append(
                ((f" {label}", "dim"), (pad(mine, column), plain), (sign, style), (pad(theirs, column), plain))
            )
    return lines
