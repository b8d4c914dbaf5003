"""The cache of columns and postings: never trusted when it is old, damaged or another store's, and never in the way."""

from __future__ import annotations

import os
import random
import shutil
import sqlite3
import stat
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from db import edit
from db.engine import columns, container
from db.engine.build import build
from db.engine.columns import ColumnsEngine
from db.engine.plain import PlainEngine
from db.engine.snapshot import Snapshot
from db.fields import FACET_NAMES
from db.query import parse
from db.store import Store
from tests.support.cached_store import EVERY_WORD, check, files, same, write
from tests.support.chance_store import ChanceStore, copy_store


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store of forty incidents to copy."""
    path = tmp_path_factory.mktemp("cache") / "original.db"
    with closing(ChanceStore(path, 2)) as made:
        made.connection.execute("BEGIN")
        for _ in range(40 - len(made.ids("incident"))):
            made.add_incident()
        made.connection.execute("COMMIT")
    return path


@pytest.fixture
def store(original: Path, tmp_path: Path) -> Path:
    """A store of its own for each test."""
    path = tmp_path / "store.db"
    copy_store(original, path)
    return path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A cache folder of its own for each test."""
    return tmp_path / "engine"


@pytest.fixture
def builds(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """Grows by one with every reading of a whole store."""
    done: list[object] = []

    def counting(*arguments: object, **named: object) -> Snapshot:
        done.append(arguments)
        return build(*arguments, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(columns, "build", counting)
    return done


def test_a_second_start_reads_the_cache(store: Path, folder: Path, builds: list[object]) -> None:
    """The store is read once; two files remain that only their owner can read."""
    check(store, folder, gather=True)
    assert len(builds) == 1
    engine = check(store, folder)
    assert len(builds) == 1
    assert engine.searches_fast
    assert files(folder).keys() == {".columns", ".postings"}
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o600}
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_warming_up_changes_no_answer(store: Path, folder: Path) -> None:
    """What is worked out ahead of questions is worked out once, and answers stay what they were."""
    engine = check(store, folder)
    assert sum(1 for _ in engine.warm_up()) == 2 * len(FACET_NAMES) + 1
    same(engine, store)


def test_the_cache_is_in_the_users_folder(store: Path, tmp_path: Path, builds: list[object]) -> None:
    """Without another folder the user's cache folder is taken, and found again."""
    for _ in range(2):
        with Store.open(store) as opened:
            ColumnsEngine(opened)
    assert len(builds) == 1
    assert len(list((tmp_path / "cache").rglob("*.columns"))) == 1


def test_changes_are_merged_into_a_cache(store: Path, folder: Path, builds: list[object]) -> None:
    """What was written while no engine looked is caught up with from the change table."""
    check(store, folder, gather=True)
    write(
        store,
        "DELETE FROM incident WHERE id = (SELECT id FROM incident LIMIT 1 OFFSET 7)",
        "UPDATE incident SET date_edtf = '1950' WHERE id = (SELECT id FROM incident LIMIT 1 OFFSET 9)",
        "UPDATE incident SET title = 'the drone' WHERE id = (SELECT id FROM incident LIMIT 1 OFFSET 11)",
        "INSERT INTO incident (key, title, date_edtf) VALUES ('late', 'the dross', '1066')",
    )
    engine = check(store, folder)
    assert len(builds) == 1
    assert engine.searches_fast


def test_a_living_engine_catches_up(store: Path, folder: Path, builds: list[object]) -> None:
    """`refresh` merges what another program wrote, word by word too, and says whether there was anything."""
    engine = check(store, folder, gather=True)
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


def test_a_change_of_names_reads_all_anew(store: Path, folder: Path, builds: list[object]) -> None:
    """A name that many incidents share cannot be merged: the engine says that it is behind, and reads the store."""
    engine = check(store, folder)
    write(store, "UPDATE actor SET name = 'Renamed' WHERE id = (SELECT min(id) FROM actor)")
    assert engine.behind()
    assert engine.refresh()
    same(engine, store)
    assert len(builds) == 2
    write(store, "INSERT OR IGNORE INTO actor_alias (actor_id, alias) SELECT id, 'Alpha' FROM actor")
    assert engine.refresh()
    same(engine, store)
    assert len(builds) == 2


def test_a_newer_cache_saves_reading(store: Path, folder: Path, builds: list[object]) -> None:
    """An engine that is behind takes what another program, or thread, has made meanwhile."""
    engine = check(store, folder)
    write(store, "UPDATE place SET name = 'Elsewhere' WHERE id = (SELECT min(id) FROM place)")
    check(store, folder)
    assert len(builds) == 2
    assert engine.refresh()
    same(engine, store)
    assert len(builds) == 2


def test_a_star_is_seen(store: Path, folder: Path, builds: list[object]) -> None:
    """The way the program itself sets stars, and takes them away, reaches an engine that is open."""
    write(store, "DELETE FROM star")
    engine = check(store, folder)
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
def test_conflict_rules_do_not_hide_a_change(store: Path, folder: Path, statement: str) -> None:
    """A statement's conflict rule holds inside the triggers that it fires, too; nothing gets lost by that."""
    write(store, "UPDATE incident SET status = 'draft'")  # so that each has its row in the change table already
    engine = check(store, folder)
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
def test_rows_written_without_triggers_are_found(store: Path, folder: Path, statement: str) -> None:
    """Numbers of rows, highest ids and stars give away a program that took our triggers out."""
    engine = check(store, folder)
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
    store: Path, folder: Path, builds: list[object], statement: str
) -> None:
    """A row of names that is gone, or has come back under another number, makes the engine read all anew."""
    engine = check(store, folder)
    with closing(sqlite3.connect(store)) as connection, connection:
        for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            connection.execute(f"DROP TRIGGER {name}")
        connection.execute(statement)
    assert engine.refresh()
    assert len(builds) == 2
    same(engine, store)


def test_a_store_put_in_the_place_of_another(original: Path, store: Path, folder: Path, builds: list[object]) -> None:
    """A store copied over another keeps the file, so its rows are looked at; one moved there is another file."""
    check(store, folder, gather=True)
    other = store.with_name("other.db")
    copy_store(original, other)
    write(other, "UPDATE incident SET title = 'other ' || title, date_edtf = '1999'", "DELETE FROM change")
    write(store, "INSERT INTO note (incident_id, text, at) SELECT id, 'x', '' FROM incident")
    check(store, folder, gather=True)
    with closing(sqlite3.connect(other)) as source, closing(sqlite3.connect(store)) as target:
        inode = store.stat().st_ino
        source.backup(target)
    assert store.stat().st_ino == inode
    check(store, folder)
    before = len(builds)
    copy_store(original, other)
    shutil.move(other, store)
    check(store, folder)
    assert len(builds) == before + 1


def test_a_flipped_bit_anywhere_is_noticed(store: Path, folder: Path, builds: list[object]) -> None:
    """A damaged cache is made anew, silently; the answers are right all the while."""
    check(store, folder, gather=True)
    chance = random.Random(7)
    kept = {suffix: path.read_bytes() for suffix, path in files(folder).items()}
    for suffix, content in kept.items():
        path = files(folder)[suffix]
        places = {*range(0, 36, 2), len(content) - 1, *chance.sample(range(len(content)), 12)}
        for place in sorted(places):
            damaged = bytearray(content)
            damaged[place] ^= 1 << chance.randrange(8)
            path.write_bytes(damaged)
            builds.clear()
            with Store.open(store) as opened:
                engine = ColumnsEngine(opened, folder=folder, thresholds=EVERY_WORD)
                same(engine, store, ("the", "is:starred"))
            assert len(builds) == (suffix == ".columns"), place
            path.write_bytes(content)


@pytest.mark.parametrize("content", [b"", b"DATELINE", b"\0" * 4_000, b"SQLite format 3\0" + b"x" * 99])
def test_a_file_that_is_no_cache(store: Path, folder: Path, content: bytes) -> None:
    """Files cut short, empty or of another kind are made anew."""
    check(store, folder, gather=True)
    kept = {path: path.read_bytes() for path in folder.iterdir()}
    for path, whole in kept.items():
        for damaged in (content, whole[: len(whole) // 2], whole[:-1]):
            path.write_bytes(damaged)
            check(store, folder)
        path.write_bytes(whole)


def test_a_cache_that_lies_is_no_error(store: Path, folder: Path) -> None:
    """Whole by its checksums, but not what the engine writes: it is made anew all the same."""
    check(store, folder, gather=True)
    lies: tuple[object, ...] = (None, [], {"seq": 0}, {"seq": "x", "log": 3, "samples": []})
    for about in lies:
        for path in list(folder.iterdir()):
            with container.writing(path) as writer:
                writer.finish(about)
        check(store, folder)


def test_another_version_is_not_read(
    store: Path, folder: Path, builds: list[object], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What an older or newer program has kept is left alone until it is written over."""
    check(store, folder)
    monkeypatch.setattr(container, "FORMAT", container.FORMAT + 1)
    check(store, folder)
    assert len(builds) == 2
    check(store, folder)
    assert len(builds) == 2


def test_no_folder_to_write_to(store: Path, tmp_path: Path) -> None:
    """Where nothing can be kept the engine works from memory, and without postings."""
    blocked = tmp_path / "a file"
    blocked.write_text("in the way")
    for folder in (blocked, blocked / "deeper"):
        engine = check(store, folder)
        assert not engine.gather_postings()
        assert not engine.searches_fast
        same(engine, store)


def test_work_that_is_stopped_leaves_nothing(store: Path, folder: Path) -> None:
    """Progress goes up from 0 to 1; where it raises, no file is left behind, half-made or whole."""
    engine = check(store, folder)
    told: list[float] = []

    class StoppedError(Exception):
        pass

    def stop(part: float) -> None:
        told.append(part)
        if len(told) == 5:
            raise StoppedError

    with pytest.raises(StoppedError):
        engine.gather_postings(stop)
    assert files(folder).keys() == {".columns"}
    same(engine, store)
    told.clear()
    assert engine.gather_postings(lambda part: told.append(part))
    assert told == sorted(told)
    assert 0 <= told[0] < told[-1] == 1
    built: list[float] = []
    with Store.open(store) as opened:
        ColumnsEngine(opened, folder=folder / "new", progress=lambda part: built.append(part))
    assert built == sorted(built)
    assert built[-1] == 1


def test_an_old_cache_is_cleared_away(store: Path, folder: Path) -> None:
    """Caches that nobody has written for months go when another is written."""
    folder.mkdir()
    old, young = folder / "old.columns", folder / "young.postings"
    for path in (old, young):
        path.write_bytes(b"x")
    os.utime(old, (0, 0))
    check(store, folder)
    assert not old.exists()
    assert young.exists()


def test_two_programs_at_once(store: Path, folder: Path) -> None:
    """Several processes that make the same cache at the same time all answer right, and leave a whole one."""
    script = (
        "import sys; from pathlib import Path; from db.engine.columns import ColumnsEngine;"
        "from db.engine.postings import Thresholds; from db.store import Store; from db.query import parse;"
        "store = Store.open(Path(sys.argv[1]));"
        "engine = ColumnsEngine(store, folder=Path(sys.argv[2]), thresholds=Thresholds(1, 1));"
        "[engine.gather_postings() for _ in range(5)];"
        "print(engine.answer(parse('the')).totals.rows, engine.searches_fast)"
    )
    root = Path(__file__).parent.parent.parent
    running = [
        subprocess.Popen([sys.executable, "-c", script, store, folder], cwd=root, stdout=subprocess.PIPE, text=True)
        for _ in range(3)
    ]
    said = {process.communicate(timeout=60)[0].strip() for process in running}
    assert all(process.returncode == 0 for process in running)
    with Store.open(store) as opened:
        rows = PlainEngine(opened.connection).answer(parse("the")).totals.rows
    assert said == {f"{rows} True"}
    assert files(folder).keys() == {".columns", ".postings"}
    check(store, folder)


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
def test_a_name_that_plain_sql_replaces_is_the_new_one(sql: str, store: Path, folder: Path) -> None:
    """REPLACE deletes without a word: the row that comes has the number, and the incidents, of the one that went."""
    with closing(sqlite3.connect(store)) as connection, connection:
        connection.execute("UPDATE place SET country_code = 'IQ'")
        connection.execute("INSERT INTO actor_alias (actor_id, alias) SELECT min(actor_id), 'X' FROM incident_actor")
    live = check(store, folder)
    with closing(sqlite3.connect(store)) as connection, connection:  # without foreign keys, as sqlite3 has them
        assert connection.execute(sql).rowcount > 0
    texts = ("actor:replaced", "place:replaced", "system:replaced", "tag:replaced", "country:replaced", "actor:x")
    live.refresh()
    same(live, store, texts)
    with Store.open(store) as opened:
        later = ColumnsEngine(opened, folder=folder)
        same(later, store, texts)
        assert any(later.answer(parse(text)).totals.rows for text in texts[:-1])


@pytest.mark.parametrize("table", ["incident_actor", "incident_system", "quote", "claim", "incident_tag", "note"])
@pytest.mark.parametrize("how", ["insert", "update"])
def test_what_plain_sql_takes_from_an_incident_by_replace_is_missed_there(
    table: str, how: str, store: Path, folder: Path
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
    live = check(store, folder)
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
        same(ColumnsEngine(opened, folder=folder), store, texts)


@pytest.mark.parametrize(
    ("field", "polarities", "table", "makes"),
    [
        ("weapon", ("asserts", "asserts"), "system", False),
        ("place", ("asserts", "asserts"), "place", False),
        ("claimant", ("asserts", "denies"), "actor", True),
    ],
)
def test_a_new_name_makes_or_ends_the_disputes_of_claims_that_had_its_key(
    field: str, polarities: tuple[str, str], table: str, makes: bool, store: Path, folder: Path
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
            engine = ColumnsEngine(opened, folder=folder)
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
