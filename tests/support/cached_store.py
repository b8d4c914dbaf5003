"""An engine over a store and its cache, held against the plain engine that has none."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from db.engine.answer import Wants
from db.engine.columns import ColumnsEngine
from db.engine.plain import PlainEngine
from db.engine.postings import Thresholds
from db.fields import FACET_NAMES
from db.query import parse
from db.store import Store

QUERIES = ("", "the", "dro*", "is:starred", "-type:drone-strike", "actor:alpha", "date:2021-05", "killed:>0")
EVERY_WORD = Thresholds(1, 1)


def check(path: Path, folder: Path, *, gather: bool = False) -> ColumnsEngine:
    """Open an engine and hold its answers against the plain one's."""
    opened = Store.open(path)
    engine = ColumnsEngine(opened, folder=folder, thresholds=EVERY_WORD)
    if gather:
        assert engine.gather_postings()
    same(engine, path)
    return engine


def same(engine: ColumnsEngine, path: Path, texts: Sequence[str] = QUERIES) -> None:
    """Hold an engine's answers against the plain one's."""
    with Store.open(path) as opened:
        plain = PlainEngine(opened.connection)
        for text in texts:
            expected, answer = (e.answer(parse(text), Wants(FACET_NAMES)) for e in (plain, engine))
            assert answer.totals == expected.totals, text
            assert answer.window(0, 999) == expected.window(0, 999), text
            assert {name: list(counts) for name, counts in answer.facets.items()} == expected.facets, text


def write(path: Path, *statements: str) -> None:
    """Run SQL as another program would."""
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("PRAGMA foreign_keys = ON")
        for statement in statements:
            connection.execute(statement)


def files(folder: Path) -> dict[str, Path]:
    """The files of a cache folder by their kind."""
    return {path.suffix: path for path in folder.iterdir()}
