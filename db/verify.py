"""Everything that can be wrong with a store, found without writing to it."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from itertools import zip_longest

from db import invariants, log, row_numbers, rules, schema, soundness, text_index
from db.connection import one_moment
from db.errors import MISFITS, first_line
from db.faults import FAULTS
from db.finding import Finding

Check = Callable[[sqlite3.Connection], Iterator[Finding]]


def findings(connection: sqlite3.Connection) -> Iterator[Finding]:
    """Yield everything there is to say of a store, in one read transaction; what cannot be read is a finding too."""
    with one_moment(connection):
        for what, check in CHECKS:
            try:
                for finding in check(connection):
                    yield finding
                    if what == "file" and soundness.endless(finding.message):
                        yield Finding("file", "store", "no more is checked, since reading it might never end")
                        return
            except (*FAULTS, *MISFITS) as error:
                yield Finding(what, "store", f"cannot be checked: {first_line(error)}")


def _file(connection: sqlite3.Connection) -> Iterator[Finding]:
    computing = schema.computing_indexes(connection)
    for what, names in (
        ("tables not looked at", soundness.unchecked(connection)),
        ("indexes not compared with their tables", [name for _, name in computing]),
    ):
        if names:
            yield Finding("file", "store", f"{what}: {', '.join(names[:3])}, not Dateline's", wrong=False)
    for line in soundness.faults(connection):
        yield Finding("file", "store", line)


def schema_findings(connection: sqlite3.Connection) -> Iterator[Finding]:
    """Tables, columns, indexes, views and triggers that a store must have; what it has beside them is its owner's."""
    with closing(sqlite3.connect(":memory:")) as with_all:
        schema.build(with_all)
        expected, present = _objects(with_all), _objects(connection)
    for missing in sorted(expected - present):
        of = f" of the table {missing[2]}" if len(missing) > 2 else ""
        yield Finding("schema", missing[1], f"this {missing[0]}{of} is missing")
    for kind, name in schema.foreign(connection):
        yield Finding("schema", name, f"{_FOREIGN.get(kind, _FOREIGN['view'])}, so the store is not written to")


_FOREIGN = {
    "view": "this trigger or view is not Dateline's",
    "index": "this index is not Dateline's",
    "reference": "rows of this table would go, change or be computed with Dateline's rows that they refer to"
    " (ON DELETE, ON UPDATE, generated columns), which no undo brings back",
    "table": "this table has other rules, defaults or columns than Dateline's",
}
"""Type of an object → what is wrong with it."""


def _objects(connection: sqlite3.Connection) -> set[tuple[str, ...]]:
    """(type, name) of each part of a schema, and ("column", name, table)."""
    named = "SELECT type, name FROM main.sqlite_master WHERE name NOT LIKE 'sqlite!_%' ESCAPE '!'"
    columns = (
        "SELECT 'column', c.name, m.name FROM main.sqlite_master AS m, pragma_table_info(m.name) AS c"
        " WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite!_%' ESCAPE '!'"
    )
    return {tuple(row) for sql in (named, columns) for row in connection.execute(sql)}


def _foreign_keys(connection: sqlite3.Connection) -> Iterator[Finding]:
    for table, rowid, parent in soundness.orphans(connection):
        yield Finding("foreign-key", f"{table} {rowid}", f"points to a row of {parent} that is not there")


def _full_text(connection: sqlite3.Connection) -> Iterator[Finding]:
    """Whether the full text has the incidents' words, and its index the words of the full text.

    FTS5's own 'integrity-check' wants to write; so the index is built anew beside it, in the temporary schema,
    and the two are compared word by word.
    """
    if "incident_words" in schema.foreign_objects(connection):
        yield Finding("full-text", "store", "cannot be checked: the view incident_words is not Dateline's")
        return
    for (key,) in connection.execute(
        "SELECT i.key FROM incident AS i JOIN incident_words AS w ON w.id = i.id"
        " LEFT JOIN incident_text AS t ON t.rowid = i.id WHERE t.rowid IS NULL"
        " OR t.title IS NOT w.title OR t.summary IS NOT w.summary OR t.quotes IS NOT w.quotes"
    ):
        yield Finding("full-text", key, "the full text does not have the words of the incident")
    for (rowid,) in connection.execute(
        "SELECT t.rowid FROM incident_text AS t WHERE NOT EXISTS (SELECT 1 FROM incident AS i WHERE i.id = t.rowid)"
    ):
        yield Finding("full-text", f"row {rowid}", "the full text has an incident that is not there")
    for sql in _REINDEX:
        connection.execute(sql)
    pairs = zip_longest(*(connection.execute(f"SELECT term, doc, col, offset FROM temp.{t}") for t in _INDEXES))
    for is_there, should_be in pairs:
        if is_there != should_be:
            word, rowid = (should_be or is_there)[:2]
            found = connection.execute("SELECT key FROM incident WHERE id = ?", (rowid,)).fetchone()
            where = found[0] if found else f"row {rowid}"
            yield Finding(
                "full-text", where, f"the index is wrong at the word {word!r}, so searches may miss incidents"
            )
            return
    counted = "SELECT id, sz FROM main.incident_text_docsize", "SELECT id, sz FROM temp.text_anew_docsize"
    for one, other in (counted, counted[::-1]):
        for (rowid,) in connection.execute(f"SELECT id FROM ({one} EXCEPT {other}) LIMIT 1"):
            yield Finding("full-text", f"row {rowid}", "the index does not count its words as they are")
            return
    for message in text_index.faults(connection):
        yield Finding("full-text", "store", f"the index is wrong: {message}")


_INDEXES = ("index_there", "index_anew")
_REINDEX = (
    *(f"DROP TABLE IF EXISTS temp.{name}" for name in (*_INDEXES, "text_anew")),
    schema.full_text_copy("text_anew"),
    "INSERT INTO temp.text_anew (rowid, title, summary, quotes)"
    " SELECT rowid, title, summary, quotes FROM main.incident_text",
    "CREATE VIRTUAL TABLE temp.index_there USING fts5vocab (main, incident_text, instance)",
    "CREATE VIRTUAL TABLE temp.index_anew USING fts5vocab (temp, text_anew, instance)",
)


def _numbers(connection: sqlite3.Connection) -> Iterator[Finding]:
    for table, message in row_numbers.faults(connection):
        yield Finding("number", table, message)


def _log(connection: sqlite3.Connection) -> Iterator[Finding]:
    for row_id, message in log.broken_rows(connection):
        yield Finding("log", f"log {row_id}", message)


CHECKS: tuple[tuple[str, Check], ...] = (
    ("file", _file),
    ("schema", schema_findings),
    ("rule", rules.broken),
    ("foreign-key", _foreign_keys),
    ("number", _numbers),
    ("log", _log),
    ("full-text", _full_text),
    *invariants.CHECKS,
)
"""Name and work of each check, in the order in which they are made."""
