"""Past queries: several timelines keep them in one file, and what cannot be read is not written over."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from db.input_file import check_input
from db.turns import turn
from tests.support.pressing import Settle, opened
from tui import history as history_module
from tui.history import TAIL, History, path


def kept(file: Path) -> list[object]:
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]


def test_two_timelines_keep_what_both_note(tmp_path: Path) -> None:
    file = tmp_path / "history.jsonl"
    one, other = History(file), History(file)
    one.add("rocket")
    one.add("drone")
    other.add("erbil")
    assert kept(file) == ["rocket", "drone", "erbil"]
    assert [other.step(-1, ""), other.step(-1, ""), other.step(-1, "")] == ["erbil", "drone", "rocket"]


def test_a_line_that_is_none_costs_no_other(tmp_path: Path) -> None:
    file = tmp_path / "history.jsonl"
    file.write_bytes(b'"rocket"\n"\xff"\nnonsense\n"drone"\n')
    History(file).add("erbil")
    assert kept(file) == ["rocket", "drone", "erbil"]


def test_a_query_waits_for_no_other_program_longer_than_a_moment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(history_module, "WAIT_MS", 20)
    file = tmp_path / "history.jsonl"
    history = History(file)
    history.add("rocket")
    with turn(tmp_path, 0):
        history.add("drone")
        assert kept(file) == ["rocket"]
    assert [history.step(-1, ""), history.step(-1, "")] == ["drone", "rocket"]


def test_what_cannot_be_read_is_not_written_over(tmp_path: Path) -> None:
    file = tmp_path / "history.jsonl"
    file.mkdir()
    history = History(file)
    history.add("erbil")
    assert file.is_dir() and history.step(-1, "") == "erbil"


async def test_no_file_is_read_before_the_first_past_query_is_asked_for(
    seeded: Path, settle: Settle, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = path()
    file.parent.mkdir(parents=True)
    file.write_text('"rocket"\n"erbil"\n', encoding="utf-8")
    read: list[Path] = []

    def counted(file: Path, *, pipes: bool) -> int:
        read.append(file)
        return check_input(file, pipes=pipes)

    monkeypatch.setattr(history_module, "check_input", counted)
    async with opened(seeded, settle) as (_, main, press):
        await press("j", "slash")
        assert read == []
        await press("up")
        assert main.bar.input.value == "erbil" and read == [file]


def test_no_more_of_the_file_is_read_than_its_end(tmp_path: Path) -> None:
    file = tmp_path / "history.jsonl"
    long = ["x" * 9_000 + str(number) for number in range(300)]
    file.write_text("".join(json.dumps(text) + "\n" for text in long), encoding="utf-8")
    history = History(file)
    past = [history.step(-1, "")]
    while past[-1] is not None:
        past.append(history.step(-1, ""))
    assert past[:-1] == long[-(TAIL // 9_010) :][::-1]
    history.add("erbil")
    assert kept(file)[-2:] == [long[-1], "erbil"] and file.stat().st_size < TAIL + 100


def test_the_query_of_the_run_before_is_not_noted_twice(tmp_path: Path) -> None:
    file = tmp_path / "history.jsonl"
    History(file).add("erbil")
    History(file).add("erbil")
    assert kept(file) == ["erbil"]
