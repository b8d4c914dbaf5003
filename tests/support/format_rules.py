"""The rules of other programs' formats, written from their specifications: what is wrong with a document, in words."""

from __future__ import annotations

import datetime
import json
import math
from collections.abc import Iterator
from typing import Any

_GEOMETRIES = {"Point": 0, "MultiPoint": 1, "LineString": 1, "MultiLineString": 2, "Polygon": 2, "MultiPolygon": 3}
"""RFC 7946, 3.1: type of a geometry and how many lists stand around a position of it."""

_NEVER_BOTH = {"coordinates", "geometries", "geometry", "properties", "features"}
"""RFC 7946, 7.1: a member that defines one type stands in no other."""

_OWN = {"FeatureCollection": {"features"}, "Feature": {"geometry", "properties"}}


def geojson_faults(document: Any) -> Iterator[str]:
    """What breaks RFC 7946 in a parsed GeoJSON text."""
    if not isinstance(document, dict):
        yield "a GeoJSON text is an object (2)"
        return
    kind = document.get("type")
    if kind not in {*_OWN, *_GEOMETRIES, "GeometryCollection"}:
        yield f"type is {kind!r} (1.4)"
        return
    if "crs" in document:
        yield "crs was taken out of GeoJSON (4)"
    if kind in _OWN:
        for name in _NEVER_BOTH - _OWN[kind]:
            if name in document:
                yield f"a {kind} has a member {name} (7.1)"
    if kind == "FeatureCollection":
        features = document.get("features")
        if not isinstance(features, list):
            yield "features is no list (3.3)"
            return
        for feature in features:
            if not isinstance(feature, dict) or feature.get("type") != "Feature":
                yield "an element of features is no Feature (3.3)"
            else:
                yield from geojson_faults(feature)
    elif kind == "Feature":
        if "geometry" not in document or "properties" not in document:
            yield "a Feature has geometry and properties (3.2)"
            return
        if not isinstance(document["properties"], dict | None):
            yield "properties is an object or null (3.2)"
        if "id" in document and (isinstance(document["id"], bool) or not isinstance(document["id"], str | int | float)):
            yield "id is a string or number (3.2)"
        if document["geometry"] is not None:
            yield from _geometry_faults(document["geometry"])
    else:
        yield from _geometry_faults(document)


def _geometry_faults(geometry: Any) -> Iterator[str]:
    kind = geometry.get("type") if isinstance(geometry, dict) else None
    if kind not in _GEOMETRIES:
        yield f"a geometry of type {kind!r} (3.1)"
        return
    positions = [geometry.get("coordinates")]
    for _ in range(_GEOMETRIES[kind]):
        if not all(isinstance(inner, list) for inner in positions):
            yield "coordinates are not nested as they should be (3.1)"
            return
        positions = [position for inner in positions for position in inner]
    for position in positions:
        if not isinstance(position, list) or not 2 <= len(position) <= 3:
            yield f"a position is {position!r} (3.1.1)"
        elif any(isinstance(n, bool) or not isinstance(n, int | float) or not math.isfinite(n) for n in position):
            yield f"a position with {position!r} (3.1.1)"
        elif not (-180 <= position[0] <= 180 and -90 <= position[1] <= 90):
            yield f"longitude and latitude {position!r} (4)"


def strict_json(text: str) -> Any:
    """A JSON text read by the letter of RFC 8259: no NaN, no name twice in one object."""

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        names = [name for name, _ in pairs]
        assert len(names) == len(set(names)), f"a name stands twice: {names}"
        return dict(pairs)

    def constant(name: str) -> None:
        raise AssertionError(f"{name} is no JSON")

    return json.loads(text, object_pairs_hook=once, parse_constant=constant)


def timelinejs_faults(document: Any) -> Iterator[str]:
    """What breaks TimelineJS's JSON (https://timeline.knightlab.com/docs/json-format.html)."""
    if not isinstance(document.get("events"), list):
        yield "events is no list"
        return
    seen = set()
    for event in document["events"]:
        if event.get("unique_id") in seen:
            yield f"unique_id {event['unique_id']!r} stands twice"
        seen.add(event.get("unique_id"))
        if not isinstance(event.get("start_date"), dict):
            yield "an event has no start_date"
        for name in ("start_date", "end_date"):
            date = event.get(name)
            if date is None:
                continue
            if not isinstance(date.get("year"), int):
                yield f"{name} has no year"
            if "day" in date and "month" not in date:
                yield f"{name} has a day and no month"
            if not 1 <= date.get("month", 1) <= 12 or not 1 <= date.get("day", 1) <= 31:
                yield f"{name} is {date}"
        start, end = event.get("start_date"), event.get("end_date")
        if start and end and _parts(end) < _parts(start):
            yield "an event ends before it starts"
        if not isinstance(event.get("text"), dict) or not isinstance(event["text"].get("headline"), str):
            yield "an event has no headline"
        if any(sign in json.dumps(event) for sign in ("<script", "javascript:")):
            yield "an event runs something"


def _parts(date: dict[str, int]) -> tuple[int, int, int]:
    return date["year"], date.get("month", 1), date.get("day", 1)


def timesketch_faults(event: Any) -> Iterator[str]:
    """What breaks a line of Timesketch's JSONL (https://timesketch.org/guides/user/import-from-json-csv/)."""
    for name in ("message", "datetime", "timestamp_desc"):
        if not isinstance(event.get(name), str) or not (event[name] or name == "message"):
            yield f"{name} is {event.get(name)!r}"
            return
    try:
        when = datetime.datetime.fromisoformat(event["datetime"])
    except ValueError:
        yield f"datetime is {event['datetime']!r}"
        return
    if when.tzinfo is None:
        yield "datetime has no zone"
    if not isinstance(event.get("tag", []), list):
        yield "tag is no list"
