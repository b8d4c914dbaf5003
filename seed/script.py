"""Seed files as text: found, read, cut into statements that a seed file may hold."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from importlib import resources
from pathlib import Path

from db.errors import ScriptError, UsageError
from db.input_file import MOST_TEXT, read_whole
from db.nearest import nearest
from db.statements import Statement, masked, statements, tokens, unquoted

MAY_BEGIN = ("INSERT", "UPDATE", "DELETE", "REPLACE", "SELECT", "WITH")
"""What a statement of a seed file may begin with: it fills tables and changes nothing else."""

SKIPPED = ("BEGIN", "COMMIT", "END")
"""Accepted and skipped, so that a file for the sqlite3 program loads too: here all files are one transaction."""


@dataclass(frozen=True)
class Script:
    """One seed file: its path as the user named it and its statements in order, up to the first that cannot stand."""

    path: Path
    statements: tuple[Statement, ...]
    fault: ScriptError | None = None
    """What is wrong with the form of the statement after these; the ones before it may show the cause."""

    @cached_property
    def literals(self) -> dict[str, int]:
        """Each text written in quotes → the line of its first appearance."""
        found: dict[str, int] = {}
        for statement in self.statements:
            for token, line in tokens(statement):
                if token.startswith("'"):
                    found.setdefault(unquoted(token), line)
        return found


def bundled() -> list[Path]:
    """The seed files that come with Dateline, in loading order."""
    return sorted(Path(str(entry)) for entry in resources.files("seed").iterdir() if entry.name.endswith(".sql"))


def read_all(paths: Sequence[Path]) -> list[Script]:
    """Read seed files, a directory standing for its *.sql in order of name; raises ScriptError for the first fault."""
    return [read(path) for named in paths for path in _files(named)]


def read(path: Path) -> Script:
    """Read one seed file; raises ScriptError when it cannot be read, is not UTF-8 or holds no statement."""
    try:
        raw = read_whole(path, MOST_TEXT)
    except UsageError as error:
        raise ScriptError(str(error)) from error
    except OSError as error:
        raise ScriptError(f"{path}: cannot be read: {error.strerror or error}") from error
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise ScriptError(
            f"{path}:{line}: not UTF-8 (byte 0x{raw[error.start]:02x}); save the file as UTF-8"
        ) from error
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        raise ScriptError(f"{path}:{line}: holds a NUL character, which SQL cannot; remove it")
    found: list[Statement] = []
    for statement in statements(text):
        word = next(tokens(statement))[0]
        if word.upper() in SKIPPED and statement.complete:
            continue
        fault = _fault(path, statement, word)
        if fault:
            return Script(path, tuple(found), fault)
        found.append(statement)
    if not found:
        raise ScriptError(f"{path}: holds no SQL statement; docs/seeding.md has an example to start from")
    return Script(path, tuple(found))


def _files(named: Path) -> list[Path]:
    if named.is_dir():
        found = sorted(path for path in named.glob("*.sql") if path.is_file())
        if not found:
            raise ScriptError(f"{named}: no .sql file in this directory; name a file, or a directory that holds some")
        return found
    if not named.exists():
        raise ScriptError(f"{named}: no such file; check the name")
    return [named]


def _fault(path: Path, statement: Statement, word: str) -> ScriptError | None:
    """What can be told to be wrong from the statement's form alone."""
    at = f"{path}:{statement.line}:"
    verbs = ", ".join(MAY_BEGIN[:-1]) + " and " + MAY_BEGIN[-1]
    if word == ".":
        return ScriptError(f"{at} lines that begin with a dot are for the sqlite3 program only; remove it")
    if word.upper() not in MAY_BEGIN:
        close = nearest(word, MAY_BEGIN) if word.isidentifier() else None
        hint = f"did you mean {close}?" if close else f"a statement begins with {verbs}"
        return ScriptError(f"{at} a seed file cannot say {word!r}; {hint}")
    if not statement.complete:
        if any(token == "'" for token, _ in tokens(statement)):
            return ScriptError(
                f"{at} a text in the statement that begins here has no closing quote; a quote in it is ''"
            )
        return ScriptError(f"{at} the statement that begins here has no semicolon at its end; add one")
    ignore = re.search(r"\bOR\s+IGNORE\b", masked(statement.sql), re.IGNORECASE)
    if ignore:
        line = statement.line + statement.sql.count("\n", 0, ignore.start())
        return ScriptError(
            f"{path}:{line}: OR IGNORE would drop faulty rows unseen; end the statement with ON CONFLICT DO NOTHING"
        )
    return None
