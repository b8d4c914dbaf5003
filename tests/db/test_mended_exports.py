"""What a source's own columns say of a value that somebody has mended since is not written beside the mended one."""

from __future__ import annotations

import tracemalloc
from itertools import product
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from db.formats.kept import is_made, pairs, standing
from db.formats.writing import Losses
from db.store import Store
from tests.support.there_and_back import ACLED, GED, ROWS, there_and_back, with_losses

HOMS = (
    "INSERT INTO place (key, name, country_code, admin1, latitude, longitude, where_prec)"
    " VALUES ('homs', 'Homs', 'SY', 'Homs', 34.7, 36.7, 1);"
    "UPDATE incident SET place_id = (SELECT id FROM place WHERE key = 'homs')"
)
BASRA = HOMS.replace("'Homs', 'SY', 'Homs', 34.7, 36.7", "'Basra', 'IQ', 'Basra', 30.5, 47.8")
THERE = ("adm_2", "where_description", "priogrid_gid")
OF_THE_COUNTRY = ("country_id", "region")
THE_DYAD = ("active_year", "conflict_new_id", "conflict_name", "dyad_new_id", "dyad_name")
CODES = ("inter1", "inter2", "interaction")
THE_SOURCES = (
    "number_of_sources",
    "source_article",
    "source_office",
    "source_date",
    "source_headline",
    "source_original",
)


def emptied(*names: str) -> dict[str, str]:
    return dict.fromkeys(names, "")


MENDED = {
    "nothing": ("", {}),
    "a place abroad": (
        HOMS,
        {
            "where_coordinates": "Homs", "adm_1": "Homs", "latitude": "34.7", "longitude": "36.7", "country": "Syria",
            "geom_wkt": "POINT (36.700000 34.700000)", **emptied(*THERE, *OF_THE_COUNTRY),
        },
    ),
    "a place in the country": (
        BASRA,
        {
            "where_coordinates": "Basra", "adm_1": "Basra", "latitude": "30.5", "longitude": "47.8",
            "geom_wkt": "POINT (47.800000 30.500000)", **emptied(*THERE),
        },
    ),
    "a place without a point": (
        BASRA.replace("30.5, 47.8", "NULL, NULL"),
        {"where_coordinates": "Basra", "adm_1": "Basra", **emptied("latitude", "longitude", "geom_wkt", *THERE)},
    ),
    "no country": ("UPDATE place SET country_code = NULL", emptied("country", *OF_THE_COUNTRY, *THERE)),
    "no place": (
        "UPDATE incident SET place_id = NULL",
        emptied(
            "where_prec", "where_coordinates", "adm_1", "latitude", "longitude", "geom_wkt", "country", *THERE,
            *OF_THE_COUNTRY,
        ),
    ),
    "a name for the place": ("UPDATE place SET name = 'Bagdad'", {"where_coordinates": "Bagdad"}),
    "a day": ("UPDATE incident SET date_edtf = '2021-05-03'", {"date_start": "2021-05-03", "date_end": "2021-05-03", "date_prec": "1"}),
    "a few days": ("UPDATE incident SET date_edtf = '[2021-05-03..2021-05-05]'", {"date_start": "2021-05-03", "date_end": "2021-05-05", "date_prec": "2"}),
    "another year": (
        "UPDATE incident SET date_edtf = '[2019-05-01..2019-05-31]'",
        {"date_start": "2019-05-01", "date_end": "2019-05-31", "year": "2019", "active_year": ""},
    ),
    "the killed": ("UPDATE incident SET killed_best = 9, killed_high = 9", {"best": "9", "high": "9", **emptied("deaths_a", "deaths_b", "deaths_civilians", "deaths_unknown")}),
    "a side": (
        "INSERT INTO actor (key, name) VALUES ('jrtn', 'JRTN');"
        "UPDATE incident_actor SET actor_id = (SELECT id FROM actor WHERE key = 'jrtn') WHERE actor_id ="
        " (SELECT id FROM actor WHERE name = 'IS')",
        {"side_b": "JRTN", **emptied("side_b_new_id", *THE_DYAD)},
    ),
    "a title": ("UPDATE incident SET title = 'My own words'", {}),
    "a source": ("UPDATE document SET publisher = 'Radio Y'", {"source_article": '"Radio Y,2021-06-02,Clash in Baghdad"', "source_office": "Radio Y"}),
    "no source": ("DELETE FROM quote", emptied(*THE_SOURCES)),
}  # fmt: skip


@pytest.mark.parametrize("which", MENDED)
def test_ged(store: Store, tmp_path: Path, which: str) -> None:
    mend, differs = MENDED[which]
    assert there_and_back(store, tmp_path, "ucdp-ged", GED, *filter(None, [mend])) == differs


MENDED_ACLED = {
    "nothing": ("", {}),
    "a place abroad": (
        HOMS,
        {
            "location": "Homs", "admin1": "Homs", "latitude": "34.7", "longitude": "36.7", "country": "Syria",
            **emptied("iso", "region", "admin2"),
        },
    ),
    "a place in the country": (
        BASRA,
        {"location": "Basra", "admin1": "Basra", "latitude": "30.5", "longitude": "47.8", "admin2": ""},
    ),
    "a day": ("UPDATE incident SET date_edtf = '2021-05-03'", {"event_date": "2021-05-03"}),
    "a side": (
        "UPDATE actor SET name = 'Tribes' WHERE name = 'Rebels'",
        {"actor2": "Tribes", **emptied(*CODES)},
    ),
    "an associate": (
        "DELETE FROM incident_actor WHERE actor_id = (SELECT id FROM actor WHERE name = 'Police')",
        {"assoc_actor_1": "Guards"},
    ),
    "a type": (
        "UPDATE incident SET event_type = 'protests', sub_event_type = 'Peaceful protest'",
        {"event_type": "Protests", "sub_event_type": "Peaceful protest", "disorder_type": ""},
    ),
    "a title": ("UPDATE incident SET title = 'My own words'", {}),
}  # fmt: skip


@pytest.mark.parametrize("which", MENDED_ACLED)
def test_acled(store: Store, tmp_path: Path, which: str) -> None:
    mend, differs = MENDED_ACLED[which]
    assert there_and_back(store, tmp_path, "acled", ACLED, *filter(None, [mend])) == differs


AT_ODDS = [
    {"year": "2019"},
    {"year": "2019", "date_end": "2021-05-01", "date_prec": "1"},
    {"date_prec": "2"},
    {"date_end": "2021-05-01"},
    {"date_prec": "1"},
    {"date_prec": "about"},
    {"geom_wkt": "POINT (44.5 33.3)"},
    {"geom_wkt": "somewhere"},
    {"latitude": "", "longitude": "", "where_coordinates": ""},
    {"latitude": "0", "longitude": "0", "geom_wkt": "POINT (0 0)"},
    {"best": "4"},
    {"best": "4", "deaths_a": "many"},
    {"dyad_name": "Iraq - Islamic State"},
    {"side_b": "", "dyad_name": "Government of Iraq"},
    {"side_b": "Government of Iraq", "dyad_name": "Government of Iraq - Government of Iraq"},
    {"country": "Nowhereland"},
    {"country": "", "geom_wkt": ""},
    {"source_article": "r 23/10"},
    {"dyad_name": "", "geom_wkt": ""},
]


@pytest.mark.parametrize("change", AT_ODDS, ids=lambda change: ",".join(change))
def test_a_row_that_is_at_odds_with_itself_comes_back(store: Store, tmp_path: Path, change: dict[str, str]) -> None:
    differs = there_and_back(store, tmp_path, "ucdp-ged", GED | change)
    if change.get("geom_wkt") == "":
        assert differs.pop("geom_wkt") == GED["geom_wkt"]  # follows from the coordinates
    zeros = {"latitude": "", "longitude": ""} if change.get("latitude") == "0" else {}  # they stand for unknown
    assert differs == zeros


@pytest.mark.parametrize(
    ("change", "mend", "column"),
    [
        ({"date_end": "2021-05-01"}, "UPDATE incident SET date_edtf = '2021-05-03'", "date_prec"),
        ({"year": "2019"}, "UPDATE incident SET date_edtf = '2021-05-03'", "year"),
        ({"geom_wkt": "POINT (44.5 33.3)"}, "UPDATE place SET latitude = 30.5", "geom_wkt"),
        ({"best": "4"}, "UPDATE incident SET killed_best = 5", "deaths_a"),
        ({"dyad_name": "Iraq - Islamic State"}, "UPDATE actor SET name = 'X' WHERE name = 'IS'", "side_b_new_id"),
        ({"dyad_name": "", "geom_wkt": ""}, HOMS.replace("'SY'", "'IQ'"), "adm_2"),
        ({"dyad_name": "", "geom_wkt": ""}, "UPDATE actor SET name = 'X' WHERE name = 'IS'", "side_b_new_id"),
    ],
)
def test_a_mend_of_such_a_row_is_seen(
    store: Store, tmp_path: Path, change: dict[str, str], mend: str, column: str
) -> None:
    assert column in there_and_back(store, tmp_path, "ucdp-ged", GED | change, mend)


@pytest.mark.parametrize("form", ROWS)
def test_an_actor_known_by_another_name_keeps_its_codes(store: Store, tmp_path: Path, form: str) -> None:
    row = ROWS[form]
    name = row["side_b" if form == "ucdp-ged" else "actor2"]
    with store.write("names") as connection:
        connection.execute("INSERT INTO actor (id, key, name) VALUES (99, 'whole', 'Their Whole Name')")
        connection.execute("INSERT INTO actor_alias (actor_id, alias) VALUES (99, ?)", (name,))
    column = "side_b" if form == "ucdp-ged" else "actor2"
    assert there_and_back(store, tmp_path, form, row) == {column: "Their Whole Name"}


THIRD = (
    "INSERT INTO actor (key, name) VALUES ('cc', 'Third Party');"
    "INSERT INTO incident_actor (incident_id, actor_id, role)"
    " SELECT i.id, a.id, 'affected' FROM incident AS i, actor AS a WHERE a.key = 'cc'"
)
FOUND = (
    "INSERT INTO document (key, title, publisher) VALUES ('mine', 'My paper', 'The Times');"
    "INSERT INTO quote (incident_id, document_id, exact)"
    " SELECT i.id, d.id, 'Words that I found' FROM incident AS i, document AS d WHERE d.key = 'mine'"
)
TITLE = "UPDATE incident SET title = 'My own words'"
TRANSLATED = "UPDATE quote SET translation = 'what it means'"
ADDRESS = "UPDATE document SET url = 'https://example.org/1'"
QUOTES, DOCUMENTS = "quotes", "titles, dates and addresses of documents"
BESIDE = "affected besides both sides and their associates"


@pytest.mark.parametrize(
    ("form", "mend", "said"),
    [
        ("acled", "", set()),
        ("acled", THIRD, {BESIDE}),
        ("acled", FOUND, {QUOTES, DOCUMENTS}),
        ("acled", TITLE, {"titles"}),
        ("acled", TRANSLATED, {QUOTES}),
        ("acled", ADDRESS, {DOCUMENTS}),
        ("ucdp-ged", "", set()),
        ("ucdp-ged", FOUND, {QUOTES, DOCUMENTS}),
        ("ucdp-ged", TITLE, {"titles and summaries"}),
        ("ucdp-ged", f"{TITLE}, summary = 'and more'", {"titles and summaries"}),
        ("ucdp-ged", TRANSLATED, {QUOTES}),
        ("ucdp-ged", ADDRESS, {DOCUMENTS}),
    ],
)
def test_what_has_been_added_is_said(store: Store, tmp_path: Path, form: str, mend: str, said: set[str]) -> None:
    back, lost = with_losses(store, tmp_path, form, ROWS[form], *filter(None, [mend]))
    assert (back, lost) == ({}, Losses(dict.fromkeys(said, 1)))


@pytest.mark.parametrize(
    ("row", "edtf", "said"),
    [
        ({}, "", set()),
        ({"time_precision": "2"}, "", set()),
        ({"time_precision": "3"}, "", set()),
        ({"event_date": "2021-05-01 02:15:00"}, "", {"times of day"}),
        ({}, "2021-05-09T04:30", {"times of day"}),
        ({}, "[2021-05-01..2021-05-09]", {"uncertain dates, as day and time_precision"}),
    ],
)
def test_what_acled_cannot_say_of_a_date_is_said(
    store: Store, tmp_path: Path, row: dict[str, str], edtf: str, said: set[str]
) -> None:
    mends = [f"UPDATE incident SET date_edtf = '{edtf}'"] if edtf else []
    _, lost = with_losses(store, tmp_path, "acled", ACLED | row, *mends)
    assert lost == Losses(dict.fromkeys(said, 1))


def test_a_side_taken_away_leaves_no_associate_in_its_place_and_no_code(store: Store, tmp_path: Path) -> None:
    away = "DELETE FROM incident_actor WHERE actor_id = (SELECT id FROM actor WHERE name = 'Army')"
    row = ACLED | {"interaction": ""}
    back = there_and_back(store, tmp_path, "acled", row, away, "UPDATE incident SET title = 'Mine'")
    assert back == {"actor1": "Rebels", "actor2": "", "inter1": "", "inter2": ""}


ALIKE = {"actor1": "Rioters", "actor2": "Rioters", "inter1": "Rioters", "inter2": "Rioters"}
SIDES = [
    ALIKE,
    ALIKE | {"assoc_actor_1": "BJP", "assoc_actor_2": "TMC"},
    ALIKE | {"assoc_actor_1": "Rioters"},
    ALIKE | {"event_type": "Violence against civilians"},
    ALIKE | {"inter1": "5", "inter2": "5"},
    {"actor1": "", "inter1": ""},
    {"actor1": "", "inter1": "", "assoc_actor_1": ""},
    {"actor1": "", "actor2": "", "inter1": "", "inter2": ""},
    {"actor2": "", "inter2": ""},
    {"actor2": "", "inter2": "0"},
    {"actor2": ""},
    {"actor2": "Police"},
    {"actor1": "Police"},
    {"actor2": "", "inter2": "", "assoc_actor_1": "Army"},
]


@pytest.mark.parametrize("change", SIDES, ids=lambda change: ",".join(change.values()))
def test_both_sides_of_acled_come_back(store: Store, tmp_path: Path, change: dict[str, str]) -> None:
    assert with_losses(store, tmp_path, "acled", ACLED | change) == ({}, Losses())


def test_another_name_for_both_sides_stands_on_both(store: Store, tmp_path: Path) -> None:
    rename = "UPDATE actor SET name = 'Crowds' WHERE name = 'Rioters'"
    back = there_and_back(store, tmp_path, "acled", ACLED | ALIKE, rename)
    assert (back["actor1"], back["actor2"], back["inter1"]) == ("Crowds", "Crowds", "")


def test_who_is_added_to_sides_that_are_kept_is_said(store: Store, tmp_path: Path) -> None:
    back, lost = with_losses(store, tmp_path, "acled", ACLED | ALIKE, THIRD)
    assert (back, lost) == ({}, {BESIDE: 1})


@pytest.mark.parametrize(
    "change",
    [
        {"side_a": "", "dyad_name": "IS"},
        {"side_a": "", "dyad_name": ""},
        {"side_b": "Government of Iraq", "dyad_name": ""},
        {"side_b": "", "dyad_name": ""},
        {"side_a": "", "side_b": "", "dyad_name": ""},
    ],
)
def test_both_sides_of_ged_come_back(store: Store, tmp_path: Path, change: dict[str, str]) -> None:
    assert with_losses(store, tmp_path, "ucdp-ged", GED | change) == ({}, Losses())


@pytest.mark.parametrize(("mends", "year"), [((), None), (("UPDATE incident SET date_edtf = '2021-05-03'",), "2021")])
def test_a_year_that_the_days_do_not_bear_out_stays_until_they_are_mended(
    store: Store, tmp_path: Path, mends: tuple[str, ...], year: str | None
) -> None:
    assert there_and_back(store, tmp_path, "ucdp-ged", {**GED, "year": "2020"}, *mends).get("year") == year


@pytest.mark.parametrize("form", ROWS)
def test_many_names_of_both_sides_are_not_put_together(store: Store, tmp_path: Path, form: str) -> None:
    aliases = (
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 700)"
        " INSERT INTO actor_alias (actor_id, alias) SELECT actor.id, actor.name || ' ' || i FROM actor, n"
    )
    tracemalloc.start()
    try:
        back, lost = with_losses(store, tmp_path, form, ROWS[form], TITLE, aliases)
        assert tracemalloc.get_traced_memory()[1] < 40_000_000
    finally:
        tracemalloc.stop()
    assert back == {}
    assert lost == Losses({"titles" if form == "acled" else "titles and summaries": 1})


NAMES = st.lists(st.sampled_from(["", "a", "A – b", "b", "ß", "ss"]), min_size=1, max_size=3, unique=True)


@given(
    NAMES, NAMES, st.sampled_from(["", "x: ", "a"]), st.sampled_from(["", ", y"]), st.text("abAsß –:,xy", max_size=12)
)
def test_a_title_is_that_of_two_sides_by_any_of_their_names(
    first: list[str], second: list[str], before: str, behind: str, title: str
) -> None:
    told = {" – ".join(filter(None, pair)) for pair in product(first, second)} - {""}
    written = {f"{before}{names}{behind}".casefold() for names in told}
    made = [((before,), *parts, (behind,)) for parts in pairs(first, second)]
    for found in (title, *written):
        assert any(is_made(found, *parts) for parts in made) == (found.casefold() in written)
        forms = tuple(f": {names}, " for names in told)
        framed = tuple(((": ",), *parts, (", ",)) for parts in pairs(first, second))
        assert standing(found, framed, ("x",)) == standing(found, forms, ("x",))
