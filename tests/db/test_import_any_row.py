"""Rows made by chance through every reader: each is imported or rejected, none ends in a traceback, nothing is invented.

An invented value is one that no cell of the row has: numbers of people, coordinates, days, names and words are looked
for in what went in.
"""

from __future__ import annotations

import csv
import io
import json
import re
import tempfile
from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from db.errors import DatelineError
from db.formats import acled, geojson, gtd, mapped, timelinejs, timemap, timesketch, ucdp_ged
from db.formats.headline import plain
from db.formats.record import Format, Imported, Options
from db.formats.source import Source
from db.importing import import_file
from db.store import Store
from db.verify import findings
from tests.support.data_sets import as_csv
from tests.support.gtd_rows import BASE, COLUMNS

ODD = st.sampled_from(
    ["", " ", "0", "1", "2", "3", "4", "-9", "-99", "2.5", "1e3", "NaN", "inf", "Unknown", "2021-05-08", "2021-13-45", "2O21-05-08", "2021-02-30",
     "May 8, 2021",
     "13/05/2021", "2021-05-08T02:13:05.5+03:00", "[/x]", "=1+1", "\u202eevil\x1b[2J", "é", "日本", "a;b", '"q", P, May 8, 2021.',
     "<b>x</b> &amp; y", "9" * 30, "-0.0", "91", "181", "a\nb", "Government of X", "ÀB,2021-05-08,Words"]
)  # fmt: skip
CELL = ODD | st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=12)
JSON: st.SearchStrategy[Any] = st.recursive(
    CELL
    | st.none()
    | st.booleans()
    | st.integers(-(10**20), 10**20)
    | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(CELL, inner, max_size=3),
    max_leaves=5,
)


def table(base: dict[str, str], varied: tuple[str, ...]) -> st.SearchStrategy[list[dict[str, str]]]:
    """Rows of a sound row's columns, some of the varied ones filled by chance."""
    cells = st.dictionaries(st.sampled_from(varied), CELL, max_size=6)
    return st.lists(cells.map(lambda own: {**base, **own}), min_size=1, max_size=4)


def objects(base: dict[str, Any]) -> st.SearchStrategy[list[Any]]:
    """Objects of a sound one's members, some replaced by any JSON at all, and now and then no object."""
    own = st.dictionaries(st.sampled_from([*base, "other"]), JSON, max_size=4).map(lambda members: {**base, **members})
    return st.lists(own | JSON, min_size=1, max_size=4).map(lambda rows: [base, *rows])


GED = {
    "id": "1", "year": "2021", "type_of_violence": "1", "side_a": "A", "side_b": "B", "country": "Iraq", "date_start": "2021-05-08",
    "date_end": "2021-05-08", "date_prec": "1", "where_prec": "1", "where_coordinates": "W", "adm_1": "M", "latitude": "33",
    "longitude": "44", "low": "1", "best": "2", "high": "3", "source_article": "", "source_original": "", "gwnoa": "", "gwnob": "",
}  # fmt: skip
ACLED = {
    "event_id_cnty": "IRQ1", "event_date": "8 May 2021", "time_precision": "1", "event_type": "Battles", "sub_event_type": "Clash",
    "actor1": "A", "assoc_actor_1": "", "inter1": "1", "actor2": "B", "assoc_actor_2": "", "inter2": "2", "country": "Iraq",
    "admin1": "M", "location": "W", "latitude": "33", "longitude": "44", "geo_precision": "1", "source": "S", "notes": "N",
    "fatalities": "2",
}  # fmt: skip
SHEET = {"id": "1", "title": "T", "date": "2021-05-08", "type": "x", "killed": "2", "injured": "", "place": "P", "country": "Iraq",
         "latitude": "33", "longitude": "44", "source": "S", "article": "D", "tags": "a;b", "attacker": "A", "weapon": "W"}  # fmt: skip
SKETCH = {
    "message": "M",
    "datetime": "2021-05-08T00:00:00Z",
    "timestamp": "",
    "timestamp_desc": "d",
    "tag": "t",
    "_id": "1",
}
SLIDE = {"start_date": {"year": 2021, "month": 5}, "end_date": {"year": 2021}, "text": {"headline": "H", "text": "T"},
         "media": {"url": "https://e.org", "caption": "C", "credit": "R"}, "group": "g", "unique_id": "1"}  # fmt: skip
HARM = {"id": "1", "date": "2021-05-08", "time": "02:00", "description": "D", "location": "L", "latitude": "33", "longitude": "44",
        "sources": [{"path": "https://e.org", "description": "S"}], "filters": [{"key": "k", "value": "v"}], "category": "c"}  # fmt: skip
FEATURE: dict[str, Any] = {"type": "Feature", "id": "1", "geometry": {"type": "Point", "coordinates": [44, 33]},
           "properties": {"title": "T", "date": "2021-05-08", "killed": 2, "place": "P"}}  # fmt: skip
LISTED: dict[str, Any] = {**FEATURE, "properties": {
    "key": "k", "kind": "incident", "title": "T", "date_edtf": "2021-05", "match": "certain", "quotes": [], "killed": {"best": 2},
    "actors": [{"name": "A", "role": "target"}], "place": {"name": "P", "latitude": 1, "longitude": 2}, "tags": ["t"]}}  # fmt: skip
GTD = {name: BASE.get(name, "") for name in COLUMNS}

CASES: dict[str, tuple[Format, st.SearchStrategy[list[Any]], Callable[[list[Any]], str]]] = {
    "ucdp-ged": (ucdp_ged.FORMAT, table(GED, tuple(GED)), as_csv),
    "acled": (acled.FORMAT, table(ACLED, tuple(ACLED)), as_csv),
    "gtd": (gtd.FORMAT, table(GTD, tuple(n for n in COLUMNS if n in BASE or n in ("approxdate", "gname2", "scite3", "target2"))), as_csv),
    "csv": (mapped.CSV, table(SHEET, tuple(SHEET)), as_csv),
    "timesketch": (timesketch.FORMAT, table(SKETCH, tuple(SKETCH)), as_csv),
    "timesketch lines": (timesketch.FORMAT, objects(SKETCH), lambda rows: "".join(json.dumps(row) + "\n" for row in rows)),
    "ndjson": (mapped.NDJSON, objects(SHEET), lambda rows: "".join(json.dumps(row) + "\n" for row in rows)),
    "timelinejs": (timelinejs.FORMAT, objects(SLIDE), lambda rows: json.dumps({"events": rows, "title": rows[-1]})),
    "timemap": (timemap.FORMAT, objects(HARM), json.dumps),
    "geojson": (geojson.FORMAT, objects(FEATURE), lambda rows: json.dumps({"type": "FeatureCollection", "features": rows})),
    "geojson properties": (
        geojson.FORMAT,
        objects(FEATURE["properties"]).map(lambda rows: [{**FEATURE, "id": n, "properties": row} for n, row in enumerate(rows)]),
        lambda rows: json.dumps({"type": "FeatureCollection", "features": rows}),
    ),
    "geojson of ours": (
        geojson.FORMAT,
        objects(LISTED["properties"]).map(lambda rows: [{**LISTED, "properties": row} for row in rows]),
        lambda rows: json.dumps({"type": "FeatureCollection", "features": rows}),
    ),
}  # fmt: skip


def imported(folder: Path, form: Format, text: str, store: Store) -> tuple[Imported, str]:
    path = folder / "rows"
    path.write_text(text, encoding="utf-8", newline="")
    options = Options(dates="dmy", origin="o")
    if form.guess is not None:
        with Source(path) as source:
            (folder / "map.toml").write_text("\n".join(form.guess(source)), encoding="utf-8")
        options = Options(dates="dmy", origin="o", mapping=folder / "map.toml")
    rejects = io.StringIO()
    return import_file(store, path, form, options, rejects=rejects), rejects.getvalue()


@pytest.mark.parametrize("name", list(CASES))
@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(data=st.data())
def test_each_row_is_imported_or_rejected_and_nothing_is_invented(name: str, data: st.DataObject) -> None:
    form, strategy, write = CASES[name]
    rows = data.draw(strategy)
    text = write(rows)
    with tempfile.TemporaryDirectory() as folder, Store.create(Path(folder) / "s.db") as store:
        try:
            done, rejects = imported(Path(folder), form, text, store)
        except DatelineError as error:
            assert "\n" not in str(error)  # noqa: PT017 - a file may be refused as a whole, by an id that stands twice
            event("refused")
            return
        event(f"{min(done.added, 1)} added, {min(done.rejected, 1)} rejected")
        slides = len(rows) + (form is timelinejs.FORMAT and rows[-1] is not None)
        assert done.rows == slides
        assert sum(line for (line,) in store.connection.execute("SELECT count(*) FROM incident")) == done.added
        if done.rejected:
            assert len(list(csv.reader(io.StringIO(rejects)))) == 1 + done.rejected
        assert not [f for f in findings(store.connection) if f.wrong], text
        _nothing_invented(store, text)
        again, _ = imported(Path(folder), form, text, store)
        assert (again.added, again.changed) == (0, 0)


_EPOCH = datetime(1970, 1, 1)


def _nothing_invented(store: Store, text: str) -> None:
    """Numbers and words of the store are in the file, as they stand or as JSON or HTML writes them."""
    found = [n for n in re.findall(r"\d+(?:\.\d+)?(?:e[+]?\d+)?", text) if float(n) < 1e19]
    numbers = {int(float(n)) for n in found} | {int(Decimal(n)) for n in found}  # a store has the digits as written
    near = numbers | {n + 1 for n in numbers}  # the upper bound of a fraction
    for column in ("killed_low", "killed_best", "killed_high", "injured_low", "injured_best", "injured_high"):
        for (value,) in store.connection.execute(f"SELECT {column} FROM incident WHERE {column} IS NOT NULL"):
            assert value in near, (column, value, text)
    for latitude, longitude in store.connection.execute(
        "SELECT latitude, longitude FROM place WHERE latitude IS NOT NULL"
    ):
        degrees = {float(n) for n in re.findall(r"-?\d+(?:\.\d+)?(?:e[+-]?\d+)?", text)}
        assert {latitude, longitude} <= degrees
        assert (latitude, longitude) != (0, 0)
    stamps = {(_EPOCH + timedelta(microseconds=n * sign)).year for n in numbers if n < 10**16 for sign in (1, -1)}
    for (edtf,) in store.connection.execute("SELECT date_edtf FROM incident WHERE date_edtf IS NOT NULL"):
        for year in re.findall(r"\d{4,}", edtf.partition("T")[0]):
            assert int(year) in stamps or year.lstrip("0") in text or int(year) - 1 in numbers or year[2:] in text, (
                edtf,
                text,
            )
    flat = "".join(_words(text) + _words(plain(text.replace("\\n", "\n").replace('\\"', '"'))))
    for sql in (
        "SELECT name FROM actor", "SELECT exact FROM quote", "SELECT name FROM tag", "SELECT publisher FROM document",
        "SELECT event_type FROM incident WHERE event_type IS NOT NULL",
    ):  # fmt: skip
        for (value,) in store.connection.execute(sql):
            words = set(_words(value or ""))
            missing = [word for word in words if word not in flat]
            assert not missing or set(_words(value)) <= set(_words(" ".join(ucdp_ged.VIOLENCE.values()) + " ACLED true false")), (
                sql, value, text,
            )  # fmt: skip


def _words(text: str) -> list[str]:
    text = re.sub(r"\\u([0-9a-fA-F]{4})", lambda found: chr(int(found[1], 16)), text)
    text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return re.findall(r"\w+", text.casefold())
