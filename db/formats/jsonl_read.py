"""Dateline's own JSON lines back into a store (`db.formats.jsonl` tells the form): rows by their keys, nothing lost.

A row whose key the store lacks is made.  An incident that it has, equal in all that the line says, stays as it is;
one that differs becomes what the line says.  Documents and names that the store has stay as they are there, and quotes
get their places in the text that stands there.
"""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

from db import dates, full_text, log
from db.bulk import Load
from db.errors import DateError, UsageError
from db.faults import held_back
from db.formats.json_parts import loads
from db.formats.jsonl import INCIDENT, LONGEST, QUOTE, SHARED, VERSION, Row, incidents
from db.formats.jsonl_known import CLAIM, PassedOver
from db.formats.jsonl_places import Places
from db.formats.record import Format, FormatError, Imported, Progress, RowError
from db.formats.source import Source
from db.settle import settle

TOLD_EVERY = 500
"""Lines between two words about the progress."""


def restore(load: Load, source: Source, progress: Progress | None) -> Imported:
    """Bring a file in, inside the transaction of `load`; raises FormatError naming the line, and then nothing stays."""
    restoring = _Restoring(load.connection)
    for number, name, row in objects(source):
        with _told(load.connection, source, number):
            restoring.take(name, row, number)
        if progress is not None and number % TOLD_EVERY == 0:
            progress(source, number)
    with _told(load.connection, source, None):
        # Before the triggers are back: what is filled in for a new incident is part of its loading.
        # Not strict: a bad date of the file was named by its line, and one that stood here before is for `verify`.
        settle(load.connection, strict=False)
        load.resume()
        restoring.finish()
        restoring.link(source)
        settle(load.connection, strict=False)
    restoring.done.notes += restoring.passed_over.notes() + restoring.places.notes()
    return restoring.done


class _told:  # noqa: N801 - reads as a statement
    """What is wrong with a line, as a FormatError that names it; None: with the file as a whole."""

    def __init__(self, connection: sqlite3.Connection, source: Source, line: int | None) -> None:
        self._connection = connection
        self._where = source.name if line is None else f"{source.name}, line {line}"

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: object) -> None:
        if isinstance(error, RowError | UsageError):
            raise FormatError(f"{self._where}: {error}; nothing was imported") from error
        if isinstance(error, sqlite3.IntegrityError | sqlite3.InterfaceError | sqlite3.ProgrammingError):
            why = held_back(self._connection, error) or f"the store does not take it: {error}"
            raise FormatError(f"{self._where}: {why}; nothing was imported") from error
        if isinstance(error, OverflowError | UnicodeEncodeError):
            raise FormatError(f"{self._where}: a value that no store can hold; nothing was imported") from error


class _Restoring:
    """Takes one object after the other; `done` counts the incidents."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._ids: dict[str, dict[str, int]] = {
            table: dict(connection.execute(f"SELECT key, id FROM {table}").fetchall()) for table in SHARED
        }
        self._tags: dict[str, int] = dict(connection.execute("SELECT name, id FROM tag").fetchall())
        self._countries: set[object] = {"", *(c for (c,) in connection.execute("SELECT code FROM country"))}
        self._revised: list[tuple[int, Row]] = []
        self._links: list[tuple[int, Row]] = []
        """(line, link): made when all incidents are there."""
        self._seen: set[str] = set()
        self.done = Imported()
        self.passed_over = PassedOver()
        self.places = Places(connection)

    def take(self, name: str, row: Row, line: int) -> None:
        """Bring one object in, or set it aside until the triggers are back."""
        self.passed_over.strip(name, row)
        if name in SHARED:
            self._shared(name, row)
        elif name == "incident":
            self._incident(row)
        elif name == "link":
            self._links.append((line, row))
        else:
            raise RowError(f"{name[:40]!r} is nothing that a store has")

    def finish(self) -> None:
        """Rewrite the incidents that differ, captured for the log."""
        gone: Counter[str] = Counter()
        if self._revised:
            with full_text.quotes_at_once(self._connection, lambda: {incident_id for incident_id, _ in self._revised}):
                for incident_id, row in self._revised:
                    gone.update(self._revise(incident_id, row))
        if gone:
            words = ", ".join(f"{what}: {count:,}" for what, count in gone.most_common())
            self.done.notes.append(
                f"of what you had in the incidents that changed, the file lacks {words}; `dateline undo` brings it back"
            )
        self.done.changed = len(self._revised)

    def link(self, source: Source) -> None:
        """Make the links, but for those that stand already; raises FormatError naming the line of a faulty one."""
        for line, link in self._links:
            with _told(self._connection, source, line):
                ends = [self._incident_id(_text(link, side)) for side in ("from", "to")]
                self._connection.execute(
                    "INSERT INTO incident_link (from_id, to_id, kind) VALUES (?, ?, ?)"
                    " ON CONFLICT (from_id, to_id, kind) DO NOTHING",
                    (*ends, _text(link, "kind")),
                )

    def _revise(self, incident_id: int, row: Row) -> Iterator[str]:
        """Rewrite an incident; returns what the analyst had added to it and has no more."""
        had = self._own_work(incident_id)
        for table in ("claim", "quote", "incident_actor", "incident_system", "incident_tag", "note", "star"):
            self._connection.execute(f"DELETE FROM {table} WHERE incident_id = ?", (incident_id,))
        columns = self._columns(row)
        marks, values = zip(*map(log.bound, columns.values()), strict=True)
        sets = ", ".join(f"{name} = {mark}" for name, mark in zip(columns, marks, strict=True))
        self._connection.execute(f"UPDATE incident SET {sets} WHERE id = ?", (*values, incident_id))
        self._children(incident_id, row)
        return (what for what, _ in (had - self._own_work(incident_id)).elements())

    def _own_work(self, incident_id: int) -> Counter[tuple[str, object]]:
        """What an analyst has added to an incident, as (what it is, which)."""
        return Counter((what, which) for sql in _WORK for what, which in self._connection.execute(sql, (incident_id,)))

    def _incident_id(self, key: str) -> int:
        found = self._known_id(key)
        if found is None:
            raise RowError(f"a link leads to incident {key!r}, which is not there")
        return found

    def _known_id(self, key: str) -> int | None:
        mark, value = log.bound(key)
        found = self._connection.execute(f"SELECT id FROM incident WHERE key = {mark}", (value,)).fetchone()
        return None if found is None else int(found[0])

    def _shared(self, table: str, row: Row) -> None:
        key = _text(row, "key")
        self.passed_over.tell(table, key, row)
        if key in self._ids[table]:
            if table == "document":
                self.places.stood(key, row)
            return
        columns = {name: row.get(name) for name in SHARED[table] if row.get(name) is not None}
        if table == "document":
            _check_date(row, "published_edtf", f"document {key!r}")
            self.places.made(key)
        if columns.get("country_code", "") not in self._countries:
            raise RowError(
                f"{table} {key!r} is in country {columns['country_code']!r}, which this store does not have:"
                " add it to the table country first"
            )
        if "part_of" in columns:
            columns["part_of"] = self._id(table, row, "part_of")
        self._ids[table][key] = self._insert(table, {"key": key, **columns})
        for alias in _items(row, "aliases"):
            self._insert("actor_alias", {"actor_id": self._ids[table][key], "alias": alias})

    def _incident(self, row: Row) -> None:
        key = _text(row, "key")
        if key in self._seen:
            raise RowError(f"incident {key!r} stands on an earlier line too")
        self._seen.add(key)
        known = self._known_id(key)
        stored = None if known is None else incidents(self._connection, [known])[known]
        # As it stands before its quotes are looked for: what the store says already does no harm to it.
        if stored is not None and _same(stored, row):
            self.done.same += 1
            return
        if self.places.find(_objects(row, "quotes")) and stored is not None and _same(stored, row):
            self.done.same += 1
            return
        _check_date(row, "date_edtf", f"incident {key!r}")
        if known is None:
            incident_id = self._insert("incident", {"key": key, **self._columns(row)})
            self._children(incident_id, row)
            self.done.added += 1
        else:
            self._revised.append((known, row))

    def _columns(self, row: Row) -> Row:
        """Columns of `incident` for an object; those that it lacks are NULL, or the schema's own default."""
        columns: Row = {name: row.get(name) for name in INCIDENT}
        columns |= {name: row.get(name, value) for name, value in _LEFT_OPEN.items()}
        columns["place_id"] = self._id("place", row, "place") if "place" in row else None
        extra = row.get("extra")
        columns["extra"] = (
            extra if extra is None or isinstance(extra, str)
            else log.as_json(extra, (",", ":"))
        )  # fmt: skip
        _no_bool(columns)
        return columns

    def _children(self, incident_id: int, row: Row) -> None:
        own: Row = {"incident_id": incident_id}
        for actor in _objects(row, "actors"):
            columns = {"actor_id": self._id("actor", actor, "actor"), **_only(actor, ("role", "attribution"))}
            self._insert("incident_actor", own | columns)
        for system in _objects(row, "systems"):
            columns = _only(system, ("role", "outcome", "count_low", "count_best", "count_high"))
            self._insert("incident_system", own | {"system_id": self._id("system", system, "system")} | columns)
        quotes: list[int] = []
        for quote in _objects(row, "quotes"):
            document_id = self._id("document", quote, "document")
            quote_id = self._insert("quote", own | {"document_id": document_id} | _only(quote, QUOTE))
            quotes.append(quote_id)
            for step, speaker in enumerate(_objects(quote, "chain"), 1):
                columns = {"actor_id": self._id("actor", speaker, "actor"), "verb": speaker.get("verb")}
                self._insert("attribution", {"quote_id": quote_id, "step": step} | columns)
            for claim in _objects(quote, "claims"):
                self._insert("claim", own | {"quote_id": quote_id} | _only(claim, CLAIM))
        for pair in _objects(row, "roots_apart"):
            one, other = _pair(pair, len(quotes))
            columns = {"quote_id": quotes[one - 1], "other_id": quotes[other - 1], "at": pair.get("at")}
            self._insert("root_dismissal", columns)
        for claim in _objects(row, "claims"):
            self._insert("claim", own | _only(claim, CLAIM))
        for note in _objects(row, "notes"):
            self._insert("note", own | _only(note, ("text", "at")))
        for tag in _items(row, "tags"):
            if tag not in self._tags:
                self._tags[tag] = self._insert("tag", {"name": tag})
            self._insert("incident_tag", own | {"tag_id": self._tags[tag]})
        if row.get("starred") is not None:
            # A day that nobody knows is an empty text there, for the column takes no NULL.
            self._insert("star", own | {"at": "" if row["starred"] == "" else _text(row, "starred")})

    def _id(self, table: str, row: Row, name: str) -> int:
        key = _text(row, name)
        if key not in self._ids[table]:
            raise RowError(f"names the {table} {key!r}, which no earlier line has")
        return self._ids[table][key]

    def _insert(self, table: str, columns: Mapping[str, object]) -> int:
        _no_bool(columns)
        names = ", ".join(f'"{name}"' for name in columns)
        marks, values = ["?"] * len(columns), list(columns.values())
        into = f"INSERT INTO {table} ({names}) VALUES"
        try:
            cursor = self._connection.execute(f"{into} ({', '.join(marks)})", values)
        except UnicodeEncodeError:
            # Bytes that are not UTF-8 go in as the bytes that they were; half a letter raises again.
            marks, values = map(list, zip(*map(log.bound, values), strict=True))
            cursor = self._connection.execute(f"{into} ({', '.join(marks)})", values)
        return int(cursor.lastrowid or 0)


_WORK = (
    "SELECT 'stars', 1 FROM star WHERE incident_id = ?",
    "SELECT 'tags', tag_id FROM incident_tag WHERE incident_id = ?",
    "SELECT 'notes', text FROM note WHERE incident_id = ?",
    "SELECT 'claims', json_array(field, value, polarity, rank) FROM claim WHERE incident_id = ?",
    "SELECT 'quotes', json_array(document_id, exact) FROM quote WHERE incident_id = ?",
    "SELECT 'translations', json_array(document_id, exact, translation) FROM quote"
    " WHERE incident_id = ? AND translation IS NOT NULL",
    "SELECT 'speakers of quotes', json_array(q.document_id, q.exact, a.step, a.actor_id, a.verb)"
    " FROM attribution AS a JOIN quote AS q ON q.id = a.quote_id WHERE q.incident_id = ?",
    "SELECT 'pairs of roots said to be apart', json_array(q.document_id, q.exact, o.document_id, o.exact)"
    " FROM root_dismissal AS d JOIN quote AS q ON q.id = d.quote_id JOIN quote AS o ON o.id = d.other_id"
    " WHERE q.incident_id = ?",
    "SELECT 'grades', grade FROM incident WHERE id = ? AND grade IS NOT NULL",
    "SELECT 'credibility', credibility FROM incident WHERE id = ? AND credibility IS NOT NULL",
    "SELECT 'review status', status FROM incident WHERE id = ? AND status <> 'draft'",
)
"""What an analyst adds to incidents, each with what tells two of a kind apart."""


_LEFT_OPEN = {"kind": "incident", "status": "draft"}
"""Member of an incident → what the schema has for it where a file has none."""


def _same(stored: Row, row: Row) -> bool:
    """Whether two objects say the same to the type of each value, and `extra` in the same order.

    What a row leaves open is what it is when it is left open.
    """
    row = {**_LEFT_OPEN, **{name: value for name, value in row.items() if value not in (None, [])}}
    if stored != row:
        return False
    # Python takes 1, 1.0 and true for one.
    both = [
        (json.dumps({name: one[name] for name in one if name != "extra"}, sort_keys=True), json.dumps(one.get("extra")))
        for one in (stored, row)
    ]
    return both[0] == both[1]


def _no_bool(columns: Mapping[str, object]) -> None:
    """Raise RowError for true or false, which SQLite would take for 1 and 0."""
    for name, value in columns.items():
        if isinstance(value, bool):
            raise RowError(f"{name} is {str(value).lower()}")


def _check_date(row: Row, name: str, of: str) -> None:
    """Raise RowError for a date that EDTF does not know; a bare number is the text that the store makes of it."""
    edtf = row.get(name)
    if isinstance(edtf, str | int | float) and not isinstance(edtf, bool):
        try:
            dates.parse(str(edtf))
        except DateError as error:
            raise RowError(f"{of}: {name} {edtf!r}: {error}") from error


def _only(row: Row, names: Iterable[str]) -> Row:
    return {name: row[name] for name in names if row.get(name) is not None}


def _text(row: Row, name: str) -> str:
    value = row.get(name)
    if value is not None and not isinstance(value, str):
        raise RowError(f"{name} is no text")
    if not value:
        raise RowError(f"has no {name}")
    return value


def _items(row: Row, name: str) -> list[str]:
    value = row.get(name, [])
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise RowError(f"{name} is no list of texts")
    return value


def _pair(row: Row, quotes: int) -> tuple[int, int]:
    """The places of two quotes of an incident that has so many, from 1, the lower one first."""
    found = row.get("quotes")
    if not isinstance(found, list) or len(found) != 2 or any(type(place) is not int for place in found):
        raise RowError("roots_apart names no two quotes by their places")
    one, other = found
    if not 1 <= one < other <= quotes:
        raise RowError(f"roots_apart names quotes {one} and {other} of {quotes}")
    return one, other


def _objects(row: Row, name: str) -> list[Row]:
    value = row.get(name, [])
    if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
        raise RowError(f"{name} is no list of objects")
    return value


def objects(source: Source) -> Iterator[tuple[int, str, Row]]:
    """(line, name, object) of each line below the first; raises FormatError for a line that is not such an object."""
    first = True
    for number, text in enumerate(source.lines(LONGEST), 1):
        if not text.strip():
            continue
        try:
            value = loads(text)
        except ValueError as error:
            cut = "; the file was cut there" if source.ends_open else ""
            raise FormatError(f"{source.name}, line {number}: not JSON{cut} ({str(error)[:60]})") from error
        if not isinstance(value, dict) or len(value) != 1:
            raise FormatError(f"{source.name}, line {number}: not a line of Dateline's own JSON lines")
        ((name, content),) = value.items()
        if first:
            if name != "dateline" or not isinstance(content, int):
                raise FormatError(f'{source.name} is not Dateline\'s own JSON lines: no {{"dateline": 1}}')
            if content > VERSION:
                raise FormatError(f"{source.name} was written by a newer Dateline (form {content}); update to read it")
            first = False
            continue
        if not isinstance(content, dict):
            raise FormatError(f"{source.name}, line {number}: {name} is no object")
        yield number, name, content
    if first:
        raise FormatError(f"{source.name} has no lines; nothing was imported")


FORMAT = Format(
    "jsonl",
    "Dateline's own JSON lines: all that a store knows of its incidents",
    "dateline",
    restore=restore,
    lossless=True,
    knows=lambda head: head.shape == "lines" and head.names == {"dateline"},
)
