"""Whichever writes were undone by their number, plain undo leads to the beginning, and where it is refused its advice."""

from __future__ import annotations

import random
import re

import pytest

from db import log, undo
from db.attach import attach
from db.errors import DatelineError, UsageError
from db.history import history
from db.store import Store
from tests.support.logged import Content, Seed, content, last, seeding

BASE = """
INSERT INTO actor (key, name) VALUES ('x', 'X');
INSERT INTO document (key, title, published_edtf) VALUES ('d', 'D', '2021-05-08');
INSERT INTO incident (key, title, date_edtf) VALUES ('i', 'I', '2021-05-01'), ('j', 'J', '2021-05-01');
INSERT INTO quote (incident_id, document_id, "start", "end", exact)
    SELECT i.id, d.id, 0, 16, 'Nobody was hurt.' FROM incident AS i, document AS d WHERE i.key = 'i';
"""

TEXTS = (
    "Nobody was hurt. So it says.",
    "Late: Nobody was hurt. Two fell.",
    "Quite another article.",
)
ANOTHER, RIGHT = TEXTS[2].encode(), TEXTS[0].encode()

GONE = "DELETE FROM quote WHERE exact = 'Nobody was hurt.';"

STATEMENTS = (
    GONE,
    'INSERT INTO quote (incident_id, document_id, "start", "end", exact)'
    " SELECT i.id, d.id, 0, 16, 'Nobody was hurt.' FROM incident AS i, document AS d WHERE i.key = 'j' AND d.key = 'd';",
    "UPDATE quote SET \"start\" = 6, \"end\" = 22 WHERE id = (SELECT max(id) FROM quote);",
    "INSERT INTO document (key, title) VALUES ('e', 'E') ON CONFLICT DO NOTHING;",
    "DELETE FROM document WHERE key = 'e' AND id NOT IN (SELECT document_id FROM quote);",
    "UPDATE quote SET document_id = (SELECT max(id) FROM document) WHERE id = (SELECT min(id) FROM quote);",
    "UPDATE incident SET title = 'one' WHERE key = 'i';",
    "UPDATE incident SET title = 'two' WHERE key = 'i';",
    "INSERT INTO actor (key, name) VALUES ('y', 'Y') ON CONFLICT DO NOTHING;",
    "DELETE FROM actor WHERE key = 'y' AND id NOT IN (SELECT actor_id FROM attribution);",
    "INSERT INTO attribution (quote_id, step, actor_id) SELECT min(q.id), 1, (SELECT max(id) FROM actor) FROM quote AS q"
    " WHERE q.id NOT IN (SELECT quote_id FROM attribution) HAVING min(q.id);",
    "DELETE FROM attribution;",
)  # fmt: skip


@pytest.fixture
def seed(store: Store) -> Seed:
    return seeding(store, BASE)


def to_the_beginning(store: Store, beginning: int) -> list[int]:
    """Undo without a number, following the advice where that is refused; returns what was undone, in that order."""
    undone: list[int] = []
    for _ in range(200):
        following = undo.next_undo(store.connection)
        if following is None or following.seq <= beginning:
            return undone
        try:
            undone.append(undo.undo(store).of)
        except UsageError as refused:
            _follow(store, refused)
    raise AssertionError(f"undo leads in a circle: {undone[-12:]}")


def _follow(store: Store, refused: UsageError) -> None:
    for _ in range(20):
        named = re.search(r"by log (\d+) .*: undo that one first$", str(refused))
        assert named is not None, refused
        try:
            undo.undo(store, int(named[1]))
            return
        except UsageError as error:
            refused = error
    raise AssertionError(f"the advice leads in a circle: {refused}")


def test_a_quote_comes_back_beside_the_text_beside_which_it_stood(store: Store, seed: Seed) -> None:
    before = content(store)
    attach(store, ANOTHER, "d")
    attach(store, RIGHT, "d")
    seed(GONE)
    undo.undo(store, 3)
    assert to_the_beginning(store, 1) == [4, 2]
    assert content(store) == before


def test_a_text_comes_back_beside_the_quote_beside_which_it_stood(store: Store, seed: Seed) -> None:
    before = content(store)
    attach(store, ANOTHER, "d")
    with_another = content(store)
    attach(store, RIGHT, "d")
    seed(GONE)
    undo.undo(store, 3)
    undo.redo(store)
    undo.undo(store, 4)
    undo.undo(store)
    assert content(store) == with_another
    assert to_the_beginning(store, 1) == [2]
    assert content(store) == before


def test_a_quote_does_not_come_back_beside_a_text_beside_which_it_never_stood(store: Store, seed: Seed) -> None:
    attach(store, RIGHT, "d")
    removed = seed(GONE)
    attach(store, ANOTHER, "d")
    with pytest.raises(UsageError, match=r"document 'd' has been changed since by log 4"):
        undo.undo(store, removed)
    # Nor by the log's word for rows that a program which keeps no log has changed meanwhile.
    undo.undo(store)
    store.connection.execute("UPDATE document SET text = 'Late', text_length = 4")
    with pytest.raises(UsageError, match="program that keeps no log"):
        undo.undo(store, 2)


def test_what_was_done_again_has_its_old_place(store: Store, seed: Seed) -> None:
    """The actor must be there for the step of the chain to come back: after that, the step is next to undo."""
    seed("INSERT INTO actor (key, name) VALUES ('y', 'Y');")
    seed("INSERT INTO attribution (quote_id, step, actor_id) SELECT 1, 1, max(id) FROM actor;")
    seed("DELETE FROM attribution;")
    undo.undo(store, 2)
    with pytest.raises(UsageError, match=r"actor 'y' has been changed since by log 5 .*: undo that one first"):
        undo.undo(store)
    again = undo.undo(store, 5)
    assert (again.of, again.how, again.next) == (2, "redo", False)
    assert to_the_beginning(store, 1) == [4, 3, 2]
    again = undo.redo(store)
    assert (again.of, again.how, again.next) == (2, "redo", True)


def test_what_was_changed_again_to_the_same_is_the_later_writes(store: Store, seed: Seed) -> None:
    one, two = (f"UPDATE incident SET title = '{title}' WHERE key = 'i';" for title in ("one", "two"))
    first, second, third = seed(one), seed(two), seed(one)
    for seq in (first, second):
        with pytest.raises(UsageError, match=rf"incident 'i' has been changed since by log {third} "):
            undo.undo(store, seq)
    assert to_the_beginning(store, 1) == [third, second, first]


@pytest.mark.parametrize("chance", range(40))
def test_histories_by_chance_lead_back_to_the_beginning(chance: int, store: Store, seed: Seed) -> None:
    by_chance = random.Random(chance)
    before = content(store)
    for _ in range(by_chance.randint(8, 20)):
        try:
            _anything(by_chance, store, seed)
        except DatelineError:
            continue
    after = content(store)
    marks = last(store)
    undone = to_the_beginning(store, 1)
    assert content(store) == before
    if last(store) - marks == len(undone):  # no advice had to be followed
        _and_back(store, after, len(undone))
    assert not list(log.broken_rows(store.connection))


def _anything(chance: random.Random, store: Store, seed: Seed) -> None:
    choice = chance.random()
    if choice < 0.25:
        attach(store, chance.choice(TEXTS).encode(), chance.choice("de"))
    elif choice < 0.6:
        seed(chance.choice(STATEMENTS))
    elif choice < 0.7 and history(store.connection).back:
        undo.redo(store)
    elif last(store) > 1:
        undo.undo(store, chance.randint(2, last(store)))


def _and_back(store: Store, after: Content, steps: int) -> None:
    for _ in range(steps):
        undo.redo(store)
    assert content(store) == after
