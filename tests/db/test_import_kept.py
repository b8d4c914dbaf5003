"""Nothing of a row is lost: rows that differ in little, columns with our names, members of features, rejected rows."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest

from db.formats.record import FormatError, Imported, Options
from db.formats.registry import named
from db.formats.table import digest
from db.importing import import_file
from db.store import Store
from tests.support.data_sets import as_csv
from tests.support.gtd_rows import BASE, COLUMNS

MAPPING = 'origin = "o"\n[columns]\nid = "id"\ntitle = "title"\ndate = "date"\n'


def load(store: Store, folder: Path, name: str, text: str, toml: str = MAPPING) -> tuple[Imported, list[list[str]]]:
    """Import a text of a format; what was imported, and the rows of the file of rejects without its header."""
    (folder / "rows").write_text(text, encoding="utf-8", newline="")
    (folder / "map.toml").write_text(toml, encoding="utf-8")
    rejects = io.StringIO()
    form = named(name)
    mapping = folder / "map.toml" if name in ("csv", "ndjson") else None
    done = import_file(store, folder / "rows", form, Options(origin="o", mapping=mapping), rejects=rejects)
    return done, list(csv.reader(io.StringIO(rejects.getvalue())))[1:]


def kept(store: Store) -> list[dict[str, Any]]:
    """Columns kept of each incident, without the import's own digest."""
    rows = store.connection.execute("SELECT extra FROM incident ORDER BY id")
    return [{name: value for name, value in json.loads(extra).items() if name != "row_digest"} for (extra,) in rows]


def lines(*rows: dict[str, Any]) -> str:
    return "".join(json.dumps(row) + "\n" for row in rows)


def features(*members: dict[str, Any]) -> str:
    found = [{"type": "Feature", "geometry": None, "properties": {}} | own for own in members]
    return json.dumps({"type": "FeatureCollection", "features": found})


TYPES: list[Any] = [1, "1", [1], 1.0, True, "true", "", ["a;b"], ["a", "b"], {"lat": 1}, {"lat": 2}]


@pytest.mark.parametrize(
    ("name", "row"),
    [
        ("ndjson", {"title": "Fire", "date": "2021-05-01"}),
        ("timesketch", {"message": "Fire", "datetime": "2021-05-01T10:00:00", "timestamp_desc": "x"}),
    ],
)
def test_rows_that_differ_in_the_type_of_a_value_alone_are_two(
    store: Store, tmp_path: Path, name: str, row: dict[str, Any]
) -> None:
    text = lines(*({**row, "n": value} for value in TYPES))
    done, _ = load(store, tmp_path, name, text)
    assert done.added == len(TYPES)
    assert [extra["n"] for extra in kept(store)] == TYPES
    assert load(store, tmp_path, name, text)[0].same == len(TYPES)
    turned = dict(reversed({**row, "n": 1}.items()))
    assert load(store, tmp_path, name, lines(turned))[0].same == 1  # the order of members says nothing
    # With an id of its own, a newer row that differs in this alone is noticed.
    key = "id" if name == "ndjson" else "key"
    load(store, tmp_path, name, lines({**row, key: "k", "n": 1}))
    assert load(store, tmp_path, name, lines({**row, key: "k", "n": "1"}))[0].changed == 1


def test_a_timesketch_event_is_one_as_csv_and_as_json_without_its_empty_members(store: Store, tmp_path: Path) -> None:
    row = {"message": "Fire", "datetime": "2021-05-01T10:00:00", "timestamp_desc": "x", "other": None}
    load(store, tmp_path, "timesketch", lines(row))
    table = "message,datetime,timestamp_desc,other\nFire,2021-05-01T10:00:00,x,\n"
    assert load(store, tmp_path, "timesketch", table)[0].same == 1


def test_cells_that_hold_what_parts_them_are_not_taken_for_others(store: Store, tmp_path: Path) -> None:
    assert digest(("a\x1fb", "c")) != digest(("a", "b\x1fc"))
    assert digest(("a\x1fb",)) != digest(("a", "b"))
    assert digest(("a", "b")) == "f84c4d669fe0d410"  # as every store has it
    assert digest(()) == digest(("",)) == "e4a6a0577479b2b4"
    done, _ = load(store, tmp_path, "csv", "title,date,x,y\nFire,2021-05-01,1\x1fy\x1f2,3\nFire,2021-05-01,1,2\x1fy\x1f3\n",
                   'origin = "o"\n[columns]\ntitle = "title"\ndate = "date"\n')  # fmt: skip
    assert done.added == 2


@pytest.mark.parametrize("own", ["row_digest", "source_says"])
def test_a_column_called_as_one_of_ours_is_kept_under_another_name(store: Store, tmp_path: Path, own: str) -> None:
    rows = [{"id": "1", "title": "Fire", "date": "2021-05-01", own: "MINE", f"{own} (column)": "TOO"}]
    load(store, tmp_path, "ndjson", lines(*rows))
    assert kept(store) == [{f"{own} (column) (column)": "MINE", f"{own} (column)": "TOO"}]
    text = f"id,title,date,{own}\n1,Fire,2021-05-02,MINE\n2,Fire,2021-05-01,MINE\n"
    assert load(store, tmp_path, "csv", text)[0].added == 1
    assert kept(store)[1] == {f"{own} (column)": "MINE"}
    assert load(store, tmp_path, "csv", text)[0].added == 0
    # A fuller form and a shorter one are told apart by the columns kept: this one is neither.
    newer = text.replace("2,Fire,2021-05-01", "2,Fire,2021-06-01")
    assert load(store, tmp_path, "csv", newer)[0].changed == 1


GED = {"id": "1", "type_of_violence": "1", "side_a": "A", "side_b": "B", "country": "Iraq", "date_start": "2021-05-01",
       "date_end": "", "date_prec": "1", "best": "2", "low": "2", "high": "2", "words": "precious"}  # fmt: skip
ACLED = {"event_id_cnty": "1", "event_date": "2021-05-01", "event_type": "Riots", "actor1": "A", "country": "Iraq",
         "fatalities": "0", "words": "precious"}  # fmt: skip
GTD = {**{name: BASE.get(name, "") for name in COLUMNS}, "motive": "precious"}
SLIDE = {"unique_id": "1", "start_date": {"year": 2021, "month": 5, "day": 1}, "text": {"headline": "precious"}}
PROPERTIES = {"title": "Fire", "date": "2021-05-01", "words": "precious"}


NO_DAY = "2021-02-29"
TWO: dict[str, tuple[str, str]] = {
    # format → a file whose first row has a date that is none, and one whose second row has the id of its first
    "ucdp-ged": (as_csv([GED | {"date_start": NO_DAY}, GED | {"id": "2"}]), as_csv([GED, GED | {"best": "1", "low": "1"}])),
    "acled": (as_csv([ACLED | {"event_date": NO_DAY}, ACLED]), as_csv([ACLED, ACLED | {"country": "Syria"}])),
    "gtd": (as_csv([GTD | {"iyear": "2021", "imonth": "2", "iday": "29"}]), as_csv([GTD, GTD | {"summary": "s"}])),
    "csv": (as_csv([PROPERTIES | {"id": "1", "date": NO_DAY}]), as_csv([PROPERTIES | {"id": "1"}, {**PROPERTIES, "date": "", "id": "1"}])),
    "ndjson": (lines(PROPERTIES | {"date": NO_DAY}), lines(PROPERTIES | {"id": 1}, PROPERTIES | {"id": 1, "date": ""})),
    "timesketch": (
        lines({"message": "precious", "datetime": f"{NO_DAY}T10:00:00"}),
        lines(*({"message": "precious", "datetime": f"2021-05-0{day}T10:00:00", "key": "k"} for day in (1, 2))),
    ),
    "timelinejs": (
        json.dumps({"events": [SLIDE | {"start_date": {"year": 2021, "month": 2, "day": 29}}]}),
        json.dumps({"events": [SLIDE, SLIDE | {"group": "g"}]}),
    ),
    "timemap": (
        json.dumps([{"id": "1", "description": "precious", "date": NO_DAY}]),
        json.dumps([{"id": "1", "description": "precious", "date": day} for day in ("2021-05-01", "2021-05-02")]),
    ),
    "geojson": (
        features({"properties": PROPERTIES | {"date": NO_DAY}}),
        features({"properties": PROPERTIES, "id": 1}, {"properties": PROPERTIES, "id": 1, "note": "n"}),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", list(TWO))
def test_a_row_that_is_rejected_late_is_kept_whole_too(store: Store, tmp_path: Path, name: str) -> None:
    no_day, doubled = TWO[name]
    done, rejects = load(store, tmp_path, name, no_day)
    assert done.rejected == 1
    assert "no day 29" in rejects[0][1]
    assert "precious" in rejects[0][2]
    done, rejects = load(store, tmp_path, name, doubled)
    assert (done.rejected, "stands twice" in rejects[0][1], "precious" in rejects[0][2]) == (1, True, True)


def test_the_row_of_a_ged_feature_is_its_json(store: Store, tmp_path: Path) -> None:
    _, rejects = load(store, tmp_path, "ucdp-ged", features({"properties": GED | {"date_start": NO_DAY}, "note": "n"}))
    assert json.loads(rejects[0][2])["note"] == "n"


def test_a_row_that_changes_an_incident_is_not_set_aside_with_it(store: Store, tmp_path: Path) -> None:
    """The row is for the file of rejects alone; the incident is what it was before rows were kept for it."""
    load(store, tmp_path, "ndjson", lines(PROPERTIES | {"id": 1}))
    assert load(store, tmp_path, "ndjson", lines(PROPERTIES | {"id": 1, "words": "new"}))[0].changed == 1
    assert kept(store) == [{"words": "new"}]


LINE = {"type": "LineString", "coordinates": [[1, 2], [3, 4]]}


def test_a_property_with_the_name_of_a_foreign_member_is_kept(store: Store, tmp_path: Path) -> None:
    own = {"title": "Fire", "note": "inner", "geometry": "mine", "note (feature)": "also mine"}
    load(store, tmp_path, "geojson", features({"properties": own, "geometry": LINE, "note": "outer", "title": "OUTER"}))
    assert kept(store) == [
        {"note": "inner", "geometry": "mine", "note (feature)": "also mine", "note (feature) (feature)": "outer",
         "geometry (feature)": LINE, "title (feature)": "OUTER"}
    ]  # fmt: skip


@pytest.mark.parametrize(("given", "origin_id"), [(7.0, "7.0"), (1.5, "1.5"), (7, "7"), ("x", "x")])
def test_an_id_may_be_any_number(store: Store, tmp_path: Path, given: Any, origin_id: str) -> None:
    load(store, tmp_path, "geojson", features({"properties": {"title": "Fire", "uid": 9}, "id": given}))
    assert store.connection.execute("SELECT origin_id FROM incident").fetchone() == (origin_id,)
    assert kept(store) == [{"uid": 9}]


@pytest.mark.parametrize("given", [True, [1], {"a": 1}])
def test_what_is_no_id_is_kept(store: Store, tmp_path: Path, given: Any) -> None:
    load(store, tmp_path, "geojson", features({"properties": {"title": "Fire", "id": 9}, "id": given}))
    assert store.connection.execute("SELECT origin_id FROM incident").fetchone() == ("9",)
    assert kept(store) == [{"id (feature)": given}]


def test_an_object_is_kept_where_the_mapping_names_it(store: Store, tmp_path: Path) -> None:
    (tmp_path / "rows").write_text(features({"properties": {"title": {"en": "Fire"}, "type": "fire"}}), "utf-8")
    (tmp_path / "map.toml").write_text('origin = "o"\n[columns]\ntitle = "title"\nevent_type = "type"\n', "utf-8")
    import_file(store, tmp_path / "rows", named("geojson"), Options(mapping=tmp_path / "map.toml"))
    assert kept(store) == [{"title": {"en": "Fire"}}]


def test_our_own_and_ged_features_keep_their_own_members_beside_properties(store: Store, tmp_path: Path) -> None:
    ours = {"key": "k", "kind": "incident", "title": "T", "date_edtf": "2021", "match": "certain", "quotes": []}
    load(store, tmp_path, "geojson", features({"properties": ours, "id": 3.5, "match": "outer"}))
    assert kept(store) == [{"match": "certain", "match (feature)": "outer", "id": 3.5}]
    ged = features({"properties": GED, "id": 17, "words": "outer"}, {"properties": GED | {"id": ""}, "id": 8.0})
    load(store, tmp_path, "ucdp-ged", ged)
    found = kept(store)[1:]
    assert (found[0]["words"], found[0]["words (feature)"], found[0]["id (feature)"]) == ("precious", "outer", 17)
    ids = "SELECT origin_id FROM incident WHERE origin = 'o' ORDER BY id"
    assert store.connection.execute(ids).fetchall() == [("k",), ("1",), ("8",)]


def test_a_feature_of_ged_is_no_fuller_form_for_its_id_and_geometry(store: Store, tmp_path: Path) -> None:
    load(store, tmp_path, "ucdp-ged", features({"properties": GED, "id": 17, "geometry": LINE}))
    assert load(store, tmp_path, "ucdp-ged", as_csv([GED | {"best": "1", "low": "1"}]))[0].changed == 1


@pytest.mark.parametrize("geometry", [{"type": "Point", "coordinates": [0, 0.0]}, "POINT (44 33)", [44, 33]])
@pytest.mark.parametrize("name", ["geojson", "ucdp-ged"])
def test_a_geometry_that_gives_no_place_is_kept(store: Store, tmp_path: Path, name: str, geometry: Any) -> None:
    load(store, tmp_path, name, features({"properties": {"title": "Fire", **GED}, "geometry": geometry}))
    assert kept(store)[0]["geometry"] == geometry
    assert store.connection.execute("SELECT count(latitude) FROM place").fetchone() == (0,)


def test_an_object_with_two_members_of_one_name_is_rejected(store: Store, tmp_path: Path) -> None:
    twice = '{"id":"1","title":"A","title":"B","date":"2021-05-01"}'
    done, rejects = load(store, tmp_path, "ndjson", f'{twice}\n{{"id":"2","title":"C","date":"2021-05-01"}}\n')
    assert done.added == 1
    assert [(line, reason) for line, reason, *_ in rejects] == [("1", "has two members named 'title' in one object")]
    assert rejects[0][2] == twice
    collection = features({"id": "3", "properties": {"title": "D"}}).replace('"title": "D"', '"note": 1, "note": 2')
    with pytest.raises(FormatError, match="two members named 'note'"):
        load(store, tmp_path, "geojson", collection)


def test_columns_without_a_name_are_all_kept(store: Store, tmp_path: Path) -> None:
    load(store, tmp_path, "csv", "id,,title,date,\n1,first,A,2021-05-01,second\n")
    assert kept(store) == [{"column 2": "first", "column 5": "second"}]


def test_a_rejected_row_with_a_line_break_in_a_cell_is_one_row(store: Store, tmp_path: Path) -> None:
    _, rejects = load(store, tmp_path, "csv", 'id,title,date\n1,"a\nb",2021-02-30\n')
    assert [list(csv.reader(io.StringIO(row))) for _, _, row, _ in rejects] == [[["1", "a\nb", "2021-02-30"]]]
