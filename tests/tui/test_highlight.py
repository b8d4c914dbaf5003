"""Marks of a query's words: the same as of a slow comparison of each phrase at each word, however many there are."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from db.query import Words
from tui.highlight import Marker

WORD = st.sampled_from(["a", "ab", "abc", "b", "É", "e"])
PHRASE = st.builds(Words, st.lists(WORD, min_size=1, max_size=4).map(tuple), st.booleans())


def slow(phrases: list[Words], text: str) -> set[int]:
    """The letters that are marked, blanks within a phrase among them."""
    plain = {"É": "e"}
    words = text.split(" ")
    starts = [sum(len(word) + 1 for word in words[:at]) for at in range(len(words))]
    forms = [plain.get(word, word) for word in words]
    marked: set[int] = set()
    for phrase in phrases:
        wanted = [plain.get(word, word) for word in phrase.words]
        for at in range(len(forms) - len(wanted) + 1):
            *before, last = forms[at : at + len(wanted)]
            fits = last.startswith(wanted[-1]) if phrase.prefix else last == wanted[-1]
            if before == wanted[:-1] and fits:
                end = at + len(wanted) - 1
                marked.update(range(starts[at], starts[end] + len(words[end])))
    return marked


@given(st.lists(PHRASE, max_size=5), st.lists(WORD, min_size=1, max_size=12).map(" ".join))
def test_marks_are_those_of_each_phrase_at_each_word(phrases: list[Words], text: str) -> None:
    spans = Marker(phrases).spans(text)
    assert {at for start, end in spans for at in range(start, end)} == slow(phrases, text)
    assert all(a[1] < b[0] for a, b in pairwise(spans))


def test_thousands_of_words_are_marked_in_a_text_of_thousands() -> None:
    words = [f"w{n:05}" for n in range(20_000)]
    marker = Marker([Words((word,), False) for word in words])
    assert len(marker.spans(" ".join(words[:4_000]))) == 4_000
