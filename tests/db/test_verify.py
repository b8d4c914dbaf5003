"""Everything that can be wrong is found and named, and a sound store is not slandered."""

from __future__ import annotations

import hashlib
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from db.finding import Finding
from db.row_numbers import LAST_ID
from db.store import Store
from db.verify import findings

TEXT = "On Tuesday a drone struck the depot."
SHA256 = hashlib.sha256(TEXT.encode()).hexdigest()


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A sound store with two incidents, a quote with a chain, and its text."""
    path = tmp_path_factory.mktemp("sound") / "s.db"
    with Store.create(path) as store, store.write("fill") as connection:
        connection.execute(
            "INSERT INTO document (key, published_edtf, text, text_sha256, text_length) VALUES ('d', '2021-05-08', ?, ?, ?)",
            (TEXT, SHA256, len(TEXT)),
        )
        connection.execute("INSERT INTO document (key) VALUES ('bare')")
        connection.execute("INSERT INTO actor (key, name) VALUES ('a', 'A'), ('b', 'B')")
        connection.execute(
            "INSERT INTO place (key, name, latitude, longitude) VALUES ('p', 'P', 1, 2), ('q', 'Q', 0, 2)"
        )
        connection.execute("INSERT INTO system (key, name) VALUES ('s', 'S')")
        connection.execute(
            "INSERT INTO incident (key, title, date_edtf, killed_low, killed_best) VALUES ('i', 'I', '2021-05-04', 0, 1)"
        )
        connection.execute("INSERT INTO incident (key, title) VALUES ('j', 'J')")
        connection.execute("INSERT INTO incident_system (incident_id, system_id, role) VALUES (1, 1, 'munition')")
        connection.execute(
            'INSERT INTO quote (incident_id, document_id, "start", "end", exact) VALUES (1, 1, 11, 29, ?)',
            (TEXT[11:29],),
        )
        connection.execute(
            'INSERT INTO quote (incident_id, document_id, exact, "start", "end") VALUES (2, 2, \'unseen\', 5, 11)'
        )
        connection.execute("INSERT INTO attribution (quote_id, step, actor_id) VALUES (1, 1, 1), (1, 2, 2)")
        connection.execute(
            "INSERT INTO claim (incident_id, quote_id, field, value) VALUES (1, 1, 'date', '2021-05-04')"
        )
        connection.execute("INSERT INTO claim (incident_id, quote_id, field, value) VALUES (1, 1, 'outcome:s', 'hit')")
    with Store.open(path, write=True):
        pass  # settles the dates
    return path


@pytest.fixture
def path(sound: Path, tmp_path: Path) -> Path:
    """A copy of the sound store for one test."""
    return Path(shutil.copyfile(sound, tmp_path / "s.db"))


def found(path: Path) -> list[Finding]:
    with Store.open(path) as store:
        return list(findings(store.connection))


def wrong(path: Path) -> list[Finding]:
    return [finding for finding in found(path) if finding.wrong]


def change(path: Path, *statements: str) -> None:
    """Change a store as any SQLite program may, foreign keys and defences off."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        for sql in statements:
            connection.execute(sql)


def test_a_sound_store_has_only_notes(path: Path) -> None:
    raw = path.read_bytes()
    notes = found(path)
    assert [(note.what, note.where) for note in notes] == [("text", "bare"), ("quote", "store")]
    assert not any(note.wrong for note in notes)
    assert "1 document without its text" in notes[0].message
    assert notes[1].message == "1 of 2 quotes verified against their texts"
    assert path.read_bytes() == raw, "nothing was written"


def test_the_bundled_incidents_are_sound(seeded: Path) -> None:
    assert wrong(seeded) == []


@pytest.mark.parametrize(
    ("sql", "what", "where", "words"),
    [
        ("UPDATE document SET text = replace(text, 'depot', 'dep0t')", "text", "d", "was changed"),
        ("UPDATE document SET text = replace(text, 'drone', 'dr0ne')", "quote", "i, d at 11–29", "“a drone struck the” is gone"),
        ("UPDATE document SET text = 'Late ' || text", "quote", "i, d at 11–29", "has it at 16"),
        ("UPDATE document SET text = replace(text, 'a drone', 'a  drone')", "quote", "i, d at 11–29", "other spaces"),
        ("UPDATE document SET text = text || ' ' || text, text_sha256 = NULL", "text", "d", "has 73 characters, not 36"),
        ('UPDATE quote SET "start" = NULL, "end" = NULL WHERE id = 1', "quote", "i, d without a position", "has it at 11"),
        ("UPDATE document SET text_length = 8 WHERE key = 'bare'", "quote", "j, bare at 5–11", "behind the end"),
        ("UPDATE incident SET date_latest = '2021-05-05' WHERE key = 'i'", "date", "i", "but 2021-05-04 gives"),
        ("UPDATE incident SET date_edtf = 'May the 4th' WHERE key = 'i'", "date", "i", "'May the 4th'"),
        ("UPDATE incident SET date_earliest = '2021-05-05' WHERE key = 'j'", "date", "j", "no date"),
        ("UPDATE incident SET date_edtf = '2021-05-09' WHERE key = 'i'", "date", "i", "after 2021-05-08, when its source"),
        ("UPDATE document SET published_edtf = 'soon' WHERE key = 'bare'", "date", "bare", "'soon'"),
        ("UPDATE claim SET value = 'today' WHERE field = 'date'", "date", "i", "claim of date 'today'"),
        ("DELETE FROM attribution WHERE step = 1", "attribution", "i", "chain of 1 steps that goes up to 2"),
        ("UPDATE actor SET part_of = 3 - id", "part-of", "actor a", "a → b → a"),
        ("UPDATE place SET part_of = id WHERE key = 'q'", "part-of", "place q", "q → q"),
        ("UPDATE place SET longitude = 0 WHERE key = 'q'", "place", "q", "0, 0"),
        ("UPDATE claim SET incident_id = 2 WHERE field = 'date'", "claim", "j", "quote of another incident"),
        ("UPDATE claim SET field = 'outcome:zzz' WHERE field = 'outcome:s'", "claim", "i", "system that is not there"),
        ("UPDATE claim SET field = 'attacker', value = 'zzz' WHERE field = 'outcome:s'", "claim", "i", "attacker names 'zzz'"),
        ("UPDATE claim SET field = 'weapon', value = 'a' WHERE field = 'outcome:s'", "claim", "i", "no such system is there"),
        ("UPDATE incident SET killed_low = 2", "estimate", "i", "low 2, best 1, high unknown"),
        ("UPDATE incident_system SET count_low = 3, count_high = 2", "estimate", "i", "number of s"),
        ("UPDATE incident SET extra = '{' WHERE key = 'j'", "json", "incident j", "extra is not JSON"),
        ("UPDATE incident SET extra = '{\"a\":NaN}' WHERE key = 'j'", "json", "incident j", "NaN is not JSON"),
        ("UPDATE incident SET extra = '{\"a\":1e999}' WHERE key = 'j'", "json", "incident j", "too large"),
        ("INSERT INTO view (name, query, layout) VALUES ('v', '', '[]')", "json", "view v", "no object"),
        ("UPDATE log SET what = 'nothing' WHERE id = 1", "log", "log 1", "was changed after it was written"),
        ("DELETE FROM log WHERE id = 1", "log", "log 2", "does not follow from the row before it"),
        ("DELETE FROM incident WHERE key = 'j'", "foreign-key", "quote 2", "row of incident that is not there"),
        ("UPDATE incident_text SET title = 'K' WHERE rowid = 2", "full-text", "j", "does not have the words"),
        ("DELETE FROM incident_text WHERE rowid = 2", "full-text", "j", "does not have the words"),
        ("INSERT INTO incident_text (rowid, title) VALUES (9, 'x')", "full-text", "row 9", "not there"),
        ("UPDATE incident_text_content SET c0 = 'K' WHERE id = 2", "full-text", "j", "index is wrong at the word"),
        ("DELETE FROM incident_text_idx", "full-text", "store", "does not lead to all words"),
        ("DELETE FROM incident_text_data WHERE id = 1", "full-text", "store", "does not count its words"),
        ("UPDATE incident_text_data SET block = x'' WHERE id = 1", "full-text", "store", "does not count its words"),
        ("UPDATE incident_text_data SET block = 'abc' WHERE id = 1", "full-text", "store", "does not count its words"),
        ("DELETE FROM incident_text_docsize WHERE id = 2", "full-text", "row 2", "does not count its words"),
        ("INSERT INTO incident_text_docsize VALUES (9, x'000000')", "full-text", "row 9", "does not count its words"),
        ("UPDATE sqlite_sequence SET seq = 9223372036854775807 WHERE name = 'change'", "number", "change", "none are left"),
        ("INSERT INTO change VALUES (9223372036854775807, 9)", "number", "change", "none are left"),
        ("UPDATE sqlite_sequence SET seq = 'many' WHERE name = 'change'", "number", "change", "is no number"),
        ("INSERT INTO sqlite_sequence VALUES ('change', 9)", "number", "change", "is no number"),
        ("UPDATE sqlite_sequence SET seq = -2 WHERE name = 'change'", "number", "change", "some may come twice"),
        ("DELETE FROM sqlite_sequence", "number", "log", "some may come twice"),
        ("INSERT INTO tag (id, name) VALUES (9223372036854775807, 't')", "number", "tag", "none are left"),
        (f"INSERT INTO tag (id, name) VALUES ({LAST_ID}, 't')", "number", "tag", f"have come to {LAST_ID}"),
        ("DROP TRIGGER quote_text_insert", "schema", "quote_text_insert", "this trigger is missing"),
        ("DROP INDEX claim_by_quote", "schema", "claim_by_quote", "this index is missing"),
        ("ALTER TABLE note DROP COLUMN at", "schema", "at", "this column of the table note is missing"),
        ("CREATE TRIGGER t AFTER INSERT ON note BEGIN DELETE FROM quote; END", "schema", "t", "not Dateline's"),
    ],
)  # fmt: skip
def test_each_fault_is_named(path: Path, sql: str, what: str, where: str, words: str) -> None:
    change(path, sql)
    faults = wrong(path)
    assert any(f.what == what and f.where == where and words in f.message for f in faults), faults


def test_a_fault_on_the_file_itself(path: Path) -> None:
    change(path, "PRAGMA wal_checkpoint(TRUNCATE)")
    with closing(sqlite3.connect(path)) as connection:
        page, size = connection.execute(
            "SELECT rootpage, (SELECT page_size FROM pragma_page_size) FROM sqlite_master WHERE name = 'claim_by_quote'"
        ).fetchone()
    raw = bytearray(path.read_bytes())
    raw[(page - 1) * size : page * size] = bytes(size)
    path.write_bytes(raw)
    faults = wrong(path)
    assert faults[0].what == "file"
    assert path.read_bytes() == raw


def test_what_cannot_be_checked_is_a_fault_and_the_rest_is_checked_all_the_same(path: Path) -> None:
    change(path, "DROP TABLE claim", "UPDATE incident SET killed_low = 2")
    faults = wrong(path)
    assert ("claim", "store") in [(fault.what, fault.where) for fault in faults]
    assert any("cannot be checked: no such table: claim" in fault.message for fault in faults)
    assert any(fault.what == "estimate" for fault in faults)


def test_intervals_not_yet_filled_in_are_no_fault(path: Path) -> None:
    change(path, "UPDATE incident SET date_edtf = '2021-05-03' WHERE key = 'i'")
    assert wrong(path) == []
    assert any(note.what == "date" and "intervals not filled in yet: 1" in note.message for note in found(path))
    with Store.open(path, write=True):
        pass
    assert [note.what for note in found(path)] == ["text", "quote"]


def test_a_writer_beside_it_does_not_make_a_fault(path: Path) -> None:
    with Store.open(path) as reader:
        walk = findings(reader.connection)
        first = next(walk)
        change(path, "UPDATE incident SET killed_low = 2")
        rest = list(walk)
    assert not any(finding.wrong for finding in [first, *rest]), "one read transaction sees one state"
    assert wrong(path)


def test_all_rows_that_break_a_rule_are_counted(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA ignore_check_constraints = ON")
        with connection:
            connection.executemany(
                "INSERT INTO place (key, name, where_prec) VALUES (?, 'x', 99)", [(f"x{n}",) for n in range(1_500)]
            )
    assert any("and 1,497 more" in finding.where for finding in wrong(path))
