"""Cells that say a day, a time of day or a number: read exactly, or rejected by name, never read in part."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from db.errors import DatelineError
from db.formats.day import Days
from db.formats.record import Imported, Options, RowError
from db.formats.registry import named
from db.formats.table import as_csv, degrees, whole
from db.importing import import_file
from db.store import Store
from tests.support.gtd_rows import BASE, COLUMNS

GED = "id,type_of_violence,side_a,side_b,country,date_start,date_end,date_prec,best,low,high\n"
ACLED = "event_id_cnty,event_date,time_precision,event_type,actor1,country,fatalities\n"


def load(store: Store, folder: Path, name: str, text: str, columns: str = "") -> Imported:
    (folder / "rows").write_text(text, encoding="utf-8")
    mapping = None
    if columns:
        mapping = folder / "map.toml"
        mapping.write_text(f'origin = "o"\n[columns]\n{columns}', encoding="utf-8")
    return import_file(store, folder / "rows", named(name), Options(origin="o", mapping=mapping, dates="mdy"))


def attack(killed: str) -> str:
    """A GTD file of one row with so many killed."""
    row = {name: BASE.get(name, "") for name in COLUMNS} | {"nkill": killed}
    return as_csv(list(row)) + "\n" + as_csv(list(row.values())) + "\n"


def dates(store: Store) -> list[tuple[str | None, str | None, str | None]]:
    return store.connection.execute("SELECT date_edtf, date_earliest, date_latest FROM incident ORDER BY id").fetchall()


def extra(store: Store) -> dict[str, Any]:
    (text,) = store.connection.execute("SELECT extra FROM incident ORDER BY id DESC LIMIT 1").fetchone()
    found: dict[str, Any] = json.loads(text)
    return found


DAY = "2021-05-01"
TIMES = [
    (f"{DAY} 14:30", f"{DAY}T14:30"),
    (f"{DAY}T14:30", f"{DAY}T14:30"),
    (f"{DAY} 14:30:05", f"{DAY}T14:30:05"),
    (f"{DAY} 14:30:05Z", f"{DAY}T14:30:05Z"),
    (f"{DAY} 14:30 UTC", f"{DAY}T14:30Z"),
    (f"{DAY} 14:30:05.000 +0530", f"{DAY}T14:30:05+05:30"),
    ("2021/5/1 4:05", f"{DAY}T04:05"),
    ("5/1/2021 2:30 PM", f"{DAY}T14:30"),
    ("5/1/2021 12:05 a.m.", f"{DAY}T00:05"),
    ("1 May 2021 14:30", f"{DAY}T14:30"),
    ("20210501 14:30", f"{DAY}T14:30"),
    (f"{DAY} 00:00:00.000", DAY),
    (f"{DAY}T00:00:00.000Z", DAY),
    (f"{DAY} 00:00:00+00", DAY),
    ("5/1/2021 12:00:00 AM", DAY),
    (f"{DAY} 00:00:00+02:00", f"{DAY}T00:00:00+02:00"),
    ("1 Sept. 2021", "2021-09-01"),
    ("1 june 2021", "2021-06-01"),
]
NO_DAY = [
    f"{DAY} 10:00 to 2021-06-30 12:00",
    f"{DAY} 22:00 (reported; may be 2019-03-04)",
    f"{DAY} (about)",
    f"{DAY}T24:00",
    f"{DAY}T25:99",
    f"{DAY} 12:60",
    f"{DAY} 12:00:60",
    "5/1/2021 13:30 PM",
    "5/1/2021 0:30 AM",
    "20/05/2021 2:30 PM - 22/05/2021",
    f"{DAY} 10:00 EST",
    "5 Marriage 2021",
    "5 Mayday 2021",
    "Junk 5, 2021",
    "2021-05-\u0660\u0661",
    "\u0665/\u0661/2021",
]


@pytest.mark.parametrize(("cell", "edtf"), TIMES)
def test_a_day_is_read_with_its_time_of_day(cell: str, edtf: str) -> None:
    assert Days("", "mdy", None).edtf(cell) == edtf


@pytest.mark.parametrize("cell", NO_DAY)
def test_a_cell_that_is_no_single_day_is_rejected_by_name(store: Store, tmp_path: Path, cell: str) -> None:
    with pytest.raises(RowError, match="date '"):
        Days("", "mdy", None).edtf(cell)
    text = json.dumps({"title": "Fire", "date": cell}, ensure_ascii=False) + "\n"
    done = load(store, tmp_path, "ndjson", text, 'title = "title"\ndate = "date"\n')
    assert (done.added, done.rejected) == (0, 1)
    assert f"date {cell[:40]!r}" in done.reasons[0]


@pytest.mark.parametrize("name", ["csv", "ndjson", "geojson", "acled", "timemap"])
def test_every_format_of_days_keeps_the_time(store: Store, tmp_path: Path, name: str) -> None:
    row = {"title": "Fire", "date": f"{DAY} 14:30"}
    columns = 'title = "title"\ndate = "date"\n'
    texts = {
        "csv": f"title,date\nFire,{DAY} 14:30\n",
        "ndjson": json.dumps(row) + "\n",
        "geojson": json.dumps({"type": "FeatureCollection", "features": [{"type": "Feature", "properties": row}]}),
        "acled": f"{ACLED}1,{DAY} 14:30,1,Riots,A,Iraq,0\n",
        "timemap": json.dumps([{"description": "Fire", "date": f"{DAY} 14:30"}]),
    }
    load(store, tmp_path, name, texts[name], columns if name in ("csv", "ndjson") else "")
    assert dates(store) == [(f"{DAY}T14:30", DAY, DAY)]


def test_two_cells_with_times_are_an_interval_with_times(store: Store, tmp_path: Path) -> None:
    text = f"t,d,e\nFire,{DAY} 14:30,{DAY} 16:00\nFlood,{DAY} 14:30,2021-05-03\n"
    load(store, tmp_path, "csv", text, 'title = "t"\ndate = "d"\ndate_end = "e"\n')
    assert dates(store) == [(f"{DAY}T14:30/{DAY}T16:00", DAY, DAY), (f"{DAY}T14:30/2021-05-03", DAY, "2021-05-03")]


def test_a_fraction_of_a_second_is_kept_with_the_incident(store: Store, tmp_path: Path) -> None:
    columns = 'title = "t"\ndate = "d"\n'
    load(store, tmp_path, "csv", f"t,d\nFire,{DAY} 14:30:05.250\n", columns)
    assert (dates(store)[0][0], extra(store)["d"]) == (f"{DAY}T14:30:05", f"{DAY} 14:30:05.250")
    load(store, tmp_path, "csv", f"t,d\nFire,{DAY} 14:30:05.000\n", columns)
    assert (dates(store)[1][0], "d" in extra(store)) == (f"{DAY}T14:30:05", False)
    load(store, tmp_path, "timemap", json.dumps([{"description": "Fire", "date": f"{DAY} 14:30:05.25"}]))
    assert (dates(store)[2][0], extra(store)["date"]) == (f"{DAY}T14:30:05", f"{DAY} 14:30:05.25")


def test_a_time_beside_a_date_that_has_one_is_kept(store: Store, tmp_path: Path) -> None:
    events = [
        {"description": "a", "date": "5/1/2021 0:00", "time": "9:05"},
        {"description": "b", "date": f"{DAY} 14:30", "time": "9:05"},
    ]
    load(store, tmp_path, "timemap", json.dumps(events))
    assert [edtf for edtf, *_ in dates(store)] == [f"{DAY}T09:05", f"{DAY}T14:30"]
    assert (extra(store)["time"], "date" in extra(store)) == ("9:05", False)


@pytest.mark.parametrize(("precision", "edtf"), [("2", f"{DAY}~"), ("3", "2021-05")])
def test_acleds_weeks_and_months_have_no_time(store: Store, tmp_path: Path, precision: str, edtf: str) -> None:
    load(store, tmp_path, "acled", f"{ACLED}1,{DAY} 14:30,{precision},Riots,A,Iraq,0\n")
    assert (dates(store)[0][0], extra(store)["event_date"]) == (edtf, f"{DAY} 14:30")


@pytest.mark.parametrize("cell", [DAY, f"{DAY} 00:00:00.000", f"{DAY}T00:00:00", f"{DAY}T00:00:00.000Z"])
def test_geds_day_is_plain_as_databases_export_it(store: Store, tmp_path: Path, cell: str) -> None:
    load(store, tmp_path, "ucdp-ged", f"{GED}1,1,A,B,Iraq,{cell},{cell},1,1,1,1\n")
    assert dates(store) == [(DAY, DAY, DAY)]


@pytest.mark.parametrize("cell", [f"{DAY} 14:30", f"{DAY} or later", f"{DAY}/2021-06-01", f"{DAY} 00:00:00.5", "1 May"])
@pytest.mark.parametrize("column", ["date_start", "date_end"])
def test_a_cell_of_geds_that_says_more_than_a_day_is_rejected(
    store: Store, tmp_path: Path, cell: str, column: str
) -> None:
    start, end = (cell, "2021-06-30") if column == "date_start" else ("2021-04-01", cell)
    done = load(store, tmp_path, "ucdp-ged", f"{GED}1,1,A,B,Iraq,{start},{end},1,1,1,1\n")
    assert done.reasons == [f"line 2: {column} is {cell!r}, not a day alone (YYYY-MM-DD)"]


@pytest.mark.parametrize(
    ("cell", "number"),
    [("9007199254740993.0", 9007199254740993), ("9007199254740993", 9007199254740993), ("4.0", 4), ("1e3", 1000), ("-0", 0),
     ("9223372036854775807", 2**63 - 1), ("0.4e1", 4), ("+3", 3), ("", None), ("5.", 5), (" 7", 7)],
)  # fmt: skip
def test_a_whole_number_is_read_exactly(cell: str, number: int | None) -> None:
    assert whole(cell, "killed") == number


@pytest.mark.parametrize(
    ("cell", "why"),
    [("1_000", "not a number"), ("\u0663", "not a number"), ("\u00b2", "not a number"), ("nan", "not a number"), ("inf", "not a number"),
     ("0x10", "not a number"), ("1,000", "not a number"), ("1.5", "not a whole number"), ("1e-400000", "not a whole number"),
     ("9223372036854775808", "too large"), ("1e400", "too large"), ("123e999999", "too large"), ("9" * 6000, "too large"),
     ("-1e999999", "too small"), ("-1", "below 0")],
)  # fmt: skip
def test_what_is_no_whole_number_is_rejected(cell: str, why: str) -> None:
    with pytest.raises(RowError, match=f"killed is .*{why}"):
        whole(cell, "killed")


@pytest.mark.parametrize("cell", ["1_0", "\u0661\u0660", "nan", "1e400", "91"])
def test_what_is_no_coordinate_is_rejected(cell: str) -> None:
    with pytest.raises(RowError, match="coordinates"):
        degrees(cell, "1")


def test_numbers_that_are_none_stay_as_they_are_where_they_are_kept(store: Store, tmp_path: Path) -> None:
    text = (
        GED.replace("high", "high,dyad_id,conflict_id").rstrip()
        + f"\n1,1,A,B,Iraq,{DAY},{DAY},1,1,1,1,1_0,9007199254740993.0\n"
    )
    load(store, tmp_path, "ucdp-ged", text)
    assert (extra(store)["dyad_id"], extra(store)["conflict_id"]) == ("1_0", 9007199254740993)


@pytest.mark.parametrize(
    ("cell", "span"),
    [
        ("2.5", (2, None, 3)),
        ("9007199254740993.5", (9007199254740993, None, 9007199254740994)),
        ("3.0", (None, 3, None)),
    ],
)
def test_gtds_fractions_are_exact(
    store: Store, tmp_path: Path, cell: str, span: tuple[int | None, int | None, int | None]
) -> None:
    load(store, tmp_path, "gtd", attack(cell))
    assert store.connection.execute("SELECT killed_low, killed_best, killed_high FROM incident").fetchone() == span


@pytest.mark.parametrize("cell", ["1_0", "9" * 30 + ".5", "-2.5"])
def test_gtds_numbers_that_are_none_are_rejected(store: Store, tmp_path: Path, cell: str) -> None:
    assert load(store, tmp_path, "gtd", attack(cell)).rejected == 1


def test_a_timestamp_is_ascii_digits(store: Store, tmp_path: Path) -> None:
    rows = [{"message": "m", "timestamp": stamp} for stamp in ("1_000", "\u0661", 1e15, "1331698658276340")]
    done = load(store, tmp_path, "timesketch", "".join(json.dumps(row) + "\n" for row in rows))
    assert (done.added, done.rejected) == (2, 2)
    assert [edtf for edtf, *_ in dates(store)] == ["2001-09-09T01:46:40Z", "2012-03-14T04:17:38Z"]


def test_cells_that_are_no_day_do_not_settle_the_order(tmp_path: Path, store: Store) -> None:
    cells = ["05/06/2021", "20/05/2021 2:30 PM - 22/05/2021"]
    with pytest.raises(DatelineError, match="nothing in the file settles it"):
        Days("x", None, lambda: cells).edtf(cells[0])
