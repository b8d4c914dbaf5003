"""Which rows match a query: two masks, of the rows that possibly match and, within those, of those that certainly do.

The two together are Kleene's three values for each row, as in `plain`: And, Or and Not work on both at once.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable
from typing import NamedTuple

import numpy as np

from db import near
from db.dates import Day
from db.engine.arrays import Column, Ints, Mask
from db.engine.facet_columns import among
from db.engine.snapshot import Snapshot, edges
from db.query import And, AnyOf, Certain, Is, Near, Node, Not, Number, Or, Query, When, Words

KEPT = 16
KEPT_BYTES = 16_000_000
"""The masks of so many nodes, in a very large store of those that this memory holds and three at least, are kept for
the next question, which most often has all but one of them again."""

MARGIN_M = 1.0
"""Closer to a limit than this, metres, Python works a distance out again: numpy's last digits may differ from Python's,
and by the haversine formula that is up to some decimetres for points on opposite sides of the globe."""


class Pair(NamedTuple):
    """Masks of the rows that possibly and that certainly match; the same array when nothing is uncertain."""

    maybe: Mask
    sure: Mask


class Sources(NamedTuple):
    """What a mask needs beside the columns."""

    codes: Callable[[AnyOf], Ints]
    """The codes of a facet that a term means."""
    text: Callable[[Words], Ints]
    """The ids of the incidents that have the words."""
    points: Callable[[Near], list[tuple[float, float]]]
    """The points, degrees, that a distance is measured from."""


class Masks:
    """Works out masks over one snapshot, and keeps the latest."""

    def __init__(self, snapshot: Snapshot, sources: Sources) -> None:
        self._snapshot = snapshot
        self._sources = sources
        self._kept: OrderedDict[tuple[Node, bool, bool, bool], Pair] = OrderedDict()
        self._most = max(3, min(KEPT, KEPT_BYTES // max(1, snapshot.size)))

    def of(self, node: Node | None, query: Query, *, negated: bool = False) -> Pair:
        """The masks of a node of `query`, or of a part of it; they must not be changed.

        `negated` says that an odd number of minus signs stand over the node.
        """
        if node is None:
            everything = self._snapshot.everything.mask
            return Pair(everything, everything)
        strict = query.certain_date or query.certain_place
        key = (node, query.certain_date, query.certain_place, negated and strict)
        pair = self._kept.get(key)
        if pair is None:
            pair = self._kept[key] = self._work_out(node, query, negated=negated)
            if len(self._kept) > self._most:
                self._kept.popitem(last=False)
        else:
            self._kept.move_to_end(key)
        return pair

    def _work_out(self, node: Node, query: Query, *, negated: bool) -> Pair:
        match node:
            case And(nodes):
                return _combined((self.of(part, query, negated=negated) for part in nodes), np.logical_and)
            case Or(nodes):
                return _combined((self.of(part, query, negated=negated) for part in nodes), np.logical_or)
            case Not(inner):
                pair = self.of(inner, query, negated=not negated)
                maybe = ~pair.sure
                return Pair(maybe, maybe if pair.sure is pair.maybe else ~pair.maybe)
            case Words():
                return _certain(self._rows_of(self._sources.text(node)))
            case AnyOf(name):
                return _certain(self._snapshot.facets[name].rows_with(self._sources.codes(node)))
            case Number():
                return self._number(node)
            case When():
                return _strict(self._when(node.earliest, node.latest), query.certain_date, negated=negated)
            case Is(flag):
                return _certain(self._snapshot.flags[flag])
            case Near():
                return _strict(self._near(node), query.certain_place, negated=negated)
            case Certain():
                return _certain(self._snapshot.everything.mask)
        raise AssertionError(f"no such node: {node!r}")

    def _rows_of(self, incident_ids: Ints) -> Mask:
        found = np.zeros(self._snapshot.size, np.bool_)
        at = self._snapshot.lookup.positions(incident_ids)
        found[at if not len(at) or at.min() >= 0 else at[at >= 0]] = True
        return found

    def _number(self, node: Number) -> Pair:
        low, high = self._snapshot.numbers[node.field].low, self._snapshot.numbers[node.field].high
        known = low >= 0
        if node.unknown:
            return _certain(~known)
        maybe, sure = known, known.copy()
        if node.low is not None:
            maybe &= (high >= node.low) | (high < 0)
            sure &= low >= node.low
        if node.high is not None:
            maybe &= low <= node.high
            sure &= (high <= node.high) & (high >= 0)
        return Pair(maybe, maybe & sure)  # a hand-made row can have a low above its high

    def _when(self, earliest: Day | None, latest: Day | None) -> Pair:
        first, last = self._snapshot.first, self._snapshot.last
        low, high = edges(first)
        _, top = edges(last)
        maybe, sure = self._snapshot.dated.copy(), self._snapshot.dated.copy()
        # The outermost numbers stand for missing days, and no day asked for may be one of those by accident.
        if earliest is not None:
            maybe &= last >= min(max(earliest, edges(last)[0] + 1), top)
            sure &= first >= min(max(earliest, low + 1), high)
        if latest is not None:
            maybe &= first <= min(max(latest, low), high - 1)
            sure &= last <= min(max(latest, edges(last)[0]), top - 1)
        return Pair(maybe, maybe & sure)  # a hand-made row can end before it begins

    def _near(self, node: Near) -> Pair:
        places = self._snapshot.places
        maybe = np.zeros(len(places.ids) + 1, np.bool_)
        sure = maybe.copy()
        for latitude, longitude in self._sources.points(node):
            distance = _distances(latitude, longitude, places.latitude, places.longitude)
            nearest, farthest = distance - places.slack, distance + places.slack
            possibly, certainly = nearest <= node.metres, farthest <= node.metres
            doubtful = (abs(nearest - node.metres) < MARGIN_M) | (abs(farthest - node.metres) < MARGIN_M)
            for at in np.flatnonzero(doubtful).tolist():
                point = float(places.latitude[at]), float(places.longitude[at])
                exact = near.great_circle_m(*point, latitude, longitude)
                verdict = near.within(exact, float(places.slack[at]), node.metres)
                possibly[at], certainly[at] = verdict is not False, verdict is True
            maybe[1:] |= possibly
            sure[1:] |= certainly
        return Pair(self._standing_at(maybe), self._standing_at(sure))

    def _standing_at(self, places: Mask) -> Mask:
        """The rows whose place is one of these, by number."""
        return among(self._snapshot.place, np.flatnonzero(places), len(places) - 1)


def _certain(mask: Mask) -> Pair:
    return Pair(mask, mask)


def _strict(pair: Pair, strict: bool, *, negated: bool) -> Pair:
    """Without the rows that only possibly match, if those are not wanted: under a minus sign they count as matching."""
    return _certain(pair.maybe if negated else pair.sure) if strict else pair


def _combined(pairs: Iterable[Pair], how: np.ufunc) -> Pair:
    """The pairs as one; each is let go of before the next, since there may be thousands."""
    parts = iter(pairs)
    maybe, sure = next(parts)
    for part in parts:
        certain = sure is maybe and part.sure is part.maybe
        maybe, before = how(maybe, part.maybe), sure
        sure = maybe if certain else how(before, part.sure)
    return Pair(maybe, sure)


def _distances(latitude: float, longitude: float, latitudes: Column, longitudes: Column) -> Column:
    """Metres from one point to many, degrees in; the formula of `near.great_circle_m`."""
    phi, phis = np.radians(latitude), np.radians(latitudes)
    half = np.sin((phis - phi) / 2) ** 2
    half += np.cos(phi) * np.cos(phis) * np.sin(np.radians(longitudes - longitude) / 2) ** 2
    distances: Column = 2 * near.EARTH_M * np.arcsin(np.sqrt(np.minimum(half, 1.0)))
    return distances
