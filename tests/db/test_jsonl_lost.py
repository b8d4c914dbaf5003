"""What JSON lines may not take or leave out without a word: links that are none, and an analyst's work on quotes."""

from __future__ import annotations

from pathlib import Path

import pytest

from db.formats import jsonl_read
from db.formats.record import FormatError, Imported, Options
from db.importing import import_file
from db.store import Store
from tests.support.json_lines import import_lines

QUOTES = [
    {"document": "d1", "exact": "Two rockets fell"},
    {"document": "d2", "exact": "Two rockets fell near the gate"},
]
SHARED = [{"document": {"key": name}} for name in ("d1", "d2")] + [{"actor": {"key": "x", "name": "X"}}]


@pytest.mark.parametrize(
    "link",
    [
        {"from": "a", "to": "b", "kind": "same-as"},
        {"from": "a", "to": "a", "kind": "same_as"},
        {"from": "a", "to": "b"},
        {"from": "a", "to": "b", "kind": 5},
        {"from": "a", "to": "nobody", "kind": "same_as"},
    ],
)
def test_a_link_that_is_none_is_refused_with_its_line(link: dict[str, object], tmp_path: Path) -> None:
    with Store.create(tmp_path / "one.db") as store:
        incidents = [{"incident": {"key": key, "title": key}} for key in "ab"]
        with pytest.raises(FormatError, match=r"line 4: .*nothing was imported"):
            import_lines(store, tmp_path / "x.jsonl", *incidents, {"link": link})
        assert store.connection.execute("SELECT count(*) FROM incident").fetchone() == (0,)
        sound = {"link": {"from": "a", "to": "b", "kind": "same_as"}}
        import_lines(store, tmp_path / "x.jsonl", *incidents, sound, sound)
        import_lines(store, tmp_path / "x.jsonl", *incidents, sound)
        assert store.connection.execute("SELECT kind FROM incident_link").fetchall() == [("same_as",)]


@pytest.mark.parametrize(
    ("sql", "told"),
    [
        ("INSERT INTO root_dismissal (quote_id, other_id, at) VALUES (1, 2, '2026-01-01')", "pairs of roots said to be apart: 1"),
        ("INSERT INTO attribution (quote_id, step, actor_id, verb) VALUES (1, 1, 1, 'said')", "speakers of quotes: 1"),
        ("UPDATE quote SET translation = 'Zwei' WHERE id = 1", "translations: 1"),
        ("INSERT INTO quote (incident_id, document_id, exact) VALUES (1, 1, 'more')", "quotes: 1"),
    ],
)  # fmt: skip
def test_work_on_quotes_that_the_file_lacks_is_said(sql: str, told: str, tmp_path: Path) -> None:
    incident: dict[str, object] = {"key": "a", "title": "A", "quotes": QUOTES}
    with Store.create(tmp_path / "one.db") as store:
        import_lines(store, tmp_path / "x.jsonl", *SHARED, {"incident": incident})
        with store.write("work") as connection:
            connection.execute(sql)
        done = import_lines(store, tmp_path / "x.jsonl", {"incident": {**incident, "title": "A, corrected"}})
        (said,) = [note for note in done.notes if "the file lacks" in note]
        assert f"lacks {told};" in said
        done = import_lines(store, tmp_path / "x.jsonl", {"incident": {**incident, "title": "A"}})
        assert [note for note in done.notes if "the file lacks" in note] == []


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ('{"incident":{"key":"a","title":"A","title":"B"}}', "two members named 'title'"),
        ('{"incident":{"key":"a","title":"A","extra":{"x":1,"x":2}}}', "two members named 'x'"),
        ('{"incident":{"key":"a","title":"A","starred":true}}', "starred is no text"),
        ('{"incident":{"key":"a","title":"A","killed_best":true}}', "killed_best is true"),
    ],
)
def test_a_value_that_would_be_lost_or_taken_for_another_is_refused(line: str, told: str, tmp_path: Path) -> None:
    (tmp_path / "x.jsonl").write_text(f'{{"dateline":1}}\n{line}\n')
    with Store.create(tmp_path / "one.db") as store:
        with pytest.raises(FormatError, match=told):
            import_file(store, tmp_path / "x.jsonl", jsonl_read.FORMAT, Options())
        assert store.connection.execute("SELECT count(*) FROM incident").fetchone() == (0,)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('{"hostile":true}', '{"hostile":1}'),
        ('{"n":0}', '{"n":false}'),
        ('{"n":10}', '{"n":10.0}'),
        ('{"n":0.0}', '{"n":-0.0}'),
        ('{"a":1,"b":2}', '{"b":2,"a":1}'),
    ],
)
def test_values_that_python_takes_for_equal_are_brought_up_to_date(before: str, after: str, tmp_path: Path) -> None:
    def load(store: Store, extra: str) -> Imported:
        line = f'{{"incident":{{"key":"a","title":"A","extra":{extra}}}}}'
        (tmp_path / "x.jsonl").write_text(f'{{"dateline":1}}\n{line}\n')
        return import_file(store, tmp_path / "x.jsonl", jsonl_read.FORMAT, Options())

    with Store.create(tmp_path / "one.db") as store:
        assert load(store, before).added == 1
        assert load(store, before).same == 1
        assert load(store, after).changed == 1
        assert store.connection.execute("SELECT extra FROM incident").fetchone() == (after,)
        assert load(store, after).same == 1
