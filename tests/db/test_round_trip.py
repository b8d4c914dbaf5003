"""What came from UCDP or ACLED goes back as it came; what did not is never made more precise than it is."""

from __future__ import annotations

import csv
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from db import dates, exporting
from db.engine import open_engine
from db.formats import out_acled, out_ucdp_ged
from db.formats.record import Options
from db.formats.registry import named
from db.importing import import_file
from db.model import Incident, Span
from db.query import parse
from db.store import Store

DATA = Path(__file__).resolve().parents[1] / "data"
FORMS = ("ged_iraq_hdx.csv", "ged_syria.csv", "ged_global_14col.csv")
OTHER_NAMES = {"best_death": "best", "low_death": "low", "high_death": "high"}
NOT_IN_THE_49 = {"start_year", "end_year", "iso3"}
VIOLENCE = {"State-based violence": "1", "Non-state violence": "2", "One-sided violence": "3"}


def export(store: Store, name: str, path: Path) -> list[dict[str, str]]:
    exporting.export(store, exporting.shown(open_engine(store).answer(parse(""))), exporting.named(name), path)
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def same(a: str, b: str) -> bool:
    """Equal as texts, or as numbers: 214797.0 is 214797."""
    try:
        return a == b or float(a) == float(b)
    except ValueError:
        return False


@pytest.mark.parametrize("origin", [None, "ours"])
@pytest.mark.parametrize("form", FORMS)
def test_ucdp_comes_back_in_every_column_that_the_format_has(form: str, origin: str | None, tmp_path: Path) -> None:
    with (DATA / form).open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["id"]]
    with Store.create(tmp_path / "ged.db") as store:
        import_file(store, DATA / form, named("ucdp-ged"), Options(origin=origin))
        found = {row["id"]: row for row in export(store, "ucdp-ged", tmp_path / "out.csv")}
    assert len(found) == len(rows) > 8
    for row in rows:
        back = found[str(int(float(row["id"])))]
        assert len(back) == 49
        for name, cell in row.items():
            if name in ("month", "day"):
                assert int(back["date_start"].split("-")[1 if name == "month" else 2]) == int(cell)
            elif name not in NOT_IN_THE_49:
                mine = back[OTHER_NAMES.get(name, name)]
                assert same(VIOLENCE.get(cell, cell), mine), (row["id"], name, cell, mine)


def test_what_was_written_as_ucdp_is_the_same_incidents_again(tmp_path: Path) -> None:
    columns = (
        "origin_id, title, event_type, date_edtf, date_earliest, date_latest, killed_low, killed_best, killed_high"
    )
    with Store.create(tmp_path / "one.db") as store:
        import_file(store, DATA / "ged_iraq_hdx.csv", named("ucdp-ged"), Options())
        export(store, "ucdp-ged", tmp_path / "out.csv")
        before = store.connection.execute(f"SELECT {columns} FROM incident ORDER BY origin_id").fetchall()
    with Store.create(tmp_path / "two.db") as store:
        import_file(store, tmp_path / "out.csv", named("ucdp-ged"), Options())
        assert store.connection.execute(f"SELECT {columns} FROM incident ORDER BY origin_id").fetchall() == before
        first = (tmp_path / "out.csv").read_bytes()
        export(store, "ucdp-ged", tmp_path / "again.csv")
    assert (tmp_path / "again.csv").read_bytes() == first


def test_the_analyst_s_corrections_are_in_the_export(tmp_path: Path) -> None:
    with Store.create(tmp_path / "ged.db") as store:
        import_file(store, DATA / "ged_iraq_hdx.csv", named("ucdp-ged"), Options())
        with store.write("correct") as connection:
            (row_id,) = connection.execute(
                "SELECT id FROM incident WHERE json_extract(extra, '$.date_prec') = 1 LIMIT 1"
            ).fetchone()
            connection.execute("UPDATE incident SET date_edtf = '2030-05', killed_best = 77 WHERE id = ?", (row_id,))
        with Store.open(store.path, write=True):
            pass  # settles the interval
        (row,) = [row for row in export(store, "ucdp-ged", tmp_path / "out.csv") if row["best"] == "77"]
    assert (row["date_start"], row["date_end"], row["year"]) == ("2030-05-01", "2030-05-31", "2030")
    assert row["date_prec"] == "4"


ACLED = {
    "event_id_cnty": "IRQ1", "event_date": "2021-05-08", "year": "2021", "time_precision": "1",
    "disorder_type": "Political violence", "event_type": "Explosions/Remote violence",
    "sub_event_type": "Air/drone strike", "actor1": "Unidentified", "assoc_actor_1": "", "inter1": "Political militia",
    "actor2": "Military Forces of Iraq", "assoc_actor_2": "Government of Iraq", "inter2": "State forces",
    "interaction": "Political militia-State forces", "civilian_targeting": "", "iso": "368", "region": "Middle East",
    "country": "Iraq", "admin1": "Al Anbar", "admin2": "Hit", "admin3": "", "location": "Ain al Asad",
    "latitude": "33.8", "longitude": "42.44", "geo_precision": "1", "source": "Rudaw", "source_scale": "Regional",
    "notes": "On 8 May, a drone hit a hangar.", "fatalities": "0", "tags": "", "timestamp": "1620691200",
}  # fmt: skip


@pytest.mark.parametrize(
    "change",
    [
        {},
        {"time_precision": "2"},
        {"time_precision": "3"},
        {"geo_precision": "3"},
        {"event_type": "Battles", "sub_event_type": "Armed clash"},
        {"event_type": "Protests", "sub_event_type": "Peaceful protest", "actor2": "", "inter2": ""},
        {"event_type": "Battles", "actor2": "", "inter2": "", "assoc_actor_1": "Allies; Others"},
        {"source": "Rudaw; Shafaq News", "tags": "crowd size=no report"},
        {"fatalities": ""},
        {"location": "", "latitude": "", "longitude": "", "geo_precision": "", "admin1": ""},
    ],
    ids=lambda change: ",".join(change) or "as it is",
)
def test_acled_comes_back_in_all_its_columns(change: dict[str, str], tmp_path: Path) -> None:
    row = ACLED | change
    with (tmp_path / "in.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(row))
        writer.writeheader()
        writer.writerow(row)
    with Store.create(tmp_path / "acled.db") as store:
        assert import_file(store, tmp_path / "in.csv", named("acled"), Options()).added == 1
        (back,) = export(store, "acled", tmp_path / "out.csv")
    assert tuple(back) == tuple(row) == out_acled.HEAD
    assert {name: (cell, row[name]) for name, cell in back.items() if not same(cell, row[name])} == {}


# -- dates ----------------------------------------------------------------------------------------------------------

DAYS = st.integers(dates.day_number(1990, 1, 1), dates.day_number(2030, 12, 31))


@st.composite
def edtf(draw: st.DrawFn) -> str:
    """An EDTF date of one of the forms that sources support."""
    a, b = sorted((draw(DAYS), draw(DAYS)))
    near = min(b, a + draw(st.integers(0, 40)))
    first, last = dates.iso(a), dates.iso(draw(st.sampled_from([near, b])))
    form = draw(
        st.sampled_from(
            [
                "{0}",
                "{0}~",
                "{0}?",
                "{0}T05",
                "{2}",
                "{2}~",
                "{3}",
                "{0}/{1}",
                "[{0}..{1}]",
                "{2}/{4}",
                "../{0}",
                "{0}/..",
            ]
        )
    )
    return form.format(first, last, first[:7], first[:4], last[:7])


def incident(date: str, published: dates.Day | None = None) -> Incident:
    dating = dates.clip(dates.parse(date), published)
    return Incident(
        1, "k", "incident", "t", None, None, None, date,
        None if dating.earliest is None else dates.iso(dating.earliest),
        None if dating.latest is None else dates.iso(dating.latest),
        dating.precision, None, Span(), Span(), None, None, None, "draft", False,
    )  # fmt: skip


def acled_days(row: dict[str, object]) -> tuple[int, int] | None:
    """Which days a row of ACLED allows: the day, the days around it, or its month."""
    if "event_date" not in row:
        return None
    day = dates.day_of_iso(str(row["event_date"]))
    year, month, _ = dates.civil(day)
    match row["time_precision"]:
        case 1:
            return day, day
        case 2:
            return day - 5, day + 5
        case 3:
            return dates.day_number(year, month, 1), dates.day_number(year + month // 12, month % 12 + 1, 1) - 1
    raise AssertionError(row)


@given(edtf(), st.none() | DAYS)
@settings(max_examples=150, deadline=None)
def test_no_date_is_written_more_precise_than_it_is(date: str, published: int | None) -> None:
    known = incident(date, published)
    row = out_acled.cells(known)
    written = acled_days(row)
    if known.date_earliest is None or known.date_latest is None:
        assert written is None
    else:
        first, last = dates.day_of_iso(known.date_earliest), dates.day_of_iso(known.date_latest)
        assert written is None or (written[0] <= first and last <= written[1]), (date, row)
        assert written is not None or last - first > 10, (date, row)
        if "year" in row and written is None:
            assert dates.civil(first)[0] == dates.civil(last)[0] == row["year"]
    ged = out_ucdp_ged.cells(known)
    if known.date_earliest is None or known.date_latest is None:
        assert not {"date_start", "date_end", "date_prec", "year"} & set(ged)
        return
    assert (ged["date_start"], ged["date_end"]) == (known.date_earliest, known.date_latest)
    exact = known.date_earliest == known.date_latest or ("/" in date and len(date) == 21 and "~" not in date)
    assert (ged["date_prec"] == 1) <= exact, (date, ged)
    if "year" in ged:
        assert str(ged["date_start"])[:4] == str(ged["date_end"])[:4] == str(ged["year"])


@pytest.mark.parametrize("cells", [out_ucdp_ged.cells, out_acled.cells])
def test_dates_that_no_column_holds_are_left_empty_and_told(cells: Callable[[Incident], dict[str, object]]) -> None:
    form = out_ucdp_ged.FORMAT if cells is out_ucdp_ged.cells else out_acled.FORMAT
    for date in ("-0044-03-15", "Y12345", "../2021-05", "2021-05-08/.."):
        row = cells(incident(date))
        assert not any("date" in name for name in row), (date, row)
        assert any("left empty" in words for words in form.lacks(incident(date)))


def test_a_loss_is_told_once_an_incident(seeded: Path) -> None:
    with Store.open(seeded) as store:
        what = exporting.shown(open_engine(store).answer(parse("")))
        for losses in exporting.survey(store, what, lambda *_: None).values():
            assert all(0 < count <= len(what.matches) for count in losses.values())
    bare = replace(incident("2021-05-08"), event_type="battles")
    assert list(out_acled.FORMAT.lacks(bare)) == ["no ACLED id (the key stands for it)"]
