"""What the query language means, what it refuses, and where it points when it does."""

from __future__ import annotations

from datetime import date

import pytest

from db.dates import parse as parse_date
from db.query import (
    MAX_DEPTH,
    And,
    AnyOf,
    Certain,
    Is,
    Near,
    Node,
    Not,
    Number,
    Or,
    QueryError,
    Value,
    When,
    Words,
    asked,
    parse,
)  # fmt: skip


def day(year: int, month: int, of_month: int) -> int:
    return (date(year, month, of_month) - date(1970, 1, 1)).days


def word(text: str) -> Words:
    return Words((text,))


def facet(field: str, *texts: str) -> AnyOf:
    return AnyOf(field, tuple(Value(text, wildcard="*" in text) for text in texts))


MEANINGS: list[tuple[str, Node]] = [
    ("drone", word("drone")),
    ("Al-Asad's", word("Al-Asad's")),
    ("02:30", word("02:30")),
    ("طائرة", word("طائرة")),
    ("dro*", Words(("dro",), prefix=True)),
    ('"explosives-laden"', word("explosives-laden")),
    ('"two  fixed-wing\tdrones"', Words(("two", "fixed-wing", "drones"))),
    ("“two drones”", Words(("two", "drones"))),
    ("„two drones“", Words(("two", "drones"))),
    ('"two dro"*', Words(("two", "dro"), prefix=True)),
    (r'"a \"b\" \\ c\d"', Words(("a", '"b"', "\\", "c\\d"))),
    ('"http://x.org: OR -a (b)"', Words(("http://x.org:", "OR", "-a", "(b)"))),
    ('drone "at Erbil"', And((word("drone"), Words(("at", "Erbil"))))),
    ("or not and", And((word("or"), word("not"), word("and")))),
    ("type:drone-strike,rocket-fire", facet("type", "drone-strike", "rocket-fire")),
    ("TYPE:drone-strike", facet("type", "drone-strike")),
    ('actor:"Kataib Hezbollah",saraya', AnyOf("actor", (Value("Kataib Hezbollah"), Value("saraya")))),
    ("place:*asad*", facet("place", "*asad*")),
    ('place:"*asad*"', AnyOf("place", (Value("*asad*", wildcard=False),))),
    ('document:"http://x.org/?a=b,c"', AnyOf("document", (Value("http://x.org/?a=b,c"),))),
    ('speaker:"say \\"no\\""', AnyOf("speaker", (Value('say "no"'),))),
    ("disputed:date", facet("disputed", "date")),
    ("-weapon:katyusha", Not(facet("weapon", "katyusha"))),
    ("-drone", Not(word("drone"))),
    ('-"a b"', Not(Words(("a", "b")))),
    ("-(a b)", Not(And((word("a"), word("b"))))),
    ("-(-a)", Not(Not(word("a")))),
    ("a OR b", Or((word("a"), word("b")))),
    ("a b OR c", Or((And((word("a"), word("b"))), word("c")))),
    ("a (b OR c)", And((word("a"), Or((word("b"), word("c")))))),
    ("((a))", word("a")),
    ("(a b) c", And((And((word("a"), word("b"))), word("c")))),
    ('"OR"', word("OR")),
    (
        "(type:rocket-fire OR place:erbil) killed:0",
        And((Or((facet("type", "rocket-fire"), facet("place", "erbil"))), Number("killed", 0, 0))),
    ),
    ("killed:>0", Number("killed", 1, None)),
    ("killed:>=3", Number("killed", 3, None)),
    ("killed:<5", Number("killed", None, 4)),
    ("killed:<=5", Number("killed", None, 5)),
    ("killed:=3", Number("killed", 3, 3)),
    ("killed:007", Number("killed", 7, 7)),
    ("injured:5..20", Number("injured", 5, 20)),
    ("injured:5..", Number("injured", 5, None)),
    ("injured:..20", Number("injured", None, 20)),
    ("killed:unknown", Number("killed", unknown=True)),
    ("killed:0,5..9", Or((Number("killed", 0, 0), Number("killed", 5, 9)))),
    ("roots:1", Number("roots", 1, 1)),
    ("is:starred", Is("starred")),
    ("is:Single_Source", Is("single-source")),
    ("is:starred,disputed", Or((Is("starred"), Is("disputed")))),
    ("certain:date", Certain(("date",))),
    ("a certain:date,place", And((word("a"), Certain(("date", "place"))))),
    ('near:"Ain al-Asad"/50km', Near("Ain al-Asad", None, None, 50_000)),
    ("near:erbil/800m", Near("erbil", None, None, 800)),
    ("near:33.8,42.4/1.5KM", Near(None, 33.8, 42.4, 1500)),
    ("near:-33.8,-42/1mi", Near(None, -33.8, -42, 1609.344)),
    ("date:2021-04", When("date", day(2021, 4, 1), day(2021, 4, 30), "2021-04")),
    ("date:2021-05..2021-06", When("date", day(2021, 5, 1), day(2021, 6, 30), "2021-05..2021-06")),
    ("date:2021-05..", When("date", day(2021, 5, 1), None, "2021-05..")),
    ("date:..2021-05", When("date", None, day(2021, 5, 31), "..2021-05")),
    ("date:2021-05/2021-06", When("date", day(2021, 5, 1), day(2021, 6, 30), "2021-05/2021-06")),
    ("date:2021/..", When("date", day(2021, 1, 1), None, "2021/..")),
    ("date:../2021", When("date", None, day(2021, 12, 31), "../2021")),
    (
        "date:[2021-05-01..2021-05-07]",
        When("date", day(2021, 5, 1), day(2021, 5, 7), "[2021-05-01..2021-05-07]"),
    ),
    (
        "date:[2021-05-01,2021-05-03]..2021-06",
        When("date", day(2021, 5, 1), day(2021, 6, 30), "[2021-05-01,2021-05-03]..2021-06"),
    ),
    (
        "date:2021-04,2021-06",
        Or((
            When("date", day(2021, 4, 1), day(2021, 4, 30), "2021-04"),
            When("date", day(2021, 6, 1), day(2021, 6, 30), "2021-06"),
        )),
    ),
    (
        "date:[2021-05-01, 2021-05-03] x",
        And((When("date", day(2021, 5, 1), day(2021, 5, 3), "[2021-05-01, 2021-05-03]"), word("x"))),
    ),
    ("after:2021-05-01", When("after", day(2021, 5, 1), None, "2021-05-01")),
    ("after:2021", When("after", day(2021, 1, 1), None, "2021")),
    ("before:2021", When("before", None, day(2021, 12, 31), "2021")),
    ('date:"2021-04"', When("date", day(2021, 4, 1), day(2021, 4, 30), "2021-04")),
    ("date:2021-05-08T02:30", When("date", day(2021, 5, 8), day(2021, 5, 8), "2021-05-08T02:30")),
]  # fmt: skip


@pytest.mark.parametrize(("text", "node"), MEANINGS, ids=[text for text, _ in MEANINGS])
def test_text_means_node(text: str, node: Node) -> None:
    assert parse(text).node == node


@pytest.mark.parametrize(("text", "node"), MEANINGS, ids=[text for text, _ in MEANINGS])
def test_canonical_text_means_the_same(text: str, node: Node) -> None:
    canonical = parse(text).canonical()
    assert parse(canonical).node == node
    assert parse(canonical).canonical() == canonical


@pytest.mark.parametrize("text", ["", "   ", "\n\t", "\u200b\ufeff"])
def test_blank_text_asks_for_everything(text: str) -> None:
    query = parse(text)
    assert query.node is None
    assert query.terms == ()
    assert query.text == text
    assert query.canonical() == ""


def test_an_approximate_date_widens_a_range_by_its_own_bounds() -> None:
    node = parse("date:2021-04-14~..2021-05").node
    assert isinstance(node, When)
    assert node.earliest == parse_date("2021-04-14~").earliest
    assert node.earliest is not None
    assert node.earliest < day(2021, 4, 14)
    assert node.latest == day(2021, 5, 31)


CANONICAL = [
    ("  a   b ", "a b"),
    ('"a"', "a"),
    ("((a OR b)) (c)", "(a OR b) c"),
    ("(a b) OR c", "a b OR c"),
    ("killed:>0", "killed:>=1"),
    ("killed:5..5", "killed:5"),
    ('type:"drone-strike","rocket fire"', 'type:drone-strike,"rocket fire"'),
    ("(is:starred OR is:disputed)", "is:starred,disputed"),
    ("-is:starred,disputed", "-is:starred,disputed"),
    ("date:2021-04,2021-06..2021-07", "date:2021-04,2021-06..2021-07"),
    ("near:33.80,42.4/50000m", "near:33.8,42.4/50km"),
    ("near:erbil/1mi", "near:erbil/1609.344m"),
    ("“a b”", '"a b"'),
]


@pytest.mark.parametrize(("text", "canonical"), CANONICAL)
def test_canonical_text(text: str, canonical: str) -> None:
    assert parse(text).canonical() == canonical


def test_spans_are_the_terms_as_typed() -> None:
    text = '  drone -weapon:"a b",c  (x OR y)  date:2021-04,2021-05 is:starred '
    terms = parse(text).terms
    assert [text[term.start : term.end] for term in terms] == [
        "drone", '-weapon:"a b",c', "(x OR y)", "date:2021-04,2021-05", "is:starred",
    ]  # fmt: skip
    weapons = terms[1]
    assert isinstance(weapons, Not)
    assert isinstance(weapons.node, AnyOf)
    assert [text[value.start : value.end] for value in weapons.node.values] == ['"a b"', "c"]
    dates = terms[3]
    assert isinstance(dates, Or)
    assert [text[node.start : node.end] for node in dates.nodes] == ["2021-04", "2021-05"]


def test_a_group_is_one_term_and_so_is_a_row_with_or() -> None:
    assert len(parse("a b c").terms) == 3
    assert len(parse("(a b c)").terms) == 1
    assert len(parse("a b OR c").terms) == 1
    assert len(parse("(a b) (c d)").terms) == 2


def test_certainty_is_a_property_of_the_whole() -> None:
    assert not parse("date:2021").certain_date
    assert parse("date:2021 certain:date").certain_date
    assert parse("certain:date").certain_date
    assert not parse("certain:date").certain_place
    assert parse("(a (b certain:date)) c").certain_date
    assert parse("near:erbil/5km certain:date,place").certain_place


def test_words_to_highlight_are_those_not_negated() -> None:
    query = parse('drone -rocket (type:x OR "two b"* OR -(c -d))')
    assert query.words == (word("drone"), Words(("two", "b"), prefix=True), word("d"))


def test_parentheses_are_limited_and_the_limit_can_be_reached() -> None:
    deepest = "(" * MAX_DEPTH + "a" + ")" * MAX_DEPTH
    assert parse(deepest).node == word("a")
    with pytest.raises(QueryError, match="parentheses inside one another") as raised:
        parse(f"x ({deepest})")
    assert raised.value.position == 2 + MAX_DEPTH


def test_deepest_tree_survives_every_walk() -> None:
    text = "a"
    for _ in range(MAX_DEPTH):
        text = f"-(b {text} OR c)"
    query = parse(text)
    assert parse(query.canonical()) == query
    assert len(query.words) == MAX_DEPTH + 1  # the innermost row of an even number of minus signs, and every other one


@pytest.mark.parametrize(
    "text",
    [
        "a " * 50_000, "a OR " * 20_000 + "b", "type:" + "a," * 50_000 + "b", "date:" + "2021," * 20_000 + "2022",
        '"' + "a b " * 25_000 + '"', "-a " * 30_000,
    ],
    ids=["words", "alternatives", "values", "dates", "phrase", "negations"],
)  # fmt: skip
def test_a_hundred_kilobytes_parse(text: str) -> None:
    query = parse(text)
    assert parse(query.canonical()) == query


@pytest.mark.parametrize(
    "text",
    ["(" * 100_000, "-" * 100_000, '"' * 100_001, "date:" + "[...." * 20_000, "\\" * 100_000, "a" * 100_000 + ":b"],
)
def test_a_hundred_kilobytes_of_nonsense_are_refused(text: str) -> None:
    with pytest.raises(QueryError) as raised:
        parse(text)
    assert 0 <= raised.value.position <= len(text)
    assert len(str(raised.value)) < 300


@pytest.mark.parametrize("text", ['"' + "a " * 301 + '"', "a." * 301, "drone -(b OR " + "a-" * 301 + ")"])
def test_a_phrase_of_more_words_than_are_asked_says_how_many(text: str) -> None:
    with pytest.raises(QueryError, match="this phrase has 301 words; at most 300"):
        asked(text)


def test_a_long_phrase_and_many_words_are_asked() -> None:
    assert asked('"' + "a " * 300 + '"').words
    assert len(asked("a OR " * 2_000 + "b").words) > 1
