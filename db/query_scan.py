"""The query text cut into tokens, each with its place; nothing is refused here, so half-typed texts can be cut too."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from db.query_tree import NAME, OPERATORS, QUOTES, SPACE

BLANK = re.compile(rf"[{SPACE}]+")
_STOP = re.compile(rf"[{SPACE}(){QUOTES}]")
_ITEM = re.compile(rf"[^{SPACE}(){QUOTES},\[\]{{}}]+")
_ENDS = {'"': re.compile(r'["\\]'), "“": re.compile(r"[“”\\]")}
_ENDS["„"] = _ENDS["”"] = _ENDS["“"]
_ESCAPABLE = QUOTES + "\\"


@dataclass(frozen=True, slots=True)
class Item:
    """One value after a colon or comma, or one phrase.

    `start..end` has the quotes, `inner..inner_end` has not; `text` is without quotes and escapes; `tail_end` is where
    what follows the closing quote without a blank ends.
    """

    text: str
    start: int
    end: int
    inner: int
    inner_end: int
    quoted: bool
    closed: bool
    tail_end: int


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of a query; `kind` is one of ( ) - operator word phrase filter.

    A filter has its `name` (lower case) and the place where its name ends; a word or phrase has one item.
    """

    kind: str
    start: int
    end: int
    name: str = ""
    name_end: int = 0
    items: tuple[Item, ...] = ()


def tokens(text: str) -> Iterator[Token]:
    """Yield the tokens of `text` in order, in time linear in its length; never raises."""
    at = 0
    while True:
        if blank := BLANK.match(text, at):
            at = blank.end()
        if at >= len(text):
            return
        token = _token(text, at)
        yield token
        at = token.end


def unquote(text: str) -> str:
    """What a text that begins with a quote says without it: up to the closing quote, or all of it."""
    return _quoted(text, 0).text


def _token(text: str, at: int) -> Token:
    character = text[at]
    if character in "()-":
        return Token(character, at, at + 1)
    if character in QUOTES:
        item = _quoted(text, at)
        return Token("phrase", at, item.end + text.startswith("*", item.end), items=(item,))
    if named := NAME.match(text, at):
        items = _items(text, named.end())
        return Token("filter", at, items[-1].tail_end, named[1].lower(), named.end(1), items)
    stop = _STOP.search(text, at)
    end = stop.start() if stop else len(text)
    kind = "operator" if text[at:end] in OPERATORS else "word"
    return Token(kind, at, end, items=(_plain(text, at, end),))


def _items(text: str, at: int) -> tuple[Item, ...]:
    """The values of a filter: one or more, the last one empty when nothing follows the colon or a comma."""
    items = []
    while True:
        quote = text[at : at + 1]
        item = _quoted(text, at, tail=True) if quote and quote in QUOTES else _unquoted(text, at)
        items.append(item)
        if not text.startswith(",", item.tail_end):
            return tuple(items)
        at = item.tail_end + 1


def _unquoted(text: str, at: int) -> Item:
    """A value without quotes: to a blank, parenthesis, quote or comma; inside EDTF's brackets commas are part of it.

    There a comma may have blanks after it, as in [2021-04, 2021-06].
    """
    end, depth = at, 0
    while True:
        if run := _ITEM.match(text, end):
            end = run.end()
        character = text[end : end + 1]
        if character and character in "[{":
            depth += 1
        elif character and character in "]}":
            depth -= 1
        elif character != "," or depth <= 0:
            return _plain(text, at, end)
        elif blank := BLANK.match(text, end + 1):
            end = blank.end() - 1
        end += 1


def _plain(text: str, start: int, end: int) -> Item:
    return Item(text[start:end], start, end, start, end, quoted=False, closed=True, tail_end=end)


def _quoted(text: str, start: int, *, tail: bool = False) -> Item:
    r"""A text in quotes, where \" and \\ stand for themselves; it runs to the end of the query when not closed."""
    ends = _ENDS[text[start]]
    at = start + 1
    parts = []
    while found := ends.search(text, at):
        if found[0] != "\\":
            end = found.end()
            parts.append(text[at : end - 1])
            rest = _ITEM.match(text, end) if tail else None
            tail_end = rest.end() if rest else end
            return Item("".join(parts), start, end, start + 1, end - 1, quoted=True, closed=True, tail_end=tail_end)
        escaped = text[found.end() : found.end() + 1]
        escapes = escaped != "" and escaped in _ESCAPABLE
        parts.append(text[at : found.start()] + (escaped if escapes else "\\"))
        at = found.end() + escapes
    parts.append(text[at:])
    end = len(text)
    return Item("".join(parts), start, end, start + 1, end, quoted=True, closed=False, tail_end=end)
