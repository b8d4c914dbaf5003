"""Text in Markdown and in a page of HTML: nothing of it is markup, and nothing of it is lost."""

from __future__ import annotations

import io
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from db import exporting
from db.markdown import plain
from db.model import Incident, Span


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("---", "\\---"),
        ("- item", "\\- item"),
        ("+ plus", "\\+ plus"),
        ("===", "\\==="),
        ("1. one", "1\\. one"),
        ("12) twelve", "12\\) twelve"),
        ("2021-05-08", "2021-05-08"),
        ("1.5 km", "1\\.5 km"),
        ("AT&amp;T &copy; <b>", "AT\\&amp;T \\&copy; \\<b\\>"),
        ("# a\n\nb", "\\# a b"),
    ],
)
def test_marks_are_escaped(text: str, line: str) -> None:
    assert plain(text) == line


@given(st.text(st.sampled_from("ab1.)-+=#&<>*_`[]|~\\ \n"), max_size=20))
def test_without_its_backslashes_a_line_is_the_text(text: str) -> None:
    line = plain(text)
    assert re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", line) == " ".join(text.split())
    assert "\n" not in line
    assert not re.match(r"[-+=]|\d+[.)]", line)


def test_line_breaks_and_tabs_of_a_text_stand_in_the_page() -> None:
    incident = Incident(
        1, "one", "incident", "One", "one\n\n\ttwo\x1b", None, None, None, None, None, None, None, Span(), Span(), None,
        None, None, "draft", False,
    )  # fmt: skip
    out = io.StringIO()
    write = exporting.named("html").write
    assert write is not None
    write(iter([(incident, True)]), out, "")
    assert "one\n\n\ttwo\N{REPLACEMENT CHARACTER}<" in out.getvalue()
    assert "white-space:pre-line" in out.getvalue()
