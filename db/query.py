"""The query language: a text into a tree and back, every fault with its place.

    query    = [ any ] ;
    any      = all { "OR" all } ;                     (* so  a b OR c  is  (a b) OR c, as in SQL and FTS5 *)
    all      = term { term } ;                        (* all must match *)
    term     = [ "-" ] ( "(" any ")" | filter | text ) ;
    text     = ( word | quoted ) [ "*" ] ;            (* full text; * lets the last word go on *)
    filter   = facet ":" value { "," value }          (* any of them *)
             | number ":" count { "," count }
             | "date" ":" ( edtf | [ edtf ] ".." [ edtf ] ) { "," ... }
             | ( "after" | "before" ) ":" edtf        (* from its first day on, up to its last day *)
             | "is" ":" flag { "," flag }
             | "certain" ":" ( "date" | "place" ) { "," ... }     (* not negated, not beside OR *)
             | "near" ":" ( quoted | name | latitude "," longitude ) "/" distance ( "m" | "km" | "mi" ) ;
    value    = quoted | bare ;                        (* a * in a bare value stands for any text, or none *)
    count    = [ ">" | ">=" | "<" | "<=" | "=" ] whole | [ whole ] ".." [ whole ] | "unknown" ;
    quoted   = '"' { any character, \" and \\ for the two } '"' ;    (* or “ ” or „ “ *)

Facet, number and flag names are those of db.fields; case does not matter in them, it does in OR.  A hyphen inside a
word is part of it; only one in front negates.  Terms are parted by blanks.  After a word and colon a filter begins,
so a text with a colon, a web address say, stands in quotes; 02:30, which begins with a digit, need not.

The parser is a hand-written recursive descent: every fault has its exact place for the caret, the tokens of a
half-typed text (db.query_scan) serve completion as they are, and the plain commands import no parser library.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import replace

from db.query_filters import FIELD_NAMES, check_closed, read_filter
from db.query_scan import BLANK, Token, tokens
from db.query_tree import (
    And,
    AnyOf,
    Certain,
    Is,
    Near,
    Node,
    Not,
    Number,
    Or,
    Query,
    QueryError,
    Value,
    When,
    Words,
    fts,
)  # fmt: skip

__all__ = [
    "FIELD_NAMES", "LONGEST", "MAX_DEPTH", "And", "AnyOf", "Certain", "Is", "Near", "Node", "Not", "Number", "Or",
    "Query", "QueryError", "Value", "When", "Words", "asked", "fts", "parse",
]  # fmt: skip

MAX_DEPTH = 64
"""Parentheses inside one another; far beyond what a person writes, far below what Python's stack bears."""

MOST_WORDS = 300
"""Words of a phrase that are asked: each has the full text hold all places of that word in memory."""

_RUN = re.compile(r"[^\W_]+")

LONGEST = 100_000
"""Characters of a query that is asked: the full text is asked for each of its words, and views come from strangers."""

_END = Token("end", 0, 0)


def asked(text: str) -> Query:
    """`parse` for a text that comes from outside, as typed or with its views in place: refuses what takes minutes."""
    if len(text) > LONGEST:
        message = f"this query has {len(text):,} characters and could take minutes; at most {LONGEST:,} are asked"
        raise QueryError(message, LONGEST, len(text))
    query = parse(text)
    for phrase in query.phrases:
        many = sum(len(_RUN.findall(word)) for word in phrase.words)
        if many > MOST_WORDS:
            message = f"this phrase has {many:,} words; at most {MOST_WORDS} that stand beside one another are asked"
            raise QueryError(message, max(0, phrase.start), phrase.end)
    return query


def parse(text: str) -> Query:
    """The query that `text` is; raises QueryError, with its place in `text`, in time linear in its length."""
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise QueryError("this character is not valid text", error.start, error.start + 1) from error
    query = Query(_Parser(text).whole(), text)
    if query.node is not None:
        _refuse_certain(query.node, whole=True)
    return query


def _refuse_certain(node: Node, whole: bool) -> None:
    """Refuse `certain:` where it would not hold for the whole query: under a minus sign or beside OR."""
    match node:
        case Certain() if not whole:
            message = "certain: holds for the whole query, so it cannot be negated or stand beside OR"
            raise QueryError(message, node.start, node.end)
        case Not():
            _refuse_certain(node.node, whole=False)
        case And() | Or():
            for part in node.nodes:
                _refuse_certain(part, whole and isinstance(node, And))


class _Parser:
    """One pass over the tokens of one text."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.end = replace(_END, start=len(text), end=len(text))
        self.tokens = tokens(text)
        self.depth = 0
        self.before = replace(_END)
        self.now = next(self.tokens, self.end)

    def step(self) -> Token:
        """Go on to the next token and return the one left behind."""
        self.before, self.now = self.now, next(self.tokens, self.end)
        return self.before

    def whole(self) -> Node | None:
        if self.now is self.end:
            return None
        node = self.any() if self.now.kind != ")" else None
        if self.now is not self.end:  # only a closing parenthesis stops a row of terms early
            raise QueryError("this ) has no ( before it", self.now.start)
        return node

    def any(self) -> Node:
        """Rows of terms with OR between them."""
        nodes = [self.all()]
        while self.now.kind == "operator":
            self.step()
            nodes.append(self.all())
        return nodes[0] if len(nodes) == 1 else Or(tuple(nodes), start=nodes[0].start, end=nodes[-1].end)

    def all(self) -> Node:
        """A row of terms, up to OR, a closing parenthesis or the end."""
        nodes = []
        while not (self.now.kind in (")", "end") or self.text[self.now.start : self.now.end] == "OR"):
            nodes.append(self.term())
        if not nodes:
            raise self.nothing()
        return nodes[0] if len(nodes) == 1 else And(tuple(nodes), start=nodes[0].start, end=nodes[-1].end)

    def nothing(self) -> QueryError:
        """The error of a row without terms, marked at the OR or parenthesis that wants them."""
        culprit = self.now if self.now.kind == "operator" or self.before.kind != "operator" else self.before
        if culprit.kind == "operator":
            return QueryError("OR needs a term on both sides", culprit.start, culprit.end)
        return QueryError("there is nothing between these parentheses", self.before.start, culprit.end)

    def term(self) -> Node:
        token = self.now
        self.check_apart(token)
        match token.kind:
            case "-":
                return self.negated()
            case "(":
                return self.group()
            case "filter":
                return read_filter(self.text, self.step())
            case "operator":
                raise self.operator(token)
        return self.words()

    def check_apart(self, token: Token) -> None:
        """Refuse a term that touches the one before it."""
        if token.start != self.before.end or self.before.kind in ("end", "(", "-"):
            return
        if self.before.kind == "filter":
            raise QueryError(f"{self.before.name}: put the whole value in quotes", token.start, token.end)
        raise QueryError("a blank is needed here, or quotes around the whole", token.start, token.end)

    def operator(self, token: Token) -> QueryError:
        if self.text.startswith("AND", token.start):
            return QueryError("leave AND out: terms side by side must all match", token.start, token.end, "")
        return QueryError("put - in front of a term instead of NOT", token.start, token.end, "-")

    def negated(self) -> Node:
        minus = self.step()
        if self.now.start != minus.end or self.now.kind in (")", "end"):
            raise QueryError("a - excludes the term after it; as text it stands in quotes", minus.start, minus.end)
        if self.now.kind == "-":
            raise QueryError("one - is enough", self.now.start, self.now.end, "")
        if self.now.kind == "operator":
            raise QueryError(
                "OR, AND and NOT cannot be excluded; as text they stand in quotes", minus.start, self.now.end
            )
        node = self.term()
        return Not(node, start=minus.start, end=node.end)

    def group(self) -> Node:
        opener = self.step()
        if self.depth == MAX_DEPTH:
            raise QueryError(f"more than {MAX_DEPTH} parentheses inside one another", opener.start)
        if self.now is self.end:
            raise QueryError("this ( is not closed", opener.start)
        self.depth += 1
        node = self.any()
        self.depth -= 1
        if self.now is self.end:
            raise QueryError("this ( is not closed", opener.start)
        closer = self.step()
        return replace(node, start=opener.start, end=closer.end)

    def words(self) -> Words:
        """A word or a phrase; refuses what the full text cannot find."""
        token = self.step()
        item = token.items[0]
        check_closed(item)
        if token.kind == "phrase":
            if not item.text:
                raise QueryError("there is nothing between these quotes", item.start, item.end)
            words = tuple(part for part in BLANK.split(item.text) if part)
            prefix = token.end > item.end
        else:
            prefix = item.text.endswith("*")
            words = (item.text.removesuffix("*"),)
            if "*" in words[0]:
                at = token.start + words[0].index("*")
                raise QueryError("in a word * can only be the last character; as text it stands in quotes", at)
        if not any(_searchable(word) for word in words):
            raise QueryError("there is no letter or digit here to search for", token.start, token.end)
        return Words(words, prefix, start=token.start, end=token.end)


def _searchable(word: str) -> bool:
    """Whether FTS5's unicode61 finds a token in `word`: a letter, a digit or a private-use character."""
    return word.isalnum() or any(unicodedata.category(c)[0] in "LN" or unicodedata.category(c) == "Co" for c in word)
