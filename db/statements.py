"""Split a SQL script into single statements, each with the line it starts on."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from typing import NamedTuple


class Statement(NamedTuple):
    """One SQL statement of a script; `line` is 1-based and points at its first word, not at a comment above it."""

    line: int
    sql: str
    complete: bool


def statements(script: str) -> Iterator[Statement]:
    """Yield the statements of `script` in order; the last one is not `complete` when its semicolon is missing.

    `sqlite3.complete_statement` knows strings, comments and trigger bodies, so the text is fed to it
    up to each semicolon in turn.  `executescript` is no substitute: it commits first and tells no line.
    """
    start = 0
    while True:
        start += _leading_blank(script, start)
        if start >= len(script):
            return
        line = script.count("\n", 0, start) + 1
        end = script.find(";", start)
        while end != -1 and not sqlite3.complete_statement(script[start : end + 1]):
            end = script.find(";", end + 1)
        if end == -1:
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
