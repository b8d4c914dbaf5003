"""EDTF in, bounds, time, precision and order out; what is refused, where and with what advice."""

from __future__ import annotations

import subprocess
import sys

import pytest

from db.dates import NEVER, Dating, clip, day_number, day_of_iso, iso, parse, weekday
from db.errors import DateError

BOUNDS = [
    # text, earliest, latest, precision
    ("2021", "2021-01-01", "2021-12-31", 5),
    ("2021-05", "2021-05-01", "2021-05-31", 4),
    ("2021-02", "2021-02-01", "2021-02-28", 4),
    ("2020-02", "2020-02-01", "2020-02-29", 4),
    ("1900-02", "1900-02-01", "1900-02-28", 4),
    ("2000-02-29", "2000-02-29", "2000-02-29", 1),
    ("2021-05-08", "2021-05-08", "2021-05-08", 1),
    ("  2021-05-08\t", "2021-05-08", "2021-05-08", 1),
    ("2021-05-08T02", "2021-05-08", "2021-05-08", 1),
    ("2021-05-08T23:59:59-11:30", "2021-05-08", "2021-05-08", 1),
    ("200X", "2000-01-01", "2009-12-31", 5),
    ("20XX", "2000-01-01", "2099-12-31", 5),
    ("2X21", "2021-01-01", "2921-12-31", 5),
    ("-004X", "-0049-01-01", "-0040-12-31", 5),
    ("2021-XX", "2021-01-01", "2021-12-31", 5),
    ("2021-1X", "2021-10-01", "2021-12-31", 5),
    ("2021-0X", "2021-01-01", "2021-09-30", 5),
    ("2021-05-XX", "2021-05-01", "2021-05-31", 4),
    ("2021-05-1X", "2021-05-10", "2021-05-19", 4),
    ("2021-05-3X", "2021-05-30", "2021-05-31", 2),
    ("2021-02-2X", "2021-02-20", "2021-02-28", 4),
    ("2021-XX-31", "2021-01-31", "2021-12-31", 5),
    ("200X-02-29", "2000-02-29", "2008-02-29", 5),
    ("XXXX-12-25", None, None, 5),
    ("XXXX-02-29", None, None, 5),
    ("XXXX", None, None, 5),
    # Seasons and parts of a year.
    ("2021-21", "2021-03-01", "2021-05-31", 5),
    ("2021-23", "2021-09-01", "2021-11-30", 5),
    ("2019-24", "2019-12-01", "2020-02-29", 5),
    ("2021-25", "2021-03-01", "2021-05-31", 5),
    ("2021-29", "2021-09-01", "2021-11-30", 5),
    ("2021-30", "2021-12-01", "2022-02-28", 5),
    ("2021-32", "2021-06-01", "2021-08-31", 5),
    ("2021-33", "2021-01-01", "2021-03-31", 5),
    ("2021-36", "2021-10-01", "2021-12-31", 5),
    ("2021-37", "2021-01-01", "2021-04-30", 5),
    ("2021-39", "2021-09-01", "2021-12-31", 5),
    ("2021-40", "2021-01-01", "2021-06-30", 5),
    ("2021-41", "2021-07-01", "2021-12-31", 5),
    ("200X-22", "2000-06-01", "2009-08-31", 5),
    # Approximate dates reach further, uncertain ones do not.
    ("2021-04-15~", "2021-04-10", "2021-04-20", 4),
    ("2021-04-15%", "2021-04-10", "2021-04-20", 4),
    ("2021-04-15?", "2021-04-15", "2021-04-15", 1),
    ("2021-05-08T02~", "2021-05-08", "2021-05-08", 1),
    ("2021-05-08~T02", "2021-05-03", "2021-05-13", 4),
    ("2021-04~", "2021-03-01", "2021-05-31", 5),
    ("2021-12~", "2021-11-01", "2022-01-31", 5),
    ("2021-01~", "2020-12-01", "2021-02-28", 5),
    ("2021-21~", "2021-02-01", "2021-06-30", 5),
    ("2018~", "2017-01-01", "2019-12-31", 5),
    ("200X~", "1990-01-01", "2019-12-31", 5),
    ("19XX~", "1800-01-01", "2099-12-31", 5),
    ("2021-XX~", "2020-01-01", "2022-12-31", 5),
    ("2021-05-XX~", "2021-04-01", "2021-06-30", 5),
    ("2021-~05-08", "2021-04-08", "2021-06-08", 5),
    ("2021-~03-31", "2021-02-28", "2021-04-30", 5),
    ("2021~-05-08", "2020-05-08", "2022-05-08", 5),
    ("2020~-02-29", "2019-02-28", "2021-02-28", 5),
    ("2021-05-~08", "2021-05-03", "2021-05-13", 4),
    ("~2021-05-~08", "2020-05-08", "2022-05-08", 5),
    ("2021?-05", "2021-05-01", "2021-05-31", 4),
    # Intervals and sets.
    ("2021-05-01/2021-05-07", "2021-05-01", "2021-05-07", 3),
    ("2021-05-01/2021-05-06", "2021-05-01", "2021-05-06", 2),
    ("2021-05-01/2021-05-08", "2021-05-01", "2021-05-08", 4),
    ("2021-05-01/2021-06-01", "2021-05-01", "2021-06-01", 5),
    ("2020/2021-03", "2020-01-01", "2021-03-31", 5),
    ("2021-04-15~/2021-05-03~", "2021-04-10", "2021-05-08", 4),
    ("2014/..", "2014-01-01", None, 5),
    ("2017/", "2017-01-01", None, 5),
    ("../2021-05", None, "2021-05-31", 5),
    ("/2021-05-08", None, "2021-05-08", 5),
    ("[2021-05-01..2021-05-07]", "2021-05-01", "2021-05-07", 3),
    ("[2021-06-21,2021-06-22]", "2021-06-21", "2021-06-22", 2),
    ("[2021-06-22, 2021-06-21]", "2021-06-21", "2021-06-22", 2),
    ("[1667,1668, 1670..1672]", "1667-01-01", "1672-12-31", 5),
    ("[..2021-05-08]", None, "2021-05-08", 5),
    ("[2021-05-08..]", "2021-05-08", None, 5),
    ("[..2000,2010..]", None, None, 5),
    ("{2021-06-21,2021-06-23}", "2021-06-21", "2021-06-23", 2),
    ("{2000..2004}", "2000-01-01", "2004-12-31", 5),
    ("[2021-05-08~..2021-05-10~]", "2021-05-03", "2021-05-15", 4),
    # Years before 1 and after 9999.
    ("0000", "0000-01-01", "0000-12-31", 5),
    ("-0044-03-15", "-0044-03-15", "-0044-03-15", 1),
    ("-0044", "-0044-01-01", "-0044-12-31", 5),
    ("0000-02-29", "0000-02-29", "0000-02-29", 1),
    ("-0001/0001", "-0001-01-01", "0001-12-31", 5),
    ("Y12345", "+12345-01-01", "+12345-12-31", 5),
    ("Y-12345", "-12345-01-01", "-12345-12-31", 5),
    ("9999~", "9998-01-01", "+10000-12-31", 5),
]


@pytest.mark.parametrize(("text", "earliest", "latest", "precision"), BOUNDS, ids=[row[0] for row in BOUNDS])
def test_a_date_has_the_bounds_and_precision_that_its_text_supports(
    text: str, earliest: str | None, latest: str | None, precision: int
) -> None:
    dating = parse(text)
    assert dating.edtf == text.strip()
    assert (dating.earliest is None, dating.latest is None) == (earliest is None, latest is None)
    assert earliest is None or dating.earliest == day_of_iso(earliest)
    assert latest is None or dating.latest == day_of_iso(latest)
    assert dating.precision == precision


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ("2021-05-08", None),
        ("2021-05-08T02", (2, None, None)),
        ("2021-05-08T02:30", (2, 30, None)),
        ("2021-05-08T02:30:00", (2, 30, 0)),
        ("2021-05-08T02:30Z", (2, 30, None)),
        ("2021-05-08T02+03:00", (2, None, None)),
        ("2021-05-08T02:30:05-05", (2, 30, 5)),
        ("2021-05-08T02:30~", (2, 30, None)),
        ("2021-05-08T02/2021-05-09T05", (2, None, None)),
        ("../2021-05-08T02", None),
        ("[2021-05-09T01,2021-05-08T23:10]", (23, 10, None)),
        ("[2021-05-08T23,2021-05-08]", None),
    ],
)
def test_the_time_of_day_keeps_the_precision_that_was_given(
    text: str, time: tuple[int, int | None, int | None]
) -> None:
    assert parse(text).time == time


@pytest.mark.parametrize(
    ("text", "approximate", "uncertain"),
    [
        ("2021", False, False),
        ("2021~", True, False),
        ("2021?", False, True),
        ("2021%", True, True),
        ("?2021-05", False, True),
        ("2021-%05-08", True, True),
        ("2021-05-08T02~", True, False),
        ("2021~/2022?", True, True),
        ("[2021,2022~]", True, False),
    ],
)
def test_marks_anywhere_in_a_date_are_known(text: str, approximate: bool, uncertain: bool) -> None:
    dating = parse(text)
    assert (dating.approximate, dating.uncertain) == (approximate, uncertain)


REFUSED = [
    # text, position, words that the message must have
    ("", 0, "2021-05-08"),
    ("   ", 0, "2021-05-08"),
    ("8 May 2021", 1, "four digits"),
    ("May 2021", 0, "four digits"),
    ("21-05-08", 2, "four digits"),
    ("20211", 4, "Y12345"),
    ("2021-13", 5, "no month 13"),
    ("  2021-13", 7, "no month 13"),
    ("2021-00", 5, "no month 00"),
    ("2021-42", 5, "no month 42"),
    ("2021-2X", 5, "no month 2X"),
    ("2021-5", 6, "two digits"),
    ("2021-5-08", 6, "two digits"),
    ("2021-05-8", 9, "two digits"),
    ("2021-", 5, "two digits"),
    ("2021-128", 7, "two digits"),
    ("2021-02-30", 8, "no day 30"),
    ("2021-02-29", 8, "no day 29"),
    ("2021-~02-~30", 10, "no day 30"),
    ("2021-04-31", 8, "no day 31"),
    ("2021-05-32", 8, "no day 32"),
    ("2021-05-00", 8, "no day 00"),
    ("2021-02-3X", 8, "no day 3X"),
    ("190X-02-30", 8, "no day 30"),
    ("XXXX-02-30", 8, "no day 30"),
    ("20210508", 0, "2021-05-08"),
    ("2021/05/08", 7, "four digits"),
    ("08/05/2021", 2, "four digits"),
    ("2021-05-08 02:30", 10, "T"),
    ("2021-05T02", 7, "whole date"),
    ("2021-05-XXT02", 10, "whole date"),
    ("2021-05-08T", 11, "two digits"),
    ("2021-05-08T2", 12, "two digits"),
    ("2021-05-08T24", 11, "no hour 24"),
    ("2021-05-08T02:60", 14, "no minute 60"),
    ("2021-05-08T02:30:61", 17, "no second 61"),
    ("2021-05-08T02:30:00.5", 19, "fractions"),
    ("2021-05-08T02+25", 14, "no hour 25"),
    ("2021-21-03", 7, "no days"),
    ("2021~?", 4, "%"),
    ("~2021~", 5, "one mark"),
    ("200x", 3, "capital X"),
    ("19uu", 2, "capital X"),
    ("Y2021", 1, "five or six digits"),
    ("Y012345", 1, "five or six digits"),
    ("Y1234567", 1, "five or six digits"),
    ("Y12345-06", 6, "stands alone"),
    ("Y17E8", 3, "exponents"),
    ("1950S2", 4, "significant digits"),
    ("-0000", 0, "1 BC"),
    ("-XXXX", 0, "../0000"),
    ("+2021", 0, "four digits"),
    ("..", 0, "four digits"),
    ("/", 0, "at least one date"),
    ("../..", 0, "at least one date"),
    ("2022/2021", 5, "before the first"),
    ("2021-05-08T10/2021-05-08T02", 14, "before the first"),
    ("2021/2022/2023", 9, "cannot go on"),
    ("2021..2022", 4, "only a set"),
    ("[2021", 5, "ends with ]"),
    ("{2021]", 5, "ends with }"),
    ("[2021/2022]", 5, "ends with ]"),
    ("[2022..2021]", 7, "before the first"),
    ("[]", 1, "four digits"),
    ("[..]", 3, "four digits"),
    ("[2021..,2022]", 7, "four digits"),
    ("[2021,..2022]", 6, "four digits"),
    ("[2021]x", 6, "cannot go on"),
    ("２０２１", 0, "four digits"),
    ("2021-05-0８", 9, "two digits"),
    ("2021–2022", 4, "\\u2013"),
    ("2021-05-08\x1b[2J", 10, "\\x1b"),
    ("[" + "2021," * 250 + "2021]", 1000, "1000 characters"),
]


@pytest.mark.parametrize(("text", "position", "says"), REFUSED, ids=[ascii(row[0])[:24] for row in REFUSED])
def test_what_is_no_date_is_refused_with_its_place_and_one_line_of_advice(text: str, position: int, says: str) -> None:
    with pytest.raises(DateError) as caught:
        parse(text)
    assert caught.value.position == position
    assert says in str(caught.value)
    assert "; write " in str(caught.value)
    assert str(caught.value).isprintable()


def test_a_two_digit_part_cut_short_by_the_end_points_at_the_end() -> None:
    with pytest.raises(DateError) as caught:
        parse("2021-0")
    assert caught.value.position == len("2021-0")


def test_the_timeline_orders_by_earliest_then_time_then_latest_and_puts_the_undated_last() -> None:
    ordered = [
        "Y-12345",
        "-0044-03-15",
        "../2021-05-08",  # moved to the end below: no earliest bound
        "2021-05-08",
        "2021-05",  # begins on 1 May
    ]
    assert sorted(ordered, key=lambda text: parse(text).sort_key) == [
        "Y-12345", "-0044-03-15", "2021-05", "2021-05-08", "../2021-05-08",
    ]  # fmt: skip
    same_day = [
        "2021-05-08",
        "2021-05-08/2021-05-09",
        "2021-05-08/..",
        "2021-05-08T02",
        "2021-05-08T02:30",
        "2021-05-08T02:30:01",
        "2021-05-08T23",
    ]
    assert sorted(set(same_day), key=lambda text: parse(text).sort_key) == same_day
    assert parse("XXXX").sort_key == (NEVER, -1, NEVER)
    assert parse("Y999999~").sort_key < parse("../2021").sort_key


@pytest.mark.parametrize(
    ("text", "not_after", "earliest", "latest", "precision"),
    [
        ("2021-05", "2021-05-09", "2021-05-01", "2021-05-09", 4),
        ("2021-05", "2021-05-07", "2021-05-01", "2021-05-07", 3),
        ("2021-05", "2021-05-01", "2021-05-01", "2021-05-01", 1),
        ("2021-05", "2021-06-22", "2021-05-01", "2021-05-31", 4),
        ("2014/..", "2021-06-22", "2014-01-01", "2021-06-22", 5),
        ("2017/", "2017-01-03", "2017-01-01", "2017-01-03", 2),
        ("../2022", "2021-06-22", None, "2021-06-22", 5),
        ("XXXX", "2021-06-22", None, "2021-06-22", 5),
        ("2021-06-22", "2021-06-21", "2021-06-22", "2021-06-22", 1),
    ],
)
def test_a_date_is_never_later_than_the_day_on_which_it_was_reported(
    text: str, not_after: str, earliest: str | None, latest: str, precision: int
) -> None:
    clipped = clip(parse(text), day_of_iso(not_after))
    assert (clipped.edtf, clipped.latest, clipped.precision) == (text, day_of_iso(latest), precision)
    assert clipped.earliest == (None if earliest is None else day_of_iso(earliest))


def test_an_unknown_day_of_publication_clips_nothing() -> None:
    assert clip(parse("2014/.."), None) == parse("2014/..")


@pytest.mark.parametrize(
    ("year", "month", "day", "number", "text", "name"),
    [
        (1970, 1, 1, 0, "1970-01-01", "Thu"),
        (1969, 12, 31, -1, "1969-12-31", "Wed"),
        (2000, 2, 29, 11_016, "2000-02-29", "Tue"),
        (2021, 5, 8, 18_755, "2021-05-08", "Sat"),
        (0, 3, 1, -719_468, "0000-03-01", "Wed"),
        (0, 1, 1, -719_528, "0000-01-01", "Sat"),
        (-4713, 11, 24, -2_440_588, "-4713-11-24", "Mon"),  # Julian day 0
        (10_000, 1, 1, 2_932_897, "+10000-01-01", "Sat"),
    ],
)
def test_days_are_numbered_from_1970_in_any_year(
    year: int, month: int, day: int, number: int, text: str, name: str
) -> None:
    assert day_number(year, month, day) == number
    assert iso(number) == text
    assert day_of_iso(text) == number
    assert weekday(number) == name


@pytest.mark.parametrize(
    ("text", "position"),
    [
        ("", 0),
        ("2021-05", 7),
        ("2021-5-08", 6),
        ("2021-05-08T02", 10),
        ("2021-13-01", 5),
        ("2021-02-30", 8),
        ("-0000-01-01", 0),
        ("+2021-01-01", 0),
        ("+012345-01-01", 0),
        ("12345-01-01", 4),
        ("２０２１-05-08", 0),
        ("8 May 2021", 1),
    ],
)
def test_what_is_no_iso_day_is_refused_with_its_place(text: str, position: int) -> None:
    with pytest.raises(DateError, match="; write ") as caught:
        day_of_iso(text)
    assert caught.value.position == position


def test_a_dating_cannot_be_changed() -> None:
    with pytest.raises(AttributeError):
        parse("2021").earliest = 0  # type: ignore[misc]
    assert isinstance(parse("2021"), Dating)


def test_reading_dates_imports_the_standard_library_only() -> None:
    script = (
        "import sys; before = set(sys.modules); import db.dates; "
        "new = {name.partition('.')[0] for name in set(sys.modules) - before}; "
        "print(sorted(new - sys.stdlib_module_names - {'db'}))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
