"""Claims as styled lines: the cells of the matrix, the strip under it, and a cell's quotes whole."""

from __future__ import annotations

from rich.cells import cell_len

from db.claims import STANDING, Cell, Field, Matrix, Speaker, Told, document_words, route_words
from db.claims_text import relations, source_words
from tui.incident_lines import verification
from tui.safe_text import ELLIPSIS, fit, safe, wrap
from tui.widgets.line_view import Line, Run

LOOKS: dict[str, tuple[str, str]] = {
    "agrees": ("=", "good"), "rival": ("≠", "bad"), "alone": ("•", ""), "denies": ("¬", "warn"),
    "declines": ("…", "place"), "deprecated": ("⊘", "off"), "silent": ("·", "dim"),
}  # fmt: skip
"""Standing → its glyph and style; its word is in `db.claims.STANDING`, so each differs three times."""

PICKED = "✓ picked"


def entry_runs(matrix: Matrix, cell: Cell, at: int, width: int) -> tuple[Run, Run]:
    """The two lines of one claim of a cell (or of its silence), each text at most `width` cells."""
    if not cell.told:
        glyph, style = LOOKS["silent"]
        return (fit(f"{glyph} {STANDING['silent']}", width), style), ("", "")
    if at >= len(cell.told):
        return ("", ""), ("", "")
    told = cell.told[at]
    glyph, style = LOOKS[told.standing]
    picked = f" {PICKED}" if told.picked else ""
    word = fit(f"  {_word(matrix, told)}", max(1, width - len(picked)))
    return (fit(f"{glyph} {safe(told.words)}", width), style), (fit(word + picked, width), style)


def _word(matrix: Matrix, told: Told) -> str:
    """The word of a claim's standing, with the one whom it agrees or is at odds with, or how many they are."""
    word = STANDING[told.standing]
    if told.standing not in ("agrees", "rival"):
        return word
    names = matrix.speakers_of(told.agrees if told.standing == "agrees" else told.rivals)
    return f"{word}: {safe(names[0]) if len(names) == 1 else f'{len(names)} others'}"


def head_words(matrix: Matrix, speaker: Speaker) -> str:
    """Under a speaker's name: through whom, and in which document, its words came."""
    routes = list(dict.fromkeys(route_words(route, matrix.documents) for route in speaker.routes))
    if not routes:
        return "nobody is named"
    more = f"; {len(routes)} ways" if len(routes) > 1 else ""
    return safe(f"{'own voice ' if speaker.own else ''}{routes[0]}{more}")


def strip_lines(
    matrix: Matrix, field: Field, speaker: Speaker, cell: Cell, at: int, width: int, height: int
) -> list[Line]:
    """At most `height` lines on one claim: what is claimed, the quote as far as it fits, its chain and place."""
    if not cell.told:
        text = f"{speaker.name} is silent on this: no quote of it claims anything. {_has(field)}"
        return _limited(_wrapped(f"· {field.label}: {text}", "dim", width), height, width)
    told = cell.told[min(at, len(cell.told) - 1)]
    glyph, style = LOOKS[told.standing]
    said = "; ".join([f"{glyph} {field.label}: {told.words}", *relations(matrix, told)])
    head = _limited(_wrapped(said, style, width), 1 if height < 5 else 2, width)
    if told.quote is None:
        return _limited([*head, *_wrapped("This claim rests on no quote.", "dim", width)], height, width)
    # The claim and its source stay in sight; the quote gets what is left, and Enter shows it whole.
    source = _limited(_wrapped(_source(told), "speaker", width), 2 if height > 3 else 1, width)
    quote = _wrapped(f"❝{told.quote.exact}❞", "quote", width)
    return [*head, *_limited(quote, max(0, height - len(head) - len(source)), width), *source][:height]


def _source(told: Told) -> str:
    """Chain, document, position and verification in few words: "Sabereen News ← Press TV ← The Jerusalem Post ..."."""
    if told.quote is None or told.document is None:
        return ""
    names = [step.name for step in reversed(told.quote.chain)]
    place = "no position" if told.quote.start is None else f"characters {told.quote.start}–{told.quote.end}"
    return f"{' ← '.join([*names, document_words(told.document)])} · {place} · {verification(told.quote)[0]}"


def _has(field: Field) -> str:
    return f"The incident has: {field.own or 'nothing'}."


def _wrapped(text: str, style: str, width: int) -> list[Line]:
    return [((f" {piece}", style),) for piece in wrap(safe(text), max(4, width - 2))]


def _limited(lines: list[Line], height: int, width: int) -> list[Line]:
    """The first `height` lines; the last of them ends in an ellipsis where there were more."""
    if len(lines) <= height or height <= 0:
        return lines[: max(0, height)]
    *rest, last = lines[:height]
    text, style = last[0]
    return [
        *rest,
        ((f"{text} {ELLIPSIS}" if cell_len(text) + 3 < width else fit(f"{text[:-1]}{ELLIPSIS}", width - 1), style),),
    ]


def cell_lines(matrix: Matrix, field: Field, speaker: Speaker, cell: Cell, width: int) -> list[Line]:
    """All of a cell: each claim with its quote, chain, document and position, and how it stands to the others."""
    lines: list[Line] = [*_wrapped(f"{field.label}: {speaker.name}", "strong", width), ()]
    if not cell.told:
        return [*lines, *_wrapped(f"· silent. {_has(field)}", "dim", width)]
    for told in cell.told:
        glyph, style = LOOKS[told.standing]
        lines += _wrapped(f"{glyph} {told.words}", style, width)
        lines += _wrapped("; ".join(relations(matrix, told)) or STANDING[told.standing], style, width)
        if told.quote is None:
            lines += _wrapped("This claim rests on no quote.", "dim", width)
        else:
            lines += _wrapped(f"❝{told.quote.exact}❞", "quote", width)
            if told.quote.translation:
                lines += _wrapped(f"({told.quote.translation})", "dim", width)
            lines += _wrapped(source_words(matrix, told), "speaker", width)
        lines.append(())
    return [*lines, *_wrapped(_has(field), "dim", width)]
