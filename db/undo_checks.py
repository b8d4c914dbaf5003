"""What an undo must keep beyond its own rows: what rests on them together with what was written since.

An undo puts back the rows of one write, each as it stood.  What several rows must keep among them (a chain without
gaps, no circle, keys that claims name) can be broken by it all the same, where a later write built on what it takes
away.  Only a later write that stands is held against an undo: what was wrong before the write may be wrong again.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import Any

from db import log
from db.bulk import spans
from db.disputes import KEY_FIELDS, named
from db.handwork import loads
from db.history import History
from db.rings import linked_rings, part_rings
from db.same_as import SAME_AS
from db.same_row import Place
from db.settle import settle_again
from db.stood_beside import stood_beside
from db.written_since import standing

Row = dict[str, object]

# What makes a row another one for a rule.
_LINK = ("from_id", "to_id", "kind")
_DENIAL = ("incident_id", "field", "value", "polarity")
_TEXT = ("text", "text_length")
_POSITION = ("document_id", "start", "exact")


class Later:
    """What was written after a log row and stands; made before the undo, asked after the rows were put back."""

    def __init__(self, connection: sqlite3.Connection, past: History, seq: int) -> None:
        self._connection = connection
        self._past = past
        self._standing = standing(connection, past, seq)
        self._own: set[Place] = set()

    def date_anew(self, changes: Iterable[log.Change], others: Iterable[int] = ()) -> None:
        """Have the intervals follow from the documents that there are now: of incidents put back, and of others."""
        if not self._standing:
            return
        dated = ("date_edtf", "date_earliest", "date_latest", "date_prec")
        put_back = {c.rowid for c in changes if c.table == "incident" and c.before is not None and _other(c, dated)}
        settle_again(self._connection, put_back.union(others))

    def broken(self, changes: list[log.Change]) -> Place | None:
        """A row written since that cannot stand beside what these changes' undo has put back; None where all can."""
        if not self._standing:
            return None
        self._own = {(change.table, change.rowid) for change in changes}
        rules = (
            self._chains,
            self._names_gone,
            self._names_missed,
            self._circles,
            self._linked_circles,
            self._same_and_not,
            self._two_picks,
            self._words_elsewhere,
            self._words_put_back,
        )
        return next((found for rule in rules if (found := rule(changes)) is not None), None)

    # -- what several rows must keep ----------------------------------------------------------------------------------

    def _chains(self, changes: list[log.Change]) -> Place | None:
        """The steps of a quote's chain are numbered 1, 2, 3."""
        sides = (side for c in changes if c.table == "attribution" for side in (c.before, c.after))
        wrong: set[object] = set()
        rows: set[int] = set()
        for quote in {side.get("quote_id") for side in sides if side is not None}:
            steps = self._all("SELECT id, step FROM attribution WHERE quote_id = ?", quote)
            if steps and max(step for _, step in steps) != len(steps):
                wrong.add(quote)
                rows.update(row for row, _ in steps)
        # A later write may have taken a step away as well, so that it is asked for by its quote.
        return self._written("attribution", ("quote_id", "step"), rows, quote_id=wrong)

    def _names_gone(self, changes: list[log.Change]) -> Place | None:
        """What a claim names is there: keys that the undo takes away."""
        gone = {
            (c.table, str(c.after.get("key")))
            for c in changes
            if c.table in KEY_FIELDS.values() and c.after is not None and _other(c, ("key",))
        }
        gone = {name for name in gone if not self._is_there(*name)}
        if not gone:
            return None
        wrong = {row for row, field, value in self._claims() if not gone.isdisjoint(named(field, value))}
        return self._written("claim", ("field", "value"), wrong)

    def _names_missed(self, changes: list[log.Change]) -> Place | None:
        """The same of claims that the undo puts back."""
        missed: dict[str, set[object]] = {}
        for row in _put_back(changes, "claim", ("field", "value")):
            for table, key in named(row.get("field"), row.get("value")):
                if not self._is_there(table, key):
                    missed.setdefault(table, set()).add(key)
        found = (self._written(table, ("key",), key=keys) for table, keys in missed.items())
        return next(filter(None, found), None)

    def _circles(self, changes: list[log.Change]) -> Place | None:
        """Nothing is part of itself."""
        for table in ("actor", "place", "system"):
            back = {row.get("id") for row in _put_back(changes, table, ("part_of",))}
            if not back:
                continue
            for ring in part_rings(self._connection, table):
                found = None if back.isdisjoint(ring) else self._written(table, ("part_of",), ring)
                if found is not None:
                    return found
        return None

    def _linked_circles(self, changes: list[log.Change]) -> Place | None:
        """No incident is part of itself by links."""
        back = _links(changes, "part_of")
        if not back:
            return None
        ring_of: dict[object, int] = {
            at: number for number, ring in enumerate(linked_rings(self._connection)) for at in ring
        }
        closed = {ring_of[start] for start, end in back if start in ring_of and ring_of[start] == ring_of.get(end)}
        wrong = {
            link
            for link, start, end in self._all("SELECT id, from_id, to_id FROM incident_link WHERE kind = 'part_of'")
            if ring_of.get(start) in closed and ring_of.get(start) == ring_of.get(end)
        }
        return self._written("incident_link", _LINK, wrong)

    def _same_and_not(self, changes: list[log.Change]) -> Place | None:
        """Two incidents are not linked as the same and said not to be."""
        said, linked = set[int](), set[int]()
        back = _links(changes, SAME_AS)
        others: dict[object, set[object]] = {}
        for one, other in (*back, *((other, one) for one, other in back)):
            others.setdefault(one, set()).add(other)
        for at, there in others.items():
            denials = self._all(
                "SELECT c.id, i.id FROM claim AS c JOIN incident AS i ON i.key = c.value"
                " WHERE c.incident_id = ? AND c.field = ? AND c.polarity = 'denies'",
                *(at, SAME_AS),
            )
            said.update(claim for claim, other in denials if other in there)
        for row in _put_back(changes, "claim", _DENIAL):
            if (row.get("field"), row.get("polarity")) != (SAME_AS, "denies"):
                continue
            for start, end in (("from_id", "to_id"), ("to_id", "from_id")):
                links = self._all(
                    f"SELECT id FROM incident_link WHERE {start} = ? AND kind = ?"
                    f" AND {end} = (SELECT id FROM incident WHERE key = ?)",
                    *(row.get("incident_id"), SAME_AS, row.get("value")),
                )
                linked.update(link for (link,) in links)
        return self._written("claim", _DENIAL, said) or self._written("incident_link", _LINK, linked)

    def _two_picks(self, changes: list[log.Change]) -> Place | None:
        """A field has one preferred claim, as a pick leaves it."""
        columns = ("incident_id", "field", "rank")
        back: dict[object, dict[object, set[object]]] = {}
        for row in _put_back(changes, "claim", columns):
            if row.get("rank") == "preferred":
                of_incident = back.setdefault(row.get("incident_id"), {})
                of_incident.setdefault(row.get("field"), set()).add(row.get("id"))
        wrong = {
            claim
            for incident, fields in back.items()
            for claim, name in self._all(
                "SELECT id, field FROM claim WHERE incident_id = ? AND rank = 'preferred'", incident
            )
            if fields.get(name, set()) - {claim}
        }
        return self._written("claim", columns, wrong)

    def _words_elsewhere(self, changes: list[log.Change]) -> Place | None:
        """A quote's words stand at its place in the text: of a text that the undo puts back."""
        wrong: set[int] = set()
        for row in _put_back(changes, "document", _TEXT):
            quotes = self._connection.execute(
                'SELECT id, "start", "end", exact FROM quote WHERE document_id = ? AND "start" IS NOT NULL',
                (row.get("id"),),
            )
            there = {quote for quote, *place in quotes if not _fits(row.get("text"), row.get("text_length"), *place)}
            wrong |= self._never_so(changes, row.get("id"), there)
        return self._written("quote", _POSITION, wrong)

    def _words_put_back(self, changes: list[log.Change]) -> Place | None:
        """The same of quotes that the undo puts back."""
        by_document: dict[object, list[Row]] = {}
        for row in _put_back(changes, "quote", _POSITION):
            if row.get("start") is not None:
                by_document.setdefault(row.get("document_id"), []).append(row)
        wrong: set[object] = set()
        for document, quotes in by_document.items():
            for text, length in self._all("SELECT text, text_length FROM document WHERE id = ?", document):
                there = {
                    q.get("id") for q in quotes if not _fits(text, length, q.get("start"), q.get("end"), q.get("exact"))
                }
                if self._never_so(changes, document, there):
                    wrong.add(document)
        return self._written("document", _TEXT, id=wrong)

    def _never_so(self, changes: list[log.Change], document: object, quotes: set[Any]) -> set[int]:
        """Those of the quotes that the log does not have beside the document's text as both are now."""
        if not quotes or not isinstance(document, int):
            return quotes
        return quotes - stood_beside(self._connection, changes, document, quotes)

    # -- what was written since ---------------------------------------------------------------------------------------

    def _written(
        self, table: str, columns: tuple[str, ...], rows: Iterable[int] = (), **about: set[object]
    ) -> Place | None:
        """One of `rows` that a later write brought or changed in some columns, and not the undo; None where none is.

        `about` are values of a column by which rows are asked for that need not be there any more.
        """
        rows = {row for row in rows if (table, row) not in self._own}
        for span in self._spans(table) if rows else ():
            for row in rows:
                if span[0] <= row <= span[1]:
                    return table, row
        for change in self._changes(table) if rows or any(about.values()) else ():
            sides = [side for side in (change.before, change.after) if side is not None]
            meant = change.rowid in rows or any(
                side.get(name) in values for side in sides for name, values in about.items()
            )
            if meant and (table, change.rowid) not in self._own and _other(change, columns):
                return table, change.rowid
        return None

    def _changes(self, table: str) -> Iterator[log.Change]:
        """What later writes changed in the rows of a table, newest first."""
        needle = f'"table": "{table}"'
        for log_id in self._standing:
            told = self._all("SELECT instr(after, ?) FROM log WHERE id = ?", needle, log_id)
            for change in log.changes_of(self._connection, log_id) if told[0][0] else ():
                if change.table == table:
                    yield change

    def _spans(self, table: str) -> list[list[int]]:
        """[first, last] id of the rows of a table that each later import brought."""
        return [there[table] for there in self._brought if table in there]

    @cached_property
    def _brought(self) -> list[dict[str, list[int]]]:
        """Table → [first, last] id, of each import that came later, or was done again later."""
        known = loads(self._connection)
        roots = dict.fromkeys(map(self._past.root, self._standing))
        return [spans(known[root].get("ids")) for root in roots if root in known and root not in self._past.undone]

    def _claims(self) -> Iterator[tuple[int, object, object]]:
        """(id, field, value) of the claims that later writes changed or brought."""
        for row in {change.rowid for change in self._changes("claim")}:
            yield from self._all("SELECT id, field, value FROM claim WHERE id = ?", row)
        for span in self._spans("claim"):
            yield from self._connection.execute("SELECT id, field, value FROM claim WHERE id BETWEEN ? AND ?", span)

    def _is_there(self, table: str, key: str) -> bool:
        return bool(self._all(f"SELECT 1 FROM {table} WHERE key = ?", key))

    def _all(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        return self._connection.execute(sql, values).fetchall()


def _other(change: log.Change, columns: tuple[str, ...]) -> bool:
    """Whether a row came or went, or is another in one of these columns."""
    before, after = change.before, change.after
    return before is None or after is None or any(before.get(name) != after.get(name) for name in columns)


def _put_back(changes: list[log.Change], table: str, columns: tuple[str, ...]) -> list[Row]:
    """The rows of a table that are back, or that have other values in these columns again."""
    return [c.before for c in changes if c.table == table and c.before is not None and _other(c, columns)]


def _links(changes: list[log.Change], kind: str) -> list[tuple[object, object]]:
    """(from, to) of the links of a kind that are back."""
    rows = _put_back(changes, "incident_link", _LINK)
    return [(row.get("from_id"), row.get("to_id")) for row in rows if row.get("kind") == kind]


def _fits(text: object, length: object, start: object, end: object, exact: object) -> bool:
    """Whether a text has a quote's words at its place; one that is not here may be long enough."""
    if isinstance(text, str):
        return isinstance(start, int) and isinstance(end, int) and text[start:end] == exact
    return not (isinstance(length, int) and isinstance(end, int) and end > length)
