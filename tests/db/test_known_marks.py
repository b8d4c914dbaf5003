"""Marks by which very many incidents are known again: SQLite gives the number of one that is gone to the next."""

from __future__ import annotations

from pathlib import Path

import pytest

from db import exporting, known
from db.engine import open_engine
from db.query import parse
from db.store import Store


def added(store: Store, *keys: str) -> None:
    with store.write("more") as connection:
        connection.executemany("INSERT INTO incident (key, title) VALUES (?, 't')", [(key,) for key in keys])


@pytest.mark.parametrize("query", ["", "kind:incident"])
def test_what_has_its_number_from_another_is_not_what_was_shown(
    query: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(known, "_AT_ONCE", 2)
    with Store.create(tmp_path / "s.db") as store:
        added(store, "a", "b", "c", "d", "e")
        before = open_engine(store).answer(parse(query))
        marked, plain = exporting.shown(before, store.connection), exporting.shown(before)
        assert [match.id for match in exporting.still(store, marked).matches] == [1, 2, 3, 4, 5]
        with store.write("less") as connection:
            connection.execute("DELETE FROM incident WHERE key IN ('b', 'e')")
        added(store, "never-shown")
        assert [match.id for match in exporting.still(store, plain).matches][-1] == 5
        assert [match.id for match in exporting.still(store, marked).matches] == [1, 3, 4]


def test_marks_are_in_the_order_of_the_numbers_and_0_for_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(known, "_AT_ONCE", 2)
    with Store.create(tmp_path / "s.db") as store:
        added(store, "a", "b", "c")
        one, two, three = known.marks(store.connection, [1, 2, 3])
        assert list(known.marks(store.connection, [3, 9, 1, 2, 7])) == [three, 0, one, two, 0]
        assert known.has_key(store.connection, "b") and not known.has_key(store.connection, "B")
