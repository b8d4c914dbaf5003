"""A query while it is being typed: what can be completed, and what half of it already means."""

from __future__ import annotations

from difflib import SequenceMatcher, get_close_matches
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from db import nearest as nearest_module
from db.nearest import CUTOFF, nearest
from db.query import AnyOf, Query, QueryError, Value, Words, parse
from db.query_edit import apply_completion, completion_at, lenient

# The cursor is at |; then kind, field, typed, what is replaced, rest.
TYPING = [
    ("|", "field", "", "", "", ""),
    ("ty|", "field", "", "ty", "ty", ""),
    ("foo|bar", "field", "", "foo", "foobar", ""),
    ("drone |", "field", "", "", "", "drone"),
    ("drone -ty|", "field", "", "ty", "ty", "drone"),
    ("(a OR ty|", "field", "", "ty", "ty", ""),
    ("(|", "field", "", "", "", ""),
    ("-|", "field", "", "", "", ""),
    ("-(|)", "field", "", "", "", ""),
    ("type|:x", "field", "", "type", "type:", ""),
    ("OR|", "field", "", "OR", "OR", ""),
    ('actor:"Kat|', "value", "actor", "Kat", '"Kat', ""),
    ('x actor:"Kat|', "value", "actor", "Kat", '"Kat', "x"),
    ("x -actor:Kat| y", "value", "actor", "Kat", "Kat", "x y"),
    ("type:a,ro| x", "value", "type", "ro", "ro", "x"),
    ("type:a,|", "value", "type", "", "", ""),
    ("type:|", "value", "type", "", "", ""),
    ("TYPE:a|", "value", "type", "a", "a", ""),
    ('place:"Er|bil" foo', "value", "place", "Er", '"Erbil"', "foo"),
    ('place:"Erbil"| foo', "value", "place", "Erbil", '"Erbil"', "foo"),
    ('place:|"Erbil"', "value", "place", "", '"Erbil"', ""),
    ('type:"a\\"b|', "value", "type", 'a"b', '"a\\"b', ""),
    ("(x y OR z type:dr|) w", "value", "type", "dr", "dr", "z w"),
    ("x (y OR place:er| OR q", "value", "place", "er", "er", "x"),
    ("a b OR c type:d| OR e", "value", "type", "d", "d", "c"),
    ("x (y type:d| z) w", "value", "type", "d", "d", "x y z w"),
    ("(a OR b) -(c) type:d|", "value", "type", "d", "d", "(a OR b) -(c)"),
    ('type:x| typ:y "unclosed', "value", "type", "x", "x", ""),
    ("a) type:x|", "value", "type", "x", "x", "a"),
    ("disputed:da|", "value", "disputed", "da", "da", ""),
    ("certain:d|", "value", "certain", "d", "d", ""),
    ("is:st|", "flag", "is", "st", "st", ""),
    ("is:starred,di|", "flag", "is", "di", "di", ""),
    ("near:Er|/50km", "value", "near", "Er", "Er", ""),
    ('near:"Ain|"/50km', "value", "near", "Ain", '"Ain"', ""),
    ("near:Er/5|", "none", "", "", "", ""),
    ("near:3,4|", "none", "", "", "", ""),
    ("x killed:|", "none", "", "", "", "x"),
    ("date:20|", "value", "date", "20", "20", ""),
    ("x date:2021,2022-|", "value", "date", "2022-", "2022-", "x"),
    ("typ:x|", "none", "", "", "", ""),
    ('"foo b|', "none", "", "", "", ""),
    ("al-Asad's|", "none", "", "", "", ""),
    ("|type:x", "none", "", "", "", "type:x"),
    ("a)|", "none", "", "", "", "a"),
]


@pytest.mark.parametrize(("marked", "kind", "field", "typed", "replaced", "rest"), TYPING)
def test_completion(marked: str, kind: str, field: str, typed: str, replaced: str, rest: str) -> None:
    cursor, text = marked.index("|"), marked.replace("|", "")
    found = completion_at(text, cursor)
    assert (found.kind, found.field, found.typed) == (kind, field, typed)
    assert text[found.start : found.end] == replaced
    assert found.rest == rest


CHOSEN = [
    ("ty|", "type", "type:|"),
    ("x -ty| y", "type", "x -type:| y"),
    ("ty|p:x", "type", "type:|x"),
    ('actor:"Kat|', "Kataib Hezbollah", 'actor:"Kataib Hezbollah"|'),
    ("actor:Kat| x", "Kataib Hezbollah", 'actor:"Kataib Hezbollah"| x'),
    ('actor:"Kat| x', "Kataib", "actor:Kataib| x"),
    ("type:a,ro|,c", "rocket-fire", "type:a,rocket-fire|,c"),
    ("place:|", 'the "hangar"', 'place:"the \\"hangar\\""|'),
    ("is:st|", "starred", "is:starred|"),
    ("near:Ai|/50km", "Ain al-Asad", 'near:"Ain al-Asad"|/50km'),
    ("killed:|", "anything", "killed:|"),
]


@pytest.mark.parametrize(("marked", "value", "expected"), CHOSEN)
def test_choice(marked: str, value: str, expected: str) -> None:
    text = marked.replace("|", "")
    new, cursor = apply_completion(text, completion_at(text, marked.index("|")), value)
    assert new[:cursor] + "|" + new[cursor:] == expected


HALF = [
    ("dro", "dro*"), ("dro ", "dro "), ("dro*", "dro*"), ('actor:"Kat', "actor:Kat*"), ("actor:Kat", "actor:Kat*"),
    ('actor:"Kataib Hez', "actor:Kataib-Hez*"), ('actor:"Kataib"', 'actor:"Kataib"'), ("type:a,", "type:a"), ("type:", ""),
    ("x type:", "x"), ("(type:a OR pla", "(type:a OR pla*)"), ("a OR", "a"), ("a OR ", "a"), ("a (", "a"), ("a -", "a"),
    ("a -(", "a"), ("date:2021-", ""), ("x date:2021-05", "x date:2021-05"), ("is:sta", ""), ("x killed:>", "x"),
    ('"foo ba', '"foo ba"*'), ('"', ""), ("(a OR", "(a)"), ("a OR (b", "a OR (b*)"), ("near:x", ""), ('"foo ba"', '"foo ba"'),
    ('type:"a, b (c', "type:a*-b-*c*"), ("-type:dr", "-type:dr"), ('-type:"dr', '-type:"dr"'), ("-dr", "-dr"),
    ('-"dr', '-"dr"'), ("-(a dr", "-(a dr)"), ("-(a -dr", "-(a -dr*)"), ("type:-", ""), ("place:*as", "place:*as*"), ("", ""),
]  # fmt: skip


@pytest.mark.parametrize(("text", "meant"), HALF)
def test_half_typed(text: str, meant: str) -> None:
    query = lenient(text)
    assert query is not None
    assert query.text == meant
    assert query == parse(meant)


@pytest.mark.parametrize("text", ["typ:x", "typ:x a", "typ:x ", "a)", "a -certain:date b", "a AND b c", '"a"b c'])
def test_what_is_wrong_before_the_last_term_is_not_guessed_at(text: str) -> None:
    assert lenient(text) is None


def test_a_half_typed_name_finds_what_begins_with_it() -> None:
    query = lenient('actor:"Kat')
    assert query is not None
    assert query.node == AnyOf("actor", (Value("Kat*", wildcard=True),))


TERMS = st.sampled_from(
    ["drone", '"two words"', "-rocket", "dro*", "type:a", 'type:a,"b c"', '-type:"a b"', "(type:a OR x)", "is:starred,noted",
     "killed:>=10", "injured:5..20", "date:2021-05..2021-06", "date:[2021-05-01..2021-05-07]", "after:2021-05-01", "place:*b*",
     "certain:date,place", "-(x (y OR -z))", 'near:"Ain al-Asad"/50km', "near:33.8,-42.4/1.5mi", "date:2020,2021", '"a \\" b"*',
     'actor:"Kataib Hezbollah (Iraq), \\"KH\\""', "killed:unknown", "document:\"—\"", '"— x"']
)  # fmt: skip
GOOD = st.lists(TERMS, min_size=1, max_size=4).map(" ".join)


@settings(max_examples=100, deadline=None)
@given(GOOD)
def test_typed_letter_by_letter_a_query_never_stops_meaning_something(text: str) -> None:
    parse(text)
    for length in range(len(text) + 1):
        query = lenient(text[:length])
        assert query is not None, text[:length]
        assert parse(query.text) == query


@settings(max_examples=100, deadline=None)
@given(GOOD, st.sampled_from(["Kataib Hezbollah", "x", 'the "x", y', "—", "*", "\\"]))
def test_a_chosen_value_stands_in_the_query_beside_the_rest(text: str, value: str) -> None:
    typed = f'{text} actor:"Ka'
    completion = completion_at(typed, len(typed))
    assert completion.rest == text
    chosen, cursor = apply_completion(typed, completion, value)
    assert cursor == len(chosen)
    assert parse(chosen).terms == (*parse(text).terms, AnyOf("actor", (Value(value),)))


PIECES = st.sampled_from(
    ["type:", "near:", "is:", "typ:", "certain:date", "x", "-", "(", ")", '"', "“", "”", "OR", "*", ",", "/", " ", "\\", "2021",
     "\ud800", "—"]
)  # fmt: skip
ANY_TEXT = st.one_of(st.text(max_size=30), st.lists(PIECES, max_size=12).map("".join))


@settings(max_examples=500, deadline=None)
@given(ANY_TEXT, st.integers(-2, 40))
def test_any_text_at_any_cursor_can_be_completed(text: str, cursor: int) -> None:
    found = completion_at(text, cursor)
    assert 0 <= found.start <= max(0, min(cursor, len(text))) <= found.end <= len(text)
    parse(found.rest)
    new, at = apply_completion(text, found, "x y")
    assert 0 <= at <= len(new)
    if found.kind == "none":
        assert new == text


@settings(max_examples=300, deadline=None)
@given(ANY_TEXT)
def test_any_text_is_leniently_a_query_or_nothing(text: str) -> None:
    query = lenient(text)
    assert query is None or parse(query.text) == query


@settings(max_examples=200, deadline=None)
@given(ANY_TEXT)
def test_lenient_gives_up_only_where_parsing_does(text: str) -> None:
    try:
        parse(text)
    except QueryError:
        return
    assert isinstance(lenient(text), Query)


def test_a_word_that_is_done_is_left_alone() -> None:
    query = lenient("drone ")
    assert query is not None
    assert query.node == Words(("drone",))


def test_nearest_name() -> None:
    assert nearest("typ", ["place", "type", "tag"]) == "type"
    assert nearest("Katyusa", ["mortar", "Katyusha rocket", "Katyusha"]) == "Katyusha"
    assert nearest("cafe-zilina", ["Café Žilina"]) == "Café Žilina"
    assert nearest("zzzz", ["place", "type"]) is None
    assert nearest("x", []) is None


def test_nearest_is_what_comparing_with_each_finds() -> None:
    random = Random(7)

    def name(letters: str) -> str:
        return "".join(random.choices(letters, k=random.randint(0, 12)))

    for _ in range(300):
        letters = random.choice(["ab", "abcde", "abcdefghij"])
        typed, known = name(letters), list(dict.fromkeys(name(letters) for _ in range(20)))
        close = [typed] if typed in known else get_close_matches(typed, known, n=1, cutoff=CUTOFF)
        assert nearest(typed, known) == (close[0] if close else None)


def test_of_many_long_names_that_are_all_alike_few_are_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    random, compared = Random(7), 0
    words = (
        "army",
        "rockets",
        "drones",
        "attack",
        "killed",
        "wounded",
        "Baghdad",
        "Erbil",
        "militia",
        "police",
        "base",
    )
    titles = [f"{' '.join(random.choices(words, k=12))} {i}" for i in range(2_000)]
    ratio = SequenceMatcher.ratio

    def counted(matcher: SequenceMatcher[str]) -> float:
        nonlocal compared
        compared += 1
        return ratio(matcher)

    monkeypatch.setattr(SequenceMatcher, "ratio", counted)
    assert nearest(f"{titles[700]}x", titles) == titles[700]
    assert compared < 50
    compared = 0
    monkeypatch.setattr(nearest_module, "MOST_PAIRS", 100_000)
    nearest(" ".join(sorted(titles[700])), titles)
    assert compared < 500


def test_of_many_names_those_as_long_as_what_was_typed_are_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nearest_module, "MOST_FORMS", 10)
    assert nearest("katyusha", [*(f"katyuxyz{i}" for i in range(10, 30)), "katyushx"]) == "katyushx"
