"""A store with a part of another's incidents and all that hangs on them: an evidence copy that opens and verifies.

Rows keep their ids and keys.  Saved views, the log and what belongs to other incidents stay behind.  The copy's own log
begins with a row that says what it was taken from, so the chain of hashes covers that too.
"""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from db import bulk, full_text, log, schema, store_file
from db.errors import UsageError, first_line
from db.formats.writing import WrittenFormat
from db.plural import counted
from db.store import Store, writer
from db.whole_file import put_whole, unfinished_store

FORMAT = WrittenFormat(
    "sqlite", "a store with only these incidents, an evidence copy", ".db", lossless=True, store=True
)

EXPORT = "export"
"""What stands for a table in the log entry of a copy."""

Step = Callable[[int, int], None]
"""Is told how many of how many tables are done."""

CHOSEN = "(SELECT id FROM temp.chosen)"
_QUOTES = f"(SELECT id FROM source.quote WHERE incident_id IN {CHOSEN})"


def _line(table: str, used: str) -> str:
    """SQL of the ids of `used` and of everything that they are part of."""
    return (
        f"(WITH RECURSIVE up (id) AS ({used} UNION SELECT t.part_of FROM source.{table} AS t JOIN up ON t.id = up.id"
        " WHERE t.part_of IS NOT NULL) SELECT id FROM up)"
    )


_CLAIMS = f"source.claim AS c WHERE c.incident_id IN {CHOSEN}"

TABLES: dict[str, str] = {
    "incident": f"id IN {CHOSEN}",
    "quote": f"incident_id IN {CHOSEN}",
    "attribution": f"quote_id IN {_QUOTES}",
    "claim": f"incident_id IN {CHOSEN}",
    "incident_actor": f"incident_id IN {CHOSEN}",
    "incident_system": f"incident_id IN {CHOSEN}",
    "incident_tag": f"incident_id IN {CHOSEN}",
    "note": f"incident_id IN {CHOSEN}",
    "star": f"incident_id IN {CHOSEN}",
    "incident_link": f"from_id IN {CHOSEN} AND +to_id IN {CHOSEN}",  # +: else each is tried with each
    "root_dismissal": f"quote_id IN {_QUOTES} AND +other_id IN {_QUOTES}",
    "document": f"id IN (SELECT document_id FROM source.quote WHERE incident_id IN {CHOSEN})",
    "actor": "id IN " + _line(
        "actor",
        f"SELECT actor_id FROM source.incident_actor WHERE incident_id IN {CHOSEN} UNION"
        f" SELECT actor_id FROM source.attribution WHERE quote_id IN {_QUOTES} UNION"
        f" SELECT id FROM source.actor WHERE key IN (SELECT c.value FROM {_CLAIMS})",
    ),
    "actor_alias": "actor_id IN (SELECT id FROM main.actor)",
    "place": "id IN " + _line(
        "place",
        f"SELECT place_id FROM source.incident WHERE id IN {CHOSEN} AND place_id IS NOT NULL UNION"
        f" SELECT id FROM source.place WHERE key IN (SELECT c.value FROM {_CLAIMS})",
    ),
    "system": "id IN " + _line(
        "system",
        f"SELECT system_id FROM source.incident_system WHERE incident_id IN {CHOSEN} UNION"
        f" SELECT id FROM source.system WHERE key IN (SELECT c.value FROM {_CLAIMS} UNION"
        f" SELECT substr(c.field, instr(c.field, ':') + 1) FROM {_CLAIMS})",
    ),
    "tag": f"id IN (SELECT tag_id FROM source.incident_tag WHERE incident_id IN {CHOSEN})",
}  # fmt: skip
"""Table → which of its rows come along."""

STAY = ("view", "log", "change", "country")
"""Tables whose rows stay behind; the copy has the countries of its own program, by the names that the source has."""


def write(
    store: Store, ids: Iterable[int], query: str, target: Path, *, texts: bool = True, step: Step | None = None
) -> int:
    """Make a new store at `target` with the incidents of `ids`, without documents' texts unless `texts`.

    Returns how many incidents it has.  Raises UsageError when the file exists or cannot be written; then there is none.
    """
    if os.path.lexists(target):
        raise UsageError(f"{target} exists already, and a store is never overwritten; name another file")
    store_file.check_free(target)
    if not target.parent.is_dir():
        raise UsageError(f"cannot write {target}: there is no folder {target.parent}")
    try:
        with unfinished_store(target) as making:
            schema.create(making)
            with Store.open(making, write=True) as copy:
                count = _fill(copy.connection, store, list(ids), query, texts, step or _silent)
            put_whole(making, target)
    except FileExistsError as error:
        raise UsageError(f"{target} exists already, and a store is never overwritten; name another file") from error
    except OSError as error:
        raise UsageError(f"cannot write {target}: {error.strerror}") from error
    except sqlite3.OperationalError as error:
        raise UsageError(f"cannot write {target}: {first_line(error)}") from error
    return count


def _silent(done: int, of: int) -> None:
    """A step that nobody is told of."""


def _fill(connection: sqlite3.Connection, store: Store, ids: list[int], query: str, texts: bool, step: Step) -> int:
    taken_from = _origin(store)
    mode = "immutable=1" if store.frozen else "mode=ro"
    # What stands in the source comes as it is, also a row that points nowhere: `verify` tells of it there as here.
    connection.execute("PRAGMA foreign_keys = OFF")
    connection.execute("ATTACH ? AS source", (f"{store.path.absolute().as_uri()}?{mode}",))
    connection.execute("CREATE TEMP TABLE chosen (id INTEGER PRIMARY KEY)")
    with _transaction(connection):
        connection.executemany("INSERT OR IGNORE INTO temp.chosen VALUES (?)", ((i,) for i in ids))
        suspended = bulk.suspend(connection)
        connection.execute(
            "INSERT INTO main.country (code, name) SELECT code, name FROM source.country WHERE TRUE"
            " ON CONFLICT (code) DO UPDATE SET name = excluded.name"
        )
        for done, (table, where) in enumerate(TABLES.items()):
            names = [row[1] for row in connection.execute(f'PRAGMA main.table_info("{table}")')]
            values = ", ".join(
                "NULL" if (table, name) == ("document", "text") and not texts else f't."{name}"' for name in names
            )
            own = ", ".join(f'"{name}"' for name in names)
            connection.execute(
                f"INSERT INTO main.{table} ({own})"
                f" SELECT {values} FROM source.{table} AS t WHERE {where} ORDER BY rowid"
            )
            step(done + 1, len(TABLES) + 1)
        bulk.resume(connection, suspended)
        # Only rows with ids above 0 are looked at by `resume`.
        full_text.fill(connection, last=0)
        count = int(connection.execute("SELECT count(*) FROM main.incident").fetchone()[0])
        told = {**taken_from, "query": query, "incidents": count, "texts": texts}
        log.append(
            connection,
            writer(),
            f"copy of {counted(count, 'incident')} from {store.path.name}: {query.strip() or 'everything'}",
            [log.Change(EXPORT, 0, None, told)],
        )
    connection.execute("DETACH source")
    step(len(TABLES) + 1, len(TABLES) + 1)
    return count


@contextmanager
def _transaction(connection: sqlite3.Connection) -> Iterator[None]:
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    finally:
        if connection.in_transaction:
            connection.execute("ROLLBACK")


def _origin(store: Store) -> dict[str, object]:
    """What a copy is taken from: the file's name, the SHA-256 that `sha256sum` gives of it, the end of its log.

    What SQLite has not yet moved into the file stands in the write-ahead log beside it, which is hashed as well.
    """
    found: dict[str, object] = {"store": store.path.name, "sha256": _sha256(store.path)}
    beside = store_file.log_of(store.path)
    if store_file.size(beside):
        found["wal_sha256"] = _sha256(beside)
    last = store.connection.execute("SELECT id, hash FROM log ORDER BY id DESC LIMIT 1").fetchone()
    if last is not None:
        found["log_id"], found["log_hash"] = last
    return found


def _sha256(path: Path) -> str:
    """The SHA-256 of a file that this process has open as a store.

    Another process reads it: closing a file drops all locks that a process holds on it (POSIX), SQLite's too.
    """
    done = subprocess.run(
        [sys.executable, "-I", "-c", _HASH, str(path)], stdin=subprocess.DEVNULL, capture_output=True, text=True
    )
    if done.returncode:
        raise UsageError(f"cannot read {path} to tell its SHA-256")
    return done.stdout.strip()


_HASH = "import hashlib, sys; print(hashlib.file_digest(open(sys.argv[1], 'rb'), 'sha256').hexdigest())"
