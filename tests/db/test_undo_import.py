"""The undo of an import, where what it brought was touched by way of something else."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from db import edit, log, undo
from db.errors import UsageError
from db.formats.record import Options
from db.formats.registry import named
from db.importing import import_file
from db.store import Store

GED = Path(__file__).parents[1] / "data" / "ged_iraq_hdx.csv"
DAY = "UPDATE document SET published_edtf = '2021-07-01' WHERE id = (SELECT document_id FROM quote ORDER BY id LIMIT 1)"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.create(tmp_path / "s.db") as opened:
        import_file(opened, GED, named("ucdp-ged"), Options())
        yield opened


def incidents(store: Store) -> int:
    return int(store.connection.execute("SELECT count(*) FROM incident").fetchone()[0])


@pytest.mark.parametrize("again", [False, True])
def test_a_document_whose_day_was_changed_and_put_back_is_no_hindrance(again: bool, store: Store) -> None:
    """The day of a document bounds those of its incidents, which are noted as changed; no log row names them."""
    if again:
        undo.undo(store)
        undo.redo(store)
    with store.write("day") as connection:
        connection.execute(DAY)
    undo.undo(store)
    undo.undo(store)
    assert incidents(store) == 0


def test_what_another_program_did_to_such_an_incident_is_kept(store: Store) -> None:
    with store.write("title") as connection:
        connection.execute("UPDATE document SET title = 'x'")
    undo.undo(store)
    store.connection.execute("UPDATE incident SET summary = 'mine' WHERE id = 1")
    with pytest.raises(UsageError, match="keeps no log"):
        undo.undo(store)
    assert incidents(store) > 0


def given_out_anew(store: Store) -> None:
    """The only incident goes with its import, and another gets its number."""
    with store.write("another") as connection:
        connection.execute("INSERT INTO incident (key, title) VALUES ('another', 'Another')")


@pytest.fixture
def one(tmp_path: Path) -> Iterator[Store]:
    """A store whose only incident has number 1, made by log 1."""
    with Store.create(tmp_path / "one.db") as opened:
        with opened.write("one") as connection:
            connection.execute("INSERT INTO incident (key, title) VALUES ('one', 'One')")
        yield opened


@pytest.mark.parametrize(
    "do",
    [
        lambda store: edit.add_note(store, 1, "about one"),
        lambda store: edit.star(store, 1, True),
        lambda store: edit.tag(store, 1, ["t"]),
        lambda store: edit.assess(store, 1, grade="confirmed"),
    ],
    ids=["note", "star", "tag", "grade"],
)
def test_what_was_undone_is_not_done_again_to_another_incident(do: Callable[[Store], object], one: Store) -> None:
    do(one)
    (written,) = one.connection.execute("SELECT max(id) FROM log").fetchone()
    undo.undo(one)  # what was done
    undone = one.connection.execute("SELECT max(id) FROM log").fetchone()[0]
    undo.undo(one, 1)  # the incident
    given_out_anew(one)
    before = whole(one)
    with pytest.raises(UsageError, match=r"the number of another|has been changed"):
        undo.undo(one, undone)
    assert whole(one) == before
    undo.undo(one)  # the other goes, and the one that it was comes back
    undo.undo(one, 1 if written == 1 else _last_undo_of(one, 1))
    undo.undo(one, undone)
    assert [key for (key,) in one.connection.execute("SELECT key FROM incident")] == ["one"]


def _last_undo_of(store: Store, root: int) -> int:
    found = store.connection.execute("SELECT max(id) FROM log WHERE what LIKE ?", (f"undo {root}:%",)).fetchone()
    return int(found[0])


def whole(store: Store) -> list[list[tuple[object, ...]]]:
    return [store.connection.execute(f"SELECT * FROM {table} ORDER BY 1").fetchall() for table in log.TABLES]


def test_a_tag_that_another_incident_was_given_is_not_taken_back(one: Store) -> None:
    edit.tag(one, 1, ["t"])
    tagged = one.connection.execute("SELECT max(id) FROM log").fetchone()[0]
    with one.write("delete") as connection:
        connection.execute("DELETE FROM incident")
    given_out_anew(one)
    edit.tag(one, 1, ["t"])
    before = whole(one)
    with pytest.raises(UsageError, match="the number of another"):
        undo.undo(one, tagged)
    assert whole(one) == before


def test_what_a_row_pointed_to_must_be_what_it_was(one: Store) -> None:
    with one.write("places") as connection:
        connection.execute("INSERT INTO place (key, name) VALUES ('p1', 'P1'), ('p2', 'P2')")
        connection.execute("UPDATE incident SET place_id = 1")
    with one.write("moved") as connection:
        connection.execute("UPDATE incident SET place_id = 2")
    moved = one.connection.execute("SELECT max(id) FROM log").fetchone()[0]
    with one.write("gone") as connection:
        connection.execute("DELETE FROM place WHERE id = 1")
        connection.execute("INSERT INTO place (id, key, name) VALUES (5, 'p5', 'P5')")
    gone = one.connection.execute("SELECT max(id) FROM log").fetchone()[0]
    with one.write("new") as connection:
        connection.execute("INSERT INTO place (id, key, name) VALUES (1, 'p3', 'P3')")
    with pytest.raises(UsageError, match="place 'p3' has the number of another"):
        undo.undo(one, moved)
    undo.undo(one)
    undo.undo(one, gone)
    undo.undo(one, moved)  # the place that it was is back
    assert one.connection.execute("SELECT p.key FROM incident JOIN place AS p ON p.id = place_id").fetchone() == ("p1",)
