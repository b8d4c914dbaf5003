"""Facts about a store as a whole."""

from __future__ import annotations

import os
from dataclasses import dataclass

from db.store import Store


@dataclass(frozen=True, slots=True)
class Facts:
    """What a header says of a store."""

    documents: int
    writable: bool
    """Whether this user could write to it."""
    frozen: bool
    """Whether it was opened as immutable, so that changes by others stay unseen."""


def facts(store: Store) -> Facts:
    """The facts of an open store."""
    documents = store.connection.execute("SELECT count(*) FROM document").fetchone()[0]
    writable = os.access(store.path, os.W_OK) and os.access(store.path.parent, os.W_OK)
    return Facts(int(documents), writable, store.frozen)
