"""Whatever one write does to a store, undo puts every row and the full text back, and redo does it again."""

from __future__ import annotations

import random
import shutil
import sqlite3
from contextlib import suppress
from pathlib import Path

import pytest

from db import log, undo
from db.settle import settle
from db.store import Store
from db.verify import findings
from tests.support.logged import content

TABLES = (
    *("incident", "quote", "attribution") * 3,
    *("claim", "incident_actor", "incident_system", "document", "place", "tag"),
)

KEPT = "'asad-drone-2021-05-08', 'victory-drones-2021-06-21', 'calls-to-leave', 'us-return-2014'"
"""Few incidents, so that rows often meet."""


def _anything(chance: random.Random, connection: sqlite3.Connection) -> None:
    """One change of a row by chance: it goes, comes again under a free number, or takes values of another."""
    table = chance.choice(TABLES)
    rows = connection.execute(f"SELECT id FROM {table}").fetchall()
    if not rows:
        return
    (row,), (other,) = chance.choice(rows), chance.choice(rows)
    columns = [name for _, name, *_ in connection.execute(f"PRAGMA table_info({table})") if name != "id"]
    # What is derived is Dateline's own to fill.
    columns = [name for name in columns if not name.startswith(("date_earliest", "date_latest", "date_prec", "text"))]
    match chance.randrange(4):
        case 0:
            connection.execute(f"DELETE FROM {table} WHERE id = ?", (row,))
        case 1:
            values = ", ".join(f"{c} || '-{chance.randrange(9999)}'" if c == "key" else f'"{c}"' for c in columns)
            names = ", ".join(f'"{c}"' for c in columns)
            free = chance.choice(("NULL", f"(SELECT max(id) + 1 FROM {table})", str(row)))
            connection.execute(
                f"INSERT INTO {table} (id, {names}) SELECT {free}, {values} FROM {table} WHERE id = ?", (other,)
            )
        case 2:
            column = chance.choice([c for c in columns if c != "key"])
            connection.execute(
                f'UPDATE {table} SET "{column}" = (SELECT "{column}" FROM {table} WHERE id = ?) WHERE id = ?',
                (other, row),
            )
        case 3:
            saved = connection.execute(f"SELECT * FROM {table} WHERE id = ?", (row,)).fetchone()
            connection.execute(f"DELETE FROM {table} WHERE id = ?", (row,))
            marks = ", ".join("?" * len(saved))
            connection.execute(f"INSERT INTO {table} VALUES ({marks})", saved)
    if table == "incident":
        # Days that a hand has written are filled in anew by redo: let the first write do so too.
        connection.execute("UPDATE incident SET date_prec = NULL WHERE id = ?", (row,))


@pytest.mark.parametrize("seed", range(12))
def test_undo_and_redo_of_a_write_by_chance(seed: int, template: Path, tmp_path: Path) -> None:
    chance = random.Random(seed)
    path = shutil.copyfile(template, tmp_path / "store.db")
    with Store.open(path, write=True) as store:
        store.connection.execute(f"DELETE FROM incident WHERE key NOT IN ({KEPT})")
        store.connection.execute("INSERT INTO tag (name) VALUES ('red'), ('blue')")
        states = [content(store)]
        for _ in range(chance.randint(1, 3)):
            with store.write("by chance") as connection:
                for _ in range(chance.randint(1, 30)):
                    with suppress(sqlite3.IntegrityError):
                        _anything(chance, connection)
                settle(connection, strict=False)
            if content(store) != states[-1]:
                states.append(content(store))
        wrong = [finding for finding in findings(store.connection) if finding.wrong]
        for state in reversed(states[:-1]):
            undo.undo(store)
            assert content(store) == state
        for state in states[1:]:
            undo.redo(store)
            assert content(store) == state
        assert [finding for finding in findings(store.connection) if finding.wrong] == wrong
        assert not list(log.broken_rows(store.connection))
