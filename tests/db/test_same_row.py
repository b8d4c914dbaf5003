"""Which row a number is that of, read from the log: found by its text, as by parsing each row of it."""

from __future__ import annotations

import random
import shutil
import sqlite3
from contextlib import suppress
from functools import lru_cache
from pathlib import Path

import pytest

from db import edit, log, same_row, undo
from db.errors import UsageError
from db.formats import jsonl, jsonl_read
from db.formats.record import FormatError, Options
from db.importing import import_file
from db.settle import settle
from db.store import Store
from tests.db.test_undo_any import KEPT, _anything


def test_later_rows_of_the_log_that_name_none_of_its_rows_are_not_parsed(
    seeded: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Store.open(seeded, write=True) as store:
        edit.star(store, 1, True)
        (deep,) = store.connection.execute("SELECT max(id) FROM log").fetchone()
        for n in range(20):
            edit.add_note(store, 2, f"note {n}")
            edit.star(store, 3, not n % 2)
        parsed: list[int] = []
        changes_of = log.changes_of

        def counted(connection: sqlite3.Connection, log_id: int) -> list[log.Change]:
            parsed.append(log_id)
            return changes_of(connection, log_id)

        monkeypatch.setattr(log, "changes_of", counted)
        undo.undo(store, deep)
        assert set(parsed) == {deep}


@pytest.mark.parametrize("seed", range(8))
def test_the_text_of_the_log_tells_what_its_rows_do(
    seed: int, template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    chance = random.Random(seed)
    with Store.open(shutil.copyfile(template, tmp_path / "store.db"), write=True) as store:
        store.connection.execute(f"DELETE FROM incident WHERE key NOT IN ({KEPT})")
        for _ in range(12):
            match chance.randrange(4):
                case 0:
                    seqs = [seq for (seq,) in store.connection.execute("SELECT id FROM log")]
                    with suppress(UsageError):
                        undo.undo(store, chance.choice(seqs))
                case 1:
                    ids = [i for (i,) in store.connection.execute("SELECT id FROM incident")]
                    text = "\n".join(jsonl.write(store.connection, ids)).replace('"title":"', '"title":"So: ')
                    (tmp_path / "all.jsonl").write_text(text, encoding="utf-8")
                    with suppress(FormatError):
                        import_file(store, tmp_path / "all.jsonl", jsonl_read.FORMAT, Options())
                case _:
                    with store.write("by chance") as connection:
                        for _ in range(chance.randint(1, 8)):
                            with suppress(sqlite3.IntegrityError):
                                _anything(chance, connection)
                        settle(connection, strict=False)
        (last,) = store.connection.execute("SELECT max(id) FROM log").fetchone()
        tables = ("incident", "quote", "claim", "actor")
        places = [(table, row) for table in tables for row in range(1, 40)]
        searched = [same_row.others(store.connection, [p], since) for p in places for since in (0, last // 2)]
        monkeypatch.setattr(same_row, "_FEW", 0)
        # Nothing writes any more: each row of the log is parsed once, not once for each of some hundred questions.
        changes_of = lru_cache(None)(log.changes_of)
        monkeypatch.setattr(log, "changes_of", lambda connection, log_id: list(changes_of(connection, log_id)))
        parsed = [same_row.others(store.connection, [p], since) for p in places for since in (0, last // 2)]
        assert searched == parsed
        assert any(searched)


def test_what_json_lines_put_in_the_place_of_another_is_gone_when_they_are_undone(tmp_path: Path) -> None:
    with Store.create(tmp_path / "store.db") as store:
        with store.write("seed") as connection:
            connection.execute("INSERT INTO document (key, title) VALUES ('d', 'D')")
            connection.execute("INSERT INTO incident (key, title) VALUES ('i', 'I')")
            connection.execute("INSERT INTO quote (incident_id, document_id, exact) VALUES (1, 1, 'alpha')")
        text = "\n".join(jsonl.write(store.connection, [1])).replace("alpha", "beta")
        (tmp_path / "i.jsonl").write_text(text, encoding="utf-8")
        import_file(store, tmp_path / "i.jsonl", jsonl_read.FORMAT, Options())
        quotes = "SELECT id, exact FROM quote"
        assert store.connection.execute(quotes).fetchall() == [(1, "beta")], "under the number of the other"
        with store.write("speaker") as connection:
            connection.execute("INSERT INTO actor (key, name) VALUES ('a', 'A')")
            connection.execute("INSERT INTO attribution (quote_id, step, actor_id) VALUES (1, 1, 1)")
        undo.undo(store)
        undo.undo(store)
        assert store.connection.execute(quotes).fetchall() == [(1, "alpha")]
        undo.undo(store)
        assert store.connection.execute(quotes).fetchall() == []
        for _ in range(3):
            undo.redo(store)
        assert store.connection.execute(quotes).fetchall() == [(1, "beta")]
        assert store.connection.execute("SELECT quote_id FROM attribution").fetchall() == [(1,)]
