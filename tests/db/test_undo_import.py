"""The undo of an import, where what it brought was touched by way of something else."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from db import undo
from db.errors import UsageError
from db.formats.record import Options
from db.formats.registry import named
from db.importing import import_file
from db.store import Store

GED = Path(__file__).parents[1] / "data" / "ged_iraq_hdx.csv"
DAY = "UPDATE document SET published_edtf = '2021-07-01' WHERE id = (SELECT document_id FROM quote ORDER BY id LIMIT 1)"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.create(tmp_path / "s.db") as opened:
        import_file(opened, GED, named("ucdp-ged"), Options())
        yield opened


def incidents(store: Store) -> int:
    return int(store.connection.execute("SELECT count(*) FROM incident").fetchone()[0])


@pytest.mark.parametrize("again", [False, True])
def test_a_document_whose_day_was_changed_and_put_back_is_no_hindrance(again: bool, store: Store) -> None:
    """The day of a document bounds those of its incidents, which are noted as changed; no log row names them."""
    if again:
        undo.undo(store)
        undo.redo(store)
    with store.write("day") as connection:
        connection.execute(DAY)
    undo.undo(store)
    undo.undo(store)
    assert incidents(store) == 0


def test_what_another_program_did_to_such_an_incident_is_kept(store: Store) -> None:
    with store.write("title") as connection:
        connection.execute("UPDATE document SET title = 'x'")
    undo.undo(store)
    store.connection.execute("UPDATE incident SET summary = 'mine' WHERE id = 1")
    with pytest.raises(UsageError, match="keeps no log"):
        undo.undo(store)
    assert incidents(store) > 0
