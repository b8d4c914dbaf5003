"""Paths that an attack gave to the commands: nothing named as output harms a store, and nothing hangs."""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
import stat
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from types import FrameType

import pytest

from db import edit, whole_file
from db.errors import UsageError
from db.own_store import own_store
from db.store import LAST_ROW, Store
from tests.cli.conftest import Dateline
from tui import history, settings

SECONDS = 30


@pytest.fixture(autouse=True)
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


def lines(text: str) -> int:
    return text.count("\n")


def listed(folder: Path) -> list[str]:
    """Names in a folder, without those of SQLite's own files beside a store."""
    return sorted(name for name in os.listdir(folder) if not name.endswith(("-wal", "-shm")))


def state(path: Path) -> list[tuple[object, ...]]:
    with Store.open(path) as store:
        return store.connection.execute("SELECT id, hash FROM log").fetchall()


# -- what is written to --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("how", ["itself", "hard link", "symbolic link", "-wal", "-shm", "-journal", "own", "own link"])
def test_no_text_is_written_over_a_store_or_a_part_of_it(
    how: str, dateline: Dateline, bad: Path, seeded: Path, tmp_path: Path
) -> None:
    store = seeded
    named: list[str | Path] = ["--store", store]
    if how.startswith("own"):
        store, named = own_store(), []
        store.parent.mkdir(parents=True)
        seeded.rename(store)
    target = tmp_path / "target.csv"
    if how == "hard link":
        os.link(store, target)
    elif how in ("symbolic link", "own link"):
        target.symlink_to(store)
    else:
        target = store.with_name(store.name + (how if how.startswith("-") else ""))
    with Store.open(store, write=True) as open_one:
        edit.star(open_one, 1, True)  # stands in the write-ahead log alone
        before = state(store)
        runs = [
            dateline("import", bad, "--as", "csv", "--map", tmp_path / "m.toml", "--rejects", target, *named),
            dateline("export", "--as", "csv", "-o", target, *named),
            dateline("cite", "victory-drones-2021-06-21", "-o", target, *named),
            dateline("backup", target, "--force", *named),
            dateline("export", "--as", "sqlite", "-o", target, *named),
        ]
        for done in runs:
            assert done.status == 2, done
            assert lines(done.err) == 1
        assert state(store) == before
    assert dateline("verify", "--store", store).status == 0


def test_rejects_are_not_written_to_what_is_read_or_made(dateline: Dateline, bad: Path, tmp_path: Path) -> None:
    words = (tmp_path / "m.toml").read_text()
    new = tmp_path / "new.db"
    (tmp_path / "hard.toml").hardlink_to(tmp_path / "m.toml")
    for rejects, said in (
        (bad, "is read by this command"),
        (tmp_path / "m.toml", "is read by this command"),
        (tmp_path / "hard.toml", "is read by this command"),
        (new, "is the store itself"),
        (tmp_path / "new.db-wal", "is where SQLite keeps a part"),
        (tmp_path, "is a directory"),
    ):
        done = dateline(
            "import", bad, "--as", "csv", "--map", tmp_path / "m.toml", "--rejects", rejects, "--store", new
        )
        assert (done.status, lines(done.err)) == (2, 1) and said in done.err, done
        assert not new.exists()
    assert (tmp_path / "m.toml").read_text() == words
    done = dateline("import", bad, "--as", "csv", "--map", tmp_path / "m.toml", "--rejects", own_store())
    assert done.status == 2 and not own_store().exists(), "the store that would be made"


def test_rejects_replace_nothing_but_rejects(dateline: Dateline, bad: Path, story: Path, tmp_path: Path) -> None:
    rejects = tmp_path / "r.csv"
    rejects.write_text("precious words")
    arguments = ("import", bad, "--as", "csv", "--dates", "dmy", "--map", tmp_path / "m.toml", "--store", story)
    done = dateline(*arguments, "--rejects", rejects)
    assert (done.status, lines(done.err)) == (2, 1) and "holds no rejected rows" in done.err
    assert rejects.read_text() == "precious words"
    rejects.unlink()
    for _ in range(2):
        assert dateline(*arguments, "--rejects", rejects).status == 0
        assert rejects.read_text().splitlines()[1].startswith("3,")


def test_another_database_is_not_exported_over(dateline: Dateline, story: Path, seeded: Path) -> None:
    before = story.read_bytes()
    done = dateline("export", "--as", "csv", "-o", story, "--store", seeded)
    assert (done.status, lines(done.err)) == (2, 1) and "is a database" in done.err
    assert story.read_bytes() == before


def test_a_pipe_and_a_device_are_written_through(
    dateline: Dateline, seeded: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    monkeypatch.setattr(whole_file, "READER_WAIT_S", 0.1)
    done = dateline("export", "--as", "csv", "-o", pipe, "--store", seeded)
    assert (done.status, lines(done.err)) == (2, 1) and "nobody reads" in done.err
    monkeypatch.setattr(whole_file, "READER_WAIT_S", 10)
    got: list[bytes] = []
    reader = threading.Thread(target=lambda: got.append(pipe.read_bytes()))
    reader.start()
    assert dateline("export", "--as", "csv", "-o", pipe, "--store", seeded).status == 0
    reader.join(10)
    assert got[0].startswith(b"key,") or got[0].count(b"\n") > 40
    assert stat.S_ISFIFO(os.lstat(pipe).st_mode)
    (tmp_path / "null").symlink_to("/dev/null")
    assert dateline("export", "--as", "csv", "-o", tmp_path / "null", "--store", seeded).status == 0
    assert (tmp_path / "null").is_symlink() and stat.S_ISCHR(os.stat("/dev/null").st_mode)


@pytest.mark.parametrize("kind", ["pipe", "file"])
def test_a_descriptor_is_written_on_where_it_stands(
    kind: str, dateline: Dateline, seeded: Path, tmp_path: Path
) -> None:
    """`export -o /dev/fd/N >> log` goes on behind what is there; a process substitution is a pipe of that kind."""
    if kind == "pipe":
        reading, writing = os.pipe()
    else:
        writing = os.open(tmp_path / "log", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        os.write(writing, b"before\n")
    try:
        done = dateline("export", "date:1800", "--as", "csv", "-o", f"/dev/fd/{writing}", "--store", seeded)
        assert done.status in (0, 1), done
    finally:
        os.close(writing)
    if kind == "pipe":
        with open(reading, "rb") as file:
            assert file.read().startswith(b"key,")
    else:
        assert (tmp_path / "log").read_bytes().startswith(b"before\nkey,")


def test_rejects_through_a_pipe_that_nobody_reads_do_not_wait(
    dateline: Dateline, bad: Path, seeded: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    os.mkfifo(tmp_path / "pipe")
    monkeypatch.setattr(whole_file, "READER_WAIT_S", 0.1)
    before = state(seeded)
    done = dateline(
        "import", bad, "--as", "csv", "--map", tmp_path / "m.toml", "--rejects", tmp_path / "pipe", "--store", seeded
    )
    assert (done.status, lines(done.err)) == (2, 1) and state(seeded) == before


@pytest.mark.parametrize("kind", ["pipe", "directory", "link to nowhere", "link to a pipe"])
def test_backup_and_restore_leave_alone_what_is_no_file(
    kind: str, dateline: Dateline, seeded: Path, tmp_path: Path
) -> None:
    odd = tmp_path / "odd"
    if kind == "directory":
        odd.mkdir()
    elif kind == "pipe":
        os.mkfifo(odd)
    elif kind == "link to a pipe":
        os.mkfifo(tmp_path / "pipe")
        odd.symlink_to(tmp_path / "pipe")
    else:
        odd.symlink_to(tmp_path / "nowhere")
    there = listed(tmp_path)
    mode = os.lstat(odd).st_mode
    for done in (
        dateline("backup", odd, "--force", "--store", seeded),
        dateline("restore", seeded, "--store", odd),
        dateline("restore", odd, "--store", seeded),
        dateline("rescue", seeded, odd),
        dateline("rescue", odd, tmp_path / "rescued.db"),
        dateline("export", "--as", "sqlite", "-o", odd, "--store", seeded),
    ):
        assert done.status in (2, 3) and lines(done.err) == 1, done
    assert os.lstat(odd).st_mode == mode
    assert listed(tmp_path) == there


@pytest.mark.parametrize("side", ["-wal", "-journal"])
def test_no_new_store_takes_the_writes_that_another_left(
    side: str, dateline: Dateline, seeded: Path, tmp_path: Path
) -> None:
    left = tmp_path / f"gone.db{side}"
    left.write_bytes(b"acknowledged writes")
    gone = tmp_path / "gone.db"
    for done in (
        dateline("backup", gone, "--store", seeded),
        dateline("restore", seeded, "--store", gone),
        dateline("rescue", seeded, gone),
        dateline("seed", "--store", gone),
        dateline("export", "--as", "sqlite", "-o", gone, "--store", seeded),
    ):
        assert (done.status, lines(done.err)) == (2, 1) and left.name in done.err, done
    assert not gone.exists() and left.read_bytes() == b"acknowledged writes"


# -- what is read --------------------------------------------------------------------------------------------------


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


# -- backups that lie ----------------------------------------------------------------------------------------------


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
    from db import backup
    from db.errors import StoreError

    def fail(*_: object) -> None:
        raise StoreError("no more")

    monkeypatch.setattr(backup, "_write_over", fail)
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


# -- what is said --------------------------------------------------------------------------------------------------


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
