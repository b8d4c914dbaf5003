"""Read incidents: the light rows of a timeline window, or one incident whole."""

from __future__ import annotations

import json
import sqlite3
from collections import defaultdict
from collections.abc import Sequence

from db import dates
from db.disputes import Kinship, Said, base, disputed_fields, disputed_incidents
from db.errors import UsageError
from db.fields import fold
from db.model import (
    Actor,
    ActorRole,
    Claim,
    Document,
    Incident,
    Link,
    Note,
    Place,
    Quote,
    Row,
    Span,
    Speaker,
    SystemUse,
    root_name,
)
from db.nearest import nearest
from db.same_as import linked, together
from db.settle import interval
from db.verified import verdicts

VOICE = "coalesce(nullif(d.publisher, ''), d.key)"
"""SQL for the own voice of document d, as `Document.voice` has it."""

ROOT = (
    "coalesce((SELECT a.name FROM attribution AS x JOIN actor AS a ON a.id = x.actor_id"
    f" WHERE x.quote_id = q.id ORDER BY x.step DESC LIMIT 1), {VOICE})"
)
"""SQL for the root speaker of quote q in document d: the last of the chain, or the document's own voice."""


NAMED = (
    "coalesce((SELECT s.name FROM system AS s WHERE s.key = c.value),"
    " (SELECT p.name FROM place AS p WHERE p.key = c.value), (SELECT a.name FROM actor AS a WHERE a.key = c.value))"
)
"""SQL for the name of what the value of claim c is the key of, NULL when it is none."""


def rows(connection: sqlite3.Connection, ids: Sequence[int]) -> list[Row]:
    """The timeline rows of `ids`, in the order given; ids that are gone are left out."""
    if not ids:
        return []
    marks = ",".join(str(int(i)) for i in ids)
    disputed = disputed_incidents(connection, ids)
    counts = {
        incident_id: (documents, roots)
        for incident_id, documents, roots in connection.execute(
            f"SELECT q.incident_id, count(DISTINCT q.document_id), count(DISTINCT {ROOT})"
            f" FROM quote AS q JOIN document AS d ON d.id = q.document_id WHERE q.incident_id IN ({marks}) GROUP BY 1"
        )
    }
    same = linked(connection, ids)
    found = {}
    for record in connection.execute(
        "SELECT i.id, i.key, i.kind, i.title, i.event_type, i.date_edtf, i.date_earliest, i.date_latest, i.date_prec,"
        " p.name, c.name, i.grade, s.incident_id FROM incident AS i"
        " LEFT JOIN place AS p ON p.id = i.place_id LEFT JOIN country AS c ON c.code = p.country_code"
        f" LEFT JOIN star AS s ON s.incident_id = i.id WHERE i.id IN ({marks})"
    ):
        row_id, key, kind, title, event_type, edtf, earliest, latest, prec, place, country, grade, star = record
        if edtf is not None and prec is None:
            earliest, latest, prec = bounds(connection, row_id, key, edtf)
        documents, roots = counts.get(row_id, (0, 0))
        found[row_id] = Row(
            row_id, key, kind, title, event_type, edtf, earliest, latest, place, country, grade,
            documents, roots, disputed.get(row_id, ()), star is not None, same.get(row_id, 0),
        )  # fmt: skip
    return [found[i] for i in ids if i in found]


def bounds(
    connection: sqlite3.Connection, incident_id: int, key: str, edtf: str
) -> tuple[str | None, str | None, int | None]:
    """Interval and precision of an incident that no write has settled yet; None where EDTF does not know the date."""
    try:
        dating = interval(connection, incident_id, key, edtf)
    except UsageError:
        return None, None, None
    return (
        None if dating.earliest is None else dates.iso(dating.earliest),
        None if dating.latest is None else dates.iso(dating.latest),
        dating.precision,
    )


def incident_id(connection: sqlite3.Connection, key: str) -> int:
    """The id behind a key; raises UsageError with the nearest key that exists."""
    found = connection.execute("SELECT id FROM incident WHERE key = ?", (key,)).fetchone()
    if found:
        return int(found[0])
    keys = [str(row[0]) for row in connection.execute("SELECT key FROM incident LIMIT 100000")]
    close = nearest(key, keys) or ", ".join([known for known in keys if fold(key) in known][:3])
    hint = f"did you mean {close}?" if close else "`dateline list` shows what there is"
    raise UsageError(f"no incident {key!r}; {hint}")


def incident(connection: sqlite3.Connection, incident_id: int) -> Incident | None:
    """One incident whole, or None when it is gone."""
    cursor = connection.execute(
        "SELECT i.*, (SELECT 1 FROM star AS s WHERE s.incident_id = i.id) AS starred FROM incident AS i WHERE i.id = ?",
        (incident_id,),
    )
    record = cursor.fetchone()
    if record is None:
        return None
    row = {column[0]: value for column, value in zip(cursor.description, record, strict=True)}
    if row["date_edtf"] is not None and row["date_prec"] is None:
        row["date_earliest"], row["date_latest"], row["date_prec"] = bounds(
            connection, incident_id, row["key"], row["date_edtf"]
        )
    documents = _documents(connection, incident_id)
    quotes = _quotes(connection, incident_id)
    claims = _claims(connection, incident_id, quotes, documents)
    by_key = {document.key: document for document in documents}
    return Incident(
        **{name: row[name] for name in _PLAIN},
        starred=row["starred"] is not None,
        place=_place(connection, row["place_id"]),
        killed=Span(row["killed_low"], row["killed_best"], row["killed_high"]),
        injured=Span(row["injured_low"], row["injured_best"], row["injured_high"]),
        actors=_actors(connection, incident_id),
        systems=_systems(connection, incident_id),
        quotes=quotes,
        claims=claims,
        documents=documents,
        tags=tuple(
            r[0]
            for r in connection.execute(
                "SELECT t.name FROM incident_tag AS x JOIN tag AS t ON t.id = x.tag_id"
                " WHERE x.incident_id = ? ORDER BY 1",
                (incident_id,),
            )
        ),
        notes=tuple(
            Note(*r)
            for r in connection.execute(
                "SELECT id, text, at FROM note WHERE incident_id = ? ORDER BY id", (incident_id,)
            )
        ),
        links=_links(connection, incident_id),
        disputed=disputed_fields((Said(c.field, c.value, c.polarity, c.rank) for c in claims), Kinship(connection)),
        roots=len({root_name(quote, by_key) for quote in quotes}),
        extra=other_columns(row["extra"]),
        together=together(connection, [incident_id], ROOT).get(incident_id),
    )


def other_columns(extra: str | None) -> dict[str, object]:
    """The columns that an import had no home for; a text that is no JSON object comes whole under "extra"."""
    if not extra:
        return {}
    try:
        columns = json.loads(extra)
    except (ValueError, RecursionError):
        columns = None
    return columns if isinstance(columns, dict) else {"extra": extra}


_PLAIN = (
    "id", "key", "kind", "title", "summary", "event_type", "sub_event_type", "date_edtf", "date_earliest",
    "date_latest", "date_prec", "damage", "grade", "credibility", "status", "origin", "origin_id",
)  # fmt: skip


def _place(connection: sqlite3.Connection, place_id: int | None) -> Place | None:
    if place_id is None:
        return None
    record = connection.execute(
        "SELECT p.id, p.key, p.name, p.kind, p.country_code, c.name, p.admin1, p.latitude, p.longitude,"
        " p.where_prec, p.radius_m FROM place AS p LEFT JOIN country AS c ON c.code = p.country_code WHERE p.id = ?",
        (place_id,),
    ).fetchone()
    if record is None:
        return None
    within = connection.execute(
        "WITH RECURSIVE up (id, depth) AS (SELECT part_of, 1 FROM place WHERE id = ? UNION"
        " SELECT p.part_of, depth + 1 FROM place AS p JOIN up ON p.id = up.id WHERE depth < 20)"
        " SELECT p.name FROM up JOIN place AS p ON p.id = up.id ORDER BY depth",
        (place_id,),
    )
    return Place(*(*record, tuple(dict.fromkeys(row[0] for row in within))))


def _actors(connection: sqlite3.Connection, incident_id: int) -> tuple[ActorRole, ...]:
    aliases: defaultdict[int, list[str]] = defaultdict(list)
    for actor_id, alias in connection.execute(
        "SELECT actor_id, alias FROM actor_alias WHERE actor_id IN"
        " (SELECT actor_id FROM incident_actor WHERE incident_id = ?) ORDER BY id",
        (incident_id,),
    ):
        aliases[actor_id].append(alias)
    return tuple(
        ActorRole(Actor(actor_id, key, name, kind, tuple(aliases[actor_id])), role, attribution)
        for actor_id, key, name, kind, role, attribution in connection.execute(
            "SELECT a.id, a.key, a.name, a.kind, x.role, x.attribution FROM incident_actor AS x"
            " JOIN actor AS a ON a.id = x.actor_id WHERE x.incident_id = ? ORDER BY x.id",
            (incident_id,),
        )
    )


def _systems(connection: sqlite3.Connection, incident_id: int) -> tuple[SystemUse, ...]:
    return tuple(
        SystemUse(*(*record[:5], Span(*record[5:])))
        for record in connection.execute(
            "SELECT s.key, s.name, s.class, x.role, x.outcome, x.count_low, x.count_best, x.count_high"
            " FROM incident_system AS x JOIN system AS s ON s.id = x.system_id WHERE x.incident_id = ? ORDER BY x.id",
            (incident_id,),
        )
    )


def _documents(connection: sqlite3.Connection, incident_id: int) -> tuple[Document, ...]:
    return tuple(
        Document(*(*record[:-1], bool(record[-1])))
        for record in connection.execute(
            "SELECT id, key, title, publisher, author, url, archive_url, published_edtf, accessed_at, language,"
            " reliability, text_sha256, text_length, text IS NOT NULL FROM document"
            " WHERE id IN (SELECT document_id FROM quote WHERE incident_id = ?) ORDER BY published_edtf, id",
            (incident_id,),
        )
    )


def _quotes(connection: sqlite3.Connection, incident_id: int) -> tuple[Quote, ...]:
    chains: dict[int, list[Speaker]] = defaultdict(list)
    for quote_id, name, key, verb in connection.execute(
        "SELECT x.quote_id, a.name, a.key, x.verb FROM attribution AS x JOIN actor AS a ON a.id = x.actor_id"
        " JOIN quote AS q ON q.id = x.quote_id WHERE q.incident_id = ? ORDER BY x.quote_id, x.step",
        (incident_id,),
    ):
        chains[quote_id].append(Speaker(name, key, verb))
    verified = {quote_id: right for quote_id, _, right in verdicts(connection, f"incident_id = {incident_id:d}")}
    return tuple(
        Quote(*(*record, tuple(chains[record[0]]), verified.get(record[0])))
        for record in connection.execute(
            'SELECT q.id, d.key, q.exact, q."start", q."end", q.prefix, q.suffix, q.translation'
            " FROM quote AS q JOIN document AS d ON d.id = q.document_id WHERE q.incident_id = ?"
            ' ORDER BY d.published_edtf, d.id, q."start", q.id',
            (incident_id,),
        )
    )


def _claims(
    connection: sqlite3.Connection, incident_id: int, quotes: tuple[Quote, ...], documents: tuple[Document, ...]
) -> tuple[Claim, ...]:
    by_key = {document.key: document for document in documents}
    speakers = {quote.id: root_name(quote, by_key) for quote in quotes}
    return tuple(
        Claim(claim_id, field, value, polarity, rank, quote_id, speakers.get(quote_id), in_words(field, value, name))
        for claim_id, field, value, polarity, rank, quote_id, name in connection.execute(
            f"SELECT c.id, c.field, c.value, c.polarity, c.rank, c.quote_id, {NAMED} FROM claim AS c"
            " WHERE c.incident_id = ? ORDER BY c.field, c.id",
            (incident_id,),
        )
    )


def in_words(field: str, value: str | None, name: str | None) -> str | None:
    """A claim's value for people: a date in words, the name behind a key (NAMED), else the value itself."""
    if value is None:
        return None
    if base(field) == "date":
        return dates.words_or_text(value)
    return name or value


def _links(connection: sqlite3.Connection, incident_id: int) -> tuple[Link, ...]:
    return tuple(
        Link(kind, key, title, bool(outward))
        for kind, key, title, outward in connection.execute(
            "SELECT x.kind, i.key, i.title, 1 FROM incident_link AS x JOIN incident AS i ON i.id = x.to_id"
            " WHERE x.from_id = ? UNION ALL"
            " SELECT x.kind, i.key, i.title, 0 FROM incident_link AS x JOIN incident AS i ON i.id = x.from_id"
            " WHERE x.to_id = ? ORDER BY 4 DESC, 2, 1",
            (incident_id, incident_id),
        )
    )
