"""SQL as text: a script split into single statements, each with the line it starts on, and these into their words."""

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


_COMMENT = r"--[^\n]* | /\*.*?(?:\*/|\Z)"
_QUOTED = r"""'(?:[^']++|'')*' | "(?:[^"]++|"")*" | `[^`]*` | \[[^\]]*(?:\]|\Z)"""
"""Texts and names.  Brackets and comments that are not closed go to the end, as they do for SQLite."""

_FORM = re.DOTALL | re.VERBOSE
_BLANK = re.compile(rf"(?: \s+ | [\ufeff;] | {_COMMENT} )*+", _FORM)
TOKEN = re.compile(rf"{_QUOTED} | {_COMMENT} | \w+ | \s+ | .", _FORM)
"""A text or name in its quotes, a comment, a word, white space or one mark; a quote alone is one never closed."""
_PIECE = re.compile(rf"{_QUOTED} | {_COMMENT} | ['\"`].* | [^;'\"`\[/-]+ | .", _FORM)
"""What a semicolon may stand in without ending anything is one piece, to the end where it is a text never closed."""


def statements(script: str) -> Iterator[Statement]:
    """Yield the statements of `script` in order; the last one is not `complete` when its semicolon is missing.

    `sqlite3.complete_statement` knows trigger bodies, so the text is fed to it up to each semicolon in turn; of those
    in a text, name or comment there can be many, and it is not asked.  `executescript` is no substitute: it commits
    first and tells no line.
    """
    start = counted = 0
    line = 1
    while True:
        blank = _BLANK.match(script, start)
        start = blank.end() if blank else start
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


def tokens(statement: Statement) -> Iterator[tuple[str, int]]:
    """The words, texts, names and marks of a statement with their 1-based line in the script; no comments, no space.

    A quote alone is one that is never closed.
    """
    line = statement.line
    for found in TOKEN.finditer(statement.sql):
        token = found[0]
        if not (token.isspace() or token.startswith(("--", "/*"))):
            yield token, line
        line += token.count("\n")


def masked(sql: str) -> str:
    """The statement with texts and comments blanked out, position for position, so that a pattern meets only code."""

    def blank(match: re.Match[str]) -> str:
        token = match[0]
        if token.startswith("'"):
            return "'" + " " * (len(token) - 2) + "'" if len(token) > 1 else token
        return " " * len(token) if token.startswith(("--", "/*")) else token

    return TOKEN.sub(blank, sql)


def unquoted(token: str) -> str:
    """The text that a literal stands for: 'it''s' → it's."""
    return token[1:-1].replace("''", "'")
