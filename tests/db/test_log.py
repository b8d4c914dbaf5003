"""The log: a chain that shows tampering, and changes that can be undone."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from db import edit, log, log_about, log_rows, undo
from db.errors import UsageError
from db.put_back import put_back
from db.store import Store
from db.verify import findings


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """A store with three writes in its log."""
    opened = Store.create(tmp_path / "s.db")
    for name in ("a", "b", "c"):
        with opened.write(f"tag {name}") as connection:
            connection.execute("INSERT INTO tag (name) VALUES (?)", (name,))
    return opened


def test_the_chain_begins_at_genesis_and_links_each_row_to_the_one_before(store: Store) -> None:
    rows = store.connection.execute("SELECT prev_hash, hash FROM log ORDER BY id").fetchall()
    assert [prev for prev, _ in rows] == [log.GENESIS, *(own for _, own in rows[:-1])]
    assert list(log.broken_rows(store.connection)) == []


@pytest.mark.parametrize("column", ["at", "who", "what", "before", "after", "prev_hash", "hash"])
@pytest.mark.parametrize("row", [1, 2, 3])
def test_a_changed_row_is_named(store: Store, column: str, row: int) -> None:
    store.connection.execute(f"UPDATE log SET {column} = {column} || ' ' WHERE id = ?", (row,))
    assert row in [broken for broken, _ in log.broken_rows(store.connection)]


@pytest.mark.parametrize("row", [1, 2])
def test_a_removed_row_is_noticed_at_the_next(store: Store, row: int) -> None:
    store.connection.execute("DELETE FROM log WHERE id = ?", (row,))
    assert [broken for broken, _ in log.broken_rows(store.connection)] == [row + 1]


def test_a_row_put_in_is_noticed(store: Store) -> None:
    store.connection.execute(
        "INSERT INTO log SELECT 9, at, who, what, before, after, prev_hash, hash FROM log WHERE id = 2"
    )
    assert [broken for broken, _ in log.broken_rows(store.connection)] == [9]


@given(st.lists(st.text(st.characters(exclude_categories=())) | st.none(), min_size=6, max_size=6), st.integers(0, 5))
@settings(max_examples=100, deadline=None)
def test_no_two_rows_share_a_hash(columns: list[str | None], which: int) -> None:
    columns = [columns[0] or "", columns[1] or "", columns[2] or "", columns[3] or "", *columns[4:]]
    changed = [*columns]
    changed[which] = (columns[which] or "") + "x"
    assert log.row_hash(*columns) != log.row_hash(*changed)  # type: ignore[arg-type]


def test_undo_puts_every_row_back(store: Store) -> None:
    before = store.connection.execute("SELECT * FROM tag").fetchall()
    with store.write("much") as connection:
        connection.execute("UPDATE tag SET name = 'z' WHERE name = 'a'")
        connection.execute("DELETE FROM tag WHERE name = 'b'")
        connection.execute("INSERT INTO tag (name) VALUES ('d')")
        connection.execute("INSERT INTO incident (key, title) VALUES ('i', 'I')")
        connection.execute("INSERT INTO incident_tag (incident_id, tag_id) SELECT 1, id FROM tag WHERE name = 'd'")
    (row,) = store.connection.execute("SELECT max(id) FROM log").fetchone()
    with store.write("undo") as connection:
        put_back(connection, log.changes_of(connection, row))
    assert store.connection.execute("SELECT * FROM tag").fetchall() == before
    assert store.connection.execute("SELECT count(*) FROM incident").fetchone() == (0,)
    assert list(log.broken_rows(store.connection)) == []


def test_what_was_changed_since_is_not_undone(store: Store) -> None:
    with store.write("rename") as connection:
        connection.execute("UPDATE tag SET name = 'z' WHERE name = 'a'")
    with pytest.raises(UsageError, match="changed since"), store.write("undo") as connection:
        put_back(connection, log.changes_of(connection, 1))
    assert store.connection.execute("SELECT count(*) FROM tag WHERE name = 'z'").fetchone() == (1,)
    with pytest.raises(UsageError, match="no row 99"):
        log.changes_of(store.connection, 99)


def test_undo_knows_a_coordinate_to_its_last_bit(store: Store) -> None:
    latitude = 0.1 + 0.2
    with store.write("place") as connection:
        connection.execute(
            "INSERT INTO place (key, name, latitude, longitude) VALUES ('p', 'P', ?, -1e-9)", (latitude,)
        )
    with store.write("move") as connection:
        connection.execute("UPDATE place SET latitude = 1")
    with store.write("undo") as connection:
        put_back(connection, log.changes_of(connection, 5))
    assert store.connection.execute("SELECT latitude, longitude FROM place").fetchone() == (latitude, -1e-9)
    with store.write("undo the rest") as connection:
        put_back(connection, log.changes_of(connection, 4))
    assert store.connection.execute("SELECT count(*) FROM place").fetchone() == (0,)


def test_the_log_of_an_incident_is_not_that_of_another_that_had_its_number(tmp_path: Path) -> None:
    """SQLite gives the number of a row that is gone to a new one."""
    with Store.create(tmp_path / "s.db") as store:
        with store.write("make first") as connection:
            connection.execute("INSERT INTO incident (id, key, title) VALUES (1, 'first', 'T')")
        edit.add_note(store, 1, "a note on the first")
        with store.write("delete first") as connection:
            connection.execute("DELETE FROM note")
            connection.execute("DELETE FROM incident")
        with store.write("make second") as connection:
            connection.execute("INSERT INTO incident (id, key, title) VALUES (1, 'second', 'T')")
        edit.star(store, 1, True)
        told = {key: [entry.what for entry in log_about.about(store.connection, key)] for key in ("first", "second")}
        assert told["first"] == ["delete first", "note on first", "make first"]
        assert told["second"] == ["star second", "make second"]
        (note,) = (entry.id for entry in log_about.about(store.connection, "first") if "note on" in entry.what)
        words = [said.text for said in log_rows.said(store.connection, note, 10)]
        assert "note of first" in words
        with pytest.raises(UsageError) as refused:
            undo.undo(store, note)
        assert "second" not in str(refused.value)


def test_the_log_of_an_incident_has_what_hangs_on_its_own_quotes(tmp_path: Path) -> None:
    """Also when a quote is gone, and its number another incident's: and there are as many quotes as may be."""
    with Store.create(tmp_path / "s.db") as store:
        with store.write("make") as connection:
            connection.execute("INSERT INTO incident (id, key, title) VALUES (1, 'a', 'T'), (2, 'b', 'T')")
            connection.execute("INSERT INTO document (id, key, publisher) VALUES (1, 'd', 'P'), (2, 'e', 'Q')")
            connection.execute("INSERT INTO actor (id, key, name) VALUES (1, 'x', 'X')")
            connection.executemany(
                "INSERT INTO quote (incident_id, document_id, exact) VALUES (1, 1, ?)", [(f"q{n}",) for n in range(700)]
            )
            connection.execute("INSERT INTO quote (id, incident_id, document_id, exact) VALUES (900, 2, 2, 'b')")
        steps = {
            "speaker of b": "INSERT INTO attribution (quote_id, step, actor_id) VALUES (900, 1, 1)",
            "pair": "INSERT INTO root_dismissal (quote_id, other_id, at) VALUES (700, 900, '2026-01-01T00:00:00Z')",
            "quote gone": "DELETE FROM quote WHERE id = 900",
            "its number to a": "INSERT INTO quote (id, incident_id, document_id, exact) VALUES (900, 1, 1, 'new')",
            "speaker of a": "INSERT INTO attribution (quote_id, step, actor_id) VALUES (900, 1, 1)",
        }
        for what, sql in steps.items():
            with store.write(what) as connection:
                if what == "quote gone":
                    connection.execute("DELETE FROM attribution")
                    connection.execute("DELETE FROM root_dismissal")
                connection.execute(sql)
        told = {key: [entry.what for entry in log_about.about(store.connection, key)][::-1] for key in "ab"}
        assert told["a"] == ["make", "pair", "quote gone", "its number to a", "speaker of a"]
        assert told["b"] == ["make", "speaker of b", "pair", "quote gone"]


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE incident SET extra = json_set(coalesce(extra, '{}'), '$.colour', 'blue')",
        "UPDATE incident SET summary = json_array('a', 1.50)",
        "INSERT INTO incident (key, title) VALUES ('new', json_object('a', 1))",
    ],
)
def test_a_text_that_a_json_function_gave_is_logged_as_that_text(store: Store, sql: str) -> None:
    with store.write("one") as connection:
        connection.execute("INSERT INTO incident (key, title) VALUES ('k', 't')")
    before = store.connection.execute("SELECT * FROM incident").fetchall()
    with store.write("by hand") as connection:
        connection.execute(sql)
    (log_id,) = store.connection.execute("SELECT max(id) FROM log").fetchone()
    for change in log.changes_of(store.connection, log_id):
        assert change.after == log.current(store.connection, change.table, change.rowid)
    assert not [finding for finding in findings(store.connection) if finding.wrong]
    undo.undo(store)
    assert store.connection.execute("SELECT * FROM incident").fetchall() == before
