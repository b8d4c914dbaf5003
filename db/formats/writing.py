"""What a format's writer is given, and what it says of what it could not carry."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TextIO

from db import dates
from db.errors import DateError
from db.formats.particulars import Particular
from db.model import Incident, Place, root_name

Item = tuple[Incident, bool]
"""An incident, and whether it matched the query certainly."""

Losses = Counter[str]
"""What a format could not carry, in words, and of how many incidents: "rival claims", "no date" ..."""

Writer = Callable[[Iterator[Item], TextIO, str], int]
"""Writes every item that the format holds, in order, to a text stream, and returns how many; the text is the query."""

Lacks = Callable[[Incident], Iterator[str]]
"""What a format cannot carry of one incident, in words; incidents are counted by these words."""


def nothing(incident: Incident) -> Iterator[str]:
    """What a format lacks that carries all of an incident."""
    del incident
    return iter(())


@dataclass(frozen=True, slots=True)
class WrittenFormat:
    """A format that can be written: its name for `--as`, a line about it, its writer, and the end of its files' names.

    Without a writer it is written from the store itself.  A `store` format is a file that is a store: it needs a file
    of its own, and never takes the place of another.  What it cannot carry is what it `drops` of any incident that has
    it, what its `quirks` say of one's date, place and type, what its `omits` say of the rest of it, and what `beside`
    says of one that came from the format itself: what it has beside the format's own columns.
    """

    name: str
    label: str
    suffix: str
    write: Writer | None = None
    quirks: Lacks = nothing
    omits: Lacks = nothing
    drops: tuple[Particular, ...] = ()
    lossless: bool = False
    store: bool = False
    beside: Lacks = nothing

    def lacks(self, incident: Incident) -> Iterator[str]:
        """What the format cannot carry of one incident, in words, each once."""
        yield from self.quirks(incident)
        yield from self.omits(incident)
        yield from self.beside(incident)
        yield from (particular.words for particular in self.drops if particular.has(incident))


Cells = dict[str, object]
"""Column → cell of one row; what is unknown is None or left out."""


def table(head: Sequence[str], cells: Callable[[Incident], Cells]) -> Writer:
    """A writer of CSV (RFC 4180) with a row of `cells` for each incident under the columns of `head`."""

    def write(items: Iterator[Item], out: TextIO, query: str) -> int:
        del query
        rows = csv.DictWriter(out, head, restval="", lineterminator="\r\n")
        rows.writeheader()
        count = 0
        for count, (incident, _) in enumerate(items, 1):  # noqa: B007
            rows.writerow(cells(incident))
        return count

    return write


def given_name(place: Place, imported: bool) -> str | None:
    """The name that a source gave to a place; None where its country, province or coordinates stand in for one.

    `imported` tells whether the incident came from a data set whose rows name a province without a place in it.
    """
    stands_in = (
        place.kind == "country"
        or place.name == f"{place.latitude}, {place.longitude}"
        or (imported and place.kind == "province" and place.name == place.admin1)
    )
    return None if stands_in else place.name


def coordinates(place: Place | None, kept: Mapping[str, object]) -> Cells:
    """Latitude and longitude of a place; without them, what `extra` keeps of one that came without the other.

    Two that were kept are both 0, which stands for unknown.
    """
    if place is not None and place.latitude is not None:
        return {"latitude": place.latitude, "longitude": place.longitude}
    found = {name: kept.get(name) for name in ("latitude", "longitude")}
    return dict.fromkeys(found) if None not in found.values() else found


UNSEEN = (
    "\x01-\x20\x7f-\xa0\xad\u034f\u061c\u115f-\u1160\u1680\u17b4-\u17b5\u180b-\u180f\u2000-\u200f\u2028-\u202f"
    "\u205f-\u206f\u2800\u3000\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb\U000e0000-\U000e01ef"
)
"""White space and characters without a shape, which some spreadsheets take away before they read a cell; ranges."""

SIGNS = "=+@＝＋－＠﹢﹣﹦﹫-"
"""What makes a spreadsheet take a cell for a formula (OWASP: CSV injection), the hyphen last."""

_FORMULA = re.compile(f"[\t\r\n]|[{UNSEEN}]*[{SIGNS}]")
_PARTS = re.compile(r'[,;\t\r\n"|]')


def runs_as_formula(cell: object) -> bool:
    """Whether a cell is a text (never a number) that begins like a formula."""
    return isinstance(cell, str) and _FORMULA.match(cell) is not None


def formulas_left(row: Cells) -> Iterator[str]:
    """For formats whose cells are written as they are: says so where one begins like a formula."""
    if any(map(runs_as_formula, row.values())):
        yield "cells that a spreadsheet would run, left as they are"


def csv_row(cells: Iterable[object]) -> str:
    """A record of CSV (RFC 4180) with its line end; None is an empty cell.

    Cells that hold what any spreadsheet may part at are quoted, so that none begins in the middle of a text.
    """
    texts = ("" if cell is None else str(cell) for cell in cells)
    return ",".join('"' + t.replace('"', '""') + '"' if _PARTS.search(t) else t for t in texts) + "\r\n"


def date_words(incident: Incident) -> str:
    """The incident's date for people; "no date" when there is none."""
    return "no date" if incident.date_edtf is None else dates.words_or_text(incident.date_edtf)


def undated(incident: Incident) -> Iterator[str]:
    """Says so where there is no date."""
    if incident.date_edtf is None:
        yield "no date"


def uncertain_date(incident: Incident) -> Iterator[str]:
    """Says so where the date is more than one day, for formats that have only its first and last."""
    if incident.date_edtf is not None and incident.date_prec != 1:
        yield "uncertain dates given as their first and last day"


def parties_left_out(incident: Incident) -> Iterator[str]:
    """For formats of two sides: says so where there are others, or where one is only suspected."""
    roles = {actor.role for actor in incident.actors}
    if roles - {"attacker", "target", "affected"}:
        yield "hosts, claimants, deniers, defenders"
    if "affected" in roles and roles & {"attacker", "target"}:
        yield "affected besides attacker and target"
    if any(actor.attribution == "suspected" for actor in incident.actors):
        yield "that actors are only suspected"


def names(incident: Incident, role: str) -> str:
    """The actors of a role, joined by "; "; suspected ones say so."""
    return "; ".join(
        a.actor.name + (" (suspected)" if a.attribution == "suspected" else "")
        for a in incident.actors
        if a.role == role
    )


def sides_and_parties(incident: Incident) -> tuple[list[str], list[str], list[str]]:
    """Attackers, targets and who else is a party, by name in the order of the store."""
    attackers, targets, parties = (
        [a.actor.name for a in incident.actors if a.role == role] for role in ("attacker", "target", "affected")
    )
    return attackers, targets, parties


def called(incident: Incident, side: object) -> tuple[str, ...]:
    """All names of a side: where it is one actor, that one's other names too; "" where there is none."""
    also = (actor.actor.aliases for actor in incident.actors if actor.actor.name == side)
    return ("" if side is None else str(side), *next(also, ()))


def systems(incident: Incident, *roles: str) -> str:
    """The systems of some roles with their outcomes, joined by "; "."""
    return "; ".join(
        s.name + (f" ({s.outcome.replace('_', ' ')})" if s.outcome else "") for s in incident.systems if s.role in roles
    )


def speakers(incident: Incident) -> str:
    """The root speakers of the quotes, each once, joined by "; "."""
    documents = {document.key: document for document in incident.documents}
    return "; ".join(dict.fromkeys(root_name(quote, documents) for quote in incident.quotes))


def bounds(incident: Incident) -> tuple[dates.Day | None, dates.Day | None]:
    """First and last possible day; None where it is unknown, or no day at all in a store made by hand."""
    first, last = (_day(bound) for bound in (incident.date_earliest, incident.date_latest))
    return first, last


def _day(bound: str | None) -> dates.Day | None:
    try:
        return None if bound is None else dates.day_of_iso(bound)
    except DateError:
        return None
