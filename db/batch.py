"""Read many incidents whole, a few set-based queries for each batch: what lists and exports walk over.

Each comes out equal to `db.read.incident` of the same id, which reads one at a time.
"""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice

from db.disputes import Kinship, Said, disputed_fields
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
    Span,
    Speaker,
    SystemUse,
    root_name,
)
from db.read import NAMED, ROOT, bounds, in_words, other_columns
from db.same_as import together
from db.verified import verdicts

SIZE = 500
"""Incidents to a batch: enough to spread the cost of the queries, few enough to keep memory flat."""

_COLUMNS = (
    "id", "key", "kind", "title", "summary", "event_type", "sub_event_type", "date_edtf", "date_earliest",
    "date_latest", "date_prec", "damage", "grade", "credibility", "status", "origin", "origin_id",
)  # fmt: skip
_SPANS = ("killed_low", "killed_best", "killed_high", "injured_low", "injured_best", "injured_high")


def incidents(
    connection: sqlite3.Connection, ids: Iterable[int], size: int = SIZE, *, outlines: bool = False
) -> Iterator[Incident]:
    """Yield the incidents of `ids` in the order given, `size` at a time; ids that are gone are left out.

    As `outlines` they have place, actors, quotes and documents, and nothing else that hangs on them.
    """
    related = Kinship(connection)
    rest = iter(ids)
    while batch := list(islice(rest, size)):
        found = _Batch(connection, batch, related).incidents(outlines)
        yield from (found[i] for i in batch if i in found)


class _Batch:
    """One batch: `marks` is the SQL list of its ids."""

    def __init__(self, connection: sqlite3.Connection, ids: list[int], related: Kinship) -> None:
        self._connection = connection
        self._marks = ",".join(str(int(i)) for i in ids)
        self._related = related

    def incidents(self, outlines: bool) -> dict[int, Incident]:
        """Incident id → incident."""
        columns = ", ".join(f"i.{name}" for name in (*_COLUMNS, *_SPANS, "place_id", "extra"))
        records = self._connection.execute(
            f"SELECT {columns}, (SELECT 1 FROM star AS s WHERE s.incident_id = i.id) FROM incident AS i"
            f" WHERE i.id IN ({self._marks})"
        ).fetchall()
        places = self._places({record[-3] for record in records if record[-3] is not None})
        actors, quotes, documents = self._actors(), self._quotes(), self._documents()
        systems: dict[int, list[SystemUse]] = {} if outlines else self._systems()
        notes: dict[int, list[Note]] = {} if outlines else self._notes()
        links: dict[int, list[Link]] = {} if outlines else self._links()
        tags: dict[int, list[str]] = {} if outlines else self._tags()
        claims: dict[int, list[Claim]] = {} if outlines else self._claims(quotes, documents)
        same = {} if outlines else together(self._connection, (record[0] for record in records), ROOT)
        found = {}
        for *plain, place_id, extra, star in records:
            row = dict(zip(_COLUMNS, plain, strict=False))
            incident_id, spans = row["id"], plain[len(_COLUMNS) :]
            if row["date_edtf"] is not None and row["date_prec"] is None:
                row["date_earliest"], row["date_latest"], row["date_prec"] = bounds(
                    self._connection, incident_id, row["key"], row["date_edtf"]
                )
            by_key = {document.key: document for document in documents[incident_id]}
            own = claims.get(incident_id, ())
            found[incident_id] = Incident(
                **row,
                starred=star is not None,
                place=places.get(place_id),
                killed=Span(*spans[:3]),
                injured=Span(*spans[3:]),
                actors=tuple(actors[incident_id]),
                systems=tuple(systems.get(incident_id, ())),
                quotes=tuple(quotes[incident_id]),
                claims=tuple(own),
                documents=tuple(documents[incident_id]),
                tags=tuple(tags.get(incident_id, ())),
                notes=tuple(notes.get(incident_id, ())),
                links=tuple(links.get(incident_id, ())),
                disputed=disputed_fields((Said(c.field, c.value, c.polarity, c.rank) for c in own), self._related),
                roots=len({root_name(q, by_key) for q in quotes[incident_id]}),
                extra=other_columns(extra),
                together=same.get(incident_id),
            )
        return found

    def _tags(self) -> defaultdict[int, list[str]]:
        found: defaultdict[int, list[str]] = defaultdict(list)
        for incident_id, name in self._connection.execute(
            "SELECT x.incident_id, t.name FROM incident_tag AS x JOIN tag AS t ON t.id = x.tag_id"
            f" WHERE x.incident_id IN ({self._marks}) ORDER BY 2"
        ):
            found[incident_id].append(name)
        return found

    def _places(self, ids: Iterable[int]) -> dict[int, Place]:
        marks = ",".join(str(int(i)) for i in ids)
        within: defaultdict[int, list[str]] = defaultdict(list)
        for place_id, name in self._connection.execute(
            f"WITH RECURSIVE up (place_id, id, depth) AS (SELECT id, part_of, 1 FROM place WHERE id IN ({marks}) UNION"
            " SELECT up.place_id, p.part_of, depth + 1 FROM place AS p JOIN up ON p.id = up.id WHERE depth < 20)"
            " SELECT up.place_id, p.name FROM up JOIN place AS p ON p.id = up.id ORDER BY up.place_id, depth"
        ):
            within[place_id].append(name)
        return {
            place[0]: Place(*(*place, tuple(dict.fromkeys(within[place[0]]))))
            for place in self._connection.execute(
                "SELECT p.id, p.key, p.name, p.kind, p.country_code, c.name, p.admin1, p.latitude, p.longitude,"
                " p.where_prec, p.radius_m FROM place AS p LEFT JOIN country AS c ON c.code = p.country_code"
                f" WHERE p.id IN ({marks})"
            )
        }

    def _actors(self) -> defaultdict[int, list[ActorRole]]:
        found: defaultdict[int, list[ActorRole]] = defaultdict(list)
        aliases: defaultdict[int, list[str]] = defaultdict(list)
        for actor_id, alias in self._connection.execute(
            "SELECT actor_id, alias FROM actor_alias WHERE actor_id IN"
            f" (SELECT actor_id FROM incident_actor WHERE incident_id IN ({self._marks})) ORDER BY id"
        ):
            aliases[actor_id].append(alias)
        for incident_id, actor_id, key, name, kind, role, attribution in self._connection.execute(
            "SELECT x.incident_id, a.id, a.key, a.name, a.kind, x.role, x.attribution FROM incident_actor AS x"
            f" JOIN actor AS a ON a.id = x.actor_id WHERE x.incident_id IN ({self._marks}) ORDER BY x.id"
        ):
            actor = Actor(actor_id, key, name, kind, tuple(aliases[actor_id]))
            found[incident_id].append(ActorRole(actor, role, attribution))
        return found

    def _systems(self) -> defaultdict[int, list[SystemUse]]:
        found: defaultdict[int, list[SystemUse]] = defaultdict(list)
        for row in self._connection.execute(
            "SELECT x.incident_id, s.key, s.name, s.class, x.role, x.outcome, x.count_low, x.count_best, x.count_high"
            " FROM incident_system AS x JOIN system AS s ON s.id = x.system_id"
            f" WHERE x.incident_id IN ({self._marks}) ORDER BY x.id"
        ):
            found[row[0]].append(SystemUse(*(*row[1:6], Span(*row[6:]))))
        return found

    def _notes(self) -> defaultdict[int, list[Note]]:
        found: defaultdict[int, list[Note]] = defaultdict(list)
        for incident_id, *record in self._connection.execute(
            f"SELECT incident_id, id, text, at FROM note WHERE incident_id IN ({self._marks}) ORDER BY id"
        ):
            found[incident_id].append(Note(*record))
        return found

    def _links(self) -> defaultdict[int, list[Link]]:
        found: defaultdict[int, list[Link]] = defaultdict(list)
        for here, there, outward in (("from_id", "to_id", True), ("to_id", "from_id", False)):
            for incident_id, kind, key, title in self._connection.execute(
                f"SELECT x.{here}, x.kind, i.key, i.title FROM incident_link AS x"
                f" JOIN incident AS i ON i.id = x.{there} WHERE x.{here} IN ({self._marks}) ORDER BY i.key, x.kind"
            ):
                found[incident_id].append(Link(kind, key, title, outward))
        return found

    def _documents(self) -> defaultdict[int, list[Document]]:
        reported: defaultdict[int, list[int]] = defaultdict(list)
        for incident_id, document_id in self._connection.execute(
            f"SELECT DISTINCT incident_id, document_id FROM quote WHERE incident_id IN ({self._marks})"
        ):
            reported[document_id].append(incident_id)
        found: defaultdict[int, list[Document]] = defaultdict(list)
        for row in self._connection.execute(
            "SELECT id, key, title, publisher, author, url, archive_url, published_edtf, accessed_at, language,"
            " reliability, text_sha256, text_length, text IS NOT NULL FROM document"
            f" WHERE id IN ({','.join(map(str, map(int, reported)))}) ORDER BY published_edtf, id"
        ):
            document = Document(*(*row[:-1], bool(row[-1])))
            for incident_id in reported[document.id]:
                found[incident_id].append(document)
        return found

    def _quotes(self) -> defaultdict[int, list[Quote]]:
        chains: defaultdict[int, list[Speaker]] = defaultdict(list)
        for quote_id, *speaker in self._connection.execute(
            "SELECT x.quote_id, a.name, a.key, x.verb FROM attribution AS x JOIN actor AS a ON a.id = x.actor_id"
            f" WHERE x.quote_id IN (SELECT id FROM quote WHERE incident_id IN ({self._marks})) ORDER BY x.step"
        ):
            chains[quote_id].append(Speaker(*speaker))
        verified = {
            quote_id: right for quote_id, _, right in verdicts(self._connection, f"incident_id IN ({self._marks})")
        }
        found: defaultdict[int, list[Quote]] = defaultdict(list)
        for row in self._connection.execute(
            'SELECT q.incident_id, q.id, d.key, q.exact, q."start", q."end", q.prefix, q.suffix, q.translation'
            f" FROM quote AS q JOIN document AS d ON d.id = q.document_id WHERE q.incident_id IN ({self._marks})"
            ' ORDER BY d.published_edtf, d.id, q."start", q.id'
        ):
            found[row[0]].append(Quote(*(*row[1:], tuple(chains[row[1]]), verified.get(row[1]))))
        return found

    def _claims(
        self, quotes: Mapping[int, list[Quote]], documents: Mapping[int, list[Document]]
    ) -> defaultdict[int, list[Claim]]:
        by_key = {document.key: document for own in documents.values() for document in own}
        speakers = {(incident_id, q.id): root_name(q, by_key) for incident_id, own in quotes.items() for q in own}
        found: defaultdict[int, list[Claim]] = defaultdict(list)
        for incident_id, claim_id, field, value, polarity, rank, quote_id, name in self._connection.execute(
            f"SELECT c.incident_id, c.id, c.field, c.value, c.polarity, c.rank, c.quote_id, {NAMED} FROM claim AS c"
            f" WHERE c.incident_id IN ({self._marks}) ORDER BY c.field, c.id"
        ):
            speaker = speakers.get((incident_id, quote_id))
            words = in_words(field, value, name)
            found[incident_id].append(Claim(claim_id, field, value, polarity, rank, quote_id, speaker, words))
        return found
