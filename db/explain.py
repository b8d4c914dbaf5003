"""Why a number on the screen is what it is: the rows behind it, and the query text whose count gives it.

Numbers of incidents come with a query.  Where a query alone does not give one (what only possibly matches, what stands
in one column of the density strip, how many roots an incident has), `how` says what else it takes.
"""

from __future__ import annotations

import shlex
import sqlite3
from array import array
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from db import cite, claims, query_edit
from db.dates import Day
from db.engine import Answer, Engine, Match
from db.fields import PERIOD_NAMES
from db.model import Document, Incident, Quote, root_name
from db.periods import day_text, is_date
from db.plural import counted, plural
from db.query import AnyOf, Not, Value, parse
from db.query_tree import value_text

SCAN = 1_000
"""Rows looked at in one go when certain and possible ones are told apart."""


class Matches:
    """Some rows of an answer, in timeline order: all between two ranks, or those of one certainty."""

    def __init__(self, answer: Answer, ranks: range, certain: bool | None = None) -> None:
        self._answer = answer
        self._ranks = ranks
        self._picked: array[int] | None = None
        if certain is not None:
            kept = (rank for rank, match in self._scan() if match.certain is certain)
            self._picked = array("q", kept)

    def _scan(self) -> Iterator[tuple[int, Match]]:
        for first in range(self._ranks.start, self._ranks.stop, SCAN):
            found = self._answer.window(first, min(SCAN, self._ranks.stop - first))
            yield from enumerate(found, first)

    def __len__(self) -> int:
        return len(self._ranks) if self._picked is None else len(self._picked)

    def find(self, incident_id: int) -> int | None:
        """Which row an incident is, None where it is none of them."""
        rank = self._answer.rank(incident_id)
        if rank is None or rank not in self._ranks:
            return None
        if self._picked is None:
            return rank - self._ranks.start
        at = bisect_left(self._picked, rank)
        return at if self._picked[at : at + 1] == array("q", (rank,)) else None

    def certain(self) -> int:
        """How many of them match certainly."""
        return sum(match.certain for first in range(0, len(self), SCAN) for match in self.window(first, SCAN))

    def window(self, first: int, n: int) -> list[Match]:
        """At most `n` rows from the one numbered `first`, 0-based."""
        first = max(0, first)
        n = max(0, min(n, len(self) - first))
        if self._picked is None:
            return self._answer.window(self._ranks.start + first, n)
        return [match for rank in self._picked[first : first + n] for match in self._answer.window(rank, 1)]


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that was counted and is no incident: a document, a quote, a root with its quotes."""

    name: str
    about: str
    lines: tuple[str, ...] = ()
    query: str | None = None
    """The query that finds the incidents which have it."""


@dataclass(frozen=True, slots=True)
class Explanation:
    """A number, what it counts, the query that gives it, and what was counted: `matches`, or else `items`."""

    label: str
    count: int
    query: str | None
    how: str
    matches: Matches | None = None
    items: tuple[Item, ...] = ()
    certain: int | None = None
    """How many of `count` match certainly; None where nothing is only possible."""

    @property
    def rows(self) -> int:
        """How many rows there are to show: always `count`."""
        return len(self.items) if self.matches is None else len(self.matches)


def facet_value(engine: Engine, text: str, facet: str, value: str) -> Explanation:
    """The count beside a value of a facet: the query without its own filter on that facet, narrowed to the value."""
    term = f"date:{value}" if facet in PERIOD_NAMES else f"{facet}:{value_text(Value(value, quoted=True))}"
    query = query_edit.add(without_facet(text, facet), term)
    return _all(engine, f"{facet} {value}", query, incidents_only=facet != "kind")


def without_facet(text: str, facet: str) -> str:
    """A query's text without its top-level filters on a facet: what the facet's counts are counted over."""
    spans = []
    for term in parse(text).terms:
        bare = term.node if isinstance(term, Not) else term
        own = isinstance(bare, AnyOf) and bare.field == facet
        if own or (facet in PERIOD_NAMES and is_date(bare)):
            spans.append((term.start, term.end))
    return query_edit.without(text, *spans)


def totals(engine: Engine, connection: sqlite3.Connection, text: str) -> list[Explanation]:
    """The numbers of the head line: certain, possible, of how many, aggregates and context, documents."""
    answer = engine.answer(parse(text))
    found = [_certain(engine, text)]
    if answer.totals.possible:
        narrowed = _incidents(engine, text)
        rows = engine.answer(parse(narrowed))
        matches = Matches(rows, range(rows.totals.rows), certain=False)
        how = f"the possible ones of {_command(narrowed)}; no query finds them alone"
        found.append(Explanation("possible", len(matches), narrowed, how, matches, certain=0))
    everything = "kind:incident"
    whole = engine.answer(parse(everything))
    found.append(
        Explanation(
            "incidents in all", whole.totals.of, everything, _command(everything), Matches(whole, _ranks(whole))
        )
    )
    if answer.totals.rows > answer.totals.certain + answer.totals.possible:
        other = query_edit.add(text, "-kind:incident")
        rows = engine.answer(parse(other))
        how = f"{_command(other, 'list')}; aggregates and context are listed, but not counted as incidents"
        found.append(Explanation("aggregates and context", rows.totals.rows, other, how, Matches(rows, _ranks(rows))))
    found.append(documents(connection))
    return found


def column(engine: Engine, text: str, first: Day, last: Day) -> Explanation:
    """The incidents that stand in a column of the density strip: on a day of first..last, each counted once."""
    narrowed = _incidents(engine, text)
    answer = engine.answer(parse(narrowed))
    matches = Matches(answer, range(answer.at(first), answer.at(last + 1)))
    certain = matches.certain()
    span = "..".join(dict.fromkeys((day_text(first), day_text(last))))
    query = query_edit.add(narrowed, f"date:{span}")
    found = engine.answer(parse(query)).totals
    how = _command(query)
    if (found.certain, found.possible) != (len(matches), 0):
        total = found.certain + found.possible
        how += f" finds {total}: all that may lie in these days; the strip counts each where it first can"
    return Explanation(f"standing on {span}", len(matches), query, how, matches, certain=certain)


def documents(connection: sqlite3.Connection) -> Explanation:
    """The documents of the store, each with how many quotes it has; quotes are counted in their index alone."""
    found = connection.execute(
        "SELECT d.key, coalesce(nullif(d.title, ''), d.key),"
        " (SELECT count(*) FROM quote AS q WHERE q.document_id = d.id)"
        " FROM document AS d ORDER BY d.published_edtf, d.id"
    ).fetchall()
    alike = Counter(name for _, name, _ in found)
    items = tuple(
        Item(
            name,
            f"{key}: {counted(quotes, 'quote')}"
            + (f"; {alike[name]:,} documents have this title, and the filter finds them all" * (alike[name] > 1)),
            query=_document_query(key),
        )
        for key, name, quotes in found
    )
    label = f"{plural(len(items), 'document')} in the store"
    return Explanation(label, len(items), None, "each is a source; Enter filters by one", items=items)


def incident_numbers(incident: Incident) -> list[Explanation]:
    """The numbers of the details: quotes, roots, documents; none of them is a count of incidents."""
    by_key = {document.key: document for document in incident.documents}
    quoted = Counter(quote.document_key for quote in incident.quotes)
    roots: dict[str, list[Quote]] = {}
    for quote in incident.quotes:
        roots.setdefault(root_name(quote, by_key), []).append(quote)
    return [
        Explanation(
            plural(len(roots), "root speaker"),
            len(roots),
            None,
            "the last of each quote's chain, or its document's own voice, each counted once",
            items=tuple(
                Item(
                    name,
                    counted(len(quotes), "quote"),
                    tuple(_quote_line(quote, by_key) for quote in quotes),
                    f"speaker:{value_text(Value(name, quoted=True))}",
                )
                for name, quotes in roots.items()
            ),
        ),
        Explanation(
            plural(len(incident.quotes), "quote"),
            len(incident.quotes),
            None,
            "the sources' own words that this incident rests on",
            items=tuple(Item(root_name(quote, by_key), "", (_quote_line(quote, by_key),)) for quote in incident.quotes),
        ),
        Explanation(
            plural(len(incident.documents), "document"),
            len(incident.documents),
            None,
            "the documents of these quotes; Enter filters by one",
            items=tuple(_document_item(document, quoted[document.key]) for document in incident.documents),
        ),
    ]


def _document_query(key: str) -> str:
    """The query for a document by its key: titles are often alike, and one may be another's key."""
    return f"document:{value_text(Value(key, quoted=True))}"


def _document_item(document: Document, quotes: int) -> Item:
    name = document.title or document.key
    return Item(
        name,
        f"{document.key}: {counted(quotes, 'quote')} here",
        query=_document_query(document.key),
    )


def _quote_line(quote: Quote, by_key: dict[str, Document]) -> str:
    document = by_key.get(quote.document_key)
    place = "no known position" if quote.start is None else f"characters {quote.start}–{quote.end}"
    source = claims.document_words(document) if document else quote.document_key
    chain = cite.chain_words(quote)
    return f"“{quote.exact}” — {f'{chain}, in ' if chain else ''}{source}, {place}"


def _certain(engine: Engine, text: str) -> Explanation:
    """What certainly matches: by a query of its own where certain: gives the same, else as part of the query's rows."""
    narrowed = _incidents(engine, text)
    answer = engine.answer(parse(narrowed))
    wanted = answer.totals.certain
    tries = [narrowed]
    for name in ("date", "place"):
        tries += [query_edit.add(known, f"certain:{name}") for known in tuple(tries)]
    for query in tries:
        rows = answer if query == narrowed else engine.answer(parse(query))
        if rows.totals.possible == 0 and rows.totals.certain == wanted:
            return Explanation("certain", wanted, query, _command(query), Matches(rows, _ranks(rows)))
    how = f"the certain ones of {_command(narrowed)}; no query finds them alone"
    return Explanation("certain", wanted, narrowed, how, Matches(answer, _ranks(answer), certain=True))


def _all(engine: Engine, label: str, query: str, *, incidents_only: bool) -> Explanation:
    """All rows of a query, certain and possible."""
    if incidents_only:
        query = _incidents(engine, query)
    answer = engine.answer(parse(query))
    found = answer.totals
    counts = incidents_only or found.rows == found.certain + found.possible
    matches = Matches(answer, _ranks(answer))
    certain = found.certain if counts else matches.certain()
    command = "count" if counts else "list"
    return Explanation(label, len(matches), query, _command(query, command), matches, certain=certain)


def _incidents(engine: Engine, text: str) -> str:
    """A query for the incidents alone, where it also has aggregates or context, which are listed but not counted."""
    found = engine.answer(parse(text)).totals
    return text if found.rows == found.certain + found.possible else query_edit.add(text, "kind:incident")


def _ranks(answer: Answer) -> range:
    return range(answer.totals.rows)


def _command(query: str, name: str = "count") -> str:
    """The command line that gives the same number."""
    return f"`dateline {name} {shlex.quote(query)}`" if query.strip() else f"`dateline {name}`"
