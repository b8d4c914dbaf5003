"""What is wrong with a query is said where it stands, with the caret under it and what would mend it."""

from __future__ import annotations

import pytest

from db.errors import DatelineError
from db.query import (
    QueryError,
    parse,
)  # fmt: skip

# text, what the message says, position, end, suggestion
ERRORS: list[tuple[str, str, int, int, str | None]] = [
    ("typ:drone", "no field typ, did you mean type?", 0, 3, "type"),
    ("a -plac:x", "no field plac, did you mean place?", 3, 7, "place"),
    ("zzzzqq:x", "no field zzzzqq; if it is text to search for, put it in quotes", 0, 6, None),
    ("see http://x.org/a b", "a web address must stand in quotes", 4, 18, '"http://x.org/a"'),
    ("type:", "type: needs a value, for example type:drone-strike", 0, 5, None),
    ("type: drone", "type: needs a value, for example type:drone-strike", 0, 5, None),
    ('actor:""', 'actor: needs a value, for example actor:"Kataib Hezbollah"', 0, 8, None),
    ("killed:", "killed: needs a value, for example killed:>0", 0, 7, None),
    ("type:a,", "type: needs a value on both sides of a comma", 7, 7, None),
    ("type:,a", "type: needs a value on both sides of a comma", 5, 5, None),
    ('type:"a"b', "after the closing quote a blank or a comma is expected", 8, 9, None),
    ('type:a"b"', "type: put the whole value in quotes", 6, 9, None),
    ("place:Erbil(city)", "place: put the whole value in quotes", 11, 12, None),
    ("type:-drone", "to exclude a value put the minus first: -type:drone", 5, 6, None),
    ("type:_-_", "type: has nothing to compare in this value", 5, 8, None),
    ('x "abc', "this quote is not closed", 2, 3, None),
    ('x actor:"abc', "this quote is not closed", 8, 9, None),
    ("x (a b", "this ( is not closed", 2, 3, None),
    ("x (a (b) OR (c", "this ( is not closed", 12, 13, None),
    ("x (", "this ( is not closed", 2, 3, None),
    ("a b) c", "this ) has no ( before it", 3, 4, None),
    (")", "this ) has no ( before it", 0, 1, None),
    ("a ()", "there is nothing between these parentheses", 2, 4, None),
    ('a ""', "there is nothing between these quotes", 2, 4, None),
    ("OR a", "OR needs a term on both sides", 0, 2, None),
    ("a OR", "OR needs a term on both sides", 2, 4, None),
    ("a OR OR b", "OR needs a term on both sides", 5, 7, None),
    ("(a OR) b", "OR needs a term on both sides", 3, 5, None),
    ("a AND b", "leave AND out: terms side by side must all match", 2, 5, ""),
    ("a NOT b", "put - in front of a term instead of NOT", 2, 5, "-"),
    ("Erbil - airport", "a - excludes the term after it; as text it stands in quotes", 6, 7, None),
    ("a -", "a - excludes the term after it; as text it stands in quotes", 2, 3, None),
    ("--a", "one - is enough", 1, 2, ""),
    ("-OR", "OR, AND and NOT cannot be excluded; as text they stand in quotes", 0, 3, None),
    ("a — b", "there is no letter or digit here to search for", 2, 3, None),
    ('"!? …"', "there is no letter or digit here to search for", 0, 6, None),
    ("*", "there is no letter or digit here to search for", 0, 1, None),
    ("a dr*ne", "in a word * can only be the last character; as text it stands in quotes", 4, 5, None),
    ('"a"b', "a blank is needed here, or quotes around the whole", 3, 4, None),
    ("Hezbollah(Iraq)", "a blank is needed here, or quotes around the whole", 9, 10, None),
    ("is:stared", "there is no is:stared, did you mean is:starred?", 3, 9, "starred"),
    ("certain:dat", "there is no certain:dat, did you mean certain:date?", 8, 11, "date"),
    ("certain:who", "there is no certain:who, there are date, place", 8, 11, None),
    ("killed:5..2", "this range ends before it begins, did you mean killed:2..5?", 7, 11, "2..5"),
    ("killed:<0", "killed: is never below 0", 7, 9, None),
    ("killed:9999999999999999999", "this number is larger than any count can be", 7, 26, None),
    (
        "killed:-1",
        "killed: takes whole numbers, not -1; write killed:3, killed:>0, killed:5..20 or killed:unknown",
        7, 9, None,
    ),
    (
        "x date:2021-06..2021-05",
        "this range ends before it begins, did you mean date:2021-05..2021-06?",
        7, 23, "2021-05..2021-06",
    ),
    ("date:..", "date: needs a date on one side of the dots", 5, 7, None),
    ("date:unknown", "incidents without a date are is:undated", 5, 12, None),
    ("after:2021..2022", "after: takes one date; a range is date:2021..2022", 6, 16, None),
    ("before:2021,2022", "before: takes one date", 12, 16, None),
    ("after:../2021", "after: ../2021 has no beginning", 6, 13, None),
    ("before:2021/..", "before: 2021/.. has no end", 7, 14, None),
    ("near:", 'near: needs a place and a distance, for example near:"Ain al-Asad"/50km', 0, 5, None),
    ("near:erbil", 'near: needs a slash and a distance, for example near:"Ain al-Asad"/50km', 10, 10, None),
    ("near:erbil/50", "a distance is a number and m, km or mi, for example 50km", 11, 13, None),
    ("near:erbil/0km", "a distance is from 1m to half way round the Earth, 20037km", 11, 14, None),
    ("near:99,42/5km", "a latitude is from -90 to 90 degrees; it comes first", 5, 7, None),
    ("near:42,199/5km", "a longitude is from -180 to 180 degrees", 8, 11, None),
    (
        "near:Erbil,Iraq/5km",
        "near: Erbil,Iraq is not a point; put a place's name in quotes, or write latitude,longitude in degrees",
        5, 15, '"Erbil,Iraq"',
    ),
    ("-certain:date", "certain: holds for the whole query, so it cannot be negated or stand beside OR", 1, 13, None),
    ("a OR certain:date", "certain: holds for the whole query, so it cannot be negated or stand beside OR", 5, 17, None),
    ("b (a -(certain:date))", "certain: holds for the whole query, so it cannot be negated or stand beside OR", 6, 20, None),
    ("a \udc80", "this character is not valid text", 2, 3, None),
]  # fmt: skip


@pytest.mark.parametrize(("text", "message", "position", "end", "suggestion"), ERRORS)
def test_error(text: str, message: str, position: int, end: int, suggestion: str | None) -> None:
    with pytest.raises(QueryError) as raised:
        parse(text)
    error = raised.value
    assert (str(error), error.position, error.end, error.suggestion) == (message, position, end, suggestion)
    assert error.length == end - position
    assert error.status == 2
    assert isinstance(error, DatelineError)


@pytest.mark.parametrize(
    ("text", "inside"),
    [
        ("x date:2021-13", "2021-13"),
        ("x date:2021-05..2021-02-30", "2021-02-30"),
        ("x date:yesterday..2021", "yesterday"),
        ("x after:2021-5-1", "2021-5-1"),
        ('x date:"2021-05..2021-02-30"', "2021-02-30"),
        ("x date:2021-04,2021-99", "2021-99"),
    ],
)
def test_a_date_that_edtf_refuses_is_marked_where_it_stands(text: str, inside: str) -> None:
    with pytest.raises(QueryError) as raised:
        parse(text)
    at = text.index(inside)
    assert at <= raised.value.position <= at + len(inside)
    assert raised.value.end <= at + len(inside) + 1
    assert str(raised.value).startswith(("date: ", "after: "))


def test_suggestion_put_in_place_of_the_mark_mends_the_query() -> None:
    for text in ("typ:drone", "is:stared", "killed:5..2", "a AND b", "see http://x.org", "near:Erbil,Iraq/5km"):
        with pytest.raises(QueryError) as raised:
            parse(text)
        error = raised.value
        assert error.suggestion is not None
        parse(text[: error.position] + error.suggestion + text[error.end :])


def test_caret_stands_under_the_fault() -> None:
    assert _caret("typ:drone") == "typ:drone\n^^^"
    assert _caret("drone typ:x more") == "drone typ:x more\n      ^^^"
    assert _caret("a OR") == "a OR\n  ^^"
    assert _caret("type:a,") == "type:a,\n       ^"


def test_caret_counts_columns_not_characters() -> None:
    assert _caret("日本 typ:x") == "日本 typ:x\n     ^^^"  # two columns each
    assert _caret("e\u0301te\u0301 typ:x") == "e\u0301te\u0301 typ:x\n    ^^^"  # combining accents take none


def test_caret_lets_no_control_through_and_stays_narrow() -> None:
    shown = _caret("a\x1b[2J\u202eb typ:x\ny")
    assert "\x1b" not in shown
    assert "\u202e" not in shown
    assert shown.splitlines()[1].index("^") == shown.splitlines()[0].index("typ:")
    long = _caret("word " * 100 + "typ:x" + " word" * 100)
    first, second = long.splitlines()
    assert len(first) <= 78
    assert first.startswith("…")
    assert first.endswith("…")
    assert second.index("^") == first.index("typ:x")


def _caret(text: str) -> str:
    with pytest.raises(QueryError) as raised:
        parse(text)
    return raised.value.caret(text)
