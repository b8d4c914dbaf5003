"""Memory that a large piece of work has left behind, given back to the system."""

from __future__ import annotations

import ctypes


def give_back() -> None:
    """Return freed memory to the system where the C library can do that (glibc's malloc_trim); elsewhere do nothing.

    Reading a store of a million takes and frees hundreds of megabytes, of which the library would keep the half.
    """
    try:
        trim = ctypes.CDLL(None).malloc_trim
    except (OSError, TypeError, AttributeError):
        return
    trim(0)
