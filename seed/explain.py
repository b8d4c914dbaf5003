"""Turn SQLite's complaint about a statement of a seed file into one line that says where, what, and how to mend it."""

from __future__ import annotations

import difflib
import re
import sqlite3
from collections.abc import Callable, Iterable

from db.errors import ScriptError, first_line
from db.nearest import nearest
from db.statements import tokens
from seed.bounds import TEXT_BYTES
from seed.passage import Passage
from seed.script import MAY_BEGIN

NOT_THE_FILE = frozenset(
    {
        sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_NOMEM,
        sqlite3.SQLITE_INTERRUPT,
    }
)  # fmt: skip
"""SQLite's primary result codes for faults of the store or the machine, which no seed file can mend."""


def explain(passage: Passage, error: sqlite3.Error) -> ScriptError:
    """The error in words; re-raises `error` itself when it is not the file's fault."""
    if getattr(error, "sqlite_errorcode", 0) & 0xFF in NOT_THE_FILE:
        raise error
    message = first_line(error)
    for pattern, words in _KNOWN:
        match = re.search(pattern, message)
        if match:
            return words(passage, match)
    return passage.fault(message)


def _empty(passage: Passage, match: re.Match[str]) -> ScriptError:
    table, column = match[1], match[2]
    if column.endswith("_id"):
        what = column.removesuffix("_id")
        return passage.fault(
            f"{table}.{column} is empty: the (SELECT id FROM {what} ...) that should give it found nothing;"
            f" check its key, or insert that {what} first"
        )
    return passage.fault(f"{table}.{column} must not be empty; give it a value")


def _not_allowed(passage: Passage, match: re.Match[str]) -> ScriptError:
    rule = match[1]
    one_of = re.fullmatch(r'"?(\w+)"? IN \((.*)\)', rule)
    if one_of:
        column, allowed = one_of[1], re.findall(r"'([^']*)'", one_of[2])
        wrong = _odd_one(passage, column, allowed)
        close = nearest(wrong, allowed) if wrong else None
        said = f"{column} {wrong!r} is not known; " if wrong else f"{column} has a value that is not known; "
        said += f"did you mean {close!r}? It" if close else "it"
        line = next((line for text, line in passage.texts() if text == wrong), None)
        return passage.fault(f"{said} is one of {', '.join(allowed)}", line)
    between = re.fullmatch(r'"?(\w+)"? BETWEEN (\S+) AND (\S+)', rule)
    if between:
        return passage.fault(f"{between[1]} is out of range; it goes from {between[2]} to {between[3]}")
    if rule == "end":  # SQLite cuts the rule's name at the end of its first quoted word
        return passage.fault(
            '"end" minus "start" must be the length of exact in characters; write "start" + length(exact)'
        )
    return passage.fault(f"a value breaks the rule {rule}; docs/seeding.md says what each column holds")


def _odd_one(passage: Passage, column: str, allowed: list[str]) -> str | None:
    """The value that a column does not take: from a list with that column, else the text most like an allowed one."""
    for name in passage.lists:
        for value in passage.values(name, column):
            if value not in allowed:
                return str(value)
    for text, _ in passage.texts():
        close = nearest(text, allowed)
        # Strict: a word that belongs to another column may look a little like one of these.
        if close and text not in allowed and difflib.SequenceMatcher(None, text, close).ratio() > 0.8:
            return text
    return None


def _there_already(passage: Passage, match: re.Match[str]) -> ScriptError:
    table = match[1].partition(".")[0]
    columns = [column.strip().partition(".")[2] for column in match[1].split(",")]
    return passage.fault(
        f"a row of {table} with this {' and '.join(columns)} is there already;"
        " end the statement with ON CONFLICT DO NOTHING, so that it can be loaded again"
    )


def _dangling(passage: Passage, match: re.Match[str]) -> ScriptError:
    codes = set(passage.names("SELECT code FROM country"))
    for text, line in passage.texts():
        if re.fullmatch(r"[A-Za-z]{2,3}", text) and text not in codes and text.isupper():
            return passage.fault(f"no such country code {text!r}; use the two letters of ISO 3166-1, as IQ", line)
    return passage.fault(
        "a row would refer to one that does not exist, or remove one that others need; check keys and order"
    )


def _syntax(passage: Passage, match: re.Match[str]) -> ScriptError:
    near = match[1]
    again = [line for token, line in tokens(passage.statement) if token == near]
    if near.upper() in MAY_BEGIN and len(again) > 1:
        return passage.fault(f"the statement before this {near} has no semicolon at its end; add one", again[-1])
    line = passage.line_of(near, only=True)
    hint = "look for a missing comma or bracket just before it, and for a quote inside a text, which is written ''"
    return passage.fault(f"syntax error near {near!r}; {hint}", line)


def _no_table(passage: Passage, match: re.Match[str]) -> ScriptError:
    name = match[1].rpartition(".")[2]
    tables = passage.names(
        "SELECT name FROM sqlite_master WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite_%'"
    )
    return passage.fault(f"no such table {name!r}{_meant(name, tables)}", passage.line_of(name))


def _no_column(passage: Passage, match: re.Match[str]) -> ScriptError:
    if match.re.groups == 2:
        table, name = match[1], match[2]
        columns = passage.names("SELECT name FROM pragma_table_info(?)", table)
        return passage.fault(f"{table} has no column {name!r}{_meant(name, columns)}", passage.line_of(name))
    name = match[1].rpartition(".")[2]
    tables = {token for token, _ in tokens(passage.statement) if token.isidentifier()}
    columns = [c for table in sorted(tables) for c in passage.names("SELECT name FROM pragma_table_info(?)", table)]
    columns += [column for listed in passage.lists.values() for column in listed]
    line = passage.line_of(name) or passage.line_of(f'"{name}"')
    if name in columns:
        return passage.fault(f"no column can be named {match[1]!r} here; name it without what stands before it", line)
    return passage.fault(f"no such column {name!r}{_meant(name, columns)}; a text stands in single quotes", line)


def _wrong_kind(passage: Passage, match: re.Match[str]) -> ScriptError:
    given, wanted, column = match[1], match[2], match[3]
    hint = {"INTEGER": "write a whole number without quotes", "REAL": "write a number without quotes"}.get(
        wanted, "write it in single quotes"
    )
    return passage.fault(f"{column} takes {wanted}, not {given}; {hint}, or NULL where it is unknown")


def _uneven(passage: Passage, match: re.Match[str]) -> ScriptError:
    return passage.fault(f"{match[0]}; count the commas of each row, and write NULL for what is unknown")


def _unbound(passage: Passage, match: re.Match[str]) -> ScriptError:
    return passage.fault("? and :name have no value in a seed file; write the value itself")


def _no_unique(passage: Passage, match: re.Match[str]) -> ScriptError:
    return passage.fault(
        "ON CONFLICT names columns that are not unique together; leave the brackets out, or name the key"
    )


def _meant(name: str, candidates: Iterable[str]) -> str:
    close = nearest(name, candidates)
    return f"; did you mean {close!r}?" if close else ""


def _too_long(passage: Passage, _: re.Match[str]) -> ScriptError:
    return passage.fault(f"a text or a row would have more than {TEXT_BYTES / 1e6:,.0f} MB; make it shorter")


_KNOWN: tuple[tuple[str, Callable[[Passage, re.Match[str]], ScriptError]], ...] = (
    (r"NOT NULL constraint failed: (\w+)\.(\w+)", _empty),
    (r"CHECK constraint failed: (.*)", _not_allowed),
    (r"UNIQUE constraint failed: (.*)", _there_already),
    (r"FOREIGN KEY constraint failed", _dangling),
    (r"string or blob too big", _too_long),
    (r'near "(.*)": syntax error', _syntax),
    (r"no such table: (\S+)", _no_table),
    (r"table (\w+) has no column named (\w+)", _no_column),
    (r"no such column: (\S+)", _no_column),
    (r"cannot store (\w+) value in (\w+) column (\S+)", _wrong_kind),
    (r"table \w+ has \d+ \w+ (but|for) \d+ .*|\d+ values for \d+ columns|all VALUES must have .*", _uneven),
    (r"Incorrect number of bindings|binding", _unbound),
    (r"ON CONFLICT clause does not match", _no_unique),
)  # fmt: skip
