"""A JSON document read in parts: the elements of its great array one by one, however long the one line that it is.

Grammar: RFC 8259; NaN and Infinity, which Python's own reader takes, are not in it.  Memory is bounded by MAX_VALUE.
"""

from __future__ import annotations

import itertools
import json
import math
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import NoReturn

from db.formats.record import FormatError, RowError
from db.formats.source import Source
from db.formats.table import digest

MAX_VALUE = 16 << 20
"""Longest element or member accepted, characters."""

MAX_DEPTH = 200
"""Deepest nesting accepted in a row: SQLite's JSON and Python's own writer stop at a thousand."""

_EXPONENT = 3
"""Characters behind a whole number that show whether it goes on: a point, or an exponent with its sign, and a digit."""

MAX_MEMBERS = 10_000
"""Most members of a document accepted beside its array; formats know a dozen."""

_NO_SPACE = re.compile(r"[^ \t\r\n]")

Object = dict[str, object]


@dataclass(frozen=True, slots=True)
class Part:
    """One element of a wanted array (`number` from 1), or another member of the document whole (`number` 0)."""

    name: str
    number: int
    value: object
    text: str
    """The JSON that it was read from."""


def _finite(text: str) -> float:
    number = float(text)
    if math.isinf(number):
        raise ValueError(f"the number {text[:20]} is too large")
    return number


def _no_constant(text: str) -> NoReturn:
    raise ValueError(f"{text} is not JSON")


STRICT = json.JSONDecoder(parse_float=_finite, parse_constant=_no_constant)
"""Reads RFC 8259 alone; raises ValueError, and RecursionError for what is nested too deep."""


class TwiceError(RowError):
    """An object has two members of one name, of which Python would keep the second alone."""


def _each_once(members: list[tuple[str, object]]) -> Object:
    found = dict(members)
    if len(found) != len(members):
        seen: set[str] = set()
        twice = next(name for name, _ in members if name in seen or seen.add(name))  # type: ignore[func-returns-value]
        raise TwiceError(f"has two members named {twice[:40]!r} in one object")
    return found


_READER = json.JSONDecoder(parse_float=_finite, parse_constant=_no_constant, object_pairs_hook=_each_once)
"""As STRICT, and raises TwiceError."""


def loads(text: str) -> object:
    """The value of one JSON text; raises ValueError for what RFC 8259 does not know, or nested beyond measure."""
    try:
        value = _READER.decode(text)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error
    return value


def check(value: object, text: str) -> None:
    """Raise RowError when a value, read from `text`, cannot stand in a store: nested too deeply, halves of letters."""
    if text.count("[") + text.count("{") > MAX_DEPTH and _deep(value, MAX_DEPTH):
        raise RowError(f"is nested more than {MAX_DEPTH} levels deep")
    if "\\ud" in text or "\\uD" in text:
        try:
            json.dumps(value, ensure_ascii=False).encode()
        except UnicodeEncodeError:
            raise RowError("has half of a letter (a lone surrogate)") from None


def mark(value: object) -> str:
    """A digest that differs when anything in a JSON value differs but the order of members and the spaces."""
    return digest((json.dumps(value, sort_keys=True),))


def _deep(value: object, left: int) -> bool:
    if not isinstance(value, dict | list):
        return False
    if left == 0:
        return True
    return any(_deep(item, left - 1) for item in (value.values() if isinstance(value, dict) else value))


def parts(source: Source, arrays: Collection[str], what: str) -> Iterator[Part]:
    """Yield the parts of a document in its order.

    `arrays` are the members whose elements come one by one; an outermost array is the member "".  Raises FormatError
    that names the line when the text is not JSON, `what` the format is called.
    """
    window = _Window(source, what)
    opening = window.peek()
    if opening == "[":
        yield from window.elements("")
    elif opening == "{":
        window.at += 1
        if window.peek() == "}":
            window.at += 1
        else:
            for count in itertools.count(1):
                if count > MAX_MEMBERS:
                    raise FormatError(
                        f"{source.name} is not {what}: it has more than {MAX_MEMBERS:,} members; nothing was imported"
                    )
                name = window.name()
                if window.peek() == "[" and name in arrays:
                    yield from window.elements(name)
                else:
                    yield Part(name, 0, *window.value())
                if window.separated("}"):
                    break
    else:
        raise FormatError(f"{source.name} is not {what}: it is no JSON object or array")
    if window.peek():
        raise FormatError(
            f"{source.name} is not {what}: it goes on behind the end of a JSON document, on line {window.line};"
            " nothing was imported"
        )


class _Window:
    """The text of a source as far as it is held; `at` is where reading goes on."""

    def __init__(self, source: Source, what: str) -> None:
        self._source = source
        self._what = what
        self._pieces = source.texts()
        self._text = ""
        self._lines = 0
        self._ended = False
        self.at = 0

    def peek(self) -> str:
        """The next character that is no space, "" at the end of the text."""
        while True:
            if found := _NO_SPACE.search(self._text, self.at):
                self.at = found.start()
                return found[0]
            self.at = len(self._text)
            if not self._more():
                return ""

    def elements(self, name: str) -> Iterator[Part]:
        """The elements of the array that begins here."""
        self.at += 1
        if self.peek() == "]":
            self.at += 1
            return
        number = 0
        while True:
            number += 1
            yield Part(name, number, *self.value())
            if self.separated("]"):
                return

    def separated(self, closing: str) -> bool:
        """Take a comma (False) or the closing bracket (True)."""
        found = self.peek()
        if found not in (",", closing) or not found:
            self.refuse(f"a comma or {closing} is missing")
        self.at += 1
        return found == closing

    def name(self) -> str:
        """Take a member's name and its colon."""
        if self.peek() != '"':
            self.refuse("a member's name is missing")
        name, _ = self.value()
        if self.peek() != ":":
            self.refuse("a colon is missing")
        self.at += 1
        assert isinstance(name, str)
        return name

    def value(self) -> tuple[object, str]:
        """Take the next value whole, and the text that it was read from."""
        if not self.peek():
            self.refuse("a value is missing")
        while True:
            fault: ValueError | None = None
            end = 0
            try:
                value, end = _READER.raw_decode(self._text, self.at)
            except TwiceError as error:
                raise FormatError(
                    f"{self._source.name}, line {self._line(self.at)}: a part {error}; nothing was imported"
                ) from error
            except RecursionError:
                raise FormatError(
                    f"{self._source.name}, line {self._line(self.at)}: nested too deeply; nothing was imported"
                ) from None
            except ValueError as error:
                fault = error
            # A number near the end of the text held may go on, with ".5" or "e+5".
            if fault is None and (end + _EXPONENT <= len(self._text) or self._ended):
                text, self.at = self._text[self.at : end], end
                return value, text
            held = len(self._text) - self.at
            if held > MAX_VALUE:
                raise FormatError(
                    f"{self._source.name}, line {self._line(self.at)}: one value has more than"
                    f" {MAX_VALUE >> 20} million characters, or is not JSON; nothing was imported"
                )
            if not self._more(held) and fault is not None:
                self._refuse_value(fault)

    def refuse(self, why: str) -> NoReturn:
        """Raise the FormatError for what stands here."""
        if not self.peek():
            raise FormatError(
                f"{self._source.name} ends within its JSON, on line {self._line(self.at)}: it was cut;"
                " nothing was imported"
            )
        raise FormatError(f"{self._source.name}, line {self._line(self.at)}: not JSON ({why}); nothing was imported")

    def _refuse_value(self, fault: ValueError) -> NoReturn:
        at, words = self.at, str(fault)
        if isinstance(fault, json.JSONDecodeError):
            at, words = fault.pos, fault.msg
            if at >= len(self._text.rstrip()) or words.startswith("Unterminated"):
                self.at = len(self._text)
        if self.at == len(self._text):
            self.refuse(words)
        raise FormatError(f"{self._source.name}, line {self._line(at)}: not JSON ({words}); nothing was imported")

    @property
    def line(self) -> int:
        """The line on which reading goes on."""
        return self._line(self.at)

    def _line(self, at: int) -> int:
        return self._lines + self._text.count("\n", 0, at) + 1

    def _more(self, least: int = 0) -> bool:
        """Hold more text, `least` characters of it if there are so many; False at the end."""
        self._lines += self._text.count("\n", 0, self.at)
        held = [self._text[self.at :]]
        self.at = got = 0
        while not self._ended and got <= least:
            piece = next(self._pieces, None)
            self._ended = piece is None
            held.append(piece or "")
            got += len(piece or "")
        self._text = "".join(held)
        self._source.line = self._lines
        return got > 0
