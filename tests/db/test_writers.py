"""What each format's writer writes, read by another's reader: the csv module, json, and the rules of each format."""

from __future__ import annotations

import copy
import csv
import io
import json
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, redirect_stdout
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from db import batch, exporting
from db.engine import open_engine
from db.engine.answer import Match
from db.exporting import Shown
from db.formats import out_acled, out_csv, out_ucdp_ged
from db.formats.writing import WrittenFormat, runs_as_formula
from db.model import Incident, Place, Span
from db.query import parse
from db.records import record
from db.store import Store
from tests.support.chance_store import ChanceStore
from tests.support.format_rules import geojson_faults, strict_json, timelinejs_faults, timesketch_faults

TEXT = [form for form in exporting.WRITTEN if not form.store]


def everything(store: Store) -> Shown:
    return exporting.shown(open_engine(store).answer(parse("")))


def written(store: Store, what: Shown, form: WrittenFormat) -> tuple[str, exporting.Exported]:
    out = io.StringIO(newline="")
    with redirect_stdout(out):
        done = exporting.export(store, what, form, None)
    return out.getvalue(), done


def incidents(store: Store, what: Shown) -> list[Incident]:
    return list(batch.incidents(store.connection, (match.id for match in what.matches)))


def keys_in(form: str, text: str) -> list[str]:
    """The keys that an independent reader finds, in order."""
    match form:
        case "json":
            return [json.loads(line)["key"] for line in text.splitlines()]
        case "jsonl":
            rows = [json.loads(line) for line in text.splitlines()]
            return [row["incident"]["key"] for row in rows if "incident" in row]
        case "csv":
            return [row["key"] for row in rows_of(text)]
        case "geojson":
            return [feature["id"] for feature in json.loads(text)["features"]]
        case "timelinejs":
            return [event["unique_id"] for event in json.loads(text)["events"]]
        case "timesketch":
            return [json.loads(line)["key"] for line in text.splitlines()]
    raise AssertionError(form)


def rows_of(text: str) -> list[dict[str, str]]:
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    head, *rows = list(reader)
    assert all(len(row) == len(head) for row in rows)
    return [dict(zip(head, row, strict=True)) for row in rows]


# -- stores made by chance ------------------------------------------------------------------------------------------


@given(st.integers(0, 10_000))
@example(2696)  # a precision without a date
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_every_writer_writes_what_its_readers_take(tmp_path: Path, seed: int) -> None:
    path = tmp_path / f"chance-{seed}.db"
    path.unlink(missing_ok=True)
    chance = ChanceStore(path, seed)
    chance.close()
    with Store.open(path) as store:
        what = everything(store)
        whole = incidents(store, what)
        keys = [incident.key for incident in whole]
        lost = exporting.survey(store, what, lambda *_: None)
        for form in TEXT:
            text, done = written(store, what, form)
            assert done.losses == lost[form.name], form.name
            text.encode("utf-8", "surrogateescape")
            if form.name in ("json", "jsonl", "csv", "geojson"):
                assert keys_in(form.name, text) == keys, form.name
                assert done.rows == len(keys)
            elif form.name in ("timelinejs", "timesketch"):
                found = keys_in(form.name, text)
                assert found == [key for key in keys if key in set(found)]
                left_out = sum(count for words, count in done.losses.items() if "left out" in words)
                assert len(found) == done.rows == len(keys) - left_out, form.name
        assert not list(geojson_faults(strict_json(written(store, what, exporting.named("geojson"))[0])))
        assert not list(timelinejs_faults(strict_json(written(store, what, exporting.named("timelinejs"))[0])))
        for line in written(store, what, exporting.named("timesketch"))[0].splitlines():
            assert not list(timesketch_faults(strict_json(line))), line
        features = json.loads(written(store, what, exporting.named("geojson"))[0])["features"]
        certain = {match.id: match.certain for match in what.matches}
        assert [f["properties"] for f in features] == [
            json.loads(json.dumps(record(incident, certain[incident.id]))) for incident in whole
        ]
        for name, head in (("ucdp-ged", out_ucdp_ged.HEAD), ("acled", out_acled.HEAD), ("csv", out_csv.HEAD)):
            rows = rows_of(written(store, what, exporting.named(name))[0])
            assert len(rows) == len(keys)
            assert all(tuple(row) == head for row in rows)
    path.unlink()


def test_the_rules_find_what_breaks_them() -> None:
    good = {
        "type": "FeatureCollection",
        "features": [
            {"type": "Feature", "id": "a", "geometry": {"type": "Point", "coordinates": [1, 2]}, "properties": {}}
        ],
    }
    assert not list(geojson_faults(good))

    def broken(*path: object, value: object) -> dict[str, Any]:
        found: dict[str, Any] = copy.deepcopy(good)
        at: Any = found
        for step in path[:-1]:
            at = at[step]
        at[path[-1]] = value
        return found

    for bad in (
        broken("type", value="features"),
        broken("features", value={}),
        broken("coordinates", value=[]),
        broken("features", 0, "id", value=[]),
        broken("features", 0, "properties", value=[]),
        broken("features", 0, "geometry", "coordinates", value=[200, 2]),
        broken("features", 0, "geometry", "coordinates", value=[1]),
        broken("features", 0, "geometry", "coordinates", value=[1, None]),
        broken("features", 0, "geometry", "type", value="Circle"),
        broken("features", 0, "features", value=[]),
    ):
        assert list(geojson_faults(bad)), bad
    event = {"unique_id": "a", "start_date": {"year": 1}, "text": {"headline": ""}}
    assert not list(timelinejs_faults({"events": [event]}))
    changes: tuple[dict[str, Any], ...] = (
        {"start_date": None},
        {"start_date": {"year": 1, "day": 3}},
        {"end_date": {"year": 0}},
        {"start_date": {"year": 1, "month": 13}},
        {"text": {}},
    )
    for change in changes:
        assert list(timelinejs_faults({"events": [event | change]})), change
    assert list(timelinejs_faults({"events": [event, event]}))
    line = {"message": "m", "datetime": "2021-05-08T00:00:00+00:00", "timestamp_desc": "d"}
    assert not list(timesketch_faults(line))
    changes = ({"message": None}, {"datetime": "8 May"}, {"timestamp_desc": ""}, {"tag": "a"})
    for change in changes:
        assert list(timesketch_faults(line | change)), change


# -- any text in any cell -------------------------------------------------------------------------------------------


ANY = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)


@pytest.fixture(scope="module")
def one(template: Path) -> Incident:
    with Store.open(template) as store:
        return incidents(store, everything(store))[-1]


@given(title=ANY, summary=st.none() | ANY, place=ANY, query=ANY)
@settings(max_examples=60, deadline=None)
def test_a_table_s_cells_come_back_as_they_were(
    one: Incident, title: str, summary: str | None, place: str, query: str
) -> None:
    incident = replace(
        one, title=title, summary=summary, place=Place(1, "p", place, latitude=-1.5, longitude=-0.25), origin=None
    )
    for form in (out_csv.FORMAT, out_ucdp_ged.FORMAT, out_acled.FORMAT):
        assert form.write is not None
        out = io.StringIO(newline="")
        assert form.write(iter([(incident, True)]), out, query) == 1
        (row,) = rows_of(out.getvalue())
        if form is out_csv.FORMAT:
            for name, text in (("title", title), ("summary", summary or ""), ("place", place)):
                assert row[name] == (f"'{text}" if runs_as_formula(text) else text)
            assert (row["latitude"], row["longitude"]) == ("-1.5", "-0.25")
            assert not any(cell.startswith(("=", "+", "@", "\t", "\r")) for cell in row.values())
        else:
            assert row["location" if form is out_acled.FORMAT else "where_coordinates"] == place
            assert (float(row["latitude"]), float(row["longitude"])) == (-1.5, -0.25)
            said = any("would run" in words for words in form.lacks(incident))
            words = (cell for name, cell in row.items() if name not in ("latitude", "longitude"))
            assert said == any(map(runs_as_formula, words))


@given(title=ANY, summary=st.none() | ANY, query=ANY)
@settings(max_examples=60, deadline=None)
def test_nothing_in_a_text_becomes_markup(one: Incident, title: str, summary: str | None, query: str) -> None:
    incident = replace(one, title=title, summary=summary)
    for name in ("html", "timelinejs"):
        form = exporting.named(name)
        assert form.write is not None
        plain, hostile = io.StringIO(), io.StringIO()
        form.write(iter([(replace(one, title="t", summary="s" if summary else summary), True)]), plain, "q")
        form.write(iter([(incident, True)]), hostile, query)
        assert hostile.getvalue().count("<") == plain.getvalue().count("<"), name
    out = io.StringIO()
    brief = exporting.named("markdown")
    assert brief.write is not None
    brief.write(iter([(incident, True)]), out, query)
    headings = [line for line in out.getvalue().split("\n") if line.startswith("## ")]
    assert len(headings) == 1


# -- figures and dates ----------------------------------------------------------------------------------------------


def test_a_table_has_the_figures_of_the_store(seeded: Path) -> None:
    with Store.open(seeded) as store:
        what = everything(store)
        rows = {row["key"]: row for row in rows_of(written(store, what, exporting.named("csv"))[0])}
        for key, edtf, low, best, high, grade in store.connection.execute(
            "SELECT key, date_edtf, injured_low, injured_best, injured_high, grade FROM incident"
        ):
            row = rows[key]
            assert row["date_edtf"] == (edtf or "")
            assert [row["injured_low"], row["injured_best"], row["injured_high"]] == [
                "" if number is None else str(number) for number in (low, best, high)
            ]
            assert row["grade"] == (grade or "")


def test_unknown_is_empty_and_never_zero(one: Incident) -> None:
    bare = Incident(
        1,
        "k",
        "incident",
        "t",
        None,
        None,
        None,
        None,
        None,
        None,
        None,
        None,
        Span(),
        Span(),
        None,
        None,
        None,
        "draft",
        False,
    )
    for form, given_away in ((out_ucdp_ged.FORMAT, {"relid"}), (out_acled.FORMAT, {"event_id_cnty", "notes"})):
        assert form.write is not None
        out = io.StringIO(newline="")
        form.write(iter([(bare, True)]), out, "")
        (row,) = rows_of(out.getvalue())
        assert {name for name, cell in row.items() if cell} == given_away


@pytest.fixture
def imported(tmp_path: Path) -> Iterator[Store]:
    """The rows of tests/data in one store."""
    from db.formats.record import Options
    from db.formats.registry import named
    from db.importing import import_file

    data = Path(__file__).resolve().parents[1] / "data"
    with Store.create(tmp_path / "data.db") as store:
        for file in sorted(data.glob("ged_*.csv")):
            import_file(store, file, named("ucdp-ged"), Options())
        yield store


def test_own_json_lines_lose_nothing(seeded: Path, imported: Store, tmp_path: Path) -> None:
    from db.formats import jsonl_read
    from db.formats.record import Options
    from db.importing import import_file

    stores = [shutil.copyfile(seeded, tmp_path / "seeds.db"), imported.path]
    for at, path in enumerate(stores):
        first, again, second = (tmp_path / f"{name}-{at}.jsonl" for name in ("first", "again", "second"))
        with Store.open(path) as store:
            exporting.export(store, everything(store), exporting.JSONL, first)
        with Store.create(again.with_suffix(".db")) as store:
            import_file(store, first, jsonl_read.FORMAT, Options())
            # Ids differ between the stores, so incidents of one day may change places: the order of the first.
            order = [
                json.loads(line)["incident"]["key"]
                for line in first.read_text().splitlines()
                if '"incident"' in line[:13]
            ]
            ids = dict(store.connection.execute("SELECT key, id FROM incident").fetchall())
            exporting.export(store, Shown("", [Match(ids[key], True) for key in order]), exporting.JSONL, second)
        assert second.read_bytes() == first.read_bytes()
        assert first.stat().st_size > 5_000


def test_progress_ends_the_work_and_leaves_no_file(
    imported: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exporting, "TELL_EVERY", 5)
    told: list[tuple[int, int]] = []

    class EnoughError(Exception):
        pass

    def progress(done: int, of: int) -> None:
        told.append((done, of))
        if len(told) > 2:
            raise EnoughError

    what = everything(imported)
    for form in exporting.WRITTEN:
        told.clear()
        with pytest.raises(EnoughError):
            exporting.export(imported, what, form, tmp_path / f"out{form.suffix}", progress=progress)
        assert told[0][0] < told[1][0] <= told[0][1] == len(what.matches), form.name
        assert [path.name for path in tmp_path.iterdir() if path.name.startswith((".out", "out"))] == [], form.name


def test_each_row_has_its_own_columns(imported: Store) -> None:
    with closing(sqlite3.connect(imported.path)) as connection:
        (count,) = connection.execute("SELECT count(*) FROM incident").fetchone()
    rows = rows_of(written(imported, everything(imported), exporting.named("ucdp-ged"))[0])
    assert len({row["id"] for row in rows}) == count == len(rows)
