"""Rows in the form of the Global Terrorism Database, invented for tests: the columns are the codebook's, no row is real."""
# ruff: noqa: SIM905 - a codebook lists its columns in words, too

from __future__ import annotations

import csv
from pathlib import Path

import openpyxl

from db.formats.gtd import FORMAT
from db.formats.record import Imported, Options
from db.importing import import_file
from db.store import Store

COLUMNS: tuple[str, ...] = (
    *("eventid iyear imonth iday approxdate extended resolution country country_txt region region_txt provstate city"
      " latitude longitude specificity vicinity location summary crit1 crit2 crit3 doubtterr alternative"
      " alternative_txt multiple success suicide").split(),
    *(f"attacktype{n}{end}" for n in "123" for end in ("", "_txt")),
    *(
        name
        for n in "123"
        for name in (
            f"targtype{n}", f"targtype{n}_txt", f"targsubtype{n}", f"targsubtype{n}_txt", f"corp{n}", f"target{n}",
            f"natlty{n}", f"natlty{n}_txt",
        )
    ),
    *"gname gsubname gname2 gsubname2 gname3 gsubname3 motive guncertain1 guncertain2 guncertain3 individual".split(),
    *("nperps nperpcap claimed claimmode claimmode_txt claim2 claimmode2 claimmode2_txt claim3 claimmode3"
      " claimmode3_txt compclaim").split(),
    *(
        name
        for n in "1234"
        for name in (f"weaptype{n}", f"weaptype{n}_txt", f"weapsubtype{n}", f"weapsubtype{n}_txt")
    ),
    *("weapdetail nkill nkillus nkillter nwound nwoundus nwoundte property propextent propextent_txt propvalue"
      " propcomment ishostkid nhostkid nhostkidus nhours ndays divert kidhijcountry ransom ransomamt ransomamtus"
      " ransompaid ransompaidus ransomnote hostkidoutcome hostkidoutcome_txt nreleased addnotes scite1 scite2 scite3"
      " dbsource INT_LOG INT_IDEO INT_MISC INT_ANY related").split(),
)  # fmt: skip
"""The 135 columns, in the codebook's order."""

BASE: dict[str, str] = {
    "eventid": "201605130001", "iyear": "2016", "imonth": "5", "iday": "13", "extended": "0", "country": "95",
    "country_txt": "Iraq", "region": "10", "region_txt": "Middle East & North Africa", "provstate": "Salah al-Din",
    "city": "Balad", "latitude": "34.0164", "longitude": "44.1457", "specificity": "1", "vicinity": "0",
    "summary": "05/13/2016: Assailants opened fire on a cafe.", "crit1": "1", "crit2": "1", "crit3": "1",
    "doubtterr": "0", "multiple": "0", "success": "1", "suicide": "0", "attacktype1": "2",
    "attacktype1_txt": "Armed Assault", "targtype1": "14", "targtype1_txt": "Private Citizens & Property",
    "corp1": "Not Applicable", "target1": "Cafe", "natlty1": "95", "natlty1_txt": "Iraq", "gname": "Group A",
    "guncertain1": "0", "claimed": "1", "weaptype1": "5", "weaptype1_txt": "Firearms", "weapsubtype1": "2",
    "weapsubtype1_txt": "Automatic or Semi-Automatic Rifle", "nkill": "16", "nkillus": "0", "nkillter": "3",
    "nwound": "30", "nwoundus": "0", "property": "-9", "ishostkid": "0",
    "scite1": '"Gunmen Kill 16 in Cafe," The Daily Example, May 14, 2016.', "scite2": "Example Agency wire report",
    "dbsource": "START Primary Collection", "INT_LOG": "-9", "INT_ANY": "-9",
}  # fmt: skip


def row(**cells: str) -> dict[str, str]:
    """A row with all columns, those named as given, the others as in BASE or empty."""
    return {name: cells.get(name, BASE.get(name, "")) for name in COLUMNS}


def csv_file(path: Path, rows: list[dict[str, str]], columns: tuple[str, ...] = COLUMNS) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns, extrasaction="ignore")
        writer.writeheader()
        writer.writerows(rows)
    return path


def workbook(path: Path, rows: list[dict[str, str]], columns: tuple[str, ...] = COLUMNS) -> Path:
    """The same rows as a workbook: numbers as numbers, empty cells empty."""
    made = openpyxl.Workbook()
    sheet = made.active
    assert sheet is not None
    sheet.append(list(columns))
    for cells in rows:
        sheet.append([_typed(name, cells[name]) for name in columns])
    made.save(path)
    return path


def _typed(name: str, text: str) -> object:
    if not text:
        return None
    if name in ("latitude", "longitude", "nkill"):
        return float(text)
    return int(text) if text.lstrip("-").isdigit() else text


def load(store: Store, path: Path) -> Imported:
    return import_file(store, path, FORMAT, Options())
