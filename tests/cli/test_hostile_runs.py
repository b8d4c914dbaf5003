"""A small run of each part of the torture, as `make torture` runs it at length; and what it has found stays mended."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.torture import crowd, disk, flips, kills
from tests.torture.child import dateline as in_child
from tests.torture.material import full_store, mapping_file, table_file
from tests.torture.outcome import Outcome

if TYPE_CHECKING:
    from tests.cli.conftest import Dateline


def sound(outcome: Outcome, tried: int) -> None:
    assert outcome.faults == [], outcome.lines()
    assert outcome.tried >= tried, outcome.lines()


def test_damaged_copies() -> None:
    outcome = flips.run(16, 8)
    sound(outcome, 15)
    assert outcome.counts["read throughout"] and outcome.counts["refused with a reason"]
    assert outcome.counts["timelines opened"]


def test_processes_killed() -> None:
    outcome = kills.run(7, 9)
    sound(outcome, 7)
    assert outcome.counts["writes told of and found"]


def test_commands_short_of_room() -> None:
    outcome = disk.run(8, 10)
    sound(outcome, 8)
    assert outcome.counts["refused in one line"]


def test_many_programs_at_once() -> None:
    outcome = crowd.run(4, 11)
    sound(outcome, 4 * 5)
    assert outcome.counts["reads meanwhile"]


def test_a_part_that_finds_a_fault_says_so() -> None:
    outcome = Outcome("flips", "damaged copies", tried=3)
    outcome.fault("written to")
    assert outcome.end().lines() == ["flips: 3 damaged copies in 0 s: nothing; 1 faults", "  fault: written to"]


def test_a_killed_victim_is_told_from_one_that_ended_by_itself() -> None:
    def work(tell: kills.Tell) -> None:
        tell(1)
        tell(2)

    assert kills.killed(work, 0.3) == ([1, 2], "the child ended by itself with 0")


def test_the_disk_check_would_notice_a_store_that_lost_rows(tmp_path: Path) -> None:
    path = full_store(tmp_path / "s.db")
    before = disk.rows_of(path)
    connection = sqlite3.connect(path)
    with connection:
        connection.execute("DELETE FROM note WHERE id = 1")
    connection.close()
    assert disk.rows_of(path) != before


# -- found by the runs, and mended ---------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["limit", "plain"])
def test_a_write_that_does_not_fit_says_why(dateline: Dateline, tmp_path: Path, kind: str) -> None:
    import resource

    path = full_store(tmp_path / "s.db")
    table_file(tmp_path / "t.csv", 0, 3000)
    mapping_file(tmp_path / "m.toml")
    size = path.stat().st_size

    def limit() -> None:
        if kind == "limit":
            resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))

    done = in_child(
        "import", tmp_path / "t.csv", "--as", "csv", "--map", tmp_path / "m.toml", "--store", path, before=limit
    )
    if kind == "plain":
        assert done.status == 0, done
    else:
        assert (done.status, done.out) == (3, "")
        assert "disk" in done.err and done.err.count("\n") == 1
        assert dateline("verify", "--store", path).status == 0


def test_a_circle_of_links_is_no_store_to_be_made(dateline: Dateline, tmp_path: Path) -> None:
    loop = tmp_path / "loop.db"
    loop.symlink_to(loop)
    done = dateline("list", "--store", loop)
    assert (done.status, done.out) == (3, "")
    assert "leads nowhere" in done.err
