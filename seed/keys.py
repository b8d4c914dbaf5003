"""Find keys that a statement looks up and the store does not have, before SQLite turns them into NULL unseen."""

from __future__ import annotations

import re
from collections.abc import Iterator

from db.errors import ScriptError
from db.nearest import nearest
from db.statements import masked, unquoted
from seed.passage import Passage

_LOOKUP = re.compile(
    r"\(\s*SELECT\s+(?:\w+\.)?id\s+FROM\s+(\w+)(?:\s+(?:AS\s+)?\w+)?\s+WHERE\s+(?:\w+\.)?key\s*=\s*"
    r"('\s*'|\w+\.\w+)\s*\)",
    re.IGNORECASE,
)
"""(SELECT id FROM actor WHERE key = 'x') and the same with the column of a named list of VALUES."""

_RENAMED = re.compile(r"\b(?:FROM|JOIN)\s+(\w+)\s+AS\s+(\w+)", re.IGNORECASE)
_KEYED = ("document", "actor", "place", "system", "incident")


def check_keys(passage: Passage) -> None:
    """Raise ScriptError for the first key of the statement that names no row."""
    for table, key in _lookups(passage):
        if table in _KEYED and not passage.names(f"SELECT 1 FROM {table} WHERE key = ?", key):
            raise no_such(passage, table, key)
    _check_words(passage)


def no_such(passage: Passage, table: str, key: str) -> ScriptError:
    """The error for a key that names no row of `table`, with the nearest key that does."""
    close = nearest_key(key, passage.names(f"SELECT key FROM {table} LIMIT 100000"))
    hint = f"did you mean {close!r}?" if close else f"insert that {table} first, or check the key"
    line = next((line for text, line in passage.texts() if text == key), None)
    return passage.fault(f"no such {table} {key!r}; {hint}", line)


def nearest_key(key: str, keys: list[str]) -> str | None:
    """The key most like `key`, or else one of whose words, or whose beginning, is: 'katib' → kataib-hezbollah."""
    close = nearest(key, keys)
    if close:
        return close
    parts = {part: known for known in reversed(keys) for part in known.split("-") if len(part) > 3}
    part = nearest(key, parts)
    return parts[part] if part else None


def _lookups(passage: Passage) -> Iterator[tuple[str, str]]:
    """Each (table, key) that the statement looks up."""
    sql = passage.statement.sql
    code = masked(sql)
    renamed = {alias: name for name, alias in _RENAMED.findall(code)}
    for match in _LOOKUP.finditer(code):
        table, key = match[1].lower(), match[2]
        if key.startswith("'"):
            yield table, unquoted(sql[match.start(2) : match.end(2)])
            continue
        source, column = key.split(".")
        source = renamed.get(source, source)
        yield from ((table, str(value)) for value in passage.values(source, column))


def _check_words(passage: Passage) -> None:
    """Raise ScriptError when a list of (incident, words) names words that none, or several, of its quotes have."""
    named = next((name for name, columns in passage.lists.items() if columns[:2] == ("incident", "words")), None)
    if named is None:
        return
    missing = passage.connection.execute(
        f"{passage.preamble} SELECT incident, words,"
        " (SELECT count(*) FROM quote AS q JOIN incident AS i ON i.id = q.incident_id"
        "  WHERE i.key = incident AND instr(q.exact, words)) AS found"
        f" FROM {named} WHERE found <> 1"
    ).fetchone()
    if missing is None:
        return
    incident, words, found = missing
    line = next((line for text, line in passage.texts() if text == words), None)
    if found == 0:
        raise passage.fault(
            f"no quote of incident {incident!r} has the words {words!r}; copy some from the quote", line
        )
    raise passage.fault(f"{found} quotes of incident {incident!r} have the words {words!r}; take more of them", line)
