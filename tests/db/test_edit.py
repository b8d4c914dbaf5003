"""The analyst's marks: what is kept, what is refused, and that unknown can be said again."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from db import edit, log, read
from db.errors import UsageError
from db.model import Incident
from db.store import Store

VICTORY = "victory-drones-2021-06-21"


@pytest.fixture
def store(seeded: Path) -> Store:
    return Store.open(seeded, write=True)


def seen(store: Store, incident: int) -> Incident:
    found = read.incident(store.connection, incident)
    assert found is not None
    return found


def log_rows(store: Store) -> int:
    return int(store.connection.execute("SELECT count(*) FROM log").fetchone()[0])


def test_a_tag_in_another_spelling_is_the_same_tag(store: Store, victory: int) -> None:
    assert edit.tag(store, victory, ["#Côte d'Ivoire", "red  team"]) == ["Côte d'Ivoire", "red team"]
    assert edit.tag(store, victory, ["cote d’ivoire", "Red-Team"]) == []
    assert edit.tag(store, victory + 1, ["RED TEAM"]) == ["red team"]
    assert seen(store, victory + 1).tags == ("red team",)
    assert [(t.name, t.incidents, t.own) for t in edit.taggings(store.connection, victory)] == [
        ("Côte d'Ivoire", 1, True),
        ("red team", 2, True),
    ]
    assert edit.untag(store, victory, ["red_team", "nothing"]) == ["red team"]
    assert [(t.name, t.incidents, t.own) for t in edit.taggings(store.connection, victory)][1] == ("red team", 1, False)


@pytest.mark.parametrize("name", ["", "  ", "#", "a\x1b[2Jb", "a\u202eb", "x" * 101, "\u0301", "\x00"])
def test_names_that_no_tag_may_have(store: Store, victory: int, name: str) -> None:
    rows = log_rows(store)
    with pytest.raises(UsageError):
        edit.tag(store, victory, ["good", name])
    assert edit.taggings(store.connection, victory) == []
    assert log_rows(store) == rows


def test_a_note_is_kept_as_it_is_written(store: Store, victory: int) -> None:
    text = "first\r\n\tsecond  \n\nعربي \x1b[31m"
    note = edit.add_note(store, victory, f"\n{text}\n\n")
    assert [n.text for n in seen(store, victory).notes] == ["first\n\tsecond  \n\nعربي \x1b[31m"]
    edit.edit_note(store, note, "other")
    assert [n.text for n in seen(store, victory).notes] == ["other"]
    rows = log_rows(store)
    edit.edit_note(store, note, "other")
    assert log_rows(store) == rows
    edit.delete_note(store, note)
    assert seen(store, victory).notes == ()
    with pytest.raises(UsageError, match="that note is gone"):
        edit.delete_note(store, note)
    with pytest.raises(UsageError, match="that note is gone"):
        edit.edit_note(store, note, "x")
    with pytest.raises(UsageError, match="needs some words"):
        edit.add_note(store, victory, " \n ")


def test_an_assessment_sets_what_is_named_and_can_be_unknown_again(store: Store, victory: int) -> None:
    edit.assess(store, victory, grade="contested", credibility=6, status="draft")
    assert (seen(store, victory).grade, seen(store, victory).credibility, seen(store, victory).status) == (
        "contested", 6, "draft",
    )  # fmt: skip
    edit.assess(store, victory, grade=None)
    assert (seen(store, victory).grade, seen(store, victory).credibility) == (None, 6)
    edit.assess(store, victory, credibility=None, status="reviewed")
    assert (seen(store, victory).credibility, seen(store, victory).status) == (None, "reviewed")
    rows = log_rows(store)
    edit.assess(store, victory)
    edit.assess(store, victory, status="reviewed")
    assert log_rows(store) == rows
    with pytest.raises(UsageError, match="no grade"):
        edit.assess(store, victory, grade="splendid")
    with pytest.raises(UsageError, match="no credibility"):
        edit.assess(store, victory, credibility=7)
    with pytest.raises(UsageError, match="no status"):
        edit.assess(store, victory, status="done")


def test_the_incident_may_be_gone(store: Store) -> None:
    writes: list[Callable[[], object]] = [
        lambda: edit.star(store, 9999, True),
        lambda: edit.tag(store, 9999, ["x"]),
        lambda: edit.untag(store, 9999, ["x"]),
        lambda: edit.add_note(store, 9999, "x"),
        lambda: edit.assess(store, 9999, grade="fair"),
    ]
    for write in writes:
        with pytest.raises(UsageError, match="that incident is gone"):
            write()


def test_a_tag_of_plain_sql_is_given_and_taken_by_its_own_name(store: Store, victory: int) -> None:
    with store.write("tags") as connection:
        connection.execute("INSERT INTO tag (name) VALUES ('#hot'), ('hot'), ('##x')")
    assert edit.tag(store, victory, ["#hot", "##x"]) == ["#hot", "##x"]
    assert edit.tag(store, victory, ["hot"]) == ["hot"]
    assert edit.untag(store, victory, ["#hot"]) == ["#hot"]
    assert edit.untag(store, victory, ["##x", "#new"]) == ["##x"]
    assert seen(store, victory).tags == ("hot",)


def test_a_tag_that_another_takes_away_meanwhile_is_made_anew(
    store: Store, victory: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    edit.tag(store, victory, ["hot"])
    edit.untag(store, victory, ["hot"])
    begin = Store.write

    def write(self: Store, what: str = "") -> AbstractContextManager[sqlite3.Connection]:
        """What another program wrote while this one waited for its lock."""
        monkeypatch.setattr(Store, "write", begin)
        with self.write("rename") as connection:
            connection.execute("UPDATE tag SET name = 'cold' WHERE name = 'hot'")
        return self.write(what)

    monkeypatch.setattr(Store, "write", write)
    assert edit.tag(store, victory, ["hot"]) == ["hot"]
    assert seen(store, victory).tags == ("hot",)
    assert not list(log.broken_rows(store.connection))


def test_of_two_spellings_the_one_named_goes(store: Store, victory: int) -> None:
    with store.write("two") as connection:
        connection.execute("INSERT INTO tag (name) VALUES ('Hot'), ('hot')")
        connection.execute(
            f"INSERT INTO incident_tag (incident_id, tag_id) SELECT {victory}, id FROM tag WHERE name LIKE 'hot'"
        )
    assert edit.untag(store, victory, ["hot"]) == ["hot"]
    assert seen(store, victory).tags == ("Hot",)
    assert edit.untag(store, victory, ["hot"]) == ["Hot"]
