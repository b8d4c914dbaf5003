"""What the analyst has changed in imported incidents since they came: read from the log, which has every write."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field

from db import bulk, log
from db.history import Mark, read_mark

OWN_TABLES = ("incident_actor", "incident_system", "quote", "incident_tag")
"""Tables whose rows a source has for an incident, and the analyst may have too."""

OWN_LINES = "jsonl"
"""The format whose files have what people did, where those of all others are a source's."""

_BEGINNING = 10_000
"""Characters of a log row that have the whole of an import's first entry: a file's name has at most 255 bytes."""

_INCIDENT = re.compile(r'"table": "incident", "id": (\d{1,19}),')
"""How a log row names an incident: no unescaped quotation mark stands inside a JSON string."""

_DROPPED = re.compile(rf'"table": "({"|".join(OWN_TABLES)})", "id": (\d{{1,19}}), "row": null')
"""How a log row names, behind, one of what an incident has that is gone."""

_ASIDE = frozenset({"id", "key", "extra", "date_earliest", "date_latest", "date_prec"})
"""Columns that no analyst edits, or that follow from others."""

Row = dict[str, object]
Rows = dict[tuple[str, int], Row]
"""(table, id) → row."""


Came = Callable[[int], bool]
"""Whether the source had something new of the incident since a log row: what is done by then is done against that."""


Chain = list[tuple[object, ...]]
"""A chain of attribution: (step, actor, verb) each, in their order."""


@dataclass(frozen=True, slots=True)
class Lost:
    """A row as it stood before it was changed or deleted by hand."""

    row: Row
    chain: Chain | None = None
    """Where it was deleted, its chain of attribution, empty for what is no quote; None where it was changed."""


@dataclass(slots=True)
class Handwork:
    """The analyst's hand in one incident."""

    columns: Row = field(default_factory=dict)
    """Column of `incident` changed → what stood there before."""
    rows: dict[str, dict[int, int]] = field(default_factory=lambda: {table: {} for table in OWN_TABLES})
    """Table → ids of rows made or changed, each with the log row that did it."""
    gone: dict[str, dict[int, list[Lost]]] = field(default_factory=lambda: {table: {} for table in OWN_TABLES})
    """Table → id → rows as they stood before they were changed or deleted; a number can be given out anew."""
    chains: dict[int, frozenset[str]] = field(default_factory=dict)
    """Id of each quote whose chain of attribution was changed → the steps that were."""

    _chains_gone: dict[int, frozenset[str]] = field(default_factory=dict)
    """What `chains` had of quotes that were deleted since."""
    _since: dict[str, int] = field(default_factory=dict)
    """Column → the log row that changed it first."""

    def _column(self, name: str, before: object, after: object, log_id: int, came: Came) -> None:
        if name not in self.columns:
            if before != after:
                self.columns[name], self._since[name] = before, log_id
        elif self.columns[name] == after and not came(self._since[name]):
            del self.columns[name], self._since[name]  # taken back

    def _taken_out(self, table: str, row_id: int, lost: Lost, came: Came) -> None:
        """A row was deleted, or stands in other words, which `_put_in` is told next."""
        made = self.rows[table].pop(row_id, None)
        stood = self.gone[table].setdefault(row_id, [])
        if lost.chain is not None:
            stood[:] = [Lost(before.row, lost.chain) if before.chain is None else before for before in stood]
            if table == "quote" and (before := self.chains.pop(row_id, None)) is not None:
                self._chains_gone[row_id] = before
        if made is None or came(made):
            stood.append(lost)

    def _dropped(self, table: str, row_id: int) -> None:
        """The source has taken a row out: nobody's hand is in it any more."""
        self.rows[table].pop(row_id, None)
        left = [lost for lost in self.gone[table].pop(row_id, []) if lost.chain is not None]
        if left:
            self.gone[table][row_id] = left
        if table == "quote":
            self.chains.pop(row_id, None)

    def _put_in(self, table: str, row_id: int, row: Row, log_id: int, again: bool) -> None:
        """A row was made, or has other words, or (`again`) came back by an undo."""
        stood = self.gone[table].get(row_id, [])
        if again:
            stood[:] = [Lost(lost.row) for lost in stood]
            if table == "quote" and row_id in self._chains_gone:
                self.chains[row_id] = self._chains_gone.pop(row_id)
        same = next((lost for lost in stood if lost.row == row), None)
        if same is not None:
            stood.remove(same)  # changed back, or put back by undo
        else:
            self.rows[table][row_id] = log_id

    def lost(self, table: str) -> list[Lost]:
        """Rows of a table as they stood before they were changed or deleted."""
        return [lost for rows in self.gone[table].values() for lost in rows]

    def made(self, table: str, row_id: int) -> bool:
        """Whether a row is the analyst's own: made by hand, not changed."""
        return row_id in self.rows[table] and not any(lost.chain is None for lost in self.gone[table].get(row_id, ()))

    def _renumber(self, again: dict[tuple[str, int], int]) -> None:
        """Follow rows that have got other numbers; what was deleted keeps the one that it had."""
        for table, rows in self.rows.items():
            self.rows[table] = {again.get((table, row_id), row_id): made for row_id, made in rows.items()}
            moved: dict[int, list[Lost]] = {}
            for row_id, those in self.gone[table].items():
                now = again.get((table, row_id), row_id)
                for lost in those:
                    if lost.chain is None:
                        moved.setdefault(now, []).append(Lost({**lost.row, "id": now}))
                    else:
                        moved.setdefault(row_id, []).append(lost)
            self.gone[table] = moved
        self.chains = {again.get(("quote", quote_id), quote_id): steps for quote_id, steps in self.chains.items()}


def handwork(connection: sqlite3.Connection, ids: Collection[int]) -> dict[int, Handwork]:
    """Incident id → the analyst's hand in it, for those of `ids` that show one.

    Imports of data sets and their undoing are the source's doing and do not count; neither does what was taken back.
    What Dateline's own JSON lines changed is what a colleague did, or oneself.
    """
    hands = _Hands(connection, set(ids))
    if hands.wanted:
        imports = loads(connection)
        for log_id, after in connection.execute("SELECT id, substr(after, 1, 200) FROM log ORDER BY id").fetchall():
            mark = read_mark(after)
            if (came := came_again(imports, log_id, mark)) is not None:
                hands.begin(bulk.spans(came.get("ids")).get("incident"))
            if not of_a_source(imports.get(log_id if mark is None else mark.of)):
                hands.take(log_id, log.changes_of(connection, log_id), again=mark is not None)
            elif mark is None:
                hands.release(log_id)
    return hands.found


class _Hands:
    """What the log shows, row by row, of some incidents: what was done to one ends with it."""

    def __init__(self, connection: sqlite3.Connection, wanted: set[int]) -> None:
        self._connection = connection
        self.wanted = wanted
        self.releases: list[int] = []
        """Log rows of the imports of data sets so far."""
        self.found: dict[int, Handwork] = {}
        self._released: dict[int, frozenset[object]] = {}
        self._graves: dict[tuple[int, object], Handwork] = {}
        """(id, key) of incidents that are deleted → the hand in them, which comes back where that is undone."""

    def release(self, log_id: int) -> None:
        """A data set was imported: what it took out is no more, and others have got the numbers."""
        self.releases.append(log_id)
        hands = {
            (table, row_id): hand
            for hand in self.found.values()
            for table in OWN_TABLES
            for row_id in (*hand.rows[table], *hand.gone[table])
        }
        if hands:
            (after,) = self._connection.execute("SELECT after FROM log WHERE id = ?", (log_id,)).fetchone()
            for found in _DROPPED.finditer(str(after)):
                table, row_id = found[1], int(found[2])
                if (hand := hands.get((table, row_id))) is not None:
                    hand._dropped(table, row_id)

    def begin(self, span: list[int] | None) -> None:
        """Incidents of these numbers have come: others that had them before are no more."""
        first, last = span or (1, 0)
        self.found = {number: hand for number, hand in self.found.items() if not first <= number <= last}
        self._graves = {grave: hand for grave, hand in self._graves.items() if not first <= grave[0] <= last}

    def take(self, log_id: int, changes: list[log.Change], *, again: bool) -> None:
        """Take the changes of one write; `again` says that it puts back what stood before."""
        gone: dict[int, object] = {}
        back: set[int] = set()
        for change in changes:
            if change.table != "incident" or change.rowid not in self.wanted:
                continue
            if change.before is not None and change.after is not None:
                keys = change.before.get("key"), change.after.get("key")
                if change.another or (again and keys[0] != keys[1]):
                    self._graves[change.rowid, keys[0]] = self.found.pop(change.rowid, Handwork())
                    if again and (grave := self._graves.pop((change.rowid, keys[1]), None)) is not None:
                        self.found[change.rowid] = grave
                    back.add(change.rowid)
                    continue
                came = self._came(change.rowid, log_id, again)
                for name, after in change.after.items():
                    if name not in _ASIDE:
                        self._hand(change.rowid)._column(name, change.before.get(name), after, log_id, came)
            elif change.before is not None:
                gone[change.rowid] = change.before.get("key")
            elif change.after is not None:
                grave = self._graves.pop((change.rowid, change.after.get("key")), None) if again else None
                self.found.pop(change.rowid, None)
                if grave is not None:
                    self.found[change.rowid] = grave
                    back.add(change.rowid)
        self._children(log_id, changes, gone.keys() | back, again)
        for incident_id, key in gone.items():
            self._graves[incident_id, key] = self.found.pop(incident_id, Handwork())

    def _children(self, log_id: int, changes: list[log.Change], passed: set[int], again: bool) -> None:
        """Take the changes of what incidents have, but of those that have gone or come back whole."""
        wanted = self.wanted - passed
        out, put_in, renumbered = _children(changes)
        told = _told(changes) if out else {}
        for (table, row_id), row in out.items():
            if (incident_id := row.get("incident_id")) in wanted:
                deleted = (table, row_id) not in put_in
                lost = Lost(row, (told.get(row_id, []) if table == "quote" else []) if deleted else None)
                self._hand(incident_id)._taken_out(table, row_id, lost, self._came(incident_id, log_id, again))
        if renumbered:
            for hand in self.found.values():
                hand._renumber(renumbered)
        for (table, row_id), row in put_in.items():
            if (incident_id := row.get("incident_id")) in wanted:
                self._hand(incident_id)._put_in(table, row_id, row, log_id, again)
        for quote_id, (before, after) in _rechained(changes, renumbered).items():
            if (("quote", quote_id) in out) != (("quote", quote_id) in put_in):
                continue  # it came or went whole, and another may have its number by now
            of = self._connection.execute("SELECT incident_id FROM quote WHERE id = ?", (quote_id,)).fetchone()
            if of is not None and of[0] in wanted:
                chains = self._hand(of[0]).chains
                if chains.get(quote_id) == after:
                    del chains[quote_id]  # taken back
                else:
                    chains.setdefault(quote_id, before)

    def _came(self, incident_id: object, log_id: int, again: bool) -> Came:
        """For a write of the log: an undo is against nothing that its source has said."""

        def came(since: int) -> bool:
            between = (release for release in self.releases if since < release < log_id)
            return not again and any(incident_id in self._of_release(release) for release in between)

        return came

    def _of_release(self, log_id: int) -> frozenset[object]:
        """Numbers of the incidents that a release has changed, read from its text once."""
        if log_id not in self._released:
            (after,) = self._connection.execute("SELECT after FROM log WHERE id = ?", (log_id,)).fetchone()
            numbers = (int(found[1]) for found in _INCIDENT.finditer(str(after)))
            self._released[log_id] = frozenset(self.wanted.intersection(numbers))
        return self._released[log_id]

    def _hand(self, incident_id: object) -> Handwork:
        return self.found.setdefault(int(str(incident_id)), Handwork())


def came_again(imports: dict[int, dict[str, object]], log_id: int, mark: Mark | None) -> dict[str, object] | None:
    """What tells of the import that a log row is, or brings again; None for any other."""
    if mark is None:
        return imports.get(log_id)
    return imports.get(mark.of) if mark.how == "redo" else None


def of_a_source(load: dict[str, object] | None) -> bool:
    """Whether a load, as its log row tells of it, is of a data set."""
    return load is not None and load.get("format") != OWN_LINES


def _children(changes: list[log.Change]) -> tuple[Rows, Rows, dict[tuple[str, int], int]]:
    """Rows of OWN_TABLES taken out, those put in, and (table, old id) → new id of those that were both.

    JSON lines rewrite an incident whole, as does taking that back: what is put in again as it was is nobody's doing.
    """
    out: Rows = {}
    put_in: Rows = {}
    gone: dict[tuple[str, str], list[int]] = {}
    for change in changes:
        if change.table in OWN_TABLES:
            if change.before is not None:
                out[change.table, change.rowid] = change.before
                gone.setdefault((change.table, _but_id(change.before)), []).append(change.rowid)
            if change.after is not None:
                put_in[change.table, change.rowid] = change.after
    again: dict[tuple[str, int], int] = {}
    for (table, row_id), row in list(put_in.items()) if gone else ():
        if same := gone.get((table, _but_id(row))):
            before = same.pop(0)
            again[table, before] = row_id
            del out[table, before], put_in[table, row_id]
    return out, put_in, again


def _but_id(row: Row) -> str:
    return json.dumps({name: value for name, value in row.items() if name != "id"}, sort_keys=True)


def _told(changes: list[log.Change]) -> dict[object, Chain]:
    """Id of each quote of whose chain of attribution steps are gone → those steps, in their order."""
    found: dict[object, Chain] = {}
    for change in changes:
        if change.table == "attribution" and (row := change.before) is not None:
            found.setdefault(row.get("quote_id"), []).append((row.get("step"), row.get("actor_id"), row.get("verb")))
    return {quote_id: sorted(steps, key=lambda step: int(str(step[0]))) for quote_id, steps in found.items()}


def chain_steps(steps: Iterable[tuple[object, ...]]) -> frozenset[str]:
    """A chain of attribution, (step, actor, verb) each, as `Handwork.chains` has it."""
    return frozenset(_step(dict(zip(("step", "actor_id", "verb"), step, strict=True))) for step in steps)


def _step(row: Row) -> str:
    return _but_id({name: value for name, value in row.items() if name != "quote_id"})


def _rechained(
    changes: list[log.Change], again: dict[tuple[str, int], int]
) -> dict[int, tuple[frozenset[str], frozenset[str]]]:
    """Quotes whose chain of attribution is another after the changes, by their ids then: its steps before and after."""
    before: dict[int, set[str]] = {}
    after: dict[int, set[str]] = {}
    for change in changes:
        if change.table == "attribution":
            for row, chains in ((change.before, before), (change.after, after)):
                quote_id = (row or {}).get("quote_id")
                if row is not None and isinstance(quote_id, int):
                    now = again.get(("quote", quote_id), quote_id) if chains is before else quote_id
                    chains.setdefault(now, set()).add(_step(row))
    both = {q: (frozenset(before.get(q, ())), frozenset(after.get(q, ()))) for q in before.keys() | after.keys()}
    return {quote_id: steps for quote_id, steps in both.items() if steps[0] != steps[1]}


def unlogged(connection: sqlite3.Connection, ids: Iterable[int]) -> int:
    """How many of the incidents did not come by an import of a data set that the log has.

    They came with JSON lines or in a copy, and what was changed in them before that cannot be told from the source's.
    """
    spans = [
        pair
        for entry in loads(connection).values()
        if of_a_source(entry) and (pair := bulk.spans(entry.get("ids")).get("incident"))
    ]
    return sum(not any(first <= incident_id <= last for first, last in spans) for incident_id in ids)


def loads(connection: sqlite3.Connection) -> dict[int, dict[str, object]]:
    """Log id of each import → what its first entry tells of it."""
    found: dict[int, dict[str, object]] = {}
    begins = f'[{{"table": "{bulk.IMPORT}"'
    for log_id, after in connection.execute(
        # Beginnings only: to parse every load for its first entry would cost more than all the rest.
        f"SELECT id, substr(after, 1, {_BEGINNING}) FROM log WHERE substr(before, 1, ?) = ?",
        (len(begins), begins),
    ):
        try:
            entry, _ = json.JSONDecoder().raw_decode(str(after), 1)
        except (ValueError, RecursionError):
            entry = {}
        row = entry.get("row") if isinstance(entry, dict) else None
        found[log_id] = row if isinstance(row, dict) else {}
    return found
