"""The log: every write leaves one row with what stood before and after, chained by hashes, and can be undone.

Row changes are captured by temporary triggers on the writing connection, so that a write made with plain
SQL (a seed file, an import) is logged as faithfully as one made by a key in the timeline.
"""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache

from db import schema
from db.connection import in_utf8
from db.errors import StoreError, UsageError
from db.plural import counted

GENESIS = "0" * 64
"""prev_hash of the first row."""

NOT_UTF8 = re.compile("[\ud800-\udfff]")
"""What a store's text has, once read, for bytes that are not UTF-8 (PEP 383)."""

TABLES = (
    "document", "actor", "actor_alias", "place", "system", "incident", "incident_actor", "incident_system",
    "quote", "attribution", "claim", "tag", "incident_tag", "note", "star", "view", "incident_link",
    "root_dismissal",
)  # fmt: skip

_NOTED = ("incident", *schema.CHILD_TABLES, "attribution")
"""Those of which each row that is written leaves its incident in the change table."""

NAMED_BY = {
    **dict.fromkeys(("incident", "document", "actor", "place", "system"), ("key",)),
    "tag": ("name",),
    "quote": ("incident_id", "document_id", "exact"),
}
"""Table → the columns by which one of its rows is told from another."""


@dataclass(frozen=True, slots=True)
class Change:
    """One row as it stood before and after; None where it did not exist."""

    table: str
    rowid: int
    before: dict[str, object] | None
    after: dict[str, object] | None
    anew: bool = False
    """Whether the row was deleted in between, and one inserted under its number."""

    @property
    def another(self) -> bool:
        """Whether another row stands there after it; one replaced by one of the same name (REPLACE) is the same."""
        if self.before is None or self.after is None:
            return self.after is not None
        names = NAMED_BY.get(self.table, ())
        return self.anew and any(self.before.get(name) != self.after.get(name) for name in names)


def install_capture(connection: sqlite3.Connection) -> None:
    """Create the temporary table and triggers that note each changed row of this connection.

    A row that an UPDATE leaves as it is, is not written at all: the change table would have it for changed, and the
    undo of an import for changed by a program that keeps no log.
    """
    connection.execute("CREATE TEMP TABLE IF NOT EXISTS capture (tab TEXT, row INTEGER, old TEXT, new TEXT)")
    for table in TABLES:
        kinds = {name: kind for _, name, kind, *_ in connection.execute(f'PRAGMA main.table_info("{table}")')}
        columns = list(kinds)
        old, new = (
            "json_object(" + ", ".join(f"'{name}', {_json(side, name, kinds[name])}" for name in columns) + ")"
            for side in ("old", "new")
        )
        differs = " OR ".join(f'old."{name}" IS NOT new."{name}"' for name in columns)
        for verb, when, rowid, before, after in (
            ("INSERT", "", "new.rowid", "NULL", new),
            ("UPDATE", f"WHEN {differs}", "old.rowid", old, new),
            ("DELETE", "", "old.rowid", old, "NULL"),
        ):
            connection.execute(
                f"CREATE TEMP TRIGGER IF NOT EXISTS capture_{table}_{verb.lower()} AFTER {verb} ON main.{table} {when}"
                f" BEGIN INSERT INTO capture VALUES ('{table}', {rowid}, {before}, {after}); END"
            )
        if table in _NOTED:
            connection.execute(
                f"CREATE TEMP TRIGGER IF NOT EXISTS capture_{table}_same BEFORE UPDATE ON main.{table}"
                f" WHEN NOT ({differs}) BEGIN SELECT RAISE(IGNORE); END"
            )


def _json(side: str, column: str, kind: str) -> str:
    """SQL of a column as JSON has it.

    json_object alone would round a REAL to 15 digits, so that undo could not fit, and would take a text that comes from
    a JSON function of the same statement for the object that it spells.
    """
    value = f'{side}."{column}"'
    match kind:
        case "REAL":
            return f"iif({value} IS NULL, NULL, json(printf('%!.17g', {value})))"
        case "TEXT":
            return f"{value} || ''"
    return value


def captured(connection: sqlite3.Connection) -> list[Change]:
    """The net changes since the capture was last emptied: one entry a row, in the order first touched."""
    net: dict[tuple[str, int], tuple[str | None, str | None, bool]] = {}
    for table, rowid, old, new in connection.execute("SELECT tab, row, old, new FROM temp.capture ORDER BY rowid"):
        first, last, anew = net.get((table, rowid), (old, old, False))
        net[table, rowid] = (first, new, anew or (first is not None and last is None and old is None))
    return [
        Change(table, rowid, None if old is None else json.loads(old), None if new is None else json.loads(new), anew)
        for (table, rowid), (old, new, anew) in net.items()
        if old != new
    ]


def forget(connection: sqlite3.Connection) -> None:
    """Empty the capture."""
    connection.execute("DELETE FROM temp.capture")


def append(connection: sqlite3.Connection, who: str, what: str, changes: list[Change]) -> int:
    """Write one log row for `changes` and return its id."""
    who, what = (in_utf8(text) for text in (who, what))  # a file's name need not be UTF-8
    before = _side([(c.table, c.rowid, c.before, False) for c in changes])
    after = _side([(c.table, c.rowid, c.after, c.anew) for c in changes])
    last = connection.execute("SELECT hash FROM log ORDER BY id DESC LIMIT 1").fetchone()
    prev = last[0] if last else GENESIS
    at = datetime.now(UTC).isoformat(timespec="milliseconds")
    cursor = connection.execute(
        "INSERT INTO log (at, who, what, before, after, prev_hash, hash) VALUES (?, ?, ?, ?, ?, ?, ?)",
        (at, who, what, before, after, prev, row_hash(prev, at, who, what, before, after)),
    )
    return int(cursor.lastrowid or 0)


def row_hash(prev: str, at: str, who: str, what: str, before: str | None, after: str | None) -> str:
    """SHA-256 of the row's columns and the hash before it, as a JSON array in UTF-8."""
    text = json.dumps([prev, at, who, what, before, after], ensure_ascii=False)
    import hashlib  # half a megabyte of OpenSSL: only what writes or checks a log pays for it

    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def broken_rows(connection: sqlite3.Connection) -> Iterator[tuple[int, str]]:
    """Yield (log id, what is wrong) for every row that the chain of hashes does not bear out."""
    prev, last = GENESIS, 0
    for row_id, at, who, what, before, after, prev_hash, stored in connection.execute(
        "SELECT id, at, who, what, before, after, prev_hash, hash FROM log ORDER BY id"
    ):
        if prev_hash != prev:
            yield row_id, "does not follow from the row before it (a row was removed, inserted or changed)"
        elif row_id != last + 1:
            yield row_id, f"does not follow from the row before it (those after row {last:,} are missing)"
        if row_hash(prev_hash, at, who, what, before, after) != stored:
            yield row_id, "was changed after it was written"
        prev, last = stored, row_id
    # AUTOINCREMENT keeps the last number that was ever given out, so rows cut off at the end leave a gap as well.
    given = given_out(connection)
    if not isinstance(given, int):
        yield last + 1, "may be missing: what SQLite counts its rows by (sqlite_sequence) is no number"
    elif given > last:
        yield last + 1, f"is missing, with all that came after it: the log had {counted(given, 'row')}"


def given_out(connection: sqlite3.Connection) -> object:
    """The highest number that the log ever gave out, as SQLite keeps it: an int, or what others have made of it."""
    # The table has a row for each table that counts so; that of a damaged file may be without end.
    some = f"SELECT name, seq FROM sqlite_sequence LIMIT {_MOST_COUNTED}"
    found = connection.execute(f"SELECT coalesce(max(seq), 0) FROM ({some}) WHERE name = 'log'").fetchone()
    return found[0]


_MOST_COUNTED = 10_000


def changes_of(connection: sqlite3.Connection, log_id: int) -> list[Change]:
    """The changes that one log row records; raises UsageError when there is none, StoreError for a damaged one."""
    found = connection.execute("SELECT before, after FROM log WHERE id = ?", (log_id,)).fetchone()
    if found is None:
        raise UsageError(f"the log has no row {log_id}; `dateline log` lists them")
    try:
        before, after = (json.loads(side) if side is not None else [] for side in found)
    except (ValueError, RecursionError) as error:
        raise damaged(log_id, "is not JSON") from error
    return changes_in(log_id, before, after)


def changes_in(log_id: int, before: object, after: object) -> list[Change]:
    """The changes that both sides of a log row record, parsed; raises StoreError where they are none."""
    if not isinstance(before, list) or not isinstance(after, list) or len(before) != len(after):
        raise damaged(log_id, "does not have each row before and after")
    found = (_change(log_id, old, new) for old, new in zip(before, after, strict=True))
    return [change for change in found if change is not None]


def _change(log_id: int, old: object, new: object) -> Change | None:
    """What a log row has of one row before and after; None of what is no table.  Raises StoreError."""
    match (old, new):
        case (
            {"table": str(table), "id": int(rowid), "row": before_it},
            {"table": same_table, "id": same_id, "row": it},
        ) if (table, rowid) == (same_table, same_id):
            if table not in TABLES:
                return None
            if not (value_fits(rowid) and _is_row(before_it) and _is_row(it)):
                raise damaged(log_id, f"has a row of {table} that is none")
            return Change(table, rowid, before_it, it, isinstance(new, dict) and new.get("anew") is True)
        case _:
            raise damaged(log_id, "has something that is no row of a table")


def changes_at(connection: sqlite3.Connection, log_id: int, places: Collection[tuple[str, int]]) -> list[Change]:
    """Those of `changes_of` that are of a few rows, (table, rowid), of which alone the text is parsed.

    Where the text is not as `append` writes it, all of it is parsed, which tells what is wrong with it.
    """
    found = connection.execute("SELECT before, after FROM log WHERE id = ?", (log_id,)).fetchone()
    sides = [side for side in found or () if isinstance(side, str) and side.startswith(BEGINS)]
    changes = []
    for table, rowid in places if len(sides) == 2 else ():
        # An unescaped quotation mark never stands inside a JSON string.
        needle = f'{{"table": "{table}", "id": {rowid}, "row": '
        at = [side.find(needle) for side in sides]
        if -1 in at:
            if at != [-1, -1]:
                break
            continue
        try:
            old, new = (_JSON.raw_decode(side, start)[0] for side, start in zip(sides, at, strict=True))
        except (ValueError, RecursionError):
            break
        change = _change(log_id, old, new)
        changes += [change] if change is not None else []
    else:
        if len(sides) == 2:
            return changes
    return [change for change in changes_of(connection, log_id) if (change.table, change.rowid) in places]


_JSON = json.JSONDecoder()

BEGINS = '[{"table": "'
"""How what the log has of rows begins, as `append` writes it."""


_BOUND = range(-(2**63), 2**63)
"""Whole numbers that SQLite has."""

_NAME = re.compile(r"\w+")


_PLAIN = {str, float, type(None)}


@lru_cache(maxsize=256)
def _is_name(name: str) -> bool:
    return _NAME.fullmatch(name) is not None


def _is_row(row: object) -> bool:
    """Whether a value can be a row of a table: None, or column → text, number or None."""
    return row is None or (
        isinstance(row, dict)
        and all(map(_is_name, row))
        and all(type(value) in _PLAIN or value_fits(value) for value in row.values())
    )


def value_fits(value: object) -> bool:
    """Whether a value is a whole number that SQLite has."""
    return isinstance(value, int) and _BOUND.start <= value < _BOUND.stop


def damaged(log_id: int, why: str) -> StoreError:
    return StoreError(f"log {log_id} {why}, so it cannot be undone: `dateline verify` says more")


def insert(connection: sqlite3.Connection, table: str, row: dict[str, object]) -> None:
    """Insert a row as the log has it, column → value."""
    names = ", ".join(f'"{name}"' for name in row)
    marks, values = zip(*map(bound, row.values()), strict=True)
    connection.execute(f"INSERT INTO {table} ({names}) VALUES ({', '.join(marks)})", values)


def current(connection: sqlite3.Connection, table: str, rowid: int) -> dict[str, object] | None:
    """A row as it stands now, column → value; None when it is not there."""
    cursor = connection.execute(f"SELECT * FROM {table} WHERE rowid = ?", (rowid,))
    row = cursor.fetchone()
    return None if row is None else {d[0]: v for d, v in zip(cursor.description, row, strict=True)}


def references(connection: sqlite3.Connection, table: str) -> list[tuple[str, str, str]]:
    """(table pointed to, own column, its column) of each foreign key to a table that the log keeps."""
    return [
        (parent, column, key or "id")
        for _, _, parent, column, key, *_ in connection.execute(f'PRAGMA main.foreign_key_list("{table}")')
        if parent in TABLES
    ]


def same(now: dict[str, object] | None, logged: dict[str, object] | None) -> bool:
    """Whether a row stands as the log has it; a column that the schema has got since may stand empty."""
    if now is None or logged is None:
        return now is logged
    return logged.items() <= now.items() and all(now[name] is None for name in now.keys() - logged.keys())


def _side(rows: list[tuple[str, int, dict[str, object] | None, bool]]) -> str:
    return as_json([{"table": t, "id": i, "row": r} | ({"anew": True} if anew else {}) for t, i, r, anew in rows])


def as_json(value: object, separators: tuple[str, str] | None = None) -> str:
    """`value` as JSON in the letters of all scripts; what is no letter (PEP 383's bytes) is a \\u escape."""
    text = json.dumps(value, ensure_ascii=False, separators=separators)
    return NOT_UTF8.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def bound(value: object) -> tuple[str, object]:
    """The SQL mark and the value to bind for it: text that is not UTF-8 goes in as the bytes that it came as."""
    if isinstance(value, str) and NOT_UTF8.search(value):
        return "CAST(? AS TEXT)", value.encode("utf-8", "surrogateescape")
    return "?", value
