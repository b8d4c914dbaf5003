"""The air-defence ledger as styled lines: the table, one cell in words, and the incidents and quotes behind it."""

from __future__ import annotations

from dataclasses import dataclass, field

from db import terms
from db.ledger import COLUMNS, LABELS, System, Use
from db.plural import counted
from db.report import span_words
from tui.incident_lines import Described
from tui.safe_text import fit, pad, safe
from tui.widgets.line_view import Line

ALL, NUMBER = "all", "number"
CELLS = (ALL, *COLUMNS, NUMBER)
"""Columns of the table: all incidents, one for each outcome, and those whose number is disputed."""

HEADS = {
    ALL: "all", "intercepted": "intercepted", "missed": "not stopped", "not_engaged": "not engaged",
    "malfunctioned": "malfunctioned", "unknown": "unknown", NUMBER: "number",
}  # fmt: skip
SHORT = {**HEADS, "intercepted": "intcpt", "missed": "missed", "not_engaged": "unused", "malfunctioned": "malf.",
         "unknown": "unkn."}  # fmt: skip
WIDE, LEAST = 14, 7
"""Cells of a column at most and at least."""

GLYPHS = {
    "intercepted": ("✓", "good"), "missed": ("✗", "bad"), "not_engaged": ("○", "dim"), "malfunctioned": ("!", "warn"),
    "unknown": ("?", "dim"),
}  # fmt: skip
"""Column → its glyph and style; its word stands beside it."""


def widths(width: int) -> tuple[int, int]:
    """Cells for the names of systems, and for each column."""
    each = max(LEAST, min(WIDE, (width - 20) // len(CELLS)))
    return max(8, width - each * len(CELLS) - 1), each


def head(width: int) -> Line:
    """The headings of the columns."""
    name, each = widths(width)
    titles = HEADS if each >= WIDE else SHORT
    return ((" " + pad("System", name), "heading"), *((f"{titles[column]:>{each}}", "heading") for column in CELLS))


def row(system: System, column: str | None, width: int) -> Line:
    """One system; the cell of `column` is the one under the cursor, None when the cursor is on another line."""
    name, each = widths(width)
    runs = [((" " + pad(fit(safe(system.name), name - 1), name)), "")]
    for at in CELLS:
        text, style = cell(system, at)
        here = at == column
        runs.append((f"{f'▸{text}' if here else text:>{each}}", "mark" if here else style))
    return tuple(runs)


def cell(system: System, column: str) -> tuple[str, str]:
    """A cell in short, "2+1 ≠1": counted, not counted, with rival claims; and its style."""
    if column == ALL:
        return f"{system.incidents}", ""
    if column == NUMBER:
        return (f"≠{system.count_disputes}", "bad") if system.count_disputes else ("·", "dim")
    numbers = system.cell(column)
    if not (numbers.incidents or numbers.rivals or numbers.beside):
        return "·", "dim"
    beside = f"+{numbers.beside}" if numbers.beside else ""
    return (f"{numbers.incidents}{beside} ≠{numbers.rivals}", "bad") if numbers.rivals else (
        f"{numbers.incidents}{beside}", GLYPHS[column][1],
    )  # fmt: skip


def cell_words(system: System, column: str) -> str:
    """A cell in full words."""
    if column == ALL:
        return f"{system.name}: {counted(system.incidents, 'incident')}, engaged in {system.engaged:,}"
    if column == NUMBER:
        disputed = counted(system.count_disputes, "incident")
        return f"{system.name}: claims of how many there were disagree in {disputed}"
    numbers = system.cell(column)
    glyph, _ = GLYPHS[column]
    beside = f", and {numbers.beside:,} aggregate or context not counted" if numbers.beside else ""
    rivals = f"; in {counted(numbers.rivals, 'incident')} claims disagree" if numbers.rivals else ""
    return f"{glyph} {system.name}: {LABELS[column]} in {counted(numbers.incidents, 'incident')}{beside}{rivals}"


def behind(system: System, column: str) -> list[Use]:
    """The incidents behind a cell."""
    if column == ALL:
        return list(system.uses)
    return [use for use in system.uses if use.count_disputed] if column == NUMBER else system.behind(column)


@dataclass
class Behind:
    """The lines of the incidents behind a cell, and which lines each of them has."""

    lines: list[Line] = field(default_factory=list)
    uses: list[tuple[Use, range]] = field(default_factory=list)


def behind_lines(uses: list[Use], width: int) -> Behind:
    """Each incident with the pick, the claims that say otherwise, and the quotes, at a width in cells."""
    out = Described()
    found = Behind(out.lines)
    for use in uses:
        if out.lines:
            out.blank()
        first = len(out.lines)
        out.text(use.title, "strong", "   ", " ", width)
        glyph, style = GLYPHS[use.column]
        words = terms.OUTCOME.get(use.outcome or "unknown", use.outcome or "")
        number = span_words(use.count)
        kind = "" if use.counted else " (aggregate or context, not counted)"
        out.text(f"{glyph} {words}{f', number {number}' if number else ''}{kind}", style, "   ", width=width)
        for told in use.told:
            out.text(
                _told(use, told.field, told.value, told.polarity, told.rank, told.speaker), "", "     ", "   ", width
            )
        if not use.tied:
            out.text("no claim ties a quote to it; the incident’s quotes:", "dim", "   ", width=width)
        for quote in use.quotes:
            out.text(f"❝{quote.exact}❞", "quote", "     ", "   ", width)
            out.text(f"{quote.speaker}, in {quote.document}", "speaker", "     ", width=width)
        found.uses.append((use, range(first, len(out.lines))))
    return found


def _told(use: Use, name: str, value: str | None, polarity: str, rank: str, speaker: str | None) -> str:
    verb = {"asserts": "says", "denies": "denies", "declines": "does not confirm"}.get(polarity, polarity)
    what = "number" if name.startswith("count:") else "outcome"
    picked = str(use.count.best) if what == "number" and use.count.best is not None else use.outcome
    if rank == "deprecated":
        sign, note = "…", " (set aside)"
    elif polarity == "declines":
        sign, note = "…", ""
    elif (value == picked) == (polarity == "asserts"):
        sign, note = "=", ""
    else:
        sign, note = "≠", " (rival)"
    said = (value or "any").replace("_", " ")
    return f"{sign} {speaker or 'no quote'} {verb} {what} {said}{note}"
