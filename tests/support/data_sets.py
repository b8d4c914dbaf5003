"""The excerpts of data sets in tests/data, and small files of one's own in the forms that are imported."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from db.formats import ucdp_ged
from db.formats.record import Imported, Options
from db.importing import import_file
from db.store import Store

DATA = Path(__file__).resolve().parent.parent / "data"
GED = DATA / "ged_iraq_hdx.csv"
GED_FILES = ("ged_iraq_hdx.csv", "ged_syria.csv", "ged_global_14col.csv")


def rows_of(name: str) -> list[dict[str, str]]:
    """The rows of an excerpt of GED, without those that only have tags of HXL."""
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        return [row for row in csv.DictReader(file) if row["id"]]


def as_csv(rows: Sequence[Mapping[str, Any]]) -> str:
    """Rows as a CSV file with the columns of the first of them."""
    out = io.StringIO()
    writer = csv.DictWriter(out, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def load_ged(store: Store, path: Path) -> Imported:
    """Import a file of UCDP GED."""
    return import_file(store, path, ucdp_ged.FORMAT, Options())


def write_rows(path: Path, rows: list[dict[str, str]]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path
