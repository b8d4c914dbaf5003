"""Titles for incidents whose source has only a running text, with or without HTML in it."""

from __future__ import annotations

from html.parser import HTMLParser

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


class _Words(HTMLParser):
    """Gathers the words of HTML; the ends of blocks part them."""

    BLOCKS = frozenset({"p", "br", "div", "li", "blockquote", "h1", "h2", "h3", "h4", "tr"})

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[str] = []
        self._mute = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        del attrs
        self._mute += tag in ("script", "style")
        if tag in self.BLOCKS:
            self.found.append("\n")

    def handle_endtag(self, tag: str) -> None:
        self._mute = max(0, self._mute - (tag in ("script", "style")))
        if tag in self.BLOCKS:
            self.found.append("\n")

    def handle_data(self, data: str) -> None:
        if not self._mute:
            self.found.append(data)


def plain(html: str) -> str:
    """The words of a text that may be HTML, blocks on lines of their own; a text without any stays as it is."""
    if "<" not in html and "&" not in html:
        return html.strip()
    words = _Words()
    words.feed(html)
    words.close()
    lines = (" ".join(line.split()) for line in "".join(words.found).splitlines())
    return "\n".join(line for line in lines if line)
