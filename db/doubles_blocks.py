"""Which incidents could be the same at all: pairs near in time and place, found by cells of both, never all by all.

An incident stands in the buckets of days that its interval touches and in a cell of its place; only those that share a
bucket and stand in the same or in neighbouring cells are compared.  What has no point is compared by its country, and
without a country by the place's own row and by its actors.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from db import dates
from db.errors import DateError
from db.near import EARTH_M, slack_m

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

BUCKET_DAYS = 8
NEAR_CELL, WIDE_CELL, VAGUE_CELL = 0.5, 3.0, 20.0
"""Degrees of latitude that a cell has, and as many kilometres from west to east, at least."""

LONGEST_DAYS = 92
"""An interval longer than this says too little of when: such incidents are not compared."""

LEAST_LIMIT_M = 10_000.0
"""Two exact points as far apart as this may still be one place, metres: data sets differ in where they put a town."""

NEAR_M, WIDE_M, VAGUE_M = 26_000.0, 160_000.0, 1_050_000.0
"""Up to this slack a place is compared in near cells, then in wide ones, metres: twice it fits in a cell.

What is less exact than all three is compared with all of its days, and what has no point by its country.
"""

UNKNOWN = 0.4
"""What a part of a score counts of which nothing is known."""

CHUNK = 1_000_000
"""Pairs that are looked at together."""

BEST_KEPT = 8
"""For each incident so many candidates are looked at closely: the best by time, place, numbers and actors."""

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


@dataclass(frozen=True, slots=True)
class Candidates:
    """Pairs of rows of a field, with what the first look gave: scores from 0 to 1, NaN where nothing is known."""

    a: Ints
    b: Ints
    when: Floats
    where: Floats
    metres: Floats


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


def candidates(field: Field, *, within: bool) -> Candidates:
    """The pairs worth a close look, each once with a < b; those of one data set only where `within` asks for them."""
    found = [_looked_at(field, a, b) for a, b in _pairs(field, within)]
    parts = [np.concatenate([getattr(part, name) for part in found]) if found else np.empty(0) for name in _COLUMNS]
    a, b = parts[0].astype(np.int64), parts[1].astype(np.int64)
    _, once = np.unique(a * len(field.ids) + b, return_index=True)
    return _pruned(field, Candidates(a[once], b[once], parts[2][once], parts[3][once], parts[4][once]))


_COLUMNS = ("a", "b", "when", "where", "metres")


def _pairs(field: Field, within: bool) -> Iterator[tuple[Ints, Ints]]:
    """Chunks of pairs that share a bucket of days and a cell, a country, a place or an actor."""
    slack = field.slack
    pointed = np.flatnonzero(np.isfinite(slack))
    near = pointed[slack[pointed] <= NEAR_M]
    # Of the eight neighbours four are enough: the other four are the same pairs from the other side.
    half = ((0, 0), (0, 1), (1, -1), (1, 0), (1, 1))
    yield from _neighbours(field, near, near, NEAR_CELL, half, within)
    around = tuple((up, right) for up in (-1, 0, 1) for right in (-1, 0, 1))
    for cell, more, most in ((WIDE_CELL, NEAR_M, WIDE_M), (VAGUE_CELL, WIDE_M, VAGUE_M)):
        reached = pointed[slack[pointed] <= most]
        yield from _neighbours(field, reached[slack[reached] > more], reached, cell, around, within)
    beyond = pointed[slack[pointed] > VAGUE_M]
    yield from _alike_in(field, beyond, np.zeros_like(beyond), pointed, np.zeros_like(field.ids), within)
    with_country = field.country != NOBODY
    pointless = np.flatnonzero(~np.isfinite(slack) & with_country)
    yield from _alike_in(
        field, pointless, field.country[pointless], np.flatnonzero(with_country), field.country, within
    )
    placeless = np.flatnonzero(~np.isfinite(slack) & ~with_country)
    named = placeless[field.place[placeless] != NOBODY]
    yield from _alike_in(field, named, field.place[named], np.flatnonzero(field.place != NOBODY), field.place, within)
    for mine in range(ACTORS_SEEN):
        a = placeless[field.actors[placeless, mine] != NOBODY]
        for theirs in range(ACTORS_SEEN):
            b = np.flatnonzero(field.actors[:, theirs] != NOBODY)
            yield from _alike_in(field, a, field.actors[a, mine], b, field.actors[:, theirs], within)


def _neighbours(
    field: Field, a: Ints, b: Ints, cell: float, steps: tuple[tuple[int, int], ...], within: bool
) -> Iterator[tuple[Ints, Ints]]:
    """Pairs of `a` and `b` in cells that are `steps` (up, right) apart."""
    a, buckets_a = _bucketed(field, a)
    b, buckets_b = _bucketed(field, b)
    band_a = np.floor(field.latitude[a] / cell).astype(np.int64)
    band_b = np.floor(field.latitude[b] / cell).astype(np.int64)
    keys_b = _key(buckets_b, band_b, _east(field.longitude[b], band_b, cell)[0])
    for up, right in steps:
        column, columns = _east(field.longitude[a], band_a + up, cell)
        keys_a = _key(buckets_a, band_a + up, (column + right) % columns)
        yield from _joined(field, (a, keys_a, buckets_a), (b, keys_b), within)


def _east(longitude: Floats, band: Ints, cell: float) -> tuple[Ints, Ints]:
    """The column of a longitude in a band of latitude, and how many columns go round the Earth there.

    A column is as wide in kilometres as a band is high, measured where the band is narrowest.
    """
    edge = np.maximum(np.abs(band), np.abs(band + 1)) * cell
    columns = np.maximum(1, np.floor(360 * np.cos(np.radians(np.minimum(edge, 90))) / cell)).astype(np.int64)
    column: Ints = np.floor(((longitude + 360) % 360) * columns / 360).astype(np.int64)
    return np.minimum(column, columns - 1), columns


def _alike_in(field: Field, a: Ints, codes: Ints, b: Ints, column: Ints, within: bool) -> Iterator[tuple[Ints, Ints]]:
    """Pairs of `a`, with these codes, and those of `b` that have the same in a column."""
    if not len(a) or not len(b):
        return
    rows_a, buckets_a = _bucketed(field, np.arange(len(a)), a)
    rows_b, buckets_b = _bucketed(field, b)
    keys_a = _key(buckets_a, codes[rows_a], np.zeros_like(rows_a))
    keys_b = _key(buckets_b, column[rows_b], np.zeros_like(rows_b))
    yield from _joined(field, (a[rows_a], keys_a, buckets_a), (rows_b, keys_b), within)


def _bucketed(field: Field, rows: Ints, of: Ints | None = None) -> tuple[Ints, Ints]:
    """Each row once for each bucket that its days and the day after them touch, and those buckets.

    `of` gives the rows of the field whose days they are, where `rows` are numbers of something else.
    """
    dated = rows if of is None else of
    begin = field.first[dated] // BUCKET_DAYS
    count = (field.last[dated] + 1) // BUCKET_DAYS - begin + 1
    again = np.repeat(np.arange(len(rows)), count)
    step = np.arange(len(again)) - np.repeat(np.cumsum(count) - count, count)
    return rows[again], begin[again] + step


def _key(buckets: Ints, one: Ints, other: Ints) -> Ints:
    """One number for a bucket and two codes; where two fall on the same one, the look at the pair tells them apart."""
    return (buckets * 1_000_003 + one) * 1_009 + other


def _joined(
    field: Field, one: tuple[Ints, Ints, Ints], other: tuple[Ints, Ints], within: bool
) -> Iterator[tuple[Ints, Ints]]:
    """Pairs (lower row, higher row) of the same key; what is of one data set stays apart unless `within`.

    `one` are rows, their keys and the buckets of these; `other` are rows and keys.
    """
    a, keys_a, buckets = one
    b, keys_b = other
    for origin in np.unique(field.origin[a]):
        mine = field.origin[a] == origin
        # What nobody imported has no ids that would tell its rows apart.
        theirs = np.ones(len(b), bool) if within or origin == NOBODY else field.origin[b] != origin
        yield from _join(field.first, a[mine], keys_a[mine], buckets[mine], b[theirs], keys_b[theirs])


def _join(first: Ints, a: Ints, keys_a: Ints, buckets: Ints, b: Ints, keys_b: Ints) -> Iterator[tuple[Ints, Ints]]:
    order = np.argsort(keys_b, kind="stable")
    b, keys_b = b[order], keys_b[order]
    low = np.searchsorted(keys_b, keys_a, side="left")
    count = np.searchsorted(keys_b, keys_a, side="right") - low
    ends = np.cumsum(count)
    start = 0
    while start < len(a):
        before = ends[start - 1] if start else 0
        stop = max(start + 1, int(np.searchsorted(ends, before + CHUNK, side="right")))
        here = count[start:stop]
        left = np.repeat(np.arange(start, stop), here)
        step = np.arange(len(left)) - np.repeat(np.cumsum(here) - here, here)
        one, other = a[left], b[low[left] + step]
        # Of all buckets that two share only the first, where the later of them begins: with months they share several.
        fits = (one != other) & (np.maximum(first[one], first[other]) // BUCKET_DAYS == buckets[left])
        one, other = one[fits], other[fits]
        yield np.minimum(one, other), np.maximum(one, other)
        start = stop


def _looked_at(field: Field, a: Ints, b: Ints) -> Candidates:
    """Of a chunk of pairs those that time and place allow, and of these the best of each incident."""
    when = when_score(field.first[a], field.last[a], field.first[b], field.last[b])
    fits = when > 0
    a, b, when = a[fits], b[fits], when[fits]
    metres = distance_m(field.latitude[a], field.longitude[a], field.latitude[b], field.longitude[b])
    where = where_score(field, a, b, metres)
    fits = ~(where == 0)
    a, b, when, where, metres = a[fits], b[fits], when[fits], where[fits], metres[fits]
    _, once = np.unique(a * len(field.ids) + b, return_index=True)
    a, b, when, where, metres = a[once], b[once], when[once], where[once], metres[once]
    return _pruned(field, Candidates(a, b, when, where, metres))


def _pruned(field: Field, found: Candidates) -> Candidates:
    """Those that a quick score has among the best of either of their incidents."""
    a, b = found.a, found.b
    known = found.when + np.nan_to_num(found.where, nan=UNKNOWN) + _shared(field, a, b)
    quick = known + 0.5 * _alike(field.killed[a], field.killed[b])
    kept = _best(a, quick) | _best(b, quick)
    return Candidates(*(getattr(found, name)[kept] for name in _COLUMNS))


def _best(rows: Ints, score: Floats) -> NDArray[np.bool_]:
    """Which pairs are among the BEST_KEPT of their row."""
    order = np.lexsort((-score, rows))
    ordered = rows[order]
    rank = np.arange(len(rows)) - np.searchsorted(ordered, ordered, side="left")
    kept = np.zeros(len(rows), bool)
    kept[order] = rank < BEST_KEPT
    return kept


def _shared(field: Field, a: Ints, b: Ints) -> Floats:
    """Which part of the actors seen both have."""
    mine, theirs = field.actors[a], field.actors[b]
    both = ((mine[:, :, None] == theirs[:, None, :]) & (mine[:, :, None] != NOBODY)).any(axis=2).sum(axis=1)
    most = np.maximum((mine != NOBODY).sum(axis=1), (theirs != NOBODY).sum(axis=1))
    return np.where(most > 0, both / np.maximum(most, 1), UNKNOWN)


def _alike(a: Floats, b: Floats) -> Floats:
    largest = np.maximum(np.maximum(a, b), 1)
    return np.nan_to_num(1 - np.abs(a - b) / largest, nan=UNKNOWN)


def when_score(first_a: Ints, last_a: Ints, first_b: Ints, last_b: Ints) -> Floats:
    """1 for the same days, less the more one says that the other leaves open, 0.3 a day apart, 0 further apart."""
    shared = np.minimum(last_a, last_b) - np.maximum(first_a, first_b) + 1
    union = np.maximum(last_a, last_b) - np.minimum(first_a, first_b) + 1
    return np.where(shared > 0, 0.4 + 0.6 * shared / union, np.where(shared == 0, 0.3, 0.0))


def distance_m(lat_a: Floats, lon_a: Floats, lat_b: Floats, lon_b: Floats) -> Floats:
    """Metres between points in degrees on a sphere (haversine); NaN where a point is unknown."""
    phi_a, phi_b = np.radians(lat_a), np.radians(lat_b)
    half_lambda = np.radians(lon_b - lon_a) / 2
    h = np.sin((phi_b - phi_a) / 2) ** 2 + np.cos(phi_a) * np.cos(phi_b) * np.sin(half_lambda) ** 2
    found: Floats = 2 * EARTH_M * np.arcsin(np.sqrt(np.minimum(h, 1)))
    return found


def where_score(field: Field, a: Ints, b: Ints, metres: Floats) -> Floats:
    """1 for the same point, less with distance and with how vague both are; 0 where both cannot be; NaN unknown.

    A pair of which one has no point is known by its country alone.
    """
    slack = field.slack[a] + field.slack[b]
    limit = np.maximum(slack, LEAST_LIMIT_M)
    vague = np.where(slack <= 60_000, 1.0, np.where(slack <= 400_000, 0.6, 0.3))
    score = np.where(metres <= limit, (1 - 0.7 * metres / limit) * vague, 0.0)
    pointless = np.isnan(metres)
    placed = (field.country[a] != NOBODY) & (field.country[b] != NOBODY)
    same = np.where(field.country[a] == field.country[b], 0.3, 0.0)
    score = np.where(pointless, np.where(placed, same, np.nan), score)
    named = (field.place[a] == field.place[b]) & (field.place[a] != NOBODY) & pointless
    return np.where(named, 0.5, score)
