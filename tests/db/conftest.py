"""Shared by the tests of the store: stores to begin with."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from db import read
from db.engine import columns
from db.engine.build import build
from db.engine.snapshot import Snapshot
from db.store import Store
from tests.support.chance_store import ChanceStore, copy_store


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """An empty store, open for writing, in the test's own folder."""
    with Store.create(tmp_path / "store.db") as opened:
        yield opened


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty store in the working directory, which is the test's own folder."""
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "store.db"
    Store.create(path).close()
    return path


@pytest.fixture
def victory(store: Store) -> int:
    """The id of the strike at Victory base; for tests whose store has the bundled incidents."""
    return read.incident_id(store.connection, "victory-drones-2021-06-21")


@pytest.fixture(scope="session")
def forty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store of forty incidents made by chance, once a worker, to copy."""
    path = tmp_path_factory.mktemp("forty") / "original.db"
    with closing(ChanceStore(path, 2)) as made:
        made.connection.execute("BEGIN")
        for _ in range(40 - len(made.ids("incident"))):
            made.add_incident()
        made.connection.execute("COMMIT")
    return path


@pytest.fixture
def of_forty(forty: Path, tmp_path: Path) -> Path:
    """A copy of the store of forty incidents for one test."""
    path = tmp_path / "store.db"
    copy_store(forty, path)
    return path


@pytest.fixture
def cache_folder(tmp_path: Path) -> Path:
    """A cache folder of its own for each test."""
    return tmp_path / "engine"


@pytest.fixture
def builds(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """Grows by one with every reading of a whole store."""
    done: list[object] = []

    def counting(*arguments: object, **named: object) -> Snapshot:
        done.append(arguments)
        return build(*arguments, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(columns, "build", counting)
    return done
