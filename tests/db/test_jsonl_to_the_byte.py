"""What a store holds comes back from JSON lines as the bytes that it was: texts that are no letters, numbers, columns of JSON."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from db.formats import source
from db.formats.json_parts import loads
from db.formats.record import FormatError
from db.store import Store
from tests.support.json_lines import into, out

NO_LETTERS = {
    "document": "key title publisher author url archive_url accessed_at language reliability_reason text",
    "actor": "key name kind",
    "actor_alias": "alias",
    "place": "key name kind admin1",
    "system": "key name class",
    "incident": "key title summary event_type sub_event_type damage origin origin_id extra",
    "quote": "exact prefix suffix translation",
    "attribution": "verb",
    "claim": "field value",
    "tag": "name",
    "note": "text at",
    "star": "at",
    "root_dismissal": "at",
}
"""Table → columns of text in which a store made by another program may have bytes that are not UTF-8."""


@pytest.fixture
def no_letters(tmp_path: Path) -> Path:
    """A store whose every text is bytes: a cut letter, half of a pair, a byte that no UTF-8 has, and NUL."""
    bad = "CAST('ж' || x'C3' || 'a' || x'EDA080' || char(0) || {row} || x'FF' AS TEXT)"
    path = tmp_path / "bytes.db"
    with Store.create(path) as store, store.write("bytes") as connection:
        for table, columns in NO_LETTERS.items():
            own: dict[str, str] = {}
            match table:
                case "actor_alias":
                    own = {"actor_id": "1"}
                case "quote":
                    own = {"incident_id": "1", "document_id": "{row}"}
                case "attribution":
                    own = {"quote_id": "{row}", "step": "1", "actor_id": "2"}
                case "claim":
                    own = {"incident_id": "1", "quote_id": "{row}"}
                case "note" | "star":
                    own = {"incident_id": "{row}"}
                case "root_dismissal":
                    own = {"quote_id": "1", "other_id": "2"}
                case "incident":
                    own = {"place_id": "1"}
            own |= dict.fromkeys(columns.split(), bad)
            for row in ("1", "2")[: 1 if table == "root_dismissal" else 2]:
                values = ", ".join(value.format(row=row) for value in own.values())
                connection.execute(f"INSERT INTO {table} ({', '.join(own)}) VALUES ({values})")
        connection.execute("INSERT INTO incident_tag (incident_id, tag_id) VALUES (1, 1), (2, 2)")
        connection.execute("INSERT INTO incident_actor (incident_id, actor_id, role) VALUES (1, 1, 'target')")
        connection.execute("INSERT INTO incident_system (incident_id, system_id, role) VALUES (1, 1, 'munition')")
        connection.execute("INSERT INTO incident_system (incident_id, system_id, role) VALUES (1, 2, 'munition')")
        connection.execute("INSERT INTO incident_link (from_id, to_id, kind) VALUES (1, 2, 'related')")
    return path


def test_bytes_that_are_no_letters_come_back(no_letters: Path, tmp_path: Path) -> None:
    with Store.open(no_letters) as store:
        first = out(store, tmp_path / "first.jsonl")
        words = {
            table: sorted(store.connection.execute(f"SELECT {', '.join(columns.split())} FROM {table}").fetchall())
            for table, columns in NO_LETTERS.items()
        }
    for line in first.splitlines():
        json.loads(line)
    assert "\\udcff" in first
    with Store.create(tmp_path / "again.db") as store:
        assert into(store, tmp_path / "first.jsonl").added == 2
        assert out(store, tmp_path / "second.jsonl") == first
        for table, columns in NO_LETTERS.items():
            found = store.connection.execute(f"SELECT {', '.join(columns.split())} FROM {table}").fetchall()
            assert sorted(found) == words[table], table
        assert into(store, tmp_path / "first.jsonl").same == 2
        newer = first.replace('"title":"ж', '"title":"new ж')
        (tmp_path / "newer.jsonl").write_text(newer, encoding="utf-8")
        assert into(store, tmp_path / "newer.jsonl").changed == 2
        assert [line for line in out(store, tmp_path / "third.jsonl").splitlines() if '"incident"' in line] == [
            line for line in newer.splitlines() if '"incident"' in line
        ]


def test_an_escape_in_a_json_column_stays_an_escape(tmp_path: Path) -> None:
    """`extra` may spell half of a letter as JSON does: that is text, and no byte."""
    kept = r'{"a":"\udc80","b":"\ud800"}'
    with Store.create(tmp_path / "one.db") as store:
        with store.write("escapes") as connection:
            connection.execute("INSERT INTO incident (key, title, extra) VALUES ('a', 'A', ?)", (kept,))
        first = out(store, tmp_path / "first.jsonl")
    with Store.create(tmp_path / "two.db") as store:
        into(store, tmp_path / "first.jsonl")
        assert store.connection.execute("SELECT extra FROM incident").fetchone() == (kept,)
        assert out(store, tmp_path / "second.jsonl") == first


@pytest.mark.parametrize(
    "kept",
    [
        '{"a":1,"a":2}', '{"a":1e999}', '{"a":NaN}', '{"a":1.10}', '{"a":1E2}', '{"a":0.1000000000000000055}', "{}",
        '{"a":-0}', '{"a":123456789012345678901234567890}', "[1]", "null", '{"a":1},{"b":2}', "[" * 300 + "]" * 300,
        '{"a":' * 198 + "1" + "}" * 198, '{"a":' * 999 + "1" + "}" * 999, '{"a":"\\u00e9"}', '{"a":"é"}', "", "x",
    ],
)  # fmt: skip
def test_a_json_column_comes_back_as_the_text_that_it_was(kept: str, tmp_path: Path) -> None:
    with Store.create(tmp_path / "one.db") as store:
        with store.write("extra") as connection:
            connection.execute("INSERT INTO incident (key, title, extra) VALUES ('a', 'A', ?)", (kept,))
        first = out(store, tmp_path / "first.jsonl")
    assert all(loads(line) for line in first.splitlines())  # RFC 8259, and not what Python takes for it
    with Store.create(tmp_path / "two.db") as store:
        into(store, tmp_path / "first.jsonl")
        assert store.connection.execute("SELECT extra FROM incident").fetchone() == (kept,)


def test_white_space_is_all_that_a_json_column_can_lose(tmp_path: Path) -> None:
    with Store.create(tmp_path / "one.db") as store:
        with store.write("extra") as connection:
            kept = '{ "a b" : [1, "c  d"],\n"e": null}'
            connection.execute("INSERT INTO incident (key, title, extra) VALUES ('a', 'A', ?)", (kept,))
        assert '"extra":{"a b":[1,"c  d"],"e":null}' in out(store, tmp_path / "first.jsonl")


@pytest.mark.parametrize("number", ["NaN", "Infinity", "1e999"])
def test_what_is_no_json_is_no_line(number: str, tmp_path: Path) -> None:
    (tmp_path / "x.jsonl").write_text(
        f'{{"dateline":1}}\n{{"incident":{{"key":"a","title":"A","extra":{{"a":{number}}}}}}}\n'
    )
    with Store.create(tmp_path / "one.db") as store, pytest.raises(FormatError, match="line 2: not JSON"):
        into(store, tmp_path / "x.jsonl")


def test_a_long_line_of_wholes_is_written_from_the_widest_on(tmp_path: Path) -> None:
    """Keys fall where depth grows, and rows are stored before what they are part of."""
    with Store.create(tmp_path / "one.db") as store:
        with store.write("places") as connection:
            connection.execute("PRAGMA defer_foreign_keys = ON")
            connection.executemany(
                "INSERT INTO place (id, key, name, part_of) VALUES (?, ?, ?, ?)",
                [(n, f"p{n:03d}", f"P{n}", n + 1 if n < 300 else None) for n in range(1, 301)],
            )
            connection.execute("INSERT INTO incident (key, title, place_id) VALUES ('a', 'A', 1)")
        first = out(store, tmp_path / "first.jsonl")
    with Store.create(tmp_path / "two.db") as store:
        into(store, tmp_path / "first.jsonl")
        assert out(store, tmp_path / "second.jsonl") == first


def test_a_text_longer_than_the_lines_of_other_data_sets_comes_back(
    seeded: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(source, "MAX_LINE", 100_000)
    monkeypatch.setattr(source, "PIECE", 10_000)
    with Store.open(seeded, write=True) as store:
        with store.write("text") as connection:
            connection.execute("UPDATE document SET text = ? WHERE id = 1", ("'\n\"" * 100_000,))
        first = out(
            store, tmp_path / "first.jsonl", "WHERE id IN (SELECT incident_id FROM quote WHERE document_id = 1)"
        )
    assert max(map(len, first.splitlines())) > 300_000
    with Store.create(tmp_path / "new.db") as store:
        into(store, tmp_path / "first.jsonl")
        assert out(store, tmp_path / "second.jsonl") == first


def test_a_star_of_no_known_day_comes_back(tmp_path: Path, seeded: Path) -> None:
    with Store.open(seeded, write=True) as store:
        with store.write("star") as connection:
            connection.execute("INSERT INTO star (incident_id, at) VALUES (1, '')")
        first = out(store, tmp_path / "first.jsonl")
    with Store.create(tmp_path / "again.db") as store:
        into(store, tmp_path / "first.jsonl")
        assert out(store, tmp_path / "second.jsonl") == first
