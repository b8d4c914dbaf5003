"""Suspected common roots: quotes or texts of one incident with the same words and no stated chain between them.

They are offered and never assumed: no count changes until the user says that one of them is a copy, which gives the
copy a step of attribution more, or says that they are not, which is kept so that they are not offered again.
"""

from __future__ import annotations

import re
import sqlite3
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import combinations
from typing import Literal

from db import log
from db.edit import now
from db.errors import UsageError
from db.fields import fold
from db.handwork import loads
from db.history import read_mark
from db.model import root_of
from db.read import VOICE
from db.roots import chains
from db.shingles import Overlap, alike, overlap, shared_words
from db.store import Store

QUOTES_SHARED, QUOTES_CONTAINED = 3, 0.5
"""Two quotes are suspected from this many common shingles (seven words in a row) and this containment on."""

TEXTS_SHARED, TEXTS_CONTAINED = 20, 0.3
"""Two documents' texts are suspected from this many common shingles and this containment on."""

INFERRED = "inferred"
"""The verb of a step of attribution that no text states and the user has added."""

Kind = Literal["quotes", "texts"]


@dataclass(frozen=True, slots=True)
class Side:
    """One of two quotes; `root` is what it counts as now, `chain` names from whom the document quotes to the root."""

    quote_id: int
    document_id: int
    document: str
    exact: str
    chain: tuple[str, ...]
    voice: str

    @property
    def root(self) -> str:
        """The name that corroboration counts it under."""
        return root_of(self.chain, self.voice)


@dataclass(frozen=True, slots=True)
class Suspicion:
    """Two roots of an incident that may be one; the document that appeared first comes first."""

    incident_id: int
    incident: str
    title: str
    kind: Kind
    first: Side
    second: Side
    overlap: Overlap
    words: str
    """The longest run of words in common."""

    @property
    def token(self) -> str:
        """What names the pair on the command line: "12+57", the quote that was copied first."""
        return f"{self.first.quote_id}+{self.second.quote_id}"


def suspected(connection: sqlite3.Connection, among: Iterable[int] | None = None) -> list[Suspicion]:
    """The suspicions of all incidents, or of some, that were neither confirmed nor dismissed; by incident and quote.

    Compared are quotes of one incident from different documents with different roots, and the whole texts of two
    documents that both speak of it in their own voice.
    """
    sides = _sides(connection, among)
    dismissed = {tuple(row) for row in connection.execute("SELECT quote_id, other_id FROM root_dismissal")}
    found = _by_quotes(sides, dismissed)
    found += _by_texts(connection, sides, dismissed, {(i, *_documents(a, b)) for i, a, b, *_ in found})
    named = _named(connection, {incident_id for incident_id, *_ in found})
    suspicions = [
        Suspicion(incident_id, *named[incident_id], kind, a, b, measure, words)
        for incident_id, a, b, kind, measure, words in found
        if incident_id in named
    ]
    return sorted(suspicions, key=lambda s: (s.incident_id, s.first.quote_id, s.second.quote_id))


_Found = tuple[int, Side, Side, Kind, Overlap, str]


def _sides(connection: sqlite3.Connection, among: Iterable[int] | None) -> dict[int, list[Side]]:
    """The quotes of each incident that more than one document speaks of, those of the earlier document first."""
    several = "SELECT incident_id FROM quote GROUP BY incident_id HAVING min(document_id) < max(document_id)"
    wanted = {row[0] for row in connection.execute(several)}
    if among is not None:
        wanted &= set(among)
    if not wanted:
        return {}
    # Many: read whole and dropped here, which is quicker than a long list of ids in SQL.
    among_these = f"q.incident_id IN ({','.join(map(str, map(int, wanted)))})" if len(wanted) <= 5_000 else ""
    said = chains(connection, among_these)
    sides: dict[int, list[Side]] = defaultdict(list)
    for incident_id, quote_id, document_id, key, exact, voice in connection.execute(
        f"SELECT q.incident_id, q.id, d.id, d.key, q.exact, {VOICE} FROM quote AS q"
        f" JOIN document AS d ON d.id = q.document_id WHERE {among_these or 'TRUE'}"
        " ORDER BY d.published_edtf IS NULL, d.published_edtf, d.id, q.id"
    ):
        if incident_id in wanted:
            sides[incident_id].append(Side(quote_id, document_id, key, exact, said.get(quote_id, ()), voice))
    return sides


def _may_be_one(a: Side, b: Side, dismissed: set[tuple[int, ...]]) -> bool:
    """Whether two quotes can be suspected at all: two documents, two roots, nothing said of them before."""
    return a.document_id != b.document_id and a.root != b.root and _pair(a.quote_id, b.quote_id) not in dismissed


def _copied_first(a: Side, b: Side) -> tuple[Side, Side]:
    """The earlier document first; but where the chain of the later leads on past the root of the earlier, that one."""
    return (b, a) if a.root in (b.voice, *b.chain) else (a, b)


def _by_quotes(sides: dict[int, list[Side]], dismissed: set[tuple[int, ...]]) -> list[_Found]:
    flat = [(incident_id, side) for incident_id, quotes in sides.items() for side in quotes]
    pairs = alike(
        [side.exact for _, side in flat], [incident_id for incident_id, _ in flat], QUOTES_SHARED, QUOTES_CONTAINED
    )
    found: list[_Found] = []
    for at, other, _ in pairs:
        (incident_id, a), (_, b) = flat[at], flat[other]
        if _may_be_one(a, b, dismissed):
            # From the words themselves: postings may pass over some, and hashes are only nearly sure.
            a, b = _copied_first(a, b)
            measure = overlap(a.exact, b.exact)
            found.append((incident_id, a, b, "quotes", measure, shared_words(a.exact, b.exact)))
    return found


def _by_texts(
    connection: sqlite3.Connection,
    sides: dict[int, list[Side]],
    dismissed: set[tuple[int, ...]],
    known: set[tuple[int, int, int]],
) -> list[_Found]:
    """Documents whose texts overlap, for incidents of which both speak in their own voice; not those `known`."""
    own: dict[int, dict[int, Side]] = {}
    of_quote: dict[int, tuple[int, Side]] = {}
    for incident_id, quotes in sides.items():
        voices: dict[int, Side] = {}
        for side in quotes:
            if not side.chain:
                voices.setdefault(side.document_id, side)
        if len(voices) > 1:
            own[incident_id] = voices
        for side in quotes:
            of_quote[side.quote_id] = incident_id, side
    # What was said of any two quotes of an incident is said of their documents in it.
    told = set(known)
    for one, other in dismissed:
        if one in of_quote and other in of_quote and of_quote[one][0] == of_quote[other][0]:
            incident_id, side = of_quote[one]
            told.add((incident_id, *_documents(side, of_quote[other][1])))
    wanted = {document for voices in own.values() for document in voices}
    texts = {
        document: text
        for document, text in connection.execute("SELECT id, text FROM document WHERE text IS NOT NULL ORDER BY id")
        if document in wanted
    }
    if len(texts) < 2:
        return []
    numbers = list(texts)
    pairs = alike(list(texts.values()), [0] * len(texts), TEXTS_SHARED, TEXTS_CONTAINED)
    similar = {_pair(numbers[a], numbers[b]) for a, b, _ in pairs}
    found: list[_Found] = []
    measured: dict[tuple[int, int], tuple[Overlap, str]] = {}
    likened = {document for pair in similar for document in pair}
    for incident_id, voices in own.items():
        for a, b in combinations([side for document, side in voices.items() if document in likened], 2):
            both = _documents(a, b)
            if both not in similar or (incident_id, *both) in told or not _may_be_one(a, b, dismissed):
                continue
            if both not in measured:
                one, other = texts[a.document_id], texts[b.document_id]
                measured[both] = (overlap(one, other), shared_words(one, other))
            found.append((incident_id, a, b, "texts", *measured[both]))
    return found


def _named(connection: sqlite3.Connection, ids: set[int]) -> dict[int, tuple[str, str]]:
    marks = ",".join(map(str, map(int, ids)))
    return {
        row[0]: (row[1], row[2])
        for row in connection.execute(f"SELECT id, key, title FROM incident WHERE id IN ({marks})")
    }


def _pair(a: int, b: int) -> tuple[int, int]:
    return (a, b) if a < b else (b, a)


def _documents(a: Side, b: Side) -> tuple[int, int]:
    return _pair(a.document_id, b.document_id)


# -- what the user says of a pair ---------------------------------------------------------------------------------


def pair_of(token: str) -> tuple[int, int]:
    """The two quotes of a token "12+57"; raises UsageError when it is none."""
    found = re.fullmatch(r"(\d{1,18})\+(\d{1,18})", token)
    if found is None or found[1] == found[2]:
        raise UsageError(f"{token!r} names no pair of quotes; `dateline roots --suspected` shows pairs such as 12+57")
    return int(found[1]), int(found[2])


def same(store: Store, origin: int, copy: int) -> int:
    """Say that one quote has its words from another: its chain goes on to the other's root.  Returns how many moved.

    Where whole texts gave the suspicion, every quote of the incident that the copy's document speaks in its own voice
    moves.  One logged write; raises UsageError when the quotes are gone, of two incidents, or have one root already.
    """
    with store.write() as connection:
        incident_id, source = _side(connection, origin)
        of_copy, target = _side(connection, copy)
        if of_copy != incident_id:
            raise UsageError(
                f"quotes {origin} and {copy} are of two incidents, so their roots are counted apart anyway"
            )
        if source.root == target.root:
            raise UsageError(f"quotes {origin} and {copy} have one root already, {source.root}")
        moved = [copy]
        for suspicion in suspected(connection, [incident_id]):
            if suspicion.kind == "texts" and {suspicion.first.quote_id, suspicion.second.quote_id} == {origin, copy}:
                own = _sides(connection, [incident_id])[incident_id]
                moved = [s.quote_id for s in own if s.document_id == target.document_id and not s.chain]
        store.what = f"{_said(origin, copy)} {target.root} has the words of {source.root}"
        actor = _root_actor(connection, source)
        for quote_id in moved:
            connection.execute(
                "INSERT INTO attribution (quote_id, step, actor_id, verb)"
                " SELECT ?, coalesce(max(step), 0) + 1, ?, ? FROM attribution WHERE quote_id = ?",
                (quote_id, actor, INFERRED, quote_id),
            )
    return len(moved)


def not_same(store: Store, one: int, other: int) -> None:
    """Say that two quotes with like words do not have one root: the pair is not offered again.

    One logged write; raises UsageError when the quotes are gone, or of two incidents.
    """
    with store.write(f"not the same root: quotes {one}+{other}") as connection:
        of_one, _ = _side(connection, one)
        of_other, _ = _side(connection, other)
        if of_one != of_other:
            raise UsageError(f"quotes {one} and {other} are of two incidents, so their roots are counted apart anyway")
        connection.execute(
            "INSERT INTO root_dismissal (quote_id, other_id, at) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
            (*_pair(one, other), now()),
        )


def take_back(store: Store, origin: int, copy: int) -> None:
    """Take back what was said of a pair, either way, and of no other; raises UsageError when nothing was.

    The log knows which quotes got a step with the copy; in a store that came without its log, or where an import has
    written the copy's anew since, that one alone goes.
    """
    with store.write(f"take back what was said of the roots of quotes {origin}+{copy}") as connection:
        _, source = _side(connection, origin)
        _, target = _side(connection, copy)
        inferred = _inferred(connection, origin, copy)
        before = connection.total_changes
        connection.execute("DELETE FROM root_dismissal WHERE quote_id = ? AND other_id = ?", _pair(origin, copy))
        last = "step = (SELECT max(y.step) FROM attribution AS y WHERE y.quote_id = attribution.quote_id)"
        if inferred is not None:
            connection.executemany(
                f"DELETE FROM attribution WHERE id = ? AND quote_id = ? AND actor_id = ? AND verb = ? AND {last}",
                inferred,
            )
        own = next((step for step in inferred or () if step[1] == copy), None)
        unknown = inferred is None or (own is not None and _renumbered(connection, *own))
        if unknown and source.root == target.root:
            connection.execute(f"DELETE FROM attribution WHERE quote_id = ? AND verb = ? AND {last}", (copy, INFERRED))
        if connection.total_changes == before:
            raise UsageError(f"nothing was said of the roots of quotes {origin} and {copy}")


def _said(origin: int, copy: int) -> str:
    """How the log's words begin for a pair that was said to have one root."""
    return f"same root: quotes {origin}+{copy},"


def _inferred(
    connection: sqlite3.Connection, origin: int, copy: int
) -> list[tuple[int, object, object, object]] | None:
    """(id, quote, actor, verb) of the steps that were added when a pair was last said to have one root; None: never."""
    said = _said(origin, copy)
    found = connection.execute("SELECT max(id) FROM log WHERE substr(what, 1, ?) = ?", (len(said), said)).fetchone()
    if found[0] is None:
        return None
    return [
        (change.rowid, change.after["quote_id"], change.after["actor_id"], change.after["verb"])
        for change in log.changes_of(connection, found[0])
        if change.table == "attribution" and change.before is None and change.after is not None
    ]


def _renumbered(connection: sqlite3.Connection, step_id: int, *step: object) -> bool:
    """Whether an import took out a step (quote, actor, verb) last: it writes an incident anew, with other numbers."""
    for log_id, after in connection.execute(
        "SELECT id, substr(after, 1, 200) FROM log WHERE instr(after, ?) ORDER BY id DESC",
        (f'"table": "attribution", "id": {step_id},',),
    ).fetchall():
        for change in log.changes_of(connection, log_id):
            if (change.table, change.rowid) == ("attribution", step_id):
                before, now = (
                    row is not None and [row.get(name) for name in ("quote_id", "actor_id", "verb")] == list(step)
                    for row in (change.before, change.after)
                )
                if before or now:
                    mark = read_mark(after)
                    return not now and (log_id if mark is None else mark.of) in loads(connection)
    return False


def _side(connection: sqlite3.Connection, quote_id: int) -> tuple[int, Side]:
    """The incident and the side of a quote; raises UsageError when it is gone."""
    found = connection.execute(
        f"SELECT q.incident_id, d.id, d.key, q.exact, {VOICE} FROM quote AS q"
        " JOIN document AS d ON d.id = q.document_id WHERE q.id = ?",
        (quote_id,),
    ).fetchone()
    if found is None:
        raise UsageError(f"there is no quote {quote_id}; `dateline roots --suspected` shows the pairs there are")
    incident_id, document_id, key, exact, voice = found
    chain = chains(connection, f"q.id = {quote_id:d}").get(quote_id, ())
    return incident_id, Side(quote_id, document_id, key, exact, chain, voice)


def _root_actor(connection: sqlite3.Connection, side: Side) -> int:
    """The actor that a quote's root is; a document's own voice becomes one, for a chain can only end at an actor."""
    if side.chain:
        last = connection.execute(
            "SELECT actor_id FROM attribution WHERE quote_id = ? ORDER BY step DESC LIMIT 1", (side.quote_id,)
        ).fetchone()
        return int(last[0])
    known = connection.execute("SELECT id FROM actor WHERE name = ? ORDER BY id LIMIT 1", (side.voice,)).fetchone()
    if known:
        return int(known[0])
    stem = fold(side.voice) or "voice"
    taken = {
        row[0] for row in connection.execute("SELECT key FROM actor WHERE key >= ? AND key < ?", (stem, stem + "~"))
    }
    key = next(key for n in range(1, len(taken) + 2) if (key := stem if n == 1 else f"{stem}-{n}") not in taken)
    made = connection.execute("INSERT INTO actor (key, name, kind) VALUES (?, ?, 'media')", (key, side.voice))
    return int(made.lastrowid or 0)
