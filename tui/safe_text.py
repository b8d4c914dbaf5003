"""The only way from the store to the screen: control characters become visible glyphs, widths are cells."""

from __future__ import annotations

from rich.cells import cell_len, set_cell_size

from db.visible import visible

ELLIPSIS = "…"

SHOWN = 20_000
"""Code points of a text that a pane or a dialog shows at most; the source reader and the command line show all."""


def safe(text: str) -> str:
    """One line of text for the screen: controls shown as glyphs, line breaks and tabs as spaces."""
    return " ".join(part for part in visible(_beginning(text)).split("\n")).replace("\t", " ")


def safe_lines(text: str) -> list[str]:
    """Text for the screen with its line breaks kept, one string a line."""
    return [line.replace("\t", "    ") for line in visible(_beginning(text)).split("\n")]


def _beginning(text: str) -> str:
    """As much of a text as is shown: breaking ten megabytes into lines takes longer than anyone waits for a key."""
    if len(text) <= SHOWN:
        return text
    return f"{text[:SHOWN]}{ELLIPSIS} and {len(text) - SHOWN:,} more characters"


def fit(text: str, width: int) -> str:
    """`text` cut to at most `width` cells, with an ellipsis where something was cut."""
    if cell_len(text) <= width:
        return text
    if width <= 1:
        return ELLIPSIS[:width]
    return set_cell_size(text, width - 1).rstrip() + ELLIPSIS


def pad(text: str, width: int) -> str:
    """`text` cut or filled with spaces to exactly `width` cells."""
    return set_cell_size(fit(text, width), width)


def wrap(text: str, width: int) -> list[str]:
    """Break one line of text into lines of at most `width` cells, at spaces where there are any."""
    width = max(1, width)
    lines: list[str] = []
    line, used = "", 0
    for word in text.split(" "):
        size = cell_len(word)
        if line and used + 1 + size > width:
            lines.append(line)
            line, used = "", 0
        while size > width:
            head = _head(word, width)
            lines.append(head)
            word = word[len(head) :]
            size = cell_len(word)
        line, used = (f"{line} {word}", used + 1 + size) if line else (word, size)
    return [*lines, line]


def _head(word: str, width: int) -> str:
    """The longest start of `word` that fits in `width` cells, at least one character."""
    used = 0
    for at, character in enumerate(word):
        used += cell_len(character)
        if used > width:
            return word[: max(1, at)]
    return word
