"""Other programs on the same incidents, where they are installed: lnav, VisiData and fzf."""

from __future__ import annotations

from collections.abc import Sequence

from bench.figures import Figure
from bench.program import Size
from bench.stores import BenchStore


def measure(store: BenchStore, sizes: Sequence[Size]) -> tuple[list[Figure], list[str]]:
    """Figures of the peers that are there, and one note that names those that are not."""
    return [], []
