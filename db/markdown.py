"""Text in Markdown (CommonMark 0.31) that is read as it stands in the store."""

from __future__ import annotations

import re

_MARKUP = str.maketrans({character: f"\\{character}" for character in "\\`*_{}[]<>#|~&"})

_BEGINS = re.compile(r"([-+=])|(\d{1,9})([.)])")
"""What makes a rule, a heading's underline or a list at the beginning of a line."""


def plain(text: str) -> str:
    """Text on one line, wherever it stands in one, with Markdown's own characters escaped."""
    line = " ".join(text.split()).translate(_MARKUP)
    found = _BEGINS.match(line)
    if found is None:
        return line
    return f"\\{line}" if found[1] else f"{found[2]}\\{line[found.end(2) :]}"
