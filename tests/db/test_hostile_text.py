"""Any text at all: safe to look at, a character for a character where it is typed, and whole in the store and exports."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from db import output
from db.visible import in_place, json_line, visible
from tests.torture.strings import ATTACKS, FULL_SCREEN, PLAIN, harmful, hostile_store, raw, text

ROOT = Path(__file__).resolve().parent.parent.parent

ANY = st.text(
    st.one_of(
        st.characters(),  # surrogates among them
        st.sampled_from("\x00\x07\x1b\x9b\x9d\x7f\r\n\t[]/@\\\u0301\u200b\u200d\u202e\u2066\ufeff\U000e0041"),
    ),
    max_size=60,
)


@given(ANY)
@settings(max_examples=200, deadline=None)
def test_what_is_shown_has_nothing_that_a_terminal_obeys(words: str) -> None:
    shown = visible(words, newline=" ", tab=" ")
    assert harmful(shown.encode("utf-8", "surrogatepass"), PLAIN) == []
    assert visible(shown, newline=" ", tab=" ") == shown


@given(ANY)
@settings(max_examples=200, deadline=None)
def test_a_line_that_is_typed_keeps_a_character_for_each(words: str) -> None:
    drawn = in_place(words)
    assert len(drawn) == len(words)
    assert "\n" not in drawn
    assert harmful(drawn.encode("utf-8", "surrogatepass"), PLAIN) == []


@given(ANY)
@settings(max_examples=100, deadline=None)
def test_json_is_safe_to_look_at_and_loses_nothing(words: str) -> None:
    import json

    line = json_line({"title": words})
    assert harmful(line.encode("utf-8", "surrogatepass"), PLAIN) == []
    assert json.loads(line) == {"title": words}


def test_each_attack_is_one_before_it_is_made_visible() -> None:
    """The check of the torture finds what it is for, and not what the program itself writes."""
    dangerous = [attack for attack in ATTACKS if harmful(raw(attack), FULL_SCREEN)]
    assert len(dangerous) >= 12
    assert not [attack for attack in ATTACKS if harmful(raw(visible(attack, newline=" ", tab=" ")), FULL_SCREEN)]
    assert not harmful(b"\x1b[?2026h\x1b[1;38;2;1;2;3mtext\x1b[0m\x1b[4;9H\x1b[?2026l", FULL_SCREEN)
    assert harmful(b"\x1b[8mhidden", FULL_SCREEN) and harmful(b"\x1b[31m", PLAIN)


def test_a_hostile_store_has_each_text_byte_for_byte_and_gives_it_back(tmp_path: Path) -> None:
    numbers = range(1, len(ATTACKS) + 1)
    store = hostile_store(tmp_path / "s.db", numbers)
    other = tmp_path / "other.db"
    import main

    assert main.run(["export", "--as", "jsonl", "-o", str(tmp_path / "all.jsonl"), "--store", str(store)]) == 0
    assert main.run(["import", str(tmp_path / "all.jsonl"), "--as", "jsonl", "--store", str(other)]) == 0
    for path in (store, other):
        with closing(sqlite3.connect(path)) as connection:
            connection.text_factory = bytes
            titles = {row[0] for row in connection.execute("SELECT title FROM incident")}
            quotes = {row[0] for row in connection.execute("SELECT exact FROM quote")}
            tags = {row[0] for row in connection.execute("SELECT name FROM tag")}
            notes = {row[0] for row in connection.execute("SELECT text FROM note")}
        expected = {raw(text(number)) for number in numbers}
        if path == other:
            # JSON lines are UTF-8: bytes that are not come out as they are, and are read as another program's would be.
            expected = {each for each in expected if _is_utf8(each)}
            titles, quotes, tags = ({each for each in found if each in expected} for found in (titles, quotes, tags))
        assert titles == quotes == tags == expected
        assert expected <= notes


def _is_utf8(words: bytes) -> bool:
    try:
        words.decode()
    except UnicodeDecodeError:
        return False
    return True


def test_a_terminal_gets_results_safely_and_a_file_gets_them_whole() -> None:
    class Terminal:
        """Keeps what is written."""

        def __init__(self) -> None:
            self.got = ""

        def write(self, words: str) -> None:
            self.got += words

    terminal = Terminal()
    shown = output.OnTerminal(terminal)  # type: ignore[arg-type]
    shown.writelines(["a\x1b[2Jb\r\n", "c\x9bd\n"])
    assert terminal.got == "a␛[2Jb\nc\ufffdd\n"


def test_every_line_to_type_in_is_one_that_draws_safely() -> None:
    """Textual's own Input draws whatever stands in it."""
    for path in (ROOT / "tui").rglob("*.py"):
        if path.name != "field.py":
            assert not re.search(
                r"(?<![\w.])(Input|TextArea|MaskedInput)\((?!Field)", path.read_text(encoding="utf-8")
            ), path
