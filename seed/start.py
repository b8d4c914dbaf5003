"""Make a store that has its first incidents from the moment it exists."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

from db.errors import StoreError, first_line
from db.faults import FAULTS, as_store_error
from db.store import Store
from db.store_file import check_name
from db.whole_file import put_whole
from seed.load import Loaded, load


def make(path: Path, files: Sequence[Path], tell: Callable[[str], None] | None = None) -> Loaded:
    """Make a store at `path` with the seed files loaded; nothing is left there when that fails or is interrupted.

    Raises StoreError when something is there already or no file can be made, ScriptError when a seed file is wrong.
    """
    check_name(path)
    # Filled beside its place and linked there whole, so that no other program ever meets a store half seeded.
    making = path.with_name(f".{path.name}.{os.getpid()}.seeding")
    try:
        if os.path.lexists(path):
            raise FileExistsError
        with Store.create(making) as store:
            loaded = load(store, files, tell)
            # Closing would do it too, but says nothing when the disk is full.
            store.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        put_whole(making, path)
    except FAULTS as error:
        raise as_store_error(path, error) from error
    except StoreError as error:
        raise StoreError(str(error).replace(str(making), str(path))) from error
    except FileExistsError as error:
        raise StoreError(f"{path} exists already; nothing was overwritten") from error
    except OSError as error:
        raise StoreError(f"cannot make a store at {path}: {error.strerror or first_line(error)}") from error
    finally:
        for ending in ("", "-wal", "-shm"):
            with suppress(OSError):  # it may never have been made; what matters has been said by then
                making.with_name(making.name + ending).unlink()
    return loaded
