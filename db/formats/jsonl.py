"""Dateline's own JSON lines: all that a store knows, without loss; the same incidents always give the same bytes.

The first line says what the file is.  Then come, one object a line, the shared rows that the incidents need (documents,
actors, places, systems, each after what it is part of), the incidents in the order asked for, and the links between
them.  An object is a row of the store with keys in place of ids and without the columns that are NULL:

    {"dateline": 1}
    {"document": {"key": "press-tv", "title": ..., "text": ...}}
    {"actor": {"key": "saba", "name": ..., "part_of": KEY, "aliases": [...]}}
    {"incident": {"key": ..., "date_edtf": ..., "place": KEY, "extra": {...}, "actors": [{"actor": KEY, "role": ...}],
                  "quotes": [{"document": KEY, "start": ..., "exact": ..., "chain": [...], "claims": [...]}],
                  "roots_apart": [{"quotes": [1, 3], "at": ...}], ...}}
    {"link": {"from": KEY, "to": KEY, "kind": "same_as"}}

`roots_apart` names pairs of quotes that are not of one root (the table root_dismissal) by their place in `quotes`, from
1.  Bytes that are not UTF-8 are escapes from \\udc80 to \\udcff, as Python reads them (PEP 383), and go back as bytes.
"""

from __future__ import annotations

import re
import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Any

from db.formats.json_parts import loads
from db.log import NOT_UTF8, as_json

VERSION = 1
"""Of the format, in the first line; a reader refuses a larger one."""

LONGEST = 1 << 28
"""Longest line that is read, characters: a document's text stands in one, and all of an incident; read in memory."""

BATCH = 500
"""Incidents read together."""

Row = dict[str, object]

SHARED: dict[str, tuple[str, ...]] = {
    "document": (
        "title", "publisher", "author", "url", "archive_url", "published_edtf", "accessed_at", "language",
        "reliability", "reliability_at", "reliability_reason", "text", "text_sha256", "text_length",
    ),
    "actor": ("name", "kind", "part_of"),
    "place": (
        "name", "kind", "country_code", "admin1", "latitude", "longitude", "where_prec", "radius_m", "part_of",
    ),
    "system": ("name", "class", "part_of"),
}  # fmt: skip
"""Table → its columns besides id and key, in the order in which they are written."""

INCIDENT = (
    "kind", "title", "summary", "event_type", "sub_event_type", "date_edtf", "killed_low", "killed_best", "killed_high",
    "injured_low", "injured_best", "injured_high", "damage", "grade", "credibility", "status", "origin", "origin_id",
)  # fmt: skip
"""Columns of `incident` that are written as they are; interval and precision follow from date and documents."""

QUOTE = ("start", "end", "exact", "prefix", "suffix", "translation")

_USED = {
    "document": "SELECT document_id FROM quote WHERE incident_id IN chosen",
    "actor": (
        "SELECT actor_id FROM incident_actor WHERE incident_id IN chosen UNION SELECT x.actor_id FROM attribution AS x"
        " JOIN quote AS q ON q.id = x.quote_id WHERE q.incident_id IN chosen UNION"
        " SELECT a.id FROM claim AS c JOIN actor AS a ON a.key = c.value WHERE c.incident_id IN chosen"
    ),
    "place": (
        "SELECT place_id FROM incident WHERE id IN chosen AND place_id IS NOT NULL UNION"
        " SELECT p.id FROM claim AS c JOIN place AS p ON p.key = c.value WHERE c.incident_id IN chosen"
    ),
    "system": (
        "SELECT system_id FROM incident_system WHERE incident_id IN chosen UNION SELECT s.id FROM claim AS c"
        " JOIN system AS s ON s.key = c.value OR s.key = substr(c.field, instr(c.field, ':') + 1)"
        " WHERE c.incident_id IN chosen"
    ),
}
"""Table → ids of the rows that the chosen incidents name, also as the value of a claim."""


def write(connection: sqlite3.Connection, ids: Iterable[int]) -> Iterator[str]:
    """Yield the lines of the incidents of `ids`, in that order, and of all that they rest on, without line ends.

    Reads in the caller's transaction where there is one; else what others write meanwhile may come in halves.
    """
    yield _line({"dateline": VERSION})
    order = list(ids)
    connection.execute("CREATE TEMP TABLE IF NOT EXISTS chosen (id INTEGER PRIMARY KEY)")
    connection.execute("DELETE FROM temp.chosen")
    connection.executemany("INSERT OR IGNORE INTO temp.chosen VALUES (?)", ((i,) for i in order))
    for table in SHARED:
        yield from _shared(connection, table)
    rest = iter(order)
    while batch := list(islice(rest, BATCH)):
        found = incidents(connection, batch)
        yield from (_line({"incident": found[i]}) for i in batch if i in found)
    for start, end, kind in connection.execute(
        "SELECT f.key, t.key, x.kind FROM incident_link AS x JOIN incident AS f ON f.id = x.from_id"
        # +: SQLite would try each that is chosen as the other end of each.
        " JOIN incident AS t ON t.id = x.to_id WHERE x.from_id IN chosen AND +x.to_id IN chosen ORDER BY 1, 2, 3"
    ):
        yield _line({"link": {"from": start, "to": end, "kind": kind}})
    connection.execute("DELETE FROM temp.chosen")


def _shared(connection: sqlite3.Connection, table: str) -> Iterator[str]:
    """Lines of one shared table: the rows used and what they are part of, containers first, else by key."""
    parts = "part_of" in SHARED[table]
    names = ", ".join(
        f"(SELECT w.key FROM {table} AS w WHERE w.id = t.part_of)" if name == "part_of" else f't."{name}"'
        for name in SHARED[table]
    )
    step = f"SELECT t.part_of FROM {table} AS t JOIN used ON t.id = used.id WHERE t.part_of IS NOT NULL"
    used = f"used (id) AS ({_USED[table]}" + (f" UNION {step})" if parts else ")")
    aliases: dict[int, list[str]] = {}
    if table == "actor":
        for actor_id, alias in connection.execute("SELECT actor_id, alias FROM actor_alias ORDER BY alias"):
            aliases.setdefault(actor_id, []).append(alias)
    found: Iterable[tuple[Any, ...]] = connection.execute(
        f"WITH RECURSIVE {used} SELECT t.id, t.key, {names} FROM {table} AS t"
        f" WHERE t.id IN (SELECT id FROM used) ORDER BY t.key"
    )
    if parts:
        records = list(found)
        depths = _depths(dict(connection.execute(f"SELECT id, part_of FROM {table}")))
        found = sorted(records, key=lambda record: depths[record[0]])
    for row_id, key, *values in found:
        row = {"key": key} | _known(SHARED[table], values)
        if row_id in aliases:
            row["aliases"] = aliases[row_id]
        yield _line({table: row})


def _depths(wholes: Mapping[int, int | None]) -> dict[int, int]:
    """How many things each is part of, by id, from what it is part of itself; a ring is cut where it is met."""
    depths: dict[int, int] = {}
    for one in wholes:
        line: dict[int, None] = {}
        at: int | None = one
        while at is not None and at in wholes and at not in depths and at not in line:
            line[at] = None
            at = wholes[at]
        above = depths.get(at, -1) if at is not None else -1
        for step in reversed(line):
            above = depths[step] = above + 1
    return depths


def incidents(connection: sqlite3.Connection, ids: list[int]) -> dict[int, Row]:
    """Incident id → its object, for one batch of incidents."""
    marks = ",".join(str(int(i)) for i in ids)
    found: dict[int, Row] = {}
    for incident_id, key, place, extra, *values in connection.execute(
        f"SELECT i.id, i.key, p.key, i.extra, {', '.join('i.' + name for name in INCIDENT)} FROM incident AS i"
        f" LEFT JOIN place AS p ON p.id = i.place_id WHERE i.id IN ({marks})"
    ):
        row = found[incident_id] = {"key": key} | _known(INCIDENT, values)
        if place is not None:
            row["place"] = place
        if extra is not None:
            row["extra"] = _json(extra)

    def gather(name: str, columns: tuple[str, ...], sql: str) -> None:
        for incident_id, *values in connection.execute(sql.format(marks)):
            items = found[incident_id].setdefault(name, [])
            assert isinstance(items, list)
            items.append(_known(columns, values))

    gather(
        "actors",
        ("actor", "role", "attribution"),
        "SELECT x.incident_id, a.key, x.role, x.attribution FROM incident_actor AS x"
        " JOIN actor AS a ON a.id = x.actor_id WHERE x.incident_id IN ({}) ORDER BY x.id",
    )
    gather(
        "systems",
        ("system", "role", "outcome", "count_low", "count_best", "count_high"),
        "SELECT x.incident_id, s.key, x.role, x.outcome, x.count_low, x.count_best, x.count_high"
        " FROM incident_system AS x JOIN system AS s ON s.id = x.system_id WHERE x.incident_id IN ({}) ORDER BY x.id",
    )
    _quotes(connection, marks, found)
    gather(
        "claims",
        ("field", "value", "polarity", "rank"),
        "SELECT incident_id, field, value, polarity, rank FROM claim"
        " WHERE incident_id IN ({}) AND quote_id IS NULL ORDER BY id",
    )
    _apart(connection, marks, found)
    gather("notes", ("text", "at"), "SELECT incident_id, text, at FROM note WHERE incident_id IN ({}) ORDER BY id")
    for incident_id, tag in connection.execute(
        "SELECT x.incident_id, t.name FROM incident_tag AS x JOIN tag AS t ON t.id = x.tag_id"
        f" WHERE x.incident_id IN ({marks}) ORDER BY 2"
    ):
        tags = found[incident_id].setdefault("tags", [])
        assert isinstance(tags, list)
        tags.append(tag)
    for incident_id, at in connection.execute(f"SELECT incident_id, at FROM star WHERE incident_id IN ({marks})"):
        found[incident_id]["starred"] = at
    return found


def _quotes(connection: sqlite3.Connection, marks: str, found: dict[int, Row]) -> None:
    """Add the quotes with their chains and claims to the incidents of a batch."""
    own = f"quote_id IN (SELECT id FROM quote WHERE incident_id IN ({marks}))"
    chains: dict[int, list[Row]] = {}
    for quote_id, *step in connection.execute(
        f"SELECT x.quote_id, a.key, x.verb FROM attribution AS x JOIN actor AS a ON a.id = x.actor_id WHERE {own}"
        " ORDER BY x.quote_id, x.step"
    ):
        chains.setdefault(quote_id, []).append(_known(("actor", "verb"), step))
    claims: dict[int, list[Row]] = {}
    columns = ("field", "value", "polarity", "rank")
    for quote_id, *claim in connection.execute(
        f"SELECT quote_id, {', '.join(columns)} FROM claim WHERE {own} ORDER BY id"
    ):
        claims.setdefault(quote_id, []).append(_known(columns, claim))
    names = ", ".join(f'q."{name}"' for name in QUOTE)
    for incident_id, quote_id, document, *values in connection.execute(
        f"SELECT q.incident_id, q.id, d.key, {names} FROM quote AS q JOIN document AS d ON d.id = q.document_id"
        f" WHERE q.incident_id IN ({marks}) ORDER BY q.id"
    ):
        quote = {"document": document} | _known(QUOTE, values)
        if quote_id in chains:
            quote["chain"] = chains[quote_id]
        if quote_id in claims:
            quote["claims"] = claims[quote_id]
        items = found[incident_id].setdefault("quotes", [])
        assert isinstance(items, list)
        items.append(quote)


def _apart(connection: sqlite3.Connection, marks: str, found: dict[int, Row]) -> None:
    """Add the pairs of quotes that are said to have roots of their own to the incidents of a batch."""
    pairs = connection.execute(
        # In this order: SQLite would compare all quotes of an incident with each other.
        "SELECT q.incident_id, q.id, o.id, d.at FROM quote AS q CROSS JOIN root_dismissal AS d ON d.quote_id = q.id"
        " CROSS JOIN quote AS o ON o.id = d.other_id AND o.incident_id = q.incident_id"
        f" WHERE q.incident_id IN ({marks}) ORDER BY d.quote_id, d.other_id"
    ).fetchall()
    of = ",".join({str(incident_id) for incident_id, *_ in pairs})
    place: dict[int, int] = {}
    last: Counter[int] = Counter()
    for quote_id, incident_id in connection.execute(
        f"SELECT id, incident_id FROM quote WHERE incident_id IN ({of}) ORDER BY id"
    ):
        last[incident_id] += 1
        place[quote_id] = last[incident_id]
    for incident_id, one, other, at in pairs:
        items = found[incident_id].setdefault("roots_apart", [])
        assert isinstance(items, list)
        items.append({"quotes": [place[one], place[other]], "at": at})


def _known(names: Iterable[str], values: Iterable[object]) -> Row:
    return {name: value for name, value in zip(names, values, strict=True) if value is not None}


def _json(text: str) -> object:
    """What a JSON column holds, as its value where that says all: else as the text, which goes back as it is.

    A name that stands there twice, a number that Python writes otherwise and bytes that are not UTF-8 would be lost.
    """
    if NOT_UTF8.search(text):
        return text
    try:
        match loads(f"[[{text}]]"):  # as deep as it will stand in the line
            case [[{**value}]] if as_json(value, (",", ":")) == _SPACE.sub(lambda found: found[1] or "", text):
                return value
    except (ValueError, RecursionError):
        pass
    return text


_SPACE = re.compile(r'("(?:[^"\\]|\\.)*")|[ \t\n\r]+', re.DOTALL)
"""A string of JSON, or white space between two of its tokens."""


def _line(value: object) -> str:
    return as_json(value, (",", ":"))
