"""GeoJSON (RFC 7946): a FeatureCollection, each feature an incident; Dateline's own export, and any other.

Properties are known by their names, as a drafted mapping of CSV knows columns, or by a mapping file of the user's.
What becomes of each is told in docs/formats.md.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace

from db.formats.columns import Columns, mapping, recognised
from db.formats.day import orders
from db.formats.head import Head
from db.formats.json_parts import Object, Part, check, mark, parts
from db.formats.listed import listed
from db.formats.mapped import Rows, cell
from db.formats.record import Format, FormatError, Note, Options, Record, Reject, RowError
from db.formats.source import Source
from db.formats.table import degrees

WHAT = "a GeoJSON FeatureCollection"

OWN = frozenset({"key", "kind", "date_edtf", "match", "quotes"})
"""Properties by which a feature of Dateline's own export is known."""

_FEATURE = frozenset({"type", "geometry", "properties", "id"})
_LATITUDE, _LONGITUDE = "\x1flatitude", "\x1flongitude"
"""Names of the cells that hold the geometry's own coordinates; no property can have them."""

POINTLESS = "geometries that are no points: they are kept as they are, and their places have no coordinates"


def features(source: Source, note: Note) -> Iterator[tuple[int, Object | Reject, str]]:
    """(number, feature or why it is none, its text) for each feature of a collection; the unit of `source` is set.

    Raises FormatError when the document is no FeatureCollection or has no features.
    """
    source.unit = "feature"
    count = 0
    kind: object = None
    left: list[str] = []
    for part in parts(source, ("features",), WHAT):
        if not part.number:
            if part.name == "type":
                kind = part.value
            elif part.name not in ("features", "bbox"):
                left.append(part.name)
        else:
            count += 1
            yield part.number, _feature(part), part.text
        if kind not in (None, "FeatureCollection"):
            raise FormatError(f"{source.name} is not {WHAT}: its type is {str(kind)[:30]!r}; nothing was imported")
    if kind is None:
        raise FormatError(f"{source.name} is not {WHAT}: it has no type; nothing was imported")
    if not count:
        raise FormatError(f"{source.name} has no features; nothing was imported")
    if left:
        note(f"the collection's own members have no place in a store and were left out: {', '.join(sorted(left)[:6])}")


def _feature(part: Part) -> Object | Reject:
    value = part.value
    if not isinstance(value, dict) or value.get("type") != "Feature":
        return Reject(part.number, "is no Feature", part.text)
    if not isinstance(value.get("properties"), dict | None):
        return Reject(part.number, "its properties are no object", part.text)
    try:
        check(value, part.text)
    except RowError as error:
        return Reject(part.number, str(error), part.text)
    return value


def point(feature: Mapping[str, object]) -> tuple[float, float] | tuple[None, None]:
    """(latitude, longitude) of a feature's Point; (None, None) without one; raises RowError for one that is none."""
    geometry = feature.get("geometry")
    if not isinstance(geometry, dict) or geometry.get("type") != "Point":
        return None, None
    found = geometry.get("coordinates")
    if found == []:
        return None, None  # RFC 7946, 3.1: an empty array may stand for no coordinates
    if not isinstance(found, list) or len(found) < 2 or any(type(number) not in (int, float) for number in found):
        raise RowError("its coordinates are not two numbers")
    # RFC 7946, 3.1.1: longitude first.
    return degrees(repr(found[1]), repr(found[0]))


def identity(feature: Mapping[str, object]) -> str:
    """A feature's id, a text or the JSON of a number (RFC 7946, 3.2); "" where it has none, or something else."""
    found = feature.get("id")
    return cell(found) if isinstance(found, str) or type(found) in (int, float) else ""


def without_home(feature: Mapping[str, object], known_as: str) -> Object:
    """What a feature has beside its properties: foreign members, and a geometry that is more than a point.

    So is an id other than the one by which the incident is `known_as`.  What has the name of a property is called
    "NAME (feature)".
    """
    kept: Object = {name: value for name, value in feature.items() if name not in _FEATURE}
    geometry = feature.get("geometry")
    if geometry is not None and not _plain(geometry):
        kept["geometry"] = geometry
    if feature.get("id") not in (None, "") and identity(feature) != known_as:
        kept["id"] = feature["id"]
    properties = feature.get("properties")
    names = properties.keys() if isinstance(properties, dict) else ()
    return {_apart(name, kept, names): value for name, value in kept.items()}


def _plain(geometry: object) -> bool:
    """Whether a place holds all that a geometry says: a Point, also an empty one; two zeros stand for unknown."""
    if not isinstance(geometry, dict) or geometry.get("type") != "Point" or set(geometry) != {"type", "coordinates"}:
        return False
    coordinates = geometry["coordinates"]
    return len(coordinates) <= 2 and (any(coordinates) or not coordinates)


def _apart(name: str, members: Collection[str], properties: Collection[str]) -> str:
    """A name in `extra` for a member of a feature, none of its properties having it."""
    own = name
    while own in properties or (own != name and own in members):
        own += " (feature)"
    return own


def read(source: Source, options: Options, note: Note) -> Iterator[Record | Reject]:
    """Yield the features of a collection in their order."""
    rows = _Features(source, options)
    for number, feature, text in features(source, note):
        if isinstance(feature, Reject):
            yield feature
            continue
        try:
            yield rows.record(feature, number, text)
        except RowError as error:
            yield Reject(number, str(error), text)
    if rows.pointless:
        note(f"{rows.pointless:,} {POINTLESS}")


class _Features:
    """Makes records of features; `pointless` counts those whose geometry is no point."""

    def __init__(self, source: Source, options: Options) -> None:
        self._source = source
        self._options = options
        self._asked = mapping(options.mapping) if options.mapping is not None else None
        self._rows: dict[tuple[str, ...], Rows] = {}
        self._settling: dict[str, dict[tuple[str, ...], str]] | None = None
        """Property → orders → a cell that settles them; None until the file has been read for it."""
        self.pointless = 0

    def record(self, feature: Object, number: int, text: str) -> Record:
        """One feature as a record; raises RowError when it is none."""
        found = feature.get("properties")
        properties: Object = found if isinstance(found, dict) else {}
        latitude, longitude = point(feature)
        geometry = feature.get("geometry")
        if isinstance(geometry, dict) and geometry.get("type") != "Point":
            self.pointless += 1
        if self._asked is None and properties.keys() >= OWN:
            own = listed(properties, number, mark(feature))
            return replace(own, extra={**own.extra, **without_home(feature, own.origin_id)}, raw=text)
        cells = {name: cell(value) for name, value in properties.items() if not isinstance(value, dict)}
        if latitude is not None:
            cells |= {_LATITUDE: repr(latitude), _LONGITUDE: repr(longitude)}
        rows = self._rows_of(tuple(cells))
        record = rows.record(cells, properties, mark(feature), number, text)
        if isinstance(record, Reject):
            raise RowError(record.reason)
        known_as = identity(feature) or record.origin_id
        # An object is no cell, and a property for the id gives way to the feature's own: they stay as they are.
        kept: Object = {name: value for name, value in properties.items() if isinstance(value, dict)}
        column = rows.column_of_id
        if column is not None and (given := properties.get(column)) is not None and cell(given) != known_as:
            kept[column] = given
        return replace(record, origin_id=known_as, extra={**record.extra, **kept, **without_home(feature, known_as)})

    def _rows_of(self, names: tuple[str, ...]) -> Rows:
        """What makes records of features with one set of properties."""
        rows = self._rows.get(names)
        if rows is None:
            if len(self._rows) > 256:
                self._rows.clear()
            asked = self._asked or recognised(names, "")
            if _LATITUDE in names:
                own = {"latitude": _LATITUDE, "longitude": _LONGITUDE}
                asked = replace(asked, columns={**asked.columns, **own})
            rows = self._rows[names] = Rows(self._source, asked, self._options, lambda: self._again(asked))
        return rows

    def _again(self, asked: Columns) -> Iterator[dict[str, str]]:
        """The cells that settle the order of the days in a mapping's column of dates."""
        if self._settling is None:
            self._settling = self._settled()
        column = asked.columns.get("date", "")
        return ({column: text} for text in self._settling.get(column, {}).values())

    def _settled(self) -> dict[str, dict[tuple[str, ...], str]]:
        """Read the file once for all columns: there may be as many sets of properties as features."""
        found: dict[str, dict[tuple[str, ...], str]] = {}
        with Source(self._source.path) as again:
            for _, feature, _text in features(again, lambda _line: None):
                properties = feature.get("properties") if isinstance(feature, dict) else None
                for name, value in properties.items() if isinstance(properties, dict) else ():
                    if isinstance(value, str | list) and (settles := orders(text := cell(value))):
                        found.setdefault(name, {}).setdefault(settles, text)
        return found


def _knows(head: Head) -> bool:
    return head.shape == "json" and {"type", "features"} <= head.members and "properties" in head.names


FORMAT = Format("geojson", "GeoJSON FeatureCollection (RFC 7946)", None, read, mapped=True, sparse=True, knows=_knows)
