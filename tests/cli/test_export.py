"""What is written is what is listed: all of it, in its order, safe for whoever opens it."""

from __future__ import annotations

import csv
import io
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from db.exporting import WRITTEN
from db.store import Store

ROOT = Path(__file__).resolve().parents[2]
QUERY = "date:2021-04..2021-05"


def dateline(store: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(ROOT / "main.py"), *words, "--store", str(store)], capture_output=True, text=True, cwd=ROOT
    )


def listed(store: Path, query: str) -> list[str]:
    return [json.loads(line)["key"] for line in dateline(store, "list", query, "--json").stdout.splitlines()]


def test_every_format_has_the_keys_of_the_list(seeded: Path) -> None:
    keys = listed(seeded, QUERY)
    assert len(keys) > 10
    text = {form.name: dateline(seeded, "export", QUERY, "--as", form.name).stdout for form in WRITTEN}
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
    assert (
        dateline(seeded, "export", "drone", "--as", "json").stdout == dateline(seeded, "list", "drone", "--json").stdout
    )


def test_geojson_keeps_the_rules_of_rfc_7946(seeded: Path) -> None:
    whole = json.loads(dateline(seeded, "export", "--as", "geojson").stdout)
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


def test_no_cell_is_a_formula_and_it_says_so(hostile: Path) -> None:
    done = dateline(hostile, "export", "--as", "csv")
    rows = {row["key"]: row for row in csv.DictReader(io.StringIO(done.stdout))}
    assert rows["h"]["title"] == '\'=HYPERLINK("http://x")'
    assert not any(cell.startswith(("=", "+", "@")) for row in rows.values() for cell in row.values())
    assert "' put before them" in done.stderr
    # A negative number is a number, not a formula.
    with Store.open(hostile, write=True) as store, store.write("west") as connection:
        connection.execute("UPDATE place SET longitude = -0.1 WHERE key = 'erbil-airport'")
    rows = {row["key"]: row for row in csv.DictReader(io.StringIO(dateline(hostile, "export", "--as", "csv").stdout))}
    assert rows["erbil-drone-2021-04"]["longitude"] == "-0.1"


def test_nothing_in_a_brief_is_markup(hostile: Path) -> None:
    page = dateline(hostile, "export", "--as", "html").stdout
    assert "<script" not in page
    assert "&lt;script&gt;" in page
    assert "\x1b" not in page
    brief = dateline(hostile, "export", "--as", "markdown").stdout
    assert "[link](javascript" not in brief
    events = json.loads(dateline(hostile, "export", "--as", "timelinejs").stdout)["events"]
    assert not any("<script" in json.dumps(event) for event in events)


def test_what_a_format_cannot_carry_is_counted(seeded: Path) -> None:
    done = dateline(seeded, "export", "--as", "timesketch")
    with Store.open(seeded) as store:
        uncertain = store.connection.execute("SELECT count(*) FROM incident WHERE date_prec <> 1").fetchone()[0]
    assert f"uncertain dates given as one day, whole in date_edtf: {uncertain}" in done.stderr
    assert "rival claims: 2" in done.stderr


def test_a_file_appears_whole_and_a_word_like_outcome_is_no_option(seeded: Path, tmp_path: Path) -> None:
    target = tmp_path / "out.csv"
    done = dateline(seeded, "export", "type:drone-strike", "-outcome:missed", "--as", "csv", "-o", str(target))
    assert done.returncode == 0
    keys = [row["key"] for row in csv.DictReader(target.open(encoding="utf-8", newline=""))]
    assert keys == [
        json.loads(line)["key"]
        for line in dateline(seeded, "list", "type:drone-strike", "-outcome:missed", "--json").stdout.splitlines()
    ]
    assert not [path for path in tmp_path.iterdir() if path.suffix == ".new"]


def test_the_store_is_never_the_target(seeded: Path) -> None:
    before = seeded.read_bytes()
    done = dateline(seeded, "export", "--as", "csv", "-o", str(seeded))
    assert done.returncode == 2
    assert "is the store itself" in done.stderr
    assert seeded.read_bytes() == before
    done = dateline(seeded, "export", "--as", "csw")
    assert done.returncode == 2
    assert "did you mean csv?" in done.stderr
