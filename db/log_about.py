"""The log rows that speak of one incident: of its own row, of what points to it, and of what hangs on its quotes.

SQLite gives the numbers of rows that are gone to new ones, so each number is held against who had it then.
"""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Iterator

from db import bulk, log, read
from db.handwork import loads
from db.history import Entry, entries, history
from db.same_row import Lives


def about(connection: sqlite3.Connection, key: str) -> Iterator[Entry]:
    """Yield the log rows that touched an incident or what hangs on it, newest first.

    Raises UsageError when the log has never heard of it and the store has not got it.
    """
    wanted = _touching(connection, key)
    for entry in entries(connection):
        if entry.id in wanted:
            yield entry


def _touching(connection: sqlite3.Connection, key: str) -> set[int]:
    """Numbers of the log rows that speak of the incident of a key, which may be gone by now."""
    found = connection.execute("SELECT id FROM incident WHERE key = ?", (key,)).fetchone()
    gone_with = 2**62
    if found is None:
        # An incident that is gone is still known to the log by its key.
        gone = json.dumps(key, ensure_ascii=False)
        found = connection.execute(
            "SELECT json_extract(e.value, '$.id'), l.id FROM log AS l, json_each(l.before) AS e"
            " WHERE instr(l.before, '\"key\": ' || ?) AND json_extract(e.value, '$.table') = 'incident'"
            " AND json_extract(e.value, '$.row.key') = ? ORDER BY l.id DESC LIMIT 1",
            (gone, key),
        ).fetchone()
        gone_with = int(found[1]) if found is not None else gone_with
    if found is None:
        return {read.incident_id(connection, key)}  # raises, naming the nearest key
    incident_id = int(found[0])
    place = ("incident", incident_id)
    lives = Lives(connection, [place])
    own = lives.after(place, gone_with - 1)
    touched = {seq for seq in _naming(connection, place) if seq <= gone_with and lives.speaks_of(seq, place, own)}
    return touched | {seq for seq in _of_its_quotes(connection, incident_id, touched) if seq <= gone_with}


def _naming(connection: sqlite3.Connection, incident: tuple[str, int]) -> set[int]:
    """Log rows that name the number of an incident, in its own row or in one that points to it, or have loaded it."""
    number = incident[1]
    # Compact text, as `db.log` writes it: an unescaped quotation mark never stands inside a JSON string.
    rows = [f'"table": "incident", "id": {number},']
    rows += [f'"{column}": {number},' for column in ("incident_id", "from_id", "to_id")]
    test = " OR ".join(["instr(before, ?) OR instr(after, ?)"] * len(rows))
    found = connection.execute(f"SELECT id FROM log WHERE {test}", [text for text in rows for _ in ("before", "after")])
    named = {int(seq) for (seq,) in found}
    named |= {seq for seq, load in loads(connection).items() if _loaded(load, number)}
    return named | {seq for seq, mark in history(connection).marks.items() if mark.how == "redo" and mark.of in named}


def _loaded(load: dict[str, object], incident_id: int) -> bool:
    first, last = bulk.spans(load.get("ids")).get("incident", (1, 0))
    return first <= incident_id <= last


_OF_A_QUOTE = re.compile(r'"(?:quote_id|other_id)": (-?\d{1,19})[,}]')


def _of_its_quotes(connection: sqlite3.Connection, incident_id: int, touched: set[int]) -> set[int]:
    """Log rows that speak of what hangs on an incident's quotes alone: speakers, and pairs said to have one root."""
    seen: list[tuple[int, int | None]] = [
        (int(number), None)
        for (number,) in connection.execute("SELECT id FROM quote WHERE incident_id = ?", (incident_id,))
    ]
    with_quotes = connection.execute('SELECT id FROM log WHERE instr(before || after, \'"table": "quote"\')')
    for seq in touched & {int(seq) for (seq,) in with_quotes}:
        for change in log.changes_of(connection, seq):
            row = change.before if change.after is None else change.after
            if change.table == "quote" and row is not None and row.get("incident_id") == incident_id:
                # Before it, where it is taken out: behind that it is no more.
                seen.append((change.rowid, seq - 1 if change.after is None else seq))
    lives = Lives(connection, {("quote", number) for number, _ in seen})
    own: dict[int, set[int]] = {}
    for number, behind in seen:
        quote = ("quote", number)
        own.setdefault(number, set()).add(lives.now(quote) if behind is None else lives.after(quote, behind))
    found: set[int] = set()
    for seq, before, after in connection.execute(
        "SELECT id, before, after FROM log WHERE instr(before || after, '\"quote_id\":')"
    ):
        numbers = {int(number) for number in _OF_A_QUOTE.findall(f"{before}{after}")} & own.keys()
        if any(lives.speaks_of(seq, ("quote", number), birth) for number in numbers for birth in own[number]):
            found.add(int(seq))
    return found
