"""The store's actors, places, systems, documents and tags by what names them, made where they are missing."""

from __future__ import annotations

import hashlib
import re
import sqlite3
from collections.abc import Mapping
from typing import Any

from db import dates
from db.errors import DateError, StoreError
from db.fields import fold
from db.formats.countries import Countries
from db.formats.record import DocumentRecord, PlaceRecord
from db.renamed import mended
from db.row_numbers import LAST_ID, no_ids_left

KEY_LENGTH = 60
"""Longest key made from a name, characters before a number that tells doubles apart."""

_LOOKED_AT = 10_000
"""Characters of a name that are looked at for its key: far more than a key has, and far fewer than a cell may have."""

PLACES_SEEN = 10_000
"""Places remembered as their source writes them; the others are found again by what they are."""

TABLES = ("actor", "system", "tag", "place", "document")
"""What many incidents share, and a source names."""

_Identity = bytes


class Names:
    """Names to row ids, inside one transaction; two places are one when all that is known of them is equal."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._countries = Countries(connection)
        self._actors: dict[str, int] = dict(connection.execute("SELECT alias, actor_id FROM actor_alias").fetchall())
        self._actors |= dict(connection.execute("SELECT name, id FROM actor ORDER BY id DESC").fetchall())
        self._systems: dict[str, int] = dict(connection.execute("SELECT name, id FROM system ORDER BY id DESC"))
        self._tags: dict[str, int] = dict(connection.execute("SELECT name, id FROM tag").fetchall())
        self._places: dict[_Identity, int] = {
            _identity(row[1:]): row[0] for row in connection.execute(f"SELECT id, {', '.join(_PLACE)} FROM place")
        }
        self._seen_places: dict[PlaceRecord, int] = {}
        self._documents: dict[_Identity, int] = {}
        self._published: dict[int, dates.Day] = {}
        for row_id, url, publisher, published, title in connection.execute(
            "SELECT id, url, publisher, published_edtf, title FROM document ORDER BY id DESC"
        ):
            self._documents[_document(url, publisher, published, title)] = row_id
            self._note_day(row_id, published)
        self._doubles: dict[tuple[str, str], int] = {}
        self._next = {table: next_id(connection, table) for table in TABLES}
        self._deleted: dict[str, dict[object, list[int]]] = {table: {} for table in TABLES}
        """Table → what a row was known by that people have deleted → the numbers that it had."""
        self._anew: dict[tuple[str, object], int] = {}
        self._know_mended()

    def _know_mended(self) -> None:
        """Find what people have mended by what it was before, too: the source goes on calling it that.

        The numbers of what they have deleted are not given out again: handwork on an incident goes by numbers.
        """
        there, gone = mended(self._connection, TABLES)
        known: dict[str, dict[Any, int]] = {
            "actor": self._actors,
            "system": self._systems,
            "tag": self._tags,
            "place": self._places,
            "document": self._documents,
        }
        for table, row_id, before in there:
            known[table].setdefault(_known_by(table, before), row_id)
        for table, row_id, before in gone:
            known_by = _known_by(table, before)
            self._deleted[table].setdefault(known_by, []).append(row_id)
            if (anew := known[table].get(known_by)) is not None:
                self._anew[table, row_id] = anew
            self._next[table] = max(self._next[table], row_id + 1)

    def now(self, table: str, row_id: object) -> object:
        """The number of what had this one before people deleted it and the source named it anew; else the same."""
        return self._anew.get((table, row_id), row_id)

    def country(self, name: str | None) -> str | None:
        """ISO 3166-1 alpha-2 of a country's name, None when it has none or is not known."""
        return self._countries.code(name) if name else None

    def actor(self, name: str, kind: str | None = None) -> int:
        """Row id of an actor by name or alias."""
        found = self._actors.get(name)
        if found is None:
            found = self._actors[name] = self._insert("actor", name, name, {"name": name, "kind": kind})
        return found

    def system(self, name: str, system_class: str | None = None) -> int:
        """Row id of a system by name."""
        found = self._systems.get(name)
        if found is None:
            found = self._systems[name] = self._insert("system", name, name, {"name": name, "class": system_class})
        return found

    def tag(self, name: str) -> int:
        """Row id of a tag."""
        found = self._tags.get(name)
        if found is None:
            found = self._tags[name] = self._take("tag", name)
            self._connection.execute("INSERT INTO tag (id, name) VALUES (?, ?)", (found, name))
        return found

    def place(self, place: PlaceRecord) -> int:
        """Row id of a place; one without a name of its own is named by its coordinates."""
        seen = self._seen_places.get(place)
        if seen is not None:
            return seen
        name = place.name or f"{place.latitude}, {place.longitude}"
        columns: dict[str, object] = {
            "name": name,
            "country_code": self.country(place.country),
            "admin1": place.admin1,
            "latitude": place.latitude,
            "longitude": place.longitude,
            "where_prec": place.where_prec,
            "radius_m": place.radius_m,
            "kind": place.kind,
        }
        identity = _identity(tuple(columns.values()))
        found = self._places.get(identity)
        if found is None:
            found = self._places[identity] = self._insert("place", identity, name, columns)
        if len(self._seen_places) >= PLACES_SEEN:
            self._seen_places.clear()
        self._seen_places[place] = found
        return found

    def document(self, document: DocumentRecord) -> int:
        """Row id of a document: by its URL, else by publisher, day and title."""
        identity = _document(document.url, document.publisher, document.published_edtf, document.title)
        found = self._documents.get(identity)
        if found is None:
            columns = {
                "title": document.title,
                "publisher": document.publisher,
                "published_edtf": document.published_edtf,
                "url": document.url,
                "author": document.author,
                "archive_url": document.archive_url,
                "accessed_at": document.accessed_at,
                "language": document.language,
            }
            words = [document.publisher, document.published_edtf, document.title]
            named = " ".join(word for word in words if word) or document.url or "document"
            found = self._documents[identity] = self._insert("document", identity, named, columns)
            self._note_day(found, document.published_edtf)
        return found

    def told_otherwise(self, document: DocumentRecord) -> bool:
        """Whether something that is said of a document is not what the store has of it, by whose URL it is known."""
        given = (document.publisher, document.published_edtf, document.title)
        (stored,) = self._connection.execute(
            "SELECT publisher, published_edtf, title FROM document WHERE id = ?", (self.document(document),)
        ).fetchall()
        return any(value is not None and value != known for value, known in zip(given, stored, strict=True))

    def published(self, document_id: int) -> dates.Day | None:
        """The last day on which a document can have appeared; None when unknown."""
        return self._published.get(document_id)

    def _note_day(self, document_id: int, published: str | None) -> None:
        if published is None:
            return
        try:
            latest = dates.parse(published).latest
        except DateError:
            return  # `verify` names it; an import has no better knowledge
        if latest is not None:
            self._published[document_id] = latest

    def _insert(self, table: str, known_by: object, name: str, columns: Mapping[str, object]) -> int:
        row_id = self._take(table, known_by)
        names = ", ".join(columns)
        marks = ", ".join("?" * len(columns))
        self._connection.execute(
            f"INSERT INTO {table} (id, key, {names}) VALUES (?, ?, {marks})",
            (row_id, self._key(table, slug(name, table)), *columns.values()),
        )
        return row_id

    def _key(self, table: str, key: str) -> str:
        """A free key; counting goes on where it stopped, since thousands may share the beginning of a name."""
        free, number = free_key(self._connection, table, key, self._doubles.get((table, key), 1))
        if number > 1:  # most keys are alone, and all of them would fill the memory
            self._doubles[table, key] = number
        return free

    def _take(self, table: str, known_by: object) -> int:
        row_id: int = self._next[table]
        self._next[table] = row_id + 1
        for before in self._deleted[table].get(known_by, ()):
            self._anew[table, before] = row_id
        return row_id


def slug(name: str, otherwise: str) -> str:
    """A key made from a name: small letters and digits of any script, and hyphens; `otherwise` when it has none."""
    words = re.sub(r"[\W_]+", "-", fold(name[:_LOOKED_AT])).strip("-")
    return words[:KEY_LENGTH].rstrip("-") or otherwise


def free_key(connection: sqlite3.Connection, table: str, key: str, number: int = 1) -> tuple[str, int]:
    """`key`, or `key-2`, `key-3` ... from `number` on where that is taken; and the number that it has."""
    free = key if number == 1 else f"{key}-{number}"
    while connection.execute(f"SELECT 1 FROM {table} WHERE key = ?", (free,)).fetchone():
        number += 1
        free = f"{key}-{number}"
    return free, number


_PLACE = ("name", "country_code", "admin1", "latitude", "longitude", "where_prec", "radius_m", "kind")
"""Columns by which a place is the one that it is."""


def _known_by(table: str, row: Mapping[str, object]) -> object:
    """What a row of TABLES is known by: its name, of a place or document the digest of all that names it."""
    if table == "place":
        return _identity(tuple(row.get(name) for name in _PLACE))
    if table == "document":
        return _document(*(row.get(name) for name in ("url", "publisher", "published_edtf", "title")))
    return str(row.get("name"))


def _document(url: object, publisher: object, published: object, title: object) -> _Identity:
    """What a document is known by: its URL, else publisher, day and title."""
    return _identity((url,) if url else (publisher, published, title))


def _identity(values: tuple[object, ...]) -> _Identity:
    """A digest that stands for all of `values`: names and titles themselves would fill the memory."""
    return hashlib.blake2b(repr(values).encode("utf-8", "surrogatepass"), digest_size=16).digest()


def next_id(connection: sqlite3.Connection, table: str) -> int:
    """The id after all that a table has, from 1 on; raises StoreError where so many are used up that none is left."""
    highest = int(connection.execute(f"SELECT coalesce(max(id), 0) FROM {table}").fetchone()[0])
    if highest >= LAST_ID:
        raise StoreError(no_ids_left(table, highest))
    return max(highest, 0) + 1
