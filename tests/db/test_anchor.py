"""A quote found again in a text."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from db import anchor
from db.anchor import Anchor, AnchorText

TEXT = AnchorText("One drone fell. “Two  drones,” he said – one drone more.")


@pytest.mark.parametrize(
    ("exact", "start", "prefix", "suffix", "found"),
    [
        ("One drone", 0, None, None, Anchor("stands", 0)),
        ("One drone", 7, None, None, Anchor("moved", 0)),
        ("One drone", None, None, None, Anchor("moved", 0)),
        ("drone", 4, "anything", "else", Anchor("stands", 4)),
        ("drone", 5, "One ", " fell", Anchor("moved", 4)),
        ("drone", 5, "one ", " more", Anchor("moved", TEXT.text.rindex("drone"))),
        ("drone", 5, None, "s,”", Anchor("moved", TEXT.text.index("drones"))),
        ("drone", 5, None, None, Anchor("ambiguous")),
        ("drone", 5, "x", "y", Anchor("ambiguous")),
        ('"Two drones," he said - one', 3, None, None, Anchor("changed", TEXT.text.index("“Two"))),
        ("Two drones", 3, None, None, Anchor("changed", TEXT.text.index("Two"))),
        ("three drones", 3, None, None, Anchor("gone")),
        (" \n ", 3, None, None, Anchor("gone")),
        ("One drone fell. “Two  drones,” he said – one drone more. And", 0, None, None, Anchor("gone")),
    ],
)
def test_anchor(exact: str, start: int | None, prefix: str | None, suffix: str | None, found: Anchor) -> None:
    assert TEXT.anchor(exact, start, prefix, suffix) == found


LETTERS = st.text("ab “”'\n", max_size=30)


@given(LETTERS, st.text("ab ", min_size=1, max_size=4), LETTERS, st.integers(0, 40))
@settings(max_examples=300, deadline=None)
def test_what_is_in_the_text_is_never_gone_and_a_place_found_is_right(
    before: str, exact: str, after: str, start: int
) -> None:
    text = AnchorText(before + exact + after)
    found = text.anchor(exact, start, before, after)
    assert found.fate in ("stands", "moved", "ambiguous")
    if found.start is not None:
        assert text.text[found.start : found.start + len(exact)] == exact
    assert text.anchor(exact, len(before)) == Anchor("stands", len(before))


@given(LETTERS, st.integers(0, 40))
@settings(max_examples=100, deadline=None)
def test_what_is_not_in_the_text_is_gone(text: str, start: int) -> None:
    assert AnchorText(text).anchor("zeppelin", start) == Anchor("gone")


def test_in_another_text_what_stood_around_weighs_more_than_the_position() -> None:
    text = AnchorText("Well, then: a drone, then a drone.")
    second = text.text.rindex("drone")
    assert text.anchor("drone", 14, "then a ", ".") == Anchor("stands", 14)
    assert text.reanchor("drone", 14, "then a ", ".") == Anchor("moved", second)
    assert text.reanchor("drone", 14, "x", "y") == Anchor("stands", 14)
    assert text.reanchor("drone", 14) == Anchor("stands", 14)
    assert text.reanchor("drone", 3, "a ") == Anchor("ambiguous")


@pytest.mark.parametrize(
    ("start", "prefix", "suffix", "expected"),
    [
        (None, None, None, Anchor("ambiguous")),
        (4, None, None, Anchor("stands", 4)),
        (5, None, None, Anchor("ambiguous")),
        (None, "b ", None, Anchor("moved", 6_002)),
        (4, "b ", None, Anchor("moved", 6_002)),
        (6_002, "b ", " a", Anchor("stands", 6_002)),
        (None, "c ", None, Anchor("ambiguous")),
        (4, "c ", None, Anchor("stands", 4)),
    ],
)
def test_words_that_are_everywhere_are_soon_told(
    start: int | None, prefix: str | None, suffix: str | None, expected: Anchor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As with few places, but by what stood around whole: letter by letter it would take minutes in a long text."""
    text = AnchorText("a " * 3_000 + "b " + "a " * 3_000)
    assert text.reanchor("a", start, prefix, suffix) == expected
    monkeypatch.setattr("db.anchor.MOST", 10_000)
    assert AnchorText(text.text).reanchor("a", start, prefix, suffix) == expected


def test_quotes_with_a_word_that_is_not_in_the_text_are_not_looked_for_again(monkeypatch: pytest.MonkeyPatch) -> None:
    looked: list[str] = []
    monkeypatch.setattr(anchor, "_places", lambda text, exact: looked.append(exact) or iter(()))  # type: ignore[func-returns-value]
    text = AnchorText("One drone fell by the river")
    assert text.anchor("no drone at all", None) == Anchor("gone")
    looked.clear()
    for at in range(3):
        assert text.anchor(f"drone {at}fell by", None) == Anchor("gone")
    assert looked == []


@given(st.text("ab “”'\n\u200b-–", max_size=30), st.integers(0, 30), st.integers(1, 12))
@settings(max_examples=300, deadline=None)
def test_a_missed_quote_hides_no_other(text: str, start: int, length: int) -> None:
    exact = text[start : start + length]
    if not exact:
        return
    fresh, missed = AnchorText(text), AnchorText(text)
    assert missed.anchor("not in a text of these", None) == Anchor("gone")
    for words in (exact, exact.replace("“", '"').replace("\u200b", "").replace("\n", "  ")):
        assert missed.anchor(words, None) == fresh.anchor(words, None)
        fresh = AnchorText(text)
