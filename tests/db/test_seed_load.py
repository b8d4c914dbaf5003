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

ROOT = Path(__file__).parents[2]
DOCS = (ROOT / "docs" / "seeding.md").read_text(encoding="utf-8")
FENCED = re.search(r"```sql\n(.*?)```", DOCS, re.DOTALL)
assert FENCED is not None
EXAMPLE = FENCED[1]


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A new store in the working directory."""
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "store.db"
    Store.create(path).close()
    return path


@pytest.fixture
def store(path: Path) -> Iterator[Store]:
    with Store.open(path, write=True) as store:
        yield store


def write(text: str, name: str = "my.sql") -> Path:
    path = Path(name)
    path.write_text(text, encoding="utf-8")
    return path


def changed(old: str, new: str) -> str:
    assert old in EXAMPLE
    return EXAMPLE.replace(old, new, 1)


def refused(path: Path, text: str) -> str:
    """The one-line message for a file that must not load; the store's file keeps every byte."""
    before = path.read_bytes()
    with Store.open(path, write=True) as store, pytest.raises(ScriptError) as caught:
        load(store, [write(text)])
    with Store.open(path) as store:
        assert store.connection.execute("SELECT count(*) FROM incident").fetchone() == (0,)
        assert store.connection.execute("SELECT count(*) FROM log").fetchone() == (0,)
    assert path.read_bytes() == before
    message = str(caught.value)
    assert "\n" not in message
    return message


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


MISTAKES = {
    "unknown key": (
        "key = 'karsa-harbour')",
        "key = 'karsa-harbor')",
        28,
        "no such place 'karsa-harbor'; did you mean 'karsa-harbour'?",
    ),
    "unknown key, part of one": (
        "'hill-front', 'attacker'",
        "'hill', 'attacker'",
        34,
        "no such actor 'hill'; did you mean 'hill-front'?",
    ),
    "unknown key, none near": (
        "'hill-front', 'attacker'",
        "'zzz', 'attacker'",
        34,
        "no such actor 'zzz'; insert that actor first",
    ),
    "word of a list": (
        "'munition', 'hit'",
        "'munition', 'struck'",
        42,
        "outcome 'struck' is not known; it is one of hit,",
    ),
    "out of range": ("33.79, 42.44, 1", "133.79, 42.44, 1", 16, "latitude is out of range; it goes from -90 to 90"),
    "missing value": ("'Rockets fall on Karsa harbour'", "NULL", 24, "incident.title must not be empty"),
    "twice": (
        "VALUES ('rocket', 'Rocket', 'rocket')\nON CONFLICT DO NOTHING",
        "VALUES ('r', 'R', 'x'), ('r', 'R', 'x')",
        20,
        "ON CONFLICT DO NOTHING",
    ),
    "country": (
        "kind, latitude, longitude, where_prec, radius_m) VALUES\n    ('karsa-harbour', 'Karsa harbour', 'site',",
        "kind, country_code, latitude, longitude, where_prec, radius_m) VALUES\n    ('karsa-harbour', 'Karsa harbour', 'site', 'UK',",
        17,
        "no such country code 'UK'",
    ),
    "comma": ('document, "start"', 'document "start"', 50, "syntax error near '\"start\"'"),
    "bracket": ("'denier',   'known')", "'denier',   'known'", 37, "syntax error near 'INSERT'"),
    "straight quote": (
        "the harbour master said. Nobody",
        "the harbour master's word. Nobody",
        6,
        "which is written ''",
    ),
    "open quote": ("'Nobody was hurt', ", "'Nobody was hurt, ", 78, "has no closing quote"),
    "semicolon": ("ON CONFLICT DO NOTHING;\n\n-- 2", "ON CONFLICT DO NOTHING\n\n-- 2", 24, "has no semicolon"),
    "last semicolon": (
        "FROM claimed WHERE true ON CONFLICT DO NOTHING;",
        "FROM claimed WHERE true ON CONFLICT DO NOTHING",
        78,
        "no semicolon at its end",
    ),
    "table": ("INTO system (key", "INTO sytem (key", 20, "no such table 'sytem'; did you mean 'system'?"),
    "column": (
        "count_low, count_best",
        "count_lo, count_best",
        44,
        "incident_system has no column 'count_lo'; did you mean 'count_low'?",
    ),
    "column of a list": (
        "key = used.system)",
        "key = used.sistem)",
        45,
        "no such column 'sistem'; did you mean 'system'?",
    ),
    "number as text": ("42.44, 1, 800)", "42.44, 'exact', 800)", 16, "place.where_prec takes INTEGER, not TEXT"),
    "rows of two lengths": (
        "'Radio Karsa',             'media'",
        "'Radio Karsa'",
        10,
        "the same number of terms; count the commas",
    ),
    "too many values": (
        "'rocket-fire', 'Shelling",
        "'rocket-fire', NULL, 'Shelling",
        24,
        "14 values for 13 columns; count the commas",
    ),
    "date": (
        "'2021-05-04', (SELECT",
        "'4 May 2021', (SELECT",
        28,
        "incident 'karsa-rockets-2021-05-04': date_edtf '4 May 2021'",
    ),
    "date of a document": (
        "'The Karsa Gazette', '2021-05-05'",
        "'The Karsa Gazette', '5.5.2021'",
        5,
        "published_edtf '5.5.2021'",
    ),
    "date of a claim": (
        "'date',     '2021-05-04'",
        "'date',     'Tuesday'",
        79,
        "claim of date on 'karsa-rockets-2021-05-04' 'Tuesday'",
    ),
    "key of a claim": (
        "'weapon',   'rocket'",
        "'weapon',   'rokcet'",
        80,
        "no such system 'rokcet'; did you mean 'rocket'?",
    ),
    "number of a claim": ("'0',          'asserts'", "'none',       'asserts'", 81, "'none' is not a whole number"),
    "position": (
        "'gazette-2021-05-05', 150,",
        "'gazette-2021-05-05', 149,",
        56,
        "other words at 149 than this quote; it stands at 150",
    ),
    "words of no quote": (
        "'Rockets fell',     1",
        "'Bombs fell', 1",
        67,
        "no quote of incident 'karsa-rockets-2021-05-04' has the words 'Bombs fell'",
    ),
    "words of several quotes": (
        "'Rockets fell',     1",
        "'a', 1",
        67,
        "3 quotes of incident 'karsa-rockets-2021-05-04' have the words 'a'",
    ),
    "chain": ("'fired no rockets', 2,", "'fired no rockets', 3,", 56, "number them 1, 2, 3"),
    "length": ('words."start" + length(exact)', 'words."start" + 5', 50, 'write "start" + length(exact)'),
    "verb": ("INSERT INTO system", "INSRET INTO system", 20, "did you mean INSERT?"),
    "parameter": ("'weak', 3, 'reviewed'", "'weak', 3, ?", 24, "have no value in a seed file"),
    "conflict": (
        "ON CONFLICT DO NOTHING;\n\n-- 2",
        "ON CONFLICT (name) DO NOTHING;\n\n-- 2",
        20,
        "not unique together",
    ),
    "ignore": ("INSERT INTO system", "INSERT OR IGNORE INTO system", 20, "OR IGNORE would drop faulty rows unseen"),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_named_with_its_line_and_loads_nothing(path: Path, name: str) -> None:
    old, new, line, words = MISTAKES[name]
    message = refused(path, changed(old, new))
    assert message.startswith(f"my.sql:{line}: ")
    assert words in message


@pytest.mark.parametrize(
    "statement",
    [
        "ATTACH 'other.db' AS other;",
        "PRAGMA user_version = 99;",
        "DROP TABLE incident;",
        "CREATE TRIGGER t AFTER INSERT ON incident BEGIN DELETE FROM log; END;",
        "ALTER TABLE incident ADD COLUMN x;",
        "VACUUM INTO 'copy.db';",
        "ROLLBACK;",
        "SAVEPOINT here;",
        ".shell ls\n;",
        "DELETE FROM log;",
        "WITH x AS (SELECT 1) DELETE FROM change;",
        "UPDATE sqlite_master SET sql = '';",
        "INSERT INTO incident_text (title) VALUES ('x');",
        "INSERT INTO temp.capture VALUES ('log', 1, NULL, NULL);",
        "SELECT load_extension('x');",
        "EXPLAIN SELECT 1;",
    ],
)
def test_a_seed_file_only_fills_the_tables_of_incidents(path: Path, statement: str) -> None:
    message = refused(path, EXAMPLE + "\n" + statement)
    line = EXAMPLE.count("\n") + 2
    assert message.startswith(f"my.sql:{line}: ")
    assert any(words in message for words in ("seed file", "sqlite3 program", "may not be modified"))
    assert not Path("other.db").exists()
    assert not Path("copy.db").exists()


def test_what_is_not_allowed_is_found_before_anything_runs(store: Store) -> None:
    first = write("SELECT count(*) FROM incident;", "a.sql")
    with pytest.raises(ScriptError, match=r"^b\.sql:1: "):
        load(store, [first, write("DELETE FROM log;", "b.sql")])


def test_a_claim_needs_a_quote(path: Path) -> None:
    loose = "INSERT INTO claim (incident_id, field, value) VALUES ((SELECT id FROM incident WHERE key = 'karsa-rockets-2021-05-04'), 'weapon', 'rocket');"
    assert "claim of weapon on 'karsa-rockets-2021-05-04': it has no quote to rest on" in refused(path, EXAMPLE + loose)


def test_the_hash_of_a_text_is_checked(path: Path) -> None:
    wrong = changed("language, text) VALUES", "language, text_sha256, text) VALUES").replace(
        "'en',\n", f"'en', '{'0' * 64}',\n", 1
    )
    assert "text_sha256 is not that of its text" in refused(path, wrong)


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


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("CREATE TRIGGER t BEGIN " + ";" * 200_000, "cannot say 'CREATE'"),
        ("SELECT " + "[" * 200_000, "has no semicolon"),
        ("SELECT " + "/*" * 200_000, "has no semicolon"),
        ('WITH w(x) AS (SELECT 1 AS "' + "a" * 200_000 + '") DELETE FROM log;', "not for seed files"),
    ],
    ids=["semicolons", "brackets", "comments", "a word"],
)
def test_a_mistake_at_any_length_is_told_at_once(path: Path, text: str, message: str) -> None:
    """Each of these took minutes of processor once, in line with the square of its length."""
    assert message in refused(path, text)
