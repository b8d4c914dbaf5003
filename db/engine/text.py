"""Which incidents have a word or a phrase: from FTS5, or from stored postings where those have what FTS5 would find."""

from __future__ import annotations

import sqlite3
from collections import OrderedDict
from typing import Protocol

import numpy as np

from db.engine.arrays import Ints
from db.engine.reading import ids, listed
from db.query import Words, fts

_TOKENS_KEPT = 4_096

TOUCHED_AT_MOST = 500
"""With more incidents than this written to since the postings were gathered, FTS5 answers alone: it has to be asked
about each of those one by one, which then costs as much as asking it about all."""


class Postings(Protocol):
    """Stored postings: for frequent words and beginnings the ids of the incidents that had them at some moment."""

    @property
    def seq(self) -> int:
        """The last number of the change table at that moment."""

    @property
    def highest(self) -> int:
        """The highest id of an incident at that moment."""

    def ids(self, token: str, *, prefix: bool) -> Ints | None:
        """The ids stored for a token, or for all tokens that begin with it; None when there is nothing stored."""


class Tokenizer:
    """FTS5's own tokens of a text: an empty table in memory, made by the store's own statement, cuts it."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        (statement,) = connection.execute("SELECT sql FROM sqlite_master WHERE name = 'incident_text'").fetchone()
        self._connection = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
        self._connection.execute(statement)
        self._connection.execute("CREATE VIRTUAL TABLE token USING fts5vocab (incident_text, instance)")
        self._kept: OrderedDict[str, tuple[str, ...]] = OrderedDict()

    def tokens(self, text: str) -> tuple[str, ...]:
        """The tokens of a text, in order."""
        if text not in self._kept:
            self._connection.execute("BEGIN")
            self._connection.execute("INSERT INTO incident_text (rowid, title) VALUES (1, ?)", (text,))
            found = self._connection.execute("SELECT term FROM token ORDER BY offset").fetchall()
            self._connection.execute("ROLLBACK")
            self._kept[text] = tuple(term for (term,) in found)
            if len(self._kept) > _TOKENS_KEPT:
                self._kept.popitem(last=False)
        return self._kept[text]


class TextIndex:
    """Finds words in one store, as they stand there now."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._postings: Postings | None = None
        self._tokenizer: Tokenizer | None = None
        self._touched: Ints = np.empty(0, np.int64)
        self._newer = False

    @property
    def postings(self) -> Postings | None:
        """The postings that are made use of."""
        return self._postings

    def use(self, postings: Postings | None) -> None:
        """Make use of postings from now on, with what was written since; too much of that, and they are not used."""
        self._postings = None
        if postings is None:
            return
        touched = ids(
            self._connection,
            f"SELECT incident_id AS n FROM change WHERE seq > {postings.seq} AND incident_id <> 0"
            f" AND incident_id <= {postings.highest} LIMIT {TOUCHED_AT_MOST + 1}",
        )
        if len(touched) > TOUCHED_AT_MOST:
            return
        self._postings, self._touched = postings, touched
        newest = self._connection.execute("SELECT coalesce(max(id), 0) FROM incident").fetchone()[0]
        self._newer = newest > postings.highest
        if self._tokenizer is None:
            self._tokenizer = Tokenizer(self._connection)

    def find(self, words: Words) -> Ints:
        """The ids of the incidents that have the words, exactly those that FTS5 finds; some may be gone by now."""
        stored = self._stored(words)
        if stored is None:
            return self._match(words, "")
        parts = [stored]
        if len(self._touched):
            touched = listed(self._touched.tolist())
            parts = [stored[~np.isin(stored, self._touched)], self._match(words, f"AND rowid IN ({touched})")]
        if self._newer and self._postings is not None:
            parts.append(self._match(words, f"AND rowid > {self._postings.highest}"))
        return parts[0] if len(parts) == 1 else np.concatenate(parts)

    def _stored(self, words: Words) -> Ints | None:
        if self._postings is None or self._tokenizer is None:
            return None
        tokens = self._tokenizer.tokens(" ".join(words.words))
        return self._postings.ids(tokens[0], prefix=words.prefix) if len(tokens) == 1 else None

    def _match(self, words: Words, more: str) -> Ints:
        (text,) = self._connection.execute(
            f"SELECT group_concat(rowid) FROM incident_text WHERE incident_text MATCH ? {more}", (fts(words),)
        ).fetchone()
        return np.empty(0, np.int64) if text is None else np.fromstring(text, np.int64, sep=",")
