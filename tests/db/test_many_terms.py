"""A query of thousands of terms, as a stranger's view may be, costs as much for each term as one of a few."""

from __future__ import annotations

import weakref
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

import main
from db import query_tree, views
from db.engine.columns import ColumnsEngine
from db.engine.masks import Pair, _combined
from db.engine.plain import PlainEngine
from db.query import LONGEST, Node, asked, parse
from db.query_tree import Certain, QueryError
from db.store import Store
from db.views import View

TERMS = 300
NEAR = " ".join(f"-near:Erbil/{km}km" for km in range(1, TERMS + 1))


@pytest.mark.parametrize("kind", ["plain", "columns"])
def test_each_of_many_terms_is_looked_at_once(kind: str, seeded: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether `certain:` stands in the query is not looked for, and the places are not read, at every term anew."""
    looked: list[Node] = []
    certainties = query_tree._certainties

    def counted(node: Node) -> Iterator[Certain]:
        looked.append(node)
        return certainties(node)

    monkeypatch.setattr(query_tree, "_certainties", counted)
    with Store.open(seeded) as store:
        engine = PlainEngine(store.connection) if kind == "plain" else ColumnsEngine(store)
        read: list[str] = []
        store.connection.set_trace_callback(read.append)
        found = engine.answer(parse(NEAR)).totals
        assert found.rows < engine.answer(parse("")).totals.rows
        assert len(looked) <= TERMS + 10
        assert sum("FROM place" in sql for sql in read) == 1


def test_masks_of_many_terms_are_not_held_together() -> None:
    """Thousands of masks of a large store would be more than its memory."""
    made: list[weakref.ref[np.ndarray[tuple[int], np.dtype[np.bool_]]]] = []
    most = 0

    def pairs() -> Iterator[Pair]:
        nonlocal most
        for at in range(50):
            maybe, sure = np.zeros(64, np.bool_), np.zeros(64, np.bool_)
            maybe[at], sure[at] = True, at % 2
            made.append(weakref.ref(maybe))
            most = max(most, sum(mask() is not None for mask in made))
            yield Pair(maybe, sure)

    maybe, sure = _combined(pairs(), np.logical_or)
    assert (int(maybe.sum()), int(sure.sum())) == (50, 25)
    assert most < 5


def test_a_query_beyond_all_measure_is_one_line(seeded: Path, capsys: pytest.CaptureFixture[str]) -> None:
    long = '"' + "the " * (LONGEST // 4) + '"'
    views.save(seeded, View("long", long))
    for words in ([long], ["view:long"]):
        assert main.run(["count", *words, "--store", str(seeded)]) == 2
        first, *_ = capsys.readouterr().err.splitlines()
        assert f"at most {LONGEST:,} are asked" in first


def test_a_query_of_the_greatest_length_is_asked() -> None:
    assert asked("a " * (LONGEST // 2)) == parse("a " * (LONGEST // 2))
    with pytest.raises(QueryError, match=r"100,001 characters"):
        asked("a " * (LONGEST // 2) + "b")
