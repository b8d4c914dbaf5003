"""Workbooks: the sheet with the columns is found, and one that is damaged or made to hurt is refused in one line."""

from __future__ import annotations

import datetime
import io
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path

import openpyxl
import pytest

from db.errors import DatelineError
from db.formats import book, source
from db.formats.gtd import FORMAT
from db.formats.record import Options
from db.importing import import_file
from db.store import Store
from tests.support.gtd_rows import COLUMNS, load, row, workbook


def parts_of(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def packed(parts: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, raw in parts.items():
            archive.writestr(name, raw)
    return out.getvalue()


ENTITIES = b'<!DOCTYPE x [<!ENTITY a "' + b"a" * 999 + b'">' + b"".join(
    b'<!ENTITY b%d "%s">' % (n, (b"&a;" if n == 0 else b"&b%d;" % (n - 1)) * 99) for n in range(9)
) + b"]>"  # fmt: skip


def broken_books(good: Path) -> Iterator[tuple[str, bytes, str]]:
    parts, raw = parts_of(good), good.read_bytes()
    sheet = "xl/worksheets/sheet1.xml"
    yield "cut", raw[: len(raw) // 2], "no workbook, or a damaged one"
    yield "noise behind the mark", b"PK\x03\x04" + bytes(range(256)) * 20, "no workbook, or a damaged one"
    yield "another archive", packed({"readme.txt": b"hello"}), "no workbook, or a damaged one"
    yield "sheet gone", packed({k: v for k, v in parts.items() if k != sheet}), "no workbook|no rows"
    yield "sheet cut", packed({**parts, sheet: parts[sheet][:-300]}), "no workbook, or a damaged one"
    yield "sheet no XML", packed({**parts, sheet: b"\x00\x01" * 500}), "no workbook, or a damaged one"
    head = parts[sheet].index(b"<worksheet")
    entities = parts[sheet][:head] + ENTITIES + parts[sheet][head:]
    yield "entities", packed({**parts, sheet: entities}), "declares entities"
    yield "entities in a part of another name", packed({**parts, "xl/other.foo": entities}), "declares entities"
    yield (
        "entities in the strings",
        packed({**parts, "xl/sharedStrings.xml": ENTITIES + b"<sst>&b8;</sst>"}),
        "declares entities",
    )
    yield "bomb", packed({**parts, sheet: parts[sheet] + b" " * 30_000_000}), "unpacks to far more"


@pytest.mark.parametrize("which", range(10))
def test_a_broken_workbook_says_so_and_changes_nothing(
    store: Store, tmp_path: Path, which: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(book, "BOMB_FROM", 1 << 20)
    name, raw, message = list(broken_books(workbook(tmp_path / "good.xlsx", [row()])))[which]
    path = tmp_path / "bad.xlsx"
    path.write_bytes(raw)
    before = list(store.connection.iterdump())
    with pytest.raises(DatelineError, match=message) as caught:
        load(store, path)
    assert "\n" not in str(caught.value), name
    assert list(store.connection.iterdump()) == before


def test_a_workbook_without_rows_or_with_other_columns(store: Store, tmp_path: Path) -> None:
    with pytest.raises(DatelineError, match="a header and no rows"):
        load(store, workbook(tmp_path / "empty.xlsx", []))
    with pytest.raises(DatelineError, match=r"is not GTD: its first sheet has no column eventid, iyear"):
        load(store, workbook(tmp_path / "other.xlsx", [row()], ("city", "country_txt")))
    openpyxl.Workbook().save(tmp_path / "blank.xlsx")
    with pytest.raises(DatelineError, match="has no rows"):
        load(store, tmp_path / "blank.xlsx")


def test_a_cell_far_out_costs_nothing(store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A cell said to stand in row 999,999,999 would make a reader that trusts it count up to there."""
    monkeypatch.setattr("db.formats.book.MAX_ROWS", 50_000)  # a sheet's last row, up to which it does count
    good = workbook(tmp_path / "good.xlsx", [row()])
    parts = parts_of(good)
    sheet = parts["xl/worksheets/sheet1.xml"]
    far = b'<row r="999999999"><c r="A999999999"><v>1</v></c></row></sheetData>'
    (tmp_path / "far.xlsx").write_bytes(
        packed({**parts, "xl/worksheets/sheet1.xml": sheet.replace(b"</sheetData>", far)})
    )
    assert load(store, tmp_path / "far.xlsx").added == 1


def test_the_second_sheet_is_found(store: Store, tmp_path: Path) -> None:
    made = openpyxl.load_workbook(workbook(tmp_path / "good.xlsx", [row()]))
    cover = made.create_sheet("About", 0)
    cover["A1"] = "Global Terrorism Database"
    made.save(tmp_path / "two.xlsx")
    assert load(store, tmp_path / "two.xlsx").added == 1


def test_a_workbook_larger_than_all_measure_is_refused(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(source, "MAX_FILE", 1000)
    with pytest.raises(DatelineError, match="larger than"):
        load(store, workbook(tmp_path / "good.xlsx", [row()]))


def test_doubled_ids_and_rejects(store: Store, tmp_path: Path) -> None:
    path = workbook(tmp_path / "twice.xlsx", [row(), row(nkill="17")])
    with pytest.raises(DatelineError, match=r"row 3: the id '201605130001' stands on an earlier row too"):
        load(store, path)
    with (tmp_path / "rejects.csv").open("w", encoding="utf-8", newline="") as rejects:
        done = import_file(store, path, FORMAT, Options(), rejects=rejects)
    assert (done.added, done.rejected) == (1, 1)
    assert json.loads(
        store.connection.execute("SELECT after FROM log ORDER BY id DESC LIMIT 1").fetchone()[0]
    )[0]["row"]["added"] == 1  # fmt: skip


def test_a_row_as_wide_as_a_sheet_can_be_is_refused(store: Store, tmp_path: Path) -> None:
    parts = parts_of(workbook(tmp_path / "good.xlsx", [row()]))
    sheet = parts["xl/worksheets/sheet1.xml"]
    wide = b'<row r="3"><c r="XFD3"><v>1</v></c></row></sheetData>'
    (tmp_path / "wide.xlsx").write_bytes(
        packed({**parts, "xl/worksheets/sheet1.xml": sheet.replace(b"</sheetData>", wide)})
    )
    with pytest.raises(DatelineError, match="row 3: has 16,384 columns"):
        load(store, tmp_path / "wide.xlsx")


SHEET = (
    '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>{}</sheetData></worksheet>'
)


def cells_of(values: list[str]) -> str:
    return "".join(f'<c t="inlineStr"><is><t>{value}</t></is></c>' for value in values)


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        ('<row r="1048576"></row>', "empty rows above its headers"),
        (f"<row>{cells_of(list(COLUMNS))}</row>" + '<row><c r="BXW2"/></row>' * 100_000, "millions of empty cells"),
        (
            f"<row>{cells_of(list(COLUMNS))}</row>" + '<row><c><v>1</v></c><c r="BXW2"/></row>' * 100_000,
            "millions of empty cells",
        ),
    ],
    ids=["far down", "far out", "far out with a value"],
)
def test_a_sheet_of_nothing_is_refused_before_it_takes_minutes(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rows: str, told: str
) -> None:
    monkeypatch.setattr(book, "MAX_EMPTY", 1_000_000)
    monkeypatch.setattr(book, "MAX_ABOVE", 10_000)
    parts = parts_of(workbook(tmp_path / "good.xlsx", [row()]))
    (tmp_path / "far.xlsx").write_bytes(packed({**parts, "xl/worksheets/sheet1.xml": SHEET.format(rows).encode()}))
    with pytest.raises(DatelineError, match=told):
        load(store, tmp_path / "far.xlsx")


def test_attacks_on_several_sheets_are_refused_and_not_taken_in_part(store: Store, tmp_path: Path) -> None:
    made = openpyxl.load_workbook(workbook(tmp_path / "good.xlsx", [row()]))
    more = made.copy_worksheet(made.active)
    more.title = "2020"
    made.save(tmp_path / "two.xlsx")
    with pytest.raises(DatelineError, match=r"on 2 sheets \(.*2020\): save each as a file of its own"):
        load(store, tmp_path / "two.xlsx")
    more.delete_rows(2, 5)
    made.save(tmp_path / "begun.xlsx")
    assert load(store, tmp_path / "begun.xlsx").added == 1


def test_empty_cells_above_the_header_are_an_empty_row(store: Store, tmp_path: Path) -> None:
    made = openpyxl.load_workbook(workbook(tmp_path / "good.xlsx", [row()]))
    made.active.insert_rows(1)
    for column in range(1, 4):
        made.active.cell(1, column).font = openpyxl.styles.Font(bold=True)
    made.save(tmp_path / "styled.xlsx")
    assert load(store, tmp_path / "styled.xlsx").added == 1


def test_more_sheets_than_a_workbook_has_are_refused(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = openpyxl.load_workbook(workbook(tmp_path / "good.xlsx", [row()]))
    for _ in range(5):
        made.create_sheet()
    made.save(tmp_path / "many.xlsx")
    assert load(store, tmp_path / "many.xlsx").added == 1
    monkeypatch.setattr(book, "MAX_SHEETS", 5)
    with pytest.raises(DatelineError, match="more than 5 sheets"):
        load(store, tmp_path / "many.xlsx")
    monkeypatch.setattr(book, "MAX_LIST", 200)
    with pytest.raises(DatelineError, match="lists far more sheets"):
        load(store, tmp_path / "many.xlsx")


def test_further_sheets_of_wide_empty_rows_are_not_walked_for_ever(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = openpyxl.load_workbook(workbook(tmp_path / "good.xlsx", [row()]))
    for _ in range(3):
        made.copy_worksheet(made.active).delete_rows(2, 5)
    made.save(tmp_path / "more.xlsx")
    parts = parts_of(tmp_path / "more.xlsx")
    wide = SHEET.format(f"<row>{cells_of(list(COLUMNS))}</row>" + '<row><c r="BXW2"/></row>' * 100).encode()
    parts |= {f"xl/worksheets/sheet{n}.xml": wide for n in (2, 3, 4)}
    (tmp_path / "wide.xlsx").write_bytes(packed(parts))
    assert load(store, tmp_path / "wide.xlsx").added == 1
    monkeypatch.setattr(book, "MAX_LOOKED_AT", 500_000)
    with pytest.raises(DatelineError, match="sheets of millions of empty cells"):
        load(store, tmp_path / "wide.xlsx")


def test_a_number_in_the_style_of_a_date_that_is_none_is_rejected(
    store: Store, tmp_path: Path, recwarn: pytest.WarningsRecorder
) -> None:
    made = openpyxl.load_workbook(workbook(tmp_path / "good.xlsx", [row(), row(eventid="201605130002")]))
    cell = made.active.cell(3, COLUMNS.index("summary") + 1)
    cell.value, cell.number_format = 201601010002, "yyyy-mm-dd"
    made.save(tmp_path / "styled.xlsx")
    done = load(store, tmp_path / "styled.xlsx")
    assert (done.added, done.rejected) == (1, 1)
    assert "row 3: has a number in the style of a date that is no date" in done.reasons[0]
    assert not recwarn.list


def test_a_cell_says_what_the_workbook_shows(store: Store, tmp_path: Path) -> None:
    """Controls are written as escapes in a workbook, and a duration is a number of days with a style."""
    parts = parts_of(workbook(tmp_path / "good.xlsx", [row(summary="one_x000D_two_x005F_x000D__x0000_")]))
    (tmp_path / "escaped.xlsx").write_bytes(packed(parts))
    load(store, tmp_path / "escaped.xlsx")
    assert store.connection.execute("SELECT summary FROM incident").fetchone() == ("one\rtwo_x000D__x0000_",)
    assert book._text(datetime.timedelta(days=3, hours=12, seconds=5)) == "84:00:05"
    assert book._text(-datetime.timedelta(minutes=90)) == "-1:30:00"


def test_what_stands_far_down_a_further_sheet_is_not_missed(store: Store, tmp_path: Path) -> None:
    made = openpyxl.load_workbook(workbook(tmp_path / "good.xlsx", [row()]))
    more = made.copy_worksheet(made.active)
    more.insert_rows(2, 1_200)
    for at in range(2, 1_202):
        more.cell(at, 1).font = openpyxl.styles.Font(bold=True)
    made.save(tmp_path / "two.xlsx")
    with pytest.raises(DatelineError, match="on 2 sheets"):
        load(store, tmp_path / "two.xlsx")
