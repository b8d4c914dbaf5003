"""What SQL alone cannot hold: dates that EDTF knows, claims that name real things, quotes that equal their text.

A row is looked at where it was changed, and where what it stands on was: the text of a quote, the steps of a chain, the
key that a claim names, the quote that it rests on, what something is part of.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Callable, Sequence
from functools import cached_property

from db import dates
from db.disputes import KEY_FIELDS, base, named
from db.errors import DateError, ScriptError
from db.log import Change
from db.rings import linked_rings, part_rings
from db.same_as import SAME_AS
from seed.keys import nearest_key
from seed.script import Script

Row = dict[str, object]

_ENDS = ("from_id", "to_id")

TEXTS_KEPT = 8
"""Documents whose texts are kept in memory."""


class Checker:
    """Checks the rows that a load has changed; every fault names the file and line that wrote it."""

    def __init__(self, connection: sqlite3.Connection, scripts: Sequence[Script]) -> None:
        self._connection = connection
        self._scripts = scripts
        self._documents: dict[object, tuple[str, int | None, str | None]] = {}

    def check(self, changes: Sequence[Change]) -> None:
        """Raise ScriptError for the first changed row that cannot stand."""
        rules: dict[str, Callable[[Row], None]] = {
            "document": self._document,
            "incident": self._incident,
            "quote": self._quote,
            "claim": self._claim,
            "view": self._view,
        }
        for change in changes:
            if change.after is not None and change.table in rules:
                rules[change.table](change.after)
            if change.table == "attribution":
                for quote in dict.fromkeys(row["quote_id"] for row in (change.before, change.after) if row is not None):
                    self._chain(quote)
            if change.before is not None and change.after is not None:
                self._what_rests_on(change.table, change.before, change.after)
            if change.table == "incident" and not change.anew:
                self._said_by_key(change)
        self._lost_keys(changes)
        self._parts(changes)
        self._days(changes)

    def _what_rests_on(self, table: str, before: Row, after: Row) -> None:
        """Rows that stand as they were, on a row that does not."""
        if table == "document" and any(before[name] != after[name] for name in ("text", "text_length")):
            for quote in self._rows("quote", "document_id", after["id"]):
                self._quote(quote, after["text"])
        elif table == "quote" and before["incident_id"] != after["incident_id"]:
            for claim in self._rows("claim", "quote_id", after["id"]):
                self._claim(claim)

    @cached_property
    def _denied(self) -> set[object]:
        """Keys of the incidents that others are said to be the same as, or not."""
        return {key for (key,) in self._connection.execute("SELECT value FROM claim WHERE field = ?", (SAME_AS,))}

    def _said_by_key(self, change: Change) -> None:
        """The analyst's word that another incident is not the same has the key of this one, and would lose it."""
        if change.before is None or change.after is None or change.before["key"] == change.after["key"]:
            return
        was = change.before["key"]
        if was not in self._denied:
            return
        other = self._one(
            "SELECT i.key FROM claim AS c JOIN incident AS i ON i.id = c.incident_id"
            " WHERE c.field = ? AND c.value = ? ORDER BY c.id",
            SAME_AS,
            was,
        )
        if other is not None:
            raise self._fault(
                f"incident {was!r} cannot have another key: by that it is said to be distinct from {other[0]!r};"
                f" take that back first (dateline unlink {other[0]} {was} --as distinct)",
                change.after["key"],
            )

    def _lost_keys(self, changes: Sequence[Change]) -> None:
        """Claims that name what had another key, or was there, before the load."""
        lost = {
            (change.table, str(change.before["key"]))
            for change in changes
            if change.table in KEY_FIELDS.values()
            and change.before is not None
            and self._one(f"SELECT 1 FROM {change.table} WHERE key = ?", change.before["key"]) is None
        }
        if not lost:
            return
        for field, value, incident in self._connection.execute(
            "SELECT c.field, c.value, i.key FROM claim AS c JOIN incident AS i ON i.id = c.incident_id ORDER BY c.id"
        ):
            for table, key in named(field, value):
                if (table, key) in lost:
                    raise self._fault(
                        f"claim of {field} on {incident!r}: the {table} {key!r} that it names would not be there any"
                        " more; change or remove the claim too",
                        key,
                    )

    def _document(self, row: Row) -> None:
        self._date(row["published_edtf"], f"document {row['key']!r}: published_edtf")
        if isinstance(row["text"], str):
            raw = row["text"].encode("utf-8", "surrogateescape")
            if isinstance(had := row["text_sha256"], str) and had.lower() != hashlib.sha256(raw).hexdigest():
                raise self._fault(f"document {row['key']!r}: text_sha256 is not that of its text", row["text_sha256"])
            if row["text_length"] not in (None, len(row["text"])):
                raise self._fault(f"document {row['key']!r}: its text has {len(row['text'])} characters", row["key"])

    def _incident(self, row: Row) -> None:
        self._date(row["date_edtf"], f"incident {row['key']!r}: date_edtf")
        self._json_object(row["extra"], f"incident {row['key']!r}: extra")

    def _view(self, row: Row) -> None:
        self._json_object(row["layout"], f"view {row['name']!r}: layout")

    def _json_object(self, text: object, what: str) -> None:
        """A column that holds a JSON object, or nothing."""
        if text is None:
            return
        from db.formats.json_parts import STRICT

        try:
            found = STRICT.decode(str(text))
        except (ValueError, RecursionError) as error:
            raise self._fault(f"{what} is not JSON: {error}", text) from error
        if not isinstance(found, dict):
            raise self._fault(f"{what} is JSON, but no object", text)

    def _quote(self, row: Row, *written: object) -> None:
        key, length, text = self._document_of(row["document_id"])
        start, exact = row["start"], str(row["exact"])
        if text is None:
            if start is not None and length is not None and int(str(row["end"])) > length:
                raise self._fault(
                    f"a quote from {key!r} ends at {row['end']}, behind its {length} characters", exact, key
                )
            return
        if start is not None and text[int(str(start)) : int(str(row["end"]))] == exact:
            return
        at = text.find(exact)
        nowhere = "the text has it nowhere"
        if start is None:
            where = f"it stands at {at} to {at + len(exact)}" if at >= 0 else nowhere
            raise self._fault(
                f'a quote from {key!r} has no "start" and "end", though its text is here; {where}', *written, exact
            )
        where = f"it stands at {at}" if at >= 0 else nowhere
        raise self._fault(f"the text of {key!r} has other words at {start} than this quote; {where}", *written, exact)

    def _document_of(self, document_id: object) -> tuple[str, int | None, str | None]:
        """Key, length and text of a document; those asked for last are kept, as thousands of quotes may be of one."""
        if document_id not in self._documents:
            if len(self._documents) >= TEXTS_KEPT:
                self._documents.clear()
            found = self._connection.execute(
                "SELECT key, text_length, text FROM document WHERE id = ?", (document_id,)
            ).fetchone()
            self._documents[document_id] = found or ("", None, None)
        return self._documents[document_id]

    def _chain(self, quote: object) -> None:
        last, count = self._one("SELECT max(step), count(*) FROM attribution WHERE quote_id = ?", quote) or (0, 0)
        if count and last != count:
            exact = (self._one("SELECT exact FROM quote WHERE id = ?", quote) or ("",))[0]
            raise self._fault(
                f"the chain of a quote has {count} steps but goes up to {last}; number them 1, 2, 3", exact
            )

    def _parts(self, changes: Sequence[Change]) -> None:
        """Nothing is made part of itself, over any number of steps."""
        for table in ("actor", "place", "system"):
            rows = [row for row in _new(changes, table, "part_of") if row["part_of"] is not None]
            if rows:
                ringed = set[object]().union(*part_rings(self._connection, table))
                for row in rows:
                    if row["id"] in ringed:
                        raise self._fault(f"the {table} {row['key']!r} would be part of itself", row["key"])
        links = [row for row in _new(changes, "incident_link", *_ENDS, "kind") if row["kind"] == "part_of"]
        found = linked_rings(self._connection) if links else []
        for row in links:
            if any(row["from_id"] in ring and row["to_id"] in ring for ring in found):
                one, other = (self._one("SELECT key FROM incident WHERE id = ?", row[end]) for end in _ENDS)
                keys = [str(key) for (key,) in filter(None, (one, other))]
                raise self._fault(
                    f"the links would make {keys[0]!r} part of itself, over {keys[-1]!r}", *keys, "part_of"
                )

    def _days(self, changes: Sequence[Change]) -> None:
        """No incident whose date, quote or document is new happens wholly after the day its document appeared."""
        seen: set[tuple[object, object]] = set()
        for table, columns, which in (
            ("incident", ("date_edtf",), "i.id"),
            ("document", ("published_edtf",), "d.id"),
            ("quote", ("incident_id", "document_id"), "q.id"),
        ):
            for row in _new(changes, table, *columns):
                for edtf, published, incident, document in self._connection.execute(
                    "SELECT i.date_edtf, d.published_edtf, i.key, d.key FROM quote AS q"
                    " JOIN incident AS i ON i.id = q.incident_id JOIN document AS d ON d.id = q.document_id"
                    f" WHERE {which} = ? AND i.date_edtf IS NOT NULL AND d.published_edtf IS NOT NULL ORDER BY q.id",
                    (row["id"],),
                ):
                    if (edtf, published) in seen:
                        continue
                    seen.add((edtf, published))
                    try:
                        earliest, appeared = dates.parse(edtf).earliest, dates.parse(published).latest
                    except DateError:
                        continue  # of a row that stood here before: for `verify`
                    if earliest is not None and appeared is not None and earliest > appeared:
                        raise self._fault(
                            f"incident {incident!r} happens on {edtf}, after {dates.iso(appeared)}, when its source"
                            f" {document!r} appeared; correct date_edtf or published_edtf",
                            *(row.get(name) for name in ("key", *columns, "exact")),
                        )

    def _claim(self, row: Row) -> None:
        field, value = str(row["field"]), row["value"]
        incident = (self._one("SELECT key FROM incident WHERE id = ?", row["incident_id"]) or ("",))[0]
        claim = f"claim of {field} on {incident!r}"
        if row["quote_id"] is None:
            raise self._fault(f"{claim}: it has no quote to rest on; name words that stand in one", value, incident)
        if (
            self._one("SELECT 1 FROM quote WHERE id = ? AND incident_id = ?", row["quote_id"], row["incident_id"])
            is None
        ):
            raise self._fault(f"{claim}: its quote belongs to another incident", value, incident)
        if not isinstance(value, str):
            return
        kind, _, system = field.partition(":")
        if base(field) == "date":
            self._date(value, claim)
        elif kind in KEY_FIELDS:
            self._key(KEY_FIELDS[kind], value, claim, value)
        elif kind in ("killed", "injured", "count") and not (value.isascii() and value.isdigit()):
            raise self._fault(f"{claim}: {value!r} is not a whole number", value)
        if system:
            self._key("system", system, claim, field)

    def _key(self, table: str, key: str, what: str, written: str) -> None:
        if self._one(f"SELECT 1 FROM {table} WHERE key = ?", key) is None:
            keys = [row[0] for row in self._connection.execute(f"SELECT key FROM {table} LIMIT 100000")]
            close = nearest_key(key, keys)
            hint = f"did you mean {close!r}?" if close else f"insert that {table} first, or check the key"
            raise self._fault(f"{what}: no such {table} {key!r}; {hint}", written)

    def _date(self, edtf: object, what: str) -> None:
        if isinstance(edtf, str):
            try:
                dates.parse(edtf)
            except DateError as error:
                raise self._fault(f"{what} {edtf!r}: {error}", edtf) from error

    def _rows(self, table: str, column: str, value: object) -> list[Row]:
        """The rows of a table that have a value."""
        cursor = self._connection.execute(f"SELECT * FROM {table} WHERE {column} = ? ORDER BY id", (value,))
        names = [column[0] for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor]

    def _one(self, sql: str, *values: object) -> tuple[object, ...] | None:
        found: tuple[object, ...] | None = self._connection.execute(sql, values).fetchone()
        return found

    def _fault(self, message: str, *written: object) -> ScriptError:
        """The error at the line that wrote the first of `written` that can be found; else at the first file."""
        for text in written:
            for script in self._scripts:
                if isinstance(text, str) and text in script.literals:
                    return ScriptError(f"{script.path}:{script.literals[text]}: {message}")
        return ScriptError(f"{self._scripts[0].path}: {message}")


def _new(changes: Sequence[Change], table: str, *columns: str) -> list[Row]:
    """The rows of a table that the load has brought, or changed in one of these columns."""
    return [
        change.after
        for change in changes
        if change.table == table
        and change.after is not None
        and (change.before is None or any(change.before[name] != change.after[name] for name in columns))
    ]
