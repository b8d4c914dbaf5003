"""What an incident itself has for the fields of claims, and which claims are the analyst's pick by that."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from db import read, terms
from db.disputes import base
from db.ledger import DEFENCES
from db.model import Claim, Incident, SystemUse

COLUMNS = frozenset({"date", "place", "killed", "injured", "event_type", "damage", "outcome", "count"})
"""Fields whose one value stands in a column of the incident, or of its use of a system."""


class Own:
    """What an incident itself has, ready to be looked up field by field."""

    def __init__(self, incident: Incident) -> None:
        self.system_names = {use.key: use.name for use in incident.systems}
        self._incident = incident
        self._names = self.system_names | {a.actor.key: a.actor.name for a in incident.actors}
        if incident.place is not None:
            self._names[incident.place.key] = incident.place.name
        self._defences = {use.key for use in incident.systems if use.role in DEFENCES}
        self._uses: dict[str, list[SystemUse]] = defaultdict(list)
        for use in incident.systems:
            self._uses[use.key].append(use)
        self._actors: dict[str, list[str]] = defaultdict(list)
        for actor in incident.actors:
            self._actors[actor.role].append(actor.actor.key)

    def values(self, field: str) -> tuple[str, ...]:
        """What the incident has for a field, as claims write it; empty where it has nothing."""
        incident = self._incident
        head, _, key = field.partition(":")
        uses = self._uses.get(key, [])
        uses = [use for use in uses if use.role in DEFENCES] or uses  # a claim is about what it did as a defence
        found: list[str | int | None]
        match head:
            case "date":
                found = [incident.date_edtf]
            case "place":
                found = [incident.place.key if incident.place else None]
            case "killed" | "injured":
                found = [(incident.killed if head == "killed" else incident.injured).best]
            case "event_type":
                found = [incident.event_type]
            case "damage":
                found = [incident.damage]
            case "outcome":
                found = [use.outcome for use in uses]
            case "count":
                found = [use.count.best for use in uses]
            case "weapon":
                found = [use.key for use in incident.systems if use.role in ("munition", "platform")]
            case _:
                found = list(self._actors.get(head, ()))
        return tuple(str(value) for value in found if value is not None)

    def words(self, field: str) -> str | None:
        """What the incident has for a field, in words; None where it has nothing."""
        found = [
            self.value_words(field, value, read.in_words(field, value, self._names.get(value)))
            for value in self.values(field)
        ]
        return ", ".join(found) or None

    def value_words(self, field: str, value: str | None, words: str | None) -> str:
        """A claim's value for people; `words` is what `db.read` made of it."""
        if value is None:
            return "any"
        head, _, key = field.partition(":")
        if head == "outcome":
            return (terms.OUTCOME if key in self._defences else terms.WEAPON_OUTCOME).get(value, value)
        if head == "event_type":
            return value.replace("-", " ")
        return words or value

    def picked(self, field: str, claims: Iterable[Claim]) -> frozenset[int]:
        """The ids of the claims whose value is the analyst's pick of a field.

        The incident's own value decides where it has a column for the field; elsewhere a claim of rank preferred does,
        and without one the incident's actors and systems do.  Denials and claims set aside are never the pick.
        """
        able = [c for c in claims if c.polarity == "asserts" and c.rank != "deprecated" and c.value is not None]
        values = self.values(field)
        preferred = frozenset(claim.id for claim in able if claim.rank == "preferred")
        if preferred and base(field) not in COLUMNS:
            return preferred
        return frozenset(claim.id for claim in able if _as_own(field, claim.value or "") in values)


def _as_own(field: str, value: str) -> str:
    """A claim's value as the incident has it: of a number the digits, without zeros before them."""
    if base(field) in ("killed", "injured", "count") and value.isascii() and value.isdigit():
        return value.lstrip("0") or "0"
    return value
