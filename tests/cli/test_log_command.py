"""log, undo and redo on the command line, and a log that was tampered with."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.cli.conftest import Dateline


@pytest.fixture
def worked(story: Path, dateline: Dateline) -> Path:
    """The story with four writes in its log after the seed: 2 star, 3 tag, 4 note, 5 assess."""
    with closing(sqlite3.connect(story)) as connection:
        connection.execute("INSERT INTO tag (name) VALUES ('x')")  # a new one would be a write of its own
        connection.commit()
    for words in (
        ("star", "first"),
        ("tag", "first", "x"),
        ("note", "second", "n"),
        ("assess", "second", "--grade", "weak"),
    ):
        assert dateline(*words, "--store", story).status == 0
    return story


def log_of(dateline: Dateline, store: Path, *options: str) -> list[dict[str, object]]:
    done = dateline("log", "--json", *options, "--store", store)
    assert done.status == 0
    return [json.loads(line) for line in done.out.splitlines()]


def test_the_log_tells_when_who_what_and_how_many_rows(dateline: Dateline, worked: Path) -> None:
    rows = log_of(dateline, worked)
    assert [row["seq"] for row in rows] == [5, 4, 3, 2, 1]
    assert rows[2]["what"] == "tag first: x" and rows[2]["who"] == "tester"
    assert rows[2]["rows"] == [
        {"table": "incident_tag", "added": 1, "changed": 0, "removed": 0},
    ]
    assert [row["prev"] for row in rows[:-1]] == [row["hash"] for row in rows[1:]]
    assert [row["seq"] for row in log_of(dateline, worked, "second")] == [5, 4, 1]
    assert [row["seq"] for row in log_of(dateline, worked, "--limit", "2")] == [5, 4]
    assert dateline("log", "--limit", "0", "--store", worked).out == ""
    text = dateline("log", "--store", worked).out.splitlines()
    assert text[2].split()[0] == "3" and "tester  tag first: x  [incident tag +1]" in text[2]
    whole = dateline("log", "second", "--rows", "--limit", "1", "--store", worked).out
    assert "~ incident second" in whole and "grade: unknown → weak" in whole


def test_undo_and_redo_say_what_they_did(dateline: Dateline, worked: Path) -> None:
    done = dateline("undo", "--store", worked)
    assert done.err == "dateline: undone: assess second: grade weak (log 5); `dateline redo` does it again\n"
    assert json.loads(dateline("show", "second", "--json", "--store", worked).out)["grade"] is None
    done = dateline("redo", "--store", worked)
    assert done.err == "dateline: done again: assess second: grade weak (log 5); `dateline undo` takes it back\n"
    assert json.loads(dateline("show", "second", "--json", "--store", worked).out)["grade"] == "weak"
    dateline("undo", "2", "--reason", "a slip", "--store", worked)
    newest = log_of(dateline, worked)[0]
    assert (newest["what"], newest["undoes"]) == ("undo 2: star first (why: a slip)", 2)
    assert [row["seq"] for row in log_of(dateline, worked) if row["undone"]] == [6, 2]
    done = dateline("undo", "1", "--store", worked)
    assert done.status == 2 and "has been changed since by log" in done.err and done.err.count("\n") == 1
    assert dateline("undo", "99", "--store", worked).status == 2
    assert dateline("verify", "--store", worked).status == 0


TAMPERED = {
    "what": ("UPDATE log SET what = 'star second' WHERE id = 3", 3, "was changed after it was written"),
    "who": ("UPDATE log SET who = 'somebody' WHERE id = 4", 4, "was changed after it was written"),
    "at": ("UPDATE log SET at = '2020-01-01' WHERE id = 1", 1, "was changed after it was written"),
    "before": ("UPDATE log SET before = replace(before, 'null', '1') WHERE id = 2", 2, "was changed after it was written"),
    "after": ("UPDATE log SET after = NULL WHERE id = 5", 5, "was changed after it was written"),
    "removed": ("DELETE FROM log WHERE id = 3", 4, "does not follow from the row before it"),
    "first": ("DELETE FROM log WHERE id = 1", 2, "does not follow from the row before it"),
    "reordered": (
        "UPDATE log SET id = -id WHERE id IN (3, 4); UPDATE log SET id = 7 + id WHERE id < 0", 3,
        "does not follow from the row before it",
    ),
    "cut off": ("DELETE FROM log WHERE id >= 4", 4, "is missing, with all that came after it"),
    "emptied": ("DELETE FROM log", 1, "is missing, with all that came after it"),
}  # fmt: skip


@pytest.mark.parametrize("name", TAMPERED)
def test_verify_names_the_log_row_that_was_tampered_with(name: str, dateline: Dateline, worked: Path) -> None:
    sql, row, words = TAMPERED[name]
    with closing(sqlite3.connect(worked)) as connection:
        connection.executescript(sql)
        connection.commit()
    done = dateline("verify", "--json", "--store", worked)
    assert done.status == 1
    found = [finding for finding in map(json.loads, done.out.splitlines()) if finding["what"] == "log"]
    assert found and found[0]["where"] == f"log {row}" and words in found[0]["message"], found


def test_a_hash_kept_elsewhere_shows_what_the_chain_alone_cannot(dateline: Dateline, worked: Path) -> None:
    """Whoever can write the file can cut the log off and set its counter back, or write a whole new chain."""
    kept = str(log_of(dateline, worked)[0]["hash"])
    assert dateline("log", "--has", kept, "--store", worked).status == 0
    dateline("undo", "--store", worked)
    assert dateline("log", "--has", kept.upper(), "--store", worked).status == 0
    with closing(sqlite3.connect(worked)) as connection:
        connection.executescript("DELETE FROM log WHERE id >= 5; UPDATE sqlite_sequence SET seq = 4 WHERE name = 'log'")
        connection.commit()
    assert dateline("verify", "--store", worked).status == 0
    done = dateline("log", "--has", kept, "--store", worked)
    assert done.status == 1 and "no row with that hash" in done.err
    earlier = str(log_of(dateline, worked)[0]["hash"])
    with closing(sqlite3.connect(worked)) as connection:
        connection.execute("UPDATE log SET what = 'x' WHERE id = 2")
        connection.commit()
    done = dateline("log", "--has", earlier, "--store", worked)
    assert done.status == 1 and "row 2 before it does not hold" in done.err


def test_hostile_words_in_the_log_stay_words(dateline: Dateline, story: Path) -> None:
    dateline("note", "first", "a\x1b[2Jb\u202ec", "--store", story)
    with closing(sqlite3.connect(story)) as connection:
        connection.execute("UPDATE log SET who = char(27) || '[31m', what = 'undo 7: ' || char(155) WHERE id = 1")
        connection.commit()
    for words in (("log",), ("log", "--rows"), ("log", "--json"), ("log", "first")):
        out = dateline(*words, "--store", story).out
        assert not set(out) & {"\x1b", "\x9b", "\u202e"}, words
