"""Links between incidents, and the analyst's word that two are not the same: logged writes that can be taken back.

"same as" merges nothing.  Both incidents stay on the timeline, in every count and in every export as they are; each is
marked as the same as the other, and its details count the documents and root speakers of all that are one with it.
Without the link everything is again exactly as it was.

That two are not the same is a claim of the analyst's: of the field "same_as", denied, with the other's key as its value
and no quote.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from db.errors import UsageError
from db.same_as import SAME_AS, group
from db.store import Store

Kind = Literal["same_as", "related", "retaliates", "part_of"]
KINDS: tuple[Kind, ...] = ("same_as", "related", "retaliates", "part_of")

DISTINCT = "distinct"
"""The word for two incidents that are not the same, beside KINDS."""

SYMMETRIC = ("same_as", "related")
"""Kinds that say the same whichever incident is named first."""

FIELD = SAME_AS
"""The field of the claim that denies it."""


def link(store: Store, one: int, other: int, kind: str) -> bool:
    """Link two incidents, or say that they are distinct; False where it stood so already.

    Raises UsageError for an incident with itself, for two that are linked as the same and are to be distinct, and
    nothing is written then.  Linked as the same, they are no longer distinct.
    """
    with store.write() as connection:
        keys = _keys(connection, one, other)
        store.what = _words(keys, kind)
        return _say(connection, keys, one, other, kind)


def speak(store: Store, one: int, other: int, before: str | None, after: str | None) -> bool:
    """Say one thing of two incidents (a kind, DISTINCT, None for nothing) in place of another, in one write.

    False where it stood so already, by another's word.  Raises UsageError, with nothing written, where what was said
    before does not stand any more, or the new word cannot.
    """
    if before is None and after is None:
        return False
    with store.write() as connection:
        keys = _keys(connection, one, other)
        gone = f"unlink {keys[0]} {keys[1]} ({before})"
        store.what = gone if after is None else _words(keys, after) + (f", no longer {before}" if before else "")
        if before is not None and not _take(connection, one, other, before):
            raise UsageError(
                f"{keys[0]} and {keys[1]}: that word ({before}) does not stand any more; find the pairs anew"
            )
        return after is None or _say(connection, keys, one, other, after)


def stands(connection: sqlite3.Connection, one: int, other: int, kind: str) -> bool:
    """Whether something is said of these two themselves: that they are linked so, or distinct."""
    return bool(_denials(connection, one, other) if kind == DISTINCT else _links(connection, one, other, kind))


def _words(keys: tuple[str, str], kind: str) -> str:
    """What the log calls it."""
    return (
        f"say that {keys[0]} and {keys[1]} are not the same" if kind == DISTINCT else f"link {keys[0]} {kind} {keys[1]}"
    )


def _say(connection: sqlite3.Connection, keys: tuple[str, str], one: int, other: int, kind: str) -> bool:
    """`link`, inside a write."""
    if one == other:
        raise UsageError(f"{keys[0]} cannot be linked with itself")
    if kind == DISTINCT:
        if _links(connection, one, other, FIELD):
            raise UsageError(f"{keys[0]} and {keys[1]} are linked as the same; unlink them first")
        if other in group(connection, one):
            raise UsageError(f"{keys[0]} and {keys[1]} are the same by links over others; unlink one of those first")
        if denials := _denials(connection, one, other):
            marks = ",".join(map(str, denials))
            # One that was deprecated says nothing any more: the new word raises it again.
            raised = connection.execute(
                f"UPDATE claim SET rank = 'normal' WHERE id = {denials[0]} AND NOT EXISTS"
                f" (SELECT 1 FROM claim WHERE id IN ({marks}) AND rank <> 'deprecated')"
            )
            return raised.rowcount > 0
        connection.execute(
            "INSERT INTO claim (incident_id, field, value, polarity) VALUES (?, ?, ?, 'denies')", (one, FIELD, keys[1])
        )
        return True
    if kind not in KINDS:
        raise UsageError(f"no link is called {kind!r}; there are {', '.join((*KINDS, DISTINCT))}")
    if kind == "part_of" and _within(connection, other, one):
        raise UsageError(f"{keys[1]} is part of {keys[0]} already, so that cannot be part of it")
    if _links(connection, one, other, kind):
        return False
    if kind == FIELD:
        _refuse_distinct(connection, one, other)
    connection.execute("INSERT INTO incident_link (from_id, to_id, kind) VALUES (?, ?, ?)", (one, other, kind))
    if kind == FIELD:
        _forget(connection, _denials(connection, one, other))
    return True


def _refuse_distinct(connection: sqlite3.Connection, one: int, other: int) -> None:
    """Raise UsageError where a link would make one of two others that are said not to be the same."""
    these, those = group(connection, one), group(connection, other)
    if these == those:
        return
    marks = ",".join(map(str, these | those))
    for denying, denied, key, denied_key in connection.execute(
        "SELECT a.id, b.id, a.key, b.key FROM claim AS c JOIN incident AS a ON a.id = c.incident_id"
        " JOIN incident AS b ON b.key = c.value WHERE c.field = ? AND c.polarity = 'denies' AND c.rank <> 'deprecated'"
        f" AND a.id IN ({marks}) AND b.id IN ({marks}) ORDER BY c.id",
        (FIELD,),
    ):
        if {denying, denied} != {one, other} and (denying in these) != (denied in these):
            raise UsageError(
                f"that would make {key} and {denied_key} the same, which are said to be distinct;"
                f" `dateline unlink {key} {denied_key} --as {DISTINCT}` takes that word back"
            )


def _take(connection: sqlite3.Connection, one: int, other: int, kind: str) -> bool:
    """Take one word back, inside a write; False where it does not stand."""
    if kind == DISTINCT:
        denials = _denials(connection, one, other)
        _forget(connection, denials)
        return bool(denials)
    found = _links(connection, one, other, kind)
    _cut(connection, found)
    return bool(found)


def unlink(store: Store, one: int, other: int, kind: str | None = None) -> list[str]:
    """Take links between two incidents away, of one kind or all, and return their kinds; an empty list where none was.

    `kind` DISTINCT, which must be named, takes back the word that they are not the same.
    """
    with store.write() as connection:
        keys = _keys(connection, one, other)
        if kind == DISTINCT:
            store.what = f"say that {keys[0]} and {keys[1]} may be the same again"
            return [DISTINCT] if _take(connection, one, other, DISTINCT) else []
        found = _links(connection, one, other, kind)
        store.what = f"unlink {keys[0]} {keys[1]} ({', '.join(each for _, each in found)})"
        _cut(connection, found)
    return [each for _, each in found]


@dataclass(frozen=True, slots=True)
class Settled:
    """Pairs of incidents on which the analyst has spoken: linked in any way, the same by others, distinct."""

    pairs: frozenset[tuple[int, int]]
    """(lower id, higher id) of those that were named themselves."""
    group: Mapping[int, int]
    """Incident → the one that stands for all that are the same as it; those of a group are never paired off."""

    def __contains__(self, pair: tuple[int, int]) -> bool:
        one, other = pair
        return (min(pair), max(pair)) in self.pairs or self.group.get(one, one) == self.group.get(other, other)


def settled(connection: sqlite3.Connection) -> Settled:
    """The pairs on which the analyst has spoken."""
    links = connection.execute("SELECT from_id, to_id, kind FROM incident_link").fetchall()
    denied = connection.execute(
        "SELECT c.incident_id, i.id FROM claim AS c JOIN incident AS i ON i.key = c.value"
        " WHERE c.field = ? AND c.polarity = 'denies' AND c.rank <> 'deprecated'",
        (FIELD,),
    ).fetchall()
    pairs = frozenset((min(one, other), max(one, other)) for one, other, *_ in (*links, *denied))
    above: dict[int, int] = {}

    def first(incident_id: int) -> int:
        while (over := above.get(incident_id, incident_id)) != incident_id:
            above[incident_id] = above.get(over, over)  # halves the way for the next
            incident_id = over
        return incident_id

    for one, other, kind in links:
        if kind == SAME_AS:
            above[first(one)] = first(other)
    return Settled(pairs, {incident_id: first(incident_id) for incident_id in list(above)})


def _keys(connection: sqlite3.Connection, one: int, other: int) -> tuple[str, str]:
    found = dict(connection.execute("SELECT id, key FROM incident WHERE id IN (?, ?)", (one, other)).fetchall())
    if len({one, other} - found.keys()):
        raise UsageError("one of the two incidents is gone; read the store anew")
    return found[one], found[other]


def _within(connection: sqlite3.Connection, one: int, other: int) -> bool:
    """Whether an incident is, by links over any number of steps, part of another."""
    found = connection.execute(
        "WITH RECURSIVE up (id) AS (SELECT to_id FROM incident_link WHERE kind = 'part_of' AND from_id = ?"
        " UNION SELECT x.to_id FROM incident_link AS x JOIN up ON x.from_id = up.id WHERE x.kind = 'part_of')"
        " SELECT 1 FROM up WHERE id = ?",
        (one, other),
    ).fetchone()
    return found is not None


def _links(connection: sqlite3.Connection, one: int, other: int, kind: str | None) -> list[tuple[int, str]]:
    """(row id, kind) of the links between two incidents, of one kind or of all; of "retaliates" only one way."""
    rows = connection.execute(
        "SELECT id, kind, from_id FROM incident_link WHERE (from_id = ? AND to_id = ?) OR (from_id = ? AND to_id = ?)"
        " ORDER BY id",
        (one, other, other, one),
    )
    return [
        (row_id, found)
        for row_id, found, start in rows
        if kind is None or (found == kind and (kind in SYMMETRIC or start == one))
    ]


def _denials(connection: sqlite3.Connection, one: int, other: int) -> list[int]:
    """Row ids of the claims that deny that two incidents are the same."""
    return [
        row_id
        for (row_id,) in connection.execute(
            "SELECT c.id FROM claim AS c JOIN incident AS i ON i.key = c.value WHERE c.field = ?"
            " AND c.polarity = 'denies' AND ((c.incident_id = ? AND i.id = ?) OR (c.incident_id = ? AND i.id = ?))",
            (FIELD, one, other, other, one),
        )
    ]


def _cut(connection: sqlite3.Connection, links: list[tuple[int, str]]) -> None:
    connection.executemany("DELETE FROM incident_link WHERE id = ?", [(row_id,) for row_id, _ in links])


def _forget(connection: sqlite3.Connection, claims: list[int]) -> None:
    connection.executemany("DELETE FROM claim WHERE id = ?", [(row_id,) for row_id in claims])
