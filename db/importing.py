"""Bring a file of incidents into a store: one transaction, no doubles, nothing invented, bad rows told by line.

An incident is known by its data set and its id there (origin, origin_id).  One that the store lacks is loaded in bulk
(`db.bulk`); one whose source row has changed since is rewritten with every change captured for the log (`db.revise`).
"""

from __future__ import annotations

import csv
import sqlite3
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import IO

from db import dates
from db.bulk import Load
from db.errors import DateError
from db.formats.record import Format, FormatError, Imported, Options, Progress, Record, Reject
from db.formats.source import Source
from db.loading import DIGEST, Loader
from db.names import Names
from db.revise import Revisions
from db.store import Store

BATCH = 1_000
"""Records to a batch: enough to spread the cost of the statements, few enough to keep memory flat."""

REASONS_SHOWN = 3
"""How many rejects are told by name before the rest is only counted."""


def import_file(
    store: Store,
    path: Path,
    form: Format,
    options: Options,
    *,
    rejects: IO[str] | None = None,
    strict: bool = False,
    progress: Progress | None = None,
) -> Imported:
    """Import one file ("-": standard input); raises FormatError or UsageError, and then nothing was changed.

    Rows that are no incidents are written to `rejects` as CSV (line, reason, row); `strict` makes the first an error.
    """
    origin = options.origin or form.origin
    with Source(path) as source, store.bulk(f"import {source.name} as {form.name}") as load:
        if form.restore is not None:
            done = form.restore(load, source, progress)
        else:
            done = _Import(load, source, form, origin, options, rejects, strict).run(progress)
        load.told = {
            "file": source.name,
            "format": form.name,
            "origin": origin,
            "sha256": source.sha256,
            "added": done.added,
            "changed": done.changed,
        }
    return done


class _Import:
    """One import under way, inside the transaction of `load`."""

    def __init__(
        self,
        load: Load,
        source: Source,
        form: Format,
        origin: str,
        options: Options,
        rejects: IO[str] | None,
        strict: bool,
    ) -> None:
        self._connection = load.connection
        self._load = load
        self._source = source
        self._form = form
        self._origin = origin
        self._options = options
        self._rejects = rejects
        self._strict = strict
        self._done = Imported()
        self._names = Names(load.connection)
        self._loader = Loader(load.connection, self._names, origin)
        self._revisions = Revisions(load.connection)
        self._seen = bytearray()
        """One flag for each incident id that this file has spoken of."""
        self._first_new = self._loader.next_id

    def run(self, progress: Progress | None) -> Imported:
        """Read the source to its end and return what became of it."""
        assert self._form.reader is not None
        found = self._form.reader(self._source, self._options, self._done.notes.append)
        while batch := list(islice(found, BATCH)):
            self._take([record for record in self._sound(batch) if isinstance(record, Record)])
            if progress is not None:
                progress(self._source, self._done.rows)
        self._load.resume()
        self._done.changed = self._revisions.apply(self._names, self._loader)
        self._done.same += len(self._revisions) - self._done.changed
        if self._source.foreign_bytes:
            self._done.notes.append(
                f"{self._source.name} is not UTF-8: {self._source.foreign_bytes:,} bytes, the first near line"
                f" {self._source.foreign_line:,}, were read as cp1252; look at names with accents"
            )
        return self._done

    def _sound(self, batch: list[Record | Reject]) -> Iterator[Record]:
        """The records of a batch whose dates are dates; the rest is rejected."""
        for item in batch:
            if isinstance(item, Reject):
                self._reject(item)
                continue
            if item.date_edtf is not None:
                try:
                    dates.parse(item.date_edtf)
                except DateError as error:
                    self._reject(Reject(item.line, f"date {item.date_edtf!r}: {error}", item.origin_id))
                    continue
            yield item

    def _take(self, records: list[Record]) -> None:
        """Load what is new of a batch, set aside what has changed."""
        stored = self._stored([record.origin_id for record in records])
        new: dict[str, Record] = {}
        for record in records:
            if record.origin_id in new:
                self._double(record, new[record.origin_id].digest)
                continue
            known = stored.get(record.origin_id)
            if known is None:
                new[record.origin_id] = record
                continue
            incident_id, digest, columns = known
            if incident_id >= self._first_new:
                self._double(record, digest)
            elif columns > {*record.extra, DIGEST}:
                self._done.kept += 1
            elif self._flag(incident_id):
                self._double(record, self._revisions.digest(incident_id) or digest)
            elif digest == record.digest:
                self._done.same += 1
            else:
                self._revisions.add(incident_id, record)
        self._loader.load(list(new.values()))
        self._done.added += len(new)

    def _stored(self, origin_ids: list[str]) -> dict[str, tuple[int, str | None, set[str]]]:
        """Origin id → (incident id, digest of its row, names of its columns in `extra`) for those in the store."""
        found: dict[str, tuple[int, str | None, set[str]]] = {}
        marks = ",".join("?" * len(origin_ids))
        for origin_id, incident_id, digest, columns in self._connection.execute(
            f"SELECT origin_id, id, iif(json_valid(extra), json_extract(extra, '$.{DIGEST}'), NULL),"
            " iif(json_valid(extra), (SELECT group_concat(key, char(31)) FROM json_each(extra)), NULL)"
            f" FROM incident WHERE origin = ? AND origin_id IN ({marks})",
            (self._origin, *origin_ids),
        ):
            found[origin_id] = (incident_id, digest, set((columns or "").split("\x1f")))
        return found

    def _flag(self, incident_id: int) -> bool:
        """Whether this file has spoken of an incident before; from now on it has."""
        if incident_id >= len(self._seen):
            self._seen.extend(bytes(max(incident_id + 1 - len(self._seen), len(self._seen))))
        before = bool(self._seen[incident_id])
        self._seen[incident_id] = True
        return before

    def _double(self, record: Record, digest: str | None) -> None:
        """A second row of one id: an equal one says nothing new, another one is a fault of the file."""
        if digest == record.digest:
            self._done.same += 1
        elif self._rejects is None:
            raise FormatError(
                f"{self._source.name}, line {record.line}: the id {record.origin_id!r} stands on an earlier line too;"
                " nothing was imported (with --rejects FILE such rows go there)"
            )
        else:
            self._reject(Reject(record.line, f"the id {record.origin_id!r} stands twice", record.origin_id))

    def _reject(self, reject: Reject) -> None:
        where = f"line {reject.line:,}: {reject.reason}"
        if self._strict:
            raise FormatError(f"{self._source.name}, {where}; nothing was imported")
        if self._rejects is not None:
            if not self._done.rejected:
                csv.writer(self._rejects).writerow(("line", "reason", "row"))
            csv.writer(self._rejects).writerow((reject.line, reject.reason, reject.row))
        self._done.rejected += 1
        if len(self._done.reasons) < REASONS_SHOWN:
            self._done.reasons.append(where)


def undo(store: Store, log_id: int) -> int:
    """Take back the import that a log row tells of and return how many incidents went.

    Raises UsageError when the row is no import, or an incident of it has been changed since.
    """
    from db.revise import undo_import

    with store.write(f"undo import (log {log_id})") as connection:
        return undo_import(connection, log_id)


def is_import(connection: sqlite3.Connection, log_id: int) -> bool:
    """Whether a row of the log tells of an import."""
    found = connection.execute(
        "SELECT json_extract(before, '$[0].table') = 'import' FROM log WHERE id = ?", (log_id,)
    ).fetchone()
    return bool(found and found[0])
