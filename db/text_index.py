"""Whether the parts of the full text's index fit each other: what a search goes by, and what a change counts with.

FTS5 keeps its words in leaves (`_data`), the first word of each leaf in a guide (`_idx`) that every search goes by, and
the number of words of each row (`_docsize`) and of all (`_data`, row 1), from which every change takes away.  To read
the words from the first to the last needs neither, so that alone does not show that searches and changes work.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from itertools import groupby

from db import schema

_SEGMENT_BITS = 37
_PAGE_BITS = 31
"""A row of `_data` is numbered by its segment, then by what it is (0: a leaf), then by its page."""

_TOTALS = 1
"""The row of `_data` with the numbers of rows and, for each column, of words."""

_COPY = (
    "DROP TABLE IF EXISTS temp.text_there",
    schema.full_text_copy("text_there"),
    *(
        sql
        for part in ("config", "data", "idx", "docsize")
        for sql in (
            f"DELETE FROM temp.text_there_{part}",
            f"INSERT INTO temp.text_there_{part} SELECT * FROM main.incident_text_{part}",
        )
    ),
    "INSERT INTO temp.text_there (text_there) VALUES ('integrity-check')",
    "DROP TABLE temp.text_there",
)
"""FTS5's own check wants to write, so it gets a copy; it leaves out what is asked here before it."""


def faults(connection: sqlite3.Connection) -> Iterator[str]:
    """Yield what is wrong, in words; whether the words are those of the incidents is not asked."""
    try:
        if not _leads(connection):
            yield "its guide does not lead to all words, so searches may miss incidents"
            return
        if not _counts(connection):
            yield "it does not count its words as they are, so changes of titles, summaries and quotes may fail"
            return
        for sql in _COPY:
            connection.execute(sql)
    except (IndexError, TypeError, ValueError):
        yield "its parts are not as SQLite leaves them"
    except sqlite3.DatabaseError as error:
        if getattr(error, "sqlite_errorcode", 0) & 0xFF != sqlite3.SQLITE_CORRUPT:
            raise
        yield f"its parts do not fit each other ({error})"


def _leads(connection: sqlite3.Connection) -> bool:
    """Whether the guide leads to each leaf that begins a word: by a word above all before it, and not above its first.

    IndexError and TypeError where a leaf or the guide is none.
    """
    led = 0
    rows = connection.execute(
        f"SELECT id, block FROM main.incident_text_data WHERE id >= 1 << {_SEGMENT_BITS} ORDER BY id"
    )
    for segment, of_segment in groupby(rows, lambda row: int(row[0]) >> _SEGMENT_BITS):
        leaves = [
            (page, words)
            for rowid, block in of_segment
            if (page := rowid - (segment << _SEGMENT_BITS)) < 1 << _PAGE_BITS
            if (words := _first_and_last(block)) is not None
        ]
        guide = connection.execute(
            "SELECT term, pgno >> 1 FROM main.incident_text_idx WHERE segid = ? ORDER BY term", (segment,)
        ).fetchall()
        led += len(guide)
        # A merge under way takes leaves away from the beginning, and leaves the guide to them.
        gone = 0
        while leaves and gone < len(guide) and guide[gone][1] < leaves[0][0]:
            gone += 1
        if [page for _, page in guide[gone:]] != [page for page, _ in leaves]:
            return False
        before = None
        for (word, _), (_, (first, last)) in zip(guide[gone:], leaves, strict=True):
            if word > first or (before is not None and word <= before):
                return False
            before = last
    (guides,) = connection.execute("SELECT count(*) FROM main.incident_text_idx").fetchone()
    return led == int(guides)


def _first_and_last(block: bytes) -> tuple[bytes, bytes] | None:
    """The first and the last word that begin in a leaf; None where none does, IndexError where it is no leaf.

    Words stand at the offsets that follow the leaf's content, each told by its difference from the one before.
    """
    at = int.from_bytes(block[2:4], "big")
    offset, end, first, word = 0, 0, None, bytearray()
    while at < len(block):
        step, at = _number(block, at)
        offset += step
        kept, start = (0, offset) if first is None else _number(block, offset)
        length, start = _number(block, start)
        if offset < end or kept > len(word):
            raise IndexError  # forged words that overlap could be without end
        end = start + length
        # In place: made anew, long words would be copied for each that differs in a letter.
        del word[kept:]
        word += block[start:end]
        first = bytes(word) if first is None else first
    return None if first is None else (first, bytes(word))


def _counts(connection: sqlite3.Connection) -> bool:
    """Whether the numbers of rows and words are the sums of those of each row; raises as `_leads` does."""
    found = connection.execute(
        f"SELECT block FROM main.incident_text_data WHERE id = {_TOTALS} AND typeof(block) = 'blob'"
    ).fetchone()
    if found is None:
        return False
    sums = [0, 0, 0, 0]
    for (sizes,) in connection.execute("SELECT sz FROM main.incident_text_docsize"):
        sums = [a + b for a, b in zip(sums, (1, *_numbers(sizes)), strict=True)]
    return (_numbers(found[0]) or [0, 0, 0, 0]) == sums


def _numbers(block: bytes) -> list[int]:
    at, numbers = 0, []
    while at < len(block):
        number, at = _number(block, at)
        numbers.append(number)
    return numbers


def _number(block: bytes, at: int) -> tuple[int, int]:
    """SQLite's number of one to nine bytes at a place, and the place behind it."""
    number = 0
    for _ in range(8):
        byte = block[at]
        at += 1
        number = number << 7 | byte & 127
        if byte < 128:
            return number, at
    return number << 8 | block[at], at + 1
