"""The names that a query may use for the places, actors and systems of a store, read the slow way."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

SLACK_KM = {1: 1.0, 2: 25.0, 3: 50.0, 4: 150.0, 5: 150.0, 6: 1000.0, 7: 1000.0}
"""How far a place without a radius may be from its point, by UCDP where_prec, as the program promises it."""


@dataclass(frozen=True)
class PlaceFacts:
    """A place, and those that it is part of."""

    key: str
    name: str
    kind: str | None
    point: tuple[float, float] | None
    slack_km: float
    above: frozenset[str]
    """Names of itself and of everything that it is part of."""


class Names:
    """Reads the columns that JSON does not carry."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        def pairs(sql: str) -> list[Any]:
            return connection.execute(sql).fetchall()

        self.places: dict[tuple[object, ...], PlaceFacts] = {}
        ups = _above(pairs("SELECT id, part_of FROM place"))
        names = dict(pairs("SELECT id, name FROM place"))
        for row, key, name, kind, code, lat, lon, prec, radius in pairs(
            "SELECT id, key, name, kind, country_code, latitude, longitude, where_prec, radius_m FROM place"
        ):
            slack = radius / 1000 if radius is not None else SLACK_KM[prec or 1]
            point = None if lat is None else (lat, lon)
            known = name, code, lat, lon, prec
            assert known not in self.places, f"JSON cannot tell these places apart: {known}"
            self.places[known] = PlaceFacts(key, name, kind, point, slack, frozenset(names[i] for i in ups[row]))
        ups = _above(pairs("SELECT id, part_of FROM system"))
        names = dict(pairs("SELECT id, name FROM system"))
        self.system_above: dict[str, set[str]] = defaultdict(set)
        for row, name in names.items():
            self.system_above[name] |= {names[i] for i in ups[row]}
        actors = _grouped(
            pairs(
                "SELECT name, key FROM actor UNION ALL"
                " SELECT name, alias FROM actor_alias AS l JOIN actor AS a ON a.id = l.actor_id"
            )
        )
        systems = _grouped(pairs("SELECT name, key FROM system"))
        self.countries = dict(pairs("SELECT code, name FROM country"))
        self.documents = {
            key: (title or key, publisher, reliability)
            for key, title, publisher, reliability in pairs("SELECT key, title, publisher, reliability FROM document")
        }
        self.forms: dict[str, Mapping[str, Iterable[str]]] = {
            "country": {name: [code] for code, name in self.countries.items()},
            "place": _grouped([(p.name, p.key) for p in self.places.values()]),
            "document": _grouped([(title, key) for key, (title, _, _) in self.documents.items()]),
            **dict.fromkeys(("actor", "attacker", "target", "claimant", "speaker"), actors),
            **dict.fromkeys(("weapon", "system"), systems),
        }
        """Facet → value → the other names that it answers to."""
        self.translations = _grouped(
            pairs(
                "SELECT i.key, q.translation FROM quote AS q JOIN incident AS i ON i.id = q.incident_id"
                " WHERE q.translation IS NOT NULL"
            )
        )
        self.noted = {row[0] for row in pairs("SELECT key FROM incident WHERE id IN (SELECT incident_id FROM note)")}


def _above(part_of: list[tuple[int, int | None]]) -> dict[int, set[int]]:
    """Each id → itself and all that it is part of; a circle ends where it began."""
    up = dict(part_of)
    found: dict[int, set[int]] = {}
    for row in up:
        line: set[int] = set()
        at: int | None = row
        while at is not None and at not in line:
            line.add(at)
            at = up[at]
        found[row] = line
    return found


def _grouped(pairs: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for name, value in pairs:
        found[name].append(value)
    return dict(found)
