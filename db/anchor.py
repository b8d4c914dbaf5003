"""Find a quote in a text again: by its position, by its words, by what stood around it (W3C TextQuoteSelector)."""

from __future__ import annotations

import re
from array import array
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from typing import Literal

Fate = Literal["stands", "moved", "changed", "ambiguous", "gone"]
"""What became of a quote in a text.

stands: its words are at its position.  moved: they are at one other place.  changed: they are there but for spaces,
quotation marks or dashes.  ambiguous: they are at several places and what stood around them does not decide.
gone: they are not in the text.
"""

# What an editor or a web page alters without altering the words.
_PLAIN = str.maketrans(
    dict.fromkeys("‘’‚‛′`´", "'")
    | dict.fromkeys("“”„‟″«»", '"')
    | dict.fromkeys("‐‑‒–—―−", "-")
    | dict.fromkeys("\u00ad\u200b\u200c\u200d\u2060\ufeff", "")
    | {"…": "..."}
)

# What `_plain` has to look at one by one; words with a single space between them are plain as they stand.
_MARKS = "".join(map(chr, _PLAIN))
_UNEVEN = re.compile(rf"[\s\x1c-\x1f{re.escape(_MARKS)}]{{2,}}|[^\S ]|[\x1c-\x1f{re.escape(_MARKS)}]")

_WORD = re.compile(r"\w+")

MOST = 200
"""With more places than this for the same words, what stood around a quote counts whole or not at all."""

KEPT = 200
"""Words whose places are kept."""


@dataclass(frozen=True, slots=True)
class Anchor:
    """A quote's fate in a text, and its position there in code points: None where it is gone or ambiguous."""

    fate: Fate
    start: int | None = None


class AnchorText:
    """One document's text, asked for the places of its quotes."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._known: dict[str, list[int]] = {}
        self._missed = False

    def anchor(self, exact: str, start: int | None, prefix: str | None = None, suffix: str | None = None) -> Anchor:
        """Where `exact` stands, given where it stood (code points) and what stood before and after it."""
        if start is not None and self.text.startswith(exact, start):
            return Anchor("stands", start)
        return self.reanchor(exact, start, prefix, suffix)

    def reanchor(self, exact: str, start: int | None, prefix: str | None = None, suffix: str | None = None) -> Anchor:
        """The same where this is another text than the one of `start`: what stood around weighs more than the position.

        Words that come twice may by accident stand where their like stood.
        """
        if self._missed and not self._may_have(exact):
            return Anchor("gone")
        places = self._found(exact)
        if not places:
            self._missed = True
            return self._changed(exact)
        if len(places) > MOST:
            return self._among_many(exact, start, prefix or "", suffix or "")
        agreement = {place: self._agreement(place, len(exact), prefix or "", suffix or "") for place in places}
        most = max(agreement.values())
        best = [place for place, agreeing in agreement.items() if agreeing == most]
        if start in best or (start in agreement and len(best) > 1):
            return Anchor("stands", start)
        return Anchor("moved", best[0]) if len(best) == 1 else Anchor("ambiguous")

    def _may_have(self, exact: str) -> bool:
        """Whether all words within a quote are in the text: its first and last may be parts of such as are.

        It is asked once a quote was missed: to look for thousands that are gone through a long text takes long.
        """
        words, _ = _plain(exact)
        return self._words.issuperset(_WORD.findall(words)[1:-1])

    def _found(self, exact: str) -> list[int]:
        """The places of these words, one more than `MOST` at most; many short quotes have the same words."""
        if exact not in self._known:
            if len(self._known) >= KEPT:
                self._known.clear()
            self._known[exact] = list(islice(_places(self.text, exact), MOST + 1))
        return self._known[exact]

    def _among_many(self, exact: str, start: int | None, prefix: str, suffix: str) -> Anchor:
        """`reanchor` for words that are everywhere: what stood around decides where all of it is at one place alone."""
        whole = prefix + exact + suffix
        if start is not None and start >= len(prefix) and self.text.startswith(whole, start - len(prefix)):
            return Anchor("stands", start)
        found = list(islice(_places(self.text, whole), 2))
        if len(found) == 1:
            return Anchor("moved", found[0] + len(prefix))
        return (
            Anchor("stands", start) if start is not None and self.text.startswith(exact, start) else Anchor("ambiguous")
        )

    def _agreement(self, place: int, length: int, prefix: str, suffix: str) -> int:
        """How many characters next to `place` are those that stood next to the quote."""
        before = self.text[max(0, place - len(prefix)) : place]
        after = self.text[place + length : place + length + len(suffix)]
        return _agreeing(prefix[::-1], before[::-1]) + _agreeing(suffix, after)

    def _changed(self, exact: str) -> Anchor:
        """A quote whose words are there with other spaces or marks, or else are gone."""
        words, _ = _plain(exact)
        plain, origins = self._plain
        places = list(islice(_places(plain, words), 2)) if words.strip() else []
        if not places:
            return Anchor("gone")
        return Anchor("changed", origins[places[0]]) if len(places) == 1 else Anchor("changed")

    def changed_length(self, exact: str, start: int) -> int:
        """How many code points of the text a quote that is `changed` there takes up from `start` on."""
        words, _ = _plain(exact)
        plain, origins = self._plain
        place = plain.index(words, bisect_left(origins, start))
        return origins[place + len(words) - 1] + 1 - start

    @cached_property
    def _words(self) -> frozenset[str]:
        return frozenset(found[0] for found in _WORD.finditer(self._plain[0]))

    @cached_property
    def _plain(self) -> tuple[str, array[int]]:
        return _plain(self.text)


def ends_right(exact: str, start: int | None, end: int | None) -> bool:
    """Whether a quote that begins at `start` ends at `end`, code points; one with a NUL in it cannot, in a store.

    The rule of its table counts by SQLite's length(), for which a text ends at NUL.
    """
    return start is not None and end == start + len(exact)


def _places(text: str, exact: str) -> Iterator[int]:
    """Every place of `exact` in `text`, overlapping ones too."""
    place = text.find(exact)
    while place != -1:
        yield place
        place = text.find(exact, place + 1)


def _agreeing(a: str, b: str) -> int:
    """How many characters two texts share from the start."""
    low, high = 0, min(len(a), len(b))
    # By halves: slices are compared at once, and thousands of places may have long words around them.
    while low < high:
        middle = (low + high + 1) // 2
        if a[low:middle] == b[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low


def _plain(text: str) -> tuple[str, array[int]]:
    """`text` with plain marks and single spaces, and for each of its characters the position in `text` it came from."""
    pieces: list[str] = []
    origins = array("q")
    done = 0
    for found in _UNEVEN.finditer(text):
        pieces.append(text[done : found.start()])
        origins.extend(range(done, found.start()))
        done = found.end()
        blank = False
        for at, character in enumerate(found[0], found.start()):
            if character.isspace():
                piece = "" if blank else " "
                blank = True
            else:
                piece = character.translate(_PLAIN)
                blank = blank and not piece
            pieces.append(piece)
            origins.extend([at] * len(piece))
    pieces.append(text[done:])
    origins.extend(range(done, len(text)))
    return "".join(pieces), origins
