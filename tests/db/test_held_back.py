"""A table of the owner's own that refers to rows which a write would take away is named, with what to do."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

import main
from db import undo
from db.errors import StoreError, UsageError
from db.formats.record import Options
from db.formats.registry import named
from db.importing import import_file
from db.store import Store

CSV = "id,title,weapon\n1,One,{weapon}\n2,Two,rocket\n"
MAPPING = 'origin = "o"\n[columns]\nid = "id"\ntitle = "title"\n[systems]\nmunition = "weapon"\n'


def load(path: Path, weapon: str) -> None:
    file, mapping = path.with_name("a.csv"), path.with_name("m.toml")
    file.write_text(CSV.format(weapon=weapon))
    mapping.write_text(MAPPING)
    with Store.open(path, write=True) as store:
        import_file(store, file, named("csv"), Options(mapping=mapping))


def undone(path: Path) -> None:
    with Store.open(path, write=True) as store:
        undo.undo(store, 1)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "s.db"
    Store.create(path).close()
    load(path, "drone")
    return path


def content(path: Path) -> list[str]:
    with closing(sqlite3.connect(path)) as connection:
        return list(connection.iterdump())


@pytest.mark.parametrize("how", ["", "ON DELETE RESTRICT", "DEFERRABLE INITIALLY DEFERRED"])
@pytest.mark.parametrize(
    ("act", "parent"),
    [
        (undone, "incident"),
        (undone, "incident_system"),
        (undone, "system"),
        (lambda path: load(path, "missile"), "incident_system"),
    ],
    ids=["undo", "undo of children", "undo of names", "import"],
)
def test_the_table_that_stands_against_a_write_is_named(
    act: Callable[[Path], None], parent: str, how: str, path: Path
) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(
            f'CREATE TABLE "my ""own" (n INTEGER REFERENCES {parent} (id) {how}); CREATE TABLE other (n);'
            f'INSERT INTO "my ""own" SELECT id FROM {parent};'
        )
    before = content(path)
    with pytest.raises(UsageError) as told:
        act(path)
    assert f"the table my \"own, which is not Dateline's, refers to rows of {parent} that would go; delete" in str(
        told.value
    )
    assert "\n" not in str(told.value)
    assert content(path) == before
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript('DELETE FROM "my ""own"')
    act(path)


def test_of_several_tables_the_one_that_stands_against_it_is_named(
    path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(
            "CREATE TABLE mine (n INTEGER REFERENCES incident); CREATE TABLE yours (n INTEGER REFERENCES incident);"
            "INSERT INTO yours VALUES (1)"
        )
    assert main.run(["undo", "--store", str(path)]) == 2
    told = capsys.readouterr().err
    assert told.count("\n") == 1 and "yours" in told and "mine" not in told


def test_json_lines_that_rewrite_an_incident_name_the_table(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lines = path.with_name("a.jsonl")
    assert main.run(["export", "-o", str(lines), "--as", "jsonl", "--store", str(path)]) == 0
    lines.write_text(lines.read_text().replace('"One"', '"Uno"'))
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(
            "CREATE TABLE mine (n INTEGER REFERENCES incident_system); INSERT INTO mine VALUES (1)"
        )
    capsys.readouterr()
    assert main.run(["import", str(lines), "--as", "jsonl", "--store", str(path)]) != 0
    told = capsys.readouterr().err
    assert told.count("\n") == 1 and "the table mine" in told and "nothing was imported" in told


def test_without_such_a_table_the_fault_is_told_as_it_was(path: Path) -> None:
    with (
        Store.open(path, write=True) as store,
        pytest.raises(StoreError, match=r"s\.db: FOREIGN KEY"),
        store.write("x") as connection,
    ):
        connection.execute("INSERT INTO note (incident_id, text, at) VALUES (99, 'x', 'now')")
