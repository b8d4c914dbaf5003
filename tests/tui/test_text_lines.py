"""A text in lines, its hits, and the quotes that lie over one another: fast ways against slow and simple ones."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

from db.source_reader import Mark
from db.visible import visible
from tui import text_lines
from tui.quote_cover import Cover
from tui.text_lines import TAB, TextLines
from tui.text_search import WINDOW, TextSearch

TEXTS = st.lists(
    st.sampled_from(
        ["a", "drone", " ", "  ", "\n", "\r\n", "\r", "\t", "無", "人機", "。", "e\u0301", "\u0301", "👨\u200d👩\u200d👧", "☁\ufe0f",
         "\x1b[2J", "\x9b", "\u202e", "\u200b", "“", "—", "ا", "a" * 30, "한글", "\ud800", "\u0301" * 9]
    ),
    max_size=60,
).map("".join)  # fmt: skip


class SlowLines(TextLines):
    """Every line made character by character."""

    def __init__(self, text: str, width: int) -> None:
        super().__init__(text, width)
        self._quick = re.compile(r"(?!)")


def made(lines: TextLines) -> TextLines:
    assert lines.extend(60)
    return lines


@settings(max_examples=250, deadline=None)
@given(TEXTS, st.integers(2, 20))
@example(" " + "x" * 40, 8)
@example("無" * 9 + "。無", 7)
@example("aaaa  \r\nb", 4)
def test_the_quick_way_makes_the_same_lines_as_the_slow(text: str, width: int) -> None:
    assert list(made(TextLines(text, width)).starts) == list(made(SlowLines(text, width)).starts)


@settings(max_examples=250, deadline=None)
@given(TEXTS, st.integers(2, 20))
@example("\N{CLOUD}\ufe0f" + "\u0301" * 9, 2)
@example("a" + "\N{CLOUD}\ufe0f" * 2 + "\u0301" * 9, 5)
def test_the_lines_are_the_whole_text_and_none_is_wider_than_the_width(text: str, width: int) -> None:
    lines = made(TextLines(text, width))
    starts = list(lines.starts)
    assert starts[0] == 0
    assert starts[-1] == len(text)
    assert starts == sorted(set(starts))
    for line in range(lines.count):
        start, end = lines.span(line)
        shown = text[start:end]
        assert "\n" not in shown
        # A space that hangs over the end is not seen; a sign wider than the width, with its marks, has a line to itself.
        seen = visible(shown.rstrip(" ")).replace("\t", TAB)
        assert cell_len(seen) <= width or not any(cell_len(sign) for sign in shown.rstrip(" ")[1:])
        if start < len(text):
            assert lines.line_of(start) == line
    if text and not text.endswith("\n"):
        assert lines.line_of(len(text)) == lines.count - 1


@settings(max_examples=100, deadline=None)
@given(st.lists(st.sampled_from(["drone", "attack", "of", "the", "on", "I"]), min_size=1).map(" ".join))
def test_words_that_fit_are_never_broken(text: str) -> None:
    lines = made(TextLines(text, 9))
    words = [word for line in range(lines.count) for word in text[slice(*lines.span(line))].split()]
    assert words == text.split()


@pytest.mark.parametrize("name", ["_NARROW", "_WIDE", "_CLOSING"])
def test_every_character_of_the_quick_way_has_the_cells_it_is_taken_to_have(name: str) -> None:
    expected = 1 if name == "_NARROW" else 2
    found = re.compile(f"[{getattr(text_lines, name)}]")
    wrong = [
        hex(code) for code in range(0x20000) if found.match(chr(code)) and cell_len(visible(chr(code))) != expected
    ]
    assert wrong == []


def test_lines_are_made_a_slice_at_a_time_and_can_be_asked_for_meanwhile() -> None:
    text = "word " * 20_000
    lines = TextLines(text, 40)
    assert not lines.extend(0)
    assert 0 < lines.count < 200
    assert lines.line_of(len(text) - 1) is None
    assert lines.line_of(0) == 0
    made(lines)
    assert lines.line_of(len(text) - 1) == lines.count - 1


def test_marks_without_end_do_not_make_a_line_without_end() -> None:
    lines = made(TextLines("a" + "\u0301" * 50_000, 40))
    assert max(end - start for start, end in (lines.span(y) for y in range(lines.count))) < 1000


# -- hits ---------------------------------------------------------------------------------------------------------


@settings(max_examples=100, deadline=None)
@given(st.text("aAb \n", max_size=60), st.text("ab ", min_size=1, max_size=4))
def test_hits_are_those_of_one_search_over_all(text: str, words: str) -> None:
    search = TextSearch(text, words)
    assert search.extend(60)
    pattern = r"\s+".join(re.escape(word) for word in words.split())
    expected = [found.span() for found in re.finditer(pattern, text, re.IGNORECASE)] if pattern else []
    assert list(zip(search.starts, search.ends, strict=True)) == expected


def test_hits_at_the_edges_of_windows_are_found_once() -> None:
    text = ("x" * (WINDOW - 3) + "Drone\nstrike") * 3
    search = TextSearch(text, "drone strike", lambda at: at < WINDOW)
    while not search.extend(0):
        pass
    assert list(search.starts) == [found.start() for found in re.finditer("Drone", text)][1:]


@pytest.mark.parametrize(("text", "line"), [("a " * 100_000, "a " * 4_990 + "b"), ("s" * 200_000, "s" * 9_980 + "b")])
def test_a_line_that_is_nearly_everywhere_is_looked_for_in_small_steps(text: str, line: str) -> None:
    """Thousands of letters compared at each of thousands of places kept keys waiting for half a minute."""
    search = TextSearch(text, line)
    assert not search.extend(0)
    assert search._at < 100


# -- quotes over one another --------------------------------------------------------------------------------------


def mark(number: int, start: int, end: int) -> Mark:
    return Mark(number, number, "k", "T", number, "S", "x" * (end - start), "stands", start, start, start, end)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 20), st.integers(1, 10)), max_size=8), st.integers(0, 25), st.integers(0, 10))
def test_the_shortest_quote_lies_on_top(spans: list[tuple[int, int]], begin: int, length: int) -> None:
    marks = [mark(number, start, start + size) for number, (start, size) in enumerate(sorted(spans))]
    cover = Cover(marks)
    at = begin
    for start, end, top, deep in cover.stretches(begin, begin + length):
        assert start == at < end
        at = end
        for position in range(start, end):
            here = [i for i, one in enumerate(marks) if one.start <= position < one.end]
            assert deep == len(here)
            assert top == min(here, key=lambda i: (marks[i].end - marks[i].start, i), default=None)
            assert cover.at(position) == top
    assert at == begin + length
