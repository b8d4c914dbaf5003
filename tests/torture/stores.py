"""Stores made by hand to hurt whoever opens them: read safely, or refused with a reason in one line; never written to."""

from __future__ import annotations

import os
import resource
import sqlite3
import tempfile
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

from sqlite_utils import Database

from db import log, schema
from tests.torture.child import Done, dateline
from tests.torture.flips import COMMANDS, hashes
from tests.torture.material import full_store, older_store
from tests.torture.outcome import Outcome

SLOWEST_S = 10
MEMORY = 3 << 30
"""Address space of a command, bytes: a store of a few hundred KiB has no business with more."""

READS = (*COMMANDS, ("export", "--as", "jsonl"), ("export", "--as", "csv"), ("list", "place:x", "killed:>1"))

Make = Callable[[Path], Path | None]
"""Makes a hostile store of a sound one (the path given), in place, or returns another path."""


class Trap(NamedTuple):
    """A hostile store, and what must come of it: a reason that stands in the refusal, or words that `verify` says."""

    name: str
    make: Make
    refused: str | None = None
    verified: str | None = None
    written: str | None = None
    """What a program that would write to it is told; None where it may write."""


def _sql(*statements: str) -> Make:
    def make(path: Path) -> None:
        with closing(sqlite3.connect(path, isolation_level=None)) as connection:
            for statement in statements:
                connection.execute(statement)

    return make


def _schema(*edits: tuple[str, str], then: tuple[str, ...] = ()) -> Make:
    """Edit the text of the schema past SQLite's checks: (old, new) in any of its statements; then run SQL."""

    def make(path: Path) -> None:
        with closing(sqlite3.connect(path, isolation_level=None)) as connection:
            connection.execute("PRAGMA writable_schema = ON")
            for old, new in edits:
                changed = connection.execute(
                    "UPDATE sqlite_master SET sql = replace(sql, ?, ?) WHERE instr(sql, ?)", (old, new, old)
                ).rowcount
                assert changed > 0, old
            connection.execute("PRAGMA schema_version = 4711")
        with closing(sqlite3.connect(path, isolation_level=None)) as connection:
            for statement in then:
                connection.execute(statement)

    return make


def _capitals(path: Path) -> None:
    """Call a table by its name in capitals, which is the same to SQLite, and let it take values of any type."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA writable_schema = ON")
        connection.execute(
            "UPDATE sqlite_master SET name = 'INCIDENT',"
            " sql = replace(replace(sql, 'CREATE TABLE incident', 'CREATE TABLE INCIDENT'), ') STRICT', ')')"
            " WHERE type = 'table' AND name = 'incident'"
        )
        connection.execute("UPDATE sqlite_master SET tbl_name = 'INCIDENT' WHERE tbl_name = 'incident'")
        connection.execute("PRAGMA schema_version = 4711")
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("UPDATE incident SET title = x'ff00', killed_best = 'many'")


def _loosened(table: str, *statements: str) -> Make:
    """Write what a STRICT table and its checks forbid, and make the schema look untouched again."""

    def make(path: Path) -> None:
        with closing(sqlite3.connect(path, isolation_level=None)) as connection:
            ((before,),) = connection.execute("SELECT sql FROM sqlite_master WHERE name = ?", (table,)).fetchall()
            connection.execute("PRAGMA writable_schema = ON")
            loose = before.replace(" STRICT", "").replace(") STRICT", ")")
            connection.execute("UPDATE sqlite_master SET sql = ? WHERE name = ?", (loose, table))
            connection.execute("PRAGMA schema_version = 4711")
        with closing(sqlite3.connect(path, isolation_level=None)) as connection:
            connection.execute("PRAGMA ignore_check_constraints = ON")
            connection.execute("PRAGMA foreign_keys = OFF")
            for statement in statements:
                connection.execute(statement)
            connection.execute("PRAGMA writable_schema = ON")
            connection.execute("UPDATE sqlite_master SET sql = ? WHERE name = ?", (before, table))
            connection.execute("PRAGMA schema_version = 4712")

    return make


def _other_pages(size: int) -> Make:
    return _sql("PRAGMA journal_mode = DELETE", f"PRAGMA page_size = {size}", "VACUUM")


def _utf16(path: Path) -> Path:
    """The same rows in a store whose texts are UTF-16."""
    other = path.with_name("utf16.db")
    with closing(sqlite3.connect(path)) as source, closing(sqlite3.connect(other)) as target:
        target.execute("PRAGMA encoding = 'UTF-16le'")
        schema.upgrade(Database(target))
        for table in log.TABLES:
            rows = source.execute(f"SELECT * FROM {table}").fetchall()
            if rows:
                target.executemany(f"INSERT INTO {table} VALUES ({', '.join('?' * len(rows[0]))})", rows)
        target.commit()
    return other


def _link_loop(path: Path) -> Path:
    loop = path.with_name("loop.db")
    loop.symlink_to(loop)
    return loop


def _dangling(path: Path) -> Path:
    link = path.with_name("dangling.db")
    link.symlink_to(path.with_name("nowhere"))
    return link


def _fifo(path: Path) -> Path:
    os.mkfifo(path.with_name("pipe.db"))
    return path.with_name("pipe.db")


def _deep(path: Path) -> None:
    """Places, each part of the one before: 5,000 deep."""
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.executemany(
            "INSERT INTO place (id, key, name, part_of) VALUES (?, ?, ?, ?)",
            [(n, f"deep{n}", f"Deep {n}", n - 1 if n > 10_001 else None) for n in range(10_001, 15_001)],
        )
        connection.execute("UPDATE incident SET place_id = 15000 WHERE id % 2")


ENDLESS = "WITH RECURSIVE c (x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT x FROM c"
TAGGED = "CREATE TRIGGER {0} AFTER INSERT ON {1} BEGIN DELETE FROM quote; END"

TRAPS: tuple[Trap, ...] = (
    Trap("a trigger", _sql(TAGGED.format("mine", "note")), verified="trigger or view is not Dateline's", written="not Dateline's"),
    Trap("a trigger on the log", _sql(TAGGED.format("mine", "log")), verified="not Dateline's", written="not Dateline's"),
    Trap(
        "a trigger with Dateline's name",
        _sql("DROP TRIGGER quote_text_insert", TAGGED.format("quote_text_insert", "quote")),
        verified="not Dateline's",
        written="not Dateline's",
    ),
    Trap("a view beside", _sql(f"CREATE VIEW more AS {ENDLESS}"), verified="not Dateline's", written="not Dateline's"),
    Trap(
        "an endless view for a table",
        _sql(
            "ALTER TABLE tag RENAME TO tag_kept",
            f"CREATE VIEW tag AS SELECT x AS id, 'x' AS name FROM ({ENDLESS})",
        ),
        refused="view in the place of its table tag",
    ),
    Trap(
        "an endless view for the incidents",
        _sql(
            "ALTER TABLE incident RENAME TO kept",
            f"CREATE VIEW incident AS SELECT kept.* FROM kept, ({ENDLESS})",
        ),
        refused="view in the place of its table incident",
    ),
    Trap(
        "a virtual table for a table",
        _sql("DROP TABLE star", "CREATE VIRTUAL TABLE star USING fts5 (incident_id, at)"),
        refused="virtual table in the place of its table star",
    ),
    Trap(
        "a view for the words",
        _sql("DROP VIEW incident_words", f"CREATE VIEW incident_words AS SELECT x AS id, x AS title, x AS summary, x AS quotes FROM ({ENDLESS})"),
        verified="not Dateline's",
        written="not Dateline's",
    ),
    Trap(
        "full text that reads elsewhere",
        _sql(
            "DROP TABLE incident_text",
            f"CREATE VIEW elsewhere AS SELECT x AS id, 'x' AS title, 'x' AS summary, 'x' AS quotes FROM ({ENDLESS})",
            "CREATE VIRTUAL TABLE incident_text USING fts5 (title, summary, quotes, content = elsewhere, content_rowid = id)",
        ),
        refused="another incident_text",
    ),
    Trap(
        "a view for the full text's own table",
        _schema(
            (
                "CREATE TABLE 'incident_text_docsize'(id INTEGER PRIMARY KEY, sz BLOB)",
                f"CREATE VIEW incident_text_docsize AS SELECT x AS id, x AS sz FROM ({ENDLESS})",
            )
        ),
        refused="",
    ),
    Trap(
        "a generated column",
        _sql("ALTER TABLE actor ADD COLUMN bomb TEXT GENERATED ALWAYS AS (hex(zeroblob(400000000))) VIRTUAL"),
        refused="computes the column bomb of its table actor",
    ),
    Trap(
        "a generated title",
        _sql(
            "ALTER TABLE tag RENAME TO old",
            "CREATE TABLE tag (id INTEGER PRIMARY KEY, name TEXT AS (printf('%.*c', 300000000, 'x'))) STRICT",
        ),
        refused="computes the column name of its table tag",
    ),
    Trap("a table that is not STRICT", _schema(("UNIQUE (origin, origin_id)\n) STRICT", "UNIQUE (origin, origin_id)\n)")), refused="not STRICT"),
    Trap("a table in capitals that is not STRICT", _capitals, refused="not STRICT"),
    Trap("numbers for texts", _loosened("incident", "UPDATE incident SET title = 5, summary = 2.5, event_type = x'ff00'"), verified="non-TEXT value in incident"),
    Trap("blobs for texts", _loosened("quote", "UPDATE quote SET exact = x'00ff', prefix = 3"), verified="non-TEXT value in quote"),
    Trap("texts for numbers", _loosened("incident", "UPDATE incident SET killed_best = 'many', date_prec = 'x', place_id = 'y'"), verified="non-INTEGER value in incident"),
    Trap("texts for days", _loosened("incident", "UPDATE incident SET date_earliest = 20210101, date_latest = x'00'"), verified="non-TEXT value in incident"),
    Trap("NULL for a key", _loosened("actor", "UPDATE actor SET name = 7, kind = x'01'"), verified="non-TEXT value in actor"),
    Trap("places nowhere", _loosened("place", "UPDATE place SET latitude = 1e308, longitude = -9e999, where_prec = 99, radius_m = -5"), verified="breaks the rule"),
    Trap("absurd numbers", _sql("UPDATE incident SET killed_low = 9223372036854775807, killed_best = 9223372036854775807, injured_high = 9223372036854775807"), verified=None),
    Trap("absurd days", _sql("UPDATE incident SET date_earliest = '99999-99-99', date_latest = '-5000-01-01', date_prec = 1 WHERE id % 2", "UPDATE incident SET date_earliest = 'today', date_latest = '2021-02-31', date_prec = 2 WHERE id % 3 = 0"), verified="date"),
    Trap("absurd dates", _sql("UPDATE incident SET date_edtf = 'Y-170000002'", "UPDATE incident SET date_edtf = '[' || hex(zeroblob(20000)) WHERE id % 2"), verified="date"),
    Trap("broken foreign keys", _sql("PRAGMA foreign_keys = OFF", "DELETE FROM actor", "DELETE FROM document", "DELETE FROM place", "DELETE FROM system"), verified="points to a row"),
    Trap("ids that point nowhere", _sql("PRAGMA foreign_keys = OFF", "UPDATE incident SET place_id = 9223372036854775807", "UPDATE quote SET document_id = -1", "UPDATE attribution SET actor_id = 0"), verified="points to a row"),
    Trap("places in a circle", _sql("UPDATE place SET part_of = id", "UPDATE actor SET part_of = (SELECT min(id) FROM actor AS a WHERE a.id > actor.id)", "UPDATE actor SET part_of = (SELECT max(id) FROM actor) WHERE id = (SELECT max(id) FROM actor)"), verified="is part of itself"),
    Trap("links in a circle", _sql("INSERT OR IGNORE INTO incident_link (from_id, to_id, kind) SELECT a.id, b.id, 'same_as' FROM incident AS a, incident AS b WHERE a.id <> b.id AND a.id < 12 AND b.id < 12"), verified=None),
    Trap("places 5,000 deep", _deep, verified=None),
    Trap("JSON a thousand deep", _sql("UPDATE incident SET extra = replace(hex(zeroblob(40000)), '00', '[')", "UPDATE view SET layout = replace(hex(zeroblob(40000)), '00', '{\"a\":')"), verified="is not JSON"),
    Trap("statistics that lie", _sql("ANALYZE", "UPDATE sqlite_stat1 SET stat = '9223372036854775807 1'", "INSERT INTO sqlite_stat1 VALUES ('quote', 'quote_by_document', '-5 x 0')"), verified=None),
    Trap("a collation of its own", _schema(("    title           TEXT NOT NULL,\n    summary", "    title           TEXT NOT NULL COLLATE evil,\n    summary")), verified=None),
    Trap("an index with a function of its own", _schema(("CREATE INDEX incident_by_latest ON incident (date_latest)", "CREATE INDEX incident_by_latest ON incident (evil(date_latest))")), verified=None),
    Trap("a check that never ends", _schema(("title           TEXT NOT NULL,", "title           TEXT NOT NULL CHECK (length(hex(zeroblob(400000000))) > 0),")), verified=None),
    Trap(
        "a blob for the text of a trigger",
        _sql(
            "PRAGMA writable_schema = ON",
            "UPDATE sqlite_master SET sql = CAST(sql AS BLOB) WHERE name = 'quote_text_insert'",
        ),
        verified="quote_text_insert",
    ),
    Trap("a missing table", _sql("PRAGMA foreign_keys = OFF", "DROP TABLE note"), verified="this table is missing"),
    Trap("missing columns", _schema(("    summary         TEXT,\n", "")), verified=None),
    Trap("pages of 64 KiB", _other_pages(65536), verified=None),
    Trap("pages of 512 bytes", _other_pages(512), verified=None),
    Trap("UTF-16", _utf16, verified=None),
    Trap("a version of the future", _sql("PRAGMA user_version = 2147483647"), refused="newer Dateline"),
    Trap("a version below all", _sql("PRAGMA user_version = -7"), refused="is damaged"),
    Trap("an older store with a trigger", lambda path: _older(path, TAGGED.format("mine", "_sqlite_migrations")), refused="not Dateline's"),
    Trap("an older store with a view", lambda path: _older(path, f"CREATE VIEW more AS {ENDLESS}"), refused="not Dateline's"),
    Trap("another program's file", _sql("PRAGMA application_id = 1"), refused="not a Dateline store"),
    Trap("a FIFO", _fifo, refused="not a regular file"),
    Trap("a directory", lambda path: path.parent, refused="is a directory"),
    Trap("a device", lambda path: Path("/dev/zero"), refused="not a regular file"),
    Trap("a circle of links", _link_loop, refused="leads nowhere"),
    Trap("a link to nothing", _dangling, refused="leads nowhere"),
)  # fmt: skip


def _older(path: Path, statement: str) -> Path:
    older = older_store(path.with_name("older.db"))
    _sql(statement)(older)
    return older


def run(count: int, seed: int) -> Outcome:
    """Try the first `count` traps (all, with 0)."""
    del seed  # nothing is left to chance
    outcome = Outcome("stores", "stores made to hurt")
    outcome.counts["refused with a reason"] = outcome.counts["read"] = 0
    with tempfile.TemporaryDirectory(prefix="dateline-torture-") as name:
        sound = full_store(Path(name) / "sound.db").read_bytes()
        for number, trap in enumerate(TRAPS[: count or None]):
            folder = Path(name) / f"trap-{number}"
            folder.mkdir()
            (folder / "trap.db").write_bytes(sound)
            attempt(outcome, trap, folder / "trap.db")
    return outcome.end()


def attempt(outcome: Outcome, trap: Trap, path: Path, commands: Sequence[tuple[str, ...]] = READS) -> None:
    """Make one trap of a sound store at `path`, and walk into it with every command."""
    path = trap.make(path) or path
    before = hashes(path.parent) if path.is_file() else {}
    refused = 0
    for command in commands:
        done = dateline(*command, "--store", path, before=_bounded)
        outcome.counts["commands"] += 1
        fault = _fault(trap, command, done)
        if fault:
            outcome.fault(f"{trap.name}: {command}: {fault}")
        refused += done.status == 3
        named = trap.verified is None or (done.status == 1 and trap.verified in done.out)
        if command[0] == "verify" and trap.refused is None and not named:
            outcome.fault(f"{trap.name}: verify does not name it: {done.status} {done.out[-300:]!r} {done.err!r}")
    if before and (
        changed := {
            n for n, h in hashes(path.parent).items() if before.get(n) != h and (path.parent / n).stat().st_size
        }
    ):
        outcome.fault(f"{trap.name}: written to {sorted(changed)}")
    if trap.written is not None:
        done = dateline("seed", "--store", path, before=_bounded)
        if done.status != 3 or trap.written not in done.err:
            outcome.fault(f"{trap.name}: written to: {done.status} {done.err!r}")
    outcome.tried += 1
    outcome.counts["refused with a reason" if refused == len(commands) else "read"] += 1


def _fault(trap: Trap, command: tuple[str, ...], done: Done) -> str | None:
    """What is wrong with what a command came to, None when nothing is."""
    if done.status not in (0, 1, 2, 3):
        return f"status {done.status}: {done.err[-300:]}"
    if trap.refused is not None and (done.status != 3 or trap.refused not in done.err):
        return f"is not refused: {done.status} {done.err[-200:]!r}"
    if done.status == 3 and (done.err.count("\n") != 1 or not done.err.startswith("dateline: ")):
        return f"more than a line: {done.err[-300:]!r}"
    return None


def _bounded() -> None:
    resource.setrlimit(resource.RLIMIT_CPU, (SLOWEST_S, SLOWEST_S))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
