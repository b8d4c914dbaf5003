"""What a terminal shows: a stream of bytes in, lines of text out, without the sequences that pyte does not know."""

from __future__ import annotations

import re

import pyte

_SEQUENCE = re.compile(
    rb"\x1b(?:"
    rb"\[(?P<private>[<=>?]?)[0-9:;]*(?P<between>[ -/]*)(?P<final>[@-~])"  # CSI (ECMA-48)
    rb"|\][^\x07\x1b]*(?:\x07|\x1b\\)"  # OSC, ended by BEL or ST
    rb"|[PX^_][^\x1b]*\x1b\\"  # DCS, SOS, PM, APC, ended by ST
    rb"|[ -/]+[0-~]|[0-OQ-WYZ\\`-~]"  # two characters, or an nF sequence
    rb")"
)
_LONGEST = 4096
"""More bytes than this without an end are no sequence; do not hold them back."""

BEGIN_FRAME, END_FRAME = b"\x1b[?2026h", b"\x1b[?2026l"
"""Synchronized output: a terminal shows what stands between the two at once."""


class Screen:
    """The text that a terminal of `columns` by `rows` shows after the bytes fed so far; colours are dropped."""

    def __init__(self, columns: int, rows: int) -> None:
        self._screen = pyte.Screen(columns, rows)
        self._stream = pyte.ByteStream(self._screen)
        self._rest = b""
        self._lines: list[str] = [" " * columns] * rows
        self.in_frame = False
        """Whether a synchronized frame has begun and not ended: the terminal does not show it yet."""

    def feed(self, data: bytes) -> None:
        """Take the next bytes; a sequence or frame mark cut in two is kept until the rest comes."""
        data = self._rest + data
        last = data.rfind(b"\x1b")
        self._rest = b""
        if last >= 0 and len(data) - last < _LONGEST and not _SEQUENCE.match(data, last):
            # `ESC \` ends the sequence that the ESC before it began: hold that one back as a whole.
            begin = data.rfind(b"\x1b", 0, last)
            last = begin if begin >= 0 and not _SEQUENCE.match(data, begin) else last
            data, self._rest = data[:last], data[last:]
        begun, ended = data.rfind(BEGIN_FRAME), data.rfind(END_FRAME)
        if begun != ended:
            self.in_frame = begun > ended
        self._stream.feed(_SEQUENCE.sub(_known, data))

    def resize(self, columns: int, rows: int) -> None:
        """Change the size; what the program paints next fits it."""
        self._screen.resize(rows, columns)
        self._lines = [""] * rows
        self._screen.dirty.update(range(rows))

    @property
    def lines(self) -> list[str]:
        """The lines from the top, each of the full width."""
        screen = self._screen
        for y in screen.dirty:
            if y < screen.lines:
                row = screen.buffer[y]
                self._lines[y] = "".join(row[x].data for x in range(screen.columns))
        screen.dirty.clear()
        return list(self._lines)


def _known(sequence: re.Match[bytes]) -> bytes:
    """The sequence itself where pyte reads it as terminals do and it can change the text, else nothing."""
    if sequence["final"] is None:
        # pyte knows the two-character sequences; it must not see strings (OSC, DCS ...).
        return sequence[0] if len(sequence[0]) == 2 else b""
    foreign = sequence["private"] in (b"<", b"=", b">") or sequence["between"] or sequence["final"] in b"mqtu"
    return b"" if foreign else sequence[0]
