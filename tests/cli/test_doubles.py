"""`doubles`, `link`, `unlink` and the formats of `export` that came later, through the door."""

from __future__ import annotations

import csv
import io
import json
import sqlite3
from contextlib import AbstractContextManager, closing
from pathlib import Path

import pytest

import main
from db import linking
from db.store import Store
from tests.cli.conftest import Dateline

DATA = Path(__file__).resolve().parents[1] / "data"


@pytest.fixture
def twice(tmp_path: Path, dateline: Dateline) -> Path:
    """The rows of Iraq as two data sets."""
    path = tmp_path / "twice.db"
    for origin in ("one", "two"):
        done = dateline("import", DATA / "ged_iraq_hdx.csv", "--as", "ucdp-ged", "--origin", origin, "--store", path)
        assert done.status == 0, done.err
    return path


def test_doubles_are_listed_with_their_parts(twice: Path, dateline: Dateline) -> None:
    done = dateline("doubles", "--limit", "2", "--json", "--store", twice)
    first, second = (json.loads(line) for line in done.out.splitlines())
    assert list(first) == ["score", "first", "second", "parts"]
    assert first["score"] >= second["score"] > 0.9
    assert list(first["parts"]) == ["when", "where", "who", "text", "numbers"]
    assert first["parts"]["when"]["words"].startswith("the same")
    assert {first["first"]["origin"], first["second"]["origin"]} == {"one", "two"}
    assert "13 likely doubles among 26 incidents, the 2 likeliest are listed" in done.err
    assert "2 with a span of over three months" in done.err
    plain = dateline("doubles", "--limit", "2", "--store", twice)
    assert plain.out.splitlines()[0] == f"{first['score']:.2f}  {first['first']['key']}  {first['first']['title']}"
    assert f"      when    1.00  {first['parts']['when']['words']}" in plain.out.splitlines()


def test_a_query_names_one_of_the_two(twice: Path, dateline: Dateline) -> None:
    done = dateline("doubles", "actor:PKK", "--json", "--store", twice)
    pairs = [json.loads(line) for line in done.out.splitlines()]
    assert 0 < len(pairs) < 13
    assert all("PKK" in pair["first"]["title"] + pair["second"]["title"] for pair in pairs)
    assert dateline("doubles", "type:", "--store", twice).status == 2


def test_linked_told_apart_and_taken_back(twice: Path, dateline: Dateline) -> None:
    def offered() -> set[frozenset[str]]:
        lines = dateline("doubles", "--json", "--store", twice).out.splitlines()
        return {frozenset((pair["first"]["key"], pair["second"]["key"])) for pair in map(json.loads, lines)}

    everything = offered()
    (one, other), (third, fourth) = (sorted(pair) for pair in sorted(everything, key=sorted)[:2])
    done = dateline("link", one, other, "--store", twice)
    assert (done.status, done.err) == (0, f"dateline: {one} is the same as {other}\n")
    assert dateline("link", other, one, "--store", twice).status == 1
    assert dateline("link", third, fourth, "--as", "distinct", "--store", twice).status == 0
    assert offered() == everything - {frozenset((one, other)), frozenset((third, fourth))}
    shown = dateline("show", one, "--store", twice).out
    assert f"same as {other}" in shown
    assert "Together: with 1 other linked as the same" in shown
    assert "same as another" in dateline("list", "--store", twice).out
    totals = dateline("count", "--store", twice).out
    done = dateline("unlink", one, other, "--store", twice)
    assert (done.status, done.err) == (0, f"dateline: no longer: {one} is the same as {other}\n")
    assert dateline("unlink", one, other, "--store", twice).status == 1
    assert dateline("unlink", third, fourth, "--as", "distinct", "--store", twice).status == 0
    assert offered() == everything
    assert dateline("count", "--store", twice).out == totals


def test_a_key_that_is_none_is_named_and_nothing_is_linked(twice: Path, dateline: Dateline) -> None:
    done = dateline("link", "one-114064", "two-11406", "--store", twice)
    assert done.status == 2
    assert "did you mean two-114064?" in done.err
    done = dateline("link", "one-114064", "one-114064", "--store", twice)
    assert done.status == 2
    assert "cannot be linked with itself" in done.err


def test_no_doubles_is_an_answer(seeded: Path, dateline: Dateline) -> None:
    done = dateline("doubles", "--least", "0.99", "--store", seeded)
    assert (done.status, done.out) == (0, "")
    assert "0 likely doubles among" in done.err


def test_a_least_score_is_a_number(dateline: Dateline, seeded: Path) -> None:
    done = dateline("doubles", "--least", "nan", "--store", seeded)
    assert (done.status, done.out) == (2, "") and "'nan' is not a number" in done.err


def test_a_copy_is_a_store(seeded: Path, tmp_path: Path, dateline: Dateline) -> None:
    copy = tmp_path / "copy.db"
    done = dateline("export", "type:drone-strike", "--as", "sqlite", "-o", copy, "--without-texts", "--store", seeded)
    assert done.status == 0
    listed = dateline("list", "type:drone-strike", "--json", "--store", seeded).out
    assert f"{copy}: {len(listed.splitlines())} rows as sqlite" in done.err
    assert dateline("list", "--json", "--store", copy).out == listed
    assert dateline("verify", "--store", copy).status == 0
    again = dateline("export", "--as", "sqlite", "-o", copy, "--store", seeded)
    assert again.status == 2
    assert "never overwritten" in again.err
    assert dateline("export", "--as", "sqlite", "--store", seeded).status == 2
    assert dateline("export", "--as", "csv", "--without-texts", "--store", seeded).status == 2
    with Store.open(copy) as store:
        assert store.connection.execute("SELECT count(*) FROM log").fetchone() == (1,)


def test_ucdp_and_acled_are_written_and_say_what_they_lack(seeded: Path, dateline: Dateline) -> None:
    listed = [json.loads(line) for line in dateline("list", "--json", "--store", seeded).out.splitlines()]
    done = dateline("export", "--as", "ucdp-ged", "--store", seeded)
    rows = list(csv.DictReader(io.StringIO(done.out)))
    assert [row["relid"] for row in rows] == [record["key"] for record in listed]
    assert f"no UCDP id (the key stands in relid): {len(listed)}" in done.err
    done = dateline("export", "--as", "acled", "--store", seeded)
    rows = list(csv.DictReader(io.StringIO(done.out)))
    assert [row["event_id_cnty"] for row in rows] == [record["key"] for record in listed]
    assert "weapons and defences: " in done.err
    exact = {record["key"] for record in listed if record["date_earliest"] == record["date_latest"] is not None}
    assert {row["event_id_cnty"] for row in rows if row["time_precision"] == "1"} == exact


def test_the_formats_command_names_what_can_be_written(seeded: Path, dateline: Dateline) -> None:
    found = {row["name"]: row for row in map(json.loads, dateline("formats", "--json").out.splitlines())}
    for name in ("ucdp-ged", "acled", "jsonl"):
        assert found[name]["read"] and found[name]["write"], name
    assert found["sqlite"]["write"]
    assert found["sqlite"]["lossless"]


@pytest.mark.parametrize("words", [["link"], ["link", "--as", "distinct"], ["unlink"]])
def test_a_number_that_another_got_while_the_lock_was_waited_for_is_refused(
    words: list[str], seeded: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with Store.open(seeded, write=True) as store:
        one, two = (key for (key,) in store.connection.execute("SELECT key FROM incident ORDER BY id LIMIT 2"))
        linking.link(store, 1, 2, "related")
        before = store.connection.execute("SELECT * FROM incident_link").fetchall()
    begin = Store.write

    def write(self: Store, what: str = "") -> AbstractContextManager[sqlite3.Connection]:
        monkeypatch.setattr(Store, "write", begin)
        with closing(sqlite3.connect(seeded)) as other, other:
            other.execute("UPDATE incident SET key = 'another' WHERE id = 2")
        return self.write(what)

    monkeypatch.setattr(Store, "write", write)
    assert main.run([*words, one, two, "--store", str(seeded)]) == 2
    assert "that incident is gone" in capsys.readouterr().err
    with Store.open(seeded) as store:
        assert store.connection.execute("SELECT * FROM incident_link").fetchall() == before
