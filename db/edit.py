"""The analyst's own marks on incidents, each one logged write."""

from __future__ import annotations

from datetime import UTC, datetime

from db.store import Store


def star(store: Store, incident_id: int, starred: bool) -> None:
    """Star an incident, or take its star away; nothing happens where it is so already."""
    with store.write("star" if starred else "unstar") as connection:
        if starred:
            connection.execute("INSERT OR IGNORE INTO star (incident_id, at) VALUES (?, ?)", (incident_id, now()))
        else:
            connection.execute("DELETE FROM star WHERE incident_id = ?", (incident_id,))


def now() -> str:
    """The present moment as the store writes it: UTC, ISO 8601, to the second."""
    return datetime.now(UTC).isoformat(timespec="seconds")
