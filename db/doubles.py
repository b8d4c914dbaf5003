"""Likely doubles: pairs of incidents that may be one, scored by parts that are each said in words; nothing is merged.

Parts: when (how much the intervals overlap), where (distance within both precisions), who (actors by their names),
text (trigrams of title, summary and quotes) and numbers (killed and injured).  A part of which nothing is known counts
UNKNOWN, so that little knowledge is no likeness.  Within one data set the source itself tells its events apart by their
ids; such pairs come only when they are asked for.
"""

from __future__ import annotations

import sqlite3
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from db.doubles_blocks import UNKNOWN, Candidates, candidates
from db.doubles_field import Field, read_field
from db.fields import fold
from db.linking import Settled, settled
from db.plural import counted

LEAST = 0.65
"""The lowest score that is offered unless the user says another."""

LIMIT = 100
"""Pairs offered unless the user says another number."""

WEIGHTS = {"when": 0.25, "where": 0.25, "who": 0.2, "text": 0.15, "numbers": 0.15}
"""Part → its share of the score."""

PARTNERS = 3
"""A pair is offered when it is among this many best of either of its incidents."""

READ_AT_ONCE = 500
TEXTS_KEPT = 8_192
"""Incidents whose trigrams are kept for the next pair."""

TEXT_LENGTH = 600
"""Characters of an incident's text that are compared."""


NAMES_COMPARED = 64
"""Actors of an incident that are compared with each of another's; of further ones those count that both have."""

TELL_EVERY = 200
"""Pairs between two tellings of progress."""

Progress = Callable[[float], None]
"""Is told which part of the work is done, from 0 to 1."""


def _silent(done: float) -> None:
    """Progress that nobody is told of."""


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a score: 0 to 1, None where nothing is known; `words` say why."""

    name: str
    score: float | None
    words: str


@dataclass(frozen=True, slots=True)
class Side:
    """One incident of a pair; `origin` is the data set it was imported from."""

    id: int
    key: str
    title: str
    origin: str | None


@dataclass(frozen=True, slots=True)
class Pair:
    """Two incidents that may be one."""

    first: Side
    second: Side
    score: float
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Doubles:
    """The likeliest pairs, best first; `found` counts those that were left off the list too.

    `undated`, `vague` and `nowhere` count incidents that were not compared: without both bounds, with an interval too
    long, or with neither a place nor an actor.
    """

    pairs: tuple[Pair, ...]
    found: int
    compared: int
    undated: int
    vague: int
    nowhere: int


@dataclass(frozen=True, slots=True)
class _Known:
    """What the close look needs of one incident."""

    side: Side
    first: int
    last: int
    place: str | None
    slack: float
    actors: frozenset[str]
    text: str
    killed: tuple[int, int] | None
    injured: tuple[int, int] | None


def find(
    connection: sqlite3.Connection,
    among: Collection[int] | None = None,
    *,
    least: float = LEAST,
    limit: int | None = LIMIT,
    within: bool = False,
    progress: Progress | None = None,
) -> Doubles:
    """Likely doubles of which at least one incident is `among` these ids (None: all); reads, writes nothing.

    Pairs on which the analyst has spoken (linked in any way, or told apart) are left out.  `within` takes pairs of one
    data set too.  `progress` is told now and then which part of the work is done; what it raises ends the work.
    """
    tell = progress or _silent
    tell(0.0)
    field = read_field(connection)
    pairs = _open(candidates(field, within=within), field, settled(connection), among)
    tell(0.2)
    known = _read(connection, field, np.unique(np.concatenate([pairs.a, pairs.b])), tell)
    scored = []
    # In the order of time, so that the trigrams of an incident are made once for all of its pairs.
    for done, at in enumerate(np.argsort(field.first[pairs.a], kind="stable").tolist()):
        if done % TELL_EVERY == 0:
            tell(0.5 + 0.5 * done / len(pairs.a))
        a, b = known[int(pairs.a[at])], known[int(pairs.b[at])]
        score = _score(a, b, float(pairs.when[at]), _maybe(pairs.where[at]), least)
        if score >= least:
            scored.append((-score, a.side.id, b.side.id, at))
    scored.sort()
    kept = _partners(scored)
    shown = kept if limit is None else kept[:limit]
    return Doubles(
        tuple(_pair(known, pairs, at, -score) for score, _, _, at in shown),
        len(kept),
        len(field.ids) - field.nowhere,
        field.undated,
        field.vague,
        field.nowhere,
    )


def _open(pairs: Candidates, field: Field, settled: Settled, among: Collection[int] | None) -> Candidates:
    """The pairs that are still open, and of what was asked for."""
    wanted = np.ones(len(pairs.a), bool)
    if among is not None:
        ids = np.fromiter(among, np.int64, len(among))
        wanted &= np.isin(field.ids[pairs.a], ids) | np.isin(field.ids[pairs.b], ids)
    both = zip(field.ids[pairs.a].tolist(), field.ids[pairs.b].tolist(), strict=True)
    wanted &= np.fromiter((pair not in settled for pair in both), bool, len(pairs.a))
    return Candidates(pairs.a[wanted], pairs.b[wanted], pairs.when[wanted], pairs.where[wanted], pairs.metres[wanted])


def _partners(scored: list[tuple[float, int, int, int]]) -> list[tuple[float, int, int, int]]:
    """Of pairs in order, best first, those that are among the PARTNERS best of either incident."""
    seen: Counter[int] = Counter()
    kept = []
    for pair in scored:
        _, a, b, _ = pair
        if seen[a] < PARTNERS or seen[b] < PARTNERS:
            kept.append(pair)
        seen[a] += 1
        seen[b] += 1
    return kept


def _score(a: _Known, b: _Known, when: float, where: float | None, least: float) -> float:
    """The parts by their weights; without the text where even an equal one would leave it below `least`."""
    parts = {
        "when": when,
        "where": where,
        "who": _who(a.actors, b.actors),
        "numbers": _numbers(a, b),
    }
    score = sum(WEIGHTS[name] * (UNKNOWN if part is None else part) for name, part in parts.items())
    if score + WEIGHTS["text"] < least:
        return score  # no text could lift it, and texts are dear to compare
    text = _dice(a.text, b.text)
    return score + WEIGHTS["text"] * (UNKNOWN if text is None else text)


def _maybe(number: float) -> float | None:
    return None if np.isnan(number) else float(number)


# -- the parts ------------------------------------------------------------------------------------------------------


def _who(mine: frozenset[str], theirs: frozenset[str]) -> float | None:
    """How much of the actors of both is the same, by the best partner of each; None where one has none."""
    if not mine or not theirs:
        return None
    alike = 2.0 * len(mine & theirs)
    for names, others in ((mine, theirs), (theirs, mine)):
        compared = _some(others)
        alike += sum(max(_name_likeness(name, other) for other in compared) for name in _some(names - others))
    return alike / (len(mine) + len(theirs))


def _some(names: frozenset[str]) -> frozenset[str] | list[str]:
    """The names of one incident that are compared with others that are not the same: of very many the first."""
    return names if len(names) <= NAMES_COMPARED else sorted(names)[:NAMES_COMPARED]


@lru_cache(1 << 16)
def _name_likeness(one: str, other: str) -> float:
    """1 for names that are written alike, else the part of their words that both have."""
    if one == other:
        return 1.0
    a, b = frozenset(one.split("-")), frozenset(other.split("-"))
    return len(a & b) / len(a | b)


def _dice(one: str, other: str) -> float | None:
    """Likeness of two texts by their trigrams (Dice's coefficient); None where one has no words."""
    a, b = trigrams(one), trigrams(other)
    return 2 * len(a & b) / (len(a) + len(b)) if a and b else None


def _numbers(a: _Known, b: _Known) -> float | None:
    """How well killed and injured agree, of those that both have; None where they have none in common."""
    found = [
        _agreement(mine, theirs)
        for mine, theirs in ((a.killed, b.killed), (a.injured, b.injured))
        if mine is not None and theirs is not None
    ]
    return sum(found) / len(found) if found else None


def _agreement(a: tuple[int, int], b: tuple[int, int]) -> float:
    """1 for the same estimate, 0.7 for estimates that overlap, else at most 0.5 and less the further apart."""
    if a == b:
        return 1.0
    if a[0] <= b[1] and b[0] <= a[1]:
        return 0.7
    near, far = (a[1], b[0]) if a[1] < b[0] else (b[1], a[0])
    return 0.5 * near / far


@lru_cache(TEXTS_KEPT)
def trigrams(text: str) -> frozenset[str]:
    """The trigrams of a text's words, case and accents aside."""
    padded = f"  {fold(text)} "
    return frozenset(padded[at : at + 3] for at in range(len(padded) - 2)) if padded.strip() else frozenset()


# -- reading --------------------------------------------------------------------------------------------------------


def actors_and_quotes(
    connection: sqlite3.Connection, marks: str
) -> tuple[defaultdict[int, set[str]], defaultdict[int, list[str]]]:
    """The names of actors, as they are compared, and the quotes of incidents; `marks` has their ids for SQL."""
    actors: defaultdict[int, set[str]] = defaultdict(set)
    for incident_id, name in connection.execute(
        "SELECT x.incident_id, a.name FROM incident_actor AS x JOIN actor AS a ON a.id = x.actor_id"
        f" WHERE x.incident_id IN ({marks})"
    ):
        actors[incident_id].add(fold(name))
    quotes: defaultdict[int, list[str]] = defaultdict(list)
    for incident_id, exact in connection.execute(
        f"SELECT incident_id, exact FROM quote WHERE incident_id IN ({marks}) ORDER BY id"
    ):
        quotes[incident_id].append(exact)
    return actors, quotes


def _read(connection: sqlite3.Connection, field: Field, rows: Iterable[int], tell: Progress) -> dict[int, _Known]:
    """Row of the field → what is known of its incident."""
    at = {int(field.ids[row]): int(row) for row in rows}
    ids = list(at)
    known: dict[int, _Known] = {}
    for start in range(0, len(ids), READ_AT_ONCE):
        tell(0.2 + 0.3 * start / len(ids))
        marks = ",".join(map(str, map(int, ids[start : start + READ_AT_ONCE])))
        actors, quotes = actors_and_quotes(connection, marks)
        for incident_id, key, title, summary, origin, place, *numbers in connection.execute(
            "SELECT i.id, i.key, i.title, i.summary, i.origin, p.name, i.killed_low, i.killed_best,"
            " i.killed_high, i.injured_low, i.injured_best, i.injured_high FROM incident AS i"
            " LEFT JOIN place AS p ON p.id = i.place_id"
            f" WHERE i.id IN ({marks})"
        ):
            row = at[incident_id]
            text = " ".join([title, summary or "", *quotes[incident_id]])
            known[row] = _Known(
                Side(incident_id, key, title, origin),
                int(field.first[row]),
                int(field.last[row]),
                place,
                float(field.slack[row]),
                frozenset(actors[incident_id]),
                text[:TEXT_LENGTH],
                _range(*numbers[:3]),
                _range(*numbers[3:]),
            )
    return known


def _range(low: int | None, best: int | None, high: int | None) -> tuple[int, int] | None:
    """Least and most of an estimate; the best alone where there is one, None where nothing is known."""
    if best is not None:
        return best, best
    bounds = [number for number in (low, high) if number is not None]
    return (min(bounds), max(bounds)) if bounds else None


# -- in words -------------------------------------------------------------------------------------------------------


def _pair(known: Mapping[int, _Known], pairs: Candidates, at: int, score: float) -> Pair:
    a, b = known[int(pairs.a[at])], known[int(pairs.b[at])]
    when, where = float(pairs.when[at]), _maybe(pairs.where[at])
    who, text, numbers = _who(a.actors, b.actors), _dice(a.text, b.text), _numbers(a, b)
    parts = (
        Part("when", when, _when_words(a, b)),
        Part("where", where, _where_words(a, b, _maybe(pairs.metres[at]))),
        Part("who", who, _who_words(a, b)),
        Part("text", text, "one has no text" if text is None else f"{text:.0%} of the letters in threes are shared"),
        Part("numbers", numbers, _number_words(a, b)),
    )
    return Pair(a.side, b.side, score, parts)


def _when_words(a: _Known, b: _Known) -> str:
    shared = min(a.last, b.last) - max(a.first, b.first) + 1
    lengths = (a.last - a.first + 1, b.last - b.first + 1)
    if shared == 0:
        return "a day apart"
    if lengths == (1, 1):
        return "the same day"
    if lengths[0] == lengths[1] == shared:
        return f"the same {shared} days"
    return f"{counted(shared, 'day')} in common, of {lengths[0]} and {lengths[1]}"


def _where_words(a: _Known, b: _Known, metres: float | None) -> str:
    if metres is None:
        if a.place is None or b.place is None:
            return "one has no place"
        same = a.place == b.place
        return f"both {a.place}" if same else f"{a.place} and {b.place}, one of them without a point"
    slack = " and ".join(_km(side.slack) for side in (a, b))
    return f"{'the same point' if metres < 1 else _km(metres) + ' apart'}, known to {slack}"


def _km(metres: float) -> str:
    return f"{metres / 1000:.1f} km" if metres < 10_000 else f"{metres / 1000:,.0f} km"


def _who_words(a: _Known, b: _Known) -> str:
    if not a.actors or not b.actors:
        return "one names nobody"
    both = len(a.actors & b.actors)
    return f"{both} of {len(a.actors | b.actors)} actors are the same" if both else "no actor has the same name"


def _number_words(a: _Known, b: _Known) -> str:
    found = [
        f"{name} {_span(mine)}" + ("" if mine == theirs else f" and {_span(theirs)}")
        for name, mine, theirs in (("killed", a.killed, b.killed), ("injured", a.injured, b.injured))
        if mine is not None and theirs is not None
    ]
    return "; ".join(found) if found else "no number that both give"


def _span(span: tuple[int, int]) -> str:
    return f"{span[0]:,}" if span[0] == span[1] else f"{span[0]:,} to {span[1]:,}"
