"""UCDP Georeferenced Event Dataset as CSV or GeoJSON: the current 49 columns and every shorter or older form.

Columns and their meaning: Stina Högbladh, "UCDP GED Codebook"; Sundberg and Melander 2013.  What becomes of each
column is told in docs/formats.md.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache

from db import dates
from db.errors import DateError
from db.formats.day import plain_day
from db.formats.geojson import features, identity, point, without_home
from db.formats.head import Head, is_json
from db.formats.json_parts import Object
from db.formats.kept import is_point
from db.formats.mapped import cell
from db.formats.record import (
    ActorRecord,
    DocumentRecord,
    Format,
    Note,
    Options,
    PlaceRecord,
    QuoteRecord,
    Record,
    Reject,
    RowError,
)
from db.formats.source import Source
from db.formats.table import Table, as_csv, degrees, digest, unplaced, whole
from db.model import Span

VIOLENCE = {
    "1": "state-based violence",
    "2": "non-state violence",
    "3": "one-sided violence",
}
"""type_of_violence: the code, and the event type that stands for it here; short forms have the words themselves."""

ONE_SIDED = VIOLENCE["3"]

DEATHS = ("deaths_a", "deaths_b", "deaths_civilians", "deaths_unknown")
"""Columns that add up to `best`."""

_OLDER_NAMES = {
    "best_est": "best", "low_est": "low", "high_est": "high",
    "best_death": "best", "low_death": "low", "high_death": "high",
}  # fmt: skip
"""Names of the estimates in GED 1 to 5 and in the 14-column form."""

_NUMBERS = frozenset({
    "year", "active_year", "start_year", "end_year", "conflict_new_id", "conflict_dset_id", "conflict_id",
    "dyad_new_id", "dyad_dset_id", "dyad_id", "side_a_new_id", "side_a_dset_id", "side_a_id", "side_b_new_id",
    "side_b_dset_id", "side_b_id", "gwnoa", "gwnob", "number_of_sources", "priogrid_gid", "country_id",
    "event_clarity", "date_prec", "deaths_a", "deaths_b", "deaths_civilians", "deaths_unknown",
})  # fmt: skip
"""Columns kept in `extra` as numbers wherever they are whole ones: 214797 and 214797.0 are the same."""

_AT_HOME = frozenset({
    "id", "type_of_violence", "side_a", "side_b", "where_prec", "where_coordinates", "adm_1", "latitude",
    "longitude", "date_start", "date_end", "low", "best", "high", "month", "day",
})  # fmt: skip
"""Columns that the store has a place for, so that `extra` need not keep them."""

_OF_THE_FEATURE = frozenset({"geometry", "geometry (feature)", "id (feature)"})
"""What GeoJSON says twice, and CSV does not have: it makes no fuller form of the data."""

_SOURCE = re.compile(
    r"\s*(?P<office>[^\s,].*?),\s*(?P<day>[0-9]{4}-[0-9]{2}-[0-9]{2}),\s*(?P<headline>\S.*)", re.DOTALL
)
"""One source in `source_article`, in the form used since 2013: office, date, headline, with the blanks behind it."""

_CellOf = Callable[[str], str]

_GOVERNMENT = "Government of "
_CIVILIANS = "Civilians"


def read(source: Source, options: Options, note: Note) -> Iterator[Record | Reject]:
    """Yield the events of a GED file in its order."""
    yield from (_features if is_json(source) else _table)(source, note)


def _table(source: Source, note: Note) -> Iterator[Record | Reject]:
    table = Table(source, ("id", "type_of_violence", "side_a", "side_b", "country"), "UCDP GED")
    columns = _renamed(table.columns)
    if "date_start" not in columns and not {"year", "month", "day"} <= set(columns):
        table.lack("date_start, or year, month and day")
    if "best" not in columns:
        table.lack("best")
    if "date_prec" not in columns:
        note("this form of GED has no date_prec: each date is taken as the day that it names")
    event = _Event(columns)
    for row in table.rows():
        if isinstance(row, Reject):
            yield row
            continue
        if not row[event.id_at].strip():
            if any(cell.startswith("#") for cell in row):
                continue  # the row of HXL tags in the form of the Humanitarian Data Exchange
            yield Reject(table.number, "has no id", as_csv(row))
            continue
        try:
            yield event.record(row, table.number)
        except RowError as error:
            yield Reject(table.number, str(error), as_csv(row))
    _note_early(event.early_sources, note)


def _renamed(columns: Sequence[str]) -> list[str]:
    """The columns by the names of today; of several for one estimate the others keep theirs, and go to `extra`."""
    found: list[str] = []
    for name in columns:
        newer = _OLDER_NAMES.get(name)
        found.append(name if newer is None or newer in columns or newer in found else newer)
    return found


def _features(source: Source, note: Note) -> Iterator[Record | Reject]:
    """The same of a GeoJSON FeatureCollection whose properties are GED's columns."""
    events: dict[tuple[str, ...], _Event] = {}
    for number, feature, text in features(source, note):
        if isinstance(feature, Reject):
            yield feature
            continue
        try:
            yield _feature_event(feature, number, text, events)
        except RowError as error:
            yield Reject(number, str(error), text)
    _note_early(sum(event.early_sources for event in events.values()), note)


def _feature_event(feature: Object, number: int, text: str, events: dict[tuple[str, ...], _Event]) -> Record:
    found = feature.get("properties")
    properties: Object = found if isinstance(found, dict) else {}
    values = dict(zip(_renamed(list(properties)), map(cell, properties.values()), strict=True))
    latitude, longitude = point(feature)
    if latitude is not None and not values.get("latitude"):
        values |= {"latitude": repr(latitude), "longitude": repr(longitude)}
    known_as = values.get("id") or identity(feature)
    if known_as:
        values["id"] = known_as
    for name in ("id", "type_of_violence"):
        if not values.get(name):
            raise RowError(f"has no {name}")
    columns = tuple(values)
    if columns not in events:
        events[columns] = _Event(list(columns))
    record = events[columns].record(list(values.values()), number)
    return replace(record, extra={**record.extra, **without_home(feature, known_as)}, raw=text)


def _note_early(count: int, note: Note) -> None:
    if count:
        note(
            f"sources dated before the event that they report: {count:,}; their dates are left open"
            " and stand in the incident's source_article as they are"
        )


class _Event:
    """Makes records of rows with one set of columns; `early_sources` counts sources dated before their event."""

    def __init__(self, columns: list[str]) -> None:
        self._at = {name: index for index, name in enumerate(columns)}
        self.id_at = self._at["id"]
        self._others = [(index, name, name in _NUMBERS) for name, index in self._at.items() if name not in _AT_HOME]
        self.early_sources = 0

    def record(self, row: list[str], line: int) -> Record:
        """One event; raises RowError when a cell is not what its column says."""
        at = self._at

        def cell(name: str) -> str:
            index = at.get(name)
            return "" if index is None else row[index].strip()

        violence = _violence(cell("type_of_violence"))
        side_a, side_b, country = cell("side_a"), cell("side_b"), cell("country")
        where, adm_1, precision = cell("where_coordinates"), cell("adm_1"), cell("where_prec")
        latitude, longitude = cell("latitude"), cell("longitude")
        place = _place(where, country, adm_1, latitude, longitude, precision)
        extra: dict[str, object] = {name: _kept(row[index], number) for index, name, number in self._others}
        extra |= unplaced(place, {"latitude": latitude, "longitude": longitude})
        if place is None and precision:
            extra["where_prec"] = _kept(precision, True)
        if cell("date_start"):  # then they were not read for the date
            extra |= {name: _kept(cell(name), True) for name in ("month", "day") if name in at}
        start, edtf = self._date(cell)
        identity = whole(cell("id"), "id")
        if identity is None:
            raise RowError("has no id")
        killed = Span(whole(cell("low"), "low"), whole(cell("best"), "best"), whole(cell("high"), "high"))
        extra |= _at_odds(extra, cell, edtf, killed.best)
        what = f"{_dash(side_a, side_b)}: {violence}"
        return Record(
            origin_id=str(identity),
            title=", ".join(part for part in (what, where or adm_1 or country) if part),
            line=line,
            digest=digest(row),
            event_type=violence,
            date_edtf=edtf,
            place=place,
            killed=killed,
            actors=_sides(side_a, side_b, violence, cell("gwnoa"), cell("gwnob")),
            quotes=self._quotes(cell("source_article"), cell("source_original"), start),
            extra=extra,
            raw=row,
        )

    def _date(self, cell: _CellOf) -> tuple[str, str]:
        """First day (ISO 8601) and EDTF.

        date_prec 1 with two days is an event that lasted; 2 to 5 is one that falls on an unknown day between them.
        """
        start, end = (day and plain_day(day, name) for name in ("date_start", "date_end") for day in (cell(name),))
        if not start:
            numbers = [whole(cell(name), name, least=1) for name in ("year", "month", "day")]
            year, month, day = (number or 0 for number in numbers)
            if not (year and month and day):
                raise RowError("has no date")
            start = f"{year:04d}-{month:02d}-{day:02d}"
        if not end or end == start:
            return start, start
        if end < start:
            raise RowError(f"ends on {end}, before it starts on {start}")
        lasted = cell("date_prec") in ("1", "1.0")
        return start, f"{start}/{end}" if lasted else f"[{start}..{end}]"

    def _quotes(self, article: str, original: str, start: str) -> tuple[QuoteRecord, ...]:
        """The sources that are named with office, date and headline; a headline is the words that are known of each."""
        if not article:
            return ()
        found = sources(article)
        # Which of several sources quotes whom is not told, so a chain is made only where there is one.
        alone = len(found) == 1
        quotes = []
        for office, day, headline in found:
            published: str | None = day
            if day < start:
                self.early_sources += 1
                published = None
            chain = ((original, None),) if alone and original and original != office else ()
            quotes.append(QuoteRecord(DocumentRecord(headline, office, published), headline, chain))
        return tuple(quotes)


def _at_odds(extra: Mapping[str, object], cell: _CellOf, edtf: str, best: int | None) -> dict[str, object]:
    """Cells that have a home, of a row that says the same thing again and not alike: to be kept beside what says so.

    Where nothing of them is kept, a precision, a point, deaths or a dyad that the store does not bear out is one of
    what somebody has changed since.
    """
    if not precision_of(edtf):
        return {}
    found: dict[str, object] = {}
    precision, year, days = extra.get("date_prec"), extra.get("year"), edtf.strip("[]")
    of_another = isinstance(year, int) and not int(days[:4]) <= year <= int(days[-10:-6])
    if of_another or (precision is not None and precision != precision_of(edtf)):
        found |= {"date_start": days[:10], "date_end": days[-10:]}
    if extra.get("geom_wkt") is not None:
        latitude, longitude = cell("latitude"), cell("longitude")
        if not is_point(extra["geom_wkt"], *degrees(latitude, longitude)):
            found |= {"latitude": latitude or None, "longitude": longitude or None}
    if (deaths := deaths_of(extra)) is not None and deaths != best:
        found["best"] = best
    side_a, side_b = cell("side_a"), cell("side_b")
    dyad = extra.get("dyad_name")
    told = side_a not in ("", side_b) or not side_b if dyad is None else dyad == f"{side_a} - {side_b}"
    if not told:
        found |= {"side_a": side_a or None, "side_b": side_b or None}
    return found


@lru_cache(4096)
def precision_of(edtf: str) -> int:
    """The date_prec that a date in GED's form has by itself: 1 for a day or from day to day, else by its length.

    0 for a day that there is not, which the import rejects.
    """
    try:
        precision = dates.parse(edtf).precision
        return 1 if "/" in edtf else precision
    except DateError:
        return 0


def deaths_of(row: Mapping[str, object]) -> int | None:
    """The deaths of all sides together; None where GED tells none of them, -1 where one is no number."""
    told = [row[name] for name in DEATHS if row.get(name) is not None]
    numbers = [number for number in told if isinstance(number, int)]
    return None if not told else sum(numbers) if len(numbers) == len(told) else -1


@lru_cache(4096)
def sources(article: str) -> tuple[tuple[str, str, str], ...]:
    """(office, day, headline) of each source in the form used since 2013; those in older shorthand are left out."""
    text = article.strip()
    parts = text[1:-1].split('";"') if len(text) > 1 and text[0] == text[-1] == '"' else [text]
    found = []
    for part in parts:
        match = _SOURCE.fullmatch(part)
        if match and precision_of(match["day"]):
            found.append((match["office"], match["day"], match["headline"].rstrip()))
    return tuple(found)


@lru_cache(4096)
def _sides(side_a: str, side_b: str, violence: str, gwno_a: str, gwno_b: str) -> tuple[ActorRecord, ...]:
    """The two sides: only one-sided violence says who attacked whom; of a fight both are parties ("affected")."""
    found = []
    for name, gwno, role in ((side_a, gwno_a, "attacker"), (side_b, gwno_b, "target")):
        if not name:
            continue
        if name == _CIVILIANS:
            kind = "civilian"
        else:
            # GED's actors are states, which have a Gleditsch and Ward number, or organised armed groups.
            kind = "government" if gwno or name.startswith(_GOVERNMENT) else "armed_group"
        found.append(ActorRecord(name, role if violence == ONE_SIDED else "affected", kind=kind))
    return tuple(found)


@lru_cache(8192)
def _place(where: str, country: str, adm_1: str, latitude: str, longitude: str, where_prec: str) -> PlaceRecord | None:
    lat, lon = degrees(latitude, longitude)
    precision = whole(where_prec, "where_prec")
    if precision is not None and not 1 <= precision <= 7:
        raise RowError(f"where_prec is {precision}, not 1 to 7")
    if not where and lat is None:
        if adm_1:
            return PlaceRecord(adm_1, country or None, adm_1, where_prec=precision, kind="province")
        return PlaceRecord(country, country, where_prec=precision, kind="country") if country else None
    return PlaceRecord(where or None, country or None, adm_1 or None, lat, lon, precision)


def _violence(text: str) -> str:
    found = VIOLENCE.get(text.removesuffix(".0")) or (text.lower() if text.lower() in VIOLENCE.values() else None)
    if found is None:
        raise RowError(f"type_of_violence is {text[:40]!r}, not 1, 2 or 3")
    return found


def _dash(side_a: str, side_b: str) -> str:
    return " – ".join(side for side in (side_a, side_b) if side) or "unknown sides"


def _kept(text: str, number: bool) -> str | int | None:
    """A cell as `extra` keeps it: None when empty, a number where it is a whole one in a column of numbers."""
    if not text:
        return None
    if number:
        try:
            return whole(text, "", least=None)
        except RowError:
            return text
    return text


def _knows(head: Head) -> bool:
    needed = {"id", "type_of_violence", "side_a", "side_b", "country"}
    return (head.names if head.shape == "csv" else head.properties) >= needed


FORMAT = Format(
    "ucdp-ged",
    "UCDP Georeferenced Event Dataset, CSV (49 columns, older and shorter forms) or GeoJSON",
    "ucdp-ged",
    read,
    knows=_knows,
    at_home=lambda options: _AT_HOME | _OF_THE_FEATURE,
)
