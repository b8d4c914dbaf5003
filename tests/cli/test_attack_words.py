"""What a fresh attack made the commands trip over: each is one clear line now, and nothing is changed."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import main
from db import log, views
from db.errors import UsageError
from db.store import Store
from tui import settings

ROOT = Path(__file__).resolve().parents[2]
DEEP = "[" * 20_000
DIGITS = "9" * 5_000


def said(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str]:
    """Exit status and stderr of a command."""
    capsys.readouterr()
    status = main.run(words)
    err = capsys.readouterr().err
    assert "Traceback" not in err
    return status, err


def change(path: Path, sql: str) -> None:
    """Write to a store past Dateline."""
    connection = Store.open(path, write=True).connection
    connection.execute(sql)
    connection.close()


def written(path: Path) -> None:
    """Leave a write of three rows in the log."""
    with Store.open(path, write=True) as store, store.write("tags") as connection:
        connection.execute("INSERT INTO tag (name) VALUES ('a'), ('b'), ('c')")


def imported(
    capsys: pytest.CaptureFixture[str], folder: Path, store: Path, mapping: str, row: str = "1,2"
) -> tuple[int, str]:
    """Import a CSV file of one row, whose columns are a and b, into a store by the words of a mapping."""
    words, file = folder / "m.toml", folder / "x.csv"
    words.write_text(mapping)
    file.write_text(f"a,b\n{row}\n")
    return said(capsys, "import", str(file), "--as", "csv", "--map", str(words), "--store", str(store))


@pytest.mark.parametrize("text", [f"origin = {DEEP}", f"origin = {DIGITS}"], ids=["brackets", "digits"])
def test_a_mapping_beyond_measure_is_one_line(
    seeded: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str
) -> None:
    status, err = imported(capsys, tmp_path, seeded, text)
    assert (status, len(err.splitlines())) == (2, 1)
    assert "m.toml" in err


@pytest.mark.parametrize("text", [f"theme = {DEEP}", f"theme = {DIGITS}"], ids=["brackets", "digits"])
def test_settings_beyond_measure_are_one_line(tmp_path: Path, text: str) -> None:
    (tmp_path / "settings.toml").write_text(text)
    with pytest.raises(UsageError, match=r"settings\.toml"):
        settings.load(tmp_path / "settings.toml")


@pytest.mark.parametrize(
    ("words", "part"),
    [
        (("undo", "99999999999999999999999"), "the log has no row"),
        (("log", "--limit", "99999999999999999999999"), "range"),
        (("list", "--limit", "99999999999999999999999"), "range"),
    ],
)
def test_numbers_without_end(
    seeded: Path, capsys: pytest.CaptureFixture[str], words: tuple[str, ...], part: str
) -> None:
    written(seeded)
    status, err = said(capsys, *words, "--store", str(seeded))
    assert status == 2
    assert part in err


TAMPERED = {
    "nothing for the rows before": "UPDATE log SET before = '' WHERE id = (SELECT max(id) FROM log)",
    "fewer rows before than after": "UPDATE log SET before = '[]' WHERE id = (SELECT max(id) FROM log)",
    "entries without a row": 'UPDATE log SET after = \'[{"table": "tag", "id": 1}]\', before = after WHERE id = (SELECT max(id) FROM log)',
    "no list at all": "UPDATE log SET after = '5' WHERE id = (SELECT max(id) FROM log)",
    "numbers for rows": "UPDATE log SET after = '[1, 2, 3]' WHERE id = (SELECT max(id) FROM log)",
    "a number that SQLite has not": f"UPDATE log SET after = replace(after, '\"id\": 1', '\"id\": {DIGITS[:40]}'),"
    f" before = replace(before, '\"id\": 1', '\"id\": {DIGITS[:40]}') WHERE id = (SELECT max(id) FROM log)",
    "SQL for a column": "UPDATE log SET before = replace(before, 'null', '{\"name\\\") VALUES (1); --\": 1}') WHERE id = (SELECT max(id) FROM log)",
    "brackets without end": f"UPDATE log SET after = '{DEEP}' WHERE id = (SELECT max(id) FROM log)",
}


@pytest.mark.parametrize("sql", TAMPERED.values(), ids=TAMPERED)
def test_a_log_that_was_tampered_with_is_not_undone(seeded: Path, capsys: pytest.CaptureFixture[str], sql: str) -> None:
    written(seeded)
    connection = Store.open(seeded, write=True).connection
    connection.execute("PRAGMA ignore_check_constraints = ON")
    connection.execute(sql)
    before = connection.execute("SELECT * FROM tag").fetchall()
    (last,) = connection.execute("SELECT max(id) FROM log").fetchone()
    connection.close()
    status, err = said(capsys, "undo", str(last), "--store", str(seeded))
    assert status != 0
    assert len(err.splitlines()) == 1
    for words in (("log",), ("log", "--rows"), ("verify",)):
        said(capsys, *words, "--store", str(seeded))
    with Store.open(seeded) as store:
        assert store.connection.execute("SELECT * FROM tag").fetchall() == before


def test_a_store_whose_ids_are_used_up_says_so(
    seeded: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    change(seeded, "INSERT INTO incident (id, key, title) VALUES (9223372036854775807, 'last', 'Last')")
    status, err = imported(capsys, tmp_path, seeded, 'origin = "x"\n[columns]\ntitle = "a"\n')
    assert status != 0
    assert "no ids are left" in err


def test_an_incident_of_a_far_id_is_imported_again(
    seeded: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its flag takes no memory for all the ids before it."""
    change(seeded, f"INSERT INTO incident (id, key, title, origin, origin_id) VALUES ({1 << 50}, 'f', 'F', 'x', '7')")
    status, err = imported(capsys, tmp_path, seeded, 'origin = "x"\n[columns]\ntitle = "a"\nid = "b"\n', "1,7")
    assert status == 0, err


def test_a_named_file_is_read_without_a_standard_input(seeded: Path, tmp_path: Path) -> None:
    """As of `dateline import bad.csv <&-`."""
    (tmp_path / "bad.csv").write_text("a,b\n1,2\n")
    for words in (["import", str(tmp_path / "bad.csv")], ["import", "-", "--as", "ucdp-ged"], ["note", "x", "-"], []):
        line = " ".join(["exec", '"$0"', '"$@"', "<&-"])
        done = subprocess.run(
            ["sh", "-c", line, sys.executable, str(ROOT / "main.py"), *words, "--store", str(seeded)],
            capture_output=True, text=True, cwd=ROOT, check=False,
        )  # fmt: skip
        assert done.returncode != 0
        assert "Traceback" not in done.stderr
        assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize("layout", ["[" * 200_000, "[]", "7", '{"detail": 1, "x": ' + DIGITS + "}"], ids=str.__len__)
def test_a_hostile_layout_is_none(seeded: Path, capsys: pytest.CaptureFixture[str], layout: str) -> None:
    connection = Store.open(seeded, write=True).connection
    connection.execute("PRAGMA ignore_check_constraints = ON")
    connection.execute("INSERT INTO view (name, query, layout) VALUES ('v', 'drone', ?)", (layout,))
    connection.close()
    assert said(capsys, "list", "view:v", "--store", str(seeded))[0] == 0
    with Store.open(seeded) as store:
        (view,) = views.listed(store.connection, seeded)
    assert view.layout == {}


@pytest.mark.parametrize(
    "text", ['{"%s": [5]}', '{"%s": 7}', "7", "[", "[" * 200_000, '{"%s": [{"name": 1}]}'], ids=str.__len__
)
def test_a_hostile_file_of_views_is_one_line(
    seeded: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    file = tmp_path / "views.json"
    file.write_text(text.replace("%s", str(seeded)))
    kept = file.read_bytes()
    monkeypatch.setattr(views, "_beside_file", lambda: file)
    monkeypatch.setattr(views, "writable", lambda path: False)
    status, err = said(capsys, "list", "view:v", "--store", str(seeded))
    assert (status, len(err.splitlines())) == (2, 1)
    assert "views.json" in err
    with pytest.raises(UsageError):
        views.save(seeded, views.View("v", "drone"))
    assert file.read_bytes() == kept


def test_a_log_row_that_fits_is_read(seeded: Path) -> None:
    """What guards against tampering keeps nothing of a sound log away."""
    written(seeded)
    with Store.open(seeded) as store:
        (last,) = store.connection.execute("SELECT max(id) FROM log").fetchone()
        assert [(c.table, c.after and c.after["name"]) for c in log.changes_of(store.connection, last)] == [
            ("tag", "a"), ("tag", "b"), ("tag", "c"),
        ]  # fmt: skip
