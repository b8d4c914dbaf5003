"""What "same as" links join: the incidents that are one by the analyst's word, and what stands behind all of them."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable

from db.model import Together
from db.plural import counted

SAME_AS = "same_as"


def linked(connection: sqlite3.Connection, ids: Iterable[int]) -> dict[int, int]:
    """Incident id → how many others it is linked with as the same, for those of `ids` that are."""
    marks = ",".join(str(int(i)) for i in ids)
    return dict(
        connection.execute(
            "SELECT id, count(DISTINCT other) FROM ("
            f" SELECT from_id AS id, to_id AS other FROM incident_link WHERE kind = 'same_as' AND from_id IN ({marks})"
            f" UNION ALL SELECT to_id, from_id FROM incident_link WHERE kind = 'same_as' AND to_id IN ({marks})"
            ") GROUP BY id"
        ).fetchall()
    )


def group(connection: sqlite3.Connection, incident_id: int) -> frozenset[int]:
    """Ids of the incidents that are the same as one over any number of links, itself among them."""
    rows = connection.execute(
        "WITH RECURSIVE same (id) AS (SELECT ? UNION"
        " SELECT iif(x.from_id = same.id, x.to_id, x.from_id) FROM same"
        " JOIN incident_link AS x ON (x.from_id = same.id OR x.to_id = same.id) AND x.kind = 'same_as')"
        " SELECT id FROM same",
        (incident_id,),
    )
    return frozenset(row[0] for row in rows)


def words(whole: Together | None) -> str:
    """What an incident and all that are the same rest on: "with 1 other linked as the same: 3 root speakers ..."."""
    if whole is None:
        return ""
    counts = ((whole.roots, "root speaker"), (whole.documents, "document"))
    rests = ", ".join(counted(n, noun) for n, noun in counts)
    others = whole.incidents - 1
    return f"with {counted(others, 'other')} linked as the same: {rests}"


def together(connection: sqlite3.Connection, ids: Iterable[int], root: str) -> dict[int, Together]:
    """Incident id → what stands behind all that are the same, for those of `ids` that are linked so.

    `root` is the SQL for the root speaker of quote q in document d.
    """
    known: dict[frozenset[int], Together] = {}
    groups: dict[int, frozenset[int]] = {}
    found = {}
    for incident_id in linked(connection, ids):
        if incident_id not in groups:
            members = group(connection, incident_id)
            groups.update(dict.fromkeys(members, members))
        members = groups[incident_id]
        if members not in known:
            marks = ",".join(map(str, map(int, members)))
            counts = connection.execute(
                f"SELECT count(DISTINCT q.document_id), count(DISTINCT {root}) FROM quote AS q"
                f" JOIN document AS d ON d.id = q.document_id WHERE q.incident_id IN ({marks})"
            ).fetchone()
            known[members] = Together(len(members), *counts)
        found[incident_id] = known[members]
    return found
