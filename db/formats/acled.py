"""ACLED events as CSV: the current 31 columns and older forms (capital letters, numeric inter codes, one row an actor).

Columns and codes: "Armed Conflict Location & Event Data Project (ACLED) Codebook".  What becomes of each column is
told in docs/formats.md.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from db.formats.day import Days
from db.formats.head import Head
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

ACLED = DocumentRecord("Armed Conflict Location & Event Data", "ACLED")
"""The document whose words the notes are: the data set itself, which tells what its sources reported."""

WHERE_PREC = {1: 1, 2: 2, 3: 4}
"""ACLED geo_precision (1 the place, 2 near it, 3 the province) to UCDP where_prec."""

KINDS = {
    "1": "state_force", "2": "armed_group", "3": "armed_group", "4": "armed_group", "5": "rioters", "6": "protesters",
    "7": "civilian", "8": "external_force", "state forces": "state_force", "rebel group": "armed_group",
    "rebel groups": "armed_group", "rebel forces": "armed_group", "political militia": "armed_group",
    "political militias": "armed_group", "identity militia": "armed_group", "identity militias": "armed_group",
    "rioters": "rioters", "protesters": "protesters", "civilians": "civilian",
    "external/other forces": "external_force", "other forces": "external_force",
}  # fmt: skip
"""inter1 and inter2, number or words, to a kind of actor."""

ATTACKS = frozenset({"violence against civilians", "explosions/remote violence"})
"""Event types in which actor1 acts and actor2 suffers; in all others the order of the actors means nothing."""

_NEEDED = ("event_date", "event_type", "actor1", "country", "fatalities")
_AT_HOME = frozenset(
    {"event_type", "sub_event_type", "actor1", "actor2", "admin1", "location", "latitude", "longitude", "notes"}
)
_PER_ROW = frozenset(
    {"data_id", "actor1", "assoc_actor_1", "inter1", "actor2", "assoc_actor_2", "inter2", "interaction"}
)
"""Columns in which the two rows of one event differ, in exports that have one row for each actor."""

_Cell = Callable[[str], str]


def read(source: Source, options: Options, note: Note) -> Iterator[Record | Reject]:
    """Yield the events of an ACLED file in its order."""
    table = Table(source, _NEEDED, "ACLED", fold_case=True)
    at = {name: index for index, name in enumerate(table.columns)}
    id_column = next((name for name in ("event_id_cnty", "data_id") if name in at), None)
    if id_column is None:
        table.lack("event_id_cnty")

    def dates_again() -> Iterator[str]:
        with Source(source.path) as again:
            second = Table(again, _NEEDED, "ACLED", fold_case=True)
            yield from (row[at["event_date"]] for row in second.rows() if not isinstance(row, Reject))

    days = Days(source.name, options.dates, dates_again if source.size is not None else None)
    for row in table.rows():
        if isinstance(row, Reject):
            yield row
            continue
        try:
            yield _event(row, at, row[at[id_column]].strip(), days, table.number)
        except RowError as error:
            yield Reject(table.number, str(error), as_csv(row))


def _event(row: list[str], at: Mapping[str, int], origin_id: str, days: Days, line: int) -> Record:
    def cell(name: str) -> str:
        index = at.get(name)
        return "" if index is None else row[index].strip()

    if not origin_id:
        raise RowError("has no id")
    what = cell("sub_event_type") or cell("event_type")
    sides = " – ".join(side for side in (cell("actor1"), cell("actor2")) if side)
    where = cell("location") or cell("admin1") or cell("country")
    place = _place(cell)
    extra: dict[str, object] = {name: row[index] or None for name, index in at.items() if name not in _AT_HOME}
    extra |= _sides_apart(cell)
    return Record(
        origin_id=origin_id,
        title=", ".join(part for part in (f"{what}: {sides}" if sides else what, where) if part) or origin_id,
        line=line,
        digest=_digest(row, at),
        event_type=cell("event_type").lower() or None,
        sub_event_type=cell("sub_event_type") or None,
        date_edtf=_date(cell, days),
        place=place,
        killed=Span(best=whole(cell("fatalities"), "fatalities")),
        actors=_actors(cell),
        quotes=_quotes(cell("notes"), cell("source")),
        extra=extra | unplaced(place, {name: cell(name) for name in ("latitude", "longitude")}),
        raw=row,
    )


def _date(cell: _Cell, days: Days) -> str:
    """EDTF: time_precision 1 is the day, 2 a day in a week that is known ("~"), 3 a month."""
    day = days.edtf(cell("event_date"))
    precision = cell("time_precision")
    if precision not in ("", "1", "2", "3"):
        raise RowError(f"time_precision is {precision[:20]!r}, not 1, 2 or 3")
    return {"2": f"{day[:10]}~", "3": day[:7]}.get(precision, day)


def _place(cell: _Cell) -> PlaceRecord | None:
    latitude, longitude = degrees(cell("latitude"), cell("longitude"))
    precision = whole(cell("geo_precision"), "geo_precision")
    if precision is not None and precision not in WHERE_PREC:
        raise RowError(f"geo_precision is {precision}, not 1, 2 or 3")
    where, country, admin1 = cell("location"), cell("country"), cell("admin1")
    prec = WHERE_PREC.get(precision) if precision is not None else None
    if not where and latitude is None:
        if admin1:
            return PlaceRecord(admin1, country or None, admin1, where_prec=prec, kind="province")
        return PlaceRecord(country, country, kind="country") if country else None
    return PlaceRecord(where or None, country or None, admin1 or None, latitude, longitude, prec)


def _actors(cell: _Cell) -> tuple[ActorRecord, ...]:
    """Both actors, and those associated with them, who are parties to the event without a part of their own."""
    attack = cell("event_type").lower() in ATTACKS
    found = []
    for side, role in (("1", "attacker"), ("2", "target")):
        name = cell(f"actor{side}")
        if name:
            kind = KINDS.get(cell(f"inter{side}").lower())
            found.append(ActorRecord(name, role if attack else "affected", kind=kind))
    found += [ActorRecord(name, "affected") for side in ("1", "2") for name in named(cell(f"assoc_actor_{side}"))]
    return tuple(found)


def _sides_apart(cell: _Cell) -> dict[str, object]:
    """Both actors, to be kept where parties and codes do not tell them again.

    So it is where they are one, where only the second is given, where one is an associate too, or has a code and no
    name.
    """
    sides = [cell("actor1"), cell("actor2")]
    associates = {*named(cell("assoc_actor_1")), *named(cell("assoc_actor_2"))}
    parties = [name for name in dict.fromkeys(sides) if name and name not in associates]
    told = cell("event_type").lower() in ATTACKS or [*parties, "", ""][:2] == sides
    if told and not any(is_code(cell(f"inter{n}")) and not side for n, side in enumerate(sides, 1)):
        return {}
    return {"actor1": sides[0] or None, "actor2": sides[1] or None}


def named(cell: str) -> list[str]:
    """The names in a cell of several."""
    return [name for part in cell.split(";") if (name := part.strip())]


def is_code(inter: object) -> bool:
    """Whether a cell of inter1 or inter2 says something of an actor; older forms have 0 where there is none."""
    return inter not in (None, "", "0")


def _quotes(notes: str, sources: str) -> tuple[QuoteRecord, ...]:
    """The notes, as ACLED's own words; a single source is whom they rest on, of several none is told apart."""
    if not notes:
        return ()
    voices = named(sources)
    return (QuoteRecord(ACLED, notes, ((voices[0], "reported"),) if len(voices) == 1 else ()),)


def _digest(row: list[str], at: Mapping[str, int]) -> str:
    """Digest of the event: the same for both rows of an export with one row for each actor."""
    rest = [row[index] for name, index in at.items() if name not in _PER_ROW]
    sides = sorted(
        tuple(row[at[name]] if name in at else "" for name in (f"actor{s}", f"assoc_actor_{s}", f"inter{s}"))
        for s in ("1", "2")
    )
    return digest([*rest, *sides[0], *sides[1]])


def _knows(head: Head) -> bool:
    return head.shape == "csv" and head.has(*_NEEDED) and (head.has("event_id_cnty") or head.has("data_id"))


FORMAT = Format(
    "acled",
    "ACLED events, CSV (31 columns and older forms)",
    "acled",
    read,
    knows=_knows,
    at_home=lambda options: _AT_HOME,
)
