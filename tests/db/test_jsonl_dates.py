"""JSON lines and dates that are none: those of the file are named by their line, those of the store stand against nothing."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from db.errors import DatelineError
from db.formats import jsonl_read
from db.formats.record import Imported, Options
from db.importing import import_file
from db.store import Store

Lines = list[dict[str, object]]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """A store in which plain SQL has left an incident, and a document, with a date that is none."""
    with Store.create(tmp_path / "store.db") as opened:
        with opened.write("plain SQL") as connection:
            connection.execute("INSERT INTO incident (key, title, date_edtf) VALUES ('mine', 'Mine', 'sometime')")
            connection.execute("INSERT INTO document (key, title, published_edtf) VALUES ('old', 'Old', 'one day')")
        yield opened


def into(store: Store, path: Path, lines: Lines) -> Imported:
    path.write_text("".join(json.dumps(line) + "\n" for line in [{"dateline": 1}, *lines]), encoding="utf-8")
    return import_file(store, path, jsonl_read.FORMAT, Options())


def dates(store: Store) -> dict[str, str | None]:
    return dict(store.connection.execute("SELECT key, date_latest FROM incident"))


def test_a_date_that_stood_here_before_does_not_stand_against_a_file(store: Store, tmp_path: Path) -> None:
    fine: dict[str, object] = {"key": "fine", "title": "Fine", "date_edtf": "2021-05-01"}
    done = into(store, tmp_path / "a.jsonl", [{"incident": fine}])
    assert (done.added, dates(store)) == (1, {"mine": None, "fine": "2021-05-01"})
    quoting = fine | {"date_edtf": "2021-06", "quotes": [{"document": "old", "exact": "words"}]}
    done = into(store, tmp_path / "b.jsonl", [{"document": {"key": "old", "title": "Old"}}, {"incident": quoting}])
    assert (done.changed, dates(store)) == (1, {"mine": None, "fine": None})
    done = into(store, tmp_path / "c.jsonl", [{"incident": {"key": "mine", "title": "Mine", "date_edtf": "sometime"}}])
    assert done.same == 1


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ([{"incident": {"key": "a", "title": "A", "date_edtf": "8 May"}}], "line 2: incident 'a': date_edtf '8 May'"),
        ([{"incident": {"key": "mine", "title": "B", "date_edtf": "soon"}}], "line 2: incident 'mine': date_edtf 'soon'"),
        ([{"incident": {"key": "a", "title": "A", "date_edtf": 20211}}], "line 2: incident 'a': date_edtf 20211"),
        ([{"document": {"key": "d", "title": "D", "published_edtf": "8 May"}}], "line 2: document 'd': published_edtf"),
    ],
    ids=["new", "changed", "number", "document"],
)  # fmt: skip
def test_a_bad_date_of_the_file_is_named_by_its_line(lines: Lines, message: str, store: Store, tmp_path: Path) -> None:
    before = list(store.connection.iterdump())
    with pytest.raises(DatelineError, match=message):
        into(store, tmp_path / "bad.jsonl", lines)
    assert list(store.connection.iterdump()) == before


def test_a_year_without_quotes_is_a_year(store: Store, tmp_path: Path) -> None:
    into(store, tmp_path / "a.jsonl", [{"incident": {"key": "a", "title": "A", "date_edtf": 2021}}])
    assert dates(store)["a"] == "2021-12-31"
