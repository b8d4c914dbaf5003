"""A file to import as a stream of lines: plain or gzip, file or standard input, any of the usual encodings.

Memory is flat whatever the file is: it is read in pieces, a line may not be longer than MAX_LINE, and a gzip file
that swells beyond all measure is refused.  The bytes are hashed as they pass.
"""

from __future__ import annotations

import codecs
import gzip
import hashlib
import io
import sys
import zlib
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryFile
from types import TracebackType
from typing import IO, TYPE_CHECKING, Self

from db.errors import UsageError
from db.formats.record import FormatError
from db.input_file import check_input

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

PIECE = 1 << 20
"""Bytes read at a time."""

MAX_LINE = 16 << 20
"""Longest line accepted, characters; the longest in the data sets that are read here has a few thousand.

Dateline's own lines, which have whole texts in them, may be longer (`db.formats.jsonl`).
"""

MAX_FILE = 1 << 30
"""Largest file accepted of those that must be read whole before anything is known of them (workbooks), bytes."""

BOMB_RATIO = 250
"""A gzip file that swells more than this is refused; text swells 5- to 20-fold, gzip's own limit is 1,032-fold."""

BOMB_FROM = 4 << 20
"""Below this many bytes unpacked the ratio does not matter."""

STEP = 1 << 13
"""Bytes of a gzip file read at a time: what is read ahead of the text counts for what it swells to."""

MAX_BLANK = 4 << 20
"""Most blanks and line breaks in a row accepted, characters; a piece that has something else begins anew."""

BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_GZIP = b"\x1f\x8b"
_STANDARD_INPUT = "-"


class Source:
    """One opened file: iterate `lines()` once; `sha256` and `packed` (bytes read, as stored) grow with it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.name = "standard input" if str(path) == _STANDARD_INPUT else path.name
        self.packed = 0
        self.size: int | None = None
        """Bytes of the file as it is stored; None where that is unknown (a pipe)."""
        self.unit = "line"
        """What the number of a record counts in this file: lines, or features, events, rows."""
        self.line = 0
        """Lines handed out so far."""
        self.foreign_bytes = 0
        """Bytes that were not UTF-8 and were read as cp1252."""
        self.foreign_line = 0
        self.ends_open = False
        """True when the file's last line has no line end: it may have been cut there."""
        self._hash = hashlib.sha256()
        self._unpacked = 0
        self._head: bytes | None = None
        self._rest: Iterator[bytes] = iter(())
        self._stack = ExitStack()
        self._raw: IO[bytes]

    def __enter__(self) -> Self:
        if str(self.path) == _STANDARD_INPUT:
            if sys.stdin is None:
                raise UsageError("standard input is closed; name the file")
            self._raw = sys.stdin.buffer
            return self
        try:
            check_input(self.path)
            self._raw = self._stack.enter_context(self.path.open("rb"))
            if self.path.is_file():
                self.size = self.path.stat().st_size
        except OSError as error:
            raise UsageError(f"cannot read {self.path}: {error.strerror or error}") from error
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    @property
    def sha256(self) -> str:
        """Hash of the bytes read so far, as the file is stored."""
        return self._hash.hexdigest()

    def read(self, size: int = -1) -> bytes:
        """Bytes of the file as it is stored; what `gzip` reads from."""
        piece = self._raw.read(size)
        self.packed += len(piece)
        self._hash.update(piece)
        return piece

    def head(self) -> bytes:
        """The first unpacked bytes, PIECE of them at most, to tell the format by; they come again with the rest."""
        if self._head is None:
            self._rest = self._pieces()
            self._head = next(self._rest, b"")
        return self._head

    def whole(self) -> IO[bytes]:
        """The unpacked bytes as a file that can seek, gone when closed; raises FormatError beyond MAX_FILE."""
        held = TemporaryFile()  # noqa: SIM115 - the caller's to close
        size = 0
        for piece in self._bytes():
            size += len(piece)
            if size > MAX_FILE:
                held.close()
                raise FormatError(f"{self.name} is larger than {MAX_FILE >> 20:,} MiB; nothing was imported")
            held.write(piece)
        held.seek(0)
        return held

    def texts(self) -> Iterator[str]:
        """Pieces of the text; raises FormatError when it is no text, or nothing but blanks for too long."""
        blank = 0
        for text in self._texts():
            blank = blank + len(text) if text.isspace() else 0
            if blank > MAX_BLANK:
                raise FormatError(
                    f"{self.name}: nothing but blanks for more than {MAX_BLANK >> 20} million characters;"
                    " nothing was imported"
                )
            if "\0" in text:
                at = self.line + 1 + text[: text.index("\0")].count("\n")
                raise FormatError(
                    f"{self.name}, line {at}: a NUL character; this is no text file, or UTF-16 without its mark"
                )
            yield text

    def lines(self, longest: int | None = None) -> Iterator[str]:
        """The lines of the text, each with its line end; raises FormatError when it is no text.

        `longest` is the longest line accepted, characters; MAX_LINE unless given.
        """
        longest = MAX_LINE if longest is None else longest
        rest: list[str] = []  # joined once: a long line comes in many pieces
        held = 0
        end = ""
        for text in self.texts():
            if not end:
                end = "\r" if "\n" not in text and "\r" in text[:-1] else "\n"
            *parts, last = text.split(end)
            for part in parts:
                self.line += 1
                if held:
                    part = "".join((*rest, part))
                    rest.clear()
                    held = 0
                yield part + end
            rest.append(last)
            held += len(last)
            if held > longest:
                raise FormatError(
                    f"{self.name}, line {self.line + 1}: longer than {longest >> 20} million characters;"
                    " this is no file of rows"
                )
        if held:
            self.ends_open = True
            self.line += 1
            yield "".join(rest)

    def _texts(self) -> Iterator[str]:
        """Decoded pieces: UTF-8 unless a mark says UTF-16; bytes that are no UTF-8 are taken for cp1252 and counted."""
        pieces = self._bytes()
        first = next(pieces, b"")
        if not first:
            raise FormatError(f"{self.name} is empty; nothing was imported")
        encoding = "utf-8"
        for mark, name in BOMS:
            if first.startswith(mark):
                first, encoding = first[len(mark) :], name
        decoder = codecs.getincrementaldecoder(encoding)("surrogateescape" if encoding == "utf-8" else "strict")
        try:
            yield self._western(decoder.decode(first))
            for piece in pieces:
                yield self._western(decoder.decode(piece))
            yield self._western(decoder.decode(b"", True))
        except UnicodeDecodeError as error:
            raise FormatError(f"{self.name}, near line {self.line + 1}: damaged {encoding.upper()} text") from error

    def _western(self, text: str) -> str:
        """`text` with the bytes that were no UTF-8 read as cp1252."""
        if "\0" in text:
            return text  # `lines` refuses it, and that says more
        try:
            text.encode()
            return text
        except UnicodeEncodeError as error:
            at = self.line + 1 + text[: error.start].count("\n")
        letters = []
        for letter in text:
            code = ord(letter)
            if 0xDC80 <= code <= 0xDCFF:
                try:
                    letter = bytes((code - 0xDC00,)).decode("cp1252")
                except UnicodeDecodeError:
                    raise FormatError(
                        f"{self.name}, near line {at}: the byte 0x{code - 0xDC00:02x} is neither UTF-8 nor cp1252;"
                        " this is no text file, or has another encoding: convert it to UTF-8 first"
                    ) from None
                self.foreign_bytes += 1
            letters.append(letter)
        self.foreign_line = self.foreign_line or at
        return "".join(letters)

    def _bytes(self) -> Iterator[bytes]:
        """Pieces of the unpacked bytes, those that `head` has shown too."""
        if first := self.head():
            yield first
        yield from self._rest

    def _pieces(self) -> Iterator[bytes]:
        """Pieces of the unpacked bytes."""
        first = self.read(min(STEP, PIECE))
        if not first.startswith(_GZIP):
            if STEP == len(first) < PIECE:
                first += self.read(PIECE - STEP)
            while first:
                yield first
                first = self.read(PIECE)
            return
        unpacked = gzip.GzipFile(fileobj=io.BufferedReader(_Rejoined(first, self), STEP), mode="rb")
        try:
            while piece := unpacked.read(PIECE):
                self._unpacked += len(piece)
                if self._unpacked > BOMB_FROM and self._unpacked > BOMB_RATIO * self.packed:
                    raise FormatError(
                        f"{self.name} unpacks to more than {BOMB_RATIO} times its size, as no data does;"
                        " unpack it yourself if you trust it"
                    )
                yield piece
        except EOFError as error:
            raise FormatError(f"{self.name} ends in the middle of its gzip data: it was cut; fetch it again") from error
        except (gzip.BadGzipFile, zlib.error) as error:
            raise FormatError(f"{self.name} is damaged gzip data ({error}); fetch it again") from error


class _Rejoined(io.RawIOBase):
    """The first piece of a source and then the rest, as the file that `gzip` wants; it cannot seek, nor can a pipe."""

    def __init__(self, first: bytes, source: Source) -> None:
        self._rest = first
        self._source = source

    def readable(self) -> bool:
        """Always."""
        return True

    def readinto(self, buffer: WriteableBuffer) -> int:
        """Fill `buffer` as far as the next bytes go; returns their number, 0 at the end."""
        view = memoryview(buffer).cast("B")
        piece = self._rest or self._source.read(len(view))
        piece, self._rest = piece[: len(view)], piece[len(view) :]
        view[: len(piece)] = piece
        return len(piece)
