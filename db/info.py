"""Facts about a store as a whole."""

from __future__ import annotations

from dataclasses import dataclass

from db import store_file
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
    writable = store_file.writable(store.path)
    return Facts(int(documents), writable, store.frozen)
