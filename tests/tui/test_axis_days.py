"""The density strip's columns, bars and days are one and the same: a bar counts the days that Enter filters by."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from db.days import day_of_iso
from tui.axis import FOLD_FROM, Axis

days = st.integers(-800_000, 800_000)


@settings(max_examples=200, deadline=None)
@given(days, st.integers(0, 3_000), st.integers(8, 160))
def test_a_bar_counts_the_days_of_its_column(first: int, length: int, width: int) -> None:
    axis = Axis(first, first + length, width)
    edges = axis.histogram.edges
    for day in {*range(first, first + length + 1, max(1, length // 50)), first + length}:
        column = axis.column(day)
        low, high = axis.days(column)
        assert low <= day <= high
        assert axis.bucket_days(column, column) == (low, high)
    assert edges[0] == first
    assert edges[-1] == first + length + 1
    counted = axis.bars([(edges[i + 1] - edges[i], 0) for i in range(len(edges) - 1)])
    assert sum(certain for certain, _ in counted) == length + 1


def test_a_folded_gap_is_one_bucket_of_its_own() -> None:
    gap = (100, 100 + 4 * FOLD_FROM)
    axis = Axis(0, gap[1] + 200, 60, [gap])
    assert {gap[0], gap[1] + 1} <= set(axis.histogram.edges)
    for day in (0, 99, gap[1] + 1, gap[1] + 200):
        assert axis.bucket_days(axis.column(day), axis.column(day)) == axis.days(axis.column(day))


def test_a_fold_of_thousands_of_years_costs_the_labels_nothing() -> None:
    """Every day, or every month, of it would be a tick that is drawn nowhere: seconds, and gigabytes."""
    for ends in (("2021-01-01", "2021-01-20", "9999-12-31"), ("-9999-01-01", "2021-01-01", "2021-01-20")):
        days = [day_of_iso(text) for text in ends]
        first, last = days[0], days[-1]
        wide = max(((a, b) for a, b in pairwise(days)), key=lambda gap: gap[1] - gap[0])
        axis = Axis(first, last, 120, [(wide[0] + 1, wide[1] - 1)])
        labels = axis.labels()
        assert "⋯" in labels
        assert len(axis._ticks()) < 60


@settings(max_examples=100, deadline=None)
@given(st.lists(st.integers(-3_000_000, 3_000_000), min_size=1, max_size=6, unique=True), st.integers(8, 200))
def test_ticks_are_few_and_in_their_order(found: list[int], width: int) -> None:
    days = sorted(found)
    gaps = [(a + 1, b - 1) for a, b in pairwise(days) if b - a > FOLD_FROM]
    axis = Axis(days[0], days[-1], width, gaps)
    ticks = [day for day, _ in axis._ticks()][1:]
    assert ticks == sorted(ticks)
    assert len(ticks) <= width
    assert all(days[0] <= day <= days[-1] for day in ticks)
