"""Tables, indexes, full text and their history: what makes a SQLite file a Dateline store.

The SQL lives in db/sql, one file a step; `sqlite_utils.Migrations` applies the steps and remembers them.
`user_version` repeats the number of steps so that a reader can tell a newer store without sqlite-utils.
"""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from db.statements import statements

if TYPE_CHECKING:
    from sqlite_utils import Database

APPLICATION_ID = 0x444C4E45
"""'DLNE' in SQLite's header, so that `file` and others can name the format."""

VERSION = 6
"""The number of schema steps this program knows; a store with a larger `user_version` is newer."""

_SQL = Path(__file__).with_name("sql")

CHILD_TABLES = (
    "incident_actor", "incident_system", "quote", "claim", "incident_tag", "note", "star",
)  # fmt: skip
SHARED_TABLES = ("document", "actor", "actor_alias", "place", "system", "tag")


def create(path: Path) -> None:
    """Make the SQLite file at `path`, which is empty or not there, a store of VERSION without incidents."""
    from sqlite_utils import Database  # 130 ms to import: only a store that is made or upgraded pays for it

    connection = sqlite3.connect(path)
    try:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA foreign_keys = ON")
        upgrade(Database(connection))
        # Closing would do it too, but says nothing when the disk is full.
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    finally:
        connection.close()


def upgrade_in_transaction(connection: sqlite3.Connection) -> None:
    """Apply all steps that a store lacks inside the caller's transaction."""
    from sqlite_utils import Database

    upgrade(Database(connection))


def upgrade(database: Database, stop_before: str | None = None) -> None:
    """Apply the steps that `database` lacks, each in a transaction of its own.

    `stop_before` names a step to stop at: the way a test makes a store of an older version.
    """
    from sqlite_utils import Migrations

    steps = Migrations("dateline")

    @steps()
    def s0001_tables(db: Database) -> None:
        _run(db, "0001_tables.sql")
        _fill_countries(db)
        _stamp(db, 1)

    @steps()
    def s0002_full_text(db: Database) -> None:
        _run(db, "0002_full_text.sql")
        db.conn.execute(
            "INSERT INTO incident_text (rowid, title, summary, quotes)"
            " SELECT id, title, summary, quotes FROM incident_words"
        )
        _stamp(db, 2)

    @steps()
    def s0003_changes(db: Database) -> None:
        for sql in change_statements():
            db.conn.execute(sql)
        _stamp(db, 3)

    @steps()
    def s0004_same_root(db: Database) -> None:
        _run(db, "0004_same_root.sql")
        _stamp(db, 4)

    @steps()
    def s0005_grading(db: Database) -> None:
        _run(db, "0005_grading.sql")
        _stamp(db, 5)

    @steps()
    def s0006_replaced(db: Database) -> None:
        _run(db, "0006_replaced.sql")
        _stamp(db, 6)

    steps.apply(database, stop_before=stop_before)


def change_statements() -> list[str]:
    """SQL of the change table: which incident was touched last, in order, so that a cache can catch up.

    A row with incident_id 0 means that something shared by many incidents changed (a name, a document).
    """
    # Not INSERT OR REPLACE: inside a trigger the outer statement's own conflict clause wins over it.
    note = "DELETE FROM change WHERE incident_id = {0}; INSERT INTO change (incident_id) VALUES ({0});"
    sql = ["CREATE TABLE change (seq INTEGER PRIMARY KEY AUTOINCREMENT, incident_id INTEGER NOT NULL UNIQUE) STRICT"]

    def trigger(table: str, verb: str, *values: str) -> None:
        body = " ".join(note.format(value) for value in values)
        sql.append(f"CREATE TRIGGER change_{table}_{verb.lower()} AFTER {verb} ON {table} BEGIN {body} END")

    trigger("incident", "INSERT", "new.id")
    trigger("incident", "UPDATE", "old.id", "new.id")
    trigger("incident", "DELETE", "old.id")
    for table in CHILD_TABLES:
        trigger(table, "INSERT", "new.incident_id")
        trigger(table, "UPDATE", "old.incident_id", "new.incident_id")
        trigger(table, "DELETE", "old.incident_id")
    # A quote that is going takes its attribution along: then there is no incident to find any more.
    of_quote = "(SELECT incident_id FROM quote WHERE id = {0}.quote_id)"
    guarded = (
        "DELETE FROM change WHERE incident_id = " + of_quote + ";"
        " INSERT INTO change (incident_id) SELECT incident_id FROM quote WHERE id = {0}.quote_id;"
    )
    for verb, sides in (("INSERT", ("new",)), ("UPDATE", ("old", "new")), ("DELETE", ("old",))):
        body = " ".join(guarded.format(side) for side in sides)
        sql.append(f"CREATE TRIGGER change_attribution_{verb.lower()} AFTER {verb} ON attribution BEGIN {body} END")
    for table in SHARED_TABLES:
        trigger(table, "UPDATE", "0")
        trigger(table, "DELETE", "0")
    return sql


FOREIGN = "triggers, views, indexes or tables"
"""What `foreign_objects` names."""


def foreign_objects(connection: sqlite3.Connection) -> list[str]:
    """Names of what `foreign` finds."""
    return [name for _, name in foreign(connection)]


def foreign(connection: sqlite3.Connection) -> list[tuple[str, str]]:
    """(type, name) of what SQLite would run when a store is written, and that no version of this program made.

    These are triggers and views, indexes of Dateline's tables, and its tables themselves, whose SQL may hold rules,
    defaults and conflict clauses; compared word for word.  Tables of the owner's own, their indexes, and indexes of
    bare columns are no matter, but for tables whose rows would go or change with Dateline's: the log has none of them.
    """
    own, tables = _own_objects()
    found = connection.execute("SELECT type, name, tbl_name, sql FROM main.sqlite_master ORDER BY name")
    return [
        (str(kind), str(name))
        for kind, name, table, sql in found
        # SQLite makes an index without SQL for each UNIQUE of a table, whose own SQL tells of it.
        if (kind in ("trigger", "view") or (str(table).lower() in tables and not (kind == "index" and sql is None)))
        and spaced(sql or "") not in own
        and not (table == _RECORD and _MAKES_RECORD.fullmatch(str(sql)))
        and not (kind == "index" and _PLAIN_INDEX.fullmatch(str(sql)))
    ] + [("reference", name) for name in _acting(connection, tables)]


def referring(connection: sqlite3.Connection) -> dict[str, str]:
    """The owner's tables that refer to Dateline's by a foreign key, each with one of those that it refers to."""
    _, tables = _own_objects()
    found = connection.execute(
        'SELECT m.name, lower(f."table") FROM main.sqlite_master AS m, pragma_foreign_key_list(m.name) AS f'
        " WHERE m.type = 'table' AND m.sql NOT LIKE 'CREATE VIRTUAL%' ORDER BY m.name, f.id DESC"
    )
    return {str(name): str(parent) for name, parent in found if str(name).lower() not in tables and parent in tables}


def _acting(connection: sqlite3.Connection, tables: frozenset[str]) -> list[str]:
    """Names of the owner's tables that refer to Dateline's such that deleting or changing a row there does so here.

    Or computes here: by a generated column is asked of each of its rows what it refers to.
    """
    found = connection.execute(
        'SELECT DISTINCT m.name, lower(f."table") FROM main.sqlite_master AS m, pragma_foreign_key_list(m.name) AS f'
        " WHERE m.type = 'table' AND m.sql NOT LIKE 'CREATE VIRTUAL%'"
        " AND (f.on_delete NOT IN ('NO ACTION', 'RESTRICT') OR f.on_update NOT IN ('NO ACTION', 'RESTRICT')"
        "  OR EXISTS (SELECT 1 FROM pragma_table_xinfo(m.name, 'main') AS c"
        '   WHERE lower(c.name) = lower(f."from") AND c.hidden > 1))'
        " ORDER BY m.name"
    )
    return [str(name) for name, parent in found if str(name).lower() not in tables and parent in tables]


def since(table: str) -> int:
    """The version with which one of Dateline's tables came; 0 for any other."""
    made = re.compile(rf"CREATE TABLE {table}\b")
    for file in sorted(_SQL.glob("*.sql")):
        if made.search(file.read_text(encoding="utf-8")):
            return int(file.name[:4])
    return 0


def others(connection: sqlite3.Connection) -> list[str]:
    """Names of the tables that are the owner's own, as far as the schema can be read."""
    _, tables = _own_objects()
    found = connection.execute(
        "SELECT name FROM main.sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite!_%' ESCAPE '!'"
        " ORDER BY name"
    )
    return [str(name) for (name,) in found if str(name).lower() not in tables]


def other_columns(connection: sqlite3.Connection) -> list[str]:
    """The owner's own columns in this program's tables, "table.column", as far as they can be read."""
    return [
        f"{table}.{name}"
        for table, known in sorted(_own_columns().items())
        for _, name, *_ in connection.execute(f'PRAGMA main.table_xinfo("{table}")')
        if str(name).lower() not in known
    ]


def tables() -> frozenset[str]:
    """Names of the tables that a store of any version has, in small letters."""
    return _own_objects()[1]


def computing_indexes(connection: sqlite3.Connection) -> list[tuple[str, str]]:
    """(table, name) of each index of any table that this program did not make: checking one computes what it holds."""
    own, _ = _own_objects()
    found = connection.execute(
        "SELECT tbl_name, name, sql FROM main.sqlite_master WHERE type = 'index' AND sql IS NOT NULL"
    )
    harmless = (_MAKES_RECORD, _PLAIN_INDEX)
    return [
        (str(table), str(name))
        for table, name, sql in found
        if spaced(sql) not in own and not any(form.fullmatch(str(sql)) for form in harmless)
    ]


_RECORD = "_sqlite_migrations"
"""The table in which sqlite_utils keeps which steps were taken."""

_MAKES_RECORD = re.compile(
    r"""(?:CREATE|TABLE|UNIQUE|INDEX|ON|IF|NOT|EXISTS|(?:idx_)?_sqlite_migrations(?:_migration_set_name)?|id|INTEGER"""
    r"""|PRIMARY|KEY|TEXT|NULL|migration_set|name|applied_at|[\s"\[\](),])+""",
    re.IGNORECASE,
)
"""SQL of that table and its index in any version of sqlite_utils: names and types, and nothing that is run."""

_NAME = r"""(?:\w+|"[^"]+"|\[[^\]]+\]|`[^`]+`)"""
_COLUMN = rf"{_NAME}(?:\s+COLLATE\s+(?:BINARY|NOCASE|RTRIM))?(?:\s+(?:ASC|DESC))?"
_PLAIN_INDEX = re.compile(
    rf"CREATE\s+INDEX\s+{_NAME}\s+ON\s+{_NAME}\s*\(\s*{_COLUMN}(?:\s*,\s*{_COLUMN})*\s*\)", re.IGNORECASE
)
"""An index of bare columns, which an owner may add: no rule, no condition, nothing computed."""


@cache
def _own_objects() -> tuple[frozenset[str], frozenset[str]]:
    """The SQL, `spaced`, of all that a store of any version has, and the names of its tables, in small letters.

    Made by the steps themselves, in memory: what ALTER TABLE leaves of a table's SQL is SQLite's to say.
    """
    own: set[str] = set()
    tables: set[str] = set()
    with closing(sqlite3.connect(":memory:")) as connection:
        for step in _steps():
            for sql in step:
                connection.execute(sql)
            for name, sql in connection.execute("SELECT tbl_name, sql FROM sqlite_master WHERE sql IS NOT NULL"):
                own.add(spaced(sql))
                tables.add(name.lower())
    return frozenset(own), frozenset({*tables, _RECORD})


@cache
def _own_columns() -> dict[str, frozenset[str]]:
    """Plain table → columns that it has in any version, all in small letters."""
    found: dict[str, set[str]] = {}
    with closing(sqlite3.connect(":memory:")) as connection:
        for step in _steps():
            for sql in step:
                connection.execute(sql)
            for table, name in connection.execute(
                "SELECT t.name, c.name FROM sqlite_master AS t, pragma_table_xinfo(t.name) AS c"
                " WHERE t.type = 'table' AND t.sql LIKE 'CREATE TABLE%'"
            ):
                found.setdefault(table.lower(), set()).add(name.lower())
    return {table: frozenset(names) for table, names in found.items()}


def made_after(version: int) -> frozenset[str]:
    """Names, in small letters, of the tables and indexes that the steps after a version make."""
    known: set[str] = set()
    with closing(sqlite3.connect(":memory:")) as connection:
        for number, step in enumerate(_steps(), 1):
            for sql in step:
                connection.execute(sql)
            found = connection.execute(
                "SELECT lower(name) FROM sqlite_master WHERE type IN ('table', 'index')"
            ).fetchall()
            if number <= version:
                known |= {name for (name,) in found}
    return frozenset(name for (name,) in found if name not in known)


def _steps() -> list[list[str]]:
    """The SQL of each step, in order."""
    files = {file.name[:4]: file.name for file in _SQL.glob("*.sql")}
    numbers = [f"{version:04}" for version in range(1, VERSION + 1)]
    return [_statements(files[number]) if number in files else change_statements() for number in numbers]


def build(connection: sqlite3.Connection) -> None:
    """Make all tables, indexes, views and triggers of a store of VERSION, without rows and without its stamp."""
    for step in _steps():
        for sql in step:
            connection.execute(sql)


def table_statements() -> list[str]:
    """SQL of the tables, and of what belongs to them, in the order in which a new store gets them."""
    return [sql for file in sorted(_SQL.glob("*.sql")) for sql in _statements(file.name)]


@cache
def full_text_table() -> str:
    """SQL that makes the full text's table, `spaced`."""
    return spaced(_statements("0002_full_text.sql")[0])


def full_text_copy(name: str) -> str:
    """SQL that makes a temporary table which takes up words as the full text does, and keeps no texts."""
    begin, _, rest = full_text_table().partition("incident_text")
    return f"{begin}temp.{name}{rest.removesuffix(')')}, content = '')"


def spaced(sql: object) -> str:
    """A statement with its white space made even and its semicolon gone, to compare with another.

    A damaged schema has blobs and numbers where statements should be: they are like no other.
    """
    return " ".join(str(sql).rstrip(" ;").split())


def _statements(name: str) -> list[str]:
    return [statement.sql for statement in statements((_SQL / name).read_text(encoding="utf-8"))]


def _run(db: Database, name: str) -> None:
    """Run one SQL file of db/sql inside the caller's transaction."""
    for sql in _statements(name):
        db.conn.execute(sql)


def _stamp(db: Database, version: int) -> None:
    db.conn.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    db.conn.execute(f"PRAGMA user_version = {version}")


def _fill_countries(db: Database) -> None:
    """Fill `country` from ISO 3166-1 (pycountry), with the everyday name where the standard has one."""
    import pycountry

    rows = [(c.alpha_2, getattr(c, "common_name", c.name)) for c in pycountry.countries]
    db.conn.executemany("INSERT INTO country (code, name) VALUES (?, ?)", rows)
