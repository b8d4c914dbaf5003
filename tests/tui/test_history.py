"""Past queries: several timelines keep them in one file, and what cannot be read is not written over."""

from __future__ import annotations

import json
from pathlib import Path

from tui.history import History


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


def test_what_cannot_be_read_is_not_written_over(tmp_path: Path) -> None:
    file = tmp_path / "history.jsonl"
    file.mkdir()
    history = History(file)
    history.add("erbil")
    assert file.is_dir() and history.step(-1, "") == "erbil"
