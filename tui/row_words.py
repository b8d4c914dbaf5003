"""A row of the timeline in words: its date in the gutter's three columns, and what is known of it in one line."""

from __future__ import annotations

from rich.cells import cell_len

from db import dates
from db.errors import DateError
from db.model import Row
from tui import event_types
from tui.safe_text import fit, safe

YEAR, MONTH, DAY = 5, 3, 5
GUTTER = 1 + YEAR + MONTH + 1 + DAY + 1
"""Cells of the gutter: the cursor's bar, the three columns, the mark of what is new, a space."""

Cells = tuple[str, str, str]
"""Year, month and day as the gutter has them."""


def date_cells(row: Row) -> Cells:
    """The date of a row; "no date" or "date ?" where there is none to show."""
    if row.date_edtf is None:
        return ("", "", "no date")
    try:
        year, month, day = dates.short(row.date_edtf)
    except DateError:
        return ("", "", "date ?")
    return (fit(year, YEAR), fit(month, MONTH), fit(day, DAY))


def about(row: Row, room: int) -> str:
    """Type, place and sources in `room` cells; the number of sources gives way first, then the type."""
    words, place = event_types.words(row.event_type, row.kind), row.place or row.country or "place unknown"
    for parts in ((words, place, _sources(row)), (words, place)):
        text = " · ".join(safe(part) for part in parts if part)
        if cell_len(text) <= room:
            return text
    return fit(safe(place), room) if room < 24 else fit(text, room)


def _sources(row: Row) -> str:
    """How many documents and root speakers stand behind a row; nothing where it is one and one."""
    parts = []
    if row.documents > 1:
        parts.append(f"{row.documents} docs")
    if row.roots > 1:
        parts.append(f"{row.roots} speakers")
    return " · ".join(parts) if row.documents else "no source"
