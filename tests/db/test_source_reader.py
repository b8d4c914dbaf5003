"""A document's page: its text or its excerpts, each quote where it stands, and what became of those that moved."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from db.anchor import _PLAIN, AnchorText, _plain
from db.model import Document
from db.read import incident as read_incident
from db.source_reader import Page, _excerpts, _Quote, page
from db.store import Store
from db.verify import findings

TEXT = "Rain fell. A drone struck the depot.\r\nPolice said nobody was hurt.\tA drone struck the depot again.\n"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "store.db"
    with Store.create(path) as store, store.write("document and incidents") as connection:
        connection.execute("INSERT INTO document (id, key, publisher, text_length) VALUES (1, 'd', 'Radio Sol', 104)")
        connection.executemany("INSERT INTO incident (id, key, title) VALUES (?, ?, ?)", [(1, "a", "A"), (2, "b", "B")])
        connection.execute("INSERT INTO actor (id, key, name) VALUES (1, 'police', 'Police')")
    return path


def quote(
    path: Path, incident: int, start: int | None, exact: str, prefix: str | None = None, suffix: str | None = None
) -> None:
    end = None if start is None else start + len(exact)
    with Store.open(path, write=True) as store, store.write("quote") as connection:
        connection.execute(
            'INSERT INTO quote (incident_id, document_id, "start", "end", exact, prefix, suffix)'
            " VALUES (?, 1, ?, ?, ?, ?, ?)",
            (incident, start, end, exact, prefix, suffix),
        )


def attach(path: Path, text: str = TEXT) -> None:
    with Store.open(path, write=True) as store, store.write("text") as connection:
        connection.execute("UPDATE document SET text = ?, text_length = ?", (text, len(text)))


def read(path: Path) -> Page:
    with Store.open(path) as store:
        found = page(store.connection, 1)
    assert found is not None
    return found


def test_a_document_that_is_not_there_has_no_page(path: Path) -> None:
    with Store.open(path) as store:
        assert page(store.connection, 9) is None


def test_the_text_stays_verbatim_and_quotes_stand_in_it(path: Path) -> None:
    attach(path)
    quote(path, 1, 11, "A drone struck the depot")
    quote(path, 2, 13, "drone")
    with Store.open(path, write=True) as store, store.write("chain") as connection:
        connection.execute("INSERT INTO attribution (quote_id, step, actor_id, verb) VALUES (2, 1, 1, 'said')")
    found = read(path)
    assert found.text == TEXT
    assert found.notes == ()
    assert [(m.incident, m.number, m.fate, m.speaker, found.text[m.start : m.end]) for m in found.marks] == [
        ("a", 1, "stands", "Radio Sol", "A drone struck the depot"),
        ("b", 2, "stands", "Police", "drone"),
    ]
    assert found.marks[1].fate_words() == "✓ verified"


def test_quotes_that_moved_changed_or_are_gone_say_so_and_where(path: Path) -> None:
    attach(path)
    quote(path, 1, 0, "nobody was hurt")  # moved
    quote(path, 1, None, "Rain fell")  # had no position
    quote(path, 1, 40, "nobody  was hurt.")  # one space more than the text has
    quote(path, 2, 5, "A plane")  # gone
    quote(path, 2, 7, "A drone struck the depot")  # twice, and nothing decides
    found = read(path)
    told = {mark.exact: mark.fate_words() for mark in found.marks}
    at = TEXT.index("nobody")
    assert told == {
        "nobody was hurt": f"→ moved: stands at {at}, the store has 0",
        "Rain fell": "→ moved: stands at 0, the store has no position",
        "nobody  was hurt.": f"≈ changed in its spaces, quotation marks or dashes: at {at}",
        "A plane": "✗ gone: not in the text; the store has 5",
        "A drone struck the depot": "? at several places, and what stood around it does not decide; the store has 7",
    }
    assert [mark.exact for mark in found.marks][:3] == ["Rain fell", "nobody  was hurt.", "nobody was hurt"]
    for mark in found.marks:
        shown = found.text[mark.start : mark.end]
        assert shown == ("nobody was hurt." if mark.fate == "changed" else mark.exact)
        assert found.source_position(mark.start) == mark.source
    assert found.text.startswith(TEXT)
    assert "2 quotes of the store with no place in this text" in found.text[len(TEXT) :]
    assert found.in_notes(len(TEXT) + 1)
    assert not found.in_notes(len(TEXT) - 1)


def test_without_a_text_the_excerpts_stand_in_order_with_the_gaps_between(path: Path) -> None:
    quote(path, 2, 60, "hurt", "was ", ".\t")
    quote(path, 1, 11, "A drone struck the depot")
    quote(path, 1, 13, "drone")
    quote(path, 2, None, "later")
    found = read(path)
    assert found.text == (
        "The store does not have this text, only what is quoted from it; `dateline attach FILE --document d` adds it."
        "\n\n… 11 characters not in the store …\n\nA drone struck the depot"
        "\n\n… 21 characters not in the store …\n\nwas hurt.\t"
        "\n\n… 38 characters not in the store …\n\n— 1 quote at no known position —\n\nlater\n"
    )
    assert [(m.exact, m.fate, m.source, m.number) for m in found.marks] == [
        ("A drone struck the depot", "unverified", 11, 1),
        ("drone", "unverified", 13, 1),
        ("hurt", "unverified", 60, 2),
        ("later", "unverified", None, 2),
    ]


def test_excerpts_that_contradict_one_another_stand_apart(path: Path) -> None:
    quote(path, 1, 11, "A drone struck")
    quote(path, 1, 13, "plane")
    found = read(path)
    assert "… other words for the same place, from 13 on …" in found.text
    assert [found.text[m.start : m.end] for m in found.marks] == ["A drone struck", "plane"]


def test_every_quote_of_the_bundled_store_is_marked_where_it_stands(template: Path) -> None:
    with Store.open(template) as store:
        for document, quotes in store.connection.execute(
            "SELECT document_id, count(*) FROM quote GROUP BY document_id"
        ).fetchall():
            found = page(store.connection, document)
            assert found is not None
            assert len(found.marks) == quotes
            for mark in found.marks:
                stored = store.connection.execute('SELECT exact, "start" FROM quote WHERE id = ?', (mark.quote_id,))
                assert (found.text[mark.start : mark.end], mark.source) == stored.fetchone()
                assert found.source_position(mark.start) == mark.source
            # What is shown and what is said to be missing are the whole of it.
            length = store.connection.execute("SELECT text_length FROM document WHERE id = ?", (document,))
            missing = [
                int(words.split()[1].replace(",", ""))
                for start, end in found.notes
                for words in [found.text[start:end].strip()]
                if words.startswith("… ") and "not in the store" in words
            ]
            assert sum(missing) + sum(part.length for part in found.parts) == length.fetchone()[0]


@settings(max_examples=40, deadline=None)
@given(st.text("ab \n", min_size=1, max_size=40), st.data())
def test_excerpts_never_invent_and_always_hold_each_quote(text: str, data: st.DataObject) -> None:
    spans = data.draw(
        st.lists(st.tuples(st.integers(0, len(text) - 1), st.integers(1, 8)), min_size=1, max_size=6, unique=True)
    )
    quotes: list[_Quote] = []
    for number, (start, length) in enumerate(sorted(spans)):
        end = min(len(text), start + length)
        around = data.draw(st.integers(0, 5))
        quotes.append(
            (
                number,
                1,
                "k",
                "T",
                "S",
                text[start:end],
                start,
                text[max(0, start - around) : start],
                text[end : end + around],
                end,
            )
        )
    found = _excerpts(Document(1, "d", text_length=len(text)), quotes)
    for part in found.parts:
        assert found.text[part.start : part.start + part.length] == text[part.source : part.source + part.length]
    for mark in found.marks:
        assert mark.source is not None
        assert found.text[mark.start : mark.end] == mark.exact == text[mark.source : mark.source + len(mark.exact)]


@settings(max_examples=150, deadline=None)
@given(st.text("ab  \t\r\n\x1c\x85\u2003\xad\u200b“'—…x", max_size=40))
def test_plain_words_are_made_as_character_by_character(text: str) -> None:
    pieces: list[tuple[str, int]] = []
    blank = False
    for at, character in enumerate(text):
        piece = ("" if blank else " ") if character.isspace() else character.translate(_PLAIN)
        blank = character.isspace() or (blank and not piece)
        pieces += [(plain, at) for plain in piece]
    words, origins = _plain(text)
    assert (words, list(origins)) == ("".join(plain for plain, _ in pieces), [at for _, at in pieces])


@settings(max_examples=60, deadline=None)
@given(*(st.text('a “”"-–\n…', max_size=12) for _ in range(4)), st.sampled_from("“”–"))
def test_the_length_of_a_changed_quote_ends_behind_its_last_character(
    before: str, one: str, other: str, after: str, mark: str
) -> None:
    quoted = f"x{one}{mark}{other}y"
    text = before + quoted + after
    anchors = AnchorText(text)
    plain = quoted.replace("“", '"').replace("”", '"').replace("–", "-")
    anchor = anchors.anchor(plain, None)
    assert (anchor.fate, anchor.start) == ("changed", len(before))
    assert anchors.changed_length(plain, len(before)) == len(quoted)


def test_a_quote_with_a_nul_is_not_called_verified_where_its_end_is_wrong(path: Path) -> None:
    """SQLite's length(), by which the rule of the table counts, ends at a NUL; Python's does not."""
    attach(path, "ab\0cd and more")
    with Store.open(path, write=True) as store, store.write("quotes") as connection:
        connection.executemany(
            'INSERT INTO quote (incident_id, document_id, "start", "end", exact) VALUES (1, 1, ?, ?, ?)',
            [(1, 2, "b\0cd"), (0, 2, "ab")],
        )
    with Store.open(path) as store:
        assert [f.message for f in findings(store.connection) if f.what == "quote"] == [
            "“b\0cd” begins there, but ends elsewhere (SQLite takes its NUL character for its end)",
            "1 of 2 quotes verified against their texts",
        ]
        incident = read_incident(store.connection, 1)
        assert incident is not None
        assert {quote.exact: quote.verified for quote in incident.quotes} == {"ab": True, "b\0cd": False}
    marks = read(path).marks
    assert [(m.exact, m.fate, m.fate_words()[:1]) for m in marks] == [("ab", "stands", "✓"), ("b\0cd", "cut", "✗")]
