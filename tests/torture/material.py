"""Stores, seed files, tables and texts that the attacks work on, small and known to the last row."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from sqlite_utils import Database

from db import schema
from db.store import Store
from seed.load import bundled, load

PER_FILE = 3
"""Incidents of one seed file or table."""

OLDER = "s0003_changes"
"""The step that an older store lacks."""

TEXT = "Radio Sol said: {0}. A drone struck depot {0}, police said. Nobody was hurt."

MAPPING = """
origin = "torture"
[columns]
id = "Ref"
title = "Headline"
date = "Day"
event_type = "Type"
"""


def seed_file(path: Path, number: int) -> Path:
    """Write seed SQL with PER_FILE incidents f{number}-0 ... and a quote, a chain and a claim each."""
    document = (
        f"INSERT INTO document (key, title, publisher, published_edtf) VALUES ('d{number}', 'T', 'Radio Sol', '2021-06')"
        " ON CONFLICT DO NOTHING;\n"
        "INSERT INTO actor (key, name) VALUES ('police', 'Police') ON CONFLICT DO NOTHING;\n"
    )
    parts = [document]
    for k in range(PER_FILE):
        key = f"f{number}-{k}"
        of = f"(SELECT id FROM incident WHERE key = '{key}')"
        quote = f"(SELECT id FROM quote WHERE exact = 'A drone struck depot {key}')"
        parts.append(
            f"INSERT INTO incident (key, title, summary, event_type, date_edtf)"
            f" VALUES ('{key}', 'Drone strikes depot {key}', 'Summary {key}', 'drone-strike', '2021-05-{k + 1:02}')"
            f" ON CONFLICT DO NOTHING;\n"
            f"INSERT INTO quote (incident_id, document_id, exact)"
            f" VALUES ({of}, (SELECT id FROM document WHERE key = 'd{number}'), 'A drone struck depot {key}')"
            f" ON CONFLICT DO NOTHING;\n"
            f"INSERT INTO attribution (quote_id, step, actor_id, verb)"
            f" VALUES ({quote}, 1, (SELECT id FROM actor WHERE key = 'police'), 'said') ON CONFLICT DO NOTHING;\n"
            f"INSERT INTO claim (incident_id, quote_id, field, value) VALUES ({of}, {quote}, 'injured', '0')"
            f" ON CONFLICT DO NOTHING;\n"
        )
    path.write_text("".join(parts), encoding="utf-8")
    return path


def table_file(path: Path, number: int, rows: int = PER_FILE) -> Path:
    """Write a CSV for `import --as csv --map` (see `mapping_file`) with the ids number * rows ... of the data set."""
    lines = ["Ref,Headline,Day,Type"]
    lines += [f"{number * rows + k},Rocket {number}-{k},2021-04-{k % 28 + 1:02},rocket-fire" for k in range(rows)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def mapping_file(path: Path) -> Path:
    """Write the mapping for `table_file`."""
    path.write_text(MAPPING, encoding="utf-8")
    return path


def text(number: int) -> str:
    """A text for the document of `seed_file` 0, different for each number; it has that file's quotes."""
    quotes = " ".join(f"A drone struck depot f0-{k}, police said." for k in range(PER_FILE))
    return f"{'Filling. ' * (number % 50)}Version {number}. {quotes}"


def full_store(path: Path) -> Path:
    """A store with the bundled incidents and rows in every table, checkpointed into its one file."""
    with Store.create(path) as store:
        load(store, bundled())
        with store.write("fill every table") as connection:
            for sql in (
                "INSERT INTO tag (name) VALUES ('drones'), ('to check')",
                "INSERT INTO incident_tag (incident_id, tag_id) SELECT i.id, t.id FROM incident AS i, tag AS t LIMIT 9",
                "INSERT INTO note (incident_id, text, at)"
                " SELECT id, 'A note on ' || title, '2021-07-01T00:00:00+00:00' FROM incident LIMIT 5",
                "INSERT INTO star (incident_id, at) SELECT id, '2021-07-01T00:00:00+00:00' FROM incident LIMIT 3",
                "INSERT INTO view (name, query, layout, slot) VALUES ('strikes', 'type:drone-strike', '{}', 1)",
                "INSERT INTO incident_link (from_id, to_id, kind) SELECT a.id, b.id, 'related'"
                " FROM incident AS a JOIN incident AS b ON b.id = a.id + 1 LIMIT 4",
            ):
                connection.execute(sql)
        store.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return path


def older_store(path: Path, incidents: int = 30) -> Path:
    """A store of an earlier version with some incidents, as an older Dateline left it."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        schema.upgrade(Database(connection), stop_before=OLDER)
        connection.executemany(
            "INSERT INTO incident (key, title, date_edtf) VALUES (?, ?, '2021-05')",
            [(f"old-{n}", f"Old incident {n}") for n in range(incidents)],
        )
        connection.commit()
    return path
