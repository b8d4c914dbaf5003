"""The invariants of a store's rows: quotes equal their texts, intervals follow from EDTF, chains are whole."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Callable, Iterator

from db import dates
from db.anchor import AnchorText, ends_right
from db.disputes import KEY_FIELDS
from db.errors import DateError, StoreError, UsageError
from db.finding import Finding
from db.handwork import handwork
from db.log import changes_in
from db.plural import counted
from db.rings import linked_rings, part_rings
from db.settle import publication_day

WORDS_SHOWN = 48
"""How much of a quote a finding shows, characters."""

TEXTS_NAMED = 6
"""How many documents without a text are named before the rest is only counted."""


def _texts(connection: sqlite3.Connection) -> Iterator[Finding]:
    """Documents whose text is not the one that hash and length speak of; those without a text are only reported."""
    lacking: list[str] = []
    ids = connection.execute("SELECT id, key, text IS NOT NULL FROM document ORDER BY id").fetchall()
    for document_id, key, has_text in ids:
        if not has_text:
            lacking.append(key)
            continue
        text, sha256, length = connection.execute(
            "SELECT text, text_sha256, text_length FROM document WHERE id = ?", (document_id,)
        ).fetchone()
        if sha256 is None:
            yield Finding("text", key, "the text has no hash to check it by", wrong=False)
        elif hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest() != sha256.lower():
            yield Finding("text", key, f"the text is not the one whose SHA-256 is {sha256[:12]}…: it was changed")
        if length is not None and length != len(text):
            yield Finding("text", key, f"the text has {counted(len(text), 'character')}, not {length}")
    if lacking:
        more = f" and {len(lacking) - TEXTS_NAMED} more" if len(lacking) > TEXTS_NAMED else ""
        whose = "1 document without its text" if len(lacking) == 1 else f"{len(lacking)} documents without their texts"
        yield Finding(
            "text",
            ", ".join(lacking[:TEXTS_NAMED]) + more,
            f"the store has {whose}, so quotes from there are unverified; `dateline attach FILE` gives it one",
            wrong=False,
        )


def _quotes(connection: sqlite3.Connection) -> Iterator[Finding]:
    """Quotes that are not what their document's text has at their position, and how many are."""
    verified = quotes = 0
    documents = connection.execute("SELECT id, key, text_length FROM document ORDER BY id").fetchall()
    for document_id, key, length in documents:
        found = connection.execute("SELECT text FROM document WHERE id = ?", (document_id,)).fetchone()
        text = None if found[0] is None else AnchorText(found[0])
        for exact, start, end, prefix, suffix, incident in connection.execute(
            'SELECT q.exact, q."start", q."end", q.prefix, q.suffix, i.key FROM quote AS q'
            ' JOIN incident AS i ON i.id = q.incident_id WHERE q.document_id = ? ORDER BY q."start", q.id',
            (document_id,),
        ):
            quotes += 1
            fault = None
            if text is not None:
                fault = _misplaced(text, exact, (start, end), prefix, suffix)
                verified += fault is None
            elif length is not None and end is not None and end > length:
                fault = f"ends behind the end of the text, which has {counted(length, 'character')}"
            if fault:
                place = "without a position" if start is None else f"at {start}–{end}"
                yield Finding("quote", f"{incident}, {key} {place}", f"“{_shown(exact)}” {fault}")
    if quotes:
        yield Finding(
            "quote",
            "store",
            f"{verified:,} of {counted(quotes, 'quote')} verified against their texts",
            wrong=False,
        )


def _misplaced(
    text: AnchorText, exact: str, span: tuple[int | None, int | None], prefix: str | None, suffix: str | None
) -> str | None:
    """What is wrong with a quote's place in its text, None when nothing is."""
    start, end = span
    anchor = text.anchor(exact, start, prefix, suffix)
    match anchor.fate:
        case "stands" if ends_right(exact, start, end):
            return None
        case "stands":
            why = " (SQLite takes its NUL character for its end)" if "\0" in exact else ""
            return f"begins there, but ends elsewhere{why}"
        case "moved":
            return f"is not there: the text has it at {anchor.start}"
        case "ambiguous":
            return "is not there: the text has it at several other places"
        case "changed":
            place = "" if anchor.start is None else f", at {anchor.start}"
            return f"is not there: the text has these words with other spaces, quotation marks or dashes{place}"
        case "gone":
            return "is gone: the text does not have it anywhere"


def _shown(exact: str) -> str:
    line = " ".join(exact.split())
    return line if len(line) <= WORDS_SHOWN else line[:WORDS_SHOWN].rstrip() + "…"


def _dates(connection: sqlite3.Connection) -> Iterator[Finding]:
    """Dates that EDTF does not know, and intervals that do not follow from theirs."""
    unsettled = 0
    for incident_id, key, edtf, *stored in connection.execute(
        "SELECT id, key, date_edtf, date_earliest, date_latest, date_prec FROM incident"
    ):
        if edtf is None:
            if any(value is not None for value in stored):
                yield Finding("date", key, "has an interval but no date that it could follow from")
            continue
        try:
            dating = dates.parse(edtf)
        except DateError as error:
            yield Finding("date", key, f"date_edtf {edtf!r}: {error}")
            continue
        try:
            published = publication_day(connection, incident_id)
        except UsageError:
            continue  # the document's own date is named below
        dating = dates.clip(dating, published)
        if published is not None and dating.earliest is not None and dating.earliest > published:
            yield Finding("date", key, f"happens on {edtf}, after {dates.iso(published)}, when its source appeared")
        bounds = [None if day is None else dates.iso(day) for day in (dating.earliest, dating.latest)]
        if stored[2] is None:
            unsettled += 1
        elif stored != [*bounds, dating.precision]:
            yield Finding(
                "date", key, f"has {_interval(stored)}, but {edtf} gives {_interval([*bounds, dating.precision])}"
            )
    if unsettled:
        yield Finding("date", "store", f"intervals not filled in yet: {unsettled}; the next write does it", wrong=False)
    for sql, words in (
        ("SELECT key, published_edtf FROM document WHERE published_edtf IS NOT NULL", "published_edtf"),
        (
            "SELECT i.key, c.value FROM claim AS c JOIN incident AS i ON i.id = c.incident_id"
            " WHERE c.field = 'date' AND c.value IS NOT NULL",
            "claim of date",
        ),
    ):
        for key, edtf in connection.execute(sql):
            try:
                dates.parse(edtf)
            except DateError as error:
                yield Finding("date", key, f"{words} {edtf!r}: {error}")


def _interval(stored: list[object]) -> str:
    earliest, latest, precision = stored
    return f"{earliest or '…'} to {latest or '…'} (precision {precision})"


def _chains(connection: sqlite3.Connection) -> Iterator[Finding]:
    for key, exact, count, last in connection.execute(
        "SELECT i.key, q.exact, count(*), max(x.step) FROM attribution AS x JOIN quote AS q ON q.id = x.quote_id"
        " JOIN incident AS i ON i.id = q.incident_id GROUP BY x.quote_id"
        " HAVING min(x.step) <> 1 OR max(x.step) <> count(*)"
    ):
        yield Finding("attribution", key, f"“{_shown(exact)}” has a chain of {count} steps that goes up to {last}")


def _circles(connection: sqlite3.Connection) -> Iterator[Finding]:
    """Things that are part of themselves, over any number of steps."""
    for table in ("actor", "place", "system"):
        for ring in part_rings(connection, table):
            circle = [min(ring)]
            while len(circle) <= len(ring):
                above = connection.execute(f"SELECT part_of FROM {table} WHERE id = ?", circle[-1:])
                circle.append(above.fetchone()[0])
            keys = [_key(connection, table, i) for i in circle]
            yield Finding("part-of", f"{table} {keys[0]}", f"is part of itself: {' → '.join(keys)}")


def _linked_circles(connection: sqlite3.Connection) -> Iterator[Finding]:
    """Incidents that links make a part of themselves, over any number of steps."""
    for incident_id in sorted(set[int]().union(*linked_rings(connection))):
        yield Finding(
            "link", _key(connection, "incident", incident_id), "is part of itself, by links over one or more others"
        )


def _key(connection: sqlite3.Connection, table: str, row_id: int) -> str:
    return str(connection.execute(f"SELECT key FROM {table} WHERE id = ?", (row_id,)).fetchone()[0])


def _places(connection: sqlite3.Connection) -> Iterator[Finding]:
    for (key,) in connection.execute("SELECT key FROM place WHERE latitude = 0 AND longitude = 0"):
        yield Finding("place", key, "stands at 0, 0: unknown coordinates are NULL, not zero")


def _claims(connection: sqlite3.Connection) -> Iterator[Finding]:
    for key, field in connection.execute(
        "SELECT i.key, c.field FROM claim AS c JOIN incident AS i ON i.id = c.incident_id"
        " JOIN quote AS q ON q.id = c.quote_id WHERE q.incident_id <> c.incident_id"
    ):
        yield Finding("claim", key, f"its claim of {field} rests on a quote of another incident")
    for key, field in connection.execute(
        "SELECT i.key, c.field FROM claim AS c JOIN incident AS i ON i.id = c.incident_id WHERE instr(c.field, ':')"
        " AND substr(c.field, instr(c.field, ':') + 1) NOT IN (SELECT s.key FROM system AS s)"
    ):
        yield Finding("claim", key, f"its claim of {field} names a system that is not there")
    for name, table in KEY_FIELDS.items():
        for key, value in connection.execute(
            "SELECT i.key, c.value FROM claim AS c JOIN incident AS i ON i.id = c.incident_id"
            f" WHERE c.field = ? AND c.value NOT IN (SELECT t.key FROM {table} AS t)",
            (name,),
        ):
            yield Finding("claim", key, f"its claim of {name} names {_shown(value)!r}, and no such {table} is there")


def _estimates(connection: sqlite3.Connection) -> Iterator[Finding]:
    """Estimates whose low, best and high are not in order; a data set's own are told, but are not the store's fault."""
    disorder = "{0}_low > {0}_best OR {0}_best > {0}_high OR {0}_low > {0}_high"
    for name in ("killed", "injured"):
        columns = [f"{name}_{part}" for part in ("low", "best", "high")]
        found = connection.execute(
            f"SELECT id, key, origin, {', '.join(columns)} FROM incident WHERE {disorder.format(name)}"
        ).fetchall()
        hands = handwork(connection, [row[0] for row in found if row[2] is not None])
        for incident_id, key, origin, *span in found:
            by_hand = incident_id in hands and not hands[incident_id].columns.keys().isdisjoint(columns)
            own = origin is not None and not by_hand
            whose = f", as {origin} has them: its own inconsistency, kept as it is" if own else ""
            yield Finding("estimate", key, f"{name}: {_span(span)} are not in order{whose}", wrong=not own)
    for key, system, *span in connection.execute(
        "SELECT i.key, s.key, x.count_low, x.count_best, x.count_high FROM incident_system AS x"
        " JOIN incident AS i ON i.id = x.incident_id JOIN system AS s ON s.id = x.system_id"
        f" WHERE {disorder.format('x.count')}"
    ):
        yield Finding("estimate", key, f"number of {system}: {_span(span)} are not in order")


def _span(span: list[object]) -> str:
    return ", ".join(
        f"{name} {'unknown' if n is None else n}" for name, n in zip(("low", "best", "high"), span, strict=True)
    )


def _json(connection: sqlite3.Connection) -> Iterator[Finding]:
    """Columns that hold JSON but are none."""
    from db.formats.json_parts import STRICT

    for table, key, column in (("incident", "key", "extra"), ("view", "name", "layout")):
        for name, text in connection.execute(f"SELECT {key}, {column} FROM {table} WHERE {column} IS NOT NULL"):
            try:
                value = STRICT.decode(text)
            except (ValueError, RecursionError) as error:
                yield Finding("json", f"{table} {name}", f"{column} is not JSON: {error}")
            else:
                if not isinstance(value, dict):
                    yield Finding("json", f"{table} {name}", f"{column} is JSON, but no object")
    for log_id, *texts in connection.execute("SELECT id, before, after FROM log"):
        sides: list[object] = []
        for column, text in zip(("before", "after"), texts, strict=True):
            try:
                sides.append([] if text is None else STRICT.decode(text))
            except (ValueError, RecursionError) as error:
                yield Finding("json", f"log {log_id}", f"{column} is not JSON: {error}")
        if len(sides) == len(texts):
            try:
                changes_in(log_id, *sides)
            except StoreError as error:
                yield Finding("json", f"log {log_id}", str(error).removeprefix(f"log {log_id} ").partition(",")[0])


CHECKS: tuple[tuple[str, Callable[[sqlite3.Connection], Iterator[Finding]]], ...] = (
    ("text", _texts),
    ("quote", _quotes),
    ("date", _dates),
    ("attribution", _chains),
    ("part-of", _circles),
    ("link", _linked_circles),
    ("place", _places),
    ("claim", _claims),
    ("estimate", _estimates),
    ("json", _json),
)
"""Name and work of each check of rows, in the order in which they are made."""
