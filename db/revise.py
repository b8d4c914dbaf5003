"""Rewrite incidents whose source has a newer row; every change is captured for the log."""

from __future__ import annotations

import json
import pickle
import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field

from db import full_text
from db.formats.record import Record
from db.handwork import Handwork, chain_steps, handwork, unlogged
from db.known_again import Known, known_again
from db.loading import COLUMNS, CONFLICTS, Loader
from db.names import Names
from db.settle import settle

_Row = tuple[object, ...]

_DERIVED = ("date_earliest", "date_latest", "date_prec")
"""Columns that follow from the date and the documents; `settle` fills them."""

ESTIMATES = tuple(tuple(f"{name}_{part}" for part in ("low", "best", "high")) for name in ("killed", "injured"))
"""The columns of each estimate of an incident, from its low bound to its high one."""

_IDENTITY = {
    "incident_actor": ("actor_id", "role", "attribution"),
    "incident_system": ("system_id", "role", "outcome", "count_low", "count_best", "count_high"),
    "quote": ("document_id", "exact"),
}
"""Table → the columns by which a row of an incident is the one that its source has."""

_REFERENCES = {"actor_id": "actor", "system_id": "system", "document_id": "document", "tag_id": "tag"}
"""Column → the table whose numbers it has."""

_LIKE = {"incident_actor": slice(0, 2), "incident_system": slice(0, 2), "quote": slice(1, 2)}
"""Table → which of them tell that a row is what the analyst took out, though the source tells it otherwise by now."""


@dataclass(slots=True)
class Revised:
    """What a revision did: incidents rewritten, and fields that stayed as the analyst has them."""

    incidents: int = 0
    held: int = 0
    """Fields in which the source has nothing new."""
    conflicts: list[str] = field(default_factory=list)
    """Fields in which it has, "column of key"."""
    apart: list[tuple[int, list[_Row]]] = field(default_factory=list)
    """Quotes of the incident under way whose speakers the analyst has named, and the source's chain by now."""
    unlogged: int = 0
    """Incidents whose changes by hand, before they came into this store, the log does not have."""


class Revisions:
    """Records that differ from what the store has, set aside on disk until the triggers are back."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._count = 0
        connection.execute("CREATE TEMP TABLE IF NOT EXISTS revision (incident_id INTEGER PRIMARY KEY, digest, record)")
        connection.execute("DELETE FROM temp.revision")

    def __len__(self) -> int:
        return self._count

    def add(self, incident_id: int, record: Record) -> None:
        """Set a record aside for the incident that it rewrites."""
        self._count += 1
        # Our own bytes, read again before the transaction ends: pickle meets nothing from outside here.
        blob = pickle.dumps(record, pickle.HIGHEST_PROTOCOL)
        self._connection.execute("INSERT INTO temp.revision VALUES (?, ?, ?)", (incident_id, record.digest, blob))

    def digest(self, incident_id: int) -> str | None:
        """Digest of the record set aside for an incident; None when there is none."""
        found = self._connection.execute("SELECT digest FROM temp.revision WHERE incident_id = ?", (incident_id,))
        return next((str(digest) for (digest,) in found), None)

    def apply(self, names: Names, loader: Loader) -> Revised:
        """Rewrite the incidents with what their source has now, and say what became of them.

        What the analyst did stays: grade, credibility, status, tags, notes, stars, claims, quotes that claims rest on,
        whose roots were said to be apart or that have a place in their text, and every column, actor, system and quote
        that the log knows to be changed by hand.
        """
        done = Revised()
        ids = [i for (i,) in self._connection.execute("SELECT incident_id FROM temp.revision ORDER BY 1")]
        touched = [
            i
            for (i,) in self._connection.execute(
                "SELECT incident_id FROM temp.revision WHERE incident_id IN (SELECT incident_id FROM main.change)"
            )
        ]
        hands = handwork(self._connection, touched)
        rewritten: list[int] = []
        with full_text.quotes_at_once(self._connection, lambda: ids) if ids else nullcontext():
            for incident_id in ids:
                (blob,) = self._connection.execute(
                    "SELECT record FROM temp.revision WHERE incident_id = ?", (incident_id,)
                ).fetchone()
                record: Record = pickle.loads(blob)
                hand = hands.get(incident_id, Handwork())
                if self._rewrite(incident_id, record, names, loader, hand, done):
                    rewritten.append(incident_id)
        self._connection.execute("DELETE FROM temp.revision")
        settle(self._connection, strict=False)
        done.incidents = len(rewritten)
        done.unlogged = unlogged(self._connection, rewritten)
        return done

    def _rewrite(
        self, incident_id: int, record: Record, names: Names, loader: Loader, hand: Handwork, done: Revised
    ) -> bool:
        connection = self._connection
        values = dict(zip(COLUMNS, loader.columns(record), strict=True))
        self._yield_to(hand, incident_id, values, names, done)
        settable = [name for name in COLUMNS if name not in _DERIVED and name in values]
        differs = " OR ".join(f"{name} IS NOT ?" for name in settable)
        new = [values[name] for name in settable]
        children = loader.children(incident_id, record)
        chains: dict[object, list[_Row]] = {}
        for quote_id, *step in children.get("attribution", []):
            chains.setdefault(quote_id, []).append(tuple(step))
        before = connection.total_changes  # counted from here: names that were made above are no change of the incident
        connection.execute(
            f"UPDATE incident SET {', '.join(f'{name} = ?' for name in settable)} WHERE id = ? AND ({differs})",
            (*new, incident_id, *new),
        )
        told = self._chains(incident_id)

        def now(column: str, value: object) -> object:
            return names.now(_REFERENCES[column], value) if column in _REFERENCES else value

        for table, columns in _IDENTITY.items():
            of_quotes = table == "quote"
            given: dict[_Row, _Row] = {}
            for row in children.get(table, []):
                given[(*row[2:], *chains.get(row[0], [])) if of_quotes else row[1:]] = row
            done.held += not of_quotes and bool(hand.lost(table) or hand.rows[table])
            position = '"start" IS NOT NULL' if of_quotes else "0"
            stored: dict[int, _Row] = {
                row_id: tuple(row)
                for row_id, *row in connection.execute(
                    f"SELECT id, {position}, {', '.join(columns)} FROM {table} WHERE incident_id = ?", (incident_id,)
                )
            }
            rows = [
                Known(row_id, row[1:], tuple(told.get(row_id, ())) if of_quotes else ())
                for row_id, row in stored.items()
            ]
            # What the analyst has deleted, or made something else of, does not come back.
            for lost in hand.lost(table):
                number, own = int(str(lost.row["id"])), tuple(now(name, lost.row[name]) for name in columns)
                there = lost.chain is None and number in stored and number in hand.rows[table]
                if lost.chain is not None or stored.get(number, ())[1:] != own:
                    chain = told.get(number, []) if there and of_quotes else lost.chain or []
                    chain = [(step, now("actor_id", actor_id), verb) for step, actor_id, verb in chain]
                    rows.append(Known(number, own, tuple(chain), there, touched=True))
            asked = dict(given)
            known = known_again(rows, given, self._leant_on, like=_LIKE[table])
            by_hand = of_quotes or hand.lost(table) or hand.rows[table]
            if not by_hand and [*(known[at] for at in sorted(known)), *given.values()] != list(asked.values()):
                known, given = {}, asked  # parties of one role are told apart by their order
            for row_id, (placed, *_) in stored.items():
                same = known.get(row_id)
                if same is not None:
                    if of_quotes and not hand.made(table, row_id):
                        self._rechain(row_id, told.get(row_id, []), chains.get(same[0], []), hand, done)
                elif placed or row_id in hand.rows[table]:
                    continue
                elif of_quotes and (row_id in hand.chains or self._leant_on(row_id)):
                    done.held += 1  # what the analyst has hung on it would go with it
                else:
                    connection.execute(f"DELETE FROM {table} WHERE id = ?", (row_id,))
            children[table] = list(given.values())
        self._put_by(incident_id, done)
        made = {row[0] for row in children.get("quote", [])}
        children["attribution"] = [row for row in children.get("attribution", []) if row[0] in made]
        untagged = {now("tag_id", lost.row["tag_id"]) for lost in hand.lost("incident_tag")}
        tags = children.get("incident_tag", [])
        children["incident_tag"] = [row for row in tags if row[1] not in untagged]
        done.held += len(tags) > len(children["incident_tag"])
        loader.insert_children(children)
        return connection.total_changes > before

    def _leant_on(self, quote_id: int) -> bool:
        """Whether a claim, or a word on its root, rests on a quote: that is the analyst's, as no source makes any."""
        found = self._connection.execute(
            "SELECT 1 FROM claim WHERE quote_id = ?1 UNION ALL"
            " SELECT 1 FROM root_dismissal WHERE quote_id = ?1 OR other_id = ?1",
            (quote_id,),
        ).fetchone()
        return found is not None

    def _yield_to(
        self, hand: Handwork, incident_id: int, values: dict[str, object], names: Names, done: Revised
    ) -> None:
        """Take out of `values` the columns that the analyst has changed; what is new in them goes to `extra`."""
        news: dict[str, object] = {}
        for name, before in hand.columns.items():
            if name not in values or name in _DERIVED:
                continue
            theirs = values.pop(name)
            mine = self._stands(incident_id, name)
            if theirs == mine:
                continue
            if theirs == (names.now("place", before) if name == "place_id" else before):
                done.held += 1
                continue
            if name == "place_id":
                found = self._connection.execute("SELECT key FROM place WHERE id = ?", (theirs,)).fetchone()
                name, theirs = "place", found[0] if found else None
            news[name] = theirs
        for estimate in ESTIMATES:
            news |= self._bounds(incident_id, estimate, values)
        if news:
            (key,) = self._connection.execute("SELECT key FROM incident WHERE id = ?", (incident_id,)).fetchone()
            done.conflicts += [f"{name} of {key}" for name in news]
            extra = {**json.loads(str(values["extra"])), CONFLICTS: news}
            values["extra"] = json.dumps(extra, ensure_ascii=False, separators=(",", ":"))

    def _bounds(self, incident_id: int, estimate: Sequence[str], values: dict[str, object]) -> dict[str, object]:
        """Take out of `values` what would bring an estimate out of order of which the analyst has changed a part."""
        theirs = {name: values[name] for name in estimate if name in values}
        if len(theirs) == len(estimate):
            return {}
        stands = {name: self._stands(incident_id, name) for name in estimate}
        if _in_order(stands | theirs) or not _in_order(stands):
            return {}
        for name in theirs:
            del values[name]
        return {name: value for name, value in theirs.items() if value != stands[name]}

    def _stands(self, incident_id: int, name: str) -> object:
        """What stands in a column of an incident."""
        return self._connection.execute(f"SELECT {name} FROM incident WHERE id = ?", (incident_id,)).fetchone()[0]

    def _chains(self, incident_id: int) -> dict[object, list[_Row]]:
        """Id of each quote of an incident that has a chain of attribution → its steps."""
        found: dict[object, list[_Row]] = {}
        for quote_id, *step in self._connection.execute(
            "SELECT quote_id, step, actor_id, verb FROM attribution"
            " WHERE quote_id IN (SELECT id FROM quote WHERE incident_id = ?) ORDER BY quote_id, step",
            (incident_id,),
        ):
            found.setdefault(quote_id, []).append(tuple(step))
        return found

    def _rechain(self, quote_id: int, stands: list[_Row], steps: list[_Row], hand: Handwork, done: Revised) -> None:
        """Give a quote that stands the chain of attribution that the source has now, unless it is the analyst's."""
        if stands == steps:
            return
        if quote_id in hand.chains:
            if hand.chains[quote_id] == chain_steps(steps):
                done.held += 1
            else:
                done.apart.append((quote_id, steps))
            return
        self._connection.execute("DELETE FROM attribution WHERE quote_id = ?", (quote_id,))
        self._connection.executemany(
            "INSERT INTO attribution (quote_id, step, actor_id, verb) VALUES (?, ?, ?, ?)",
            [(quote_id, *step) for step in steps],
        )

    def _put_by(self, incident_id: int, done: Revised) -> None:
        """Put whom the source has speaking now into the incident's `extra`, where the analyst has named others."""
        apart, done.apart = done.apart, []
        if not apart:
            return
        key, extra = self._connection.execute("SELECT key, extra FROM incident WHERE id = ?", (incident_id,)).fetchone()
        told = json.loads(extra)
        told.setdefault(CONFLICTS, {})["speakers"] = [
            {**self._words(quote_id), "speakers": [self._name(actor_id) for _, actor_id, _ in steps]}
            for quote_id, steps in apart
        ]
        self._connection.execute(
            "UPDATE incident SET extra = ? WHERE id = ?",
            (json.dumps(told, ensure_ascii=False, separators=(",", ":")), incident_id),
        )
        done.conflicts += [f"speakers of a quote of {key}"] * len(apart)

    def _words(self, quote_id: int) -> dict[str, str]:
        """What a quote is told by: its words, and the key of its document."""
        sql = "SELECT q.exact, d.key FROM quote AS q JOIN document AS d ON d.id = q.document_id WHERE q.id = ?"
        return dict(zip(("exact", "document"), self._connection.execute(sql, (quote_id,)).fetchone(), strict=True))

    def _name(self, actor_id: object) -> str:
        return str(self._connection.execute("SELECT name FROM actor WHERE id = ?", (actor_id,)).fetchone()[0])


def _in_order(estimate: Mapping[str, object]) -> bool:
    """Whether the bounds of an estimate, low to high, are in order as far as they are known."""
    known = [number for number in estimate.values() if isinstance(number, int)]
    return known == sorted(known)
