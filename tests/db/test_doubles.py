"""Likely doubles: found by time, place, actors, text and numbers, each part in words; nothing is merged by itself."""

from __future__ import annotations

import math
import sqlite3
from pathlib import Path

import pytest

from db import doubles, doubles_blocks, linking
from db.doubles import Pair, find
from db.formats.record import Options
from db.formats.registry import named
from db.importing import import_file
from db.store import Store
from tests.support.chance_store import empty_store
from tests.support.incidents import add

DATA = Path(__file__).resolve().parents[1] / "data"


@pytest.fixture
def twice(tmp_path: Path) -> Store:
    """The rows of Iraq as two data sets."""
    store = Store.create(tmp_path / "twice.db")
    for origin in ("one", "two"):
        import_file(store, DATA / "ged_iraq_hdx.csv", named("ucdp-ged"), Options(origin=origin))
    return store


def keys(pair: Pair) -> tuple[str, str]:
    return pair.first.key, pair.second.key


def test_each_row_of_two_data_sets_finds_its_twin_first(twice: Store) -> None:
    before = list(twice.connection.iterdump())
    found = find(twice.connection, limit=None)
    assert list(twice.connection.iterdump()) == before
    best: dict[str, Pair] = {}
    for pair in found.pairs:
        for key in keys(pair):
            best.setdefault(key, pair)
    assert found.vague == 2  # one row in each, of a span of more than three months
    assert len(best) == 28 - found.vague
    for pair in best.values():
        assert {key.partition("-")[2] for key in keys(pair)} == {pair.first.key.partition("-")[2]}
        assert {pair.first.origin, pair.second.origin} == {"one", "two"}
        assert pair.score > 0.8  # less than 1 where a place is known only to a region
        assert [part.name for part in pair.parts] == ["when", "where", "who", "text", "numbers"]
    scores = [pair.score for pair in found.pairs]
    assert scores == sorted(scores, reverse=True)
    assert found.found == len(found.pairs)
    assert len(find(twice.connection, limit=3).pairs) == 3


def test_only_pairs_with_one_of_those_asked_for(twice: Store) -> None:
    (one,) = twice.connection.execute("SELECT min(id) FROM incident").fetchone()
    found = find(twice.connection, {one}, limit=None)
    assert found.pairs
    assert all(one in (pair.first.id, pair.second.id) for pair in found.pairs)
    assert not find(twice.connection, set(), limit=None).pairs


def test_a_pair_on_which_the_analyst_has_spoken_is_not_offered_again(twice: Store) -> None:
    first, second, third, fourth = find(twice.connection, limit=None).pairs[:4]
    linking.link(twice, first.first.id, first.second.id, "same_as")
    linking.link(twice, second.second.id, second.first.id, "distinct")
    linking.link(twice, third.first.id, third.second.id, "related")
    left = {keys(pair) for pair in find(twice.connection, limit=None).pairs}
    assert not left & {keys(first), keys(second), keys(third)}
    assert keys(fourth) in left
    linking.unlink(twice, first.second.id, first.first.id)
    linking.unlink(twice, second.first.id, second.second.id, "distinct")
    left = {keys(pair) for pair in find(twice.connection, limit=None).pairs}
    assert {keys(first), keys(second)} <= left


def test_what_is_the_same_over_a_third_is_not_offered(twice: Store) -> None:
    pairs = find(twice.connection, limit=None, within=True, least=0).pairs
    by_key = {key: side for pair in pairs for key, side in zip(keys(pair), (pair.first, pair.second), strict=True)}
    a, b = keys(pairs[0])
    other = next(key for key in by_key if key not in (a, b))
    linking.link(twice, by_key[a].id, by_key[other].id, "same_as")
    linking.link(twice, by_key[other].id, by_key[b].id, "same_as")
    assert keys(pairs[0]) not in {keys(pair) for pair in find(twice.connection, limit=None, within=True, least=0).pairs}


# -- the parts ------------------------------------------------------------------------------------------------------


@pytest.fixture
def bare(tmp_path: Path) -> sqlite3.Connection:
    """A store with two places and two actors, to be filled by hand."""
    path = tmp_path / "bare.db"
    empty_store(path)
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute(
        "INSERT INTO place (id, key, name, country_code, latitude, longitude, where_prec) VALUES"
        " (1, 'depot', 'Depot', 'IQ', 33.0, 44.0, 1), (2, 'town', 'Town', 'IQ', 33.1, 44.1, 2),"
        " (3, 'iraq', 'Iraq', 'IQ', NULL, NULL, 6), (4, 'far', 'Far', 'IQ', 36.0, 44.0, 1)"
    )
    connection.execute("INSERT INTO actor (id, key, name) VALUES (1, 'a', 'Alpha Army'), (2, 'b', 'Alpha Front')")
    return connection


def only(connection: sqlite3.Connection) -> Pair | None:
    found = find(connection, least=0, limit=None).pairs
    assert len(found) <= 1
    return found[0] if found else None


def parts(pair: Pair | None) -> dict[str, tuple[float | None, str]]:
    assert pair is not None
    return {part.name: (part.score, part.words) for part in pair.parts}


def test_the_same_told_twice_scores_one(bare: sqlite3.Connection) -> None:
    for _ in range(2):
        add(bare, place_id=1, killed_best=3, actors=(1,))
    pair = only(bare)
    assert pair is not None
    assert math.isclose(pair.score, 1.0)
    assert parts(pair) == {
        "when": (1.0, "the same day"),
        "where": (1.0, "the same point, known to 1.0 km and 1.0 km"),
        "who": (1.0, "1 of 1 actors are the same"),
        "text": (1.0, "100% of the letters in threes are shared"),
        "numbers": (1.0, "killed 3"),
    }


@pytest.mark.parametrize(
    ("other", "words", "score"),
    [
        ({"date_earliest": "2021-05-09"}, "a day apart", 0.3),
        ({"date_earliest": "2021-05-07"}, "a day apart", 0.3),
        ({"date_earliest": "2021-05-01", "date_latest": "2021-05-31"}, "1 day in common, of 1 and 31", 0.4 + 0.6 / 31),
        ({"date_earliest": "2021-05-10"}, None, None),
        ({"date_earliest": None}, None, None),
        ({"date_earliest": "2021-01-01", "date_latest": "2021-12-31"}, None, None),
    ],
)
def test_when(bare: sqlite3.Connection, other: dict[str, object], words: str | None, score: float | None) -> None:
    add(bare, place_id=1)
    add(bare, place_id=1, **other)
    pair = only(bare)
    if words is None:
        assert pair is None
    else:
        found, said = parts(pair)["when"]
        assert said == words
        assert found is not None
        assert score is not None
        assert math.isclose(found, score)


@pytest.mark.parametrize(
    ("place", "words"),
    [
        (2, "15 km apart, known to 1.0 km and 25 km"),
        (3, "Depot and Iraq, one of them without a point"),
        (4, None),
        (None, "one has no place"),
    ],
)
def test_where(bare: sqlite3.Connection, place: int | None, words: str | None) -> None:
    add(bare, place_id=1, actors=(1,))
    add(bare, place_id=place, actors=(1,))
    pair = only(bare)
    if words is None:
        assert pair is None
    else:
        score, said = parts(pair)["where"]
        assert said == words
        assert (score is None) == (place is None)
        assert score is None or 0 < score < 1


def test_who_and_numbers(bare: sqlite3.Connection) -> None:
    add(bare, place_id=1, actors=(1,), killed_low=2, killed_high=6, injured_best=4)
    add(bare, place_id=1, actors=(2,), killed_best=4)
    found = parts(only(bare))
    assert found["who"] == (1 / 3, "no actor has the same name")
    assert found["numbers"] == (0.7, "killed 2 to 6 and 4")


def test_what_is_unknown_is_no_likeness(bare: sqlite3.Connection) -> None:
    add(bare, place_id=1)
    add(bare, place_id=1)
    pair = only(bare)
    found = parts(pair)
    assert found["who"] == (None, "one names nobody")
    assert found["numbers"] == (None, "no number that both give")
    assert pair is not None
    assert math.isclose(pair.score, 0.25 + 0.25 + 0.15 + (0.2 + 0.15) * doubles_blocks.UNKNOWN)


def test_pairs_of_one_data_set_come_only_when_asked_for(bare: sqlite3.Connection) -> None:
    for origin_id in ("1", "2"):
        add(bare, place_id=1, origin="list", origin_id=origin_id)
    assert not find(bare, least=0).pairs
    assert len(find(bare, least=0, within=True).pairs) == 1
    bare.execute("UPDATE incident SET origin = 'other' WHERE origin_id = '2'")
    assert len(find(bare, least=0).pairs) == 1


def test_a_pair_is_offered_when_it_is_among_the_best_of_either_of_its_incidents(bare: sqlite3.Connection) -> None:
    """The first has more likely doubles than are looked for, and of each of those it is the only one."""
    first = add(bare, place_id=1, origin="one", origin_id="1")
    others = [
        add(bare, place_id=1, origin="two", origin_id=str(at), title=f"Drone strike on a depot{' again' * at}")
        for at in range(doubles.PARTNERS + 2)
    ]
    assert {(pair.first.id, pair.second.id) for pair in find(bare, least=0).pairs} == {(first, at) for at in others}


def test_a_pair_that_both_have_better_than_is_not_offered(bare: sqlite3.Connection) -> None:
    for origin in ("one", "two"):
        for at in range(doubles.PARTNERS + 1):
            add(bare, place_id=1, origin=origin, origin_id=str(at))
    every = (doubles.PARTNERS + 1) ** 2
    found = find(bare, least=0, limit=None)
    assert found.found == len(found.pairs) == every - 1, "of pairs that are alike the last has come too late for both"


def test_aggregates_and_context_are_no_doubles(bare: sqlite3.Connection) -> None:
    add(bare, place_id=1)
    add(bare, place_id=1, kind="aggregate")
    add(bare, place_id=1, kind="context")
    assert only(bare) is None


def test_what_was_not_compared_is_counted(bare: sqlite3.Connection) -> None:
    add(bare, date_earliest=None)
    add(bare, date_earliest="2021-01-01", date_latest="2022-01-01")
    add(bare)
    add(bare, place_id=1)
    add(bare, actors=(1,))
    found = find(bare)
    assert (found.undated, found.vague, found.nowhere, found.compared) == (1, 1, 1, 2)


@pytest.mark.parametrize(
    "place",
    [
        "NULL, 25.0, 58.0, 7, NULL",
        "NULL, 25.0, 58.0, 7, 4000000",
        "NULL, NULL, NULL, NULL, NULL",
    ],
)
def test_what_happened_at_sea_is_compared(bare: sqlite3.Connection, place: str) -> None:
    """Seas have no country, and often no point; what stands at the very place is compared all the same."""
    bare.execute(
        "INSERT INTO place (id, key, name, kind, country_code, latitude, longitude, where_prec, radius_m)"
        f" VALUES (9, 'sea', 'Gulf of Oman', 'sea', {place})"
    )
    add(bare, place_id=9)
    add(bare, place_id=9)
    pair = only(bare)
    assert pair is not None and pair.score > 0.6
