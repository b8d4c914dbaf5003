"""One incident of a store: read whole by its key, or put there by hand."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from db import read
from db.model import Incident
from db.store import Store


def incident_of(store: Store, key: str) -> Incident:
    """The incident with this key; a test that asks for one that is not there fails."""
    found = read.incident(store.connection, read.incident_id(store.connection, key))
    assert found is not None
    return found


def stored(path: Path, key: str) -> Incident:
    """The incident with this key as the store at `path` has it now."""
    with Store.open(path) as store:
        return incident_of(store, key)


def add(connection: sqlite3.Connection, **columns: object) -> int:
    """An incident of a day known to the day, unless `columns` say other; `actors` are ids."""
    actors = columns.pop("actors", ())
    known = {"title": "Drone strike on a depot", "date_earliest": "2021-05-08", "date_edtf": "x", "date_prec": 1}
    row = {**known, **columns}
    row.setdefault("date_latest", row["date_earliest"])
    row["key"] = f"k{connection.execute('SELECT count(*) FROM incident').fetchone()[0]}"
    cursor = connection.execute(
        f"INSERT INTO incident ({', '.join(row)}) VALUES ({', '.join('?' * len(row))})", tuple(row.values())
    )
    assert isinstance(actors, tuple)
    for actor in actors:
        connection.execute(
            "INSERT INTO incident_actor (incident_id, actor_id, role) VALUES (?, ?, 'attacker')",
            (cursor.lastrowid, actor),
        )
    return int(cursor.lastrowid or 0)
