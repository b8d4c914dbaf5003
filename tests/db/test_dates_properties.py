"""Properties of dates that hold for any of them, and an independent reading (the package edtf) to compare with."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

from edtf import parse_edtf
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from db.dates import civil, clip, day_number, day_of_iso, iso, parse, short, weekday, words
from db.errors import DateError

# The machine may be busy: how long an example takes proves nothing here.
CALM = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])

YEARS = st.integers(0, 9999).map(lambda year: f"{year:04d}") | st.integers(1900, 2030).map(str)
MONTHS = st.integers(1, 12).map(lambda month: f"{month:02d}")
DATES = st.dates().map(date.isoformat)
MARK = st.sampled_from(["", "", "", "~", "?", "%"])
CLOCK = st.times().flatmap(lambda t: st.sampled_from([f"{t:%H}", f"{t:%H:%M}", f"{t:%H:%M:%S}"]))
OFFSET = st.sampled_from(["", "Z", "+03:00", "-05"])


@st.composite
def masked(draw: st.DrawFn) -> str:
    """A date with some of its digits unspecified, from the right, as dates usually have them."""
    year, month, day = f"{draw(st.integers(0, 9999)):04d}", draw(MONTHS), f"{draw(st.integers(1, 28)):02d}"
    hidden = draw(st.integers(1, 3))
    year = year[: 4 - hidden] + "X" * hidden
    return draw(st.sampled_from([year, f"{year}-{month}", f"{year[:1]}021-{month}-XX", f"{year}-{month}-{day}"]))


@st.composite
def marked(draw: st.DrawFn) -> str:
    """A day whose parts carry marks before or after them."""
    parts = [
        draw(MARK) + part if draw(st.booleans()) else part + draw(MARK)
        for part in draw(st.dates(date(1, 1, 1), date(9999, 12, 31))).isoformat().split("-")
    ]
    return "-".join(parts)


POINTS = st.one_of(
    st.tuples(st.one_of(YEARS, st.builds("{}-{}".format, YEARS, MONTHS), DATES), MARK).map("".join),
    st.builds("{}-{}{}".format, YEARS, st.integers(21, 41), MARK),
    st.builds("{}T{}{}{}".format, DATES, CLOCK, OFFSET, MARK),
    st.integers(-9999, -1).map(lambda year: f"-{-year:04d}"),
    st.integers(10_000, 999_999).map("Y{}".format),
    st.integers(10_000, 999_999).map("Y-{}".format),
    masked(),
    marked(),
)


@st.composite
def ordered(draw: st.DrawFn, between: str) -> str:
    one, two = draw(POINTS), draw(POINTS)
    early, late = sorted((one, two), key=lambda text: (parse(text).earliest or 0, parse(text).latest or 0))
    assume(refusal(parse, f"{early}/{late}") is None)
    return f"{early}{between}{late}"


def refusal(read: Callable[[str], object], text: str) -> DateError | None:
    """The error with which `read` refuses `text`; None when it reads it."""
    try:
        read(text)
    except DateError as error:
        return error
    return None


SETS = st.lists(POINTS | ordered(".."), min_size=1, max_size=4).map(",".join)
EXPRESSIONS = st.one_of(
    POINTS,
    ordered("/"),
    st.builds("{}/{}".format, POINTS, st.sampled_from(["", ".."])),
    st.builds("{}/{}".format, st.sampled_from(["", ".."]), POINTS),
    st.builds("[{}]".format, SETS),
    st.builds("{{{}}}".format, SETS),
    st.builds("[..{}]".format, POINTS),
    st.builds("[{}..]".format, POINTS),
)
DAYS = st.integers(-(10**8), 10**8)


@CALM
@given(st.dates())
def test_days_are_those_of_the_standard_library_in_its_range(day: date) -> None:
    number = day_number(day.year, day.month, day.day)
    assert number == day.toordinal() - date(1970, 1, 1).toordinal()
    assert civil(number) == (day.year, day.month, day.day)
    assert iso(number) == day.isoformat()
    assert weekday(number) == f"{day:%a}"


@CALM
@given(DAYS)
def test_a_day_comes_back_from_its_civil_date_and_from_its_text(day: int) -> None:
    year, month, day_of_month = civil(day)
    assert day_number(year, month, day_of_month) == day
    assert 1 <= month <= 12
    assert 1 <= day_of_month <= 31
    assert day_of_iso(iso(day)) == day
    assert civil(day + 146_097) == (year + 400, month, day_of_month)  # the calendar repeats after 400 years


@CALM
@given(st.dates() | st.dates(date(1990, 1, 1), date(2030, 1, 1)), CLOCK | st.none())
def test_a_day_is_its_own_bounds(day: date, clock: str | None) -> None:
    dating = parse(day.isoformat() if clock is None else f"{day.isoformat()}T{clock}")
    number = day_number(day.year, day.month, day.day)
    assert (dating.earliest, dating.latest, dating.precision) == (number, number, 1)


@settings(CALM, max_examples=300)
@given(EXPRESSIONS)
def test_every_form_has_ordered_bounds_a_fitting_precision_words_and_cells(text: str) -> None:
    dating = parse(text)
    assert parse(dating.edtf) == dating
    if dating.earliest is not None and dating.latest is not None:
        length = dating.latest - dating.earliest + 1
        assert length >= 1
        assert dating.precision == (
            1 if length == 1 else 2 if length < 7 else 3 if length == 7 else 4 if length <= 31 else 5
        )
        assert abs(dating.earliest) < 2**31 - 1
        assert abs(dating.latest) < 2**31 - 1
    else:
        assert dating.precision == 5
    said = words(dating)
    assert said.strip() == said != ""
    assert said.isprintable()
    year, month, day = short(dating)
    assert (1 <= len(year) <= 5, len(month) <= 3, len(day) <= 6) == (True, True, True)
    assert (year + month + day).isprintable()


@settings(CALM, max_examples=200)
@given(EXPRESSIONS, st.integers(-800_000, 3_000_000) | st.integers(10_000, 25_000))
def test_clipping_only_ever_takes_days_off_the_end(text: str, not_after: int) -> None:
    dating = parse(text)
    clipped = clip(dating, not_after)
    assert (clipped.edtf, clipped.earliest, clipped.time) == (dating.edtf, dating.earliest, dating.time)
    if dating.earliest is not None and dating.earliest > not_after:
        assert clipped == dating
    else:
        assert clipped.latest is not None
        assert clipped.latest <= not_after
        assert dating.latest is None or clipped.latest <= dating.latest
        assert dating.earliest is None or dating.earliest <= clipped.latest
    assert clipped.precision <= dating.precision
    assert clip(clipped, not_after) == clipped


@CALM
@given(POINTS)
def test_a_mark_for_approximate_only_ever_widens(text: str) -> None:
    assume(not set(text) & set("~?%"))
    bare, about = parse(text), parse(f"{text}~")
    assert about.approximate
    assert not bare.approximate
    if bare.earliest is None or bare.latest is None:
        assert (about.earliest, about.latest) == (None, None)
    else:
        assert about.earliest is not None
        assert about.latest is not None
        assert about.earliest <= bare.earliest <= bare.latest <= about.latest
        assert (about.earliest == bare.earliest) == ("T" in text)  # an hour widens no day


@settings(CALM, max_examples=300)
@given(st.text(max_size=30) | st.text("0123456789-~?%XTZ:+/.,[]{} YES", max_size=24))
def test_any_text_is_a_date_or_a_date_error_inside_it(text: str) -> None:
    error = refusal(parse, text)
    if error is None:
        assert words(text)
        assert short(text)[0]
    else:
        assert 0 <= error.position <= len(text)
        assert str(error).isprintable()


@CALM
@given(st.text("0123456789-+ ", max_size=14) | st.text(max_size=14))
def test_any_text_is_an_iso_day_or_a_date_error_inside_it(text: str) -> None:
    error = refusal(day_of_iso, text)
    if error is None:
        assert iso(day_of_iso(text)) == text
    else:
        assert 0 <= error.position <= len(text)
        assert str(error).isprintable()


@CALM
@given(EXPRESSIONS, EXPRESSIONS)
def test_the_order_of_the_timeline_is_the_order_of_earliest_days(one: str, two: str) -> None:
    first, second = sorted((parse(one), parse(two)), key=lambda dating: dating.sort_key)
    assert second.earliest is None or (first.earliest is not None and first.earliest <= second.earliest)


# The package edtf reads winter as one month and cannot read unspecified digits of a month or of a day,
# nor hours without minutes, nor a set of one; what is left is compared.
ORACLE = st.one_of(
    YEARS,
    st.builds("{}-{}".format, YEARS, MONTHS),
    st.dates().map(date.isoformat),
    st.builds("{}-{}".format, YEARS, st.integers(21, 23) | st.integers(33, 36) | st.integers(40, 41)),
    st.integers(0, 999).map(lambda decade: f"{decade:03d}X"),
    st.integers(0, 99).map(lambda century: f"{century:02d}XX"),
    st.builds("{}-XX".format, YEARS),
    st.builds("{}-{}-XX".format, YEARS, MONTHS),
    st.integers(1, 9999).map(lambda year: f"-{year:04d}"),
    st.integers(10_000, 999_999).map("Y{}".format),
    st.integers(10_000, 999_999).map("Y-{}".format),
    st.tuples(st.dates(), st.dates()).map(lambda pair: "/".join(day.isoformat() for day in sorted(pair))),
    st.tuples(st.dates(), st.dates()).map(lambda pair: f"[{'..'.join(day.isoformat() for day in sorted(pair))}]"),
    st.lists(st.dates(), min_size=2, max_size=4).map(lambda days: f"[{','.join(day.isoformat() for day in days)}]"),
)


# The other reader takes 60 ms a date.
@settings(CALM, max_examples=80)
@given(ORACLE)
def test_bounds_are_those_of_an_independent_reading(text: str) -> None:
    theirs = parse_edtf(text)
    low, high = tuple(theirs.lower_strict()[:3]), tuple(theirs.upper_strict()[:3])
    ours = parse(text)
    assert (ours.earliest, ours.latest) == (day_number(*low), day_number(*high))


@CALM
@given(st.dates(date(1, 1, 10), date(9999, 12, 20)))
def test_an_approximate_day_is_five_days_to_each_side(day: date) -> None:
    dating = parse(f"{day.isoformat()}~")
    assert dating.earliest == day_of_iso((day - timedelta(days=5)).isoformat())
    assert dating.latest == day_of_iso((day + timedelta(days=5)).isoformat())
