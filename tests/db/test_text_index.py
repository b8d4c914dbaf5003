"""The index of the full text: sound whatever was written and merged, and any row of its guide that is wrong is seen."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from db import text_index
from db.errors import StoreError
from db.restore import restore
from db.store import Store


@pytest.fixture
def index() -> Iterator[sqlite3.Connection]:
    """A full text of small pages, so that its segments have many leaves."""
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        connection.execute("CREATE VIRTUAL TABLE incident_text USING fts5 (title, summary, quotes)")
        connection.execute("INSERT INTO incident_text (incident_text, rank) VALUES ('pgsz', 64)")
        yield connection


def write(connection: sqlite3.Connection, chance: random.Random, rows: int) -> None:
    """Add, change and delete rows."""
    words = ["".join(chance.choices("abcdé", k=chance.randint(1, 12))) for _ in range(300)] + ["w" * 3_000]
    connection.execute("BEGIN")
    for _ in range(rows):
        said = [" ".join(chance.choices(words, k=chance.choice((0, 3, 40)))) for _ in range(3)]
        rowid = chance.randrange(-20, 60)
        connection.execute("DELETE FROM incident_text WHERE rowid = ?", (rowid,))
        if chance.random() < 0.8:
            connection.execute(
                "INSERT INTO incident_text (rowid, title, summary, quotes) VALUES (?, ?, ?, ?)", (rowid, *said)
            )
    connection.execute("COMMIT")


def test_a_sound_index_is_sound_after_any_writes_and_merges(index: sqlite3.Connection) -> None:
    chance = random.Random(5)
    assert list(text_index.faults(index)) == [], "empty"
    for step in range(30):
        write(index, chance, chance.choice((1, 2, 30)))
        if step % 3 == 0:
            index.execute(
                "INSERT INTO incident_text (incident_text, rank) VALUES ('merge', ?)", (chance.choice((2, -3)),)
            )
        if step == 20:
            index.execute("INSERT INTO incident_text (incident_text) VALUES ('optimize')")
        assert list(text_index.faults(index)) == [], step
    index.execute("DELETE FROM incident_text")
    assert list(text_index.faults(index)) == [], "emptied"


@pytest.mark.parametrize(
    "sql",
    [
        "DELETE FROM incident_text_idx WHERE (segid, term) = (?, ?)",
        "UPDATE incident_text_idx SET pgno = pgno + 2 WHERE (segid, term) = (?, ?)",
        "UPDATE incident_text_idx SET term = CAST(term || 'zz' AS BLOB) WHERE (segid, term) = (?, ?)",
        "UPDATE incident_text_idx SET term = CAST(term AS TEXT) WHERE (segid, term) = (?, ?)",
        "INSERT INTO incident_text_idx SELECT segid, CAST(term || x'00' AS BLOB), pgno + 4"
        " FROM incident_text_idx WHERE (segid, term) = (?, ?)",
        "INSERT INTO incident_text_idx SELECT segid + 900, term, pgno FROM incident_text_idx WHERE (segid, term) = (?, ?)",
    ],
)
def test_each_row_of_the_guide_counts(index: sqlite3.Connection, sql: str) -> None:
    write(index, random.Random(7), 20)
    rows = index.execute("SELECT segid, term FROM incident_text_idx ORDER BY segid, term").fetchall()
    assert len(rows) > 30
    for row in (*rows[:2], *rows[3::5], rows[-1]):
        index.execute("BEGIN")
        index.execute(sql, row)
        assert len(list(text_index.faults(index))) == 1, row
        index.execute("ROLLBACK")


def _trampled(connection: sqlite3.Connection) -> None:
    connection.execute("UPDATE incident_text_data SET block = x'0000000900' WHERE id > 1 << 37")


def _shifted(connection: sqlite3.Connection) -> None:
    connection.execute("UPDATE incident_text_data SET block = substr(block, 1, 20) WHERE id > 1 << 37")


@pytest.mark.parametrize("hurt", [_trampled, _shifted])
def test_leaves_that_are_none_are_told_in_one_line(
    index: sqlite3.Connection, hurt: Callable[[sqlite3.Connection], None]
) -> None:
    write(index, random.Random(7), 20)
    hurt(index)
    assert len(list(text_index.faults(index))) == 1


@pytest.mark.parametrize(
    ("sql", "words"),
    [
        ("DELETE FROM incident_text_idx", "does not lead to all words"),
        ("DELETE FROM incident_text_data WHERE id = 1", "does not count its words"),
        ("UPDATE sqlite_sequence SET seq = 9223372036854775807 WHERE name = 'change'", "change: its row numbers"),
    ],
)
def test_what_could_not_be_searched_or_written_to_is_not_restored(
    seeded: Path, template: Path, tmp_path: Path, sql: str, words: str
) -> None:
    hurt = tmp_path / "hurt.db"
    hurt.write_bytes(template.read_bytes())
    with closing(sqlite3.connect(hurt)) as connection, connection:
        connection.execute(sql)
    before = seeded.read_bytes()
    with pytest.raises(StoreError, match=f"cannot be written to or searched .*{words}.*dateline rescue"):
        restore(seeded, hurt)
    assert seeded.read_bytes() == before
    with Store.open(seeded) as store:
        assert list(text_index.faults(store.connection)) == []
