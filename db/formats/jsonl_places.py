"""Where the quotes of Dateline's own JSON lines stand in the text that the store has of their document."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass

from db import log
from db.anchor import AnchorText
from db.formats.jsonl import Row
from db.formats.record import RowError

KEPT = 8
"""How many documents' texts are kept in memory."""

SHOWN = 48
"""How much of a quote a refusal shows, characters."""


@dataclass(frozen=True, slots=True)
class _Here:
    """A document as it stands in the store."""

    text: AnchorText | None
    sha256: str | None
    length: int | None


class Places:
    """Finds the quotes of one file; a document that it has made itself has the text in which they had their places."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._own: dict[str, bool] = {}
        """Key of a document → whether the file's places are places in its text, as the first line of it has it."""
        self._same_hash: set[str] = set()
        """Documents that the file has without the text, but with the hash of the one that is here."""
        self._kept: dict[str, _Here | None] = {}
        self._moved = 0

    def made(self, key: str) -> None:
        """Hear of a document that is made as the file has it."""
        self._own[key] = True

    def stood(self, key: str, row: Row) -> None:
        """Hear of a document that the store has already."""
        here = None if key in self._own else self._document(key)
        if here is None:
            return
        text, sha256 = row.get("text"), row.get("text_sha256")
        if here.text is None:
            length = len(text) if isinstance(text, str) else row.get("text_length")
            self._own[key] = length == here.length
        elif isinstance(text, str):
            self._own[key] = text == here.text.text
        else:
            self._own[key] = False
            if isinstance(sha256, str) and sha256.lower() == here.sha256:
                self._same_hash.add(key)

    def find(self, quotes: Sequence[Row]) -> bool:
        """Give the quotes of an incident their places here; returns whether one had another.

        Raises RowError for one whose words are not there, or not at one place alone.
        """
        taken: set[tuple[str, str, int]] = set()
        moved = 0
        for quote in quotes:
            key, exact = quote.get("document"), quote.get("exact")
            if not isinstance(key, str) or self._own.get(key, False):
                continue
            here = self._document(key)
            if here is None:
                continue  # the reader refuses it
            if here.text is None:
                _within(quote, key, here.length)
                continue
            if not isinstance(exact, str):
                raise RowError("exact is no text")
            start = self._start(quote, key, exact, here.text)
            if (key, exact, start) in taken:
                raise _nowhere(key, "has only once what two quotes say", exact)
            taken.add((key, exact, start))
            if quote.get("start") != start:
                moved += 1
            quote["start"], quote["end"] = start, start + len(exact)
        self._moved += moved
        return moved > 0

    def notes(self) -> list[str]:
        """One line where quotes have another place here than in the file, none where they have not."""
        if not self._moved:
            return []
        return [f"quotes that have their place elsewhere in the text that their document has here: {self._moved:,}"]

    def _start(self, quote: Row, key: str, exact: str, text: AnchorText) -> int:
        start, prefix, suffix = quote.get("start"), quote.get("prefix"), quote.get("suffix")
        anchor = (text.anchor if key in self._same_hash else text.reanchor)(
            exact,
            start if type(start) is int and start >= 0 else None,
            prefix if isinstance(prefix, str) else None,
            suffix if isinstance(suffix, str) else None,
        )
        match anchor.fate:
            case "ambiguous":
                raise _nowhere(key, "has the words of a quote at several places", exact)
            case "changed":
                raise _nowhere(key, "has a quote with other spaces, quotation marks or dashes", exact)
            case "gone":
                raise _nowhere(key, "does not have the words of a quote", exact)
        assert anchor.start is not None
        return anchor.start

    def _document(self, key: str) -> _Here | None:
        """A document of the store; None where there is none of this key."""
        if key not in self._kept:
            if len(self._kept) >= KEPT:
                self._kept.clear()
            mark, value = log.bound(key)
            found = self._connection.execute(
                f"SELECT text, lower(text_sha256), text_length FROM document WHERE key = {mark}", (value,)
            ).fetchone()
            self._kept[key] = (
                None if found is None else _Here(None if found[0] is None else AnchorText(found[0]), *found[1:])
            )
        return self._kept[key]


def _within(quote: Row, key: str, length: int | None) -> None:
    """Raise RowError for a quote that ends behind the text that a document has, of which only the length is here."""
    end = quote.get("end")
    if isinstance(end, int) and length is not None and end > length:
        raise RowError(
            f"document {key!r} has another text here, of {length} characters, and a quote ends at {end};"
            ' take "start" and "end" of the quote out of the line'
        )


def _nowhere(key: str, why: str, exact: str) -> RowError:
    line = " ".join(exact.split())
    shown = line if len(line) <= SHOWN else line[:SHOWN].rstrip() + "…"
    return RowError(
        f"document {key!r} has another text here, which {why}: “{shown}”;"
        " give the document the file's text (dateline attach), or take the quote out of the line"
    )
