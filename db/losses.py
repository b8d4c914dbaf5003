"""Count what each format cannot carry of many incidents, without reading them whole: what the export dialog says.

What a format drops (db/formats/particulars.py) SQL itself counts.  What its quirks and its omits say of an incident
follows from a few facts of it (`_Facts`), which are alike for very many: each kind is asked of the format once.  A text
that a spreadsheet would run is no such fact; incidents that have one anywhere are few, and are read whole.  What one
has beside the columns of the format that it came from is seen in its texts alone: these are read in outlines.
"""

from __future__ import annotations

import re
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from db import batch, dates
from db.disputes import base, disputed_incidents
from db.errors import DateError
from db.formats import out_acled, out_ucdp_ged
from db.formats.particulars import ROOTS_APART, SYSTEMS, TAGS
from db.formats.writing import SIGNS, UNSEEN, Losses, WrittenFormat, nothing, runs_as_formula
from db.model import Actor, ActorRole, Claim, Document, Incident, Place, Quote, Span, SystemUse
from db.read import other_columns

SIZE = 2_000
"""Incidents to a batch: `told` hears of each."""

Told = Callable[[int, dict[str, Losses]], None]


@dataclass(frozen=True, slots=True)
class _Facts:
    """What the formats' `quirks` and `omits` look at in an incident, besides texts that run as formulas.

    The quirks see the first of it down to the place, the omits what follows; both see whence it is and `extra`.
    """

    origin: str | None
    """The data set where a format knows it by name, "x" for any other."""
    origin_id: str | None
    """None, "1" for any number, "x" for any other."""
    extra: tuple[str, ...]
    """Names of the columns that an import had no home for."""
    event_type: str | None = None
    date: tuple[str | None, str | None, str | None, int | None] = (None, None, None, None)
    """EDTF, bounds, precision; all days that are known exactly are as one."""
    place: tuple[bool, int | None] | None = None
    """Whether it has coordinates, and its precision."""
    summary: str | None = None
    systems: bool = False
    tags: bool = False
    actors: int = 0
    """Bits: 1 affected, 2 attacker or target, 4 any other role, 8 one is only suspected."""
    quotes: int | None = None
    """None without any; else whether one of them has a position."""
    disputed: bool = False
    claims: bool = False
    """Whether there is one of a field that nobody disputes."""

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
            summary=self.summary,
            event_type=self.event_type,
            sub_event_type=None,
            date_edtf=edtf,
            date_earliest=earliest,
            date_latest=latest,
            date_prec=precision,
            place=None if self.place is None else place,
            killed=Span(),
            injured=Span(),
            damage=None,
            grade=None,
            credibility=None,
            status="draft",
            starred=False,
            actors=tuple(
                ActorRole(Actor(0, "actor", "actor"), role, "suspected" if self.actors & 8 else "known")
                for bit, role in ((1, "affected"), (2, "attacker"), (4, "host"))
                if self.actors & bit
            ),
            systems=(SystemUse("system", "system", None, "munition", None, Span()),) if self.systems else (),
            quotes=() if self.quotes is None else (Quote(0, "document", "words", start=0 if self.quotes else None),),
            claims=(Claim(0, "place", None, "asserts", "normal", None, None, None),) if self.claims else (),
            documents=() if self.quotes is None else (Document(0, "document"),),
            tags=("tag",) if self.tags else (),
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
    written_apart = roots_apart(connection)
    asked = [form for form in forms if form.beside is not nothing]
    for first in range(0, len(ids), SIZE):
        chosen = ids[first : first + SIZE]
        quirks, omits, apart, outlined = counting.sorted(chosen)
        for says, alike in ((counting.quirks, quirks), (counting.omits, omits)):
            for facts, incidents in alike.items():
                for name, words in says(facts):
                    found[name][words] += incidents
        for incident in batch.incidents(connection, apart):
            for form in forms:
                found[form.name].update(form.quirks(incident))
                found[form.name].update(form.omits(incident))
        for incident in batch.incidents(connection, outlined, outlines=True):
            for form in asked:
                found[form.name].update(form.beside(incident))
        for name, words, incidents in counting.dropped(chosen):
            found[name][words] += incidents
        if pairs := len(written_apart.intersection(chosen)):
            for form in forms:
                if not form.lossless:
                    found[form.name][ROOTS_APART] += pairs
        told(first + len(chosen), {name: Losses(losses) for name, losses in found.items()})
    return found


def roots_apart(connection: sqlite3.Connection) -> frozenset[int]:
    """Ids of the incidents of which two quotes were said to have roots of their own: no format but our own has that."""
    return frozenset(
        incident_id
        for (incident_id,) in connection.execute(
            "SELECT i.id FROM root_dismissal AS x JOIN quote AS q ON q.id = x.quote_id"
            " JOIN incident AS i ON i.id = q.incident_id"
        )
    )


class _Counting:
    """A count under way: which incidents must be read whole, and what each kind of incident loses."""

    def __init__(self, connection: sqlite3.Connection, forms: Sequence[WrittenFormat]) -> None:
        self._connection = connection
        self._forms = forms
        self._quirks: dict[_Facts, tuple[tuple[str, str], ...]] = {}
        self._omits: dict[_Facts, tuple[tuple[str, str], ...]] = {}
        self._drops = tuple(dict.fromkeys(one.sql for form in forms for one in form.drops))
        self._risky = frozenset(_with_formulas(connection))
        disputed = disputed_incidents(connection)
        self._disputed = disputed.keys()
        self._undisputed = {
            incident_id
            for incident_id, field in connection.execute("SELECT DISTINCT incident_id, field FROM claim")
            if base(field) not in disputed.get(incident_id, ())
        }
        self._days: dict[str, bool] = {}

    def quirks(self, facts: _Facts) -> tuple[tuple[str, str], ...]:
        """(format, words) of all that the quirks say of an incident of a kind."""
        if facts not in self._quirks:
            incident = facts.incident()
            self._quirks[facts] = tuple((form.name, words) for form in self._forms for words in form.quirks(incident))
        return self._quirks[facts]

    def omits(self, facts: _Facts) -> tuple[tuple[str, str], ...]:
        """(format, words) of all that the omits say of an incident of a kind."""
        if facts not in self._omits:
            incident = facts.incident()
            self._omits[facts] = tuple((form.name, words) for form in self._forms for words in form.omits(incident))
        return self._omits[facts]

    def dropped(self, ids: Sequence[int]) -> Iterator[tuple[str, str, int]]:
        """(format, words, of how many incidents) of all that the formats drop."""
        if not self._drops:
            return
        sums = ", ".join(f"total({sql})" for sql in self._drops)
        row = self._connection.execute(_OF.format(sums, _marks(ids))).fetchone()
        counts = dict(zip(self._drops, map(int, row), strict=True))
        for form in self._forms:
            yield from ((form.name, one.words, counts[one.sql]) for one in form.drops if counts[one.sql])

    def sorted(self, ids: Sequence[int]) -> tuple[Counter[_Facts], Counter[_Facts], list[int], list[int]]:
        """How many incidents are of each kind for quirks and for omits; those to be read whole, and in outlines."""
        quirks: Counter[_Facts] = Counter()
        omits: Counter[_Facts] = Counter()
        apart: list[int] = []
        outlined: list[int] = []
        by_id = {row[0]: row[1:] for row in self._connection.execute(_OF.format(_FACTS, _marks(ids)))}
        for incident_id in ids:
            if incident_id not in by_id:
                continue
            origin, origin_id, event_type, edtf, earliest, latest, precision, *rest = by_id[incident_id]
            place, point, where_prec, summary, uses, tagged, parties, said, kept = rest
            extra = other_columns(kept)
            if out_acled.came_so(origin, origin_id, extra) or out_ucdp_ged.came_so(origin, extra):
                outlined.append(incident_id)
            unsettled = edtf is not None and precision is None
            if unsettled or incident_id in self._risky or any(map(runs_as_formula, extra.values())):
                apart.append(incident_id)
                continue
            if edtf is not None and precision == 1 and edtf == earliest == latest and self._is_day(edtf):
                edtf = earliest = latest = _A_DAY
            own = (
                origin if origin is None or origin in _ORIGINS else "x",
                origin_id and ("1" if origin_id.isascii() and origin_id.isdigit() else "x"),
                tuple(extra),
            )
            where = None if place is None else (point is not None, where_prec)
            quirks[_Facts(*own, event_type, (edtf, earliest, latest, precision), where)] += 1
            omits[
                _Facts(
                    *own,
                    summary=summary and "x",
                    systems=bool(uses),
                    tags=bool(tagged),
                    actors=parties or 0,
                    quotes=said,
                    disputed=incident_id in self._disputed,
                    claims=incident_id in self._undisputed,
                )
            ] += 1
        return quirks, omits, apart, outlined

    def _is_day(self, text: str) -> bool:
        """Whether a date is one day of the years 1 to 9999."""
        if text not in self._days:
            try:
                dates.day_of_iso(text)
                self._days[text] = _DAY.fullmatch(text) is not None and not text.startswith("0000")
            except DateError:
                self._days[text] = False
        return self._days[text]


def _marks(ids: Sequence[int]) -> str:
    """SQL list of ids."""
    return ",".join(str(int(i)) for i in ids)


_A_DAY = "2000-01-01"
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_ORIGINS = (out_ucdp_ged.ORIGIN, out_acled.ORIGIN)

_FACTS = (
    "i.id, i.origin, i.origin_id, i.event_type, i.date_edtf, i.date_earliest, i.date_latest, i.date_prec,"
    " p.id, p.latitude, p.where_prec, substr(i.summary, 1, 1),"
    f" {SYSTEMS.sql}, {TAGS.sql},"
    " (SELECT sum(DISTINCT CASE x.role WHEN 'affected' THEN 1 WHEN 'attacker' THEN 2 WHEN 'target' THEN 2 ELSE 4 END)"
    " + 8 * max(x.attribution = 'suspected') FROM incident_actor AS x JOIN actor AS a ON a.id = x.actor_id"
    " WHERE x.incident_id = i.id),"
    ' (SELECT max(q."start" IS NOT NULL) FROM quote AS q JOIN document AS d ON d.id = q.document_id'
    " WHERE q.incident_id = i.id),"
    " i.extra"
)

_OF = "SELECT {} FROM incident AS i LEFT JOIN place AS p ON p.id = i.place_id WHERE i.id IN ({})"

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
    own = (
        "key",
        "title",
        "summary",
        "event_type",
        "sub_event_type",
        "damage",
        "origin",
        "origin_id",
        "status",
        "kind",
        "grade",
    )
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
