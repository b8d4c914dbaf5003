"""Count what each format cannot carry of many incidents, without reading them whole: what the export dialog says.

What a format lacks of an incident follows from a few facts of it (`_Facts`), which are alike for very many: each kind
is asked of the format once.  A text that a spreadsheet would run is no such fact; incidents that have one anywhere are
few, and are read whole.
"""

from __future__ import annotations

import re
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from db import batch, dates
from db.disputes import disputed_incidents
from db.errors import DateError
from db.formats import out_acled, out_ucdp_ged
from db.formats.writing import SIGNS, UNSEEN, Losses, WrittenFormat, runs_as_formula
from db.model import Document, Incident, Place, Quote, Span, SystemUse
from db.read import other_columns

SIZE = 2_000
"""Incidents to a batch: `told` hears of each."""

Told = Callable[[int, dict[str, Losses]], None]


@dataclass(frozen=True, slots=True)
class _Facts:
    """What the formats' `lacks` look at in an incident, besides texts that run as formulas."""

    origin: str | None
    """The data set where a format knows it by name."""
    origin_id: str | None
    """None, "1" for any number, "x" for any other."""
    event_type: str | None
    date: tuple[str | None, str | None, str | None, int | None]
    """EDTF, bounds, precision; all days that are known exactly are as one."""
    place: tuple[bool, int | None] | None
    """Whether it has coordinates, and its precision."""
    systems: bool
    injured: bool
    quotes: bool
    disputed: bool
    extra: tuple[str, ...]
    """Names of the columns that an import had no home for."""

    def incident(self) -> Incident:
        """An incident of which all this is so."""
        edtf, earliest, latest, precision = self.date
        placed, where_prec = self.place or (False, None)
        latitude, longitude = (33.5, 44.5) if placed else (None, None)
        place = Place(0, "place", "place", latitude=latitude, longitude=longitude, where_prec=where_prec)
        return Incident(
            id=0,
            key="key",
            kind="incident",
            title="title",
            summary=None,
            event_type=self.event_type,
            sub_event_type=None,
            date_edtf=edtf,
            date_earliest=earliest,
            date_latest=latest,
            date_prec=precision,
            place=None if self.place is None else place,
            killed=Span(),
            injured=Span(best=0) if self.injured else Span(),
            damage=None,
            grade=None,
            credibility=None,
            status="draft",
            starred=False,
            systems=(SystemUse("system", "system", None, "munition", None, Span()),) if self.systems else (),
            quotes=(Quote(0, "document", "words"),) if self.quotes else (),
            documents=(Document(0, "document"),) if self.quotes else (),
            disputed=("date",) if self.disputed else (),
            origin=self.origin,
            origin_id=self.origin_id,
            extra=dict.fromkeys(self.extra),
        )


def count(
    connection: sqlite3.Connection, ids: Sequence[int], forms: Sequence[WrittenFormat], told: Told
) -> dict[str, Losses]:
    """Format → what it cannot carry of the incidents of `ids`; those that are gone are left out."""
    found = {form.name: Losses() for form in forms}
    counting = _Counting(connection, forms)
    for first in range(0, len(ids), SIZE):
        chosen = ids[first : first + SIZE]
        alike, apart = counting.sorted(chosen)
        for facts, incidents in alike.items():
            for name, words in counting.lacks(facts):
                found[name][words] += incidents
        for incident in batch.incidents(connection, apart):
            for form in forms:
                found[form.name].update(form.lacks(incident))
        told(first + len(chosen), {name: Losses(losses) for name, losses in found.items()})
    return found


class _Counting:
    """A count under way: which incidents must be read whole, and what each kind of incident loses."""

    def __init__(self, connection: sqlite3.Connection, forms: Sequence[WrittenFormat]) -> None:
        self._connection = connection
        self._forms = forms
        self._lacks: dict[_Facts, tuple[tuple[str, str], ...]] = {}
        self._risky = frozenset(_with_formulas(connection))
        self._disputed = disputed_incidents(connection).keys()
        self._days: dict[str, bool] = {}

    def lacks(self, facts: _Facts) -> tuple[tuple[str, str], ...]:
        """(format, words) of all that is lost of an incident of a kind."""
        if facts not in self._lacks:
            incident = facts.incident()
            self._lacks[facts] = tuple((form.name, words) for form in self._forms for words in form.lacks(incident))
        return self._lacks[facts]

    def sorted(self, ids: Sequence[int]) -> tuple[Counter[_Facts], list[int]]:
        """How many incidents are of each kind, and those that must be read whole."""
        alike: Counter[_Facts] = Counter()
        apart: list[int] = []
        by_id = {row[0]: row[1:] for row in self._connection.execute(_FACTS.format(",".join(str(int(i)) for i in ids)))}
        for incident_id in ids:
            if incident_id not in by_id:
                continue
            origin, origin_id, event_type, *date, place, point, where_prec, uses, hurt, said, kept = by_id[incident_id]
            edtf, earliest, latest, precision = date
            extra = other_columns(kept)
            unsettled = edtf is not None and precision is None
            if unsettled or incident_id in self._risky or any(map(runs_as_formula, extra.values())):
                apart.append(incident_id)
                continue
            if precision == 1 and edtf == earliest == latest and self._is_day(edtf):
                edtf = earliest = latest = _A_DAY
            facts = _Facts(
                origin if origin in _ORIGINS else None,
                origin_id and ("1" if origin_id.isascii() and origin_id.isdigit() else "x"),
                event_type,
                (edtf, earliest, latest, precision),
                None if place is None else (point is not None, where_prec),
                bool(uses),
                bool(hurt),
                bool(said),
                incident_id in self._disputed,
                tuple(extra),
            )
            alike[facts] += 1
        return alike, apart

    def _is_day(self, text: str) -> bool:
        """Whether a date is one day of the years 1 to 9999."""
        if text not in self._days:
            try:
                dates.day_of_iso(text)
                self._days[text] = _DAY.fullmatch(text) is not None and not text.startswith("0000")
            except DateError:
                self._days[text] = False
        return self._days[text]


_A_DAY = "2000-01-01"
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_ORIGINS = (out_ucdp_ged.ORIGIN, out_acled.ORIGIN)

_FACTS = (
    "SELECT i.id, i.origin, i.origin_id, i.event_type, i.date_edtf, i.date_earliest, i.date_latest, i.date_prec,"
    " p.id, p.latitude, p.where_prec,"
    " EXISTS (SELECT 1 FROM incident_system AS x JOIN system AS s ON s.id = x.system_id WHERE x.incident_id = i.id),"
    " coalesce(i.injured_low, i.injured_best, i.injured_high) IS NOT NULL,"
    " EXISTS (SELECT 1 FROM quote AS q JOIN document AS d ON d.id = q.document_id WHERE q.incident_id = i.id),"
    " i.extra FROM incident AS i LEFT JOIN place AS p ON p.id = i.place_id WHERE i.id IN ({})"
)

_FORMULA = f"GLOB '[{UNSEEN}{SIGNS}]*'"
"""SQL: finds every text that runs as a formula, and those that only begin with white space."""


def _with_formulas(connection: sqlite3.Connection) -> Iterator[int]:
    """Ids of the incidents of which some text, their own or of what hangs on them, begins like a formula."""

    def risky(*columns: str) -> str:
        return "(" + " OR ".join(f"{column} {_FORMULA}" for column in columns) + ")"

    quotes = "SELECT incident_id FROM quote WHERE"
    documents = f"SELECT id FROM document WHERE {risky('key', 'title', 'publisher')}"
    actors = f"SELECT id FROM actor WHERE {risky('name')}"
    places = f"SELECT id FROM place WHERE {risky('name', 'admin1', 'country_code')}"
    own = ("key", "title", "summary", "event_type", "sub_event_type", "damage", "origin_id", "status", "kind", "grade")
    for sql in (
        f"SELECT id FROM incident WHERE {risky(*own)}",
        f"SELECT id FROM incident WHERE place_id IN ({places}) OR place_id IN (SELECT p.id FROM place AS p"
        f" JOIN country AS c ON c.code = p.country_code WHERE {risky('c.name')})",
        f"SELECT incident_id FROM incident_actor WHERE actor_id IN ({actors})",
        f"SELECT incident_id FROM incident_system WHERE system_id IN (SELECT id FROM system WHERE {risky('name')})",
        f"SELECT incident_id FROM incident_tag WHERE tag_id IN (SELECT id FROM tag WHERE {risky('name')})",
        f"{quotes} {risky('exact')} OR document_id IN ({documents})",
        f"{quotes} id IN (SELECT quote_id FROM attribution WHERE actor_id IN ({actors}))",
        f"SELECT incident_id FROM claim WHERE {risky('field')}",
    ):
        for (incident_id,) in connection.execute(sql):
            yield incident_id
