"""What the tests of the command line share: the door itself, and a small story with a text of its own."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

import main
from db.store import Store
from seed.load import load


@dataclass(frozen=True)
class Done:
    """What a command line came to."""

    status: int
    out: str
    err: str


Dateline = Callable[..., Done]


@pytest.fixture
def dateline(capsys: pytest.CaptureFixture[str]) -> Dateline:
    """Run a command line in this process, through the same door as the console script."""

    def run(*arguments: str | Path) -> Done:
        capsys.readouterr()
        status = main.run([str(argument) for argument in arguments])
        return Done(status, *capsys.readouterr())

    return run


TEXT = (
    "\ufeffBAGHDAD — A drone struck the depot on Tuesday, police said.\r\n"
    "“Nobody was hurt,” the mayor told Radio Sol. A drone struck the depot again on Friday.\n"
)
"""A document's text with what an editor would lose: a byte order mark, CRLF, curly quotation marks."""

STORY = """
INSERT INTO document (key, title, publisher, published_edtf) VALUES ('sol', 'Two strikes', 'Radio Sol', '2021-05-08');
INSERT INTO actor (key, name) VALUES ('police', 'Police'), ('mayor', 'The mayor');
INSERT INTO place (key, name, country_code, latitude, longitude, where_prec)
    VALUES ('depot', 'Depot', 'IQ', 33.3, 44.4, 1);
INSERT INTO incident (key, title, event_type, date_edtf, injured_best, status) VALUES
    ('first', 'Drone strikes depot', 'drone-strike', '2021-05-04', 0, 'reviewed'),
    ('second', 'Drone strikes depot again', 'drone-strike', '2021-05-07', NULL, 'draft');
UPDATE incident SET place_id = (SELECT id FROM place WHERE key = 'depot');
INSERT INTO quote (incident_id, document_id, "start", "end", exact, prefix, suffix) VALUES
    ((SELECT id FROM incident WHERE key = 'first'), (SELECT id FROM document WHERE key = 'sol'), {0}, {1},
     'A drone struck the depot', 'BAGHDAD — ', ' on Tuesday'),
    ((SELECT id FROM incident WHERE key = 'first'), (SELECT id FROM document WHERE key = 'sol'), {2}, {3},
     'Nobody was hurt', '“', ',” the mayor'),
    ((SELECT id FROM incident WHERE key = 'second'), (SELECT id FROM document WHERE key = 'sol'), {4}, {5},
     'A drone struck the depot', 'Radio Sol. ', ' again on Friday');
INSERT INTO attribution (quote_id, step, actor_id, verb) VALUES
    ((SELECT id FROM quote WHERE exact LIKE 'Nobody%'), 1, (SELECT id FROM actor WHERE key = 'police'), 'said'),
    ((SELECT id FROM quote WHERE exact LIKE 'Nobody%'), 2, (SELECT id FROM actor WHERE key = 'mayor'), 'told');
INSERT INTO claim (incident_id, quote_id, field, value) VALUES
    ((SELECT id FROM incident WHERE key = 'first'), (SELECT id FROM quote WHERE exact LIKE 'Nobody%'), 'injured', '0');
"""


@pytest.fixture
def story(tmp_path: Path) -> Path:
    """A store with two incidents and three quotes from one document, whose text (TEXT) it does not have."""
    places = [TEXT.index("A drone"), TEXT.index("Nobody"), TEXT.rindex("A drone")]
    lengths = [len("A drone struck the depot"), len("Nobody was hurt"), len("A drone struck the depot")]
    file = tmp_path / "story.sql"
    spans = [n for start, length in zip(places, lengths, strict=True) for n in (start, start + length)]
    file.write_text(STORY.format(*spans), encoding="utf-8")
    path = tmp_path / "story.db"
    with Store.create(path) as store:
        load(store, [file])
    return path


@pytest.fixture
def text_file(tmp_path: Path) -> Path:
    """TEXT as a file, byte for byte."""
    path = tmp_path / "sol.txt"
    path.write_bytes(TEXT.encode())
    return path


# -- against attacks ------------------------------------------------------------------------------------------------

SECONDS = 30


@pytest.fixture
def no_hanging() -> Iterator[None]:
    """Fail a test that waits on a pipe or reads a device without end."""

    def fail(number: int, frame: FrameType | None) -> None:
        raise AssertionError(f"still under way after {SECONDS} s")

    before = signal.signal(signal.SIGALRM, fail)
    signal.alarm(SECONDS)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


@pytest.fixture
def bad(tmp_path: Path) -> Path:
    """A CSV file with one good row and one bad one, and `m.toml`, its mapping, beside it."""
    (tmp_path / "m.toml").write_text('origin = "o"\n[columns]\nid = "Ref"\ntitle = "T"\ndate = "D"\n')
    path = tmp_path / "bad.csv"
    path.write_text("Ref,T,D\n1,ok,2020-01-01\n2,no,31/31/2020\n")
    return path


def objects(out: str) -> list[dict[str, Any]]:
    """The JSON objects of an output, one a line."""
    return [json.loads(line) for line in out.splitlines()]


def lines(text: str) -> int:
    return text.count("\n")


def listed(folder: Path) -> list[str]:
    """Names in a folder, without those of SQLite's own files beside a store."""
    return sorted(name for name in os.listdir(folder) if not name.endswith(("-wal", "-shm")))


def state(path: Path) -> list[tuple[object, ...]]:
    with Store.open(path) as store:
        return store.connection.execute("SELECT id, hash FROM log").fetchall()
