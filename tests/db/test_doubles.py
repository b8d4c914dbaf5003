"""Likely doubles: found by time, place, actors, text and numbers, each part in words; nothing is merged by itself."""

from __future__ import annotations

import math
import random
import sqlite3
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from db import doubles, doubles_blocks, linking
from db.doubles import Pair, find
from db.doubles_field import ACTORS_SEEN, NOBODY, Field, read_field
from db.formats.record import Options
from db.formats.registry import named
from db.importing import import_file
from db.near import great_circle_m
from db.store import Store
from tests.support.chance_store import empty_store

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


def add(connection: sqlite3.Connection, **columns: object) -> int:
    """An incident of a day known to the day, unless `columns` say other; `actors` are ids."""
    actors = columns.pop("actors", ())
    known = {"title": "Drone strike on a depot", "date_earliest": "2021-05-08", "date_edtf": "x", "date_prec": 1}
    row = {**known, **columns}
    row.setdefault("date_latest", row["date_earliest"])
    row["key"] = f"k{connection.execute('SELECT count(*) FROM incident').fetchone()[0]}"
    cursor = connection.execute(
        f"INSERT INTO incident ({', '.join(row)}) VALUES ({', '.join('?' * len(row))})", tuple(row.values())
    )
    assert isinstance(actors, tuple)
    for actor in actors:
        connection.execute(
            "INSERT INTO incident_actor (incident_id, actor_id, role) VALUES (?, ?, 'attacker')",
            (cursor.lastrowid, actor),
        )
    return int(cursor.lastrowid or 0)


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


# -- blocks leave nothing out ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("band", [1, 70, 140, -60])
def test_across_the_corner_of_a_cell_all_are_pairs(band: int) -> None:
    """Four points around it, each in a cell of its own: half of the neighbours must do for every direction."""
    cell = doubles_blocks.NEAR_CELL
    _, (columns,) = doubles_blocks._east(np.array([0.0]), np.array([band]), cell)
    latitude, longitude = band * cell, 360 / columns * 40
    ups, rights = np.array([-1, -1, 1, 1]) * 0.01, np.array([-1, 1, -1, 1]) * 0.01
    day, nobody = np.zeros(4, np.int64), np.full(4, NOBODY)
    field = Field(
        np.arange(1, 5), day, day, latitude + ups, longitude + rights, np.full(4, 1000.0), np.arange(4), nobody, nobody,
        np.full(4, np.nan), np.full((4, ACTORS_SEEN), NOBODY), 0, 0,
    )  # fmt: skip
    found = doubles_blocks.candidates(field, within=False)
    assert set(zip(found.a.tolist(), found.b.tolist(), strict=True)) == set(combinations(range(4), 2))


@given(st.integers(0, 10_000), st.booleans())
@settings(max_examples=60, deadline=None)
def test_without_a_place_those_that_share_an_actor_are_each_a_pair_once(seed: int, within: bool) -> None:
    """Against all pairs one by one; the first look gets each pair once, however many actors two share."""
    chance = random.Random(seed)
    nobody = NOBODY
    count = doubles_blocks.BEST_KEPT + 1
    first = np.array([chance.randint(0, 20) for _ in range(count)])
    last = first + np.array([chance.randint(0, 12) for _ in range(count)])
    origin = np.array([chance.choice([nobody, 0, 1]) for _ in range(count)])
    actors = np.array([[chance.choice([nobody, 0, 1, 2]) for _ in range(4)] for _ in range(count)])
    unknown, none = np.full(count, np.nan), np.full(count, nobody)
    field = Field(
        np.arange(1, count + 1), first, last, unknown, unknown, unknown, none, none, origin, unknown, actors, 0, 0
    )
    expected = {
        (a, b)
        for a, b in combinations(range(count), 2)
        if max(first[a], first[b]) - min(last[a], last[b]) <= 1
        and (within or nobody in (origin[a], origin[b]) or origin[a] != origin[b])
        and set(actors[a]) & set(actors[b]) - {nobody}
    }
    found = doubles_blocks.candidates(field, within=within)
    assert set(zip(found.a.tolist(), found.b.tolist(), strict=True)) == expected
    looked_at = [
        (min(pair), max(pair))
        for a, b in doubles_blocks._pairs(field, within)
        for pair in zip(a.tolist(), b.tolist(), strict=True)
    ]
    fits = [pair for pair in looked_at if pair in expected]
    assert len(fits) == len(expected)


@given(st.integers(0, 10_000))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_blocks_find_every_pair_that_time_and_place_allow(tmp_path: Path, seed: int) -> None:
    """Against all pairs one by one, where so few incidents stand together that none is outdone by better ones."""
    path = tmp_path / "blocks.db"
    path.unlink(missing_ok=True)
    empty_store(path)
    chance = random.Random(seed)
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA synchronous = OFF")
    edge = chance.choice([(0.0, 0.0), (33.5, 44.5), (10.0, 179.9), (-33.49, -70.01), (60.0, -180.0)])
    for place in range(1, 10):
        longitude = (edge[1] + chance.uniform(-0.6, 0.6) + 180) % 360 - 180
        connection.execute(
            "INSERT INTO place (id, key, name, country_code, latitude, longitude, where_prec) VALUES (?, ?, 'P', 'IQ', ?, ?, ?)",
            (place, f"p{place}", edge[0] + chance.uniform(-0.6, 0.6), longitude, chance.choice([1, 1, 2, 3, 4, 6])),
        )
    connection.execute("INSERT INTO place (id, key, name, country_code) VALUES (10, 'p10', 'Iraq', 'IQ')")
    if seed % 2:
        # As at sea: no country, and some so vague that no cell would do.
        connection.execute("UPDATE place SET country_code = NULL, where_prec = 7 WHERE id IN (2, 4, 5)")
        connection.execute("UPDATE place SET country_code = NULL WHERE id IN (6, 7)")
        connection.execute("UPDATE place SET country_code = 'SY' WHERE id IN (1, 8)")
        connection.execute("UPDATE place SET radius_m = 3000000, longitude = longitude / 1.2 WHERE id = 4")
        connection.execute("UPDATE place SET country_code = NULL, latitude = NULL, longitude = NULL WHERE id = 9")
    for at in range(doubles_blocks.BEST_KEPT + 1):
        first = chance.randint(1, 20)
        add(
            connection, place_id=chance.randint(1, 10), origin=chance.choice([None, "one", "two"]), origin_id=str(at),
            date_earliest=f"2021-05-{first:02d}", date_latest=f"2021-05-{chance.randint(first, min(31, first + 12)):02d}",
        )  # fmt: skip
    rows = connection.execute(
        "SELECT i.id, i.origin, julianday(date_earliest), julianday(date_latest), p.latitude, p.longitude,"
        " coalesce(p.radius_m, CASE p.where_prec WHEN 1 THEN 1e3 WHEN 2 THEN 25e3 WHEN 3 THEN 5e4 WHEN 4 THEN 15e4"
        " WHEN 6 THEN 1e6 WHEN 7 THEN 1e6 END), p.id, p.country_code"
        " FROM incident AS i JOIN place AS p ON p.id = i.place_id ORDER BY i.id"
    ).fetchall()
    expected = set()
    for n, a in enumerate(rows):
        for b in rows[n + 1 :]:
            if a[1] is not None and a[1] == b[1]:
                continue
            if max(a[2], b[2]) - min(a[3], b[3]) > 1:
                continue
            if None in (a[4], b[4]):
                near = a[7] == b[7] or (a[8] is not None and a[8] == b[8])
            else:
                near = great_circle_m(a[4], a[5], b[4], b[5]) <= max(10_000.0, a[6] + b[6])
            if near:
                expected.add((a[0], b[0]))
    field = read_field(connection)
    found = doubles_blocks.candidates(field, within=False)
    pairs = {(int(field.ids[a]), int(field.ids[b])) for a, b in zip(found.a, found.b, strict=True)}
    connection.close()
    assert pairs == expected


NAMES = st.frozensets(st.text("ab-", min_size=1, max_size=5), min_size=1, max_size=6)


@given(NAMES, NAMES)
def test_each_actor_counts_with_the_one_that_is_most_like_it(mine: frozenset[str], theirs: frozenset[str]) -> None:
    best = [max(doubles._name_likeness(name, other) for other in theirs) for name in mine]
    best += [max(doubles._name_likeness(name, other) for other in mine) for name in theirs]
    assert doubles._who(mine, theirs) == pytest.approx(sum(best) / len(best))


def test_of_very_many_actors_those_count_that_both_have(monkeypatch: pytest.MonkeyPatch) -> None:
    compared: list[str] = []

    def counted(one: str, other: str) -> float:
        compared.append(one)
        return 0.0

    monkeypatch.setattr(doubles, "_name_likeness", counted)
    mine, theirs = (frozenset(f"{side}-{n}" for n in range(1_000)) | {"both"} for side in ("a", "b"))
    assert doubles._who(mine, theirs) == pytest.approx(1 / 1_001)
    assert len(compared) == 2 * doubles.NAMES_COMPARED**2
