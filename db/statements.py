"""Split a SQL script into single statements, each with the line it starts on."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from itertools import islice
from typing import NamedTuple

MOST_ASKED = 200
"""A trigger with more semicolons is taken for one that does not end: for each the whole of it is looked at anew."""


class Statement(NamedTuple):
    """One SQL statement of a script; `line` is 1-based and points at its first word, not at a comment above it."""

    line: int
    sql: str
    complete: bool


_PIECE = re.compile(
    r"""
    ; | [^;'"`\[/-]+ | '[^']*(?:'|\Z) | "[^"]*(?:"|\Z) | `[^`]*(?:`|\Z) | \[[^]]*(?:]|\Z)
    | --[^\n]* | /\*.*?(?:\*/|\Z) | [/-]
    """,
    re.DOTALL | re.VERBOSE,
)
"""What a semicolon may stand in without ending anything is one piece; what is not closed goes to the end."""


def statements(script: str) -> Iterator[Statement]:
    """Yield the statements of `script` in order; the last one is not `complete` when its semicolon is missing.

    `sqlite3.complete_statement` knows trigger bodies, so the text is fed to it up to each semicolon in turn; of those
    in a text, name or comment there can be many, and it is not asked.  `executescript` is no substitute: it commits
    first and tells no line.
    """
    start = counted = 0
    line = 1
    while True:
        start += _leading_blank(script, start)
        if start >= len(script):
            return
        line += script.count("\n", counted, start)
        counted = start
        semicolons = (piece.start() for piece in _PIECE.finditer(script, start) if piece[0] == ";")
        ends = islice(semicolons, MOST_ASKED)
        end = next((at for at in ends if sqlite3.complete_statement(script[start : at + 1])), None)
        if end is None:
            yield Statement(line, script[start:].rstrip(), complete=False)
            return
        yield Statement(line, script[start : end + 1], complete=True)
        start = end + 1


def _leading_blank(script: str, start: int) -> int:
    """Length of the white space and comments that stand at `start`."""
    at = start
    while at < len(script):
        if script[at].isspace() or script[at] in "\ufeff;":
            at += 1
        elif script.startswith("--", at):
            end = script.find("\n", at)
            at = len(script) if end == -1 else end + 1
        elif script.startswith("/*", at):
            end = script.find("*/", at + 2)
            at = len(script) if end == -1 else end + 2
        else:
            break
    return at - start
