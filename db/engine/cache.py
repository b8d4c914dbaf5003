"""Columns and postings on disk, in the user's cache folder: made again whenever they are not beyond doubt.

A cache belongs to one file (its path, device and inode) and one version of the schema.  It is read when the store's
own counters say that it can be brought up to date from the change table, and thrown away when it is damaged.
"""

from __future__ import annotations

import hashlib
import sqlite3
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from db import schema
from db.engine import stamp as stamps
from db.engine.arrays import Ints
from db.engine.container import Container, DamagedError, writing
from db.engine.freezing import freeze, thaw
from db.engine.reading import listed
from db.engine.snapshot import Snapshot
from db.engine.stamp import Stamp

FOLDER = "engine"

FORGOTTEN_AFTER_S = 90 * 86_400
"""Caches that nobody has written for so long are removed when another is written, seconds."""

FAULTS = (DamagedError, OSError, KeyError, ValueError, TypeError)
"""What reading a file can raise that is not what it should be."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where the caches of one store are kept."""

    folder: Path
    name: str

    @classmethod
    def of(cls, store: Path, folder: Path | None = None) -> Place:
        """The place for a store's caches, in `folder` instead of the user's cache folder; raises OSError."""
        if folder is None:
            import platformdirs

            folder = platformdirs.user_cache_path("dateline") / FOLDER
        file = store.resolve().stat()
        identity = f"{store.resolve()}\n{file.st_dev}\n{file.st_ino}\n{schema.VERSION}"
        return cls(folder, hashlib.sha256(identity.encode("utf-8", "surrogateescape")).hexdigest()[:32])

    @property
    def columns(self) -> Path:
        """The file of columns."""
        return self.folder / f"{self.name}.columns"

    @property
    def postings(self) -> Path:
        """The file of postings."""
        return self.folder / f"{self.name}.postings"


def save(place: Place, connection: sqlite3.Connection, snapshot: Snapshot, stamp: Stamp) -> bool:
    """Write the columns as they stand at `stamp`, in the transaction they were read in; False if that cannot be."""
    try:
        with writing(place.columns) as writer:
            shape = freeze(snapshot, writer)
            about = origin(connection, snapshot.ids.astype(np.int64))
            writer.finish({**about, "stamp": stamp.as_json(), "shape": shape})
        tidy(place.folder)
    except OSError:
        return False
    return True


def load(place: Place, connection: sqlite3.Connection) -> tuple[Snapshot, Stamp] | None:
    """Columns and the moment they are from; None when there are none that fit the store.

    What was written since still has to be merged: see `Stamp.changed`.
    """
    try:
        with Container(place.columns) as container:
            about = container.about
            stamp = Stamp.of_json(about.get("stamp"))
            if not fits(connection, about):
                return None
            return thaw(container, about.get("shape")), stamp
    except FileNotFoundError:
        return None
    except FAULTS:
        discard(place.columns)
        return None


def origin(connection: sqlite3.Connection, incident_ids: Ints) -> dict[str, Any]:
    """What tells the present state of a store from others, JSON: see `fits`."""
    return {
        "seq": stamps.last_seq(connection),
        "samples": stamps.fingerprints(connection, stamps.sample(incident_ids)),
        "log": stamps.last_entry(connection),
    }


def fits(connection: sqlite3.Connection, about: dict[str, Any]) -> bool:
    """Whether the store is, as far as that can be told, a later state of the one that `origin` was taken from.

    Raises ValueError when `about` is not what `origin` made.
    """
    seq, samples, entry = _origin(about)
    if stamps.last_seq(connection) < seq or not stamps.has_entry(connection, entry):
        return False
    written = connection.execute(
        f"SELECT incident_id FROM change WHERE incident_id IN ({listed([*samples])}) AND seq > ?", (seq,)
    )
    for (incident_id,) in written:
        samples.pop(incident_id, None)
    then = {str(incident_id): print_ for incident_id, print_ in samples.items()}
    return stamps.fingerprints(connection, [*samples]) == then


def _origin(about: dict[str, Any]) -> tuple[int, dict[int, str], tuple[int, str] | None]:
    """The last change, incident → fingerprint, and the log's last entry of what `origin` made; else ValueError."""
    match about.get("seq"), about.get("samples"), about.get("log"):
        case int(seq), dict(samples), log if stamps.fits_sqlite(seq):
            prints = {int(key): value for key, value in samples.items() if isinstance(value, str)}
            if all(map(stamps.fits_sqlite, prints)):
                match log:
                    case None:
                        return seq, prints, None
                    case [int(number), str(hash_)] if stamps.fits_sqlite(number):
                        return seq, prints, (number, hash_)
    raise ValueError("no origin")


def discard(path: Path) -> None:
    """Remove a cache that is of no use, if it can be removed."""
    try:
        path.unlink(missing_ok=True)
    except OSError:
        return


def tidy(folder: Path) -> None:
    """Remove caches that nobody has written for long, and what an interrupted program left; raises OSError."""
    oldest = time.time() - FORGOTTEN_AFTER_S
    for path in folder.iterdir():
        if path.suffix in (".columns", ".postings") and path.stat().st_mtime < oldest:
            path.unlink(missing_ok=True)
