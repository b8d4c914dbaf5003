"""The card of a document in words, for plain text and for the screen, and as JSON."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from db import cite, dates, terms
from db.plural import counted
from db.source_card import Card, Contradiction, First, Named
from db.source_list import published
from db.source_reader import FATE_WORDS, QuoteFate


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of a card, and the incident that it is about, None for others."""

    text: str
    incident: Named | None = None


@dataclass(frozen=True, slots=True)
class Section:
    """A heading with its count, how it was counted, and what was found."""

    heading: str
    how: str
    entries: tuple[Entry, ...]


def sections(card: Card) -> list[Section]:
    """The card in sections; every figure says how it was counted."""
    return [_grade(card), _quotes(card), _first(card), _alone(card), _contradicted(card), _within(card), _roots(card)]


def _grade(card: Card) -> Section:
    document = card.document
    reliability = terms.RELIABILITY.get(document.reliability or "", "not graded")
    entries = []
    if card.graded_at is not None:
        entries.append(Entry(f"{'set' if document.reliability else 'taken away'} {card.graded_at}"))
        entries.append(Entry(f"because {card.graded_because}" if card.graded_because else "no reason given"))
    elif document.reliability is not None:
        entries.append(Entry("the store has neither day nor reason for it"))
    return Section(f"Reliability: {reliability}", "NATO Admiralty code, set by a person", tuple(entries))


def _quotes(card: Card) -> Section:
    entries = tuple(Entry(_fate(fate, card.fates[fate])) for fate in FATE_WORDS if fate in card.fates)
    how = "each looked for in the document's text" if card.document.has_text else "the store does not have the text"
    return Section(f"Quotes: {card.quotes:,}", how, entries)


def _fate(fate: QuoteFate, count: int) -> str:
    glyph, words = FATE_WORDS[fate]
    return f"{glyph} {count:,} {words}"


def _first(card: Card) -> Section:
    shared = [first for first in card.first if first.documents > 1]
    entries = [Entry(_first_words(first), first.incident) for first in shared]
    alone = len(card.first) - len(shared)
    if alone:
        entries.append(Entry(f"and {alone:,} that no other document reports (see Alone with)"))
    if card.unknown_first:
        entries.append(Entry(f"{card.unknown_first:,} more cannot be told: the document has no date"))
    how = "no document of the store that reports it was published earlier"
    return Section(f"First with: {split([first.incident for first in card.first])}", how, tuple(entries))


def split(named: Sequence[Named]) -> str:
    """How many incidents there are among some, and how many aggregates and context, which are not counted as such."""
    incidents = sum(one.kind == "incident" for one in named)
    others = len(named) - incidents
    return counted(incidents, "incident") + (f", {_others(others)}" if others else "")


def _others(count: int) -> str:
    return f"{counted(count, 'aggregate')} or context"


def _first_words(first: First) -> str:
    others = counted(first.documents - 1, "other document")
    when = "earlier than" if first.certain else "no later than"
    return f"{incident_words(first.incident)} — {when} {others}"


def incident_words(named: Named) -> str:
    """Date, title and, where it is none, what it is in place of an incident."""
    kind = "" if named.kind == "incident" else f" ({named.kind})"
    when = "undated" if named.date_edtf is None else dates.words_or_text(named.date_edtf)
    return f"{when}: {named.title}{kind}"


def _alone(card: Card) -> Section:
    how = "no other document of the store reports it"
    entries = tuple(Entry(incident_words(named), named) for named in card.alone)
    return Section(f"Alone with: {split(card.alone)}", how, entries)


def _contradicted(card: Card) -> Section:
    how = "a claim of another document cannot be true beside one of this"
    entries = _pairs(card.contradicted, card.more_contradicted)
    return Section(f"Contradicted by others: {len(card.contradicted) + card.more_contradicted:,}", how, entries)


def _within(card: Card) -> Section:
    how = "speakers that it quotes contradict one another"
    entries = _pairs(card.within, card.more_within)
    return Section(f"Rival accounts within it: {len(card.within) + card.more_within:,}", how, entries)


def _pairs(pairs: Sequence[Contradiction], more: int) -> tuple[Entry, ...]:
    entries = tuple(Entry(contradiction_words(pair), pair.incident) for pair in pairs)
    return (*entries, Entry(f"and {more:,} more (`dateline claims KEY` lists the claims)")) if more else entries


def contradiction_words(pair: Contradiction) -> str:
    """Both values with who says them: "date: 8 May 2021 (Press TV) ≠ 9 May 2021 (Radio Sol, in sol-2021)"."""
    other = pair.other
    where = f", in {other.document}" if other.document != pair.own.document else ""
    return (
        f"{pair.field}: {pair.own.words} ({pair.own.speaker}) ≠ {other.words} ({other.speaker}{where})"
        f" — {pair.incident.title}"
    )


def _roots(card: Card) -> Section:
    how = "the last of each quote's chain of speakers, or its own voice"
    entries = tuple(
        Entry(
            f"{root.name}{' (own voice)' if root.own else ''}: {counted(root.quotes, 'quote')}"
            f" in {root.incidents:,} {'entry' if root.incidents == 1 else 'entries'} of the timeline"
        )
        for root in card.roots
    )
    return Section(f"Whom it quotes: {len(card.roots):,}", how, entries)


def head(card: Card) -> list[str]:
    """Title, publisher and date, key, address and what rests on the document."""
    document = card.document
    others = f", {_others(card.others)}" if card.others else ""
    lines = [
        document.title or document.key,
        " · ".join(part for part in (document.author, document.publisher, published(document)) if part),
        f"{document.key}: {counted(card.quotes, 'quote')}, {counted(card.incidents, 'incident')}{others}",
    ]
    lines += [address for address in (document.url, document.archive_url) if address]
    return lines


def lines(card: Card) -> Iterator[str]:
    """The card in plain text, not yet made safe for a terminal."""
    yield from head(card)
    for section in sections(card):
        yield ""
        yield f"{section.heading} ({section.how})"
        for entry in section.entries:
            yield f"  {entry.text}" + (f" [{entry.incident.key}]" if entry.incident else "")


def record(card: Card) -> dict[str, object]:
    """The card as JSON: what `dateline source KEY --json` writes."""
    document = card.document
    fates: dict[str, int] = {fate: card.fates.get(fate, 0) for fate in FATE_WORDS}
    return {
        "key": document.key,
        "title": document.title,
        "publisher": document.publisher,
        "published_edtf": document.published_edtf,
        "citation": cite.document(document),
        "reliability": document.reliability,
        "reliability_at": card.graded_at,
        "reliability_reason": card.graded_because,
        "text": document.has_text,
        "quotes": {"of": card.quotes} | fates,
        "incidents": card.incidents,
        "others": card.others,
        "first_with": [
            {"incident": first.incident.key, "documents": first.documents, "certain": first.certain}
            for first in card.first
        ],
        "first_unknown": card.unknown_first,
        "alone_with": [named.key for named in card.alone],
        "contradicted": [_pair(pair) for pair in card.contradicted],
        "contradicted_more": card.more_contradicted,
        "rival_within": [_pair(pair) for pair in card.within],
        "rival_within_more": card.more_within,
        "roots": [
            {"name": root.name, "own": root.own, "quotes": root.quotes, "entries": root.incidents}
            for root in card.roots
        ],
    }


def _pair(pair: Contradiction) -> dict[str, object]:
    sides = {
        name: {"value": side.value, "polarity": side.polarity, "speaker": side.speaker, "document": side.document}
        for name, side in (("own", pair.own), ("other", pair.other))
    }
    return {"incident": pair.incident.key, "field": pair.field, **sides}
