"""Text to tree to text, over generated trees and over any text at all; and what full text search makes of it."""

from __future__ import annotations

import sqlite3
import unicodedata
from collections.abc import Iterator

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from db.fields import FACET_NAMES, FLAG_NAMES, fold
from db.query import (
    And,
    AnyOf,
    Certain,
    Is,
    Near,
    Node,
    Not,
    Number,
    Or,
    Query,
    QueryError,
    Value,
    When,
    Words,
    fts,
    parse,
)  # fmt: skip
from db.query_filters import NUMBER_NAMES
from db.query_scan import BLANK

TEXTS = st.text(st.characters(codec="utf-8"), max_size=12)
AWKWARD = st.sampled_from(
    ["OR", "AND", "NOT", "or", "type:x", "http://x", "-a", "--", "a*b", '"', '\\"', "\\", "a\\", "(a)", "“b”", "a,b", "02:30",
     "al-Asad’s", "دبابة", "日本", "e\u0301", "[a", "{b}", "a b", "*", "unknown", "..", "🚁 x"]
)  # fmt: skip
WORD_TEXT = st.one_of(AWKWARD, TEXTS)


def _searchable(text: str) -> bool:
    return any(unicodedata.category(c)[0] in "LN" or unicodedata.category(c) == "Co" for c in text)


words = st.builds(
    lambda texts, prefix: Words(tuple(part for text in texts for part in BLANK.split(text) if part), prefix),
    st.lists(WORD_TEXT, min_size=1, max_size=3).filter(lambda texts: any(map(_searchable, texts))),
    st.booleans(),
)
literals = WORD_TEXT.filter(fold).map(Value)
wildcards = st.from_regex(r"\*?[a-z0-9][a-z_-]*\*", fullmatch=True).map(lambda text: Value(text, wildcard=True))
facets = st.builds(
    AnyOf,
    st.sampled_from(FACET_NAMES),
    st.lists(st.one_of(literals, wildcards), min_size=1, max_size=3).map(tuple),
)
counts = st.integers(0, 10**14)
ranges = st.one_of(
    st.tuples(counts, st.none()),
    st.tuples(st.none(), counts),
    st.tuples(counts, counts).map(lambda two: tuple(sorted(two))),
)
numbers = st.builds(
    lambda name, ends, unknown: Number(name, unknown=True) if unknown else Number(name, *ends),
    st.sampled_from(NUMBER_NAMES),
    ranges,
    st.booleans(),
)


def _date(text: str) -> When:
    node = parse(text).node
    assert isinstance(node, When)
    return node


dates = st.sampled_from(
    [
        "date:2021-04", "date:2021-04-14~", "date:[2021-05-01..2021-05-07]", "date:2021-05/2021-06", "date:2021/..",
        "date:2021-04..2021-06", "date:..2021", "date:2021..", "date:[2021-04, 2021-06]..2022", "date:{2021,2022}",
        "date:200X", "date:2021-05-08T02:30", "after:2021-05-01", "before:2021", "after:2021-21", "before:-0044",
    ]
).map(_date)  # fmt: skip
flags = st.sampled_from(FLAG_NAMES).map(Is)
nears = st.one_of(
    st.builds(
        Near, st.one_of(AWKWARD, TEXTS).filter(fold), st.none(), st.none(), st.floats(1, 2e7)
    ),
    st.builds(Near, st.none(), st.floats(-90, 90), st.floats(-180, 180), st.integers(1, 20_000).map(lambda km: km * 1000.0)),
)  # fmt: skip
LEAVES = st.one_of(words, facets, numbers, dates, flags, nears)


def _larger(nodes: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    rows = st.lists(nodes, min_size=2, max_size=3).map(tuple)
    return st.one_of(nodes.map(Not), rows.map(And), rows.map(Or))


NODES: st.SearchStrategy[Node] = st.recursive(LEAVES, _larger, max_leaves=8)
QUERIES = st.one_of(
    NODES,
    st.builds(lambda a, b: And((a, b)), NODES, st.sampled_from([Certain(("date",)), Certain(("date", "place"))])),
).map(Query)


@settings(max_examples=400, deadline=None)
@given(QUERIES)
def test_every_tree_reads_back_from_its_canonical_text(query: Query) -> None:
    text = query.canonical()
    again = parse(text)
    assert again.node == query.node
    assert again.canonical() == text
    assert query.node is not None
    assert (again.node or query.node).start == 0
    assert (again.node or query.node).end == len(text)


PIECES = st.sampled_from(
    ["type:", "place:", "killed:", "date:", "is:", "near:", "certain:date", "typ:", "drone", "-", "(", ")", '"', "“", "”", "OR",
     "AND", "*", ",", "..", "/", "2021-05", "5", ">", "<=", "[", "]", "{", "\\", " ", "  ", "\n", "erbil", "50km", "33.8", "~",
     "unknown", "starred", "—", "\x00", "\ud800", "日本", "\u200b"]
)  # fmt: skip
ANY_TEXT = st.one_of(st.text(max_size=40), st.lists(PIECES, max_size=14).map("".join))


@settings(max_examples=800, deadline=None)
@given(ANY_TEXT)
def test_any_text_is_a_query_or_has_a_fault_with_a_place(text: str) -> None:
    result = _read(text)
    if isinstance(result, QueryError):
        error = result
        assert 0 <= error.position <= len(text)
        assert error.position <= error.end <= len(text)
        assert error.length == error.end - error.position
        assert str(error).isprintable()
        lines = error.caret(text).split("\n")
        assert len(lines) == 2
        assert lines[1].strip("^ ") == ""
        assert "^" in lines[1]
        return
    query = result
    canonical = query.canonical()
    assert parse(canonical).node == query.node
    assert parse(canonical).canonical() == canonical
    for term in query.terms:
        assert parse(text[term.start : term.end]).node == term


def _read(text: str) -> Query | QueryError:
    try:
        return parse(text)
    except QueryError as error:
        return error


@pytest.fixture(scope="module")
def index() -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(":memory:")
    connection.execute('CREATE VIRTUAL TABLE t USING fts5 (title, tokenize = "unicode61 remove_diacritics 2")')
    connection.execute("CREATE VIRTUAL TABLE v USING fts5vocab (t, instance)")
    connection.executemany(
        "INSERT INTO t (rowid, title) VALUES (?, ?)",
        [
            (1, "Two fixed-wing drones strike Victory base"),
            (2, "Drone hits Erbil airport"),
            (3, "Explosives-laden drone at Ain al-Asad’s hangar"),
            (4, "NEAR OR AND title:x"),
            (5, "Café Žilina, طائرة"),
        ],
    )
    yield connection
    connection.close()


def _found(connection: sqlite3.Connection, text: str) -> list[int]:
    node = parse(text).node
    assert isinstance(node, Words)
    return [row[0] for row in connection.execute("SELECT rowid FROM t WHERE t MATCH ? ORDER BY rowid", (fts(node),))]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("drone", [2, 3]),
        ("dro*", [1, 2, 3]),
        ("DRONES", [1]),
        ('"fixed wing drones"', [1]),
        ('"wing fixed"', []),
        ('"hits erb"*', [2]),
        ("explosives-laden", [3]),
        ("al-Asad's", [3]),
        ('"OR"', [4]),
        ("near", [4]),
        ('"title:x"', [4]),
        ("cafe", [5]),
        ("طائرة", [5]),
        ('"drone — hits"', [2]),
        ('"drone — at"', [3]),
        (r'"\"drone\" hits"', [2]),
    ],
)
def test_words_find_in_full_text(index: sqlite3.Connection, text: str, found: list[int]) -> None:
    assert _found(index, text) == found


@settings(max_examples=200, deadline=None)
@given(words)
def test_no_words_are_an_operator_or_an_error_for_fts5(index: sqlite3.Connection, node: Words) -> None:
    index.execute("DELETE FROM t WHERE rowid = 9")
    index.execute("INSERT INTO t (rowid, title) VALUES (9, ?)", (" ".join(node.words) + " x",))
    # SQLite's Unicode tables are not of Python's age: a letter that is none to it cannot be found.
    assume(index.execute("SELECT count(*) FROM v WHERE doc = 9").fetchone()[0] > 1)
    assert (9,) in index.execute("SELECT rowid FROM t WHERE t MATCH ?", (fts(node),)).fetchall()
