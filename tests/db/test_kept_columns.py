"""Rows that say half of a place, or of a source: what no column of the store can hold is kept, and goes out again."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from db import batch, exporting
from db.engine import open_engine
from db.formats import mapped
from db.formats.record import Imported, Options
from db.formats.registry import named
from db.formats.source import Source
from db.importing import import_file
from db.model import Incident
from db.query import parse
from db.store import Store
from tests.support.gtd_rows import BASE, COLUMNS

UCDP = {
    "id": "7", "type_of_violence": "3", "side_a": "IS", "side_b": "Civilians", "country": "Iraq", "best": "2",
    "date_start": "2021-05-08", "date_end": "2021-05-08", "date_prec": "1", "where_coordinates": "", "adm_1": "",
    "latitude": "", "longitude": "", "where_prec": "", "geom_wkt": "",
}  # fmt: skip
ACLED = {
    "event_id_cnty": "IRQ1", "event_date": "2021-05-08", "time_precision": "1", "event_type": "Riots", "actor1": "A",
    "country": "Iraq", "admin1": "", "location": "", "latitude": "", "longitude": "", "geo_precision": "",
    "fatalities": "0",
}  # fmt: skip


def drafted(path: Path, toml: Path) -> None:
    with Source(path) as source:
        toml.write_text("\n".join(mapped.guess_csv(source)), encoding="utf-8")


def write(path: Path, row: Mapping[str, str]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(row))
        writer.writeheader()
        writer.writerow(row)
    return path


def load(store: Store, path: Path, name: str) -> Imported:
    return import_file(store, path, named(name), Options())


def only(store: Store) -> Incident:
    (found,) = batch.incidents(store.connection, [i for (i,) in store.connection.execute("SELECT id FROM incident")])
    return found


def back(store: Store, name: str, path: Path) -> dict[str, str]:
    exporting.export(store, exporting.shown(open_engine(store).answer(parse(""))), exporting.named(name), path)
    with path.open(encoding="utf-8", newline="") as file:
        (row,) = csv.DictReader(file)
    return row


PARTS = [
    {"admin": "Anbar"},
    {"admin": "Anbar", "country": ""},
    {"admin": "Anbar", "latitude": "33.5"},
    {"latitude": "33.5"},
    {"longitude": "44.25"},
    {"longitude": "44.25", "country": ""},
    {"precision": "2"},
    {"precision": "2", "country": ""},
    {"admin": "Anbar", "precision": "2"},
    {"where": "Hit", "admin": "Anbar", "longitude": "44.25"},
]
NAMES = {
    "ucdp-ged": (UCDP, {"admin": "adm_1", "where": "where_coordinates", "precision": "where_prec"}),
    "acled": (ACLED, {"admin": "admin1", "where": "location", "precision": "geo_precision"}),
}


@pytest.mark.parametrize("part", PARTS, ids=lambda part: ",".join(part))
@pytest.mark.parametrize("form", NAMES)
def test_half_a_place_comes_back(store: Store, tmp_path: Path, form: str, part: dict[str, str]) -> None:
    base, names = NAMES[form]
    row = base | {names.get(name, name): cell for name, cell in part.items()}
    path = write(tmp_path / "in.csv", row)
    assert load(store, path, form).added == 1
    found = back(store, form, tmp_path / "out.csv")
    assert {name: found[name] for name in row} == row
    place = only(store).place
    if "where" not in part and "admin" in part:
        assert place is not None
        assert (place.name, place.kind, place.admin1, place.latitude) == ("Anbar", "province", "Anbar", None)
        assert place.country_code == (None if "country" in part else "IQ")
    assert load(store, path, form).same == 1


@pytest.mark.parametrize("form", NAMES)
def test_two_zeros_are_kept_and_never_written_as_coordinates(store: Store, tmp_path: Path, form: str) -> None:
    load(store, write(tmp_path / "in.csv", NAMES[form][0] | {"latitude": "0.0", "longitude": "0"}), form)
    assert (only(store).extra["latitude"], only(store).extra["longitude"]) == ("0.0", "0")
    found = back(store, form, tmp_path / "out.csv")
    assert (found["latitude"], found["longitude"]) == ("", "")


@pytest.mark.parametrize("form", NAMES)
def test_coordinates_of_the_analyst_stand_before_a_lone_one(store: Store, tmp_path: Path, form: str) -> None:
    load(store, write(tmp_path / "in.csv", NAMES[form][0] | {"latitude": "33.5"}), form)
    with store.write("place it") as connection:
        connection.execute("UPDATE place SET latitude = 1.5, longitude = 2.5")
    found = back(store, form, tmp_path / "out.csv")
    assert (found["latitude"], found["longitude"]) == ("1.5", "2.5")


def newer(form: str) -> tuple[dict[str, str], dict[str, str]]:
    """A row that lacks its coordinates, and the same one of a later release that has them."""
    base = {name: BASE.get(name, "") for name in COLUMNS} if form == "gtd" else NAMES[form][0]
    return base | {"latitude": "33.5", "longitude": ""}, base | {"latitude": "33.5", "longitude": "44.25"}


@pytest.mark.parametrize("form", [*NAMES, "gtd"])
def test_a_newer_release_fills_what_was_half(store: Store, tmp_path: Path, form: str) -> None:
    half, full = newer(form)
    assert load(store, write(tmp_path / "in.csv", half), form).added == 1
    done = load(store, write(tmp_path / "in.csv", full), form)
    assert (done.changed, done.kept) == (1, 0)
    found = only(store)
    assert found.place is not None
    assert (found.place.latitude, found.place.longitude) == (33.5, 44.25)
    assert "latitude" not in found.extra


@pytest.mark.parametrize(
    ("row", "kept"),
    [
        ({"lat": "33.5"}, {"lat": "33.5"}),
        ({"lon": "44.25"}, {"lon": "44.25"}),
        ({"lat": "0", "lon": "0"}, {"lat": "0", "lon": "0"}),
        ({"lat": "33.5", "lon": "44.25"}, {}),
        ({"country": "Atlantis"}, {"country": "Atlantis"}),
        ({"publisher": "Radio Sol"}, {"publisher": "Radio Sol"}),
        ({"quote": "Two strikes"}, {"quote": "Two strikes"}),
        ({"url": "https://x.example", "published": "2021-05-09"}, {"url": "https://x.example", "published": "2021-05-09"}),
        ({"document": "D", "publisher": "P"}, {}),
        ({"end date": "2021-05-09"}, {"end date": "2021-05-09"}),
    ],
)  # fmt: skip
def test_a_mapped_column_is_kept_where_the_row_gives_it_no_home(
    store: Store, tmp_path: Path, row: dict[str, str], kept: dict[str, str]
) -> None:
    path = write(tmp_path / "in.csv", {"id": "1", "title": "T", **row})
    drafted(path, tmp_path / "map.toml")
    import_file(store, path, mapped.CSV, Options(mapping=tmp_path / "map.toml", origin="sheet"))
    extra = dict(only(store).extra)
    assert len(str(extra.pop("row_digest"))) == 16
    assert extra == kept


def test_a_newer_row_of_a_mapped_file_fills_what_was_half(store: Store, tmp_path: Path) -> None:
    row = {"id": "1", "title": "T", "lat": "33.5", "lon": "", "odd": "x"}
    path = write(tmp_path / "in.csv", row)
    drafted(path, tmp_path / "map.toml")
    options = Options(mapping=tmp_path / "map.toml", origin="sheet")
    assert import_file(store, path, mapped.CSV, options).added == 1
    assert import_file(store, write(path, row | {"lon": "44.25"}), mapped.CSV, options).changed == 1
    place = only(store).place
    assert place is not None
    assert (place.latitude, place.longitude, only(store).extra.get("lat")) == (33.5, 44.25, None)
    shorter = {name: cell for name, cell in row.items() if name != "odd"}
    assert import_file(store, write(path, shorter), mapped.CSV, options).kept == 1


def test_an_incident_without_other_columns_is_no_fuller_form(store: Store, tmp_path: Path) -> None:
    row = {"id": "1", "title": "T"}
    path = write(tmp_path / "in.csv", row)
    drafted(path, tmp_path / "map.toml")
    options = Options(mapping=tmp_path / "map.toml", origin="sheet")
    import_file(store, path, mapped.CSV, options)
    store.connection.execute("UPDATE incident SET extra = NULL")
    assert import_file(store, write(path, row | {"title": "U"}), mapped.CSV, options).changed == 1


def test_a_mapped_province_without_a_place_is_the_place(store: Store, tmp_path: Path) -> None:
    path = write(tmp_path / "in.csv", {"id": "1", "title": "T", "province": "Anbar", "country": "Iraq"})
    drafted(path, tmp_path / "map.toml")
    import_file(store, path, mapped.CSV, Options(mapping=tmp_path / "map.toml", origin="sheet"))
    place = only(store).place
    assert place is not None
    assert (place.name, place.kind, place.admin1, place.country_code) == ("Anbar", "province", "Anbar", "IQ")


@pytest.mark.parametrize(
    ("first", "later", "kept"),
    [
        ({"publisher": "P"}, {"publisher": "P", "document": "D"}, {"publisher": "P", "document": "D"}),
        ({"publisher": "P"}, {"publisher": "P2"}, {"publisher": "P2"}),
        ({"published": "2021-05-09"}, {"published": "2021-05-10"}, {"published": "2021-05-10"}),
        ({"publisher": "P", "document": "D"}, {"publisher": "P"}, {}),
        ({"publisher": "P", "document": "D"}, {"publisher": "P", "document": "D"}, {}),
    ],
)
def test_what_a_row_says_of_a_known_address_in_other_words_is_kept(
    store: Store, tmp_path: Path, first: dict[str, str], later: dict[str, str], kept: dict[str, str]
) -> None:
    names = ("publisher", "document", "published")
    path = tmp_path / "in.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, ("id", "title", "url", "quote", *names))
        writer.writeheader()
        for number, row in enumerate((first, later)):
            writer.writerow({"id": number, "title": "T", "url": "https://x.example", "quote": "q", **row})
    drafted(path, tmp_path / "map.toml")
    options = Options(mapping=tmp_path / "map.toml", origin="sheet")
    assert import_file(store, path, mapped.CSV, options).added == 2
    found = [
        {name: value for name, value in json.loads(extra).items() if name in names and value}
        for (extra,) in store.connection.execute("SELECT extra FROM incident ORDER BY id")
    ]
    assert found == [{}, kept]
    assert store.connection.execute("SELECT count(*) FROM document").fetchone() == (1,)
    assert import_file(store, path, mapped.CSV, options).same == 2
