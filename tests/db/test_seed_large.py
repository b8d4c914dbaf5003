"""Large seeds put the words of their quotes into the full text once, and nothing tells the difference but the time."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from db import full_text
from db.errors import ScriptError
from db.store import Store
from db.verify import findings
from seed import load as loading
from seed.load import load

SEED = """\
INSERT INTO document (id, key) VALUES (1, 'd');
INSERT INTO incident (id, key, title) VALUES (1, 'a', 'Alpha'), (2, 'b', 'Beta'), (3, 'c', 'Gamma'), (4, 'e', 'Delta');
INSERT INTO quote (id, incident_id, document_id, exact) VALUES
  (1, 1, 1, 'one drone'), (2, 1, 1, 'two rockets'), (3, 2, 1, 'three mortars'), (4, 3, 1, 'four mines'),
  (5, 4, 1, 'five shells');
"""
MORE = """\
INSERT INTO quote (incident_id, document_id, exact) VALUES (2, 1, 'six drones');
UPDATE quote SET incident_id = 3 WHERE id = 1;
UPDATE quote SET exact = 'two missiles' WHERE id = 2;
DELETE FROM quote WHERE id = 4;
DELETE FROM incident WHERE id = 4;
INSERT OR REPLACE INTO incident (id, key, title) VALUES (2, 'b', 'Beta again');
"""
SEARCHED = """\
INSERT INTO quote (incident_id, document_id, exact) VALUES (3, 1, 'a zeppelin');
INSERT INTO tag (id, name) VALUES (1, 'air');
INSERT INTO incident_tag (incident_id, tag_id) SELECT rowid, 1 FROM incident_text WHERE incident_text MATCH 'zeppelin';
"""


def file(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def text_of(connection: sqlite3.Connection) -> list[tuple[object, ...]]:
    return connection.execute("SELECT rowid, title, summary, quotes FROM incident_text ORDER BY rowid").fetchall()


@pytest.fixture
def stopped(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """Every seed counts as large; whether the triggers were stopped, for each."""
    monkeypatch.setattr(loading, "LARGE", 1)
    told: list[bool] = []
    at_once = full_text.quotes_at_once

    def noted(
        connection: sqlite3.Connection, incident_ids: Callable[[], Iterable[int]]
    ) -> AbstractContextManager[None]:
        told.append(True)
        return at_once(connection, incident_ids)

    monkeypatch.setattr(full_text, "quotes_at_once", noted)
    return told


def test_the_full_text_is_what_the_triggers_make_of_it(
    tmp_path: Path, stopped: list[bool], monkeypatch: pytest.MonkeyPatch
) -> None:
    texts = []
    for large in (True, False):
        if not large:
            monkeypatch.setattr(loading, "LARGE", 100_000)
        with Store.create(tmp_path / f"{large}.db") as store:
            for name, text in (("seed.sql", SEED), ("more.sql", MORE)):
                load(store, [file(tmp_path / name, text)])
            texts.append(text_of(store.connection))
            assert not [finding for finding in findings(store.connection) if finding.wrong]
    assert len(stopped) == 2
    assert texts[0] == texts[1]
    assert "six drones" not in str(texts[0]), "its incident was replaced, and its quotes went with it"


def test_a_seed_that_searches_finds_what_it_brought(tmp_path: Path, stopped: list[bool]) -> None:
    with Store.create(tmp_path / "s.db") as store:
        load(store, [file(tmp_path / "seed.sql", SEED)])
        load(store, [file(tmp_path / "searched.sql", SEARCHED)])
        assert store.connection.execute("SELECT incident_id FROM incident_tag").fetchall() == [(3,)]
    assert len(stopped) == 1


def test_a_seed_that_fails_leaves_the_triggers(tmp_path: Path, stopped: list[bool]) -> None:
    with Store.create(tmp_path / "s.db") as store:
        load(store, [file(tmp_path / "seed.sql", SEED)])
        before = list(store.connection.iterdump())
        bad = "INSERT INTO quote (incident_id, document_id, exact) VALUES (1, 1, 'w');\nDELETE FROM document;\n"
        with pytest.raises(ScriptError):
            load(store, [file(tmp_path / "bad.sql", bad)])
        assert list(store.connection.iterdump()) == before
    assert len(stopped) == 2
