"""A script is cut into its statements, in time that grows with its length alone."""

from __future__ import annotations

import sqlite3
from sqlite3 import complete_statement
from typing import Any

import pytest

from db.statements import statements


class Looked(str):
    """A text that knows how much of it was looked at to count its lines."""

    looked = 0

    def count(self, what: str, start: Any = 0, end: Any = None, /) -> int:
        self.looked += (len(self) if end is None else end) - start
        return super().count(what, start, end)


def test_each_line_of_a_long_file_is_counted_once() -> None:
    text = Looked("-- why\nSELECT 'a\nb';\n" * 200)
    assert [found.line for found in statements(text)] == list(range(2, 602, 3))
    assert text.looked <= len(text)


@pytest.mark.parametrize("piece", ["'{}'", '"{}"', "`{}`", "[{}]", "/*{}*/ 1", "--{}\n 1"])
def test_semicolons_within_a_text_are_no_ends_that_are_tried(piece: str, monkeypatch: pytest.MonkeyPatch) -> None:
    tried: list[str] = []

    def complete(sql: str) -> bool:
        tried.append(sql)
        return complete_statement(sql)

    monkeypatch.setattr("db.statements.sqlite3.complete_statement", complete)
    script = f"SELECT {piece.format('R&amp;B; ' * 50)};"
    assert [found.sql for found in statements(f"{script}\n{script}")] == [script, script]
    assert tried == [script, script]


@pytest.mark.parametrize("opens", ["'", '"', "`", "[", "/*"])
def test_a_text_without_an_end_goes_to_the_end_of_the_file(opens: str) -> None:
    first, last = statements(f"SELECT 1;\nSELECT {opens}; SELECT 2;\n")
    assert (first.complete, last.line, last.sql, last.complete) == (True, 2, f"SELECT {opens}; SELECT 2;", False)


def test_a_trigger_ends_behind_its_body() -> None:
    trigger = "CREATE TRIGGER t AFTER INSERT ON tag BEGIN SELECT ';'; SELECT 2; END;"
    assert [found.sql for found in statements(f"{trigger}\nSELECT 1;")] == [trigger, "SELECT 1;"]


def test_a_trigger_that_never_ends_is_asked_about_some_times_only(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = 0
    complete = sqlite3.complete_statement

    def count(statement: str) -> bool:
        nonlocal asked
        asked += 1
        return bool(complete(statement))

    monkeypatch.setattr(sqlite3, "complete_statement", count)
    (found,) = statements("CREATE TRIGGER t BEGIN " + ";" * 5_000)
    assert not found.complete
    assert asked <= 200
