"""Undo and redo: every row comes back as it stood, the log only grows, and later work is never lost."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from db import edit, history, linking, log, read, undo
from db.attach import attach
from db.errors import UsageError
from db.settle import settle
from db.store import Store
from seed.load import bundled, load
from tests.support.logged import content, faults

VICTORY = "victory-drones-2021-06-21"


@pytest.fixture
def store(seeded: Path) -> Store:
    opened = Store.open(seeded, write=True)
    # A tag that is new is a write of its own.
    opened.connection.execute("INSERT INTO tag (name) VALUES ('red'), ('blue')")
    return opened


WRITES: dict[str, Callable[[Store, int], object]] = {
    "star": lambda store, incident: edit.star(store, incident, True),
    "tag": lambda store, incident: edit.tag(store, incident, ["red", "blue"]),
    "note": lambda store, incident: edit.add_note(store, incident, "what\nhe said"),
    "assess": lambda store, incident: edit.assess(store, incident, grade="weak", credibility=None, status="draft"),
}


@pytest.mark.parametrize("name", WRITES)
def test_undo_and_redo_of_each_of_the_analysts_marks(name: str, store: Store, victory: int) -> None:
    before = content(store)
    WRITES[name](store, victory)
    after = content(store)
    assert after != before
    undone = undo.undo(store)
    assert content(store) == before
    assert (undone.how, undone.of) == ("undo", 2)
    assert undo.redo(store).how == "redo"
    assert content(store) == after
    assert undo.undo(store).of == 2
    assert content(store) == before
    assert faults(store) == []
    assert store.connection.execute("SELECT count(*) FROM log").fetchone() == (5,)


def test_undo_walks_back_through_all_writes_and_redo_forward_again(store: Store, victory: int) -> None:
    states = [content(store)]
    for write in WRITES.values():
        write(store, victory)
        states.append(content(store))
    for state in reversed(states[:-1]):
        undo.undo(store)
        assert content(store) == state
    for state in states[1:]:
        undo.redo(store)
        assert content(store) == state
    with pytest.raises(UsageError, match="nothing to do again"):
        undo.redo(store)


def test_a_new_write_ends_what_could_be_done_again(store: Store, victory: int) -> None:
    edit.star(store, victory, True)
    undo.undo(store)
    edit.add_note(store, victory, "n")
    with pytest.raises(UsageError, match="nothing to do again"):
        undo.redo(store)
    # It can still be done again by the number of its undoing.
    assert undo.undo(store, 3).how == "redo"
    assert store.connection.execute("SELECT incident_id FROM star").fetchall() == [(victory,)]


def test_an_older_write_is_undone_alone(store: Store, victory: int) -> None:
    edit.tag(store, victory, ["red"])
    edit.add_note(store, victory, "n")
    undo.undo(store, 2, reason="the wrong one")
    incident = read.incident(store.connection, victory)
    assert incident is not None and incident.tags == () and [note.text for note in incident.notes] == ["n"]
    assert history.entry(store.connection, 4).what == f"undo 2: tag {VICTORY}: red (why: the wrong one)"


def test_a_later_write_of_the_same_row_is_named_and_nothing_changed(store: Store, victory: int) -> None:
    edit.assess(store, victory, grade="discounted")
    edit.assess(store, victory, credibility=5)
    before = content(store)
    with pytest.raises(UsageError, match=rf"incident '{VICTORY}' has been changed since by log 3 \(assess .*; tester"):
        undo.undo(store, 2)
    assert content(store) == before
    assert store.connection.execute("SELECT count(*) FROM log").fetchone() == (3,)
    undo.undo(store, 3)
    undo.undo(store, 2)


def test_what_hangs_on_a_row_that_would_go_is_not_lost_with_it(store: Store) -> None:
    with store.write("a new incident") as connection:
        connection.execute("INSERT INTO incident (key, title) VALUES ('fresh', 'Fresh')")
    edit.add_note(store, read.incident_id(store.connection, "fresh"), "worth keeping")
    with pytest.raises(
        UsageError, match=r"the note of incident 'fresh' has been changed since by log 3 \(note on fresh"
    ):
        undo.undo(store, 2)
    undo.undo(store)
    undo.undo(store)
    assert store.connection.execute("SELECT count(*) FROM incident WHERE key = 'fresh'").fetchone() == (0,)


def test_a_row_does_not_come_back_to_what_is_gone(store: Store) -> None:
    with store.write("a new incident") as connection:
        connection.execute("INSERT INTO incident (key, title) VALUES ('fresh', 'Fresh')")
    note = edit.add_note(store, read.incident_id(store.connection, "fresh"), "n")
    edit.delete_note(store, note)
    undo.undo(store, 3 + 1)  # the note is back
    undo.undo(store, 3 + 2)  # and gone
    undo.undo(store, 3 + 3)  # and back
    with store.write("away with it") as connection:
        connection.execute("DELETE FROM incident WHERE key = 'fresh'")
    before = content(store)
    with pytest.raises(UsageError, match="by log"):
        undo.undo(store, 3)
    assert content(store) == before


def test_who_took_away_what_a_row_hung_on_is_named(store: Store) -> None:
    with store.write("a new incident") as connection:
        connection.execute("INSERT INTO incident (key, title) VALUES ('fresh', 'Fresh')")
    edit.delete_note(store, edit.add_note(store, read.incident_id(store.connection, "fresh"), "n"))
    with store.write("away with it") as connection:
        connection.execute("DELETE FROM incident WHERE key = 'fresh'")
    before = content(store)
    with pytest.raises(UsageError, match=r"incident 'fresh' has been changed since by log 5 \(away with it"):
        undo.undo(store, 4)
    assert content(store) == before


@pytest.mark.parametrize("begins", history.NO_STEP)
def test_whatever_an_incident_is_called_what_was_done_to_it_is_next_to_undo(begins: str, store: Store) -> None:
    with store.write("call it so") as connection:
        connection.execute("UPDATE incident SET key = ? WHERE id = 1", (f"{begins} 1",))
    edit.star(store, 2, True)
    linking.link(store, 1, 2, linking.DISTINCT)
    linking.unlink(store, 1, 2, linking.DISTINCT)
    linking.link(store, 1, 2, "related")
    edit.assess(store, 1, grade="weak")
    assert [undo.undo(store).of for _ in range(6)] == [7, 6, 5, 4, 3, 2]


def test_what_the_program_writes_of_itself_is_never_next_to_undo(store: Store, victory: int) -> None:
    edit.star(store, victory, True)
    edit.tag(store, victory, ["green"])
    store.connection.execute("UPDATE incident SET date_prec = NULL WHERE id = ?", (victory,))
    with Store.open(store.path, write=True) as opened:
        whats = [what for (what,) in opened.connection.execute("SELECT what FROM log WHERE id > 2 ORDER BY id")]
        assert whats == ["new tag green", f"tag {VICTORY}: green", "settle dates"]
        assert [undo.undo(opened).of for _ in range(2)] == [4, 2]
        assert undo.undo(opened, 3).what == "new tag green", "by its number it can be"


def test_a_reason_in_bytes_that_are_not_utf_8_is_kept(store: Store, victory: int) -> None:
    edit.star(store, victory, True)
    undone = undo.undo(store, reason="so \udcff")
    assert (undone.of, undone.seq) == (2, 3)
    assert history.entry(store.connection, 3).what.startswith(f"undo 2: star {VICTORY} (why: so ")


def test_a_change_without_the_log_is_said_to_be_one(store: Store, victory: int) -> None:
    edit.assess(store, victory, grade="weak")
    store.connection.execute("UPDATE incident SET grade = 'fair' WHERE id = ?", (victory,))
    with pytest.raises(UsageError, match="by a program that keeps no log"):
        undo.undo(store)


def test_undone_writes_are_refused_by_name(store: Store, victory: int) -> None:
    edit.star(store, victory, True)
    undo.undo(store)
    with pytest.raises(UsageError, match=r"log 2 was undone already, by log 3; `dateline undo 3` does it again"):
        undo.undo(store, 2)
    undo.undo(store, 3)
    with pytest.raises(UsageError, match=r"log 3 was undone already, by log 4"):
        undo.undo(store, 3)
    with pytest.raises(UsageError, match="no row 99"):
        undo.undo(store, 99)


def test_only_ones_own_writes_are_next(store: Store, victory: int) -> None:
    edit.star(store, victory, True)
    with store.write("tag by another", who="somebody") as connection:
        connection.execute("INSERT INTO tag (name) VALUES ('theirs')")
    step = undo.next_undo(store.connection, "tester")
    assert step is not None and step.what == f"star {VICTORY}"
    anyone = undo.next_undo(store.connection)
    assert anyone is not None and anyone.what == "tag by another"
    undo.undo(store, step.seq)
    edit.add_note(store, victory, "n")  # by the tester: ends the tester's redo
    assert undo.next_redo(store.connection, "tester") is None
    with pytest.raises(UsageError, match="no write of nobody to undo"):
        undo.undo(store, who="nobody")


def test_the_bundled_seed_can_be_undone_and_done_again(store: Store) -> None:
    before = content(store)
    undo.undo(store)
    assert store.connection.execute("SELECT count(*) FROM incident").fetchone() == (0,)
    assert faults(store) == []
    undo.redo(store)
    assert content(store) == before
    assert faults(store) == []


def test_a_column_that_the_schema_got_later_does_not_stand_against_an_undo() -> None:
    logged: dict[str, object] = {"id": 1, "name": "a"}
    assert log.same({"id": 1, "name": "a", "colour": None}, logged)
    assert not log.same({"id": 1, "name": "a", "colour": "red"}, logged)
    assert not log.same({"id": 1, "name": "b"}, logged)
    assert not log.same(None, logged) and log.same(None, None)


# -- imports --------------------------------------------------------------------------------------------------------


# -- by chance ------------------------------------------------------------------------------------------------------


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    steps=st.lists(
        st.tuples(st.sampled_from(["star", "tag", "note", "assess", "undo", "redo", "any"]), st.integers(1, 12)),
        max_size=14,
    )
)
def test_whatever_is_done_the_chain_holds_and_rows_match_the_log(
    template: Path, tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[str, int]]
) -> None:
    path = tmp_path_factory.mktemp("chance") / "s.db"
    path.write_bytes(template.read_bytes())
    with Store.open(path, write=True) as store:
        store.connection.execute("INSERT INTO tag (name) VALUES ('red'), ('blue'), ('t0'), ('t1'), ('t2')")
        start = content(store)
        for name, number in steps:
            try:
                if name == "undo":
                    step = undo.next_undo(store.connection)
                    if step is not None and step.seq != 1:
                        undo.undo(store)
                elif name == "redo":
                    undo.redo(store)
                elif name == "any":
                    undo.undo(store, number + 1)
                elif name == "star":
                    edit.star(store, number, number % 2 == 0)
                elif name == "tag":
                    edit.tag(store, number, [f"t{number % 3}"])
                else:
                    WRITES[name](store, number)
            except UsageError:
                continue
        assert faults(store) == []
        # Undone from the newest on, all that stands goes, and nothing is left of it.
        while (step := undo.next_undo(store.connection)) is not None and step.seq != 1:
            undo.undo(store)
        assert content(store) == start


def test_seeding_again_after_an_undo(store: Store) -> None:
    undo.undo(store)
    load(store, bundled())
    assert store.connection.execute("SELECT count(*) FROM incident").fetchone() == (45,)
    with pytest.raises(UsageError):
        undo.turn(store, 1, "redo")
    assert faults(store) == []


def test_a_row_whose_number_was_given_out_anew_in_one_write_comes_back(store: Store) -> None:
    """Deleting what the number's new owner hangs on took the row along, and undo said that all was well."""
    connection = store.connection
    (attribution,) = connection.execute("SELECT max(id) FROM attribution").fetchone()
    (old,) = connection.execute("SELECT quote_id FROM attribution WHERE id = ?", (attribution,)).fetchone()
    of = connection.execute("SELECT incident_id, document_id FROM quote WHERE id = ?", (old,)).fetchone()
    before = content(store)
    with store.write("replace a quote") as writing:
        writing.execute("DELETE FROM quote WHERE id = ?", (old,))
        new = writing.execute(
            "INSERT INTO quote (incident_id, document_id, exact) VALUES (?, ?, 'new words')", of
        ).lastrowid
        writing.execute(
            "INSERT INTO attribution (id, quote_id, step, actor_id, verb) SELECT ?, ?, 1, min(id), 'said' FROM actor",
            (attribution, new),
        )
        settle(writing, strict=False)
    after = content(store)
    undo.undo(store)
    assert content(store) == before
    undo.redo(store)
    assert content(store) == after
    assert not faults(store)


def test_the_full_text_comes_back_with_quotes_that_went_before_their_incident(store: Store, victory: int) -> None:
    connection = store.connection
    before = content(store)
    with store.write("quotes first") as writing:
        writing.execute("DELETE FROM claim WHERE incident_id = ?", (victory,))
        writing.execute("DELETE FROM quote WHERE incident_id = ?", (victory,))
        writing.execute("DELETE FROM incident WHERE id = ?", (victory,))
    after = content(store)
    undo.undo(store)
    assert content(store) == before
    word = "SELECT rowid FROM incident_text WHERE incident_text MATCH 'quotes : victory'"
    assert (victory,) in connection.execute(word).fetchall()
    undo.redo(store)
    assert content(store) == after
    assert not faults(store)


def test_what_cannot_be_put_back_is_said_and_nothing_is_changed(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    edit.star(store, 1, True)
    before = content(store)
    monkeypatch.setattr(log, "insert", lambda *_: None)
    with store.write("unstar") as connection:
        connection.execute("DELETE FROM star")
    with pytest.raises(UsageError, match="star 1 cannot be put back as it was"):
        undo.undo(store)
    assert content(store) == {**before, "star": []}


def test_a_text_without_the_words_of_a_quote_is_done_again_behind_the_one_that_has_them(store: Store) -> None:
    """What was undone and done again in between is nothing that stands against it."""
    with store.write("one") as connection:
        connection.execute("INSERT INTO document (key, title) VALUES ('d', 'D')")
        connection.execute("INSERT INTO incident (key, title) VALUES ('i', 'I')")
        connection.execute("INSERT INTO quote (incident_id, document_id, exact) SELECT i.id, d.id, 'a drone fell'"
                           " FROM incident AS i, document AS d WHERE i.key = 'i' AND d.key = 'd'")  # fmt: skip
    attach(store, b"Yesterday a drone fell.", "d")
    attach(store, b"Nothing of that.", "d")
    whole = content(store)
    for _ in range(2):
        undo.undo(store)
    for _ in range(2):
        undo.redo(store)
    assert content(store) == whole
