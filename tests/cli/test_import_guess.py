"""`dateline import FILE` without --as: the file's beginning tells the format, and what is not told is asked for."""

from __future__ import annotations

import io
import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from db.errors import UsageError
from db.formats.registry import recognised
from db.formats.source import Source
from db.input_file import check_input

Dateline = Callable[..., Any]

DATA = Path(__file__).resolve().parent.parent / "data"
FEATURE = {
    "type": "Feature",
    "properties": {
        "id": "1",
        "type_of_violence": 1,
        "side_a": "A",
        "side_b": "B",
        "country": "C",
        "date_start": "2021-05-08",
        "best": 1,
    },
}
EVENT = {"start_date": {"year": 2021}, "text": {"headline": "A"}}
HARM = {"id": "1", "description": "A", "date": "2021-05-08", "sources": []}

FILES: dict[str, tuple[str, str]] = {
    "ucdp-ged": ("x", (DATA / "ged_iraq_hdx.csv").read_text(encoding="utf-8")),
    "ucdp-ged short": ("x", (DATA / "ged_global_14col.csv").read_text(encoding="utf-8")),
    "ucdp-ged map": ("x", json.dumps({"type": "FeatureCollection", "features": [FEATURE]})),
    "acled": ("x", "EVENT_ID_CNTY,EVENT_DATE,EVENT_TYPE,ACTOR1,COUNTRY,FATALITIES\nA,2020-01-01,Battles,B,Iraq,0\n"),
    "gtd": ("x", "eventid;iyear;imonth;iday;country_txt\n201605130001;2016;5;13;Iraq\n"),
    "geojson": ("x", json.dumps({"type": "FeatureCollection", "features": [{"type": "Feature", "properties": {"title": "A"}}]}, indent=1)),
    "timesketch": ("x", "message,datetime,timestamp_desc\nA,2021-05-08T00:00:00Z,x\n"),
    "timesketch lines": ("x", json.dumps({"message": "A", "datetime": "2021-05-08", "timestamp_desc": "x"}) + "\n"),
    "timelinejs": ("x", json.dumps({"title": {"text": {"headline": "x"}}, "events": [EVENT]})),
    "timemap": ("x", json.dumps([HARM, HARM | {"id": "2"}])),
    "timemap object": ("x", json.dumps({"events": [HARM]})),
}  # fmt: skip


@pytest.mark.parametrize("name", list(FILES))
def test_a_file_is_read_as_what_it_is(dateline: Dateline, tmp_path: Path, name: str) -> None:
    form = name.split()[0]
    path = tmp_path / "some file.txt"
    path.write_text(FILES[name][1], encoding="utf-8")
    done = dateline("--store", tmp_path / "new.db", "import", path)
    assert done.status == 0, done.err
    assert f"was read as {form}, which its beginning shows it to be" in done.err
    named = dateline("--store", tmp_path / "named.db", "import", path, "--as", form)
    assert named.status == 0
    assert "was read as" not in named.err


@pytest.mark.parametrize("name", list(FILES))
def test_a_beginning_cut_anywhere_never_tells_another_format(tmp_path: Path, name: str) -> None:
    """However little of a file is seen, it is known for what it is or not at all."""
    text = FILES[name][1][:3_000]
    path = tmp_path / "cut"
    wrong = set()
    for length in range(1, len(text), max(1, len(text) // 120)):
        path.write_text(text[:length], encoding="utf-8")
        try:
            with Source(path) as source:
                wrong.add(recognised(source).name)
        except UsageError as error:
            assert "\n" not in str(error)  # noqa: PT017 - either may be
    allowed = {name.split()[0], *(("geojson",) if "map" in name else ())}
    assert wrong <= allowed


def test_our_own_lines_are_known(dateline: Dateline, seeded: Path, tmp_path: Path) -> None:
    out = tmp_path / "all.jsonl"
    assert dateline("--store", seeded, "export", "--as", "jsonl", "-o", out).status == 0
    done = dateline("--store", tmp_path / "new.db", "import", out)
    assert "was read as jsonl" in done.err
    assert done.status == 0


@pytest.mark.parametrize("form", ["geojson", "timesketch", "timelinejs"])
def test_what_we_write_is_known_and_read(dateline: Dateline, seeded: Path, tmp_path: Path, form: str) -> None:
    out = tmp_path / "all"
    assert dateline("--store", seeded, "export", "--as", form, "-o", out).status == 0
    done = dateline("--store", tmp_path / "new.db", "import", out)
    assert f"was read as {form}" in done.err
    assert "rejected" not in done.err
    titles = {
        json.loads(line)["title"]
        for line in dateline("--store", tmp_path / "new.db", "list", "--json").out.splitlines()
    }
    shown = {
        row["title"]
        for row in map(json.loads, dateline("--store", seeded, "list", "--json").out.splitlines())
        if row["date_edtf"] is not None or form == "geojson"
    }
    assert len(shown) > 10
    assert len(shown & titles) >= 0.9 * len(shown)
    assert dateline("--store", tmp_path / "new.db", "verify").status == 0


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a,b\n1,2\n", "is CSV, but of no data set known here; draft a mapping of its columns with --guess"),
        ('{"a": 1}\n{"a": 2}\n', "is JSON lines, but of no data set known here"),
        ("hello\n", "is of no format that is known by its beginning; say --as with one of jsonl, acled"),
        ('{"rows": [{"a": 1}]}', "is of no format that is known"),
        ("", "is empty; nothing was imported"),
    ],
)
def test_what_is_not_known_is_asked_for_in_a_line(dateline: Dateline, tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "what").write_text(text, encoding="utf-8")
    done = dateline("--store", tmp_path / "new.db", "import", tmp_path / "what")
    assert (done.status, done.err.count("\n")) == (2, 1)
    assert message in done.err
    assert not (tmp_path / "new.db").exists()


def test_guess_drafts_for_any_table_and_says_when_none_is_needed(dateline: Dateline, tmp_path: Path) -> None:
    sheet = tmp_path / "sheet.csv"
    sheet.write_text("Ref;Headline;Event date\n1;Drone hits depot;2021-05-13\n", encoding="utf-8")
    drafted = dateline("import", sheet, "--guess")
    assert (drafted.status, 'title = "Headline"' in drafted.out) == (0, True)
    (tmp_path / "map.toml").write_text(drafted.out, encoding="utf-8")
    done = dateline("--store", tmp_path / "new.db", "import", sheet, "--map", tmp_path / "map.toml")
    assert (done.status, "1 added" in done.err) == (0, True)
    known = dateline("import", DATA / "ged_iraq_hdx.csv", "--guess")
    assert (known.status, known.out, "is ucdp-ged, which needs no mapping" in known.err) == (0, "", True)


def test_a_pipe_is_known_too_and_a_data_set_without_a_name_asks_for_one(
    dateline: Dateline, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def pipe(text: str) -> None:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text.encode())))

    pipe(FILES["ucdp-ged"][1])
    assert "was read as ucdp-ged" in dateline("--store", tmp_path / "a.db", "import", "-").err
    pipe(FILES["timesketch"][1])
    refused = dateline("--store", tmp_path / "b.db", "import", "-")
    assert (refused.status, "say --origin NAME" in refused.err) == (2, True)
    pipe(FILES["timesketch"][1])
    done = dateline("--store", tmp_path / "b.db", "import", "-", "--origin", "case 7")
    assert (done.status, "1 added" in done.err) == (0, True)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("title,da\rte,x\n1,2,3\n", "line 1: lines end in several ways"),
        (f"title,{'x' * ((1 << 20) + 1)}\n1,2\n", "line 1: field larger than field limit"),
        ("title,date,title\n1,2,3\n", "has two columns named 'title'; rename one of them"),
    ],
    ids=["line break", "long", "twice"],
)
@pytest.mark.parametrize("named", [(), ("--as", "csv")])
def test_a_header_that_no_import_reads_is_refused_in_a_line(
    dateline: Dateline, tmp_path: Path, text: str, message: str, named: tuple[str, ...]
) -> None:
    (tmp_path / "odd.csv").write_text(text, encoding="utf-8", newline="")
    done = dateline("import", tmp_path / "odd.csv", *named, "--guess")
    assert (done.out, done.err.count("\n")) == ("", 1)
    assert done.status != 0
    if named or "larger" not in message:  # what is not recognised is asked for
        assert message in done.err


def test_a_column_with_a_line_break_in_its_name_is_drafted_whole(dateline: Dateline, tmp_path: Path) -> None:
    (tmp_path / "odd.csv").write_text('title,"killed\n(all)",date\nA,1,2020\n', encoding="utf-8")
    drafted = dateline("import", tmp_path / "odd.csv", "--guess")
    assert drafted.status == 0
    assert '# "killed\\n(all)"' in drafted.out
    assert 'date = "date"' in drafted.out


@pytest.mark.parametrize("rows", [1, 60_000])
@pytest.mark.parametrize("named", [(), ("--as", "csv")])
def test_a_draft_from_standard_input_is_that_of_the_file(
    dateline: Dateline, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rows: int, named: tuple[str, ...]
) -> None:
    text = "title,date,mood\n" + "Drone hits,2020,calm\n" * rows
    (tmp_path / "standard input").write_text(text, encoding="utf-8")
    wanted = dateline("import", tmp_path / "standard input", *named, "--guess")
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text.encode())))
    drafted = dateline("import", "-", *named, "--guess")
    assert (drafted.status, drafted.out) == (0, wanted.out)
    assert '# "mood"' in drafted.out


def test_a_pipe_is_opened_once_for_a_draft(dateline: Dateline, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A second reader of it would wait for a second writer."""
    pipe, opened = tmp_path / "pipe", list[Path]()

    def once(path: Path) -> int:
        assert path not in opened
        opened.append(path)
        return check_input(path)

    os.mkfifo(pipe)
    monkeypatch.setattr("db.formats.source.check_input", once)
    writer = Thread(target=pipe.write_text, args=("title,date,mood\nA,2020,calm\n",))
    writer.start()
    drafted = dateline("import", pipe, "--guess")
    writer.join()
    assert (drafted.status, '# "mood"' in drafted.out) == (0, True)


def test_of_several_files_none_is_drafted(dateline: Dateline, tmp_path: Path) -> None:
    sheet = tmp_path / "sheet.csv"
    sheet.write_text("title,date\nA,2020\n", encoding="utf-8")
    done = dateline("import", sheet, sheet, "--guess")
    assert (done.status, done.out, "of one file; name one" in done.err) == (2, "", True)
