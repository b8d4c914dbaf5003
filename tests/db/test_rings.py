"""What is part of itself, over any number of steps."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from db.rings import rings

THINGS = st.integers(0, 7)


@given(st.dictionaries(THINGS, st.lists(THINGS, max_size=3)))
def test_a_ring_has_all_that_lead_to_one_another(above: dict[int, list[int]]) -> None:
    def reached(thing: int) -> set[int]:
        found: set[int] = set()
        left = list(above.get(thing, ()))
        while left:
            at = left.pop()
            if at not in found:
                found.add(at)
                left += above.get(at, ())
        return found

    expected = {
        frozenset(other for other in reached(thing) if thing in reached(other))
        for thing in above
        if thing in reached(thing)
    }
    found = rings(above)
    assert {frozenset(ring) for ring in found} == expected
    assert len(found) == len(expected)


def test_a_chain_may_be_long() -> None:
    chain = {thing: [thing + 1] for thing in range(20_000)}
    assert rings(chain) == []
    assert rings({**chain, 20_000: [0]}) == [set(range(20_001))]
