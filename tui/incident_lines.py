"""One incident as styled lines for the detail pane: what, when, where, who, with what, and who says so."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from rich.cells import cell_len

from db import cite, roots, same_as, terms
from db.disputes import base
from db.model import Claim, Document, Incident, Quote
from db.plural import counted
from db.report import date_words, span_words, use_words
from tui import event_types
from tui.highlight import FOUND, Marker
from tui.safe_text import pad, safe, safe_lines, wrap
from tui.widgets.line_view import Line

LABEL = 8
"""Width of the label column."""


@dataclass
class Described:
    """The lines of an incident, and where each of its quotes stands among them."""

    lines: list[Line] = field(default_factory=list)
    quotes: list[range] = field(default_factory=list)
    hits: list[int] = field(default_factory=list)
    """Lines that have words of the query."""

    def text(
        self,
        text: str,
        style: str = "",
        indent: str = "",
        first: str | None = None,
        width: int = 80,
        marker: Marker | None = None,
    ) -> None:
        """Add wrapped text; `first` is the indent of its first line where it differs; `marker` marks words in it."""
        lead = indent if first is None else first
        for line in safe_lines(text):
            for piece in wrap(line, width - cell_len(indent)):
                runs = marker.runs(piece, style) if marker else [(piece, style)]
                if any(name == FOUND for _, name in runs):
                    self.hits.append(len(self.lines))
                self.lines.append(((lead, "dim"), *runs))
                lead = indent

    def blank(self) -> None:
        """Add an empty line, never two in a row."""
        if self.lines and self.lines[-1]:
            self.lines.append(())

    def heading(self, text: str) -> None:
        """Add a heading with an empty line before it."""
        self.blank()
        self.lines.append(((text, "heading"),))


DISPUTED = " ≠ disputed"
"""Stands behind a fact, on its first line, or where that has no room on its last or one of its own."""


def describe(incident: Incident, width: int, marker: Marker | None = None, note: str | None = None) -> Described:
    """The lines of an incident at a width in cells, the words of the query marked in title, summary and quotes.

    `note` stands above them.
    """
    out = Described()
    if note is not None:
        out.text(note, "warn", width=width)
        out.blank()
    out.text(incident.title, "strong", width=width, marker=marker)
    kind = event_types.words(incident.event_type, incident.kind)
    sign = event_types.glyph(incident.event_type, incident.kind)
    sub = incident.sub_event_type
    out.text(f"{sign} {kind}" + (f" ({sub})" if sub else ""), "accent", width=width)
    if incident.summary:
        out.blank()
        out.text(incident.summary, width=width, marker=marker)
    out.blank()
    _facts(out, incident, width)
    _disputes(out, incident, width)
    _quotes(out, incident, width, marker)
    _documents(out, incident, width)
    _rest(out, incident, width)
    return out


def _facts(out: Described, incident: Incident, width: int) -> None:
    when = "no date known"
    if incident.date_edtf is not None:
        when = date_words(incident.date_edtf)
    _fact(out, "When", when, width, mark="date" in incident.disputed)
    basis = _basis(incident)
    if basis:
        _fact(out, "", basis, width, style="dim")
    _fact(out, "Where", _where(incident), width, mark="place" in incident.disputed)
    _fact(out, "Who", _who(incident), width, mark="attacker" in incident.disputed)
    weapons = [use_words(use) for use in incident.systems if use.role in ("munition", "platform")]
    _fact(out, "With", "; ".join(weapons), width, mark="weapon" in incident.disputed)
    defences = [use_words(use) for use in incident.systems if use.role in ("air_defence", "ew")]
    _fact(out, "Defence", "; ".join(defences), width, mark="outcome" in incident.disputed)
    _fact(out, "Killed", span_words(incident.killed), width, mark="killed" in incident.disputed)
    _fact(out, "Injured", span_words(incident.injured), width, mark="injured" in incident.disputed)
    _fact(out, "Damage", incident.damage or "", width)
    _fact(out, "Grade", terms.GRADE.get(incident.grade or "", incident.grade or ""), width)
    credibility = incident.credibility
    _fact(out, "Credible", terms.CREDIBILITY.get(credibility, str(credibility)) if credibility else "", width)
    _fact(out, "Rests on", _roots(incident), width)
    _fact(out, "Together", same_as.words(incident.together), width)
    _fact(out, "Status", incident.status + (" · ★ starred" if incident.starred else ""), width)
    _fact(out, "Tags", ", ".join(f"#{tag}" for tag in incident.tags), width)


def _fact(out: Described, label: str, text: str, width: int, *, style: str = "", mark: bool = False) -> None:
    if not text:
        return
    first = len(out.lines)
    out.text(text, style, " " * (LABEL + 1), pad(label, LABEL) + " ", width)
    if not mark:
        return
    for at in (first, len(out.lines) - 1):
        if sum(cell_len(words) for words, _ in out.lines[at]) + cell_len(DISPUTED) <= width:
            out.lines[at] = (*out.lines[at], (DISPUTED, "bad"))
            return
    out.lines.append(((" " * LABEL + DISPUTED, "bad"),))


def _basis(incident: Incident) -> str:
    """What the date rests on: its EDTF form, the words it comes from, and who said them."""
    if incident.date_edtf is None:
        return ""
    claims = [c for c in incident.claims if c.field == "date" and c.polarity == "asserts"]
    # The claims that the analyst's pick agrees with; a disputed date has others, shown further down.
    chosen = [c for c in claims if c.value == incident.date_edtf] or [c for c in claims if c.rank == "preferred"]
    by_id = {quote.id: quote for quote in incident.quotes}
    words = next((by_id[c.quote_id].exact for c in chosen if c.quote_id in by_id), "")
    speakers = dict.fromkeys(c.speaker for c in chosen if c.speaker)
    said = f"“{words if len(words) <= 60 else words[:57].rsplit(' ', 1)[0] + ' …'}” " if words else ""
    who = f"— {', '.join(speakers)}" if speakers else ""
    return f"{said}{who} (EDTF {incident.date_edtf})".strip()


def _where(incident: Incident) -> str:
    place = incident.place
    if place is None:
        return "not said"
    names = list(dict.fromkeys([place.name, *place.within, *([place.country] if place.country else [])]))
    text = ", ".join(names)
    if place.where_prec is not None:
        # A store written past its rules may have a number that is none of the seven.
        text += f" ({terms.WHERE_PRECISION.get(place.where_prec, f'precision {place.where_prec}')})"
    if place.latitude is not None and place.longitude is not None and place.where_prec != 6:
        text += f", {place.latitude:g}, {place.longitude:g}"
        if place.radius_m:
            text += f" ± {place.radius_m / 1000:g} km"
    return text


def _who(incident: Incident) -> str:
    def names(role: str) -> str:
        return ", ".join(
            a.actor.name + (" (suspected)" if a.attribution == "suspected" else "")
            for a in incident.actors
            if a.role == role
        )

    attackers, targets = names("attacker"), names("target")
    text = f"{attackers or 'unknown'} → {targets}" if targets else attackers
    rest = [f"{role}: {names(role)}" for role in ("claimant", "denier", "defender", "host", "affected") if names(role)]
    return "; ".join([part for part in (text, *rest) if part])


def _roots(incident: Incident) -> str:
    if not incident.quotes:
        return ""
    quotes = len(incident.quotes)
    return f"{roots.words(roots.reports(incident), incident.roots)} · {counted(quotes, 'quote')}"


def _disputes(out: Described, incident: Incident, width: int) -> None:
    """Rival values of each disputed field under one another, with who says so."""
    if not incident.disputed:
        return
    out.heading("≠ Disputed")
    for name in incident.disputed:
        claims = [c for c in incident.claims if base(c.field) == name and c.rank != "deprecated"]
        by_field: dict[str, list[Claim]] = {}
        for claim in claims:
            by_field.setdefault(claim.field, []).append(claim)
        for field_name, rivals in by_field.items():
            said: dict[tuple[str, str], list[str]] = {}
            for claim in rivals:
                said.setdefault((claim.polarity, _value(claim)), []).append(claim.speaker or "no quote")
            if len(said) < 2:
                continue
            label = pad(name, LABEL)
            for (polarity, value), speakers in said.items():
                sign = {"asserts": "=", "denies": "¬", "declines": "…"}[polarity]
                who = ", ".join(dict.fromkeys(speakers))
                system = f" ({field_name.partition(':')[2]})" if ":" in field_name else ""
                out.text(f"{sign} {value}{system} — {who}", "bad", " " * (LABEL + 3), f"{label} ", width)
                label = " " * LABEL


def _value(claim: Claim) -> str:
    return safe(claim.words or claim.value or "anything")


def _quotes(out: Described, incident: Incident, width: int, marker: Marker | None) -> None:
    if not incident.quotes:
        out.heading("No quotes")
        return
    by_key = {document.key: document for document in incident.documents}
    many = len(by_key) > 1
    numbers = {key: number for number, key in enumerate(by_key, 1)}
    out.heading(f"Quotes {len(incident.quotes)}")
    for quote in incident.quotes:
        first = len(out.lines)
        out.text(f"❝{quote.exact}❞", "quote", "   ", " ", width, marker)
        if quote.translation:
            out.text(f"({quote.translation})", "dim", "   ", width=width)
        source = by_key[quote.document_key]
        out.text(
            f"{chain(quote, source)}{f' [{numbers[quote.document_key]}]' if many else ''}",
            "speaker",
            "   ",
            width=width,
        )
        mark, style = verification(quote)
        out.lines[-1] = (*out.lines[-1], (f"  {mark}", style)) if _room(out.lines[-1], mark, width) else out.lines[-1]
        if not _room(out.lines[-1][:2], mark, width):
            out.lines.append((("   ", ""), (mark, style)))
        out.quotes.append(range(first, len(out.lines)))
        out.blank()


def _room(line: Line, mark: str, width: int) -> bool:
    return sum(cell_len(text) for text, _ in line) + 2 + cell_len(mark) <= width


def chain(quote: Quote, source: Document) -> str:
    """The chain from the root to the document, as arrows that point at where the words came from."""
    names = [speaker.name for speaker in reversed(quote.chain)]
    return " ← ".join([*names, source.voice])


def verification(quote: Quote) -> tuple[str, str]:
    """A glyph with a word, and its style: whether the document's text bears the quote out."""
    if quote.verified is None:
        return "○ unverified", "dim"
    return ("✓ verified", "good") if quote.verified else ("✗ not in the text there", "bad")


def _documents(out: Described, incident: Incident, width: int) -> None:
    if not incident.documents:
        return
    out.heading("Documents" if len(incident.documents) > 1 else "Document")
    for number, source in enumerate(incident.documents, 1):
        lead = f" {number} " if len(incident.documents) > 1 else "   "
        out.text(source.title or source.key, "strong", "   ", lead, width)
        published = cite.published(source)
        about = [source.author, source.publisher, published, terms.RELIABILITY.get(source.reliability or "")]
        out.text(" · ".join(part for part in about if part), "dim", "   ", width=width)
        for address in (source.url, source.archive_url):
            if address:
                out.text(address, "accent", "   ", width=width)
        out.text("text attached" if source.has_text else "text not in this store", "dim", "   ", width=width)


def _rest(out: Described, incident: Incident, width: int) -> None:
    if incident.notes:
        out.heading("Notes")
        for note in incident.notes:
            out.text(note.text, "", "   ", width=width)
            out.text(note.at, "dim", "   ", width=width)
    if incident.links:
        out.heading("Linked")
        for link in incident.links:
            arrow = "→" if link.outward else "←"
            out.text(f"{arrow} {link.kind.replace('_', ' ')}: {link.title}", "", "     ", "   ", width)
    if incident.extra:
        out.heading("Other columns")
        for name, value in incident.extra.items():
            out.text(f"{name}: {value}", "dim", "     ", "   ", width)
    out.blank()
    out.text(" · ".join(_keys(incident)), "dim", width=width)


def _keys(incident: Incident) -> Iterable[str]:
    yield incident.key
    if incident.origin:
        yield f"{incident.origin} {incident.origin_id or ''}".strip()
