"""The analyst's pick of a field: one claim is preferred, the incident takes its value, the log the reason."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

from db import dates, log, terms
from db.errors import DateError, UsageError
from db.history import history
from db.ledger import DEFENCES
from db.settle import settle
from db.store import Store

OUTCOMES = tuple(terms.OUTCOME)

MOST_DIGITS = 18
"""Digits that surely fit in SQLite's integers."""


def pick(store: Store, claim_id: int, reason: str) -> None:
    """Make a claim's value the pick of its field, in one logged write whose words end with the reason.

    The claim becomes preferred and the others of its field that were are normal again.  Date, place, event type,
    damage, killed, injured, and a system's outcome and number (as a defence, where it is one) are set on the incident
    too; of other fields the rank alone changes.  Raises UsageError, with nothing written, without a reason, where the
    claim has no value that the incident could take, or where it is the pick already: no row would tell of the reason.
    """
    why = " ".join(reason.split())
    if not why:
        raise UsageError("say in a few words why this value is the pick: the log keeps the reason")
    with store.write() as connection:
        claim = _claim(connection, claim_id)
        store.what = f"pick {claim.field} {claim.value} of {claim.incident_key}: {why}"
        connection.execute(
            "UPDATE claim SET rank = 'normal' WHERE incident_id = ? AND field = ? AND rank = 'preferred' AND id <> ?",
            (claim.incident_id, claim.field, claim_id),
        )
        connection.execute("UPDATE claim SET rank = 'preferred' WHERE id = ?", (claim_id,))
        _take_over(connection, claim)
        settle(connection, strict=False)
        if not log.captured(connection):
            raise UsageError(
                f"{claim.field} {claim.value} is the pick already, so this reason is not kept; a note can keep it"
            )


@dataclass(frozen=True, slots=True)
class Pick:
    """A pick as the log tells of it."""

    claim_id: int
    value: str
    why: str
    who: str
    at: str


def picks(connection: sqlite3.Connection, incident_id: int) -> dict[str, Pick]:
    """Field → the newest pick of it for an incident that the log tells of and that stands, with its reason.

    Whose claim it was and which value it gave is told by the rows that the write changed, not by its words.
    """
    past = history(connection)
    (key,) = connection.execute("SELECT key FROM incident WHERE id = ?", (incident_id,)).fetchone() or ("",)
    found = {}
    for seq, at, who, what in connection.execute(
        "SELECT id, at, who, what FROM log WHERE what >= 'pick ' AND what < 'pick!' ORDER BY id"
    ).fetchall():
        if past.hides(seq):
            continue
        for change in log.changes_of(connection, seq):
            row = change.after or {}
            if change.table != "claim" or row.get("rank") != "preferred" or row.get("incident_id") != incident_id:
                continue
            head = f"pick {row.get('field')} {row.get('value')} of "
            rest = what[len(head) :]
            # The incident had another key then, if it is not this one.
            _, parted, why = ("", ": ", rest[len(key) + 2 :]) if rest.startswith(f"{key}: ") else rest.partition(": ")
            # A number can be given out anew: the claim that has it now is another then.
            same = "SELECT 1 FROM claim WHERE id = ? AND incident_id = ? AND field = ? AND value = ?"
            own = (change.rowid, incident_id, row.get("field"), row.get("value"))
            if what.startswith(head) and parted and connection.execute(same, own).fetchone() is not None:
                found[str(row["field"])] = Pick(change.rowid, str(row["value"]), why, who, at)
    return found


@dataclass(frozen=True, slots=True)
class _Claim:
    """A claim that can be picked, with its incident."""

    incident_id: int
    incident_key: str
    field: str
    value: str


def _claim(connection: sqlite3.Connection, claim_id: int) -> _Claim:
    found = connection.execute(
        "SELECT c.incident_id, i.key, c.field, c.value, c.polarity FROM claim AS c"
        " JOIN incident AS i ON i.id = c.incident_id WHERE c.id = ?",
        (claim_id,),
    ).fetchone()
    if found is None:
        raise UsageError("that claim is gone; read the store anew")
    incident_id, key, field, value, polarity = found
    if polarity != "asserts":
        raise UsageError(f"a claim that {polarity} gives no value to take over; pick one that asserts")
    if value is None:
        raise UsageError("this claim names no value to take over")
    return _Claim(incident_id, key, field, value)


def _take_over(connection: sqlite3.Connection, claim: _Claim) -> None:
    """Set what the incident itself has for the field, where it has a column for it."""
    head, _, system = claim.field.partition(":")
    match head:
        case "date":
            try:
                dates.parse(claim.value)
            except DateError as error:
                raise UsageError(f"{claim.value!r} is not a date that the incident could take: {error}") from error
            _set(connection, claim, "date_edtf", claim.value)
        case "place":
            place = connection.execute("SELECT id FROM place WHERE key = ?", (claim.value,)).fetchone()
            if place is None:
                raise UsageError(f"no place has the key {claim.value!r}; add the place first")
            _set(connection, claim, "place_id", place[0])
        case "event_type" | "damage":
            _set(connection, claim, head, claim.value)
        case "killed" | "injured":
            _set_best(connection, "incident", head, "id = :incident", claim)
        case "outcome" if system:
            if claim.value not in OUTCOMES:
                raise UsageError(f"{claim.value!r} is no outcome; there are {', '.join(OUTCOMES)}")
            connection.execute(
                f"UPDATE incident_system SET outcome = :value WHERE {_USE}",
                {"value": claim.value, "incident": claim.incident_id, "system": system},
            )
        case "count" if system:
            _set_best(connection, "incident_system", "count", _USE, claim)


_DEFENDS = f"role IN ({', '.join(repr(role) for role in DEFENCES)})"

_OF_SYSTEM = "incident_id = :incident AND system_id = (SELECT id FROM system WHERE key = :system)"

_USE = (
    f"{_OF_SYSTEM} AND ({_DEFENDS}"
    f" OR NOT EXISTS (SELECT 1 FROM incident_system AS d WHERE {_OF_SYSTEM} AND d.{_DEFENDS}))"
)
"""SQL: a system's part that a claim is about; one that is a weapon as well as a defence is claimed as a defence."""


def _set(connection: sqlite3.Connection, claim: _Claim, column: str, value: object) -> None:
    connection.execute(f"UPDATE incident SET {column} = ? WHERE id = ?", (value, claim.incident_id))


def _set_best(connection: sqlite3.Connection, table: str, name: str, where: str, claim: _Claim) -> None:
    """Set the best estimate; bounds that are known are widened to hold it, unknown ones stay unknown."""
    if not (claim.value.isascii() and claim.value.isdigit() and len(claim.value) <= MOST_DIGITS):
        raise UsageError(f"{claim.value!r} is not a whole number that the incident could take")
    connection.execute(
        f"UPDATE {table} SET {name}_best = :best, {name}_low = min({name}_low, :best),"
        f" {name}_high = max({name}_high, :best) WHERE {where}",
        {
            "best": int(claim.value),
            "incident": claim.incident_id,
            "system": claim.field.partition(":")[2],
        },
    )
