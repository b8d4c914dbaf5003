"""A text given to a document, and what becomes of its quotes."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from db import log
from db.attach import attach
from db.errors import UsageError
from db.put_back import put_back
from db.store import Store

TEXT = "a drone, then a drone, then a rocket"


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """A store with one document and three quotes, two of them with the same words."""
    opened = Store.create(tmp_path / "s.db")
    with opened.write("fill") as connection:
        connection.execute("INSERT INTO document (key) VALUES ('d'), ('other')")
        connection.execute("INSERT INTO incident (key, title) VALUES ('i', 'I')")
        connection.executemany(
            'INSERT INTO quote (incident_id, document_id, "start", "end", exact, prefix, suffix) VALUES (1, 1, ?, ?, ?, ?, ?)',
            [
                (2, 7, "drone", "a ", ", then a drone"),
                (16, 21, "drone", "then a ", ", then a rocket"),
                (30, 36, "rocket", None, None),
            ],
        )
    return opened


def positions(store: Store) -> list[tuple[str, int | None, int | None]]:
    return store.connection.execute('SELECT exact, "start", "end" FROM quote ORDER BY id').fetchall()


def test_the_text_is_kept_as_it_is(store: Store) -> None:
    content = ("\ufeff" + TEXT + "\r\n\r").encode()
    attached = attach(store, content, "d")
    text, sha256, length = store.connection.execute(
        "SELECT text, text_sha256, text_length FROM document WHERE key = 'd'"
    ).fetchone()
    assert text == "\ufeff" + TEXT + "\r\n\r"
    assert (sha256, length) == (hashlib.sha256(content).hexdigest(), len(TEXT) + 4)
    assert [quote.fate for quote in attached.quotes] == ["moved"] * 3, "the byte order mark is a character"
    assert positions(store) == [("drone", 3, 8), ("drone", 17, 22), ("rocket", 31, 37)]
    assert not attached.other_text, "the document had no hash before"


def test_a_second_time_changes_nothing_and_leaves_no_log_row(store: Store) -> None:
    attach(store, TEXT.encode(), "d")
    rows = store.connection.execute("SELECT count(*) FROM log").fetchone()
    again = attach(store, TEXT.encode())
    assert again.document == "d", "found by its hash"
    assert all(quote.fate == "stands" for quote in again.quotes)
    assert store.connection.execute("SELECT count(*) FROM log").fetchone() == rows


def test_a_hash_in_capitals_is_the_same_hash(store: Store) -> None:
    """As `verify` has it, and as other programs write it."""
    sha256 = hashlib.sha256(TEXT.encode()).hexdigest().upper()
    store.connection.execute("UPDATE document SET text_sha256 = ? WHERE key = 'd'", (sha256,))
    attached = attach(store, TEXT.encode())
    assert (attached.document, attached.other_text) == ("d", False)
    store.connection.execute("UPDATE document SET text = NULL, text_sha256 = ? WHERE key = 'd'", (sha256,))
    assert not attach(store, TEXT.encode(), "d").other_text


def test_a_quote_can_move_to_where_its_like_has_been(store: Store) -> None:
    # The first is now where the second was: a rule of the table forbids two there, also half way.
    attached = attach(store, b"fourteen more " + TEXT.encode(), "d")
    assert [(quote.old, quote.new) for quote in attached.quotes] == [(2, 16), (16, 30), (30, 44)]
    assert positions(store) == [("drone", 16, 21), ("drone", 30, 35), ("rocket", 44, 50)]


def test_two_quotes_never_get_one_place(store: Store) -> None:
    attached = attach(store, b"only one drone and a rocket", "d")
    assert sorted(quote.fate for quote in attached.quotes) == ["gone", "moved", "moved"]
    assert ("drone", 9, 14) in positions(store)


def test_quotes_that_are_gone_keep_their_place_and_words(store: Store) -> None:
    attached = attach(store, b"nothing of it", "d")
    assert [quote.fate for quote in attached.quotes] == ["gone"] * 3
    assert positions(store) == [("drone", 2, 7), ("drone", 16, 21), ("rocket", 30, 36)]
    assert not any(quote.verified for quote in attached.quotes)


def test_it_is_one_logged_write_that_can_be_undone(store: Store) -> None:
    before = positions(store)
    attach(store, ("Well, " + TEXT).encode(), "d")
    (row, what) = store.connection.execute("SELECT id, what FROM log ORDER BY id DESC").fetchone()
    assert what == "attach text to d"
    assert positions(store) != before
    with store.write("undo") as connection:
        put_back(connection, log.changes_of(connection, row))
    assert positions(store) == before
    assert store.connection.execute("SELECT text FROM document WHERE key = 'd'").fetchone() == (None,)
    assert list(log.broken_rows(store.connection)) == []


def test_another_text_is_said_to_be_another(store: Store) -> None:
    attach(store, TEXT.encode(), "d")
    assert attach(store, (TEXT + ".").encode(), "d").other_text


@pytest.mark.parametrize(
    ("content", "key", "words"),
    [
        (b"unknown", None, "--document whose text it is: d, other"),
        (b"x", "dd", "did you mean d?"),
        (b"", "d", "empty"),
        (b"\xff", "d", "byte 0 is 0xff"),
        (b"a\0", "d", "NUL character at position 1"),
    ],
)
def test_what_cannot_be_attached(store: Store, content: bytes, key: str | None, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        attach(store, content, key)
    assert store.connection.execute("SELECT count(*) FROM document WHERE text IS NOT NULL").fetchone() == (0,)


def test_two_documents_with_one_text_must_be_told_apart(store: Store) -> None:
    attach(store, TEXT.encode(), "d")
    attach(store, TEXT.encode(), "other")
    with pytest.raises(UsageError, match="2 documents have this text"):
        attach(store, TEXT.encode())


@given(st.data())
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_like_quotes_are_placed_whatever_the_text(store: Store, data: st.DataObject) -> None:
    """Whatever stays where it was holds its place: none that moves is put there, and what stands is in the text."""
    after = "".join(data.draw(st.lists(st.sampled_from(["foo", "xx ", "yy ", " ", "-"]), min_size=1, max_size=9)))
    starts = data.draw(st.lists(st.integers(0, 30), unique=True, min_size=1, max_size=5))
    around = st.sampled_from([None, "xx ", "yy ", "-"])
    with store.write("quotes") as connection:
        connection.execute("DELETE FROM quote")
        connection.executemany(
            'INSERT INTO quote (incident_id, document_id, "start", "end", exact, prefix, suffix)'
            " VALUES (1, 1, ?, ?, 'foo', ?, ?)",
            [(start, start + 3, data.draw(around), data.draw(around)) for start in starts],
        )
    attached = attach(store, after.encode(), "d")
    placed = [start for _, start, _ in positions(store)]
    assert len({*placed}) == len(placed) == len(attached.quotes) == len(starts)
    assert {quote.new for quote in attached.quotes if quote.verified} <= {*placed}
    assert all(after.startswith("foo", quote.new) for quote in attached.quotes if quote.verified)


def test_a_quote_is_not_moved_to_where_one_stays_that_is_gone(store: Store) -> None:
    with store.write("others") as connection:
        connection.execute("DELETE FROM quote")
        connection.executemany(
            'INSERT INTO quote (incident_id, document_id, "start", "end", exact, prefix) VALUES (1, 1, ?, ?, ?, ?)',
            [(3, 6, "foo", "xx "), (50, 53, "foo", "yy "), (30, 33, "foo", None)],
        )
    attached = attach(store, ("yy foo" + " " * 21 + "xx foo and more of it").encode(), "d")
    assert [(quote.old, quote.fate, quote.new) for quote in attached.quotes] == [
        (3, "stands", 3), (30, "stands", 30), (50, "gone", None),
    ]  # fmt: skip
    assert [start for _, start, _ in positions(store)] == [3, 50, 30]
