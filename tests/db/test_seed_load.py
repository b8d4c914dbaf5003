"""Loading seed files of one's own: the worked example of docs/seeding.md, and every kind of mistake in it."""

from __future__ import annotations

import hashlib
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from db.errors import ReadOnlyError, ScriptError, StoreError
from db.store import Store
from db.verify import findings
from seed.load import bundled, load
from tests.support.seed_example import DOCS, EXAMPLE, changed, refused, write


@pytest.fixture
def store(path: Path) -> Iterator[Store]:
    with Store.open(path, write=True) as store:
        yield store


def test_the_example_loads_and_says_what_it_did(store: Store) -> None:
    loaded = load(store, [write(EXAMPLE)])
    assert (loaded.incidents_before, loaded.incidents_after, loaded.quotes_after) == (0, 1, 3)
    assert loaded.files == (Path("my.sql"),)
    assert store.connection.execute("SELECT what FROM log").fetchall() == [("seed my.sql",)]
    dated = "SELECT date_earliest, date_latest, date_prec FROM incident"
    assert store.connection.execute(dated).fetchone() == ("2021-05-04", "2021-05-04", 1)
    verified = 'SELECT sum(substr(d.text, q."start" + 1, length(exact)) = exact) FROM quote AS q, document AS d'
    assert store.connection.execute(verified).fetchone() == (3,)
    assert load(store, [Path("my.sql")]).rows_changed == 0
    assert store.connection.execute("SELECT count(*) FROM log").fetchone() == (1,)


def test_the_example_runs_in_plain_sqlite3(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        for _ in range(2):
            connection.executescript(EXAMPLE)
        counts = "SELECT (SELECT count(*) FROM quote), (SELECT count(*) FROM attribution), (SELECT count(*) FROM claim)"
        assert connection.execute(counts).fetchone() == (3, 3, 4)


def test_the_example_stands_beside_the_bundled_incidents(store: Store) -> None:
    loaded = load(store, [*bundled(), write(EXAMPLE)])
    assert loaded.incidents_after == 46
    assert store.connection.execute("SELECT count(*) FROM log").fetchone() == (1,)


def test_the_messages_in_the_docs_are_real(path: Path) -> None:
    shown = re.search(r"```text\n(.*?)```", DOCS, re.DOTALL)
    assert shown is not None
    mistakes = [
        changed("'hill-front', 'attacker'", "'hil-front', 'attacker'"),
        changed("'attacker', 'suspected'", "'atacker', 'suspected'"),
        changed("'2021-05-04', (SELECT", "'2021-05-32', (SELECT"),
        changed("'gazette-2021-05-05', 86,", "'gazette-2021-05-05', 85,"),
        changed("'Rockets fell',     'date'", "'Rockets hit',      'date'"),
        changed("ON CONFLICT DO NOTHING;\n\nINSERT INTO place", "ON CONFLICT DO NOTHING\n\nINSERT INTO place"),
    ]
    assert [refused(path, mistake) for mistake in mistakes] == shown[1].splitlines()


def test_what_is_not_allowed_is_found_before_anything_runs(store: Store) -> None:
    first = write("SELECT count(*) FROM incident;", "a.sql")
    with pytest.raises(ScriptError, match=r"^b\.sql:1: "):
        load(store, [first, write("DELETE FROM log;", "b.sql")])


def test_a_hash_in_capitals_is_the_same_hash(store: Store) -> None:
    sha256 = hashlib.sha256(b"a text").hexdigest().upper()
    load(store, [write(f"INSERT INTO document (key, text, text_sha256) VALUES ('d', 'a text', '{sha256}');")])
    assert not [finding for finding in findings(store.connection) if finding.wrong]


def test_begin_and_commit_are_skipped(path: Path) -> None:
    with Store.open(path, write=True) as store:
        assert load(store, [write(f"BEGIN TRANSACTION;\n{EXAMPLE}\nCOMMIT;\n")]).incidents_after == 1
    fresh = changed("'weapon',   'rocket'", "'weapon',   'rokcet'").replace("karsa-", "korsa-")
    with Store.open(path, write=True) as store:
        with pytest.raises(ScriptError, match="rokcet"):
            load(store, [write(f"BEGIN;\n{fresh}\nCOMMIT;\n")])
        assert store.connection.execute("SELECT count(*) FROM incident").fetchone() == (1,)


def test_all_files_of_a_call_stand_or_fall_together(store: Store) -> None:
    good = write(EXAMPLE, "a.sql")
    with pytest.raises(ScriptError, match=r"^b\.sql:2: no such table 'nowhere'"):
        load(store, [good, write("\nDELETE FROM nowhere;", "b.sql")])
    assert store.connection.execute("SELECT count(*) FROM actor").fetchone() == (0,)


def test_a_directory_is_its_sql_files_in_order_of_name(store: Store) -> None:
    Path("stories").mkdir()
    names, _, rest = EXAMPLE.partition("-- 2.")
    write("--" + rest, "stories/2_story.sql")
    write(names, "stories/1_names.sql")
    write("not SQL at all", "stories/notes.txt")
    loaded = load(store, [Path("stories")])
    assert [file.name for file in loaded.files] == ["1_names.sql", "2_story.sql"]
    assert store.connection.execute("SELECT what FROM log").fetchone() == ("seed 2 files, 1_names.sql to 2_story.sql",)


def test_files_that_cannot_be_read(store: Store, tmp_path: Path) -> None:
    Path("none").mkdir()
    Path("latin.sql").write_bytes(b"-- one\nSELECT 'caf\xe9';\n")
    Path("nul.sql").write_bytes(b"SELECT 1;\nSELECT '\0';\n")
    write("", "void.sql")
    write("-- only a comment\n", "comment.sql")
    for name, words in (
        ("missing.sql", "missing.sql: no such file"),
        ("none", "none: no .sql file in this directory"),
        ("latin.sql", "latin.sql:2: not UTF-8 (byte 0xe9)"),
        ("nul.sql", "nul.sql:2: holds a NUL character"),
        ("void.sql", "void.sql: holds no SQL statement"),
        ("comment.sql", "comment.sql: holds no SQL statement"),
    ):
        with pytest.raises(ScriptError) as caught:
            load(store, [Path(name)])
        assert str(caught.value).startswith(words)
    with pytest.raises(ScriptError, match="no seed file was named"):
        load(store, [])


def test_a_byte_order_mark_is_no_mistake(store: Store) -> None:
    assert load(store, [write("\ufeff" + EXAMPLE)]).incidents_after == 1


def test_faults_of_the_store_are_not_blamed_on_the_file(path: Path) -> None:
    file = write(EXAMPLE)
    with Store.open(path) as reader, pytest.raises(ReadOnlyError):
        load(reader, [file])
    with Store.open(path, write=True) as writer:
        writer.connection.execute("PRAGMA max_page_count = 1")
        writer.connection.execute(
            f"PRAGMA max_page_count = {writer.connection.execute('PRAGMA page_count').fetchone()[0]}"
        )
        with pytest.raises(StoreError, match="full"):
            load(writer, [write(changed("Nobody was hurt.'", "Nobody was hurt.' || hex(zeroblob(400000))"))])
        assert writer.connection.execute("SELECT count(*) FROM incident").fetchone() == (0,)


def test_the_store_can_be_written_as_before_after_a_load(store: Store) -> None:
    """The guard is off again, also after a refusal."""
    with pytest.raises(ScriptError):
        load(store, [write("DELETE FROM log;")])
    load(store, [write(EXAMPLE)])
    store.connection.execute("CREATE TEMP TABLE free (x)")
    with store.write("edit") as connection:
        connection.execute("UPDATE incident SET summary = 'searchable zebra'")
    assert store.connection.execute(
        "SELECT count(*) FROM incident_text WHERE incident_text MATCH 'zebra'"
    ).fetchone() == (1,)


def test_a_file_may_win_over_the_store(store: Store) -> None:
    load(store, [write(EXAMPLE)])
    loaded = load(store, [write("UPDATE actor SET name = 'The Hill Front' WHERE key LIKE 'h%' RETURNING id, name;")])
    assert loaded.rows_changed == 2
    assert store.connection.execute("SELECT name FROM actor WHERE key = 'hill-front'").fetchone() == ("The Hill Front",)
    upsert = "INSERT INTO actor (key, name) VALUES ('hill-front', 'H'), ('radio-karsa', 'R')"
    load(store, [write(f"{upsert} ON CONFLICT (key) DO UPDATE SET name = excluded.name;")])
    assert store.connection.execute("SELECT name FROM actor WHERE key = 'hill-front'").fetchone() == ("H",)
