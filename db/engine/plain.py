"""The engine in plain Python: all incidents in memory, one pass a query.

It serves small stores, where it costs no import and no cache, and it is the exact reference that the
engine for large stores is tested against.
"""

from __future__ import annotations

import sqlite3
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from db import dates, near
from db.connection import one_moment
from db.dates import Day
from db.engine.answer import Answer, Count, Counts, Engine, Flag, Histogram, ListedCounts, Match, Totals, Wants
from db.engine.facets import COUNTS, FLAGS, Vocabulary, facet_values, heads_of
from db.engine.verdict import Interval, Verdict, all_of, any_of, certainly, during, in_range, opposite
from db.errors import DateError
from db.fields import FACET_NAMES, PERIOD_NAMES
from db.periods import Period, month_of, overlapping, periods, without_dates
from db.query import And, AnyOf, Certain, Is, Near, Node, Not, Number, Or, Query, Value, When, Words, fts
from db.read import ROOT, bounds
from db.verified import verdicts

Key = tuple[bool, Day, bool, tuple[int, ...], bool, Day, int]
"""What the timeline is sorted by; see `sort_key`."""


@dataclass(slots=True)
class Entry:
    """One incident as the engine holds it."""

    id: int
    counted: bool
    key: Key
    earliest: Day | None = None
    latest: Day | None = None
    dated: bool = False
    point: tuple[float, float, float] | None = None
    """Latitude and longitude in degrees, and metres of slack."""
    values: dict[str, tuple[str, ...]] = field(default_factory=dict)
    numbers: dict[str, tuple[int | None, int | None]] = field(default_factory=dict)
    flags: set[str] = field(default_factory=set)


class PlainAnswer(Answer):
    """An answer that holds its matches as a list."""

    def __init__(
        self,
        query: Query,
        totals: Totals,
        facets: Mapping[str, Counts],
        histogram: list[tuple[int, int]] | None,
        found: list[tuple[Entry, bool]],
        everything: Mapping[int, Entry],
    ) -> None:
        super().__init__(query, totals, facets, histogram)
        self._entries = [entry for entry, _ in found]
        self._certain = [certain for _, certain in found]
        self._ranks = {entry.id: rank for rank, entry in enumerate(self._entries)}
        self._everything = everything

    def window(self, first: int, n: int) -> list[Match]:
        first = max(0, first)
        pairs = zip(self._entries[first : first + n], self._certain[first : first + n], strict=True)
        return [Match(entry.id, certain) for entry, certain in pairs]

    def rank(self, incident_id: int) -> int | None:
        return self._ranks.get(incident_id)

    def near(self, incident_id: int) -> int:
        rank = self.rank(incident_id)
        entry = self._everything.get(incident_id)
        if rank is not None or entry is None:
            return rank or 0
        return max(0, min(bisect_left(self._entries, entry.key, key=_key), len(self._entries) - 1))

    def at(self, day: Day) -> int:
        return bisect_left(self._entries, (False, day), key=lambda entry: entry.key[:2])

    def day(self, rank: int) -> Day | None:
        if not 0 <= rank < len(self._entries):
            return None
        undated, day, *_ = self._entries[rank].key
        return None if undated else day

    def seek(self, rank: int, flag: Flag, step: int) -> int | None:
        ranks = range(rank + 1, len(self._entries)) if step > 0 else range(min(rank, len(self._entries)) - 1, -1, -1)
        return next((r for r in ranks if flag in self._entries[r].flags), None)


class PlainEngine(Engine):
    """All incidents as Python objects; a query is one pass over them."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._version = -1
        self._entries: list[Entry] = []
        self._by_id: dict[int, Entry] = {}
        self._words: dict[str, Vocabulary] = {}
        self._values: dict[str, set[str]] = {}
        self._heads: dict[str, dict[str, str]] = {}
        """Facet → value → the spelling that it counts as, for values that differ in case, accents or hyphens alone."""
        self._known_periods: dict[str, list[Period]] = {}
        self._points: near.Points | None = None
        self.refresh()

    def refresh(self) -> bool:
        version = int(self._connection.execute("PRAGMA data_version").fetchone()[0])
        if version == self._version:
            return False
        with one_moment(self._connection):
            self._load()
        self._version = version  # last, so that what fails before is done again
        return True

    def span(self) -> tuple[Day, Day] | None:
        days = self._days()
        return (days[0], days[-1]) if days else None

    def gaps(self, least: int) -> list[tuple[Day, Day]]:
        days = self._days()
        return [(a + 1, b - 1) for a, b in pairwise(days) if b - a - 1 >= least]

    def _days(self) -> list[Day]:
        """The days that rows stand at, in order."""
        return [entry.key[1] for entry in self._entries if not entry.key[0]]

    def values(self, facet: str) -> Sequence[str]:
        if facet in PERIOD_NAMES:
            return [period.text for period in self._known_periods[facet]]
        return sorted(self._values.get(facet, ()))

    def knows(self, facet: str, asked: Value) -> bool:
        return bool(self._words[facet].match(asked))

    def answer(self, query: Query, wants: Wants | None = None) -> Answer:
        wants = wants or Wants()
        verdicts = self._verdicts(query.node, query)
        found = [(e, v is True) for e, v in zip(self._entries, verdicts, strict=True) if v is not False]
        counted = [certain for entry, certain in found if entry.counted]
        totals = Totals(
            certain=sum(counted),
            possible=len(counted) - sum(counted),
            of=sum(entry.counted for entry in self._entries),
            rows=len(found),
        )
        facets = {
            name: self._periods(name, query) if name in PERIOD_NAMES else self._facet(name, query, verdicts)
            for name in wants.facets
        }
        histogram = _histogram(wants.histogram, found) if wants.histogram else None
        return PlainAnswer(query, totals, facets, histogram, found, self._by_id)

    def _facet(self, name: str, query: Query, verdicts: list[Verdict]) -> Counts:
        rest = without_field(query, name)
        if rest is not query.node:
            verdicts = self._verdicts(rest, query)
        certain: Counter[str] = Counter()
        possible: Counter[str] = Counter()
        heads = self._heads[name]
        for entry, verdict in zip(self._entries, verdicts, strict=True):
            if verdict is not False and (entry.counted or name == "kind"):
                values = entry.values.get(name, ())
                counted = {heads.get(value, value) for value in values} if heads else values
                (certain if verdict else possible).update(counted)
        counts = [Count(value, certain[value], possible[value]) for value in certain.keys() | possible.keys()]
        return ListedCounts(sorted(counts, key=lambda c: (-c.certain - c.possible, c.value)))

    def _periods(self, name: str, query: Query) -> Counts:
        """Years or months: what `date:` with each of them would answer beside the rest of the query."""
        known = self._known_periods[name]
        certain: Counter[int] = Counter()
        possible: Counter[int] = Counter()
        for entry, verdict in zip(self._entries, self._verdicts(without_dates(query), query), strict=True):
            if verdict is False or not entry.counted or not entry.dated:
                continue
            backward = entry.earliest is not None and entry.latest is not None and entry.latest < entry.earliest
            bounds = (entry.latest, entry.earliest) if backward else (entry.earliest, entry.latest)
            for at in overlapping(known, *bounds):
                then = during(_interval(entry), known[at].first, known[at].last)
                both = all_of([verdict, certainly(then, query.certain_date, False)])
                if both is not False:
                    (certain if both else possible)[at] += 1
        wanted = sorted(certain.keys() | possible.keys())
        return ListedCounts([Count(known[at].text, certain[at], possible[at]) for at in wanted])

    def _verdicts(self, node: Node | None, query: Query) -> list[Verdict]:
        if node is None:
            return [True] * len(self._entries)
        test = self._test(node, query)
        return [test(entry) for entry in self._entries]

    def _test(self, node: Node, query: Query, negated: bool = False) -> Callable[[Entry], Verdict]:
        """The three-valued test of one node; `negated` says that an odd number of minus signs stand over it."""
        match node:
            case And(nodes):
                tests = [self._test(n, query, negated) for n in nodes]
                return lambda entry: all_of([test(entry) for test in tests])
            case Or(nodes):
                tests = [self._test(n, query, negated) for n in nodes]
                return lambda entry: any_of([test(entry) for test in tests])
            case Not(inner):
                test = self._test(inner, query, not negated)
                return lambda entry: opposite(test(entry))
            case Words():
                ids = self._text(node)
                return lambda entry: entry.id in ids
            case AnyOf(name, values):
                vocabulary = self._words[name]
                meant = {value for asked in values for value in vocabulary.match(asked)}
                return lambda entry: not meant.isdisjoint(entry.values.get(name, ()))
            case Number(name):
                if node.unknown:
                    return lambda entry: name not in entry.numbers
                return lambda entry: in_range(entry.numbers.get(name), node.low, node.high)
            case When():
                strict = query.certain_date
                return lambda entry: certainly(during(_interval(entry), node.earliest, node.latest), strict, negated)
            case Is(flag):
                return lambda entry: flag in entry.flags
            case Near():
                strict = query.certain_place
                test_near = self._near(node)
                return lambda entry: certainly(test_near(entry), strict, negated)
            case Certain():
                return lambda entry: True
        raise AssertionError(f"no such node: {node!r}")

    def _near(self, node: Near) -> Callable[[Entry], Verdict]:
        if self._points is None:
            self._points = near.place_points(self._connection)
        centres = near.centres_of(self._points, node)

        def test(entry: Entry) -> Verdict:
            if entry.point is None:
                return False
            latitude, longitude, slack = entry.point
            return any_of(
                [
                    near.within(near.great_circle_m(latitude, longitude, *centre), slack, node.metres)
                    for centre in centres
                ]
            )

        return test

    def _text(self, words: Words) -> set[int]:
        rows = self._connection.execute("SELECT rowid FROM incident_text WHERE incident_text MATCH ?", (fts(words),))
        return {row[0] for row in rows}

    def _load(self) -> None:
        """Read everything that a query can ask for, in timeline order."""
        by_id: dict[int, Entry] = {}
        for record in self._connection.execute(
            "SELECT i.id, i.key, i.kind, i.date_edtf, i.date_earliest, i.date_latest, i.date_prec,"
            " p.latitude, p.longitude, p.where_prec, p.radius_m"
            " FROM incident AS i LEFT JOIN place AS p ON p.id = i.place_id"
        ).fetchall():
            incident_id, key, kind, edtf, earliest, latest, prec, latitude, longitude, where_prec, radius_m = record
            if edtf is not None and prec is None:
                earliest, latest, prec = bounds(self._connection, incident_id, key, edtf)
            first, last = stored_day(earliest), stored_day(latest)
            entry = Entry(incident_id, kind == "incident", sort_key(edtf, first, last, incident_id), first, last)
            entry.dated = prec is not None
            if latitude is not None and longitude is not None:
                entry.point = (latitude, longitude, near.slack_m(where_prec, radius_m))
            by_id[incident_id] = entry
        self._load_columns(by_id)
        self._by_id = by_id
        self._points = None
        months = {
            month_of(day)
            for entry in by_id.values()
            if entry.dated
            for day in (entry.earliest, entry.latest)
            if day is not None
        }
        self._known_periods = {name: periods(name, months) for name in PERIOD_NAMES}
        self._entries = sorted(by_id.values(), key=_key)

    def _load_columns(self, by_id: dict[int, Entry]) -> None:
        for name in FACET_NAMES:
            values: dict[int, list[str]] = defaultdict(list)
            for incident_id, value in facet_values(self._connection, name):
                if incident_id in by_id:  # a store may have been written to without its foreign keys
                    values[incident_id].append(value)
            for incident_id, own in values.items():
                by_id[incident_id].values[name] = tuple(dict.fromkeys(own))
            self._values[name] = {value for own in values.values() for value in own}
            self._words[name] = Vocabulary(self._connection, name, self._values[name])
            self._heads[name] = heads_of(
                self._values[name],
                (v for e in by_id.values() if e.counted or name == "kind" for v in e.values.get(name, ())),
            )
        for entry in by_id.values():
            entry.numbers = {"quotes": (0, 0), "roots": (0, 0)}
            if "disputed" in entry.values:
                entry.flags.add("disputed")
        for name, sql in {**COUNTS, "roots": ROOTS}.items():
            for incident_id, low, high in self._connection.execute(sql):
                if incident_id in by_id:
                    by_id[incident_id].numbers[name] = (low, high)
        for flag, sql in FLAGS.items():
            for (incident_id,) in self._connection.execute(sql):
                if incident_id in by_id:
                    by_id[incident_id].flags.add(flag)
        for _, incident_id, right in verdicts(self._connection):
            if not right and incident_id in by_id:
                by_id[incident_id].flags.add("unverified")
        for entry in by_id.values():
            if entry.numbers["roots"] == (1, 1):
                entry.flags.add("single-source")


ROOTS = (
    f"SELECT q.incident_id, count(DISTINCT {ROOT}), count(DISTINCT {ROOT})"
    " FROM quote AS q JOIN document AS d ON d.id = q.document_id GROUP BY 1"
)


def sort_key(edtf: str | None, earliest: Day | None, latest: Day | None, incident_id: int) -> Key:
    """STORE's order: first possible day, time of day, last possible day, id.

    What has no first day ("by 8 May") stands at its last one, before what begins there; what has neither comes last.
    """
    time: tuple[int, ...] = ()
    if edtf is not None and "T" in edtf:
        try:
            time = tuple(part for part in dates.parse(edtf).time or () if part is not None)
        except DateError:
            time = ()
    day = earliest if earliest is not None else latest
    undated = day is None
    return (undated, day or 0, earliest is not None, time, latest is None, latest or 0, incident_id)


def without_field(query: Query, name: str) -> Node | None:
    """The query without its own top-level filter on a facet: what the facet's counts are counted over."""
    rest = tuple(
        term
        for term in query.terms
        if not (isinstance(bare := term.node if isinstance(term, Not) else term, AnyOf) and bare.field == name)
    )
    if len(rest) == len(query.terms):
        return query.node
    return And(rest) if len(rest) > 1 else rest[0] if rest else None


def stored_day(text: str | None) -> Day | None:
    """The day of an ISO date; None for none, and for what a hand-made store has in its place: `verify` names it."""
    if text is None:
        return None
    try:
        return dates.day_of_iso(text)
    except (DateError, TypeError, AttributeError):
        return None


def _key(entry: Entry) -> Key:
    return entry.key


def _interval(entry: Entry) -> Interval | None:
    return (entry.earliest, entry.latest) if entry.dated else None


def _histogram(wanted: Histogram, found: list[tuple[Entry, bool]]) -> list[tuple[int, int]]:
    buckets = [[0, 0] for _ in range(len(wanted.edges) - 1)]
    for entry, certain in found:
        undated, day, *_ = entry.key
        at = None if undated or not entry.counted else wanted.bucket(day)
        if at is not None:
            buckets[at][0 if certain else 1] += 1
    return [(certain, possible) for certain, possible in buckets]
