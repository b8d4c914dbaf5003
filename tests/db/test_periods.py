"""Years and months as facets: each count is what `date:` with that value answers, and keys edit the query by it."""

from __future__ import annotations

import unicodedata
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from db.engine import Wants
from db.engine.columns import ColumnsEngine
from db.engine.plain import PlainEngine
from db.fields import PERIOD_NAMES, fold
from db.periods import Period, is_text, month_of, overlapping, periods
from db.query import Query, parse
from db.query_edit import exclude, selected, toggle
from db.store import Store
from tests.support.chance_store import ChanceQuery, ChanceStore


@pytest.mark.parametrize("seed", range(8))
def test_each_count_is_the_answer_with_its_date(seed: int, tmp_path: Path) -> None:
    with closing(ChanceStore(tmp_path / "store.db", seed)) as made, Store.open(made.path) as store:
        engines = PlainEngine(store.connection), ColumnsEngine(store, folder=tmp_path / "cache")
        writer, asked = ChanceQuery(made.random), 0
        while asked < 6:
            text = writer.text()
            if "date:" in text or "OR" in text:
                continue
            asked += 1
            for engine in engines:
                facets = engine.answer(parse(text), Wants(PERIOD_NAMES)).facets
                for name in PERIOD_NAMES:
                    assert set(engine.values(name)) >= {count.value for count in facets[name]}
                    for value in engine.values(name):
                        totals = engine.answer(parse(f'{text} date:"{value}"')).totals
                        count = facets[name].named(value)
                        found = (count.certain, count.possible) if count else (0, 0)
                        assert found == (totals.certain, totals.possible), (text, value)


def test_own_dates_are_left_out_but_not_after_and_before(tmp_path: Path) -> None:
    with closing(ChanceStore(tmp_path / "store.db", 2)) as made, Store.open(made.path) as store:
        for engine in (PlainEngine(store.connection), ColumnsEngine(store, folder=tmp_path / "cache")):

            def counts(text: str, engine: PlainEngine | ColumnsEngine = engine) -> list[object]:
                return list(engine.answer(parse(text), Wants(("year",))).facets["year"])

            every = counts("")
            assert every
            for text in ("date:2021", "date:2021,2020-05", "-date:2021", "(date:2021 OR date:2019)", "date:2020..2021"):
                assert counts(text) == every, text
            assert counts("after:2021-05") != every


def test_periods_are_written_as_edtf_and_in_order() -> None:
    months = [month_of(day) for day in (0, 18_754, -735_000, 10_000_000, -5_000_000)]
    years = periods("year", months)
    assert [period.text for period in years] == ["Y-11720", "-0043", "1970", "2021", "Y29349"]
    assert [period.text for period in periods("month", months)] == ["-0043-08", "1970-01", "2021-05"]
    for period in (*years, *periods("month", months)):
        query = parse(f'date:"{period.text}"')
        assert (query.node.earliest, query.node.latest) == (period.first, period.last)  # type: ignore[union-attr]
        assert is_text("year", period.text) != is_text("month", period.text)
    assert not is_text("month", "2021-13") and not is_text("year", "2021..2022")


def test_overlapping_periods() -> None:
    known = [Period("a", 0, 9), Period("b", 20, 29), Period("c", 30, 39)]
    for first, last, found in (
        (0, 0, [0]), (9, 20, [0, 1]), (10, 19, []), (None, 20, [0, 1]), (30, None, [2]), (None, None, [0, 1, 2]),
        (40, 50, []),
    ):  # fmt: skip
        assert overlapping(known, first, last) == found


STEPS = [
    ("", "year", "2021", "date:2021"),
    ("date:2021", "year", "2021", ""),
    ("date:2021", "month", "2020-05", "date:2021,2020-05"),
    ("drone date:2021,2020-05 x", "year", "2021", "drone date:2020-05 x"),
    ("date:2021-05-01..2021-06", "year", "2019", "date:2021-05-01..2021-06,2019"),
    ("-date:2021", "year", "2021", "date:2021"),
    ("after:2021", "year", "2021", "after:2021 date:2021"),
    ("(date:2021 OR after:2022)", "year", "2021", "(date:2021 OR after:2022) date:2021"),
    ("", "year", "-0044", "date:-0044"),
    ("date:-0044", "year", "-0044", ""),
]


@pytest.mark.parametrize(("before", "facet", "value", "after"), STEPS)
def test_a_period_is_toggled_as_a_date(before: str, facet: str, value: str, after: str) -> None:
    assert toggle(before, facet, value) == after


def test_a_period_is_left_out_and_seen_as_chosen() -> None:
    assert exclude("date:2021,2020", "year", "2021") == "date:2020 -date:2021"
    assert exclude("-date:2021", "year", "2021") == ""
    query: Query = parse("date:2021,2021-05,2021-05-01 -date:2019")
    assert selected(query, "year") == (("2021",), ("2019",))
    assert selected(query, "month") == (("2021-05",), ())


@settings(max_examples=200)
@given(st.text(st.characters(max_codepoint=127), max_size=20))
def test_plain_names_fold_as_all_names_do(text: str) -> None:
    """The short way for ASCII gives what the long way gives, which a combining mark at the end forces."""
    mark = "\u0301"
    assert unicodedata.combining(mark)
    long_way = fold(f"{text}z{mark}")
    assert fold(f"{text}z") == long_way
