"""An independent, slow reference for leaving sources out: the quotes are deleted from a copy, and all is read again."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from db import read

Numbers = tuple[int, int, int, object, object, tuple[str, ...]]
"""Quotes, documents, roots, claimed killed, claimed injured, disputed fields."""


@dataclass(frozen=True)
class Out:
    """What is left out, as plain sets."""

    documents: frozenset[str] = frozenset()
    speakers: frozenset[str] = frozenset()
    grades: frozenset[str | None] = frozenset()


def effects(path: Path, out: Out, scratch: Path) -> dict[str, tuple[str, Numbers, Numbers]]:
    """Key → (fate, before, after) of every incident that loses a quote; `scratch` is a file to make the copy in."""
    scratch.unlink(missing_ok=True)
    with closing(sqlite3.connect(path)) as source, closing(sqlite3.connect(scratch)) as copy:
        source.backup(copy)
    with closing(sqlite3.connect(scratch, isolation_level=None)) as connection:
        connection.text_factory = lambda raw: raw.decode("utf-8", "surrogateescape")
        before = _numbers(connection)
        gone = [row for row in _quotes(connection) if _falls(row, out)]
        connection.execute("PRAGMA foreign_keys = ON")
        for quote_id, *_ in gone:
            connection.execute("DELETE FROM quote WHERE id = ?", (quote_id,))
        after = _numbers(connection)
    touched = {incident for _, incident, *_ in gone}
    return {key: (_fate(before[key], after[key]), before[key], after[key]) for key in touched if key in before}


def _quotes(connection: sqlite3.Connection) -> list[tuple[int, str, str, str | None, str | None, tuple[str, ...]]]:
    """Id, incident, document, publisher, reliability and names in the chain of each quote, one query a quote."""
    found = []
    for quote_id, incident, document, publisher, grade in connection.execute(
        "SELECT q.id, i.key, d.key, d.publisher, d.reliability FROM quote AS q"
        " JOIN incident AS i ON i.id = q.incident_id JOIN document AS d ON d.id = q.document_id"
    ).fetchall():
        chain = connection.execute(
            "SELECT a.name FROM attribution AS x JOIN actor AS a ON a.id = x.actor_id WHERE x.quote_id = ?", (quote_id,)
        )
        found.append((quote_id, incident, document, publisher, grade, tuple(name for (name,) in chain)))
    return found


def _falls(row: tuple[int, str, str, str | None, str | None, tuple[str, ...]], out: Out) -> bool:
    _, _, document, publisher, grade, chain = row
    if document in out.documents or grade in out.grades:
        return True
    own = publisher or document
    return bool(out.speakers & set(chain)) if chain else own in out.speakers


def _numbers(connection: sqlite3.Connection) -> dict[str, Numbers]:
    found: dict[str, Numbers] = {}
    for (incident_id,) in connection.execute("SELECT id FROM incident").fetchall():
        incident = read.incident(connection, incident_id)
        assert incident is not None
        claimed: dict[str, list[int]] = defaultdict(list)
        for claim in incident.claims:
            if claim.polarity == "asserts" and claim.rank != "deprecated" and (claim.value or "x").isdigit():
                claimed[claim.field].append(int(claim.value or ""))
        killed, injured = ((min(n), max(n)) if (n := claimed[f]) else None for f in ("killed", "injured"))
        found[incident.key] = (
            len(incident.quotes), len(incident.documents), incident.roots, killed, injured, incident.disputed,
        )  # fmt: skip
    return found


def _fate(before: Numbers, after: Numbers) -> str:
    if after[0] == 0:
        return "vanishes"
    return "single-source" if before[2] > 1 and after[2] == 1 else "changes"
