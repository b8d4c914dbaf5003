"""A row that nobody has touched comes out as its newest release has it, whatever the releases before said."""

from __future__ import annotations

from pathlib import Path

import pytest

from db import undo
from db.formats.writing import Losses
from db.store import Store
from tests.support.logged import content
from tests.support.there_and_back import ROWS, taken, with_losses

FIRST = {"ucdp-ged": ("side_a", "side_b"), "acled": ("actor1", "actor2")}


@pytest.mark.parametrize("form", ROWS)
@pytest.mark.parametrize("parties", [("PKK", None), (None, "PKK"), ("swapped", "swapped"), ("PKK", "HPG")])
def test_parties_come_out_in_the_order_of_the_newest_release(
    form: str, parties: tuple[str | None, str | None], store: Store, tmp_path: Path
) -> None:
    columns = FIRST[form]
    row = dict(ROWS[form])
    before = [row[column] for column in columns]
    new = before[::-1] if parties[0] == "swapped" else [to or was for to, was in zip(parties, before, strict=True)]
    taken(store, tmp_path, form, row)
    first = content(store)
    differs, lost = with_losses(store, tmp_path, form, row | dict(zip(columns, new, strict=True)))
    assert (differs, lost) == ({}, Losses())
    undo.undo(store)
    assert content(store) == first


def test_a_party_that_the_analyst_added_keeps_its_number(store: Store, tmp_path: Path) -> None:
    row = dict(ROWS["ucdp-ged"])
    taken(store, tmp_path, "ucdp-ged", row)
    with store.write("add") as connection:
        connection.execute("INSERT INTO actor (key, name) VALUES ('own', 'Own')")
        connection.execute(
            "INSERT INTO incident_actor (incident_id, actor_id, role) SELECT 1, id, 'affected' FROM actor WHERE key = 'own'"
        )
    stood = store.connection.execute("SELECT id, actor_id FROM incident_actor ORDER BY id").fetchall()
    taken(store, tmp_path, "ucdp-ged", row | {"side_a": "PKK"})
    stands = store.connection.execute("SELECT id, actor_id FROM incident_actor ORDER BY id").fetchall()
    assert stood[-2:] == stands[:2] and len(stands) == 3
