"""Seed files with a mistake in them: each is named with its line, and nothing is loaded."""

from __future__ import annotations

from pathlib import Path

import pytest

from db.store import Store
from seed.load import load
from tests.support.seed_example import EXAMPLE, changed, refused

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


def test_a_claim_needs_a_quote(path: Path) -> None:
    loose = "INSERT INTO claim (incident_id, field, value) VALUES ((SELECT id FROM incident WHERE key = 'karsa-rockets-2021-05-04'), 'weapon', 'rocket');"
    assert "claim of weapon on 'karsa-rockets-2021-05-04': it has no quote to rest on" in refused(path, EXAMPLE + loose)


def test_the_hash_of_a_text_is_checked(path: Path) -> None:
    wrong = changed("language, text) VALUES", "language, text_sha256, text) VALUES").replace(
        "'en',\n", f"'en', '{'0' * 64}',\n", 1
    )
    assert "text_sha256 is not that of its text" in refused(path, wrong)


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


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("INSERT INTO incident (key, title, extra) VALUES ('k', 't', '{bad');", "extra is not JSON"),
        ("INSERT INTO incident (key, title, extra) VALUES ('k', 't', '[1]');", "extra is JSON, but no object"),
        ("INSERT INTO view (name, query, layout) VALUES ('v', 'x', '1');", "view 'v': layout is JSON, but no object"),
        ("INSERT INTO tag AS t (name) VALUES ('x') RETURNING q.name;", "no column can be named 'q.name' here"),
        ("SELECT * FROM pragma_table_info('tag');", "functions that give tables, but for json_each and json_tree"),
    ],
)
def test_what_verify_would_call_wrong_is_refused_at_once(path: Path, text: str, message: str) -> None:
    assert message in refused(path, text)


def test_lists_of_json_can_be_read_into_rows(path: Path, tmp_path: Path) -> None:
    file = tmp_path / "my.sql"
    file.write_text(
        """INSERT INTO tag (name) SELECT value FROM json_each('["a", "b"]');\n"""
        """INSERT INTO tag (name) SELECT 'has ' || count(*) FROM json_tree('{"a": [1, 2]}');\n"""
    )
    with Store.open(path, write=True) as store:
        load(store, [file])
        names = [name for (name,) in store.connection.execute("SELECT name FROM tag ORDER BY name")]
    assert names == ["a", "b", "has 4"]
