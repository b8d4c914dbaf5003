"""Which row of an incident is which of its source's, where a newer release tells it in other words.

What is the same in all is one.  Of quotes of the same words, whose chains of attribution the source tells anew, it
is the one with the same speaker, the same root or anybody in common, as long as there is but one such.  What cannot be
told apart stays as it is where an analyst's work hangs on it: a claim must not pass from one speaker to another.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

Row = tuple[object, ...]


@dataclass(frozen=True, slots=True)
class Known:
    """A row that an incident has, or had before the analyst took it out or changed it."""

    id: int
    own: Row
    """What makes it this row: an actor's and its role, a quote's document and words."""
    chain: tuple[Row, ...] = ()
    """Of a quote: (step, actor, verb) of its chain of attribution, the first step first."""
    there: bool = True
    """Whether it stands, be it in other words."""
    touched: bool = False
    """Whether `own` is what the analyst took out, or has changed since."""


def known_again(
    rows: Sequence[Known], new: dict[Row, Row], leant_on: Callable[[int], bool], *, like: slice
) -> dict[int, Row]:
    """Id of each row standing that a source has, too → the source's, which is taken out of `new`, as are the lost.

    `new` has the source's rows by their identity, `Known.own` and then the steps of the chain.  `leant_on` says of an
    id whether an analyst's work hangs on it.  What is left in `new` is what the store has not.  What was touched and is
    not among the source's any more is the first of them that is `like` it in that part of `Known.own`.
    """
    found: dict[int, Row] = {}
    untouched = {(*row.own, *row.chain) for row in rows if not row.touched}
    rest: dict[Row, list[Known]] = {}
    # One that was changed and then deleted stood in the same words twice.
    for row in sorted(dict.fromkeys(rows), key=lambda row: row.touched):
        identity = (*row.own, *row.chain)
        if (same := new.pop(identity, None)) is not None:
            found |= {row.id: same} if row.there else {}
        elif not (row.touched and identity in untouched):  # what was taken out and put in again is there
            rest.setdefault(row.own, []).append(row)
    width = len(next(iter(rest), ()))
    anew: dict[Row, list[Row]] = {}
    likes: dict[Row, _Alike] = {}
    for identity in new:
        anew.setdefault(identity[:width], []).append(identity)
    for own in filter(anew.__contains__, rest):
        for row, identity in _pairs(rest[own], anew[own], leant_on):
            same = new.pop(identity)
            found |= {row.id: same} if row.there else {}
    for identity in new:
        likes.setdefault(identity[like], _Alike()).add(identity, identity[width:])
    for own, those in rest.items():
        for row in those if own not in anew else ():
            now = likes[own[like]].take(row.chain) if row.touched and own[like] in likes else None
            if now is not None:
                same = new.pop(now)
                found |= {row.id: same} if row.there else {}
    return found


class _Alike:
    """Identities that are alike, to be taken by a chain that names somebody whom theirs does; nobody is anybody."""

    def __init__(self) -> None:
        self._left: dict[Row, None] = {}
        self._of: dict[object, deque[Row]] = {}

    def add(self, identity: Row, chain: Row) -> None:
        """Add one, whose chain is this."""
        self._left[identity] = None
        for speaker in _speakers(chain) or [None]:
            self._of.setdefault(speaker, deque()).append(identity)

    def take(self, chain: Row) -> Row | None:
        """Take the first that names somebody whom this chain names, or nobody; None where there is none."""
        for speaker in [*_speakers(chain), None] if chain else list(self._of):
            these = self._of.get(speaker, deque())
            while these:
                identity = these.popleft()
                if identity in self._left:
                    del self._left[identity]
                    return identity
        return None


def _speakers(chain: Row) -> dict[object, None]:
    """The actors that a chain names, in their order."""
    return dict.fromkeys(step[1] for step in chain if isinstance(step, tuple))


def _pairs(rows: Sequence[Known], new: Sequence[Row], leant_on: Callable[[int], bool]) -> list[tuple[Known, Row]]:
    """Pairs of some rows of the same words and their identities now."""
    pairs: list[tuple[Known, Row]] = []
    width = len(rows[0].own)
    left = dict(enumerate(rows))
    coming = dict.fromkeys(new)
    for part in (slice(0, 1), slice(-1, None), slice(None)):  # the same speaker, the same root, anybody
        of_rows = _by_speaker((at, row.chain[part]) for at, row in left.items())
        of_new = _by_speaker((identity, identity[width:][part]) for identity in coming)
        for speaker, places in of_rows.items():
            now = of_new.get(speaker, [])
            if len(places) == len(now) == 1 and places[0] in left and now[0] in coming:
                pairs.append((left.pop(places[0]), now[0]))
                del coming[now[0]]
    alone = len(left) == len(coming) == 1
    for row in left.values():
        identity = row.own if row.own in coming else next(iter(coming), None)
        # Of what was taken out: nobody said to speak may be anybody, but two who have nobody in common are two.
        may_be = alone or not leant_on(row.id) if row.there else not row.chain or identity == row.own
        if identity is not None and may_be:
            pairs.append((row, identity))
            del coming[identity]
    return pairs


_Named = TypeVar("_Named")


def _by_speaker(chains: Iterable[tuple[_Named, Row]]) -> dict[object, list[_Named]]:
    """Actor → what of those given names it in its chain."""
    found: dict[object, list[_Named]] = {}
    for named, chain in chains:
        for speaker in _speakers(chain):
            found.setdefault(speaker, []).append(named)
    return found
