"""A few letters of SQL can make texts of gigabytes: a load takes them up to a bound, and says so."""

from __future__ import annotations

import sqlite3

import pytest

from db.errors import ScriptError
from db.store import Store
from seed import bounds, explain
from seed import load as loading
from seed.load import load

MOST = 20_000


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Bounds that a test need not fill the memory for."""
    monkeypatch.setattr(bounds, "TEXT_BYTES", MOST)
    monkeypatch.setattr(bounds, "LONG_ROW", MOST // 4)
    monkeypatch.setattr(bounds, "LONG_ROWS_BYTES", 5 * MOST)
    monkeypatch.setattr(explain, "TEXT_BYTES", MOST)


def seed(store: Store, sql: str) -> None:
    file = store.path.with_name("some.sql")
    file.write_text(sql, encoding="utf-8")
    load(store, [file])


def texts(store: Store) -> list[tuple[str, int]]:
    return store.connection.execute("SELECT key, length(text) FROM document ORDER BY key").fetchall()


@pytest.mark.parametrize(
    "value",
    ["hex(zeroblob(400000000))", f"hex(zeroblob({MOST}))", "(SELECT group_concat(hex(zeroblob(5000))) FROM document)"],
)
def test_a_text_beyond_the_bound_is_refused_and_nothing_is_loaded(value: str, store: Store) -> None:
    before = [(f"d{number}", 4) for number in range(5)]
    seed(store, "".join(f"INSERT INTO document (key, text) VALUES ('{key}', 'text');" for key, _ in before))
    with pytest.raises(ScriptError, match=r"some.sql:2: a text or a row would have more than"):
        seed(store, f"INSERT INTO document (key) VALUES ('a');\nUPDATE document SET text = {value};")
    assert texts(store) == before


def test_many_texts_beyond_the_bound_are_refused_and_nothing_is_loaded(store: Store) -> None:
    many = (
        "INSERT INTO document (key, text) WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < {})"
        " SELECT 'd' || i, hex(zeroblob(5000)) FROM n;"
    )
    with pytest.raises(ScriptError, match=r"change .* MB of rows with long texts, and one load takes"):
        seed(store, many.format(12))
    assert texts(store) == []
    seed(store, many.format(6))
    assert texts(store) == [(f"d{number}", 10_000) for number in range(7)]


def test_many_short_texts_are_no_matter(store: Store) -> None:
    seed(
        store,
        "INSERT INTO document (key, text) WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 99)"
        " SELECT 'd' || i, hex(zeroblob(1000)) FROM n;",
    )
    assert len(texts(store)) == 100


def test_what_takes_too_much_memory_is_refused_in_one_line(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    def out_of_memory(*_: object) -> None:
        raise MemoryError

    monkeypatch.setattr(loading, "check_keys", out_of_memory)
    with pytest.raises(ScriptError, match="takes more memory than there is"):
        seed(store, "INSERT INTO tag (name) VALUES ('t');")


@pytest.mark.parametrize("sql", ["INSERT INTO tag (name) VALUES ('t');", "INSERT INTO no_such DEFAULT VALUES;"])
def test_the_bound_is_for_the_load_alone(sql: str, store: Store) -> None:
    before = store.connection.getlimit(sqlite3.SQLITE_LIMIT_LENGTH)
    try:
        seed(store, sql)
    except ScriptError:
        assert "no_such" in sql
    assert store.connection.getlimit(sqlite3.SQLITE_LIMIT_LENGTH) == before > 10 * MOST
