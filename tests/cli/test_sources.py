"""`dateline sources` and `dateline source`: the documents with their counts, and the card of one."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from db.store import Store
from tests.support.source_story import make

Dateline = Callable[..., Any]


@pytest.fixture
def harbour(tmp_path: Path) -> Path:
    return make(tmp_path / "harbour.db")


def test_sources_counts_quotes_and_incidents_as_plain_sql_does(dateline: Dateline, harbour: Path) -> None:
    done = dateline("sources", "--json", "--store", harbour)
    assert (done.status, done.err) == (0, "")
    found = [json.loads(line) for line in done.out.splitlines()]
    with Store.open(harbour) as store:
        expected = store.connection.execute(
            "SELECT d.key, count(q.id), count(DISTINCT CASE WHEN i.kind = 'incident' THEN i.id END),"
            " count(DISTINCT CASE WHEN i.kind <> 'incident' THEN i.id END) FROM document AS d"
            " LEFT JOIN quote AS q ON q.document_id = d.id LEFT JOIN incident AS i ON i.id = q.incident_id"
            " GROUP BY d.id ORDER BY d.published_edtf IS NULL, d.published_edtf, d.key"
        ).fetchall()
    assert [(d["key"], d["quotes"], d["incidents"], d["others"]) for d in found] == expected
    assert [d["text"] for d in found] == [True, False, False]
    by = dateline("sources", "--by", "title", "--json", "--store", harbour)
    assert [json.loads(line)["key"] for line in by.out.splitlines()] == ["wire", "sol", "luna"]
    plain = dateline("sources", "--store", harbour).out.splitlines()
    assert plain[0] == (
        "sol: Drones over the harbour; Radio Sol; Wed 5 May 2021; not graded;"
        " 9 quotes, 4 incidents, 1 aggregate or context; text attached"
    )


def test_source_shows_the_card_in_words_and_as_json(dateline: Dateline, harbour: Path) -> None:
    done = dateline("source", "sol", "--json", "--store", harbour)
    (card,) = [json.loads(line) for line in done.out.splitlines()]
    assert card["quotes"] == {
        "of": 9, "stands": 7, "moved": 1, "changed": 0, "ambiguous": 0, "gone": 1, "cut": 0, "unverified": 0,
    }  # fmt: skip
    assert {f["incident"]: (f["documents"], f["certain"]) for f in card["first_with"]} == {
        "depot": (3, False), "pier": (2, True), "marsh": (1, True), "year": (1, True), "channel": (1, True),
    }  # fmt: skip
    assert sorted(card["alone_with"]) == ["channel", "marsh", "year"]
    assert [(p["field"], p["own"]["value"], p["other"]["value"], p["other"]["document"]) for p in card["contradicted"]] == [
        ("injured", "0", "2", "luna"), ("weapon", "drone", "rocket", "luna"),
    ]  # fmt: skip
    plain = dateline("source", "sol", "--store", harbour).out
    assert "Contradicted by others: 2 (a claim of another document cannot be true beside one of this)" in plain
    assert "  weapon: Drone (The harbour master) ≠ Rocket (Luna Post, in luna)" in plain


def test_source_grades_with_a_reason_and_not_without(dateline: Dateline, harbour: Path) -> None:
    for arguments in (("--grade", "B"), ("--reason", "x"), ("--grade", "B", "--reason", " ")):
        refused = dateline("source", "sol", *arguments, "--store", harbour)
        assert refused.status == 2
        assert refused.out == ""
    done = dateline("source", "sol", "--grade", "b", "--reason", "names its sources", "--store", harbour)
    assert done.status == 0
    assert "Reliability: B, usually reliable" in done.out
    assert "because names its sources" in done.out
    card = json.loads(dateline("source", "sol", "--json", "--store", harbour).out)
    assert (card["reliability"], card["reliability_reason"]) == ("B", "names its sources")
    assert dateline("source", "sol", "--grade", "none", "--reason", "a slip", "--store", harbour).status == 0
    with Store.open(harbour) as store:
        assert store.connection.execute("SELECT what FROM log ORDER BY id DESC LIMIT 2").fetchall() == [
            ("grade sol no longer: a slip",), ("grade sol B: names its sources",),
        ]  # fmt: skip
    assert dateline("list", "reliability:B", "--store", harbour).out == ""


def test_an_unknown_document_is_named_with_the_nearest(dateline: Dateline, harbour: Path) -> None:
    done = dateline("source", "soll", "--store", harbour)
    assert (done.status, done.out) == (2, "")
    assert "did you mean sol?" in done.err


def test_a_store_without_documents_says_so(dateline: Dateline, tmp_path: Path) -> None:
    path = tmp_path / "empty.db"
    Store.create(path).close()
    done = dateline("sources", "--store", path)
    assert (done.status, done.out) == (0, "")
    assert "no documents" in done.err


def test_a_grade_with_its_day_and_reason_goes_through_json_lines(
    dateline: Dateline, harbour: Path, tmp_path: Path
) -> None:
    dateline("source", "sol", "--grade", "C", "--reason", "first look", "--store", harbour)
    out, again = tmp_path / "out.jsonl", tmp_path / "again.jsonl"
    assert dateline("export", "--as", "jsonl", "-o", out, "--store", harbour).status == 0
    assert dateline("import", out, "--as", "jsonl", "--store", tmp_path / "copy.db").status == 0
    assert dateline("export", "--as", "jsonl", "-o", again, "--store", tmp_path / "copy.db").status == 0
    assert again.read_bytes() == out.read_bytes()
    card = json.loads(dateline("source", "sol", "--json", "--store", tmp_path / "copy.db").out)
    assert (card["reliability"], card["reliability_reason"]) == ("C", "first look")
