"""The density strip's columns, bars and days are one and the same: a bar counts the days that Enter filters by."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

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
