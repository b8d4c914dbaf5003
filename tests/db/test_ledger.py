"""The air-defence ledger: every number is what plain SQL counts, and the quotes behind it are there."""

from __future__ import annotations

from pathlib import Path

import pytest

from db.ledger import COLUMNS, System, ledger
from db.store import Store


def of(path: Path, among: list[int] | None = None) -> dict[str, System]:
    with Store.open(path) as store:
        return {system.key: system for system in ledger(store.connection, among)}


def test_who_did_not_stop_it_and_who_did(template: Path) -> None:
    found = of(template)
    for key, incidents in {"c-ram": 2, "patriot-pac-2": 1, "avenger": 1}.items():
        assert found[key].cell("missed").incidents == incidents
        assert found[key].cell("intercepted").incidents == 0
        for use in found[key].uses:
            assert use.tied
            assert any(
                "intercept" in words.exact and words.speaker in ("Press TV", "Sabereen News") for words in use.quotes
            )
    dome = found["iron-dome"]
    assert (dome.cell("intercepted").incidents, dome.cell("missed").incidents) == (1, 0)
    assert [words.exact for words in dome.uses[0].quotes] == [
        "Iron Dome air-defense system shot at least one of them down"
    ]


def test_every_number_is_a_plain_query(template: Path) -> None:
    with Store.open(template) as store:
        found = ledger(store.connection)
        for system in found:
            for column, outcomes in COLUMNS.items():
                marks = ",".join(f"'{outcome}'" for outcome in outcomes)
                (number,) = store.connection.execute(
                    "SELECT count(*) FROM incident_system AS x JOIN incident AS i ON i.id = x.incident_id"
                    " WHERE x.system_id = ? AND x.role IN ('air_defence', 'ew') AND i.kind = 'incident'"
                    f" AND coalesce(x.outcome, 'unknown') IN ({marks})",
                    (system.id,),
                ).fetchone()
                assert system.cell(column).incidents == number, (system.key, column)
        (systems,) = store.connection.execute(
            "SELECT count(DISTINCT system_id) FROM incident_system WHERE role IN ('air_defence', 'ew')"
        ).fetchone()
    assert len(found) == systems == 6


def test_a_filter_leaves_only_its_incidents(template: Path) -> None:
    with Store.open(template) as store:
        (victory,) = store.connection.execute(
            "SELECT id FROM incident WHERE key = 'victory-drones-2021-06-21'"
        ).fetchone()
    found = of(template, [victory])
    assert sorted(found) == ["avenger", "c-ram"]
    assert found["c-ram"].incidents == 1
    assert of(template, []) == {}


@pytest.fixture
def contested(tmp_path: Path) -> Path:
    """One battery in three incidents, an aggregate, and claims for and against each pick."""
    path = tmp_path / "store.db"
    with Store.create(path) as store, store.write("make") as connection:
        for sql in (
            "INSERT INTO document (key, publisher) VALUES ('a', 'A'), ('b', 'B')",
            "INSERT INTO system (key, name, class) VALUES ('gun', 'Gun', 'air_defence'), ('jam', 'Jammer', 'ew'),"
            " ('van', 'Van', 'vehicle')",
            "INSERT INTO incident (key, title, kind) VALUES ('one', 'x', 'incident'), ('two', 'x', 'incident'),"
            " ('three', 'x', 'incident'), ('many', 'x', 'aggregate')",
            "INSERT INTO incident_system (incident_id, system_id, role, outcome, count_best) VALUES"
            " (1, 1, 'air_defence', 'intercepted', 2), (2, 1, 'air_defence', 'missed', NULL),"
            " (3, 1, 'air_defence', NULL, NULL), (4, 1, 'air_defence', 'intercepted', NULL), (1, 3, 'platform', 'hit', 1)",
            "INSERT INTO quote (incident_id, document_id, exact) VALUES (1, 1, 'it stopped both'), (1, 2, 'it failed'),"
            " (2, 1, 'it did not fail'), (3, 1, 'nothing known')",
            "INSERT INTO claim (incident_id, quote_id, field, value, polarity, rank) VALUES"
            " (1, 1, 'outcome:gun', 'intercepted', 'asserts', 'normal'),"
            " (1, 2, 'outcome:gun', 'missed', 'asserts', 'normal'), (1, 2, 'count:gun', '4', 'asserts', 'normal'),"
            " (2, 3, 'outcome:gun', 'missed', 'denies', 'normal'),"
            " (2, 3, 'outcome:gun', 'malfunctioned', 'asserts', 'deprecated'),"
            " (3, 4, 'outcome:gun', 'hit', 'declines', 'normal'),"
            " (3, 4, 'outcome:jam', 'hit', 'asserts', 'normal'), (1, 2, 'outcome:van', 'hit', 'asserts', 'normal')",
        ):
            connection.execute(sql)
    return path


def test_rivals_count_where_claims_and_pick_disagree(contested: Path) -> None:
    found = of(contested)
    gun = found["gun"]
    numbers = {
        column: (gun.cell(column).incidents, gun.cell(column).rivals, gun.cell(column).beside) for column in COLUMNS
    }
    assert numbers == {
        "intercepted": (1, 1, 1), "missed": (1, 2, 0), "not_engaged": (0, 0, 0), "malfunctioned": (0, 0, 0),
        "unknown": (1, 0, 0),
    }  # fmt: skip
    assert (gun.incidents, gun.engaged, gun.count_disputes) == (3, 2, 1)
    assert [use.incident for use in gun.behind("missed")] == ["two", "one"]
    assert [words.exact for words in gun.behind("missed")[1].quotes] == ["it stopped both", "it failed"]
    assert sorted(found) == ["gun", "jam"], "a van is no defence, a jammer that only a claim names is one"
    jam = found["jam"].uses[0]
    assert (jam.column, jam.rival_in("intercepted"), jam.rival_in("unknown")) == ("unknown", True, True)


@pytest.mark.parametrize("outcomes", [("intercepted", "intercepted"), ("intercepted", "missed"), (None, "hit")])
def test_a_system_in_two_roles_is_in_one_incident(outcomes: tuple[str | None, str], seeded: Path) -> None:
    with Store.open(seeded, write=True) as store, store.write("two roles") as connection:
        connection.execute("INSERT INTO system (key, name, class) VALUES ('zz', 'ZZ', 'ew')")
        connection.executemany(
            "INSERT INTO incident_system (incident_id, system_id, role, outcome)"
            " VALUES (1, (SELECT id FROM system WHERE key = 'zz'), ?, ?)",
            list(zip(("air_defence", "ew"), outcomes, strict=True)),
        )
    found = of(seeded)["zz"]
    assert (found.incidents, found.engaged) == (1, 1)
    columns = {next(name for name, own in COLUMNS.items() if (outcome or "unknown") in own) for outcome in outcomes}
    assert {column for column in COLUMNS if found.cell(column).incidents} == columns
    assert all(found.cell(column).incidents <= 1 for column in COLUMNS)


@pytest.mark.parametrize("value", [None, "Intercepted", "hit"])
def test_who_says_any_outcome_or_one_of_the_same_column_is_no_rival(contested: Path, value: str | None) -> None:
    """Nobody contradicts the pick `intercepted` with it, however it is spelt."""
    with Store.open(contested, write=True) as store, store.write("another claim") as connection:
        connection.execute("DELETE FROM claim WHERE incident_id = 1")
        connection.execute(
            "INSERT INTO claim (incident_id, quote_id, field, value) VALUES (1, 1, 'outcome:gun', ?)", (value,)
        )
    (use,) = (use for use in of(contested)["gun"].uses if use.incident == "one")
    assert [column for column in COLUMNS if use.rival_in(column)] == []
    assert [use.against(told) for told in use.told] == [False]


@pytest.mark.parametrize("value", [None, "Intercepted"])
def test_who_denies_any_outcome_or_the_pick_is_a_rival(contested: Path, value: str | None) -> None:
    with Store.open(contested, write=True) as store, store.write("a denial") as connection:
        connection.execute("DELETE FROM claim WHERE incident_id = 1")
        connection.execute(
            "INSERT INTO claim (incident_id, quote_id, field, value, polarity)"
            " VALUES (1, 1, 'outcome:gun', ?, 'denies')",
            (value,),
        )
    (use,) = (use for use in of(contested)["gun"].uses if use.incident == "one")
    assert [column for column in COLUMNS if use.rival_in(column)] == ["intercepted"]
