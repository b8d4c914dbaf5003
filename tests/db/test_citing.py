"""Citations in each style: all that is known, nothing that is not, and text that cannot break out of its place."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from itertools import accumulate
from pathlib import Path

import pytest

from db import cite, citing, read
from db.errors import UsageError
from db.model import Document, Incident, Quote, Span, Speaker
from db.store import Store

FULL = Document(
    1, "radio-1", "A “title” with {braces} & 100%", "Radio_Sol", "Ana B.", "https://sol.example/a b", "https://archive.example/1",
    "2021-06-22", "2021-07-01T10:00:00+00:00", "en", "B", "ab" * 32, 4000,
)  # fmt: skip
BARE = Document(2, "bare")
QUOTES = (
    Quote(1, "radio-1", "two [drones]\nstruck", 10, 29, chain=(Speaker("Press TV", "p"), Speaker("Sabereen", "s"))),
    Quote(2, "radio-1", "it happened", 40, 51),
    Quote(3, "bare", "somewhere"),
)
IT = Incident(
    1, "it", "incident", "It <happened>", None, None, None, "2021-06-21", None, None, 1, None, Span(), Span(), None, None,
    None, "draft", False, quotes=QUOTES, documents=(FULL, BARE),
)  # fmt: skip


def test_the_footnotes_number_documents_and_quotes() -> None:
    lines = citing.cited(citing.of_incident(IT), "footnote").split("\n")
    assert lines == [
        "“It <happened>”, Mon 21 Jun 2021, incident it.",
        "[1] Ana B., “A “title” with {braces} & 100%”, Radio_Sol, Tue 22 Jun 2021, https://sol.example/a b, archived at"
        " https://archive.example/1, SHA-256 abababababab.",
        "    [1.1] Sabereen, by way of Press TV: “two [drones] struck”, characters 10–29, SHA-256 abababababab.",
        "    [1.2] “it happened”, characters 40–51, SHA-256 abababababab.",
        "[2] bare.",
        "    [2.1] “somewhere”, position unknown.",
    ]


def test_one_quote_is_the_footnote_that_y_copies() -> None:
    assert citing.cited(citing.of_quote(QUOTES[1], FULL), "footnote") == cite.footnote(QUOTES[1], FULL)


def test_a_document_brings_the_quotes_that_the_incident_uses() -> None:
    text = citing.cited(citing.of_document(IT, FULL), "footnote")
    assert "[1.2]" in text
    assert "somewhere" not in text
    assert "incident it" not in text


def test_markdown_is_text_whatever_the_store_has() -> None:
    text = citing.cited(citing.of_incident(IT), "markdown")
    assert "It \\<happened\\>" in text
    assert "two \\[drones\\] struck" in text
    assert "<https://sol.example/a%20b>" in text
    assert "<https://archive.example/1>" in text
    assert text.count("\n1. ") == text.count("\n2. ") == 1


def test_bibtex_has_balanced_braces_and_only_known_fields() -> None:
    entries = citing.cited(citing.of_incident(IT), "bibtex").split("\n\n")
    assert [re.match(r"@misc\{([^,]+),", entry)[1] for entry in entries] == ["radio-1", "bare"]  # type: ignore[index]
    for entry in entries:
        assert entry.count("{") == entry.count("}")
    assert r"A “title” with \textbraceleft{}braces\textbraceright{} \& 100\%" in entries[0]
    assert r"howpublished = {Radio\_Sol}" in entries[0]
    for field in (
        "year = {2021}",
        "month = {6}",
        "day = {22}",
        "urldate = {2021-07-01}",
        "archived at",
        "characters 10–29",
    ):
        assert field in entries[0]
    assert not re.search(r"author|year|url|publisher|language", entries[1])


@pytest.mark.parametrize("title", ["one { more", "one } more", 'two }}, author = "B", x="', "\\{", "\\} {"])
def test_a_lone_brace_ends_no_field_of_bibtex(title: str) -> None:
    """BibTeX counts braces whether or not a backslash stands before them."""
    entry = citing.cited(citing.of_document(IT, replace(BARE, title=title)), "bibtex")
    depths = list(accumulate((c == "{") - (c == "}") for c in entry))
    assert depths[-1] == 0
    assert depths.index(0, entry.index("{")) == len(entry) - 1
    whole = entry.index("title = {{") + len("title = ")
    end = depths.index(depths[whole - 1], whole)
    assert entry[end:].startswith("},\n  note = ")


def test_bibtex_keys_never_collide() -> None:
    twins = Incident(
        1, "it", "incident", "It", None, None, None, None, None, None, None, None, Span(), Span(), None, None, None, "draft",
        False, documents=(Document(1, "a b"), Document(2, "a/b"), Document(3, "؟")),
    )  # fmt: skip
    keys = re.findall(r"@misc\{([^,]+),", citing.cited(citing.of_incident(twins), "bibtex"))
    assert len(set(keys)) == 3
    assert [key[:-7] for key in keys] == ["a-b", "a-b", "document"]
    # Whatever else is cited, a document has the same key: references to it stay right.
    alone = citing.cited(citing.of_document(twins, twins.documents[1]), "bibtex")
    assert re.findall(r"@misc\{([^,]+),", alone) == [keys[1]]


@pytest.mark.parametrize(
    ("edtf", "expected"),
    [
        ("2021-05-08", ["year = {2021}", "month = {5}", "day = {8}"]),
        ("2021-05~", ["note = {published about May 2021}"]),
        (None, []),
    ],
)
def test_bibtex_has_the_day_of_publication_or_says_it_in_words(edtf: str | None, expected: list[str]) -> None:
    one = citing.cited(citing.Cited(((Document(1, "a", published_edtf=edtf), ()),)), "bibtex")
    assert [line.strip(" ,") for line in one.splitlines() if re.match(" *(year|month|day|note)", line)] == expected


def test_csl_json_is_what_citeproc_reads() -> None:
    full, bare = json.loads(citing.cited(citing.of_incident(IT), "csl-json"))
    assert full["issued"] == {"date-parts": [[2021, 6, 22]]}
    assert full["accessed"] == {"date-parts": [[2021, 7, 1]]}
    assert (full["type"], full["URL"], full["archive_location"]) == ("webpage", FULL.url, FULL.archive_url)
    assert "two [drones]\nstruck" in full["note"]
    assert bare == {"id": "bare", "type": "document", "note": "“somewhere” (position unknown)"}


@pytest.mark.parametrize(
    ("edtf", "issued"),
    [
        ("2021", {"date-parts": [[2021]]}),
        ("2021-06", {"date-parts": [[2021, 6]]}),
        ("2021-06-22T10", {"date-parts": [[2021, 6, 22]]}),
        ("2021-06~", {"literal": "about June 2021"}),
        ("2021/2022", {"literal": "2021–2022"}),
    ],
)
def test_a_date_is_never_tighter_than_its_source(edtf: str, issued: dict[str, object]) -> None:
    cited = citing.Cited(((Document(1, "a", published_edtf=edtf), ()),))
    item = json.loads(citing.cited(cited, "csl-json"))[0]
    assert item["issued"] == issued
    assert ("day = " in citing.cited(cited, "bibtex")) == ("22" in edtf and "T" in edtf)


def test_every_quote_of_every_bundled_incident_is_cited(template: Path) -> None:
    with Store.open(template) as store:
        for (incident_id,) in store.connection.execute("SELECT id FROM incident").fetchall():
            incident = read.incident(store.connection, incident_id)
            assert incident is not None
            for style in citing.STYLES:
                text = citing.cited(citing.of_incident(incident), style)
                plain = store.connection.execute(
                    'SELECT count(*) FROM quote WHERE incident_id = ? AND "start" IS NOT NULL', (incident_id,)
                ).fetchone()[0]
                assert len(re.findall(r"characters \d+–\d+", text)) == plain


def test_an_unknown_style_names_the_known_ones() -> None:
    with pytest.raises(UsageError, match="footnote, markdown, bibtex, csl-json"):
        citing.cited(citing.of_incident(IT), "mla")


def test_a_file_is_new_or_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "note.txt"
    citing.write_file(path, "“words”\nmore")
    assert path.read_text(encoding="utf-8") == "“words”\nmore\n"
    with pytest.raises(UsageError, match="nothing was overwritten"):
        citing.write_file(path, "other")
    with pytest.raises(UsageError, match="cannot write"):
        citing.write_file(tmp_path / "no" / "such" / "folder.txt", "other")
    assert path.read_text(encoding="utf-8") == "“words”\nmore\n"
