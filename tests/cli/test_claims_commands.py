"""`dateline claims`, `show --claims` and `cite`: the same matrix and citations as on the screen."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from db import claims, claims_text, read
from db.store import Store

VICTORY = "victory-drones-2021-06-21"
KEYS = [
    "incident", "claim", "field", "value", "words", "polarity", "rank", "standing", "picked", "reason", "speaker", "root",
    "chain", "document", "quote", "agrees", "rivals",
]  # fmt: skip


def test_claims_json_is_one_object_a_claim(dateline: Callable[..., Any], template: Path) -> None:
    done = dateline("claims", VICTORY, "--json", "--store", template)
    assert (done.status, done.err) == (0, "")
    found = [json.loads(line) for line in done.out.splitlines()]
    with closing(sqlite3.connect(template)) as connection:
        plain = connection.execute(
            "SELECT c.id, field, value, polarity, rank FROM claim AS c JOIN incident AS i ON i.id = c.incident_id"
            " WHERE i.key = ? ORDER BY c.id",
            (VICTORY,),
        ).fetchall()
    assert sorted((c["claim"], c["field"], c["value"], c["polarity"], c["rank"]) for c in found) == plain
    assert all(list(claim) == KEYS for claim in found)
    tuesday, monday = (c for c in found if c["field"] == "date")
    assert (tuesday["root"], tuesday["chain"], tuesday["picked"]) == (
        "Sabereen News",
        ["Press TV", "Sabereen News"],
        False,
    )
    assert (monday["root"], monday["chain"], monday["picked"]) == ("The Jerusalem Post", [], True)
    assert (tuesday["rivals"], monday["rivals"]) == ([monday["claim"]], [tuesday["claim"]])
    assert (tuesday["quote"]["start"], tuesday["quote"]["end"], tuesday["document"]) == (454, 560, "jpost-2021-06-22")


def test_show_claims_is_a_block_a_field(dateline: Callable[..., Any], template: Path) -> None:
    done = dateline("show", "asad-drone-2021-05-08", "--claims", "--store", template)
    assert done.status == 0
    blocks = done.out.split("\n\n")
    weapon = next(block for block in blocks if block.startswith("Weapon: disputed"))
    assert "Press TV says Rocket; rival to US-led Coalition, The Jerusalem Post, Security Media Cell" in weapon
    assert "Security Media Cell says Explosives-laden drone" in weapon
    assert "picked" in weapon
    assert done.out == dateline("claims", "asad-drone-2021-05-08", "--store", template).out
    with Store.open(template) as store:
        matrix = claims.matrix(store.connection, read.incident_id(store.connection, "asad-drone-2021-05-08"))
    assert matrix is not None
    assert done.out.splitlines() == claims_text.matrix_lines(matrix)


def test_show_claims_json_names_the_command_that_has_it(dateline: Callable[..., Any], template: Path) -> None:
    done = dateline("show", VICTORY, "--claims", "--json", "--store", template)
    assert done.status == 2
    assert "dateline claims KEY --json" in done.err


@pytest.mark.parametrize("command", [("claims",), ("cite",), ("show", "--claims")])
def test_an_unknown_key_suggests_one(command: tuple[str, ...], dateline: Callable[..., Any], template: Path) -> None:
    done = dateline(*command, "victory-drone-2021-06-21", "--store", template)
    assert (done.status, done.out) == (2, "")
    assert VICTORY in done.err


def test_hostile_words_reach_neither_terminal_nor_json_raw(dateline: Callable[..., Any], seeded: Path) -> None:
    with closing(sqlite3.connect(seeded)) as connection, connection:
        connection.execute(
            "INSERT INTO claim (incident_id, field, value) SELECT id, ?, ? FROM incident WHERE key = ?",
            ("mo\x1b[2Jtive", "\x1b]0;x\x07 \u202e evil", VICTORY),
        )
        connection.execute("UPDATE quote SET exact = exact || char(27) || '[2J' WHERE \"start\" IS NULL")
        connection.execute("UPDATE document SET author = char(27) || ']52;c;eA==' || char(7)")
    for command in (
        ("claims", VICTORY), ("claims", VICTORY, "--json"), ("cite", VICTORY), ("cite", VICTORY, "--as", "csl-json"),
        ("cite", VICTORY, "--as", "bibtex"), ("cite", VICTORY, "--as", "markdown"),
    ):  # fmt: skip
        done = dateline(*command, "--store", seeded)
        assert done.status == 0
        assert not {"\x1b", "\x07", "\u202e"} & set(done.out), command
    found = [json.loads(line) for line in dateline("claims", VICTORY, "--json", "--store", seeded).out.splitlines()]
    assert any(claim["value"] == "\x1b]0;x\x07 \u202e evil" for claim in found)


def test_an_incident_without_claims_says_so(dateline: Callable[..., Any], seeded: Path) -> None:
    with closing(sqlite3.connect(seeded)) as connection, connection:
        connection.execute("INSERT INTO incident (key, title) VALUES ('bare', 'Nothing said')")
    done = dateline("claims", "bare", "--store", seeded)
    assert done.status == 0
    assert "No claims" in done.out
    assert dateline("claims", "bare", "--json", "--store", seeded).out == ""
    assert dateline("cite", "bare", "--store", seeded).out == "“Nothing said”, incident bare.\n"
    assert dateline("cite", "bare", "--as", "csl-json", "--store", seeded).out == "[]\n"


def test_cite_gives_a_document_or_a_quote_and_writes_files(
    dateline: Callable[..., Any], template: Path, tmp_path: Path
) -> None:
    erbil = "erbil-drone-2021-04"
    whole = dateline("cite", erbil, "--store", template).out
    assert "[2.1] Reports of April 2021 (not named): “A drone was used" in whole
    one = dateline("cite", erbil, "--document", "jpost-2021-06-22", "--store", template).out
    assert "[2]" not in one and "A drone was used" in one
    quote = dateline("cite", erbil, "--quote", "3", "--store", template).out
    assert quote.count("\n") == 1 and "characters 1690–1790" in quote
    assert dateline("cite", erbil, "--quote", "9", "--store", template).status == 2
    assert dateline("cite", erbil, "--document", "x", "--store", template).status == 2
    assert dateline("cite", erbil, "--quote", "3", "--document", "jpost-2021-05-08", "--store", template).status == 2
    assert "csl-json" in dateline("cite", erbil, "--as", "mla", "--store", template).err
    path = tmp_path / "erbil.bib"
    done = dateline("cite", erbil, "--as", "bibtex", "-o", path, "--store", template)
    assert (done.status, done.out) == (0, "")
    assert path.read_text(encoding="utf-8").count("@misc") == 2
    assert dateline("cite", erbil, "-o", path, "--store", template).status == 2
