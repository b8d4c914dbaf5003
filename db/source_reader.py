"""A document as it is read: its text, or without one its excerpts in order, with every quote of the store marked in it.

Positions are in Unicode code points.  The stored text stays verbatim: what is added for the reader (gaps, a heading
over quotes that are not in the text) stands in `Page.notes`, and `Page.source_position` leads back to the document's
own positions.
"""

from __future__ import annotations

import sqlite3
from bisect import bisect_right
from dataclasses import dataclass, replace
from typing import Literal

from db.anchor import AnchorText, Fate, ends_right
from db.model import Document
from db.plural import counted
from db.read import ROOT

ABOUT = (
    "id", "key", "title", "publisher", "author", "url", "archive_url", "published_edtf", "accessed_at", "language",
    "reliability", "text_sha256", "text_length",
)  # fmt: skip
"""Columns of a document without its text, in the order in which `Document` has them."""

QuoteFate = Fate | Literal["cut", "unverified"]
"""What became of a quote in its document's text; unverified where that is absent; cut where it ends elsewhere."""

FATE_WORDS: dict[QuoteFate, tuple[str, str]] = {
    "stands": ("✓", "verified"),
    "moved": ("→", "moved"),
    "changed": ("≈", "changed in its spaces, quotation marks or dashes"),
    "ambiguous": ("?", "at several places, and what stood around it does not decide"),
    "gone": ("✗", "gone: not in the text"),
    "cut": ("✗", "begins there, but ends elsewhere"),
    "unverified": ("○", "unverified"),
}
"""Fate → its glyph and its words."""


@dataclass(frozen=True, slots=True)
class Mark:
    """One quote on a page, from `start` up to, not including, `end` of the page's text."""

    quote_id: int
    incident_id: int
    incident: str
    """Key of its incident."""
    title: str
    """Title of its incident."""
    number: int
    """Of its incident on this page, from 1, by the first of its quotes."""
    speaker: str
    """The root of its chain, or the document's own voice."""
    exact: str
    fate: QuoteFate
    stored: int | None
    """Where the store has it in the document's text."""
    source: int | None
    """Where it stands there; None where it is gone, ambiguous, or at no known position."""
    start: int = 0
    end: int = 0

    def fate_words(self) -> str:
        """Glyph and words for what became of it: "→ moved: stands at 340, the store has 120"."""
        glyph, words = FATE_WORDS[self.fate]
        if self.fate == "moved":
            had = "no position" if self.stored is None else f"{self.stored:,}"
            return f"{glyph} {words}: stands at {self.source:,}, the store has {had}"
        if self.fate == "changed" and self.source is not None:
            return f"{glyph} {words}: at {self.source:,}"
        if self.fate in ("gone", "ambiguous") and self.stored is not None:
            return f"{glyph} {words}; the store has {self.stored:,}"
        return f"{glyph} {words}"


@dataclass(frozen=True, slots=True)
class Part:
    """`length` code points of the document from `source` on, which stand from `start` on in the page's text."""

    start: int
    source: int
    length: int


@dataclass(frozen=True, slots=True)
class Page:
    """What a reader shows of one document."""

    source: Document
    text: str
    marks: tuple[Mark, ...]
    """In the order of the page; quotes that have no place in the text come last."""
    notes: tuple[tuple[int, int], ...]
    """(start, end) of what in `text` is not the document's, in order."""
    parts: tuple[Part, ...]
    """What in `text` has a known place in the document, in order."""

    def source_position(self, at: int) -> int | None:
        """Where position `at` of the page stands in the document; None in notes and in quotes without a position."""
        found = bisect_right(self.parts, at, key=lambda part: part.start) - 1
        if found < 0 or at > self.parts[found].start + self.parts[found].length:
            return None
        return self.parts[found].source + at - self.parts[found].start

    def in_notes(self, at: int) -> bool:
        """Whether position `at` stands in what is not the document's."""
        found = bisect_right(self.notes, at, key=lambda note: note[0]) - 1
        return found >= 0 and at < self.notes[found][1]


def page(connection: sqlite3.Connection, document_id: int, key: str | None = None) -> Page | None:
    """The page of a document, None when there is none with that id, or with a `key` when another has got the id."""
    found = connection.execute(
        f"SELECT {', '.join(ABOUT)}, text IS NOT NULL, text FROM document WHERE id = ? AND key = coalesce(?, key)",
        (document_id, key),
    ).fetchone()
    if found is None:
        return None
    *about, has_text, text = found
    source = Document(*(*about, bool(has_text)))
    quotes = connection.execute(
        f'SELECT q.id, q.incident_id, i.key, i.title, {ROOT}, q.exact, q."start", q.prefix, q.suffix, q."end"'
        " FROM quote AS q JOIN incident AS i ON i.id = q.incident_id JOIN document AS d ON d.id = q.document_id"
        ' WHERE q.document_id = ? ORDER BY q."start" IS NULL, q."start", q.id',
        (document_id,),
    ).fetchall()
    return _whole(source, text, quotes) if text is not None else _excerpts(source, quotes)


_Quote = tuple[int, int, str, str, str, str, int | None, str | None, str | None, int | None]
"""Id, incident's id, key and title, root speaker, words, position, what stands before and after, end."""


class _Writing:
    """A page's text while it is being put together."""

    def __init__(self) -> None:
        self._pieces: list[str] = []
        self.length = 0
        self.notes: list[tuple[int, int]] = []
        self.parts: list[Part] = []

    def document(self, text: str, source: int | None) -> None:
        """Add the document's own words, which stand at `source` in it where that is known."""
        if source is not None:
            self.parts.append(Part(self.length, source, len(text)))
        self._add(text)

    def note(self, text: str) -> None:
        """Add what is not the document's."""
        self.notes.append((self.length, self.length + len(text)))
        self._add(text)

    def _add(self, text: str) -> None:
        self._pieces.append(text)
        self.length += len(text)

    def page(self, source: Document, marks: list[Mark]) -> Page:
        """The page, its incidents numbered in the order in which they come up."""
        numbers: dict[int, int] = {}
        ordered = [
            replace(mark, number=numbers.setdefault(mark.incident_id, len(numbers) + 1))
            for mark in sorted(marks, key=lambda mark: (mark.start, -mark.end, mark.quote_id))
        ]
        return Page(source, "".join(self._pieces), tuple(ordered), tuple(self.notes), tuple(self.parts))


def _mark(quote: _Quote, fate: QuoteFate, source: int | None, start: int, length: int) -> Mark:
    quote_id, incident_id, key, title, speaker, exact, stored, *_ = quote
    return Mark(quote_id, incident_id, key, title, 0, speaker, exact, fate, stored, source, start, start + length)


def _whole(source: Document, text: str, quotes: list[_Quote]) -> Page:
    """The text verbatim, and behind it the quotes that have no place in it."""
    anchors = AnchorText(text)
    writing = _Writing()
    writing.document(text, 0)
    marks: list[Mark] = []
    unplaced: list[Mark] = []
    for quote in quotes:
        exact, stored, prefix, suffix, end = quote[5:]
        anchor = anchors.anchor(exact, stored, prefix, suffix)
        if anchor.start is None:
            unplaced.append(_mark(quote, anchor.fate, None, 0, len(exact)))
            continue
        length = len(exact) if anchor.fate != "changed" else anchors.changed_length(exact, anchor.start)
        cut = anchor.fate == "stands" and not ends_right(exact, stored, end)
        marks.append(_mark(quote, "cut" if cut else anchor.fate, anchor.start, anchor.start, length))
    if unplaced:
        writing.note(f"\n\n— {counted(len(unplaced), 'quote')} of the store with no place in this text —\n")
    marks += [_listed(writing, mark) for mark in unplaced]
    return writing.page(source, marks)


def _listed(writing: _Writing, mark: Mark) -> Mark:
    """Add a quote without a place under the text, with what became of it."""
    writing.note(f"\n{mark.fate_words()}\n")
    start = writing.length
    writing.document(mark.exact, None)
    writing.note("\n")
    return replace(mark, start=start, end=start + len(mark.exact))


@dataclass
class _Fragment:
    """A stretch of the document that its quotes give: where it begins, and its words."""

    start: int
    text: str

    @property
    def end(self) -> int:
        return self.start + len(self.text)


def _excerpts(source: Document, quotes: list[_Quote]) -> Page:
    """The stretches that quotes and what stands around them give, in order, with what is missing between them."""
    writing = _Writing()
    how = f"dateline attach FILE --document {source.key}"
    writing.note(f"The store does not have this text, only what is quoted from it; `{how}` adds it.\n\n")
    placed = [quote for quote in quotes if quote[6] is not None]
    lost = [quote for quote in quotes if quote[6] is None]
    fragments, homes = _fragments(placed)
    shown: list[int] = []
    done = 0
    for fragment in fragments:
        gap = fragment.start - done
        if gap > 0:
            writing.note(f"… {counted(gap, 'character')} not in the store …\n\n")
        elif gap < 0:
            writing.note(f"… other words for the same place, from {fragment.start:,} on …\n\n")
        shown.append(writing.length)
        writing.document(fragment.text, fragment.start)
        writing.note("\n\n")
        done = max(done, fragment.end)
    if source.text_length is not None and source.text_length > done:
        writing.note(f"… {counted(source.text_length - done, 'character')} not in the store …\n\n")
    marks = []
    for quote, home in zip(placed, homes, strict=True):
        assert quote[6] is not None
        start = shown[home] + quote[6] - fragments[home].start
        marks.append(_mark(quote, "unverified", quote[6], start, len(quote[5])))
    if lost:
        writing.note(f"— {counted(len(lost), 'quote')} at no known position —\n")
    for quote in lost:
        writing.note("\n")
        marks.append(_mark(quote, "unverified", None, writing.length, len(quote[5])))
        writing.document(quote[5], None)
        writing.note("\n")
    return writing.page(source, marks)


def _fragments(quotes: list[_Quote]) -> tuple[list[_Fragment], list[int]]:
    """The fragments in order of position, and for each quote which of them has it.

    Quotes and what stands around them are one fragment where they overlap or touch, unless their words differ there.
    """
    pieces: list[tuple[int, bool, str, int]] = []
    for at, (*_, exact, start, prefix, suffix, _) in enumerate(quotes):
        assert start is not None
        pieces.append((start, False, exact, at))
        if prefix and start >= len(prefix):
            pieces.append((start - len(prefix), True, prefix, at))
        if suffix:
            pieces.append((start + len(exact), True, suffix, at))
    fragments: list[_Fragment] = []
    homes = [0] * len(quotes)
    for start, around, words, at in sorted(pieces):
        last = fragments[-1] if fragments else None
        if last is not None and start <= last.end and _agree(last, start, words):
            last.text += words[last.end - start :]
        elif around and last is not None and start < last.end:
            continue  # what stands around a quote gives way to the words of another
        else:
            fragments.append(_Fragment(start, words))
        if not around:
            homes[at] = len(fragments) - 1
    return fragments, homes


def _agree(fragment: _Fragment, start: int, words: str) -> bool:
    """Whether `words` from position `start` on say what the fragment says, as far as both reach."""
    at = start - fragment.start
    both = min(len(words), len(fragment.text) - at)
    return fragment.text[at : at + both] == words[:both]
