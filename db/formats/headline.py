"""Titles for incidents whose source has only a running text, with or without HTML in it."""

from __future__ import annotations

import re
from html import unescape

LONGEST = 120
"""Longest title made of the beginning of a text, characters."""


def headline(text: str) -> tuple[str, str | None]:
    """(title, summary) of a text: a short line is the title alone, a longer one also stands whole as the summary."""
    text = text.strip()
    first = text.splitlines()[0].strip() if text else ""
    if first == text and len(text) <= LONGEST:
        return text, None
    if len(first) > LONGEST:
        cut = first[:LONGEST]
        first = (cut.rsplit(None, 1)[0] if " " in cut else cut).rstrip(" ,;:") + "…"
    return first, text


_BLOCKS = frozenset({"p", "br", "div", "li", "blockquote", "h1", "h2", "h3", "h4", "tr"})
"""Elements whose ends part words."""

_HTML = re.IGNORECASE | re.ASCII
_MUTE = {name: re.compile(rf"</{name}(?=[\s/>])", _HTML) for name in ("script", "style")}
"""Elements whose content is no words → where it ends."""

# One pass that never goes back: Python's own reader of HTML takes the square of the length for tags that never end.
_OPENS = re.compile(r"<(?:!--|[!?][a-z\[]|(?P<slash>/?)(?P<tag>[a-z][^\s/>]*))", _HTML)
_IN_TAG = re.compile(r">|=\s*(?P<quote>[\"'])", _HTML)


def plain(html: str) -> str:
    """The words of a text that may be HTML, blocks on lines of their own; a text without any stays as it is.

    From where markup begins that never ends, the text is words as it stands.
    """
    if "<" not in html and "&" not in html:
        return html.strip()
    found: list[str] = []
    at = 0
    while opening := _OPENS.search(html, at):
        end = _end(html, opening)
        if end is None:
            break
        found.append(_characters(html[at : opening.start()]))
        if (opening["tag"] or "").lower() in _BLOCKS:
            found.append("\n")
        at = end
    found.append(_characters(html[at:]))
    lines = (" ".join(line.split()) for line in "".join(found).splitlines())
    return "\n".join(line for line in lines if line)


def _end(html: str, opening: re.Match[str]) -> int | None:
    """Where the markup ends that begins here, a script with all that is in it; None where it never does."""
    at = opening.end()
    if opening["tag"] is None:
        closing = "-->" if opening[0] == "<!--" else ">"
        # <!--> is a comment that is over.
        at = html.find(closing, at - 2)
        return None if at < 0 else at + len(closing)
    while (found := _IN_TAG.search(html, at)) and found["quote"]:
        at = html.find(found["quote"], found.end()) + 1
        if not at:
            return None
    if not found:
        return None
    at = found.end()
    inside = _MUTE.get(opening["tag"].lower())
    if inside is None or opening["slash"] or html[at - 2] == "/":
        return at
    close = inside.search(html, at)
    return None if close is None else close.start()


_ENDLESS = re.compile(r"(&#[0-9]{500,};?)")


def _characters(text: str) -> str:
    """Text with its references to characters as these; one to a number that Python does not read stays as it is."""
    return "".join(part if at % 2 else unescape(part) for at, part in enumerate(_ENDLESS.split(text)))
