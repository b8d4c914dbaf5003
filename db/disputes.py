"""Which fields of an incident are disputed: where two claims cannot both be true."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

from db import dates
from db.contradiction import apart, fits, meet
from db.errors import DateError
from db.fields import fold

SINGLE_VALUED = frozenset({"date", "place", "weapon", "attacker", "killed", "injured", "event_type"})
"""Fields of which only one value can be true; "outcome:KEY" and "count:KEY" are so too, each for its system."""

KEY_FIELDS = {"place": "place", "weapon": "system", "attacker": "actor", "target": "actor"}
"""Fields of a claim whose value is a key, and of which table; "outcome:KEY" and "count:KEY" name a system."""

PAIRED = 40
"""So many different claims on one field are compared in pairs, more are not."""

STEPS = 20
"""How far `part_of` is followed."""


class Said(NamedTuple):
    """The part of a claim that decides whether it can stand beside another."""

    field: str
    value: str | None
    polarity: str
    rank: str


Related = Callable[[str, str], bool]
"""Whether two keys name things of which one is part of the other, so that naming both is no contradiction."""


def disputed_fields(claims: Iterable[Said], related: Kinship) -> tuple[str, ...]:
    """The disputed fields of one incident's claims, sorted; "outcome:KEY" counts as outcome.

    Deprecated claims and those that decline to say take no side.
    """
    by_field: dict[str, list[Said]] = defaultdict(list)
    for claim in claims:
        if claim.rank != "deprecated" and claim.polarity != "declines":
            by_field[claim.field].append(claim)
    return tuple(sorted({base(name) for name, said in by_field.items() if _any_rivals(said, related)}))


def base(field: str) -> str:
    """The field without its system: "outcome:c-ram" is a claim of outcome."""
    return field.partition(":")[0]


def named(field: object, value: object) -> Iterator[tuple[str, str]]:
    """(table, key) of what a claim names by its value, and by the system of its field."""
    kind, _, system = str(field).partition(":")
    if kind in KEY_FIELDS and value is not None:
        yield KEY_FIELDS[kind], str(value)
    if system:
        yield "system", system


def rivals(a: Said, b: Said, related: Related) -> bool:
    """Whether two claims of the same field cannot both be true."""
    if a.polarity != b.polarity:
        return a.value is None or b.value is None or _same(a, b, related)
    if a.polarity == "denies" or a.value is None or b.value is None:
        return False
    return _single(a.field) and not _same(a, b, related)


def _single(field: str) -> bool:
    return base(field) in SINGLE_VALUED or ":" in field


class Relation(NamedTuple):
    """Of one of several claims of a field: the places of those that say the same, and of those that cannot be true."""

    agrees: list[int]
    rivals: list[int]


def relations(said: Sequence[Said], related: Kinship) -> list[Relation]:
    """What `agree` and `rivals` tell of each two claims of one field, the same one among them; in order of place."""
    if not said:
        return []
    same = fits([claim.value for claim in said], related.line, dated=base(said[0].field) == "date")
    sides: dict[str, set[int]] = defaultdict(set)
    for at, claim in enumerate(said):
        sides[claim.polarity].add(at)
    unsaid = {at for at, claim in enumerate(said) if claim.value is None}
    found = []
    for claim, alike in zip(said, same, strict=True):
        own = sides[claim.polarity]
        against = set(range(len(said))) - own
        rival = against if claim.value is None else against & (alike | unsaid)
        if claim.value is not None and claim.polarity != "denies" and _single(claim.field):
            rival = rival | (own - unsaid - alike)
        agreed = alike & own if claim.polarity != "declines" else set()
        found.append(Relation(sorted(agreed), sorted(rival)))
    return found


def agree(a: Said, b: Said, related: Related) -> bool:
    """Whether two claims of the same field say the same: both assert it or both deny it, in values that fit."""
    if a.polarity != b.polarity or a.polarity == "declines" or a.value is None or b.value is None:
        return False
    return _same(a, b, related)


def _same(a: Said, b: Said, related: Related) -> bool:
    assert a.value is not None
    assert b.value is not None
    if base(a.field) == "date":
        return _overlap(a.value, b.value)
    return fold(a.value) == fold(b.value) or related(a.value, b.value)


def _overlap(a: str, b: str) -> bool:
    """Whether two dates can be of one day; of what is no date, whether the two are the same words."""
    try:
        x, y = dates.parse(a), dates.parse(b)
    except DateError:
        return fold(a) == fold(b)
    return not (
        (x.latest is not None and y.earliest is not None and x.latest < y.earliest)
        or (y.latest is not None and x.earliest is not None and y.latest < x.earliest)
    )


def _any_rivals(said: list[Said], related: Kinship) -> bool:
    """Whether any two claims on one field are rivals; see `rivals`."""
    distinct = list(dict.fromkeys(said))
    if len(distinct) <= PAIRED:
        return any(rivals(a, b, related) for i, a in enumerate(distinct) for b in distinct[i + 1 :])
    asserted, denied = (
        list(dict.fromkeys(claim.value for claim in distinct if claim.polarity == polarity))
        for polarity in ("asserts", "denies")
    )
    field = distinct[0].field
    dated = base(field) == "date"
    values, against = ([value for value in side if value is not None] for side in (asserted, denied))
    if asserted and denied and (None in asserted or None in denied or meet(values, against, related.line, dated=dated)):
        return True
    return _single(field) and apart(values, related.line, dated=dated)


class Kinship:
    """Answers `related` from the store's part_of columns, remembering what it has looked up."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._lines: dict[str, frozenset[str]] = {}

    def __call__(self, a: str, b: str) -> bool:
        """Whether one key is part of the other, over some steps, among systems, places and actors."""
        return a in self.line(b) or b in self.line(a)

    def line(self, key: str) -> frozenset[str]:
        """A key and the keys of what it is part of, over `STEPS` steps; empty for what is no key."""
        if key not in self._lines:
            found: set[str] = set()
            for table in ("system", "place", "actor"):
                # A hand-made store may hold a circle, or a chain without end.
                rows = self._connection.execute(
                    f"WITH RECURSIVE up (id, step) AS (SELECT id, 0 FROM {table} WHERE key = ? UNION"
                    f" SELECT t.part_of, step + 1 FROM {table} AS t JOIN up ON t.id = up.id"
                    f" WHERE t.part_of IS NOT NULL AND step < {STEPS})"
                    f" SELECT key FROM {table} WHERE id IN (SELECT id FROM up)",
                    (key,),
                )
                found.update(row[0] for row in rows)
            self._lines[key] = frozenset(found)
        return self._lines[key]


class Unrelated(Kinship):
    """No key is part of another: for values that are none."""

    def __init__(self) -> None:
        return

    def line(self, key: str) -> frozenset[str]:
        return frozenset()


def disputed_incidents(
    connection: sqlite3.Connection, among: Iterable[int] | None = None
) -> dict[int, tuple[str, ...]]:
    """Incident id → its disputed fields, for those that have any; all incidents, or only `among`."""
    # Only incidents with two claims on one field can have a dispute: few, even in a large store.
    pick = "SELECT incident_id FROM claim GROUP BY incident_id, field HAVING count(*) > 1"
    if among is not None:
        ids = ",".join(str(int(i)) for i in among)
        pick = pick.replace("GROUP BY", f"WHERE incident_id IN ({ids}) GROUP BY")
    claims: dict[int, list[Said]] = defaultdict(list)
    for incident_id, *said in connection.execute(
        f"SELECT incident_id, field, value, polarity, rank FROM claim WHERE incident_id IN ({pick})"
    ):
        claims[incident_id].append(Said(*said))
    related = Kinship(connection)
    found = {incident_id: disputed_fields(said, related) for incident_id, said in claims.items()}
    return {incident_id: fields for incident_id, fields in found.items() if fields}
