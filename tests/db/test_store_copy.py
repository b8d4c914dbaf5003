"""A copy that is a store: it opens, verifies, has what was shown and all that hangs on it, and says what it is from."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from db import edit, exporting, log, undo
from db.attach import attach
from db.engine import open_engine
from db.errors import UsageError
from db.formats import out_store
from db.query import parse
from db.records import records
from db.store import Store
from db.verify import findings
from tests.support.chance_store import ChanceStore

COPY = exporting.named("sqlite")


def copied(store: Store, query: str, target: Path, *, texts: bool = True) -> exporting.Exported:
    return exporting.export(store, exporting.shown(open_engine(store).answer(parse(query))), COPY, target, texts=texts)


def whole(path: Path, query: str = "") -> list[dict[str, object]]:
    with Store.open(path) as store:
        return list(records(store.connection, exporting.shown(open_engine(store).answer(parse(query))).matches))


@pytest.fixture
def worked(seeded: Path) -> Path:
    """The seeds with a star, a tag, a note, links, a view and a document's text."""
    with Store.open(seeded, write=True) as store:
        with store.write("marks") as connection:
            connection.execute("INSERT INTO star (incident_id, at) SELECT id, '2026-01-01' FROM incident")
            connection.execute("INSERT INTO tag (name) VALUES ('checked'), ('nobody has it')")
            connection.execute("INSERT INTO incident_tag (incident_id, tag_id) SELECT id, 1 FROM incident")
            connection.execute("INSERT INTO note (incident_id, text, at) SELECT id, 'n', '2026-01-01' FROM incident")
            connection.execute("INSERT INTO incident_link (from_id, to_id, kind) VALUES (1, 2, 'related')")
            connection.execute("INSERT INTO view (name, query) VALUES ('mine', 'drone')")
        (key,) = store.connection.execute("SELECT key FROM document LIMIT 1").fetchone()
        attach(store, b"A text of its own.", key)
    return seeded


@pytest.mark.parametrize("query", ["", "type:drone-strike", "place:erbil", "is:disputed", "date:2021-05-08"])
def test_a_copy_verifies_and_shows_what_was_shown(query: str, worked: Path, tmp_path: Path) -> None:
    target = tmp_path / "copy.db"
    with Store.open(worked) as store:
        done = copied(store, query, target)
        assert [path.name for path in tmp_path.iterdir() if "copy.db" in path.name] == ["copy.db"]
        faults = {(f.what, f.where) for f in findings(store.connection) if f.wrong}
    expected = whole(worked, query)
    assert done.rows == len(expected) > 0
    assert [{**record, "match": "certain"} for record in whole(target)] == [
        {**record, "match": "certain"} for record in expected
    ]
    with Store.open(target) as copy:
        # What is wrong with the source's quotes is wrong here too, and nothing else is.
        assert {(f.what, f.where) for f in findings(copy.connection) if f.wrong} <= faults
        assert copy.connection.execute("SELECT count(*) FROM view").fetchone() == (0,)
        assert copy.connection.execute("SELECT count(*) FROM star").fetchone() == (done.rows,)
        assert copy.connection.execute("SELECT name FROM tag").fetchall() == [("checked",)]


def test_nothing_comes_along_that_hangs_on_other_incidents(worked: Path, tmp_path: Path) -> None:
    with Store.open(worked) as store:
        copied(store, "place:erbil", tmp_path / "copy.db")
    with Store.open(tmp_path / "copy.db") as copy:
        counts = {
            table: copy.connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in out_store.TABLES
        }
        (used,) = copy.connection.execute(
            "SELECT count(*) FROM document WHERE id NOT IN (SELECT document_id FROM quote)"
        ).fetchone()
    with Store.open(worked) as store:
        for table in ("incident", "quote", "claim", "actor", "place", "note"):
            assert 0 < counts[table] < store.connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0], table
    assert used == 0


def test_the_first_row_of_the_log_says_what_it_was_taken_from(worked: Path, tmp_path: Path) -> None:
    with Store.open(worked) as store:
        store.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        copied(store, "drone", tmp_path / "copy.db", texts=False)
        last = store.connection.execute("SELECT id, hash FROM log ORDER BY id DESC LIMIT 1").fetchone()
    with Store.open(tmp_path / "copy.db") as copy:
        rows = copy.connection.execute("SELECT what, after, prev_hash FROM log ORDER BY id").fetchall()
        assert not list(log.broken_rows(copy.connection))
        (count,) = copy.connection.execute("SELECT count(*) FROM incident").fetchone()
    assert len(rows) == 1
    what, after, prev = rows[0]
    assert what == f"copy of {count} incidents from {worked.name}: drone"
    assert prev == log.GENESIS
    told = json.loads(after)[0]["row"]
    assert told["sha256"] == hashlib.sha256(worked.read_bytes()).hexdigest()
    assert (told["log_id"], told["log_hash"]) == last
    assert (told["query"], told["incidents"], told["texts"]) == ("drone", count, False)


def test_without_texts_the_quotes_are_unverified_and_the_hash_stays(worked: Path, tmp_path: Path) -> None:
    with Store.open(worked) as store:
        copied(store, "", tmp_path / "with.db")
        copied(store, "", tmp_path / "without.db", texts=False)
    with closing(sqlite3.connect(tmp_path / "with.db")) as connection:
        texts, hashes = connection.execute("SELECT count(text), count(text_sha256) FROM document").fetchone()
    assert texts == 1
    with closing(sqlite3.connect(tmp_path / "without.db")) as connection:
        assert connection.execute("SELECT count(text), count(text_sha256) FROM document").fetchone() == (0, hashes)
    assert b"A text of its own." not in (tmp_path / "without.db").read_bytes()
    assert b"A text of its own." in (tmp_path / "with.db").read_bytes()


def test_a_file_that_exists_is_never_overwritten(worked: Path, tmp_path: Path) -> None:
    target = tmp_path / "copy.db"
    target.write_bytes(b"something")
    with Store.open(worked) as store:
        with pytest.raises(UsageError, match="never overwritten"):
            copied(store, "", target)
        with pytest.raises(UsageError, match="never overwritten"):
            copied(store, "", worked)
        with pytest.raises(UsageError, match="-o FILE"):
            exporting.export(store, exporting.Shown("", []), COPY, None)
        with pytest.raises(UsageError, match="cannot write"):
            copied(store, "", tmp_path / "no such folder" / "copy.db")
    assert target.read_bytes() == b"something"


def test_a_copy_is_worked_on_like_any_store(worked: Path, tmp_path: Path) -> None:
    with Store.open(worked) as store:
        copied(store, "drone", tmp_path / "copy.db")
    with Store.open(tmp_path / "copy.db", write=True) as copy, copy.write("rename") as connection:
        connection.execute("UPDATE incident SET title = 'Zeppelin over Erbil'")
    with Store.open(tmp_path / "copy.db") as copy:
        found = exporting.shown(open_engine(copy).answer(parse("zeppelin"))).matches
        assert len(found) == copy.connection.execute("SELECT count(*) FROM incident").fetchone()[0] > 3
        assert not list(log.broken_rows(copy.connection))


def test_every_table_either_comes_along_or_stays(worked: Path) -> None:
    with Store.open(worked) as store:
        tables = {
            name
            for (name,) in store.connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
            if not name.startswith(("sqlite_", "_sqlite", "incident_text"))
        }
    assert tables == {*out_store.TABLES, *out_store.STAY}


@given(st.integers(0, 10_000), st.sampled_from(["", "drone", "killed:>0", "is:disputed", "date:2021-05"]))
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_stores_made_by_chance_come_along_as_they_are(tmp_path: Path, seed: int, query: str) -> None:
    source, target = tmp_path / "chance.db", tmp_path / "copy.db"
    for path in (source, target):
        for suffix in ("", "-wal", "-shm"):
            path.with_name(path.name + suffix).unlink(missing_ok=True)
    ChanceStore(source, seed).close()
    with Store.open(source) as store:
        what = exporting.shown(open_engine(store).answer(parse(query)))
        exporting.export(store, what, COPY, target)
    ids = {match.id for match in what.matches}
    with closing(sqlite3.connect(source)) as before, closing(sqlite3.connect(target)) as after:
        for connection in (before, after):
            connection.text_factory = bytes
        columns = "id, key, kind, title, summary, event_type, date_edtf, place_id, killed_best, origin, extra"
        rows = [row for row in before.execute(f"SELECT {columns} FROM incident ORDER BY id") if row[0] in ids]
        assert after.execute(f"SELECT {columns} FROM incident ORDER BY id").fetchall() == rows
        for table in ("quote", "claim", "incident_actor", "incident_system", "incident_tag", "note", "star"):
            own = [row for row in before.execute(f"SELECT incident_id, * FROM {table} ORDER BY rowid") if row[0] in ids]
            assert after.execute(f"SELECT incident_id, * FROM {table} ORDER BY rowid").fetchall() == own, table
        words = "SELECT rowid, title, summary, quotes FROM incident_text ORDER BY rowid"
        assert after.execute(words).fetchall() == [row for row in before.execute(words) if row[0] in ids]


def test_a_copy_names_countries_as_the_store_does(worked: Path, tmp_path: Path) -> None:
    with Store.open(worked, write=True) as store:
        with store.write("name") as connection:
            connection.execute("UPDATE country SET name = 'Mesopotamia' WHERE code = 'IQ'")
        copied(store, "", tmp_path / "copy.db")
    assert whole(tmp_path / "copy.db", "country:mesopotamia") == whole(worked, "country:mesopotamia") != []


def test_a_copy_has_no_write_to_undo(seeded: Path, tmp_path: Path) -> None:
    target = tmp_path / "copy.db"
    with Store.open(seeded) as store:
        copied(store, "type:drone-strike", target)
    with Store.open(target, write=True) as store:
        with pytest.raises(UsageError, match="there is nothing to undo"):
            undo.undo(store)
        with pytest.raises(UsageError, match="changed no rows that could be put back"):
            undo.undo(store, 1)
        edit.star(store, 1, True)
        assert undo.undo(store).of == 2
        assert undo.next_undo(store.connection) is None
