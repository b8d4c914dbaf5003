"""Bring a file of incidents into a store: one transaction, no doubles, nothing invented, bad rows told by line.

An incident is known by its data set and its id there (origin, origin_id).  One that the store lacks is loaded in bulk
(`db.bulk`); one whose source row has changed since is rewritten with every change captured for the log (`db.revise`).
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from functools import lru_cache
from itertools import islice
from pathlib import Path
from typing import IO

from db import dates
from db.bulk import Load
from db.connection import in_utf8
from db.errors import DateError, UsageError
from db.formats.record import Format, FormatError, Imported, Options, Progress, Record, Reject
from db.formats.registry import recognised
from db.formats.source import Source
from db.formats.table import as_csv
from db.loading import CONFLICTS, DIGEST, Loader, own_names_free
from db.names import Names
from db.revise import Revisions
from db.store import Store

BATCH = 1_000
"""Records to a batch: enough to spread the cost of the statements, few enough to keep memory flat."""

MOST_IN_VAIN = 500_000
"""Rows, not one of them an incident, after which a file is refused: it is another than it was taken for."""

CONFLICTS_SHOWN = 6
"""How many fields in conflict are told by name before the rest is only counted."""

REASONS_SHOWN = 3
"""How many rejects are told by name before the rest is only counted."""


def import_file(
    store: Store,
    path: Path,
    form: Format | None,
    options: Options,
    *,
    rejects: IO[str] | None = None,
    headed: bool = False,
    strict: bool = False,
    progress: Progress | None = None,
) -> Imported:
    """Import one file ("-": standard input); raises FormatError or UsageError, and then nothing was changed.

    No `form` is the one that the file's beginning is of.  Rows that are no incidents are written to `rejects` as CSV
    (line, reason, row, file), after a head where it is not `headed` yet; `strict` makes the first an error.
    """
    with ExitStack() as stack:
        source = stack.enter_context(Source(path))
        known = form is not None
        if form is None:
            form = recognised(source, with_mapping=options.mapping is not None)
        origin = in_utf8(options.origin or form.origin or _origin_of(source))
        load = stack.enter_context(store.bulk(f"import {source.name} as {form.name}"))
        if form.restore is not None:
            done = form.restore(load, source, progress)
        else:
            done = _Import(load, source, form, origin, options, rejects, headed, strict).run(progress)
        load.told = {
            "file": source.name,
            "format": form.name,
            "origin": origin,
            "sha256": source.sha256,
            "added": done.added,
            "changed": done.changed,
        }
        if not known:
            done.notes.insert(0, f"{source.name} was read as {form.name}, which its beginning shows it to be")
    return done


def _origin_of(source: Source) -> str:
    """The name of a file's own data set: the file's, without its endings; raises UsageError for standard input."""
    if str(source.path) == "-":
        raise UsageError("standard input has no name for the data set: say --origin NAME")
    return source.path.name.split(".")[0] or source.path.name


@lru_cache(4096)
def _date_fault(edtf: str) -> str | None:
    """What is wrong with a date, None when nothing is."""
    try:
        dates.parse(edtf)
    except DateError as error:
        return str(error)
    return None


def _rejected(record: Record, reason: str) -> Reject:
    """The row of a record, which is no incident after all."""
    return Reject(record.line, reason, record.raw if isinstance(record.raw, str) else as_csv(record.raw))


_FAR = 1 << 28
"""Incident ids from which on flags would take more memory than the store: only hands that meddle give them."""


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
        headed: bool,
        strict: bool,
    ) -> None:
        self._connection = load.connection
        self._load = load
        self._source = source
        self._form = form
        self._origin = origin
        self._options = options
        self._rejects = rejects
        self._headed = headed
        self._strict = strict
        self._done = Imported()
        self._names = Names(load.connection)
        self._loader = Loader(load.connection, self._names, origin)
        self._revisions = Revisions(load.connection)
        self._seen = bytearray()
        """One flag for each incident id that this file has spoken of."""
        self._seen_far: set[int] = set()
        """Those from _FAR on: no import gives them out, so they are few."""
        self._first_new = self._loader.next_id
        self._aside = form.at_home(options) | {CONFLICTS, DIGEST}

    def run(self, progress: Progress | None) -> Imported:
        """Read the source to its end and return what became of it."""
        assert self._form.reader is not None
        found = self._form.reader(self._source, self._options, self._done.notes.append)
        while batch := list(islice(found, BATCH)):
            self._take([record for record in self._sound(batch) if isinstance(record, Record)])
            if MOST_IN_VAIN <= self._done.rejected == self._done.rows and not len(self._revisions):
                raise FormatError(
                    f"{self._source.name}: none of its first {self._done.rows:,} rows is an incident"
                    f" ({self._done.reasons[0]}); nothing was imported"
                )
            if progress is not None:
                progress(self._source, self._done.rows)
        self._load.resume()
        revised = self._revisions.apply(self._names, self._loader)
        self._done.changed = revised.incidents
        self._done.same += len(self._revisions) - revised.incidents
        self._done.held, self._done.conflicts = revised.held, len(revised.conflicts)
        if revised.conflicts:
            more = len(revised.conflicts) - CONFLICTS_SHOWN
            self._done.notes.append(
                f"the source has something new in {len(revised.conflicts):,} of the fields that you have changed; yours"
                f" stand, and what it says is in the incident's {CONFLICTS}:"
                f" {', '.join(revised.conflicts[:CONFLICTS_SHOWN])}{f' and {more:,} more' if more > 0 else ''}"
            )
        if self._rejects is not None:
            self._rejects.flush()  # where they cannot be kept, nothing is imported
        if revised.unlogged:
            self._done.notes.append(
                f"{revised.unlogged:,} of the incidents that changed came into this store without their log (as JSON"
                " lines, or in a copy): what was changed in them before that cannot be told from the source's and is"
                " the source's now; `dateline undo` brings it back"
            )
        if self._source.foreign_bytes:
            self._done.notes.append(
                f"{self._source.name} is not UTF-8: {self._source.foreign_bytes:,} bytes, the first near line"
                f" {self._source.foreign_line:,}, were read as cp1252; look at names with accents"
            )
        return self._done

    def _sound(self, batch: list[Record | Reject]) -> Iterator[Record]:
        """The records of a batch whose dates are dates, no column under a name of ours; the rest is rejected."""
        for item in batch:
            if isinstance(item, Reject):
                self._reject(item)
                continue
            given = [("date", item.date_edtf)]
            given += [("day of publication", quote.document.published_edtf) for quote in item.quotes]
            for what, edtf in given:
                if edtf is not None and (fault := _date_fault(edtf)) is not None:
                    self._reject(_rejected(item, f"{what} {edtf!r}: {fault}"))
                    break
            else:
                yield own_names_free(item)

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
            elif not self._form.sparse and self._fuller(columns, record):
                self._done.kept += 1
            elif self._flag(incident_id):
                self._double(record, self._revisions.digest(incident_id) or digest)
            elif digest == record.digest:
                self._done.same += 1
            else:
                # Without its row: it is an incident, and is set aside on disk.
                self._revisions.add(incident_id, replace(record, raw=""))
        self._loader.load(list(new.values()))
        self._done.added += len(new)

    def _fuller(self, columns: set[str], record: Record) -> bool:
        """Whether the store has an incident from a fuller form of the data: all columns of the record, and more."""
        return columns - self._aside > record.extra.keys() - self._aside

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
            found[origin_id] = (incident_id, digest, set(columns.split("\x1f")) if columns else set())
        return found

    def _flag(self, incident_id: int) -> bool:
        """Whether this file has spoken of an incident before; from now on it has."""
        if incident_id >= _FAR:
            known = incident_id in self._seen_far
            self._seen_far.add(incident_id)
            return known
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
                f"{self._source.name}, {self._source.unit} {record.line}: the id {record.origin_id!r} stands on an"
                f" earlier {self._source.unit} too;"
                " nothing was imported (with --rejects FILE such rows go there)"
            )
        else:
            self._reject(_rejected(record, f"the id {record.origin_id!r} stands twice"))

    def _reject(self, reject: Reject) -> None:
        where = f"{self._source.unit} {reject.line:,}: {reject.reason}"
        if self._strict:
            raise FormatError(f"{self._source.name}, {where}; nothing was imported")
        if self._rejects is not None:
            if not self._headed:
                csv.writer(self._rejects).writerow(("line", "reason", "row", "file"))
                self._headed = True
            csv.writer(self._rejects).writerow((reject.line, reject.reason, reject.row, str(self._source.path)))
        self._done.rejected += 1
        if len(self._done.reasons) < REASONS_SHOWN:
            self._done.reasons.append(where)
