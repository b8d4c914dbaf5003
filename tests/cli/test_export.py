"""What is written is what is listed: all of it, in its order, safe for whoever opens it."""

from __future__ import annotations

import csv
import io
import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from db.exporting import WRITTEN
from db.store import Store
from tests.cli.conftest import Dateline, Done

ROOT = Path(__file__).resolve().parents[2]
QUERY = "date:2021-04..2021-05"

Run = Callable[..., Done]


def in_a_process(store: Path, *words: str) -> str:
    """What a command prints as a program of its own; elsewhere it is run in this process, which takes a tenth."""
    command = [sys.executable, str(ROOT / "main.py"), *words, "--store", str(store)]
    return subprocess.run(command, capture_output=True, text=True, cwd=ROOT).stdout


@pytest.fixture
def run(dateline: Dateline) -> Run:
    """Run a command over a store."""
    return lambda store, *words: dateline(*words, "--store", store)


def listed(run: Run, store: Path, query: str) -> list[str]:
    return [json.loads(line)["key"] for line in run(store, "list", query, "--json").out.splitlines()]


def test_every_format_has_the_keys_of_the_list(run: Run, seeded: Path) -> None:
    keys = listed(run, seeded, QUERY)
    assert len(keys) > 10
    text = {form.name: run(seeded, "export", QUERY, "--as", form.name).out for form in WRITTEN}
    assert [json.loads(line)["key"] for line in text["json"].splitlines()] == keys
    assert [row["key"] for row in csv.DictReader(io.StringIO(text["csv"]))] == keys
    assert [feature["id"] for feature in json.loads(text["geojson"])["features"]] == keys
    assert [event["unique_id"] for event in json.loads(text["timelinejs"])["events"]] == keys
    assert [json.loads(line)["key"] for line in text["timesketch"].splitlines()] == keys
    assert len(re.findall(r"^## ", text["markdown"], re.M)) == len(keys)
    assert text["html"].count("<h2>") == len(keys) + 1
    own = [json.loads(line) for line in text["jsonl"].splitlines()]
    assert [row["incident"]["key"] for row in own if "incident" in row] == keys


def test_json_is_the_list(seeded: Path) -> None:
    assert in_a_process(seeded, "export", "drone", "--as", "json") == in_a_process(seeded, "list", "drone", "--json")


def test_geojson_keeps_the_rules_of_rfc_7946(run: Run, seeded: Path) -> None:
    whole = json.loads(run(seeded, "export", "--as", "geojson").out)
    assert whole["type"] == "FeatureCollection"
    for feature in whole["features"]:
        assert feature["type"] == "Feature"
        assert set(feature) >= {"geometry", "properties"}
        if feature["geometry"] is not None:
            longitude, latitude = feature["geometry"]["coordinates"]
            assert -180 <= longitude <= 180
            assert -90 <= latitude <= 90
            assert (longitude, latitude) != (0, 0)
            place = feature["properties"]["place"]
            assert (place["longitude"], place["latitude"]) == (longitude, latitude)


@pytest.fixture
def hostile(seeded: Path) -> Path:
    with Store.open(seeded, write=True) as store, store.write("hostile") as connection:
        connection.execute(
            "INSERT INTO incident (key, title, summary, date_edtf) VALUES"
            " ('h', '=HYPERLINK(\"http://x\")', '<script>alert(1)</script> [link](javascript:x) \x1b[2J', '2021-05')"
        )
    return seeded


def test_no_cell_is_a_formula_and_it_says_so(run: Run, hostile: Path) -> None:
    done = run(hostile, "export", "--as", "csv")
    rows = {row["key"]: row for row in csv.DictReader(io.StringIO(done.out))}
    assert rows["h"]["title"] == '\'=HYPERLINK("http://x")'
    assert not any(cell.startswith(("=", "+", "@")) for row in rows.values() for cell in row.values())
    assert "' put before them" in done.err
    # A negative number is a number, not a formula.
    with Store.open(hostile, write=True) as store, store.write("west") as connection:
        connection.execute("UPDATE place SET longitude = -0.1 WHERE key = 'erbil-airport'")
    rows = {row["key"]: row for row in csv.DictReader(io.StringIO(run(hostile, "export", "--as", "csv").out))}
    assert rows["erbil-drone-2021-04"]["longitude"] == "-0.1"


def test_nothing_in_a_brief_is_markup(run: Run, hostile: Path) -> None:
    page = run(hostile, "export", "--as", "html").out
    assert "<script" not in page
    assert "&lt;script&gt;" in page
    assert "\x1b" not in page
    brief = run(hostile, "export", "--as", "markdown").out
    assert "[link](javascript" not in brief
    events = json.loads(run(hostile, "export", "--as", "timelinejs").out)["events"]
    assert not any("<script" in json.dumps(event) for event in events)


def test_what_a_format_cannot_carry_is_counted(run: Run, seeded: Path) -> None:
    done = run(seeded, "export", "--as", "timesketch")
    with Store.open(seeded) as store:
        uncertain = store.connection.execute("SELECT count(*) FROM incident WHERE date_prec <> 1").fetchone()[0]
    assert f"uncertain dates given as one day, whole in date_edtf: {uncertain}" in done.err
    assert "rival claims: 2" in done.err


def test_a_file_appears_whole_and_a_word_like_outcome_is_no_option(run: Run, seeded: Path, tmp_path: Path) -> None:
    target = tmp_path / "out.csv"
    done = run(seeded, "export", "type:drone-strike", "-outcome:missed", "--as", "csv", "-o", str(target))
    assert done.status == 0
    keys = [row["key"] for row in csv.DictReader(target.open(encoding="utf-8", newline=""))]
    assert keys == [
        json.loads(line)["key"]
        for line in run(seeded, "list", "type:drone-strike", "-outcome:missed", "--json").out.splitlines()
    ]
    assert not [path for path in tmp_path.iterdir() if path.suffix == ".new"]


def test_the_store_is_never_the_target(run: Run, seeded: Path) -> None:
    before = seeded.read_bytes()
    done = run(seeded, "export", "--as", "csv", "-o", str(seeded))
    assert done.status == 2
    assert "is the store itself" in done.err
    assert seeded.read_bytes() == before
    done = run(seeded, "export", "--as", "csw")
    assert done.status == 2
    assert "did you mean csv?" in done.err
