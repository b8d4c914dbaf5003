"""Where incidents stand: one number a row for its place, and what follows from the place: names, country, point."""

from __future__ import annotations

import sqlite3

import numpy as np

from db import near
from db.engine.arrays import Column, Ints, Lookup, distinct, narrow
from db.engine.dictionary import Dictionary
from db.engine.facet_columns import Linked
from db.engine.reading import listed
from db.engine.snapshot import Places, Snapshot

Links = tuple[Dictionary, Ints, Ints]
"""A dictionary, and pairs of place number and code."""


def read_places(
    connection: sqlite3.Connection, place_ids: Ints, known: Places, base: Snapshot | None, *, restricted: bool
) -> tuple[Column, Places, dict[str, Links]]:
    """The place numbers of rows with these place ids; all places, those of `known` first; names and countries of all.

    Not `restricted`, the whole table of places is read, else only what is not `known` yet.
    """
    clause = ""
    if restricted:
        missing = distinct(place_ids[Lookup(known.ids).positions(place_ids) < 0])
        clause = f"WHERE id IN ({listed(missing.tolist())})"
    records = connection.execute(
        f"SELECT id, latitude, longitude, where_prec, radius_m FROM place {clause} ORDER BY id"
    ).fetchall()
    points = np.array(
        [
            (np.nan, np.nan, 0.0) if lat is None or lon is None else (lat, lon, near.slack_m(prec, radius))
            for _, lat, lon, prec, radius in records
        ],
        np.float64,
    ).reshape(-1, 3)
    new_ids = np.array([record[0] for record in records], np.int64)
    places = Places(
        np.concatenate([known.ids, new_ids]),
        np.concatenate([known.latitude, points[:, 0]]),
        np.concatenate([known.longitude, points[:, 1]]),
        np.concatenate([known.slack, points[:, 2]]),
    )
    lookup = Lookup(places.ids)
    names = connection.execute(
        f"WITH RECURSIVE up (place_id, id, depth) AS (SELECT id, id, 0 FROM place {clause} UNION"
        " SELECT up.place_id, p.part_of, depth + 1 FROM up JOIN place AS p ON p.id = up.id"
        " WHERE p.part_of IS NOT NULL AND depth < 20)"
        " SELECT DISTINCT up.place_id, p.name FROM up JOIN place AS p ON p.id = up.id"
    ).fetchall()
    countries = connection.execute(
        "SELECT p.id, c.name FROM (SELECT id, country_code FROM place"
        f" {clause}) AS p JOIN country AS c ON c.code = p.country_code"
    ).fetchall()
    links = {
        "place": _links(names, lookup, base.facets["place"] if base else None),
        "country": _links(countries, lookup, base.facets["country"] if base else None),
    }
    return narrow(lookup.positions(place_ids) + 1), places, links


def _links(pairs: list[tuple[int, str]], lookup: Lookup, before: object) -> Links:
    """Pairs of (place id, value) as numbers, after those that were there before."""
    earlier = before if isinstance(before, Linked) else None
    dictionary = (earlier.dictionary if earlier else Dictionary()).extended(value for _, value in pairs)
    owners = lookup.positions(np.array([owner for owner, _ in pairs], np.int64)) + 1
    codes = dictionary.encode(value for _, value in pairs)
    if earlier:
        owners, codes = np.concatenate([earlier.owners, owners]), np.concatenate([earlier.codes, codes])
    return dictionary, owners, codes
