"""Facets, flags and numbers from the tables that hang on incidents: actors, systems, quotes with speakers, tags."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import Any

import numpy as np

from db.disputes import disputed_incidents
from db.engine.arrays import Column, Ints, Lookup, Mask, distinct, narrow_signed, root_codes
from db.engine.dictionary import Dictionary
from db.engine.facet_columns import Facet, Slots
from db.engine.reading import Coded, ids, listed, read
from db.engine.snapshot import Snapshot
from db.read import VOICE
from db.verified import verdicts

Facets = dict[str, Facet]
Flags = dict[str, Mask]

_ROLES = ("attacker", "target", "claimant")
Names = list[tuple[Any, ...]]
"""Rows of an id and texts."""


class Relations:
    """Reads those tables for all rows, or for the incidents `among`; ordinals come from `lookup`."""

    def __init__(
        self,
        connection: sqlite3.Connection,
        lookup: Lookup,
        rows: int,
        base: Snapshot | None,
        among: Sequence[int] | None,
    ) -> None:
        self._connection = connection
        self._lookup = lookup
        self._rows = rows
        self._base = base
        self._whole = among is None
        self._where = "" if among is None else f"incident_id IN ({listed(among)})"
        self._among = among

    def _read(
        self, table: str, numbers: Sequence[str], texts: Sequence[str] = ()
    ) -> tuple[Ints, list[Ints], list[Coded]]:
        """Ordinals (-1 where the incident is gone), further numbers, and texts of a table with an incident_id."""
        (owners, *columns), spoken = read(
            self._connection, table, ("incident_id", *numbers), texts, where=self._where, whole=self._whole
        )
        return self._lookup.positions(owners), columns, spoken

    def _dictionary(self, name: str) -> Dictionary:
        return self._base.facets[name].dictionary if self._base else Dictionary()

    def _slots(self, name: str, dictionary: Dictionary, ordinals: Ints, codes: Ints) -> Slots:
        real = ordinals >= 0
        before = self._base.facets[name] if self._base else None
        slots = len(before.slots) if isinstance(before, Slots) else None
        return Slots.of_pairs(dictionary, self._rows, ordinals[real], codes[real], slots)

    def _flag(self, owners: Ints) -> Mask:
        """Whether a row is one of these incidents."""
        flags = np.zeros(self._rows, np.bool_)
        at = self._lookup.positions(owners)
        flags[at[at >= 0]] = True
        return flags

    def _names(self, columns: str, table: str, used: Ints) -> Names:
        """Ids and columns of a table of names: all, or those that are used."""
        clause = "" if self._whole else f" WHERE id IN ({listed(distinct(used).tolist())})"
        return self._connection.execute(f"SELECT id, {columns} FROM {table}{clause} ORDER BY id").fetchall()

    def actors(self, facets: Facets) -> None:
        """actor, attacker, target, claimant."""
        ordinals, (actors, roles), _ = self._read("incident_actor", ("actor_id", _case("role", _ROLES)))
        names = self._names("name", "actor", actors)
        dictionary = self._dictionary("actor").extended(name for _, name in names)
        codes = _codes_of(names, dictionary, actors)
        facets["actor"] = self._slots("actor", dictionary, ordinals, codes)
        for number, role in enumerate(_ROLES, 1):
            picked = roles == number
            facets[role] = self._slots(role, dictionary, ordinals[picked], codes[picked])

    def systems(self, facets: Facets) -> None:
        """weapon, system, outcome; a system stands for the families it is part of, too."""
        ordinals, (systems, weapons), (outcomes,) = self._read(
            "incident_system", ("system_id", "role IN ('munition', 'platform')"), ("outcome",)
        )
        results = self._dictionary("outcome").extended(outcomes.values)
        facets["outcome"] = self._slots("outcome", results, ordinals, results.recode(*outcomes))
        clause = "" if self._whole else f"WHERE id IN ({listed(distinct(systems).tolist())})"
        names = self._connection.execute(
            f"WITH RECURSIVE up (system_id, id, depth) AS (SELECT id, id, 0 FROM system {clause} UNION"
            " SELECT up.system_id, s.part_of, depth + 1 FROM up JOIN system AS s ON s.id = up.id"
            " WHERE s.part_of IS NOT NULL AND depth < 20)"
            " SELECT DISTINCT up.system_id, s.name FROM up JOIN system AS s ON s.id = up.id ORDER BY 1"
        ).fetchall()
        dictionary = self._dictionary("system").extended(name for _, name in names)
        owners = np.array([owner for owner, _ in names], np.int64)
        codes = dictionary.encode(name for _, name in names)
        begins, ends = np.searchsorted(owners, systems), np.searchsorted(owners, systems, side="right")
        each = ends - begins
        pick = np.repeat(begins - np.cumsum(each) + each, each) + np.arange(int(each.sum()))
        at, values, armed = np.repeat(ordinals, each), codes.take(pick), np.repeat(weapons == 1, each)
        facets["system"] = self._slots("system", dictionary, at, values)
        facets["weapon"] = self._slots("weapon", dictionary, at[armed], values[armed])

    def desk(self, facets: Facets, flags: Flags) -> None:
        """What analysts add: tags, stars, notes; and the disputes that their claims make."""
        ordinals, (tags,), _ = self._read("incident_tag", ("tag_id",))
        names = self._names("name", "tag", tags)
        dictionary = self._dictionary("tag").extended(name for _, name in names)
        facets["tag"] = self._slots("tag", dictionary, ordinals, _codes_of(names, dictionary, tags))
        clause = f" WHERE {self._where}" if self._where else ""
        flags["tagged"] = self._flag(ids(self._connection, f"SELECT incident_id AS n FROM incident_tag{clause}"))
        flags["starred"] = self._flag(ids(self._connection, f"SELECT incident_id AS n FROM star{clause}"))
        flags["noted"] = self._flag(ids(self._connection, f"SELECT incident_id AS n FROM note{clause}"))
        disputed = disputed_incidents(self._connection, self._among)
        pairs = [(incident_id, name) for incident_id, fields in disputed.items() for name in fields]
        fields = self._dictionary("disputed").extended(name for _, name in pairs)
        owners = np.array([incident_id for incident_id, _ in pairs], np.int64)
        facets["disputed"] = self._slots(
            "disputed", fields, self._lookup.positions(owners), fields.encode(name for _, name in pairs)
        )
        flags["disputed"] = self._flag(owners)

    def quotes(self, facets: Facets, flags: Flags) -> tuple[Column, Column]:
        """document, publisher, reliability, speaker, unverified; returns numbers of quotes and of distinct roots."""
        ordinals, (quotes, documents, placed), _ = self._read("quote", ("id", "document_id", '"start" IS NOT NULL'))
        records = self._names(
            f"coalesce(nullif(title, ''), key), nullif(publisher, ''), reliability, {VOICE}, text IS NOT NULL",
            "document AS d",
            documents,
        )
        document_ids = np.array([record[0] for record in records], np.int64)
        at = Lookup(document_ids).positions(documents)
        for column, name in enumerate(("document", "publisher", "reliability"), 1):
            values = [record[column] for record in records]
            dictionary = self._dictionary(name).extended(values)
            codes = np.append(dictionary.encode(values), 0)
            facets[name] = self._slots(name, dictionary, ordinals, codes.take(at))
        with_text = np.append(np.array([bool(record[5]) for record in records], np.bool_), True)
        doubted = ~with_text.take(at) | ((placed == 0) & (at >= 0))
        flags["unverified"] = self._misquoted()
        flags["unverified"][ordinals[doubted & (ordinals >= 0)]] = True
        roots = self._speakers(facets, ordinals, quotes, at, [record[4] for record in records])
        counts = np.bincount(ordinals[ordinals >= 0], minlength=self._rows)
        return narrow_signed(counts), narrow_signed(roots)

    def _misquoted(self) -> Mask:
        """Rows with a quote that is not what its document's text has in its place."""
        found = verdicts(self._connection, self._where or "TRUE")
        return self._flag(np.array([incident_id for _, incident_id, right in found if not right], np.int64))

    def _speakers(self, facets: Facets, ordinals: Ints, quotes: Ints, documents: Ints, voices: list[str]) -> Ints:
        """The facet of speakers, and for each row how many distinct roots its quotes have.

        `documents` are indexes into `voices`, what a document speaks as when it quotes nobody; -1 for one that is gone.
        """
        where = f"quote_id IN (SELECT id FROM quote WHERE {self._where})" if self._where else ""
        (of_quote, steps, actors), _ = read(
            self._connection, "attribution", ("quote_id", "step", "actor_id"), where=where, whole=self._whole
        )
        names = self._names("name", "actor", actors)
        dictionary = self._dictionary("speaker").extended([*(name for _, name in names), *voices])
        spoken = _codes_of(names, dictionary, actors)
        quote = Lookup(quotes).positions(of_quote)
        quoting = np.zeros(len(quotes), np.bool_)
        quoting[quote[quote >= 0]] = True
        spoken, quote, steps = (column[quote >= 0] for column in (spoken, quote, steps))
        voice = np.append(dictionary.encode(voices), 0).take(documents)
        facets["speaker"] = self._slots(
            "speaker",
            dictionary,
            np.concatenate([ordinals.take(quote), ordinals[~quoting]]),
            np.concatenate([spoken, voice[~quoting]]),
        )
        there = spoken > 0
        roots = root_codes(voice, quote[there], steps[there], spoken[there])
        counted = (documents >= 0) & (ordinals >= 0)
        width = len(dictionary) + 1
        each = distinct(ordinals[counted] * width + roots[counted]) // width
        return np.bincount(each, minlength=self._rows)


def _case(column: str, values: Sequence[str]) -> str:
    """SQL that gives 1 for the first of `values`, 2 for the second ... and 0 for any other."""
    return f"CASE {column} {' '.join(f'''WHEN '{value}' THEN {n}''' for n, value in enumerate(values, 1))} ELSE 0 END"


def _codes_of(names: Names, dictionary: Dictionary, used: Ints) -> Ints:
    """The code of each used id by its name; 0 for an id without one."""
    codes = np.append(dictionary.encode(record[1] for record in names), 0)
    return codes.take(Lookup(np.array([record[0] for record in names], np.int64)).positions(used))
