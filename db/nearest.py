"""The nearest of some known names to a mistyped one, for every "did you mean"."""

from __future__ import annotations

from collections.abc import Iterable

from db.fields import fold

CUTOFF = 0.6
"""Least similarity (Ratcliff and Obershelp's, 0 to 1, as `difflib` counts it) that still is worth a suggestion."""


def nearest(word: str, candidates: Iterable[str]) -> str | None:
    """The candidate most like `word`, both folded (case, accents and hyphens aside), or None when none is close."""
    import difflib  # 3 ms to import: only a query that is wrong pays for it

    typed = fold(word)
    by_fold: dict[str, str] = {}
    for candidate in candidates:
        by_fold.setdefault(fold(candidate), candidate)
    if typed in by_fold:
        return by_fold[typed]
    close = difflib.get_close_matches(typed, by_fold, n=1, cutoff=CUTOFF)
    return by_fold[close[0]] if close else None
