"""What Dateline's own JSON lines may say of each thing, and what a file says besides, for one word about it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from db.formats.json_parts import mark
from db.formats.jsonl import INCIDENT, QUOTE, SHARED, Row

SHOWN = 6
"""How many members or things are told by name before the rest is only counted."""

CLAIM = ("field", "value", "polarity", "rank")

_MEMBERS: Mapping[str, frozenset[str]] = {
    **{table: frozenset({"key", *columns}) for table, columns in SHARED.items()},
    "actor": frozenset({"key", "aliases", *SHARED["actor"]}),
    "incident": frozenset({
        "key", "place", "extra", "actors", "systems", "quotes", "claims", "roots_apart", "notes", "tags", "starred",
        *INCIDENT,
    }),
    "link": frozenset({"from", "to", "kind"}),
    "part of an actor": frozenset({"actor", "role", "attribution"}),
    "part of a system": frozenset({"system", "role", "outcome", "count_low", "count_best", "count_high"}),
    "quote": frozenset({"document", "chain", "claims", *QUOTE}),
    "speaker": frozenset({"actor", "verb"}),
    "claim": frozenset(CLAIM),
    "pair of roots": frozenset({"quotes", "at"}),
    "note": frozenset({"text", "at"}),
}  # fmt: skip
"""Thing → the members that it may have."""

_WITHIN: Mapping[str, Mapping[str, str]] = {
    "incident": {
        "actors": "part of an actor", "systems": "part of a system", "quotes": "quote", "claims": "claim",
        "roots_apart": "pair of roots", "notes": "note",
    },
    "quote": {"chain": "speaker", "claims": "claim"},
}  # fmt: skip
"""Thing → its members that are lists of things, and what each of these is."""


class PassedOver:
    """Counts what the lines of one file say and the store does not take: a later Dateline may have written them."""

    def __init__(self) -> None:
        self._members: Counter[str] = Counter()
        """Of the first SHOWN names; the others are counted under ""."""
        self._others: Counter[str] = Counter()
        """Of shared things that stand twice, the second time otherwise; as above."""
        self._said: dict[tuple[str, str], int] = {}
        """(table, key) → digest of the line that was first to tell of it."""

    def strip(self, thing: str, row: Row) -> None:
        """Take the members that it may not have out of a row, and out of what it holds."""
        members = _MEMBERS.get(thing)
        if members is None:
            return  # the reader refuses it
        if not row.keys() <= members:
            for name in [name for name in row if name not in members]:
                del row[name]
                _count(self._members, f"{name[:40]} of {thing}")
        for name, within in _WITHIN.get(thing, {}).items():
            held = row.get(name)
            for item in held if isinstance(held, list) else ():
                if isinstance(item, dict):
                    self.strip(within, item)

    def tell(self, table: str, key: str, row: Row) -> None:
        """Hear of a shared row; the first line of a key in a file is the one that counts."""
        said = int(mark({name: value for name, value in row.items() if value is not None}), 16)
        if self._said.setdefault((table, key), said) != said:
            _count(self._others, f"{table} {key[:40]}")

    def notes(self) -> list[str]:
        """One line for each kind of thing that was passed over, none where nothing was."""
        found = []
        if self._members:
            found.append(f"members that this Dateline does not know were passed over: {_total(self._members)}")
        if self._others:
            found.append(
                "lines that say something else of what an earlier line has told were passed over:"
                f" {_total(self._others)}"
            )
        return found


def _count(counts: Counter[str], name: str) -> None:
    counts[name if name in counts or len(counts) < SHOWN else ""] += 1


def _total(counts: Counter[str]) -> str:
    named = ", ".join(name for name in counts if name)
    return f"{counts.total():,} ({named}{' and others' if counts[''] else ''})"
