"""The nearest of some known names to a mistyped one, for every "did you mean"."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from db.fields import fold

CUTOFF = 0.6
"""Least similarity (Ratcliff and Obershelp's, 0 to 1, as `difflib` counts it) that still is worth a suggestion."""

MOST_FORMS = 200_000
"""Most names that are looked at for one suggestion, those of about the length of what was typed."""

MOST_PAIRS = 1_000_000
"""Most pairs of letters that are compared for one suggestion, some 0.4 s: long names of one data set are all alike."""


def nearest(word: str, candidates: Iterable[str]) -> str | None:
    """The candidate most like `word`, both folded (case, accents and hyphens aside), or None when none is close.

    Of very many those are compared that are about as long and have most letters in common with it.
    """
    typed = fold(word)
    by_fold: dict[str, str] = {}
    for candidate in candidates:
        by_fold.setdefault(fold(candidate), candidate)
    if typed in by_fold:
        return by_fold[typed]
    close = _closest(typed, by_fold)
    return None if close is None else by_fold[close]


def _closest(typed: str, forms: Iterable[str]) -> str | None:
    from difflib import SequenceMatcher  # 3 ms to import: only a query that is wrong pays for it

    matcher = SequenceMatcher(b=typed)
    best: tuple[float, str] | None = None
    left = MOST_PAIRS
    for bound, form, pairs in sorted(_alike(typed, forms), reverse=True):
        left -= len(typed) + len(form) + pairs
        if left < 0 or (best is not None and bound < best[0]):
            break
        matcher.set_seq1(form)
        ratio = matcher.ratio()
        if ratio >= CUTOFF and (best is None or (ratio, form) > best):
            best = ratio, form
    return None if best is None else best[1]


def _alike(typed: str, forms: Iterable[str]) -> list[tuple[float, str, int]]:
    """The forms that have letters enough in common with `typed`, in whatever order.

    Each with what its ratio is at most, and how many pairs of a letter of it and one of `typed` are alike.
    """
    letters = Counter(typed).items()
    found = []
    as_long = [form for form in forms if 2 * min(len(typed), len(form)) >= CUTOFF * (len(typed) + len(form))]
    if len(as_long) > MOST_FORMS:
        as_long.sort(key=lambda form: abs(len(form) - len(typed)))
    for form in as_long[:MOST_FORMS]:
        counts = [(count, form.count(letter)) for letter, count in letters]
        bound = 2 * sum(min(pair) for pair in counts) / (len(typed) + len(form))
        if bound >= CUTOFF:
            found.append((bound, form, sum(one * other for one, other in counts)))
    return found
