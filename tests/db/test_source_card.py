"""The card of a document and the list of documents: every figure equals plain SQL."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from db import log, source_card, undo
from db.errors import UsageError
from db.put_back import put_back
from db.source_card import Card, card, grade
from db.source_list import ORDERS, documents
from db.source_text import lines, record, sections
from db.store import Store

STORY = """
INSERT INTO document (id, key, title, publisher, published_edtf, text) VALUES
    (1, 'sol', 'Two strikes', 'Radio Sol', '2021-05-08', 'A drone hit the depot on Tuesday. Nobody was hurt. The end.'),
    (2, 'luna', 'Strikes', 'Luna', '2021-05-09', NULL),
    (3, 'same', 'Same day', 'Same', '2021-05-08', NULL),
    (4, 'undated', 'Some day', NULL, NULL, NULL),
    (5, 'unused', 'Nothing of it', NULL, '2021', NULL);
INSERT INTO actor (id, key, name) VALUES (1, 'police', 'Police'), (2, 'mayor', 'The mayor');
INSERT INTO system (key, name) VALUES ('drone', 'Drone'), ('rocket', 'Rocket');
INSERT INTO incident (id, key, kind, title, date_edtf) VALUES
    (1, 'both', 'incident', 'Both tell it', '2021-05-04'), (2, 'alone', 'incident', 'Sol alone', '2021-05-05'),
    (3, 'tie', 'incident', 'On one day', '2021-05-06'), (4, 'year', 'aggregate', 'This year', '2021'),
    (5, 'late', 'incident', 'Luna had it first', '2021-05-01');
INSERT INTO quote (id, incident_id, document_id, "start", "end", exact) VALUES
    (1, 1, 1, 0, 21, 'A drone hit the depot'), (2, 1, 1, 34, 49, 'Nobody was hurt'), (3, 2, 1, 5, 12, 'Tuesday'),
    (4, 3, 1, 0, 11, 'A plane hit'), (5, 4, 1, NULL, NULL, 'The end'), (6, 1, 2, 0, 6, 'Rocket'),
    (7, 3, 3, 0, 3, 'One'), (8, 5, 2, 10, 14, 'Four'), (9, 1, 4, 0, 3, 'Two');
INSERT INTO attribution (quote_id, step, actor_id, verb) VALUES (2, 1, 1, 'said'), (2, 2, 2, 'told'), (6, 1, 1, 'said');
INSERT INTO claim (incident_id, quote_id, field, value, polarity, rank) VALUES
    (1, 1, 'weapon', 'drone', 'asserts', 'normal'), (1, 6, 'weapon', 'rocket', 'asserts', 'normal'),
    (1, 1, 'injured', '2', 'asserts', 'normal'), (1, 2, 'injured', '0', 'asserts', 'normal'),
    (1, 6, 'injured', '3', 'asserts', 'deprecated'), (1, 9, 'weapon', 'rocket', 'declines', 'normal');
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "story.db"
    with Store.create(path) as store, store.write("story") as connection:
        for statement in STORY.split(";\n"):
            if statement.strip():
                connection.execute(statement)
    return path


def of(path: Path, document: int) -> Card:
    with Store.open(path) as store:
        found = card(store.connection, document)
    assert found is not None
    return found


def sql(path: Path, query: str, *values: object) -> list[tuple[object, ...]]:
    with Store.open(path) as store:
        return store.connection.execute(query, values).fetchall()


ALONE = """
SELECT i.key FROM incident AS i WHERE 1 = (SELECT count(DISTINCT q.document_id) FROM quote AS q WHERE q.incident_id = i.id)
AND EXISTS (SELECT 1 FROM quote AS q WHERE q.incident_id = i.id AND q.document_id = ?) ORDER BY i.date_earliest, i.id
"""
FIRST = """
SELECT i.key FROM incident AS i WHERE EXISTS (SELECT 1 FROM quote AS q WHERE q.incident_id = i.id AND q.document_id = ?1)
AND (SELECT published_edtf FROM document WHERE id = ?1) IS
    (SELECT min(d.published_edtf) FROM quote AS q JOIN document AS d ON d.id = q.document_id WHERE q.incident_id = i.id)
ORDER BY i.date_earliest, i.id
"""
RIVAL = """
SELECT DISTINCT i.key, a.field, a.value, b.value FROM claim AS a JOIN quote AS q ON q.id = a.quote_id
JOIN claim AS b ON b.incident_id = a.incident_id AND b.field = a.field AND b.value <> a.value
JOIN quote AS r ON r.id = b.quote_id JOIN incident AS i ON i.id = a.incident_id
WHERE q.document_id = ? AND r.document_id <> q.document_id AND a.polarity = 'asserts' AND b.polarity = 'asserts'
AND a.rank <> 'deprecated' AND b.rank <> 'deprecated'
"""
ROOTS = """
SELECT name, count(*), count(DISTINCT incident_id) FROM (SELECT q.incident_id, coalesce((SELECT a.name FROM attribution AS x
JOIN actor AS a ON a.id = x.actor_id WHERE x.quote_id = q.id ORDER BY x.step DESC LIMIT 1), d.publisher, d.key) AS name
FROM quote AS q JOIN document AS d ON d.id = q.document_id WHERE d.id = ?) GROUP BY name ORDER BY 2 DESC, 1
"""
COUNTS = """
SELECT count(*), count(DISTINCT CASE WHEN i.kind = 'incident' THEN i.id END),
count(DISTINCT CASE WHEN i.kind <> 'incident' THEN i.id END)
FROM quote AS q JOIN incident AS i ON i.id = q.incident_id WHERE q.document_id = ?
"""


@pytest.mark.parametrize("document", [1, 2, 3])
def test_the_figures_of_a_card_equal_plain_sql(path: Path, document: int) -> None:
    found = of(path, document)
    assert [(named.key,) for named in found.alone] == sql(path, ALONE, document)
    assert [(first.incident.key,) for first in found.first] == sql(path, FIRST, document)
    assert [(root.name, root.quotes, root.incidents) for root in found.roots] == sql(path, ROOTS, document)
    assert (found.quotes, found.incidents, found.others) == sql(path, COUNTS, document)[0]
    assert {(p.incident.key, p.field, p.own.value, p.other.value) for p in found.contradicted} == set(
        sql(path, RIVAL, document)
    )


def test_the_figures_of_the_bundled_cards_equal_plain_sql(template: Path) -> None:
    for document in (1, 2):
        found = of(template, document)
        assert sorted(named.key for named in found.alone) == sorted(str(k) for (k,) in sql(template, ALONE, document))
        assert sorted(f.incident.key for f in found.first) == sorted(str(k) for (k,) in sql(template, FIRST, document))
        assert [(r.name, r.quotes, r.incidents) for r in found.roots] == sql(template, ROOTS, document)
        assert (found.quotes, found.incidents, found.others) == sql(template, COUNTS, document)[0]
        assert found.fates == {"unverified": found.quotes}
    assert "erbil-drone-2021-04" in {f.incident.key for f in of(template, 1).first if f.certain and f.documents == 2}
    (rival,) = of(template, 2).within
    assert (rival.field, rival.own.value, rival.other.value) == ("date", "2021-06-22", "2021-06-21")
    assert (rival.own.speaker, rival.other.speaker) == ("Sabereen News", "The Jerusalem Post")


def test_a_tie_of_dates_is_first_but_not_for_certain_and_an_undated_document_cannot_be_told(path: Path) -> None:
    first = {f.incident.key: (f.documents, f.certain) for f in of(path, 1).first}
    assert first == {"both": (3, False), "alone": (1, True), "tie": (2, False), "year": (1, True)}
    undated = of(path, 4)
    assert (undated.first, undated.unknown_first) == ((), 1)
    unused = of(path, 5)
    assert (unused.quotes, unused.first, unused.roots) == (0, (), ())


def test_what_became_of_the_quotes_is_counted(path: Path) -> None:
    found = of(path, 1)
    assert found.fates == {"stands": 2, "moved": 2, "gone": 1}
    assert sum(found.fates.values()) == found.quotes
    stands = """SELECT count(*) FROM quote AS q JOIN document AS d ON d.id = q.document_id WHERE d.id = 1
                AND substr(d.text, q."start" + 1, q."end" - q."start") = q.exact"""
    gone = """SELECT count(*) FROM quote AS q JOIN document AS d ON d.id = q.document_id WHERE d.id = 1
              AND instr(d.text, q.exact) = 0"""
    assert sql(path, stands) == [(found.fates["stands"],)]
    assert sql(path, gone) == [(found.fates["gone"],)]


def test_rival_accounts_within_a_document_are_not_its_contradiction_by_others(path: Path) -> None:
    found = of(path, 1)
    (within,) = found.within
    assert (within.field, within.own.speaker, within.other.speaker) == ("injured", "Radio Sol", "The mayor")
    (against,) = found.contradicted
    assert (against.own.words, against.other.words, against.other.document) == ("Drone", "Rocket", "luna")


def test_the_list_counts_as_plain_sql_and_sorts_by_every_column(path: Path) -> None:
    with Store.open(path) as store:
        found = documents(store.connection)
    for listed in found:
        assert (listed.quotes, listed.incidents, listed.others) == sql(path, COUNTS, listed.document.id)[0]
    assert [d.document.key for d in found] == ["unused", "same", "sol", "luna", "undated"]
    by = {name: [d.document.key for d in sorted(found, key=order)] for name, order in ORDERS.items()}
    assert by["date"] == [d.document.key for d in found]
    assert by["quotes"][0] == by["incidents"][0] == "sol"
    assert by["publisher"][:2] == ["luna", "sol"]
    assert by["title"] == ["unused", "same", "undated", "luna", "sol"]


# -- the grade ----------------------------------------------------------------------------------------------------


def test_a_grade_is_one_logged_write_with_its_reason_and_can_be_undone(path: Path) -> None:
    with Store.open(path, write=True) as store:
        grade(store, "sol", "C", "  first  look ")
        grade(store, "sol", "B", "named its sources")
        found = card(store.connection, 1)
        assert found is not None
        assert (found.document.reliability, found.graded_because) == ("B", "named its sources")
        assert found.graded_at is not None
        rows = store.connection.execute("SELECT id, what, before, after FROM log ORDER BY id DESC LIMIT 2").fetchall()
        assert [row[1] for row in rows] == ["grade sol B: named its sources", "grade sol C: first look"]
        before, after = (json.loads(side)[0]["row"] for side in rows[0][2:])
        assert (before["reliability"], before["reliability_reason"]) == ("C", "first look")
        assert (after["reliability"], after["reliability_reason"]) == ("B", "named its sources")
        with store.write("undo") as connection:
            put_back(connection, log.changes_of(connection, rows[0][0]))
        found = card(store.connection, 1)
        assert found is not None
        assert (found.document.reliability, found.graded_because) == ("C", "first look")


def test_a_grade_wants_a_letter_a_reason_and_a_document(path: Path) -> None:
    with Store.open(path, write=True) as store:
        for key, letter, reason, told in (
            ("sol", "G", "x", "no reliability 'G'"),
            ("sol", "A", "  ", "say in a few words why"),
            ("soll", "A", "x", "did you mean sol"),
        ):
            with pytest.raises(UsageError, match=told):
                grade(store, key, letter, reason)
        assert store.connection.execute("SELECT count(*) FROM log WHERE what LIKE 'grade%'").fetchone() == (0,)


def test_plain_sql_that_changes_the_grade_alone_does_not_keep_another_s_reason(path: Path) -> None:
    with Store.open(path, write=True) as store:
        grade(store, "sol", "C", "first look")
        with store.write("plain") as connection:
            connection.execute("UPDATE document SET reliability = 'A' WHERE id = 1")
        found = card(store.connection, 1)
        assert found is not None
        assert (found.document.reliability, found.graded_at, found.graded_because) == ("A", None, None)
        assert any("neither day nor reason" in line for line in lines(found))
        grade(store, "sol", None, "was a slip")
        found = card(store.connection, 1)
        assert found is not None
        assert (found.document.reliability, found.graded_because) == (None, "was a slip")


def test_a_log_row_from_before_the_columns_came_can_still_be_undone(path: Path) -> None:
    with Store.open(path, write=True) as store:
        with store.write("retitle") as connection:
            connection.execute("UPDATE document SET title = 'Other' WHERE id = 2")
        (row_id,) = store.connection.execute("SELECT id FROM log ORDER BY id DESC LIMIT 1").fetchone()
        changes = []
        for change in log.changes_of(store.connection, row_id):
            sides = [
                {name: value for name, value in (side or {}).items() if not name.startswith("reliability_")}
                for side in (change.before, change.after)
            ]
            changes.append(log.Change(change.table, change.rowid, sides[0], sides[1]))
        with store.write("undo") as connection:
            put_back(connection, changes)
        assert store.connection.execute("SELECT title FROM document WHERE id = 2").fetchone() == ("Strikes",)
        # Graded since: then it is another row than the log knows.
        with store.write("retitle") as connection:
            connection.execute("UPDATE document SET title = 'Other' WHERE id = 2")
        grade(store, "luna", "B", "why not")
        with pytest.raises(UsageError, match="changed since"), store.write("undo") as connection:
            put_back(connection, changes)


def test_a_store_of_the_version_before_is_upgraded_and_keeps_its_grades(tmp_path: Path) -> None:
    import sqlite3
    from contextlib import closing

    from sqlite_utils import Database

    from db import schema

    path = tmp_path / "old.db"
    with closing(sqlite3.connect(path)) as connection:
        schema.upgrade(Database(connection), stop_before="s0005_grading")
        connection.execute("INSERT INTO document (key, reliability) VALUES ('old', 'D')")
        connection.commit()
    with Store.open(path, write=True) as store:
        assert store.connection.execute("PRAGMA user_version").fetchone() == (schema.VERSION,)
        assert store.connection.execute(
            "SELECT reliability, reliability_at, reliability_reason FROM document"
        ).fetchone() == ("D", None, None)
        grade(store, "old", "C", "looked again")
    with Store.open(path) as store:
        assert list(log.broken_rows(store.connection)) == []


def test_pairs_that_are_too_many_to_list_are_counted(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = of(path, 1)
    assert (len(whole.within), len(whole.contradicted), whole.more_within, whole.more_contradicted) == (1, 1, 0, 0)
    monkeypatch.setattr(source_card, "MOST_PAIRS", 0)
    cut = of(path, 1)
    assert (cut.within, cut.contradicted, cut.more_within, cut.more_contradicted) == ((), (), 1, 1)
    headings = {section.heading: [entry.text for entry in section.entries] for section in sections(cut)}
    assert headings["Contradicted by others: 1"] == ["and 1 more (`dateline claims KEY` lists the claims)"]
    assert record(cut)["contradicted_more"] == record(cut)["rival_within_more"] == 1


def test_a_grade_given_since_the_card_was_seen_is_not_replaced(path: Path) -> None:
    seen = of(path, 1)
    with Store.open(path, write=True) as store:
        grade(store, seen.document.key, "B", "first")
        with pytest.raises(UsageError, match="another program has graded"):
            grade(store, seen.document.key, "C", "second", seen=seen)
        anew = card(store.connection, 1)
        assert anew is not None and anew.document.reliability == "B"
        grade(store, seen.document.key, "C", "second", seen=anew)
    assert of(path, 1).document.reliability == "C"


def test_two_grades_of_one_second_and_one_reason_are_undone_and_done_again(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(source_card, "now", lambda: "2026-01-01T00:00:00Z")
    about = "SELECT reliability, reliability_at, reliability_reason FROM document WHERE key = 'sol'"
    with Store.open(path, write=True) as store:
        stood = [store.connection.execute(about).fetchone()]
        for letter in ("B", "C", "D"):
            grade(store, "sol", letter, "second look")
            stood.append(store.connection.execute(about).fetchone())
        for was in reversed(stood[:-1]):
            undo.undo(store)
            assert store.connection.execute(about).fetchone() == was
        for now in stood[1:]:
            undo.redo(store)
            assert store.connection.execute(about).fetchone() == now
