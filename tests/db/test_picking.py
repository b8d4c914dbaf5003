"""The analyst's pick: rank, the incident's own column, and the log, together or not at all."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from db import claims, log, picking, read, undo
from db.errors import UsageError
from db.own_values import Own
from db.put_back import put_back
from db.store import Store

VICTORY = "victory-drones-2021-06-21"


def claim_of(store: Store, field: str, value: str | None, key: str = VICTORY) -> int:
    found = store.connection.execute(
        "SELECT c.id FROM claim AS c JOIN incident AS i ON i.id = c.incident_id WHERE i.key = ? AND field = ? AND value IS ?",
        (key, field, value),
    ).fetchone()
    return int(found[0])


def add(path: Path, field: str, value: str | None, polarity: str = "asserts", rank: str = "normal") -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(
            "INSERT INTO claim (incident_id, field, value, polarity, rank) SELECT id, ?, ?, ?, ? FROM incident WHERE key = ?",
            (field, value, polarity, rank, VICTORY),
        )


def own(store: Store, columns: str) -> tuple[object, ...]:
    found: tuple[object, ...] = store.connection.execute(
        f"SELECT {columns} FROM incident WHERE key = ?", (VICTORY,)
    ).fetchone()
    return found


def test_the_date_follows_with_its_interval_and_the_log_keeps_the_reason(seeded: Path) -> None:
    with Store.open(seeded, write=True) as store:
        tuesday = claim_of(store, "date", "2021-06-22")
        rows = store.connection.execute("SELECT count(*) FROM log").fetchone()[0]
        picking.pick(store, tuesday, "  the channel\nwas first ")
        assert own(store, "date_edtf, date_earliest, date_latest, date_prec") == (
            "2021-06-22", "2021-06-22", "2021-06-22", 1,
        )  # fmt: skip
        what = store.connection.execute("SELECT what FROM log ORDER BY id DESC").fetchone()[0]
        assert what == f"pick date 2021-06-22 of {VICTORY}: the channel was first"
        assert store.connection.execute("SELECT count(*) FROM log").fetchone()[0] == rows + 1
        matrix = claims.matrix(store.connection, read.incident_id(store.connection, VICTORY))
        assert matrix is not None
        picked = [told for field in matrix.fields if field.name == "date" for told in field.told if told.picked]
        assert [told.claim.id for told in picked] == [tuesday]
        pick = matrix.pick_of(picked[0])
        assert pick is not None
        assert (pick.why, pick.who) == ("the channel was first", "tester")
        assert list(log.broken_rows(store.connection)) == []


def test_a_second_pick_takes_the_first_ones_rank_and_undo_gives_it_back(seeded: Path) -> None:
    with Store.open(seeded, write=True) as store:
        tuesday, monday = (claim_of(store, "date", f"2021-06-{day}") for day in (22, 21))
        picking.pick(store, tuesday, "first")
        picking.pick(store, monday, "second thoughts")
        ranks = dict(store.connection.execute("SELECT id, rank FROM claim WHERE id IN (?, ?)", (tuesday, monday)))
        assert ranks == {tuesday: "normal", monday: "preferred"}
        assert own(store, "date_edtf") == ("2021-06-21",)
        last = store.connection.execute("SELECT max(id) FROM log").fetchone()[0]
        with store.write("undo") as connection:
            put_back(connection, log.changes_of(connection, last))
        assert own(store, "date_edtf, date_earliest, date_prec") == ("2021-06-22", "2021-06-22", 1)
        assert store.connection.execute("SELECT rank FROM claim WHERE id = ?", (tuesday,)).fetchone()[0] == "preferred"


def test_a_reason_that_would_not_be_kept_is_refused(seeded: Path) -> None:
    with Store.open(seeded, write=True) as store:
        tuesday = claim_of(store, "date", "2021-06-22")
        picking.pick(store, tuesday, "first")
        rows = store.connection.execute("SELECT count(*) FROM log").fetchone()
        with pytest.raises(UsageError, match="date 2021-06-22 is the pick already, so this reason is not kept"):
            picking.pick(store, tuesday, "a better reason")
        assert store.connection.execute("SELECT count(*) FROM log").fetchone() == rows
        assert own(store, "date_edtf") == ("2021-06-22",)


@pytest.mark.parametrize(
    ("field", "value", "columns", "expected"),
    [
        ("place", "baghdad", "(SELECT key FROM place WHERE id = place_id)", ("baghdad",)),
        ("event_type", "rocket-fire", "event_type", ("rocket-fire",)),
        ("damage", "a wall fell", "damage", ("a wall fell",)),
        ("killed", "2", "killed_low, killed_best, killed_high", (None, 2, None)),
        ("injured", "7", "injured_low, injured_best, injured_high", (7, 7, 9)),
    ],
)
def test_the_incidents_own_value_follows(
    field: str, value: str, columns: str, expected: tuple[object, ...], seeded: Path
) -> None:
    with closing(sqlite3.connect(seeded)) as connection, connection:
        connection.execute(
            "UPDATE incident SET injured_low = 8, injured_best = 8, injured_high = 9 WHERE key = ?", (VICTORY,)
        )
    add(seeded, field, value, rank="deprecated")
    with Store.open(seeded, write=True) as store:
        picking.pick(store, claim_of(store, field, value), "because")
        assert own(store, columns) == expected


def test_what_a_system_did_follows_for_that_system_alone(seeded: Path) -> None:
    add(seeded, "outcome:c-ram", "not_engaged")
    add(seeded, "count:fixed-wing-drone", "3")
    with Store.open(seeded, write=True) as store:
        picking.pick(store, claim_of(store, "outcome:c-ram", "not_engaged"), "it was off")
        picking.pick(store, claim_of(store, "count:fixed-wing-drone", "3"), "seen")
        found = store.connection.execute(
            "SELECT s.key, x.outcome, x.count_low, x.count_best, x.count_high FROM incident_system AS x"
            " JOIN system AS s ON s.id = x.system_id JOIN incident AS i ON i.id = x.incident_id WHERE i.key = ?"
            " ORDER BY s.key",
            (VICTORY,),
        ).fetchall()
        assert found == [
            ("avenger", "missed", None, None, None),
            ("c-ram", "not_engaged", None, None, None),
            ("fixed-wing-drone", "hit", 2, 3, 3),
        ]


@pytest.mark.parametrize(
    ("field", "value", "polarity", "reason", "told"),
    [
        ("date", "2021-06-23", "asserts", "   ", "say in a few words"),
        ("date", "2021-06-23", "denies", "why", "denies gives no value"),
        ("attacker", None, "declines", "why", "declines gives no value"),
        ("attacker", None, "asserts", "why", "names no value"),
        ("date", "soon", "asserts", "why", "not a date"),
        ("place", "nowhere", "asserts", "why", "no place has the key"),
        ("killed", "some", "asserts", "why", "not a whole number"),
        ("killed", "9" * 40, "asserts", "why", "not a whole number"),
        ("outcome:c-ram", "asleep", "asserts", "why", "no outcome"),
    ],
)
def test_what_cannot_be_picked_changes_nothing(
    field: str, value: str | None, polarity: str, reason: str, told: str, seeded: Path
) -> None:
    add(seeded, field, value, polarity)
    with Store.open(seeded, write=True) as store:
        before = list(store.connection.iterdump())
        with pytest.raises(UsageError, match=told):
            picking.pick(store, claim_of(store, field, value), reason)
        assert list(store.connection.iterdump()) == before


def test_a_claim_that_is_gone_is_said_so(seeded: Path) -> None:
    with Store.open(seeded, write=True) as store, pytest.raises(UsageError, match="gone"):
        picking.pick(store, 10**9, "why")


def test_a_weapon_is_picked_by_rank_and_the_systems_stay(seeded: Path) -> None:
    with Store.open(seeded, write=True) as store:
        key = "asad-drone-2021-05-08"
        systems = store.connection.execute("SELECT * FROM incident_system").fetchall()
        picking.pick(store, claim_of(store, "weapon", "rocket", key), "the defences were said to face rockets")
        assert store.connection.execute("SELECT * FROM incident_system").fetchall() == systems
        matrix = claims.matrix(store.connection, read.incident_id(store.connection, key))
        assert matrix is not None
        weapon = next(field for field in matrix.fields if field.name == "weapon")
        assert [told.speaker for told in weapon.told if told.picked] == ["Press TV"]


def test_the_reason_told_is_that_of_the_pick_that_stands(seeded: Path) -> None:
    add(seeded, "damage", "none")
    add(seeded, "damage", "roof")
    with Store.open(seeded, write=True) as store:
        incident = int(store.connection.execute("SELECT id FROM incident WHERE key = ?", (VICTORY,)).fetchone()[0])

        def told() -> str | None:
            found = picking.picks(store.connection, incident).get("damage")
            return None if found is None else f"{found.value}: {found.why}"

        assert told() is None
        picking.pick(store, claim_of(store, "damage", "none"), f"as of {VICTORY}: the first: reason")
        assert told() == f"none: as of {VICTORY}: the first: reason"
        picking.pick(store, claim_of(store, "damage", "roof"), "the second")
        assert told() == "roof: the second"
        undo.undo(store)
        assert told() == f"none: as of {VICTORY}: the first: reason"
        undo.undo(store)
        assert told() is None
        undo.redo(store)
        assert told() == f"none: as of {VICTORY}: the first: reason"
        with store.write("delete it") as connection:
            connection.execute("UPDATE incident SET key = 'other' WHERE id = ?", (incident,))
        assert told() == f"none: as of {VICTORY}: the first: reason", "whatever the incident is called by now"
        others = store.connection.execute("SELECT id FROM incident WHERE id <> ?", (incident,)).fetchall()
        assert not any(picking.picks(store.connection, other) for (other,) in others)


def test_a_number_written_in_two_ways_is_picked_as_it_was(seeded: Path) -> None:
    for value in ("3", "003"):
        add(seeded, "injured", value)
    with Store.open(seeded, write=True) as store:
        with store.write("a key with a colon") as connection:
            connection.execute("UPDATE incident SET key = 'case: 7' WHERE key = ?", (VICTORY,))
        picking.pick(store, claim_of(store, "injured", "003", "case: 7"), "third")
        incident = int(store.connection.execute("SELECT id FROM incident WHERE key = 'case: 7'").fetchone()[0])
        matrix = claims.matrix(store.connection, incident)
        assert matrix is not None
        (field,) = (field for field in matrix.fields if field.name == "injured")
        picked = {told.claim.value: pick.why for told in field.told if (pick := matrix.pick_of(told)) is not None}
        assert picked == {"003": "third"}


def test_what_a_system_did_as_a_defence_leaves_what_it_did_as_a_weapon(seeded: Path) -> None:
    add(seeded, "outcome:c-ram", "missed")
    add(seeded, "count:c-ram", "2")
    with Store.open(seeded, write=True) as store:
        with store.write("both") as connection:
            connection.execute(
                "INSERT INTO incident_system (incident_id, system_id, role, outcome, count_best)"
                " SELECT i.id, s.id, 'munition', 'hit', 9 FROM incident AS i, system AS s"
                " WHERE i.key = ? AND s.key = 'c-ram'",
                (VICTORY,),
            )
        missed = claim_of(store, "outcome:c-ram", "missed")
        picking.pick(store, missed, "seen")
        picking.pick(store, claim_of(store, "count:c-ram", "2"), "counted")
        found = store.connection.execute(
            "SELECT role, outcome, count_best FROM incident_system WHERE system_id ="
            " (SELECT id FROM system WHERE key = 'c-ram') AND incident_id = ? ORDER BY role",
            (read.incident_id(store.connection, VICTORY),),
        ).fetchall()
        assert found == [("air_defence", "missed", 2), ("munition", "hit", 9)]
        incident = read.incident(store.connection, read.incident_id(store.connection, VICTORY))
        assert incident is not None
        assert Own(incident).values("outcome:c-ram") == ("missed",)
