"""GeoJSON (RFC 7946): a FeatureCollection, one Point an incident; without coordinates the geometry is null."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TextIO

from db.formats.out_json import DROPS
from db.formats.particulars import kept_columns
from db.formats.writing import Item, WrittenFormat, undated
from db.model import Incident, Place
from db.records import record


def write(items: Iterator[Item], out: TextIO, query: str) -> int:
    """Write a feature for every item; its properties are those of `list --json`."""
    out.write('{"type": "FeatureCollection", "query": ' + json.dumps(query, ensure_ascii=True) + ', "features": [')
    count = 0
    for count, (incident, certain) in enumerate(items, 1):
        feature = {
            "type": "Feature",
            "id": incident.key,
            "geometry": point(incident.place),
            "properties": record(incident, certain),
        }
        out.write((",\n" if count > 1 else "\n") + json.dumps(feature, ensure_ascii=True))
    out.write("\n]}\n")
    return count


def point(place: Place | None) -> dict[str, object] | None:
    """The place as a Point, longitude first (RFC 7946, 3.1.1); None where its coordinates are unknown."""
    if place is None or place.latitude is None or place.longitude is None:
        return None
    return {"type": "Point", "coordinates": [place.longitude, place.latitude]}


def quirks(incident: Incident) -> Iterator[str]:
    """What a map cannot show; it is in the properties all the same."""
    yield from undated(incident)
    if point(incident.place) is None:
        yield "no coordinates"


FORMAT = WrittenFormat("geojson", "points for maps (RFC 7946)", ".geojson", write, quirks, kept_columns, DROPS)
