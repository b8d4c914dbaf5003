"""Where the user's own store is, when none is named."""

from __future__ import annotations

from pathlib import Path


def own_store() -> Path:
    """The path of the user's own store, which need not be there yet."""
    import platformdirs

    return Path(platformdirs.user_data_dir("dateline", appauthor=False)) / "incidents.db"
