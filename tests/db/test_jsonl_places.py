"""Quotes of JSON lines in a store that has their document with another text: at their place there, or refused."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from db.formats import jsonl
from db.formats.record import FormatError
from db.store import Store
from db.verify import findings
from tests.support.json_lines import import_lines

TEXT = "Rockets fell. Nobody was hurt. Rockets fell."
QUOTE = {"document": "d", "start": 14, "end": 30, "exact": "Nobody was hurt."}
LAST = {"document": "d", "start": 31, "end": 44, "exact": "Rockets fell.", "prefix": "hurt. "}


def incident(*quotes: Mapping[str, object], title: str = "t") -> Mapping[str, object]:
    return {"incident": {"key": "i", "title": title, "quotes": quotes}}


def document(text: str | None, **more: object) -> Mapping[str, object]:
    return {"document": {"key": "d", **({} if text is None else {"text": text}), **more}}


def store_with(tmp_path: Path, text: str | None, **more: object) -> Store:
    """A store that has the document with this text."""
    store = Store.create(tmp_path / "store.db")
    import_lines(store, tmp_path / "first.jsonl", document(text, **more))
    return store


def places(store: Store) -> list[tuple[int, int]]:
    return store.connection.execute('SELECT "start", "end" FROM quote ORDER BY id').fetchall()


def wrong(store: Store) -> list[str]:
    return [finding.message for finding in findings(store.connection) if finding.wrong]


@pytest.mark.parametrize("told", [TEXT, None])
def test_quotes_get_their_places_in_the_text_that_is_here(told: str | None, tmp_path: Path) -> None:
    with store_with(tmp_path, "Late: " + TEXT) as store:
        file = tmp_path / "x.jsonl"
        bare = {"document": "d", "exact": "Nobody was"}
        done = import_lines(store, file, document(told), incident(QUOTE, LAST, bare))
        assert places(store) == [(20, 36), (37, 50), (20, 30)]
        assert wrong(store) == []
        assert done.notes[-1:] == ["quotes that have their place elsewhere in the text that their document has here: 3"]
        again = import_lines(store, file, document(told), incident(QUOTE, LAST, bare))
        assert (again.added, again.changed, again.same) == (0, 0, 1)


@pytest.mark.parametrize(
    ("text", "quotes", "told"),
    [
        (
            "Quite another text.",
            [QUOTE],
            "document 'd' has another text here, which does not have the words of a quote",
        ),
        ("Nobody was hurt. Nobody was hurt.", [QUOTE], "at several places"),
        ("Nobody  was hurt.", [QUOTE], "with other spaces"),
        ("Rockets fell.", [LAST, {**LAST, "start": 0, "end": 13, "prefix": None}], "only once what two quotes say"),
    ],
)
@pytest.mark.parametrize("known", [False, True])
def test_a_quote_without_a_place_here_is_refused_with_its_line(
    text: str, quotes: list[dict[str, object]], told: str, known: bool, tmp_path: Path
) -> None:
    with store_with(tmp_path, text) as store:
        if known:
            import_lines(store, tmp_path / "x.jsonl", incident(title="had"))
        with pytest.raises(FormatError, match=rf"line 3: .*{told}.*nothing was imported") as caught:
            import_lines(store, tmp_path / "x.jsonl", document(TEXT), incident(*quotes))
        assert "\n" not in str(caught.value)
        assert places(store) == []
        assert wrong(store) == []


def test_a_quote_that_ends_behind_the_text_of_which_only_the_length_is_here_is_refused(tmp_path: Path) -> None:
    with store_with(tmp_path, None, text_length=20) as store:
        with pytest.raises(FormatError, match="another text here, of 20 characters, and a quote ends at 30"):
            import_lines(store, tmp_path / "x.jsonl", document(TEXT), incident(QUOTE))
        assert wrong(store) == []


def test_what_the_store_says_already_stays_though_its_words_are_gone(tmp_path: Path) -> None:
    with store_with(tmp_path, TEXT) as store:
        import_lines(store, tmp_path / "x.jsonl", document(TEXT), incident(QUOTE))
        with store.write("another text") as connection:
            connection.execute("UPDATE document SET text = 'Quite another text.'")
        was = wrong(store)
        assert was
        done = import_lines(store, tmp_path / "x.jsonl", document(TEXT), incident(QUOTE))
        assert (done.same, done.changed, wrong(store)) == (1, 0, was)


def test_a_faulty_store_goes_out_and_in_as_it_is(tmp_path: Path) -> None:
    faulty = [document(TEXT), incident({**QUOTE, "start": 3, "end": 19}, {"document": "d", "exact": "gone"})]
    with Store.create(tmp_path / "one.db") as store:
        assert import_lines(store, tmp_path / "x.jsonl", *faulty).added == 1
        lines = [json.loads(line) for line in jsonl.write(store.connection, [1])][1:]
        assert import_lines(store, tmp_path / "x.jsonl", *lines).same == 1
    with Store.create(tmp_path / "two.db") as store:
        import_lines(store, tmp_path / "x.jsonl", *lines)
        assert [json.loads(line) for line in jsonl.write(store.connection, [1])][1:] == lines
