"""Text from a store made safe to print: what a terminal would obey becomes a glyph that a person sees.

A store keeps every text as it came, so any of it may hold escape sequences, bidirectional overrides or
hidden characters.  `visible` is for text shown to people; `json_line` keeps the value whole and escapes instead.
"""

from __future__ import annotations

import json
import re
import unicodedata

REPLACEMENT = "\ufffd"
"""Stands for a character that has no look of its own."""

MARKS_KEPT = 4
"""How many zero-width characters (combining marks, joiners, variation selectors) may follow one another."""

# Unicode 15's Cf (format), Zl and Zp, without the joiners U+200C and U+200D, which scripts and emoji need, and
# without the number signs and verse ends of Arabic, Syriac and Kaithi, which are format by name but have a look.
_FORMAT = (
    "\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e007f"
)
_C1 = "\x80-\x9f"
_SURROGATES = "\ud800-\udfff"

_HOSTILE = re.compile(f"[\x00-\x1f\x7f{_C1}{_FORMAT}{_SURROGATES}]")
_CONTROL = re.compile(f"[\x00-\x1f\x7f{_C1}]")
# Runs that may be too long: combining marks are no word characters, conjoining Hangul vowels and finals are.
_STACK = re.compile(rf"(?:[^\w\x00-\x7f]|[\u1160-\u11ff\ud7b0-\ud7ff]){{{MARKS_KEPT + 1},}}")
_JSON_HOSTILE = re.compile(f"[\x7f{_C1}{_FORMAT}{_SURROGATES}]")


def visible(text: str, *, newline: str = "\n", tab: str = "\t") -> str:
    """`text` with nothing in it that a terminal obeys; a clean text comes back unchanged.

    C0 controls and DEL become their pictures (U+2400 on); C1 controls, bidirectional controls, zero-width and
    other format characters and lone surrogates become U+FFFD; of zero-width characters in a row four are kept
    and the rest is an ellipsis.  `newline` and `tab` say what those two become.
    """
    if not isinstance(text, str):
        text = _foreign(text)
    printable = text.isprintable()
    if printable and text.isascii():
        return text
    if not printable:  # what Python calls printable has no control, no format character and no surrogate
        text = _HOSTILE.sub(lambda found: _glyph(found[0], newline, tab), text)
    return text if text.isascii() else _STACK.sub(_thinned, text)


def pasteable(text: str) -> str:
    """`text` for a clipboard: the controls that a shell would obey when it is pasted are glyphs, the rest is kept."""
    return _CONTROL.sub(lambda found: _glyph(found[0], "\n", "\t"), text)


def _foreign(value: object) -> str:
    """A number or blob where text should be: only a store that was damaged or edited past its checks has one."""
    return value.decode("utf-8", "surrogateescape") if isinstance(value, bytes) else str(value)


def _glyph(character: str, newline: str, tab: str) -> str:
    if character == "\n":
        return newline
    if character == "\t":
        return tab
    if character < " ":
        return chr(0x2400 + ord(character))
    return "\u2421" if character == "\x7f" else REPLACEMENT


def _thinned(found: re.Match[str]) -> str:
    """A run with at most MARKS_KEPT zero-width characters in a row."""
    kept: list[str] = []
    marks = 0
    for character in found[0]:
        marks = marks + 1 if zero_width(character) else 0
        if marks <= MARKS_KEPT:
            kept.append(character)
        elif marks == MARKS_KEPT + 1:
            kept.append("…")
    return "".join(kept)


def in_place(text: str) -> str:
    """`text` as `visible` has it with a character for each: line breaks and tabs as glyphs, what is too many as U+FFFD.

    For a line that is being typed, where the cursor stands between two characters.
    """
    drawn: list[str] = []
    marks = 0
    for character in text:
        marks = marks + 1 if zero_width(character) else 0
        drawn.append(REPLACEMENT if marks > MARKS_KEPT else visible(character, newline="\u240a", tab="\u2409"))
    return "".join(drawn)


def zero_width(character: str) -> bool:
    """Whether a character takes no cell of its own: a combining mark, a joiner, a conjoining Hangul vowel or final."""
    code = ord(character)
    if code in (0x200C, 0x200D) or 0x1160 <= code <= 0x11FF or 0xD7B0 <= code <= 0xD7FF:
        return True
    return code >= 0x300 and unicodedata.category(character) in ("Mn", "Me")


def cells(text: str) -> int:
    """Terminal cells that `text` takes by its East Asian Width: for plain tables, as an emoji may be off by one."""
    if text.isascii():
        return len(text)
    return sum(_cells_of(character) for character in text)


def _cells_of(character: str) -> int:
    if zero_width(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def fitted(text: str, width: int, *, cut: bool = True) -> str:
    """`text` padded with spaces to `width` cells; where it is longer it is cut with an ellipsis, or left whole."""
    missing = width - cells(text)
    if missing >= 0:
        return text + " " * missing
    if not cut:
        return text
    used, kept = 1, []
    for character in text:
        used += _cells_of(character)
        if used > width:
            break
        kept.append(character)
    short = "".join(kept) + "…"
    return short + " " * (width - cells(short))


def json_line(value: object, *, ascii_only: bool = False) -> str:
    """`value` as one line of JSON that is safe on a terminal and reads back as the same value.

    Letters of all scripts stay readable unless `ascii_only`; what `visible` would replace is a \\u escape.
    """
    text = json.dumps(value, ensure_ascii=ascii_only, default=_as_text)
    # What Python calls printable has no control, no format character and no surrogate: said at once of a long text.
    return text if text.isprintable() else _JSON_HOSTILE.sub(_escaped, text)


def _as_text(value: object) -> str:
    """A blob, which only a store made or damaged by hand has where text should be."""
    if isinstance(value, bytes):
        return value.decode("utf-8", "surrogateescape")
    raise TypeError(f"{type(value).__name__} is not JSON")


def _escaped(found: re.Match[str]) -> str:
    units = found[0].encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[i]:02x}{units[i + 1]:02x}" for i in range(0, len(units), 2))
