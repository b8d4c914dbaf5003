"""The filter engines behind one interface: `open_engine(store).answer(query, wants)`.

A small store is held in plain Python objects.  A large one has columns, which are kept in the user's cache folder:
`open_engine` makes them when there are none, which takes seconds, so a screen begins with `start_engine`, lets
`finish_engine` and then `gather_postings` work in a thread of its own, and goes on with what those return.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from db.engine.answer import Answer, Count, Counts, Engine, Histogram, ListedCounts, Match, NotReadyError, Totals, Wants
from db.engine.plain import PlainEngine
from db.store import Store

if TYPE_CHECKING:
    from db.engine.columns import ColumnsEngine

__all__ = [
    "Answer", "Count", "Counts", "Engine", "Histogram", "ListedCounts", "Match", "NotReadyError", "Totals", "Wants",
    "finish_engine", "gather_postings", "open_engine", "start_engine",
]  # fmt: skip

LARGE = 2_000
"""From this many incidents on columns are quicker, the import of numpy included."""

Progress = Callable[[float], None]


def is_large(store: Store) -> bool:
    """Whether a store is one for columns."""
    found = store.connection.execute(f"SELECT count(*) FROM (SELECT 1 FROM incident LIMIT {LARGE})").fetchone()
    return int(found[0]) >= LARGE


def open_engine(store: Store, progress: Progress | None = None) -> Engine:
    """The engine for a store's size, able to answer everything; `progress` is told the part done, 0 to 1."""
    if not is_large(store):
        return PlainEngine(store.connection)
    from db.engine.columns import ColumnsEngine

    return ColumnsEngine(store, progress=progress)


def start_engine(store: Store) -> Engine:
    """An engine that shows rows at once; when its answers are not `complete`, `finish_engine` makes one whose are."""
    if not is_large(store):
        return PlainEngine(store.connection)
    from db.engine.columns import ColumnsEngine
    from db.engine.start import StartEngine

    return ColumnsEngine.cached(store) or StartEngine(store)


def gather_postings(store: Store, progress: Progress | None = None) -> bool:
    """Gather what makes words in a large store quick, if that can be kept; the engine's `use_postings` takes it up.

    For an engine that does not say `searches_fast`, in another thread and on a connection of that.
    """
    from db.engine.cache import Place
    from db.engine.columns import gather_from

    try:
        return gather_from(store.connection, Place.of(store.path), progress=progress)
    except OSError:
        return False


def finish_engine(store: Store, progress: Progress | None = None) -> ColumnsEngine:
    """The engine of a large store, on a connection of the caller's thread: `move_to` takes it to another.

    `progress` is told the part done, and may raise to stop the work.
    """
    from db.engine.columns import ColumnsEngine

    return ColumnsEngine(store, progress=progress)
