"""Mark the words of a query in what is shown, as the full text matches them: by whole words, case and accents aside."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from db.query import Words

_WORD = re.compile(r"[^\W_]+")
FOUND = "found"
"""The style name of a marked piece."""


@dataclass(frozen=True, slots=True)
class _Phrase:
    forms: tuple[str, ...]
    prefix: bool


class _Step:
    """Where one is in the phrases after some of their words: a tree, for a query may have thousands of them."""

    __slots__ = ("ends", "following", "lengths", "prefixes")

    def __init__(self) -> None:
        self.following: dict[str, _Step] = {}
        self.ends = False
        """Whether a phrase ends here."""
        self.prefixes: set[str] = set()
        """Beginnings of a next word with which a phrase ends."""
        self.lengths: set[int] = set()

    def takes_last(self, form: str) -> bool:
        """Whether a phrase ends with this word, of which it has the beginning."""
        return any(form[:length] in self.prefixes for length in self.lengths)


class Marker:
    """Finds the words and phrases of a query; falsy when there are none."""

    def __init__(self, words: Sequence[Words] = ()) -> None:
        phrases = []
        for phrase in words:
            forms = tuple(_form(found.group()) for word in phrase.words for found in _WORD.finditer(word))
            if forms:
                phrases.append(_Phrase(forms, phrase.prefix))
        self._phrases = tuple(dict.fromkeys(phrases))
        self._tree = _tree(self._phrases)

    def __bool__(self) -> bool:
        return bool(self._phrases)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Marker) and other._phrases == self._phrases

    def __hash__(self) -> int:
        return hash(self._phrases)

    def spans(self, text: str) -> list[tuple[int, int]]:
        """Where the words stand, (start, end) in order, overlapping ones joined."""
        if not self._phrases:
            return []
        found = list(_WORD.finditer(text))
        forms = [_form(word.group()) for word in found]
        marked = []
        for at in range(len(forms)):
            step, end = self._tree, at
            for place in range(at, len(forms)):
                if step.takes_last(forms[place]):
                    end = place + 1
                following = step.following.get(forms[place])
                if following is None:
                    break
                step = following
                if step.ends:
                    end = place + 1
            if end > at:
                marked.append((found[at].start(), found[end - 1].end()))
        return _joined(marked)

    def runs(self, text: str, style: str) -> list[tuple[str, str]]:
        """The text as runs: marked pieces in the style `FOUND`, the rest in `style`."""
        runs = []
        done = 0
        for start, end in self.spans(text):
            runs += [(text[done:start], style), (text[start:end], FOUND)]
            done = end
        return [(piece, name) for piece, name in (*runs, (text[done:], style)) if piece]


def _tree(phrases: Sequence[_Phrase]) -> _Step:
    root = _Step()
    for phrase in phrases:
        *before, last = phrase.forms
        step = root
        for form in before:
            step = step.following.setdefault(form, _Step())
        if phrase.prefix:
            step.prefixes.add(last)
            step.lengths.add(len(last))
        else:
            step.following.setdefault(last, _Step()).ends = True
    return root


def _joined(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    joined: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined


def _form(word: str) -> str:
    """The word as FTS5's unicode61 tokenizer compares it: case folded, diacritics removed."""
    decomposed = unicodedata.normalize("NFKD", word.casefold())
    return "".join(character for character in decomposed if not unicodedata.combining(character))
