"""The bench's own parts that need no terminal: its page, its events, and what it holds an import to."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from bench import __main__ as bench_main
from bench import ged, imports, stores
from bench.figures import Figure, Target
from bench.report import BEGIN, END, markdown, put_section, run_section
from bench.sources import Sources
from db.store import Store

LIMIT = Figure("empty app", "ms", (100.0,))
MET = Figure("start", "ms", (110.0, 112.0, 130.0), "30", "80x24", Target(ratio=1.2), LIMIT)
MISSED = Figure("key", "ms", (41.0,), "1M", "80x24", Target(median=25, p95=50))
TOLD = Figure("rows a second", "rows/s", (9.0,), "1M")


def test_the_section_says_how_many_targets_are_met() -> None:
    section = run_section([LIMIT, MET, MISSED, TOLD], ["a note"], "python -m bench")
    assert "1 of 2 figures that have a target meet it" in section
    assert "- a note" in section
    rows = [line for line in section.splitlines() if line.startswith("| ")]
    assert [row.split(" | ")[0] for row in rows[2:]] == ["| start", "| key"]
    assert "MISSED" in rows[3] and "met" in rows[2] and "empty app 100" in rows[2]
    assert section.endswith(markdown([LIMIT, MET, MISSED, TOLD]))


def test_a_run_replaces_the_run_before(tmp_path: Path) -> None:
    page = tmp_path / "performance.md"
    page.write_text(f"# Head\n\n{BEGIN}\n\nold\n\n{END}\n\ntail\n", encoding="utf-8")
    put_section(page, "first")
    put_section(page, "second")
    assert page.read_text(encoding="utf-8") == f"# Head\n\n{BEGIN}\n\nsecond\n\n{END}\n\ntail\n"
    page.write_text("no place", encoding="utf-8")
    with pytest.raises(ValueError, match="no place for a run"):
        put_section(page, "third")
    assert page.read_text(encoding="utf-8") == "no place"


def test_the_page_in_the_repository_has_the_place() -> None:
    text = (Path(__file__).parents[2] / "docs" / "performance.md").read_text(encoding="utf-8")
    assert text.count(BEGIN) == text.count(END) == 1
    assert text.index(BEGIN) < text.index(END)


def test_made_up_events_are_read_whole(tmp_path: Path) -> None:
    events, again = tmp_path / "events.csv", tmp_path / "again.csv"
    ged.write(events, 60)
    ged.write(again, 60)
    assert events.read_bytes() == again.read_bytes()
    with events.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 60 and len(rows[0]) == 49
    store = tmp_path / "store.db"
    program = Path(__file__).parents[2] / "main.py"
    done = subprocess.run(
        [sys.executable, str(program), "import", str(events), "--as", "ucdp-ged", "--store", str(store), "--strict"],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    with Store.open(store) as opened:
        assert opened.connection.execute("SELECT count(*) FROM incident").fetchone() == (60,)
        assert opened.connection.execute("SELECT count(*) FROM quote").fetchone()[0] >= 60
    imports._check(store, "incident", 60)
    with pytest.raises(RuntimeError, match="60 rows of 61"):
        imports._check(store, "incident", 61)


def test_a_program_that_changes_while_it_is_measured_is_told_of(tmp_path: Path) -> None:
    main = tmp_path / "main.py"
    part = tmp_path / "tui" / "axis.py"
    part.parent.mkdir()
    for file in (main, part):
        file.write_text("x = 1\n", encoding="utf-8")
    sources = Sources(main)
    (part.parent / "notes.txt").write_text("not the program", encoding="utf-8")
    assert sources.note() is None
    part.write_text("x = 22\n", encoding="utf-8")
    note = sources.note()
    assert note is not None and "tui/axis.py" in note
    (tmp_path / "db").mkdir()
    (tmp_path / "db" / "new.sql").write_text("", encoding="utf-8")
    assert "db/new.sql, tui/axis.py" in (sources.note() or "")


QUOTED = (
    ("start → whole screen", "1M", "on the screen {:.2f} s after the start"),
    ("cold start → whole screen", "1M", "({:.1f} s the first time"),
    ("memory at rest", "1M", "{:.0f} MiB; medians"),
    ("key → whole screen: page down", "1M", "page down {:.1f} ms"),
    ("key → whole screen: letter typed", "1M", "a letter of the query {:.1f} ms"),
    ("key → whole screen: facet on", "1M", "a facet's value {:.1f} ms"),
    ("memory at rest", "30", "The bundled incidents take {:.1f} MiB"),
)
"""Figures that README has from the last whole run: what, store, and its words."""


def test_the_figures_of_the_readme_are_those_of_the_last_run() -> None:
    figures = json.loads((stores.ROOT / "bench" / "results.json").read_text(encoding="utf-8"))["figures"]
    medians = {(f["what"], f["store"]): f["median"] for f in figures if f["screen"] == "80x24"}
    readme = " ".join((stores.ROOT / "README.md").read_text(encoding="utf-8").split())
    for what, store, words in QUOTED:
        assert words.format(medians[what, store]) in readme, what


@pytest.mark.parametrize(
    ("options", "written"),
    [([], "data/results.json"), (["--doc"], "results.json"), (["--output", "other.json"], "other.json")],
)
def test_only_a_run_for_the_page_replaces_its_figures(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, options: list[str], written: str
) -> None:
    page = tmp_path / "page.md"
    page.write_text(f"{BEGIN}\n{END}\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(bench_main, "RESULTS", tmp_path / "results.json")
    monkeypatch.setattr(bench_main, "DOC", page)
    monkeypatch.setattr(stores, "DATA", tmp_path / "data")
    monkeypatch.setattr(bench_main, "measure", lambda *_: bench_main.Findings([MET], []))
    done = CliRunner().invoke(bench_main.main, options)
    assert done.exit_code == 0, done.output
    assert [str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*.json")] == [written]
