"""backup and restore on the command line."""

from __future__ import annotations

import json
from pathlib import Path

from tests.cli.conftest import Dateline


def test_back_up_lose_and_restore(dateline: Dateline, story: Path, tmp_path: Path) -> None:
    target = tmp_path / "b.db"
    done = dateline("backup", target, "--store", story)
    head = json.loads(dateline("log", "--limit", "1", "--json", "--store", story).out)["hash"]
    assert (done.status, done.out) == (0, "")
    assert done.err == f"dateline: {target}: 2 incidents, 1 log row, the last with hash {head}; checked\n"
    assert dateline("backup", target, "--store", story).status == 2
    done = dateline("backup", target, "--force", "--store", story)
    assert done.status == 0 and "is now" in done.err
    story.write_bytes(b"SQLite format 3\x00" + b"\xff" * 9000)
    assert dateline("list", "--store", story).status == 3
    done = dateline("restore", target, "--store", story)
    assert done.status == 0, done.err
    assert "what the store held before is now" in done.err and "restored from" in done.err
    assert len(dateline("list", "--store", story).out.splitlines()) == 2
    assert dateline("verify", "--store", story).status == 0
    assert dateline("log", "--has", head, "--store", story).status == 0


def test_what_cannot_be_restored(dateline: Dateline, story: Path, tmp_path: Path) -> None:
    done = dateline("restore", tmp_path / "nowhere.db", "--store", story)
    assert (done.status, done.err.count("\n")) == (3, 1) and "no backup at" in done.err
    done = dateline("restore", story, "--store", story)
    assert done.status == 2 and "is the store itself" in done.err


def test_the_users_own_store_is_restored_when_none_is_named(dateline: Dateline, tmp_path: Path) -> None:
    assert dateline("backup", tmp_path / "own.db").status == 0
    dateline("star", "victory-drones-2021-06-21")
    assert dateline("restore", tmp_path / "own.db").status == 0
    assert dateline("count", "is:starred", "--json").out.startswith('{"certain": 0,')


def test_a_damaged_store_is_rescued_into_a_new_one(dateline: Dateline, story: Path, tmp_path: Path) -> None:
    done = dateline("rescue", story, tmp_path / "new.db")
    assert (done.status, done.err) == (0, f"dateline: {tmp_path / 'new.db'}: all was saved\n")
    assert dateline("rescue", story, tmp_path / "new.db").status == 2
    assert dateline("rescue", tmp_path / "nowhere", tmp_path / "other.db").status == 3
    assert dateline("list", "--store", tmp_path / "new.db").out == dateline("list", "--store", story).out


def test_a_name_too_long_for_what_stands_beside_a_store_is_said_whole(
    dateline: Dateline, story: Path, tmp_path: Path
) -> None:
    copy = tmp_path / ("x" * 236)
    done = dateline("backup", copy, "--store", story)
    assert (done.status, done.err.count("\n")) == (3, 1)
    assert f"cannot write {copy}: " in done.err and "a shorter name may do" in done.err
    assert [file.name for file in tmp_path.iterdir() if file.name.startswith("x")] == []
