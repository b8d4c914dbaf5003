"""The claim matrix in words: plain text a block a field, and one JSON object a claim."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from db import cite, report
from db.claims import STANDING, Field, Matrix, Speaker, Told, document_words, route_words
from db.plural import counted
from db.visible import visible

MOST_SILENT = 100
"""Speakers that are named as silent on a field."""

VERBS = {"asserts": "says", "denies": "denies", "declines": "declines to say"}
"""claim.polarity → the verb between a speaker and a value."""


def matrix_lines(matrix: Matrix) -> list[str]:
    """The matrix for a pipe or a screen reader, a block a field, every line safe to print."""
    return [visible(line, newline=" ", tab=" ") for line in _lines(matrix)]


def _lines(matrix: Matrix) -> Iterator[str]:
    incident = matrix.incident
    yield incident.title
    claims = sum(len(field.told) for field in matrix.fields)
    counts = ((claims, "claim"), (len(matrix.fields), "field"), (len(matrix.speakers), "speaker"))
    yield f"{incident.key}: {', '.join(counted(n, noun) for n, noun in counts)}"
    yield ""
    yield "Speakers"
    for speaker in matrix.speakers:
        yield f"  {speaker_words(matrix, speaker)}; {counted(speaker.claims, 'claim')}"
    if not matrix.fields:
        yield ""
        yield "No claims: nothing is recorded of what anyone says of single fields."
    for field in matrix.fields:
        yield ""
        yield from _block(matrix, field)


def speaker_words(matrix: Matrix, speaker: Speaker) -> str:
    """A speaker with all routes: "Sabereen News, via Press TV in The Jerusalem Post, Tue 22 Jun 2021"."""
    routes = [route_words(route, matrix.documents) for route in speaker.routes]
    voice = ["own voice"] if speaker.own else []
    return ", ".join([speaker.name, *voice, *dict.fromkeys(routes)])


def _block(matrix: Matrix, field: Field) -> Iterator[str]:
    disputed = "disputed" if field.disputed else "not disputed"
    yield f"{field.label}: {disputed}; the incident has: {field.own or 'nothing'}"
    for told in field.told:
        yield f"  {sentence(matrix, told)}"
        if told.quote is not None:
            yield f"    “{told.quote.exact}”"
            if told.quote.translation:
                yield f"    In translation: “{told.quote.translation}”"
            yield f"    {source_words(matrix, told)}"
    silent = list(islice((s.name for s in matrix.speakers if s.name not in field.cells), MOST_SILENT))
    if silent:
        more = len(matrix.speakers) - len(field.cells) - len(silent)
        yield f"  Silent: {', '.join(silent)}{f' and {more:,} more' if more else ''}"


def sentence(matrix: Matrix, told: Told) -> str:
    """A claim in one sentence: "Press TV says Rocket; rival to US-led Coalition; picked"."""
    parts = [f"{told.speaker} {VERBS[told.claim.polarity]} {told.words}", *relations(matrix, told)]
    return "; ".join(parts)


def relations(matrix: Matrix, told: Told) -> list[str]:
    """How a claim stands to the others of its field, and whether it is the pick, in words."""
    rivals = ["itself" if name == told.speaker else name for name in matrix.speakers_of(told.rivals)]
    agrees = matrix.speakers_of(told.agrees)
    parts = []
    if told.standing in ("alone", "deprecated"):
        parts.append("alone in it" if told.standing == "alone" else STANDING["deprecated"])
    if rivals:
        parts.append(f"rival to {', '.join(rivals)}")
    if agrees:
        parts.append(f"agrees with {', '.join(agrees)}")
    if told.picked:
        pick = matrix.pick_of(told)
        parts.append(f"picked by {pick.who}: {pick.why}" if pick else "picked")
    elif told.claim.rank == "preferred":
        parts.append("preferred, but the incident has another value")
    return parts


def source_words(matrix: Matrix, told: Told) -> str:
    """Chain, document, position and verification of a claim's quote; empty without a quote."""
    quote, document = told.quote, told.document
    if quote is None or document is None:
        return ""
    steps = [s.name + (f" ({s.verb})" if s.verb else "") for s in reversed(quote.chain)]
    own = ", ".join(part for part in (document.voice, cite.published(document)) if part)
    chain = f"{', by way of '.join(steps)}, in {document_words(document)}" if steps else f"{own}, in its own voice"
    where = "at no known position" if quote.start is None else f"characters {quote.start} to {quote.end}"
    return f"{chain}; {document.key}, {where}; {report.verification(quote)}"


def claim_records(matrix: Matrix) -> Iterator[dict[str, object]]:
    """Yield one object a claim, field by field: the contract of `claims --json`.

    `claim` is the row's id; `agrees` and `rivals` hold ids of other claims of the same field.  `speaker` and `root`
    are the root's name (null without a quote); `chain` goes from whom the document quotes to the root.
    """
    for field in matrix.fields:
        for told in field.told:
            quote = told.quote
            yield {
                "incident": matrix.incident.key,
                "claim": told.claim.id,
                "field": field.name,
                "value": told.claim.value,
                "words": told.words,
                "polarity": told.claim.polarity,
                "rank": told.claim.rank,
                "standing": told.standing,
                "picked": told.picked,
                "reason": pick.why if (pick := matrix.pick_of(told)) else None,
                "speaker": told.claim.speaker,
                "root": None if quote is None else told.speaker,
                "chain": [step.name for step in quote.chain] if quote else [],
                "document": quote.document_key if quote else None,
                "quote": {
                    "start": quote.start, "end": quote.end, "exact": quote.exact, "verified": quote.verified,
                } if quote else None,
                "agrees": list(told.agrees),
                "rivals": list(told.rivals),
            }  # fmt: skip
