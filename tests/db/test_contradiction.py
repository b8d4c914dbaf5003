"""Many claims on one field are told to be rivals exactly where a comparison in pairs tells it, and soon."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from db import disputes
from db.disputes import Kinship, Said, agree, disputed_fields, relations, rivals
from db.store import Store

DATES = ("2021", "2021-05", "2021-05-08", "2021-05-09", "-0500", "0500", "500", "[..2021-05-08]", "2020/2022", "soon")
KEYS = ("iraq", "Iraq", "i-raq", "anbar", "asad", "hangar", "erbil", "Erbil", "nowhere", "both")


@pytest.fixture(scope="module")
def kin(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kinship]:
    """Places in places, two spellings of one key, and a key that is a place and an actor."""
    path = tmp_path_factory.mktemp("kin") / "store.db"
    with Store.create(path) as store:
        places = (("iraq", None), ("Iraq", 1), ("anbar", 2), ("asad", 3), ("hangar", 4), ("erbil", 1), ("both", 3))
        store.connection.executemany(
            "INSERT INTO place (key, name, kind, part_of) VALUES (?, ?, 'town', ?)", [(k, k, p) for k, p in places]
        )
        store.connection.execute("INSERT INTO actor (key, name, kind) VALUES ('erbil', 'E', 'person')")
        store.connection.execute("INSERT INTO actor (key, name, kind, part_of) VALUES ('both', 'B', 'person', 1)")
        yield Kinship(store.connection)


def said(field: str, values: tuple[str, ...]) -> st.SearchStrategy[list[Said]]:
    claim = st.builds(
        Said,
        st.just(field),
        st.sampled_from([*values, None]),
        st.sampled_from(["asserts", "denies"]),
        st.just("normal"),
    )
    return st.lists(claim, max_size=7)


CLAIMS = st.one_of(
    said("date", DATES), said("place", KEYS), said("damage", KEYS), said("outcome:drone", KEYS), said("attacker", KEYS)
)


@given(CLAIMS)
def test_each_relation_is_that_of_the_pair(kin: Kinship, claims: list[Said]) -> None:
    found = relations(claims, kin)
    assert [relation.agrees for relation in found] == [
        [at for at, b in enumerate(claims) if agree(a, b, kin)] for a in claims
    ]
    assert [relation.rivals for relation in found] == [
        [at for at, b in enumerate(claims) if rivals(a, b, kin)] for a in claims
    ]


@given(CLAIMS)
def test_it_is_what_a_comparison_in_pairs_tells(kin: Kinship, claims: list[Said]) -> None:
    expected = disputed_fields(claims, kin)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(disputes, "PAIRED", 0)
        assert disputed_fields(claims, kin) == expected


@pytest.mark.parametrize(
    ("field", "polarity", "expected"),
    [
        ("damage", "asserts", ()),
        ("damage", "denies", ()),
        ("weapon", "denies", ()),
        ("killed", "asserts", ("killed",)),
        ("date", "asserts", ("date",)),
    ],
)
def test_ten_thousand_claims_on_one_field_are_not_compared_in_pairs(
    field: str, polarity: str, expected: tuple[str, ...], kin: Kinship, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(disputes, "rivals")
    claims = [Said(field, f"{n:04}" if field == "date" else f"v {n}", polarity, "normal") for n in range(9_999)]
    assert disputed_fields(claims, kin) == expected


def test_a_year_before_the_common_era_is_not_the_one_of_that_number(kin: Kinship) -> None:
    both = [Said("date", value, "asserts", "normal") for value in ("-0043-03-15", "0043-03-15")]
    assert disputed_fields(both, kin) == ("date",)
    denied = [both[0], Said("date", "0043-03-15", "denies", "normal")]
    assert disputed_fields(denied, kin) == ()
