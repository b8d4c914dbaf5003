"""How much of one text stands in another: word shingles with the resemblance and containment of Broder 1997."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from db.engine.arrays import Ints

SIZE = 5
"""Words in a shingle."""

CROWD = 40
"""Texts of one group that share a shingle and are still compared each with each; of more, each with the next only."""

_WORD = re.compile(r"\w+")
_MIX = 0x9E3779B97F4A7C15  # 2^64 divided by the golden ratio: Knuth's multiplier for hashing by multiplication


@dataclass(frozen=True, slots=True)
class Overlap:
    """How many different shingles two texts have, each and in common.

    A. Z. Broder, "On the resemblance and containment of documents", Compression and Complexity of Sequences 1997:
    with S(A) the set of the shingles of A, resemblance r(A, B) = |S(A) ∩ S(B)| / |S(A) ∪ S(B)|, the Jaccard
    coefficient, and containment c(A, B) = |S(A) ∩ S(B)| / |S(A)|, how much of A stands in B.
    """

    first: int
    second: int
    shared: int

    @property
    def resemblance(self) -> float:
        """r(A, B), 0 to 1; 0 when neither has a shingle."""
        union = self.first + self.second - self.shared
        return self.shared / union if union else 0.0

    @property
    def containment(self) -> float:
        """The containment of the shorter in the longer, 0 to 1; 0 when it has no shingle."""
        shorter = min(self.first, self.second)
        return self.shared / shorter if shorter else 0.0


def words_of(text: str) -> list[str]:
    """The words of a text in the form in which they are compared: case, accents and punctuation do not count."""
    if text.isascii():
        return _WORD.findall(text.lower())
    return [word for token in text.split() for word in _folded(token)]


@lru_cache(maxsize=1 << 16)
def _folded(token: str) -> tuple[str, ...]:
    """The words of what stands between two spaces; most tokens come again and again."""
    folded = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", token).casefold())
    return tuple(_WORD.findall("".join(c for c in folded if not unicodedata.combining(c))))


def shingles(text: str) -> set[tuple[str, ...]]:
    """The different shingles of a text; none when it has fewer than SIZE words."""
    words = words_of(text)
    return {tuple(words[at : at + SIZE]) for at in range(len(words) - SIZE + 1)}


def overlap(a: str, b: str) -> Overlap:
    """The overlap of two texts, from their shingles themselves."""
    first, second = shingles(a), shingles(b)
    return Overlap(len(first), len(second), len(first & second))


def shared_words(a: str, b: str) -> str:
    """The longest run of words of `a` that stands in `b` too, of whole shingles and as `a` writes it; "" for none."""
    there = shingles(b)
    places = [(found.start(), found.end()) for found in re.finditer(r"\w+", a)]
    forms = [words_of(a[start:end]) for start, end in places]
    # A word that folding splits in two, or leaves nothing of, keeps its place in the text.
    flat = [(form, at) for at, form_words in enumerate(forms) for form in form_words]
    best, begin = (0, 0), None
    for at in range(len(flat) - SIZE + 2):
        here = at <= len(flat) - SIZE and tuple(form for form, _ in flat[at : at + SIZE]) in there
        if here and begin is None:
            begin = at
        elif not here and begin is not None:
            if at - begin > best[1] - best[0]:
                best = (begin, at)
            begin = None
    if best == (0, 0):
        return ""
    first, last = flat[best[0]][1], flat[best[1] - 1 + SIZE - 1][1]
    return a[places[first][0] : places[last][1]]


def alike(
    texts: Sequence[str], groups: Sequence[int], least_shared: int, least_containment: float
) -> list[tuple[int, int, Overlap]]:
    """Pairs (index, later index, overlap) of texts of the same group that overlap enough, in order.

    Enough is `least_shared` shingles in common and a containment of `least_containment` of the shorter.  Postings of
    each shingle within its group give the pairs, so that nothing else is ever compared; 64-bit hashes stand for the
    shingles.  A shingle that more than CROWD texts of a group have joins each of them to the next only.
    """
    import numpy as np

    numbers: dict[str, int] = {}
    spelled: list[Ints] = []
    lengths = np.zeros(len(texts), np.int64)
    for at, text in enumerate(texts):
        words = words_of(text)
        if len(words) >= SIZE:
            spelled.append(np.array([numbers.setdefault(word, len(numbers)) for word in words], np.int64))
            lengths[at] = len(words)
    if not spelled:
        return []
    all_words = np.concatenate(spelled).astype(np.uint64)
    # A shingle begins at every word but the last SIZE - 1 of each text.
    ends = np.cumsum(lengths)
    owner = np.repeat(np.arange(len(texts)), lengths)
    begins = np.flatnonzero(np.arange(len(all_words)) <= ends.take(owner) - SIZE)
    code = np.zeros(len(begins), np.uint64)
    for step in range(SIZE):
        code = (code ^ (all_words.take(begins + step) + np.uint64(1))) * np.uint64(_MIX)
        code ^= code >> np.uint64(29)
    owner = owner.take(begins)
    group = np.asarray(groups, np.int64).take(owner)
    order = np.lexsort((owner, code, group))
    owner, code, group = owner.take(order), code.take(order), group.take(order)
    fresh = np.ones(len(owner), np.bool_)
    fresh[1:] = (owner[1:] != owner[:-1]) | (code[1:] != code[:-1]) | (group[1:] != group[:-1])
    owner, code, group = owner[fresh], code[fresh], group[fresh]
    each = np.bincount(owner, minlength=len(texts))
    heads = np.ones(len(owner), np.bool_)
    heads[1:] = (code[1:] != code[:-1]) | (group[1:] != group[:-1])
    posting = np.cumsum(heads) - 1
    sizes = np.bincount(posting) if len(posting) else np.empty(0, np.int64)
    many = sizes.take(posting) > CROWD
    found: list[Ints] = []
    for step in range(1, int(min(CROWD, sizes.max(initial=1)))):
        same = posting[step:] == posting[:-step]
        if step > 1:
            same &= ~many[step:]
        here = np.flatnonzero(same)
        if not len(here):
            break
        found.append((owner.take(here) * len(texts) + owner.take(here + step)).astype(np.int64))
    if not found:
        return []
    pairs, shared = np.unique(np.concatenate(found), return_counts=True)
    first, second = np.divmod(pairs, len(texts))
    shorter = np.minimum(each.take(first), each.take(second))
    enough = (shared >= least_shared) & (shared >= least_containment * shorter)
    return [
        (a, b, Overlap(int(each[a]), int(each[b]), n))
        for a, b, n in zip(first[enough].tolist(), second[enough].tolist(), shared[enough].tolist(), strict=True)
    ]
