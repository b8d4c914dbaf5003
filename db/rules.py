"""The rules that a store sets for each row, tested again: SQLite tests them when a row is written, not when read.

Its integrity check leaves them out where the file is opened for reading only, so they are taken from the schema's own
text and asked as questions.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator

from db import schema
from db.errors import first_line
from db.finding import Finding

NAMED = 3
"""How many rows that break one rule are named before the rest is only counted."""

_TABLE = re.compile(r"CREATE TABLE (\w+)")
_CHECK = re.compile(r"\bCHECK \(")


def rules() -> Iterator[tuple[str, str]]:
    """Each rule as (table, SQL expression that a row of it must not make false)."""
    for statement in schema.table_statements():
        sql = re.sub(r"--[^\n]*", "", statement)
        table = _TABLE.match(sql)
        if table is None:
            continue
        for found in _CHECK.finditer(sql):
            depth, end = 1, found.end()
            while depth:
                depth += {"(": 1, ")": -1}.get(sql[end], 0)
                end += 1
            yield table[1], " ".join(sql[found.end() : end - 1].split())


def broken(connection: sqlite3.Connection) -> Iterator[Finding]:
    """Yield a finding for each rule that rows break, with the first of them."""
    present = {row[0] for row in connection.execute("SELECT name FROM main.sqlite_master WHERE type = 'table'")}
    for table, rule in rules():
        if table not in present:
            continue
        try:
            rows = connection.execute(f"SELECT rowid FROM main.{table} WHERE NOT ({rule}) LIMIT {NAMED}").fetchall()
        except sqlite3.OperationalError as error:
            yield Finding("rule", table, f"{rule}: cannot be checked: {first_line(error)}")
            continue
        if rows:
            (count,) = connection.execute(f"SELECT count(*) FROM main.{table} WHERE NOT ({rule})").fetchone()
            more = f" and {count - NAMED:,} more" if count > NAMED else ""
            where = ", ".join(str(row[0]) for row in rows)
            yield Finding("rule", f"{table} {where}{more}", f"breaks the rule {rule}")
