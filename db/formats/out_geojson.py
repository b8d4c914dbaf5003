"""GeoJSON (RFC 7946): a FeatureCollection, one Point an incident; without coordinates the geometry is null."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TextIO

from db.formats.writing import Item, Losses, WrittenFormat, note_losses
from db.records import record


def write(items: Iterator[Item], out: TextIO, query: str) -> Losses:
    """Write a feature for every item; its properties are those of `list --json`."""
    losses = Losses()
    out.write('{"type": "FeatureCollection", "query": ' + json.dumps(query, ensure_ascii=True) + ', "features": [')
    between = "\n"
    for incident, certain in items:
        note_losses(losses, incident, claims=False, uncertain=False)
        place = incident.place
        point = None
        if place is not None and place.latitude is not None and place.longitude is not None:
            # RFC 7946, 3.1.1: longitude first.
            point = {"type": "Point", "coordinates": [place.longitude, place.latitude]}
        else:
            losses["no coordinates"] += 1
        properties = record(incident, certain)
        feature = {"type": "Feature", "id": incident.key, "geometry": point, "properties": properties}
        out.write(between + json.dumps(feature, ensure_ascii=True))
        between = ",\n"
    out.write("\n]}\n")
    return losses


FORMAT = WrittenFormat("geojson", "points for maps (RFC 7946)", write)
