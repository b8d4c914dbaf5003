"""The small pieces of columns: types that are just wide enough, lookups by id, values in slots, counts in order."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from db.engine.answer import Count, ListedCounts
from db.engine.arrays import (
    NO_FIRST,
    NO_LAST,
    Lookup,
    Splice,
    distinct,
    narrow,
    narrow_days,
    narrow_signed,
    widen_days,
)
from db.engine.counting import FIRST_SORTED, CodedCounts
from db.engine.dictionary import Dictionary
from db.engine.facet_columns import Rows, Slots

INT64 = st.integers(-(2**63) + 1, 2**63 - 2)


@given(st.lists(INT64, max_size=30))
@settings(max_examples=60, deadline=None)
def test_narrowing_keeps_every_number(numbers: list[int]) -> None:
    """Numbers, days and missing days come back as they were, from the smallest type that holds them."""
    column = np.array(numbers, np.int64)
    assert narrow_signed(column).tolist() == numbers
    for missing in (NO_FIRST, NO_LAST):
        days = np.array([*numbers, missing], np.int64)
        assert widen_days(narrow_days(days, missing), missing).tolist() == days.tolist()
    natural = abs(column)
    assert narrow(natural).tolist() == natural.tolist()


@pytest.mark.parametrize(
    ("top", "kind"), [(0, "uint8"), (255, "uint8"), (256, "uint16"), (65_535, "uint16"), (65_536, "uint32")]
)
def test_types_are_just_wide_enough(top: int, kind: str) -> None:
    """Codes take one, two or four bytes."""
    assert narrow(np.array([0, top], np.int64)).dtype == kind
    assert narrow_days(np.array([-(2**31) + 1, 2**31 - 2, NO_LAST], np.int64), NO_LAST).dtype == "int32"
    assert narrow_days(np.array([2**31 - 1, NO_LAST], np.int64), NO_LAST).dtype == "int64"


@given(st.sets(INT64, max_size=20), st.lists(INT64, max_size=20), st.randoms(use_true_random=False))
@settings(max_examples=80, deadline=None)
def test_a_lookup_finds_what_is_there(ids: set[int], others: list[int], chance: np.random.Generator) -> None:
    """Near together or far apart, in any order: the position of each id, -1 for the rest."""
    for known in (sorted(ids, reverse=True), [n % 50 for n in range(7, 30, 3)]):
        lookup = Lookup(np.array(known, np.int64))
        asked = [*known, *others, 0, 7, 13]
        expected = [known.index(each) if each in known else -1 for each in asked]
        assert lookup.positions(np.array(asked, np.int64)).tolist() == expected
        assert [lookup.position(each) for each in asked] == [None if at < 0 else at for at in expected]
        assert lookup.positions(np.array(known, np.int64)).tolist() == list(range(len(known)))


def test_a_splice_widens_a_column() -> None:
    """New rows may need a wider type, in place or not; a column without changes stays the same array."""
    old, new = np.array([1, 2, 3], np.uint8), np.array([300], np.uint16)
    in_place = Splice(3, np.array([1]), None, None)
    assert in_place.column(old, new).tolist() == [1, 300, 3]
    assert in_place.column(old, np.array([2], np.uint8)) is old
    assert old.tolist() == [1, 2, 3]
    moved = Splice(4, np.array([3]), np.array([2, 0, 1, 3]), np.array([1, 2, 0], np.int32))
    assert moved.column(old, new).tolist() == [3, 1, 2, 300]
    assert moved.kept(np.array([0, 2]))[1].tolist() == [1, 0]
    assert in_place.kept(np.array([0, 1]))[1].tolist() == [0]


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 6)), max_size=60), st.none() | st.integers(0, 4))
@settings(max_examples=80, deadline=None)
def test_slots_hold_every_pair_once(pairs: list[tuple[int, int]], slots: int | None) -> None:
    """Whatever fits in slots and whatever spills: rows by value, counts of all rows and of some."""
    at, codes = (
        (np.array(part, np.int64) for part in zip(*pairs, strict=True)) if pairs else [np.empty(0, np.int64)] * 2
    )
    facet = Slots.of_pairs(Dictionary(list("abcdef")), 10, at, codes, slots)
    assert slots is None or len(facet.slots) == slots
    some = np.arange(10) % 3 == 0
    for code in range(1, 7):
        rows = sorted({row for row, each in pairs if each == code})
        assert np.flatnonzero(facet.rows_with(np.array([code]))).tolist() == rows
        assert facet.count(None)[code - 1] == len(rows)
        assert facet.count(Rows(some))[code - 1] == sum(row % 3 == 0 for row in rows)
    several = np.array([1, 2, 4, 5], np.int64)
    assert np.flatnonzero(facet.rows_with(several)).tolist() == sorted({row for row, code in pairs if code in several})
    assert not facet.rows_with(np.empty(0, np.int64)).any()


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 2)), max_size=12), st.integers(0, 600))
@settings(max_examples=60, deadline=None)
def test_counts_are_in_order_however_they_are_read(counts: list[tuple[int, int]], more: int) -> None:
    """Most first, then by name: by index, from the end, in slices and whole, for few values and for many."""
    counts = counts + [(n % 5, n % 3) for n in range(more)]
    names = [f"{(n * 7_919) % 10_007:05}" for n in range(len(counts))]
    certain, possible = (np.array([pair[i] for pair in counts], np.int64) for i in (0, 1))
    expected = sorted(
        (Count(name, *pair) for name, pair in zip(names, counts, strict=True) if sum(pair)),
        key=lambda count: (-count.certain - count.possible, count.value),
    )
    found = CodedCounts(Dictionary(names), certain, possible)
    assert len(found) == len(expected)
    assert found[:3] == expected[:3]
    assert found[1:FIRST_SORTED:7] == expected[1:FIRST_SORTED:7]
    assert found[-2:] == expected[-2:]
    assert list(found) == expected
    assert found == expected
    assert found[:1] == expected[:1]
    having = {count.value: count for count in expected}
    for twice in range(2):
        assert [found.named(name) for name in names] == [having.get(name) for name in names]
        assert found.named("no such value") is None, twice
    for text in ("", "7", "1 2", "no such value"):
        held = [count for count in expected if all(part in count.value for part in text.split())]
        assert found.holding(text) == held == ListedCounts(expected).holding(text)
    if expected:
        assert found[0] == expected[0]
        assert found[-1] == expected[-1]
        assert found != expected[1:]
    with pytest.raises(IndexError):
        found[len(expected)]


def test_distinct_numbers_are_in_order() -> None:
    """As sorted(set(...)) has them."""
    numbers = np.array([5, -3, 5, 0, 2**62, -3], np.int64)
    assert distinct(numbers).tolist() == sorted(set(numbers.tolist()))
    assert distinct(np.empty(0, np.int64)).tolist() == []


def test_a_dictionary_grows_without_changing() -> None:
    """Codes stay what they were; the same dictionary comes back when there is nothing new."""
    first = Dictionary(["b", "a"])
    second = first.extended(["a", None, "c", "c"])
    assert first.values == ("b", "a")
    assert second.values == ("b", "a", "c")
    assert first.extended(["a", None]) is first
    assert second.encode(["c", None, "b"]).tolist() == [3, 0, 1]
    assert second.ranks.tolist() == [1, 0, 2]
