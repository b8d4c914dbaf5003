"""Files that an attack left to be read: no device, pipe or lying backup is taken for what it is not, and nothing hangs."""

from __future__ import annotations

import os
import shutil
import sqlite3
import stat
import threading
from contextlib import closing
from pathlib import Path

import pytest

from db import edit
from db.errors import UsageError
from db.row_numbers import LAST_ROW
from db.store import Store
from tests.cli.conftest import Dateline, lines, listed, state
from tui import history, settings

pytestmark = pytest.mark.usefixtures("no_hanging")


@pytest.mark.parametrize("kind", ["pipe", "directory", "symbolic link", "link to nowhere"])
@pytest.mark.parametrize("side", ["-wal", "-shm", "-journal"])
def test_beside_a_store_only_regular_files_are_let_through(
    side: str, kind: str, dateline: Dateline, seeded: Path, tmp_path: Path
) -> None:
    beside = seeded.with_name(seeded.name + side)
    precious = tmp_path / "precious.txt"
    precious.write_text("words")
    if kind == "pipe":
        os.mkfifo(beside)
    elif kind == "directory":
        beside.mkdir()
    else:
        beside.symlink_to(precious if kind == "symbolic link" else tmp_path / "nowhere")
    (tmp_path / "link.db").symlink_to(seeded)
    for store in (seeded, tmp_path / "link.db"):
        for words in (["list"], ["star", "efps-2000s"], ["backup", tmp_path / "b.db"], ["verify"]):
            done = dateline(*words, "--store", store)
            assert (done.status, lines(done.err)) == (3, 1) and beside.name in done.err, done
    done = dateline("restore", seeded, "--store", tmp_path / "new.db")
    assert done.status == 3 and not (tmp_path / "new.db").exists()
    assert precious.read_text() == "words" and not (tmp_path / "nowhere").exists()


def test_no_device_is_read(dateline: Dateline, bad: Path, story: Path, tmp_path: Path) -> None:
    zero = Path("/dev/zero")
    (tmp_path / "zero").symlink_to(zero)
    for done in (
        dateline("import", zero, "--as", "csv", "--map", tmp_path / "m.toml", "--store", story),
        dateline("import", zero, "--as", "csv", "--guess"),
        dateline("import", bad, "--as", "csv", "--map", tmp_path / "zero", "--store", story),
        dateline("attach", zero, "--document", "sol", "--store", story),
        dateline("seed", tmp_path / "zero", "--store", story),
    ):
        assert done.status in (1, 2) and lines(done.err) == 1 and "a device" in done.err, done
    os.mkfifo(tmp_path / "pipe")
    done = dateline("import", bad, "--as", "csv", "--map", tmp_path / "pipe", "--store", story)
    assert (done.status, lines(done.err)) == (2, 1) and "is a pipe" in done.err


def test_a_mapping_of_a_size_that_nobody_writes_is_not_read(dateline: Dateline, bad: Path, tmp_path: Path) -> None:
    (tmp_path / "m.toml").write_bytes(b"#" * (1 << 20) + b"\n")
    done = dateline("import", bad, "--as", "csv", "--map", tmp_path / "m.toml", "--store", tmp_path / "n.db")
    assert (done.status, lines(done.err)) == (2, 1) and "larger than" in done.err


@pytest.mark.parametrize("kind", ["pipe", "device", "large", "directory"])
def test_settings_and_queries_of_earlier_runs_are_read_from_files_alone(kind: str, tmp_path: Path) -> None:
    file = tmp_path / "settings.toml"
    if kind == "pipe":
        os.mkfifo(file)
    elif kind == "device":
        file.symlink_to("/dev/zero")
    elif kind == "large":
        file.write_bytes(b"#" * (1 << 20) + b"\n")
    else:
        file.mkdir()
    with pytest.raises(UsageError, match=str(file)):
        settings.load(file)
    if kind != "large":
        past = history.History(file)
        past.add("drone")
        assert past.step(-1, "") == "drone"
        assert stat.S_IFMT(file.stat().st_mode) != stat.S_IFREG


@pytest.mark.parametrize("what", ["attach", "seed", "import"])
def test_a_pipe_with_a_writer_is_read(
    what: str, dateline: Dateline, bad: Path, story: Path, text_file: Path, tmp_path: Path
) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    content = {
        "attach": text_file.read_bytes(),
        "seed": b"INSERT INTO tag (name) VALUES ('piped');",
        "import": bad.read_bytes(),
    }[what]
    writer = threading.Thread(target=lambda: pipe.write_bytes(content))
    writer.start()
    more: dict[str, list[str | Path]] = {
        "attach": ["--document", "sol"],
        "seed": [],
        "import": ["--as", "csv", "--dates", "dmy", "--map", tmp_path / "m.toml"],
    }
    done = dateline(what, pipe, *more[what], "--store", story)
    writer.join(10)
    assert done.status == 0, done


@pytest.mark.parametrize(
    "lie",
    ["PRAGMA user_version = -1", "PRAGMA user_version = 0", "PRAGMA user_version = 1", "PRAGMA user_version = 4",
     "DROP TABLE star", "ALTER TABLE note DROP COLUMN at", "DROP TABLE incident_text", "triggers",
     "UPDATE incident_text_config SET v = 0 WHERE k = 'version'", "DELETE FROM _sqlite_migrations;PRAGMA user_version = 3"],
)  # fmt: skip
def test_a_backup_that_would_be_no_store_is_not_restored(
    lie: str, dateline: Dateline, template: Path, seeded: Path, tmp_path: Path
) -> None:
    source = tmp_path / "lies" / "v.db"
    source.parent.mkdir()
    shutil.copyfile(template, source)
    with closing(sqlite3.connect(source)) as connection:
        if lie == "triggers":
            named = connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall()
            lie = ";".join(f'DROP TRIGGER "{name}"' for (name,) in named)
        connection.executescript(lie)
        connection.execute("PRAGMA journal_mode = DELETE")
    before, there = state(seeded), listed(tmp_path)
    done = dateline("restore", source, "--store", seeded)
    assert (done.status, lines(done.err)) == (3, 1), done
    assert state(seeded) == before
    assert listed(tmp_path) == there
    assert os.listdir(source.parent) == ["v.db"]
    assert dateline("verify", "--store", seeded).status == 0


def test_a_restore_that_fails_late_names_the_kept_copy(
    dateline: Dateline, template: Path, seeded: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from db import restore
    from db.errors import StoreError

    def fail(*_: object) -> None:
        raise StoreError("no more")

    monkeypatch.setattr(restore, "_write_over", fail)
    done = dateline("restore", template, "--store", seeded)
    kept = next(name for name in os.listdir(tmp_path) if ".before-" in name)
    assert (done.status, lines(done.err)) == (3, 1) and f"kept as {tmp_path / kept}" in done.err


def test_a_store_with_a_journal_of_another_program_is_not_moved_away(
    dateline: Dateline, template: Path, seeded: Path, tmp_path: Path
) -> None:
    """The journal would be rolled back into the restored store; and a super-journal that it names would be deleted."""
    precious = tmp_path / "precious.txt"
    precious.write_text("words" * 1000)
    with closing(sqlite3.connect(seeded)) as connection:
        connection.execute("PRAGMA journal_mode = DELETE")
    hot_journal(seeded, precious)
    for words in (["restore", template], ["list"], ["star", "efps-2000s"]):
        done = dateline(*words, "--store", seeded)
        assert (done.status, lines(done.err)) == (3, 1) and "forged journal" in done.err, done
    assert precious.read_text() == "words" * 1000
    assert not [name for name in os.listdir(tmp_path) if ".before-" in name]


def hot_journal(path: Path, named: Path) -> None:
    """Put beside `path` a journal of one page that names a super-journal (format: sqlite.org/fileformat2.html)."""
    raw = path.read_bytes()
    size = int.from_bytes(raw[16:18], "big") or 65536
    nonce, sector = 1234, 512
    magic = bytes.fromhex("d9d505f920a163d7")
    words = [1, nonce, len(raw) // size, sector, size]
    head = (magic + b"".join(word.to_bytes(4, "big") for word in words)).ljust(sector, b"\0")
    page = raw[size : 2 * size]
    summed = (nonce + sum(page[at] for at in range(size - 200, 0, -200))) & 0xFFFFFFFF
    name = bytes(named)
    tail = [0x40000000 // size + 1, len(name), sum(name)]
    path.with_name(f"{path.name}-journal").write_bytes(
        head + (2).to_bytes(4, "big") + page + summed.to_bytes(4, "big")
        + tail[0].to_bytes(4, "big") + name + tail[1].to_bytes(4, "big") + tail[2].to_bytes(4, "big") + magic
    )  # fmt: skip


@pytest.mark.parametrize("table", ["log", "change"])
def test_no_more_row_numbers_is_no_full_disk(table: str, dateline: Dateline, seeded: Path, tmp_path: Path) -> None:
    with closing(sqlite3.connect(seeded)) as connection:
        connection.execute("UPDATE sqlite_sequence SET seq = ? WHERE name = ?", (LAST_ROW, table))
        connection.commit()
    done = dateline("note", "efps-2000s", "words", "--store", seeded)
    assert (done.status, lines(done.err)) == (3, 1)
    assert f"table {table} has given out its last row number" in done.err and "disk" not in done.err
    assert dateline("rescue", seeded, tmp_path / "saved.db").status == 0
    assert dateline("note", "efps-2000s", "words", "--store", tmp_path / "saved.db").status == 0


def test_a_log_of_the_old_file_beside_another_is_named(seeded: Path, template: Path, tmp_path: Path) -> None:
    with Store.open(seeded) as reader:
        other = tmp_path / "other.db"
        shutil.copyfile(template, other)
        with Store.open(seeded, write=True) as store:
            edit.star(store, 1, True)
        assert reader.lost() is None and reader.left_log() is None
        os.replace(other, seeded)
        left = reader.left_log()
        assert left == seeded.with_name(f"{seeded.name}-wal")
        assert "with iraq-drones.db-wal of the old one still beside it" in str(reader.lost())
        left.rename(tmp_path / "kept-wal")
        assert reader.left_log() is None and "open it again" in str(reader.lost())
