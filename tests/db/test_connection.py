"""Text that is not UTF-8 is bound as the bytes that it came as, wherever in the statement its mark stands."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from db.connection import Connection, as_text
from db.store import Store

BYTES = st.binary(max_size=6).filter(lambda raw: b"\0" not in raw)


def _connected() -> sqlite3.Connection:
    connection = sqlite3.connect(":memory:", factory=Connection)
    connection.text_factory = as_text
    return connection


@given(st.lists(BYTES, min_size=3, max_size=3))
def test_what_was_read_can_be_looked_for(raws: list[bytes]) -> None:
    with closing(_connected()) as connection:
        connection.execute("CREATE TABLE t (a TEXT, b TEXT, c TEXT)")
        texts = [as_text(raw) for raw in raws]
        connection.execute("INSERT INTO t VALUES (?, ?, ?)", texts)
        assert connection.execute("SELECT CAST(a AS BLOB), CAST(b AS BLOB), typeof(c) FROM t").fetchone() == (
            *raws[:2],
            "text",
        )
        found = connection.execute(
            "SELECT '?', \"a\" -- ?\n FROM t /* ? */ WHERE a = ? AND b = ? AND 'it''s ?' <> ? AND c = ?",
            (*texts[:2], "x", texts[2]),
        ).fetchall()
        assert found == [("?", texts[0])]


def test_half_of_a_pair_that_stands_for_no_byte_is_refused_as_ever() -> None:
    with closing(_connected()) as connection, pytest.raises(UnicodeEncodeError):
        connection.execute("SELECT ?", ("\ud800",))


def test_every_connection_of_a_store_is_such(seeded: Path) -> None:
    odd = os.fsdecode(b"\x80\xff")
    for write in (False, True):
        with Store.open(seeded, write=write) as store:
            assert store.connection.execute("SELECT ?", (odd,)).fetchone() == (odd,)
