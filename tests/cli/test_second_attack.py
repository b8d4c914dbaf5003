"""What another fresh attack made the commands trip over."""

from __future__ import annotations

import os
import resource
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from db.store import Store
from seed import load as seed_load
from tests.cli.conftest import Dateline

ROOT = Path(__file__).resolve().parents[2]
ODD = os.fsdecode(b"f\xff")


def _change(path: Path, sql: str) -> None:
    with closing(Store.open(path, write=True)) as store:
        store.connection.execute(sql)


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE country SET name = 'Nowhere' WHERE code = 'IQ'",
        "DELETE FROM country WHERE code = 'ZW'",
        "INSERT INTO country VALUES ('ZZ', 'Nowhere')",
    ],
)
def test_a_seed_leaves_the_countries_alone(dateline: Dateline, seeded: Path, tmp_path: Path, sql: str) -> None:
    """The log does not capture them, so that undo could not bring them back."""
    (tmp_path / "c.sql").write_text(f"{sql};")
    before = dateline("count", "--by", "country", "--store", seeded).out
    done = dateline("seed", tmp_path / "c.sql", "--store", seeded)
    assert (done.status, done.err.split(": ", 2)[2]) == (
        1,
        "the table country is not for seed files to write; remove it\n",
    )
    assert dateline("count", "--by", "country", "--store", seeded).out == before


@pytest.mark.parametrize(
    ("sql", "words"),
    [
        ("UPDATE note SET id = 900", "id of a row of note"),
        ("UPDATE note SET rowid = 900", "ROWID of a row of note"),
        ("UPDATE star SET incident_id = 7", "incident_id of a row of star"),
        ("INSERT INTO tag (id, name) VALUES (1, 'a') ON CONFLICT (name) DO UPDATE SET id = 9", "id of a row of tag"),
    ],
)
def test_a_seed_leaves_the_numbers_of_rows_alone(
    dateline: Dateline, seeded: Path, tmp_path: Path, sql: str, words: str
) -> None:
    """Undo would look for the row under the number that the log has."""
    (tmp_path / "n.sql").write_text(f"{sql};")
    done = dateline("seed", tmp_path / "n.sql", "--store", seeded)
    assert (done.status, words in done.err, done.err.count("\n")) == (1, True, 1)


def test_a_statement_that_takes_long_is_named(
    dateline: Dateline, seeded: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(seed_load, "PATIENCE_S", 0.0)
    file = tmp_path / "long.sql"
    file.write_text(
        "\nWITH RECURSIVE a (x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM a WHERE x < 200000) SELECT count(*) FROM a;"
    )
    done = dateline("seed", file, "--store", seeded)
    assert done.status == 0
    assert done.err.count(f"{file}:2: this statement takes long") == 1


def test_files_whose_names_are_not_utf_8_are_imported(dateline: Dateline, seeded: Path, tmp_path: Path) -> None:
    for name in ("geojson", "timesketch", "timelinejs"):
        file = tmp_path / f"{ODD}.{name}"
        assert dateline("export", "--as", name, "-o", file, "--store", seeded).status == 0
        for store in (seeded, tmp_path / f"new-{name}.db"):
            assert dateline("import", file, "--as", name, "--store", store).status == 0
        with Store.open(store) as opened:
            origins = opened.connection.execute("SELECT DISTINCT origin FROM incident").fetchall()
        assert origins == [("f?",)]


def test_a_mapping_drafted_for_such_a_name_is_toml(dateline: Dateline, tmp_path: Path) -> None:
    file = tmp_path / f"{ODD}.csv"
    file.write_text("id,date,title\n1,2021-05-08,A fire\n")
    drafted = dateline("import", file, "--as", "csv", "--guess")
    assert drafted.status == 0
    (tmp_path / "m.toml").write_text(drafted.out)
    done = dateline("import", file, "--as", "csv", "--map", tmp_path / "m.toml", "--store", tmp_path / "new.db")
    assert (done.status, "1 added" in done.err) == (0, True)


@pytest.mark.parametrize("day", ["2021-02-30", "2021-13-01", "31/02/2021"])
def test_a_day_of_publication_that_is_none_is_rejected(dateline: Dateline, tmp_path: Path, day: str) -> None:
    (tmp_path / "p.csv").write_text(
        f"id,date,title,pub,doc,pd\n1,2021-05-08,A,P,D,2021-05-09\n2,2021-05-08,B,P,E,{day}\n"
    )
    (tmp_path / "m.toml").write_text(
        'origin = "o"\ndates = "dmy"\n[columns]\nid = "id"\ndate = "date"\ntitle = "title"\n'
        'publisher = "pub"\ndocument = "doc"\npublished = "pd"\n'
    )
    store = tmp_path / "p.db"
    done = dateline("import", tmp_path / "p.csv", "--as", "csv", "--map", tmp_path / "m.toml", "--store", store)
    assert "1 added" in done.err
    assert "rejected: line 3: day of publication" in done.err
    assert dateline("verify", "--store", store).status == 0


def test_doubles_of_a_store_whose_last_days_come_first(dateline: Dateline, seeded: Path) -> None:
    _change(seeded, "UPDATE incident SET date_earliest = '2021-12-01', date_latest = '2001-01-01' WHERE id < 9")
    done = dateline("doubles", "--store", seeded)
    assert done.status == 0
    assert "8 without a first and last day" in done.err + done.out


def test_verify_bears_a_text_where_sqlite_counts(dateline: Dateline, seeded: Path) -> None:
    _change(seeded, "UPDATE sqlite_sequence SET seq = 'x' WHERE name = 'log'")
    done = dateline("verify", "--store", seeded)
    assert done.status == 1
    assert "sqlite_sequence) is no number" in done.out


def test_rescue_where_the_disk_is_full_at_every_point(seeded: Path, tmp_path: Path) -> None:
    """Among the limits is one that only the last step, the checkpoint, runs into."""
    command = [sys.executable, str(ROOT / "main.py"), "rescue", str(seeded)]
    statuses = set()
    for kib in (300, 468, 472, 4000):

        def limited(bytes_: int = kib * 1024) -> None:
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (bytes_, bytes_))

        to = tmp_path / f"to-{kib}.db"
        done = subprocess.run([*command, str(to)], capture_output=True, text=True, preexec_fn=limited, check=False)
        statuses.add(done.returncode)
        assert "Traceback" not in done.stderr
        if done.returncode:
            assert done.returncode == 3
            assert done.stderr.count("\n") == 1
            assert not to.exists()
        assert list(tmp_path.glob(".to*")) == []
    assert statuses == {0, 3}


def test_rows_of_the_log_that_are_none_are_one_line(dateline: Dateline, seeded: Path) -> None:
    dateline("note", "efps-2000s", "hi", "--store", seeded)
    for row in (
        '"x"',
        '{"table":"note","id":1,"row":"x"}',
        '{"table":"note","id":1,"row":[1]}',
        '{"table":7,"row":{}}',
    ):
        _change(seeded, f"UPDATE log SET after = '[{row}]' WHERE id = 2")
        done = dateline("log", "--rows", "--store", seeded)
        assert (done.status, done.err.count("\n")) in ((3, 1), (0, 0)), row


@pytest.mark.parametrize("action", ["ON DELETE CASCADE", "ON DELETE SET NULL", "ON UPDATE CASCADE"])
def test_tables_whose_rows_would_go_with_ours_keep_a_store_from_being_written(
    dateline: Dateline, seeded: Path, tmp_path: Path, action: str
) -> None:
    """The log has none of their rows, so that no undo would bring them back."""
    with closing(sqlite3.connect(seeded)) as connection:
        connection.executescript(
            f"CREATE TABLE mine (id INTEGER PRIMARY KEY, inc INTEGER REFERENCES Incident (id) {action}, w TEXT);"
            "INSERT INTO mine (inc, w) SELECT id, 'my words' FROM incident"
        )
    done = dateline("undo", "--store", seeded)
    assert (done.status, "that are not Dateline's (mine)" in done.err) == (3, True)
    assert dateline("count", "--store", seeded).status == 0
    assert "no undo brings back" in dateline("verify", "--store", seeded).out
    copied = dateline("backup", tmp_path / "b.db", "--store", seeded)
    assert (copied.status, str(seeded) in copied.err, ".new" in copied.err) == (3, True, False)
    saved = dateline("rescue", seeded, tmp_path / "r.db")
    assert (saved.status, "not Dateline's, and left out: mine" in saved.err) == (1, True)
    with closing(Store.open(seeded)) as store:
        assert store.connection.execute("SELECT count(*) FROM mine WHERE inc IS NOT NULL").fetchone() == (45,)


def test_tables_that_only_refer_to_ours_are_no_matter(dateline: Dateline, seeded: Path) -> None:
    _change(seeded, "CREATE TABLE mine (id INTEGER PRIMARY KEY, inc INTEGER REFERENCES incident (id), w TEXT)")
    assert dateline("star", "efps-2000s", "--store", seeded).status == 0
    assert dateline("verify", "--store", seeded).status == 0
