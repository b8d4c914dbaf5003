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
from db.verify import findings
from seed.load import load

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


@pytest.mark.parametrize(
    ("sql", "allowed"),
    [
        ("DELETE FROM incident; INSERT INTO incident (id, key, title) VALUES (1, 'x', 'X')", False),
        ("DELETE FROM incident; INSERT INTO incident (id, key, title) VALUES (1, 'x', 'One')", False),
        ("UPDATE incident SET key = 'x', title = 'X'", True),
        ("INSERT OR REPLACE INTO incident (id, key, title) VALUES (1, 'one', 'Replaced')", True),
        ("UPDATE incident SET key = 'other-key'", True),
        ("UPDATE incident SET title = 'Other title'", True),
    ],
)
def test_another_that_one_seed_put_in_the_place_is_another(sql: str, allowed: bool, one: Store) -> None:
    """The log tells of a row deleted and one inserted under its number as of one that was changed."""
    edit.add_note(one, 1, "about one")
    undo.undo(one)
    undone = one.connection.execute("SELECT max(id) FROM log").fetchone()[0]
    with one.write("seed") as connection:
        for statement in sql.split("; "):
            connection.execute(statement)
    seeded = one.connection.execute("SELECT max(id) FROM log").fetchone()[0]
    if not allowed:
        with pytest.raises(UsageError, match="the number of another"):
            undo.undo(one, undone)
        undo.undo(one, seeded)  # the one that it was is back
    undo.undo(one, undone)
    assert one.connection.execute("SELECT text FROM note").fetchall() == [("about one",)]


@pytest.fixture
def imports(tmp_path: Path) -> Iterator[Callable[[str], None]]:
    """Imports one row of a data set with an actor."""
    (tmp_path / "m.toml").write_text(
        'origin = "o"\n[columns]\nid = "id"\ntitle = "title"\n[actors]\nattacker = "who"\n'
    )
    with Store.create(tmp_path / "imports.db") as opened:

        def came(row: str) -> None:
            (tmp_path / "rows.csv").write_text(f"id,title,who\n{row}\n")
            import_file(opened, tmp_path / "rows.csv", named("csv"), Options(mapping=tmp_path / "m.toml"))

        came.store = opened  # type: ignore[attr-defined]
        yield came


def test_an_import_is_not_done_again_for_names_that_are_others_now(imports: Callable[[str], None]) -> None:
    store: Store = imports.store  # type: ignore[attr-defined]
    imports("1,A,Karsa")
    imports("3,C,Karsa")
    undo.undo(store)
    again = store.connection.execute("SELECT max(id) FROM log").fetchone()[0]
    undo.undo(store)
    imports("2,B,Belmont")
    before = whole(store)
    with pytest.raises(UsageError, match="actor 'belmont' has the number of another"):
        undo.undo(store, again)
    assert whole(store) == before


def test_names_of_an_import_that_stayed_and_went_since_are_others_now(imports: Callable[[str], None]) -> None:
    store: Store = imports.store  # type: ignore[attr-defined]
    imports("1,A,Karsa")
    imports("3,C,Karsa")
    undo.undo(store, 1)  # its actor stays, for the other has it
    again = store.connection.execute("SELECT max(id) FROM log").fetchone()[0]
    with store.write("gone") as connection:
        connection.execute("DELETE FROM incident")
        connection.execute("DELETE FROM actor")
    with store.write("others") as connection:
        connection.execute("INSERT INTO actor (key, name) VALUES ('zed', 'Zed')")
    before = whole(store)
    with pytest.raises(UsageError, match="actor 'zed' has the number of another"):
        undo.undo(store, again)
    assert whole(store) == before


def test_a_number_that_came_back_with_a_redone_import_is_another_ones(imports: Callable[[str], None]) -> None:
    store: Store = imports.store  # type: ignore[attr-defined]

    def last() -> int:
        return int(store.connection.execute("SELECT max(id) FROM log").fetchone()[0])

    imports("1,A,Karsa")
    edit.add_note(store, 1, "about A")
    undo.undo(store)
    no_note = last()
    undo.undo(store)
    no_a = last()
    imports("2,B,Belmont")
    undo.undo(store)
    no_b = last()
    undo.undo(store, no_a)
    undo.undo(store, no_note)
    undo.undo(store)
    no_note = last()
    undo.undo(store, 1 if last() == 1 else max(no_a, _redo_of(store, 1)))
    undo.undo(store, no_b)
    with pytest.raises(UsageError, match="the number of another"):
        undo.undo(store, no_note)
    assert store.connection.execute("SELECT count(*) FROM note").fetchone() == (0,)


def _redo_of(store: Store, root: int) -> int:
    found = store.connection.execute("SELECT max(id) FROM log WHERE what LIKE ?", (f"redo {root}:%",)).fetchone()
    return int(found[0])


def test_a_later_import_that_uses_what_an_earlier_one_made_is_named(imports: Callable[[str], None]) -> None:
    store: Store = imports.store  # type: ignore[attr-defined]
    imports("1,A,Karsa")
    imports("1,A,Belmont")  # the actor is captured, as the incident is rewritten
    imports("2,B,Belmont")
    with pytest.raises(UsageError, match=r"incident actor \d+ has been changed since by log 3 \(import rows.csv"):
        undo.undo(store, 2)
    undo.undo(store, 3)
    undo.redo(store)  # that import stands by the log row of its redo, too
    with pytest.raises(UsageError, match="since by log 3 "):
        undo.undo(store, 2)
    undo.undo(store, 3)
    undo.undo(store, 2)
    assert store.connection.execute("SELECT name FROM actor").fetchall() == [("Karsa",)]


def test_an_import_done_again_does_not_stand_against_itself(store: Store) -> None:
    undo.undo(store)
    undo.redo(store)
    store.connection.execute("UPDATE incident SET summary = 'mine' WHERE id = 1")
    with pytest.raises(UsageError, match="keeps no log"):
        undo.undo(store)


@pytest.mark.parametrize("form", ["csv", "jsonl"])
def test_an_import_beside_numbers_below_0_is_taken_out(form: str, tmp_path: Path) -> None:
    (tmp_path / "m.toml").write_text('origin = "o"\n[columns]\nid = "id"\ntitle = "title"\n')
    (tmp_path / "rows.csv").write_text("id,title\n1,A\n2,B\n")
    (tmp_path / "rows.jsonl").write_text('{"dateline":1}\n{"incident":{"key":"a","title":"A"}}\n')
    with Store.create(tmp_path / "s.db") as store:
        with store.write("below") as connection:
            connection.execute("INSERT INTO incident (id, key, title) VALUES (-7, 'below', 'Below')")
        options = Options(mapping=tmp_path / "m.toml" if form == "csv" else None)
        import_file(store, tmp_path / f"rows.{form}", named(form), options)
        assert incidents(store) > 1
        undo.undo(store)
        assert [key for (key,) in store.connection.execute("SELECT key FROM incident")] == ["below"]
        assert not [finding for finding in findings(store.connection) if finding.wrong]


@pytest.mark.parametrize("do", ["note", "tag", "actor"])
def test_what_hangs_on_a_row_that_one_seed_put_in_anothers_place_stands_against_its_undo(do: str, one: Store) -> None:
    with one.write("names") as connection:
        connection.execute("INSERT INTO actor (key, name) VALUES ('zed', 'Zed')")
    with one.write("seed") as connection:
        connection.execute("DELETE FROM incident")
        connection.execute("INSERT INTO incident (id, key, title) VALUES (1, 'other', 'One')")
        connection.execute("DELETE FROM actor")
        connection.execute("INSERT INTO actor (id, key, name) VALUES (1, 'quentin', 'Quentin')")
    seeded = one.connection.execute("SELECT max(id) FROM log").fetchone()[0]
    if do == "note":
        edit.add_note(one, 1, "about other")
    elif do == "tag":
        edit.tag(one, 1, ["t"])
    else:
        with one.write("tie") as connection:
            connection.execute("INSERT INTO incident_actor (incident_id, actor_id, role) VALUES (1, 1, 'attacker')")
    before = whole(one)
    with pytest.raises(UsageError, match="has been changed since"):
        undo.undo(one, seeded)
    assert whole(one) == before
    undo.undo(one)
    undo.undo(one, seeded)
    assert one.connection.execute("SELECT key FROM incident").fetchall() == [("one",)]
    edit.add_note(one, 1, "about one")
    again = one.connection.execute("SELECT max(id) FROM log WHERE what LIKE 'undo %: seed'").fetchone()[0]
    with pytest.raises(UsageError, match="has been changed since"):
        undo.undo(one, again)  # would have the note be about the other


SAME = {
    "rows as they are": ("UPDATE incident SET title = title; UPDATE quote SET exact = exact, prefix = prefix;", []),
    "one of them changed": ("UPDATE incident SET title = iif(id = 2, 'x', title) WHERE id < 4;", ["x"]),
    "upsert": (
        "INSERT INTO incident (key, title) SELECT key, title FROM incident WHERE true"
        " ON CONFLICT (key) DO UPDATE SET title = excluded.title;",
        [],
    ),
    "beside one's own": (
        "INSERT INTO incident (key, title) VALUES ('mine', 'Mine'); UPDATE incident SET title = title;"
        " UPDATE incident SET title = 'Yours' WHERE key = 'mine'; UPDATE incident_actor SET role = role;",
        ["Yours"],
    ),
}


@pytest.mark.parametrize(("sql", "changed"), SAME.values(), ids=SAME)
def test_a_seed_that_changes_nothing_in_an_import_is_no_hindrance(
    sql: str, changed: list[str], store: Store, tmp_path: Path
) -> None:
    file = tmp_path / "my.sql"
    file.write_text(sql, encoding="utf-8")
    load(store, [file])
    found = store.connection.execute("SELECT title FROM change JOIN incident ON id = incident_id").fetchall()
    assert [title for (title,) in found] == changed
    if "x" in changed:
        with pytest.raises(UsageError, match="undo that one first"):
            undo.undo(store, 1)
        undo.undo(store)
    undo.undo(store, 1)
    assert incidents(store) == changed.count("Yours")
    assert not [finding for finding in findings(store.connection) if finding.wrong]


def test_a_log_row_is_read_once_however_many_documents_it_changed(store: Store) -> None:
    """A release that gave each of 3,000 rows another source kept the undo busy for ever: it was read for each document."""
    with store.write("days") as connection:
        connection.execute("UPDATE document SET published_edtf = '2021-07-01'")
    documents = store.connection.execute("SELECT count(*) FROM document").fetchone()[0]
    undo.undo(store)
    asked: list[str] = []
    store.connection.set_trace_callback(asked.append)
    undo.undo(store)
    store.connection.set_trace_callback(None)
    assert incidents(store) == 0
    # Both sides of the release and of its undo.
    assert sum("json_each" in sql and "published_edtf" in sql for sql in asked) <= 4 < documents
