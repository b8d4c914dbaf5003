"""What a file of JSON lines says and the store does not take is said in a word: unknown members, things told twice."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from db.formats import jsonl
from db.formats.record import Imported
from db.store import Store
from tests.support.json_lines import import_lines

INCIDENT: dict[str, Any] = {
    "key": "a",
    "place": "p",
    "title": "A",
    "actors": [{"actor": "x", "role": "target"}],
    "systems": [{"system": "s", "role": "munition"}],
    "quotes": [
        {"document": "d", "exact": "one", "chain": [{"actor": "x", "verb": "said"}], "claims": [{"field": "killed", "value": "3"}]},
        {"document": "d", "exact": "two"},
    ],
    "claims": [{"field": "killed", "value": "4"}],
    "roots_apart": [{"quotes": [1, 2], "at": "2026-01-01"}],
    "notes": [{"text": "n", "at": "2026-01-01"}],
}  # fmt: skip
SHARED: list[dict[str, Any]] = [
    {"document": {"key": "d"}}, {"actor": {"key": "x", "name": "X"}}, {"place": {"key": "p", "name": "P"}},
    {"system": {"key": "s", "name": "S"}},
]  # fmt: skip


def told(done: Imported) -> list[str]:
    return [note for note in done.notes if "passed over" in note]


def out(store: Store) -> list[dict[str, Any]]:
    return [json.loads(line) for line in jsonl.write(store.connection, [1, 2])][1:]


@pytest.mark.parametrize(
    ("path", "named"),
    [
        (("incident",), "incident"),
        (("incident", "actors", 0), "part of an actor"),
        (("incident", "systems", 0), "part of a system"),
        (("incident", "quotes", 1), "quote"),
        (("incident", "quotes", 0, "chain", 0), "speaker"),
        (("incident", "quotes", 0, "claims", 0), "claim"),
        (("incident", "claims", 0), "claim"),
        (("incident", "roots_apart", 0), "pair of roots"),
        (("incident", "notes", 0), "note"),
        (("document",), "document"),
        (("actor",), "actor"),
        (("place",), "place"),
        (("system",), "system"),
        (("link",), "link"),
    ],
)
def test_a_member_that_is_not_known_is_named(path: tuple[str | int, ...], named: str, tmp_path: Path) -> None:
    sound = [*SHARED, {"incident": INCIDENT}, {"incident": {"key": "b", "title": "B"}}]
    sound.append({"link": {"from": "a", "to": "b", "kind": "same_as"}})
    with Store.create(tmp_path / "one.db") as store, Store.create(tmp_path / "two.db") as other:
        assert told(import_lines(other, tmp_path / "x.jsonl", *sound)) == []
        lines = out(other)
        at: Any = next(line for line in lines if path[0] in line)
        for step in path:
            at = at[step]
        at["killed_bset"] = {"deep": [1]}
        done = import_lines(store, tmp_path / "x.jsonl", *lines)
        assert done.added == 2
        (note,) = told(done)
        assert note.endswith(f": 1 (killed_bset of {named})")
        assert out(store) == out(other)
        # What is passed over makes no incident another one.
        again = import_lines(store, tmp_path / "x.jsonl", *lines)
        assert (again.same, again.changed, told(again)) == (2, 0, [note])


def test_many_are_named_up_to_a_few_and_counted(tmp_path: Path) -> None:
    lines = [{"incident": {"key": str(i), "title": "T", f"x{i}": 1, "kiled": 2}} for i in range(9)]
    with Store.create(tmp_path / "one.db") as store:
        (note,) = told(import_lines(store, tmp_path / "x.jsonl", *lines))
    assert note.endswith(
        ": 18 (x0 of incident, kiled of incident, x1 of incident, x2 of incident, x3 of incident, x4 of incident and others)"
    )


def test_other_names_are_an_actors_alone(tmp_path: Path) -> None:
    """A place's were once taken for those of the actor that happens to have its number."""
    with Store.create(tmp_path / "one.db") as store:
        place = {"place": {"key": "p", "name": "P", "aliases": ["Q"]}}
        (note,) = told(
            import_lines(store, tmp_path / "x.jsonl", SHARED[1], place, {"incident": {"key": "a", "title": "A"}})
        )
        assert "aliases of place" in note
        assert store.connection.execute("SELECT count(*) FROM actor_alias").fetchone() == (0,)


@pytest.mark.parametrize("line", SHARED)
def test_a_thing_told_twice_and_otherwise_is_named(line: dict[str, Any], tmp_path: Path) -> None:
    ((table, row),) = line.items()
    name = "title" if table == "document" else "name"
    incident = {"incident": {"key": "a", "title": "A"}}
    with Store.create(tmp_path / "one.db") as store:
        assert told(import_lines(store, tmp_path / "x.jsonl", line, {table: {**row, "part_of": None}}, incident)) == (
            [] if table != "document" else ["members that this Dateline does not know were passed over: 1 (part_of of document)"]
        )  # fmt: skip
        done = import_lines(store, tmp_path / "x.jsonl", line, {table: {**row, name: "Another"}}, line, incident)
        (note,) = told(done)
        assert note.endswith(f"of what an earlier line has told were passed over: 1 ({table} {row['key']})")
        (found,) = store.connection.execute(f"SELECT {name} FROM {table}").fetchone()
        assert found == row.get(name)
        # What the store had before may be another thing's name: the file does not contradict itself.
        assert told(import_lines(store, tmp_path / "x.jsonl", {table: {**row, name: "Another"}}, incident)) == []


def test_the_writer_writes_nothing_that_the_reader_passes_over(seeded: Path, tmp_path: Path) -> None:
    with Store.open(seeded) as store:
        ids = [i for (i,) in store.connection.execute("SELECT id FROM incident")]
        lines = [json.loads(line) for line in jsonl.write(store.connection, ids)][1:]
    with Store.create(tmp_path / "two.db") as other:
        assert told(import_lines(other, tmp_path / "x.jsonl", *lines)) == []
