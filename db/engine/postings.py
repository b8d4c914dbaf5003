"""Stored postings: for words and beginnings of words that many incidents have, the ids of those incidents.

FTS5 gives them up at some millions a second, too slow for a letter typed in a store of a million, and a roaring bitmap
at some hundred millions.  They are gathered from FTS5 itself, so with its tokens, and hold ids and not ordinals, so
that an incident found late with an early date moves nothing.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Self

import numpy as np
from pyroaring import BitMap

from db.engine.arrays import Ints
from db.engine.cache import FAULTS, Place, discard, fits, origin
from db.engine.container import Container, DamagedError, Writer, writing
from db.engine.reading import ids
from db.engine.stamp import fits_sqlite
from db.engine.text import Tokenizer

Progress = Callable[[float], None]

LONGEST = 24
"""Beginnings longer than this, in characters, are left to FTS5."""

_SLICE = 50_000
"""Ids of a very frequent word are read so many at a time, so that no step holds Python's lock for long."""
_TERMS_A_TIME = 2_000
_VOCABULARY_PART = 0.3
_HIGHEST_ID = 2**32 - 1


@dataclass(frozen=True, slots=True)
class Thresholds:
    """From how many incidents on postings are stored, for a word and for a beginning (with all the words it begins)."""

    word: int
    beginning: int

    @classmethod
    def of(cls, incidents: int) -> Thresholds:
        """Those for a store: what FTS5 answers in a few milliseconds is left to it."""
        word = max(5_000, incidents // 200)
        return cls(word, 4 * word)


class StoredPostings:
    """The postings in a cache file, read one by one as they are asked for."""

    def __init__(self, path: Path) -> None:
        """Open the file; raises DamagedError or OSError."""
        self._path = path
        self._container = Container(path)
        about = self._container.about
        match about.get("seq"), about.get("highest"):
            case int(seq), int(highest) if fits_sqlite(seq) and fits_sqlite(highest):
                self.seq, self.highest = seq, highest
            case _:
                raise DamagedError("postings")

    @classmethod
    def open(cls, place: Place, connection: sqlite3.Connection) -> Self | None:
        """The postings of a store, None when there are none, or none that can be of its past."""
        try:
            found = cls(place.postings)
            if fits(connection, found._container.about):
                return found
            found.close()
        except FileNotFoundError:
            return None
        except FAULTS:
            discard(place.postings)
        return None

    def ids(self, token: str, *, prefix: bool) -> Ints | None:
        """The ids stored for a token, or for all tokens that begin with it; None when there is nothing stored."""
        name = _name(token, prefix=prefix)
        if name not in self._container:
            return None
        try:
            bitmap = BitMap.deserialize(bytes(self._container.read(name)))
        except (DamagedError, OSError, ValueError):
            discard(self._path)
            return None
        return np.array(bitmap.to_array(), np.int64)

    def __len__(self) -> int:
        return sum(1 for _ in self._container)

    def close(self) -> None:
        """Close the file."""
        self._container.close()


def gather(
    place: Place,
    connection: sqlite3.Connection,
    thresholds: Thresholds | None = None,
    progress: Progress | None = None,
) -> bool:
    """Gather the postings of a store into its cache file; False when they cannot be kept.

    The connection should be in a transaction.  `progress` may raise to stop it; then nothing is left behind.
    """
    lowest, highest, incidents = connection.execute(
        "SELECT coalesce(min(id), 0), coalesce(max(id), 0), count(*) FROM incident"
    ).fetchone()
    if lowest < 0 or highest > _HIGHEST_ID:
        return False
    try:
        with writing(place.postings) as writer:
            chosen, tell = thresholds or Thresholds.of(incidents), progress or (lambda _: None)
            _Gathering(connection, writer, highest, chosen, tell).run()
            everything = ids(connection, "SELECT id AS n FROM incident")
            writer.finish({**origin(connection, everything), "highest": highest})
    except OSError:
        return False
    return True


class _Gathering:
    """Walks the vocabulary as a tree of beginnings, reading each word's incidents from FTS5 once."""

    def __init__(
        self, connection: sqlite3.Connection, writer: Writer, highest: int, thresholds: Thresholds, progress: Progress
    ) -> None:
        """`highest` is the highest id of an incident; none is below 0."""
        self._connection = connection
        self._highest = highest
        self._writer = writer
        self._thresholds = thresholds
        self._progress = progress
        self._terms: list[str] = []
        self._totals = np.zeros(1, np.int64)
        self._tokenizer = Tokenizer(connection)

    def run(self) -> None:
        """Read the vocabulary, then write all postings."""
        self._read_vocabulary()
        for begin, end in self._branches(0, len(self._terms), 0):
            self._beginnings(begin, end, 1)

    def _read_vocabulary(self) -> None:
        """All terms in order, and running totals of the numbers of incidents that have them."""
        connection = self._connection
        connection.execute("CREATE VIRTUAL TABLE temp.vocabulary USING fts5vocab (main, incident_text, row)")
        counts: list[int] = []
        try:
            with closing(connection.execute("SELECT term, doc FROM vocabulary")) as cursor:
                while rows := cursor.fetchmany(_TERMS_A_TIME):
                    self._terms += [term for term, _ in rows]
                    counts += [count for _, count in rows]
                    self._progress(_VOCABULARY_PART * _through_alphabet(rows[-1][0]))
        finally:
            connection.execute("DROP TABLE temp.vocabulary")
        self._totals = np.concatenate([[0], np.cumsum(np.array(counts, np.int64))])

    def _total(self, begin: int, end: int) -> int:
        return int(self._totals[end] - self._totals[begin])

    def _beginnings(self, begin: int, end: int, depth: int) -> BitMap | None:
        """The incidents of the terms begin..end, which are all that agree in their first `depth` characters.

        Stores what is frequent.  None when FTS5 cannot be asked for one of the terms.
        """
        if end - begin == 1:
            return self._word(begin, depth)
        shared = _shared(self._terms[begin], self._terms[end - 1])
        if self._total(begin, end) < self._thresholds.beginning or shared >= LONGEST:
            return self._rare(begin, end, shared)
        found: BitMap | None = BitMap()
        for first, last in self._branches(begin, end, shared):
            branch = self._beginnings(first, last, shared + 1)
            found = None if found is None or branch is None else found | branch
        if found is not None:
            self._store([_name(self._terms[begin][:n], prefix=True) for n in range(depth, shared + 1)], found)
        return found

    def _branches(self, begin: int, end: int, shared: int) -> Iterator[tuple[int, int]]:
        """The terms begin..end in runs of the same character at `shared`, with which a term itself may end."""
        for _, run in groupby(range(begin, end), key=lambda at: self._terms[at][shared : shared + 1]):
            at = list(run)
            yield at[0], at[-1] + 1

    def _word(self, at: int, depth: int) -> BitMap | None:
        """The incidents of one term, which alone begins with its first `depth` characters."""
        term, count = self._terms[at], self._total(at, at + 1)
        found = self._read(term, "", count)
        if found is not None:
            names = [_name(term, prefix=False)] if count >= self._thresholds.word else []
            if count >= self._thresholds.beginning:
                names += [_name(term[:n], prefix=True) for n in range(depth, min(len(term), LONGEST) + 1)]
            self._store(names, found)
        self._tell(at + 1)
        return found

    def _rare(self, begin: int, end: int, shared: int) -> BitMap | None:
        """The incidents of terms whose beginning is not stored; frequent ones among them are stored themselves."""
        counts = np.diff(self._totals[begin : end + 1])
        for at in (begin + np.flatnonzero(counts >= self._thresholds.word)).tolist():
            found = self._read(self._terms[at], "", self._total(at, at + 1))
            if found is not None:
                self._store([_name(self._terms[at], prefix=False)], found)
        self._tell(end)
        return self._read(self._terms[begin][:shared], "*", int(counts.sum()))

    def _tell(self, done: int) -> None:
        """Report how much has been read when the terms before `done` are."""
        left = 1 - int(self._totals[done]) / int(self._totals[-1])
        self._progress(1 - (1 - _VOCABULARY_PART) * left)

    def _store(self, names: list[str], found: BitMap) -> None:
        if names:
            found.run_optimize()
            self._writer.add(names[0], found.serialize())
            for name in names[1:]:
                self._writer.alias(name, names[0])

    def _read(self, token: str, star: str, count: int) -> BitMap | None:
        """The incidents, about `count`, that FTS5 finds for a token, with a star for all that begin with it.

        FTS5 cuts its questions as it cuts texts: None when it would make something else of the token.
        """
        if not (token.isascii() and token.isalnum() and token == token.lower()):
            try:
                if self._tokenizer.tokens(token) != (token,):
                    return None
            except UnicodeEncodeError:
                return None
        found = BitMap()
        if count <= 2 * _SLICE:
            return self._add(found, token, star, "")
        step = max(1, (self._highest + 1) * _SLICE // count)
        for first in range(0, self._highest + 1, step):
            self._add(found, token, star, f"AND rowid BETWEEN {first} AND {first + step - 1}")
        return found

    def _add(self, found: BitMap, token: str, star: str, more: str) -> BitMap:
        (text,) = self._connection.execute(
            f"SELECT group_concat(rowid) FROM incident_text WHERE incident_text MATCH ? {more}", (f'"{token}"{star}',)
        ).fetchone()
        if text is not None:
            found |= BitMap(np.fromstring(text, np.int64, sep=",").astype(np.uint32))
        return found


def _name(token: str, *, prefix: bool) -> str:
    """The name of a blob."""
    return f"{token}*" if prefix else f"{token} "


def _shared(a: str, b: str) -> int:
    """How many characters two texts share at their beginnings."""
    return next((at for at, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))


def _through_alphabet(term: str) -> float:
    """Roughly what part of a vocabulary in Latin letters comes before a term, 0 to 1."""
    return min(1.0, max(0.0, (ord(term[0]) - ord("a")) / 26)) if term else 0.0
