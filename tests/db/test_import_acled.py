"""ACLED in: six forms of date, codes in numbers or words, a mark at the start, one row an actor.

The rows are made up in ACLED's form: its licence does not let real ones be passed on.
"""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from db import read
from db.errors import DatelineError
from db.formats.acled import FORMAT
from db.formats.record import Imported, Options
from db.importing import import_file
from db.store import Store
from db.verify import findings

COLUMNS = [
    "event_id_cnty",
    "event_date",
    "year",
    "time_precision",
    "disorder_type",
    "event_type",
    "sub_event_type",
    "actor1",
    "assoc_actor_1",
    "inter1",
    "actor2",
    "assoc_actor_2",
    "inter2",
    "interaction",
    "civilian_targeting",
    "iso",
    "region",
    "country",
    "admin1",
    "admin2",
    "admin3",
    "location",
    "latitude",
    "longitude",
    "geo_precision",
    "source",
    "source_scale",
    "notes",
    "fatalities",
    "tags",
    "timestamp",
]
ROW = dict.fromkeys(COLUMNS, "") | {
    "event_id_cnty": "IRQ1", "event_date": "2021-05-08", "year": "2021", "time_precision": "1",
    "event_type": "Explosions/Remote violence", "sub_event_type": "Air/drone strike",
    "actor1": "Unidentified Armed Group (Iraq)", "inter1": "Political militia",
    "actor2": "Military Forces of the United States (2021-)", "assoc_actor_2": "Global Coalition; NATO",
    "inter2": "External/Other forces", "iso": "368", "country": "Iraq", "admin1": "Al Anbar",
    "location": "Al Asad Air Base", "latitude": "33.8", "longitude": "42.4", "geo_precision": "1",
    "source": "Press TV", "notes": "On 8 May 2021, a drone hit a hangar.", "fatalities": "0",
}  # fmt: skip


def load(store: Store, folder: Path, *rows: dict[str, str], encoding: str = "utf-8", **options: str) -> Imported:
    with (folder / "acled.csv").open("w", encoding=encoding, newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return import_file(store, folder / "acled.csv", FORMAT, Options(**options))  # type: ignore[arg-type]


def test_an_event_becomes_an_incident(store: Store, tmp_path: Path) -> None:
    load(store, tmp_path, ROW, encoding="utf-8-sig")
    incident = read.incident(store.connection, read.incident_id(store.connection, "acled-irq1"))
    assert incident is not None
    assert (incident.event_type, incident.sub_event_type) == ("explosions/remote violence", "Air/drone strike")
    assert incident.killed.best == 0
    assert (incident.killed.low, incident.injured.best) == (None, None)
    assert [(a.actor.name, a.role, a.actor.kind) for a in incident.actors] == [
        ("Unidentified Armed Group (Iraq)", "attacker", "armed_group"),
        ("Military Forces of the United States (2021-)", "target", "external_force"),
        ("Global Coalition", "affected", None),
        ("NATO", "affected", None),
    ]
    (quote,) = incident.quotes
    assert (quote.exact, [s.name for s in quote.chain]) == (ROW["notes"], ["Press TV"])
    assert incident.extra["source"] == "Press TV"
    assert incident.place is not None
    assert (incident.place.country_code, incident.place.where_prec) == ("IQ", 1)
    assert not [f for f in findings(store.connection) if f.wrong]


@pytest.mark.parametrize(
    "written",
    [
        "2021-05-08",
        "08 May 2021",
        "8-May-21",
        "08-May-2021",
        "May 8, 2021",
        "2021/05/08",
        "20210508",
        "2021-05-08 00:00:00",
    ],
)
def test_forms_of_date(store: Store, tmp_path: Path, written: str) -> None:
    load(store, tmp_path, ROW | {"event_date": written})
    assert store.connection.execute("SELECT date_edtf, date_latest FROM incident").fetchone() == ("2021-05-08",) * 2


def test_numbers_whose_order_the_file_settles(store: Store, tmp_path: Path) -> None:
    load(
        store, tmp_path, ROW | {"event_date": "08/05/2021"}, ROW | {"event_id_cnty": "IRQ2", "event_date": "13/05/2021"}
    )
    found = store.connection.execute("SELECT date_edtf FROM incident ORDER BY id").fetchall()
    assert found == [("2021-05-08",), ("2021-05-13",)]


@pytest.mark.parametrize(("order", "edtf"), [("dmy", "2021-05-08"), ("mdy", "2021-08-05")])
def test_an_order_that_nothing_settles_is_asked_for(store: Store, tmp_path: Path, order: str, edtf: str) -> None:
    with pytest.raises(DatelineError, match="--dates dmy or --dates mdy"):
        load(store, tmp_path, ROW | {"event_date": "08/05/2021"})
    assert store.connection.execute("SELECT count(*) FROM incident").fetchone() == (0,)
    load(store, tmp_path, ROW | {"event_date": "08/05/2021"}, dates=order)
    assert store.connection.execute("SELECT date_edtf FROM incident").fetchone() == (edtf,)


@pytest.mark.parametrize(
    ("precision", "edtf", "earliest", "latest"),
    [("2", "2021-05-08~", "2021-05-03", "2021-05-13"), ("3", "2021-05", "2021-05-01", "2021-05-31")],
)
def test_time_precision_is_not_overstated(
    store: Store, tmp_path: Path, precision: str, edtf: str, earliest: str, latest: str
) -> None:
    load(store, tmp_path, ROW | {"time_precision": precision})
    found = store.connection.execute("SELECT date_edtf, date_earliest, date_latest FROM incident").fetchone()
    assert found == (edtf, earliest, latest)


def test_older_forms(store: Store, tmp_path: Path) -> None:
    older = {name.upper(): value for name, value in ROW.items() if name not in ("disorder_type", "tags")}
    load(store, tmp_path, older | {"DATA_ID": "77", "INTER1": "3", "INTER2": "8"})
    kinds = store.connection.execute("SELECT kind FROM actor ORDER BY id LIMIT 2").fetchall()
    assert kinds == [("armed_group",), ("external_force",)]
    assert store.connection.execute("SELECT origin_id FROM incident").fetchone() == ("IRQ1",)


def test_one_row_for_each_actor_is_one_event(store: Store, tmp_path: Path) -> None:
    swapped = ROW | {
        a: ROW[b]
        for one, two in (("actor1", "actor2"), ("assoc_actor_1", "assoc_actor_2"), ("inter1", "inter2"))
        for a, b in ((one, two), (two, one))
    }
    done = load(store, tmp_path, ROW | {"data_id": "1"}, swapped | {"data_id": "2"})
    assert (done.added, done.same, done.rejected) == (1, 1, 0)


def test_only_attacks_have_an_attacker(store: Store, tmp_path: Path) -> None:
    load(store, tmp_path, ROW | {"event_type": "Battles", "sub_event_type": "Armed clash"})
    assert store.connection.execute("SELECT DISTINCT role FROM incident_actor").fetchall() == [("affected",)]


def test_several_sources_make_no_chain_and_every_column_comes_back(store: Store, tmp_path: Path) -> None:
    load(store, tmp_path, ROW | {"source": "Press TV; Sabereen News", "tags": "crowd size=no report"})
    assert store.connection.execute("SELECT count(*) FROM attribution").fetchone() == (0,)
    extra = json.loads(store.connection.execute("SELECT extra FROM incident").fetchone()[0])
    homes = {"event_type", "sub_event_type", "actor1", "actor2", "admin1", "location", "latitude", "longitude", "notes"}
    assert {name: value for name, value in extra.items() if name != "row_digest"} == {
        name: value or None
        for name, value in (ROW | {"source": "Press TV; Sabereen News", "tags": "crowd size=no report"}).items()
        if name not in homes
    }


@pytest.mark.parametrize(
    "fault",
    [{"event_date": "yesterday"}, {"event_date": "2021-02-30"}, {"fatalities": "some"}, {"geo_precision": "9"},
     {"time_precision": "x"}, {"event_id_cnty": ""}, {"latitude": "north"}],
)  # fmt: skip
def test_bad_rows_are_rejected(store: Store, tmp_path: Path, fault: dict[str, str]) -> None:
    done = load(store, tmp_path, ROW, ROW | {"event_id_cnty": "IRQ2"} | fault)
    assert (done.added, done.rejected) == (1, 1)
    assert done.reasons[0].startswith("line 3: ")
