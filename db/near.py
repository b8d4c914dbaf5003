"""Distance on the globe, from which points it is measured, and what an imprecise place can say about it."""

from __future__ import annotations

import math
import sqlite3

from db.fields import fold
from db.query_tree import Near

EARTH_M = 6_371_008.8
"""Mean radius of the Earth in metres (IUGG)."""

PRECISION_RADIUS_M = {1: 1_000, 2: 25_000, 3: 50_000, 4: 150_000, 5: 150_000, 6: 1_000_000, 7: 1_000_000}
"""Where a place has no radius of its own: metres that its point may be off, by UCDP where_prec.

UCDP gives 25 km for 2 ("near"); 3 district, 4 province, 5 line or fuzzy area, 6 country and 7 sea or air are not
bounded there, so these figures are generous on purpose: they only move incidents from certain to possible.
"""


def great_circle_m(lat_a: float, lon_a: float, lat_b: float, lon_b: float) -> float:
    """Metres between two points in degrees, by the haversine formula on a sphere (within 0.6 % of the ellipsoid)."""
    phi_a, phi_b = math.radians(lat_a), math.radians(lat_b)
    half_phi = (phi_b - phi_a) / 2
    half_lambda = math.radians(lon_b - lon_a) / 2
    h = math.sin(half_phi) ** 2 + math.cos(phi_a) * math.cos(phi_b) * math.sin(half_lambda) ** 2
    return 2 * EARTH_M * math.asin(min(1.0, math.sqrt(h)))


def slack_m(where_prec: int | None, radius_m: int | None) -> float:
    """How far from its point a place may really be, metres."""
    if radius_m is not None:
        return float(radius_m)
    return float(PRECISION_RADIUS_M.get(where_prec or 1, PRECISION_RADIUS_M[1]))


def within(distance_m: float, slack: float, limit_m: float) -> bool | None:
    """True: certainly within the limit; None: possibly; False: not."""
    if distance_m + slack <= limit_m:
        return True
    return None if distance_m - slack <= limit_m else False


Points = dict[str, list[tuple[float, float]]]
"""Folded name or key of a place → the points, in degrees, of all places that it may mean."""


def place_points(connection: sqlite3.Connection) -> Points:
    """The points of all places, read once for any number of near: terms."""
    points: Points = {}
    for name, key, latitude, longitude in connection.execute(
        "SELECT name, key, latitude, longitude FROM place WHERE latitude IS NOT NULL"
    ):
        for form in {fold(name), fold(key)}:
            points.setdefault(form, []).append((latitude, longitude))
    return points


def centres_of(points: Points, node: Near) -> list[tuple[float, float]]:
    """The points that a near: term is measured from; more than one where places share a name."""
    if node.latitude is not None and node.longitude is not None:
        return [(node.latitude, node.longitude)]
    return points.get(fold(node.place or ""), [])
