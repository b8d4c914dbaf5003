"""Which incidents could be the same at all: pairs near in time and place, found by cells of both, never all by all.

An incident stands in the buckets of days that its interval touches and in a cell of its place; only those that share a
bucket and stand in the same or in neighbouring cells are compared.  What has no point is compared by its country, and
without a country by the place's own row and by its actors.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from db.doubles_field import ACTORS_SEEN, NOBODY, Field, Floats, Ints
from db.near import EARTH_M

BUCKET_DAYS = 8
NEAR_CELL, WIDE_CELL, VAGUE_CELL = 0.5, 3.0, 20.0
"""Degrees of latitude that a cell has, and as many kilometres from west to east, at least."""

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


@dataclass(frozen=True, slots=True)
class Candidates:
    """Pairs of rows of a field, with what the first look gave: scores from 0 to 1, NaN where nothing is known."""

    a: Ints
    b: Ints
    when: Floats
    where: Floats
    metres: Floats


def candidates(field: Field, *, within: bool) -> Candidates:
    """The pairs worth a close look, each once with a < b; those of one data set only where `within` asks for them."""
    found = [_looked_at(field, np.minimum(a, b), np.maximum(a, b)) for a, b in _pairs(field, within)]
    parts = [np.concatenate([getattr(part, name) for part in found]) if found else np.empty(0) for name in _COLUMNS]
    a, b = parts[0].astype(np.int64), parts[1].astype(np.int64)
    _, once = np.unique(a * len(field.ids) + b, return_index=True)
    return _pruned(field, Candidates(a[once], b[once], parts[2][once], parts[3][once], parts[4][once]))


_COLUMNS = ("a", "b", "when", "where", "metres")


def _pairs(field: Field, within: bool) -> Iterator[tuple[Ints, Ints]]:
    """Chunks of pairs that share a bucket of days and a cell, a country, a place or an actor; few come twice."""
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
    nothing = np.zeros_like(field.ids)
    yield from _alike_in(field, beyond, nothing[beyond], pointed, nothing, _marked(field, beyond), within)
    with_country = field.country != NOBODY
    pointless = np.flatnonzero(~np.isfinite(slack) & with_country)
    country, placed = field.country, np.flatnonzero(with_country)
    yield from _alike_in(field, pointless, country[pointless], placed, country, _marked(field, pointless), within)
    placeless = np.flatnonzero(~np.isfinite(slack) & ~with_country)
    named = placeless[field.place[placeless] != NOBODY]
    place, placed = field.place, np.flatnonzero(field.place != NOBODY)
    yield from _alike_in(field, named, place[named], placed, place, _marked(field, named), within)
    twice = _marked(field, placeless)
    for mine in range(ACTORS_SEEN):
        actor = field.actors[:, mine]
        a = placeless[actor[placeless] != NOBODY]
        for theirs in range(ACTORS_SEEN):
            others = field.actors[:, theirs]
            b = np.flatnonzero(others != NOBODY)
            for one, other in _alike_in(field, a, actor[a], b, others, twice, within):
                fits = ~_met(field, one, other, mine, theirs)
                yield one[fits], other[fits]


def _met(field: Field, a: Ints, b: Ints, mine: int, theirs: int) -> NDArray[np.bool_]:
    """Whether an actor of `a` in a column before `mine`, or this one, is one of `b` in a column before.

    Two that share several actors would else come once for each of these.
    """
    found = np.zeros(len(a), bool)
    for column in range(mine + 1):
        actor = field.actors[a, column]
        for before in range(ACTORS_SEEN if column < mine else theirs):
            found |= (actor == field.actors[b, before]) & (actor != NOBODY)
    return found


def _neighbours(
    field: Field, a: Ints, b: Ints, cell: float, steps: tuple[tuple[int, int], ...], within: bool
) -> Iterator[tuple[Ints, Ints]]:
    """Pairs of `a` and `b` in cells that are `steps` (up, right) apart."""
    both = _marked(field, a)
    a, buckets_a = _bucketed(field, a)
    b, buckets_b = _bucketed(field, b)
    band_a = np.floor(field.latitude[a] / cell).astype(np.int64)
    band_b = np.floor(field.latitude[b] / cell).astype(np.int64)
    keys_b = _key(buckets_b, band_b, _east(field.longitude[b], band_b, cell)[0])
    for up, right in steps:
        column, columns = _east(field.longitude[a], band_a + up, cell)
        keys_a = _key(buckets_a, band_a + up, (column + right) % columns)
        # A step and its opposite find the same pairs.
        twice = both if (-up, -right) in steps else _marked(field)
        yield from _joined(field, (a, keys_a, buckets_a), (b, keys_b), twice, within)


def _marked(field: Field, rows: Ints | None = None) -> NDArray[np.bool_]:
    """Of each row of the field whether it is among these."""
    marked = np.zeros(len(field.ids), bool)
    if rows is not None:
        marked[rows] = True
    return marked


def _east(longitude: Floats, band: Ints, cell: float) -> tuple[Ints, Ints]:
    """The column of a longitude in a band of latitude, and how many columns go round the Earth there.

    A column is as wide in kilometres as a band is high, measured where the band is narrowest.
    """
    edge = np.maximum(np.abs(band), np.abs(band + 1)) * cell
    columns = np.maximum(1, np.floor(360 * np.cos(np.radians(np.minimum(edge, 90))) / cell)).astype(np.int64)
    column: Ints = np.floor(((longitude + 360) % 360) * columns / 360).astype(np.int64)
    return np.minimum(column, columns - 1), columns


def _alike_in(
    field: Field, a: Ints, codes: Ints, b: Ints, column: Ints, twice: NDArray[np.bool_], within: bool
) -> Iterator[tuple[Ints, Ints]]:
    """Pairs of `a`, with these codes, and those of `b` that have the same in a column; `twice` as for `_joined`."""
    if not len(a) or not len(b):
        return
    rows_a, buckets_a = _bucketed(field, np.arange(len(a)), a)
    rows_b, buckets_b = _bucketed(field, b)
    keys_a = _key(buckets_a, codes[rows_a], np.zeros_like(rows_a))
    keys_b = _key(buckets_b, column[rows_b], np.zeros_like(rows_b))
    yield from _joined(field, (a[rows_a], keys_a, buckets_a), (rows_b, keys_b), twice, within)


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
    field: Field,
    one: tuple[Ints, Ints, Ints],
    other: tuple[Ints, Ints],
    twice: NDArray[np.bool_],
    within: bool,
) -> Iterator[tuple[Ints, Ints]]:
    """Pairs (of `one`, of `other`) of the same key; what is of one data set stays apart unless `within`.

    `one` are rows, their keys and the buckets of these; `other` are rows and keys.  `twice` says of each row of the
    field whether it stands in `one` for all that it stands in `other` for: it meets the rows below it from both sides.
    """
    a, keys_a, buckets = one
    b, keys_b = other
    for origin in np.unique(field.origin[a]):
        mine = field.origin[a] == origin
        # What nobody imported has no ids that would tell its rows apart.
        theirs = np.ones(len(b), bool) if within or origin == NOBODY else field.origin[b] != origin
        for x, y in _join(field.first, a[mine], keys_a[mine], buckets[mine], b[theirs], keys_b[theirs]):
            fits = (x < y) | ~twice[y]
            yield x[fits], y[fits]


def _join(first: Ints, a: Ints, keys_a: Ints, buckets: Ints, b: Ints, keys_b: Ints) -> Iterator[tuple[Ints, Ints]]:
    """Pairs of the same key, but of no row with itself, chunk by chunk; `buckets` are those of `a`."""
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
        yield one[fits], other[fits]
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
