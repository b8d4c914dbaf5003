"""The incidents that can be compared with others, as columns: their days, points, data sets and actors."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from db import dates
from db.errors import DateError
from db.near import slack_m

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

LONGEST_DAYS = 92
"""An interval longer than this says too little of when: such incidents are not compared."""

ACTORS_SEEN = 4
"""Actors of an incident that the first look compares."""

NOBODY = -1


@dataclass(frozen=True, slots=True)
class Field:
    """All incidents that can be compared, as columns; n rows.  Unknown numbers are NaN, unknown codes NOBODY."""

    ids: Ints
    first: Ints
    last: Ints
    """Days of the interval, both inclusive."""
    latitude: Floats
    longitude: Floats
    slack: Floats
    """How far the place may be from its point, metres."""
    place: Ints
    country: Ints
    origin: Ints
    """Code of the data set; NOBODY for what was not imported."""
    killed: Floats
    actors: Ints
    """n × ACTORS_SEEN ids."""
    undated: int
    """Incidents without a first and last day."""
    vague: int
    """Incidents whose interval is longer than LONGEST_DAYS."""

    @property
    def nowhere(self) -> int:
        """Incidents of the field that nothing is compared with: neither a place nor an actor of theirs is known."""
        return int(np.count_nonzero((self.place == NOBODY) & (self.actors == NOBODY).all(axis=1)))


def read_field(connection: sqlite3.Connection) -> Field:
    """The columns of every incident (aggregates and context are none) with an interval short enough to compare."""
    countries: dict[str, int] = {}
    origins: dict[str, int] = {}
    rows = []
    undated = vague = 0
    for (
        row_id,
        earliest,
        latest,
        place,
        country,
        latitude,
        longitude,
        prec,
        radius,
        origin,
        killed,
    ) in connection.execute(
        "SELECT i.id, i.date_earliest, i.date_latest, i.place_id, p.country_code, p.latitude, p.longitude,"
        " p.where_prec, p.radius_m, i.origin, coalesce(i.killed_best, i.killed_low, i.killed_high) FROM incident AS i"
        " LEFT JOIN place AS p ON p.id = i.place_id WHERE i.kind = 'incident' ORDER BY i.id"
    ):
        if earliest is None or latest is None:
            undated += 1
            continue
        try:
            first, last = dates.day_of_iso(earliest), dates.day_of_iso(latest)
        except DateError:
            undated += 1  # `verify` names it
            continue
        if last < first:
            undated += 1  # this too
            continue
        if last - first >= LONGEST_DAYS:
            vague += 1
            continue
        known = latitude is not None and longitude is not None
        rows.append((
            row_id, first, last,
            latitude if known else np.nan, longitude if known else np.nan, slack_m(prec, radius) if known else np.nan,
            NOBODY if place is None else place,
            NOBODY if country is None else countries.setdefault(country, len(countries)),
            NOBODY if origin is None else origins.setdefault(origin, len(origins)),
            np.nan if killed is None else killed,
        ))  # fmt: skip
    columns = list(zip(*rows, strict=True)) if rows else [()] * 10
    ids = np.array(columns[0], dtype=np.int64)
    whole = [np.array(columns[at], dtype=np.int64) for at in (1, 2, 6, 7, 8)]
    real = [np.array(columns[at], dtype=np.float64) for at in (3, 4, 5, 9)]
    return Field(
        ids, whole[0], whole[1], real[0], real[1], real[2], whole[2], whole[3], whole[4], real[3],
        _actors(connection, ids), undated, vague,
    )  # fmt: skip


def _actors(connection: sqlite3.Connection, ids: Ints) -> Ints:
    """n × ACTORS_SEEN actor ids; a further one of an incident is left to the close look."""
    found = np.full((len(ids), ACTORS_SEEN), NOBODY, dtype=np.int64)
    links = np.array(
        connection.execute("SELECT incident_id, actor_id FROM incident_actor ORDER BY incident_id, id").fetchall(),
        dtype=np.int64,
    ).reshape(-1, 2)
    if not len(ids) or not len(links):
        return found
    at = np.searchsorted(ids, links[:, 0])
    known = (at < len(ids)) & (ids[np.minimum(at, len(ids) - 1)] == links[:, 0])
    at, who = at[known], links[known, 1]
    # The place of each actor within its incident: its distance from the incident's first.
    begins = np.searchsorted(at, at, side="left")
    slot = np.arange(len(at)) - begins
    kept = slot < ACTORS_SEEN
    found[at[kept], slot[kept]] = who[kept]
    return found
