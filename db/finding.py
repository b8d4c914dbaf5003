"""What `verify` says of a store, one thing at a time."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing found: by which check, where (keys, or a table's row), in words; not `wrong` when only worth saying."""

    what: str
    where: str
    message: str
    wrong: bool = True
