"""The cache of columns and postings: never trusted when it is old, damaged or another store's, and never in the way."""

from __future__ import annotations

import shutil
import sqlite3
import stat
from contextlib import closing
from pathlib import Path

import pytest

from db import edit
from db.engine.columns import ColumnsEngine
from db.engine.plain import PlainEngine
from db.fields import FACET_NAMES
from db.query import parse
from db.store import Store
from tests.support.cached_store import check, files, same, write
from tests.support.chance_store import copy_store


@pytest.fixture
def store(of_forty: Path) -> Path:
    """A store of its own for each test."""
    return of_forty


def test_a_second_start_reads_the_cache(store: Path, cache_folder: Path, builds: list[object]) -> None:
    """The store is read once; two files remain that only their owner can read."""
    check(store, cache_folder, gather=True)
    assert len(builds) == 1
    engine = check(store, cache_folder)
    assert len(builds) == 1
    assert engine.searches_fast
    assert files(cache_folder).keys() == {".columns", ".postings"}
    assert {stat.S_IMODE(path.stat().st_mode) for path in cache_folder.iterdir()} == {0o600}
    assert stat.S_IMODE(cache_folder.stat().st_mode) == 0o700


def test_warming_up_changes_no_answer(store: Path, cache_folder: Path) -> None:
    """What is worked out ahead of questions is worked out once, and answers stay what they were."""
    engine = check(store, cache_folder)
    assert sum(1 for _ in engine.warm_up()) == 2 * len(FACET_NAMES) + 1
    same(engine, store)


def test_the_cache_is_in_the_users_folder(store: Path, tmp_path: Path, builds: list[object]) -> None:
    """Without another folder the user's cache folder is taken, and found again."""
    for _ in range(2):
        with Store.open(store) as opened:
            ColumnsEngine(opened)
    assert len(builds) == 1
    assert len(list((tmp_path / "cache").rglob("*.columns"))) == 1


def test_changes_are_merged_into_a_cache(store: Path, cache_folder: Path, builds: list[object]) -> None:
    """What was written while no engine looked is caught up with from the change table."""
    check(store, cache_folder, gather=True)
    write(
        store,
        "DELETE FROM incident WHERE id = (SELECT id FROM incident LIMIT 1 OFFSET 7)",
        "UPDATE incident SET date_edtf = '1950' WHERE id = (SELECT id FROM incident LIMIT 1 OFFSET 9)",
        "UPDATE incident SET title = 'the drone' WHERE id = (SELECT id FROM incident LIMIT 1 OFFSET 11)",
        "INSERT INTO incident (key, title, date_edtf) VALUES ('late', 'the dross', '1066')",
    )
    engine = check(store, cache_folder)
    assert len(builds) == 1
    assert engine.searches_fast


def test_a_living_engine_catches_up(store: Path, cache_folder: Path, builds: list[object]) -> None:
    """`refresh` merges what another program wrote, word by word too, and says whether there was anything."""
    engine = check(store, cache_folder, gather=True)
    assert not engine.refresh()
    for n in range(12):
        write(
            store,
            f"INSERT INTO incident (key, title, date_edtf) VALUES ('n{n}', 'the drone no {n}', '2021-05-{n + 1:02}')",
            f"UPDATE incident SET summary = 'dross the {n}' WHERE id = (SELECT id FROM incident LIMIT 1 OFFSET {n * 3})",
        )
        assert not engine.behind()
        assert engine.refresh()
        same(engine, store)
    assert len(builds) == 1
    assert engine.searches_fast


def test_a_change_of_names_reads_all_anew(store: Path, cache_folder: Path, builds: list[object]) -> None:
    """A name that many incidents share cannot be merged: the engine says that it is behind, and reads the store."""
    engine = check(store, cache_folder)
    write(store, "UPDATE actor SET name = 'Renamed' WHERE id = (SELECT min(id) FROM actor)")
    assert engine.behind()
    assert engine.refresh()
    same(engine, store)
    assert len(builds) == 2
    write(store, "INSERT OR IGNORE INTO actor_alias (actor_id, alias) SELECT id, 'Alpha' FROM actor")
    assert engine.refresh()
    same(engine, store)
    assert len(builds) == 2


def test_a_newer_cache_saves_reading(store: Path, cache_folder: Path, builds: list[object]) -> None:
    """An engine that is behind takes what another program, or thread, has made meanwhile."""
    engine = check(store, cache_folder)
    write(store, "UPDATE place SET name = 'Elsewhere' WHERE id = (SELECT min(id) FROM place)")
    check(store, cache_folder)
    assert len(builds) == 2
    assert engine.refresh()
    same(engine, store)
    assert len(builds) == 2


def test_a_star_is_seen(store: Path, cache_folder: Path, builds: list[object]) -> None:
    """The way the program itself sets stars, and takes them away, reaches an engine that is open."""
    write(store, "DELETE FROM star")
    engine = check(store, cache_folder)
    with Store.open(store, write=True) as opened:
        for incident_id in [row[0] for row in opened.connection.execute("SELECT id FROM incident LIMIT 5")]:
            for starred in (True, False, True):
                edit.star(opened, incident_id, starred)
                assert engine.refresh()
                same(engine, store)
    assert len(builds) == 1


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT OR IGNORE INTO star (incident_id, at) SELECT id, '' FROM incident",
        "INSERT OR IGNORE INTO incident_actor (incident_id, actor_id, role)"
        " SELECT i.id, a.id, 'claimant' FROM incident AS i, actor AS a",
        "INSERT OR IGNORE INTO quote (incident_id, document_id, exact) SELECT i.id, d.id, 'x' FROM incident AS i, document AS d",
        "INSERT OR IGNORE INTO incident_tag (incident_id, tag_id) SELECT i.id, t.id FROM incident AS i, tag AS t",
        "UPDATE OR IGNORE incident SET event_type = 'changed', date_edtf = '1999'",
        "INSERT INTO incident (key, title) SELECT key, title FROM incident WHERE 1"
        " ON CONFLICT (key) DO UPDATE SET kind = 'context', killed_best = 3",
    ],
)
def test_conflict_rules_do_not_hide_a_change(store: Path, cache_folder: Path, statement: str) -> None:
    """A statement's conflict rule holds inside the triggers that it fires, too; nothing gets lost by that."""
    write(store, "UPDATE incident SET status = 'draft'")  # so that each has its row in the change table already
    engine = check(store, cache_folder)
    write(store, statement)
    assert engine.refresh()
    same(engine, store)


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO incident (key, title) VALUES ('unseen', 'unseen')",
        "DELETE FROM incident WHERE id = (SELECT id FROM incident LIMIT 1 OFFSET 13)",
        "INSERT INTO note (incident_id, text, at) SELECT id, 'x', '' FROM incident",
        "DELETE FROM star",
    ],
)
def test_rows_written_without_triggers_are_found(store: Path, cache_folder: Path, statement: str) -> None:
    """Numbers of rows, highest ids and stars give away a program that took our triggers out."""
    engine = check(store, cache_folder)
    with closing(sqlite3.connect(store)) as connection, connection:
        for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            connection.execute(f"DROP TRIGGER {name}")
        connection.execute(statement)
    assert engine.refresh()
    with Store.open(store) as opened:
        expected = PlainEngine(opened.connection)
        for text in ("", "is:starred", "is:noted"):
            assert engine.answer(parse(text)).window(0, 999) == expected.answer(parse(text)).window(0, 999)


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT OR REPLACE INTO place (key, name) SELECT key, 'Replaced' FROM place ORDER BY id LIMIT 1",
        "INSERT OR REPLACE INTO actor (key, name) SELECT key, 'Replaced' FROM actor",
        "DELETE FROM system WHERE id = (SELECT min(id) FROM system)",
    ],
)
def test_names_replaced_without_triggers_are_found(
    store: Path, cache_folder: Path, builds: list[object], statement: str
) -> None:
    """A row of names that is gone, or has come back under another number, makes the engine read all anew."""
    engine = check(store, cache_folder)
    with closing(sqlite3.connect(store)) as connection, connection:
        for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            connection.execute(f"DROP TRIGGER {name}")
        connection.execute(statement)
    assert engine.refresh()
    assert len(builds) == 2
    same(engine, store)


def test_a_store_put_in_the_place_of_another(
    forty: Path, store: Path, cache_folder: Path, builds: list[object]
) -> None:
    """A store copied over another keeps the file, so its rows are looked at; one moved there is another file."""
    check(store, cache_folder, gather=True)
    other = store.with_name("other.db")
    copy_store(forty, other)
    write(other, "UPDATE incident SET title = 'other ' || title, date_edtf = '1999'", "DELETE FROM change")
    write(store, "INSERT INTO note (incident_id, text, at) SELECT id, 'x', '' FROM incident")
    check(store, cache_folder, gather=True)
    with closing(sqlite3.connect(other)) as source, closing(sqlite3.connect(store)) as target:
        inode = store.stat().st_ino
        source.backup(target)
    assert store.stat().st_ino == inode
    check(store, cache_folder)
    before = len(builds)
    copy_store(forty, other)
    shutil.move(other, store)
    check(store, cache_folder)
    assert len(builds) == before + 1


@pytest.mark.parametrize(
    "sql",
    [
        *(
            f"INSERT OR REPLACE INTO {table} SELECT * FROM (SELECT {columns} FROM {table} WHERE id = {used})"
            for table, columns, used in (
                ("actor", "id, key, 'Replaced', kind, part_of", "(SELECT min(actor_id) FROM incident_actor)"),
                ("system", "id, key, 'Replaced', class, part_of", "(SELECT min(system_id) FROM incident_system)"),
                ("tag", "id, 'replaced'", "(SELECT min(tag_id) FROM incident_tag)"),
            )
        ),
        "INSERT OR REPLACE INTO place (id, key, name, kind) SELECT id, key, 'Replaced', kind FROM place WHERE id ="
        " (SELECT min(place_id) FROM incident)",
        "UPDATE country SET name = 'Replaced'",
        "INSERT OR REPLACE INTO actor_alias (id, actor_id, alias) SELECT id, actor_id, 'Replaced' FROM actor_alias",
    ],
)
def test_a_name_that_plain_sql_replaces_is_the_new_one(sql: str, store: Path, cache_folder: Path) -> None:
    """REPLACE deletes without a word: the row that comes has the number, and the incidents, of the one that went."""
    with closing(sqlite3.connect(store)) as connection, connection:
        connection.execute("UPDATE place SET country_code = 'IQ'")
        connection.execute("INSERT INTO actor_alias (actor_id, alias) SELECT min(actor_id), 'X' FROM incident_actor")
    live = check(store, cache_folder)
    with closing(sqlite3.connect(store)) as connection, connection:  # without foreign keys, as sqlite3 has them
        assert connection.execute(sql).rowcount > 0
    texts = ("actor:replaced", "place:replaced", "system:replaced", "tag:replaced", "country:replaced", "actor:x")
    live.refresh()
    same(live, store, texts)
    with Store.open(store) as opened:
        later = ColumnsEngine(opened, folder=cache_folder)
        same(later, store, texts)
        assert any(later.answer(parse(text)).totals.rows for text in texts[:-1])


@pytest.mark.parametrize("table", ["incident_actor", "incident_system", "quote", "claim", "incident_tag", "note"])
@pytest.mark.parametrize("how", ["insert", "update"])
def test_what_plain_sql_takes_from_an_incident_by_replace_is_missed_there(
    table: str, how: str, store: Path, cache_folder: Path
) -> None:
    """The one that it goes to is told of by the row that comes, the one that it is taken from by nothing else."""
    with closing(sqlite3.connect(store)) as connection, connection:
        columns = [name for _, name, *_ in connection.execute(f"PRAGMA table_info({table})")]
        if table == "note":
            connection.execute("INSERT INTO note (incident_id, text, at) SELECT min(id), 'x', '' FROM incident")
        row_id, old = connection.execute(f"SELECT id, incident_id FROM {table} ORDER BY id").fetchone()
        (new,) = connection.execute("SELECT id FROM incident WHERE id <> ? ORDER BY id DESC", (old,)).fetchone()
        connection.execute(f"DELETE FROM {table} WHERE incident_id = ?", (new,))
        free = 10**9
        if how == "update":  # a row of the other, to which the number is given
            other = ", ".join(
                str({"id": free, "incident_id": new}[n]) if n in ("id", "incident_id") else f'"{n}"' for n in columns
            )
            connection.execute(f"INSERT INTO {table} SELECT {other} FROM {table} WHERE id = ?", (row_id,))
    live = check(store, cache_folder)
    taken = ", ".join(str(new) if name == "incident_id" else f'"{name}"' for name in columns)
    with closing(sqlite3.connect(store)) as connection, connection:
        if how == "insert":
            connection.execute(f"INSERT OR REPLACE INTO {table} SELECT {taken} FROM {table} WHERE id = ?", (row_id,))
        else:
            connection.execute(f"UPDATE OR REPLACE {table} SET id = ? WHERE id = ?", (row_id, free))
    live.refresh()
    texts = ("", "is:noted", "is:disputed", "quotes:0", "roots:0", "killed:>0")
    same(live, store, texts)
    with Store.open(store) as opened:
        same(ColumnsEngine(opened, folder=cache_folder), store, texts)


@pytest.mark.parametrize(
    ("field", "polarities", "table", "makes"),
    [
        ("weapon", ("asserts", "asserts"), "system", False),
        ("place", ("asserts", "asserts"), "place", False),
        ("claimant", ("asserts", "denies"), "actor", True),
    ],
)
def test_a_new_name_makes_or_ends_the_disputes_of_claims_that_had_its_key(
    field: str, polarities: tuple[str, str], table: str, makes: bool, store: Path, cache_folder: Path
) -> None:
    """Whether one of two values is part of the other is known once both are names."""
    with closing(sqlite3.connect(store)) as connection:
        connection.execute("DELETE FROM claim")
        for at, incident in enumerate(connection.execute("SELECT id FROM incident LIMIT 3").fetchall()):
            claims = list(zip(("whole", "part"), polarities, strict=True))
            for value, polarity in claims if at else claims * 120:  # more than so small a store merges incidents
                connection.execute(
                    "INSERT INTO claim (incident_id, field, value, polarity) VALUES (?, ?, ?, ?)",
                    (*incident, field, value, polarity),
                )
        connection.commit()
        query = parse("is:disputed")
        with Store.open(store) as opened:
            engine = ColumnsEngine(opened, folder=cache_folder)
            was = engine.answer(query).totals.rows
            connection.execute(f"INSERT INTO {table} (key, name) VALUES ('whole', 'Whole')")
            connection.execute(
                f"INSERT INTO {table} (key, name, part_of) SELECT 'part', 'Part', id FROM {table} WHERE key = 'whole'"
            )
            connection.commit()
            assert engine.refresh()
            now = engine.answer(query).totals.rows
            assert PlainEngine(opened.connection).answer(query).totals.rows == now
    assert (was, now) == ((0, 3) if makes else (3, 0))
