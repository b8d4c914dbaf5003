"""Columns from a store: all of it, or only some incidents of it for a merge."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from db.engine.arrays import (
    NO_FIRST,
    NO_LAST,
    Ints,
    Lookup,
    Mask,
    narrow_days,
    narrow_signed,
)
from db.engine.dictionary import Dictionary
from db.engine.facet_columns import Facet, Linked, Slots
from db.engine.place_columns import read_places
from db.engine.plain import sort_key, stored_day
from db.engine.reading import Coded, listed, read
from db.engine.relations import Relations
from db.engine.snapshot import Estimate, Places, Snapshot, sort_columns, time_code
from db.read import bounds

Progress = Callable[[float], None]
"""Is told now and then what part of the work is done, 0 to 1; may raise to stop it."""

_NO_PLACE = "-9223372036854775808"
_ESTIMATES = [
    sql.format(name)
    for name in ("killed", "injured")
    for sql in ("coalesce({0}_best, {0}_low, 0 * {0}_high, -1)", "coalesce({0}_best, {0}_high, -1)")
]
_NUMBERS = (
    "id", f"ifnull(place_id, {_NO_PLACE})", *_ESTIMATES, "(date_edtf IS NULL) + 2 * (date_prec IS NOT NULL)",
)  # fmt: skip
_TEXTS = {
    "type": "event_type",
    "grade": "grade",
    "status": "status",
    "kind": "kind",
    "credibility": "CAST(credibility AS TEXT)",
}
_PLAIN_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]+")
_MISSING_PLACES = Places(np.empty(0, np.int64), np.empty(0), np.empty(0), np.empty(0))


@dataclass(frozen=True, slots=True)
class _Incidents:
    """The incident rows in the order of their ids."""

    ids: Ints
    place_ids: Ints
    estimates: list[Ints]
    undated: Mask
    settled: Mask
    texts: dict[str, Coded]


def build(
    connection: sqlite3.Connection,
    progress: Progress | None = None,
    *,
    base: Snapshot | None = None,
    among: Sequence[int] | None = None,
) -> Snapshot:
    """The columns of a store, of all incidents or of those `among`; codes and slots go on from those of `base`.

    The connection should be in a transaction, so that all is read from one moment.
    """
    tell = progress or (lambda _: None)
    where = "" if among is None else f"id IN ({listed(among)})"
    rows = _read_incidents(connection, where, whole=among is None)
    tell(0.35)
    first, last, dated = _read_days(connection, rows, where)
    timed_ids, timed_codes = _read_times(connection, where)
    times = np.zeros(len(rows.ids), np.int64)
    times[Lookup(rows.ids).positions(timed_ids)] = timed_codes
    tell(0.45)
    stand, last_key = sort_columns(first, last, times)
    order = np.lexsort((rows.ids, last_key, stand))
    ids = rows.ids.take(order)
    tell(0.5)
    place_ids = rows.place_ids.take(order)
    known = base.places if base else _MISSING_PLACES
    place, places, links = read_places(connection, place_ids, known, base, restricted=among is not None)
    facets: dict[str, Facet] = {
        name: _single(texts, order, base.facets[name].dictionary if base else Dictionary())
        for name, texts in rows.texts.items()
    }
    for name, (dictionary, owners, codes) in links.items():
        facets[name] = Linked(dictionary, place, owners, codes)
    tell(0.6)
    relations = Relations(connection, Lookup(ids), len(ids), base, among)
    flags: dict[str, Mask] = {"undated": rows.undated.take(order)}
    numbers = {
        "killed": _estimate(rows.estimates[0], rows.estimates[1], order),
        "injured": _estimate(rows.estimates[2], rows.estimates[3], order),
    }
    relations.actors(facets)
    tell(0.72)
    relations.systems(facets)
    tell(0.82)
    relations.desk(facets, flags)
    tell(0.85)
    quotes, roots = relations.quotes(facets, flags)
    numbers["quotes"], numbers["roots"] = Estimate(quotes, quotes), Estimate(roots, roots)
    flags["single-source"] = roots == 1
    kinds = rows.texts["kind"]
    real = np.array([False, *(kind == "incident" for kind in kinds.values)])
    counted = real.take(kinds.codes.take(order))
    tell(1.0)
    return Snapshot(
        ids=narrow_signed(ids),
        first=narrow_days(first.take(order), NO_FIRST),
        last=narrow_days(last.take(order), NO_LAST),
        dated=dated.take(order),
        counted=counted,
        timed_ids=timed_ids,
        timed_codes=timed_codes,
        numbers=numbers,
        flags=flags,
        facets=facets,
        place=place,
        places=places,
    )


def _read_incidents(connection: sqlite3.Connection, where: str, *, whole: bool) -> _Incidents:
    numbers, texts = read(connection, "incident", _NUMBERS, list(_TEXTS.values()), where=where, whole=whole)
    incident_ids, place_ids, *estimates, marks = numbers
    return _Incidents(
        incident_ids, place_ids, estimates, marks & 1 == 1, marks & 2 == 2, dict(zip(_TEXTS, texts, strict=True))
    )


def _read_days(connection: sqlite3.Connection, rows: _Incidents, where: str) -> tuple[Ints, Ints, Mask]:
    """First and last possible days and whether a row is dated, in the order of `rows`.

    Whole columns come from the two indexes of days, where equal days lie together, so that each day is read once.
    """
    lookup = Lookup(rows.ids)
    bounds_of: list[Ints] = []
    for column, missing in (("date_earliest", NO_FIRST), ("date_latest", NO_LAST)):
        days = np.full(len(rows.ids), missing, np.int64)
        clause = f"WHERE {where}" if where else ""
        groups = connection.execute(
            f"SELECT {column}, count(*), group_concat(id) FROM incident {clause} GROUP BY {column}"
        ).fetchall()
        if groups:
            at = lookup.positions(np.fromstring(",".join(group[2] for group in groups), np.int64, sep=","))
            read_days = [stored_day(group[0]) for group in groups]
            each = np.array([missing if day is None else day for day in read_days], np.int64)
            days[at] = np.repeat(each, [group[1] for group in groups])
        bounds_of.append(days)
    first, last = bounds_of
    dated = rows.settled.copy()
    unsettled = f"date_edtf IS NOT NULL AND date_prec IS NULL{f' AND {where}' if where else ''}"
    for incident_id, key, edtf in connection.execute(
        f"SELECT id, key, date_edtf FROM incident WHERE {unsettled}"
    ).fetchall():
        earliest, latest, precision = bounds(connection, incident_id, key, edtf)
        at = lookup.positions(np.array([incident_id], np.int64))
        from_day, to_day = stored_day(earliest), stored_day(latest)
        first[at] = NO_FIRST if from_day is None else from_day
        last[at] = NO_LAST if to_day is None else to_day
        dated[at] = precision is not None
    return first, last, dated


def _read_times(connection: sqlite3.Connection, where: str) -> tuple[Ints, Ints]:
    """Ids, ascending, of the incidents whose date has a time of day, and the codes of those times."""
    clause = f" AND {where}" if where else ""
    rows = connection.execute(
        f"SELECT id, date_edtf FROM incident WHERE instr(date_edtf, 'T'){clause} ORDER BY id"
    ).fetchall()
    codes: dict[str, int] = {}
    for _, edtf in rows:
        alike = _alike(edtf)
        if alike not in codes:
            codes[alike] = time_code(sort_key(alike, None, None, 0))
    return np.array([row[0] for row in rows], np.int64), np.array([codes[_alike(edtf)] for _, edtf in rows], np.int64)


def _alike(edtf: str) -> str:
    """A date with the same time of day: for a plain date and time the same one for all days, so that few are parsed."""
    if _PLAIN_TIME.fullmatch(edtf) and stored_day(edtf[:10]) is not None:
        return f"2000-01-01{edtf[10:]}"
    return edtf


def _single(texts: Coded, order: Ints, dictionary: Dictionary) -> Slots:
    dictionary = dictionary.extended(texts.values)
    return Slots.single(dictionary, dictionary.recode(texts.values, texts.codes.take(order)))


def _estimate(low: Ints, high: Ints, order: Ints) -> Estimate:
    return Estimate(narrow_signed(low.take(order)), narrow_signed(high.take(order)))
