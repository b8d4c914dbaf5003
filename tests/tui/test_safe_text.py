"""Texts on their way to the screen: whole where they are of a size to read, begun where they are not."""

from __future__ import annotations

from db.visible import visible
from tui.safe_text import SHOWN, safe, safe_lines, wrap


def test_a_text_of_a_size_to_read_is_whole() -> None:
    text = "drone " * (SHOWN // 6)
    assert safe(text) == visible(text)
    assert "\n".join(safe_lines(text)) == visible(text)


def test_a_text_that_nobody_reads_in_a_pane_is_begun_and_says_so() -> None:
    text = "無人機\x1b[2J" * 2_000_000
    for shown in (safe(text), "\n".join(safe_lines(text))):
        assert shown.startswith(visible(text[:1000])) and "\x1b" not in shown
        assert shown.endswith(f"… and {len(text) - SHOWN:,} more characters")


def test_one_word_without_an_end_is_broken_at_once() -> None:
    lines = wrap(safe("x" * 10_000_000), 34)
    assert len(lines) < SHOWN
