"""Save what can be read of a damaged store into a new one, row by row and around the damaged pages.

`sqlite3 .recover` does more where it is there (many builds of sqlite3 come without what it needs), but makes a file in
which full text, triggers and constraints are to be mended by hand.  Here every row goes through the schema's checks.
"""

from __future__ import annotations

import json
import os
import sqlite3
import stat
from contextlib import closing
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

from db import bulk, damaged_table, full_text, log, schema, soundness, store_file
from db.damaged_table import Gap
from db.errors import StoreError, UsageError
from db.faults import FAULTS, as_store_error
from db.row_numbers import LAST_ID
from db.settle import settle
from db.store import Store
from db.whole_file import put_whole, unfinished_store

RESCUE = "rescue"
"""What stands for a table in the log entry of a rescue."""


@dataclass
class Saved:
    """What became of one table: rows saved, stretches of row numbers that could not be read, rows that were refused."""

    table: str
    rows: int = 0
    gaps: list[Gap] = field(default_factory=list)
    refused: int = 0
    """Rows that the schema does not take, or that hang on a quote that is lost."""
    stand_ins: int = 0
    """Rows made in the place of lost ones that others point to, with nothing in them but a name that says so."""
    cleared: int = 0
    """Values that pointed to a lost row, and are unknown now."""
    unlike: int = 0
    """Rows that the table has not as its indexes know them: lost, older, or deleted since."""

    @property
    def whole(self) -> bool:
        """Whether nothing of the table is lost."""
        return not (self.gaps or self.refused or self.stand_ins or self.cleared or self.unlike)


def left_out(damaged: Path) -> list[str]:
    """Tables and columns of the owner's own in a damaged store, which no rescue saves; [] where that cannot be read."""
    try:
        with closing(Store.reader(damaged)) as source:
            return [*schema.others(source), *schema.other_columns(source)]
    except (*FAULTS, StoreError):
        return []


def rescue(damaged: Path, path: Path) -> list[Saved]:
    """Make a new store at `path` from what can be read of `damaged`, which is never written to; one Saved a table.

    Raises StoreError when nothing at all can be read, UsageError when `path` exists.
    """
    if os.path.lexists(path):
        raise UsageError(f"{path} exists already; name another file for what is rescued")
    store_file.check_free(path)
    store_file.check_folder(path)
    if not damaged.is_file():
        raise StoreError(f"no file at {damaged}")
    with unfinished_store(path) as making:
        try:
            with Store.create(making) as store:
                # Whoever cannot read the damaged one cannot read this one, either.
                making.chmod(stat.S_IMODE(making.stat().st_mode & damaged.stat().st_mode) | 0o600)
                saved = _fill(damaged, store)
                try:
                    store.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
                except FAULTS as error:
                    raise as_store_error(path, error) from error
            put_whole(making, path)
        except OSError as error:
            raise StoreError(f"cannot write {path}: {error.strerror or error}") from error
    return saved


def _fill(damaged: Path, store: Store) -> list[Saved]:
    try:
        source = Store.reader(damaged)
    except FAULTS as error:
        raise StoreError(
            f"{damaged}: not even its schema can be read ({as_store_error(damaged, error)}); restore a backup"
        ) from error
    connection = store.connection
    with closing(source):
        # The log comes as it is, so that its chain can be checked; nothing of what follows is captured.
        connection.execute("PRAGMA foreign_keys = OFF")
        connection.execute("BEGIN IMMEDIATE")
        suspended = bulk.suspend(connection)
        endless = _endless(source)
        saved = [_copy(source, connection, table, endless) for table in ("country", *log.TABLES, "log")]
        _keep_last_number(source, connection, saved[-1])
        _mend(connection, saved)
        _keep_touched(source, connection)
        bulk.resume(connection, suspended)
        full_text.fill(connection, last=0)  # below those of a load
        connection.execute("COMMIT")
        connection.execute("PRAGMA foreign_keys = ON")
    told = {
        one.table: {
            "rows": one.rows,
            "gaps": len(one.gaps),
            "refused": one.refused,
            "stand_ins": one.stand_ins,
            "cleared": one.cleared,
            "unlike": one.unlike,
        }
        for one in saved
    }
    reporting = any(not one.whole for one in saved if one.table in ("quote", "document"))
    with store.write(f"rescue from {damaged.name}") as writing:
        writing.execute("INSERT INTO temp.capture VALUES (?, 0, NULL, ?)", (RESCUE, json.dumps(told)))
        if reporting:
            # An interval is clipped to the day of the documents that report it, of which some are lost.
            writing.execute("UPDATE incident SET date_prec = NULL WHERE date_edtf IS NOT NULL")
        settle(writing, strict=False)
    return saved


def _endless(source: sqlite3.Connection) -> bool:
    """Whether indexes may be without end; a table's rows end where their numbers are out of order."""
    try:
        return soundness.shares_pages(source)
    except FAULTS:
        return True


def _keep_last_number(source: sqlite3.Connection, target: sqlite3.Connection, of_log: Saved) -> None:
    """Have the log go on behind the last number that it gave out, so that rows cut off at its end stay noticed."""
    try:
        given = log.given_out(source)
        (behind,) = source.execute("SELECT max(id) FROM main.log NOT INDEXED WHERE id >= ?", (LAST_ID,)).fetchone()
    except FAULTS:
        return
    if behind is not None:
        of_log.gaps.append((LAST_ID - 1, None))
    last = int(target.execute("SELECT coalesce(max(id), 0) FROM log").fetchone()[0])
    if isinstance(given, int) and last < given:
        if given >= LAST_ID:
            return  # no number is left behind it: the log goes on from its rows
        if not any(after is None for _, after in of_log.gaps):
            of_log.gaps.append((last, None))
        target.execute("DELETE FROM sqlite_sequence WHERE name = 'log'")
        target.execute("INSERT INTO sqlite_sequence (name, seq) VALUES ('log', ?)", (given,))


def _keep_touched(source: sqlite3.Connection, target: sqlite3.Connection) -> None:
    """Keep which incidents were changed since they came: undo and newer releases of their source ask for it.

    Where that cannot be read, all of them count as changed.
    """
    gaps: list[Gap] = []
    whole = "incident_id" in damaged_table.columns(source, "change")
    if whole:
        # In their order, and numbered anew: a damaged number could be the last that SQLite has.
        for (incident_id,) in damaged_table.rows(source, "change", '"incident_id"', gaps):
            whole = whole and isinstance(incident_id, int)
            if isinstance(incident_id, int):
                target.execute("INSERT OR IGNORE INTO change (incident_id) VALUES (?)", (incident_id,))
    if gaps or not whole:
        target.execute("INSERT OR IGNORE INTO change (incident_id) SELECT id FROM incident")


def _copy(source: sqlite3.Connection, target: sqlite3.Connection, table: str, endless: bool) -> Saved:
    """Copy the rows of a table that can be read and that the schema takes."""
    saved = Saved(table)
    names = [name for _, name, *_ in target.execute(f'PRAGMA main.table_info("{table}")')]
    there = damaged_table.columns(source, table)
    common = [name for name in names if name in there]
    if not common:
        if not damaged_table.younger(source, table):
            saved.gaps.append((0, None))
        return saved
    columns = ", ".join(f'"{name}"' for name in common)
    kinds = damaged_table.kinds(source, table, common)
    # A new store has ISO's countries; the owner may have named one otherwise.
    otherwise = "ON CONFLICT (code) DO UPDATE SET name = excluded.name" if table == "country" else ""
    for row in damaged_table.rows(source, table, columns, saved.gaps):
        if not all(value is None or isinstance(value, kind) for value, kind in zip(row, kinds, strict=True)):
            saved.refused += 1  # no write has left it so: the page is another table's, or damaged
            continue
        marks, values = zip(*map(log.bound, row), strict=True)
        try:
            target.execute(f'INSERT INTO main."{table}" ({columns}) VALUES ({", ".join(marks)}) {otherwise}', values)
            saved.rows += 1
        except (sqlite3.IntegrityError, sqlite3.DataError, OverflowError):
            saved.refused += 1
    if not (saved.gaps or endless):  # these tell of all rows that are lost
        saved.unlike = damaged_table.unlike(source, table, common)
    return saved


STAND_INS = {
    "incident": "INSERT INTO incident (id, key, title) VALUES (:id, :key, 'Lost incident ' || :id)",
    "document": "INSERT INTO document (id, key) VALUES (:id, :key)",
    "actor": "INSERT INTO actor (id, key, name) VALUES (:id, :key, 'Lost actor ' || :id)",
    "system": "INSERT INTO system (id, key, name) VALUES (:id, :key, 'Lost system ' || :id)",
    "tag": "INSERT INTO tag (id, name) VALUES (:id, :key)",
}
"""Table → SQL of the row that stands for a lost one, so that the quotes and notes that hang on it are kept."""


def _mend(connection: sqlite3.Connection, saved: list[Saved]) -> None:
    """Make a stand-in for what is lost and pointed to; where that may be unknown it becomes so, else the row goes."""
    by_table = {one.table: one for one in saved}
    _mend_claims(connection, by_table)
    while True:
        orphans = connection.execute("PRAGMA foreign_key_check").fetchall()
        if not orphans:
            return
        for table, rowid, parent, number in orphans:
            keys = connection.execute(f'PRAGMA foreign_key_list("{table}")').fetchall()
            column = next(row[3] for row in keys if row[0] == number)
            about = connection.execute(f'PRAGMA table_info("{table}")').fetchall()
            needed = next(row[3] or row[5] for row in about if row[1] == column)
            if not needed:
                connection.execute(f'UPDATE main."{table}" SET "{column}" = NULL WHERE rowid = ?', (rowid,))
                by_table[table].cleared += 1
            elif parent in STAND_INS:
                found = connection.execute(
                    f'SELECT "{column}" FROM main."{table}" WHERE rowid = ?', (rowid,)
                ).fetchone()
                if found is not None and not _there(connection, parent, found[0]):
                    _stand_in(connection, parent, int(found[0]))
                    by_table[parent].stand_ins += 1
            else:
                gone = connection.execute(f'DELETE FROM main."{table}" WHERE rowid = ?', (rowid,)).rowcount
                by_table[table].rows -= gone
                by_table[table].refused += gone


def _mend_claims(connection: sqlite3.Connection, by_table: dict[str, Saved]) -> None:
    """Make stand-ins for lost quotes that claims come from, in a document of their own.

    Without one such a claim would pass for the analyst's word, who alone claims without a quote.
    """
    lost = connection.execute(
        "SELECT quote_id, min(incident_id) FROM claim WHERE quote_id IS NOT NULL"
        " AND quote_id NOT IN (SELECT id FROM quote) GROUP BY 1"
    ).fetchall()
    if not lost:
        return
    # A number that no lost document had, either.
    named = {number for (number,) in connection.execute("SELECT id FROM document UNION SELECT document_id FROM quote")}
    document = next(number for number in count(1) if number not in named)
    _stand_in(connection, "document", document)
    by_table["document"].stand_ins += 1
    for quote, incident in lost:
        connection.execute(
            "INSERT INTO quote (id, incident_id, document_id, exact) VALUES (?, ?, ?, 'Lost quote ' || ?1)",
            (quote, incident, document),
        )
        by_table["quote"].stand_ins += 1


def _stand_in(connection: sqlite3.Connection, table: str, row_id: int) -> None:
    """Make a row that stands for a lost one, under a name that no other has."""
    column = "name" if table == "tag" else "key"
    key = free = f"lost tag {row_id}" if table == "tag" else f"lost-{table}-{row_id}"
    number = 1
    while connection.execute(f'SELECT 1 FROM main."{table}" WHERE "{column}" = ?', (free,)).fetchone():
        number += 1
        free = f"{key}-{number}"
    connection.execute(STAND_INS[table], {"id": row_id, "key": free})


def _there(connection: sqlite3.Connection, table: str, rowid: int) -> bool:
    return connection.execute(f'SELECT 1 FROM main."{table}" WHERE id = ?', (rowid,)).fetchone() is not None
