"""The air-defence ledger: what each system did, incident by incident, with who says otherwise and in which words.

A number counts incidents in which the analyst's pick for the system (incident_system.outcome) is of that column.  An
incident is rival in a column when a claim puts the system there against the pick, or when the pick is there and a claim
puts it elsewhere or denies it.  Deprecated claims, and those that decline to say, take no side, as in disputes.
"""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from db.disputes import Said, Unrelated, disputed_fields
from db.fields import fold
from db.model import Id, Span
from db.read import ROOT

COLUMNS: dict[str, tuple[str, ...]] = {
    "intercepted": ("intercepted", "hit"),
    "missed": ("missed", "fell_short"),
    "not_engaged": ("not_engaged",),
    "malfunctioned": ("malfunctioned",),
    "unknown": ("unknown",),
}
"""Column → the outcomes that it counts; for a defence a hit is of what it fired at.  No outcome at all is unknown."""

LABELS = {
    "intercepted": "intercepted",
    "missed": "did not stop it",
    "not_engaged": "not engaged",
    "malfunctioned": "malfunctioned",
    "unknown": "unknown",
}
"""Column → its words for people."""

DEFENCES = ("air_defence", "ew")
"""Roles of a system in an incident that the ledger is about."""

CLASSES = ("air_defence", "ew", "laser")
"""Classes of systems that the ledger has even where only a claim names them."""

_COLUMN = {outcome: column for column, outcomes in COLUMNS.items() for outcome in outcomes}


def _column(outcome: str | None) -> str:
    """The column that counts an outcome, however it is spelt."""
    return _COLUMN.get(fold(outcome or "").replace("-", "_"), "unknown")


@dataclass(frozen=True, slots=True)
class Told:
    """A claim of what a system did or of how many there were, and who makes it; `speaker` None rests on no quote."""

    field: str
    value: str | None
    polarity: str
    rank: str
    speaker: str | None
    quote_id: Id | None


@dataclass(frozen=True, slots=True)
class Words:
    """A quote with its document's key and its root speaker."""

    quote_id: Id
    exact: str
    document: str
    speaker: str


@dataclass(frozen=True, slots=True)
class Use:
    """One system in one incident; `outcome` and `count` are the analyst's pick."""

    incident_id: Id
    incident: str
    title: str
    counted: bool
    """False for aggregates and context, which no number counts."""
    outcome: str | None
    count: Span
    told: tuple[Told, ...]
    quotes: tuple[Words, ...]
    """The quotes of those claims; where no claim has any, all quotes of the incident (see `tied`)."""
    tied: bool
    """Whether a claim ties the quotes to what the system did."""
    count_disputed: bool
    """Whether claims of the number cannot all be true, or contradict the pick."""

    @property
    def column(self) -> str:
        """The column of the analyst's pick."""
        return _column(self.outcome)

    @property
    def claimed(self) -> frozenset[str]:
        """The columns that claims put the system in; a claim of any outcome puts it in none."""
        return frozenset(
            _column(told.value) for told in self._sided if told.polarity == "asserts" and told.value is not None
        )

    @property
    def denied(self) -> bool:
        """Whether a claim denies the pick."""
        return any(told.polarity == "denies" and self.against(told) for told in self._sided)

    def against(self, told: Told) -> bool:
        """Whether a claim of the outcome cannot be true beside the pick, as far as the columns tell outcomes apart."""
        if told not in self._sided:
            return False
        if told.polarity == "asserts":
            return told.value is not None and _column(told.value) != self.column
        return told.value is None or self.is_pick(told)

    def is_pick(self, told: Told) -> bool:
        """Whether a claim's value is the pick."""
        return fold(told.value or "") == fold(self.outcome or "")

    def rival_in(self, column: str) -> bool:
        """Whether claims and pick disagree about this column."""
        others = self.claimed - {self.column}
        if column == self.column:
            return bool(others) or self.denied
        return column in others

    def in_cell(self, column: str) -> bool:
        """Whether the incident stands behind a cell: counted there, or rival there."""
        return column == self.column or self.rival_in(column)

    @property
    def _sided(self) -> list[Told]:
        return [
            t
            for t in self.told
            if t.field.startswith("outcome:") and t.rank != "deprecated" and t.polarity != "declines"
        ]


@dataclass(frozen=True, slots=True)
class Cell:
    """How many incidents have the column as the pick, how many disagree about it, and how many are not counted."""

    incidents: int
    rivals: int
    beside: int


def _counted(uses: Iterable[Use]) -> int:
    """How many counted incidents: a system can be in one in two roles, and then has two uses there."""
    return len({use.incident_id for use in uses if use.counted})


@dataclass(frozen=True, slots=True)
class System:
    """One line of the ledger."""

    id: Id
    key: str
    name: str
    system_class: str | None
    uses: tuple[Use, ...] = field(repr=False)

    def cell(self, column: str) -> Cell:
        """The numbers of one column."""
        here = [use for use in self.uses if use.column == column]
        rival = _counted(use for use in self.uses if use.rival_in(column))
        return Cell(_counted(here), rival, len({use.incident_id for use in here if not use.counted}))

    def behind(self, column: str) -> list[Use]:
        """The incidents behind a cell, those that it counts first."""
        found = [use for use in self.uses if use.in_cell(column)]
        return sorted(found, key=lambda use: (use.column != column, not use.counted))

    @property
    def engaged(self) -> int:
        """Counted incidents in which it is known to have fired or been tried: all but not engaged and unknown."""
        return _counted(use for use in self.uses if use.column not in ("not_engaged", "unknown"))

    @property
    def incidents(self) -> int:
        """Counted incidents."""
        return _counted(self.uses)

    @property
    def count_disputes(self) -> int:
        """Counted incidents in which the number of the system is disputed."""
        return _counted(use for use in self.uses if use.count_disputed)


def ledger(connection: sqlite3.Connection, among: Iterable[int] | None = None) -> list[System]:
    """The ledger over all incidents, or over some in the order given; systems of most incidents first."""
    order = None if among is None else {incident_id: at for at, incident_id in enumerate(among)}
    names = {
        system_id: (key, name, system_class)
        for system_id, key, name, system_class in connection.execute("SELECT id, key, name, class FROM system")
    }
    by_key = {key: system_id for system_id, (key, *_) in names.items()}
    picked = _picked(connection, order)
    told = _told(connection, order, {(use[0], use[1]) for use in picked}, by_key, names)
    listed = {(incident_id, system_id) for incident_id, system_id, *_ in picked}
    rows = [*picked, *((i, s, None, Span()) for i, s in sorted(told.keys() - listed))]
    incidents = _incidents(connection, {row[0] for row in rows})
    quotes = _quotes(connection, set(incidents))
    uses: dict[int, list[Use]] = defaultdict(list)
    for incident_id, system_id, outcome, count in rows:
        if incident_id in incidents and system_id in names:
            claims = told.get((incident_id, system_id), [])
            use = _use(*incidents[incident_id], outcome, count, claims, quotes[incident_id])
            uses[system_id].append(use)
    place = order or {}
    found = [
        System(system_id, *names[system_id], tuple(sorted(own, key=lambda u: place.get(u.incident_id, u.incident_id))))
        for system_id, own in uses.items()
    ]
    return sorted(found, key=lambda system: (-system.incidents, system.name, system.key))


_Picked = tuple[int, int, str | None, Span]


def _picked(connection: sqlite3.Connection, order: dict[int, int] | None) -> list[_Picked]:
    roles = ",".join(f"'{role}'" for role in DEFENCES)
    return [
        (incident_id, system_id, outcome, Span(*count))
        for incident_id, system_id, outcome, *count in connection.execute(
            "SELECT incident_id, system_id, outcome, count_low, count_best, count_high FROM incident_system"
            f" WHERE role IN ({roles}) ORDER BY id"
        )
        if order is None or incident_id in order
    ]


def _told(
    connection: sqlite3.Connection,
    order: dict[int, int] | None,
    picked: set[tuple[int, int]],
    by_key: dict[str, int],
    names: dict[int, tuple[str, str, str | None]],
) -> dict[tuple[int, int], list[Told]]:
    """(incident, system) → its claims of outcome and number, for systems that are there as a defence or are one."""
    found: dict[tuple[int, int], list[Told]] = defaultdict(list)
    for incident_id, name, value, polarity, rank, quote_id, speaker in connection.execute(
        "SELECT c.incident_id, c.field, c.value, c.polarity, c.rank, c.quote_id,"
        f" {ROOT}"
        " FROM claim AS c LEFT JOIN quote AS q ON q.id = c.quote_id LEFT JOIN document AS d ON d.id = q.document_id"
        " WHERE substr(c.field, 1, 8) = 'outcome:' OR substr(c.field, 1, 6) = 'count:' ORDER BY c.id"
    ):
        system_id = by_key.get(name.partition(":")[2])
        if system_id is None or (order is not None and incident_id not in order):
            continue
        if (incident_id, system_id) in picked or names[system_id][2] in CLASSES:
            found[incident_id, system_id].append(Told(name, value, polarity, rank, speaker, quote_id))
    return found


def _incidents(connection: sqlite3.Connection, ids: set[int]) -> dict[int, tuple[int, str, str, bool]]:
    found = {}
    for incident_id, key, title, kind in _among(connection, "SELECT id, key, title, kind FROM incident WHERE id", ids):
        found[incident_id] = (incident_id, key, title, kind == "incident")
    return found


class _Quotes(NamedTuple):
    """The quotes of an incident in their order, and the place of each by its id."""

    words: tuple[Words, ...]
    places: dict[int, int]


def _quotes(connection: sqlite3.Connection, ids: set[int]) -> dict[int, _Quotes]:
    found: dict[int, list[Words]] = {incident_id: [] for incident_id in ids}
    for incident_id, *quote in _among(
        connection,
        "SELECT q.incident_id, q.id, q.exact, d.key,"
        f" {ROOT}"
        " FROM quote AS q JOIN document AS d ON d.id = q.document_id WHERE q.incident_id",
        ids,
        ' ORDER BY d.published_edtf, d.id, q."start", q.id',
    ):
        found[incident_id].append(Words(*quote))
    return {
        incident_id: _Quotes(tuple(own), {words.quote_id: at for at, words in enumerate(own)})
        for incident_id, own in found.items()
    }


def _among(connection: sqlite3.Connection, sql: str, ids: set[int], rest: str = "") -> Iterable[tuple[Any, ...]]:
    wanted = sorted(ids)
    for first in range(0, len(wanted), 500):
        yield from connection.execute(f"{sql} IN ({','.join(map(str, map(int, wanted[first : first + 500])))}){rest}")


def _use(
    incident_id: int, key: str, title: str, counted: bool, outcome: str | None, count: Span, told: list[Told],
    quotes: _Quotes,
) -> Use:  # fmt: skip
    behind = sorted({quotes.places[claim.quote_id] for claim in told if claim.quote_id in quotes.places})
    own = tuple(quotes.words[at] for at in behind)
    return Use(
        incident_id, key, title, counted, outcome, count, tuple(told), own or quotes.words, bool(own),
        _count_disputed(count, told),
    )  # fmt: skip


def _count_disputed(count: Span, told: list[Told]) -> bool:
    said = [
        Said(claim.field, claim.value, claim.polarity, claim.rank)
        for claim in told
        if claim.field.startswith("count:") and claim.rank != "deprecated" and claim.polarity != "declines"
    ]
    if said and count.best is not None:
        said.append(Said(said[0].field, str(count.best), "asserts", "preferred"))
    return bool(disputed_fields(said, Unrelated()))
