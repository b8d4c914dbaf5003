"""Keys and facets edit the query's text: what changes, and that nothing else does."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from db.days import day_number
from db.fields import fold
from db.periods import day_text
from db.query import AnyOf, Or, Query, QueryError, When, parse
from db.query_edit import add, exclude, peel, selected, set_dates, toggle, without

TOGGLES = [
    ("", "drone-strike", "type:drone-strike"),
    ("  ", "drone-strike", "type:drone-strike"),
    ("x", "rocket fire", 'x type:"rocket fire"'),
    ("type:drone-strike", "rocket fire", 'type:drone-strike,"rocket fire"'),
    ('type:drone-strike,"Rocket Fire"  x', "rocket_fire", "type:drone-strike  x"),
    ("type:a x", "a", "x"),
    ("x  type:a  y", "a", "x y"),
    ("-type:b y", "b", "y type:b"),
    ("x  -type:a,b y", "b", "x  -type:a y type:b"),
    ("a OR b", "x", "(a OR b) type:x"),
    ("a OR type:x", "x", "(a OR type:x) type:x"),
    ("(type:a) x", "b", "type:a,b x"),
    ("type:a type:b", "c", "type:a type:b,c"),
    ("type:a type:b,a", "a", "type:b"),
    ("-(-type:a)", "a", "-(-type:a) type:a"),
    ("type:*", "*", 'type:*,"*"'),
    ("type:*", "a", "type:*,a"),
    ("“free  text”   killed:>0", "a", "“free  text”   killed:>0 type:a"),
    ("", 'he said "no" \\', 'type:"he said \\"no\\" \\\\"'),
    ("", "-a", 'type:"-a"'),
    ("", "طائرة", "type:طائرة"),
]


@pytest.mark.parametrize(("text", "value", "expected"), TOGGLES)
def test_toggle(text: str, value: str, expected: str) -> None:
    assert toggle(text, "type", value) == expected
    parse(expected)


EXCLUSIONS = [
    ("", "a", "-type:a"),
    ("x", "a b", 'x -type:"a b"'),
    ("-type:a", "b", "-type:a,b"),
    ("-type:a,b", "A", "-type:b"),
    ("x -type:a", "a", "x"),
    ("type:a,b x", "a", "type:b x -type:a"),
    ("a OR b", "x", "(a OR b) -type:x"),
]


@pytest.mark.parametrize(("text", "value", "expected"), EXCLUSIONS)
def test_exclude(text: str, value: str, expected: str) -> None:
    assert exclude(text, "type", value) == expected
    parse(expected)


def test_flags_narrow_instead_of_widening() -> None:
    assert toggle("is:starred", "is", "disputed") == "is:starred is:disputed"
    assert toggle("is:starred is:disputed", "is", "starred") == "is:disputed"
    assert toggle("is:starred,disputed x", "is", "disputed") == "is:starred x"
    assert exclude("is:starred", "is", "starred") == "-is:starred"


def test_edits_of_a_text_that_does_not_parse_say_so() -> None:
    edits: list[Callable[[], str]] = [
        lambda: toggle("typ:x", "type", "a"),
        lambda: exclude("(", "type", "a"),
        lambda: add('"', "a"),
        lambda: add("a", "typ:x"),
        lambda: set_dates("a", "2021-13-01", None),
        lambda: set_dates("a", "2021-06-01", "2021-05-01"),
        lambda: toggle("a", "is", "stared"),
    ]
    for edit in edits:
        with pytest.raises(QueryError):
            edit()


def test_selected_names_literal_values_of_top_level_terms() -> None:
    query = parse('type:a,"b c" -type:d (type:e OR x) place:f type:a,*g* -(type:h) is:starred,noted -is:tagged')
    assert selected(query, "type") == (("a", "b c"), ("d", "h"))
    assert selected(query, "place") == (("f",), ())
    assert selected(query, "weapon") == ((), ())
    assert selected(query, "is") == (("starred", "noted"), ("tagged",))
    assert selected(parse(""), "type") == ((), ())


def test_add_narrows() -> None:
    assert add("", " a OR b ") == "a OR b"
    assert add(" a ", "certain:date") == "a certain:date"
    assert add("a OR b", "c OR d") == "(a OR b) (c OR d)"
    assert add("is:starred,noted", "x") == "is:starred,noted x"
    assert add("date:2021,2022", "x") == "date:2021,2022 x"


def test_add_changes_nothing_when_the_term_is_there_or_empty() -> None:
    assert add("a  b", "b") == "a  b"
    assert add('type:"a" b', "type:a") == 'type:"a" b'
    assert add("a b", "  ") == "a b"


def test_without_takes_one_term_and_its_blank() -> None:
    text = "a   (b OR c)  d"
    a, group, d = parse(text).terms
    assert without(text, (a.start, a.end)) == "(b OR c)  d"
    assert without(text, (group.start, group.end)) == "a d"
    assert without(text, (d.start, d.end)) == "a   (b OR c)"
    assert without("a", (0, 1)) == ""


PEELED = [
    ("", ""), ("a", ""), ("a b", "a"), ("a  (b c) ", "a"), ("a b OR c d", "a b OR c"), ("a b OR c", "a b"), ("(a b)", ""),
    ("a OR (b c)", "a"), ("-(a b) -c", "-(a b)"), ("a date:2021,2022", "a"), ("a certain:date", "a"),
    ("a typ:x b", "a"), ('a (b "c', "a"), ('"', ""), ("a OR", "a"), ("x near:y", "x"), ("-(a", ""), ("a b)", "a"), ("a -", "a"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), PEELED)
def test_peel(text: str, expected: str) -> None:
    assert peel(text) == expected


def test_peeling_a_text_of_faults_ends_soon() -> None:
    assert peel(") " * 20_000) == ""
    assert peel("a " * 20_000 + "(") == ("a " * 20_000).strip()


def test_dates_replace_all_top_level_date_terms() -> None:
    text = "a after:2021  b (date:2020 OR before:2022) c date:2021,2022 certain:date -date:2021-05"
    new = set_dates(text, "2021-05-01", "2021-06-30")
    assert new == "a date:2021-05-01..2021-06-30  b c certain:date -date:2021-05"
    assert set_dates("a", "2021-05-01", None) == "a date:2021-05-01.."
    assert set_dates("", "2021-05-01", "2021-05-01") == "date:2021-05-01"
    assert set_dates("a OR after:2021", "2021-05-01", None) == "(a OR after:2021) date:2021-05-01.."
    assert set_dates("before:2021", "-0044-03-15", "2021-01-01") == "date:-0044-03-15..2021-01-01"


VALUES = st.one_of(
    st.text(st.characters(codec="utf-8"), min_size=1, max_size=8), st.sampled_from(["a", "b", "a b", "*", '"'])
)
TERMS = st.sampled_from(
    ["drone", '"two  words"', "-rocket", "type:a", "type:a,b", '-type:"a b"', "-type:b", "(type:a OR x)", "is:starred", "killed:>0",
     "date:2021..", "place:*b*", "type:*", "certain:date", "-(x y)", "“c d”*", "date:2020,2021"]
)  # fmt: skip
QUERY_TEXTS = st.one_of(
    st.lists(st.tuples(TERMS, st.sampled_from([" ", "  "])), max_size=6).map(
        lambda ts: "".join(t + gap for t, gap in ts)
    ),
    st.sampled_from(["a OR b", "a type:a OR type:b c", "(a OR b)", "is:starred OR is:noted"]),
)


def _plain(query: Query) -> list[str]:
    """The terms, as typed, that are not on `type`."""
    return [query.text[t.start : t.end] for t in query.terms if "type:" not in query.text[t.start : t.end]]


@settings(max_examples=300, deadline=None)
@given(QUERY_TEXTS, VALUES.filter(fold), st.booleans())
def test_a_switch_turned_twice_leaves_what_was(text: str, value: str, excluded: bool) -> None:
    edit = exclude if excluded else toggle
    before = parse(text)
    once = edit(text, "type", value)
    chosen, left_out = ({fold(v) for v in values} for values in selected(parse(once), "type"))
    was_chosen, was_left_out = ({fold(v) for v in values} for values in selected(before, "type"))
    folded = fold(value)
    was_on = folded in (was_left_out if excluded else was_chosen)
    assert (folded in chosen) == (not excluded and not was_on)
    assert (folded in left_out) == (excluded and not was_on)
    assert chosen - {folded} == was_chosen - {folded}
    assert left_out - {folded} == was_left_out - {folded}
    if not (isinstance(before.node, Or) and before.node.start == before.node.nodes[0].start):
        assert _plain(parse(once)) == _plain(before)
    if folded not in was_chosen | was_left_out:
        twice = parse(edit(once, "type", value))
        assert twice.terms == before.terms or len(before.terms) == 1


@settings(max_examples=100, deadline=None)
@given(QUERY_TEXTS)
def test_every_edit_gives_a_query(text: str) -> None:
    assert parse(add(text, "x OR y")).terms[-1] == parse("x OR y").node or "x OR y" in text
    dated = parse(set_dates(text, "2021-05-01", "2021-05-31"))
    assert [t for t in dated.terms if isinstance(t, When)] == [parse("date:2021-05-01..2021-05-31").node]
    left = text
    for _ in range(20):
        left = peel(left)
        parse(left)
    assert left == ""


@given(st.text(max_size=30))
@settings(max_examples=200, deadline=None)
def test_peel_of_any_text_gives_a_query(text: str) -> None:
    parse(peel(text))


def test_a_toggled_value_is_never_a_wildcard() -> None:
    node = parse(toggle("", "place", "*asad*")).node
    assert isinstance(node, AnyOf)
    assert not node.values[0].wildcard


@pytest.mark.parametrize("year", [-123456, -12037, -9999, -1, 0, 2021, 9999, 10000, 999999])
def test_every_day_of_a_bar_can_be_filtered_by(year: int) -> None:
    first, last = day_number(year, 3, 4), day_number(year, 5, 6)
    text = set_dates("a", day_text(first), day_text(last))
    (found,) = [node for node in parse(text).terms if isinstance(node, When)]
    assert found.earliest is not None and found.latest is not None
    assert found.earliest <= first <= last <= found.latest
    assert (found.earliest, found.latest) == (first, last) or abs(year) > 9999
