"""Incidents as plain text, for a pipe, a terminal without graphics, or a screen reader: words, no glyphs, no drawing.

Every line returned is safe to print: what a terminal would obey has been made visible.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING

from db import cite, dates, roots, same_as, terms
from db.disputes import base
from db.errors import DateError
from db.model import Claim, Document, Incident, Quote, Row, Span, SystemUse
from db.plural import counted
from db.visible import fitted, visible

if TYPE_CHECKING:
    from db.attach import Attached, Placed

ROLES = ("attacker", "claimant", "denier", "target", "host", "defender", "affected")
"""incident_actor.role, in the order in which a person asks for them."""

DATE_CELLS = 16
TITLE_CELLS = 32
_COLUMNS: tuple[tuple[str, int], ...] = (("key", 28), ("type", 16), ("place", 20), ("badges", 26))
"""Columns beside date and title with their cells, in the order in which a wider terminal gets them."""
_ORDER = ("type", "title", "place", "key", "badges")


def layout(width: int | None) -> dict[str, int]:
    """Column → cells for a terminal of `width` cells: the title gets what is left; None (a pipe): all of them."""
    if width is None:
        return {"title": 46, **dict(_COLUMNS)}
    title = max(1, width - DATE_CELLS - 1)
    columns: dict[str, int] = {}
    for name, cells in _COLUMNS:
        if title - cells - 1 < TITLE_CELLS:
            break
        title -= cells + 1
        columns[name] = cells
    return {"title": title, **columns}


def row_line(row: Row, certain: bool, columns: dict[str, int], *, cut: bool) -> str:
    """One line of `list`: date, event type, title, place, key, badges, as far as `columns` has them.

    Cells too long are cut with an ellipsis, or left whole and push the rest to the right when not `cut`.
    """
    remarks = [*([] if certain else ["possible"]), *([] if row.kind == "incident" else [row.kind])]
    place = ", ".join(dict.fromkeys(name for name in (row.place, row.country) if name))
    values = {
        "title": (f"({', '.join(remarks)}) " if remarks else "") + row.title,
        "type": row.event_type or "",
        "place": place,
        "key": row.key,
        "badges": "; ".join(_badges(row)),
    }
    cells = [fitted(_line(gutter(row.date_edtf)), DATE_CELLS, cut=cut)]
    cells += [fitted(_line(values[name]), columns[name], cut=cut) for name in _ORDER if name in columns]
    return " ".join(cells).rstrip()


def gutter(edtf: str | None) -> str:
    """A date as year, month and day, under one another in all lines; what EDTF does not know as it stands."""
    if edtf is None:
        return "undated"
    try:
        year, month, day = dates.short(edtf)
    except DateError:
        return edtf
    return f"{year:<5} {month:<3} {day}"


def _badges(row: Row) -> Iterator[str]:
    if row.disputed:
        yield f"disputed: {', '.join(row.disputed)}"
    if row.documents > 1:
        yield f"{row.documents} documents"
    if row.same_as:
        yield "same as another" if row.same_as == 1 else f"same as {row.same_as} others"
    if row.starred:
        yield "starred"


def incident_lines(incident: Incident) -> list[str]:
    """One incident whole: its fields, disputes, quotes with their speakers, documents, notes and links."""
    parts = (_facts, _disputes, _quotes, _documents, _rest)
    return [_line(line) for part in parts for line in part(incident)]


def _line(text: str) -> str:
    return visible(text, newline=" ", tab=" ")


def _facts(incident: Incident) -> Iterator[str]:
    yield incident.title
    kind = incident.event_type or "event type unknown"
    sub = f" ({incident.sub_event_type})" if incident.sub_event_type else ""
    yield f"{incident.key}, {incident.kind}, {kind}{sub}"
    if incident.summary:
        yield ""
        yield from incident.summary.split("\n")
    yield ""
    yield f"When: {_when(incident)}"
    yield f"Where: {_where(incident)}"
    for role in ROLES:
        names = [a.actor.name + _suspected(a.attribution) for a in incident.actors if a.role == role]
        if names:
            yield f"{role.capitalize()}: {', '.join(names)}"
    for label, roles in (("Weapons", ("munition", "platform")), ("Defences", ("air_defence", "ew"))):
        used = [use_words(use) for use in incident.systems if use.role in roles]
        if used:
            yield f"{label}: {'; '.join(used)}"
    yield f"Killed: {span_words(incident.killed) or 'unknown'}"
    yield f"Injured: {span_words(incident.injured) or 'unknown'}"
    credibility = incident.credibility
    known: tuple[tuple[str, str | None], ...] = (
        ("Damage", incident.damage),
        ("Grade", terms.GRADE.get(incident.grade or "", incident.grade)),
        ("Credibility", None if credibility is None else terms.CREDIBILITY.get(credibility, str(credibility))),
        ("Rests on", _rests_on(incident)),
        ("Together", same_as.words(incident.together)),
        ("Status", incident.status + (", starred" if incident.starred else "")),
        ("Tags", ", ".join(incident.tags)),
        ("Origin", incident.origin and f"{incident.origin} {incident.origin_id or ''}".rstrip()),
    )
    for name, value in known:
        if value:
            yield f"{name}: {value}"


def _suspected(attribution: str) -> str:
    return " (suspected)" if attribution == "suspected" else ""


def _when(incident: Incident) -> str:
    """The date in words, as EDTF, and the days between which it lies where that is more than one."""
    edtf = incident.date_edtf
    if edtf is None:
        return "unknown"
    first, last = incident.date_earliest, incident.date_latest
    bounds = "" if first == last else f", between {first or 'an unknown day'} and {last or 'an unknown day'}"
    return date_words(edtf, f" (EDTF {edtf}{bounds})")


def date_words(edtf: str, more: str = "") -> str:
    """A date in words, with `more` behind it; what EDTF does not know as it stands, with a word that it is none."""
    try:
        return dates.words(edtf) + more
    except DateError:
        return f"{edtf} (not a date that EDTF knows)"


def _where(incident: Incident) -> str:
    place = incident.place
    if place is None:
        return "unknown"
    text = ", ".join(dict.fromkeys([place.name, *place.within, *([place.country] if place.country else [])]))
    if place.where_prec is not None:
        text += f" ({terms.WHERE_PRECISION.get(place.where_prec, place.where_prec)})"
    if place.latitude is not None and place.longitude is not None:
        text += f", {place.latitude:g}, {place.longitude:g}"
        text += f" within {place.radius_m / 1000:g} km" if place.radius_m else ""
    return text


def use_words(use: SystemUse) -> str:
    """A system's part in words: "2 × rocket: hit", "C-RAM: did not stop it"."""
    words = terms.OUTCOME if use.role in ("air_defence", "ew") else terms.WEAPON_OUTCOME
    count = span_words(use.count)
    return f"{count + ' × ' if count else ''}{use.name}" + (
        f": {words.get(use.outcome, use.outcome)}" if use.outcome else ""
    )


def span_words(span: Span) -> str:
    """An estimate in words: "5", "5 (3 to 8)", "3 to 8", "at least 3", "at most 8"; empty when unknown."""
    low, best, high = span.low, span.best, span.high
    if best is not None:
        wide = (low is not None and low != best) or (high is not None and high != best)
        return f"{best} ({'?' if low is None else low} to {'?' if high is None else high})" if wide else str(best)
    if low is not None and high is not None:
        return str(low) if low == high else f"{low} to {high}"
    return f"at least {low}" if low is not None else f"at most {high}" if high is not None else ""


def _rests_on(incident: Incident) -> str:
    quotes, documents = counted(len(incident.quotes), "quote"), counted(len(incident.documents), "document")
    return f"{roots.words(roots.reports(incident), incident.roots)}; {quotes}, {documents}"


def _disputes(incident: Incident) -> Iterator[str]:
    """The rival values of each disputed field under one another, each with who says it; then the other claims."""
    if incident.disputed:
        yield ""
        yield f"Disputed: {', '.join(incident.disputed)}"
        yield from _said(incident, lambda claim: base(claim.field) in incident.disputed)
    undisputed = [claim for claim in incident.claims if base(claim.field) not in incident.disputed]
    if undisputed:
        yield ""
        yield "Other claims" if incident.disputed else "Claims"
        yield from _said(incident, lambda claim: base(claim.field) not in incident.disputed)


def _said(incident: Incident, wanted: Callable[[Claim], bool]) -> Iterator[str]:
    """One line for each field and value: "weapon: drone, said by A, B"."""
    speakers: defaultdict[tuple[str, str, str, str], list[str]] = defaultdict(list)
    for claim in filter(wanted, incident.claims):
        value = claim.words or claim.value or "no value"
        speakers[claim.field, value, claim.polarity, claim.rank].append(claim.speaker or "no quote")
    for (field, value, polarity, rank), names in speakers.items():
        verb = {"asserts": "said by", "denies": "denied by", "declines": "not confirmed by"}.get(polarity, polarity)
        rank_words = "" if rank == "normal" else f" ({rank})"
        yield f"  {field}: {value}, {verb} {', '.join(dict.fromkeys(names))}{rank_words}"


def _quotes(incident: Incident) -> Iterator[str]:
    sources = {document.key: document for document in incident.documents}
    yield ""
    yield counted(len(incident.quotes), "quote") if incident.quotes else "No quotes"
    for number, quote in enumerate(incident.quotes, 1):
        yield f"  {number}. “{quote.exact}”"
        if quote.translation:
            yield f"     In translation: “{quote.translation}”"
        yield f"     {_chain(quote, sources.get(quote.document_key))}"
        yield f"     {_place_in(quote)}; {verification(quote)}"


def _chain(quote: Quote, source: Document | None) -> str:
    """Who says it, root first: "Sabereen News (reported), by way of Press TV (quoted), in The Jerusalem Post"."""
    voice = source.voice if source else quote.document_key
    if not quote.chain:
        return f"{voice}, in its own voice"
    names = [s.name + (f" ({s.verb})" if s.verb else "") for s in reversed(quote.chain)]
    return f"{', by way of '.join(names)}, in {voice}"


def _place_in(quote: Quote) -> str:
    where = "at no known position" if quote.start is None else f"characters {quote.start} to {quote.end}"
    return f"{quote.document_key}, {where}"


def verification(quote: Quote) -> str:
    """Whether the document's text bears a quote out, in words."""
    if quote.verified is None:
        return "unverified, as the store does not have the text"
    return "verified" if quote.verified else "NOT in the text at that position"


def _documents(incident: Incident) -> Iterator[str]:
    if incident.documents:
        yield ""
        yield counted(len(incident.documents), "document")
    for source in incident.documents:
        yield f"  {source.key}: {cite.document(source)}"
        reliability = terms.RELIABILITY.get(source.reliability or "", "not assessed")
        yield f"     Reliability: {reliability}; {'text attached' if source.has_text else 'text not in this store'}"


def _rest(incident: Incident) -> Iterator[str]:
    yield from _listed("Notes", (f"{note.at}: {note.text}" for note in incident.notes))
    yield from _listed(
        "Links",
        (
            f"{link.kind.replace('_', ' ')} {link.key}: {link.title}"
            if link.outward
            else f"{link.key} ({link.title}) {link.kind.replace('_', ' ')} this"
            for link in incident.links
        ),
    )
    yield from _listed("Other columns", (f"{name}: {value}" for name, value in incident.extra.items()))


def attached_lines(attached: Attached) -> list[str]:
    """What became of a document's quotes: a summary, then one line for each that does not stand where it stood."""
    quotes = attached.quotes
    verified = sum(quote.verified for quote in quotes)
    lines = [f"{attached.document}: {verified} of {counted(len(quotes), 'quote')} verified"]
    if attached.other_text:
        lines.append("this is another text than the one whose hash the document had; it has this one's now")
    lines += [f"{_fate_words(q)}: {q.incident}: “{q.exact}”" for q in quotes if q.fate != "stands"]
    return [_line(line) for line in lines]


def _fate_words(quote: Placed) -> str:
    old = "no position" if quote.old is None else str(quote.old)
    match quote.fate:
        case "moved":
            return f"moved from {old} to {quote.new}"
        case "changed":
            at = "" if quote.new is None else f", at {quote.new}"
            return f"changed in its spaces, quotation marks or dashes{at}"
        case "ambiguous":
            return "in several places, and what stood around it does not decide"
        case "gone":
            return "gone"
    return f"at {old}"


def _listed(heading: str, lines: Iterable[str]) -> Iterator[str]:
    for number, line in enumerate(lines):
        if number == 0:
            yield ""
            yield heading
        yield f"  {line}"
