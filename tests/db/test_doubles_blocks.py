"""Which pairs are compared at all: the blocks of time, place and actors find every pair that may be one."""

from __future__ import annotations

import random
import sqlite3
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from db import doubles, doubles_blocks
from db.doubles_field import ACTORS_SEEN, NOBODY, Field, read_field
from db.near import great_circle_m
from tests.support.chance_store import empty_store
from tests.support.incidents import add


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
