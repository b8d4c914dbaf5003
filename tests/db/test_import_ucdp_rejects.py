"""Rows of UCDP GED that are no good, in part or whole: rejected with their line and reason, the others as they are."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from db import read
from db.errors import DatelineError
from db.formats.record import Options
from db.formats.ucdp_ged import FORMAT
from db.importing import import_file
from db.store import Store
from tests.support.data_sets import load_ged, rows_of, write_rows
from tests.support.logged import everything

BAD = {
    "id": "x12",
    "latitude": "91",
    "best_death": "many",
    "low_death": "-1",
    "day": "31",
    "month": "13",
    "type_of_violence": "4",
}


@pytest.mark.parametrize("day", ["2O14-05-01", "2021-02-30"])
@pytest.mark.parametrize("lasted", [True, False])
def test_a_day_that_there_is_not_is_rejected_beside_a_year(
    store: Store, tmp_path: Path, day: str, lasted: bool
) -> None:
    row = rows_of("ged_iraq_hdx.csv")[0]
    bad = row | {"id": "7", "date_start": day, "date_end": "2024-01-02" if lasted else day, "date_prec": "1"}
    path = write_rows(tmp_path / "bad.csv", [row | {"id": "6"}, bad])
    with (tmp_path / "rejects.csv").open("w", encoding="utf-8", newline="") as rejects:
        assert import_file(store, path, FORMAT, Options(), rejects=rejects).rejected == 1
    assert day in (tmp_path / "rejects.csv").read_text(encoding="utf-8")


def test_an_id_of_blanks_is_none(store: Store, tmp_path: Path) -> None:
    row = rows_of("ged_global_14col.csv")[0]
    path = write_rows(tmp_path / "bad.csv", [row, row | {"id": " "}, row | {"id": "\t"}])
    with (tmp_path / "rejects.csv").open("w", encoding="utf-8", newline="") as rejects:
        assert import_file(store, path, FORMAT, Options(), rejects=rejects).rejected == 2
    assert (tmp_path / "rejects.csv").read_text(encoding="utf-8").count("has no id") == 2


def test_what_the_date_was_not_read_from_is_kept(store: Store, tmp_path: Path) -> None:
    """Month and day beside days in full; alone they are the date, and `extra` need not have them."""
    row = rows_of("ged_global_14col.csv")[0] | {"year": "2021", "month": "6", "day": "7"}
    beside, alone = tmp_path / "beside.csv", tmp_path / "alone.csv"
    write_rows(beside, [row | {"id": "1", "date_start": "2021-05-08", "date_end": "2021-05-08"}])
    write_rows(alone, [row | {"id": "2"}])
    for path in (beside, alone):
        assert import_file(store, path, FORMAT, Options()).added == 1
    found = [
        (edtf, {name: json.loads(extra).get(name) for name in ("month", "day")})
        for edtf, extra in store.connection.execute("SELECT date_edtf, extra FROM incident ORDER BY id")
    ]
    assert found == [("2021-05-08", {"month": 6, "day": 7}), ("2021-06-07", {"month": None, "day": None})]


def test_a_source_of_a_day_that_there_is_not_is_left_out_and_its_event_is_not(store: Store, tmp_path: Path) -> None:
    row = rows_of("ged_iraq_hdx.csv")[0] | {
        "date_start": "2021-01-01 00:00:00.000",
        "date_end": "2021-01-01 00:00:00.000",
        "year": "2021",
    }
    told = '"Reuters,2021-02-30,Headline";"AFP,2021-02-28,Another";"BBC,2021-13-01,Third"'
    path = write_rows(tmp_path / "days.csv", [row | {"source_article": told}])
    assert import_file(store, path, FORMAT, Options()).added == 1
    assert store.connection.execute("SELECT publisher, published_edtf FROM document").fetchall() == [
        ("AFP", "2021-02-28")
    ]
    (extra,) = store.connection.execute("SELECT extra FROM incident").fetchone()
    assert json.loads(extra)["source_article"] == told


@pytest.mark.parametrize("column", list(BAD))
def test_a_bad_row_is_rejected_with_its_line_and_reason(store: Store, tmp_path: Path, column: str) -> None:
    row = rows_of("ged_global_14col.csv")[0] | {"month": "6"}
    path = write_rows(tmp_path / "bad.csv", [row, row | {"id": "7"} | {column: BAD[column]}, row | {"id": "8"}])
    with (tmp_path / "rejects.csv").open("w", encoding="utf-8", newline="") as rejects:
        done = import_file(store, path, FORMAT, Options(), rejects=rejects)
    assert (done.added, done.rejected) == (2, 1)
    with (tmp_path / "rejects.csv").open(encoding="utf-8", newline="") as rejects:
        header, (line, reason, _, file) = csv.reader(rejects)
    assert (header, line, file) == (["line", "reason", "row", "file"], "3", str(path))
    assert reason
    before = everything(store.connection)
    with pytest.raises(DatelineError, match=r"bad\.csv, line 3: .*nothing was imported"):
        import_file(store, path, FORMAT, Options(), strict=True)
    assert everything(store.connection) == before


COLUMNS = ("id", "type_of_violence", "side_a", "side_b", "country", "date_prec", "date_start", "date_end")


@pytest.mark.parametrize("day", ["202X-01-01", "2020-0X-01", "2020-01-XX", "2020-21-0~", "20²0-01-01"])
@pytest.mark.parametrize("year", ["2020", ""])
def test_a_day_with_a_digit_that_is_none_is_rejected(store: Store, tmp_path: Path, day: str, year: str) -> None:
    path = tmp_path / "ged.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([*COLUMNS, "year", "best"])
        writer.writerow(["1", "1", "A", "B", "Iraq", "1", day, day, year, "1"])
        writer.writerow(["2", "1", "A", "B", "Iraq", "1", "2020-01-01", "2020-01-01", year, "1"])
    done = load_ged(store, path)
    assert (done.added, done.reasons) == (1, [f"line 2: date_start is {day!r}, not a day alone (YYYY-MM-DD)"])


@pytest.mark.parametrize(
    ("estimates", "killed", "kept"),
    [
        ({"best": "7", "best_est": "9"}, 7, {"best_est": "9"}),
        ({"best_est": "9", "best": "7"}, 7, {"best_est": "9"}),
        ({"best_death": "8", "best_est": "9"}, 8, {"best_est": "9"}),
        ({"best_est": "9"}, 9, {}),
    ],
)
@pytest.mark.parametrize("as_json", [False, True])
def test_no_estimate_is_lost_where_two_columns_have_one(
    store: Store, tmp_path: Path, estimates: dict[str, str], killed: int, kept: dict[str, str], as_json: bool
) -> None:
    row = dict(zip(COLUMNS, ("1", "1", "A", "B", "Iraq", "1", "2020-01-01", "2020-01-01"), strict=True)) | estimates
    path = tmp_path / "ged"
    if as_json:
        feature = {"type": "Feature", "properties": row, "geometry": None}
        path.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}), encoding="utf-8")
    else:
        path.write_text(f"{','.join(row)}\n{','.join(row.values())}\n", encoding="utf-8")
    assert load_ged(store, path).added == 1
    incident = read.incident(store.connection, 1)
    assert incident is not None
    assert incident.killed.best == killed
    assert {name: text for name, text in incident.extra.items() if "_est" in name or "_death" in name} == kept
