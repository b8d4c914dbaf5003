"""GeoJSON in: our own export, UCDP's columns, and any other collection; read feature by feature, nothing invented."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from db.errors import DatelineError
from db.formats import json_parts, source
from db.formats import ucdp_ged as ged
from db.formats.geojson import FORMAT
from db.formats.json_parts import Part, parts
from db.formats.record import Format, FormatError, Imported, Options
from db.formats.source import Source
from db.importing import import_file
from db.store import Store
from tests.support.incidents import incident_of

DATA = Path(__file__).resolve().parent.parent / "data"


def feature(properties: dict[str, Any] | None, **members: Any) -> dict[str, Any]:
    point = {"type": "Point", "coordinates": [44.4, 33.3]}
    return {"type": "Feature", "geometry": point, "properties": properties, **members}


def collection(*features: Any, **members: Any) -> dict[str, Any]:
    return {"type": "FeatureCollection", **members, "features": list(features)}


def load(store: Store, folder: Path, value: Any, form: Format = FORMAT, **options: Any) -> Imported:
    path = folder / "map.geojson"
    path.write_text(value if isinstance(value, str) else json.dumps(value), encoding="utf-8")
    return import_file(store, path, form, Options(**options))


PLAIN = feature(
    {
        "title": "Drone hits depot",
        "date": "2021-05-13",
        "type": "drone-strike",
        "killed": 2,
        "mood": {"a": [1]},
        "x2": None,
    },
    id=7,
    note="foreign",
)


def test_properties_are_known_by_name_and_the_rest_is_kept(store: Store, tmp_path: Path) -> None:
    done = load(store, tmp_path, collection(PLAIN, name="My list", bbox=[0, 0, 1, 1]))
    assert done.added == 1
    found: Any = incident_of(store, "map-7")
    assert (found.title, found.date_edtf, found.event_type) == ("Drone hits depot", "2021-05-13", "drone-strike")
    assert (found.killed.low, found.killed.best, found.injured.known) == (None, 2, False)
    assert (found.place.name, found.place.latitude, found.place.longitude) == ("33.3, 44.4", 33.3, 44.4)
    assert {n: v for n, v in found.extra.items() if n != "row_digest"} == {
        "mood": {"a": [1]},
        "x2": None,
        "note": "foreign",
    }
    assert any("left out: name" in note for note in done.notes)
    assert load(store, tmp_path, collection(PLAIN)).same == 1


@pytest.mark.parametrize(
    "geometry",
    [
        None,
        {"type": "Point", "coordinates": []},
        {"type": "Point", "coordinates": [0, 0]},
        {"type": "Polygon", "coordinates": [[[0, 0], [1, 0], [1, 1], [0, 0]]]},
        {"type": "GeometryCollection", "geometries": []},
    ],
)
def test_what_is_no_point_gives_no_coordinates(store: Store, tmp_path: Path, geometry: Any) -> None:
    done = load(
        store, tmp_path, collection(feature({"title": "A", "place": "Somewhere"}, id="a") | {"geometry": geometry})
    )
    found: Any = incident_of(store, "map-a")
    assert (found.place.name, found.place.latitude, found.place.longitude) == ("Somewhere", None, None)
    if geometry and geometry["type"] != "Point":
        assert found.extra["geometry"] == geometry
        assert any("no points" in note for note in done.notes)


def test_height_is_kept(store: Store, tmp_path: Path) -> None:
    high = {"type": "Point", "coordinates": [44.4, 33.3, 120.5]}
    load(store, tmp_path, collection(feature({"title": "A"}, id="a") | {"geometry": high}))
    found: Any = incident_of(store, "map-a")
    assert (found.place.latitude, found.extra["geometry"]) == (33.3, high)


def test_a_mapping_file_names_the_properties(store: Store, tmp_path: Path) -> None:
    (tmp_path / "map.toml").write_text(
        'origin = "s"\n[columns]\ntitle = "was"\nid = "nr"\ndate = "on"\n', encoding="utf-8"
    )
    load(store, tmp_path, collection(feature({"was": "A", "nr": 3, "on": "13/05/2021"})), mapping=tmp_path / "map.toml")
    found: Any = incident_of(store, "map-3")
    assert (found.title, found.date_edtf, found.place.latitude) == ("A", "2021-05-13", 33.3)


def test_the_order_of_day_and_month_is_the_whole_files(store: Store, tmp_path: Path) -> None:
    both = [feature({"title": "A", "date": "03/04/2021"}, id=1), feature({"title": "B", "date": "13/04/2021"}, id=2)]
    load(store, tmp_path, collection(*both))
    assert incident_of(store, "map-1").date_edtf == "2021-04-03"
    with pytest.raises(DatelineError, match="--dates dmy or --dates mdy"):
        load(store, tmp_path, collection(both[0]))


LISTED = {
    "key": "a", "kind": "incident", "title": "A", "summary": "S", "event_type": "drone-strike", "sub_event_type": None,
    "date_edtf": "2021-05-08T02", "date_earliest": "2021-05-08", "date_latest": "2021-05-08", "date_prec": 1,
    "match": "certain",
    "place": {"name": "P", "country_code": "IQ", "latitude": 33.8, "longitude": 42.4, "where_prec": 1},
    "actors": [{"name": "X", "role": "attacker", "attribution": "suspected"}],
    "systems": [{"name": "C", "class": "air_defence", "role": "air_defence", "outcome": "missed"}],
    "killed": {"low": None, "best": None, "high": None}, "injured": {"low": 0, "best": 0, "high": 0},
    "grade": "fair", "credibility": 2, "status": "reviewed", "disputed": ["date"], "roots": 1, "documents": ["d"],
    "tags": ["t"], "starred": False,
    "quotes": [{"document": "d", "start": 1, "end": 2, "exact": "q", "speaker": "Z", "chain": ["Y", "Z"], "verified": True}],
    "claims": [{"field": "date", "value": "2021-06-22", "polarity": "asserts", "speaker": "Z"}],
}  # fmt: skip


def test_our_own_features_come_back(store: Store, tmp_path: Path) -> None:
    load(store, tmp_path, collection(feature(LISTED, id="a")))
    found: Any = incident_of(store, "map-a")
    assert (found.title, found.summary, found.date_edtf, found.event_type) == (
        "A",
        "S",
        "2021-05-08T02",
        "drone-strike",
    )
    assert (found.killed.known, found.injured.low, found.injured.best) == (False, 0, 0)
    assert (found.place.name, found.place.country_code, found.place.where_prec) == ("P", "IQ", 1)
    assert [(a.actor.name, a.role, a.attribution) for a in found.actors] == [("X", "attacker", "suspected")]
    assert [(s.name, s.system_class, s.outcome) for s in found.systems] == [("C", "air_defence", "missed")]
    (quote,) = found.quotes
    assert (quote.exact, [s.name for s in quote.chain]) == ("q", ["Y", "Z"])
    assert found.tags == ("t",)
    assert (found.grade, found.status) == (None, "draft")  # another's judgement is kept, not taken over
    assert (found.extra["grade"], found.extra["claims"][0]["value"]) == ("fair", "2021-06-22")


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"kind": "rumour"}, "kind is 'rumour'"),
        ({"title": ""}, "has no title"),
        ({"actors": [{"name": "X", "role": "hero"}]}, "role is 'hero'"),
        ({"actors": {}}, "actors is no list"),
        ({"killed": {"best": -1}}, "best is no number of people"),
        ({"killed": {"best": 1.5}}, "best is no number of people"),
        ({"place": {"name": "P", "latitude": 91, "longitude": 0}}, "not on the globe"),
        ({"place": {"name": "P", "where_prec": 8}}, "where_prec"),
        ({"quotes": [{"exact": ""}]}, "no words"),
        ({"date_edtf": "2021-13"}, "2021-13"),
    ],
)
def test_a_feature_that_is_not_ours_after_all_is_rejected(
    store: Store, tmp_path: Path, change: dict[str, Any], reason: str
) -> None:
    done = load(store, tmp_path, collection(feature(LISTED), feature({**LISTED, "key": "b", **change})))
    assert (done.added, done.rejected) == (1, 1)
    assert done.reasons[0].startswith("feature 2: ")
    assert reason in done.reasons[0]


def test_ucdp_columns_as_properties_are_read_as_ucdp(store: Store, tmp_path: Path) -> None:
    import csv

    with (DATA / "ged_iraq_hdx.csv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["id"]]
    numbers = ("id", "best", "low", "high", "latitude", "longitude", "where_prec", "date_prec", "type_of_violence")
    made = [
        feature({name: json.loads(value) if name in numbers else value or None for name, value in row.items()})
        | {"geometry": {"type": "Point", "coordinates": [float(row["longitude"]), float(row["latitude"])]}}
        for row in rows
    ]
    assert load(store, tmp_path, collection(*made), ged.FORMAT).added == len(rows)
    with Store.create(tmp_path / "csv.db") as other:
        import_file(other, DATA / "ged_iraq_hdx.csv", ged.FORMAT, Options())
        columns = "origin, origin_id, title, event_type, date_edtf, killed_low, killed_best, killed_high"
        same = f"SELECT {columns}, (SELECT name FROM place WHERE id = place_id) FROM incident ORDER BY origin_id"
        assert store.connection.execute(same).fetchall() == other.connection.execute(same).fetchall()
        for table in ("incident_actor", "quote", "attribution"):
            count = f"SELECT count(*) FROM {table}"
            assert store.connection.execute(count).fetchone() == other.connection.execute(count).fetchone()


def deep(levels: int) -> str:
    return '{"type": "FeatureCollection", "features": [' + "[" * levels + "]" * levels + "]}"


GOOD = json.dumps(collection(PLAIN, PLAIN | {"id": 8}), indent=1)
BROKEN: dict[str, tuple[bytes, str]] = {
    "empty": (b"", "is empty"),
    "blank": (b" \n \n", "no JSON object or array"),
    "CSV": (b"id,title\n1,A\n", "is not a GeoJSON FeatureCollection: it is no JSON"),
    "cut in a feature": (GOOD[: len(GOOD) // 2].encode(), r"ends within its JSON, on line \d+: it was cut"),
    "cut behind a feature": (GOOD[: GOOD.rindex("]")].encode(), "it was cut"),
    "cut gzip": (gzip.compress(GOOD.encode())[:-20], "ends in the middle of its gzip data"),
    "binary": (b"{" + bytes(range(256)), "NUL"),
    "no features": (b'{"type": "FeatureCollection", "features": []}', "has no features"),
    "header only": (b'{"type": "FeatureCollection"}', "has no features"),
    "another type": (b'{"type": "Topology", "features": [{}]}', "its type is 'Topology'"),
    "no type": (b'{"features": [{}]}', "it has no type"),
    "single quotes": (b"{'type': 'FeatureCollection'}", "line 1: not JSON .a member's name is missing"),
    "comma missing": (GOOD.replace('"id": 7,', '"id": 7').encode(), r"line \d+: not JSON .Expecting ',' delimiter"),
    "NaN": (GOOD.replace("44.4", "NaN").encode(), "NaN is not JSON"),
    "more behind": (GOOD.encode() + b" {}", "goes on behind the end of a JSON document, on line"),
    "deep": (deep(10_000).encode(), "nested too deeply"),
    "doubled ids": (json.dumps(collection(PLAIN, PLAIN | {"note": "n"})).encode(), "feature 2: the id '7' stands on an earlier"),
    "one long value": (b'{"type": "FeatureCollection", "features": ["' + b"a" * 300_000, "one value has more than"),
    "bomb": (gzip.compress(b'{"type": "FeatureCollection", "features": [' + b" " * 3_000_000), "unpacks to more than"),
}  # fmt: skip


@pytest.mark.parametrize("name", list(BROKEN))
def test_a_broken_file_says_so_in_a_line_and_changes_nothing(
    store: Store, tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(source, "PIECE", 4096)
    monkeypatch.setattr(source, "BOMB_FROM", 1 << 20)
    monkeypatch.setattr(json_parts, "MAX_VALUE", 100_000)
    raw, message = BROKEN[name]
    load(store, tmp_path, collection(PLAIN | {"id": "before"}))
    path = tmp_path / "bad.geojson"
    path.write_bytes(raw)
    before = list(store.connection.iterdump())
    with pytest.raises(DatelineError, match=message) as caught:
        import_file(store, path, FORMAT, Options())
    assert "\n" not in str(caught.value)
    assert list(store.connection.iterdump()) == before


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (3, "is no Feature"),
        ({"type": "Feature", "properties": []}, "its properties are no object"),
        (feature({}), "has no title"),
        (feature({"title": "A", "date": "soon"}), "date 'soon'"),
        (feature({"title": "A"}) | {"geometry": {"type": "Point", "coordinates": ["1", "2"]}}, "not two numbers"),
        (feature({"title": "A"}) | {"geometry": {"type": "Point", "coordinates": [1, 95]}}, "not on the globe"),
        (feature({"title": "A\ud800"}), "lone surrogate"),
        (feature({"title": "A", "d": json.loads("[" * 300 + "]" * 300)}), "more than 200 levels"),
    ],
)
def test_a_bad_feature_is_rejected_by_its_number(store: Store, tmp_path: Path, bad: Any, reason: str) -> None:
    done = load(store, tmp_path, collection(PLAIN, bad, PLAIN | {"id": 8}))
    assert (done.added, done.rejected) == (2, 1)
    assert done.reasons[0].startswith("feature 2: ")
    assert reason in done.reasons[0]
    with pytest.raises(FormatError, match=r"feature 2: .*nothing was imported"):
        import_file(store, tmp_path / "map.geojson", FORMAT, Options(), strict=True)


def test_one_line_of_any_length_is_read_in_parts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is held never grows beyond one feature and two pieces, whatever the length of the line."""
    monkeypatch.setattr(source, "PIECE", 1024)
    held: list[int] = []
    window = json_parts._Window._more

    def watched(self: json_parts._Window, least: int = 0) -> bool:
        found = window(self, least)
        held.append(len(self._text))
        return found

    monkeypatch.setattr(json_parts._Window, "_more", watched)
    path = tmp_path / "long.geojson"
    path.write_text(json.dumps(collection(*[PLAIN] * 2_000)), encoding="utf-8")
    with Source(path) as opened:
        assert sum(part.number > 0 for part in parts(opened, ("features",), "x")) == 2_000
    assert path.stat().st_size > 300_000
    assert max(held) <= len(json.dumps(PLAIN)) + 2 * 1024


VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"]), max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=12,
)  # fmt: skip


@settings(max_examples=120, deadline=None)
@given(
    st.lists(VALUES, max_size=5),
    st.dictionaries(st.sampled_from("abcd"), VALUES, max_size=3),
    st.integers(1, 7),
    st.booleans(),
)
def test_parts_are_what_json_itself_reads(
    elements: list[Any], members: dict[str, Any], piece: int, spaced: bool
) -> None:
    import tempfile

    value = {**members, "rows": elements}
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr(source, "PIECE", piece)
        path = Path(folder) / "t.json"
        path.write_text(json.dumps(value, indent=2 if spaced else None), encoding="utf-8")
        with Source(path) as opened:
            found = list(parts(opened, ("rows",), "x"))
        assert [part.value for part in found if part.number] == elements
        assert {part.name: part.value for part in found if not part.number} == members
        assert all(json.loads(part.text) == part.value for part in found)


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=60) | st.text('{}[]",:0123eE.-tfn \\u', max_size=60).map(str.encode))
def test_noise_is_refused_in_a_line_and_never_a_traceback(raw: bytes) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "noise"
        path.write_bytes(raw)
        said = ""
        found: list[Part] = []
        try:
            with Source(path) as opened:
                found = list(parts(opened, ("",), "x"))
        except DatelineError as error:
            said = str(error)
        assert "\n" not in said
        assert said or found or json.loads(raw) in ({}, [])


def test_an_item_of_a_list_is_one_name(store: Store, tmp_path: Path) -> None:
    properties = {"title": "T", "attacker": ["Smith; Jones Ltd", "Beta"], "tags": ["x;y"], "victim": "C; D"}
    load(store, tmp_path, collection(feature(properties, id=1)))
    found = store.connection.execute("SELECT name FROM actor UNION ALL SELECT name FROM tag").fetchall()
    assert sorted(name for (name,) in found) == ["Beta", "C", "D", "Smith; Jones Ltd", "x;y"]


def said(*voices: str, title: str = "T") -> dict[str, Any]:
    """One incident of our own, for which document d has the same words once from each of the voices."""
    quotes = [{"document": "d", "exact": "the same words", "chain": [voice]} for voice in voices]
    own = {"key": "k", "kind": "incident", "title": title, "date_edtf": "2021", "match": "certain", "quotes": quotes}
    return collection(feature(own, id="k"))


def voices(store: Store) -> dict[int, list[str | None]]:
    """Id of each quote of that incident → its chain."""
    return {quote.id: [step.name for step in quote.chain] for quote in incident_of(store, "map-k").quotes}


def test_the_same_words_of_two_voices_are_two_quotes(store: Store, tmp_path: Path) -> None:
    load(store, tmp_path, said("A", "B", "A"))
    assert list(voices(store).values()) == [["A"], ["B"]]


def test_a_newer_row_leaves_each_of_two_quotes_of_the_same_words_its_own_voice(store: Store, tmp_path: Path) -> None:
    load(store, tmp_path, said("A", "B"))
    first, second = voices(store)
    load(store, tmp_path, said("B", "A", title="U"))
    assert voices(store) == {first: ["A"], second: ["B"]}
    load(store, tmp_path, said("B", title="V"))
    assert voices(store) == {second: ["B"]}
    load(store, tmp_path, said("C", "B", title="W"))
    assert (voices(store).pop(second), len(voices(store))) == (["B"], 2)
    load(store, tmp_path, said("C", "D", title="X"))
    assert sorted(voices(store).values()) == [["C"], ["D"]]
    assert voices(store)[second] == ["D"]


def test_of_two_quotes_of_the_same_words_the_one_that_was_deleted_stays_away(store: Store, tmp_path: Path) -> None:
    load(store, tmp_path, said("A", "B"))
    first, second = voices(store)
    with store.write("by hand") as connection:
        connection.execute("DELETE FROM quote WHERE id = ?", (first,))
        connection.execute("UPDATE quote SET translation = 'tr' WHERE id = ?", (second,))
    load(store, tmp_path, said("A", "B", title="U"))
    assert voices(store) == {second: ["B"]}
    load(store, tmp_path, said("B", title="V"))
    assert voices(store) == {second: ["B"]}
