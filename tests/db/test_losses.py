"""What formats cannot carry, counted by kinds of incident, is what reading every incident whole would count."""

from __future__ import annotations

import csv
import json
import random
from collections.abc import Sequence
from pathlib import Path

import pytest

from db import batch, exporting, losses
from db.exporting import WRITTEN
from db.formats.record import Options
from db.formats.registry import named
from db.formats.writing import Losses
from db.importing import import_file
from db.store import Store
from tests.support.chance_store import ChanceStore

DATA = Path(__file__).resolve().parents[1] / "data"
ACLED = {
    "event_id_cnty": "IRQ1", "event_date": "2021-05-08", "time_precision": "1", "event_type": "Riots", "actor1": "A",
    "actor2": "B", "country": "Iraq", "admin1": "Anbar", "location": "Hit", "latitude": "33", "longitude": "44",
    "geo_precision": "1", "fatalities": "0", "notes": "words", "source": "S",
}  # fmt: skip


def slowly(store: Store, ids: Sequence[int]) -> dict[str, Losses]:
    """Every incident read whole, and every format asked of each."""
    found = {form.name: Losses() for form in WRITTEN}
    for incident in batch.incidents(store.connection, ids):
        for form in WRITTEN:
            found[form.name].update(form.lacks(incident))
    return found


def ids_of(store: Store) -> list[int]:
    return [i for (i,) in store.connection.execute("SELECT id FROM incident ORDER BY id")]


def check(store: Store) -> dict[str, Losses]:
    ids = ids_of(store)
    found = losses.count(store.connection, ids, WRITTEN, lambda *_: None)
    assert found == slowly(store, ids)
    return found


@pytest.mark.parametrize("seed", range(25))
def test_stores_made_by_chance(tmp_path: Path, seed: int) -> None:
    chance = ChanceStore(tmp_path / "chance.db", seed)
    dice = random.Random(seed)
    connection = chance.connection
    for (row_id,) in connection.execute("SELECT id FROM incident").fetchall():
        extra = dice.choice(
            [None, "", "{}", "[1]", "not JSON", '{"a": "=1"}', '{"event_date": "2021-05-08"}', '{"event_date": null}',
             '{"conflict_name": "x", "country": "y"}', '{"conflict_name": "-x", "country": "y", "odd": 1}',
             '{"country": "Iraq", "where_prec": 3, "iso3": "IRQ"}', '{"a": 1, "a": 2}', '{"n": NaN}']
        )  # fmt: skip
        origin = dice.choice([None, "ucdp-ged", "acled", "ours"])
        number = dice.choice(["", "x", "-", "=", "٣", "0"])
        connection.execute(
            "UPDATE incident SET extra = ?, origin = ?, origin_id = ? WHERE id = ?",
            (extra, origin, None if origin is None or dice.random() < 0.1 else f"{number}{row_id}", row_id),
        )
    chance.close()
    with Store.open(tmp_path / "chance.db") as store:
        check(store)


def test_the_bundled_incidents_and_real_rows(seeded: Path) -> None:
    with Store.open(seeded, write=True) as store:
        for name in ("ged_iraq_hdx.csv", "ged_syria.csv"):
            import_file(store, DATA / name, named("ucdp-ged"), Options())
        import_file(store, DATA / "ged_global_14col.csv", named("ucdp-ged"), Options(origin="short"))
        found = check(store)
    assert found["timelinejs"]["rival claims"] > 0
    assert found["ucdp-ged"]["no UCDP id (the key stands in relid)"] > 20
    assert sum(found["jsonl"].values()) == 0


FORMULAS = {
    "incident": ("key", "title", "summary", "event_type", "sub_event_type", "damage", "origin_id", "date_edtf"),
    "place": ("name", "admin1"),
    "country": ("name",),
    "actor": ("name",),
    "system": ("name",),
    "document": ("key", "title", "publisher"),
    "quote": ("exact",),
    "claim": ("field",),
    "tag": ("name",),
}
"""Table → columns whose text may stand at the beginning of a cell."""


@pytest.mark.parametrize(("table", "column"), [(t, c) for t, columns in FORMULAS.items() for c in columns])
def test_a_formula_anywhere_is_found(seeded: Path, table: str, column: str) -> None:
    with Store.open(seeded, write=True) as store:
        with store.write("tag") as connection:
            connection.execute("INSERT INTO tag (name) VALUES ('t')")
            connection.execute("INSERT INTO incident_tag (incident_id, tag_id) SELECT id, 1 FROM incident LIMIT 3")
            connection.execute("UPDATE incident SET origin = 'acled', origin_id = key WHERE id % 4 = 0")
            connection.execute("UPDATE document SET title = NULL WHERE id = 2")
        some = "1" if table in ("tag", "claim") else "rowid % 2 = 0"
        from_ = 2 if table == "quote" else 1  # the words have a place, so their number stays
        # Not through the log: what the date's own bounds would be is not the point here.
        for sign in "=+-@\t\r":
            store.connection.execute("BEGIN")
            store.connection.execute(
                f"UPDATE {table} SET {column} = ? || substr({column}, {from_}) WHERE {column} IS NOT NULL AND {some}",
                (sign,),
            )
            check(store)
            store.connection.execute("ROLLBACK")


@pytest.mark.parametrize(
    "cells", [{}, {"notes": "=x"}, {"actor1": "@x"}, {"source": "-x"}, {"region": "+x"}, {"time_precision": "3"}]
)
def test_rows_of_acled(tmp_path: Path, cells: dict[str, str]) -> None:
    row = ACLED | {"region": "Middle East", "odd": "1"} | cells
    with (tmp_path / "in.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(row))
        writer.writeheader()
        writer.writerow(row)
    with Store.create(tmp_path / "s.db") as store:
        import_file(store, tmp_path / "in.csv", named("acled"), Options())
        found = check(store)["acled"]
    assert found["columns that are not among ACLED's 31"] == 1
    risky = any(cell.startswith(("=", "@", "-", "+")) for cell in cells.values())
    assert found["cells that a spreadsheet would run, left as they are"] == risky


def test_it_tells_on_the_way_and_leaves_out_what_is_gone(template: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(losses, "SIZE", 5)
    told: list[tuple[int, str]] = []
    with Store.open(template) as store:
        ids = ids_of(store)
        found = losses.count(
            store.connection, [*ids, 10**9], WRITTEN, lambda done, lost: told.append((done, json.dumps(lost)))
        )
        assert found == slowly(store, ids)
    assert [done for done, _ in told] == [*range(5, len(ids) + 1, 5), len(ids) + 1][: len(told)]
    assert told[-1] == (len(ids) + 1, json.dumps(found))
    assert exporting.loss_words(found["csv"])
