"""A seed file changes what other rows stand on: what would leave the store wrong is refused, with its line."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from db.errors import ScriptError
from db.store import Store
from db.verify import findings
from seed.load import load
from tests.support.seed_example import EXAMPLE

TWICE = """INSERT INTO incident (key, title) VALUES ('other', 'Another');
INSERT INTO document (key, title, text_length) VALUES ('unread', 'Not at hand', 500);
INSERT INTO system (key, name) VALUES ('c-ram', 'C-RAM');
INSERT INTO quote (incident_id, document_id, "start", "end", exact)
    SELECT i.id, d.id, 490, 497, 'at dawn' FROM incident AS i, document AS d WHERE i.key = 'other' AND d.key = 'unread';
INSERT INTO claim (incident_id, quote_id, field, value)
    SELECT incident_id, id, 'outcome:c-ram', 'hit' FROM quote WHERE exact = 'at dawn';
INSERT INTO claim (incident_id, quote_id, field, value)
    SELECT incident_id, id, 'place', 'karsa-harbour' FROM quote WHERE exact = 'Nobody was hurt.';
"""


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The example of the docs and a second incident, loaded and sound, made once."""
    folder = tmp_path_factory.mktemp("sound")
    first, second = folder / "first.sql", folder / "second.sql"
    first.write_text(EXAMPLE, encoding="utf-8")
    second.write_text(TWICE, encoding="utf-8")
    with Store.create(folder / "store.db") as store:
        load(store, [first, second])
        assert wrong(store) == []
        store.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return folder / "store.db"


@pytest.fixture
def store(sound: Path, tmp_path: Path) -> Store:
    """A copy of it for one test."""
    return Store.open(Path(shutil.copy(sound, tmp_path)), write=True)


def wrong(store: Store) -> list[str]:
    return [f"{finding.what}: {finding.message}" for finding in findings(store.connection) if finding.wrong]


@pytest.mark.parametrize(
    ("sql", "words"),
    [
        ("DELETE FROM attribution WHERE step = 1;", "1 steps but goes up to 2"),
        (
            "UPDATE attribution SET quote_id = (SELECT id FROM quote WHERE exact = 'Nobody was hurt.') WHERE step = 1"
            " AND quote_id IN (SELECT quote_id FROM attribution WHERE step = 2);",
            "1 steps but goes up to 2",
        ),
        ("UPDATE document SET text = 'Late: ' || text, text_sha256 = NULL WHERE text IS NOT NULL;", "it stands at 6"),
        (
            "UPDATE document SET text = 'Wholly other words.', text_length = NULL WHERE text IS NOT NULL;",
            "has it nowhere",
        ),
        ("UPDATE document SET text = 'It came at dawn.', text_length = 16 WHERE key = 'unread';", "it stands at 8"),
        ("UPDATE document SET text_length = 20 WHERE key = 'unread';", "ends at 497, behind its 20 characters"),
        ("UPDATE actor SET key = 'front' WHERE key = 'hill-front';", "the actor 'hill-front' that it names"),
        ("UPDATE system SET key = 'katyusha' WHERE key = 'rocket';", "the system 'rocket' that it names"),
        ("UPDATE place SET key = 'harbour' WHERE key = 'karsa-harbour';", "the place 'karsa-harbour' that it names"),
        (
            "UPDATE document SET published_edtf = '2001' WHERE key = 'gazette-2021-05-05';",
            "incident 'karsa-rockets-2021-05-04' happens on 2021-05-04, after 2001-12-31, when its source"
            " 'gazette-2021-05-05' appeared",
        ),
        (
            "UPDATE incident SET date_edtf = '2021-06' WHERE key LIKE 'karsa%';",
            "happens on 2021-06, after 2021-05-05",
        ),
        (
            "UPDATE document SET published_edtf = '2020' WHERE key = 'unread';"
            " UPDATE incident SET date_edtf = '2021' WHERE key = 'other';",
            "incident 'other' happens on 2021, after 2020-12-31",
        ),
        (
            "UPDATE document SET published_edtf = '2020' WHERE key = 'unread'; INSERT INTO quote"
            " (incident_id, document_id, exact) SELECT i.id, d.id, 'soon' FROM incident AS i, document AS d"
            " WHERE i.key LIKE 'karsa%' AND d.key = 'unread';",
            "after 2020-12-31, when its source 'unread' appeared",
        ),
        ("DELETE FROM system WHERE key = 'c-ram';", "claim of outcome:c-ram on 'other'"),
        (
            "UPDATE quote SET incident_id = (SELECT id FROM incident WHERE key = 'other') WHERE exact LIKE 'Nobody%';",
            "belongs to another incident",
        ),
        (
            "INSERT INTO quote (incident_id, document_id, exact) SELECT incident_id, document_id, substr(exact, 2, 5)"
            " FROM quote WHERE exact = 'Nobody was hurt.';",
            'has no "start" and "end", though its text is here; it stands at',
        ),
        (
            "INSERT INTO quote (incident_id, document_id, exact) SELECT incident_id, document_id, 'unheard of'"
            " FROM quote WHERE exact = 'Nobody was hurt.';",
            "the text has it nowhere",
        ),
        (
            "INSERT INTO incident_link (from_id, to_id, kind) SELECT a.id, b.id, 'part_of'"
            " FROM incident AS a, incident AS b WHERE a.key <> b.key;",
            "the links would make",
        ),
        ("UPDATE place SET part_of = id WHERE key = 'karsa-harbour';", "would be part of itself"),
        (
            "INSERT INTO actor (key, name, part_of) SELECT 'a', 'A', id FROM actor WHERE key = 'hill-front';"
            " UPDATE actor SET part_of = (SELECT id FROM actor WHERE key = 'a') WHERE key = 'hill-front';",
            "would be part of itself",
        ),
    ],
)
def test_what_would_leave_the_store_wrong_is_refused(store: Store, tmp_path: Path, sql: str, words: str) -> None:
    file = tmp_path / "later.sql"
    file.write_text(f"SELECT 1;\n{sql}\n", encoding="utf-8")
    with pytest.raises(ScriptError) as caught:
        load(store, [file])
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)
    assert wrong(store) == []


def test_the_line_is_the_one_that_writes_the_text_or_the_key(store: Store, tmp_path: Path) -> None:
    for sql in (
        "UPDATE document SET published_edtf = '2001'\n WHERE key = 'gazette-2021-05-05';",
        "UPDATE document SET\n text = 'Not a word of it.' WHERE text IS NOT NULL;",
        "UPDATE actor SET key = 'front'\n WHERE key = 'hill-front';",
    ):
        file = tmp_path / "later.sql"
        file.write_text(sql, encoding="utf-8")
        with pytest.raises(ScriptError, match=r"later\.sql:2: "):
            load(store, [file])


@pytest.mark.parametrize(
    "sql",
    [
        "DELETE FROM attribution WHERE step = 2;",
        "DELETE FROM attribution;",
        "DELETE FROM incident WHERE key LIKE 'karsa%';",
        "UPDATE document SET text = text || ' More.', text_sha256 = NULL WHERE text IS NOT NULL;",
        "UPDATE document SET published_edtf = '2021-05-04' WHERE key = 'gazette-2021-05-05';",
        "UPDATE incident SET date_edtf = '2021-05/2022' WHERE key LIKE 'karsa%';",
        "UPDATE actor SET key = 'front' WHERE key = 'hill-front';"
        " UPDATE claim SET value = 'front' WHERE value = 'hill-front';",
        "INSERT INTO incident_link (from_id, to_id, kind) SELECT a.id, b.id, 'part_of'"
        " FROM incident AS a, incident AS b WHERE a.key < b.key;",
        "INSERT INTO actor (key, name, part_of) SELECT 'a', 'A', id FROM actor WHERE key = 'hill-front';",
        "UPDATE actor SET key = 'x' WHERE key = 'hill-front'; UPDATE actor SET key = 'hill-front' WHERE key LIKE 'r%';",
        "UPDATE actor SET key = 'sol' WHERE key = 'radio-karsa';",
        "UPDATE quote SET incident_id = (SELECT id FROM incident WHERE key = 'other') WHERE exact LIKE 'Nobody%';"
        " UPDATE claim SET incident_id = (SELECT incident_id FROM quote WHERE quote.id = claim.quote_id);",
    ],
)
def test_what_leaves_it_sound_is_loaded(store: Store, tmp_path: Path, sql: str) -> None:
    file = tmp_path / "later.sql"
    file.write_text(sql, encoding="utf-8")
    assert load(store, [file]).rows_changed
    assert wrong(store) == []


def test_a_ring_that_stands_is_for_verify_to_name(store: Store, tmp_path: Path) -> None:
    store.connection.execute("UPDATE place SET part_of = id WHERE key = 'karsa-harbour'")
    file = tmp_path / "later.sql"
    file.write_text("UPDATE place SET name = 'The harbour' WHERE key = 'karsa-harbour';", encoding="utf-8")
    assert load(store, [file]).rows_changed == 1
    assert wrong(store) == ["part-of: is part of itself: karsa-harbour → karsa-harbour"]


def test_an_incident_that_happened_after_its_source_before_is_for_verify_to_name(store: Store, tmp_path: Path) -> None:
    with store.write("by hand") as connection:
        connection.execute("UPDATE document SET published_edtf = '2001' WHERE key = 'gazette-2021-05-05'")
    was = wrong(store)
    assert any("after 2001-12-31" in fault for fault in was)
    file = tmp_path / "later.sql"
    file.write_text(
        "UPDATE incident SET title = 'Rockets' WHERE key LIKE 'karsa%';"
        " INSERT INTO quote (incident_id, document_id, exact) SELECT i.id, d.id, 'soon'"
        " FROM incident AS i, document AS d WHERE i.key LIKE 'karsa%' AND d.key = 'unread';",
        encoding="utf-8",
    )
    assert load(store, [file]).rows_changed == 2
    assert wrong(store) == was
