"""What a write goes by is read under its lock: another program that was quicker is seen, not written over."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from db import linking, picking, same_root, source_card
from db.attach import attach
from db.errors import UsageError
from db.store import Store
from tests.support.chance_store import empty_store

TEXT = "a drone"
HASH = hashlib.sha256(TEXT.encode()).hexdigest()

ROWS = f"""
INSERT INTO incident (key, title) VALUES ('a', 'A'), ('b', 'B'), ('c', 'C'), ('d', 'D');
INSERT INTO document (key, publisher, text_sha256) VALUES ('one', 'One', '{HASH}'), ('two', 'Two', NULL);
INSERT INTO quote (incident_id, document_id, exact) VALUES (1, 1, 'two drones struck'), (1, 2, 'two drones struck');
INSERT INTO claim (incident_id, quote_id, field, value) VALUES (1, 1, 'killed', '3');
INSERT INTO incident_link (from_id, to_id, kind) VALUES (1, 2, 'related');
"""

Quicker = Callable[[str | Callable[[Store], object]], None]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    path = tmp_path / "s.db"
    empty_store(path)
    with Store.open(path, write=True) as opened:
        opened.connection.executescript(ROWS)
        yield opened


@pytest.fixture
def quicker(store: Store, monkeypatch: pytest.MonkeyPatch) -> Quicker:
    """Have another program write (SQL, or what is done with its store) when the store's next write asks for the lock."""

    def set_up(does: str | Callable[[Store], object]) -> None:
        write = store.write

        @contextmanager
        def late(*arguments: Any) -> Iterator[Any]:
            monkeypatch.setattr(store, "write", write)
            with Store.open(store.path, write=True) as other:
                if callable(does):
                    does(other)
                else:
                    with other.write("quicker") as connection:
                        for statement in does.split(";"):
                            connection.execute(statement)
            with write(*arguments) as connection:
                yield connection

        monkeypatch.setattr(store, "write", late)

    return set_up


def last(store: Store) -> str:
    return str(store.connection.execute("SELECT what FROM log ORDER BY id DESC LIMIT 1").fetchone()[0])


def test_a_link_that_has_another_ones_number_now_stays(store: Store, quicker: Quicker) -> None:
    quicker(
        "DELETE FROM incident_link; INSERT INTO incident_link (id, from_id, to_id, kind) VALUES (1, 3, 4, 'related')"
    )
    assert linking.unlink(store, 1, 2) == []
    assert store.connection.execute("SELECT from_id, to_id FROM incident_link").fetchall() == [(3, 4)]
    assert last(store) == "quicker"


def test_an_incident_is_called_by_the_key_that_it_has_now(store: Store, quicker: Quicker) -> None:
    quicker("UPDATE incident SET key = 'new' WHERE id = 3")
    assert linking.link(store, 1, 3, linking.DISTINCT)
    assert linking.unlink(store, 1, 3, linking.DISTINCT) == [linking.DISTINCT]
    assert last(store) == "say that a and new may be the same again"


def test_a_claim_is_picked_with_the_value_that_it_has_now(store: Store, quicker: Quicker) -> None:
    quicker("UPDATE claim SET value = '4' WHERE id = 1")
    picking.pick(store, 1, "nearer")
    assert store.connection.execute("SELECT killed_best FROM incident WHERE id = 1").fetchone() == (4,)
    assert last(store) == "pick killed 4 of a: nearer"


def test_a_text_goes_to_the_document_that_has_its_hash_now(store: Store, quicker: Quicker) -> None:
    quicker(f"UPDATE document SET text_sha256 = NULL; UPDATE document SET text_sha256 = '{HASH}' WHERE key = 'two'")
    assert attach(store, TEXT.encode()).document == "two"
    assert last(store) == "attach text to two"


def test_roots_that_have_become_one_get_no_further_step(store: Store, quicker: Quicker) -> None:
    quicker(
        "INSERT INTO actor (key, name) VALUES ('one', 'One'); INSERT INTO attribution (quote_id, step, actor_id) VALUES (2, 1, 1)"
    )
    with pytest.raises(UsageError, match="have one root already, One"):
        same_root.same(store, 1, 2)
    assert store.connection.execute("SELECT count(*) FROM attribution").fetchone() == (1,)


def test_a_quote_that_has_gone_is_no_half_of_a_pair(store: Store, quicker: Quicker) -> None:
    quicker("DELETE FROM quote WHERE id = 2")
    with pytest.raises(UsageError, match="there is no quote 2"):
        same_root.not_same(store, 1, 2)


def test_what_another_program_said_of_a_pair_is_taken_back(store: Store, quicker: Quicker) -> None:
    quicker(lambda other: same_root.same(other, 1, 2))
    same_root.take_back(store, 1, 2)
    assert store.connection.execute("SELECT count(*) FROM attribution").fetchone() == (0,)


def test_a_document_that_another_program_has_named_anew_is_not_graded(store: Store, quicker: Quicker) -> None:
    quicker("UPDATE document SET key = 'first' WHERE id = 1")
    with pytest.raises(UsageError, match="no document"):
        source_card.grade(store, "one", "B", "known")
    assert last(store) == "quicker"
