"""Shared by the tests of the screens: a store whose documents are read, and a folder to write to."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from db.formats.record import Options
from db.formats.registry import named
from db.importing import import_file
from db.store import Store
from tests.support.source_story import make


@pytest.fixture
def story(tmp_path: Path) -> Path:
    """A store of five incidents and three documents, one with a text."""
    return make(tmp_path / "harbour.db")


@pytest.fixture
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Files named without a folder go here."""
    folder = tmp_path / "out"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


DATA = Path(__file__).resolve().parents[1] / "data"

WORDS = "Three armed drones were shot down over the base at four in the morning by the guards who saw them come"


@pytest.fixture(scope="session")
def twice_template(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The seeds, and the rows of Iraq as two data sets, made once."""
    path = Path(shutil.copy(template, tmp_path_factory.mktemp("twice")))
    with Store.open(path, write=True) as store:
        for origin in ("one", "two"):
            import_file(store, DATA / "ged_iraq_hdx.csv", named("ucdp-ged"), Options(origin=origin))
        store.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return path


@pytest.fixture
def twice(twice_template: Path, tmp_path: Path) -> Path:
    """A copy of it for one test."""
    return Path(shutil.copy(twice_template, tmp_path))


@pytest.fixture
def rooty(seeded: Path) -> Path:
    """The seeds, and the last incident with four documents that say the same."""
    with closing(sqlite3.connect(seeded)) as connection, connection:
        connection.execute("INSERT INTO incident (key, title, date_edtf) VALUES ('rooty', 'Rooty', '2022-01-01')")
        for number in range(4):
            connection.execute("INSERT INTO document (key, title) VALUES (?, ?)", (f"d{number}", f"Paper {number}"))
            connection.execute(
                "INSERT INTO quote (incident_id, document_id, exact) SELECT i.id, d.id, ? FROM incident AS i,"
                " document AS d WHERE i.key = 'rooty' AND d.key = ?",
                (f"{WORDS} says paper {number}", f"d{number}"),
            )
    with Store.open(seeded, write=True):
        pass  # fills in the date's interval
    return seeded
