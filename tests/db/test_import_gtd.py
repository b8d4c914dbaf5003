"""GTD in, CSV and workbook alike: unknown stays unknown, codes become words, citations documents."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from db import read
from db.model import Incident
from db.store import Store
from tests.support.gtd_rows import COLUMNS, csv_file, load, row, workbook


def incident(store: Store, number: str = "201605130001") -> Incident:
    found = read.incident(store.connection, read.incident_id(store.connection, f"gtd-{number}"))
    assert found is not None
    return found


@pytest.mark.parametrize("form", [csv_file, workbook])
def test_a_row_becomes_an_incident(store: Store, tmp_path: Path, form: object) -> None:
    assert callable(form)
    assert load(store, form(tmp_path / "gtd", [row()])).added == 1
    found = incident(store)
    assert found.title == "Armed Assault: Group A – Cafe, Balad"
    assert (found.event_type, found.date_edtf, found.date_prec) == ("armed assault", "2016-05-13", 1)
    assert (found.killed.low, found.killed.best, found.injured.best) == (None, 16, 30)
    assert found.summary == "05/13/2016: Assailants opened fire on a cafe."
    place = found.place
    assert place is not None
    assert (place.name, place.country_code, place.admin1, place.where_prec) == ("Balad", "IQ", "Salah al-Din", 1)
    assert (place.latitude, place.longitude) == (34.0164, 44.1457)
    assert {(a.actor.name, a.role, a.attribution) for a in found.actors} == {
        ("Group A", "attacker", "known"), ("Group A", "claimant", "known"), ("Cafe", "target", "known"),
    }  # fmt: skip
    assert [(s.name, s.system_class, s.role) for s in found.systems] == [
        ("Firearms: Automatic or Semi-Automatic Rifle", "firearm", "munition")
    ]
    assert {(q.exact, d) for q in found.quotes for d in [q.document_key]} == {
        ("Gunmen Kill 16 in Cafe", "the-daily-example-2016-05-14-gunmen-kill-16-in-cafe"),
        ("Example Agency wire report", "example-agency-wire-report"),
    }
    assert {(d.publisher, d.published_edtf) for d in found.documents} == {
        ("The Daily Example", "2016-05-14"), (None, None),
    }  # fmt: skip
    assert (found.extra["crit1"], found.extra["doubtterr"], found.extra["nkillus"]) == ("1", "0", "0")
    assert found.extra["nwoundte"] is None
    assert found.extra["int_log"] == "-9"
    assert set(COLUMNS) - {name for name in COLUMNS if name.lower() in found.extra} == {
        "eventid", "iyear", "imonth", "iday", "latitude", "longitude", "summary", "city", "provstate",
        "attacktype1_txt", "gname", "nkill", "nwound",
    }  # fmt: skip


def test_csv_and_workbook_read_the_same(store: Store, tmp_path: Path) -> None:
    rows = [row(), row(eventid="201605130002", iday="0", nkill="", latitude="", longitude="")]
    load(store, csv_file(tmp_path / "gtd.csv", rows))
    done = load(store, workbook(tmp_path / "gtd.xlsx", rows))
    assert (done.added, done.changed, done.same) == (0, 0, 2)


def test_134_columns_will_do(store: Store, tmp_path: Path) -> None:
    columns = tuple(name for name in COLUMNS if name != "related")
    assert load(store, csv_file(tmp_path / "old.csv", [row()], columns)).added == 1
    assert "related" not in incident(store).extra


@pytest.mark.parametrize(
    ("cells", "edtf", "span"),
    [
        ({"iday": "0"}, "2016-05", ("2016-05-01", "2016-05-31")),
        ({"iday": "0", "imonth": "0"}, "2016", ("2016-01-01", "2016-12-31")),
        ({"approxdate": "May 13-14, 2016"}, "2016-05-13~", None),
        ({"iday": "0", "approxdate": "Mid May 2016"}, "2016-05~", None),
        ({"approxdate": "Unknown"}, "2016-05-13", ("2016-05-13", "2016-05-13")),
    ],
)
def test_day_and_month_0_are_unknown(
    store: Store, tmp_path: Path, cells: dict[str, str], edtf: str, span: tuple[str, str] | None
) -> None:
    load(store, csv_file(tmp_path / "gtd.csv", [row(scite1="", scite2="", **cells)]))
    found = incident(store)
    assert found.date_edtf == edtf
    if span:
        assert (found.date_earliest, found.date_latest) == span
    assert found.extra["approxdate"] == cells.get("approxdate")


@pytest.mark.parametrize("text", ["", "-99", "-9", "-99.0"])
def test_unknown_casualties_are_null(store: Store, tmp_path: Path, text: str) -> None:
    load(store, csv_file(tmp_path / "gtd.csv", [row(nkill=text, nwound=text, nkillus=text, nwoundus=text)]))
    found = incident(store)
    assert not found.killed.known
    assert not found.injured.known
    assert found.extra["nkill"] == found.extra["nkillus"] == found.extra["nwoundus"] == (text or None)


def test_a_share_of_a_total_claims_no_more_than_its_bounds(store: Store, tmp_path: Path) -> None:
    done = load(store, csv_file(tmp_path / "gtd.csv", [row(nkill="2.5", nwound="7.0")]))
    found = incident(store)
    assert (found.killed.low, found.killed.best, found.killed.high) == (2, None, 3)
    assert found.extra["nkill"] == "2.5"
    assert found.injured.best == 7
    assert any("fractions" in note for note in done.notes)


@pytest.mark.parametrize(
    ("specificity", "vicinity", "where_prec"),
    [
        ("1", "0", 1),
        ("1", "1", 2),
        ("1", "-9", 2),
        ("2", "0", 3),
        ("3", "0", 3),
        ("4", "0", 4),
        ("5", "0", 6),
        ("", "0", None),
    ],
)
def test_specificity_is_a_precision(
    store: Store, tmp_path: Path, specificity: str, vicinity: str, where_prec: int | None
) -> None:
    load(store, csv_file(tmp_path / "gtd.csv", [row(specificity=specificity, vicinity=vicinity)]))
    place = incident(store).place
    assert place is not None
    assert place.where_prec == where_prec


def test_missing_places_fall_back_on_what_is_known(store: Store, tmp_path: Path) -> None:
    rows = [
        row(eventid="201605130011", city="Unknown", latitude="", longitude=""),
        row(eventid="201605130012", city="Unknown", provstate="Unknown", latitude="", longitude="", specificity="5"),
        row(eventid="201605130013", city="", provstate="", country_txt="Soviet Union", latitude="0", longitude="0"),
    ]
    load(store, csv_file(tmp_path / "gtd.csv", rows))
    places = [incident(store, f"2016051300{n}").place for n in (11, 12, 13)]
    assert [(p.name, p.kind, p.country_code, p.latitude) for p in places if p] == [
        ("Salah al-Din", "province", "IQ", None), ("Iraq", "country", "IQ", None), ("Soviet Union", "country", None, None),
    ]  # fmt: skip
    assert incident(store, "201605130011").extra["city"] == "Unknown"
    assert incident(store, "201605130013").extra["latitude"] == "0"


def test_who_is_unknown_is_no_actor_and_who_is_doubted_is_suspected(store: Store, tmp_path: Path) -> None:
    unknown = row(
        gname="Unknown",
        claimed="0",
        target1="Unknown",
        corp1="Unknown",
        attacktype1_txt="Unknown",
        weaptype1_txt="Unknown",
    )
    several = row(
        eventid="201605130002",
        gname2="Group B",
        guncertain1="1",
        claimed="-9",
        claim2="1",
        weapsubtype1_txt="Unknown Gun Type",
    )
    load(store, csv_file(tmp_path / "gtd.csv", [unknown, several]))
    first, second = incident(store), incident(store, "201605130002")
    assert (first.actors, first.systems, first.event_type, first.title) == ((), (), None, "Attack, Balad")
    assert first.extra["gname"] == first.extra["attacktype1_txt"] == "Unknown"
    assert {(a.actor.name, a.role, a.attribution) for a in second.actors} == {
        ("Group A", "attacker", "suspected"), ("Group B", "attacker", "known"), ("Group B", "claimant", "known"),
        ("Cafe", "target", "known"),
    }  # fmt: skip
    assert [s.name for s in second.systems] == ["Firearms"]


def test_a_source_older_than_the_attack_does_not_date_it(store: Store, tmp_path: Path) -> None:
    done = load(store, csv_file(tmp_path / "gtd.csv", [row(scite1='"Before," Paper, January 2, 2015.')]))
    found = incident(store)
    assert (found.date_earliest, found.date_latest) == ("2016-05-13", "2016-05-13")
    assert next(d for d in found.documents if d.publisher == "Paper").published_edtf is None
    assert any("dated before" in note for note in done.notes)


def test_a_citation_with_an_author_names_the_work(store: Store, tmp_path: Path) -> None:
    scites = {
        "scite1": 'A. B. Writer, "Five Held, Two Sought in Plot," Daily Example, May 22, 2016.',
        "scite2": 'A. B. Writer, "A Chronology," Example Press International, 2017.',
        "scite3": '"Cafe Attacked; Police Late," Daily Example, May 14, 2016.',
    }
    load(store, csv_file(tmp_path / "gtd.csv", [row(**scites)]))
    works = {(d.author, d.title, d.publisher, d.published_edtf) for d in incident(store).documents}
    assert works == {
        ("A. B. Writer", "Five Held, Two Sought in Plot", "Daily Example", "2016-05-22"),
        (None, scites["scite2"], None, None),
        (None, "Cafe Attacked; Police Late", "Daily Example", "2016-05-14"),
    }


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        ({"eventid": "2.01605E+11"}, "a spreadsheet has rounded it"),
        ({"eventid": ""}, "has no eventid"),
        ({"iyear": "0"}, "has no year"),
        ({"imonth": "13"}, "imonth is 13, not 0 to 12"),
        ({"nkill": "many"}, "nkill is 'many'"),
        ({"nkill": "-1"}, "below 0"),
        ({"longitude": "-86185896"}, "not on the globe"),
        ({"specificity": "9"}, "specificity is 9"),
    ],
)
def test_a_bad_row_is_rejected_with_its_reason(
    store: Store, tmp_path: Path, cells: dict[str, str], reason: str
) -> None:
    done = load(store, csv_file(tmp_path / "gtd.csv", [row(), row(**{"eventid": "201605130002", **cells})]))
    assert (done.added, done.rejected) == (1, 1)
    assert "line 3: " in done.reasons[0]
    assert reason in done.reasons[0]


@pytest.mark.parametrize(
    ("month", "day", "kept"), [("0", "5", "5"), ("", "5", "5"), ("0", "0", None), ("5", "0", None), ("5", "5", None)]
)
def test_a_day_of_no_known_month_is_kept_beside_the_year(
    store: Store, tmp_path: Path, month: str, day: str, kept: str | None
) -> None:
    load(store, csv_file(tmp_path / "day.csv", [row(imonth=month, iday=day)]))
    (extra,) = store.connection.execute("SELECT extra FROM incident").fetchone()
    assert json.loads(extra).get("iday") == kept


@pytest.mark.parametrize("month", ["13", "21", "33", "41"])
def test_a_month_that_is_none_is_rejected_and_no_season(store: Store, tmp_path: Path, month: str) -> None:
    done = load(store, csv_file(tmp_path / "gtd.csv", [row(imonth=month, iday="0")]))
    assert (done.added, done.reasons) == (0, [f"line 2: imonth is {month}, not 0 to 12"])
