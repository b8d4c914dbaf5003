"""`dateline import` and `dateline formats` at the door: what they print, how they end, what they leave."""

from __future__ import annotations

import csv
import io
import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from db.commands.asking import Opened
from db.formats.record import Imported
from db.store import Store

Dateline = Callable[..., Any]

DATA = Path(__file__).resolve().parent.parent / "data"
IRAQ = DATA / "ged_iraq_hdx.csv"


def test_import_makes_the_store_and_a_second_one_adds_nothing(dateline: Dateline, tmp_path: Path) -> None:
    store = tmp_path / "new.db"
    first = dateline("--store", store, "import", IRAQ, "--as", "ucdp-ged")
    assert (first.status, first.out) == (0, "")
    assert "14 added, 0 changed, 0 as they were" in first.err
    second = dateline("import", IRAQ, "--as", "ucdp-ged", "--store", store)
    assert second.status == 0
    assert "0 added, 0 changed, 14 as they were" in second.err
    counted = json.loads(dateline("count", "--json", "--store", store).out)
    assert counted == {"certain": 14, "possible": 0, "of": 14}
    with IRAQ.open(encoding="utf-8", newline="") as file:
        one_sided = sum(row["type_of_violence"] == "3" for row in csv.DictReader(file))
    assert one_sided > 1
    assert dateline("count", "country:iraq", "type:one-sided-violence", "--store", store).out.startswith(
        f"{one_sided} certain"
    )


def test_a_pipe_gets_no_progress(dateline: Dateline, tmp_path: Path) -> None:
    done = dateline("--store", tmp_path / "new.db", "import", IRAQ, "--as", "ucdp-ged")
    assert "\r" not in done.err
    assert "\x1b" not in done.err


def test_standard_input(dateline: Dateline, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(IRAQ.read_bytes())))
    done = dateline("--store", tmp_path / "new.db", "import", "-", "--as", "ucdp-ged")
    assert done.status == 0
    assert "14 added" in done.err


def test_a_broken_file_leaves_no_new_store_behind(dateline: Dateline, tmp_path: Path) -> None:
    (tmp_path / "cut.csv").write_bytes(IRAQ.read_bytes()[:-20])
    done = dateline("--store", tmp_path / "new.db", "import", tmp_path / "cut.csv", "--as", "ucdp-ged")
    assert (done.status, done.out) == (1, "")
    assert done.err.startswith("dateline: cut.csv ends within the row on line 16")
    assert done.err.count("\n") == 1
    assert sorted(path.name for path in tmp_path.iterdir()) == ["cut.csv"]


def test_rejects_are_told_and_kept(dateline: Dateline, tmp_path: Path) -> None:
    text = (DATA / "ged_global_14col.csv").read_text(encoding="utf-8").splitlines(keepends=True)
    text[1] = "x" + text[1]
    (tmp_path / "bad.csv").write_text("".join(text), encoding="utf-8")
    store = tmp_path / "new.db"
    done = dateline(
        "--store", store, "import", tmp_path / "bad.csv", "--as", "ucdp-ged", "--rejects", tmp_path / "r.csv"
    )
    assert done.status == 0
    assert "8 added, 0 changed, 0 as they were, 1 rejected" in done.err
    assert "rejected: line 2: id is 'x" in done.err
    assert "r.csv" in done.err
    assert (tmp_path / "r.csv").read_bytes().startswith(b"line,reason,row,file\r\n2,")
    strict = dateline("--store", store, "import", tmp_path / "bad.csv", "--as", "ucdp-ged", "--strict")
    assert strict.status == 1
    assert "bad.csv, line 2: id is" in strict.err


def test_rejects_of_several_files_are_one_table(dateline: Dateline, tmp_path: Path) -> None:
    text = (DATA / "ged_global_14col.csv").read_text(encoding="utf-8").splitlines(keepends=True)
    for name, bad in (("a", ()), ("b", (1, 3)), ("c", ()), ("d", (1,))):
        rows = [("x" if at in bad else "") + row for at, row in enumerate(text)]
        (tmp_path / f"{name}.csv").write_text("".join(rows), encoding="utf-8")
    files = [tmp_path / f"{name}.csv" for name in "abcd"]
    rejects = tmp_path / "r.csv"
    done = dateline("--store", tmp_path / "new.db", "import", *files, "--as", "ucdp-ged", "--rejects", rejects)
    assert done.status == 0
    with rejects.open(encoding="utf-8", newline="") as table:
        told = list(csv.DictReader(table))
    assert [(row["file"], row["line"]) for row in told] == [
        (str(files[1]), "2"), (str(files[1]), "4"), (str(files[3]), "2"),
    ]  # fmt: skip


def test_rejects_appear_whole_or_not_at_all(dateline: Dateline, tmp_path: Path) -> None:
    text = (DATA / "ged_global_14col.csv").read_text(encoding="utf-8").splitlines(keepends=True)
    bad = [text[0], "x" + text[1], *text[2:]]
    (tmp_path / "bad.csv").write_text("".join(bad), encoding="utf-8")
    (tmp_path / "cut.csv").write_text("".join(bad)[:-20], encoding="utf-8")
    rejects = tmp_path / "r.csv"
    rejects.write_text("line,reason,row\nof last week\n")  # as Dateline wrote them before they had their file
    arguments = ("--store", tmp_path / "new.db", "import", "--as", "ucdp-ged", "--rejects", rejects)
    assert dateline(*arguments, tmp_path / "cut.csv").status == 1
    assert rejects.read_text().endswith("of last week\n"), "nothing was imported, so nothing was rejected"
    assert dateline(*arguments, tmp_path / "bad.csv", tmp_path / "cut.csv").status == 1
    lines = [line.split(",")[0] for line in rejects.read_text().splitlines()]
    assert lines == ["line", "2"], "the rows of the file that came in, none of the one that did not"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["bad.csv", "cut.csv", "new.db", "r.csv"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("import", IRAQ, "--as", "xls"), "no format 'xls'; there are"),
        (("import", DATA / "none.csv", "--as", "ucdp-ged"), "No such file"),
        (("import", DATA, "--as", "ucdp-ged"), "is a directory"),
        (("import", "--as", "ucdp-ged"), "FILE..."),
        (("import", DATA / "README.md"), "--as"),
    ],
)
def test_bad_usage_is_one_line_and_status_2(
    dateline: Dateline, seeded: Path, arguments: tuple[str | Path, ...], message: str
) -> None:
    done = dateline("--store", seeded, *arguments)
    assert done.status == 2
    assert message in done.err
    assert done.err.count("\n") == 1


def test_an_import_stands_beside_the_seeds_in_the_log(dateline: Dateline, seeded: Path) -> None:
    dateline("--store", seeded, "import", IRAQ, "--as", "ucdp-ged")
    with Store.open(seeded) as store:
        what, after = store.connection.execute("SELECT what, after FROM log ORDER BY id DESC LIMIT 1").fetchone()
    assert what == "import ged_iraq_hdx.csv as ucdp-ged"
    told = json.loads(after)[0]["row"]
    assert (told["added"], told["format"], len(told["sha256"])) == (14, "ucdp-ged", 64)


def test_formats_tells_what_can_be_read_and_written(dateline: Dateline) -> None:
    done = dateline("formats")
    assert done.status == 0
    assert "ucdp-ged" in done.out
    listed = {line["name"]: line for line in map(json.loads, dateline("formats", "--json").out.splitlines())}
    assert listed["ucdp-ged"]["read"] is True
    assert listed["ucdp-ged"]["lossless"] is False


SHEET = "Ref,Headline,Event date,Type\n1,Drone hits depot,2021-05-13,drone-strike\n2,Rocket lands,2021-05-14,\n"


def test_any_csv_by_a_guessed_mapping(dateline: Dateline, tmp_path: Path) -> None:
    sheet, store, toml = tmp_path / "sheet.csv", tmp_path / "new.db", tmp_path / "map.toml"
    sheet.write_text(SHEET, encoding="utf-8")
    guess = dateline("--store", store, "import", sheet, "--as", "csv", "--guess")
    assert guess.status == 0
    assert not store.exists()
    toml.write_text(guess.out, encoding="utf-8")
    done = dateline("--store", store, "import", sheet, "--as", "csv", "--map", toml)
    assert (done.status, "2 added" in done.err) == (0, True)
    assert dateline("show", "sheet-2", "--store", store).status == 0
    without = dateline("--store", store, "import", sheet, "--as", "csv")
    assert (without.status, "--map FILE" in without.err) == (2, True)
    for option in (("--guess",), ("--map", toml)):
        needless = dateline("import", sheet, "--as", "acled", *option)
        assert (needless.status, "needs no mapping" in needless.err) == (2, True)


def test_the_page_of_formats_names_them_all() -> None:
    from db.formats.registry import FORMATS

    page = (DATA.parent.parent / "docs" / "formats.md").read_text(encoding="utf-8")
    for form in FORMATS:
        assert f"\n| `{form.name}` | " in page


def test_a_new_store_gets_its_name_when_something_has_come_into_it(
    dateline: Dateline, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What another program has put there meanwhile is neither overwritten nor, when nothing comes, deleted."""
    from db.commands import importing

    (tmp_path / "cut.csv").write_bytes(IRAQ.read_bytes()[:-20])
    made = importing._store

    @contextmanager
    def meanwhile(named: Path | None, opened: Opened) -> Iterator[Store]:
        with made(named, opened) as store:
            assert named is not None and not named.exists()
            named.write_text("precious")
            yield store

    monkeypatch.setattr(importing, "_store", meanwhile)
    for file, status, words in ((IRAQ, 3, "was made meanwhile"), (tmp_path / "cut.csv", 1, "ends within the row")):
        target = tmp_path / "new.db"
        done = dateline("import", file, "--as", "ucdp-ged", "--store", target)
        assert done.status == status
        assert words in done.err and "added" not in done.err
        assert target.read_text() == "precious"
        assert not [path.name for path in tmp_path.iterdir() if ".new" in path.name]
        target.unlink()


def test_what_is_told_of_the_first_file_stands_under_the_name(
    dateline: Dateline, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A program that is killed in the second file has lost nothing of what it has told."""
    from db.commands import importing

    target, tell = tmp_path / "new.db", importing._tell

    def told(file: Path, done: Imported, rejects: Path | None) -> None:
        with Store.open(target) as store:
            assert store.connection.execute("SELECT count(*) FROM incident").fetchone() == (done.added,)
        tell(file, done, rejects)

    monkeypatch.setattr(importing, "_tell", told)
    (tmp_path / "cut.csv").write_bytes(IRAQ.read_bytes()[:-20])
    done = dateline("import", IRAQ, tmp_path / "cut.csv", "--as", "ucdp-ged", "--store", target)
    assert done.status == 1
    assert "14 added" in done.err
    assert sorted(path.name for path in tmp_path.iterdir() if path.is_file()) == ["cut.csv", "new.db"]


def test_rows_that_came_before_are_not_read_anew_by_another_mapping_and_that_is_told(
    dateline: Dateline, tmp_path: Path
) -> None:
    sheet, mapping, into = tmp_path / "sheet.csv", tmp_path / "map.toml", tmp_path / "new.db"
    sheet.write_text("id,head,text\n1,A,B\n", encoding="utf-8")
    notes = []
    for title in ("head", "head", "text"):
        mapping.write_text(f'[columns]\nid = "id"\ntitle = "{title}"\n', encoding="utf-8")
        done = dateline("--store", into, "import", sheet, "--as", "csv", "--map", mapping, "--origin", "desk")
        assert done.status == 0, done.err
        notes.append("nothing in them; `dateline undo NUMBER` takes that import back" in done.err)
    assert notes == [False, True, True]
    assert dateline("--store", into, "undo").status == 0
    done = dateline("--store", into, "import", sheet, "--as", "csv", "--map", mapping, "--origin", "desk")
    assert "1 added" in done.err
    assert '"title":"B"' in dateline("--store", into, "list", "--json").out.replace(" ", "")


def test_names_that_come_without_an_incident_are_told(dateline: Dateline, tmp_path: Path) -> None:
    lines, into = tmp_path / "names.jsonl", tmp_path / "new.db"
    lines.write_text('{"dateline":1}\n{"actor":{"key":"nu","name":"Nu"}}\n', encoding="utf-8")
    first = dateline("--store", into, "import", lines)
    assert first.status == 0 and "note: beside incidents: actor +1" in first.err
    again = dateline("--store", into, "import", lines)
    assert again.status == 1 and "beside incidents" not in again.err
