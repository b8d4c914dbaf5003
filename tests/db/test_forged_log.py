"""Log rows that were changed by hand are named, or listed as what they are: never a traceback."""

from __future__ import annotations

from pathlib import Path

import pytest

from db import edit, log_about, log_rows, undo
from db.errors import StoreError, UsageError
from db.formats.record import Options
from db.formats.registry import named
from db.importing import import_file
from db.store import Store

GED = Path(__file__).parents[1] / "data" / "ged_iraq_hdx.csv"


@pytest.mark.parametrize("row_id", ["'x'", "NULL", "1.5"])
def test_a_log_row_that_was_changed_by_hand_is_named(row_id: str, seeded: Path) -> None:
    with Store.open(seeded, write=True) as store:
        import_file(store, GED, named("ucdp-ged"), Options())
        (loaded,) = store.connection.execute("SELECT max(id) FROM log").fetchone()
        edit.star(store, 1, True)
        forged = f"json_array(json_object('table', 'incident', 'id', {row_id}, 'row', NULL))"
        store.connection.execute(f"UPDATE log SET before = {forged}, after = {forged} WHERE id = {loaded + 1}")
        with pytest.raises(StoreError, match="cannot be undone"):
            undo.undo(store, loaded)


@pytest.mark.parametrize("table", ["settle dates", "import"])
def test_a_log_row_that_tells_nothing_is_listed(table: str, seeded: Path) -> None:
    with Store.open(seeded, write=True) as store:
        edit.star(store, 1, True)
        store.connection.execute(
            "UPDATE log SET before = json_array(json_object('table', ?, 'id', 0, 'row', NULL)), after = '[null]'",
            (table,),
        )
        assert all(not listed.tallies for listed in log_rows.listed(store.connection))
        with pytest.raises((StoreError, UsageError)):
            undo.undo(store, 1)


@pytest.mark.parametrize("table", ["import", "attribution"])
def test_a_number_of_thousands_of_digits_is_listed(table: str, seeded: Path) -> None:
    digits = "1" * 5_000
    with Store.open(seeded, write=True) as store:
        edit.star(store, 1, True)
        row = f'{{"ids": {{"incident": [{digits}, 1]}}, "quote_id": {digits}}}'
        told = f'[{{"table": "{table}", "id": 0, "row": {row}}}]'
        store.connection.execute("UPDATE log SET before = ?1, after = ?1", (told,))
        (key,) = store.connection.execute("SELECT key FROM incident WHERE id = 1").fetchone()
        ids = [listed.entry.id for listed in log_rows.listed(store.connection)]
        assert ids == sorted(ids, reverse=True) and len(ids) > 1
        list(log_about.about(store.connection, key))
        with pytest.raises((StoreError, UsageError)):
            undo.undo(store, 1)
