"""Numbers with their nouns."""

from __future__ import annotations


def counted(n: int, noun: str) -> str:
    """A number with its noun: "1 quote", "2,000 quotes"."""
    return f"{n:,} {plural(n, noun)}"


def plural(n: int, noun: str) -> str:
    """The noun as it stands beside a number: "quote", "quotes"."""
    return noun + "s" * (n != 1)
