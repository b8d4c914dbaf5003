"""What a pair of likely doubles was weighed by, to see whether that is still so."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass

from db.doubles import READ_AT_ONCE, TEXT_LENGTH, Pair, actors_and_quotes


@dataclass(frozen=True, slots=True)
class Weighed:
    """One incident at one moment; what is equal `by` weighs the same."""

    key: str
    title: str
    by: tuple[object, ...]


def weighed(connection: sqlite3.Connection, pairs: Iterable[Pair]) -> dict[int, Weighed]:
    """Number → what there is of each incident of some pairs; those that are gone are left out.

    Another incident may have got the number of one that is gone: its key tells.
    """
    ids = sorted({side.id for pair in pairs for side in (pair.first, pair.second)})
    found: dict[int, Weighed] = {}
    for start in range(0, len(ids), READ_AT_ONCE):
        marks = ",".join(map(str, map(int, ids[start : start + READ_AT_ONCE])))
        actors, quotes = actors_and_quotes(connection, marks)
        for incident_id, key, title, summary, *rest in connection.execute(
            "SELECT i.id, i.key, i.title, i.summary, i.kind, i.date_earliest, i.date_latest, i.killed_low,"
            " i.killed_best, i.killed_high, i.injured_low, i.injured_best, i.injured_high, i.place_id, p.name,"
            " p.country_code, p.latitude, p.longitude, p.where_prec, p.radius_m FROM incident AS i"
            f" LEFT JOIN place AS p ON p.id = i.place_id WHERE i.id IN ({marks})"
        ):
            text = " ".join([title, summary or "", *quotes[incident_id]])[:TEXT_LENGTH]
            found[incident_id] = Weighed(key, title, (text, frozenset(actors[incident_id]), *rest))
    return found
