"""The engine for large stores: columns in timeline order, a query is a mask over them.

A store in timeline order is the rows 0 to n - 1.  Facets are columns of codes, days are two columns of numbers; a
filter is a mask, an answer the rows that the mask leaves, and counts are counts of codes under it.  The columns are a
cache of the store: kept in the user's cache folder, brought up to date from the change table, made anew when in doubt.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np

from db import near
from db.connection import one_moment
from db.dates import Day
from db.engine import cache
from db.engine.answer import Answer, Counts, Engine, Flag, Match, Totals, Wants
from db.engine.arrays import Ints
from db.engine.build import build
from db.engine.counting import Counter
from db.engine.dictionary import Dictionary
from db.engine.facet_columns import Rows
from db.engine.facets import FORMS, Vocabulary
from db.engine.masks import Masks, Pair, Sources
from db.engine.memory import give_back
from db.engine.merge import merged
from db.engine.period_columns import PeriodColumns
from db.engine.plain import without_field
from db.engine.postings import StoredPostings, Thresholds, gather
from db.engine.snapshot import Snapshot
from db.engine.stamp import Stamp
from db.engine.text import TextIndex
from db.fields import PERIOD_NAMES
from db.periods import without_dates
from db.query import AnyOf, Near, Query, Value
from db.store import Store

Progress = Callable[[float], None]

SAVED_FROM = 1_000
"""After a merge of so many incidents the cache is written again; fewer are merged again when it is next read."""


WORTH_POSTINGS = 20_000
"""In a smaller store FTS5 alone finds any word in a few milliseconds."""


class ColumnsAnswer(Answer):
    """An answer that looks at its snapshot when it is asked; nothing that is written later changes it."""

    def __init__(
        self,
        query: Query,
        totals: Totals,
        facets: Mapping[str, Counts],
        histogram: list[tuple[int, int]] | None,
        snapshot: Snapshot,
        pair: Pair,
    ) -> None:
        super().__init__(query, totals, facets, histogram)
        self._snapshot = snapshot
        self._pair = pair
        whole = pair.maybe is snapshot.everything.mask
        self._found = None if whole else Rows(pair.maybe)
        self._flagged: dict[Flag, Ints] = {}

    def _ordinal(self, rank: int) -> int:
        return rank if self._found is None else int(self._found.ordinals[rank])

    def _first_rank(self, ordinal: int) -> int:
        """The rank of the first row of the answer that is at `ordinal` or after it."""
        return ordinal if self._found is None else int(np.searchsorted(self._found.ordinals, ordinal))

    def window(self, first: int, n: int) -> list[Match]:
        first = max(0, first)
        last = min(first + n, self.totals.rows)
        if last <= first:
            return []
        ordinals = np.arange(first, last) if self._found is None else self._found.ordinals[first:last]
        ids, sure = self._snapshot.ids.take(ordinals).tolist(), self._pair.sure.take(ordinals).tolist()
        return list(map(Match, ids, sure))

    def ids(self) -> list[int]:
        found = self._snapshot.ids if self._found is None else self._snapshot.ids.take(self._found.ordinals)
        ids: list[int] = found.tolist()
        return ids

    def rank(self, incident_id: int) -> int | None:
        ordinal = self._snapshot.lookup.position(incident_id)
        if ordinal is None or not self._pair.maybe[ordinal]:
            return None
        return self._first_rank(ordinal)

    def near(self, incident_id: int) -> int:
        ordinal = self._snapshot.lookup.position(incident_id)
        return 0 if ordinal is None else max(0, min(self._first_rank(ordinal), self.totals.rows - 1))

    def at(self, day: Day) -> int:
        return self._first_rank(self._snapshot.at(day))

    def day(self, rank: int) -> Day | None:
        return self._snapshot.day(self._ordinal(rank)) if 0 <= rank < self.totals.rows else None

    def seek(self, rank: int, flag: Flag, step: int) -> int | None:
        if flag not in self._flagged:
            rows = np.flatnonzero(self._snapshot.flags[flag] & self._pair.maybe)
            self._flagged[flag] = rows if self._found is None else np.searchsorted(self._found.ordinals, rows)
        ranks = self._flagged[flag]
        at = int(np.searchsorted(ranks, rank + 1)) if step > 0 else int(np.searchsorted(ranks, rank)) - 1
        return int(ranks[at]) if 0 <= at < len(ranks) else None


class ColumnsEngine(Engine):
    """Answers from columns; the store itself is asked only for words that no postings are stored for."""

    def __init__(
        self,
        store: Store,
        *,
        folder: Path | None = None,
        thresholds: Thresholds | None = None,
        progress: Progress | None = None,
        loaded: tuple[Snapshot, Stamp] | None = None,
    ) -> None:
        """Columns from the cache in `folder` (None: the user's) where it fits the store, else from the store itself.

        `thresholds` decide which postings are worth storing; `progress` is told the part done and may raise to stop;
        `loaded` is what was read from the cache already.
        """
        self._connection = store.connection
        self._thresholds = thresholds
        self._worth = WORTH_POSTINGS if thresholds is None else 0
        self._progress = progress
        try:
            self._place: cache.Place | None = cache.Place.of(store.path, folder)
        except OSError:
            self._place = None
        self._version = -1
        self._snapshot: Snapshot | None = loaded[0] if loaded else None
        self._stamp: Stamp | None = loaded[1] if loaded else None
        self._postings: StoredPostings | None = None
        self._vocabularies: dict[tuple[int, str], tuple[Dictionary, Vocabulary]] = {}
        self._points: near.Points | None = None
        self._forms: tuple[int, ...] = ()
        self._months: tuple[Snapshot, PeriodColumns] | None = None
        self._text = TextIndex(self._connection)
        self.use_postings()
        self.refresh()

    @classmethod
    def cached(cls, store: Store, *, folder: Path | None = None) -> ColumnsEngine | None:
        """The engine if its columns can be had from the cache, at once; else None."""
        try:
            place = cache.Place.of(store.path, folder)
        except OSError:
            return None
        with one_moment(store.connection):
            found = cache.load(place, store.connection)
            if found is None or found[1].changed(store.connection, _starred(found[0])) is None:
                return None
        return cls(store, folder=folder, loaded=found)

    def move_to(self, store: Store) -> None:
        """Go on with another connection to the same store: one that was built in a background thread is handed over."""
        self._connection = store.connection
        self._version = -1
        self._text = TextIndex(self._connection)
        self.use_postings()
        self.refresh()

    def use_postings(self) -> None:
        """Make use of the postings in the cache, if there are any by now."""
        if self._postings is not None:
            self._postings.close()
        self._postings = StoredPostings.open(self._place, self._connection) if self._place else None
        self._text.use(self._postings)
        if self._snapshot is not None:
            self._masks = self._new_masks()

    def gather_postings(self, progress: Progress | None = None) -> bool:
        """Gather postings by this engine's own connection, and use them; False when they cannot be kept."""
        kept = self._place is not None and gather_from(self._connection, self._place, self._thresholds, progress)
        self.use_postings()
        return kept

    @property
    def searches_fast(self) -> bool:
        """Whether words are found in a few milliseconds; if not, it is time to gather postings, new ones perhaps."""
        return self._text.postings is not None or self._columns.size < self._worth

    def behind(self) -> bool:
        """Whether so much has changed that `refresh` would read the whole store again."""
        if self._stamp is None or self._snapshot is None:
            return True
        with one_moment(self._connection):
            return self._stamp.changed(self._connection, _starred(self._snapshot)) is None

    def refresh(self) -> bool:
        version = int(self._connection.execute("PRAGMA data_version").fetchone()[0])
        if version == self._version:
            return False
        with one_moment(self._connection):
            version = int(self._connection.execute("PRAGMA data_version").fetchone()[0])
            self._catch_up()
            self._masks = self._new_masks()  # at once: those over older rows must never meet the new ones
            self._text.use(self._postings)
            forms = self._forms_now()
        if forms != self._forms:
            self._forms = forms
            self._forget_names()
        current = {id(facet.dictionary) for facet in self._columns.facets.values()}
        self._vocabularies = {key: kept for key, kept in self._vocabularies.items() if key[0] in current}
        self._version = version  # last, so that what is interrupted before is done again
        return True

    def _catch_up(self) -> None:
        """Bring the columns up to date: from the change table, from a newer cache, or from the store itself."""
        if self._snapshot is not None and self._stamp is not None and self._merge(self._snapshot, self._stamp):
            return
        self._forget_names()
        if self._place is not None:
            found = cache.load(self._place, self._connection)
            if found is not None and self._merge(*found):
                return
        self._snapshot = build(self._connection, self._progress)
        self._stamp = Stamp.of(self._connection)
        if self._place is not None:
            cache.save(self._place, self._connection, self._snapshot, self._stamp)
        give_back()

    def _forget_names(self) -> None:
        self._vocabularies, self._points = {}, None

    def _merge(self, old: Snapshot, stamp: Stamp) -> bool:
        """Go on from columns and the moment they are from; False when that cannot be done, and nothing was done."""
        changed = stamp.changed(self._connection, _starred(old))
        if changed is None:
            return False
        new, now = merged(self._connection, old, changed) if changed else old, Stamp.of(self._connection)
        if new.size != now.incidents:
            return False
        self._snapshot, self._stamp = new, now
        if len(changed) >= SAVED_FROM and self._place is not None:
            cache.save(self._place, self._connection, new, now)
        return True

    @property
    def _columns(self) -> Snapshot:
        assert self._snapshot is not None
        return self._snapshot

    def _new_masks(self) -> Masks:
        return Masks(self._columns, Sources(self._codes, self._text.find, self._centres))

    def answer(self, query: Query, wants: Wants | None = None) -> Answer:
        wants = wants or Wants()
        snapshot = self._columns
        pair = self._masks.of(query.node, query)
        counter = Counter(snapshot)
        certain, possible = counter.totals(pair)
        totals = Totals(certain, possible, snapshot.incidents.size, int(np.count_nonzero(pair.maybe)))
        facets: dict[str, Counts] = {
            name: self._periods(name, query)
            if name in PERIOD_NAMES
            else counter.facet(name, self._masks.of(without_field(query, name), query))
            for name in wants.facets
        }
        histogram = counter.histogram(wants.histogram, pair) if wants.histogram else None
        return ColumnsAnswer(query, totals, facets, histogram, snapshot, pair)

    def _periods(self, name: str, query: Query) -> Counts:
        snapshot, rest = self._columns, self._masks.of(without_dates(query), query)
        if self._months is None or self._months[0] is not snapshot:
            self._months = snapshot, PeriodColumns(snapshot)
        return self._months[1].count(name, *rest, snapshot.incidents, strict=query.certain_date)

    def span(self) -> tuple[Day, Day] | None:
        stands = self._columns.stands
        return (int(stands[0]), int(stands[-1])) if len(stands) else None

    def gaps(self, least: int) -> list[tuple[Day, Day]]:
        stands = self._columns.stands.astype(np.int64)
        wide = np.flatnonzero(np.diff(stands) - 1 >= least)
        return [(int(stands[at]) + 1, int(stands[at + 1]) - 1) for at in wide]

    def values(self, facet: str) -> Sequence[str]:
        if facet in PERIOD_NAMES:
            self._periods(facet, Query(None))
            assert self._months is not None
            return [period.text for period in self._months[1].periods[facet]]
        present = np.flatnonzero(self._columns.totals(facet)[0])
        values = self._columns.facets[facet].dictionary.values
        return sorted(values[at] for at in present.tolist())

    def knows(self, facet: str, asked: Value) -> bool:
        present = self._columns.totals(facet)[0]
        codes = self._columns.facets[facet].dictionary.codes
        return any(present[codes[value] - 1] for value in self._vocabulary(facet).match(asked))

    def _vocabulary(self, facet: str) -> Vocabulary:
        """The forms of a facet's values; facets of the same names share one."""
        dictionary = self._columns.facets[facet].dictionary
        key = (id(dictionary), FORMS.get(facet, ""))
        if key not in self._vocabularies:
            # The dictionary too, so that no other can take its id.
            self._vocabularies[key] = dictionary, Vocabulary(self._connection, facet, dictionary.values)
        return self._vocabularies[key][1]

    def warm_up(self) -> Iterator[None]:
        self._periods(PERIOD_NAMES[0], Query(None))
        yield
        for name, facet in self._columns.facets.items():
            self._columns.totals(name)
            _ = facet.dictionary.ranks, facet.dictionary.codes
            yield
            self._vocabulary(name).match(Value("x*", wildcard=True))
            yield

    def _codes(self, term: AnyOf) -> Ints:
        vocabulary, codes = self._vocabulary(term.field), self._columns.facets[term.field].dictionary.codes
        meant = {value for asked in term.values for value in vocabulary.match(asked)}
        return np.array(sorted(codes[value] for value in meant), np.int64)

    def _centres(self, node: Near) -> list[tuple[float, float]]:
        if self._points is None:
            # Or not at all: the next letter of a query stops the SQL.
            self._points = near.place_points(self._connection)
        return near.centres_of(self._points, node)

    def _forms_now(self) -> tuple[int, ...]:
        """Numbers that differ when a name, key or alias was added; others cannot change without a rebuild."""
        tables = ("country", "place", "actor", "system", "document")
        counts = (
            int(number)
            for table in tables
            for number in self._connection.execute(f"SELECT count(*), coalesce(max(rowid), 0) FROM {table}").fetchone()
        )
        # An alias that was replaced leaves no trace: they are few, and compared themselves.
        aliases = self._connection.execute("SELECT actor_id, alias FROM actor_alias ORDER BY id").fetchall()
        return *counts, hash(tuple(aliases))


def gather_from(
    connection: sqlite3.Connection,
    place: cache.Place,
    thresholds: Thresholds | None = None,
    progress: Progress | None = None,
) -> bool:
    """Gather the postings of a store from one moment of it; False when they cannot be kept."""
    with one_moment(connection):
        kept = gather(place, connection, thresholds, progress)
    give_back()
    return kept


def _starred(snapshot: Snapshot) -> Ints:
    return snapshot.ids[snapshot.flags["starred"]].astype(np.int64)
