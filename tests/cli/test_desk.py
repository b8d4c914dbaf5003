"""star, tag, note and assess from scripts."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import Dateline


def shown(dateline: Dateline, story: Path, key: str = "first") -> dict[str, object]:
    record = json.loads(dateline("show", key, "--json", "--store", story).out)
    assert isinstance(record, dict)
    return record


def test_marks_show_in_every_answer(dateline: Dateline, story: Path) -> None:
    for words in (
        ("star", "first"),
        ("tag", "first", "#Depot Fires", "b"),
        ("note", "first", "seen by two"),
        ("assess", "first", "--grade", "fair", "--credibility", "2", "--status", "draft"),
    ):
        done = dateline(*words, "--store", story)
        assert (done.status, done.out) == (0, ""), done.err
    record = shown(dateline, story)
    assert (record["starred"], record["tags"], record["grade"], record["credibility"], record["status"]) == (
        True, ["Depot Fires", "b"], "fair", 2, "draft",
    )  # fmt: skip
    assert "seen by two" in dateline("show", "first", "--store", story).out
    for query in ("is:starred", 'tag:"depot fires"', "is:noted", "grade:fair", "credibility:2"):
        assert dateline("count", query, "--json", "--store", story).out == '{"certain": 1, "possible": 0, "of": 2}\n', (
            query
        )
    assert '"value": "b", "certain": 1' in dateline("count", "--by", "tag", "--json", "--store", story).out
    dateline("unstar", "first", "--store", story)
    dateline("untag", "first", "DEPOT-FIRES", "--store", story)
    dateline("assess", "first", "--grade", "unknown", "--credibility", "unknown", "--store", story)
    record = shown(dateline, story)
    assert (record["starred"], record["tags"], record["grade"], record["credibility"]) == (False, ["b"], None, None)
    whats = [json.loads(line)["what"] for line in dateline("log", "--json", "--store", story).out.splitlines()]
    assert whats[:-1] == [
        "assess first: grade unknown, credibility unknown",
        "untag first: DEPOT-FIRES",
        "unstar first",
        "assess first: grade fair, credibility 2, status draft",
        "note on first",
        "tag first: Depot Fires, b",
        "new tag Depot Fires, b",
        "star first",
    ]


def test_a_note_from_standard_input(dateline: Dateline, story: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO("zwei\nZeilen ü\n".encode())))
    assert dateline("note", "first", "-", "--store", story).status == 0
    assert "zwei" in dateline("show", "first", "--store", story).out
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"\xff\xfe")))
    done = dateline("note", "first", "-", "--store", story)
    assert (done.status, done.err) == (2, "dateline: standard input is not UTF-8; nothing was changed\n")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("star", "frist"), "did you mean"),
        (("tag", "first"), "Missing argument"),
        (("tag", "first", ""), "a tag needs a name"),
        (("tag", "first", "a\x1bb"), "control characters"),
        (("note", "first", "  "), "a note needs some words"),
        (("assess", "first"), "nothing to set"),
        (("assess", "first", "--grade", "good"), "is not one of"),
        (("assess", "first", "--credibility", "0"), "is not one of"),
    ],
)
def test_what_is_wrong_is_said_in_one_line(dateline: Dateline, story: Path, words: tuple[str, ...], said: str) -> None:
    done = dateline(*words, "--store", story)
    assert done.status == 2 and said in done.err and done.err.count("\n") == 1, done.err
    assert len(dateline("log", "--store", story).out.splitlines()) == 1


def test_what_changes_nothing_says_so(dateline: Dateline, story: Path) -> None:
    dateline("tag", "first", "a", "--store", story)
    assert "nothing was changed" in dateline("tag", "first", "A", "--store", story).err
    assert "nothing was changed" in dateline("untag", "first", "z", "--store", story).err
    assert len(dateline("log", "--store", story).out.splitlines()) == 3
