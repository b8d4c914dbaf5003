"""What a fresh attack found in what is written for others: no formula gets past, and no address that runs."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from db import batch, citing, losses
from db.formats import out_csv
from db.formats.table import MAX_COLUMNS
from db.formats.writing import Losses, csv_row, runs_as_formula
from db.model import Document
from db.store import Store

RISKY = (
    "=1+1", "+1", "-1", "@x", "\t=1", "\r=1", "\n=1", "\nplain", "＝1+1", "＋1", "－1", "＠x", "\u200b=1", "\ufeff+1",
    " =1", "\u00a0@x", "\u202e\u2066-1", "\U000e0041=1",
)  # fmt: skip
PLAIN = ("harmless", "a=1", "'=1", "1-1", "\u200bword", " words", "−1", "", "¿=?")


@pytest.mark.parametrize("text", RISKY)
def test_what_runs_as_a_formula_is_defused_and_counted(seeded: Path, text: str) -> None:
    """By the writer, and by the count of losses, which asks the store for such texts."""
    assert runs_as_formula(text)
    with Store.open(seeded, write=True) as store:
        with store.write("a title") as connection:
            connection.execute("UPDATE incident SET title = ? WHERE id = 1", (text,))
        (incident,) = batch.incidents(store.connection, [1])
        counted = losses.count(store.connection, [1, 2], [out_csv.FORMAT], lambda done, found: None)
        both = batch.incidents(store.connection, [1, 2])
        assert counted["csv"] == sum((Losses(out_csv.FORMAT.lacks(one)) for one in both), Losses())
    out = io.StringIO(newline="")
    out_csv.write(iter([(incident, True)]), out, "")
    (row,) = csv.DictReader(io.StringIO(out.getvalue(), newline=""), strict=True)
    assert row["title"] == f"'{text}"


@pytest.mark.parametrize("text", PLAIN)
def test_what_does_not_run_is_left_as_it_is(text: str) -> None:
    assert not runs_as_formula(text)


def test_cells_that_any_spreadsheet_would_part_are_quoted() -> None:
    """At semicolons, tabs, bars and line ends as at commas; numbers and what is unknown stay bare."""
    cells = ["harmless;=1+1", "a\t=1", "a|=1", 'he said "so"', "a\nb", "plain", None, 1, 2.5]
    row = csv_row(cells)
    assert row == '"harmless;=1+1","a\t=1","a|=1","he said ""so""","a\nb",plain,,1,2.5\r\n'
    (read,) = csv.reader(io.StringIO(row, newline=""), strict=True)
    assert read == ["" if cell is None else str(cell) for cell in cells]


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "data:text/html,x", "JAVASCRIPT://x", "file:///etc/passwd", "//x"]
)
def test_only_addresses_of_the_web_are_links(url: str) -> None:
    what = citing.Cited(((Document(1, "d", title="D", url=url, archive_url=url), ()),))
    assert "  url =" not in citing.cited(what, "bibtex")
    (item,) = json.loads(citing.cited(what, "csl-json"))
    assert "URL" not in item
    assert f"address {url}" in item["note"]
    assert f"<{url}" not in citing.cited(what, "markdown")


def test_an_address_of_the_web_is_a_link() -> None:
    what = citing.Cited(((Document(1, "d", title="D", url="HTTPS://x.org/a"), ()),))
    assert "url = {HTTPS://x.org/a}" in citing.cited(what, "bibtex")
    assert json.loads(citing.cited(what, "csl-json"))[0]["URL"] == "HTTPS://x.org/a"
    assert "<HTTPS://x.org/a>" in citing.cited(what, "markdown")


def test_a_table_has_no_more_columns_than_a_sheet(
    seeded: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    import main

    (tmp_path / "m.toml").write_text('origin = "x"\n[columns]\ntitle = "c1"\n')
    for width, status in ((MAX_COLUMNS, 0), (MAX_COLUMNS + 1, 1)):
        head, cells = (",".join(f"{letter}{i}" for i in range(width)) for letter in ("c", ""))
        (tmp_path / "wide.csv").write_text(f"{head}\n{cells}\n")
        done = main.run(
            [
                "import",
                str(tmp_path / "wide.csv"),
                "--as",
                "csv",
                "--map",
                str(tmp_path / "m.toml"),
                "--store",
                str(seeded),
            ]
        )
        err = capsys.readouterr().err
        assert (done != 0) == (status != 0), err
    assert "16,385 columns, more than 16,384" in err
    assert len(err.splitlines()) == 1


def test_the_width_of_plain_output_has_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever COLUMNS says of a terminal."""
    from db import output

    monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)
    for columns, width in (("1000000000", output.WIDEST), ("1", output.NARROWEST), ("100", 100)):
        monkeypatch.setenv("COLUMNS", columns)
        assert output.width() == width
