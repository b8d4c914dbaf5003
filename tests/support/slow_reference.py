"""An independent, slow reference for the program's answers to queries.

It works on the JSON objects of `list --json` of everything, and on a few columns read by plain SQL that JSON does not
carry: what is part of what, keys and aliases, titles and publishers of documents, translations, notes.  It imports
nothing from db, so that no mistake there can be repeated here.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from tests.support.meaning import (
    AFTER_ALL,
    BEFORE_ALL,
    Amount,
    Civil,
    During,
    Every,
    Facet,
    Flag,
    NearPlace,
    NearPoint,
    Neg,
    Some,
    Sure,
    Term,
    Text,
    Verdict,
    civil,
    distance_km,
    holds,
    inside,
    same,
    tokens,
)
from tests.support.slow_names import Names, PlaceFacts

Record = Mapping[str, Any]

PERIODS = ("year", "month")

# -- the judge ------------------------------------------------------------------------------------------------------


class Reference:
    """Judges records, the objects of `list --json`, one by one."""

    def __init__(self, records: list[Record], names: Names) -> None:
        self.records = records
        self.names = names
        self._values: dict[tuple[str, str], list[str]] = {}
        self._forms: dict[tuple[str, str], list[str]] = {}
        self._spellings: dict[str, dict[str, str]] = {}

    def answer(self, query: Term) -> list[tuple[str, str]]:
        """(key, certain or possible) of what matches, in the order of the records."""
        return [(record["key"], match) for record, match in self._matches(query)]

    def totals(self, query: Term) -> dict[str, int]:
        """What `count --json` says: incidents only."""
        counts = Counter(match for record, match in self._matches(query) if record["kind"] == "incident")
        of = sum(record["kind"] == "incident" for record in self.records)
        return {"certain": counts["certain"], "possible": counts["possible"], "of": of}

    def by(self, facet: str, query: Term, *, held: bool = False) -> list[tuple[str, int, int]]:
        """(value, certain, possible), most first: what a facet says, which leaves its own top-level filters out.

        `held`: over what matches the whole query, as `count --by` says it.
        """
        if facet in PERIODS:
            return self._by_period(facet, query, held=held)
        terms = query.terms if isinstance(query, Every) else (query,)
        kept = tuple(term for term in terms if held or not _filters(term, facet))
        certain: Counter[str] = Counter()
        possible: Counter[str] = Counter()
        for record, match in self._matches(Every(kept)):
            if record["kind"] == "incident" or facet == "kind":
                (certain if match == "certain" else possible).update({same(v) for v in self.values(facet, record)})
        rows = [(self._spelt(facet, form), certain[form], possible[form]) for form in certain | possible]
        return sorted(rows, key=lambda row: (-row[1] - row[2], row[0]))

    def _spelt(self, facet: str, form: str) -> str:
        """The spelling of a value that most incidents have, then the first by name."""
        if facet not in self._spellings:
            often = Counter(
                value
                for record in self.records
                if record["kind"] == "incident" or facet == "kind"
                for value in set(self.values(facet, record))
            )
            self._spellings[facet] = {same(v): v for v in sorted(often, key=lambda v: (-often[v], v), reverse=True)}
        return self._spellings[facet][form]

    def _by_period(self, facet: str, query: Term, *, held: bool) -> list[tuple[str, int, int]]:
        """What the facet `year` says, in order of time: each count is that of `date:` with the year beside the rest."""
        terms = query.terms if isinstance(query, Every) else (query,)
        kept = tuple(term for term in terms if held or not _dates(term))
        bounds = {
            day[:2] if facet == "month" else day[:1]
            for record in self.records
            if record["date_prec"] is not None
            for end in ("date_earliest", "date_latest")
            if (day := civil(record[end])) is not None
        }
        # What the rest of the query says of an incident is the same for every period: it is judged once.
        sure = frozenset(_sure(Every(kept)))
        verdicts = [(r, self.judge(Every(kept), r, sure)) for r in self.records if r["kind"] == "incident"]
        others = [(record, verdict) for record, verdict in verdicts if verdict is not False]
        rows = []
        for bound in sorted(bounds):
            year, month = (*bound, None)[:2]
            if abs(year) > (9_999 if month else 999_999):  # no date of a query can name it
                continue
            text = (f"Y{year}" if abs(year) > 9999 else f"-{-year:04d}" if year < 0 else f"{year:04d}") + (
                f"-{month:02d}" if month else ""
            )
            named = During((year, month or 1, 1), (year, month or 12, 31))
            found = [
                "certain" if both else "possible"
                for record, verdict in others
                if (both := min(verdict, self.judge(named, record, sure), key=_rank)) is not False
            ]
            if found:
                rows.append((text, found.count("certain"), found.count("possible")))
        return rows

    def _matches(self, query: Term) -> list[tuple[Record, str]]:
        sure = frozenset(_sure(query))
        found = []
        for record in self.records:
            verdict = self.judge(query, record, sure)
            if verdict is not False:
                found.append((record, "certain" if verdict else "possible"))
        return found

    def judge(self, term: Term, record: Record, sure: frozenset[str], denied: bool = False) -> Verdict:
        """Kleene's logic over the terms; what is only possible of a field in `sure` never helps a record to match."""
        match term:
            case Every(terms):
                return min((self.judge(t, record, sure, denied) for t in terms), key=_rank, default=True)
            case Some(terms):
                return max((self.judge(t, record, sure, denied) for t in terms), key=_rank)
            case Neg(inner):
                verdict = self.judge(inner, record, sure, not denied)
                return None if verdict is None else not verdict
            case Text(text, prefix):
                texts = [record["title"], record["summary"], *(quote["exact"] for quote in record["quotes"])]
                texts += self.names.translations.get(record["key"], [])
                return any(holds(t, tokens(text), prefix) for t in texts)
            case Facet(field, asked):
                return any(self.means(field, text, star, v) for v in self.values(field, record) for text, star in asked)
            case Amount():
                return self._amount(term, record)
            case Flag(name):
                return FLAGS[name](self, record)
            case Sure():
                return True
            case During(first, last):
                return _settled(_during(record, first, last), "date" in sure, denied)
            case NearPoint(latitude, longitude, km):
                return _settled(self._near(record, [(latitude, longitude)], km), "place" in sure, denied)
            case NearPlace(place, km):
                centres = [p.point for p in self.names.places.values() if same(place) in (same(p.name), same(p.key))]
                return _settled(self._near(record, [c for c in centres if c], km), "place" in sure, denied)

    def means(self, field: str, asked: str, star: bool, value: str) -> bool:
        """Whether a value, or another name of it, is what was asked for."""
        if (forms := self._forms.get((field, value))) is None:
            forms = [same(form) for form in (value, *self.names.forms.get(field, {}).get(value, ()))]
            self._forms[field, value] = forms
        if not star:
            return same(asked) in forms
        pattern = re.escape(same(asked)).replace(r"\*", ".*")
        return any(re.fullmatch(pattern, form, re.DOTALL) for form in forms)

    def place(self, record: Record) -> PlaceFacts | None:
        """The place of a record with what JSON does not say of it."""
        own = record["place"]
        if own is None:
            return None
        return self.names.places[own["name"], own["country_code"], own["latitude"], own["longitude"], own["where_prec"]]

    def values(self, field: str, record: Record) -> list[str]:
        """All values of a facet that a record has; looked up once, since a thousand queries ask for them."""
        of = field, record["key"]
        if of not in self._values:
            self._values[of] = [value for value in FACETS[field](self, record) if value is not None]
        return self._values[of]

    def roots(self, record: Record) -> int:
        """The number of distinct root speakers."""
        return len({quote["chain"][-1] if quote["chain"] else self._voice(quote) for quote in record["quotes"]})

    def _voice(self, quote: Record) -> str:
        return str(self.names.documents[quote["document"]][1] or quote["document"])

    def systems(self, record: Record, roles: tuple[str, ...]) -> list[str | None]:
        """Names of the systems in some roles and of what they are part of."""
        uses = [use for use in record["systems"] if use["role"] in roles]
        return [name for use in uses for name in self.names.system_above[use["name"]]]

    def _amount(self, term: Amount, record: Record) -> Verdict:
        if term.field in ("quotes", "roots"):
            number = len(record["quotes"]) if term.field == "quotes" else self.roots(record)
            least, most = float(number), float(number)
        else:
            span = record[term.field]
            if span["low"] is span["best"] is span["high"] is None:
                return term.unknown
            best = span["best"]
            low, high = (best, best) if best is not None else (span["low"], span["high"])
            # Nobody counts less than none, so a low estimate that is not given is 0.
            least, most = float(low or 0), math.inf if high is None else float(high)
        if term.unknown:
            return False
        return inside(least, most, term.low or 0, math.inf if term.high is None else term.high)

    def _near(self, record: Record, centres: list[tuple[float, float]], km: float) -> Verdict:
        place = self.place(record)
        if place is None or place.point is None:
            return False
        distances = [distance_km(place.point, centre) for centre in centres]
        if any(d + place.slack_km <= km for d in distances):
            return True
        return None if any(d - place.slack_km <= km for d in distances) else False


def _sure(term: Term) -> Iterator[str]:
    """What certain: is asked of, anywhere where all terms must match."""
    match term:
        case Sure(fields):
            yield from fields
        case Every(terms):
            for inner in terms:
                yield from _sure(inner)


def _rank(verdict: Verdict) -> int:
    return 1 if verdict is None else 2 * verdict


def _settled(verdict: Verdict, sure: bool, denied: bool) -> Verdict:
    """With `certain:` a possibility is never enough to match, be it asked for or excluded."""
    return denied if sure and verdict is None else verdict


def _during(record: Record, first: Civil | None, last: Civil | None) -> Verdict:
    if record["date_prec"] is None:
        return False
    low, high = civil(record["date_earliest"]), civil(record["date_latest"])
    return inside(low or BEFORE_ALL, high or AFTER_ALL, first or BEFORE_ALL, last or AFTER_ALL)


def _dates(term: Term) -> bool:
    """Whether a term is of `date:`, or alternatives that all are; after: and before: are not."""
    bare = term.term if isinstance(term, Neg) else term
    parts = bare.terms if isinstance(bare, Some) else (bare,)
    return all(isinstance(part, During) and part.field == "date" for part in parts)


def _filters(term: Term, facet: str) -> bool:
    bare = term.term if isinstance(term, Neg) else term
    return isinstance(bare, Facet) and bare.field == facet


def _actors(*roles: str) -> Callable[[Reference, Record], list[str | None]]:
    return lambda _, record: [a["name"] for a in record["actors"] if not roles or a["role"] in roles]


def _document(at: int) -> Callable[[Reference, Record], list[str | None]]:
    return lambda own, record: [own.names.documents[key][at] for key in record["documents"]]


def _plain(name: str) -> Callable[[Reference, Record], list[str | None]]:
    return lambda _, record: [None if record[name] is None else str(record[name])]


def _countries(own: Reference, record: Record) -> list[str | None]:
    code = (record["place"] or {}).get("country_code")
    return [own.names.countries[code]] if code else []


def _places(own: Reference, record: Record) -> list[str | None]:
    place = own.place(record)
    return list(place.above) if place else []


FACETS: dict[str, Callable[[Reference, Record], list[str | None]]] = {
    "type": _plain("event_type"),
    "country": _countries,
    "place": _places,
    "actor": _actors(),
    "attacker": _actors("attacker"),
    "target": _actors("target"),
    "claimant": _actors("claimant"),
    "weapon": lambda own, record: own.systems(record, ("munition", "platform")),
    "system": lambda own, record: own.systems(record, ("munition", "platform", "air_defence", "ew")),
    "outcome": lambda _, record: [use["outcome"] for use in record["systems"]],
    "speaker": lambda _, record: [n for q in record["quotes"] for n in (q["chain"] or [q["speaker"]])],
    "document": _document(0),
    "publisher": _document(1),
    "reliability": _document(2),
    "credibility": _plain("credibility"),
    "grade": _plain("grade"),
    "status": _plain("status"),
    "kind": _plain("kind"),
    "tag": lambda _, record: record["tags"],
    "disputed": lambda _, record: record["disputed"],
}

FLAGS: dict[str, Callable[[Reference, Record], bool]] = {
    "disputed": lambda _, record: bool(record["disputed"]),
    "starred": lambda _, record: record["starred"],
    "unverified": lambda _, record: any(quote["verified"] is not True for quote in record["quotes"]),
    "single-source": lambda own, record: own.roots(record) == 1,
    "undated": lambda _, record: record["date_edtf"] is None,
    "tagged": lambda _, record: bool(record["tags"]),
    "noted": lambda own, record: record["key"] in own.names.noted,
}
