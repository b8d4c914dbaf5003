"""The briefs stream: what stands at the end of a page, or before what it counts, waits on disk and not in memory."""

from __future__ import annotations

import io
import re
import tracemalloc
from collections.abc import Iterator
from dataclasses import replace

import pytest

from db import exporting
from db.formats.writing import Item
from db.model import Document, Incident, Quote, Span

WORDS = "words " * 10_000
ONE = Incident(
    1, "one", "incident", "One", None, None, None, "2021-06-21", "2021-06-21", "2021-06-21", 1, None, Span(), Span(), None,
    None, None, "draft", False, documents=(Document(1, "radio", "Title"),),
)  # fmt: skip


class Sink(io.TextIOBase):
    """Takes text and keeps its length alone."""

    def __init__(self) -> None:
        self.length = 0

    def write(self, text: str) -> int:
        self.length += len(text)
        return len(text)


def items(count: int) -> Iterator[Item]:
    """Incidents of two years with a long summary and a long quote each, one at a time."""
    for n in range(count):
        day = f"{2020 + n % 2}-06-21"
        quote = Quote(n, "radio", f"{n} {WORDS}")
        yield (
            replace(ONE, id=n, date_edtf=day, date_earliest=day, date_latest=day, summary=WORDS + "", quotes=(quote,)),
            True,
        )


@pytest.mark.parametrize("name", ["markdown", "html"])
def test_memory_does_not_grow_with_the_page(name: str) -> None:
    write = exporting.named(name).write
    assert write is not None
    peaks, lengths = [], []
    for count in (5, 50):
        out = Sink()
        tracemalloc.start()
        try:
            assert write(items(count), out, "") == count  # type: ignore[arg-type]
            peaks.append(tracemalloc.get_traced_memory()[1])
        finally:
            tracemalloc.stop()
        lengths.append(out.length)
    assert lengths[1] > 9 * lengths[0] > 2 * len(WORDS) * 5
    assert peaks[1] < 1.5 * peaks[0] < lengths[1] / 4, (peaks, lengths)


@pytest.mark.parametrize("name", ["markdown", "html"])
def test_quotes_are_numbered_once_through_the_page(name: str) -> None:
    write = exporting.named(name).write
    assert write is not None
    quotes = [tuple(Quote(n, "radio", f"words {n}-{m}") for m in range(n)) for n in (2, 0, 3)]
    out = io.StringIO()
    write(iter([(replace(ONE, quotes=own), True) for own in quotes]), out, "")
    text = out.getvalue()
    marks, notes = (
        (r"\[\^(\d+)\](?!:)", r"^\[\^(\d+)\]: “(words [\d-]+)”")
        if name == "markdown"
        else (r'href="#q(\d+)"', r'id="q(\d+)">“(words [\d-]+)”')
    )
    assert re.findall(marks, text) == list("12345")
    assert re.findall(notes, text, re.MULTILINE) == [
        (str(number), quote.exact) for number, quote in enumerate((q for own in quotes for q in own), 1)
    ]
