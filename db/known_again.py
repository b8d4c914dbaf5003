"""Which row of an incident is which of its source's, where a newer release tells it in other words.

What is the same in all is one.  Of quotes of the same words, whose chains of attribution the source tells anew, it
is the one with the same speaker, the same root or anybody in common, as long as there is but one such.  What cannot be
told apart stays as it is where an analyst's work hangs on it: a claim must not pass from one speaker to another.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

Row = tuple[object, ...]


@dataclass(frozen=True, slots=True)
class Standing:
    """A row that an incident has, or had before the analyst took it out."""

    id: int
    own: Row
    """What makes it this row: an actor's and its role, a quote's document and words."""
    chain: tuple[Row, ...] = ()
    """Of a quote: (step, actor, verb) of its chain of attribution, the first step first."""


def known_again(
    standing: Sequence[Standing],
    lost: Sequence[Standing],
    new: dict[Row, Row],
    leant_on: Callable[[int], bool],
    *,
    like: slice,
) -> dict[int, Row]:
    """Id of each row standing that a source has, too → the source's, which is taken out of `new`, as are the lost.

    `new` has the source's rows by their identity, `Standing.own` and then the steps of the chain.  `leant_on` says of
    an id whether an analyst's work hangs on it.  What is left in `new` is what the store has not.  What was taken out
    and is not among the source's any more is the first of them that is `like` it in that part of `Standing.own`.
    """
    found: dict[int, Row] = {}
    rest: dict[Row, tuple[list[Standing], list[Standing]]] = {}
    for rows, which in ((standing, 0), (lost, 1)):
        for row in rows:
            if (same := new.pop((*row.own, *row.chain), None)) is None:
                rest.setdefault(row.own, ([], []))[which].append(row)
            elif not which:
                found[row.id] = same
    width = len(next(iter(rest), ()))
    anew: dict[Row, list[Row]] = {}
    for identity in new:
        anew.setdefault(identity[:width], []).append(identity)
    for own, (stayed, gone) in rest.items():
        if own in anew:
            for at, identity in _pairs([*stayed, *gone], len(stayed), anew[own], leant_on):
                same = new.pop(identity)
                if at < len(stayed):
                    found[stayed[at].id] = same
    likes: dict[Row, list[Row]] = {}
    for identity in new:
        likes.setdefault(identity[like], []).append(identity)
    for own, (_, gone) in rest.items():
        for row in gone if own not in anew else ():
            alike = likes.get(own[like], [])
            same = next((it for it in alike if _in_common(row.chain, it[width:])), None)
            if same is not None:
                alike.remove(same)
                del new[same]
    return found


def _in_common(chain: Row, other: Row) -> bool:
    """Whether two chains name somebody both; one that names nobody may be anybody's."""
    speakers = [{step[1] for step in steps if isinstance(step, tuple)} for steps in (chain, other)]
    return not all(speakers) or not speakers[0].isdisjoint(speakers[1])


def _pairs(
    rows: Sequence[Standing], stayed: int, new: Sequence[Row], leant_on: Callable[[int], bool]
) -> list[tuple[int, Row]]:
    """Pairs of a row's place among some of the same words and its identity now; the first `stayed` stand still."""
    pairs: list[tuple[int, Row]] = []
    width = len(rows[0].own)
    left = dict(enumerate(rows))
    coming = dict.fromkeys(new)
    for part in (slice(0, 1), slice(-1, None), slice(None)):  # the same speaker, the same root, anybody
        of_rows = _by_speaker((at, row.chain[part]) for at, row in left.items())
        of_new = _by_speaker((identity, identity[width:][part]) for identity in coming)
        for speaker, places in of_rows.items():
            now = of_new.get(speaker, [])
            if len(places) == len(now) == 1 and places[0] in left and now[0] in coming:
                pairs.append((places[0], now[0]))
                del left[places[0]], coming[now[0]]
    alone = len(left) == len(coming) == 1
    for at, row in left.items():
        identity = row.own if row.own in coming else next(iter(coming), None)
        # Of what was taken out: nobody said to speak may be anybody, but two who have nobody in common are two.
        may_be = alone or not leant_on(row.id) if at < stayed else not row.chain or identity == row.own
        if identity is not None and may_be:
            pairs.append((at, identity))
            del coming[identity]
    return pairs


_Named = TypeVar("_Named")


def _by_speaker(chains: Iterable[tuple[_Named, Row]]) -> dict[object, list[_Named]]:
    """Actor → what of those given names it in its chain, once for each step."""
    found: dict[object, list[_Named]] = {}
    for named, chain in chains:
        for step in chain:
            assert isinstance(step, tuple)
            found.setdefault(step[1], []).append(named)
    return found
