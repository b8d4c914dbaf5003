"""The undo of a whole import: what it brought goes and comes back, and what others came to use or change stays."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from db import edit, history, log, log_about, undo, undo_load
from db.errors import UsageError
from db.formats.record import Options
from db.formats.registry import named
from db.importing import import_file
from db.store import Store
from tests.support.data_sets import GED
from tests.support.logged import content, faults

VICTORY = "victory-drones-2021-06-21"


@pytest.fixture
def store(seeded: Path) -> Store:
    """The bundled incidents, and two tags: one that is new would be a write of its own."""
    opened = Store.open(seeded, write=True)
    opened.connection.execute("INSERT INTO tag (name) VALUES ('red'), ('blue')")
    return opened


def bring(store: Store, path: Path = GED) -> int:
    """Import a file and return the number of its log row."""
    import_file(store, path, named("ucdp-ged"), Options())
    return int(store.connection.execute("SELECT max(id) FROM log").fetchone()[0])


def test_an_import_goes_and_comes_back_without_its_file(store: Store) -> None:
    before = content(store)
    seq = bring(store)
    after = content(store)
    undo.undo(store)
    assert content(store) == before
    assert faults(store) == []
    undo.redo(store)
    assert content(store) == after
    assert faults(store) == []
    undo.undo(store, seq)
    assert content(store) == before


def test_the_undo_of_an_import_is_kept_in_parts(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(undo_load, "PART_CHARACTERS", 3_000)
    seq = bring(store)
    after = content(store)
    undo.undo(store)
    parts = [e for e in history.entries(store.connection) if e.mark is not None]
    assert len(parts) > 5
    longest = store.connection.execute("SELECT max(length(before)) FROM log WHERE id > ?", (seq,)).fetchone()[0]
    assert longest < 12_000
    assert all(not e.undone for e in parts)
    # Any part stands for the whole.
    assert undo.undo(store, parts[3].id).how == "redo"
    assert content(store) == after
    assert list(log.broken_rows(store.connection)) == []


def test_an_import_that_was_worked_on_is_kept_until_that_work_is_undone(store: Store) -> None:
    seq = bring(store)
    (incident,) = store.connection.execute("SELECT max(id) FROM incident").fetchone()
    edit.star(store, incident, True)
    with pytest.raises(UsageError, match=r"has been changed since by log 3 \(star "):
        undo.undo(store, seq)
    undo.undo(store)
    edit.assess(store, incident, grade="weak")
    with pytest.raises(UsageError, match=r"has been changed since by log 5 \(assess "):
        undo.undo(store, seq)
    undo.undo(store)
    undo.undo(store, seq)


def test_an_import_that_another_program_changed_is_kept(store: Store) -> None:
    seq = bring(store)
    store.connection.execute("UPDATE incident SET grade = 'weak' WHERE id = (SELECT max(id) FROM incident)")
    with pytest.raises(UsageError, match="by a program that keeps no log"):
        undo.undo(store, seq)


def test_names_that_others_came_to_use_stay(store: Store, victory: int) -> None:
    seq = bring(store)
    (actor,) = store.connection.execute("SELECT max(id) FROM actor").fetchone()
    with store.write("use it") as connection:
        connection.execute(
            "INSERT INTO incident_actor (incident_id, actor_id, role) VALUES (?, ?, 'claimant')", (victory, actor)
        )
    undo.undo(store, seq)
    assert store.connection.execute("SELECT count(*) FROM actor WHERE id = ?", (actor,)).fetchone() == (1,)
    assert faults(store) == []
    assert undo.undo(store, store.connection.execute("SELECT max(id) FROM log").fetchone()[0]).how == "redo"
    assert faults(store) == []


def test_an_import_whose_place_was_taken_does_not_come_back(store: Store, tmp_path: Path) -> None:
    bring(store)
    undo.undo(store)
    with store.write("others") as connection:
        connection.execute("INSERT INTO incident (key, title) VALUES ('other', 'Other')")
    before = content(store)
    with pytest.raises(UsageError, match="other rows have taken the place of its own"):
        undo.turn(store, 2, "redo")
    assert content(store) == before
    assert faults(store) == []


def test_the_rewriting_of_a_newer_release_is_undone_with_it(store: Store, tmp_path: Path) -> None:
    bring(store)
    before = content(store)
    with GED.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    rows[1]["best"] = str(int(rows[1]["best"]) + 7)
    newer = tmp_path / "newer.csv"
    with newer.open("w", encoding="utf-8", newline="") as out:
        writer = csv.DictWriter(out, rows[0].keys())
        writer.writeheader()
        writer.writerows([*rows, {**rows[2], "id": "999999999"}])
    seq = bring(store, newer)
    after = content(store)
    assert after != before
    undo.undo(store, seq)
    assert content(store) == before
    undo.redo(store)
    assert content(store) == after
    assert faults(store) == []


def test_the_log_of_one_incident(store: Store, victory: int) -> None:
    bring(store)
    edit.star(store, victory, True)
    edit.tag(store, victory, ["red"])
    edit.tag(store, victory + 1, ["red"])
    assert [entry.id for entry in log_about.about(store.connection, VICTORY)] == [4, 3, 1]
    (key,) = store.connection.execute("SELECT key FROM incident ORDER BY id DESC").fetchone()
    assert [entry.id for entry in log_about.about(store.connection, key)] == [2]
    with pytest.raises(UsageError, match="no incident"):
        list(log_about.about(store.connection, "nowhere"))
    with store.write("gone") as connection:
        connection.execute("DELETE FROM incident WHERE id = ?", (victory,))
    assert [entry.id for entry in log_about.about(store.connection, VICTORY)] == [6, 4, 3, 1]
