"""One statement of a seed file, seen closely: its words and their lines, its named lists and their values."""

from __future__ import annotations

import re
import sqlite3
from pathlib import Path

from db.errors import ScriptError
from db.statements import Statement, masked, tokens, unquoted

_LIST = re.compile(r"\b(\w++)\s*+\(([\w\s,\"]++)\)\s*+AS\s*+\(", re.IGNORECASE)
"""`who (incident, actor, role) AS (`: a named list with its columns; nothing is given back, as long words are many."""

_EDGE = re.compile(r"[()]|\b(?:INSERT|UPDATE|DELETE|REPLACE|SELECT)\b", re.IGNORECASE)


class Passage:
    """A statement of a seed file and the connection it failed on: what an explanation may look at."""

    def __init__(self, path: Path, statement: Statement, connection: sqlite3.Connection) -> None:
        self.path = path
        self.statement = statement
        self.connection = connection
        self.preamble = ""
        """The WITH part of the statement, up to its main verb; empty when it has none."""
        self.lists: dict[str, tuple[str, ...]] = {}
        """The named lists of the WITH part → their columns."""
        code = masked(statement.sql)
        end = _main_verb(code) if re.match(r"WITH\b", code, re.IGNORECASE) else None
        if end is not None:
            self.preamble = statement.sql[:end]
            for name, columns in _LIST.findall(code[:end]):
                self.lists[name] = tuple(column.strip(' "') for column in columns.split(","))

    def fault(self, message: str, line: int | None = None) -> ScriptError:
        """The error to raise: file, line and message."""
        return ScriptError(f"{self.path}:{line or self.statement.line}: {message}")

    def line_of(self, word: str, *, only: bool = False) -> int | None:
        """Line of a word or text of the statement; with `only`, None unless it stands there once."""
        lines = [line for token, line in tokens(self.statement) if token == word]
        return lines[0] if lines and (len(lines) == 1 or not only) else None

    def texts(self) -> list[tuple[str, int]]:
        """The texts in quotes with their lines."""
        return [(unquoted(token), line) for token, line in tokens(self.statement) if token.startswith("'")]

    def names(self, sql: str, *values: str) -> list[str]:
        """First column of a query over the store's schema or names."""
        return [row[0] for row in self.connection.execute(sql, values)]

    def values(self, name: str, column: str) -> list[object]:
        """The distinct values of a column of a named list, in the order written, NULL left out."""
        if column not in self.lists.get(name, ()):
            return []
        rows = self.connection.execute(f'{self.preamble} SELECT "{column}" FROM {name} WHERE "{column}" IS NOT NULL')
        return list(dict.fromkeys(row[0] for row in rows))


def _main_verb(code: str) -> int | None:
    """Where the WITH part of a masked statement ends: at the first verb outside all brackets."""
    depth = 0
    for match in _EDGE.finditer(code):
        if match[0] in "()":
            depth += 1 if match[0] == "(" else -1
        elif depth == 0:
            return match.start()
    return None
