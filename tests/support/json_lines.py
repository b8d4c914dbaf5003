"""A store out as Dateline's own JSON lines, and such lines into a store."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from db.formats import jsonl, jsonl_read
from db.formats.record import Format, Imported, Options
from db.importing import import_file
from db.store import Store

ORDER = "SELECT id FROM incident ORDER BY date_earliest IS NULL, date_earliest, date_latest, id"


def out(store: Store, path: Path, where: str = "") -> str:
    ids = [i for (i,) in store.connection.execute(ORDER.replace("ORDER", f"{where} ORDER"))]
    path.write_text("".join(line + "\n" for line in jsonl.write(store.connection, ids)), encoding="utf-8")
    return path.read_text(encoding="utf-8")


def into(store: Store, path: Path, form: Format = jsonl_read.FORMAT) -> Imported:
    return import_file(store, path, form, Options())


def import_lines(store: Store, path: Path, *lines: Mapping[str, object]) -> Imported:
    """Import a file of these lines in Dateline's own form, behind the line that says so."""
    path.write_text("".join(json.dumps(line) + "\n" for line in ({"dateline": 1}, *lines)), encoding="utf-8")
    return import_file(store, path, jsonl_read.FORMAT, Options())
