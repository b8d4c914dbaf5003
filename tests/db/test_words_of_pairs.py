"""One word on two incidents in place of another is one write: whole, or not at all, and never another's word."""

from __future__ import annotations

from itertools import permutations
from pathlib import Path

import pytest

from db import linking
from db.errors import UsageError
from db.linking import DISTINCT, speak
from db.store import Store
from db.undo import undo


def said(store: Store) -> list[object]:
    links = store.connection.execute("SELECT kind FROM incident_link WHERE from_id IN (1, 2) AND to_id IN (1, 2)")
    denials = store.connection.execute("SELECT polarity FROM claim WHERE field = 'same_as' AND incident_id = 1")
    return [kind for (kind,) in (*links, *denials)]


@pytest.mark.parametrize("word", ["same_as", "related", DISTINCT])
def test_what_another_has_said_already_is_not_ones_own(word: str, seeded: Path) -> None:
    with Store.open(seeded, write=True) as store:
        assert linking.link(store, 1, 2, word)
        before, rows = said(store), store.connection.execute("SELECT count(*) FROM log").fetchone()
        assert not speak(store, 1, 2, None, word)
        assert (said(store), store.connection.execute("SELECT count(*) FROM log").fetchone()) == (before, rows)


def test_a_word_that_is_refused_leaves_the_one_before(seeded: Path) -> None:
    with Store.open(seeded, write=True) as store:
        assert speak(store, 1, 2, None, "related")
        linking.link(store, 2, 1, "same_as")
        with pytest.raises(UsageError, match="unlink them first"):
            speak(store, 1, 2, "related", DISTINCT)
        assert sorted(map(str, said(store))) == ["related", "same_as"]


def test_a_word_that_another_took_back_is_not_replaced(seeded: Path) -> None:
    with Store.open(seeded, write=True) as store:
        assert speak(store, 1, 2, None, "related")
        linking.unlink(store, 1, 2, "related")
        with pytest.raises(UsageError, match="does not stand any more"):
            speak(store, 1, 2, "related", "same_as")
        assert said(store) == []


@pytest.mark.parametrize(
    ("before", "after"), [*permutations(("same_as", "related", DISTINCT), 2), ("same_as", None), (DISTINCT, None)]
)
def test_a_changed_word_is_one_step_to_undo(before: str, after: str | None, seeded: Path) -> None:
    with Store.open(seeded, write=True) as store:
        assert speak(store, 1, 2, None, before)
        first = said(store)
        assert speak(store, 1, 2, before, after)
        assert len(said(store)) == (after is not None)
        undo(store)
        assert said(store) == first
