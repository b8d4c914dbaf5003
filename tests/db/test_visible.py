"""Text made safe for a terminal: nothing obeyed, nothing lost that could be kept."""

from __future__ import annotations

import json
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from db.visible import MARKS_KEPT, cells, fitted, json_line, visible, zero_width

ANY = st.text(st.characters(exclude_categories=()), max_size=60)
"""Any code points at all, lone surrogates among them."""


def harmless(text: str) -> bool:
    """Whether a terminal draws every character of `text` and obeys none (joiners, which draw nothing, aside)."""
    return all(unicodedata.category(c) not in ("Cc", "Cf", "Zl", "Zp", "Cs") or c in "\u200c\u200d" for c in text)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain", "plain"),
        ("\x1b[2J", "␛[2J"),
        ("\x1b]8;;http://x\x07", "␛]8;;http://x␇"),
        ("a\x00b\x7fc\rd", "a␀b␡c␍d"),
        ("\x9b31m", "\ufffd31m"),
        ("\u202eevil\u202c\u2066x\u2069", "\ufffdevil\ufffd\ufffdx\ufffd"),
        ("zero\u200bwidth\ufeff\u2060\u00ad", "zero\ufffdwidth\ufffd\ufffd\ufffd"),
        ("tag\U000e0041", "tag\ufffd"),
        ("lone\ud800\udcff", "lone\ufffd\ufffd"),
        ("line\u2028break", "line\ufffdbreak"),
        ("👨\u200d👩\u200d👧 ❤\ufe0f", "👨\u200d👩\u200d👧 ❤\ufe0f"),
        ("می\u200cخواهم القاعدة יִשְׂרָאֵל", "می\u200cخواهم القاعدة יִשְׂרָאֵל"),
        ("Ç e\u0301", "Ç e\u0301"),
        ("z" + "\u0335" * 4 + "x", "z" + "\u0335" * 4 + "x"),
        ("z" + "\u0335" * 500 + "x", "z" + "\u0335" * 4 + "…x"),
        ("ᄀ" + "\u1161" * 9, "ᄀ" + "\u1161" * 4 + "…"),
        ("a" + "\u200d" * 9, "a" + "\u200d" * 4 + "…"),
    ],
)
def test_what_is_shown(text: str, shown: str) -> None:
    assert visible(text) == shown


def test_newline_and_tab_are_the_caller_s() -> None:
    assert visible("a\n\tb") == "a\n\tb"
    assert visible("a\n\tb", newline=" ", tab="␉") == "a ␉b"


@given(ANY)
@settings(max_examples=300, deadline=None)
def test_nothing_that_a_terminal_obeys_is_left(text: str) -> None:
    shown = visible(text, newline=" ", tab=" ")
    assert harmless(shown)
    assert visible(shown) == shown
    shown.encode("utf-8")
    run = 0
    for character in shown:
        run = run + 1 if zero_width(character) else 0
        assert run <= MARKS_KEPT


@given(st.text(st.characters(categories=("L", "N", "P", "S", "Zs")), max_size=60))
@settings(max_examples=100, deadline=None)
def test_ordinary_text_is_left_alone(text: str) -> None:
    if not any(zero_width(character) for character in text):
        assert visible(text) == text


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | ANY,
    lambda inner: st.lists(inner) | st.dictionaries(ANY, inner),
    max_leaves=6,
)


@given(VALUES)
@settings(max_examples=100, deadline=None)
def test_json_is_safe_to_print_and_reads_back(value: object) -> None:
    line = json_line(value)
    assert harmless(line)
    assert "\n" not in line
    # A high and a low lone surrogate side by side are what JSON writes for one character: Python cannot tell them apart.
    whole = json.dumps(value).encode()
    assert json.dumps(json.loads(line)).encode() == json.dumps(json.loads(whole)).encode()
    assert json_line(value, ascii_only=True).isascii()
    assert json.dumps(json.loads(json_line(value, ascii_only=True))) == json.dumps(json.loads(whole))


def test_json_keeps_letters_of_all_scripts_readable() -> None:
    assert json_line({"a": "Erbil أربيل é"}) == '{"a": "Erbil أربيل é"}'
    assert json_line("\x9b\u202e\x7f\U000e0041") == '"\\u009b\\u202e\\u007f\\udb40\\udc41"'


@pytest.mark.parametrize(
    ("text", "width"), [("abc", 3), ("日本", 4), ("e\u0301", 1), ("", 0), ("가", 2), ("ᄀ\u1161", 2)]
)
def test_cells(text: str, width: int) -> None:
    assert cells(text) == width


@given(ANY.map(visible), st.integers(1, 30))
@settings(max_examples=200, deadline=None)
def test_fitted_has_exactly_its_cells(text: str, width: int) -> None:
    assert cells(fitted(text, width)) == width
    assert fitted(text, width, cut=False).startswith(text)
    if cells(text) <= width:
        assert fitted(text, width).startswith(text)
