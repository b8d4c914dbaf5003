"""Programs that change one file, whole each time, take turns: what one has read, no other changes meanwhile."""

from __future__ import annotations

import errno
import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from db.errors import LockedError

_LOOK_S = 0.01
_NO_LOCKS = (errno.ENOLCK, errno.ENOTSUP, errno.EOPNOTSUPP, errno.EINVAL)


@contextmanager
def turn(folder: Path, wait_ms: int) -> Iterator[None]:
    """Have the files of a folder to oneself, among those who ask like this; raises LockedError and OSError.

    The folder itself is locked (flock), so that nothing is left lying there and a killed program holds up nobody.  On a
    file system without such locks there are no turns.
    """
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        until = time.monotonic() + wait_ms / 1000
        while True:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError as error:
                if time.monotonic() >= until:
                    raise LockedError(f"another program is busy with the files in {folder}; try again") from error
                time.sleep(_LOOK_S)
            except OSError as error:
                if error.errno not in _NO_LOCKS:
                    raise
                break
        yield
    finally:
        os.close(descriptor)
