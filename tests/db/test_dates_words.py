"""Dates in words for people, and in the three cells of the timeline's gutter."""

from __future__ import annotations

import pytest

from db.dates import clip, day_of_iso, parse, short, words
from db.errors import DateError

WORDS = [
    ("2021-05-08", "Sat 8 May 2021"),
    ("2021-05-08T02", "Sat 8 May 2021, about 02:00"),
    ("2021-05-08T02:30", "Sat 8 May 2021, 02:30"),
    ("2021-05-08T02:30:05", "Sat 8 May 2021, 02:30:05"),
    ("2021-05-08T02:30Z", "Sat 8 May 2021, 02:30 UTC"),
    ("2021-05-08T02+03:00", "Sat 8 May 2021, about 02:00 +03:00"),
    ("2021-05-08T02~", "Sat 8 May 2021, about 02:00"),
    ("2021-05-08T02:30~", "Sat 8 May 2021, about 02:30"),
    ("2021-05-08T02?", "possibly Sat 8 May 2021, about 02:00"),
    ("2021-05", "May 2021"),
    ("2018", "2018"),
    ("200X", "2000s"),
    ("20XX", "2000–2099"),
    ("2X21", "2X21 (X unknown)"),
    ("XXXX", "year unknown"),
    ("XXXX-12-25", "25 Dec, year unknown"),
    ("200X-05", "May, 2000s"),
    ("2021-XX", "2021, month unknown"),
    ("2021-XX-XX", "2021, month and day unknown"),
    ("2021-05-XX", "May 2021, day unknown"),
    ("2021-05-1X", "between 10 and 19 May 2021"),
    ("2021-05-3X", "30 or 31 May 2021"),
    ("2021-05-X1", "1, 11, 21 or 31 May 2021"),
    ("2021-1X", "between October and December 2021"),
    ("2021-XX-12", "day 12 of a month of 2021"),
    ("2021-1X-12", "day 12 of a month between October and December 2021"),
    # Approximate and uncertain.
    ("2021-04-13~", "about 13 Apr 2021"),
    ("2021-04-14~", "about mid-April 2021"),
    ("2021-04-16~", "about mid-April 2021"),
    ("2021-04-17~", "about 17 Apr 2021"),
    ("2021-04-05~", "about early April 2021"),
    ("2021-04-25~", "about late April 2021"),
    ("2021-04-15?", "possibly Thu 15 Apr 2021"),
    ("2021-04-15%", "possibly about mid-April 2021"),
    ("2021-04~", "about April 2021"),
    ("2021-04%", "possibly about April 2021"),
    ("2018~", "about 2018"),
    ("200X~", "about the 2000s"),
    ("2021-05-1X~", "about 10–19 May 2021"),
    ("2021-~05-08", "8 May 2021 (month approximate)"),
    ("2021~-05-08", "8 May 2021 (year approximate)"),
    ("2021-05~-08", "8 May 2021 (year and month approximate)"),
    ("2021?-05", "May 2021 (year uncertain)"),
    ("2021%-05-~08", "about 8 May 2021 (year approximate and uncertain)"),
    ("2021-05-~08", "about 8 May 2021"),
    # Parts of a year and of a decade.
    ("2021-21", "spring 2021"),
    ("2021-24", "winter 2021–22"),
    ("1999-24", "winter 1999–00"),
    ("2021-29", "spring 2021 (southern)"),
    ("2021-33", "first quarter of 2021"),
    ("2021-36", "fourth quarter of 2021"),
    ("200X-33", "first quarter of the 2000s"),
    ("2021-38", "May–August 2021"),
    ("2021-41", "second half of 2021"),
    ("2021-23~", "about autumn 2021"),
    ("[2000..2003]", "early 2000s"),
    ("[2000..2004]", "early 2000s"),
    ("2000/2004", "early 2000s"),
    ("[2003..2007]", "mid-2000s"),
    ("1995/1999", "late 1990s"),
    ("2000/2009", "2000s"),
    ("2001/2004", "2001–2004"),
    ("{2000..2004}", "all of the early 2000s"),
    # Intervals.
    ("2021-05-01/2021-05-07", "1–7 May 2021"),
    ("2021-04-28/2021-05-03", "28 Apr – 3 May 2021"),
    ("2020-12-28/2021-01-03", "28 Dec 2020 – 3 Jan 2021"),
    ("2021-05-08/2021-05-08", "Sat 8 May 2021"),
    ("2021-04/2021-06", "April–June 2021"),
    ("2020-11/2021-02", "November 2020 – February 2021"),
    ("2018/2020", "2018–2020"),
    ("2021-04-15~/2021-05-03", "about mid-April 2021 – 3 May 2021"),
    ("2021-05-08T02:10/2021-05-08T04", "Sat 8 May 2021, 02:10 to about 04:00"),
    ("2014/..", "since 2014"),
    ("2014~/..", "since about 2014"),
    ("200X/..", "since the 2000s"),
    ("2017/", "from 2017, end unknown"),
    ("../2021-05-08", "until 8 May 2021"),
    ("/2021", "until 2021, start unknown"),
    # One of, all of.
    ("[2021-05-01..2021-05-07]", "between 1 and 7 May 2021"),
    ("[2021-04-28..2021-05-03]", "between 28 Apr and 3 May 2021"),
    ("[2021-06-21..2021-06-22]", "21 or 22 Jun 2021"),
    ("[2021-06-30..2021-07-01]", "30 Jun or 1 Jul 2021"),
    ("[2021-06-21,2021-06-22]", "21 or 22 Jun 2021"),
    ("[2021-05-08,2021-05-09,2021-05-12]", "8, 9 or 12 May 2021"),
    ("[2021-04-30,2021-05-01]", "30 Apr or 1 May 2021"),
    ("[2021-04,2021-06]", "April or June 2021"),
    ("[2021-04..2021-06]", "between April and June 2021"),
    ("[2018..2020]", "between 2018 and 2020"),
    ("[2021]", "2021"),
    ("[2021,2023-05]", "2021 or May 2023"),
    ("[1667,1668,1670..1672]", "1667, 1668 or 1670–1672"),
    ("[..2021-05-08]", "on or before 8 May 2021"),
    ("[..2021]", "by the end of 2021"),
    ("[..200X]", "by the end of the 2000s"),
    ("[..2021-05~]", "by about May 2021"),
    ("[2021-05-08..]", "8 May 2021 or later"),
    ("[..2000,2010..]", "any time until 2000 or any time since 2010"),
    ("{2021-06-21,2021-06-22}", "21 and 22 Jun 2021"),
    ("{2021-05-01..2021-05-07}", "all of 1–7 May 2021"),
    ("{2014..}", "all since 2014"),
    ("{..2014}", "all until 2014"),
    # Years before 1000 and after 9999.
    ("-0043", "44 BC"),
    ("0000", "1 BC"),
    ("-0043-03-15", "15 Mar 44 BC"),
    ("-004X", "50–41 BC"),
    ("-0043/0014", "44 BC – AD 14"),
    ("000X", "1 BC – AD 9"),
    ("0476", "AD 476"),
    ("0476-09-04", "4 Sep AD 476"),
    ("1582-10-15", "15 Oct 1582"),
    ("Y12345", "12345"),
    ("Y-12345", "12346 BC"),
]


@pytest.mark.parametrize(("text", "said"), WORDS, ids=[row[0] for row in WORDS])
def test_a_date_is_said_as_a_person_would(text: str, said: str) -> None:
    assert words(text) == said
    assert words(parse(text)) == said


def test_clipping_changes_the_bounds_and_not_the_words() -> None:
    dating = clip(parse("2014/.."), day_of_iso("2021-06-22"))
    assert words(dating) == "since 2014"
    assert short(dating) == ("2014", "", "–")


CELLS = [
    ("2021-05-08", ("2021", "May", "8")),
    ("2021-05-08T02~", ("2021", "May", "8")),
    ("2021-04-15~", ("2021", "Apr", "~15")),
    ("2021-04-15?", ("2021", "Apr", "15?")),
    ("2021-04-15%", ("2021", "Apr", "~15?")),
    ("2021-06", ("2021", "Jun", "")),
    ("2021-06~", ("2021", "Jun", "~")),
    ("2021?", ("2021", "", "?")),
    ("200X", ("2000s", "", "")),
    ("200X~", ("2000s", "", "~")),
    ("20XX", ("2000", "", "–2099")),
    ("XXXX-12-25", ("?", "Dec", "25")),
    ("2021-XX-12", ("2021", "?", "12")),
    ("2021-05-1X", ("2021", "May", "10–19")),
    ("2021-05-X1", ("2021", "May", "X1")),
    ("2021-1X", ("2021", "Oct", "–Dec")),
    ("2021-22", ("2021", "", "summer")),
    ("2021-22~", ("2021", "", "~sum")),
    ("2021-34", ("2021", "", "Q2")),
    ("2021-40", ("2021", "", "H1")),
    ("2021-38", ("2021", "May", "–Aug")),
    ("2021-05-01/2021-05-07", ("2021", "May", "1–7")),
    ("2021-05-28~/2021-05-30", ("2021", "May", "~28–30")),
    ("2021-05-28%/2021-05-30", ("2021", "May", "~28–30")),
    ("2021-04-28/2021-05-03", ("2021", "Apr", "28–")),
    ("2021-04/2021-06", ("2021", "Apr", "–Jun")),
    ("2020-11/2021-02", ("2020", "Nov", "–")),
    ("2018/2020", ("2018", "", "–2020")),
    ("199X/200X", ("1990s", "", "–2000s")),
    ("2014/..", ("2014", "", "–")),
    ("2017/", ("2017", "", "–?")),
    ("../2021-05-08", ("2021", "May", "≤8")),
    ("/2021-05-08", ("2021", "May", "?–8")),
    ("/2021-05-1X", ("2021", "May", "?–")),
    ("2021-05-1X/", ("2021", "May", "–?")),
    ("[..2021-05-08~]", ("2021", "May", "≤~8")),
    ("[2021-05-08..]", ("2021", "May", "≥8")),
    ("[2021-06-21..2021-06-22]", ("2021", "Jun", "21/22")),
    ("[2021-06-21,2021-06-22]", ("2021", "Jun", "21/22")),
    ("[2021-06-21..2021-06-24]", ("2021", "Jun", "21–24")),
    ("{2021-06-21,2021-06-24}", ("2021", "Jun", "21+24")),
    ("[2021-06-21,2021-06-23,2021-06-24]", ("2021", "Jun", "21–24")),
    ("[..2000,2010..]", ("?", "", "")),
    ("-0043", ("44 BC", "", "")),
    ("-0475", ("476BC", "", "")),
    ("-1199", ("-1199", "", "")),
    ("Y12345", ("12345", "", "")),
    ("Y123456", ("123k", "", "")),
    ("Y-123456", ("-123k", "", "")),
]


@pytest.mark.parametrize(("text", "cells"), CELLS, ids=[row[0] for row in CELLS])
def test_the_gutter_has_year_month_and_day_in_cells_that_fit(text: str, cells: tuple[str, str, str]) -> None:
    assert short(text) == cells
    assert short(parse(text)) == cells


@pytest.mark.parametrize("say", [words, short])
def test_a_text_that_is_no_date_has_no_words(say: object) -> None:
    assert callable(say)
    with pytest.raises(DateError):
        say("8 May 2021")
