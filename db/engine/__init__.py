"""The filter engines behind one interface: `open_engine(store).answer(query, wants)`."""

from __future__ import annotations

from db.engine.answer import Answer, Count, Engine, Histogram, Match, Totals, Wants
from db.engine.plain import PlainEngine
from db.store import Store

__all__ = ["Answer", "Count", "Engine", "Histogram", "Match", "Totals", "Wants", "open_engine"]


def open_engine(store: Store) -> Engine:
    """The engine for a store's size."""
    return PlainEngine(store.connection)
