"""Leave one out: what would become of every incident if a document, a speaker or all below a grade had not spoken.

What an incident rests on, exactly: its quotes, and nothing else.  A quote falls with its document; with any speaker
in its chain, for his words came by way of him; and with a speaker in whose own voice its document speaks.  Claims fall
with their quote, those without a quote stay.  An incident that has quotes and loses all of them vanishes, whatever
claims without a quote it has, for nobody is known to have said them; one that has no quote never does.  The analyst's
own columns (his estimates, his date) stay as they are: of killed and injured it is the range that sources claim that
changes.
"""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from db.disputes import Kinship, Said, disputed_fields
from db.engine.arrays import Ints, Lookup, Mask, distinct, root_codes
from db.engine.reading import listed, read
from db.picking import MOST_DIGITS
from db.read import VOICE

Fate = Literal["vanishes", "single-source", "changes"]
FATES: tuple[Fate, ...] = ("vanishes", "single-source", "changes")

Claimed = tuple[int, int] | None
"""The lowest and the highest number that anyone claims; None when nobody does."""

SCALE = "ABCDE"
"""The Admiralty code's scale of reliability; F says that a source cannot be judged, so it is on no scale."""

_LISTED = 5_000
"""With more incidents than this, claims are read whole and sorted out here."""


@dataclass(frozen=True, slots=True)
class Dropped:
    """What is left out: documents by key, speakers by name, documents graded below `below`, and those not graded."""

    documents: frozenset[str] = frozenset()
    speakers: frozenset[str] = frozenset()
    below: str | None = None
    """A to E: documents of a worse reliability on the scale; F and no grade at all are not below anything."""
    ungraded: bool = False
    """Documents of the reliability F (cannot be judged), or without one."""
    label: str | None = None
    """How people call it, where that is known better."""
    asked: str | None = None
    """The one name that means all of `speakers`, where there is one."""

    @property
    def words(self) -> str:
        """What is left out, in words."""
        if self.label is not None:
            return self.label
        parts = [*sorted(self.documents), *sorted(self.speakers)]
        parts += [f"everything below {self.below}"] if self.below else []
        parts += ["everything not graded"] if self.ungraded else []
        return ", ".join(parts) or "nothing"


@dataclass(frozen=True, slots=True)
class Standing:
    """The numbers that an incident's sources give it."""

    quotes: int
    documents: int
    roots: int
    killed: Claimed = None
    injured: Claimed = None
    disputed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Effect:
    """What becomes of one incident."""

    id: int
    fate: Fate
    before: Standing
    after: Standing


@dataclass(frozen=True, slots=True)
class Tally:
    """How many incidents meet each fate, each counted once; aggregates and context with any of them are `beside`."""

    vanish: int
    single_source: int
    change: int
    beside: int

    @property
    def words(self) -> str:
        """The counts in words: "3 vanish, 2 single-source, 4 change"."""
        text = f"{self.vanish:,} vanish, {self.single_source:,} single-source, {self.change:,} change"
        return f"{text} (+ {self.beside:,} context)" if self.beside else text


_Said = dict[int, tuple[Claimed, Claimed, tuple[str, ...]]]
"""Incident → its claimed ranges of killed and injured, and its disputed fields."""


class Difference:
    """The effects of leaving something out, kept as columns: `ids` ascending, one row each."""

    def __init__(
        self,
        dropped: Dropped,
        ids: Ints,
        fates: Ints,
        counted: Mask,
        before: Ints,
        after: Ints,
        said: tuple[_Said, _Said],
    ) -> None:
        """`before`, `after`: a row for quotes, documents, roots; `said`: what claims give before and after."""
        self.dropped = dropped
        self.ids = ids
        self._fates = fates
        self._counted = counted
        self._before = before
        self._after = after
        self._said = said

    def __len__(self) -> int:
        return len(self.ids)

    def effect(self, incident_id: int) -> Effect | None:
        """What becomes of an incident, None when nothing does."""
        at = int(np.searchsorted(self.ids, incident_id))
        return self._effect(at) if at < len(self.ids) and self.ids[at] == incident_id else None

    def fate(self, incident_id: int) -> Fate | None:
        """The fate of an incident alone, None when nothing becomes of it."""
        at = int(np.searchsorted(self.ids, incident_id))
        return FATES[self._fates[at]] if at < len(self.ids) and self.ids[at] == incident_id else None

    def effects(self) -> Iterator[Effect]:
        """All effects, by id."""
        return map(self._effect, range(len(self.ids)))

    def tally(self, among: Sequence[int] | None = None) -> Tally:
        """Counts over all incidents, or over those `among` them."""
        shown = np.ones(len(self.ids), np.bool_) if among is None else np.isin(self.ids, np.asarray(among, np.int64))
        counts = [int(np.count_nonzero(shown & self._counted & (self._fates == fate))) for fate in range(len(FATES))]
        return Tally(counts[0], counts[1], counts[2], int(np.count_nonzero(shown & ~self._counted)))

    def ranks(self, among: Sequence[int], fate: Fate | None = None, *, counted: bool | None = None) -> list[int]:
        """The positions in `among` of what something becomes of; of one `fate`, and `counted` or not, where given."""
        kept = np.ones(len(self.ids), np.bool_)
        if fate is not None:
            kept &= self._fates == FATES.index(fate)
        if counted is not None:
            kept &= self._counted == counted
        found: list[int] = np.flatnonzero(np.isin(np.asarray(among, np.int64), self.ids[kept])).tolist()
        return found

    def _effect(self, at: int) -> Effect:
        incident_id = int(self.ids[at])
        before, after = (
            _standing(numbers[:, at].tolist(), said.get(incident_id, (None, None, ())))
            for numbers, said in zip((self._before, self._after), self._said, strict=True)
        )
        return Effect(incident_id, FATES[self._fates[at]], before, after)


def _standing(numbers: list[int], said: tuple[Claimed, Claimed, tuple[str, ...]]) -> Standing:
    quotes, documents, roots = numbers
    return Standing(quotes, documents, roots, *said)


def without(connection: sqlite3.Connection, dropped: Dropped) -> Difference:
    """What becomes of every incident of the store without `dropped`."""
    quotes = _Quotes(connection)
    falls = quotes.falling(dropped)
    touched = distinct(quotes.incidents[quotes.real & falls])
    at = Lookup(touched).positions(quotes.incidents)
    mine = quotes.real & (at >= 0)
    before = quotes.numbers(mine, at, len(touched))
    after = quotes.numbers(mine & ~falls, at, len(touched))
    fates = np.full(len(touched), FATES.index("changes"))
    fates[(before[2] > 1) & (after[2] == 1)] = FATES.index("single-source")
    fates[after[0] == 0] = FATES.index("vanishes")
    said = _claims(connection, touched, quotes.ids[mine & falls])
    return Difference(dropped, touched, fates, quotes.counted(touched), before, after, said)


class _Quotes:
    """Every quote of the store as columns, with the code of its root's name."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        (self.incidents, self.ids, documents), _ = read(connection, "quote", ("incident_id", "id", "document_id"))
        (of_quote, steps, actors), _ = read(connection, "attribution", ("quote_id", "step", "actor_id"))
        (everything, counted), _ = read(connection, "incident", ("id", "kind = 'incident'"))
        self._incidents, self._counted = Lookup(everything), counted == 1
        records = connection.execute(
            f"SELECT d.id, d.key, {VOICE}, d.reliability FROM document AS d ORDER BY d.id"
        ).fetchall()
        self._keys = [str(record[1]) for record in records]
        self._reliability = [record[3] for record in records]
        codes: dict[str, int] = {}
        voices = np.array([codes.setdefault(record[2], len(codes)) for record in records], np.int64)
        self._document = Lookup(np.array([record[0] for record in records], np.int64)).positions(documents)
        self.real = self._document >= 0
        # A hand-made store may lack a quote's document or incident, and no count knows such quotes.
        self.real &= self._incidents.positions(self.incidents) >= 0
        known = connection.execute("SELECT id, name FROM actor ORDER BY id").fetchall()
        names = np.array([codes.setdefault(name, len(codes)) for _, name in known], np.int64)
        actor = Lookup(np.array([row for row, _ in known], np.int64)).positions(actors)
        quote = Lookup(self.ids).positions(of_quote)
        there = (actor >= 0) & (quote >= 0)
        self._step_quote = quote[there]
        self._step_name = names.take(actor[there])
        self._quoting = np.zeros(len(self.ids), np.bool_)
        self._quoting[self._step_quote] = True
        self._voice = np.append(voices, -1).take(self._document)
        self.roots = root_codes(self._voice, self._step_quote, steps[there], self._step_name)
        self._codes = codes

    def falling(self, dropped: Dropped) -> Mask:
        """Which quotes fall."""
        worse = SCALE[SCALE.index(dropped.below) + 1 :] if dropped.below else ""
        gone = np.array(
            [
                key in dropped.documents
                or (grade is not None and grade in worse)
                or (dropped.ungraded and (grade is None or grade not in SCALE))
                for key, grade in zip(self._keys, self._reliability, strict=True)
            ]
            + [False],
            np.bool_,
        )
        falls: Mask = gone.take(self._document)
        named = np.array([self._codes[name] for name in dropped.speakers if name in self._codes], np.int64)
        if len(named):
            falls[self._step_quote[np.isin(self._step_name, named)]] = True
            falls |= ~self._quoting & np.isin(self._voice, named)
        return falls

    def numbers(self, mine: Mask, at: Ints, rows: int) -> Ints:
        """Three rows (quotes, different documents, different roots) of a number for each of `rows` incidents."""
        owner = at[mine]
        return np.array(
            [
                np.bincount(owner, minlength=rows),
                _different(owner, self._document[mine], rows),
                _different(owner, self.roots[mine], rows),
            ]
        )

    def counted(self, ids: Ints) -> Mask:
        """Which of these are incidents, not aggregates or context."""
        counted: Mask = self._counted.take(self._incidents.positions(ids))
        return counted


def _different(owner: Ints, value: Ints, rows: int) -> Ints:
    """How many different values each owner has; values are not negative."""
    width = int(value.max(initial=0)) + 1
    return np.bincount(distinct(owner * width + value) // width, minlength=rows)


def _claims(connection: sqlite3.Connection, touched: Ints, fallen: Ints) -> tuple[_Said, _Said]:
    """What the claims of the incidents say before and after; only incidents with claims that can tell are in it."""
    gone = set(fallen.tolist())
    wanted = set(touched.tolist())
    clause = f"incident_id IN ({listed(sorted(wanted))}) AND" if len(wanted) <= _LISTED else ""
    told: dict[int, list[tuple[int | None, Said]]] = defaultdict(list)
    # A dispute takes two claims of one field; a range is of killed and injured alone.
    for incident_id, quote_id, *said in connection.execute(
        "SELECT incident_id, quote_id, field, value, polarity, rank FROM claim"
        f" WHERE {clause} (field IN ('killed', 'injured') OR (incident_id, field) IN"
        f" (SELECT incident_id, field FROM claim {clause and 'WHERE ' + clause[:-4]}"
        " GROUP BY incident_id, field HAVING count(*) > 1))"
    ):
        if incident_id in wanted:
            told[incident_id].append((quote_id, Said(*said)))
    related = Kinship(connection)
    before: _Said = {}
    after: _Said = {}
    for incident_id, claims in told.items():
        before[incident_id] = _said([said for _, said in claims], related)
        after[incident_id] = _said([said for quote_id, said in claims if quote_id not in gone], related)
    return before, after


def _said(claims: list[Said], related: Kinship) -> tuple[Claimed, Claimed, tuple[str, ...]]:
    return _range(claims, "killed"), _range(claims, "injured"), disputed_fields(claims, related)


def _range(claims: Iterable[Said], field: str) -> Claimed:
    numbers = [
        int(claim.value)
        for claim in claims
        if claim.field == field
        and claim.polarity == "asserts"
        and claim.rank != "deprecated"
        and claim.value is not None
        and claim.value.isascii()
        and claim.value.isdigit()
        and len(claim.value) <= MOST_DIGITS
    ]
    return (min(numbers), max(numbers)) if numbers else None


def changes(effect: Effect) -> list[str]:
    """What differs, each in words: "roots 2 → 1", "killed 3–5 → 3", "disputed weapon → nothing"."""
    before, after = effect.before, effect.after
    found = [
        f"{name} {old:,} → {new:,}"
        for name, old, new in (
            ("roots", before.roots, after.roots),
            ("documents", before.documents, after.documents),
            ("quotes", before.quotes, after.quotes),
        )
        if old != new
    ]
    for name, was, now in (("killed", before.killed, after.killed), ("injured", before.injured, after.injured)):
        if was != now:
            found.append(f"{name} {claimed_words(was)} → {claimed_words(now)}")
    if before.disputed != after.disputed:
        found.append(f"disputed {', '.join(before.disputed) or 'nothing'} → {', '.join(after.disputed) or 'nothing'}")
    return found


def claimed_words(claimed: Claimed) -> str:
    """A claimed range in words: "3", "3–5", "unclaimed"."""
    if claimed is None:
        return "unclaimed"
    return f"{claimed[0]:,}" if claimed[0] == claimed[1] else f"{claimed[0]:,}–{claimed[1]:,}"
