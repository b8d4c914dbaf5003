"""What comes from the terminal and is not UTF-8 is read as U+FFFD.

Textual 8.2.8 decodes strictly, so that one byte of a Latin-1 paste ends the program.  Its driver makes the decoder in
the midst of the method that reads, and takes the maker from its own module: that name is all that can be replaced.
"""

from __future__ import annotations

import sys
from codecs import IncrementalDecoder, getincrementaldecoder
from collections.abc import Callable
from functools import partial


def bear_odd_bytes() -> None:
    """Have the driver read on over bytes that are not UTF-8."""
    if sys.platform != "win32":
        from textual.drivers import linux_driver

        vars(linux_driver)["getincrementaldecoder"] = _forgiving


def _forgiving(encoding: str) -> Callable[[], IncrementalDecoder]:
    return partial(getincrementaldecoder(encoding), errors="replace")
